//! How each engine behaves, as data: what the rules know of it.

use crate::model::{
    EngineFacts, IdentifierCase, NullingNotNull, POSTGRES_LONGEST_NAME, RestrictMeaning, SetDefaultMeaning,
};

const POSTGRES_CHANGE: &str = "one `ALTER TABLE .. DROP CONSTRAINT .., ADD CONSTRAINT .. NOT VALID`, and VALIDATE CONSTRAINT in a migration of its own";

/// How PostgreSQL behaves.
pub(crate) fn postgres(version: &str, default_schemas: Vec<String>, disabled_by: Vec<String>) -> EngineFacts {
    EngineFacts {
        name: "PostgreSQL",
        version: version.to_owned(),
        default_schemas,
        table_case: IdentifierCase::Exact,
        column_case: IdentifierCase::Exact,
        restrict: RestrictMeaning::DiffersWhenDeferrable,
        set_default: SetDefaultMeaning::Works,
        nulling_not_null: NullingNotNull::DeleteFails,
        longest_name: Some(POSTGRES_LONGEST_NAME),
        change_advice: POSTGRES_CHANGE,
        off_until_asked: false,
        indexes_keys: false,
        disabled_by,
    }
}

const MYSQL_CHANGE: &str = "one ALTER TABLE that drops the old constraint and adds it under a new name (the same name fails), never two";

/// How `InnoDB` behaves; table names as on Linux.
pub(crate) fn mysql(flavour: &'static str, version: &str) -> EngineFacts {
    EngineFacts {
        name: flavour,
        version: version.to_owned(),
        default_schemas: Vec::new(),
        table_case: IdentifierCase::Exact,
        column_case: IdentifierCase::Insensitive,
        restrict: RestrictMeaning::SameAsNoAction,
        set_default: SetDefaultMeaning::Blocks,
        nulling_not_null: NullingNotNull::Refused,
        longest_name: None,
        change_advice: MYSQL_CHANGE,
        off_until_asked: false,
        indexes_keys: true,
        disabled_by: Vec::new(),
    }
}

#[cfg(feature = "database")]
const SQLITE_CHANGE: &str = "SQLite alters no constraint, so the table is rebuilt, with `run_in_transaction = false` in metadata.toml and `PRAGMA foreign_keys = OFF` before BEGIN: inside Diesel's transaction the rebuild deletes cascading children";

/// How SQLite behaves.
#[cfg(feature = "database")]
pub(crate) fn sqlite(version: &str) -> EngineFacts {
    EngineFacts {
        name: "SQLite",
        version: version.to_owned(),
        default_schemas: vec!["main".to_owned()],
        table_case: IdentifierCase::Insensitive,
        column_case: IdentifierCase::Insensitive,
        restrict: RestrictMeaning::DiffersWhenDeferrable,
        set_default: SetDefaultMeaning::Works,
        nulling_not_null: NullingNotNull::DeleteFails,
        longest_name: None,
        change_advice: SQLITE_CHANGE,
        off_until_asked: true,
        indexes_keys: false,
        // `PRAGMA foreign_keys` belongs to the application's connection; ours says nothing of it.
        disabled_by: Vec::new(),
    }
}
