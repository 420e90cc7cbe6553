//! MySQL 8 and later, MariaDB 10.4 and later: `InnoDB`'s keys through `information_schema`, which shows a role only what its
//! privileges cover, and tells it nothing of the rest.

mod connection;
mod definitions;
mod fix;
mod merge;
mod orphans;
mod outside;
mod relay;
mod rows;
mod scratch;
mod session;
mod settings;
mod show_create;

use std::fmt;
use std::path::Path;
use std::sync::Arc;

use super::orphans::{CountingOrphans, Reference};
use super::rows::OpeningRows;
use super::tls::{self, Tls};
use super::{Address, Applied, Done, Driver, NameTest, ReadLimits, Reading, Scratch, Script};
use crate::access::{Phase, ServerUrl, SourceError};
use crate::model::{
    APPLIED_TABLE, Engine, EngineFacts, Hidden, Observation, Outside, SourceKind, Unseen, Visibility,
};
use connection::{Connection, Failure};
use merge::{Catalogue, Row};
use session::Session;
use settings::Settings;

pub(super) static DRIVER: Driver = Driver {
    schemes: &["mysql", "mariadb"],
    address: |text| Ok(Arc::new(MysqlDatabase(ServerUrl::parse(text)?))),
    fix: &fix::FIX_WRITER,
    in_memory: None,
};

/// A database of a MySQL or MariaDB server.
struct MysqlDatabase(ServerUrl);

impl fmt::Display for MysqlDatabase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl Address for MysqlDatabase {
    fn engine(&self) -> Engine {
        Engine::MySql
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

impl Scratch for MysqlDatabase {
    fn beside(&self, name: &str) -> Arc<dyn Address> {
        Arc::new(MysqlDatabase(self.0.with_database(name)))
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

/// `information_schema` is outside of every snapshot: it is read until two readings in a row are equal.
const MOST_READINGS: usize = 4;

async fn read(url: &ServerUrl, visit: ReadLimits) -> Result<Observation, SourceError> {
    let settings = Settings::new(&url.0, visit.insecure_tls)?;
    let within = visit.deadline;
    let mut connection = within.within(&settings.place, Phase::Connecting, connect(&settings)).await?;
    let observation = visit_session(&mut connection, &settings, visit).await;
    connection.close().await;
    observation
}

async fn applied(url: &ServerUrl, visit: ReadLimits) -> Result<Vec<String>, SourceError> {
    let settings = Settings::new(&url.0, visit.insecure_tls)?;
    let within = visit.deadline;
    let mut connection = within.within(&settings.place, Phase::Connecting, connect(&settings)).await?;
    let rows: Result<Vec<(String,)>, SourceError> = within
        .within(&settings.place, Phase::ReadingCatalogue, async {
            let failed = |error: Failure| failed(&settings, Phase::ReadingCatalogue, &error);
            session::begin(&mut connection).await.map_err(failed)?;
            // A view of that name would call its functions.
            let is_plain: Vec<(i64,)> = connection.load(APPLIED_IS).await.map_err(failed)?;
            if is_plain != [(1,)] {
                return Err(failed(Failure::NoRow));
            }
            let query = format!("SELECT version FROM {}.`{APPLIED_TABLE}`", quoted(&settings.database));
            connection.load(&query).await.map_err(failed)
        })
        .await;
    connection.close().await;
    Ok(rows?.into_iter().map(|(version,)| version).collect())
}

/// Whether Diesel's table is one of this server's own.
const APPLIED_IS: &str = "SELECT CAST(t.table_type = 'BASE TABLE' AND t.engine IN ('InnoDB', 'ndbcluster', 'MyISAM', 'Aria') AS SIGNED) \
     FROM information_schema.tables t WHERE t.table_schema = DATABASE() AND t.table_name = '__diesel_schema_migrations'";

async fn visit_session(
    connection: &mut Connection,
    settings: &Settings,
    visit: ReadLimits,
) -> Result<Observation, SourceError> {
    let within = visit.deadline;
    let session = within
        .within(&settings.place, Phase::SettingUp, async {
            session::begin(connection).await.map_err(|error| failed(settings, Phase::SettingUp, &error))
        })
        .await?;
    within
        .within(&settings.place, Phase::ReadingCatalogue, observe(connection, settings, &session, visit))
        .await
}

async fn connect(settings: &Settings) -> Result<Connection, SourceError> {
    let options = settings.options().map_err(|reason| SourceError::Connection {
        place: settings.place.clone(),
        reason,
        help: Some(tls::HELP.to_owned()),
    })?;
    Connection::open(options, settings.in_plain_text()).await.map_err(|error| refused(settings, error))
}

/// Why no connection came about: the server's own words, or the driver's.
fn refused(settings: &Settings, failure: Failure) -> SourceError {
    const ACCESS_DENIED: [u16; 4] = [1044, 1045, 1698, 3118];
    const UNKNOWN_DATABASE: u16 = 1049;
    let place = settings.place.clone();
    match failure {
        Failure::Driver(mysql_async::Error::Server(server)) if ACCESS_DENIED.contains(&server.code) => SourceError::Login {
            place,
            reason: settings.secrets.scrub(&server.message),
            help: format!(
                "see user and password in the URL; the role needs no more than `GRANT REFERENCES ON {}.* TO user`",
                quoted(&settings.database)
            ),
        },
        Failure::Driver(mysql_async::Error::Server(server)) => SourceError::Connection {
            place,
            reason: settings.secrets.scrub(&server.message),
            help: (server.code == UNKNOWN_DATABASE)
                .then(|| "see the database's name in the URL; fkcheck never creates one".to_owned()),
        },
        // MySQL answers a user that it doesn't know with a plug-in picked at random, so as not to give the user away.
        Failure::Driver(mysql_async::Error::Driver(mysql_async::DriverError::UnknownAuthPlugin { name })) => SourceError::Login {
            place,
            reason: format!("it asks for the authentication plug-in `{name}`, which fkcheck doesn't speak"),
            help: "either the user is unknown there, or it must be altered to caching_sha2_password, mysql_native_password or \
                   (MariaDB) client_ed25519"
                .to_owned(),
        },
        other => {
            let help = if settings.tls == Tls::Off {
                "see whether the server runs there, and whether host and port are right"
            } else {
                tls::HELP
            };
            let reason = settings.secrets.scrub(&other.to_string());
            SourceError::Connection { place, reason, help: Some(help.to_owned()) }
        }
    }
}

fn failed(settings: &Settings, phase: Phase, failure: &Failure) -> SourceError {
    SourceError::Catalogue {
        place: settings.place.clone(),
        phase,
        reason: settings.secrets.scrub(&failure.to_string()),
        help: None,
    }
}

async fn observe(
    connection: &mut Connection,
    settings: &Settings,
    session: &Session,
    visit: ReadLimits,
) -> Result<Observation, SourceError> {
    let rows = read_until_stable(connection, settings).await?;
    let mut catalogue = Catalogue::new(&rows, &settings.database, session.is_mariadb());
    add_hidden_rules(connection, session, &mut catalogue).await;
    let definitions: Option<Vec<definitions::Row>> = if visit.definitions {
        let rows = connection.load(include_str!("definitions.sql")).await;
        Some(rows.map_err(|error| failed(settings, Phase::ReadingCatalogue, &error))?)
    } else {
        None
    };
    let mut keys = catalogue.observed_keys(&settings.database, session.fires_by_name());
    let outside = if visit.outside {
        let found = outside::outside(connection, settings, session, &mut keys).await;
        found.map_err(|error| failed(settings, Phase::ReadingCatalogue, &error))?
    } else {
        Outside::default()
    };
    let version = session.short_version();
    let engine = session.engine();
    Ok(Observation {
        source: SourceKind::Database,
        database: None,
        label: settings.place.replacen(Engine::MySql.name(), &format!("{engine} {version},"), 1),
        engine: EngineFacts {
            default_schemas: vec![settings.database.clone()],
            table_case: session.table_case(),
            disabled_by: session.disabled_by(),
            ..EngineFacts::mysql(engine, version)
        },
        keys,
        visibility: visibility(&catalogue, settings, session),
        tables: catalogue.tables(),
        remarks: settings.remarks.clone(),
        members: Vec::new(),
        hooks_unseen: hooks_unseen(settings, session),
        outside,
        definitions: definitions.map(|rows| definitions::definitions(rows, &settings.database)),
        last_migration: None,
    })
}

async fn read_until_stable(
    connection: &mut Connection,
    settings: &Settings,
) -> Result<Vec<Row>, SourceError> {
    let mut last: Option<Vec<Row>> = None;
    for _ in 0..MOST_READINGS {
        let rows: Vec<Row> = connection
            .load(include_str!("catalogue.sql"))
            .await
            .map_err(|error| failed(settings, Phase::ReadingCatalogue, &error))?;
        if last.as_ref() == Some(&rows) {
            return Ok(rows);
        }
        last = Some(rows);
    }
    Err(SourceError::Changing { place: settings.place.clone(), readings: MOST_READINGS })
}

/// The text of `SHOW CREATE TABLE`, behind the table's name.
struct Shown(String);

impl connection::FromRow for Shown {
    fn from_row(row: &mut connection::Row) -> Result<Self, Failure> {
        connection::column(row, "Create Table").map(Shown)
    }
}

/// Rules that `information_schema` hides from a role that may only SELECT (MariaDB). What SHOW CREATE TABLE hides too stays
/// unknown, and `visibility` says so.
async fn add_hidden_rules(connection: &mut Connection, session: &Session, catalogue: &mut Catalogue) {
    let unsaid = if session.is_mariadb() { "RESTRICT" } else { "NO ACTION" };
    let tables: Vec<String> = catalogue.tables_without_rules().into_iter().map(str::to_owned).collect();
    for table in tables {
        let statement = format!("SHOW CREATE TABLE {}", quoted(&table));
        let shown: Result<Shown, _> = connection.get_result(&statement).await;
        for (constraint, rule) in shown.iter().flat_map(|row| show_create::rules(&row.0, unsaid)) {
            catalogue.add_rule(&table, constraint, rule);
        }
    }
}

/// A statement that gives the role this privilege.
fn grant(privilege: &str, settings: &Settings, session: &Session) -> String {
    grant_on(&quoted(&settings.database), privilege, session)
}

/// The same of any database, in quotes, or of all: `*`.
fn grant_on(databases: &str, privilege: &str, session: &Session) -> String {
    let (user, host) = session.user.rsplit_once('@').unwrap_or((&session.user, "%"));
    format!("GRANT {privilege} ON {databases}.* TO {}@{}", quoted(user), quoted(host))
}

fn hooks_unseen(settings: &Settings, session: &Session) -> Option<String> {
    let grant = || grant("TRIGGER", settings, session);
    (!session.sees_triggers).then(|| format!("the role may not see triggers; `{}` shows them", grant()))
}

/// Whether this role sees the whole database.
fn visibility(catalogue: &Catalogue, settings: &Settings, session: &Session) -> Visibility {
    let grant = grant("REFERENCES", settings, session);
    let what = if !catalogue.has_tables() {
        Hidden::AllTables
    } else if catalogue.half_known() > 0 {
        Hidden::Keys(catalogue.half_known())
    } else if !session.sees_all {
        Hidden::Tables
    } else {
        return Visibility::Whole;
    };
    Visibility::Partial(Unseen { what, database: settings.database.clone(), grant })
}

fn quoted(identifier: &str) -> String {
    format!("`{}`", identifier.replace('`', "``"))
}
