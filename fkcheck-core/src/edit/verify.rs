//! Reads the edited sources again: nothing is written that a check would not understand.

use std::collections::HashMap;
use std::path::PathBuf;

use crate::collect::Facts;
use crate::finding::{Finding, Severity, TableRef};
use crate::model::KeyName;
use crate::run::{CheckError, Run};

/// The edited sources.
pub(crate) struct Edited {
    pub(crate) facts: Facts,
    /// What breaks a rule in them.
    pub(crate) breaches: Vec<Finding>,
}

/// Collects and checks the edited sources.
///
/// # Errors
/// Where an annotation is not read back as it was meant.
pub(crate) fn read_again(
    run: &Run<'_>,
    edited: &HashMap<PathBuf, String>,
    names: &[KeyName],
) -> Result<Edited, CheckError> {
    let facts = run.edited(edited);
    if let Some(problem) = facts.problems.first() {
        return Err(misread(&problem.message));
    }
    if let Some(name) = names.iter().find(|name| facts.key(name).is_none()) {
        return Err(misread(&format!("`{name}` is not found in them")));
    }
    let breaches = run.breaches(&facts);
    let is_about_the_plan =
        |name: &KeyName, table: &TableRef| name.table == table.table && name.columns == table.columns;
    let untrue = breaches.iter().filter(|finding| finding.severity != Severity::Note).find(|finding| {
        let child = finding.data.child.as_ref();
        finding.rule.role().contradicts
            && child.is_some_and(|child| names.iter().any(|name| is_about_the_plan(name, child)))
    });
    if let Some(finding) = untrue {
        return Err(misread(&finding.message));
    }
    Ok(Edited { facts, breaches })
}

fn misread(why: &str) -> CheckError {
    CheckError::Defect { message: format!("the edited sources would not say what the source shows: {why}") }
}
