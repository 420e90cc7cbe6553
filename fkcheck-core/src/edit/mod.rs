//! Source files that are to change: what git could restore, what the edited sources say, and writing all or nothing.

mod git;
mod verify;

use std::fmt::Display;
use std::io;
use std::path::{Path, PathBuf};

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

/// Puts the new texts on the disk, beside the files: those of the workspace, and the one that the user has named.
pub(crate) fn stage(root: &Path, edits: &[FileEdit], named: Option<&Path>) -> io::Result<Vec<store::Staged>> {
    let stage_one = |edit: &FileEdit| {
        let with_name = |kind, why: &dyn Display| io::Error::new(kind, format!("{}: {why}", edit.display));
        match store::foreign(root, &edit.path) {
            Some(why) if named != Some(&*edit.path) => {
                Err(with_name(io::ErrorKind::InvalidInput, &format!("it {why}")))
            }
            _ => store::stage(&edit.path, &edit.after).map_err(|error| with_name(error.kind(), &error)),
        }
    };
    edits.iter().map(stage_one).collect()
}
