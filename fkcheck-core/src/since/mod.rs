//! `cargo fkcheck --since REF`: what a branch changes in deletes. The migrations (or the snapshot) of the commit that it started
//! from and those of the work tree, keys and consequences compared.

mod effects;
mod keys;
mod past;
mod sides;
mod sql;

use std::collections::HashSet;

use crate::consequence::When;
use crate::model::{
    Action, Deferrability, IdentifierCase, KeyName, Observation, Problem, SourceKind, TableKind, TableName,
};
use crate::outcome::Outcome;
use crate::run::{self, CheckError, Request, Status};
use crate::workspace::{self, Workspace};
use past::Past;
use sides::{Side, Sides};

/// What has changed since a commit.
#[derive(Clone, Debug)]
pub struct Since {
    /// What was asked for: a branch, a tag, a commit.
    pub reference: String,
    /// Where HEAD parted from it; `None`: that isn't known.
    pub commit: Option<String>,
    /// One for each database and kind of source.
    pub changes: Vec<Changes>,
    /// What could not be known, as a check reports it.
    pub outcome: Outcome,
}

/// What has changed in one database.
#[derive(Clone, Debug)]
pub struct Changes {
    /// The configured database, where the workspace has any.
    pub database: Option<String>,
    /// Migrations, or the snapshot.
    pub source: SourceKind,
    /// What was read of the commit, e.g. ``341 migrations of `migrations` ``.
    pub before: String,
    /// What was read of the work tree.
    pub after: String,
    /// Tables that are new, by name.
    pub new_tables: Vec<TableName>,
    /// Tables that are gone, by name.
    pub gone_tables: Vec<TableName>,
    /// Tables that have another name now: what it was and is.
    pub renamed_tables: Vec<(TableName, TableName)>,
    /// The keys that are new, gone or otherwise, by child and columns.
    pub keys: Vec<KeyChange>,
    /// What deletes of tables that were there before do otherwise.
    pub deletes: Vec<Effect>,
    /// What neither side tells, and no change is about; a sentence each.
    pub not_told: Vec<String>,
}

impl Changes {
    /// Whether there is nothing to be said.
    pub fn is_empty(&self) -> bool {
        self.new_tables.is_empty()
            && self.gone_tables.is_empty()
            && self.renamed_tables.is_empty()
            && self.keys.is_empty()
            && self.deletes.is_empty()
    }
}

/// A key that isn't as it was.
#[derive(Clone, Debug)]
pub struct KeyChange {
    /// As it is now; of one that is gone, as it was.
    pub key: KeyName,
    /// The same of its parent.
    pub parent: TableName,
    /// The same of the constraint's name.
    pub constraint: Option<String>,
    /// The same of its rule.
    pub on_delete: Action,
    /// What has happened to it.
    pub change: Change,
    /// Where; of one that is gone, where it was made if nothing else is known.
    pub place: Option<Place>,
}

/// What has happened to a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// It is new.
    New,
    /// It is gone.
    Gone,
    /// It is otherwise; at least one.
    Altered(Vec<Altered>),
}

/// What of a key is otherwise, with how it was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Altered {
    /// ON DELETE.
    OnDelete(Action),
    /// ON UPDATE, with how it is.
    OnUpdate(Action, Action),
    /// The parent, with its columns.
    Parent(KeyName),
    /// When it is checked, with how it is.
    Deferrability(Deferrability, Deferrability),
    /// Whether it acts at a delete.
    InForce(bool),
    /// Whether its columns take what SET NULL or SET DEFAULT writes.
    Columns,
}

/// A place in a migration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// As other reports print it: below the workspace's root, if it lies there.
    pub file: String,
    /// Below the repository's directory.
    pub in_repository: String,
    /// From 1.
    pub line: usize,
    /// In the commit, not in the work tree.
    pub is_past: bool,
}

/// What deletes do otherwise. Who joins other data with the tables that are deleted from does it by [`tables`](Effect::tables).
#[derive(Clone, Debug)]
pub struct Effect {
    /// What they do.
    pub does: Does,
    /// To these.
    pub targets: Vec<Target>,
    /// The tables that are deleted from, the nearest first, each with how many steps away the nearest target is.
    pub tables: Vec<(TableName, usize)>,
    /// The keys that make it so, as indices of [`Changes::keys`].
    pub causes: Vec<usize>,
}

/// What a delete does otherwise.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Does {
    /// Deletes rows of tables.
    Deletes,
    /// Clears columns; in place of deleting the rows, where that is so.
    Clears {
        /// The rows went before.
        instead: bool,
    },
    /// Can be refused by keys.
    Refused {
        /// The rows went before.
        instead: bool,
    },
    /// Leaves rows without a parent.
    Orphans,
    /// No longer deletes rows of tables.
    Keeps,
    /// No longer clears columns.
    ClearsNoMore,
    /// Is no longer refused by keys.
    RefusedNoMore,
}

/// A table, or the columns of a key.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Target {
    /// The table.
    pub table: TableName,
    /// The key's columns; empty: the table is meant.
    pub columns: Vec<String>,
    /// When a key refuses.
    pub when: Option<When>,
}

/// Compares the work tree with the commit where HEAD parted from `reference`.
///
/// # Errors
/// Where there is no workspace, or what is asked for has no past.
pub fn since(
    request: &Request,
    reference: &str,
    status: &mut dyn FnMut(Status),
) -> Result<Since, CheckError> {
    refuse_databases(request)?;
    // Git would take it for an option.
    if reference.is_empty() || reference.starts_with('-') {
        return Err(CheckError::Usage {
            message: "`--since` takes a branch, a tag or a commit".to_owned(),
            help: Some("e.g. `--since origin/main`".to_owned()),
        });
    }
    let workspace = workspace::load(request.manifest_path.as_deref(), request.deadline)?;
    let databases = run::chosen_databases(request, &workspace)?;
    let mut found = Since {
        reference: reference.to_owned(),
        commit: None,
        changes: Vec::new(),
        outcome: Outcome::default(),
    };
    let past = match Past::open(&workspace.root, reference) {
        Ok(past) => past,
        Err(problem) => {
            found.outcome.problems.push(*problem);
            return Ok(found);
        }
    };
    past.top().clone_into(&mut found.outcome.root);
    found.commit = Some(past.commit.clone());
    status(Status::Line {
        verb: "Comparing",
        text: format!("the work tree with {}, where HEAD parted from `{reference}`", past.short()),
        verbose: false,
    });
    for database in databases {
        let sides = Sides { request, workspace: &workspace, past: &past, database };
        match sides.read() {
            Ok(read) => {
                for (before, after) in &read {
                    let changes = changes(before, after, &mut found.outcome.problems);
                    found.changes.push(changes);
                }
            }
            Err(problem) => found.outcome.problems.push(*problem),
        }
    }
    Ok(found)
}

fn refuse_databases(request: &Request) -> Result<(), CheckError> {
    let has_database = request.against.contains(&SourceKind::Database)
        || !request.database_urls.is_empty()
        || request.database_urls_from.is_some()
        || request.scratch_url.is_some();
    if !has_database {
        return Ok(());
    }
    Err(CheckError::Usage {
        message: "`--since` compares two states of the repository, and a database shows neither".to_owned(),
        help: Some(
            "it reads the migrations, else fkcheck.lock; `--against migrations` or `--against snapshot` chooses"
                .to_owned(),
        ),
    })
}

/// Both sides compared; what isn't known of one is a problem.
fn changes(before: &Side, after: &Side, problems: &mut Vec<Problem>) -> Changes {
    let mut changes = Changes {
        database: after.database.clone(),
        source: after.source,
        before: before.label.clone(),
        after: after.label.clone(),
        new_tables: Vec::new(),
        gone_tables: Vec::new(),
        renamed_tables: Vec::new(),
        keys: Vec::new(),
        deletes: Vec::new(),
        not_told: Vec::new(),
    };
    // The same texts make the same keys, whatever these are.
    let (Some(was), Some(is)) = (&before.observation, &after.observation) else { return changes };
    changes.not_told = sides::doubts(before, after, problems);
    let names = keys::Names::new(was, is, after);
    let was = names.renamed(was);
    (changes.new_tables, changes.gone_tables) = tables(&was, is);
    changes.renamed_tables = names.tables();
    let pairs = keys::Pairs::new(&was, is);
    let (listed, by_pair) = keys::changes(&pairs, &is.engine, before, after);
    changes.deletes = effects::effects(&pairs, &by_pair, &was, is);
    changes.keys = listed;
    changes
}

/// The tables that are new, and those that are gone; partitions go with their table.
fn tables(was: &Observation, is: &Observation) -> (Vec<TableName>, Vec<TableName>) {
    let only = |these: &Observation, those: &Observation| {
        let known = folded_tables(those);
        let case = these.engine.table_case;
        let is_meant =
            |kind: TableKind| !matches!(kind, TableKind::View | TableKind::Partition | TableKind::Virtual);
        let tables = these.tables.iter().filter(|table| is_meant(table.kind)).map(|table| &table.name);
        let mut only: Vec<TableName> =
            tables.filter(|name| !known.contains(&folded(case, name))).cloned().collect();
        only.sort();
        only
    };
    (only(is, was), only(was, is))
}

fn folded_tables(observation: &Observation) -> HashSet<String> {
    let case = observation.engine.table_case;
    observation.tables.iter().map(|table| folded(case, &table.name)).collect()
}

/// Equal for names that mean the same table.
fn folded(case: IdentifierCase, table: &TableName) -> String {
    case.fold(&table.to_string())
}

/// A directory as it is shown: below the workspace's root, if it lies there.
fn shown(directory: &std::path::Path, workspace: &Workspace) -> String {
    let below = directory.strip_prefix(&workspace.root).unwrap_or(directory);
    below.to_string_lossy().replace('\\', "/")
}
