//! The inventory of an erasure, for people, for programs, and for who answers for personal data.

mod html;
mod json;
mod markdown;
mod text;

use std::io::{self, Write};

use super::{too_deep_to, unknown, when_to};
use crate::impact::erasure::{ErasureOf, Erasures, Fate, HeldBy, HeldIn, Why};
use crate::model::Action;
use crate::report::{Format, Style};
use crate::words::counted;

/// Prints what becomes of persons' rows: as JSON, as Markdown, as a page, else for people.
pub fn render_erasures(
    erasures: &Erasures,
    format: Format,
    style: &Style,
    out: &mut dyn Write,
) -> io::Result<()> {
    match format {
        Format::Json(_) => json::render(erasures, out),
        Format::Markdown => markdown::render(erasures, out),
        Format::Html => html::render(erasures, out),
        _ => text::render(erasures, style, out),
    }
}

/// What becomes of rows, in a word.
fn word(fate: Fate) -> &'static str {
    match fate {
        Fate::Erased => "erased",
        Fate::Anonymised => "anonymised",
        Fate::Kept => "kept",
        Fate::Unknown(_) => "unknown",
    }
}

/// Why it isn't known, for programs.
fn why(fate: Fate) -> Option<&'static str> {
    let Fate::Unknown(why) = fate else { return None };
    Some(match why {
        Why::Refuses(_) => "refuses",
        Why::Copied => "copied",
        Why::NotInForce => "not_in_force",
        Why::KeptButErased => "kept_but_erased",
        Why::Below => "below",
    })
}

/// `4 tables hold something of it: 1 unknown, 1 kept, 1 anonymised, 1 erased`
fn counts(erasure: &ErasureOf) -> String {
    let count = |name: &str| erasure.tables.iter().filter(|held| word(held.fate) == name).count();
    let parts = ["unknown", "kept", "anonymised", "erased"].map(|name| (count(name), name));
    let parts = parts.iter().filter(|(count, _)| *count > 0).map(|(count, name)| format!("{count} {name}"));
    let hold = if erasure.tables.len() == 1 { "holds" } else { "hold" };
    let parts = parts.collect::<Vec<_>>().join(", ");
    format!("{} {hold} something of it: {parts}", counted(erasure.tables.len(), "table"))
}

/// What was read; continues "Read: ".
fn read(erasure: &ErasureOf) -> String {
    format!("{} of {}, and the columns in schema.rs; no row", counted(erasure.keys, "key"), erasure.source)
}

/// What happens to rows, in words.
fn happens(erasure: &ErasureOf, part: &HeldBy) -> String {
    let Some(key) = &part.key else {
        return match part.fate {
            Fate::Erased => "the row itself is deleted".to_owned(),
            Fate::Kept => "no key: the id stays".to_owned(),
            _ => format!("no key: looks like a copy of an id of {}", erasure.root),
        };
    };
    let parent = &key.parent;
    let stays = matches!(key.action, Action::NoAction | Action::Restrict) && part.way.len() == 1;
    match part.fate {
        Fate::Erased => "deleted with it (CASCADE)".to_owned(),
        Fate::Anonymised => match key.action {
            Action::SetDefault(_) => "set to its default".to_owned(),
            Action::SetNull(_) => "set to NULL".to_owned(),
            _ => format!("written along with {parent} (ON UPDATE)"),
        },
        Fate::Kept if stays => format!("stays, and refuses the delete (ON DELETE {})", key.action),
        Fate::Kept => format!("stays, as {parent} does (ON DELETE {})", key.action),
        Fate::Unknown(Why::Refuses(when)) => {
            format!(
                "refuses the delete (ON DELETE {}) {}",
                key.action,
                when_to(when, &parent.to_string(), None, false)
            )
        }
        Fate::Unknown(Why::NotInForce) => format!("the key isn't in force: left without {parent}"),
        Fate::Unknown(Why::KeptButErased) => "deleted with it (CASCADE), though it is to be kept".to_owned(),
        Fate::Unknown(_) => format!("stays with {parent}, of which nobody knows"),
    }
}

/// `users → posts → comments`
fn way(erasure: &ErasureOf, held: &HeldIn, part: &HeldBy) -> String {
    let is_cut = part.way.first() != Some(&erasure.root);
    let before = is_cut.then(|| "…".to_owned());
    let tables = part.way.iter().chain([&held.table]).map(ToString::to_string);
    before.into_iter().chain(tables).collect::<Vec<_>>().join(" → ")
}

/// What no key and no column in `schema.rs` tells, a sentence each.
fn remarks(erasure: &ErasureOf) -> Vec<String> {
    let mut remarks = Vec::new();
    if erasure.keys_are_off {
        remarks
            .push("SQLite's keys are off until a connection turns them on, and nothing here does".to_owned());
    }
    remarks.extend(too_deep_to(erasure.too_deep));
    remarks.extend(erasure.unknown.iter().map(|one| format!("can't be known: {}", unknown(one))));
    if !erasure.unseen.is_empty() {
        let names: Vec<String> = erasure.unseen.iter().map(ToString::to_string).collect();
        remarks.push(format!(
            "columns not looked at, for schema.rs doesn't have the table: {}",
            names.join(", ")
        ));
    }
    let has_unknown = erasure.tables.iter().any(|held| matches!(held.fate, Fate::Unknown(_)));
    if has_unknown && !erasure.is_configured {
        remarks.push(format!(
            "{} is none of the configuration's `erasure.roots`: what is unknown fails nothing",
            erasure.root
        ));
    }
    remarks
}
