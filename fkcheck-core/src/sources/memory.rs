//! Runs a project's migrations in memory and reads what comes of them, where the engine can be had without a server.

use std::path::Path;
use std::sync::mpsc;
use std::time::Duration;

use super::database::Limits;
use super::scripts::scripts;
use crate::access::{Deadline, Phase, SourceError};
use crate::engines::{self, Script};
use crate::model::{Engine, Observation, SourceKind};

/// Whether an engine's migrations can be run in memory.
pub fn runs_in_memory(engine: Engine) -> bool {
    engines::driver(engine).in_memory.is_some()
}

/// How much memory migrations may take that are run in this process.
const MEMORY: u64 = 128 << 20;

/// An engine's parser goes down as deep as the text does, within its limits.
const STACK: usize = 16 << 20;

/// How long after the deadline a run is given up that doesn't end by itself.
const GRACE: Duration = Duration::from_secs(1);

/// Holds what runs migrations in this process to 128 MiB. It is for all that the process does with that engine, and can't be
/// taken back; so it is for commands, not for libraries.
pub fn bound_memory() {
    engines::bound_memory(MEMORY);
}

/// Runs the Diesel migrations in `directory`, oldest first, in memory, and reads their foreign keys. `section` is the
/// configured name of the database, where there is one. Nothing is written; a statement that would open a file is refused.
/// `only` are the versions to run; `None`: all.
///
/// # Errors
/// When the directory can't be read, holds no migration, a migration fails (the error names its line), or the deadline passes.
pub fn run_in_memory(
    engine: Engine,
    directory: &Path,
    limits: &Limits,
    section: Option<&str>,
    only: Option<&[String]>,
) -> Result<Observation, SourceError> {
    let mut scripts = scripts(directory)?;
    if let Some(only) = only {
        scripts.retain(|script| only.contains(&script.version));
    }
    run_scripts(engine, directory, scripts, limits, section)
}

/// The same of migrations that were read, wherever that was.
pub(crate) fn run_scripts(
    engine: Engine,
    directory: &Path,
    scripts: Vec<Script>,
    limits: &Limits,
    section: Option<&str>,
) -> Result<Observation, SourceError> {
    let unreadable = |reason: String| SourceError::MigrationsDirectory { path: directory.to_owned(), reason };
    let Some(in_memory) = engines::driver(engine).in_memory else {
        return Err(unreadable(format!("migrations of {engine} can't be run in memory")));
    };
    if scripts.is_empty() {
        return Err(unreadable("there are none".to_owned()));
    }
    let deadline = Deadline::after(limits.deadline);
    let (sender, receiver) = mpsc::channel();
    // The engine looks at the deadline between its steps. A single step that never ends is left behind in its thread.
    std::thread::Builder::new().stack_size(STACK).spawn(move || {
        // Nobody listens any more once the deadline has passed.
        let _ = sender.send((in_memory.run)(&scripts, deadline));
    })?;
    let read = receiver.recv_timeout(deadline.left() + GRACE).unwrap_or_else(|_| {
        let place = format!("the migrations in {}", directory.display());
        Err(deadline.passed(place, Phase::RunningMigrations))
    });
    let mut observation = read?;
    observation.source = SourceKind::Migrations;
    observation.database = section.map(str::to_owned);
    Ok(observation)
}
