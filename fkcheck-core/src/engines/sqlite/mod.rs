//! SQLite: a file that is opened for reading only and never created, or the memory that migrations were run in.

mod beside;
mod catalogue;
mod create_table;
mod definitions;
mod edit;
mod fix;
mod keys;
mod memory;
mod migrations;
mod orphans;
mod rows;
mod values;
mod watchers;

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use percent_encoding::percent_decode_str;
use rusqlite::{Connection, OpenFlags};

use super::orphans::{CountingOrphans, Reference};
use super::rows::OpeningRows;
use super::{Address, Applied, Driver, InMemory, ReadLimits, Reading, Scratch};
use crate::access::{Phase, SourceError, redact};
use crate::model::{
    APPLIED_TABLE, Engine, EngineFacts, Observation, ObservedTable, Outside, SourceKind, TableName,
    Visibility,
};
use catalogue::Catalogue;

pub(super) static DRIVER: Driver = Driver {
    schemes: &["sqlite", "file"],
    address: |text| Ok(Arc::new(address(text)?)),
    fix: &fix::FIX_WRITER,
    in_memory: Some(InMemory { run: migrations::run, bound_memory: memory::bound_memory }),
};

/// A SQLite file.
struct SqliteFile(PathBuf);

impl fmt::Display for SqliteFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&redact(&self.0.to_string_lossy()))
    }
}

impl Address for SqliteFile {
    fn engine(&self) -> Engine {
        Engine::Sqlite
    }

    fn secret(&self) -> String {
        self.0.to_string_lossy().into_owned()
    }

    fn database_name(&self) -> Option<String> {
        Some(self.to_string())
    }

    fn relative_to(&self, directory: &Path) -> Option<Arc<dyn Address>> {
        Some(Arc::new(SqliteFile(directory.join(&self.0))))
    }

    fn read(&self, visit: ReadLimits) -> Reading<'_> {
        Box::pin(self.work(visit, observe))
    }

    fn applied(&self, visit: ReadLimits) -> Applied<'_> {
        Box::pin(self.work(visit, applied))
    }

    fn orphans<'a>(&'a self, visit: ReadLimits, references: &'a [Reference]) -> CountingOrphans<'a> {
        let references: Arc<[Reference]> = references.into();
        Box::pin(self.work(visit, move |connection, _| Ok(orphans::count_all(connection, &references))))
    }

    fn rows(&self, visit: ReadLimits) -> OpeningRows<'_> {
        Box::pin(rows::open(self.0.clone(), visit))
    }

    fn scratch(&self) -> Option<&dyn Scratch> {
        None
    }
}

/// The schema of the tables that an application means.
pub(super) const MAIN: &str = "main";

/// Reads `sqlite://path` (as Diesel does), `sqlite:path`, a `file:` URI and a bare path.
fn address(text: &str) -> Result<SqliteFile, SourceError> {
    let (_, scheme_less) = match text.split_once(':') {
        Some((scheme, rest)) if super::for_scheme(scheme).is_some() => (scheme, rest),
        _ => return path_address(text.to_owned()),
    };
    let (path, query) = scheme_less.split_once('?').unwrap_or((scheme_less, ""));
    for parameter in query.split('&') {
        let refused = match parameter.split_once('=').unwrap_or((parameter, "")) {
            ("immutable", value) if value != "0" => {
                "`immutable` makes SQLite skip what is still in the journal"
            }
            ("mode", "memory") => "`mode=memory` is empty at the start",
            ("vfs", _) => "`vfs` isn't supported",
            _ => continue,
        };
        return Err(unusable(refused));
    }
    let is_file_uri = text[..5].eq_ignore_ascii_case("file:");
    let path = match path.strip_prefix("//") {
        // `file://host/path` names a host; Diesel turns `sqlite://path` into `file:path`.
        Some(rest) if is_file_uri => rest.strip_prefix("localhost").unwrap_or(rest),
        Some(rest) => rest,
        None => path,
    };
    let path = percent_decode_str(path.split('#').next().unwrap_or(path))
        .decode_utf8()
        .map_err(|_| unusable("its path is not UTF-8"))?;
    path_address(path.into_owned())
}

fn path_address(path: String) -> Result<SqliteFile, SourceError> {
    if path.is_empty() || path == ":memory:" {
        return Err(unusable("an in-memory SQLite database is empty at the start"));
    }
    if path.contains('\0') {
        return Err(unusable("its path holds a NUL"));
    }
    Ok(SqliteFile(PathBuf::from(path)))
}

fn unusable(reason: &str) -> SourceError {
    SourceError::BadUrl {
        reason: reason.to_owned(),
        help: "write sqlite://path/to/file.db or the path alone; `--against migrations` runs the migrations in memory"
            .to_owned(),
    }
}

fn applied(connection: &Connection, place: &str) -> Result<Vec<String>, SourceError> {
    let versions = || -> rusqlite::Result<Vec<String>> {
        let mut statement = connection.prepare(&format!("SELECT version FROM main.{APPLIED_TABLE}"))?;
        statement.query_map([], |row| row.get(0))?.collect()
    };
    versions().map_err(|error| SourceError::Catalogue {
        place: place.to_owned(),
        phase: Phase::ReadingCatalogue,
        reason: error.to_string(),
        help: None,
    })
}

impl SqliteFile {
    /// Opens the file for reading, in a thread of its own, and does this with it.
    async fn work<T: Send + 'static>(
        &self,
        visit: ReadLimits,
        work: impl FnOnce(&Connection, &str) -> Result<T, SourceError> + Send + 'static,
    ) -> Result<T, SourceError> {
        let path = self.0.clone();
        let place = format!("SQLite database {self}");
        let task_place = place.clone();
        let task = async move {
            tokio::task::spawn_blocking(move || work(&open(&path, &task_place)?, &task_place))
                .await
                .map_err(|error| SourceError::Start(std::io::Error::other(error)))?
        };
        visit.deadline.within(&place, Phase::ReadingCatalogue, task).await
    }
}

fn open(path: &Path, place: &str) -> Result<Connection, SourceError> {
    let cannot_open = |reason: String| {
        SourceError::Connection {
        place: place.to_owned(),
        reason,
        help: Some("the file and its directory must be readable; a database in WAL mode also needs its -wal and -shm \
                    files, or a directory that can be written to".to_owned()),
    }
    };
    match std::fs::metadata(path) {
        Ok(metadata) if metadata.is_file() => {}
        Ok(_) => return Err(cannot_open("it is not a regular file".to_owned())),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            return Err(SourceError::MissingFile { path: redact(&path.to_string_lossy()) });
        }
        Err(error) => return Err(cannot_open(error.to_string())),
    }
    let path = std::path::absolute(path).map_err(|error| cannot_open(error.to_string()))?;
    // For reading only, so it is neither created nor changed. Its path is absolute and so never a URI.
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection =
        Connection::open_with_flags(path, flags).map_err(|error| cannot_open(error.to_string()))?;
    connection
        .execute_batch(
            "PRAGMA query_only = ON; PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON; \
             PRAGMA mmap_size = 0; PRAGMA busy_timeout = 5000;",
        )
        .map_err(|error| cannot_open(error.to_string()))?;
    Ok(connection)
}

/// Reads the foreign keys of the database that `connection` is open on.
fn observe(connection: &Connection, place: &str) -> Result<Observation, SourceError> {
    let catalogue = Catalogue::read(connection).map_err(|error| unreadable(place, &error))?;
    let mut remarks = Vec::new();
    let keys = keys::observed_keys(&catalogue, &mut remarks);
    Ok(Observation {
        source: SourceKind::Database,
        database: None,
        label: place.replacen("SQLite", &format!("SQLite {}", catalogue.version), 1),
        engine: EngineFacts::sqlite(&catalogue.version),
        keys,
        tables: observed_tables(&catalogue),
        visibility: Visibility::Whole,
        remarks,
        members: Vec::new(),
        hooks_unseen: None,
        outside: Outside::default(),
        definitions: Some(definitions::definitions(&catalogue)),
        last_migration: None,
    })
}

fn observed_tables(catalogue: &Catalogue) -> Vec<ObservedTable> {
    let tables = catalogue.tables.iter().filter(|(folded, _)| !folded.starts_with("sqlite_"));
    tables
        .map(|(_, table)| ObservedTable {
            hooks: beside::hooks(table),
            ..ObservedTable::new(TableName::qualified(MAIN, &table.name), table.kind())
        })
        .collect()
}

fn unreadable(place: &str, error: &rusqlite::Error) -> SourceError {
    SourceError::Catalogue {
        place: place.to_owned(),
        phase: Phase::ReadingCatalogue,
        reason: error.to_string(),
        help: Some("see whether the file is a SQLite database, whole, and not locked by a writer".to_owned()),
    }
}
