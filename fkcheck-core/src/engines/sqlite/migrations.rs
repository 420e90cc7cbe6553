//! Runs a project's migrations in an in-memory SQLite and reads what comes of them.

use std::path::Path;

use diesel::Connection;
use diesel::migration::Migration;
use diesel::sqlite::{Sqlite, SqliteConnection};
use diesel_migrations::{FileBasedMigrations, MigrationHarness};

use super::outside::find_outside;
use crate::access::SourceError;
use crate::model::Observation;

/// Runs those with the versions of `only`, or all, oldest first. A migration that would open a file is refused.
pub(super) fn run(directory: &Path, only: Option<&[String]>) -> Result<Observation, SourceError> {
    let unreadable = |reason: String| SourceError::MigrationsDirectory { path: directory.to_owned(), reason };
    let source = FileBasedMigrations::from_path(directory).map_err(|error| unreadable(error.to_string()))?;
    let mut connection =
        SqliteConnection::establish(":memory:").map_err(|error| unreadable(error.to_string()))?;
    let mut migrations: Vec<Box<dyn Migration<Sqlite>>> =
        connection.pending_migrations(source).map_err(|error| unreadable(error.to_string()))?;
    if let Some(only) = only {
        migrations.retain(|migration| only.contains(&migration.name().version().to_string()));
    }
    if migrations.is_empty() {
        return Err(unreadable("there are none".to_owned()));
    }
    for migration in &migrations {
        refuse_outside(&directory.join(migration.name().to_string()).join("up.sql"))?;
    }
    for migration in &migrations {
        connection.run_migration(migration.as_ref()).map_err(|error| SourceError::Migration {
            name: migration.name().to_string(),
            reason: error.to_string(),
        })?;
    }
    let place = format!("in-memory SQLite after {} migrations", migrations.len());
    super::observe(&mut connection, &place)
}

fn refuse_outside(path: &Path) -> Result<(), SourceError> {
    let sql = std::fs::read(path).map_err(|error| SourceError::MigrationsDirectory {
        path: path.to_owned(),
        reason: error.to_string(),
    })?;
    match find_outside(&String::from_utf8_lossy(&sql)) {
        None => Ok(()),
        Some(outside) => Err(SourceError::ReachesOutside {
            path: path.to_owned(),
            line: outside.line,
            statement: outside.statement,
        }),
    }
}
