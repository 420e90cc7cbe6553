//! The package's source files, with nothing but the standard library.

use std::path::{Path, PathBuf};

/// What is below a directory, sorted.
#[derive(Default)]
pub(super) struct Below {
    /// Rust files.
    pub(super) rust: Vec<PathBuf>,
    /// Links to directories, which are not followed.
    pub(super) links: Vec<PathBuf>,
}

/// Looks through a directory.
pub(super) fn below(dir: &Path) -> Below {
    let mut found = Below::default();
    let mut pending = vec![dir.to_owned()];
    while let Some(dir) = pending.pop() {
        // A directory that can't be read keeps the compiler from reading it too, and that one says so.
        let Ok(entries) = std::fs::read_dir(&dir) else { continue };
        for entry in entries.flatten() {
            let path = entry.path();
            let Ok(kind) = entry.file_type() else { continue };
            if kind.is_dir() {
                pending.push(path);
            } else if kind.is_symlink() && path.is_dir() {
                found.links.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                found.rust.push(path);
            }
        }
    }
    found.rust.sort_unstable();
    found.links.sort_unstable();
    found
}
