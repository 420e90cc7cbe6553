//! What a statement has to do with: tables, and of those the columns that matter.

use std::collections::{HashMap, HashSet, VecDeque};

use super::Doing;
use crate::model::{EngineFacts, IdentifierCase, IndexShape, ObservedKey, RowsFirst, TableName, TableShape};

/// What a statement has to do with.
pub(super) struct Concerned<'k> {
    /// The table itself, those that its rows are followed to, and the other parents of those.
    pub(super) tables: Vec<TableName>,
    /// How many of them come before the other parents.
    pub(super) reached: usize,
    pub(super) keys: Vec<&'k ObservedKey>,
}

impl<'k> Concerned<'k> {
    pub(super) fn by(
        table: &TableName,
        keys: impl Iterator<Item = &'k ObservedKey> + Clone,
        case: IdentifierCase,
    ) -> Self {
        let id = |name: &TableName| case.fold(&name.to_string());
        let mut by_parent: HashMap<String, Vec<&ObservedKey>> = HashMap::new();
        for key in keys.clone().filter(|key| !key.parent_columns.is_empty()) {
            by_parent.entry(id(&key.parent)).or_default().push(key);
        }
        let mut tables = vec![table.clone()];
        let mut known = HashSet::from([id(table)]);
        let mut open = VecDeque::from([id(table)]);
        while let Some(parent) = open.pop_front() {
            for key in by_parent.get(&parent).into_iter().flatten() {
                if known.insert(id(&key.key.table)) {
                    tables.push(key.key.table.clone());
                    open.push_back(id(&key.key.table));
                }
            }
        }
        let reached = tables.len();
        let keys: Vec<&ObservedKey> = keys
            .filter(|key| known.contains(&id(&key.key.table)) && !key.parent_columns.is_empty())
            .collect();
        for key in &keys {
            if known.insert(id(&key.parent)) {
                tables.push(key.parent.clone());
            }
        }
        Concerned { tables, reached, keys }
    }
}

/// The same without the columns that no key, no unique index and no statement concerns.
pub(super) fn narrowed(
    shapes: Vec<TableShape>,
    keys: &[&ObservedKey],
    doing: &Doing,
    engine: &EngineFacts,
) -> Vec<TableShape> {
    let case = engine.column_case;
    let is_same =
        |left: &TableName, right: &TableName| engine.table_case.same(&left.to_string(), &right.to_string());
    // Where rows are gone through by an index, all of it is their order.
    let in_index_order = engine.rows_first == RowsFirst::EachIndex;
    let narrow = |(at, shape): (usize, TableShape)| {
        let is_named = |names: &[String], column: &str| names.iter().any(|name| case.same(name, column));
        let of_key = |key: &&&ObservedKey, column: &str| {
            is_same(&key.key.table, &shape.name) && is_named(&key.key.columns, column)
                || is_same(&key.parent, &shape.name) && is_named(&key.parent_columns, column)
        };
        let mut kept = Vec::new();
        for (place, column) in shape.columns.iter().enumerate() {
            let is_set = at == 0 && doing.what.columns().iter().any(|name| case.same(name, &column.name));
            let is_in_unique = shape.indexes.iter().any(|index| {
                (index.unique || index.clustered || in_index_order) && index.columns.contains(&place)
            });
            let decides = shape.partitions.as_ref().is_some_and(|parts| parts.column == column.name);
            if decides || is_set || is_in_unique || keys.iter().any(|key| of_key(&key, &column.name)) {
                kept.push(place);
            }
        }
        let moved = |columns: &[usize]| -> Vec<usize> {
            // Of other indexes, the first columns: keys use no more.
            columns.iter().map_while(|column| kept.iter().position(|place| place == column)).collect()
        };
        let indexes = shape.indexes.iter().map(|index| {
            let columns = moved(&index.columns);
            IndexShape { columns, ..index.clone() }
        });
        TableShape {
            indexes: indexes.filter(|index| !index.columns.is_empty()).collect(),
            columns: kept.iter().map(|&place| shape.columns[place].clone()).collect(),
            name: shape.name.clone(),
            names: shape.names.clone(),
            has_generated: shape.has_generated,
            watchers: shape.watchers.clone(),
            partitions: shape.partitions.clone(),
        }
    };
    shapes.into_iter().enumerate().map(narrow).collect()
}
