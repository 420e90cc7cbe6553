//! What a delete or an update does to the rows that are there, exactly: the engine's own algorithm, over rows that were read.
//!
//! Rows are read as they are needed: a prediction either is made, or says which rows it has to see.

mod by_index;
mod finder;
mod nested;
mod queued;
mod state;
mod world;

use std::sync::Arc;

pub use world::{Unfit, World};

use crate::model::{EngineFacts, Lookup, RowsFirst, Value, is_made_up};
use state::State;

/// What is done.
#[derive(Clone, Debug)]
pub enum Statement {
    /// Rows of one table are deleted, in this order.
    Delete {
        /// The table, by its place.
        table: usize,
        /// The rows, by their places in the world.
        rows: Vec<usize>,
    },
    /// Columns of rows of one table are set.
    Update {
        /// The table, by its place.
        table: usize,
        /// The rows, by their places in the world, in this order; for each the columns with their new values.
        rows: Vec<(usize, Vec<(usize, Value)>)>,
    },
}

/// What comes of a statement by the rows that are known, and what has to be seen before that is certain.
#[derive(Clone, Debug)]
pub struct Prediction {
    /// What comes of it.
    pub outcome: Outcome,
    /// What has to be read; nothing: it is certain.
    pub asks: Vec<Ask>,
    /// What has to be counted then.
    pub counts: Vec<Count>,
    /// Tables whose rows aren't to be counted, but followed one by one ([`World::follow`]).
    pub follow: Vec<usize>,
    /// There was no time to come to the end.
    pub is_cut: bool,
}

/// Rows that have to be read.
#[derive(Clone, Debug)]
pub struct Ask {
    /// Which.
    pub lookup: Lookup,
    /// Their number is enough.
    pub is_tally: bool,
}

/// Rows of a table that keys reach, each of them at most once deleted and in no order that matters.
#[derive(Clone, Debug)]
pub struct Count {
    /// The table, by its place.
    pub table: usize,
    /// By which keys: those that delete come first, and no more than two clear columns.
    pub reached: Vec<ReachedBy>,
}

/// What one key does to the rows that are to be counted.
#[derive(Clone, Debug)]
pub struct ReachedBy {
    /// Its columns.
    pub columns: Vec<usize>,
    /// What the parents held that go.
    pub values: Vec<Vec<Arc<str>>>,
    /// The columns that it clears; `None`: it deletes.
    pub clears: Option<Vec<usize>>,
}

/// What comes of a statement.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// Why it is refused, if it is.
    pub refused: Option<Refusal>,
    /// Each row that isn't what it was, as it would be or would have been up to the refusal.
    pub changed: Vec<Changed>,
    /// Rows that weren't seen one by one.
    pub counted: Vec<Counted>,
    /// Something that was met on the way and can't be known.
    pub unknown: Option<Unknown>,
    /// Statements by which keys acted, be there rows or not: the key, by its place in the world, and whether it deletes.
    pub fired: Vec<(usize, bool)>,
}

/// Rows that keys delete or write.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Counted {
    /// The table, by its place.
    pub table: usize,
    /// The columns that are written, in their order; `None`: they are deleted.
    pub written: Option<Vec<usize>>,
    /// All that is written is NULL.
    pub are_nulled: bool,
    /// How many.
    pub rows: u64,
}

/// A row that isn't what it was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Changed {
    /// The table, by its place.
    pub table: usize,
    /// The row, by its place in the world.
    pub row: usize,
    /// What it holds now; `None`: it is gone.
    pub values: Option<Vec<Value>>,
}

/// Why a statement is refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// By a key, at its place in the world.
    Key(usize),
    /// By several keys together, which the engine doesn't tell apart.
    Keys,
    /// A column takes no NULL.
    NotNull {
        /// The table, by its place.
        table: usize,
        /// The column, by its place.
        column: usize,
    },
    /// Two rows would be equal.
    Unique {
        /// The table, by its place.
        table: usize,
        /// The index, by its place.
        index: usize,
    },
    /// A column that only the engine writes would be written.
    Generated {
        /// The table, by its place.
        table: usize,
        /// The column, by its place.
        column: usize,
    },
    /// The partitioned table, by its place, has no partition for a row.
    NoPartition(usize),
    /// The chain of cascades is longer than the engine follows.
    TooDeep,
}

/// What can't be known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unknown {
    /// A default that is an expression.
    Default {
        /// The table, by its place.
        table: usize,
        /// The column, by its place.
        column: usize,
    },
    /// Which rows a key, at its place in the world, refers to: equal values may be written in several ways.
    Spelling(usize),
    /// Whether the table, by its place, has a partition for a value that isn't known.
    Partition(usize),
    /// Whether the child of a key, at its place in the world, can hold what its parent does.
    Room(usize),
}

/// What this statement does to the rows of this world.
/// `is_over`: whether there is no more time.
pub fn predict(
    world: &World<'_>,
    engine: &EngineFacts,
    statement: &Statement,
    is_over: &dyn Fn() -> bool,
) -> Prediction {
    let mut state = State::new(world, is_over);
    let result = writable(world, statement).and_then(|()| match engine.rows_first {
        RowsFirst::All => queued::run(&mut state, statement),
        RowsFirst::Each => nested::run(&mut state, engine, statement),
        RowsFirst::EachIndex => by_index::run(&mut state, engine, statement),
    });
    let refused = result.err();
    let asks = state.take_asks();
    let (counts, follow) = (state.counts(), state.follow.iter().copied().collect());
    let outcome = Outcome {
        refused,
        changed: state.changed(),
        counted: state.counted(),
        unknown: state.unknown.take(),
        fired: state.fired.iter().copied().collect(),
    };
    Prediction { outcome, asks, counts, follow, is_cut: state.is_cut }
}

/// No statement may set what only the engine writes.
fn writable(world: &World<'_>, statement: &Statement) -> Result<(), Refusal> {
    let Statement::Update { table, rows } = statement else { return Ok(()) };
    let columns = &world.tables()[*table].columns;
    let set = rows.first().into_iter().flat_map(|(_, set)| set);
    match set.map(|(column, _)| *column).find(|&column| columns[column].generated) {
        Some(column) => Err(Refusal::Generated { table: *table, column }),
        None => Ok(()),
    }
}

/// Whether there must be a parent of these: not where one is NULL, and where one was made up it is for whoever chooses it to see to that.
fn has_to_exist(values: &[Value]) -> bool {
    values.iter().all(|value| value.as_deref().is_some_and(|value| !is_made_up(value)))
}

/// Values that are none of them NULL; `None`: one is.
fn without_null(values: &[Value]) -> Option<Vec<Arc<str>>> {
    values.iter().cloned().collect()
}
