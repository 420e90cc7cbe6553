//! The keys of one source by their parents.

use std::collections::{HashMap, HashSet};

use super::{Deleted, TooDeep};
use crate::model::{Action, EngineFacts, IdentifierCase, ObservedKey, TableName, WithoutParentKey};

/// The keys, each under its parent.
pub(super) struct Graph<'k> {
    case: IdentifierCase,
    children: HashMap<String, Vec<&'k ObservedKey>>,
    /// Keys that make every delete of their children fail, by the child.
    broken: HashMap<String, Vec<&'k ObservedKey>>,
}

impl<'k> Graph<'k> {
    pub(super) fn new(keys: impl IntoIterator<Item = &'k ObservedKey>, engine: &EngineFacts) -> Self {
        let case = engine.table_case;
        let mut graph = Graph { case, children: HashMap::new(), broken: HashMap::new() };
        for key in keys {
            if is_broken(key, engine) {
                graph.broken.entry(graph.id(&key.key.table)).or_default().push(key);
            }
            graph.children.entry(graph.id(&key.parent)).or_default().push(key);
        }
        for keys in graph.children.values_mut() {
            keys.sort_by(|left, right| (&left.key, left.firing_order).cmp(&(&right.key, right.firing_order)));
        }
        graph
    }

    /// Equal for names that mean the same table.
    pub(super) fn id(&self, table: &TableName) -> String {
        self.case.fold(&table.to_string())
    }

    /// The keys that refer to a table.
    pub(super) fn children(&self, parent: &TableName) -> impl Iterator<Item = &'k ObservedKey> {
        self.children.get(&self.id(parent)).into_iter().flatten().copied()
    }

    /// Those of them by which rows go with the parent's.
    pub(super) fn cascades(&self, parent: &TableName) -> impl Iterator<Item = &'k ObservedKey> {
        self.children(parent).filter(|key| is_cascade(key))
    }

    /// The keys of a table for whose sake no row of it can be deleted.
    pub(super) fn broken(&self, child: &TableName) -> impl Iterator<Item = &'k ObservedKey> {
        self.broken.get(&self.id(child)).into_iter().flatten().copied()
    }

    /// Whether chains of cascades from here can be longer than the engine follows.
    pub(super) fn too_deep(
        &self,
        table: &TableName,
        deleted: &[Deleted<'_>],
        engine: &EngineFacts,
    ) -> Option<TooDeep> {
        let most = engine.most_cascades?;
        let longest = self.longest_chain(table, deleted.len());
        longest.is_none_or(|longest| longest > most).then_some(TooDeep { most, longest })
    }

    /// How many cascades the longest chain has; `None`: one comes back to a table that it has passed.
    fn longest_chain(&self, table: &TableName, tables: usize) -> Option<usize> {
        // Tables in the order in which all that is below them is known: a depth-first walk with its own stack.
        let mut lengths: HashMap<String, usize> = HashMap::with_capacity(tables);
        let mut open: HashSet<String> = HashSet::new();
        let mut stack: Vec<(&TableName, bool)> = vec![(table, false)];
        while let Some((at, is_done)) = stack.pop() {
            let id = self.id(at);
            if is_done {
                let below = self
                    .cascades(at)
                    .map(|key| lengths.get(&self.id(&key.key.table)).map(|length| length + 1));
                let longest = below.map(Option::unwrap_or_default).max().unwrap_or_default();
                open.remove(&id);
                lengths.insert(id, longest);
                continue;
            }
            if lengths.contains_key(&id) {
                continue;
            }
            if !open.insert(id) {
                return None;
            }
            stack.push((at, true));
            for key in self.cascades(at) {
                let child = self.id(&key.key.table);
                if open.contains(&child) {
                    return None;
                }
                if !lengths.contains_key(&child) {
                    stack.push((&key.key.table, false));
                }
            }
        }
        lengths.get(&self.id(table)).copied()
    }
}

/// Whether rows go with their parent's.
pub(super) fn is_cascade(key: &ObservedKey) -> bool {
    let force = key.in_force;
    key.on_delete == Action::Cascade && force.enforced && force.action_enabled && force.has_parent_key
}

/// Whether the engine fails at every delete of a parent, and of a child, for it can't look up what the key refers to.
pub(super) fn is_broken(key: &ObservedKey, engine: &EngineFacts) -> bool {
    engine.without_parent_key == WithoutParentKey::DeleteFails
        && (!key.in_force.has_parent_key || key.parent_columns.is_empty())
}
