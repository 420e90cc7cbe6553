//! What is known in the end, told by names, and in numbers.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use super::{
    ChangedRow, ChangedRows, CountedRows, Doing, Fired, Foretold, Refused, RowsImpact, What, With,
    WrittenColumns, WrittenRows, unknown,
};
use crate::consequence::Touched;
use crate::consequence::rows::{Changed, Outcome, Refusal, World};
use crate::impact::Impact;
use crate::model::{KeyName, TableName};

pub(super) fn told(world: &World<'_>, outcome: Outcome, chosen: usize, cut: Option<String>) -> Foretold {
    let tables = world.tables();
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
        Refusal::NoPartition(table) => Refused::NoPartition(tables[table].name.clone()),
        Refusal::TooDeep => Refused::TooDeep,
    });
    let counted = outcome.counted.iter().map(|counted| {
        let shape = &tables[counted.table];
        let named = |columns: &Vec<usize>| WrittenColumns {
            columns: columns.iter().map(|&at| shape.columns[at].name.clone()).collect(),
            are_nulled: counted.are_nulled,
        };
        CountedRows {
            table: shape.name.clone(),
            written: counted.written.as_ref().map(named),
            rows: counted.rows,
        }
    });
    let counted = counted.collect();
    let fired = outcome.fired.iter().map(|&(key, deletes)| Fired { key: world.key(key).clone(), deletes });
    let fired = fired.collect();
    Foretold { refused, counted, changed: changed(world, outcome.changed), fired, unknown, cut, chosen }
}

/// Rows that were seen; those of a table lie together.
fn changed(world: &World<'_>, all: Vec<Changed>) -> Vec<ChangedRows> {
    let mut by_table: Vec<ChangedRows> = Vec::new();
    let mut last = None;
    for Changed { table, row, values } in all {
        if last != Some(table) {
            let shape = &world.tables()[table];
            let columns = shape.columns.iter().map(|column| column.name.clone()).collect();
            by_table.push(ChangedRows { table: shape.name.clone(), columns, rows: Vec::new() });
            last = Some(table);
        }
        if let Some(of_table) = by_table.last_mut() {
            let before = world.row(table, row).values.clone();
            of_table.rows.push(ChangedRow { before, after: values });
        }
    }
    by_table
}

impl ChangedRow {
    /// The places of the columns that hold something else now; `None`: it is deleted.
    pub(super) fn written(&self) -> Option<WrittenColumns<usize>> {
        let after = self.after.as_ref()?;
        let columns: Vec<usize> = (0..after.len()).filter(|&at| self.before[at] != after[at]).collect();
        let are_nulled = columns.iter().all(|&at| after[at].is_none());
        Some(WrittenColumns { columns, are_nulled })
    }
}

impl ChangedRows {
    /// Each way in which rows are changed, with the number of rows: what is written; `None`: they are deleted.
    fn ways(&self) -> Vec<(Option<WrittenColumns<&str>>, u64)> {
        let mut ways: BTreeMap<Option<WrittenColumns<usize>>, u64> = BTreeMap::new();
        for row in &self.rows {
            *ways.entry(row.written()).or_default() += 1;
        }
        let named = |WrittenColumns { columns, are_nulled }: WrittenColumns<usize>| WrittenColumns {
            columns: columns.into_iter().map(|at| self.columns[at].as_str()).collect(),
            are_nulled,
        };
        ways.into_iter().map(|(written, rows)| (written.map(named), rows)).collect()
    }
}

impl Foretold {
    /// How many rows of each table are deleted (`None`), or written and how.
    pub fn numbers(&self) -> BTreeMap<(&TableName, Option<WrittenColumns<&str>>), u64> {
        let mut numbers = BTreeMap::new();
        let seen = self
            .changed
            .iter()
            .flat_map(|rows| rows.ways().into_iter().map(|(written, count)| ((&rows.table, written), count)));
        let counted = self.counted.iter().map(|counted| {
            let written = counted.written.as_ref().map(|written| WrittenColumns {
                columns: written.columns.iter().map(String::as_str).collect(),
                are_nulled: written.are_nulled,
            });
            ((&counted.table, written), counted.rows)
        });
        for (what, rows) in seen.chain(counted) {
            *numbers.entry(what).or_default() += rows;
        }
        numbers
    }

    /// `weight`: what the rows of a table are worth.
    pub(super) fn in_numbers(
        &self,
        condition: &str,
        impact: &Impact,
        weight: &dyn Fn(&TableName) -> u8,
    ) -> RowsImpact {
        let (mut deleted, mut written) = (Vec::new(), Vec::new());
        // Nothing happens where it is refused.
        let numbers = if self.refused.is_some() { BTreeMap::new() } else { self.numbers() };
        let else_with = if impact.update.is_some() { With::Value } else { With::Default };
        for ((table, how), rows) in numbers {
            let Some(WrittenColumns { columns, are_nulled }) = how else {
                deleted.push((table.clone(), rows));
                continue;
            };
            let is_itself = *table == impact.table && impact.update.as_deref() == columns.first().copied();
            if !(is_itself && columns.len() == 1 && !are_nulled) {
                let columns = columns.into_iter().map(str::to_owned).collect();
                let with = if are_nulled { With::Null } else { else_with };
                written.push(WrittenRows { key: KeyName { table: table.clone(), columns }, with, rows });
            }
        }
        deleted.sort_by_key(|(table, rows)| (Reverse(weight(table)), Reverse(*rows), table.clone()));
        written.sort_by_key(|written| (Reverse(written.rows), written.key.clone()));
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
    pub(super) fn touched<'r>(&'r self, doing: &'r Doing) -> Vec<Touched<'r>> {
        let itself = Touched {
            table: &doing.table,
            is_deleted: matches!(doing.what, What::Delete),
            written: doing.what.columns(),
            has_rows: self.chosen > 0,
        };
        let statements = self.fired.iter().map(|Fired { key, deletes }| Touched {
            table: &key.key.table,
            is_deleted: *deletes,
            written: key.key.columns.iter().map(String::as_str).collect(),
            // A row that a trigger skips may be the one that refuses.
            has_rows: self.refused.is_some(),
        });
        let rows = self.numbers().into_keys().map(|(table, written)| Touched {
            table,
            is_deleted: written.is_none(),
            written: written.map(|written| written.columns).unwrap_or_default(),
            has_rows: true,
        });
        statements.chain([itself]).chain(rows).collect()
    }
}
