//! The keys of one source by their tables, each table a number.

use std::collections::HashMap;

use super::{Fate, fates};
use crate::model::{EngineFacts, IdentifierCase, ObservedKey, TableName, WithoutParentKey};

/// The keys, by the tables at both ends.
pub(super) struct Graph<'k> {
    case: IdentifierCase,
    numbers: HashMap<String, usize>,
    /// By number, as some key calls it.
    pub(super) tables: Vec<&'k TableName>,
    /// Sorted by child and columns.
    pub(super) edges: Vec<Edge<'k>>,
    /// The keys that refer to a table, by its number.
    below: Vec<Vec<usize>>,
    /// The cascades that lead to a table, by its number.
    above: Vec<Vec<usize>>,
    /// Keys for whose sake no row of a table can be deleted, by its number.
    broken: Vec<Vec<usize>>,
}

/// A key between two tables.
pub(super) struct Edge<'k> {
    pub(super) key: &'k ObservedKey,
    pub(super) parent: usize,
    pub(super) child: usize,
    /// One, or several where it isn't the same for all rows.
    pub(super) fates: Vec<Fate<'k>>,
}

impl Edge<'_> {
    /// Whether rows go with their parent's.
    pub(super) fn is_cascade(&self) -> bool {
        self.comes_to(Fate::Goes)
    }

    pub(super) fn comes_to(&self, fate: Fate<'_>) -> bool {
        self.fates.contains(&fate)
    }

    pub(super) fn is_of_itself(&self) -> bool {
        self.parent == self.child
    }
}

impl<'k> Graph<'k> {
    pub(super) fn new(keys: impl IntoIterator<Item = &'k ObservedKey>, engine: &EngineFacts) -> Self {
        let mut keys: Vec<&ObservedKey> = keys.into_iter().collect();
        keys.sort_by(|left, right| (&left.key, left.firing_order).cmp(&(&right.key, right.firing_order)));
        let mut graph = Graph {
            case: engine.table_case,
            numbers: HashMap::new(),
            tables: Vec::new(),
            edges: Vec::with_capacity(keys.len()),
            below: Vec::new(),
            above: Vec::new(),
            broken: Vec::new(),
        };
        for (at, key) in keys.into_iter().enumerate() {
            let (parent, child) = (graph.take(&key.parent), graph.take(&key.key.table));
            let edge = Edge { key, parent, child, fates: fates(key, engine) };
            graph.below[parent].push(at);
            if edge.is_cascade() {
                graph.above[child].push(at);
            }
            if is_broken(key, engine) {
                graph.broken[child].push(at);
            }
            graph.edges.push(edge);
        }
        graph
    }

    /// The number of a table, which gets one if it has none.
    fn take(&mut self, table: &'k TableName) -> usize {
        let next = self.tables.len();
        let number = *self.numbers.entry(self.case.fold(&table.to_string())).or_insert(next);
        if number == next {
            self.tables.push(table);
            self.below.push(Vec::new());
            self.above.push(Vec::new());
            self.broken.push(Vec::new());
        }
        number
    }

    /// The number of a table that some key is about.
    pub(super) fn number(&self, table: &TableName) -> Option<usize> {
        self.numbers.get(&self.id(table)).copied()
    }

    /// Equal for names that mean the same table.
    pub(super) fn id(&self, table: &TableName) -> String {
        self.case.fold(&table.to_string())
    }

    /// The keys that refer to a table.
    pub(super) fn children(&self, parent: &TableName) -> impl Iterator<Item = &'k ObservedKey> {
        self.number(parent).into_iter().flat_map(|parent| self.below(parent)).map(|edge| edge.key)
    }

    /// The keys that refer to a table.
    pub(super) fn below(&self, parent: usize) -> impl Iterator<Item = &Edge<'k>> {
        self.places_below(parent).map(|at| &self.edges[at])
    }

    /// The same as places in `edges`; a table past the last has none.
    pub(super) fn places_below(&self, parent: usize) -> impl Iterator<Item = usize> {
        self.below.get(parent).into_iter().flatten().copied()
    }

    /// Those of them by which rows go with the parent's.
    pub(super) fn cascades(&self, parent: usize) -> impl Iterator<Item = &Edge<'k>> {
        self.below(parent).filter(|edge| edge.is_cascade())
    }

    /// The cascades by which a table's rows go, as places in `edges`.
    pub(super) fn above(&self, child: usize) -> impl Iterator<Item = (usize, &Edge<'k>)> {
        self.above[child].iter().map(|&at| (at, &self.edges[at]))
    }

    /// The keys of a table for whose sake no row of it can be deleted.
    pub(super) fn broken(&self, child: usize) -> impl Iterator<Item = &Edge<'k>> {
        self.broken[child].iter().map(|&at| &self.edges[at])
    }

    /// Its keys at these places.
    pub(super) fn keys(&self, places: &[usize]) -> Vec<&'k ObservedKey> {
        places.iter().map(|&at| self.edges[at].key).collect()
    }
}

/// Whether the engine fails at every delete of a parent, and of a child, for it can't look up what the key refers to.
pub(super) fn is_broken(key: &ObservedKey, engine: &EngineFacts) -> bool {
    engine.without_parent_key == WithoutParentKey::DeleteFails
        && (!key.in_force.has_parent_key || key.parent_columns.is_empty())
}
