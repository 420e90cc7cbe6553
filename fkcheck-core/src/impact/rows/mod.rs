//! What a delete or an update does to the rows that are in a live database: nothing is written, rows are read as they matter.

mod concerned;
mod reading;
mod told;
mod unknown;

use std::collections::HashMap;
use std::time::Instant;

use super::Impact;
use crate::access::{ErrorKind, SourceError};
use crate::consequence::Surroundings;
use crate::engines::rows::Rows;
use crate::model::{KeyName, Observation, ObservedKey, SourceKind, TableName, Value};
use crate::outcome::Problem;
use crate::run::{self, CheckError, ReadSource};
use crate::sources::{self, DatabaseUrl, Limits};

/// What is to be done to rows of a table.
#[derive(Clone, Debug)]
pub struct Doing {
    /// The table, as the observation names it.
    pub table: TableName,
    /// Which of its rows: SQL, as the user wrote it.
    pub condition: String,
    /// What is done to them.
    pub what: What,
    /// Each row is read, those too of which the number is enough: for tests that compare.
    pub each_row: bool,
}

impl Doing {
    fn is_update(&self) -> bool {
        !matches!(self.what, What::Delete)
    }
}

/// What is done to rows.
#[derive(Clone, Debug)]
pub enum What {
    /// They are deleted.
    Delete,
    /// These columns get these values.
    Set(Vec<(String, Value)>),
    /// These columns get values that no row holds, another one in each row.
    Change(Vec<String>),
}

impl What {
    fn columns(&self) -> Vec<&str> {
        match self {
            What::Delete => Vec::new(),
            What::Set(set) => set.iter().map(|(name, _)| name.as_str()).collect(),
            What::Change(names) => names.iter().map(String::as_str).collect(),
        }
    }
}

/// What comes of it.
#[derive(Clone, Debug)]
pub struct Foretold {
    /// Why it is refused, if it is.
    pub refused: Option<Refused>,
    /// Each row that it changes and that was seen, by table.
    pub changed: Vec<ChangedRows>,
    /// Rows that it changes and that were only counted.
    pub counted: Vec<CountedRows>,
    /// Statements by which keys act on their children, be there rows or not.
    pub fired: Vec<Fired>,
    /// What can't be known.
    pub unknown: Vec<String>,
    /// Why there may be more.
    pub cut: Option<String>,
    /// How many rows the condition chooses.
    pub chosen: usize,
}

/// Why it is refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refused {
    /// By this key.
    Key {
        /// The child table.
        table: TableName,
        /// The referencing columns.
        columns: Vec<String>,
        /// The constraint.
        constraint: Option<String>,
        /// The parent.
        parent: TableName,
    },
    /// By a key that the engine doesn't name.
    Keys,
    /// The column takes no NULL.
    NotNull(TableName, String),
    /// Rows would be equal to this index.
    Unique(TableName, String),
    /// Only the engine writes the column.
    Generated(TableName, String),
    /// The partitioned table has no partition for a row.
    NoPartition(TableName),
    /// The chain of cascades is too long.
    TooDeep,
}

/// Rows of a table that are changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChangedRows {
    /// The table.
    pub table: TableName,
    /// Those of its columns that matter.
    pub columns: Vec<String>,
    /// The rows.
    pub rows: Vec<ChangedRow>,
}

/// A row that is changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChangedRow {
    /// What it held, by [`ChangedRows::columns`].
    pub before: Vec<Value>,
    /// What it will hold; `None`: it is deleted.
    pub after: Option<Vec<Value>>,
}

/// A statement by which a key acts on its child.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fired {
    /// The key.
    pub key: ObservedKey,
    /// It deletes, and doesn't write.
    pub deletes: bool,
}

/// Rows that keys delete or write.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CountedRows {
    /// The table.
    pub table: TableName,
    /// What is written; `None`: they are deleted.
    pub written: Option<WrittenColumns<String>>,
    /// How many.
    pub rows: u64,
}

/// Columns that are written, and what to.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct WrittenColumns<C> {
    /// The columns.
    pub columns: Vec<C>,
    /// All of them get NULL.
    pub are_nulled: bool,
}

/// What it does to the rows that are there, in numbers.
#[derive(Clone, Debug)]
pub struct RowsImpact {
    /// Which rows of the table: SQL, as the user wrote it.
    pub condition: String,
    /// How many those are.
    pub chosen: usize,
    /// Why it is refused, if it is; then nothing else happens.
    pub refused: Option<Refused>,
    /// Each table that loses rows, with their number: what weighs most first, then the most.
    pub deleted: Vec<(TableName, u64)>,
    /// Each table whose rows are written, with the columns and the number of rows, the most first; not the update itself.
    pub written: Vec<WrittenRows>,
    /// There may be more: the deadline has passed.
    pub at_least: bool,
}

/// Rows of a table of which the same columns are written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WrittenRows {
    /// The table and the columns.
    pub key: KeyName,
    /// What is written.
    pub with: With,
    /// How many rows.
    pub rows: u64,
}

/// What columns are set to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum With {
    /// NULL.
    Null,
    /// Their defaults.
    Default,
    /// The value of the parent that is updated.
    Value,
}

/// Follows the rows of the impact's table of which the condition is true, and says what can't be known.
pub(super) fn of_condition(
    observed: &ReadSource,
    limits: &Limits,
    impact: &Impact,
    weight: &dyn Fn(&TableName) -> u8,
    condition: &str,
) -> Result<(Option<RowsImpact>, Vec<Problem>), CheckError> {
    let observation = &observed.observation;
    let Some(url) = observed.url.as_ref().filter(|_| observation.source == SourceKind::Database) else {
        let (message, help) = if observation.source == SourceKind::Database {
            (
                "`--where` follows the rows of one database, and several are asked",
                "name one with `--database-url`",
            )
        } else {
            (
                "`--where` follows rows, and {} has none",
                "name a live database with `--database-url`, without `--against`",
            )
        };
        let message = message.replace("{}", &observation.label);
        return Err(CheckError::Usage { message, help: Some(help.to_owned()) });
    };
    let what = impact.update.as_ref().map_or(What::Delete, |column| What::Change(vec![column.clone()]));
    let doing = Doing { table: impact.table.clone(), condition: condition.to_owned(), what, each_row: false };
    let foretold = match foretell(url, limits, observation, std::slice::from_ref(&doing)) {
        Ok(mut foretold) => foretold.pop(),
        Err(error) if error.kind() == ErrorKind::Usage => return Err(error.into()),
        Err(error) => return Ok((None, vec![run::problem_of(&error)])),
    };
    let Some(foretold) = foretold else { return Ok((None, Vec::new())) };
    let mut problems: Vec<Problem> = foretold.unknown.iter().map(|why| cant_know(why, None)).collect();
    if let Some(why) = &foretold.cut {
        problems.push(cant_know(
            why,
            Some("the numbers are those that were known by then; `--deadline` gives more time, and a narrower `--where` needs less"),
        ));
    }
    Ok((Some(foretold.in_numbers(condition, impact, weight)), problems))
}

fn cant_know(why: &str, help: Option<&str>) -> Problem {
    Problem {
        message: format!("not all that it does can be known: {why}"),
        label: None,
        help: help.into_iter().map(str::to_owned).collect(),
    }
}

/// What a database says of its tables, and what stands beside their keys.
struct Around<'o> {
    observation: &'o Observation,
    surroundings: &'o Surroundings<'o>,
}

/// Foretells what each of these does, all from the rows as they stand at one moment. Blocks; to be called outside of an
/// asynchronous runtime.
///
/// # Errors
/// Where the rows can't be read, be it that the condition is no SQL.
pub fn foretell(
    url: &DatabaseUrl,
    limits: &Limits,
    observation: &Observation,
    doings: &[Doing],
) -> Result<Vec<Foretold>, SourceError> {
    let until = Instant::now() + limits.deadline;
    let is_over = || Instant::now() >= until;
    let surroundings = Surroundings::new(&observation.tables, &observation.engine);
    let around = Around { observation, surroundings: &surroundings };
    sources::with_rows(url, limits, async |rows: &mut dyn Rows| {
        let mut shapes = HashMap::new();
        let mut foretold = Vec::new();
        for doing in doings {
            let mut read = reading::read(rows, &mut shapes, &around, doing, &is_over).await?;
            let unknown = surroundings.of_rows(&doing.table, &read.touched(doing), doing.is_update());
            read.unknown.extend(unknown);
            foretold.push(read);
        }
        Ok(foretold)
    })
}
