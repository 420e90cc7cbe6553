//! Rows of tables, read as they are needed, all as they stood at one moment. Nothing is written.

use std::pin::Pin;
use std::sync::Arc;

use crate::access::SourceError;
use crate::model::{RowRead, TableName, TableShape, Value};

/// A transaction that sees one state of the rows.
pub(crate) trait Rows: Send {
    /// What these tables are made of.
    fn shapes<'a>(&'a mut self, tables: &'a [TableName]) -> Asking<'a, Vec<TableShape>>;

    /// Whether the server takes this condition, the user's SQL: an error is in its own words, for no row is looked at.
    fn try_condition<'a>(&'a mut self, table: &'a TableShape, condition: &'a str) -> Asking<'a, ()>;

    /// Rows of a table, no more than `most`.
    fn read<'a>(
        &'a mut self,
        table: &'a TableShape,
        which: &'a Which,
        most: usize,
    ) -> Asking<'a, Vec<RowRead>>;

    /// How many rows hold each of these rows of values, where there are any; the engine's own writing of the values comes with it.
    fn tally<'a>(
        &'a mut self,
        table: &'a TableShape,
        columns: &'a [usize],
        values: &'a [Vec<Arc<str>>],
    ) -> Asking<'a, Vec<(Vec<Value>, u64)>>;

    /// How many rows there are of which this is true and none of the others.
    fn count<'a>(
        &'a mut self,
        table: &'a TableShape,
        which: &'a Which,
        others: &'a [Which],
    ) -> Asking<'a, u64>;

    /// Ends the transaction and leaves.
    fn leave(self: Box<Self>) -> Pin<Box<dyn Future<Output = ()> + Send>>;
}

/// Which rows of a table.
#[derive(Clone, Debug)]
pub(crate) enum Which {
    /// Those of which this is true: SQL as the user wrote it.
    Where(String),
    /// Those that hold one of these rows of values in these columns, given by their places.
    Holding { columns: Vec<usize>, values: Vec<Vec<Arc<str>>> },
}

/// An answer that is under way.
pub(crate) type Asking<'a, T> = Pin<Box<dyn Future<Output = Result<T, SourceError>> + Send + 'a>>;

/// Such a transaction, being begun.
pub(crate) type OpeningRows<'a> = Asking<'a, Box<dyn Rows>>;

impl Which {
    /// The condition in SQL. `equal` says that a column, by its place, holds one of some values.
    pub(super) fn condition(&self, equal: impl Fn(usize, &[&str]) -> String) -> String {
        match self {
            // A comment at its end ends with the line.
            Which::Where(condition) => format!("({condition}\n)"),
            Which::Holding { columns, values } => held(columns, values, equal),
        }
    }
}

/// The condition of [`Rows::count`] in SQL, from its parts.
pub(super) fn first_alone(condition: &str, others: &[String]) -> String {
    // A NULL isn't equal, nor is it unequal.
    let not = others.iter().map(|other| format!(" AND ({other}) IS NOT TRUE"));
    format!("({condition}){}", not.collect::<String>())
}

/// What the server says of the user's condition.
pub(super) enum Refused {
    /// Where it is read: in these words.
    AsItStands(String),
    /// Where it meets a row; the words may show what that holds, so this is the error's code.
    OnARow(String),
}

/// The user's condition is refused.
pub(super) fn refused(place: String, condition: &str, refused: Refused) -> SourceError {
    let reason = match refused {
        Refused::AsItStands(words) if condition.to_ascii_lowercase().contains("limit") => words,
        // What is behind it is ours: to the user, the end.
        Refused::AsItStands(words) => words
            .replace("\n) LIMIT 0", "")
            .replace(") LIMIT 0", "")
            .replace("LIMIT 0", "")
            .replace("at or near \"LIMIT\"", "at its end"),
        Refused::OnARow(code) => {
            format!("it fails on a row, with error {code}, whose text may show what the row holds")
        }
    };
    let help = "`--where` takes what stands behind WHERE in SQL, e.g. --where \"id = 42\"".to_owned();
    SourceError::Condition { place, condition: condition.to_owned(), reason, help }
}

/// Ends a query that is tried.
pub(super) const NO_ROW: &str = " LIMIT 0";

/// As [`Which::condition`], of columns that hold one of some rows of values.
pub(super) fn held(
    columns: &[usize],
    values: &[Vec<Arc<str>>],
    equal: impl Fn(usize, &[&str]) -> String,
) -> String {
    if let [column] = columns {
        return equal(*column, &values.iter().map(|row| &*row[0]).collect::<Vec<_>>());
    }
    let rows = values.iter().map(|row| {
        let parts = columns.iter().zip(row).map(|(&column, value)| equal(column, &[value]));
        format!("({})", parts.collect::<Vec<_>>().join(" AND "))
    });
    rows.collect::<Vec<_>>().join(" OR ")
}
