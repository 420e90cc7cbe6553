//! What can't be known although all rows are seen.

use std::collections::{HashMap, HashSet};

use super::{ChangedRow, ChangedRows, Doing, Foretold};
use crate::consequence::rows::{Changed, Outcome, Unknown, World};
use crate::model::{
    GuardKind, IndexShape, Observation, ObservedKey, ObservedTable, TableKind, TableName, is_made_up,
};

/// What was met on the way.
pub(super) fn met(world: &World<'_>, outcome: &Outcome) -> Vec<String> {
    let unknown = outcome.unknown.as_ref().map(|unknown| match unknown {
        Unknown::Default { table, column } => {
            let shape = &world.tables()[*table];
            let column = &shape.columns[*column].name;
            format!("the default of `{}.{column}` is an expression, which isn't evaluated", shape.name)
        }
        Unknown::Spelling(key) => {
            let key = world.key(*key);
            format!(
                "types or collations of `{}` and `{}` differ, or compare in a way of their own",
                key.key, key.parent
            )
        }
        Unknown::Partition(table) => {
            let table = &world.tables()[*table].name;
            format!("`{table}` may have no partition for what is written")
        }
        Unknown::Room(key) => {
            let key = world.key(*key);
            format!("`{}` may be too narrow for what is written to `{}`", key.key, key.parent)
        }
    });
    let mut unknown: Vec<String> = unknown.into_iter().collect();
    unknown.extend(guarded(world, &outcome.changed));
    unknown.extend(world.keys().filter_map(in_parts));
    unknown
}

/// What stands beside all of it.
pub(super) fn of_all(
    foretold: &Foretold,
    world: &World<'_>,
    doing: &Doing,
    observation: &Observation,
) -> Vec<String> {
    let off = observation.engine.disabled_by.iter().map(|switch| format!("keys are off by {switch}"));
    let mut unknown: Vec<String> =
        between_partitions(foretold, world, observation).into_iter().chain(off).collect();
    unknown.extend(keys_of_partitions(foretold, doing, observation));
    unknown
}

/// Keys that refer to single partitions, which are looked for by name alone.
fn keys_of_partitions(foretold: &Foretold, doing: &Doing, observation: &Observation) -> Option<String> {
    let is_partition = |name: &TableName| {
        observation.tables.iter().any(|table| table.name == *name && table.kind == TableKind::Partition)
    };
    let whole = |name: &TableName| -> Option<&TableName> {
        let above = |name: &TableName| {
            let table = observation.tables.iter().find(|table| table.name == *name)?;
            table.inherits.first().filter(|_| table.kind == TableKind::Partition)
        };
        std::iter::successors(above(name), |name| above(name)).take(observation.tables.len()).last()
    };
    if is_partition(&doing.table) {
        return Some(format!(
            "`{}` is a partition: what refers to the whole table isn't followed",
            doing.table
        ));
    }
    let is_touched = |name: &TableName| {
        *name == doing.table
            || foretold.changed.iter().any(|changed| changed.table == *name)
            || foretold.counted.iter().any(|counted| counted.table == *name)
    };
    let key = observation.keys.iter().find(|key| whole(&key.parent).is_some_and(is_touched))?;
    Some(format!("`{}` refers to the partition `{}` alone, which isn't followed", key.key, key.parent))
}

/// A row that moves to another partition is checked there as a new one, before its old place is left: whether one of its own keys
/// refuses it before what refers to it does can't be told without the bounds.
fn between_partitions(foretold: &Foretold, world: &World<'_>, observation: &Observation) -> Option<String> {
    let may_move = |table: &&ObservedTable| {
        let shape = world.tables().iter().find(|shape| shape.name == table.name);
        let of_index = |column: &str| {
            let has = |index: &IndexShape| {
                shape.is_some_and(|shape| index.columns.iter().any(|&at| shape.columns[at].name == column))
            };
            shape.is_some_and(|shape| shape.indexes.iter().any(|index| index.unique && has(index)))
        };
        let is_followed = shape.is_some_and(|shape| shape.partitions.is_some());
        let is_known = |row: &ChangedRow| {
            let mut values = row.after.iter().flatten().filter_map(|value| value.as_deref());
            is_followed && !values.any(is_made_up)
        };
        // Rows that are counted are written in no column of a unique index.
        let moves = |changed: &ChangedRows| {
            let writes_index = |row: &ChangedRow| {
                let written = row.written().map(|written| written.columns);
                written.into_iter().flatten().any(|at| of_index(&changed.columns[at]))
            };
            changed.table == table.name && changed.rows.iter().any(|row| writes_index(row) && !is_known(row))
        };
        table.kind == TableKind::Partitioned
            && world.keys().any(|key| {
                // One to the table itself may refuse what nothing else does.
                key.key.table == table.name && (foretold.refused.is_some() || key.parent == table.name)
            })
            && foretold.changed.iter().any(moves)
    };
    let table = &observation.tables.iter().find(may_move)?.name;
    Some(format!("rows of `{table}` may move to another partition, where its own keys look first"))
}

/// What looks at columns that are written, and may refuse.
fn guarded(world: &World<'_>, changed: &[Changed]) -> Vec<String> {
    let mut written: HashMap<&TableName, HashSet<&str>> = HashMap::new();
    for changed in changed {
        let (shape, before) = (&world.tables()[changed.table], &world.row(changed.table, changed.row).values);
        for (at, _) in
            changed.values.iter().flatten().enumerate().filter(|(at, value)| **value != before[*at])
        {
            written.entry(&shape.name).or_default().insert(&shape.columns[at].name);
        }
    }
    let generated =
        world.tables().iter().filter(|shape| shape.has_generated && written.contains_key(&shape.name));
    let mut unknown: Vec<String> = generated
        .map(|shape| format!("`{}` has generated columns, which aren't computed", shape.name))
        .collect();
    for shape in world.tables() {
        let Some(written) = written.get(&shape.name) else { continue };
        let looking = shape.watchers.iter().filter(|watcher| watcher.looks_at(|name| written.contains(name)));
        unknown.extend(
            looking.map(|one| format!("`{}` looks at what is written to `{}`", one.name, shape.name)),
        );
    }
    for key in world.keys() {
        let Some(written) = written.get(&key.key.table) else { continue };
        for guard in &key.guards {
            let is_followed = match guard.kind {
                GuardKind::NotNull => true,
                // Not one for some rows alone, or on an expression.
                GuardKind::Unique => {
                    world.tables().iter().filter(|shape| shape.name == key.key.table).any(|shape| {
                        shape.indexes.iter().any(|index| guard.name.as_deref() == Some(&*index.name))
                    })
                }
                GuardKind::PartitionKey => world
                    .tables()
                    .iter()
                    .any(|shape| shape.name == key.key.table && shape.partitions.is_some()),
                _ => false,
            };
            if !is_followed && guard.columns.iter().any(|column| written.contains(column.as_str())) {
                let name = guard.name.as_deref().unwrap_or("a constraint");
                unknown.push(format!("`{name}` looks at what is written to `{}`", key.key.table));
            }
        }
    }
    unknown.sort_unstable();
    unknown.dedup();
    unknown
}

/// Keys of single partitions, or that aren't in force for some, which aren't followed by row.
fn in_parts(key: &ObservedKey) -> Option<String> {
    let table = &key.key.table;
    if key.whole.is_some() {
        return Some(format!("the partition `{table}` has a key of its own"));
    }
    (!key.action_disabled_in.is_empty()).then(|| format!("`{}` isn't in force for some partitions", key.key))
}
