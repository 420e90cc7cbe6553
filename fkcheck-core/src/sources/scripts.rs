//! A directory of migrations as what is to be run: Diesel's own reader says what that is.

use std::io::ErrorKind;
use std::path::Path;

use diesel::migration::{Migration, MigrationSource};
use diesel::pg::Pg;
use diesel_migrations::FileBasedMigrations;

use crate::access::SourceError;
use crate::engines::Script;
use crate::model::disk;
use crate::replay;

/// The migrations, oldest first, each with whether Diesel runs it in a transaction.
pub(super) fn scripts(directory: &Path) -> Result<Vec<Script>, SourceError> {
    let unreadable =
        |path: &Path, reason: String| SourceError::MigrationsDirectory { path: path.to_owned(), reason };
    // What Diesel would wait for, or pass over, is told first.
    for migration in replay::migrations(directory)? {
        let metadata = migration.path.join("metadata.toml");
        match disk::read_to_string(&metadata) {
            Err(error) if error.kind() != ErrorKind::NotFound => {
                return Err(unreadable(&metadata, error.to_string()));
            }
            _ => {}
        }
    }
    let failed = |error: &dyn std::fmt::Display| unreadable(directory, error.to_string());
    let source = FileBasedMigrations::from_path(directory).map_err(|error| failed(&error))?;
    // The backend is a parameter of running them, which isn't done here.
    let mut found: Vec<Box<dyn Migration<Pg>>> = source.migrations().map_err(|error| failed(&error))?;
    found.sort_by_key(|migration| migration.name().version().as_owned());
    let script = |migration: Box<dyn Migration<Pg>>| {
        let name = migration.name().to_string();
        let path = directory.join(&name).join("up.sql");
        let sql = disk::read_to_string(&path).map_err(|error| unreadable(&path, error.to_string()))?;
        let version = migration.name().version().to_string();
        Ok(Script { version, path, sql, in_transaction: migration.metadata().run_in_transaction(), name })
    };
    found.into_iter().map(script).collect()
}
