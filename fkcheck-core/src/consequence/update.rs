//! What an update of referenced columns does, by the keys of one source: which rows are written along, and what can stop it.

use std::collections::{BTreeSet, HashMap, VecDeque};

use super::graph::{Graph, is_broken};
use super::{Deleted, Effect, Reach, Stop, When};
use crate::model::{
    Action, Deferrability, EngineFacts, Event, GuardKind, NoActionCheck, ObservedKey, RowsFirst, TableName,
};

/// What an update of a column of `table` can do: here `deleted` are the tables whose rows are written along, with their parents'.
pub fn reach_of_update<'k>(
    keys: impl IntoIterator<Item = &'k ObservedKey>,
    engine: &EngineFacts,
    table: &'k TableName,
    column: &str,
) -> Reach<'k> {
    reach_in(&Graph::new(keys, engine), engine, table, column)
}

/// The same of keys that are by their tables already.
pub(super) fn reach_in<'k>(
    graph: &Graph<'k>,
    engine: &EngineFacts,
    table: &'k TableName,
    column: &str,
) -> Reach<'k> {
    let first = Deleted { table, step: 0, under: None, by: Vec::new() };
    let mut walk = Walk {
        reach: Reach {
            deleted: vec![first],
            cleared: Vec::new(),
            stops: Vec::new(),
            orphaned: Vec::new(),
            too_deep: None,
        },
        places: HashMap::from([(graph.id(table), 0)]),
        told: BTreeSet::new(),
        open: VecDeque::from([(table, 0, column.to_owned())]),
        seen: BTreeSet::new(),
        engine,
        graph,
    };
    while let Some((table, step, column)) = walk.open.pop_front() {
        let is_of_it = |key: &&ObservedKey| {
            key.parent_columns.iter().any(|known| engine.column_case.same(known, &column))
        };
        let keys: Vec<&ObservedKey> = walk.graph.children(table).filter(is_of_it).collect();
        for key in keys {
            walk.follow(key, step, &column);
        }
    }
    walk.reach
}

/// A walk from column to column.
struct Walk<'k, 'e> {
    graph: &'e Graph<'k>,
    engine: &'e EngineFacts,
    reach: Reach<'k>,
    /// Of each table among those that are written along.
    places: HashMap<String, usize>,
    /// Keys of which all is said, where they lie in memory: keys may be equal.
    told: BTreeSet<*const ObservedKey>,
    open: VecDeque<(&'k TableName, usize, String)>,
    /// Tables and columns that were opened.
    seen: BTreeSet<(String, String)>,
}

impl<'k> Walk<'k, '_> {
    /// What a key does when this column of its parent is written.
    fn follow(&mut self, key: &'k ObservedKey, step: usize, column: &str) {
        let is_new = self.told.insert(std::ptr::from_ref(key));
        let force = key.in_force;
        let in_force = force.enforced && force.action_enabled && force.has_parent_key;
        match &key.on_update {
            _ if is_broken(key, self.engine) => self.stop(is_new, key, step, When::NoParentKey),
            _ if !in_force => {
                if is_new {
                    self.reach.orphaned.push(Effect { key, step });
                }
            }
            Action::Cascade if self.comes_back(key, step) => self.stop(is_new, key, step, When::Referred),
            Action::Cascade => {
                if key.columns.iter().any(|column| column.generated) {
                    self.stop(is_new, key, step, When::Generated);
                    return;
                }
                self.write_along(key, step, is_new);
                self.guard(key, step, is_new);
                let pairs = key.parent_columns.iter().zip(&key.key.columns);
                let case = self.engine.column_case;
                for (_, child) in pairs.filter(|(parent, _)| case.same(parent, column)) {
                    self.open(&key.key.table, step + 1, child);
                }
            }
            Action::NoAction | Action::Restrict => self.stop(is_new, key, step, self.when_refused(key)),
            Action::SetDefault(_) if self.engine.set_default_blocks() => {
                self.stop(is_new, key, step, When::Default);
            }
            Action::SetNull(_) | Action::SetDefault(_) => self.clear(key, step, is_new),
        }
    }

    fn stop(&mut self, is_new: bool, key: &'k ObservedKey, step: usize, when: When) {
        if is_new {
            self.reach.stops.push(Stop { key, step, when, by: None });
        }
    }

    fn clear(&mut self, key: &'k ObservedKey, step: usize, is_new: bool) {
        let becomes_null = matches!(key.on_update, Action::SetNull(_));
        let takes_none =
            key.columns.iter().any(|column| !column.nullable && (becomes_null || !column.has_default));
        if key.columns.iter().any(|column| column.generated) {
            self.stop(is_new, key, step, When::Generated);
        } else if takes_none {
            self.stop(is_new, key, step, When::NotNull);
        } else if is_new {
            self.reach.cleared.push(Effect { key, step });
            self.guard(key, step, is_new);
            for column in &key.key.columns {
                self.open(&key.key.table, step + 1, column);
            }
        }
    }

    /// What may refuse what is written.
    fn guard(&mut self, key: &'k ObservedKey, step: usize, is_new: bool) {
        for guard in key.guards.iter().filter(|guard| is_new && guard.event == Event::Update) {
            let when = match guard.kind {
                // What is written may be something else than NULL.
                GuardKind::NotNull if matches!(key.on_update, Action::SetNull(_)) => When::NotNull,
                GuardKind::NotNull | GuardKind::Check => When::Check,
                GuardKind::Unique | GuardKind::UniqueNull => When::Unique,
                GuardKind::PartitionKey => When::PartitionKey,
                GuardKind::Room => When::Room,
            };
            self.reach.stops.push(Stop { key, step, when, by: guard.name.as_deref() });
        }
    }

    fn open(&mut self, table: &'k TableName, step: usize, column: &str) {
        let column = self.engine.column_case.fold(column);
        if self.seen.insert((self.graph.id(table), column.clone())) {
            self.open.push_back((table, step, column));
        }
    }

    fn write_along(&mut self, key: &'k ObservedKey, step: usize, is_new: bool) {
        let deleted = &mut self.reach.deleted;
        let place = *self.places.entry(self.graph.id(&key.key.table)).or_insert_with(|| {
            let under = Some(&key.parent);
            deleted.push(Deleted { table: &key.key.table, step: step + 1, under, by: Vec::new() });
            deleted.len() - 1
        });
        if is_new {
            deleted[place].by.push(key);
        }
    }

    /// Whether the child is written already by what led here, which `InnoDB` doesn't do twice.
    fn comes_back(&self, key: &ObservedKey, step: usize) -> bool {
        if self.engine.rows_first != RowsFirst::EachIndex {
            return false;
        }
        let mut above = Some(&key.parent);
        for _ in 0..=step {
            let Some(table) = above else { return false };
            if self.graph.id(table) == self.graph.id(&key.key.table) {
                return true;
            }
            let place = self.places.get(&self.graph.id(table));
            above = place.and_then(|&place| self.reach.deleted[place].under);
        }
        false
    }

    fn when_refused(&self, key: &ObservedKey) -> When {
        if key.on_update == Action::NoAction && key.deferrability == Deferrability::Deferred {
            return When::Commit;
        }
        let takes_rows_along = |other: &&ObservedKey| {
            other.on_update == Action::Cascade
                && other.key.table == key.key.table
                && other.key.columns.iter().any(|column| key.key.columns.contains(column))
        };
        let is_written_too = self.graph.children(&key.parent).any(|other| takes_rows_along(&other));
        match (is_written_too, self.engine.no_action) {
            (false, _) => When::Referred,
            (true, NoActionCheck::EndOfStatement) if key.on_update == Action::NoAction => When::Left,
            (true, _) => When::Order,
        }
    }
}
