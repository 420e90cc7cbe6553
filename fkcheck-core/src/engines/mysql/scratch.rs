//! A throw-away database.

use diesel::QueryableByName;
use diesel::sql_types::Text;
use diesel_async::{AsyncMysqlConnection, RunQueryDsl as _, SimpleAsyncConnection as _};
use mysql_async::Pool;

use super::settings::Settings;
use super::{connect, failed};
use crate::access::{Address, Phase, SourceError};
use crate::engines::{Scratch, Script, Visit};

pub(super) static SCRATCH: Scratch = Scratch {
    sweep: |address, visit, is_stale| Box::pin(sweep(address, visit, is_stale)),
    create: |address, visit, name| Box::pin(execute(address, visit, format!("CREATE DATABASE {name}"))),
    run: |address, visit, scripts| Box::pin(run(address, visit, scripts)),
    drop: |address, visit, name| Box::pin(execute(address, visit, format!("DROP DATABASE IF EXISTS {name}"))),
};

#[derive(QueryableByName)]
struct NameRow {
    #[diesel(sql_type = Text)]
    name: String,
}

/// A database that somebody is connected to is in use. Whoever may not see other sessions can't drop their databases either.
const UNUSED: &str = "SELECT s.SCHEMA_NAME AS name FROM information_schema.SCHEMATA s
     WHERE NOT EXISTS (SELECT 1 FROM information_schema.PROCESSLIST p WHERE p.DB = s.SCHEMA_NAME)";

async fn sweep(address: &Address, visit: Visit, is_stale: fn(&str) -> bool) -> Result<(), SourceError> {
    let (settings, pool, mut connection) = begin(address, visit).await?;
    let swept = visit
        .deadline
        .within(&settings.place, Phase::SettingUp, async {
            let failed = |error: diesel::result::Error| failed(&settings, Phase::SettingUp, &error);
            let unused: Vec<NameRow> =
                diesel::sql_query(UNUSED).load(&mut connection).await.map_err(failed)?;
            for row in unused.iter().filter(|row| is_stale(&row.name)) {
                let name = row.name.replace('`', "``");
                // Another run may be doing the same.
                let _late = connection.batch_execute(&format!("DROP DATABASE IF EXISTS `{name}`")).await;
            }
            Ok(())
        })
        .await;
    end(pool, connection).await;
    swept
}

async fn execute(address: &Address, visit: Visit, sql: String) -> Result<(), SourceError> {
    let (settings, pool, mut connection) = begin(address, visit).await?;
    let work = async {
        let done = connection.batch_execute(&sql).await;
        done.map_err(|error| failed(&settings, Phase::SettingUp, &error))
    };
    let done = visit.deadline.within(&settings.place, Phase::SettingUp, work).await;
    end(pool, connection).await;
    done
}

/// MySQL commits each DDL statement by itself, so no transaction is begun.
async fn run(address: &Address, visit: Visit, scripts: &[Script]) -> Result<(), SourceError> {
    let (settings, pool, mut connection) = begin(address, visit).await?;
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
    end(pool, connection).await;
    done
}

async fn begin(
    address: &Address,
    visit: Visit,
) -> Result<(Settings, Pool, AsyncMysqlConnection), SourceError> {
    let Address::Server(url) = address else {
        return Err(SourceError::UnsupportedScheme { scheme: "file".to_owned() });
    };
    let settings = Settings::new(url, visit.insecure_tls)?;
    let (pool, connection) =
        visit.deadline.within(&settings.place, Phase::Connecting, connect(&settings)).await?;
    Ok((settings, pool, connection))
}

async fn end(pool: Pool, connection: AsyncMysqlConnection) {
    drop(connection);
    let _answer = pool.disconnect().await;
}
