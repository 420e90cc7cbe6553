//! For people: a line a table.

use std::io::{self, Write};

use super::{counts, happens, read, remarks, word};
use crate::impact::erasure::{ErasureOf, Erasures, Fate, HeldBy, HeldIn};
use crate::report::Style;
use crate::report::clean::Clean;

/// No table's name makes the others' lines longer than this.
const WIDEST: usize = 40;

pub(super) fn render(erasures: &Erasures, style: &Style, out: &mut dyn Write) -> io::Result<()> {
    for (at, erasure) in erasures.erasures.iter().enumerate() {
        if at > 0 {
            writeln!(out)?;
        }
        one(erasure, style, out)?;
    }
    Ok(())
}

fn one(erasure: &ErasureOf, style: &Style, out: &mut dyn Write) -> io::Result<()> {
    let head = Clean::new(&format!("Erasure of a row of {}", erasure.root));
    let (bold, plain) = if style.color { ("\u{1b}[1m", "\u{1b}[0m") } else { ("", "") };
    writeln!(out, "{bold}{head}{plain}\n {}", Clean::new(&read(erasure)))?;
    let name = |held: &HeldIn| Clean::new(&held.table.to_string()).to_string();
    let widest = erasure.tables.iter().map(|held| name(held).chars().count()).max().unwrap_or_default();
    let widest = widest.min(WIDEST);
    for held in &erasure.tables {
        let parts: Vec<String> = held.parts.iter().map(|part| said(erasure, held, part)).collect();
        let line = Clean::new(&parts.join("; ")).to_string();
        writeln!(out, " {:<10}  {:widest$}  {line}", word(held.fate), name(held))?;
    }
    for remark in remarks(erasure) {
        writeln!(out, " note: {}", Clean::new(&remark))?;
    }
    writeln!(out, " {}", counts(erasure))
}

/// `user_id, from posts: deleted with it (CASCADE)`
fn said(erasure: &ErasureOf, held: &HeldIn, part: &HeldBy) -> String {
    let happens = happens(erasure, part);
    let mut text = if part.columns.is_empty() {
        happens
    } else {
        let from = part.key.as_ref().filter(|key| key.parent != erasure.root);
        let from = from.map_or_else(String::new, |key| format!(", from {}", key.parent));
        format!("{}{from}: {happens}", part.columns.join(", "))
    };
    if part.fate != held.fate && word(part.fate) != word(held.fate) {
        text = format!("{text} [{}]", word(part.fate));
    }
    if let Some(reason) = &part.reason {
        text = format!("{text}: {reason}");
    }
    match &part.place {
        Some(place) if part.is_said || matches!(part.fate, Fate::Unknown(_)) => format!("{text} ({place})"),
        _ => text,
    }
}
