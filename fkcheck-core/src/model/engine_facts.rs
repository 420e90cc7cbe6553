//! How each engine behaves, as data: what comparing and the rules know of it.

#[cfg(feature = "collect")]
use super::names::POSTGRES_LONGEST_NAME;
use super::names::truncated;
use super::{Engine, ObservedTable};

/// How an engine behaves, as far as comparing and judging need it. The engines fill it in; rules only read it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "independent traits of the engine")]
pub struct EngineFacts {
    /// Which engine it is.
    pub kind: Engine,
    /// The server's version, e.g. `15.18`.
    pub version: String,
    /// The schemas that an unqualified name means, first match wins (PostgreSQL: the search path; MySQL: the database;
    /// SQLite: `main`).
    pub default_schemas: Vec<String>,
    /// How table names compare.
    pub table_case: IdentifierCase,
    /// How column names compare.
    pub column_case: IdentifierCase,
    /// What RESTRICT means beside NO ACTION.
    pub restrict: RestrictMeaning,
    /// What SET DEFAULT does.
    pub set_default: SetDefaultMeaning,
    /// What SET NULL on a NOT NULL column does.
    pub nulling_not_null: NullingNotNull,
    /// When NO ACTION that isn't deferred looks for rows that refer.
    pub no_action: NoActionCheck,
    /// How far a statement gets before keys act on what it has done.
    pub rows_first: RowsFirst,
    /// In which order keys act, and what changes it, in words; a whole sentence.
    pub acting_order: &'static str,
    /// How a key is declared that refuses only for rows that stay, when all else is done; `None`: it can't be.
    pub looks_last: Option<&'static str>,
    /// How many cascades the engine follows one after the other, the first delete not counted; `None`: without a limit.
    pub most_cascades: Option<usize>,
    /// What comes of a key whose parent has no key or index for it.
    pub without_parent_key: WithoutParentKey,
    /// Whether triggers of a table act on rows that a key deletes or clears (not in `InnoDB`).
    pub cascades_set_off_triggers: bool,
    /// Whether MATCH FULL is more than a word (PostgreSQL).
    pub keeps_match_full: bool,
    /// Whether the engine makes an index for a key by itself.
    pub indexes_keys: bool,
    /// How long a name may be; longer ones are cut at a character's border (PostgreSQL). `None`: refused, or without a limit.
    pub longest_name: Option<usize>,
    /// How a key is changed safely, in words; continues "write a migration that ..; ".
    pub change_advice: &'static str,
    /// Keys are off in a connection that doesn't turn them on (SQLite, unless it was compiled otherwise).
    pub keys_off_by_default: bool,
    /// Whether a constraint without a name is given one.
    pub names_constraints: bool,
    /// The storage engines that keep foreign keys, where there are several (MySQL family); the others take the clause and drop it.
    pub storages_with_keys: Option<&'static [&'static str]>,
    /// Switches of the server that turn every key off, in words, e.g. `session_replication_role = replica for role app`.
    pub disabled_by: Vec<String>,
}

impl EngineFacts {
    /// Whether a table's storage engine keeps foreign keys at all.
    pub fn keeps_foreign_keys(&self, table: &ObservedTable) -> bool {
        match (&table.storage, self.storages_with_keys) {
            (Some(storage), Some(with_keys)) => {
                with_keys.iter().any(|known| storage.eq_ignore_ascii_case(known))
            }
            _ => true,
        }
    }

    /// Whether SET DEFAULT makes a delete fail.
    #[cfg(feature = "collect")]
    pub(crate) fn set_default_blocks(&self) -> bool {
        self.set_default == SetDefaultMeaning::Blocks
    }

    /// The name as the engine keeps it.
    pub fn cut<'n>(&self, name: &'n str) -> &'n str {
        self.longest_name.map_or(name, |longest| truncated(name, longest))
    }
}

/// How identifiers compare.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IdentifierCase {
    /// Byte for byte.
    Exact,
    /// ASCII letters in either case are the same.
    Insensitive,
}

impl IdentifierCase {
    /// Whether two identifiers are the same to the engine.
    pub fn same(self, left: &str, right: &str) -> bool {
        match self {
            IdentifierCase::Exact => left == right,
            IdentifierCase::Insensitive => left.eq_ignore_ascii_case(right),
        }
    }

    /// The form under which identifiers that are the same to the engine are equal: for keys of a map.
    pub fn fold(self, name: &str) -> String {
        match self {
            IdentifierCase::Exact => name.to_owned(),
            IdentifierCase::Insensitive => name.to_ascii_lowercase(),
        }
    }
}

/// What RESTRICT means beside NO ACTION.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum RestrictMeaning {
    /// The same thing (`InnoDB`).
    SameAsNoAction,
    /// They differ when the key is deferrable; a plain delete ends the same way (PostgreSQL, SQLite).
    DiffersWhenDeferrable,
}

/// What SET DEFAULT does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SetDefaultMeaning {
    /// It sets the default.
    Works,
    /// It is accepted and blocks like RESTRICT (MySQL), or is even stored as RESTRICT (MariaDB).
    Blocks,
}

/// When NO ACTION that isn't deferred looks for rows that refer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum NoActionCheck {
    /// In its turn among the other keys (PostgreSQL, `InnoDB`).
    InTurn,
    /// When the statement has ended (SQLite).
    EndOfStatement,
}

/// What comes of a key whose parent has no key or index for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum WithoutParentKey {
    /// Every delete of a parent fails, and every delete of a child (SQLite: "foreign key mismatch").
    DeleteFails,
    /// A delete of a parent does nothing to the children (`InnoDB`, where the index was dropped with the checks off).
    NothingHappens,
}

/// How far a statement gets before keys act on what it has done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum RowsFirst {
    /// All its rows are done, then keys act, each time all rows of what they do first (PostgreSQL).
    All,
    /// Keys act after each row (SQLite).
    Each,
    /// Keys act within a row, as it leaves each index (`InnoDB`).
    EachIndex,
}

/// What SET NULL on a NOT NULL column does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum NullingNotNull {
    /// The DDL is accepted and every delete of a referenced parent fails (PostgreSQL, SQLite).
    DeleteFails,
    /// The DDL is refused (`InnoDB`).
    Refused,
}

#[cfg(feature = "collect")]
impl EngineFacts {
    /// How an engine behaves whose version and settings aren't known.
    pub(crate) fn of(engine: Engine) -> Self {
        match engine {
            Engine::Postgres => Self::postgres("", Vec::new(), Vec::new()),
            Engine::MySql | Engine::MariaDb => Self::mysql(engine, ""),
            Engine::Sqlite => Self::sqlite(""),
        }
    }

    /// How PostgreSQL behaves.
    pub(crate) fn postgres(version: &str, default_schemas: Vec<String>, disabled_by: Vec<String>) -> Self {
        EngineFacts {
            kind: Engine::Postgres,
            version: version.to_owned(),
            default_schemas,
            table_case: IdentifierCase::Exact,
            column_case: IdentifierCase::Exact,
            restrict: RestrictMeaning::DiffersWhenDeferrable,
            set_default: SetDefaultMeaning::Works,
            nulling_not_null: NullingNotNull::DeleteFails,
            longest_name: Some(POSTGRES_LONGEST_NAME),
            change_advice: POSTGRES_CHANGE,
            keys_off_by_default: false,
            names_constraints: true,
            storages_with_keys: None,
            no_action: NoActionCheck::InTurn,
            rows_first: RowsFirst::All,
            looks_last: Some("NO ACTION DEFERRABLE INITIALLY DEFERRED"),
            acting_order: "keys act in the order in which they were made; a dump that is restored makes them in the order of their names",
            most_cascades: None,
            without_parent_key: WithoutParentKey::NothingHappens,
            cascades_set_off_triggers: true,
            keeps_match_full: true,
            indexes_keys: false,
            disabled_by,
        }
    }

    /// How `InnoDB` behaves, in MySQL or MariaDB; table names as on Linux.
    pub(crate) fn mysql(engine: Engine, version: &str) -> Self {
        EngineFacts {
            kind: engine,
            version: version.to_owned(),
            default_schemas: Vec::new(),
            table_case: IdentifierCase::Exact,
            column_case: IdentifierCase::Insensitive,
            restrict: RestrictMeaning::SameAsNoAction,
            set_default: SetDefaultMeaning::Blocks,
            nulling_not_null: NullingNotNull::Refused,
            longest_name: None,
            change_advice: MYSQL_CHANGE,
            keys_off_by_default: false,
            names_constraints: true,
            storages_with_keys: Some(&["InnoDB", "ndbcluster"]),
            no_action: NoActionCheck::InTurn,
            rows_first: RowsFirst::EachIndex,
            looks_last: None,
            acting_order: "keys act in the order of their names, from MySQL 9.6 on in that of their declaration; a key that is renamed or made anew changes its place",
            most_cascades: Some(14),
            without_parent_key: WithoutParentKey::NothingHappens,
            cascades_set_off_triggers: false,
            keeps_match_full: false,
            indexes_keys: true,
            disabled_by: Vec::new(),
        }
    }

    /// How SQLite behaves.
    pub(crate) fn sqlite(version: &str) -> Self {
        EngineFacts {
            kind: Engine::Sqlite,
            version: version.to_owned(),
            default_schemas: vec!["main".to_owned()],
            table_case: IdentifierCase::Insensitive,
            column_case: IdentifierCase::Insensitive,
            restrict: RestrictMeaning::DiffersWhenDeferrable,
            set_default: SetDefaultMeaning::Works,
            nulling_not_null: NullingNotNull::DeleteFails,
            longest_name: None,
            change_advice: SQLITE_CHANGE,
            keys_off_by_default: true,
            names_constraints: false,
            storages_with_keys: None,
            no_action: NoActionCheck::EndOfStatement,
            rows_first: RowsFirst::Each,
            looks_last: Some("NO ACTION"),
            acting_order: "keys act from the last that was declared to the first; a table that is rebuilt changes their places",
            most_cascades: Some(999),
            without_parent_key: WithoutParentKey::DeleteFails,
            cascades_set_off_triggers: true,
            keeps_match_full: false,
            indexes_keys: false,
            // `PRAGMA foreign_keys` belongs to the application's connection; ours says nothing of it.
            disabled_by: Vec::new(),
        }
    }
}

#[cfg(feature = "collect")]
const MYSQL_CHANGE: &str = "one ALTER TABLE that drops the old constraint and adds it under a new name (the same name fails), never two";

#[cfg(feature = "collect")]
const SQLITE_CHANGE: &str = "SQLite alters no constraint, so the table is rebuilt, with `run_in_transaction = false` in metadata.toml and `PRAGMA foreign_keys = OFF` before BEGIN: inside Diesel's transaction the rebuild deletes cascading children";

#[cfg(feature = "collect")]
const POSTGRES_CHANGE: &str = "one `ALTER TABLE .. DROP CONSTRAINT .., ADD CONSTRAINT .. NOT VALID`, and VALIDATE CONSTRAINT in a migration of its own";
