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

/// `src/bin/*.rs` and `src/bin/*/main.rs`, by name, relative to the package.
pub(super) fn binaries(manifest_dir: &Path) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let Ok(entries) = std::fs::read_dir(manifest_dir.join("src/bin")) else { return found };
    for entry in entries.flatten() {
        let path = entry.path();
        let Some(name) = path.file_stem().and_then(|name| name.to_str()) else { continue };
        if path.join("main.rs").is_file() {
            found.push((name.to_owned(), format!("src/bin/{name}/main.rs")));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push((name.to_owned(), format!("src/bin/{name}.rs")));
        }
    }
    found.sort_unstable();
    found
}
