//! One run, from the workspace to the outcome.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use crate::collect::{self, Facts};
use crate::compare::{Comparison, Seen};
use crate::finding::{Finding, Level};
use crate::grammar::nearest;
use crate::model::{Observation, Package, SourceKind, TableName, Visibility};
use crate::outcome::{Counts, Outcome, Problem};
use crate::rules::{self, Levels};
use crate::sources::{self, ErrorKind, Limits, SourceError};
use crate::workspace::{self, Backend, Database, Workspace, WorkspaceError};

/// What to check.
#[derive(Clone, Debug, Default)]
pub struct Request {
    /// The `Cargo.toml` of the workspace or of a member; the current directory's where `None`.
    pub manifest_path: Option<PathBuf>,
    /// Packages whose findings are shown, by name or package id; empty: all. The whole workspace is read in any case, for
    /// what a delete does is a fact of the whole.
    pub packages: Vec<String>,
    /// Packages whose findings are not shown.
    pub exclude: Vec<String>,
    /// A database's URL; else the environment and `.env` are asked.
    pub database_url: Option<String>,
    /// Names of configured databases; empty: all.
    pub databases: Vec<String>,
    /// What to compare with; empty: a database if a URL is known, else the migrations.
    pub against: Vec<SourceKind>,
    /// Connect to nothing.
    pub offline: bool,
    /// How long a source may take; else the configuration's, else 60 seconds.
    pub deadline: Option<Duration>,
    /// Don't verify the server's certificate.
    pub insecure_tls: bool,
    /// NO ACTION beside RESTRICT is a mismatch like any other.
    pub strict: bool,
    /// Levels of rules, in order.
    pub levels: Vec<(&'static str, Level)>,
    /// No rule goes above this.
    pub cap: Option<Level>,
}

/// Progress, in cargo's manner: a verb and what it is done to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Status {
    /// `Checking`
    pub verb: &'static str,
    /// `12 declared keys in 3 packages`
    pub text: String,
    /// Shown with `-v` only.
    pub verbose: bool,
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
    status(Status {
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
    let observed = observe(request, &workspace, status, &mut problems)?;
    let comparisons = compare(&facts, &observed, status, &mut problems);
    if facts.keys.is_empty() {
        problems.push(nothing_declared(&facts));
    }

    let levels = Levels {
        command_line: request.levels.clone(),
        packages: workspace.config.package_rules.clone(),
        workspace: workspace.config.rules.clone(),
        cap: request.cap,
        strict: request.strict || workspace.config.strict,
    };
    let mut findings = rules::check(&facts, &comparisons, &levels);
    findings.retain(|finding: &Finding| shown[finding.package]);
    let counts = count(&facts, &observed, &comparisons);
    drop(comparisons);
    let elapsed = started.elapsed();
    Ok(Outcome { sources: facts.sources, packages: facts.packages, findings, problems, counts, elapsed })
}

/// One observation and the part of the schema that it is about.
struct Observed<'a> {
    observation: Observation,
    database: Option<&'a Database>,
}

/// Reads every source that is asked for, or the best one there is.
fn observe<'a>(
    request: &Request,
    workspace: &'a Workspace,
    status: &mut dyn FnMut(Status),
    problems: &mut Vec<Problem>,
) -> Result<Vec<Observed<'a>>, CheckError> {
    let mut observed = Vec::new();
    for database in chosen_databases(request, workspace)? {
        let before = problems.len() + observed.len();
        if wants(request, SourceKind::Database) && !request.offline {
            read_database(request, workspace, database, status, &mut observed, problems)?;
        }
        let has_database = problems.len() + observed.len() > before;
        if wants(request, SourceKind::Migrations)
            && (!has_database || request.against.contains(&SourceKind::Migrations))
        {
            read_migrations(workspace, database, status, &mut observed, problems);
        }
        if problems.len() + observed.len() == before {
            problems.push(no_source(request, workspace, database));
        }
    }
    Ok(observed)
}

fn wants(request: &Request, source: SourceKind) -> bool {
    request.against.is_empty() || request.against.contains(&source)
}

/// The configured databases that are asked for; one without a name where none is configured or a URL is given.
fn chosen_databases<'a>(
    request: &Request,
    workspace: &'a Workspace,
) -> Result<Vec<Option<&'a Database>>, CheckError> {
    let configured = &workspace.config.databases;
    for name in &request.databases {
        if !configured.iter().any(|database| database.name == *name) {
            let names: Vec<&str> = configured.iter().map(|database| database.name.as_str()).collect();
            let help = match nearest(name, names.iter().copied()) {
                Some(near) => format!("did you mean `{near}`?"),
                None if names.is_empty() => {
                    "`[workspace.metadata.fkcheck.databases.NAME]` names a database".to_owned()
                }
                None => format!("configured: {}", names.join(", ")),
            };
            return Err(CheckError::Usage {
                message: format!("no database `{}` is configured", sources::redact(name)),
                help: Some(help),
            });
        }
    }
    let is_asked_for =
        |database: &&Database| request.databases.is_empty() || request.databases.contains(&database.name);
    let chosen: Vec<Option<&Database>> = configured.iter().filter(is_asked_for).map(Some).collect();
    match (&request.database_url, &chosen[..]) {
        (_, []) => Ok(vec![None]),
        (None, _) | (Some(_), [_]) => Ok(chosen),
        (Some(_), _) => Err(CheckError::Usage {
            message: "`--database-url` is one database, and several are configured".to_owned(),
            help: Some("say which one it is with `--database NAME`".to_owned()),
        }),
    }
}

fn read_database<'a>(
    request: &Request,
    workspace: &'a Workspace,
    database: Option<&'a Database>,
    status: &mut dyn FnMut(Status),
    observed: &mut Vec<Observed<'a>>,
    problems: &mut Vec<Problem>,
) -> Result<(), CheckError> {
    let found =
        sources::find_url(request.database_url.as_deref(), url_env(workspace, database), &workspace.root);
    let found = match found {
        Ok(Some(found)) => found,
        Ok(None) => return Ok(()),
        Err(error) => return source_failed(error, problems),
    };
    status(Status { verb: "Connecting", text: format!("{} ({})", found.url, found.origin), verbose: true });
    let limits = Limits {
        deadline: request.deadline.or(workspace.config.deadline).unwrap_or(Limits::default().deadline),
        insecure_tls: request.insecure_tls,
    };
    match sources::read_database(&found.url, &limits, database.map(|database| database.name.as_str())) {
        Ok(observation) => observed.push(Observed { observation: observation.with_plain_names(), database }),
        Err(error) => source_failed(error, problems)?,
    }
    Ok(())
}

fn url_env<'a>(workspace: &'a Workspace, database: Option<&'a Database>) -> &'a str {
    let of_database = database.and_then(|database| database.url_env.as_deref());
    of_database.or(workspace.config.url_env.as_deref()).unwrap_or("DATABASE_URL")
}

fn read_migrations<'a>(
    workspace: &'a Workspace,
    database: Option<&'a Database>,
    status: &mut dyn FnMut(Status),
    observed: &mut Vec<Observed<'a>>,
    problems: &mut Vec<Problem>,
) {
    let is_sqlite = match database.and_then(|database| database.backend) {
        Some(backend) => backend == Backend::Sqlite,
        None => workspace.backends.only_sqlite(),
    };
    let configured = database.and_then(|database| database.migrations.clone());
    let directories = configured.map_or_else(|| workspace.migrations.clone(), |directory| vec![directory]);
    let [directory] = &directories[..] else { return };
    if !is_sqlite {
        return;
    }
    let shown = directory.strip_prefix(&workspace.root).unwrap_or(directory).display();
    status(Status {
        verb: "Running",
        text: format!("the migrations of `{shown}` in an in-memory SQLite"),
        verbose: false,
    });
    match sources::read_sqlite_migrations(directory, database.map(|database| database.name.as_str())) {
        Ok(observation) => observed.push(Observed { observation: observation.with_plain_names(), database }),
        Err(error) => problems.push(problem_of(&error)),
    }
}

/// What a source could not tell is a problem of the run; what the user got wrong ends it.
fn source_failed(error: SourceError, problems: &mut Vec<Problem>) -> Result<(), CheckError> {
    match error.kind() {
        ErrorKind::Usage => Err(error.into()),
        ErrorKind::Unknown => {
            problems.push(problem_of(&error));
            Ok(())
        }
    }
}

fn problem_of(error: &SourceError) -> Problem {
    Problem { message: error.to_string(), label: None, help: error.help().into_iter().collect() }
}

fn no_source(request: &Request, workspace: &Workspace, database: Option<&Database>) -> Problem {
    let env = url_env(workspace, database);
    let what = match database {
        Some(database) => format!("there is nothing to compare with for the database `{}`", database.name),
        None => "there is nothing to compare with".to_owned(),
    };
    let why = if request.offline {
        "--offline forbids the database".to_owned()
    } else {
        format!("no database URL is known ({env} is set neither in the environment nor in .env)")
    };
    let mut help = vec![format!("set {env}, or pass `--database-url`")];
    help.push(match (workspace.migrations.len(), workspace.backends.only_sqlite()) {
        (0, _) => "migrations were looked for where diesel.toml says and in `migrations/`; none are there".to_owned(),
        (1, false) => "migrations can be run in memory for SQLite only; for several backends, name one in \
                       `[workspace.metadata.fkcheck.databases.NAME]` with `backend = \"sqlite\"` and `migrations = \"..\"`"
            .to_owned(),
        (1, true) => "or leave `--against` away: the migrations can be run in memory".to_owned(),
        (several, _) => format!(
            "{several} directories hold migrations; name one in `[workspace.metadata.fkcheck.databases.NAME]` with `migrations = \"..\"`"
        ),
    });
    Problem { message: format!("{what}: {why}"), label: None, help }
}

/// Pairs what the code says with each observation; one that shows none of the declared tables is no comparison.
fn compare<'a>(
    facts: &'a Facts,
    observed: &'a [Observed<'_>],
    status: &mut dyn FnMut(Status),
    problems: &mut Vec<Problem>,
) -> Vec<Comparison<'a>> {
    let mut comparisons = Vec::new();
    for Observed { observation, database } in observed {
        let in_scope = |table: &TableName| database.is_none_or(|database| describes(database, facts, table));
        let comparison = Comparison::new(facts, observation, &in_scope);
        status(Status {
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
            status(Status { verb: "Note", text: remark.clone(), verbose: false });
        }
        problems.extend(not_known(&comparison));
        if !comparison.sees_no_declared_table() {
            comparisons.push(comparison);
        }
    }
    comparisons
}

/// Whether a table belongs to a configured database: its `table!` lies in one of the files that the section names.
fn describes(database: &Database, facts: &Facts, table: &TableName) -> bool {
    let mut tables = facts.tables_named(table);
    database.schema.is_empty()
        || tables.any(|table| database.schema.contains(&facts.sources.file(table.span.file).path))
}

/// What a comparison could not tell.
fn not_known(comparison: &Comparison<'_>) -> Option<Problem> {
    let observation = comparison.observation;
    let unknown = comparison.pairs.iter().filter(|pair| matches!(pair.seen, Seen::Unknown(_))).count();
    if comparison.sees_no_declared_table() {
        let help = match &observation.visibility {
            Visibility::Partial(why) => vec![why.clone()],
            Visibility::Whole => vec![
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
        let message = format!("{} has none of the annotated tables", observation.label);
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
        _ => None,
    }
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
        ],
    }
}

fn count(facts: &Facts, observed: &[Observed<'_>], comparisons: &[Comparison<'_>]) -> Counts {
    let pairs = || comparisons.iter().flat_map(|comparison| &comparison.pairs);
    let paired = pairs().filter(|pair| match pair.seen {
        Seen::Keys(_) | Seen::OtherParent(_) => true,
        Seen::Absent(table) => table.is_some() && pair.declared.none().is_some(),
        Seen::Unknown(_) => false,
    });
    let unknown = pairs().filter(|pair| matches!(pair.seen, Seen::Unknown(_))).count();
    Counts {
        packages: facts.packages.len(),
        files: facts.files,
        tables: facts.tables.len(),
        joinables: facts.joinables.len(),
        models: facts.models.len(),
        declared: facts.keys.len(),
        observed: observed.iter().map(|observed| observed.observation.keys.len()).sum(),
        paired: paired.count(),
        undeclared: comparisons.iter().map(|comparison| comparison.undeclared.len()).sum(),
        skipped: if comparisons.is_empty() { facts.keys.len() } else { unknown },
    }
}

/// Which packages' findings are shown, by index.
fn shown_packages(request: &Request, packages: &[Package]) -> Result<Vec<bool>, CheckError> {
    for spec in request.packages.iter().chain(&request.exclude) {
        if !packages.iter().any(|package| is_meant(package, spec)) {
            let near = nearest(spec, packages.iter().map(|package| package.name.as_str()));
            return Err(CheckError::Usage {
                message: format!("the workspace has no package `{}`", sources::redact(spec)),
                help: near.map(|near| format!("did you mean `{near}`?")),
            });
        }
    }
    let is_shown = |package: &Package| {
        let among = |specs: &[String]| specs.iter().any(|spec| is_meant(package, spec));
        (request.packages.is_empty() || among(&request.packages)) && !among(&request.exclude)
    };
    Ok(packages.iter().map(is_shown).collect())
}

/// Whether a package-id specification means a package: its name, `name@version`, or its whole id.
fn is_meant(package: &Package, spec: &str) -> bool {
    let version = package.id.rsplit(['#', '@']).next().unwrap_or_default();
    let (name, wanted) = spec.split_once('@').map_or((spec, None), |(name, version)| (name, Some(version)));
    package.id == spec || package.name == name && wanted.is_none_or(|wanted| wanted == version)
}

/// `1 file`, `3 files`
fn counted(count: usize, what: &str) -> String {
    if count == 1 { format!("1 {what}") } else { format!("{count} {what}s") }
}
