//! The two states of one database: what the commit and what the work tree make of it.

use std::collections::HashMap;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use toml_edit::DocumentMut;

use super::past::{Past, Read};
use super::sql::Sql;
use super::{Place, shown};
use crate::engines::Script;
use crate::lock;
use crate::model::{Doubt, Engine, Observation, Origin, Problem, SourceFile, SourceKind, Visibility, disk};
use crate::replay::{self, Migration};
use crate::run::{self, Request};
use crate::sources::{self, SourceError};
use crate::words::counted;
use crate::workspace::{Database, Workspace};

/// One state.
pub(super) struct Side {
    pub(super) database: Option<String>,
    pub(super) source: SourceKind,
    /// What was read.
    pub(super) label: String,
    /// `None`: both states have the same texts, so nothing was replayed.
    pub(super) observation: Option<Observation>,
    /// In Diesel's order; none of a snapshot.
    texts: Vec<Text>,
    /// The migrations that the other side doesn't have, or has otherwise, by place in `texts`.
    own: Vec<usize>,
    is_past: bool,
}

/// A migration, read.
struct Text {
    name: String,
    file: SourceFile,
    in_repository: String,
    in_transaction: bool,
}

impl Side {
    /// The texts that the other side doesn't have.
    pub(super) fn own_texts(&self) -> impl DoubleEndedIterator<Item = &str> {
        self.own.iter().map(|at| &*self.texts[*at].file.text)
    }

    /// The place in the repository that an observation points to.
    pub(super) fn place(&self, origin: &Origin) -> Option<Place> {
        let text = self.texts.iter().find(|text| text.file.path == origin.file.path)?;
        Some(self.place_in(text, origin.bytes.start))
    }

    /// Whether only this side has what an observation points to.
    pub(super) fn is_own(&self, origin: &Origin) -> bool {
        self.own.iter().any(|at| self.texts[*at].file.path == origin.file.path)
    }

    /// Where, in the texts that the other side doesn't have, the last statement begins that holds all of these words.
    pub(super) fn last_with(&self, words: &[&str]) -> Option<Place> {
        self.own.iter().rev().find_map(|at| {
            let text = &self.texts[*at];
            Some(self.place_in(text, Sql::new(&text.file.text).last_with(words)?))
        })
    }

    fn place_in(&self, text: &Text, byte: usize) -> Place {
        let before = text.file.text.get(..byte).unwrap_or_default();
        Place {
            file: text.file.display.clone(),
            in_repository: text.in_repository.clone(),
            line: before.matches('\n').count() + 1,
            is_past: self.is_past,
        }
    }
}

/// What both states are read from.
pub(super) struct Sides<'a> {
    pub(super) request: &'a Request,
    pub(super) workspace: &'a Workspace,
    pub(super) past: &'a Past,
    pub(super) database: Option<&'a Database>,
}

impl Sides<'_> {
    /// Before and after, for each kind of source that is asked for; else of the migrations, or of the snapshot where there are
    /// none that can be read.
    pub(super) fn read(&self) -> Result<Vec<(Side, Side)>, Box<Problem>> {
        let asked = &self.request.against;
        let mut read = Vec::new();
        if asked.is_empty() || asked.contains(&SourceKind::Migrations) {
            read.extend(self.migrations()?);
        }
        if asked.contains(&SourceKind::Snapshot) || asked.is_empty() && read.is_empty() {
            read.extend(self.snapshots()?);
        }
        if read.is_empty() { Err(Box::new(self.nothing())) } else { Ok(read) }
    }

    fn migrations(&self) -> Result<Option<(Side, Side)>, Box<Problem>> {
        let backend = self.database.and_then(|database| database.backend);
        let Some(engine) = backend.or(self.workspace.backends.only()) else { return Ok(None) };
        let Some(directory) = run::migrations_of(self.workspace, self.database) else { return Ok(None) };
        let failed = |error: SourceError| Box::new(run::problem_of(&error));
        let Some(below) = self.past.below(&directory) else {
            return Err(Box::new(Problem {
                message: format!(
                    "the migrations of `{}` don't belong to this repository",
                    shown(&directory, self.workspace)
                ),
                label: None,
                help: vec!["run it where they are: a submodule has a history of its own".to_owned()],
            }));
        };
        let after = self.of_work_tree(&directory, &below).map_err(failed)?;
        let names: Vec<String> = after.iter().map(|text| text.name.clone()).collect();
        let was_in = self.past.directory_of(&below, &names);
        let before = was_in.as_deref().map(|was_in| self.of_past(was_in)).transpose()?.unwrap_or_default();
        let (own_before, own_after) = (own(&before, &after), own(&after, &before));
        let is_same = own_before.is_empty() && own_after.is_empty();
        let observe = |texts: &[Text]| match texts {
            _ if is_same => Ok(None),
            texts => self.observe(engine, &directory, texts).map(Some),
        };
        let is = observe(&after).map_err(failed)?;
        let was = if before.is_empty() {
            is.as_ref().map(|is| Observation {
                keys: Vec::new(),
                tables: Vec::new(),
                visibility: Visibility::Whole,
                ..is.clone()
            })
        } else {
            observe(&before).map_err(failed)?
        };
        let label = |texts: &[Text], directory: &str| match texts {
            [] => format!("no migrations in `{directory}`"),
            texts => format!("{} of `{directory}`", counted(texts.len(), "migration")),
        };
        let was_in = was_in.map_or_else(|| directory.clone(), |was_in| self.in_work_tree(&was_in));
        let before_label = label(&before, &shown(&was_in, self.workspace));
        let after_label = label(&after, &shown(&directory, self.workspace));
        Ok(Some((
            self.side(before_label, was, before, own_before, true),
            self.side(after_label, is, after, own_after, false),
        )))
    }

    fn side(
        &self,
        label: String,
        observation: Option<Observation>,
        texts: Vec<Text>,
        own: Vec<usize>,
        is_past: bool,
    ) -> Side {
        let database = self.database.map(|database| database.name.clone());
        Side { database, source: SourceKind::Migrations, label, observation, texts, own, is_past }
    }

    /// Where a file of the repository is, or would be.
    fn in_work_tree(&self, in_repository: &str) -> PathBuf {
        let path = self.past.top().join(in_repository);
        let root = self.workspace.root.canonicalize().ok();
        let below = root.and_then(|root| path.strip_prefix(root).map(Path::to_owned).ok());
        below.map_or(path, |below| self.workspace.root.join(below))
    }

    fn of_work_tree(&self, directory: &Path, below: &str) -> Result<Vec<Text>, SourceError> {
        let unreadable =
            |path: &Path, reason: String| SourceError::MigrationsDirectory { path: path.to_owned(), reason };
        let mut texts = Vec::new();
        for migration in replay::migrations(directory)? {
            let name = migration.path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            let path = migration.path.join("up.sql");
            let up = disk::read(&path).map_err(|error| unreadable(&path, error.to_string()))?;
            let metadata = migration.path.join("metadata.toml");
            let metadata = match disk::read(&metadata) {
                Ok(text) => Some(text),
                Err(error) if error.kind() == ErrorKind::NotFound => None,
                Err(error) => return Err(unreadable(&metadata, error.to_string())),
            };
            texts.push(self.text(path, below, Read { name, up, metadata }));
        }
        Ok(texts)
    }

    fn of_past(&self, directory: &str) -> Result<Vec<Text>, Box<Problem>> {
        let listed = self.past.migrations(directory)?;
        let read = self.past.texts(&listed)?;
        let of = |read: Read| {
            let path = self.in_work_tree(directory).join(&read.name).join("up.sql");
            self.text(path, directory, read)
        };
        let mut texts: Vec<Text> = read.into_iter().map(of).collect();
        texts.sort_by_cached_key(|text| (Migration::version_of(&text.name), text.name.clone()));
        Ok(texts)
    }

    fn text(&self, path: PathBuf, directory: &str, read: Read) -> Text {
        let in_repository = format!("{directory}/{}/up.sql", read.name);
        Text {
            in_repository: in_repository.trim_start_matches('/').to_owned(),
            in_transaction: read.metadata.is_none_or(|text| runs_in_transaction(&text)),
            file: replay::up_sql(path, &read.up, &self.workspace.root),
            name: read.name,
        }
    }

    fn observe(&self, engine: Engine, directory: &Path, texts: &[Text]) -> Result<Observation, SourceError> {
        let section = self.database.map(|database| database.name.as_str());
        let observation = if sources::runs_in_memory(engine) {
            let scripts = texts.iter().map(Text::script).collect();
            let limits = run::limits(self.request, self.workspace);
            sources::run_scripts(engine, directory, scripts, &limits, section)?
        } else {
            let files: Vec<SourceFile> = texts.iter().map(|text| text.file.clone()).collect();
            replay::replay_files(engine, directory, &files)?
        };
        Ok(observation.with_plain_names())
    }

    fn snapshots(&self) -> Result<Option<(Side, Side)>, Box<Problem>> {
        let name = self.database.map(|database| database.name.as_str());
        let path = self.workspace.root.join(lock::FILE_NAME);
        let Some(is) = lock::load(&self.workspace.root, name)? else { return Ok(None) };
        let text = match self.past.below(&path) {
            Some(path) => self.past.text(&path)?,
            None => None,
        };
        let text = text.map(|text| String::from_utf8_lossy(&text).into_owned());
        let at = format!(" at {}", self.past.short());
        let was = text.map(|text| lock::of_text(&text, name, &at)).transpose()?.flatten();
        let Some(was) = was else {
            return Err(Box::new(Problem {
                message: format!(
                    "there was no {} at {} that tells of this database",
                    lock::FILE_NAME,
                    self.past.short()
                ),
                label: None,
                help: vec![
                    "what was before can be told of migrations, or once both states have a snapshot"
                        .to_owned(),
                ],
            }));
        };
        let side = |observation: Observation, label: String, is_past| Side {
            source: SourceKind::Snapshot,
            ..self.side(label, Some(observation.with_plain_names()), Vec::new(), Vec::new(), is_past)
        };
        let label = |observation: &Observation| {
            format!("{} of {}", counted(observation.keys.len(), "key"), lock::FILE_NAME)
        };
        let (was_label, is_label) = (label(&was), label(&is));
        Ok(Some((side(was, was_label, true), side(is, is_label, false))))
    }

    fn nothing(&self) -> Problem {
        let of = match self.database {
            Some(database) => format!(" of the database `{}`", database.name),
            None => String::new(),
        };
        let help = match (self.workspace.migrations.len(), self.workspace.backends.only()) {
            (0, _) => "migrations were looked for where diesel.toml says and in `migrations/`".to_owned(),
            (_, None) if self.database.is_none_or(|database| database.backend.is_none()) => {
                "for several backends, name one in `[workspace.metadata.fkcheck.databases.NAME]` with `backend = \"postgres\"` and `migrations = \"..\"`".to_owned()
            }
            _ => "where several directories hold migrations, name one in `[workspace.metadata.fkcheck.databases.NAME]` with `migrations = \"..\"`".to_owned(),
        };
        Problem {
            message: format!(
                "there is nothing to compare{of}: no migrations that can be read, and no {}",
                lock::FILE_NAME
            ),
            label: None,
            help: vec![help, "`cargo fkcheck snapshot` writes a snapshot, to be committed".to_owned()],
        }
    }
}

impl Text {
    fn script(&self) -> Script {
        Script {
            version: Migration::version_of(&self.name),
            path: self.file.path.clone(),
            sql: self.file.text.to_string(),
            in_transaction: self.in_transaction,
            name: self.name.clone(),
        }
    }
}

/// What Diesel takes where the file doesn't say otherwise.
fn runs_in_transaction(metadata: &[u8]) -> bool {
    let document = String::from_utf8_lossy(metadata).parse::<DocumentMut>();
    let said = document.ok().and_then(|document| document.get("run_in_transaction")?.as_bool());
    said.unwrap_or(true)
}

/// Those that the others don't have, by place.
fn own(texts: &[Text], others: &[Text]) -> Vec<usize> {
    let by_name: HashMap<&str, &Text> = others.iter().map(|text| (text.name.as_str(), text)).collect();
    let is_there = |text: &Text| {
        by_name.get(&*text.name).is_some_and(|other| {
            other.file.text == text.file.text && other.in_transaction == text.in_transaction
        })
    };
    (0..texts.len()).filter(|at| !is_there(&texts[*at])).collect()
}

/// What can't be known without running the migrations. What is in both states does the same in both: it is said, and is a problem
/// only where something that differs may have to do with it.
pub(super) fn doubts(before: &Side, after: &Side, problems: &mut Vec<Problem>) -> Vec<String> {
    let of = |side: &Side| match side.observation.as_ref().map(|observation| &observation.visibility) {
        Some(Visibility::Except(doubts)) => doubts.clone(),
        _ => Vec::new(),
    };
    for side in [before, after] {
        problems.extend(side.observation.as_ref().and_then(run::not_seen_whole));
    }
    let (was, is) = (of(before), of(after));
    let is_same = |left: &Doubt, right: &Doubt| {
        let text = |doubt: &Doubt| {
            doubt.origin.as_ref().map(|origin| origin.file.text.get(origin.bytes.clone()).map(str::to_owned))
        };
        left.why == right.why && left.tables == right.tables && text(left) == text(right)
    };
    let is_in_both = |doubt: &Doubt| {
        let is_own = |side: &Side| doubt.origin.as_ref().is_some_and(|origin| side.is_own(origin));
        !is_own(before)
            && !is_own(after)
            && was.iter().any(|other| is_same(doubt, other))
            && is.iter().any(|other| is_same(doubt, other))
    };
    let concerns_changes = |doubt: &Doubt| match &doubt.tables {
        None => true,
        Some(tables) => {
            let names = |text: &str| {
                let sql = Sql::new(text);
                tables.iter().any(|table| sql.names(&table.name))
            };
            before.own_texts().chain(after.own_texts()).any(names)
        }
    };
    let mut told = Vec::new();
    for doubt in &is {
        if is_in_both(doubt) && !concerns_changes(doubt) {
            told.push(doubt.with_place());
        } else {
            problems.push(not_followed(doubt, ""));
        }
    }
    for doubt in was.iter().filter(|doubt| !is_in_both(doubt)) {
        problems.push(not_followed(doubt, ", before the change"));
    }
    told
}

fn not_followed(doubt: &Doubt, when: &str) -> Problem {
    let tables = match &doubt.tables {
        Some(tables) => tables.iter().map(|table| format!("`{table}`")).collect::<Vec<_>>().join(", "),
        None => "any table".to_owned(),
    };
    Problem {
        message: format!("{} was not replayed{when}; it may change keys of {tables}", doubt.with_place()),
        label: None,
        help: vec![
            "what it does to the keys isn't known; `--against snapshot` compares snapshots of a database"
                .to_owned(),
        ],
    }
}
