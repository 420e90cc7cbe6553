//! The database engines, a folder each. What is peculiar to one engine is known there and nowhere else.

#![cfg_attr(not(feature = "workspace"), expect(dead_code, reason = "`fix` needs a workspace"))]

mod budget;
pub(crate) mod fix;
pub(crate) mod mysql;
pub(crate) mod orphans;
pub(crate) mod postgres;
pub(crate) mod rows;
mod server_url;
pub(crate) mod sqlite;
mod tls;

use std::fmt;
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::sync::Arc;

use self::fix::FixWriter;
use self::orphans::{CountingOrphans, Reference};
use self::rows::OpeningRows;
use crate::access::{Deadline, SourceError};
use crate::model::{Action, Engine, Observation};

/// What an engine does for us, whichever database it is.
pub(crate) struct Driver {
    /// The schemes of its URLs.
    pub(crate) schemes: &'static [&'static str],
    /// Reads one of its URLs, without any connection.
    pub(crate) address: fn(&str) -> Result<Arc<dyn Address>, SourceError>,
    /// Writes the migrations that bring its keys to the code.
    pub(crate) fix: &'static FixWriter,
    /// Runs migrations in memory, where no server is needed for that.
    pub(crate) in_memory: Option<InMemory>,
}

/// Where a database of an engine is and how to log in. `Display` shows no secret.
pub(crate) trait Address: fmt::Display + Send + Sync {
    /// By the scheme: a MariaDB server shows itself only when it is asked.
    fn engine(&self) -> Engine;

    /// The whole URL, password and all: tells addresses apart, and is never printed.
    fn secret(&self) -> String;

    /// What people call the database: its name on its server, or the file's path.
    fn database_name(&self) -> Option<String>;

    /// The same, with a relative path taken from `directory`; `None`: nothing in it is a path.
    fn relative_to(&self, directory: &Path) -> Option<Arc<dyn Address>>;

    /// Reads the catalogue.
    fn read(&self, visit: ReadLimits) -> Reading<'_>;

    /// Reads which migrations Diesel has applied.
    fn applied(&self, visit: ReadLimits) -> Applied<'_>;

    /// Counts child rows without a parent.
    fn orphans<'a>(&'a self, visit: ReadLimits, references: &'a [Reference]) -> CountingOrphans<'a>;

    /// Begins a transaction in which rows are read.
    fn rows(&self, visit: ReadLimits) -> OpeningRows<'_>;

    /// How a throw-away database is made beside this one; not where everything is run in memory.
    fn scratch(&self) -> Option<&dyn Scratch>;
}

/// What it takes to run migrations in a throw-away database. All but `run` are asked of another database of the server.
pub(crate) trait Scratch: Sync {
    /// The same server, this database.
    fn beside(&self, name: &str) -> Arc<dyn Address>;

    /// Drops databases that nobody is connected to and that the function takes for stale by their names.
    fn sweep(&self, visit: ReadLimits, is_stale: NameTest) -> Done<'_>;

    /// Makes a database.
    fn create<'a>(&'a self, visit: ReadLimits, name: &'a str) -> Done<'a>;

    /// Runs scripts in this very database.
    fn run<'a>(&'a self, visit: ReadLimits, scripts: &'a [Script]) -> Done<'a>;

    /// Drops a database.
    fn drop<'a>(&'a self, visit: ReadLimits, name: &'a str) -> Done<'a>;
}

/// How an engine runs migrations in the memory of this process.
#[derive(Clone, Copy)]
pub(crate) struct InMemory {
    /// Runs them in their order, and reads what comes of them.
    pub(crate) run: fn(&[Script], Deadline) -> Result<Observation, SourceError>,
    /// Holds the engine to so many bytes in the whole process, for good.
    pub(crate) bound_memory: fn(u64),
}

/// Tells by a database's name.
pub(crate) type NameTest = fn(&str) -> bool;

/// Something that is done and gives nothing.
pub(crate) type Done<'a> = Pin<Box<dyn Future<Output = Result<(), SourceError>> + Send + 'a>>;

/// A migration to be run.
pub(crate) struct Script {
    pub(crate) name: String,
    /// What Diesel keeps in its own table.
    pub(crate) version: String,
    /// Its `up.sql`.
    pub(crate) path: PathBuf,
    pub(crate) sql: String,
    pub(crate) in_transaction: bool,
}

/// A reading that is under way.
pub(crate) type Reading<'a> = Pin<Box<dyn Future<Output = Result<Observation, SourceError>> + Send + 'a>>;

/// The versions in `__diesel_schema_migrations`, being read.
pub(crate) type Applied<'a> = Pin<Box<dyn Future<Output = Result<Vec<String>, SourceError>> + Send + 'a>>;

/// A row of a query: a struct whose fields are the columns, by name, and how it comes out of the engine's own row. The
/// module that it stands in knows its engine's `connection`.
macro_rules! row {
    ($(#[$attribute:meta])* $visibility:vis struct $name:ident {
        $($(#[$field_attribute:meta])* $field_visibility:vis $field:ident: $type:ty,)+
    }) => {
        $(#[$attribute])*
        $visibility struct $name {
            $($(#[$field_attribute])* $field_visibility $field: $type,)+
        }

        impl connection::FromRow for $name {
            fn from_row(row: &mut connection::Row) -> Result<Self, connection::Failure> {
                Ok($name { $($field: connection::column(row, stringify!($field))?,)+ })
            }
        }
    };
}
use row;

/// What one reading may take and risk.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ReadLimits {
    pub(crate) deadline: Deadline,
    pub(crate) insecure_tls: bool,
    /// Whether to read what rewriting a key needs, too.
    pub(crate) definitions: bool,
    /// Whether to look for keys of other databases that refer into this one.
    pub(crate) outside: bool,
}

/// What fkcheck has for an engine.
pub(crate) fn driver(engine: Engine) -> &'static Driver {
    match engine {
        Engine::Postgres => &postgres::DRIVER,
        Engine::MySql | Engine::MariaDb => &mysql::DRIVER,
        Engine::Sqlite => &sqlite::DRIVER,
    }
}

/// The driver whose URLs have this scheme, in any case.
pub(crate) fn for_scheme(scheme: &str) -> Option<&'static Driver> {
    let knows = |driver: &&Driver| driver.schemes.iter().any(|known| known.eq_ignore_ascii_case(scheme));
    Engine::ALL.into_iter().map(driver).find(knows)
}

/// The driver that a bare path means.
pub(crate) fn for_files() -> &'static Driver {
    driver(Engine::Sqlite)
}

/// Holds every engine that runs migrations in this process to so many bytes.
pub(crate) fn bound_memory(bytes: u64) {
    for in_memory in Engine::ALL.into_iter().filter_map(|engine| driver(engine).in_memory) {
        (in_memory.bound_memory)(bytes);
    }
}

/// An action in the words of SQL, as MySQL, MariaDB and SQLite store it.
fn action_from_sql(words: &str) -> Option<Action> {
    Some(match words {
        "NO ACTION" => Action::NoAction,
        "RESTRICT" => Action::Restrict,
        "CASCADE" => Action::Cascade,
        "SET NULL" => Action::SetNull(Vec::new()),
        "SET DEFAULT" => Action::SetDefault(Vec::new()),
        _ => return None,
    })
}

/// A driver's error with its causes, which often hold the gist.
fn with_causes(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let words = error.to_string();
        // Some errors repeat their cause, some are repeated by it.
        if words.contains(&text) {
            text = words;
        } else if !text.contains(&words) {
            text = format!("{text}: {words}");
        }
        cause = error.source();
    }
    text
}
