//! A directory of migrations as what is to be run.

use std::path::Path;

use crate::access::SourceError;
use crate::engines::Script;
use crate::model::disk;
use crate::replay::{Migration, migrations};

/// The migrations, oldest first, each with whether Diesel runs it in a transaction.
pub(super) fn scripts(directory: &Path) -> Result<Vec<Script>, SourceError> {
    migrations(directory)?.into_iter().map(script).collect()
}

fn script(migration: Migration) -> Result<Script, SourceError> {
    let unreadable =
        |path: &Path, reason: String| SourceError::MigrationsDirectory { path: path.to_owned(), reason };
    let path = migration.path.join("up.sql");
    let sql = disk::read_to_string(&path).map_err(|error| unreadable(&path, error.to_string()))?;
    let metadata = migration.path.join("metadata.toml");
    let in_transaction = match disk::read_to_string(&metadata) {
        Ok(text) => {
            let document: toml_edit::Document<String> = toml_edit::Document::parse(text)
                .map_err(|error| unreadable(&metadata, error.message().to_owned()))?;
            // Diesel takes a file without the key for `false`.
            document.get("run_in_transaction").and_then(toml_edit::Item::as_bool).unwrap_or(false)
        }
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => true,
        Err(error) => return Err(unreadable(&metadata, error.to_string())),
    };
    let name = migration.path.file_name().map(|name| name.to_string_lossy().into_owned());
    Ok(Script { name: name.unwrap_or_default(), version: migration.version, path, sql, in_transaction })
}
