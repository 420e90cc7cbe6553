//! Reads the edited sources again: nothing is written that a check would not understand.

use std::collections::HashMap;
use std::path::PathBuf;

use crate::collect::Facts;
use crate::finding::{Severity, TableRef};
use crate::model::KeyName;
use crate::run::{CheckError, Run};

/// The edited sources.
pub(crate) struct Edited {
    pub(crate) facts: Facts,
    /// How many findings at `deny` a check has.
    pub(crate) denied: usize,
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
    let mut facts = run.edited(edited);
    if let Some(problem) = facts.problems.first() {
        return Err(misread(&problem.message));
    }
    if let Some(name) = names.iter().find(|name| facts.key(name).is_none()) {
        return Err(misread(&format!("`{name}` is not found in them")));
    }
    let findings = run.breaches(&facts);
    let is_about_the_plan =
        |name: &KeyName, table: &TableRef| name.table == table.table && name.columns == table.columns;
    let untrue = findings.iter().filter(|finding| finding.severity != Severity::Note).find(|finding| {
        let child = finding.data.child.as_ref();
        finding.rule.role().contradicts
            && child.is_some_and(|child| names.iter().any(|name| is_about_the_plan(name, child)))
    });
    if let Some(finding) = untrue {
        return Err(misread(&finding.message));
    }
    let mut findings = run.sift(findings, &mut facts.sources)?.new;
    findings.retain(|finding| run.shown[finding.package]);
    let denied = findings.iter().filter(|finding| finding.severity == Severity::Deny).count();
    Ok(Edited { facts, denied })
}

fn misread(why: &str) -> CheckError {
    CheckError::Defect { message: format!("the edited sources would not say what the source shows: {why}") }
}
