//! How the SQL of one engine is read and carried out, as data.

use std::collections::HashSet;

use sqlparser::dialect::{Dialect as Tokens, MySqlDialect, PostgreSqlDialect};

use super::names;
use crate::model::{Engine, EngineFacts, IdentifierCase, POSTGRES_LONGEST_NAME};

/// What the replay must know of an engine's SQL.
#[expect(clippy::struct_excessive_bools, reason = "independent traits of a language")]
pub(super) struct Dialect {
    /// How the engine behaves where no server tells.
    pub(super) facts: fn(Engine) -> EngineFacts,
    /// How the text falls into tokens.
    pub(super) tokens: &'static (dyn Tokens + Sync),
    /// Whether a server runs a comment that asks this of it, where there are such; `None`: some do.
    pub(super) runs_comments: Option<fn(Asks) -> Option<bool>>,
    /// `||` puts texts together.
    pub(super) pipes_join: bool,
    /// ROLLBACK takes DDL back; else each statement of DDL is a transaction.
    pub(super) takes_ddl_back: bool,
    /// DROP DATABASE may be about the one that the statements are in.
    pub(super) drops_its_database: bool,
    /// `"text"` is a string.
    pub(super) double_quotes_are_text: bool,
    /// A word without quotes is taken in lower case.
    pub(super) lowers_words: bool,
    /// How names of tables, columns and keys compare.
    pub(super) case: IdentifierCase,
    /// The schema that a bare name means; `None`: a name's schema is another database, and is left out.
    pub(super) default_schema: Option<&'static str>,
    /// So many bytes of a name are kept.
    pub(super) longest_name: Option<usize>,
    /// The storage engine of a table that names none, where there are several.
    pub(super) storage: Option<&'static str>,
    /// `KEY`, `INDEX` and their like stand among the columns of CREATE TABLE and in ALTER TABLE.
    pub(super) has_index_elements: bool,
    /// `name (…)` in an index is a call, not the first characters of a column.
    pub(super) indexes_calls: bool,
    /// `CREATE TABLE a LIKE b` copies all; else LIKE stands between the parentheses and says what it copies.
    pub(super) likes_whole_tables: bool,
    /// `ALTER TABLE a RENAME b` and `RENAME AS b` name the table.
    pub(super) renames_without_to: bool,
    /// `CREATE INDEX a USING BTREE ON ..`
    pub(super) uses_before_on: bool,
    /// PARTITION BY makes a table whose partitions are tables.
    pub(super) partitions_are_tables: bool,
    /// ALTER TABLE drops first and adds keys last, whatever the order.
    pub(super) alters_in_passes: bool,
    /// A key stays when its parent is dropped, and finds it again by name.
    pub(super) keeps_keys_of_dropped_parents: bool,
    /// An index whose column is dropped stays with its other columns.
    pub(super) shrinks_indexes: bool,
    /// Keys are made anew, and so fire last, when the type of one of their columns changes.
    pub(super) remakes_keys: bool,
    /// Keys on the same columns fire by their names, not as they were made.
    pub(super) fires_by_name: bool,
    /// Whether REFERENCES behind a column makes a key depends on the version.
    pub(super) inline_keys_vary: bool,
    /// In `FOREIGN KEY name (..)` it is the key's name if it has no other.
    pub(super) index_names_keys: bool,
    /// What a unique constraint without a name is called.
    pub(super) constraint_name: Option<NameConstraint>,
    /// What a key without a name is called: table, columns, the constraints of its schema, the keys of its table.
    pub(super) key_name: fn(&str, &[&str], &HashSet<String>, &[&str]) -> String,
}

/// What a comment asks of a server that is to run it.
#[derive(Clone, Copy)]
pub(super) struct Asks {
    /// `/*M!`: it must be MariaDB.
    pub(super) mariadb: bool,
    /// `80013` for 8.0.13: it must be as new as that.
    pub(super) version: Option<u32>,
}

impl Dialect {
    /// Whether a storage engine has foreign keys.
    pub(super) fn keeps_keys(&self, storage: &str) -> bool {
        let with_keys = (self.facts)(Engine::MariaDb).storages_with_keys.unwrap_or_default();
        with_keys.iter().any(|known| known.eq_ignore_ascii_case(storage))
    }
}

/// Table, columns, `key` or `pkey`, the names that are taken.
type NameConstraint = fn(&str, &[&str], &str, &HashSet<String>) -> String;

/// The engine's SQL, where the replay reads it; SQLite runs its migrations in memory.
pub(super) fn of(engine: Engine) -> Option<&'static Dialect> {
    match engine {
        Engine::Postgres => Some(&POSTGRES),
        Engine::MySql => Some(&MYSQL),
        Engine::MariaDb => Some(&MARIADB),
        Engine::Sqlite => None,
    }
}

static POSTGRES: Dialect = Dialect {
    facts: |_| EngineFacts::postgres("", vec!["public".to_owned()], Vec::new()),
    tokens: &PostgreSqlDialect {},
    runs_comments: None,
    pipes_join: true,
    takes_ddl_back: true,
    drops_its_database: false,
    double_quotes_are_text: false,
    lowers_words: true,
    case: IdentifierCase::Exact,
    default_schema: Some("public"),
    longest_name: Some(POSTGRES_LONGEST_NAME),
    storage: None,
    has_index_elements: false,
    indexes_calls: true,
    likes_whole_tables: false,
    renames_without_to: false,
    uses_before_on: false,
    partitions_are_tables: true,
    alters_in_passes: true,
    keeps_keys_of_dropped_parents: false,
    shrinks_indexes: false,
    remakes_keys: true,
    fires_by_name: false,
    inline_keys_vary: false,
    index_names_keys: false,
    constraint_name: Some(names::postgres),
    key_name: |table, columns, taken, _| names::postgres(table, columns, "fkey", taken),
};

static MARIADB: Dialect = Dialect {
    index_names_keys: true,
    runs_comments: Some(|asks| match asks {
        // MySQL has versions that MariaDB never had.
        Asks { version: Some(NEVER), .. } | Asks { mariadb: false, version: Some(50_700..100_000) } => {
            Some(false)
        }
        Asks { version: None | Some(..OLDEST_MARIADB), .. } => Some(true),
        _ => None,
    }),
    ..SQL_OF_MYSQL
};

/// 10.6, the oldest that is looked after.
const OLDEST_MARIADB: u32 = 100_601;

/// So new is none: the dump that says it means nobody.
const NEVER: u32 = 999_999;

/// Diesel has one backend for both, so the server may be MariaDB.
static MYSQL: Dialect = SQL_OF_MYSQL;

const SQL_OF_MYSQL: Dialect = Dialect {
    facts: |engine| EngineFacts::mysql(engine, ""),
    tokens: &MySqlDialect {},
    runs_comments: Some(|asks| match asks {
        Asks { version: Some(NEVER), .. } => Some(false),
        Asks { mariadb: false, version: None | Some(..50_700) } => Some(true),
        _ => None,
    }),
    pipes_join: false,
    takes_ddl_back: false,
    drops_its_database: true,
    double_quotes_are_text: true,
    lowers_words: false,
    case: IdentifierCase::Insensitive,
    default_schema: None,
    longest_name: None,
    storage: Some("InnoDB"),
    has_index_elements: true,
    indexes_calls: false,
    likes_whole_tables: true,
    renames_without_to: true,
    uses_before_on: true,
    partitions_are_tables: false,
    alters_in_passes: false,
    keeps_keys_of_dropped_parents: true,
    shrinks_indexes: true,
    remakes_keys: false,
    fires_by_name: true,
    inline_keys_vary: true,
    index_names_keys: false,
    constraint_name: None,
    key_name: |table, _, _, taken| names::mysql(table, taken),
};
