//! The same document as a page. It says no date: the same code and source make the same page.

use std::io::{self, Write};

use maud::{Markup, html};

use super::{counts, happens, read, remarks, way, word};
use crate::impact::erasure::{ErasureOf, Erasures, HeldBy, HeldIn};
use crate::report::clean::Clean;
use crate::report::html::{document, piece};

const COLUMNS: [&str; 7] =
    ["Table", "Columns", "Rows are", "What happens", "By which path", "Why", "Where it is said"];

pub(super) fn render(erasures: &Erasures, out: &mut dyn Write) -> io::Result<()> {
    let heading = match &erasures.erasures[..] {
        [erasure] => format!("Erasure of a row of {}", erasure.root),
        _ => "Erasure of persons’ rows".to_owned(),
    };
    let heading = Clean::new(&heading);
    let top = html! { header { h1 { (heading) } } };
    document(&heading, &top, true, out, |out| {
        let mut sections = erasures.erasures.iter().enumerate();
        sections.try_for_each(|(at, erasure)| piece(out, &section(at, erasure)))
    })
}

fn section(at: usize, erasure: &ErasureOf) -> Markup {
    let remarks = remarks(erasure);
    html! {
        section.list aria-labelledby={ "erasure-" (at) } {
            h2 id={ "erasure-" (at) } { "Erasure of a row of " code { (Clean::new(&erasure.root.to_string())) } }
            p { "Read: " (Clean::new(&read(erasure))) "." }
            div.scroll {
                table.stacked {
                    thead { tr { @for name in COLUMNS { th scope="col" { (name) } } } }
                    tbody {
                        @for held in &erasure.tables {
                            @for (at, part) in held.parts.iter().enumerate() { (row(erasure, held, part, at == 0)) }
                        }
                    }
                }
            }
            p { strong { (counts(erasure)) "." } }
            @if !remarks.is_empty() {
                h3 { "Beside" }
                ul { @for remark in &remarks { li { (Clean::new(remark)) } } }
            }
        }
    }
}

/// One way in which the table's rows belong to the person; its name stands in the first alone.
fn row(erasure: &ErasureOf, held: &HeldIn, part: &HeldBy, is_first: bool) -> Markup {
    let [table, columns, rows, what, by, why, said] = COLUMNS;
    let place = part.place.as_deref().filter(|_| part.is_said);
    html! {
        tr {
            td data-name=(table) { @if is_first { code { (Clean::new(&held.table.to_string())) } } }
            td data-name=(columns) { @if !part.columns.is_empty() { code { (Clean::new(&part.columns.join(", "))) } } }
            td data-name=(rows) {
                @if word(part.fate) == "unknown" { strong { "unknown" } } @else { (word(part.fate)) }
            }
            td data-name=(what) { (Clean::new(&happens(erasure, part))) }
            td data-name=(by) { @if !part.way.is_empty() { (Clean::new(&way(erasure, held, part))) } }
            td data-name=(why) { @if let Some(reason) = &part.reason { (Clean::new(reason)) } }
            td data-name=(said) { @if let Some(place) = place { code { (Clean::new(place)) } } }
        }
    }
}
