//! For programs: one object a line, `"version": 1`.

use std::io::{self, Write};

use serde::Serialize;

use super::{too_deep, when, word};
use crate::consequence::When;
use crate::impact::{Effect, Impact, Impacts, Lost};
use crate::model::{DataClass, SourceMap, TableName};
use crate::report::clean::Clean;

pub(super) fn render(impacts: &Impacts, out: &mut dyn Write) -> io::Result<()> {
    for impact in &impacts.impacts {
        serde_json::to_writer(&mut *out, &Line::new(impact, &impacts.sources))?;
        writeln!(out)?;
    }
    Ok(())
}

#[derive(Serialize)]
struct Line {
    reason: &'static str,
    version: u32,
    table: Clean,
    source: Clean,
    keys: usize,
    itself: Vec<Key>,
    deletes: Vec<Deleted>,
    clears: Vec<Key>,
    stops: Vec<Stop>,
    orphans: Vec<Key>,
    slow: Vec<Key>,
    #[serde(skip_serializing_if = "Option::is_none")]
    too_deep: Option<String>,
    keys_are_off: bool,
}

#[derive(Serialize)]
struct Deleted {
    table: Clean,
    step: usize,
    under: Clean,
    by: Vec<Key>,
    #[serde(skip_serializing_if = "Option::is_none")]
    estimated_rows: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    data: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<Clean>,
}

#[derive(Serialize)]
struct Stop {
    #[serde(flatten)]
    key: Key,
    when: &'static str,
    text: Clean,
}

#[derive(Serialize)]
struct Key {
    table: Clean,
    columns: Vec<Clean>,
    parent: Clean,
    on_delete: Clean,
    step: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    constraint: Option<Clean>,
    #[serde(skip_serializing_if = "Option::is_none")]
    in_code: Option<Clean>,
    #[serde(skip_serializing_if = "Option::is_none")]
    declared: Option<Clean>,
}

impl Line {
    fn new(impact: &Impact, sources: &SourceMap) -> Self {
        let key = |effect: &Effect| Key::new(effect, sources);
        let stop = |(effect, at): &(Effect, When)| Stop {
            key: key(effect),
            when: word(*at),
            text: Clean::new(&when(*at, &effect.parent)),
        };
        let deleted = |lost: &Lost| Deleted {
            table: table(&lost.table),
            step: lost.step,
            under: table(&lost.under),
            by: lost.by.iter().map(key).collect(),
            estimated_rows: lost.rows,
            data: lost.class.map(|class| match class {
                DataClass::Ephemeral => "ephemeral",
                DataClass::Value => "value",
                DataClass::Audit => "audit",
            }),
            reason: lost.reason.as_deref().map(Clean::new),
        };
        Line {
            reason: "fkcheck-impact",
            version: 1,
            table: table(&impact.table),
            source: Clean::new(&impact.source),
            keys: impact.keys,
            itself: impact.itself.iter().map(key).collect(),
            deletes: impact.deletes.iter().map(deleted).collect(),
            clears: impact.clears.iter().map(key).collect(),
            stops: impact.stops.iter().map(stop).collect(),
            orphans: impact.orphans.iter().map(key).collect(),
            slow: impact.slow.iter().map(key).collect(),
            too_deep: too_deep(impact),
            keys_are_off: impact.keys_are_off,
        }
    }
}

impl Key {
    fn new(effect: &Effect, sources: &SourceMap) -> Self {
        Key {
            table: table(&effect.key.table),
            columns: effect.key.columns.iter().map(|column| Clean::new(column)).collect(),
            parent: table(&effect.parent),
            on_delete: Clean::new(&effect.on_delete.to_string()),
            step: effect.step,
            constraint: effect.constraint.as_deref().map(Clean::new),
            in_code: effect.in_code.as_ref().map(|action| Clean::new(&action.to_string())),
            declared: effect
                .declared
                .map(|span| Clean::new(&format!("{}:{}", sources.file(span.file).display, span.start.line))),
        }
    }
}

fn table(name: &TableName) -> Clean {
    Clean::new(&name.to_string())
}
