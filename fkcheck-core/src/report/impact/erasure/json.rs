//! For programs: one object a line, `"version": 1`.

use std::io::{self, Write};

use serde::Serialize;

use super::{happens, remarks, why, word};
use crate::impact::erasure::{ErasureOf, Erasures, HeldBy, HeldIn};
use crate::model::TableName;
use crate::report::clean::Clean;

pub(super) fn render(erasures: &Erasures, out: &mut dyn Write) -> io::Result<()> {
    for erasure in &erasures.erasures {
        serde_json::to_writer(&mut *out, &Line::new(erasure))?;
        writeln!(out)?;
    }
    Ok(())
}

#[derive(Serialize)]
struct Line {
    reason: &'static str,
    version: u32,
    root: Clean,
    configured: bool,
    source: Clean,
    keys: usize,
    tables: Vec<Held>,
    counts: Counts,
    not_looked_at: Vec<Clean>,
    remarks: Vec<Clean>,
}

#[derive(Serialize)]
struct Held {
    table: Clean,
    rows: &'static str,
    parts: Vec<Part>,
}

#[derive(Serialize)]
struct Part {
    columns: Vec<Clean>,
    rows: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    why: Option<&'static str>,
    text: Clean,
    #[serde(skip_serializing_if = "Option::is_none")]
    parent: Option<Clean>,
    #[serde(skip_serializing_if = "Option::is_none")]
    on_delete: Option<Clean>,
    #[serde(skip_serializing_if = "Option::is_none")]
    constraint: Option<Clean>,
    path: Vec<Clean>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<Clean>,
    #[serde(skip_serializing_if = "Option::is_none")]
    place: Option<Clean>,
}

#[derive(Serialize)]
struct Counts {
    erased: usize,
    anonymised: usize,
    kept: usize,
    unknown: usize,
}

impl Line {
    fn new(erasure: &ErasureOf) -> Self {
        let count = |name: &str| erasure.tables.iter().filter(|held| word(held.fate) == name).count();
        Line {
            reason: "fkcheck-erasure",
            version: 1,
            root: table(&erasure.root),
            configured: erasure.is_configured,
            source: Clean::new(&erasure.source),
            keys: erasure.keys,
            tables: erasure.tables.iter().map(|one| held(erasure, one)).collect(),
            counts: Counts {
                erased: count("erased"),
                anonymised: count("anonymised"),
                kept: count("kept"),
                unknown: count("unknown"),
            },
            not_looked_at: erasure.unseen.iter().map(table).collect(),
            remarks: remarks(erasure).iter().map(|remark| Clean::new(remark)).collect(),
        }
    }
}

fn held(erasure: &ErasureOf, held: &HeldIn) -> Held {
    let parts = held.parts.iter().map(|one| part(erasure, held, one)).collect();
    Held { table: table(&held.table), rows: word(held.fate), parts }
}

fn part(erasure: &ErasureOf, held: &HeldIn, part: &HeldBy) -> Part {
    let own = (!part.way.is_empty()).then_some(&held.table);
    Part {
        columns: part.columns.iter().map(|column| Clean::new(column)).collect(),
        rows: word(part.fate),
        why: why(part.fate),
        text: Clean::new(&happens(erasure, part)),
        parent: part.key.as_ref().map(|key| table(&key.parent)),
        on_delete: part.key.as_ref().map(|key| Clean::new(&key.action.to_string())),
        constraint: part.key.as_ref().and_then(|key| key.constraint.as_deref()).map(Clean::new),
        path: part.way.iter().chain(own).map(table).collect(),
        reason: part.reason.as_deref().map(Clean::new),
        place: part.place.as_deref().map(Clean::new),
    }
}

fn table(name: &TableName) -> Clean {
    Clean::new(&name.to_string())
}
