//! What can't be known although all rows are seen.

use std::collections::{HashMap, HashSet};

use super::{Doing, Foretold};
use crate::consequence::rows::{Changed, Outcome, Unknown, World};
use crate::model::{GuardKind, IndexShape, Observation, ObservedKey, ObservedTable, TableKind, TableName};

/// What was met on the way.
pub(super) fn met(world: &World<'_>, outcome: &Outcome) -> Vec<String> {
    let unknown = outcome.unknown.as_ref().map(|unknown| match unknown {
        Unknown::Default { table, column } => {
            let shape = &world.tables()[*table];
            let column = &shape.columns[*column].name;
            format!("the default of `{}.{column}` is an expression, which isn't evaluated", shape.name)
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
    let is_whole = |name: &TableName| {
        observation.tables.iter().any(|table| table.name == *name && table.kind == TableKind::Partitioned)
    };
    if is_partition(&doing.table) {
        return Some(format!(
            "`{}` is a partition: what refers to the whole table isn't followed",
            doing.table
        ));
    }
    let is_touched = is_whole(&doing.table)
        || foretold.numbers().keys().any(|(table, written)| written.is_none() && is_whole(table));
    let key = observation.keys.iter().find(|key| is_touched && is_partition(&key.parent))?;
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
        let moves = |((name, written), _): &((&TableName, Option<Vec<&str>>), u64)| {
            **name == table.name && written.iter().flatten().any(|column| of_index(column))
        };
        table.kind == TableKind::Partitioned
            && world.keys().any(|key| {
                // One to the table itself may refuse what nothing else does.
                key.key.table == table.name && (foretold.refused.is_some() || key.parent == table.name)
            })
            && foretold.numbers().into_iter().any(|number| moves(&number))
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
