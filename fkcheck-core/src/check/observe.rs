//! Which sources are read: those that are asked for, or the best one there is.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use super::{CheckError, Request, Status, fleet};
use crate::grammar::nearest;
use crate::model::{Observation, SourceKind};
use crate::outcome::Problem;
use crate::replay::{Dialect, replay};
use crate::snapshot;
use crate::sources::{self, DatabaseUrl, ErrorKind, FoundUrl, Limits, SourceError};
use crate::workspace::{Backend, Database, Workspace};

/// What was read.
#[derive(Default)]
pub(crate) struct Observations<'a> {
    pub(crate) observed: Vec<Observed<'a>>,
    /// The databases by short name, where several are asked for by URL; else empty.
    pub(crate) databases: Vec<String>,
}

/// One observation and the part of the schema that it is about.
pub(crate) struct Observed<'a> {
    pub(crate) observation: Observation,
    pub(crate) database: Option<&'a Database>,
    /// The database's URL, if it is one.
    pub(crate) url: Option<DatabaseUrl>,
    /// The directory of the migrations, if it is of these.
    pub(crate) migrations: Option<PathBuf>,
}

/// Reads every source that is asked for, or the best one there is. `named_schemas` are those that the code names.
pub(crate) fn observe<'a>(
    request: &Request,
    workspace: &'a Workspace,
    named_schemas: &HashSet<&str>,
    status: &mut dyn FnMut(Status),
    problems: &mut Vec<Problem>,
) -> Result<Observations<'a>, CheckError> {
    let mut observations = Observations::default();
    for database in chosen_databases(request, workspace)? {
        let before = problems.len() + observations.observed.len();
        if wants(request, SourceKind::Database) && !request.offline {
            read_databases(request, workspace, named_schemas, database, status, &mut observations, problems)?;
        }
        let observed = &mut observations.observed;
        // Without a wish, the first source that there is.
        let is_next = |source, known: usize| {
            request.against.contains(&source) || wants(request, source) && known == before
        };
        if is_next(SourceKind::Snapshot, problems.len() + observed.len()) {
            read_snapshot(request, workspace, database, observed, problems);
        }
        if is_next(SourceKind::Migrations, problems.len() + observed.len()) {
            read_migrations(request, workspace, database, status, observed, problems)?;
        }
        if problems.len() + observed.len() == before {
            problems.push(no_source(request, workspace, database));
        }
    }
    let is_migrations = |observed: &Observed<'_>| observed.observation.source == SourceKind::Migrations;
    if request.scratch_url.is_some()
        && !observations.observed.iter().any(is_migrations)
        && problems.is_empty()
    {
        let text = "`--scratch-url` is for the migrations, which aren't what is compared here; `--against migrations` compares them".to_owned();
        status(Status::Line { verb: "Note", text, verbose: false });
    }
    Ok(observations)
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
    let usage = |message: &str, help: &str| {
        Err(CheckError::Usage { message: message.to_owned(), help: Some(help.to_owned()) })
    };
    match (&request.database_urls[..], &request.database_urls_from, &chosen[..]) {
        (_, _, []) => Ok(vec![None]),
        ([], None, _) | (_, _, [_]) => Ok(chosen),
        ([_], None, _) => usage(
            "`--database-url` is one database, and several are configured",
            "say which one it is with `--database NAME`",
        ),
        _ => usage(
            "the databases given by URL share one schema, and several are configured",
            "say which one they stand for with `--database NAME`",
        ),
    }
}

/// Reads the databases that are asked for by URL, else the one that the environment or `.env` names.
fn read_databases<'a>(
    request: &Request,
    workspace: &'a Workspace,
    named_schemas: &HashSet<&str>,
    database: Option<&'a Database>,
    status: &mut dyn FnMut(Status),
    observations: &mut Observations<'a>,
    problems: &mut Vec<Problem>,
) -> Result<(), CheckError> {
    let asked_for = fleet::asked_for(request)?;
    let found = match asked_for.as_deref() {
        Some([]) => {
            problems.push(fleet::nothing_asked_for(request));
            return Ok(());
        }
        Some([_]) | None => asked_for.and_then(|mut urls| urls.pop()),
        Some(urls) => {
            let how = fleet::How {
                limits: limits(request, workspace),
                jobs: request.jobs,
                section: database.map(|database| database.name.as_str()),
                named_schemas,
            };
            let fleet = fleet::read(urls, &how, status, problems)?;
            let observed = |observation| Observed { observation, database, url: None, migrations: None };
            observations.observed.extend(fleet.observations.into_iter().map(observed));
            observations.databases = fleet.names;
            return Ok(());
        }
    };
    let observed = &mut observations.observed;
    read_database(found, request, workspace, database, status, observed, problems)
}

fn read_database<'a>(
    asked_for: Option<FoundUrl>,
    request: &Request,
    workspace: &'a Workspace,
    database: Option<&'a Database>,
    status: &mut dyn FnMut(Status),
    observed: &mut Vec<Observed<'a>>,
    problems: &mut Vec<Problem>,
) -> Result<(), CheckError> {
    let found = match asked_for {
        Some(found) => Ok(Some(found)),
        None => sources::find_url(url_env(workspace, database), &workspace.root),
    };
    let found = match found {
        Ok(Some(found)) => found,
        Ok(None) => return Ok(()),
        Err(error) => return source_failed(error, problems),
    };
    status(Status::Line {
        verb: "Connecting",
        text: format!("{} ({})", found.url, found.origin),
        verbose: true,
    });
    match sources::read_database(
        &found.url,
        &limits(request, workspace),
        database.map(|database| database.name.as_str()),
    ) {
        Ok(observation) => observed.push(Observed {
            observation: observation.with_plain_names(),
            database,
            url: Some(found.url),
            migrations: None,
        }),
        Err(error) => source_failed(fleet::placed(error, &found.origin), problems)?,
    }
    Ok(())
}

pub(super) fn limits(request: &Request, workspace: &Workspace) -> Limits {
    Limits {
        deadline: request.deadline.or(workspace.config.deadline).unwrap_or(Limits::default().deadline),
        insecure_tls: request.insecure_tls,
        definitions: request.aligning,
    }
}

fn url_env<'a>(workspace: &'a Workspace, database: Option<&'a Database>) -> &'a str {
    let of_database = database.and_then(|database| database.url_env.as_deref());
    of_database.or(workspace.config.url_env.as_deref()).unwrap_or("DATABASE_URL")
}

fn read_migrations<'a>(
    request: &Request,
    workspace: &'a Workspace,
    database: Option<&'a Database>,
    status: &mut dyn FnMut(Status),
    observed: &mut Vec<Observed<'a>>,
    problems: &mut Vec<Problem>,
) -> Result<(), CheckError> {
    let Some(backend) = database.and_then(|database| database.backend).or(workspace.backends.only()) else {
        return Ok(());
    };
    let configured = database.and_then(|database| database.migrations.clone());
    let directories = configured.map_or_else(|| workspace.migrations.clone(), |directory| vec![directory]);
    let [directory] = &directories[..] else { return Ok(()) };
    let shown = directory.strip_prefix(&workspace.root).unwrap_or(directory).display();
    let (verb, text) = match backend {
        Backend::Sqlite => ("Running", format!("the migrations of `{shown}` in an in-memory SQLite")),
        Backend::Postgres | Backend::Mysql => ("Replaying", format!("the migrations of `{shown}`")),
    };
    status(Status::Line { verb, text, verbose: false });
    let section = database.map(|database| database.name.as_str());
    let read = match backend {
        Backend::Sqlite => {
            sources::read_sqlite_migrations(directory, &limits(request, workspace), section, None)
        }
        Backend::Postgres => server_migrations(Dialect::Postgres, directory, request, workspace),
        Backend::Mysql => server_migrations(Dialect::Mysql, directory, request, workspace),
    };
    match read {
        Ok(mut observation) => {
            observation.database = section.map(str::to_owned);
            let observation = observation.with_plain_names();
            observed.push(Observed { observation, database, url: None, migrations: Some(directory.clone()) });
        }
        Err(error) => source_failed(error, problems)?,
    }
    Ok(())
}

/// Replays migrations; or, where a server is given for that, runs them there, and takes no more from the replay than where
/// each key was last set.
fn server_migrations(
    dialect: Dialect,
    directory: &Path,
    request: &Request,
    workspace: &Workspace,
) -> Result<Observation, SourceError> {
    let replayed = replay(dialect, directory, &workspace.root).map_err(SourceError::from);
    let Some(url) = request.scratch_url.as_deref().filter(|_| !request.offline) else { return replayed };
    let url = DatabaseUrl::parse(url)?;
    let mut observation =
        sources::read_in_scratch(&url, directory, &limits(request, workspace))?.with_plain_names();
    for key in &mut observation.keys {
        let same = replayed.iter().flat_map(|replayed| &replayed.keys).find(|other| other.key == key.key);
        key.origin = same.and_then(|other| other.origin.clone());
    }
    Ok(observation)
}

/// Reads the part of `fkcheck.lock` that is about this database. Only a snapshot that is asked for has to be there.
fn read_snapshot<'a>(
    request: &Request,
    workspace: &'a Workspace,
    database: Option<&'a Database>,
    observed: &mut Vec<Observed<'a>>,
    problems: &mut Vec<Problem>,
) {
    let is_asked_for = request.against.contains(&SourceKind::Snapshot);
    let name = database.map(|database| database.name.as_str());
    match snapshot::load(&workspace.root, name) {
        Ok(Some(observation)) => {
            observed.push(Observed { observation, database, url: None, migrations: None });
        }
        Ok(None) if !is_asked_for => {}
        Ok(None) => problems.push(Problem {
            message: match name {
                Some(name) => format!("{} has nothing of the database `{name}`", snapshot::FILE_NAME),
                None => format!("there is no {} in the workspace's root", snapshot::FILE_NAME),
            },
            label: None,
            help: vec!["`cargo fkcheck snapshot` writes it, from a database".to_owned()],
        }),
        Err(problem) => problems.push(*problem),
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

pub(super) fn problem_of(error: &SourceError) -> Problem {
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
    let mut help = vec![if request.offline {
        "leave `--offline` away where a database may be asked".to_owned()
    } else {
        format!("set {env}, or pass `--database-url`")
    }];
    help.push(match (workspace.migrations.len(), workspace.backends.only()) {
        (0, _) => "migrations were looked for where diesel.toml says and in `migrations/`; none are there".to_owned(),
        (1, None) => "the migrations can be replayed without a database; for several backends, name one in \
                      `[workspace.metadata.fkcheck.databases.NAME]` with `backend = \"postgres\"` and `migrations = \"..\"`"
            .to_owned(),
        (1, Some(_)) => "or pass `--against migrations`: they can be read without one".to_owned(),
        (several, _) => format!(
            "{several} directories hold migrations; name one in `[workspace.metadata.fkcheck.databases.NAME]` with `migrations = \"..\"`"
        ),
    });
    Problem { message: format!("{what}: {why}"), label: None, help }
}
