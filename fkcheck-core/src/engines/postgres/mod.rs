//! PostgreSQL 10 and later, read from `pg_catalog` alone: `information_schema` shows nothing to a role without privileges.

mod beside;
mod bounds;
mod connection;
mod definitions;
mod fix;
mod guard;
mod keys;
mod orphans;
mod pgpass;
mod quote;
mod relation;
mod rows;
mod scratch;
mod session;
mod settings;
mod tree;
mod wire;

use std::fmt;
use std::path::Path;
use std::sync::Arc;

use futures_util::future::{try_join, try_join4};
use tokio_postgres::error::SqlState;

use super::orphans::{CountingOrphans, Reference};
use super::rows::OpeningRows;
use super::tls::{self, Tls};
use super::{Address, Applied, Done, Driver, NameTest, ReadLimits, Reading, Scratch, Script, row};
use crate::access::{Phase, ServerUrl, SourceError};
use crate::model::{
    APPLIED_TABLE, Engine, EngineFacts, Observation, Outside, SourceKind, TableName, Visibility,
};
use beside::Beside;
use connection::{Connection, Failure};
use session::{Sees, Session};
use settings::Settings;

pub(super) static DRIVER: Driver = Driver {
    schemes: &["postgres", "postgresql"],
    address: |text| Ok(Arc::new(PostgresDatabase(ServerUrl::parse(text)?))),
    fix: &fix::FIX_WRITER,
    in_memory: None,
};

/// A database of a PostgreSQL server.
struct PostgresDatabase(ServerUrl);

impl fmt::Display for PostgresDatabase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl Address for PostgresDatabase {
    fn engine(&self) -> Engine {
        Engine::Postgres
    }

    fn secret(&self) -> String {
        self.0.0.to_string()
    }

    fn database_name(&self) -> Option<String> {
        self.0.database_name()
    }

    fn relative_to(&self, _: &Path) -> Option<Arc<dyn Address>> {
        None
    }

    fn read(&self, visit: ReadLimits) -> Reading<'_> {
        Box::pin(read(&self.0, visit))
    }

    fn applied(&self, visit: ReadLimits) -> Applied<'_> {
        Box::pin(applied(&self.0, visit))
    }

    fn orphans<'a>(&'a self, visit: ReadLimits, references: &'a [Reference]) -> CountingOrphans<'a> {
        Box::pin(orphans::count_all(&self.0, visit, references))
    }

    fn rows(&self, visit: ReadLimits) -> OpeningRows<'_> {
        Box::pin(rows::open(&self.0, visit))
    }

    fn scratch(&self) -> Option<&dyn Scratch> {
        Some(self)
    }
}

impl Scratch for PostgresDatabase {
    fn beside(&self, name: &str) -> Arc<dyn Address> {
        Arc::new(PostgresDatabase(self.0.with_database(name)))
    }

    fn sweep(&self, visit: ReadLimits, is_stale: NameTest) -> Done<'_> {
        Box::pin(scratch::sweep(&self.0, visit, is_stale))
    }

    fn create<'a>(&'a self, visit: ReadLimits, name: &'a str) -> Done<'a> {
        Box::pin(scratch::execute(&self.0, visit, format!("CREATE DATABASE {name}")))
    }

    fn run<'a>(&'a self, visit: ReadLimits, scripts: &'a [Script]) -> Done<'a> {
        Box::pin(scratch::run(&self.0, visit, scripts))
    }

    fn drop<'a>(&'a self, visit: ReadLimits, name: &'a str) -> Done<'a> {
        Box::pin(scratch::execute(&self.0, visit, format!("DROP DATABASE IF EXISTS {name}")))
    }
}

async fn read(url: &ServerUrl, visit: ReadLimits) -> Result<Observation, SourceError> {
    let settings = Settings::new(&url.0, visit.insecure_tls, |name| std::env::var(name).ok())?;
    let within = visit.deadline;
    let connection = within.within(&settings.place, Phase::Connecting, connect(&settings)).await?;
    let observation = visit_session(&connection, &settings, visit).await;
    connection.leave().await;
    observation
}

async fn applied(url: &ServerUrl, visit: ReadLimits) -> Result<Vec<String>, SourceError> {
    let settings = Settings::new(&url.0, visit.insecure_tls, |name| std::env::var(name).ok())?;
    let within = visit.deadline;
    let connection = within.within(&settings.place, Phase::Connecting, connect(&settings)).await?;
    let rows: Result<Vec<(String,)>, SourceError> = within
        .within(&settings.place, Phase::ReadingCatalogue, async {
            let versions = applied_versions(&connection, &settings).await;
            versions.map_err(|error| failed(&settings, Phase::ReadingCatalogue, &error))
        })
        .await;
    connection.leave().await;
    Ok(rows?.into_iter().map(|(version,)| version).collect())
}

/// Reads Diesel's table, where the role's search path finds it first.
async fn applied_versions(connection: &Connection, settings: &Settings) -> Result<Vec<(String,)>, Failure> {
    let session = session::begin(connection, Sees::WhatIsThere).await?;
    let schemas = session.default_schemas(settings.search_path.as_deref());
    let query = "SELECT n.nspname::pg_catalog.text FROM pg_catalog.pg_class c \
                   JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE c.relname = $1::pg_catalog.name";
    let there: Vec<(String,)> =
        connection.load(&quote::filled(query, &[quote::literal(APPLIED_TABLE)])).await?;
    let schema = schemas.iter().find(|schema| there.iter().any(|(there,)| there == *schema));
    let Some(schema) = schema else {
        return Err(Failure::Unasked(format!("no schema on the search path has a table `{APPLIED_TABLE}`")));
    };
    let name = TableName::qualified(schema, APPLIED_TABLE);
    relation::lock_plain(connection, &name).await?;
    connection.load(&format!("SELECT version FROM ONLY {}", quote::table(&name))).await
}

async fn visit_session(
    connection: &Connection,
    settings: &Settings,
    visit: ReadLimits,
) -> Result<Observation, SourceError> {
    let within = visit.deadline;
    let session = within
        .within(&settings.place, Phase::SettingUp, async {
            session::begin(connection, Sees::OneSnapshot)
                .await
                .map_err(|error| failed(settings, Phase::SettingUp, &error))
        })
        .await?;
    within
        .within(&settings.place, Phase::ReadingCatalogue, async {
            observe(connection, settings, &session, visit.definitions)
                .await
                .map_err(|error| failed(settings, Phase::ReadingCatalogue, &error))
        })
        .await
}

async fn connect(settings: &Settings) -> Result<Connection, SourceError> {
    let tls = match settings.tls {
        Tls::Off => None,
        tls => Some(tls::client_config(tls, settings.authorities_file.as_deref()).map_err(|reason| {
            SourceError::Connection {
                place: settings.place.clone(),
                reason,
                help: Some(tls::HELP.to_owned()),
            }
        })?),
    };
    Connection::open(&settings.config, tls).await.map_err(|failure| refused(settings, &failure))
}

const LOGIN_HELP: &str = "see user and password (in the URL, PGPASSWORD or ~/.pgpass) and the server's pg_hba.conf; a server that wants \
     encryption on this host needs sslmode=require in the URL";

/// Why no connection came about: the server's own words, or the driver's.
fn refused(settings: &Settings, failure: &Failure) -> SourceError {
    let place = settings.place.clone();
    let reason = settings.secrets.scrub(&failure.to_string());
    let Some(code) = failure.code() else {
        if reason.contains("password missing") {
            return SourceError::Login {
                place,
                reason: "it asks for a password".to_owned(),
                help: LOGIN_HELP.to_owned(),
            };
        }
        let help = if settings.tls == Tls::Off {
            "see whether the server runs there, and whether host and port are right"
        } else {
            tls::HELP
        };
        return SourceError::Connection { place, reason, help: Some(help.to_owned()) };
    };
    if *code == SqlState::INVALID_PASSWORD || *code == SqlState::INVALID_AUTHORIZATION_SPECIFICATION {
        return SourceError::Login { place, reason, help: LOGIN_HELP.to_owned() };
    }
    let help = (*code == SqlState::INVALID_CATALOG_NAME)
        .then(|| "see the database's name in the URL; fkcheck never creates one".to_owned());
    SourceError::Connection { place, reason, help }
}

fn failed(settings: &Settings, phase: Phase, failure: &Failure) -> SourceError {
    SourceError::Catalogue {
        place: settings.place.clone(),
        phase,
        reason: settings.secrets.scrub(&failure.to_string()),
        help: None,
    }
}

row! {
    /// A row of `switches.sql`.
    struct SwitchRow {
        role: Option<String>,
        database: Option<String>,
    }
}

async fn observe(
    connection: &Connection,
    settings: &Settings,
    session: &Session,
    with_definitions: bool,
) -> Result<Observation, Failure> {
    let keys = connection.load(include_str!("catalogue.sql"));
    let tables = connection.load::<keys::TableRow>(include_str!("tables.sql"));
    let switches = connection.load::<SwitchRow>(include_str!("switches.sql"));
    let beside = connection.load(include_str!("beside.sql"));
    let definitions = async {
        if !with_definitions {
            return Ok(None);
        }
        connection.load(include_str!("definitions.sql")).await.map(Some)
    };
    let (keys, (tables, beside), switches, definitions) =
        try_join4(keys, try_join(tables, beside), switches, definitions).await?;
    let beside = Beside::new(beside);
    let version = session.short_version();
    Ok(Observation {
        source: SourceKind::Database,
        database: None,
        label: settings.place.replacen(
            Engine::Postgres.name(),
            &format!("{} {version},", Engine::Postgres),
            1,
        ),
        engine: EngineFacts::postgres(
            version,
            session.default_schemas(settings.search_path.as_deref()),
            switches.iter().map(disabled_by).collect(),
        ),
        keys: keys::observed_keys(keys, &beside),
        tables: tables.into_iter().map(|row| keys::observed_table(row, &beside)).collect(),
        visibility: Visibility::Whole,
        remarks: settings.remarks.clone(),
        members: Vec::new(),
        hooks_unseen: None,
        outside: Outside::default(),
        definitions: definitions.map(definitions::definitions),
        last_migration: None,
    })
}

fn disabled_by(row: &SwitchRow) -> String {
    let whom = match (&row.role, &row.database) {
        (Some(role), Some(database)) => format!("for role {role} in database {database}"),
        (Some(role), None) => format!("for role {role}"),
        (None, Some(database)) => format!("for database {database}"),
        (None, None) => "for the whole server".to_owned(),
    };
    format!("session_replication_role = replica {whom}")
}
