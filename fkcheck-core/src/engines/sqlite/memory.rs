//! A SQLite in memory that nothing leaves and that nothing outgrows. SQLite itself refuses, as it reads each statement: a reader of
//! our own would sooner or later read otherwise.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rusqlite::fallible_iterator::FallibleIterator as _;
use rusqlite::functions::FunctionFlags;
use rusqlite::hooks::{AuthAction, Authorization};
use rusqlite::limits::Limit;
use rusqlite::{Batch, Connection, Error, ErrorCode, OpenFlags, Statement};

use super::create_table::is_plain_vacuum;
use crate::access::Deadline;

/// The longest statement, text and blob.
const LENGTH: i32 = 32 << 20;

/// How large the tables may grow, and the temporary ones: 64 MiB each in pages of 4 KiB.
const PAGES: u32 = 16_384;

/// After so many steps SQLite looks at the deadline.
const STEPS: i32 = 1000;

/// Such a database, empty at first.
pub(super) struct Memory {
    pub(super) connection: Connection,
    watch: Arc<Mutex<Watch>>,
    /// Tables that Diesel's own function is to look after.
    stamped: Arc<Mutex<Vec<String>>>,
}

/// What SQLite asked about one statement.
#[derive(Default)]
struct Watch {
    refused: Option<String>,
    changes_schema: bool,
    /// A write to the catalogue: part of every change of the schema, and by itself none that any schema needs.
    writes_catalogue: Option<&'static str>,
}

/// A statement that wasn't run to its end.
#[derive(Debug)]
pub(super) struct Failed {
    /// From 1.
    pub(super) line: usize,
    pub(super) why: Why,
}

/// Why it wasn't.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Why {
    /// It could leave the memory; what it is.
    Refused(String),
    /// The deadline has passed.
    TimedOut,
    /// SQLite's own words.
    Error(String),
}

impl Memory {
    pub(super) fn open(deadline: Deadline) -> rusqlite::Result<Memory> {
        // Without the flag for URIs, so that no name is one.
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_in_memory_with_flags(flags)?;
        for (limit, most) in [
            (Limit::SQLITE_LIMIT_ATTACHED, 0),
            (Limit::SQLITE_LIMIT_LENGTH, LENGTH),
            (Limit::SQLITE_LIMIT_SQL_LENGTH, LENGTH),
            (Limit::SQLITE_LIMIT_WORKER_THREADS, 0),
        ] {
            connection.set_limit(limit, most)?;
        }
        connection.execute_batch(&format!(
            "PRAGMA temp_store = MEMORY; PRAGMA main.max_page_count = {PAGES}; PRAGMA temp.max_page_count = {PAGES};
             PRAGMA cell_size_check = ON;"
        ))?;
        let stamped = manage_updated_at(&connection)?;
        let watch = Arc::<Mutex<Watch>>::default();
        let watching = Arc::clone(&watch);
        connection.authorizer(Some(move |asked: rusqlite::hooks::AuthContext<'_>| {
            let mut watch = lock(&watching);
            watch.note(&asked.action);
            match judge(&asked.action) {
                Ok(answer) => answer,
                Err(what) => {
                    watch.refused.get_or_insert(what);
                    Authorization::Deny
                }
            }
        }))?;
        connection.progress_handler(STEPS, Some(move || deadline.left().is_zero()))?;
        Ok(Memory { connection, watch, stamped })
    }

    /// Runs statements, one after the other, until one fails.
    pub(super) fn run(&self, sql: &str) -> Result<(), Failed> {
        if let Some(at) = sql.find('\0') {
            return Err(failed(
                sql,
                at,
                Why::Error("it holds a NUL, at which SQLite stops reading".to_owned()),
            ));
        }
        let mut batch = Batch::new(&self.connection, sql);
        let mut done = 0;
        loop {
            *lock(&self.watch) = Watch::default();
            let mut statement = match batch.next() {
                Ok(Some(statement)) => statement,
                Ok(None) => return Ok(()),
                Err(error) => return Err(self.failure(sql, done, &error)),
            };
            let (start, end) = place(sql, done, &statement);
            if let Some(what) = lock(&self.watch).writes_catalogue_alone() {
                return Err(failed(sql, start, Why::Refused(what.to_owned())));
            }
            if let Err(error) = to_the_end(&mut statement) {
                // It puts a file in order, and asks for ATTACH to do so; in memory there is nothing that it would change.
                if !is_plain_vacuum(&sql[start..]) {
                    return Err(self.failure(sql, start, &error));
                }
            }
            drop(statement);
            self.stamp().map_err(|error| self.failure(sql, start, &error))?;
            done = end;
        }
    }

    fn failure(&self, sql: &str, from: usize, error: &Error) -> Failed {
        let mut at = from + first_word(&sql[from..]);
        let why = match (lock(&self.watch).refused.take(), error) {
            (Some(what), _) => {
                let is_vacuum = sql[at..].get(..6).is_some_and(|word| word.eq_ignore_ascii_case("vacuum"));
                Why::Refused(if is_vacuum { "VACUUM INTO".to_owned() } else { what })
            }
            (None, Error::SqlInputError { msg, sql: rest, offset, .. }) => {
                let offset = usize::try_from(*offset).unwrap_or_default();
                at = (sql.len().saturating_sub(rest.len()) + offset).min(sql.len());
                Why::Error(msg.clone())
            }
            (None, error) if error.sqlite_error_code() == Some(ErrorCode::OperationInterrupted) => {
                Why::TimedOut
            }
            (None, Error::SqliteFailure(_, Some(message))) => Why::Error(message.clone()),
            (None, error) => Why::Error(error.to_string()),
        };
        failed(sql, at, why)
    }

    /// Does what the last statement asked of Diesel's function.
    fn stamp(&self) -> rusqlite::Result<()> {
        let tables = std::mem::take(&mut *lock(&self.stamped));
        tables.iter().try_for_each(|table| self.connection.execute_batch(&updated_at(table)))
    }
}

impl Watch {
    fn note(&mut self, action: &AuthAction<'_>) {
        let is_catalogue = |table: &str| {
            ["sqlite_master", "sqlite_temp_master"].iter().any(|name| table.eq_ignore_ascii_case(name))
        };
        match action {
            AuthAction::Insert { table_name } if is_catalogue(table_name) => {
                self.writes_catalogue = Some("INSERT INTO sqlite_master");
            }
            AuthAction::Delete { table_name } if is_catalogue(table_name) => {
                self.writes_catalogue = Some("DELETE FROM sqlite_master");
            }
            // Its own documentation advises to change the text of a table in this way.
            AuthAction::Update { table_name, column_name }
                if is_catalogue(table_name) && !column_name.eq_ignore_ascii_case("sql") =>
            {
                self.writes_catalogue = Some("UPDATE sqlite_master");
            }
            AuthAction::Insert { .. }
            | AuthAction::Delete { .. }
            | AuthAction::Update { .. }
            | AuthAction::Read { .. }
            | AuthAction::Select
            | AuthAction::Function { .. }
            | AuthAction::Pragma { .. }
            | AuthAction::Recursive => {}
            _ => self.changes_schema = true,
        }
    }

    fn writes_catalogue_alone(&self) -> Option<&'static str> {
        self.writes_catalogue.filter(|_| !self.changes_schema)
    }
}

/// What SQLite may do, or what it is that it may not.
fn judge(action: &AuthAction<'_>) -> Result<Authorization, String> {
    let is_one_of = |name: &str, names: &[&str]| names.iter().any(|known| name.eq_ignore_ascii_case(known));
    match action {
        AuthAction::Attach { .. } => Err("ATTACH".to_owned()),
        // A file whose name is put together is no text that SQLite could show.
        AuthAction::Unknown { code, .. } if *code == rusqlite::ffi::SQLITE_ATTACH => Err("ATTACH".to_owned()),
        AuthAction::Unknown { code, .. } => Err(format!("SQLite's action {code}")),
        AuthAction::Function { function_name } if is_one_of(function_name, &FUNCTIONS_OF_FILES) => {
            Err(format!("{function_name}()"))
        }
        AuthAction::Pragma { pragma_name, .. } if is_one_of(pragma_name, &PRAGMAS_OF_FILES) => {
            Err(format!("PRAGMA {pragma_name}"))
        }
        AuthAction::Pragma { pragma_name, .. } if !is_one_of(pragma_name, &PRAGMAS_OF_SCHEMAS) => {
            Ok(Authorization::Ignore)
        }
        _ => Ok(Authorization::Allow),
    }
}

/// What this build has of them is switched off; the rest is there in case that one day it isn't.
const FUNCTIONS_OF_FILES: [&str; 5] = ["edit", "fts3_tokenizer", "load_extension", "readfile", "writefile"];

const PRAGMAS_OF_FILES: [&str; 3] = ["data_store_directory", "lock_proxy_file", "temp_store_directory"];

/// What a schema, or a statement that makes one, can depend on. All others (caches, journals, limits) do nothing.
const PRAGMAS_OF_SCHEMAS: [&str; 36] = [
    "application_id",
    "busy_timeout",
    "case_sensitive_like",
    "collation_list",
    "compile_options",
    "count_changes",
    "data_version",
    "database_list",
    "defer_foreign_keys",
    "encoding",
    "foreign_key_check",
    "foreign_key_list",
    "foreign_keys",
    "freelist_count",
    "function_list",
    "ignore_check_constraints",
    "index_info",
    "index_list",
    "index_xinfo",
    "integrity_check",
    "journal_mode",
    "legacy_alter_table",
    "module_list",
    "page_count",
    "pragma_list",
    "query_only",
    "quick_check",
    "recursive_triggers",
    "reverse_unordered_selects",
    "schema_version",
    "table_info",
    "table_list",
    "table_xinfo",
    "trusted_schema",
    "user_version",
    "writable_schema",
];

fn lock<T>(shared: &Mutex<T>) -> MutexGuard<'_, T> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}

/// All rows, as Diesel has them made.
fn to_the_end(statement: &mut Statement<'_>) -> rusqlite::Result<()> {
    let mut rows = statement.raw_query();
    while rows.next()?.is_some() {}
    Ok(())
}

/// Where the first word of a statement stands, and where the statement ends; what was skipped before it is blank.
fn place(sql: &str, done: usize, statement: &Statement<'_>) -> (usize, usize) {
    let text = statement.expanded_sql().unwrap_or_default();
    // A parameter, which has no place in a migration, makes the text another.
    let at = done + sql[done..].find(&text).unwrap_or_default();
    let end = if sql[at..].starts_with(&text) { at + text.len() } else { at };
    (at + first_word(&sql[at..]), end)
}

/// Where the first word stands, behind blanks, comments and lone semicolons. What it says of a line is all that depends on it.
fn first_word(sql: &str) -> usize {
    let is_blank = |c: char| c.is_whitespace() || matches!(c, ';' | '\u{feff}');
    let mut rest = sql;
    loop {
        rest = rest.trim_start_matches(is_blank);
        let comment = if rest.starts_with("--") {
            rest.find('\n')
        } else {
            rest.strip_prefix("/*").and_then(|inner| inner.find("*/")).map(|end| end + 4)
        };
        match comment {
            Some(length) => rest = &rest[length..],
            None => return sql.len() - rest.len(),
        }
    }
}

fn failed(sql: &str, at: usize, why: Why) -> Failed {
    Failed { line: sql.bytes().take(at).filter(|byte| *byte == b'\n').count() + 1, why }
}

/// The function that Diesel gives every connection; migrations call it. It makes a trigger, here as soon as its statement has ended.
fn manage_updated_at(connection: &Connection) -> rusqlite::Result<Arc<Mutex<Vec<String>>>> {
    let stamped = Arc::<Mutex<Vec<String>>>::default();
    let asked = Arc::clone(&stamped);
    let flags = FunctionFlags::SQLITE_UTF8 | FunctionFlags::SQLITE_DIRECTONLY;
    connection.create_scalar_function("diesel_manage_updated_at", 1, flags, move |call| {
        lock(&asked).push(call.get::<String>(0)?);
        Ok(0)
    })?;
    Ok(stamped)
}

/// To the byte as in Diesel, for texts are compared.
fn updated_at(table: &str) -> String {
    format!(
        "CREATE TRIGGER __diesel_manage_updated_at_{table}
AFTER UPDATE ON {table}
FOR EACH ROW WHEN
  old.updated_at IS NULL AND
  new.updated_at IS NULL OR
  old.updated_at == new.updated_at
BEGIN
  UPDATE {table}
  SET updated_at = CURRENT_TIMESTAMP
  WHERE ROWID = new.ROWID;
END"
    )
}

/// Holds all of SQLite in this process to so many bytes, for good.
pub(super) fn bound_memory(bytes: u64) {
    let bound = Connection::open_in_memory().and_then(|connection| {
        connection.query_row(&format!("PRAGMA hard_heap_limit = {bytes}"), [], |_| Ok(()))
    });
    debug_assert!(bound.is_ok(), "{bound:?}");
}
