//! Runs a project's migrations in memory and reads what comes of them, where the engine can be had without a server.

use std::path::Path;
use std::sync::mpsc;

use super::database::Limits;
use crate::access::{Phase, SourceError};
use crate::engines;
use crate::model::{Engine, Observation, SourceKind};

/// Whether an engine's migrations can be run in memory.
pub fn runs_in_memory(engine: Engine) -> bool {
    engines::driver(engine).in_memory.is_some()
}

/// Runs the Diesel migrations in `directory`, oldest first, in memory, and reads their foreign keys. `section` is the
/// configured name of the database, where there is one. Nothing is written; a migration that would open a file is refused.
/// `only` are the versions to run; `None`: all.
///
/// # Errors
/// When the directory can't be read, holds no migration, a migration fails (the error names it), or the deadline passes.
pub fn run_in_memory(
    engine: Engine,
    directory: &Path,
    limits: &Limits,
    section: Option<&str>,
    only: Option<Vec<String>>,
) -> Result<Observation, SourceError> {
    let Some(run) = engines::driver(engine).in_memory else {
        return Err(SourceError::MigrationsDirectory {
            path: directory.to_owned(),
            reason: format!("migrations of {engine} can't be run in memory"),
        });
    };
    let (sender, receiver) = mpsc::channel();
    let moved = directory.to_owned();
    // The engine can't be stopped from outside; a migration that never ends is left behind in its thread.
    std::thread::Builder::new().spawn(move || {
        // Nobody listens any more once the deadline has passed.
        let _ = sender.send(run(&moved, only.as_deref()));
    })?;
    let read = receiver.recv_timeout(limits.deadline).unwrap_or_else(|_| {
        Err(SourceError::DeadlineExceeded {
            place: format!("the migrations in {}", directory.display()),
            phase: Phase::RunningMigrations,
            allowed: limits.deadline,
        })
    });
    let mut observation = read?;
    observation.source = SourceKind::Migrations;
    observation.database = section.map(str::to_owned);
    Ok(observation)
}
