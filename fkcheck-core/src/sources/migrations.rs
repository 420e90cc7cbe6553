//! Runs a project's migrations in an in-memory SQLite and reads what comes of them.

use std::path::Path;
use std::sync::mpsc;

use diesel::Connection;
use diesel::migration::Migration;
use diesel::sqlite::{Sqlite, SqliteConnection};
use diesel_migrations::{FileBasedMigrations, MigrationHarness};

use super::database::Limits;
use super::outside::find_outside;
use crate::access::{Phase, SourceError};
use crate::engines::sqlite;
use crate::model::{Observation, SourceKind};

/// Runs the Diesel migrations in `directory`, oldest first, in an in-memory SQLite, and reads its foreign keys. `section`
/// is the configured name of the database, where there is one. Nothing is written; a migration that would open a file
/// is refused. `only` are the versions to run; `None`: all.
///
/// # Errors
/// When the directory can't be read, holds no migration, a migration fails (the error names it), or the deadline passes.
pub fn read_sqlite_migrations(
    directory: &Path,
    limits: &Limits,
    section: Option<&str>,
    only: Option<Vec<String>>,
) -> Result<Observation, SourceError> {
    let (sender, receiver) = mpsc::channel();
    let (moved, name) = (directory.to_owned(), section.map(str::to_owned));
    // SQLite can't be stopped from outside; a migration that never ends is left behind in its thread.
    std::thread::Builder::new().spawn(move || {
        // Nobody listens any more once the deadline has passed.
        let _ = sender.send(run(&moved, name, only.as_deref()));
    })?;
    receiver.recv_timeout(limits.deadline).unwrap_or_else(|_| {
        Err(SourceError::DeadlineExceeded {
            place: format!("the migrations in {}", directory.display()),
            phase: Phase::RunningMigrations,
            allowed: limits.deadline,
        })
    })
}

fn run(
    directory: &Path,
    section: Option<String>,
    only: Option<&[String]>,
) -> Result<Observation, SourceError> {
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
    let mut observation = sqlite::observe(&mut connection, &place)?;
    observation.source = SourceKind::Migrations;
    observation.database = section;
    Ok(observation)
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
