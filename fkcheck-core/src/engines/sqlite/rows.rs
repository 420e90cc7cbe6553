//! Rows, read in one transaction of a connection that reads only. A value is what `quote()` writes, which is a literal again.

use std::path::PathBuf;
use std::pin::Pin;
use std::sync::Arc;

use rusqlite::{Connection, InterruptHandle};

use super::catalogue::{Catalogue, Table};
use super::fix::quoted;
use super::{MAIN, SqliteFile};
use crate::access::{Phase, SourceError};
use crate::engines::ReadLimits;
use crate::engines::rows::{Asking, Rows, Which, first_alone, held};
use crate::model::{
    ColumnShape, DefaultValue, IndexShape, Literal, Part, RowRead, TableKind, TableName, TableShape, Value,
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
        let (connection, place) = (self.connection.take(), self.place.clone());
        let work = move || {
            let connection = connection.ok_or_else(|| unreadable(&place, &rusqlite::Error::InvalidQuery))?;
            let answer = work(&connection).map_err(|error| unreadable(&place, &error))?;
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
            let (catalogue, without_row_id) = self
                .ask(|connection| Ok((Catalogue::read(connection)?, without_row_id(connection)?)))
                .await?;
            let shape = |name: &TableName| match catalogue.table(&name.name) {
                Some(table) if table.kind() == TableKind::Table => {
                    Ok(shape(name, table, without_row_id.contains(&table.name)))
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

    fn read<'a>(
        &'a mut self,
        shape: &'a TableShape,
        which: &'a Which,
        most: usize,
    ) -> Asking<'a, Vec<RowRead>> {
        // A table WITHOUT ROWID lies in the order of its primary key.
        let key = shape.indexes.iter().find(|index| index.clustered);
        let place: Vec<String> = key.map_or_else(
            || vec![format!("t.{}", row_id(shape))],
            |key| key.columns.iter().map(|&at| text_of(&shape.columns[at])).collect(),
        );
        let values = shape.columns.iter().map(text_of);
        let query = format!(
            "SELECT {} FROM {} t WHERE {} LIMIT {most}",
            place.iter().cloned().chain(values).collect::<Vec<_>>().join(", "),
            table(&shape.name),
            condition(shape, which)
        );
        let (places, values) = (place.len(), shape.columns.len());
        self.ask(move |connection| {
            let mut statement = connection.prepare(&query)?;
            let read = |row: &rusqlite::Row<'_>| {
                let part = |at| match row.get_ref(at)? {
                    rusqlite::types::ValueRef::Integer(number) => Ok(Part::Number(number.into())),
                    other => {
                        let text: Arc<str> = Arc::from(other.as_str()?);
                        Ok(Part::of(&text))
                    }
                };
                Ok(RowRead {
                    place: (0..places).map(part).collect::<rusqlite::Result<_>>()?,
                    values: (places..places + values)
                        .map(|at| value(row, at))
                        .collect::<rusqlite::Result<_>>()?,
                    order: Vec::new(),
                })
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
        let texts: Vec<String> = columns.iter().map(|&at| text_of(&shape.columns[at])).collect();
        let query = format!(
            "SELECT count(*), {} FROM {} t WHERE {} GROUP BY {}",
            texts.join(", "),
            table(&shape.name),
            held(columns, values, |column, values| equal(shape, column, values)),
            names.join(", ")
        );
        let width = columns.len();
        self.ask(move |connection| {
            let mut statement = connection.prepare(&query)?;
            let read = |row: &rusqlite::Row<'_>| {
                let count: i64 = row.get(0)?;
                let values = (1..=width).map(|at| value(row, at)).collect::<rusqlite::Result<_>>()?;
                Ok((values, u64::try_from(count).unwrap_or_default()))
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

fn table(name: &TableName) -> String {
    format!("{}.{}", quoted(MAIN), quoted(&name.name))
}

/// The tables that have no row id.
fn without_row_id(connection: &Connection) -> rusqlite::Result<Vec<String>> {
    let mut statement =
        connection.prepare("SELECT name FROM pragma_table_list WHERE schema = 'main' AND wr")?;
    statement.query_map([], |row| row.get(0))?.collect()
}

fn shape(name: &TableName, table: &Table, has_no_row_id: bool) -> TableShape {
    let row_id = table.row_id().map(|column| column.name.as_str());
    let columns: Vec<ColumnShape> = table
        .columns
        .iter()
        .map(|column| ColumnShape {
            name: column.name.clone(),
            // NULL is a number of its own there.
            nullable: !column.not_null && row_id != Some(column.name.as_str()),
            generated: column.generated,
            default: default_value(column.default.as_deref()),
            literal: Literal::Plain,
            order: ValueOrder::Written,
        })
        .collect();
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
            unique: index.is_unique,
            nulls_are_equal: false,
            clustered: index.is_primary_key && has_no_row_id,
        })
    });
    let indexes = row_id_index.into_iter().chain(indexes).collect();
    TableShape::new(name.clone(), columns, indexes)
}

/// A literal as it stands; SQLite keeps the text of the clause.
fn default_value(text: Option<&str>) -> DefaultValue {
    let Some(text) = text else { return DefaultValue::Constant(None) };
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    let is_number = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    let is_text = text.len() > 1
        && text.starts_with('\'')
        && text.ends_with('\'')
        && !text[1..text.len() - 1].replace("''", "").contains('\'');
    let value: Value = match text {
        _ if text.eq_ignore_ascii_case("NULL") => None,
        _ if is_number || is_text => Some(Arc::from(text.trim_start_matches('+'))),
        _ => return DefaultValue::Expression,
    };
    DefaultValue::Constant(value)
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

/// A column as a literal of SQL.
fn text_of(column: &ColumnShape) -> String {
    format!("quote({})", named(column))
}

fn condition(shape: &TableShape, which: &Which) -> String {
    which.condition(|column, values| equal(shape, column, values))
}

fn equal(shape: &TableShape, column: usize, values: &[&str]) -> String {
    format!("{} IN ({})", named(&shape.columns[column]), values.join(", "))
}

/// What `quote()` wrote.
fn value(row: &rusqlite::Row<'_>, at: usize) -> rusqlite::Result<Value> {
    let text: String = row.get(at)?;
    Ok(Some(text).filter(|text| text != "NULL").map(Arc::from))
}
