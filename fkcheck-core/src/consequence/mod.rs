//! What a delete does, by the keys of one source: which tables lose rows, which columns are cleared, what can stop it.
//!
//! No row is looked at, so all of it is "at most": a table is named here if a delete of one row *can* reach it.

mod change;
mod depth;
mod graph;
mod hazards;
mod knots;
mod order;
#[cfg(all(test, feature = "database"))]
mod tests;
mod ways;

pub use change::{Further, FurtherUp};
use graph::Graph;
pub use hazards::{Clash, Hazard};

use crate::model::{Action, EngineFacts, ObservedKey, TableName};

/// What a delete of rows of one table can do.
#[derive(Clone, Debug, Default)]
pub struct Reach<'k> {
    /// Tables whose rows go, nearest first; the first is the one that is deleted from.
    pub deleted: Vec<Deleted<'k>>,
    /// Keys whose columns are set to NULL or to their default, nearest first.
    pub cleared: Vec<Effect<'k>>,
    /// Keys that can make the delete fail, nearest first.
    pub stops: Vec<Stop<'k>>,
    /// Keys that are not in force: the delete leaves their rows without a parent.
    pub orphaned: Vec<Effect<'k>>,
    /// The chain of cascades can be longer than the engine follows.
    pub too_deep: Option<TooDeep>,
}

/// A table whose rows go.
#[derive(Clone, Debug)]
pub struct Deleted<'k> {
    /// The table.
    pub table: &'k TableName,
    /// How many cascades away at least; 0: the table that is deleted from.
    pub step: usize,
    /// The table nearer by one step under which it is told.
    pub under: Option<&'k TableName>,
    /// The cascades that lead here, the one from `under` first.
    pub by: Vec<&'k ObservedKey>,
}

/// What happens to the rows behind a key.
#[derive(Clone, Copy, Debug)]
pub struct Effect<'k> {
    /// The key.
    pub key: &'k ObservedKey,
    /// The step at which its parent's rows go.
    pub step: usize,
}

/// A key that can make the delete fail.
#[derive(Clone, Copy, Debug)]
pub struct Stop<'k> {
    /// The key.
    pub key: &'k ObservedKey,
    /// The step at which its parent's rows go.
    pub step: usize,
    /// When it does.
    pub when: When,
}

/// When a key stops a delete.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum When {
    /// As soon as a row refers to one that goes.
    Referred,
    /// A row refers to one that goes, and isn't deleted itself by another way.
    Left,
    /// A row refers to one that goes and is deleted by another way too: which of the two acts first decides.
    Order,
    /// At COMMIT, if a row still refers to one that is gone.
    Commit,
    /// SET NULL on a column that takes none: as soon as a row refers to one that goes.
    NotNull,
    /// SET NULL or SET DEFAULT writes a generated column: as soon as a row refers to one that goes.
    Generated,
    /// SET DEFAULT, which this engine refuses.
    Default,
}

/// A chain of cascades that the engine doesn't follow to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooDeep {
    /// How many the engine follows.
    pub most: usize,
    /// How long the longest chain is; `None`: it comes back to where it was, and rows decide.
    pub longest: Option<usize>,
}

/// The keys of one source, to be asked what deletes do.
pub struct Deletes<'k> {
    graph: Graph<'k>,
    engine: &'k EngineFacts,
}

impl<'k> Deletes<'k> {
    /// The keys by their tables.
    pub fn new(keys: impl IntoIterator<Item = &'k ObservedKey>, engine: &'k EngineFacts) -> Self {
        Deletes { graph: Graph::new(keys, engine), engine }
    }

    /// What a delete of rows of `table` can do.
    pub fn reach(&self, table: &'k TableName) -> Reach<'k> {
        let Some(root) = self.graph.number(table) else {
            let deleted = vec![Deleted { table, step: 0, under: None, by: Vec::new() }];
            return Reach { deleted, ..Reach::default() };
        };
        let (order, deleted) = self.deleted(root, table);
        let mut reach =
            Reach { too_deep: depth::too_deep(&self.graph, root, self.engine), deleted, ..Reach::default() };
        // How many cascades of these tables lead to each.
        let mut ways = vec![0; self.graph.tables.len()];
        for edge in order.iter().flat_map(|&table| self.graph.cascades(table)) {
            ways[edge.child] += usize::from(!edge.is_of_itself());
        }
        ways[root] += 1;
        for (&parent, step) in order.iter().zip(reach.deleted.iter().map(|deleted| deleted.step)) {
            for edge in self.graph.below(parent) {
                let (key, effect) = (edge.key, Effect { key: edge.key, step });
                match edge.fate {
                    Fate::Ignored => reach.orphaned.push(effect),
                    Fate::Cleared => reach.cleared.push(effect),
                    Fate::Fails(when) => reach.stops.push(Stop { key, step, when }),
                    Fate::Refused => {
                        let when = order::when_refused(edge, ways[edge.child], &self.graph, self.engine);
                        reach.stops.push(Stop { key, step, when });
                    }
                    Fate::Goes => {}
                }
            }
        }
        reach
    }

    /// The tables that cascades lead to, step by step, and their numbers.
    fn deleted(&self, root: usize, table: &'k TableName) -> (Vec<usize>, Vec<Deleted<'k>>) {
        let graph = &self.graph;
        let mut places: Vec<Option<usize>> = vec![None; graph.tables.len()];
        places[root] = Some(0);
        let mut order = vec![root];
        let mut deleted = vec![Deleted { table, step: 0, under: None, by: Vec::new() }];
        let mut at = 0;
        while at < order.len() {
            let (parent, step) = (deleted[at].table, deleted[at].step);
            for edge in graph.cascades(order[at]) {
                let place = *places[edge.child].get_or_insert_with(|| {
                    let table = &edge.key.key.table;
                    deleted.push(Deleted { table, step: step + 1, under: Some(parent), by: Vec::new() });
                    order.push(edge.child);
                    order.len() - 1
                });
                deleted[place].by.push(edge.key);
            }
            at += 1;
        }
        (order, deleted)
    }
}

/// What a delete of rows of `table` can do, by these keys of one source.
pub fn reach<'k>(
    keys: impl IntoIterator<Item = &'k ObservedKey>,
    engine: &'k EngineFacts,
    table: &'k TableName,
) -> Reach<'k> {
    Deletes::new(keys, engine).reach(table)
}

/// What an engine does with the rows behind a key, as one of five.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fate {
    Ignored,
    Goes,
    Cleared,
    Refused,
    Fails(When),
}

fn fate(key: &ObservedKey, engine: &EngineFacts) -> Fate {
    if !key.in_force.enforced || !key.in_force.action_enabled {
        return Fate::Ignored;
    }
    match &key.on_delete {
        Action::Cascade => Fate::Goes,
        Action::NoAction | Action::Restrict => Fate::Refused,
        Action::SetDefault(_) if engine.set_default_blocks() => Fate::Fails(When::Default),
        Action::SetNull(named) | Action::SetDefault(named) => {
            let written = key
                .key
                .columns
                .iter()
                .zip(&key.columns)
                .filter(|(name, _)| named.is_empty() || named.contains(name));
            let is_null = matches!(key.on_delete, Action::SetNull(_));
            let mut fate = Fate::Cleared;
            for (_, column) in written {
                if column.generated {
                    return Fate::Fails(When::Generated);
                }
                if !column.nullable && (is_null || !column.has_default) {
                    fate = Fate::Fails(When::NotNull);
                }
            }
            fate
        }
    }
}
