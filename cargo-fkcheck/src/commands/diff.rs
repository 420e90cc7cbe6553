//! Edits of source files, for people: what would change, and what stands in the way.

use fkcheck_core::annotate::FileEdit;
use similar::TextDiff;

use super::print;

/// How many uncommitted files are named.
const NAMED: usize = 5;

/// Why nothing is edited beside files that git has no copy of.
pub(super) fn refuse_dirty(files: &[String], has_edits: bool) -> Option<String> {
    if files.is_empty() || !has_edits {
        return None;
    }
    let named: Vec<String> = files.iter().take(NAMED).map(|file| format!("`{file}`")).collect();
    let more = files.len().saturating_sub(NAMED);
    let more = if more == 0 { String::new() } else { format!(" and {more} more") };
    Some(format!("git has no copy of {}{more}", named.join(", ")))
}

/// An edit as a unified diff.
pub(super) fn print_diff(edit: &FileEdit) {
    let before = edit.before.as_deref().unwrap_or_default();
    let old = if edit.before.is_some() { format!("a/{}", edit.display) } else { "/dev/null".to_owned() };
    let diff = TextDiff::from_lines(before, &edit.after);
    print(&diff.unified_diff().context_radius(3).header(&old, &format!("b/{}", edit.display)).to_string());
}
