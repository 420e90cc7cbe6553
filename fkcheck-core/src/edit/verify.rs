//! Reads the edited sources again: nothing is written that a check would not understand.

use std::collections::HashMap;
use std::path::PathBuf;

use crate::collect::Facts;
use crate::finding::{Finding, Severity};
use crate::model::KeyId;
use crate::run::{CheckError, Run};

/// The edited sources.
pub(crate) struct Edited {
    pub(crate) facts: Facts,
    /// What breaks a rule in them.
    pub(crate) breaches: Vec<Finding>,
}

/// Edited sources that would not say what the source shows.
pub(crate) struct Misread {
    /// The keys of which that is so, and why; empty where it is no single key's.
    pub(crate) keys: Vec<(KeyId, String)>,
    message: String,
}

impl From<Misread> for CheckError {
    fn from(Misread { message, .. }: Misread) -> Self {
        let message = format!("the edited sources would not say what the source shows: {message}");
        CheckError::Defect { message }
    }
}

impl Misread {
    fn of_keys(keys: Vec<(KeyId, String)>) -> Result<(), Self> {
        let Some((_, message)) = keys.first() else { return Ok(()) };
        Err(Misread { message: message.clone(), keys })
    }
}

/// Collects and checks the edited sources.
///
/// # Errors
/// Where an annotation is not read back as it was meant.
pub(crate) fn read_again(
    run: &Run<'_>,
    edited: &HashMap<PathBuf, String>,
    meant: &[KeyId],
) -> Result<Edited, Misread> {
    let facts = run.edited(edited);
    if let Some(problem) = facts.problems.first() {
        return Err(Misread { keys: Vec::new(), message: problem.message.clone() });
    }
    let is_lost = |id: &&KeyId| facts.declared(id).is_none();
    let lost = meant.iter().filter(is_lost).map(|id| (id.clone(), format!("`{id}` is not found in them")));
    Misread::of_keys(lost.collect())?;
    let breaches = run.breaches(&facts);
    let is_against =
        |finding: &&Finding| finding.rule.role().contradicts && finding.severity != Severity::Note;
    let against: Vec<&Finding> = breaches.iter().filter(is_against).collect();
    let untrue = meant.iter().filter_map(|id| {
        let finding = against.iter().find(|finding| finding.data.is_about(id))?;
        Some((id.clone(), finding.message.clone()))
    });
    Misread::of_keys(untrue.collect())?;
    Ok(Edited { facts, breaches })
}
