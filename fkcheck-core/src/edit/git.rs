//! Whether git has a copy of what is to be edited.

use std::path::Path;
use std::process::Command;

use super::FileEdit;

/// Files that git could not restore: changed and not committed, or to be edited and not known to git. Empty where the
/// workspace is in no git repository.
pub(crate) fn not_committed(root: &Path, edits: &[FileEdit]) -> Vec<String> {
    let output = Command::new("git")
        .arg("-C")
        .arg(root)
        // It would refresh the index, and leave its lock behind when it is killed.
        .arg("--no-optional-locks")
        // Paths unquoted, each ended by NUL.
        .args(["status", "--porcelain", "-z", "--no-renames", "--untracked-files=all", "--", "."])
        .output();
    let Ok(output) = output else { return Vec::new() };
    if !output.status.success() {
        return Vec::new();
    }
    let top = Command::new("git").arg("-C").arg(root).args(["rev-parse", "--show-prefix"]).output();
    let prefix =
        top.map(|output| String::from_utf8_lossy(&output.stdout).trim_end().to_owned()).unwrap_or_default();
    let is_edited = |path: &str| edits.iter().any(|edit| edit.before.is_some() && edit.display == path);
    String::from_utf8_lossy(&output.stdout)
        .split('\0')
        .filter_map(|entry| Some((entry.get(..2)?, entry.get(3..)?)))
        .map(|(state, path)| (state, path.strip_prefix(&prefix).unwrap_or(path)))
        .filter(|(state, path)| *state != "??" || is_edited(path))
        .map(|(_, path)| path.to_owned())
        .collect()
}
