//! The database engines, a folder each. What is peculiar to one engine is known there and nowhere else.

#![cfg_attr(not(feature = "workspace"), expect(dead_code, reason = "aligning needs a workspace"))]

pub(crate) mod align;
pub(crate) mod mysql;
pub(crate) mod orphans;
pub(crate) mod postgres;
mod server_url;
pub(crate) mod sqlite;
mod tls;

use std::pin::Pin;

use self::align::Align;
use self::orphans::{Counting, Reference};
use crate::access::{Address, Deadline, SourceError};
use crate::model::{Action, Observation};

/// What an engine does for us.
pub(crate) struct Engine {
    /// As its makers spell it.
    pub(crate) name: &'static str,
    /// The schemes of its URLs.
    pub(crate) schemes: &'static [&'static str],
    /// Reads one of its URLs, without any connection.
    pub(crate) address: fn(&str) -> Result<Address, SourceError>,
    /// Reads the catalogue.
    pub(crate) read: for<'a> fn(&'a Address, Visit) -> Reading<'a>,
    /// Reads which migrations Diesel has applied.
    pub(crate) applied: for<'a> fn(&'a Address, Visit) -> Applied<'a>,
    /// Counts child rows without a parent.
    pub(crate) orphans: for<'a> fn(&'a Address, Visit, &'a [Reference]) -> Counting<'a>,
    /// Writes the migrations that bring its keys to the code.
    pub(crate) align: &'static Align,
    /// How a throw-away database is made; not where everything is run in memory.
    pub(crate) scratch: Option<&'static Scratch>,
}

/// What it takes to run migrations in a throw-away database. The addresses of `sweep`, `create` and `drop` are those of another
/// database of the server.
pub(crate) struct Scratch {
    /// Drops databases that nobody is connected to and that the function takes for stale by their names.
    pub(crate) sweep: for<'a> fn(&'a Address, Visit, ByName) -> Doing<'a>,
    pub(crate) create: for<'a> fn(&'a Address, Visit, &'a str) -> Doing<'a>,
    pub(crate) run: for<'a> fn(&'a Address, Visit, &'a [Script]) -> Doing<'a>,
    pub(crate) drop: for<'a> fn(&'a Address, Visit, &'a str) -> Doing<'a>,
}

/// Tells by a database's name.
pub(crate) type ByName = fn(&str) -> bool;

/// Something that is done and gives nothing.
pub(crate) type Doing<'a> = Pin<Box<dyn Future<Output = Result<(), SourceError>> + Send + 'a>>;

/// A migration to be run.
pub(crate) struct Script {
    pub(crate) name: String,
    pub(crate) sql: String,
    pub(crate) in_transaction: bool,
}

/// A reading that is under way.
pub(crate) type Reading<'a> = Pin<Box<dyn Future<Output = Result<Observation, SourceError>> + Send + 'a>>;

/// The versions in `__diesel_schema_migrations`, being read.
pub(crate) type Applied<'a> = Pin<Box<dyn Future<Output = Result<Vec<String>, SourceError>> + Send + 'a>>;

/// Diesel's own table, wherever the connection finds it.
const APPLIED: &str = "SELECT version FROM __diesel_schema_migrations";

/// A row of it.
#[derive(diesel::QueryableByName)]
struct AppliedRow {
    #[diesel(sql_type = diesel::sql_types::Text)]
    version: String,
}

/// What one reading may take and risk.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Visit {
    pub(crate) deadline: Deadline,
    pub(crate) insecure_tls: bool,
    /// Whether to read what rewriting a key needs, too.
    pub(crate) definitions: bool,
}

static ENGINES: [&Engine; 3] = [&postgres::ENGINE, &mysql::ENGINE, &sqlite::ENGINE];

/// The engine that calls itself so in its facts; MariaDB's is MySQL's.
pub(crate) fn named(name: &str) -> &'static Engine {
    ENGINES.into_iter().find(|engine| engine.name == name).unwrap_or(&mysql::ENGINE)
}

/// The engine whose URLs have this scheme, in any case.
pub(crate) fn for_scheme(scheme: &str) -> Option<&'static Engine> {
    ENGINES.into_iter().find(|engine| engine.schemes.iter().any(|known| known.eq_ignore_ascii_case(scheme)))
}

/// The engine that a bare path means.
pub(crate) fn for_files() -> &'static Engine {
    &sqlite::ENGINE
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
