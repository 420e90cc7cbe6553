//! What a delete does, by the keys of one source: which tables lose rows, which columns are cleared, what can stop it.
//!
//! Without a row all of it is "at most": a table is named here if a delete of one row *can* reach it. `rows` says it exactly, of rows
//! that were read.

#[cfg(all(feature = "workspace", feature = "database"))]
mod beside;
mod change;
mod depth;
mod graph;
mod hazards;
mod knots;
mod order;
#[cfg(all(feature = "workspace", feature = "database"))]
pub mod rows;
#[cfg(all(test, feature = "database"))]
mod tests;
mod update;
mod ways;
mod written;

#[cfg(all(feature = "workspace", feature = "database"))]
pub(crate) use beside::{Surroundings, Touched};
#[cfg(all(feature = "workspace", feature = "database"))]
pub use beside::{Unknown, What};
pub use change::{Further, FurtherUp};
use graph::{Edge, Graph, is_broken};
pub use hazards::{Clash, Hazard};
pub use update::reach_of_update;

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
    /// Keys that are not in force, or not in some partitions: the delete leaves their rows without a parent.
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
    /// The constraint, index or rule that makes it so, where it isn't the key itself.
    pub by: Option<&'k str>,
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
    /// SET NULL on a column that takes none, by NOT NULL, a CHECK or a domain: as soon as a row refers to one that goes.
    NotNull,
    /// SET NULL or SET DEFAULT writes a generated column: as soon as a row refers to one that goes.
    Generated,
    /// SET DEFAULT, which this engine refuses.
    Default,
    /// A row refers to one that goes, and the default is the key of no row.
    DefaultRow,
    /// MATCH FULL, and a part of the key would be NULL: as soon as a row refers to one that goes.
    HalfNull,
    /// A row refers to one that goes, and a CHECK that looks at the column refuses the new value; or doesn't.
    Check,
    /// A row refers to one that goes, and a unique key has the new value already.
    Unique,
    /// A row refers to one that goes, and there is no partition for the new value.
    PartitionKey,
    /// A row refers to one that is written, and the column is too narrow for the new value.
    Room,
    /// Always: the engine can't look up what the key refers to.
    NoParentKey,
    /// Always: a rule makes nothing of the statement by which the engine carries the key out.
    Swallowed,
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
        for (at, &parent) in order.iter().enumerate() {
            let step = reach.deleted[at].step;
            for edge in self.graph.below(parent) {
                self.tell(edge, step, &ways, &mut reach);
            }
            for edge in self.graph.broken(parent).filter(|edge| !edge.is_of_itself()) {
                reach.stops.push(Stop { key: edge.key, step, when: When::NoParentKey, by: None });
            }
        }
        self.write_on(&mut reach);
        reach
    }

    /// What follows from the columns that are cleared, where other keys refer to those: ON UPDATE.
    fn write_on(&self, reach: &mut Reach<'k>) {
        for Effect { key, step } in reach.cleared.clone() {
            let (Action::SetNull(named) | Action::SetDefault(named)) = &key.on_delete else { continue };
            let written = if named.is_empty() { &key.key.columns } else { named };
            for column in written {
                let further = update::reach_in(&self.graph, self.engine, &key.key.table, column);
                let deeper = |effect: &Effect<'k>| Effect { step: effect.step + step + 1, ..*effect };
                let along = further.deleted.iter().flat_map(|written| &written.by);
                reach.cleared.extend(along.map(|key| Effect { key, step: step + 1 }));
                reach.cleared.extend(further.cleared.iter().map(deeper));
                reach.orphaned.extend(further.orphaned.iter().map(deeper));
                reach
                    .stops
                    .extend(further.stops.iter().map(|stop| Stop { step: stop.step + step + 1, ..*stop }));
            }
        }
    }

    /// What comes of one key; `ways`: how many cascades lead to each table.
    fn tell(&self, edge: &Edge<'k>, step: usize, ways: &[usize], reach: &mut Reach<'k>) {
        let key = edge.key;
        for fate in &edge.fates {
            match *fate {
                Fate::Ignored => reach.orphaned.push(Effect { key, step }),
                Fate::Cleared => reach.cleared.push(Effect { key, step }),
                Fate::Fails(when, by) => reach.stops.push(Stop { key, step, when, by }),
                Fate::Refused => {
                    // What goes with the whole table takes its partitions along.
                    let whole = self.graph.number(key.whole_table()).unwrap_or(edge.child);
                    let ways = ways[edge.child].max(ways[whole]);
                    let when = order::when_refused(edge, ways, &self.graph, self.engine);
                    reach.stops.push(Stop { key, step, when, by: None });
                }
                Fate::Goes => {}
            }
        }
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

/// What an engine does with the rows behind a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fate<'k> {
    Ignored,
    Goes,
    Cleared,
    Refused,
    /// With what makes it fail, where that isn't the key itself.
    Fails(When, Option<&'k str>),
}

/// One, or several where it isn't the same for all rows.
fn fates<'k>(key: &'k ObservedKey, engine: &EngineFacts) -> Vec<Fate<'k>> {
    let force = key.in_force;
    if !force.enforced || !force.action_enabled {
        return vec![Fate::Ignored];
    }
    if is_broken(key, engine) {
        return vec![Fate::Fails(When::NoParentKey, None)];
    }
    if !force.has_parent_key {
        return vec![Fate::Ignored];
    }
    let mut fates = match &key.on_delete {
        Action::Cascade => vec![Fate::Goes],
        Action::NoAction | Action::Restrict => vec![Fate::Refused],
        Action::SetDefault(_) if engine.set_default_blocks() => vec![Fate::Fails(When::Default, None)],
        Action::SetNull(_) | Action::SetDefault(_) => written::fates(key, engine),
    };
    if !key.action_disabled_in.is_empty() {
        fates.push(Fate::Ignored);
    }
    fates
}
