//! What is known in the end, told by names, and in numbers.

use std::collections::HashMap;

use super::{ChangedRow, CountedRows, Foretold, Refused, RowsImpact, unknown};
use crate::consequence::Touched;
use crate::consequence::rows::{Outcome, Refusal, World};
use crate::impact::Impact;
use crate::model::{KeyName, TableName, Value};

pub(super) fn told(world: &World<'_>, outcome: Outcome, chosen: usize, cut: Option<String>) -> Foretold {
    let tables = world.tables();
    let named = |table: usize, values: &[Value]| -> Vec<(String, Value)> {
        tables[table].columns.iter().map(|column| column.name.clone()).zip(values.iter().cloned()).collect()
    };
    let place = |table: usize, column: usize| {
        (tables[table].name.clone(), tables[table].columns[column].name.clone())
    };
    let unknown = unknown::met(world, &outcome);
    let refused = outcome.refused.map(|refusal| match refusal {
        Refusal::Key(key) => {
            let key = world.key(key);
            Refused::Key {
                table: key.key.table.clone(),
                columns: key.key.columns.clone(),
                constraint: key.name.clone(),
                parent: key.parent.clone(),
            }
        }
        Refusal::Keys => Refused::Keys,
        Refusal::NotNull { table, column } => {
            let (table, column) = place(table, column);
            Refused::NotNull(table, column)
        }
        Refusal::Generated { table, column } => {
            let (table, column) = place(table, column);
            Refused::Generated(table, column)
        }
        Refusal::Unique { table, index } => {
            Refused::Unique(tables[table].name.clone(), tables[table].indexes[index].name.clone())
        }
        Refusal::TooDeep => Refused::TooDeep,
    });
    let changed = outcome.changed.iter().map(|changed| {
        let row = world.row(changed.table, changed.row);
        ChangedRow {
            table: tables[changed.table].name.clone(),
            place: row.place.clone(),
            before: named(changed.table, &row.values),
            after: changed.values.as_ref().map(|values| named(changed.table, values)),
        }
    });
    let counted = outcome.counted.iter().map(|counted| CountedRows {
        key: world.key(counted.key).key.clone(),
        are_deleted: counted.are_deleted,
        rows: counted.rows,
    });
    Foretold { refused, counted: counted.collect(), changed: changed.collect(), unknown, cut, chosen }
}

impl ChangedRow {
    /// The columns that hold something else now; none: it is deleted.
    pub(super) fn written(&self) -> impl Iterator<Item = &str> {
        let pairs = self.before.iter().zip(self.after.iter().flatten());
        pairs.filter(|(before, after)| before.1 != after.1).map(|(before, _)| before.0.as_str())
    }
}

impl Foretold {
    pub(super) fn in_numbers(&self, condition: &str, impact: &Impact) -> RowsImpact {
        let mut deleted: HashMap<&TableName, u64> = HashMap::new();
        let mut written: HashMap<KeyName, u64> = HashMap::new();
        for row in &self.changed {
            if row.after.is_none() {
                *deleted.entry(&row.table).or_default() += 1;
                continue;
            }
            let columns: Vec<String> = row.written().map(str::to_owned).collect();
            *written.entry(KeyName { table: row.table.clone(), columns }).or_default() += 1;
        }
        for counted in &self.counted {
            if counted.are_deleted {
                *deleted.entry(&counted.key.table).or_default() += counted.rows;
            } else {
                *written.entry(counted.key.clone()).or_default() += counted.rows;
            }
        }
        if let Some(column) = &impact.update {
            let itself = KeyName { table: impact.table.clone(), columns: vec![column.clone()] };
            written.remove(&itself);
        }
        let mut deleted: Vec<(TableName, u64)> =
            deleted.into_iter().map(|(table, rows)| (table.clone(), rows)).collect();
        deleted.sort_by(|left, right| (right.1, &left.0).cmp(&(left.1, &right.0)));
        let mut written: Vec<(KeyName, u64)> = written.into_iter().collect();
        written.sort_by(|left, right| (right.1, &left.0).cmp(&(left.1, &right.0)));
        // Nothing happens where it is refused.
        if self.refused.is_some() {
            (deleted, written) = (Vec::new(), Vec::new());
        }
        RowsImpact {
            condition: condition.to_owned(),
            chosen: self.chosen,
            refused: self.refused.clone(),
            deleted,
            written,
            at_least: self.cut.is_some(),
        }
    }

    /// Each table whose rows are deleted or written, and the columns that are written.
    pub(super) fn touched(&self) -> Vec<Touched<'_>> {
        let mut touched: Vec<Touched<'_>> = Vec::new();
        for row in &self.changed {
            let written = row.written().collect();
            let one = Touched { table: &row.table, is_deleted: row.after.is_none(), written };
            if !touched.contains(&one) {
                touched.push(one);
            }
        }
        for counted in &self.counted {
            let written = if counted.are_deleted {
                Vec::new()
            } else {
                counted.key.columns.iter().map(String::as_str).collect()
            };
            let one = Touched { table: &counted.key.table, is_deleted: counted.are_deleted, written };
            if !touched.contains(&one) {
                touched.push(one);
            }
        }
        touched
    }
}
