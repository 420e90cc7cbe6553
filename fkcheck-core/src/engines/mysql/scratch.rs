//! A throw-away database.

use super::connection::{Connection, Failure};
use super::settings::Settings;
use super::{connect, failed};
use crate::access::{Phase, ServerUrl, SourceError};
use crate::engines::{NameTest, ReadLimits, Script};

/// A database that somebody is connected to is in use. Whoever may not see other sessions can't drop their databases either.
const UNUSED: &str = "SELECT s.SCHEMA_NAME AS name FROM information_schema.SCHEMATA s
     WHERE NOT EXISTS (SELECT 1 FROM information_schema.PROCESSLIST p WHERE p.DB = s.SCHEMA_NAME)";

pub(super) async fn sweep(url: &ServerUrl, visit: ReadLimits, is_stale: NameTest) -> Result<(), SourceError> {
    let (settings, mut connection) = begin(url, visit).await?;
    let swept = visit
        .deadline
        .within(&settings.place, Phase::SettingUp, async {
            let failed = |error: Failure| failed(&settings, Phase::SettingUp, &error);
            let unused: Vec<(String,)> = connection.load(UNUSED).await.map_err(failed)?;
            for (name,) in unused.iter().filter(|(name,)| is_stale(name)) {
                let name = name.replace('`', "``");
                // Another run may be doing the same.
                let _late = connection.batch_execute(&format!("DROP DATABASE IF EXISTS `{name}`")).await;
            }
            Ok(())
        })
        .await;
    connection.close().await;
    swept
}

pub(super) async fn execute(url: &ServerUrl, visit: ReadLimits, sql: String) -> Result<(), SourceError> {
    let (settings, mut connection) = begin(url, visit).await?;
    let work = async {
        let done = connection.batch_execute(&sql).await;
        done.map_err(|error| failed(&settings, Phase::SettingUp, &error))
    };
    let done = visit.deadline.within(&settings.place, Phase::SettingUp, work).await;
    connection.close().await;
    done
}

/// MySQL commits each DDL statement by itself, so no transaction is begun.
pub(super) async fn run(url: &ServerUrl, visit: ReadLimits, scripts: &[Script]) -> Result<(), SourceError> {
    let (settings, mut connection) = begin(url, visit).await?;
    let done = visit
        .deadline
        .within(&settings.place, Phase::RunningMigrations, async {
            for script in scripts.iter().filter(|script| !script.sql.trim().is_empty()) {
                connection.batch_execute(&script.sql).await.map_err(|error| SourceError::Migration {
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

async fn begin(url: &ServerUrl, visit: ReadLimits) -> Result<(Settings, Connection), SourceError> {
    let settings = Settings::new(&url.0, visit.insecure_tls)?;
    let connection = visit.deadline.within(&settings.place, Phase::Connecting, connect(&settings)).await?;
    Ok((settings, connection))
}
