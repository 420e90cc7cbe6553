//! Diesel's own `diesel.toml`, read for what it already says and never asked for again.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use toml_edit::{DocumentMut, Item};

use crate::model::{Package, disk};

/// What the `diesel.toml` files of a workspace say.
#[derive(Default)]
pub(super) struct Diesel {
    /// `[print_schema] file`, of every section.
    pub(super) schema_files: Vec<PathBuf>,
    /// Directories that hold migrations.
    pub(super) migrations: Vec<PathBuf>,
    /// What kept one from being read.
    pub(super) faults: Vec<String>,
}

/// Reads `diesel.toml` in the workspace's root and in every member, and looks for migrations where Diesel does: where
/// `[migrations_directory]` says, else in `migrations/`.
pub(super) fn read(root: &Path, packages: &[Package]) -> Diesel {
    let mut diesel = Diesel::default();
    let mut dirs = vec![root];
    dirs.extend(packages.iter().filter_map(|package| package.manifest_path.parent()));
    dirs.dedup();
    for dir in dirs {
        let named = read_one(dir, &mut diesel);
        let migrations = named.unwrap_or_else(|| dir.join("migrations"));
        if holds_migrations(&migrations) && !diesel.migrations.contains(&migrations) {
            diesel.migrations.push(migrations);
        }
    }
    diesel
}

/// The migrations directory that `diesel.toml` in `dir` names. A file that Diesel can't read is Diesel's to report.
fn read_one(dir: &Path, diesel: &mut Diesel) -> Option<PathBuf> {
    let path = dir.join("diesel.toml");
    let text = match disk::read_to_string(&path) {
        Ok(text) => text,
        Err(error) => {
            let fault = format!("{} can't be read: {error}", path.display());
            diesel.faults.extend((error.kind() != ErrorKind::NotFound).then_some(fault));
            return None;
        }
    };
    let document: DocumentMut = text.parse().ok()?;
    if let Some(print_schema) = document.get("print_schema").and_then(Item::as_table_like) {
        let own = print_schema.get("file");
        let sections = print_schema.iter().filter_map(|(_, item)| item.as_table_like()?.get("file"));
        let files = own.into_iter().chain(sections).filter_map(Item::as_str);
        diesel.schema_files.extend(files.map(|file| dir.join(file)));
    }
    let migrations = document.get("migrations_directory")?.get("dir")?.as_str()?;
    Some(dir.join(migrations))
}

/// Whether a directory has migrations directly in it: `*/up.sql`.
fn holds_migrations(dir: &Path) -> bool {
    let Ok(entries) = std::fs::read_dir(dir) else { return false };
    entries.filter_map(Result::ok).any(|entry| entry.path().join("up.sql").exists())
}
