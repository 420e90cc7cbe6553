//! Edits of source files, for people: what would change, and what stands in the way.

use fkcheck_core::annotate::{FileEdit, Unsaved};
use fkcheck_core::check::CheckError;
use similar::TextDiff;

use super::print;
use crate::cli::AllowUnsaved;

/// How many uncommitted files are named.
const NAMED: usize = 5;

/// Why nothing is edited: nobody could take it back.
pub(super) fn refusal(unsaved: Option<Unsaved>, allow: &AllowUnsaved) -> Option<CheckError> {
    if allow.allow_dirty {
        return None;
    }
    let (message, help) = match unsaved? {
        Unsaved::NoRepository if allow.allow_no_vcs => return None,
        Unsaved::NoRepository => (
            "no git repository has a copy of what would be edited".to_owned(),
            "make one and commit, or pass `--allow-no-vcs`",
        ),
        Unsaved::Unknown(reason) => (
            format!("git can't tell whether it has a copy of what would be edited: {reason}"),
            "mend that, or pass `--allow-dirty`",
        ),
        Unsaved::Files(files) => {
            let named: Vec<String> = files.iter().take(NAMED).map(|file| format!("`{file}`")).collect();
            let more = files.len().saturating_sub(NAMED);
            let more = if more == 0 { String::new() } else { format!(" and {more} more") };
            let message = format!("git has no copy of {}{more}", named.join(", "));
            (message, "commit or stash them, or pass `--allow-dirty`")
        }
    };
    Some(CheckError::Usage { message, help: Some(help.to_owned()) })
}

/// An edit as a unified diff.
pub(super) fn print_diff(edit: &FileEdit) {
    let before = edit.before.as_deref().unwrap_or_default();
    let old = if edit.before.is_some() { format!("a/{}", edit.display) } else { "/dev/null".to_owned() };
    let diff = TextDiff::from_lines(before, &edit.after);
    print(&diff.unified_diff().context_radius(3).header(&old, &format!("b/{}", edit.display)).to_string());
}
