//! One run, from the workspace to the outcome.

mod fleet;
mod observe;
pub(crate) mod orphans;
mod packages;
pub(crate) mod three_way;

use std::collections::HashSet;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use crate::baseline;
use crate::collect::{self, Facts};
use crate::compare::{Comparison, Seen};
use crate::finding::{Finding, Label, Level};
use crate::fix;
use crate::model::{
    DeclaredKey, Doubt, KeyName, Observation, SourceKind, SourceMap, Stated, TableName, Visibility,
};
use crate::outcome::{CheckedKey, Counts, Databases, Outcome, Problem};
use crate::rules::{self, Levels};
use crate::sources::SourceError;
use crate::workspace::{self, Database, Filter, Workspace, WorkspaceError};
pub use fleet::Partition;
pub(crate) use observe::{Observations, Observed, observe};
pub(crate) use packages::shown_packages;

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
    /// How long a source may take; else the configuration's, else 60 seconds.
    pub deadline: Option<Duration>,
    /// Don't verify the server's certificate.
    pub insecure_tls: bool,
    /// NO ACTION beside RESTRICT is a mismatch like any other.
    pub strict: bool,
    /// Also count rows without a parent.
    pub data: bool,
    /// Also write the migrations that would bring the sources to the code.
    pub aligning: bool,
    /// Show known findings as if there were no baseline.
    pub ignore_baseline: bool,
    /// Levels of rules, in order.
    pub levels: Vec<(&'static str, Level)>,
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

/// Why there is no outcome: the exit code is 2.
#[derive(Debug, thiserror::Error)]
pub enum CheckError {
    /// The workspace or its configuration can't be read.
    #[error(transparent)]
    Workspace(#[from] WorkspaceError),
    /// A source was named that can't be one, e.g. a URL that is none.
    #[error(transparent)]
    Source(#[from] SourceError),
    /// The request asks for something that isn't there.
    #[error("{message}")]
    Usage {
        /// What is asked for.
        message: String,
        /// What to do instead.
        help: Option<String>,
    },
}

impl CheckError {
    /// What to do about it.
    pub fn help(&self) -> Option<String> {
        match self {
            CheckError::Workspace(_) => None,
            CheckError::Source(error) => error.help(),
            CheckError::Usage { help, .. } => help.clone(),
        }
    }
}

/// Checks a workspace: workspace → facts, sources → observations, both → pairs → rules → findings.
///
/// # Errors
/// Only where there is nothing to report on; what could not be known is part of the outcome.
pub fn check(request: &Request, status: &mut dyn FnMut(Status)) -> Result<Outcome, CheckError> {
    let started = Instant::now();
    let workspace = workspace::load(request.manifest_path.as_deref())?;
    let shown = shown_packages(request, &workspace.packages)?;
    let mut facts = collect::collect(workspace.packages.clone(), &workspace.files);
    facts.turns_on_sqlite_keys |= workspace.backends.bundled_sqlite;
    classify(&mut facts, &workspace);
    status(Status::Line {
        verb: "Checking",
        text: format!(
            "{} in {}, {}",
            counted(facts.keys.len(), "declared key"),
            counted(facts.packages.len(), "package"),
            counted(facts.files, "file")
        ),
        verbose: false,
    });

    let mut problems = std::mem::take(&mut facts.problems);
    problems.extend(workspace.faults.iter().map(|fault| Problem {
        message: fault.clone(),
        label: None,
        help: Vec::new(),
    }));
    let Observations { observed, databases } =
        observe(request, &workspace, &named_schemas(&facts), status, &mut problems)?;
    for observed in &observed {
        adopt(&mut facts.sources, &observed.observation);
    }
    let mut comparisons = compare(&workspace, &facts, &observed, status, &mut problems);
    if request.data {
        orphans::count(request, &workspace, &facts, &observed, &mut comparisons, status, &mut problems);
    }
    // Only where everything was asked for and answered is a table known not to be there.
    let is_asked_whole = request.databases.is_empty() && request.partition.is_none();
    if is_asked_whole && problems.is_empty() {
        for text in unused_patterns(&workspace, &facts, &observed) {
            status(Status::Line { verb: "Note", text, verbose: false });
        }
    }
    if facts.keys.is_empty() {
        problems.push(nothing_declared(&facts));
    }
    problems.extend(of_no_database(&workspace, &facts));

    let levels = levels(request, &workspace);
    let findings = rules::check(&facts, &comparisons, &levels);
    let aligning = if request.aligning {
        // What is known already, or of other packages, is no part of the report.
        let mut reported = findings.clone();
        reported.retain(|finding| shown[finding.package]);
        if !request.ignore_baseline {
            reported = baseline::apply(&workspace.root, reported, None, &mut facts.sources.clone())?.new;
        }
        fix::aligning(&facts, &comparisons, &reported)
    } else {
        Vec::new()
    };
    let findings = fleet::merge(findings, &comparisons, &databases);
    let mut counts = count(&facts, &observed, &comparisons, databases.len());
    let keys = checked_keys(&facts, &comparisons, &shown);
    drop(comparisons);
    let mut findings = findings;
    three_way::explain(&mut findings, request, &workspace, &mut facts, &observed)?;
    let mut findings = if request.ignore_baseline {
        findings
    } else {
        // An entry is stale only if everything that could match it was looked at.
        let is_whole = is_asked_whole && problems.is_empty();
        let sifted =
            baseline::apply(&workspace.root, findings, is_whole.then_some(&levels), &mut facts.sources)?;
        counts.known = sifted.known;
        sifted.new
    };
    findings.retain(|finding: &Finding| shown[finding.package]);
    let elapsed = started.elapsed();
    let root = repository(&workspace.root).to_owned();
    let Facts { sources, packages, .. } = facts;
    Ok(Outcome { sources, root, packages, keys, findings, problems, aligning, counts, elapsed })
}

/// The git repository that the workspace lies in; without one, the workspace.
fn repository(workspace: &Path) -> &Path {
    workspace.ancestors().find(|directory| directory.join(".git").exists()).unwrap_or(workspace)
}

/// What the configuration says of rows whose annotations don't.
pub(crate) fn classify(facts: &mut Facts, workspace: &Workspace) {
    for declared in facts.keys.iter_mut().filter(|declared| declared.data().is_none()) {
        let name = &declared.key.table.name;
        let class =
            workspace.config.data.iter().find(|(pattern, _)| pattern.matches(name)).map(|(_, class)| *class);
        if let (Some(value), Some(claim)) = (class, declared.claims.first_mut()) {
            claim.data = Some(Stated { value, span: claim.span });
        }
    }
}

/// Takes in the files that an observation points into.
pub(crate) fn adopt(sources: &mut SourceMap, observation: &Observation) {
    let mut known: HashSet<&Path> = HashSet::new();
    for origin in observation.keys.iter().filter_map(|key| key.origin.as_ref()) {
        if known.insert(&origin.file.path) && sources.find(&origin.file.path).is_none() {
            sources.add(origin.file.clone());
        }
    }
}

/// The levels of the rules, as the request and the configuration set them.
pub(crate) fn levels(request: &Request, workspace: &Workspace) -> Levels {
    Levels {
        command_line: request.levels.clone(),
        packages: workspace.config.package_rules.clone(),
        workspace: workspace.config.rules.clone(),
        cap: request.cap,
        strict: request.strict || workspace.config.strict,
    }
}

/// The schemas that the code names.
pub(crate) fn named_schemas(facts: &Facts) -> HashSet<&str> {
    let tables = facts.tables.iter().map(|table| &table.name);
    let parents = facts.keys.iter().filter_map(DeclaredKey::parent).map(|parent| &parent.table);
    let children = facts.keys.iter().map(|declared| &declared.key.table);
    tables.chain(parents).chain(children).filter_map(|name| name.schema.as_deref()).collect()
}

/// Pairs what the code says with each observation; one that shows none of the declared tables is no comparison.
pub(crate) fn compare<'a>(
    workspace: &Workspace,
    facts: &'a Facts,
    observed: &'a [Observed<'_>],
    status: &mut dyn FnMut(Status),
    problems: &mut Vec<Problem>,
) -> Vec<Comparison<'a>> {
    let mut comparisons = Vec::new();
    for one in observed {
        let observation = &one.observation;
        let comparison = compare_one(workspace, facts, one);
        status(Status::Line {
            verb: "Comparing",
            text: format!(
                "{} with the {} of {}",
                counted(comparison.pairs.len(), "declared key"),
                observation.keys.len(),
                observation.label
            ),
            verbose: false,
        });
        for remark in &observation.remarks {
            status(Status::Line { verb: "Note", text: remark.clone(), verbose: false });
        }
        problems.extend(not_known(&comparison));
        problems.extend(comparison.on_partitions().map(|declared| on_partition(declared, &comparison)));
        if !comparison.sees_no_declared_table() {
            comparisons.push(comparison);
        }
    }
    comparisons
}

/// Pairs what the code says with one observation, as far as the configuration has it.
pub(crate) fn compare_one<'a>(
    workspace: &Workspace,
    facts: &'a Facts,
    Observed { observation, database, .. }: &'a Observed<'_>,
) -> Comparison<'a> {
    let in_scope = |table: &TableName| database.is_none_or(|database| describes(database, facts, table));
    let default_schema = observation.engine.default_schemas.first().map(String::as_str);
    let wanted = |table: &TableName| {
        workspace.config.filter.wants(table, default_schema)
            && database.is_none_or(|database| database.filter.wants(table, default_schema))
    };
    Comparison::new(facts, observation, &in_scope, &wanted)
}

/// Patterns that match nothing are likely misspelt.
fn unused_patterns(workspace: &Workspace, facts: &Facts, observed: &[Observed<'_>]) -> Vec<String> {
    let unused = |filter: &Filter, is_of: &dyn Fn(&Observed<'_>) -> bool, key: &str| {
        let seen = observed.iter().filter(|one| is_of(one)).flat_map(|Observed { observation, .. }| {
            let default_schema = observation.engine.default_schemas.first().map(String::as_str);
            observation.tables.iter().map(move |table| (&table.name, default_schema))
        });
        let in_code = facts.tables.iter().map(|table| (&table.name, None));
        let patterns = filter.unused(in_code.chain(seen)).into_iter();
        patterns.map(|pattern| format!("no table matches `{pattern}` of `{key}`")).collect::<Vec<_>>()
    };
    let mut all = unused(&workspace.config.filter, &|_| true, "tables.ignore");
    for section in &workspace.config.databases {
        let is_of = |one: &Observed<'_>| one.database.is_some_and(|database| database.name == section.name);
        let key = format!("databases.{}.tables.ignore", section.name);
        all.extend(unused(&section.filter, &is_of, &key));
    }
    all
}

/// Whether a table belongs to a configured database: its `table!` lies in one of the files that the section names.
pub(crate) fn describes(database: &Database, facts: &Facts, table: &TableName) -> bool {
    let mut tables = facts.tables_named(table);
    database.schema.is_empty()
        || tables.any(|table| database.schema.contains(&facts.sources.file(table.span.file).path))
}

/// A partition's keys come from its partitioned table, where they are compared.
fn on_partition(declared: &DeclaredKey, comparison: &Comparison<'_>) -> Problem {
    Problem {
        message: format!(
            "`{}` is declared on a partition, and {} shows such keys as the partitioned table's",
            declared.key, comparison.observation.label
        ),
        label: Some(Label { span: declared.first().span, text: "declared here".to_owned() }),
        help: vec!["declare the key on the partitioned table instead".to_owned()],
    }
}

/// What a comparison could not tell.
fn not_known(comparison: &Comparison<'_>) -> Option<Problem> {
    let observation = comparison.observation;
    let unknown = comparison.pairs.iter().filter(|pair| matches!(pair.seen, Seen::Unknown(_))).count();
    let unknown = unknown - comparison.on_partitions().count();
    if comparison.sees_no_declared_table() {
        let help = match &observation.visibility {
            Visibility::Partial(why) => vec![why.clone()],
            Visibility::Whole | Visibility::Except(_) => vec![
                "is it the right database, and are its migrations run?".to_owned(),
                format!(
                    "tables without a schema were looked for in {}",
                    observation
                        .engine
                        .default_schemas
                        .iter()
                        .map(|schema| format!("`{schema}`"))
                        .collect::<Vec<_>>()
                        .join(", ")
                ),
            ],
        };
        let have = if observation.members.len() > 1 { "have" } else { "has" };
        let message = format!("{} {have} none of the annotated tables", observation.label);
        return Some(Problem { message, label: None, help });
    }
    match &observation.visibility {
        Visibility::Partial(why) if unknown > 0 => Some(Problem {
            message: format!(
                "{} declared could not be seen in {}",
                counted(unknown, "key"),
                observation.label
            ),
            label: None,
            help: vec![why.clone()],
        }),
        Visibility::Except(doubts) if unknown > 0 => Some(Problem {
            message: format!(
                "{} can't be known without running the migrations",
                counted(unknown, "declared key")
            ),
            label: None,
            help: doubts
                .iter()
                .map(in_words)
                .chain(["`--scratch-url` runs them in a throw-away database of a server".to_owned()])
                .collect(),
        }),
        _ => None,
    }
}

/// `migrations/1_a/up.sql:3:1`, what was not replayed there, and whose keys it may change.
pub(crate) fn in_words(doubt: &Doubt) -> String {
    let place = doubt.origin.as_ref().map_or_else(String::new, |origin| format!("{}: ", origin.place()));
    let tables = match &doubt.tables {
        Some(tables) => tables.iter().map(|table| format!("`{table}`")).collect::<Vec<_>>().join(", "),
        None => "any table".to_owned(),
    };
    format!("{place}{} was not replayed; it may change keys of {tables}", doubt.why)
}

/// Keys that no configured database is said to hold would never be compared, and nobody would notice.
fn of_no_database(workspace: &Workspace, facts: &Facts) -> Option<Problem> {
    let databases = &workspace.config.databases;
    let is_of_none = |declared: &&DeclaredKey| {
        !databases.iter().any(|database| describes(database, facts, &declared.key.table))
    };
    let keys: Vec<String> =
        facts.keys.iter().filter(is_of_none).map(|declared| format!("`{}`", declared.key)).collect();
    if databases.is_empty() || keys.is_empty() {
        return None;
    }
    Some(Problem {
        message: format!("{} belong to no configured database", counted(keys.len(), "declared key")),
        label: None,
        help: vec![
            keys.join(", "),
            "a database's `schema` lists the files whose `table!` declarations belong to it; left out, all do".to_owned(),
        ],
    })
}

fn nothing_declared(facts: &Facts) -> Problem {
    Problem {
        message: format!(
            "no `#[fk(..)]` and no `foreign_keys!` in {} ({} and {} seen)",
            counted(facts.files, "file"),
            counted(facts.tables.len(), "table"),
            counted(facts.models.len(), "model")
        ),
        label: None,
        help: vec![
            "derive `fkcheck_macros::ForeignKeys` on a model and write e.g. `#[fk(on_delete = cascade)]` on its key's field".to_owned(),
            "or let the database write them: `cargo fkcheck annotate`".to_owned(),
        ],
    }
}

fn count(
    facts: &Facts,
    observed: &[Observed<'_>],
    comparisons: &[Comparison<'_>],
    databases: usize,
) -> Counts {
    // Several databases may have the same key; it is one declared key all the same.
    let mut paired = HashSet::new();
    for pair in comparisons.iter().flat_map(|comparison| &comparison.pairs) {
        let key: &KeyName = &pair.declared.key;
        match pair.seen {
            Seen::Keys(_) | Seen::OtherParent(_) => {
                paired.insert(key);
            }
            Seen::Absent(Some(_)) if pair.declared.none().is_some() => {
                paired.insert(key);
            }
            Seen::Absent(_) | Seen::Unknown(_) => {}
        }
    }
    let mut seen: Vec<&KeyName> =
        observed.iter().flat_map(|observed| &observed.observation.keys).map(|key| &key.key).collect();
    let mut undeclared: Vec<&KeyName> =
        comparisons.iter().flat_map(|comparison| &comparison.undeclared).map(|key| &key.key).collect();
    if databases > 0 {
        // One schema, however many databases have it.
        for keys in [&mut seen, &mut undeclared] {
            keys.sort();
            keys.dedup();
        }
    }
    Counts {
        packages: facts.packages.len(),
        files: facts.files,
        tables: facts.tables.len(),
        joinables: facts.joinables.len(),
        models: facts.models.len(),
        declared: facts.keys.len(),
        observed: seen.len(),
        paired: paired.len(),
        undeclared: undeclared.len(),
        skipped: facts.keys.len() - answered(comparisons).len(),
        known: 0,
        databases: (databases > 0).then(|| Databases {
            asked: databases,
            compared: comparisons.iter().map(|comparison| comparison.observation.members.len()).sum(),
        }),
    }
}

/// The declared keys that a source could tell of.
fn answered<'a>(comparisons: &[Comparison<'a>]) -> HashSet<&'a KeyName> {
    let pairs = comparisons.iter().flat_map(|comparison| &comparison.pairs);
    pairs.filter(|pair| !matches!(pair.seen, Seen::Unknown(_))).map(|pair| &pair.declared.key).collect()
}

/// The declared keys of the shown packages.
fn checked_keys(facts: &Facts, comparisons: &[Comparison<'_>], shown: &[bool]) -> Vec<CheckedKey> {
    let answered = answered(comparisons);
    let is_shown = |declared: &&DeclaredKey| declared.claims.iter().any(|claim| shown[claim.package]);
    let mut keys: Vec<CheckedKey> = facts
        .keys
        .iter()
        .filter(is_shown)
        .map(|declared| CheckedKey {
            key: declared.key.clone(),
            place: declared.first().span,
            package: declared.first().package,
            compared: answered.contains(&declared.key),
        })
        .collect();
    keys.sort_by_key(|key| (key.package, key.place.start_key()));
    keys
}

/// `1 file`, `3 files`
fn counted(count: usize, what: &str) -> String {
    if count == 1 { format!("1 {what}") } else { format!("{count} {what}s") }
}
