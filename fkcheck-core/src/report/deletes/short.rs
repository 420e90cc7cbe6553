//! One line a delete, as compilers write them.

use std::io::{self, Write};

use super::{statement, summary};
use crate::deletes::{Delete, InCode, What};
use crate::model::SourceMap;
use crate::report::clean::Clean;

pub(super) fn render(found: &InCode, full: bool, out: &mut dyn Write) -> io::Result<()> {
    for side in &found.sides {
        for delete in side.deletes.iter().filter(|delete| full || !delete.is_test) {
            writeln!(out, "{}", Clean::new(&line(delete, &found.sources)))?;
        }
        writeln!(out, "{}, by the keys of {}", summary(side), Clean::new(&side.source))?;
    }
    Ok(())
}

/// `src/user.rs:363:13: User::delete: DELETE FROM users; takes along 3 tables; refused by auth_requests.user_uuid`
fn line(delete: &Delete, sources: &SourceMap) -> String {
    let file = sources.file(delete.span.file);
    let start = delete.span.start;
    let what = match &delete.what {
        What::Hard(hard) => {
            let lost: Vec<String> = hard.deletes.iter().map(|(table, _)| table.to_string()).collect();
            let refused: Vec<String> = hard.refused.iter().map(|refusing| refusing.key.to_string()).collect();
            let named = |what: &str, names: &[String]| {
                if names.is_empty() { String::new() } else { format!("; {what} {}", names.join(", ")) }
            };
            format!("{}{}{}", statement(hard), named("takes along", &lost), named("refused by", &refused))
        }
        What::Soft { table, column } => format!("soft: sets {table}.{column}"),
        What::Unknown(_) => "a table that the syntax doesn't tell".to_owned(),
        What::Elsewhere(table) => format!("DELETE FROM {table}, which isn't there"),
    };
    format!("{}:{}:{}: {}: {what}", file.display, start.line, start.column, delete.function)
}
