//! What a run ends in: findings, counts, and what could not be known. Plain data that the reports print.

use std::path::PathBuf;
use std::time::Duration;

use crate::finding::{Finding, Severity};
pub use crate::model::{FixMigration, Problem};
use crate::model::{KeyId, KeyName, Package, SourceKind, SourceMap, Span};

/// Everything a report prints.
#[derive(Clone, Debug, Default)]
pub struct Outcome {
    /// The files that findings point into.
    pub sources: SourceMap,
    /// The directory that CI systems name files from: the repository's, else the workspace's.
    pub root: PathBuf,
    /// The workspace's packages; a finding's `package` is an index into them.
    pub packages: Vec<Package>,
    /// The declared keys, in the order of the code.
    pub keys: Vec<CheckedKey>,
    /// Worst first.
    pub findings: Vec<Finding>,
    /// Why something could not be known. Not empty: the run can't end in 0.
    pub problems: Vec<Problem>,
    /// The migrations that would bring the sources to the code, where they were asked for.
    pub proposals: Vec<Proposal>,
    /// Observed keys that no annotation speaks of.
    pub undeclared: Vec<KeyName>,
    /// What was counted.
    pub counts: Counts,
    /// How long the run took.
    pub elapsed: Duration,
}

/// What would bring a source to the code for some keys.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proposal {
    /// The keys, in the order of the code.
    pub keys: Vec<KeyName>,
    /// The configured name of the database, where the workspace has several.
    pub section: Option<String>,
    /// What there is to run, or why there is nothing.
    pub migrations: Result<Vec<FixMigration>, String>,
}

/// A declared key, whatever was found.
#[derive(Clone, Debug)]
pub struct CheckedKey {
    /// Which it is.
    pub id: KeyId,
    /// Its first annotation.
    pub place: Span,
    /// Index of the package that this lies in.
    pub package: usize,
    /// False: no source could tell; `Outcome::problems` says why.
    pub compared: bool,
}

/// What was counted. "Nothing was checked" must not look like "all is well".
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Workspace members read.
    pub packages: usize,
    /// Source files read.
    pub files: usize,
    /// `table!` declarations.
    pub tables: usize,
    /// `joinable!` declarations.
    pub joinables: usize,
    /// Structs that serve a table.
    pub models: usize,
    /// Keys that annotations declare, `none` included.
    pub declared: usize,
    /// Keys that the sources show.
    pub observed: usize,
    /// Declared keys that were compared with an observed one (or, for `none`, with its absence).
    pub paired: usize,
    /// Observed keys that no annotation speaks of.
    pub undeclared: usize,
    /// Declared keys that could not be compared; `Outcome::problems` says why.
    pub skipped: usize,
    /// Declared keys on which code and source disagree, and an allowance or a level lets that pass.
    pub allowed: usize,
    /// Declared keys on which they disagree, in packages whose findings aren't shown.
    pub not_shown: usize,
    /// Compared keys whose annotations say nothing of ON DELETE.
    pub unclaimed: usize,
    /// Findings that the baseline knows; they are not among `Outcome::findings`.
    pub known: usize,
    /// The databases, where several were asked for by URL.
    pub databases: Option<Databases>,
    /// What they were compared with, in the order of the sources; empty where several databases were asked for by URL.
    pub sources: Vec<ComparedWith>,
}

/// A source, and how many declared keys were compared with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ComparedWith {
    /// What it is.
    pub source: SourceKind,
    /// `PostgreSQL 15.18, database shop at db as app`
    pub label: String,
    /// The configured database that it is, or stands for.
    pub section: Option<String>,
    /// Whether no database was asked beside it.
    pub alone: bool,
    /// So many keys.
    pub keys: usize,
}

/// How many databases a run was about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Databases {
    /// Asked for, each once.
    pub asked: usize,
    /// Compared with the code; `Outcome::problems` says why the others were not.
    pub compared: usize,
}

impl Outcome {
    /// Number of findings of a severity.
    pub fn count(&self, severity: Severity) -> usize {
        self.findings.iter().filter(|finding| finding.severity == severity).count()
    }

    /// How the run ends.
    pub fn verdict(&self) -> Verdict {
        if self.count(Severity::Deny) > 0 {
            Verdict::Disagrees
        } else if !self.problems.is_empty() || self.counts.paired == 0 {
            Verdict::Unknown
        } else {
            Verdict::Agrees
        }
    }
}

/// How a run ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Every declared key was found and agrees. Exit code 0.
    Agrees,
    /// Findings at `deny`. Exit code 1.
    Disagrees,
    /// Could not know. Exit code 3.
    Unknown,
}

impl Verdict {
    /// The exit code; 2 is for usage and configuration, which end before there is an outcome.
    pub fn exit_code(self) -> u8 {
        match self {
            Verdict::Agrees => 0,
            Verdict::Disagrees => 1,
            Verdict::Unknown => 3,
        }
    }
}
