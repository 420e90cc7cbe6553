//! Source files that are to change: what git could restore, what the edited sources say, and writing all or nothing.

mod git;
mod verify;

use std::path::PathBuf;

use crate::store;
pub use git::Unsaved;
pub(crate) use git::unsaved;
pub(crate) use verify::{Edited, read_again};

/// One file that changes, or comes to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileEdit {
    /// Absolute.
    pub path: PathBuf,
    /// Relative to the workspace root.
    pub display: String,
    /// What is there; `None`: no such file.
    pub before: Option<String>,
    /// What will be there.
    pub after: String,
}

/// Puts the new texts on the disk, beside the files.
pub(crate) fn stage(edits: &[FileEdit]) -> std::io::Result<Vec<store::Staged>> {
    edits.iter().map(|edit| store::stage(&edit.path, &edit.after)).collect()
}
