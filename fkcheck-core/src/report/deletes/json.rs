//! For programs: one object a line, `"version": 1`.

use std::io::{self, Write};

use serde::Serialize;

use crate::deletes::{Delete, InCode, Side, What};
use crate::model::{By, KeyName, Rows, SourceMap, Span};
use crate::report::clean::Clean;

pub(super) fn render(found: &InCode, out: &mut dyn Write) -> io::Result<()> {
    for side in &found.sides {
        for delete in &side.deletes {
            serde_json::to_writer(&mut *out, &Line::new(delete, side, &found.sources))?;
            writeln!(out)?;
        }
        for (table, keys) in &side.never {
            let line = Never {
                reason: "never-deleted",
                version: 1,
                source: Clean::new(&side.source),
                table: Clean::new(&table.to_string()),
                keys: *keys,
            };
            serde_json::to_writer(&mut *out, &line)?;
            writeln!(out)?;
        }
    }
    Ok(())
}

#[derive(Serialize)]
struct Never {
    reason: &'static str,
    version: u32,
    source: Clean,
    table: Clean,
    keys: usize,
}

#[derive(Serialize)]
struct Line {
    reason: &'static str,
    version: u32,
    source: Clean,
    #[serde(flatten)]
    at: Place,
    function: Clean,
    test: bool,
    kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    table: Option<Clean>,
    #[serde(skip_serializing_if = "Option::is_none")]
    column: Option<Clean>,
    #[serde(skip_serializing_if = "Option::is_none")]
    rows: Option<&'static str>,
    deletes: Vec<Table>,
    nulls: Vec<Key>,
    refused: Vec<Refused>,
    handled: Vec<Handled>,
    dead: Vec<Dead>,
}

#[derive(Serialize)]
struct Place {
    file: Clean,
    line: usize,
    column_number: usize,
}

#[derive(Serialize)]
struct Table {
    table: Clean,
    step: usize,
}

#[derive(Serialize)]
struct Key {
    table: Clean,
    columns: Vec<Clean>,
}

#[derive(Serialize)]
struct Refused {
    #[serde(flatten)]
    key: Key,
    parent: Clean,
    action: Clean,
}

#[derive(Serialize)]
struct Handled {
    #[serde(flatten)]
    key: Key,
    at: Place,
}

#[derive(Serialize)]
struct Dead {
    #[serde(flatten)]
    key: Key,
    at: Place,
    after: bool,
}

fn place(span: Span, sources: &SourceMap) -> Place {
    Place {
        file: Clean::new(&sources.file(span.file).display),
        line: span.start.line,
        column_number: span.start.column,
    }
}

fn key(key: &KeyName) -> Key {
    Key {
        table: Clean::new(&key.table.to_string()),
        columns: key.columns.iter().map(|column| Clean::new(column)).collect(),
    }
}

impl Line {
    fn new(delete: &Delete, side: &Side, sources: &SourceMap) -> Self {
        let mut line = Line {
            reason: "delete",
            version: 1,
            source: Clean::new(&side.source),
            at: place(delete.span, sources),
            function: Clean::new(&delete.function),
            test: delete.is_test,
            kind: "unknown",
            table: delete.table().map(|table| Clean::new(&table.to_string())),
            column: None,
            rows: None,
            deletes: Vec::new(),
            nulls: Vec::new(),
            refused: Vec::new(),
            handled: Vec::new(),
            dead: Vec::new(),
        };
        match &delete.what {
            What::Hard(hard) => {
                line.kind = match hard.by {
                    By::Diesel => "diesel",
                    By::Sql => "sql",
                    By::Truncate { cascades: true } => "truncate_cascade",
                    By::Truncate { cascades: false } => "truncate",
                };
                line.rows = Some(match hard.rows {
                    Rows::All => "all",
                    Rows::One => "one",
                    Rows::Some => "some",
                });
                let lost = hard.deletes.iter();
                line.deletes = lost
                    .map(|(table, step)| Table { table: Clean::new(&table.to_string()), step: *step })
                    .collect();
                line.nulls = hard.nulls.iter().map(key).collect();
                line.refused = hard
                    .refused
                    .iter()
                    .map(|refusing| Refused {
                        key: key(&refusing.key),
                        parent: Clean::new(&refusing.parent.to_string()),
                        action: Clean::new(&refusing.action.to_string()),
                    })
                    .collect();
                let handled = hard.handled.iter();
                line.handled =
                    handled.map(|(of, span)| Handled { key: key(of), at: place(*span, sources) }).collect();
                let dead = hard.dead.iter();
                line.dead = dead
                    .map(|(span, of, after)| Dead { key: key(of), at: place(*span, sources), after: *after })
                    .collect();
            }
            What::Soft { column, .. } => {
                line.kind = "soft";
                line.column = Some(Clean::new(column));
            }
            What::Elsewhere(_) => line.kind = "no_such_table",
            What::Unknown(_) => {}
        }
        line
    }
}
