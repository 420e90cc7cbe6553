//! The rows as a statement has changed them so far, and what it had to know and couldn't.

use std::collections::HashSet;
use std::sync::Arc;

use super::finder::Finder;
use super::world::World;
use super::{Changed, Refusal, Unknown, without_null};
use crate::model::{DefaultValue, Lookup, Value};

/// What `World` says, changed.
pub(super) struct State<'w, 'k> {
    pub(super) world: &'w World<'k>,
    rows: Vec<Vec<Row>>,
    finder: Finder,
    asks: Vec<Lookup>,
    asked: HashSet<Lookup>,
    /// How often a row has been written.
    writes: u64,
    pub(super) unknown: Option<Unknown>,
}

/// A row as it is now.
#[derive(Clone)]
pub(super) struct Row {
    pub(super) values: Vec<Value>,
    pub(super) is_there: bool,
    /// When it was last written; 0: not by this statement.
    pub(super) written: u64,
}

impl<'w, 'k> State<'w, 'k> {
    pub(super) fn new(world: &'w World<'k>) -> Self {
        let row =
            |row: &crate::model::RowRead| Row { values: row.values.clone(), is_there: true, written: 0 };
        State {
            rows: world.rows.iter().map(|rows| rows.iter().map(row).collect()).collect(),
            world,
            finder: Finder::default(),
            asks: Vec::new(),
            asked: HashSet::new(),
            writes: 0,
            unknown: None,
        }
    }

    pub(super) fn row(&self, table: usize, row: usize) -> &Row {
        &self.rows[table][row]
    }

    /// What these columns of a row hold.
    pub(super) fn values(&self, table: usize, row: usize, columns: &[usize]) -> Vec<Value> {
        let row = &self.rows[table][row];
        columns.iter().map(|&column| row.values[column].clone()).collect()
    }

    /// The rows that are there and hold these values in these columns. A NULL is equal to nothing.
    pub(super) fn find(&mut self, table: usize, columns: &[usize], values: &[Value]) -> Vec<usize> {
        let Some(values) = without_null(values) else { return Vec::new() };
        self.ask(table, columns, &values);
        let rows = &self.rows[table];
        let there = || {
            rows.iter()
                .enumerate()
                .filter(|(_, row)| row.is_there)
                .map(|(at, row)| (at, row.values.as_slice()))
        };
        self.finder.find(table, columns, &values, there)
    }

    /// Notes what has to be read, if it wasn't yet.
    pub(super) fn ask(&mut self, table: usize, columns: &[usize], values: &[Arc<str>]) {
        let lookup = Lookup { table, columns: columns.to_vec(), values: values.to_vec() };
        if !self.world.is_answered(&lookup) && self.asked.insert(lookup.clone()) {
            self.asks.push(lookup);
        }
    }

    pub(super) fn take_asks(&mut self) -> Vec<Lookup> {
        std::mem::take(&mut self.asks)
    }

    /// Takes a row away; false: it was gone.
    pub(super) fn delete(&mut self, table: usize, row: usize) -> bool {
        let now = &mut self.rows[table][row];
        let was_there = std::mem::replace(&mut now.is_there, false);
        if was_there {
            self.finder.remove(table, row, &now.values);
        }
        was_there
    }

    /// Writes a row, whatever constraints say.
    pub(super) fn write(&mut self, table: usize, row: usize, values: Vec<Value>) {
        self.writes += 1;
        let now = &mut self.rows[table][row];
        self.finder.remove(table, row, &now.values);
        self.finder.insert(table, row, &values);
        now.values = values;
        now.written = self.writes;
    }

    /// What DEFAULT puts into a column.
    pub(super) fn default(&mut self, table: usize, column: usize) -> Value {
        match &self.world.tables[table].columns[column].default {
            DefaultValue::Constant(value) => value.clone(),
            DefaultValue::Expression => {
                self.unknown.get_or_insert(Unknown::Default { table, column });
                None
            }
        }
    }

    /// The same values with some columns set.
    pub(super) fn with(&self, table: usize, row: usize, set: &[(usize, Value)]) -> Vec<Value> {
        let mut values = self.rows[table][row].values.clone();
        for (column, value) in set {
            values[*column].clone_from(value);
        }
        values
    }

    /// Whether a row may hold these values, as far as NOT NULL says.
    pub(super) fn check_not_null(&self, table: usize, values: &[Value]) -> Result<(), Refusal> {
        let columns = &self.world.tables[table].columns;
        let breach =
            columns.iter().zip(values).position(|(column, value)| !column.nullable && value.is_none());
        match breach {
            Some(column) => Err(Refusal::NotNull { table, column }),
            None => Ok(()),
        }
    }

    /// Whether a row may hold these values beside the others.
    pub(super) fn check_unique(&mut self, table: usize, row: usize, values: &[Value]) -> Result<(), Refusal> {
        let world = self.world;
        for (index, shape) in world.tables[table].indexes.iter().enumerate().filter(|(_, shape)| shape.unique)
        {
            let new: Vec<Value> = shape.columns.iter().map(|&column| values[column].clone()).collect();
            if new == self.values(table, row, &shape.columns) {
                continue;
            }
            let equal = self.find(table, &shape.columns, &new);
            if equal.iter().any(|other| *other != row) {
                return Err(Refusal::Unique { table, index });
            }
        }
        Ok(())
    }

    /// Rows in the order in which they lie: a row that was written has moved to the end.
    pub(super) fn in_written_order(&self, table: usize, rows: &mut [usize]) {
        rows.sort_by_key(|&row| (self.rows[table][row].written, &self.world.rows[table][row].place));
    }

    /// Rows in the order in which they lay.
    pub(super) fn in_place_order(&self, table: usize, rows: &mut [usize]) {
        rows.sort_by_key(|&row| &self.world.rows[table][row].place);
    }

    /// Each row that isn't what it was.
    pub(super) fn changed(&self) -> Vec<Changed> {
        let mut changed = Vec::new();
        for (table, rows) in self.rows.iter().enumerate() {
            for (at, row) in rows.iter().enumerate() {
                let before = &self.world.rows[table][at].values;
                if !row.is_there || row.values != *before {
                    let values = row.is_there.then(|| row.values.clone());
                    changed.push(Changed { table, row: at, values });
                }
            }
        }
        changed
    }
}
