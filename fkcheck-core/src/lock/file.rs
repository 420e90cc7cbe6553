//! The file in the workspace: which part of it is about a database, and from when it is.

use std::path::Path;

use super::{FILE_NAME, read};
use crate::access::git;
use crate::model::{Observation, Problem, disk};

/// The observation of a database in the workspace's snapshot; `None` where the file or the database isn't there.
pub(crate) fn load(root: &Path, database: Option<&str>) -> Result<Option<Observation>, Box<Problem>> {
    let text = match disk::read_to_string(&root.join(FILE_NAME)) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(Box::new(problem(None, &format!("it can't be read: {error}"), None))),
    };
    of_text(&text, database, &written(root))
}

/// The same of a text that was read; `written` is when, as the label has it.
pub(crate) fn of_text(
    text: &str,
    database: Option<&str>,
    written: &str,
) -> Result<Option<Observation>, Box<Problem>> {
    let snapshot =
        read(text).map_err(|fault| Box::new(problem(fault.line, &fault.message, Some(fault.help))))?;
    let found =
        snapshot.observations.into_iter().find(|observation| observation.database.as_deref() == database);
    Ok(found.map(|mut observation| {
        observation.label = format!("{FILE_NAME}{written}, {}", observation.engine.kind);
        if snapshot.merged {
            observation.remarks.push(format!(
                "{FILE_NAME} was merged since it was written; `cargo fkcheck snapshot` renews it"
            ));
        }
        observation
    }))
}

fn problem(line: Option<usize>, message: &str, help: Option<&str>) -> Problem {
    let place = line.map_or_else(String::new, |line| format!(":{line}"));
    let help = help.into_iter().map(str::to_owned).collect();
    Problem { message: format!("{FILE_NAME}{place}: {message}"), label: None, help }
}

/// ` of 2026-11-20 (1a2b3c4)`, where git knows.
fn written(root: &Path) -> String {
    // For a file that isn't committed git would go through all of its history.
    let committed = git(root, &["ls-tree", "--name-only", "HEAD", "--", FILE_NAME]).unwrap_or_default();
    if committed.is_empty() {
        return String::new();
    }
    let answer =
        git(root, &["rev-list", "-1", "--format=%cs (%h)", "HEAD", "--", FILE_NAME]).unwrap_or_default();
    // Behind a line with the whole number.
    let answer = String::from_utf8_lossy(&answer);
    answer.lines().nth(1).map_or_else(String::new, |of| format!(" of {of}"))
}
