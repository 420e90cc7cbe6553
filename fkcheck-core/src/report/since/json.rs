//! For programs: one object a database and source, `"version": 1`.

use std::io::{self, Write};

use serde::Serialize;

use super::{does_word, otherwise, sentence, word};
use crate::model::TableName;
use crate::report::clean::Clean;
use crate::report::impact::word as when_word;
use crate::since::{Altered, Change, Changes, Does, Effect, KeyChange, Place, Since, Target};

pub(super) fn render(since: &Since, out: &mut dyn Write) -> io::Result<()> {
    for changes in &since.changes {
        serde_json::to_writer(&mut *out, &line(changes, since))?;
        writeln!(out)?;
    }
    Ok(())
}

#[derive(Serialize)]
struct Line {
    reason: &'static str,
    version: u32,
    reference: Clean,
    commit: Clean,
    #[serde(skip_serializing_if = "Option::is_none")]
    database: Option<Clean>,
    source: String,
    before: Clean,
    after: Clean,
    deletes: Vec<Delete>,
    keys: Vec<Key>,
    new_tables: Vec<Clean>,
    gone_tables: Vec<Clean>,
    renamed_tables: Vec<Rename>,
    not_told: Vec<Clean>,
}

#[derive(Serialize)]
struct Delete {
    does: &'static str,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    instead_of_deleting: bool,
    targets: Vec<Reached>,
    tables: Vec<From>,
    causes: Vec<usize>,
    message: Clean,
}

#[derive(Serialize)]
struct Reached {
    table: Clean,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    columns: Vec<Clean>,
    #[serde(skip_serializing_if = "Option::is_none")]
    when: Option<&'static str>,
}

#[derive(Serialize)]
struct From {
    table: Clean,
    step: usize,
}

#[derive(Serialize)]
struct Key {
    change: &'static str,
    table: Clean,
    columns: Vec<Clean>,
    parent: Clean,
    on_delete: Clean,
    #[serde(skip_serializing_if = "Option::is_none")]
    was_on_delete: Option<Clean>,
    #[serde(skip_serializing_if = "Option::is_none")]
    constraint: Option<Clean>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    altered: Vec<Clean>,
    #[serde(skip_serializing_if = "Option::is_none")]
    place: Option<At>,
}

#[derive(Serialize)]
struct At {
    file: Clean,
    line: usize,
    in_commit: bool,
}

#[derive(Serialize)]
struct Rename {
    was: Clean,
    is: Clean,
}

fn line(changes: &Changes, since: &Since) -> Line {
    let names = |names: &[TableName]| names.iter().map(full).collect();
    Line {
        reason: "fkcheck-since",
        version: 1,
        reference: Clean::new(&since.reference),
        commit: Clean::new(since.commit.as_deref().unwrap_or_default()),
        database: changes.database.as_deref().map(Clean::new),
        source: changes.source.to_string(),
        before: Clean::new(&changes.before),
        after: Clean::new(&changes.after),
        deletes: changes.deletes.iter().map(|effect| delete(effect, changes)).collect(),
        keys: changes.keys.iter().map(key).collect(),
        new_tables: names(&changes.new_tables),
        gone_tables: names(&changes.gone_tables),
        renamed_tables: changes
            .renamed_tables
            .iter()
            .map(|(was, is)| Rename { was: full(was), is: full(is) })
            .collect(),
        not_told: changes.not_told.iter().map(|line| Clean::new(line)).collect(),
    }
}

fn delete(effect: &Effect, changes: &Changes) -> Delete {
    let from = |(table, step): &(TableName, usize)| From { table: full(table), step: *step };
    Delete {
        does: does_word(effect.does),
        instead_of_deleting: matches!(
            effect.does,
            Does::Clears { instead: true } | Does::Refused { instead: true }
        ),
        targets: effect.targets.iter().map(reached).collect(),
        tables: effect.tables.iter().map(from).collect(),
        causes: effect.causes.clone(),
        message: Clean::new(&sentence(effect, changes)),
    }
}

fn reached(target: &Target) -> Reached {
    Reached {
        table: full(&target.table),
        columns: target.columns.iter().map(|column| Clean::new(column)).collect(),
        when: target.when.map(when_word),
    }
}

fn key(key: &KeyChange) -> Key {
    let altered = match &key.change {
        Change::Altered(altered) => &altered[..],
        Change::New | Change::Gone => &[],
    };
    let was = altered.iter().find_map(|one| match one {
        Altered::OnDelete(was) => Some(Clean::new(&was.to_string())),
        _ => None,
    });
    let at = |place: &Place| At {
        file: Clean::new(&place.in_repository),
        line: place.line,
        in_commit: place.is_past,
    };
    Key {
        change: word(&key.change),
        table: full(&key.key.table),
        columns: key.key.columns.iter().map(|column| Clean::new(column)).collect(),
        parent: full(&key.parent),
        on_delete: Clean::new(&key.on_delete.to_string()),
        was_on_delete: was,
        constraint: key.constraint.as_deref().map(Clean::new),
        altered: altered.iter().map(|one| Clean::new(&otherwise(one, key))).collect(),
        place: key.place.as_ref().map(at),
    }
}

fn full(name: &TableName) -> Clean {
    Clean::new(&name.to_string())
}
