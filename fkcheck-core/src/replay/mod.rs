//! Migrations → the foreign keys that they leave, without a server: the statements are read and carried out on a catalogue
//! in memory. What can't be known without running it is named, never guessed.

mod actions;
mod alter;
mod apply;
mod catalogue;
mod clause;
mod comments;
mod composed;
mod create;
mod dialect;
mod doubts;
mod drop;
mod dynamic;
mod indexes;
mod inheritance;
mod known;
mod list;
mod made;
mod names;
mod partitions;
mod passes;
mod routines;
mod run;
mod session;
mod state;
mod table;
mod tokens;
mod transaction;
pub(crate) mod written_by_fix;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use catalogue::{Catalogue, Key, Parent};
pub use list::{Migration, migrations};
use state::{NotReplayed, Replay, Touched};
use tokens::{Token, Tokens};

use crate::model::{
    ColumnFacts, Doubt, Engine, InForce, KeyName, Observation, ObservedKey, ObservedTable, Origin, Outside,
    SourceFile, SourceKind, TableName, Visibility, disk,
};
use crate::words::counted;

/// Why migrations can't be replayed.
#[derive(Clone, Debug, thiserror::Error)]
#[error("the migrations in {} can't be read: {reason}", path.display())]
pub struct ReplayError {
    /// The directory, or the file.
    pub path: PathBuf,
    /// Why.
    pub reason: String,
}

/// Replays the Diesel migrations in `directory`, oldest first. `root` is what paths are shown relative to.
///
/// # Errors
/// When the directory or a file can't be read, there is no migration, or the engine is one whose SQL the replay doesn't read
/// (SQLite).
pub fn replay(engine: Engine, directory: &Path, root: &Path) -> Result<Observation, ReplayError> {
    let dialect = dialect::of(engine).ok_or_else(|| ReplayError {
        path: directory.to_owned(),
        reason: format!("migrations of {engine} can't be replayed, only run"),
    })?;
    let migrations = migrations(directory)?;
    let mut replay = Replay::new(dialect);
    let mut files = Vec::new();
    for migration in &migrations {
        let path = migration.path.join("up.sql");
        let text = disk::read(&path)
            .map_err(|error| ReplayError { path: path.clone(), reason: error.to_string() })?;
        let text = String::from_utf8_lossy(&text).into_owned();
        let file = files.len();
        match tokens::tokens_of_file(&text, dialect) {
            Ok(tokens) => replay.run_file(&tokens, file),
            Err((why, byte)) => replay.not_replayed.push(NotReplayed {
                place: catalogue::Place { file, bytes: byte..byte },
                what: format!("a file that is no SQL ({why})"),
                tables: None,
            }),
        }
        let display = path.strip_prefix(root).unwrap_or(&path).to_string_lossy().replace('\\', "/");
        files.push(SourceFile { path, display, text: Arc::from(text) });
    }
    Ok(observation(replay, engine, &files, migrations.len()))
}

impl Replay {
    fn run_file(&mut self, Tokens { tokens, perhaps }: &Tokens, file: usize) {
        self.begin_file(tokens);
        for statement in tokens::statements(tokens) {
            let is_perhaps = |token: &&Token| perhaps.iter().any(|place| place.contains(&token.bytes.start));
            let bears_on_keys = statement.iter().filter(is_perhaps).any(known::may_bear_on_keys);
            if bears_on_keys {
                self.note_perhaps(statement, file);
            }
            self.apply(statement, file);
        }
        self.end_transaction();
    }
}

impl Catalogue {
    fn name_of(&self, touched: Touched) -> TableName {
        match touched {
            Touched::Known(table) => self.tables[table].name.clone(),
            Touched::Named(name) => name,
        }
    }
}

fn observation(replay: Replay, engine: Engine, files: &[SourceFile], count: usize) -> Observation {
    let Replay { catalogue, not_replayed, .. } = replay;
    let engine = (catalogue.dialect.facts)(engine);
    let doubts: Vec<Doubt> = not_replayed
        .into_iter()
        .map(|doubt| Doubt {
            why: doubt.what,
            tables: doubt
                .tables
                .map(|tables| tables.into_iter().map(|table| catalogue.name_of(table)).collect()),
            origin: Some(Origin { file: files[doubt.place.file].clone(), bytes: doubt.place.bytes }),
        })
        .collect();
    let keys = catalogue.in_firing_order().into_iter().zip(0..);
    let mut keys: Vec<ObservedKey> = keys
        .filter(|(key, _)| !catalogue.tables[key.child].is_temporary)
        .map(|(key, rank)| ObservedKey {
            firing_order: rank,
            ..observed_key(&catalogue, key, files, engine.indexes_keys)
        })
        .collect();
    keys.sort_by(|left, right| (&left.key, left.firing_order).cmp(&(&right.key, right.firing_order)));
    let tables = catalogue.tables.iter().filter(|table| !table.dropped && !table.is_temporary);
    let observation = Observation {
        source: SourceKind::Migrations,
        database: None,
        label: format!("{} after {}", engine.kind, counted(count, "migration")),
        tables: tables
            .map(|table| ObservedTable {
                storage: table.storage.clone(),
                ..ObservedTable::new(table.name.clone(), table.kind)
            })
            .collect(),
        engine,
        visibility: if doubts.is_empty() { Visibility::Whole } else { Visibility::Except(doubts) },
        remarks: remarks(&catalogue, &keys),
        keys,
        members: Vec::new(),
        hooks_unseen: Some("migrations are read for tables and keys alone".to_owned()),
        outside: Outside::default(),
        definitions: None,
        last_migration: None,
    };
    observation.with_plain_names()
}

/// What depends on the server's version, where the migrations make use of it.
fn remarks(catalogue: &Catalogue, keys: &[ObservedKey]) -> Vec<String> {
    let dialect = catalogue.dialect;
    let is_rivalled =
        |pair: &[ObservedKey]| pair[0].key == pair[1].key && pair[0].on_delete != pair[1].on_delete;
    [
        (
            dialect.inline_keys_vary && catalogue.has_inline_keys,
            "REFERENCES in a column's own definition makes a key in MariaDB 10.5 and MySQL 9.0; MySQL before 9.0 ignores it",
        ),
        (
            dialect.fires_by_name && keys.windows(2).any(is_rivalled),
            "of two keys on the same columns, MariaDB and MySQL before 9.6 take the one first whose name comes first; MySQL 9.6 takes the one that was declared first",
        ),
    ]
    .into_iter()
    .filter(|(applies, _)| *applies)
    .map(|(_, remark)| remark.to_owned())
    .collect()
}

/// InnoDB keeps a longer name that it has made, but shows no more characters of it.
const LONGEST_SHOWN: usize = 64;

fn observed_key(catalogue: &Catalogue, key: &Key, files: &[SourceFile], indexes_keys: bool) -> ObservedKey {
    let child = &catalogue.tables[key.child];
    let (parent, parent_columns) = parent_of(catalogue, key);
    let columns = key.columns.iter().map(|&column| &child.columns[column]);
    ObservedKey {
        key: KeyName {
            table: child.name.clone(),
            columns: columns.clone().map(|column| column.name.clone()).collect(),
        },
        name: Some(key.name.chars().take(LONGEST_SHOWN).collect()),
        parent,
        parent_columns,
        on_delete: key.on_delete.clone(),
        on_update: key.on_update.clone(),
        deferrability: key.deferrability,
        match_type: key.match_type,
        columns: columns
            .map(|column| ColumnFacts {
                nullable: column.nullable,
                has_default: column.has_default,
                generated: column.generated,
            })
            .collect(),
        child_kind: child.kind,
        covering_index: Some(indexes_keys || catalogue.is_covered(key.child, &key.columns)),
        child_rows: None,
        in_force: InForce {
            validated: key.validated,
            enforced: key.enforced,
            check_enabled: key.check_enabled,
            action_enabled: key.action_enabled,
            ..InForce::YES
        },
        firing_order: 0,
        check_disabled_in: Vec::new(),
        action_disabled_in: Vec::new(),
        whole: None,
        guards: Vec::new(),
        extension: None,
        origin: Some(Origin { file: files[key.set_by.file].clone(), bytes: key.set_by.bytes.clone() }),
    }
}

/// The parent by its name now, and the referenced columns.
fn parent_of(catalogue: &Catalogue, key: &Key) -> (TableName, Vec<String>) {
    let names = |table: usize, columns: &[usize]| {
        columns.iter().map(|&column| catalogue.tables[table].columns[column].name.clone()).collect()
    };
    match &key.parent {
        Parent::Table { table, columns } => (catalogue.tables[*table].name.clone(), names(*table, columns)),
        Parent::Missing { name, columns } => {
            let found = catalogue.find(std::slice::from_ref(&name.name));
            let columns = match found {
                Some(table) if columns.is_empty() => {
                    catalogue.primary_key(table).map_or_else(Vec::new, |columns| names(table, &columns))
                }
                _ => columns.clone(),
            };
            (found.map_or_else(|| name.clone(), |table| catalogue.tables[table].name.clone()), columns)
        }
    }
}

#[cfg(test)]
mod tests;
