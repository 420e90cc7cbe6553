//! Rows, read in one transaction of a connection that reads only. A value is a literal.

use std::collections::HashMap;
use std::path::PathBuf;
use std::pin::Pin;
use std::sync::Arc;

use rusqlite::{Connection, InterruptHandle};

use super::catalogue::{Catalogue, Column, Table};
use super::fix::quoted;
use super::{MAIN, SqliteFile, values, watchers};
use crate::access::{Phase, SourceError};
use crate::engines::ReadLimits;
use crate::engines::rows::{Asking, Refused, Rows, Which, first_alone, held, refused};
use crate::model::{
    ColumnShape, IndexShape, Literal, Part, Room, RowRead, TableKind, TableName, TableShape, Value,
    ValueOrder,
};

/// The transaction; the connection is away while something is read.
struct Transaction {
    connection: Option<Connection>,
    interrupt: InterruptHandle,
    place: String,
    visit: ReadLimits,
}

pub(super) async fn open(path: PathBuf, visit: ReadLimits) -> Result<Box<dyn Rows>, SourceError> {
    let place = format!("SQLite database {}", SqliteFile(path.clone()));
    let at = place.clone();
    let begin = move || {
        let connection = super::open(&path, &at)?;
        // An index leads to rows all over the file: with the 2 MB that it keeps by itself it reads most pages again and again.
        let begin = "PRAGMA cache_size = -65536; BEGIN";
        connection.execute_batch(begin).map_err(|error| unreadable(&at, &error))?;
        Ok(connection)
    };
    let connection = in_thread(place.clone(), visit, begin).await?;
    let interrupt = connection.get_interrupt_handle();
    Ok(Box::new(Transaction { connection: Some(connection), interrupt, place, visit }))
}

/// A query that the deadline has cut goes on in its thread, and holds its lock on the file.
impl Drop for Transaction {
    fn drop(&mut self) {
        self.interrupt.interrupt();
    }
}

impl Transaction {
    fn ask<T: Send + 'static>(
        &mut self,
        work: impl FnOnce(&Connection) -> rusqlite::Result<T> + Send + 'static,
    ) -> Asking<'_, T> {
        self.ask_or(unreadable, work)
    }

    /// The same, with other words for an error; they get the place first.
    fn ask_or<T: Send + 'static>(
        &mut self,
        told: impl FnOnce(&str, &rusqlite::Error) -> SourceError + Send + 'static,
        work: impl FnOnce(&Connection) -> rusqlite::Result<T> + Send + 'static,
    ) -> Asking<'_, T> {
        let (connection, place) = (self.connection.take(), self.place.clone());
        let work = move || {
            let connection = connection.ok_or_else(|| unreadable(&place, &rusqlite::Error::InvalidQuery))?;
            let answer = work(&connection).map_err(|error| told(&place, &error))?;
            Ok((connection, answer))
        };
        let task = in_thread(self.place.clone(), self.visit, work);
        Box::pin(async move {
            let (connection, answer) = task.await?;
            self.connection = Some(connection);
            Ok(answer)
        })
    }
}

async fn in_thread<T: Send + 'static>(
    place: String,
    visit: ReadLimits,
    work: impl FnOnce() -> Result<T, SourceError> + Send + 'static,
) -> Result<T, SourceError> {
    let task = async {
        tokio::task::spawn_blocking(work)
            .await
            .map_err(|error| SourceError::Start(std::io::Error::other(error)))?
    };
    visit.deadline.within(&place, Phase::ReadingRows, task).await
}

fn unreadable(place: &str, error: &rusqlite::Error) -> SourceError {
    let (place, reason) = (place.to_owned(), error.to_string());
    SourceError::Catalogue { place, phase: Phase::ReadingRows, reason, help: None }
}

impl Rows for Transaction {
    fn shapes<'a>(&'a mut self, tables: &'a [TableName]) -> Asking<'a, Vec<TableShape>> {
        Box::pin(async move {
            let (catalogue, traits) =
                self.ask(|connection| Ok((Catalogue::read(connection)?, traits(connection)?))).await?;
            let shape = |name: &TableName| match catalogue.table(&name.name) {
                Some(table) if table.kind() == TableKind::Table => {
                    Ok(shape(name, table, traits.get(&table.name).copied().unwrap_or_default()))
                }
                _ => Err(SourceError::Catalogue {
                    place: self.place.clone(),
                    phase: Phase::ReadingRows,
                    reason: format!("`{name}` is no ordinary table"),
                    help: None,
                }),
            };
            tables.iter().map(shape).collect()
        })
    }

    fn try_condition<'a>(&'a mut self, shape: &'a TableShape, condition: &'a str) -> Asking<'a, ()> {
        let which = Which::Where(condition.to_owned());
        let query =
            format!("SELECT 1 FROM {} t WHERE {}", table(&shape.name), self::condition(shape, &which));
        let condition = condition.to_owned();
        let told = move |place: &str, error: &rusqlite::Error| match of_condition(error) {
            Some(words) => refused(place.to_owned(), &condition, Refused::AsItStands(words)),
            None => unreadable(place, error),
        };
        self.ask_or(told, move |connection| connection.prepare(&query).map(drop))
    }

    fn read<'a>(
        &'a mut self,
        shape: &'a TableShape,
        which: &'a Which,
        most: usize,
    ) -> Asking<'a, Vec<RowRead>> {
        // A table WITHOUT ROWID lies in the order of its primary key.
        let key = shape.indexes.iter().find(|index| index.clustered).map(|index| index.columns.clone());
        let columns = shape.columns.iter().map(named);
        let row_id = key.is_none().then(|| format!("t.{}", row_id(shape)));
        let query = format!(
            "SELECT {} FROM {} t WHERE {} LIMIT {most}",
            columns.chain(row_id).collect::<Vec<_>>().join(", "),
            table(&shape.name),
            condition(shape, which)
        );
        let rooms = rooms(shape, &(0..shape.columns.len()).collect::<Vec<_>>());
        let condition = match which {
            Which::Where(condition) => Some(condition.clone()),
            Which::Holding { .. } => None,
        };
        let told = move |place: &str, error: &rusqlite::Error| match (&condition, of_condition(error)) {
            (Some(condition), Some(_)) => {
                let code =
                    error.sqlite_error().map_or_else(String::new, |error| error.extended_code.to_string());
                refused(place.to_owned(), condition, Refused::OnARow(code))
            }
            _ => unreadable(place, error),
        };
        self.ask_or(told, move |connection| {
            let mut statement = connection.prepare(&query)?;
            let read = |row: &rusqlite::Row<'_>| {
                let values = texts(row, 0, &rooms)?;
                let place = match &key {
                    Some(key) => {
                        let part =
                            |&at: &usize| values[at].as_ref().map_or(Part::Number(i128::MIN), Part::of);
                        key.iter().map(part).collect()
                    }
                    None => vec![Part::Number(row.get::<_, i64>(rooms.len())?.into())],
                };
                Ok(RowRead { place, values, order: Vec::new() })
            };
            statement.query_map([], read)?.collect()
        })
    }

    fn tally<'a>(
        &'a mut self,
        shape: &'a TableShape,
        columns: &'a [usize],
        values: &'a [Vec<Arc<str>>],
    ) -> Asking<'a, Vec<(Vec<Value>, u64)>> {
        let names: Vec<String> = columns.iter().map(|&at| named(&shape.columns[at])).collect();
        let query = format!(
            "SELECT count(*), {} FROM {} t WHERE {} GROUP BY {}",
            names.join(", "),
            table(&shape.name),
            held(columns, values, |column, values| equal(shape, column, values)),
            names.join(", ")
        );
        let rooms = rooms(shape, columns);
        self.ask(move |connection| {
            let mut statement = connection.prepare(&query)?;
            let read = |row: &rusqlite::Row<'_>| {
                let count: i64 = row.get(0)?;
                Ok((texts(row, 1, &rooms)?, u64::try_from(count).unwrap_or_default()))
            };
            statement.query_map([], read)?.collect()
        })
    }

    fn count<'a>(
        &'a mut self,
        shape: &'a TableShape,
        which: &'a Which,
        others: &'a [Which],
    ) -> Asking<'a, u64> {
        let others: Vec<String> = others.iter().map(|other| condition(shape, other)).collect();
        let alone = first_alone(&condition(shape, which), &others);
        let query = format!("SELECT count(*) FROM {} t WHERE {alone}", table(&shape.name));
        self.ask(move |connection| {
            connection.query_row(&query, [], |row| row.get::<_, i64>(0)).map(i64::unsigned_abs)
        })
    }

    fn leave(self: Box<Self>) -> Pin<Box<dyn Future<Output = ()> + Send>> {
        Box::pin(async move { drop(self) })
    }
}

/// SQLite's words, where it is the user's condition that fails: its syntax, a name, a value.
fn of_condition(error: &rusqlite::Error) -> Option<String> {
    use rusqlite::{Error, ErrorCode};
    match error {
        Error::SqlInputError { msg, .. } => Some(msg.clone()),
        Error::MultipleStatement => Some("it is more than one statement".to_owned()),
        Error::SqliteFailure(failure, words)
            if matches!(failure.code, ErrorCode::Unknown | ErrorCode::TooBig | ErrorCode::TypeMismatch) =>
        {
            Some(words.clone().unwrap_or_else(|| failure.to_string()))
        }
        _ => None,
    }
}

fn table(name: &TableName) -> String {
    format!("{}.{}", quoted(MAIN), quoted(&name.name))
}

/// What a table is beside its columns.
#[derive(Clone, Copy, Default)]
struct Traits {
    has_no_row_id: bool,
    is_strict: bool,
}

fn traits(connection: &Connection) -> rusqlite::Result<HashMap<String, Traits>> {
    let mut statement =
        connection.prepare("SELECT name, wr, strict FROM pragma_table_list WHERE schema = 'main'")?;
    let traits = |row: &rusqlite::Row<'_>| {
        Ok((row.get(0)?, Traits { has_no_row_id: row.get(1)?, is_strict: row.get(2)? }))
    };
    statement.query_map([], traits)?.collect()
}

fn shape(name: &TableName, table: &Table, Traits { has_no_row_id, is_strict }: Traits) -> TableShape {
    let row_id = table.row_id().map(|column| column.name.as_str());
    let collations = table.collations();
    let watched = watchers::of_table(table, &collations);
    let column = |column: &Column| {
        let is_row_id = row_id == Some(column.name.as_str());
        let room = values::room(column, collations.of(&column.name), is_row_id, is_strict);
        ColumnShape {
            name: column.name.clone(),
            // NULL is a number of its own there.
            nullable: !column.not_null && !is_row_id && !watched.filled.contains(&column.name),
            generated: column.generated,
            default: values::default_value(column.default.as_deref(), &room),
            literal: Literal::Plain,
            order: ValueOrder::Written,
            room,
        }
    };
    let columns: Vec<ColumnShape> = table.columns.iter().map(column).collect();
    let place = |name: &String| columns.iter().position(|column| column.name == *name);
    let row_id_index = row_id.and_then(|name| place(&name.to_owned())).map(|at| IndexShape {
        name: "rowid".to_owned(),
        columns: vec![at],
        unique: true,
        nulls_are_equal: false,
        clustered: false,
    });
    let indexes = table.indexes.values().filter(|index| index.partial.is_none()).filter_map(|index| {
        let names: Option<Vec<&String>> = index.columns.iter().map(Option::as_ref).collect();
        Some(IndexShape {
            name: String::new(),
            columns: names?.into_iter().map(place).collect::<Option<_>>()?,
            unique: index.is_unique && collations.are_of(index),
            nulls_are_equal: false,
            clustered: index.is_primary_key && has_no_row_id,
        })
    });
    let indexes = row_id_index.into_iter().chain(indexes).collect();
    TableShape { watchers: watched.watchers, ..TableShape::new(name.clone(), columns, indexes) }
}

/// The name of a row's number that none of its columns bears.
fn row_id(shape: &TableShape) -> &'static str {
    let is_free = |name: &&str| !shape.names.iter().any(|column| column.eq_ignore_ascii_case(name));
    ["_rowid_", "rowid", "oid"].into_iter().find(is_free).unwrap_or("_rowid_")
}

/// A column of the table that is read.
fn named(column: &ColumnShape) -> String {
    format!("t.{}", quoted(&column.name))
}

fn condition(shape: &TableShape, which: &Which) -> String {
    which.condition(|column, values| equal(shape, column, values))
}

fn equal(shape: &TableShape, column: usize, values: &[&str]) -> String {
    format!("{} IN ({})", named(&shape.columns[column]), values.join(", "))
}

fn rooms(shape: &TableShape, columns: &[usize]) -> Vec<Room> {
    columns.iter().map(|&at| shape.columns[at].room.clone()).collect()
}

/// The values of columns of which this is the room, from the first one on.
fn texts(row: &rusqlite::Row<'_>, first: usize, rooms: &[Room]) -> rusqlite::Result<Vec<Value>> {
    rooms.iter().enumerate().map(|(at, room)| Ok(values::text(row.get_ref(first + at)?, room))).collect()
}
