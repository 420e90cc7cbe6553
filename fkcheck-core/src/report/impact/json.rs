//! For programs: one object a line, `"version": 2`.

use std::io::{self, Write};

use serde::Serialize;

use super::{acts, kind_of, refusal, too_deep, unknown, when, word};
use crate::consequence::{Unknown, What};
use crate::impact::rows::{Refused, RowsImpact, With};
use crate::impact::{Effect, Impact, Impacts, Lost, Stopped};
use crate::model::{DataClass, SourceMap, Span, TableName};
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
    #[serde(skip_serializing_if = "Option::is_none")]
    update: Option<Clean>,
    #[serde(skip_serializing_if = "Option::is_none")]
    rows: Option<Rows>,
    source: Clean,
    keys: usize,
    itself: Vec<Key>,
    deletes: Vec<Reached>,
    writes: Vec<Reached>,
    nulls: Vec<Key>,
    defaults: Vec<Key>,
    stops: Vec<Stop>,
    orphans: Vec<Key>,
    slow: Vec<Key>,
    unknown: Vec<Beside>,
    #[serde(skip_serializing_if = "Option::is_none")]
    too_deep: Option<String>,
    keys_are_off: bool,
}

#[derive(Serialize)]
struct Reached {
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
    #[serde(skip_serializing_if = "Option::is_none")]
    by: Option<Clean>,
    text: Clean,
}

#[derive(Serialize)]
struct Beside {
    table: Clean,
    step: usize,
    what: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<Clean>,
    #[serde(skip_serializing_if = "Option::is_none")]
    acts: Option<String>,
    text: Clean,
}

#[derive(Serialize)]
struct Key {
    table: Clean,
    columns: Vec<Clean>,
    parent: Clean,
    #[serde(skip_serializing_if = "Option::is_none")]
    on_delete: Option<Clean>,
    #[serde(skip_serializing_if = "Option::is_none")]
    on_update: Option<Clean>,
    step: usize,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    off_in: Vec<Clean>,
    #[serde(skip_serializing_if = "Option::is_none")]
    constraint: Option<Clean>,
    #[serde(skip_serializing_if = "Option::is_none")]
    in_code: Option<Clean>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<Clean>,
    #[serde(skip_serializing_if = "Option::is_none")]
    declared: Option<Clean>,
    #[serde(skip_serializing_if = "Option::is_none")]
    migration: Option<Clean>,
}

/// What becomes of the rows that are there.
#[derive(Serialize)]
struct Rows {
    r#where: Clean,
    chosen: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    refused: Option<Refusal>,
    deletes: Vec<Number>,
    nulls: Vec<Number>,
    defaults: Vec<Number>,
    writes: Vec<Number>,
    at_least: bool,
}

#[derive(Serialize)]
struct Refusal {
    text: Clean,
    #[serde(skip_serializing_if = "Option::is_none")]
    table: Option<Clean>,
    #[serde(skip_serializing_if = "Option::is_none")]
    constraint: Option<Clean>,
}

#[derive(Serialize)]
struct Number {
    table: Clean,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    columns: Vec<Clean>,
    rows: u64,
}

impl Rows {
    fn new(rows: &RowsImpact) -> Self {
        let refused = rows.refused.as_ref().map(|refused| {
            let (name, constraint) = match refused {
                Refused::Key { table, constraint, .. } => (Some(table), constraint.as_deref()),
                Refused::Unique(table, index) => (Some(table), Some(index.as_str())),
                Refused::NoPartition(table) | Refused::NotNull(table, _) | Refused::Generated(table, _) => {
                    (Some(table), None)
                }
                Refused::Keys | Refused::TooDeep => (None, None),
            };
            Refusal {
                text: Clean::new(&refusal(refused)),
                table: name.map(table),
                constraint: constraint.map(Clean::new),
            }
        });
        let deleted =
            |(name, rows): &(TableName, u64)| Number { table: table(name), columns: Vec::new(), rows: *rows };
        let written = |with: With| -> Vec<Number> {
            let of_it = rows.written.iter().filter(|written| written.with == with);
            of_it
                .map(|written| Number {
                    table: table(&written.key.table),
                    columns: written.key.columns.iter().map(|column| Clean::new(column)).collect(),
                    rows: written.rows,
                })
                .collect()
        };
        Rows {
            r#where: Clean::new(&rows.condition),
            chosen: rows.chosen,
            refused,
            deletes: rows.deleted.iter().map(deleted).collect(),
            nulls: written(With::Null),
            defaults: written(With::Default),
            writes: written(With::Value),
            at_least: rows.at_least,
        }
    }
}

impl Line {
    fn new(impact: &Impact, sources: &SourceMap) -> Self {
        let key = |effect: &Effect| Key::new(effect, impact.update.is_some(), sources);
        let stop = |stopped: &Stopped| Stop {
            key: key(&stopped.effect),
            when: word(stopped.when),
            by: stopped.by.as_deref().map(Clean::new),
            text: Clean::new(&when(stopped, impact.update.is_some())),
        };
        let reached = |lost: &Lost| Reached {
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
            version: 2,
            table: table(&impact.table),
            update: impact.update.as_deref().map(Clean::new),
            rows: impact.rows.as_ref().map(Rows::new),
            source: Clean::new(&impact.source),
            keys: impact.keys,
            itself: impact.itself.iter().map(key).collect(),
            deletes: if impact.update.is_none() {
                impact.deletes.iter().map(reached).collect()
            } else {
                Vec::new()
            },
            writes: if impact.update.is_some() {
                impact.deletes.iter().map(reached).collect()
            } else {
                Vec::new()
            },
            nulls: impact.nulls.iter().map(key).collect(),
            defaults: impact.defaults.iter().map(key).collect(),
            stops: impact.stops.iter().map(stop).collect(),
            orphans: impact.orphans.iter().map(key).collect(),
            slow: impact.slow.iter().map(key).collect(),
            unknown: impact.unknown.iter().map(Beside::new).collect(),
            too_deep: too_deep(impact),
            keys_are_off: impact.keys_are_off,
        }
    }
}

impl Beside {
    fn new(one: &Unknown) -> Self {
        let (what, hook) = match &one.what {
            What::Hook(hook) => (kind_of(hook), Some(hook)),
            What::OfAnotherPart { .. } => ("other_part", None),
            What::GoesWith(_) => ("goes_too", None),
            What::Unseen(_) | What::UnseenOutside(_) => ("unseen", None),
            What::StaysBeside(_) => ("stays", None),
        };
        Beside {
            table: table(&one.table),
            step: one.step,
            what,
            name: hook.map(|hook| Clean::new(&hook.name)),
            acts: hook.map(acts),
            text: Clean::new(&unknown(one)),
        }
    }
}

impl Key {
    fn new(effect: &Effect, of_update: bool, sources: &SourceMap) -> Self {
        let place =
            |span: Span| Clean::new(&format!("{}:{}", sources.file(span.file).display, span.start.line));
        Key {
            table: table(&effect.key.table),
            columns: effect.key.columns.iter().map(|column| Clean::new(column)).collect(),
            parent: table(&effect.parent),
            on_delete: (!of_update).then(|| Clean::new(&effect.action.to_string())),
            on_update: of_update.then(|| Clean::new(&effect.action.to_string())),
            step: effect.step,
            off_in: effect.off_in.iter().map(table).collect(),
            constraint: effect.constraint.as_deref().map(Clean::new),
            in_code: effect.in_code.as_ref().map(|action| Clean::new(&action.to_string())),
            reason: effect.reason.as_deref().map(Clean::new),
            declared: effect.declared.map(place),
            migration: effect.migration.map(place),
        }
    }
}

fn table(name: &TableName) -> Clean {
    Clean::new(&name.to_string())
}
