//! The migrations that would align, as a page shows them.

use super::super::clean::clean_source_line;
use super::words::Words;
use crate::outcome::{FixMigration, Proposal};

/// What there is to run for some keys, or why there is nothing.
pub(in super::super) struct SqlSection {
    pub(in super::super) heading: Words,
    pub(in super::super) migrations: Result<Vec<Migration>, Words>,
}

/// A migration; its SQL can be shown as it is.
pub(in super::super) struct Migration {
    pub(in super::super) name: String,
    pub(in super::super) up: String,
    pub(in super::super) down: String,
    /// What to know before running it.
    pub(in super::super) remarks: Vec<Words>,
}

pub(super) fn section(proposal: &Proposal) -> SqlSection {
    let mut heading = Words::new();
    for (i, key) in proposal.keys.iter().enumerate() {
        heading = if i > 0 { heading.text(", ") } else { heading }.code(key);
    }
    if let Some(section) = &proposal.section {
        heading = heading.text(" in the database ").code(section);
    }
    let migrations = match &proposal.migrations {
        Ok(migrations) => Ok(migrations.iter().map(migration).collect()),
        Err(why) => Err(Words::new().text("No SQL for this: ").prose(why)),
    };
    SqlSection { heading, migrations }
}

fn migration(migration: &FixMigration) -> Migration {
    let FixMigration { name, up, down, run_in_transaction } = migration;
    let (shown_up, shown_down) = (harmless(up), harmless(down));
    let mut remarks = Vec::new();
    if !run_in_transaction {
        let words = Words::new().text("Diesel must not run it in a transaction: ");
        remarks
            .push(words.code("run_in_transaction = false").text(" in its ").code("metadata.toml").text("."));
    }
    let is_exact = |shown: &str, sql: &str| shown.split('\n').eq(sql.trim_end().split('\n'));
    if !is_exact(&shown_up, up) || !is_exact(&shown_down, down) {
        remarks.push(Words::new().text("Characters that can't be shown are replaced here: don't copy it."));
    }
    Migration { name: name.clone(), up: shown_up, down: shown_down, remarks }
}

/// SQL in which names may hold anything: nothing that a terminal or GitHub's runner obeys is left of them.
fn harmless(sql: &str) -> String {
    let lines = sql.trim_end().lines().map(|line| {
        let line = clean_source_line(line);
        let start = line.len() - line.trim_start().len();
        // The runner takes a line for a command that begins like this.
        match line[start..].strip_prefix("::") {
            Some(rest) => format!("{}\u{fffd}:{rest}", &line[..start]),
            None => line,
        }
    });
    lines.collect::<Vec<_>>().join("\n")
}
