//! Which sources are read: those that are asked for, or the best one there is.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use super::problems::problem_of;
use super::read_source::ReadSource;
use super::{CheckError, Request, Status, fleet, last_migration};
use crate::grammar::nearest;
use crate::lock;
use crate::model::{Engine, Observation, SourceKind};
use crate::outcome::Problem;
use crate::replay::replay;
use crate::sources::{self, DatabaseUrl, ErrorKind, FoundUrl, Limits, SourceError};
use crate::workspace::{Database, Workspace};

/// What was read.
#[derive(Default)]
pub(super) struct Sources {
    pub(super) observed: Vec<ReadSource>,
    /// The databases by short name, where several are asked for by URL; else empty.
    pub(super) databases: Vec<String>,
    /// What could not be read.
    pub(super) problems: Vec<Problem>,
}

/// Reads every source that is asked for, or the best one there is. `named_schemas` are those that the code names.
///
/// # Errors
/// Where something is asked for that can't be a source.
pub(super) fn observe(
    request: &Request,
    workspace: &Workspace,
    named_schemas: &HashSet<&str>,
    status: &dyn Fn(Status),
) -> Result<Sources, CheckError> {
    let mut reader = Reader { request, workspace, named_schemas, status, read: Sources::default() };
    for database in chosen_databases(request, workspace)? {
        reader.read(database)?;
    }
    let read = reader.read;
    let is_migrations = |observed: &ReadSource| observed.observation.source == SourceKind::Migrations;
    if request.scratch_url.is_some() && !read.observed.iter().any(is_migrations) && read.problems.is_empty() {
        let text = "`--scratch-url` is for the migrations, which aren't what is compared here; `--against migrations` compares them".to_owned();
        status(Status::Line { verb: "Note", text, verbose: false });
    }
    Ok(read)
}

/// What the migrations make, whatever the request compares with, without a word.
pub(super) fn migrations(request: &Request, workspace: &Workspace) -> Result<Vec<ReadSource>, CheckError> {
    let request = Request { against: vec![SourceKind::Migrations], ..request.clone() };
    Ok(observe(&request, workspace, &HashSet::new(), &|_| {})?.observed)
}

/// Reads one configured database after the other.
struct Reader<'r> {
    request: &'r Request,
    workspace: &'r Workspace,
    named_schemas: &'r HashSet<&'r str>,
    status: &'r dyn Fn(Status),
    read: Sources,
}

impl Reader<'_> {
    /// Without a wish, the first source that there is.
    fn read(&mut self, database: Option<&Database>) -> Result<(), CheckError> {
        let before = self.known();
        if wants(self.request, SourceKind::Database) && !self.request.offline {
            self.read_databases(database)?;
        }
        let is_missing = self.known() == before && is_needed(self.request, database);
        let later =
            if self.is_next(SourceKind::Snapshot, before) { self.read_snapshot(database) } else { None };
        let after_snapshot = self.known();
        let catches_up = self.request.catches_up && self.request.against.is_empty();
        if let Some(name) = later.as_ref().filter(|_| catches_up) {
            let text = format!(
                "{} is older than `{name}`: the migrations are compared too; `cargo fkcheck snapshot` renews it",
                lock::FILE_NAME
            );
            (self.status)(Status::Line { verb: "Note", text, verbose: false });
        }
        if self.is_next(SourceKind::Migrations, before) || later.is_some() && catches_up {
            self.read_migrations(database)?;
        }
        if let Some(name) = later.filter(|_| self.known() == after_snapshot) {
            self.read.problems.push(last_migration::not_in_snapshot(&name));
        }
        if self.known() == before {
            self.read.problems.push(no_source(self.request, self.workspace, database));
        } else if is_missing {
            self.read.problems.push(no_url(self.workspace, database));
        }
        Ok(())
    }

    /// How many sources have told something, or have told why not.
    fn known(&self) -> usize {
        self.read.problems.len() + self.read.observed.len()
    }

    fn is_next(&self, source: SourceKind, before: usize) -> bool {
        self.request.against.contains(&source) || wants(self.request, source) && self.known() == before
    }

    /// Reads the databases that are asked for by URL, else the one that the environment or `.env` names.
    fn read_databases(&mut self, database: Option<&Database>) -> Result<(), CheckError> {
        let asked_for = fleet::asked_for(self.request)?;
        match asked_for.as_deref() {
            Some([]) => self.read.problems.push(fleet::nothing_asked_for(self.request)),
            Some([_]) | None => {
                return self.read_database(asked_for.and_then(|mut urls| urls.pop()), database);
            }
            Some(urls) => {
                let options = fleet::FleetOptions {
                    limits: limits(self.request, self.workspace),
                    jobs: self.request.jobs,
                    section: database.map(|database| database.name.as_str()),
                    named_schemas: self.named_schemas,
                };
                let fleet = fleet::read(urls, &options, self.status)?;
                let observed = |observation| ReadSource::new(observation, database);
                self.read.observed.extend(fleet.observations.into_iter().map(observed));
                self.read.databases = fleet.names;
                self.read.problems.extend(fleet.problems);
            }
        }
        Ok(())
    }

    fn read_database(
        &mut self,
        asked_for: Option<FoundUrl>,
        database: Option<&Database>,
    ) -> Result<(), CheckError> {
        let found = match asked_for {
            Some(found) => Ok(Some(found)),
            None => sources::find_url(url_env(self.workspace, database), &self.workspace.root),
        };
        let found = match found {
            Ok(Some(found)) => found,
            Ok(None) => return Ok(()),
            Err(error) => return self.failed(error),
        };
        (self.status)(Status::Line {
            verb: "Connecting",
            text: format!("{} ({})", found.url, found.origin),
            verbose: true,
        });
        let section = database.map(|database| database.name.as_str());
        match sources::read_database(&found.url, &limits(self.request, self.workspace), section) {
            Ok(observation) => {
                let observed = ReadSource::new(observation.with_plain_names(), database);
                self.read.observed.push(ReadSource { url: Some(found.url), ..observed });
                Ok(())
            }
            Err(error) => self.failed(fleet::placed(error, &found.origin)),
        }
    }

    fn read_migrations(&mut self, database: Option<&Database>) -> Result<(), CheckError> {
        let (request, workspace) = (self.request, self.workspace);
        let Some(engine) = database.and_then(|database| database.backend).or(workspace.backends.only())
        else {
            return Ok(());
        };
        let Some(directory) = &migrations_of(workspace, database) else { return Ok(()) };
        let shown = directory.strip_prefix(&workspace.root).unwrap_or(directory).display();
        let in_memory = sources::runs_in_memory(engine);
        let (verb, text) = if in_memory {
            ("Running", format!("the migrations of `{shown}` in an in-memory {engine}"))
        } else {
            ("Replaying", format!("the migrations of `{shown}`"))
        };
        (self.status)(Status::Line { verb, text, verbose: false });
        let section = database.map(|database| database.name.as_str());
        let read = if in_memory {
            sources::run_in_memory(engine, directory, &limits(request, workspace), section, None)
        } else {
            server_migrations(engine, directory, request, workspace)
        };
        match read {
            Ok(mut observation) => {
                observation.database = section.map(str::to_owned);
                let observation = observation.with_plain_names();
                let observed = ReadSource::new(observation, database);
                self.read.observed.push(ReadSource { migrations: Some(directory.clone()), ..observed });
                Ok(())
            }
            Err(error) => self.failed(error),
        }
    }

    /// Reads the part of `fkcheck.lock` that is about this database. Only a snapshot that is asked for has to be there. Returns
    /// the first migration that came later.
    fn read_snapshot(&mut self, database: Option<&Database>) -> Option<String> {
        let is_asked_for = self.request.against.contains(&SourceKind::Snapshot);
        let name = database.map(|database| database.name.as_str());
        match lock::load(&self.workspace.root, name) {
            Ok(Some(observation)) => {
                let directory = migrations_of(self.workspace, database);
                let later = directory.and_then(|dir| last_migration::first_after(&observation, &dir));
                self.read.observed.push(ReadSource::new(observation, database));
                return later;
            }
            Ok(None) if !is_asked_for => {}
            Ok(None) => self.read.problems.push(Problem {
                message: match name {
                    Some(name) => format!("{} has nothing of the database `{name}`", lock::FILE_NAME),
                    None => format!("there is no {} in the workspace's root", lock::FILE_NAME),
                },
                label: None,
                help: vec!["`cargo fkcheck snapshot` writes it, from a database".to_owned()],
            }),
            Err(problem) => self.read.problems.push(*problem),
        }
        None
    }

    /// What a source could not tell is a problem of the run; what the user got wrong ends it.
    fn failed(&mut self, error: SourceError) -> Result<(), CheckError> {
        match error.kind() {
            ErrorKind::Usage => Err(error.into()),
            ErrorKind::Unknown => {
                self.read.problems.push(problem_of(&error));
                Ok(())
            }
        }
    }
}

/// The directory of a database's migrations, where there is one and no other.
pub(super) fn migrations_of(workspace: &Workspace, database: Option<&Database>) -> Option<PathBuf> {
    let configured = database.and_then(|database| database.migrations.clone());
    match &workspace.migrations[..] {
        [only] => configured.or_else(|| Some(only.clone())),
        _ => configured,
    }
}

fn wants(request: &Request, source: SourceKind) -> bool {
    request.against.is_empty() || request.against.contains(&source)
}

/// Whether other sources can't stand for the database: it is asked for, or configured and not optional.
fn is_needed(request: &Request, database: Option<&Database>) -> bool {
    let is_configured = database.is_some_and(|database| database.url_env.is_some() && !database.optional);
    request.against.contains(&SourceKind::Database)
        || request.against.is_empty() && !request.offline && is_configured
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

pub(crate) fn limits(request: &Request, workspace: &Workspace) -> Limits {
    Limits {
        deadline: request.deadline.or(workspace.config.deadline).unwrap_or(Limits::default().deadline),
        insecure_tls: request.insecure_tls,
        definitions: request.wants_definitions,
        outside: request.wants_outside,
    }
}

fn url_env<'a>(workspace: &'a Workspace, database: Option<&'a Database>) -> &'a str {
    let of_database = database.and_then(|database| database.url_env.as_deref());
    of_database.or(workspace.config.url_env.as_deref()).unwrap_or("DATABASE_URL")
}

/// Replays migrations; or, where a server is given for that, runs them there, and takes no more from the replay than where
/// each key was last set.
fn server_migrations(
    engine: Engine,
    directory: &Path,
    request: &Request,
    workspace: &Workspace,
) -> Result<Observation, SourceError> {
    let replayed = replay(engine, directory, &workspace.root).map_err(SourceError::from);
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

fn no_url(workspace: &Workspace, database: Option<&Database>) -> Problem {
    let env = url_env(workspace, database);
    let what = database.map_or_else(String::new, |database| format!(" `{}`", database.name));
    let mut help = vec![format!("set {env}, or pass `--database-url`")];
    help.extend(database.map(|database| {
        format!(
            "or write `optional = true` into `[workspace.metadata.fkcheck.databases.{}]`, or leave it out: `--database` names those to check",
            database.name
        )
    }));
    Problem {
        message: format!(
            "the database{what} was not asked: its URL is not known ({env} is set neither in the environment nor in .env)"
        ),
        label: None,
        help,
    }
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
