//! What was foretold beside what the database did: refused for the same reason, or every row of every table as it was said.

use fkcheck_core::impact::rows::{ChangedRow, CountedRows, Foretold, Refused};
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

    /// The values of columns that were seen, with their places.
    fn seen<'v>(&self, values: &'v [(String, Option<std::sync::Arc<str>>)]) -> Vec<(usize, Option<&'v str>)> {
        values.iter().map(|(name, value)| (self.place(name), value.as_deref())).collect()
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

/// Whether the rows are as they were foretold: each that was seen, and as many as were counted.
fn same(tables: &[Table], before: &Rows, after: &Rows, foretold: &Foretold) -> Result<(), String> {
    for (at, table) in tables.iter().enumerate() {
        let of_table = |name: &TableName| *name == table.name;
        let changed = foretold.changed.iter().filter(|row| of_table(&row.table)).collect::<Vec<_>>();
        let counted = foretold.counted.iter().find(|counted| of_table(&counted.key.table));
        match counted {
            Some(counted) => as_many(&before[at], &after[at], counted)?,
            None => same_rows(table, &before[at], &after[at], &changed)?,
        }
    }
    Ok(())
}

fn as_many(before: &[Row], after: &[Row], counted: &CountedRows) -> Result<(), String> {
    let gone = before.len() - after.len();
    let mut left = after.to_vec();
    let others = before.iter().filter(|row| match left.iter().position(|known| known == *row) {
        Some(at) => {
            left.swap_remove(at);
            false
        }
        None => true,
    });
    let changed = others.count();
    let real = if counted.are_deleted { gone } else { changed - gone };
    if real as u64 == counted.rows { Ok(()) } else { Err(format!("{real} rows; foretold: {counted:?}")) }
}

fn same_rows(table: &Table, before: &[Row], after: &[Row], changed: &[&ChangedRow]) -> Result<(), String> {
    let mut left: Vec<Option<Row>> = before.iter().cloned().map(Some).collect();
    let mut new: Vec<Row> = Vec::new();
    // Columns that no key and no unique index concerns aren't seen: of rows that are the same but for them, any may be meant.
    let mut is_blurred = false;
    for changed in changed {
        let seen = table.seen(&changed.before);
        let is_it = |row: &Row| seen.iter().all(|&(at, value)| row[at].as_deref() == value);
        is_blurred |= before.iter().filter(|row| is_it(row)).count() > 1;
        let Some(at) = left.iter().position(|row| row.as_ref().is_some_and(is_it)) else {
            return Err(format!("{}: there is no such row as {:?}", table.name, changed.before));
        };
        let (Some(mut row), Some(values)) = (left[at].take(), &changed.after) else { continue };
        table.seen(values).into_iter().for_each(|(at, value)| row[at] = value.map(str::to_owned));
        new.push(row);
    }
    let seen: Vec<usize> = match changed.first().filter(|_| is_blurred) {
        Some(changed) => table.seen(&changed.before).into_iter().map(|(at, _)| at).collect(),
        None => (0..table.columns.len()).collect(),
    };
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
