//! Runs the migrations in a throw-away database of a server and reads what comes of them: exact for any SQL.

use std::path::Path;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use super::database::Limits;
use super::scripts::scripts;
use super::url::DatabaseUrl;
use crate::access::{Deadline, SourceError};
use crate::engines::ReadLimits;
use crate::model::{Observation, SourceKind};

/// What the names of all throw-away databases begin with. The time of their making follows, in seconds since 1970.
const PREFIX: &str = "fkcheck_scratch_";

/// Databases older than this that nobody is connected to were left by a run that was killed.
const STALE: Duration = Duration::from_secs(600);

/// How long the farewell may take, when the deadline is over already.
const FAREWELL: Duration = Duration::from_secs(15);

/// Makes a database on the server at `url`, runs the Diesel migrations in `directory`, reads its keys and drops it. What
/// runs before this one have left behind is dropped too.
///
/// # Errors
/// When the server refuses, a migration fails (the error names it), or the deadline passes; the database is dropped all the
/// same.
pub fn read_in_scratch(
    url: &DatabaseUrl,
    directory: &Path,
    limits: &Limits,
) -> Result<Observation, SourceError> {
    let Some(scratch) = url.address.scratch() else {
        return Err(SourceError::BadUrl {
            reason: "a throw-away database is for PostgreSQL and MySQL".to_owned(),
            help: "SQLite's migrations are run in memory anyway; leave `--scratch-url` out".to_owned(),
        });
    };
    let scripts = scripts(directory)?;
    let now = since_epoch();
    let name = format!("{PREFIX}{}_{}_{:x}", now.as_secs(), std::process::id(), now.subsec_nanos());
    let visit = limits.visit();
    let farewell = ReadLimits { deadline: Deadline::after(limits.deadline + FAREWELL), ..visit };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let result = runtime.block_on(async {
        scratch.sweep(visit, is_stale).await?;
        scratch.create(visit, &name).await?;
        let made = scratch.beside(&name);
        let observation = async {
            if let Some(scratch) = made.scratch() {
                scratch.run(visit, &scripts).await?;
            }
            made.read(visit).await
        }
        .await;
        let dropped = scratch.drop(farewell, &name).await;
        let observation = observation?;
        dropped.map(|()| observation)
    });
    runtime.shutdown_background();
    let mut observation = result?;
    observation.source = SourceKind::Migrations;
    observation.label = format!(
        "{} {} after {} migrations in a throw-away database",
        observation.engine.kind,
        observation.engine.version,
        scripts.len()
    );
    Ok(observation)
}

fn since_epoch() -> Duration {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default()
}

/// Whether a database is one of ours and was made long ago, by its name.
fn is_stale(name: &str) -> bool {
    let made = name.strip_prefix(PREFIX).and_then(|rest| rest.split('_').next()?.parse::<u64>().ok());
    made.is_some_and(|made| since_epoch().saturating_sub(Duration::from_secs(made)) > STALE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_old_and_ours_is_stale() {
        assert!(is_stale("fkcheck_scratch_1000_7_ab"));
        let fresh = format!("{PREFIX}{}_7_ab", since_epoch().as_secs() - 60);
        for name in [&fresh, "fkcheck_scratch_x", "fkcheck_test", "postgres"] {
            assert!(!is_stale(name), "{name}");
        }
    }
}
