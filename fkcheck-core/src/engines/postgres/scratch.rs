//! A throw-away database.

use super::connection::{Connection, Failure};
use super::settings::Settings;
use super::{connect, failed};
use crate::access::{Phase, ServerUrl, SourceError};
use crate::engines::{NameTest, ReadLimits, Script};

/// A database that somebody is connected to is in use.
const UNUSED: &str = "SELECT d.datname::pg_catalog.text AS name FROM pg_catalog.pg_database d
     WHERE NOT EXISTS (SELECT FROM pg_catalog.pg_stat_activity a WHERE a.datid = d.oid)";

pub(super) async fn sweep(url: &ServerUrl, visit: ReadLimits, is_stale: NameTest) -> Result<(), SourceError> {
    let (settings, connection) = begin(url, visit).await?;
    let swept = visit
        .deadline
        .within(&settings.place, Phase::SettingUp, async {
            let failed = |error: Failure| failed(&settings, Phase::SettingUp, &error);
            let unused: Vec<(String,)> = connection.load(UNUSED).await.map_err(failed)?;
            for (name,) in unused.iter().filter(|(name,)| is_stale(name)) {
                let name = name.replace('"', "\"\"");
                // Another run may be doing the same.
                let _late = connection.batch_execute(&format!("DROP DATABASE IF EXISTS \"{name}\"")).await;
            }
            Ok(())
        })
        .await;
    connection.close().await;
    swept
}

pub(super) async fn execute(url: &ServerUrl, visit: ReadLimits, sql: String) -> Result<(), SourceError> {
    let (settings, connection) = begin(url, visit).await?;
    let work = async {
        let done = connection.batch_execute(&sql).await;
        done.map_err(|error| failed(&settings, Phase::SettingUp, &error))
    };
    let done = visit.deadline.within(&settings.place, Phase::SettingUp, work).await;
    connection.close().await;
    done
}

pub(super) async fn run(url: &ServerUrl, visit: ReadLimits, scripts: &[Script]) -> Result<(), SourceError> {
    let (settings, connection) = begin(url, visit).await?;
    let done = visit
        .deadline
        .within(&settings.place, Phase::RunningMigrations, async {
            for script in scripts {
                run_one(&connection, script).await.map_err(|error| SourceError::Migration {
                    name: script.name.clone(),
                    reason: settings.secrets.scrub(&error.to_string()),
                })?;
            }
            Ok(())
        })
        .await;
    connection.close().await;
    done
}

/// As Diesel does it.
async fn run_one(connection: &Connection, script: &Script) -> Result<(), Failure> {
    if !script.in_transaction {
        return connection.batch_execute(&script.sql).await;
    }
    connection.batch_execute("BEGIN").await?;
    connection.batch_execute(&script.sql).await?;
    connection.batch_execute("COMMIT").await
}

async fn begin(url: &ServerUrl, visit: ReadLimits) -> Result<(Settings, Connection), SourceError> {
    let settings = Settings::new(&url.0, visit.insecure_tls, |name| std::env::var(name).ok())?;
    let connection = visit.deadline.within(&settings.place, Phase::Connecting, connect(&settings)).await?;
    Ok((settings, connection))
}
