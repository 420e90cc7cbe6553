//! Why a source could not be read. No message holds a password: drivers' texts are scrubbed before they get here.

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use crate::replay::ReplayError;

/// A line of a list of URLs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListLine {
    /// The list's file; `-` is stdin.
    pub file: String,
    /// From 1.
    pub line: usize,
}

impl fmt::Display for ListLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.file, self.line)
    }
}

/// What went wrong.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SourceError {
    /// The URL is none, or asks for something that can't be had.
    #[error("the database URL can't be used: {reason}")]
    BadUrl {
        /// What is wrong with it, without quoting it.
        reason: String,
        /// What to write instead.
        help: String,
    },
    /// The URL is for an engine that isn't read.
    #[error("the database URL has the scheme `{scheme}`, which fkcheck doesn't read")]
    UnsupportedScheme {
        /// The scheme.
        scheme: String,
    },
    /// `.env` can't be read.
    #[error("{} can't be read: {reason}", path.display())]
    DotEnv {
        /// The file.
        path: PathBuf,
        /// Why, without quoting it.
        reason: String,
    },
    /// A URL of a list is none, or its file isn't there.
    #[error("{place}: {error}")]
    InList {
        /// Where it stands.
        place: ListLine,
        /// What is wrong with it.
        error: Box<SourceError>,
    },
    /// The SQLite file isn't there.
    #[error("there is no SQLite database at {path}")]
    MissingFile {
        /// The file, as far as it may be printed.
        path: String,
    },
    /// No connection came about.
    #[error("can't connect to {place}: {reason}")]
    Connection {
        /// Engine, database, host, port and user.
        place: String,
        /// What the driver says.
        reason: String,
        /// What to do about it.
        help: Option<String>,
    },
    /// The server refuses this user, password or database.
    #[error("{place} refused the login: {reason}")]
    Login {
        /// Engine, database, host, port and user.
        place: String,
        /// What the server says.
        reason: String,
        /// What to do about it.
        help: String,
    },
    /// The client's deadline has passed.
    #[error("{place} did not answer within {} while {phase}", seconds(*allowed))]
    DeadlineExceeded {
        /// Engine, database, host, port and user.
        place: String,
        /// What was being done.
        phase: Phase,
        /// How long it was given.
        allowed: Duration,
    },
    /// A statement of ours failed.
    #[error("{place} failed while {phase}: {reason}")]
    Catalogue {
        /// Engine, database, host, port and user.
        place: String,
        /// What was being done.
        phase: Phase,
        /// What the server says.
        reason: String,
        /// What to do about it.
        help: Option<String>,
    },
    /// The server refuses the user's condition.
    #[error("{place} refuses the condition `{condition}`: {reason}")]
    Condition {
        /// Engine, database, host, port and user.
        place: String,
        /// The condition, as the user wrote it.
        condition: String,
        /// What the server says of it; nothing that a row holds.
        reason: String,
        /// What to write instead.
        help: String,
    },
    /// The schema kept changing while it was read.
    #[error("{place} changed its schema during each of {readings} readings")]
    Changing {
        /// Engine, database, host, port and user.
        place: String,
        /// How often it was read.
        readings: usize,
    },
    /// The migrations can't be listed or read.
    #[error("the migrations in {} can't be read: {reason}", path.display())]
    MigrationsDirectory {
        /// The directory.
        path: PathBuf,
        /// Why.
        reason: String,
    },
    /// A migration would touch files beyond the in-memory database.
    #[error("{}:{line}: `{statement}` reaches outside the in-memory database", path.display())]
    ReachesOutside {
        /// The migration's file.
        path: PathBuf,
        /// From 1.
        line: usize,
        /// The statement's kind.
        statement: String,
    },
    /// A statement of a migration fails in SQLite.
    #[error("{}:{line}: the migration fails in SQLite: {reason}", path.display())]
    Statement {
        /// The migration's file.
        path: PathBuf,
        /// From 1.
        line: usize,
        /// SQLite's message.
        reason: String,
    },
    /// A migration fails on a server.
    #[error("migration {name} fails: {reason}")]
    Migration {
        /// The migration's directory name.
        name: String,
        /// The server's message.
        reason: String,
    },
    /// The machine can't start what reading needs.
    #[error("can't start reading: {0}")]
    Start(#[from] std::io::Error),
}

/// What was being done when it failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Phase {
    /// Name look-up, TCP, TLS and login.
    Connecting,
    /// Read-only transaction and time-outs.
    SettingUp,
    /// Foreign keys, columns, indexes.
    ReadingCatalogue,
    /// Migrations, in memory.
    RunningMigrations,
    /// Rows without a parent.
    CountingRows,
    /// Rows that a delete or an update reaches.
    ReadingRows,
}

impl fmt::Display for Phase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Phase::Connecting => "connecting",
            Phase::SettingUp => "setting up the read-only session",
            Phase::ReadingCatalogue => "reading the catalogue",
            Phase::RunningMigrations => "running in memory",
            Phase::CountingRows => "counting rows",
            Phase::ReadingRows => "reading rows",
        })
    }
}

/// Whose turn it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ErrorKind {
    /// The call or the configuration is wrong. Exit code 2.
    Usage,
    /// It could not be known. Exit code 3.
    Unknown,
}

impl SourceError {
    /// Whether the call is wrong or the answer unknown.
    pub fn kind(&self) -> ErrorKind {
        match self {
            SourceError::BadUrl { .. }
            | SourceError::UnsupportedScheme { .. }
            | SourceError::Condition { .. }
            | SourceError::DotEnv { .. } => ErrorKind::Usage,
            SourceError::InList { error, .. } => error.kind(),
            _ => ErrorKind::Unknown,
        }
    }

    /// What to do about it.
    pub fn help(&self) -> Option<String> {
        match self {
            SourceError::BadUrl { help, .. }
            | SourceError::Login { help, .. }
            | SourceError::Condition { help, .. } => Some(help.clone()),
            SourceError::InList { error, .. } => error.help(),
            SourceError::UnsupportedScheme { .. } => {
                Some("write postgres://, mysql:// (MariaDB too), sqlite:// or the path of a SQLite file".to_owned())
            }
            SourceError::DotEnv { .. } => {
                Some("mend the file, or give the URL with --database-url or in the environment".to_owned())
            }
            SourceError::MissingFile { .. } => Some(
                "fkcheck never creates a database: run the migrations first, or mend the path (a relative path in \
                 `.env` starts at that file, any other at the current directory)"
                    .to_owned(),
            ),
            SourceError::Connection { help, .. } | SourceError::Catalogue { help, .. } => help.clone(),
            SourceError::DeadlineExceeded { phase: Phase::RunningMigrations, .. } => {
                Some("does one of them never end? or give them longer with --deadline".to_owned())
            }
            SourceError::DeadlineExceeded { .. } => {
                Some("see whether the server is up and reachable, or give it longer with --deadline".to_owned())
            }
            SourceError::Changing { .. } => Some("run again when no migration is running".to_owned()),
            SourceError::MigrationsDirectory { .. } => {
                Some("every directory in there must hold an `up.sql`, as `diesel migration` makes it".to_owned())
            }
            SourceError::ReachesOutside { .. } => {
                Some("fkcheck runs migrations in memory, and nothing leaves it: check against a database instead".to_owned())
            }
            SourceError::Statement { .. } => Some(
                "the migrations are run one after the other in an empty database in memory: mend this one, or check \
                 against a database"
                    .to_owned(),
            ),
            SourceError::Migration { .. } => Some(
                "the migrations are run one after the other in an empty database: mend this one, or check against a \
                 database"
                    .to_owned(),
            ),
            SourceError::Start(_) => None,
        }
    }
}

fn seconds(duration: Duration) -> String {
    format!("{} s", (duration.as_secs_f64() * 10.0).round() / 10.0)
}

impl From<ReplayError> for SourceError {
    fn from(error: ReplayError) -> Self {
        SourceError::MigrationsDirectory { path: error.path, reason: error.reason }
    }
}
