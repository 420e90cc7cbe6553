//! Reads the edited sources again: nothing is written that a check would not understand.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use super::compare;
use crate::check::{CheckError, Observed};
use crate::collect::{self, Facts, InputFile};
use crate::finding::Severity;
use crate::model::KeyName;
use crate::rules::{self, Levels};
use crate::workspace::Workspace;

/// The edited sources.
pub(crate) struct Edited {
    pub(crate) facts: Facts,
    /// How many findings at `deny` a check has.
    pub(crate) denied: usize,
}

/// What a check of the sources that names a key of the plan may not say.
const UNTRUE: [&str; 8] = [
    "fk_on_delete_mismatch",
    "fk_on_update_mismatch",
    "fk_deferrability_mismatch",
    "fk_missing_in_source",
    "fk_parent_mismatch",
    "fk_conflicting_declarations",
    "fk_unknown_column",
    "fk_unknown_table",
];

/// Collects and checks the edited sources.
///
/// # Errors
/// Where an annotation is not read back as it was meant.
pub(crate) fn read_again(
    workspace: &Workspace,
    edited: &HashMap<PathBuf, String>,
    names: &[KeyName],
    observed: &[Observed<'_>],
    levels: &Levels,
) -> Result<Edited, CheckError> {
    let mut files = workspace.files.clone();
    let is_new = |path: &Path| {
        !files.iter().any(|file| file.path == path) && path.extension().is_some_and(|kind| kind == "rs")
    };
    let new: Vec<InputFile> = edited
        .keys()
        .filter(|path| is_new(path) && !path.exists())
        .filter_map(|path| workspace.input(path))
        .collect();
    files.extend(new);
    let facts = collect::collect_edited(workspace.packages.clone(), &files, edited);
    if let Some(problem) = facts.problems.first() {
        return Err(misread(&problem.message));
    }
    if let Some(name) = names.iter().find(|name| facts.key(name).is_none()) {
        return Err(misread(&format!("`{name}` is not found in them")));
    }
    let comparisons = compare(workspace, &facts, observed);
    let findings = rules::check(&facts, &comparisons, levels);
    let is_about_the_plan = |name: &KeyName, table: &crate::finding::TableRef| {
        name.table == table.table && name.columns == table.columns
    };
    let untrue = findings.iter().filter(|finding| finding.severity != Severity::Note).find(|finding| {
        let child = finding.data.child.as_ref();
        UNTRUE.contains(&finding.rule)
            && child.is_some_and(|child| names.iter().any(|name| is_about_the_plan(name, child)))
    });
    if let Some(finding) = untrue {
        return Err(misread(&finding.message));
    }
    let denied = findings.iter().filter(|finding| finding.severity == Severity::Deny).count();
    Ok(Edited { facts, denied })
}

fn misread(why: &str) -> CheckError {
    CheckError::Usage {
        message: format!("the edited sources would not say what the source shows: {why}"),
        help: Some("nothing was written; this is a defect of fkcheck, please report it".to_owned()),
    }
}
