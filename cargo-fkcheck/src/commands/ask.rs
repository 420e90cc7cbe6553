//! Asks which side is to change, key by key.

use std::io::{BufRead as _, Write as _};

use fkcheck_core::fix::{Decision, Mismatch};
use fkcheck_core::report::clean;

/// Asks about every key, unless one decision holds for all.
pub(super) struct Asker {
    fixed: Option<Decision>,
    number: usize,
}

impl Asker {
    pub(super) fn new(fixed: Option<Decision>) -> Self {
        Asker { fixed, number: 0 }
    }

    pub(super) fn decide(&mut self, mismatch: &Mismatch) -> Decision {
        if let Some(decision) = self.fixed {
            return decision;
        }
        self.number += 1;
        let mut lines = vec![String::new(), format!("{}. {}", self.number, clean(&mismatch.place))];
        lines.extend(described(mismatch).iter().map(|line| format!("   {}", clean(line))));
        lines.push(String::new());
        let _ = anstream::stderr().write_all(lines.join("\n").as_bytes());
        if mismatch.not_by_migration.is_some() && mismatch.not_in_code.is_some() {
            // There is nothing to choose; what is in the way is listed at the end.
            return BY_MIGRATION;
        }
        loop {
            match answer(&question(mismatch)).as_deref() {
                Some("d" | "database") if mismatch.not_by_migration.is_none() => match &mismatch.data_loss {
                    None => return BY_MIGRATION,
                    Some(does) if is_allowed(does) => return Decision::Database { allow_data_loss: true },
                    Some(_) => {}
                },
                Some("c" | "code") if mismatch.not_in_code.is_none() => return Decision::Code,
                Some("s" | "skip" | "") => return Decision::Skip,
                // What was decided so far holds.
                Some("q" | "quit") | None => {
                    self.fixed = Some(Decision::Skip);
                    return Decision::Skip;
                }
                Some(_) => {
                    let _ = anstream::stderr().write_all(b"   one of the letters in brackets, please\n");
                }
            }
        }
    }
}

const BY_MIGRATION: Decision = Decision::Database { allow_data_loss: false };

/// Asks whether a loss of data is meant; a word, so that no slip of a finger allows it.
fn is_allowed(data_loss: &str) -> bool {
    answer(&format!("   {}; write `yes` if that is meant: ", clean(data_loss))).as_deref() == Some("yes")
}

fn question(mismatch: &Mismatch) -> String {
    let mut prompt = "   which side changes? ".to_owned();
    if mismatch.not_by_migration.is_none() {
        prompt.push_str("[d]atabase: write a migration, ");
    }
    if mismatch.not_in_code.is_none() {
        prompt.push_str("[c]ode: change the annotation, ");
    }
    prompt.push_str("[s]kip, [q]uit: ");
    prompt
}

/// `None`: there are no more.
fn answer(prompt: &str) -> Option<String> {
    let mut stderr = anstream::stderr();
    let _ = stderr.write_all(prompt.as_bytes()).and_then(|()| stderr.flush());
    let mut answer = String::new();
    match std::io::stdin().lock().read_line(&mut answer) {
        Ok(1..) => Some(answer.trim().to_ascii_lowercase()),
        Err(error) if error.kind() == std::io::ErrorKind::InvalidData => Some("?".to_owned()),
        _ => {
            let _ = stderr.write_all(b"\n");
            None
        }
    }
}

/// Both sides, the consequence, what the rows are worth and how many there are.
fn described(mismatch: &Mismatch) -> Vec<String> {
    let mut lines = mismatch.messages.clone();
    lines.extend(mismatch.notes.iter().cloned());
    lines.extend(mismatch.question.clone());
    lines.extend(mismatch.child_rows.map(|rows| format!("about {rows} rows, by the database's estimate")));
    lines.extend(mismatch.not_by_migration.iter().map(|why| format!("the database can't be changed: {why}")));
    lines.extend(mismatch.not_in_code.iter().map(|why| format!("the code can't be changed: {why}")));
    lines
}
