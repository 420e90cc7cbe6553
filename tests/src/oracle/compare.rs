//! What was foretold beside what the database did: refused for the same reason, or every row of every table as it was said.

use fkcheck_core::impact::rows::{ChangedRows, Foretold, Refused};
use fkcheck_core::model::{Engine, TableName};

use super::place::Why;

/// A row, as the engine and fkcheck write its values.
pub(crate) type Row = Vec<Option<String>>;

/// The rows of each table.
pub(crate) type Rows = Vec<Vec<Row>>;

/// A table whose rows are compared.
pub(crate) struct Table {
    pub(crate) name: TableName,
    pub(crate) columns: Vec<String>,
    /// The query that reads all of its rows.
    pub(crate) select: String,
}

impl Table {
    /// Of these columns, each with whether it holds bytes.
    pub(crate) fn new(engine: Engine, name: TableName, columns: &[(String, bool)]) -> Self {
        let text = |(column, is_bytes): &(String, bool)| {
            let column = quoted(engine, column);
            match engine {
                Engine::Postgres => format!("CASE WHEN {column} IS NOT NULL THEN format('%s', {column}) END"),
                Engine::Sqlite => format!("nullif(quote({column}), 'NULL')"),
                _ if *is_bytes => format!("HEX({column})"),
                _ => format!("CONVERT({column} USING utf8mb4)"),
            }
        };
        let texts: Vec<String> = columns.iter().map(text).collect();
        let select = format!("SELECT {} FROM {}", texts.join(", "), quoted_table(engine, &name));
        Table { name, columns: columns.iter().map(|(column, _)| column.clone()).collect(), select }
    }

    fn place(&self, column: &str) -> usize {
        self.columns.iter().position(|known| known == column).expect("a column of the table")
    }

    /// The places of columns that were seen.
    fn places(&self, columns: &[String]) -> Vec<usize> {
        columns.iter().map(|name| self.place(name)).collect()
    }
}

/// A name as the engine takes it.
pub(crate) fn quoted(engine: Engine, name: &str) -> String {
    match engine {
        Engine::MariaDb => format!("`{}`", name.replace('`', "``")),
        _ => format!("\"{}\"", name.replace('"', "\"\"")),
    }
}

/// A table's name as the engine takes it.
pub(crate) fn quoted_table(engine: Engine, name: &TableName) -> String {
    let parts = name.schema.iter().chain([&name.name]).map(|part| quoted(engine, part));
    parts.collect::<Vec<_>>().join(".")
}

/// Whether it came as it was foretold.
pub(crate) fn compare(
    tables: &[Table],
    before: &Rows,
    outcome: Result<Rows, Why>,
    foretold: &Foretold,
) -> Result<(), String> {
    match (outcome, &foretold.refused) {
        (Ok(_), Some(refused)) => Err(format!("it was done; foretold: refused by {refused:?}")),
        (Err(why), None) => Err(format!("it was refused: {why}; foretold: {:?}", foretold.changed)),
        (Err(why), Some(refused)) => agree(&why, refused),
        (Ok(after), None) => same(tables, before, &after, foretold),
    }
}

/// Whether the same is foretold by rows that are counted and by rows that are all read.
pub(crate) fn same_both_ways(counted: &Foretold, read: &Foretold) -> Result<(), String> {
    if counted.refused != read.refused || counted.unknown != read.unknown {
        let (one, other) = ((&counted.refused, &counted.unknown), (&read.refused, &read.unknown));
        return Err(format!("counted: {one:?}; read: {other:?}"));
    }
    // Up to a refusal nothing is counted that isn't needed.
    let is_same = counted.refused.is_some() || counted.numbers() == read.numbers();
    if is_same {
        Ok(())
    } else {
        Err(format!("counted: {:?}; read: {:?}", counted.numbers(), read.numbers()))
    }
}

/// Whether the rows are as they were foretold: each that was seen, and as many as were counted.
fn same(tables: &[Table], before: &Rows, after: &Rows, foretold: &Foretold) -> Result<(), String> {
    for (at, table) in tables.iter().enumerate() {
        let changed = foretold.changed.iter().find(|changed| changed.table == table.name);
        if foretold.counted.iter().any(|counted| counted.table == table.name) {
            as_many(table, &before[at], &after[at], foretold)?;
        } else {
            same_rows(table, &before[at], &after[at], changed)?;
        }
    }
    Ok(())
}

fn as_many(table: &Table, before: &[Row], after: &[Row], foretold: &Foretold) -> Result<(), String> {
    let gone = before.len() - after.len();
    let mut left = after.to_vec();
    let others = before.iter().filter(|row| match left.iter().position(|known| known == *row) {
        Some(at) => {
            left.swap_remove(at);
            false
        }
        None => true,
    });
    let written = others.count() - gone;
    let number = |is_deleted: bool| -> u64 {
        let numbers = foretold.numbers().into_iter();
        numbers
            .filter(|((name, columns), _)| **name == table.name && columns.is_none() == is_deleted)
            .map(|(_, rows)| rows)
            .sum()
    };
    let expected = (number(true), number(false));
    let real = (gone as u64, written as u64);
    if real == expected {
        Ok(())
    } else {
        Err(format!("{}: foretold {expected:?}, came to {real:?}", table.name))
    }
}

fn same_rows(
    table: &Table,
    before: &[Row],
    after: &[Row],
    changed: Option<&ChangedRows>,
) -> Result<(), String> {
    let places = changed.map_or_else(Vec::new, |changed| table.places(&changed.columns));
    let mut left: Vec<Option<Row>> = before.iter().cloned().map(Some).collect();
    let mut new: Vec<Row> = Vec::new();
    // Columns that no key and no unique index concerns aren't seen: of rows that are the same but for them, any may be meant.
    let mut is_blurred = false;
    for changed in changed.into_iter().flat_map(|changed| &changed.rows) {
        let seen = || places.iter().zip(&changed.before);
        let is_it = |row: &Row| seen().all(|(&at, value)| row[at].as_deref() == value.as_deref());
        is_blurred |= before.iter().filter(|row| is_it(row)).count() > 1;
        let Some(at) = left.iter().position(|row| row.as_ref().is_some_and(is_it)) else {
            return Err(format!("{}: there is no such row as {:?}", table.name, changed.before));
        };
        let (Some(mut row), Some(values)) = (left[at].take(), &changed.after) else { continue };
        for (&at, value) in places.iter().zip(values) {
            row[at] = value.as_deref().map(str::to_owned);
        }
        new.push(row);
    }
    let seen = if is_blurred { places } else { (0..table.columns.len()).collect() };
    let sorted = |rows: &mut dyn Iterator<Item = &Row>| {
        let rows = rows.map(|row| seen.iter().map(|&at| row[at].clone()).collect());
        let mut rows: Vec<Row> = rows.collect();
        rows.sort_unstable();
        rows
    };
    let expected = sorted(&mut left.iter().flatten().chain(&new));
    let after = sorted(&mut after.iter());
    if expected == after {
        return Ok(());
    }
    Err(format!("{}: foretold {expected:?}\n{}: came to {after:?}", table.name, table.name))
}

/// Whether the database refuses for the reason that was foretold, as far as it says why.
fn agree(why: &Why, refused: &Refused) -> Result<(), String> {
    let same = match (why, refused) {
        (Why::Key(Some(name)), Refused::Key { constraint, .. }) => constraint.as_ref() == Some(name),
        (Why::NotNull(column), Refused::NotNull(table, foretold)) => {
            column.is_empty() || column == foretold || *column == format!("{table}.{foretold}")
        }
        (Why::Key(None), Refused::Key { .. } | Refused::Keys)
        | (Why::Unique, Refused::Unique(..))
        | (Why::TooDeep, Refused::TooDeep)
        | (Why::NoPartition, Refused::NoPartition(_) | Refused::NotNull(..)) => true,
        _ => false,
    };
    if same { Ok(()) } else { Err(format!("it was refused: {why}; foretold: {refused:?}")) }
}
