//! Runs a project's migrations in an in-memory SQLite, as Diesel does, and reads what comes of them.

use super::memory::{Failed, Memory, Why};
use crate::access::{Deadline, Phase, SourceError};
use crate::engines::Script;
use crate::model::Observation;
use crate::words::counted;

/// Diesel's own table; a migration may look at it.
const APPLIED: &str = "CREATE TABLE IF NOT EXISTS __diesel_schema_migrations (
       version VARCHAR(50) PRIMARY KEY NOT NULL,
       run_on TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP
)";

/// Runs them one after the other. A statement that would leave the memory is refused.
pub(super) fn run(scripts: &[Script], deadline: Deadline) -> Result<Observation, SourceError> {
    let place = format!("in-memory SQLite after {}", counted(scripts.len(), "migration"));
    let memory = Memory::open(deadline).map_err(|error| super::unreadable(&place, &error))?;
    memory.connection.execute_batch(APPLIED).map_err(|error| super::unreadable(&place, &error))?;
    for script in scripts {
        run_one(&memory, script, deadline)?;
    }
    super::observe(&memory.connection, &place)
}

fn run_one(memory: &Memory, script: &Script, deadline: Deadline) -> Result<(), SourceError> {
    let at = |failed: Failed| describe(script, failed, deadline);
    let at_its_end = |error: rusqlite::Error| {
        let line = script.sql.lines().count().max(1);
        at(Failed { line, why: Why::Error(error.to_string()) })
    };
    let execute = |sql: &str| memory.connection.execute_batch(sql).map_err(at_its_end);
    if script.sql.is_empty() {
        let why = Why::Error("the file is empty, which Diesel refuses".to_owned());
        return Err(at(Failed { line: 1, why }));
    }
    if script.in_transaction {
        execute("BEGIN")?;
    }
    memory.run(&script.sql).map_err(at)?;
    let insert = "INSERT INTO __diesel_schema_migrations (version) VALUES (?1)";
    memory.connection.execute(insert, [&script.version]).map_err(at_its_end)?;
    if script.in_transaction {
        execute("COMMIT")?;
    }
    Ok(())
}

fn describe(script: &Script, failed: Failed, deadline: Deadline) -> SourceError {
    let Failed { line, why } = failed;
    let path = script.path.clone();
    match why {
        Why::Refused(statement) => SourceError::ReachesOutside { path, line, statement },
        Why::TimedOut => deadline.passed(format!("{}:{line}", path.display()), Phase::RunningMigrations),
        Why::Error(reason) => SourceError::Statement { path, line, reason },
    }
}
