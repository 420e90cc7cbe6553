//! The deletes in the code, for people and for programs.

mod json;
mod markdown;
mod short;
mod text;

use std::io::{self, Write};

use super::{Format, Style};
use crate::deletes::{Hard, InCode, Side, What};
use crate::model::{By, Rows};
use crate::words::counted;

/// Prints the deletes in the code: as JSON, as Markdown, one line each, else for people.
pub fn render_deletes(
    found: &InCode,
    format: Format,
    full: bool,
    style: &Style,
    out: &mut dyn Write,
) -> io::Result<()> {
    match format {
        Format::Json(_) => json::render(found, out),
        Format::Markdown => markdown::render(found, full, out),
        Format::Short => short::render(found, full, out),
        _ => text::render(found, full, style, out),
    }
}

/// `DELETE FROM users`, `TRUNCATE users CASCADE`
fn statement(hard: &Hard) -> String {
    match hard.by {
        By::Truncate { cascades: true } => format!("TRUNCATE {} CASCADE", hard.table),
        By::Truncate { cascades: false } => format!("TRUNCATE {}", hard.table),
        By::Diesel | By::Sql => format!("DELETE FROM {}", hard.table),
    }
}

/// `one row`
fn rows(rows: Rows) -> &'static str {
    match rows {
        Rows::All => "every row",
        Rows::One => "one row",
        Rows::Some => "rows of a condition",
    }
}

/// `47 deletes, 45 of a known table; 7 of a parent, 1 may be refused; 2 soft deletes`
fn summary(side: &Side) -> String {
    let outside: Vec<_> = side.deletes.iter().filter(|delete| !delete.is_test).collect();
    let tests = side.deletes.len() - outside.len();
    let count = |is: &dyn Fn(&What) -> bool| outside.iter().filter(|delete| is(&delete.what)).count();
    let soft = count(&|what| matches!(what, What::Soft { .. }));
    let unknown = count(&|what| matches!(what, What::Unknown(_)));
    let elsewhere = count(&|what| matches!(what, What::Elsewhere(_)));
    let refused = count(&|what| matches!(what, What::Hard(hard) if !hard.refused.is_empty()));
    let total = outside.len() - soft;
    let mut parts = vec![counted(total, "delete")];
    let mut add = |number: usize, text: &str| {
        if number > 0 {
            parts.push(format!("{number} {text}"));
        }
    };
    add(refused, "can be refused by rows that nobody sees to");
    add(unknown, "of a table that the syntax doesn't tell");
    add(elsewhere, "of a table that isn't there");
    add(soft, if soft == 1 { "soft delete" } else { "soft deletes" });
    add(tests, "more in tests");
    parts.join(", ")
}
