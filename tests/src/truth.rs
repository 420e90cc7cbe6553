//! Replays a directory of migrations without a server and runs the same files on a real one: the keys must be the same.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::path::Path;

use diesel_async::{AsyncConnection, AsyncPgConnection, SimpleAsyncConnection};
use fkcheck_core::model::Engine;
use fkcheck_core::model::{
    Action, Doubt, InForce, Observation, ObservedKey, ObservedTable, Origin, RestrictMeaning, TableKind,
    Visibility,
};
use fkcheck_core::replay::{Migration, migrations, replay};
use fkcheck_core::sources::{DatabaseUrl, Limits, read_database};

use crate::{Database, Server};

/// How a replay compares with the truth.
#[derive(Debug, Default)]
pub struct Comparison {
    /// Migrations in the directory.
    pub migrations: usize,
    /// Keys that the server shows.
    pub keys: usize,
    /// Keys that the replay calls uncertain.
    pub uncertain: usize,
    /// Keys that differ, each side in words.
    pub differences: Vec<String>,
    /// Files that the server refuses, and why.
    pub refused: Vec<String>,
    /// What the replay says that it doesn't know, with its place.
    pub doubts: Vec<String>,
    /// How long the replay took.
    pub elapsed: std::time::Duration,
}

impl fmt::Display for Comparison {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for line in self.refused.iter().chain(&self.doubts).chain(&self.differences) {
            writeln!(f, "{line}")?;
        }
        write!(
            f,
            "{} migrations, {} keys, {} uncertain, {} differ; replayed in {:.1?}",
            self.migrations,
            self.keys,
            self.uncertain,
            self.differences.len(),
            self.elapsed
        )
    }
}

/// Replays the migrations, runs them in a fresh database of the server, and compares key by key.
pub fn compare(engine: Engine, directory: &Path, server: &Server) -> Comparison {
    let started = std::time::Instant::now();
    let replayed = replay(engine, directory, directory).expect("the migrations are read");
    let elapsed = started.elapsed();
    let database = server.fresh_database();
    let refused = run(engine, directory, &database);
    let url = DatabaseUrl::parse(&database.url()).expect("a URL");
    let truth = read_database(&url, &Limits::default(), None).expect("it is read").with_plain_names();
    Comparison {
        migrations: migrations(directory).expect("listed").len(),
        keys: truth.keys.len(),
        uncertain: truth.keys.iter().filter(|key| is_doubted(&replayed, key)).count(),
        differences: differences(&replayed, &truth),
        refused,
        doubts: doubts(&replayed),
        elapsed,
    }
}

fn doubts(replayed: &Observation) -> Vec<String> {
    let Visibility::Except(doubts) = &replayed.visibility else { return Vec::new() };
    let line = |doubt: &Doubt| {
        let place = doubt.origin.as_ref().map(Origin::place).unwrap_or_default();
        let tables = match &doubt.tables {
            Some(tables) => tables.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "),
            None => "any table".to_owned(),
        };
        format!("{place}: {} ({tables})", doubt.why)
    };
    doubts.iter().map(line).collect()
}

/// Whether the replay says that it can't know this key.
fn is_doubted(replayed: &Observation, key: &ObservedKey) -> bool {
    let Visibility::Except(doubts) = &replayed.visibility else { return false };
    doubts.iter().any(|doubt| doubt.tables.as_ref().is_none_or(|tables| tables.contains(&key.key.table)))
}

/// Keys and tables that aren't the same, each side in words; but for keys that the replay calls uncertain.
pub(crate) fn differences(replayed: &Observation, truth: &Observation) -> Vec<String> {
    let mut differences = differing_tables(replayed, truth);
    let (replayed_keys, true_keys) = (by_name(replayed), by_name(truth));
    for name in replayed_keys.keys().chain(true_keys.keys()).collect::<BTreeSet<_>>() {
        let (ours, theirs) = (replayed_keys.get(name), true_keys.get(name));
        let is_doubted = ours.or(theirs).is_some_and(|(key, _)| is_doubted(replayed, key));
        let words = |side: Option<&(&ObservedKey, String)>| {
            side.map_or("none", |(_, words)| words.as_str()).to_owned()
        };
        if words(ours) != words(theirs) && !is_doubted {
            differences.push(format!("{name}\n  replayed: {}\n  server:   {}", words(ours), words(theirs)));
        }
    }
    differences
}

/// Tables that only one side has, or that are of another kind or storage engine.
fn differing_tables(replayed: &Observation, truth: &Observation) -> Vec<String> {
    if matches!(&replayed.visibility, Visibility::Except(doubts) if doubts.iter().any(|doubt| doubt.tables.is_none()))
    {
        return Vec::new();
    }
    let tables = |observation: &Observation| -> BTreeMap<String, String> {
        let words = |table: &ObservedTable| format!("{:?} {:?}", table.kind, table.storage);
        // A view has no keys; which of them a CASCADE takes along is of no interest.
        let tables = observation.tables.iter().filter(|table| table.kind != TableKind::View);
        tables.map(|table| (table.name.to_string(), words(table))).collect()
    };
    let (ours, theirs) = (tables(replayed), tables(truth));
    let names: BTreeSet<&String> = ours.keys().chain(theirs.keys()).collect();
    let doubted: BTreeSet<String> = match &replayed.visibility {
        Visibility::Except(doubts) => {
            doubts.iter().flat_map(|doubt| doubt.tables.iter().flatten()).map(ToString::to_string).collect()
        }
        _ => BTreeSet::new(),
    };
    let differing =
        names.into_iter().filter(|name| ours.get(*name) != theirs.get(*name) && !doubted.contains(*name));
    differing
        .map(|name| {
            format!("table {name}\n  replayed: {:?}\n  server:   {:?}", ours.get(name), theirs.get(name))
        })
        .collect()
}

/// The keys by table, columns and rank among those on the same columns, each with all that the files determine.
fn by_name(observation: &Observation) -> BTreeMap<String, (&ObservedKey, String)> {
    let mut keys: Vec<&ObservedKey> = observation.keys.iter().collect();
    keys.sort_by_key(|key| key.firing_order);
    let mut named = BTreeMap::new();
    for key in keys {
        let columns: Vec<&str> =
            key.columns.iter().map(|column| if column.nullable { "null" } else { "not null" }).collect();
        // InnoDB has two words for refusing, and MariaDB shows one for the other.
        let action = |action: &Action| match observation.engine.restrict {
            RestrictMeaning::SameAsNoAction if action.blocks() => "NO ACTION".to_owned(),
            _ => action.to_string(),
        };
        let words = format!(
            "{} -> {}({}) on delete {} on update {} {} {:?} {:?} index {:?} {:?} {:?}",
            key.name.as_deref().unwrap_or_default(),
            key.parent,
            key.parent_columns.join(", "),
            action(&key.on_delete),
            action(&key.on_update),
            key.deferrability,
            key.match_type,
            key.child_kind,
            key.covering_index,
            columns,
            // What the parent has lost while checks were off isn't replayed.
            InForce { has_parent_key: true, parent_is_unique: true, ..key.in_force },
        );
        let rank = named.values().filter(|(other, _): &&(&ObservedKey, String)| other.key == key.key).count();
        named.insert(format!("{} {rank}", key.key), (key, words));
    }
    named
}

/// Runs the files as Diesel does: each whole, in the order of the versions, and in a transaction unless it says otherwise.
/// What the server refuses comes back.
fn run(engine: Engine, directory: &Path, database: &Database) -> Vec<String> {
    use mysql_async::prelude::Queryable as _;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let mut refused = Vec::new();
    runtime.block_on(async {
        let files = migrations(directory).expect("listed");
        let texts = files.iter().map(|migration| {
            let path = migration.path.join("up.sql");
            (path.display().to_string(), std::fs::read_to_string(&path).expect("UTF-8"))
        });
        if engine == Engine::Postgres {
            let mut connection = AsyncPgConnection::establish(&database.url()).await.expect("it answers");
            let alone = |migration: &Migration| {
                let said = std::fs::read_to_string(migration.path.join("metadata.toml")).unwrap_or_default();
                said.replace(' ', "").contains("run_in_transaction=false")
            };
            for ((path, text), alone) in texts.zip(files.iter().map(alone)) {
                if !alone {
                    connection.batch_execute("BEGIN").await.expect("begun");
                }
                let end = match connection.batch_execute(&text).await {
                    Ok(()) => "COMMIT",
                    Err(error) => {
                        refused.push(format!("{path}: {error}"));
                        "ROLLBACK"
                    }
                };
                if !alone {
                    connection.batch_execute(end).await.expect("ended");
                }
            }
        } else {
            let mut connection = mysql_async::Conn::from_url(database.url()).await.expect("it answers");
            connection.query_drop("SET foreign_key_checks = 0").await.expect("set");
            for (path, text) in texts.filter(|(_, text)| !text.trim().is_empty()) {
                if let Err(error) = connection.query_drop(text).await {
                    refused.push(format!("{path}: {error}"));
                }
            }
        }
    });
    refused
}
