//! What a run is asked for, what it says while it works, and why it may have no outcome.

use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::time::Duration;

use super::Partition;
use crate::baseline::BaselineError;
use crate::finding::Level;
use crate::model::{RuleId, SourceKind};
use crate::sources::SourceError;
use crate::workspace::WorkspaceError;

/// What to check.
#[derive(Clone, Default)]
#[expect(clippy::struct_excessive_bools, reason = "independent wishes")]
pub struct Request {
    /// The `Cargo.toml` of the workspace or of a member; the current directory's where `None`.
    pub manifest_path: Option<PathBuf>,
    /// Packages whose findings are shown, by name or package id; empty: all. The whole workspace is read in any case, for
    /// what a delete does is a fact of the whole.
    pub packages: Vec<String>,
    /// Packages whose findings are not shown.
    pub exclude: Vec<String>,
    /// URLs of databases that share one schema; where there is none, the environment and `.env` are asked for one.
    pub database_urls: Vec<String>,
    /// A file that lists more of them, one a line; `-` is stdin.
    pub database_urls_from: Option<PathBuf>,
    /// A share of these databases; else all.
    pub partition: Option<Partition>,
    /// How many of them are read at once; else 8.
    pub jobs: Option<NonZeroUsize>,
    /// A server on which the migrations are run in a throw-away database, instead of being replayed.
    pub scratch_url: Option<String>,
    /// Names of configured databases; empty: all.
    pub databases: Vec<String>,
    /// What to compare with; empty: a database if a URL is known, else the snapshot, else the migrations.
    pub against: Vec<SourceKind>,
    /// Connect to nothing.
    pub offline: bool,
    /// Beside a snapshot that is older than the migrations, compare with these too; else that is a problem.
    pub catches_up: bool,
    /// How long a source may take; else the configuration's, else 60 seconds.
    pub deadline: Option<Duration>,
    /// Don't verify the server's certificate.
    pub insecure_tls: bool,
    /// NO ACTION beside RESTRICT is a mismatch like any other.
    pub strict: bool,
    /// Also count rows without a parent.
    pub data: bool,
    /// Also write the migrations that would bring the sources to the code.
    pub wants_definitions: bool,
    /// Whether to look for keys of other databases of the server that refer into this one.
    pub wants_outside: bool,
    /// Show known findings as if there were no baseline.
    pub ignore_baseline: bool,
    /// Levels of rules, in order.
    pub levels: Vec<(RuleId, Level)>,
    /// No rule goes above this.
    pub cap: Option<Level>,
}

/// Without the URLs, which may hold passwords.
impl std::fmt::Debug for Request {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Request")
            .field("manifest_path", &self.manifest_path)
            .field("packages", &self.packages)
            .field("database_urls", &self.database_urls.len())
            .field("databases", &self.databases)
            .field("against", &self.against)
            .field("levels", &self.levels)
            .finish_non_exhaustive()
    }
}

/// Progress.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Status {
    /// A line in cargo's manner: a verb and what it is done to.
    Line {
        /// `Checking`
        verb: &'static str,
        /// `12 declared keys in 3 packages`
        text: String,
        /// Shown with `-v` only.
        verbose: bool,
    },
    /// How many of several databases have been read.
    Progress {
        /// So many.
        done: usize,
        /// Of so many.
        total: usize,
    },
}

/// Why there is no outcome.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CheckError {
    /// The workspace or its configuration can't be read.
    #[error(transparent)]
    Workspace(#[from] WorkspaceError),
    /// A source was named that can't be one, e.g. a URL that is none.
    #[error(transparent)]
    Source(#[from] SourceError),
    /// The baseline can't be read.
    #[error(transparent)]
    Baseline(#[from] BaselineError),
    /// The request asks for something that isn't there.
    #[error("{message}")]
    Usage {
        /// What is asked for.
        message: String,
        /// What to do instead.
        help: Option<String>,
    },
    /// What fkcheck was about to write is not what it meant to.
    #[error("{message}")]
    Defect {
        /// What is wrong with it.
        message: String,
    },
}

impl CheckError {
    /// 2 for what the user can mend in the call or the configuration, 3 for what could not be known.
    pub fn exit_code(&self) -> u8 {
        match self {
            CheckError::Defect { .. } => 3,
            CheckError::Workspace(_)
            | CheckError::Source(_)
            | CheckError::Baseline(_)
            | CheckError::Usage { .. } => 2,
        }
    }

    /// What to do about it.
    pub fn help(&self) -> Option<String> {
        match self {
            CheckError::Workspace(_) | CheckError::Baseline(_) => None,
            CheckError::Source(error) => error.help(),
            CheckError::Usage { help, .. } => help.clone(),
            CheckError::Defect { .. } => {
                Some("nothing was written; this is a defect of fkcheck, please report it".to_owned())
            }
        }
    }
}
