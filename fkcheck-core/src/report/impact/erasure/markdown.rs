//! The document that a data protection officer asks for. It says no date: the same code and source make the same text.

use std::io::{self, Write};

use super::{counts, happens, read, remarks, way, word};
use crate::impact::erasure::{ErasureOf, Erasures, HeldBy, HeldIn};
use crate::report::clean::Clean;
use crate::report::markdown::{code, escaped};

pub(super) fn render(erasures: &Erasures, out: &mut dyn Write) -> io::Result<()> {
    erasures.erasures.iter().try_for_each(|erasure| one(erasure, out))
}

fn one(erasure: &ErasureOf, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "## Erasure of a row of {}\n", code(&erasure.root.to_string()))?;
    writeln!(out, "Read: {}.\n", escaped(&Clean::new(&read(erasure))))?;
    writeln!(out, "| Table | Columns | Rows are | What happens | By which path | Why | Where it is said |")?;
    writeln!(out, "| --- | --- | --- | --- | --- | --- | --- |")?;
    for held in &erasure.tables {
        let cell = |of: &dyn Fn(&HeldBy) -> String| {
            let cells: Vec<String> = held.parts.iter().map(of).collect();
            if cells.iter().all(String::is_empty) { String::new() } else { cells.join("<br>") }
        };
        let text = |text: String| escaped(&Clean::new(&text));
        writeln!(
            out,
            "| {} | {} | {} | {} | {} | {} | {} |",
            code(&held.table.to_string()),
            cell(&|part| code(&part.columns.join(", "))),
            cell(&|part| bold_if_unknown(part)),
            cell(&|part| text(happens(erasure, part))),
            cell(&|part| path(erasure, held, part)),
            cell(&|part| text(part.reason.clone().unwrap_or_default())),
            cell(&|part| code(said_at(part))),
        )?;
    }
    writeln!(out, "\n{}.\n", counts(erasure))?;
    let remarks = remarks(erasure);
    for remark in &remarks {
        writeln!(out, "- {}", escaped(&Clean::new(remark)))?;
    }
    if remarks.is_empty() { Ok(()) } else { writeln!(out) }
}

fn bold_if_unknown(part: &HeldBy) -> String {
    match word(part.fate) {
        "unknown" => "**unknown**".to_owned(),
        word => word.to_owned(),
    }
}

fn path(erasure: &ErasureOf, held: &HeldIn, part: &HeldBy) -> String {
    if part.way.is_empty() { String::new() } else { escaped(&Clean::new(&way(erasure, held, part))) }
}

/// Where somebody says it; a column that nobody speaks of is said nowhere.
fn said_at(part: &HeldBy) -> &str {
    part.place.as_deref().filter(|_| part.is_said).unwrap_or_default()
}
