//! What is known in the end, told by names, and in numbers.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use super::{ChangedRow, ChangedRows, CountedRows, Foretold, Refused, RowsImpact, unknown};
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
        Refusal::TooDeep => Refused::TooDeep,
    });
    let counted = outcome.counted.iter().map(|counted| {
        let shape = &tables[counted.table];
        let named = |columns: &Vec<usize>| columns.iter().map(|&at| shape.columns[at].name.clone()).collect();
        CountedRows {
            table: shape.name.clone(),
            written: counted.written.as_ref().map(named),
            rows: counted.rows,
        }
    });
    let counted = counted.collect();
    Foretold { refused, counted, changed: changed(world, outcome.changed), unknown, cut, chosen }
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
    pub(super) fn written(&self) -> Option<Vec<usize>> {
        let after = self.after.as_ref()?;
        Some((0..after.len()).filter(|&at| self.before[at] != after[at]).collect())
    }
}

impl ChangedRows {
    /// Each way in which rows are changed, with the number of rows: the columns that are written; `None`: they are deleted.
    fn ways(&self) -> Vec<(Option<Vec<&str>>, u64)> {
        let mut ways: BTreeMap<Option<Vec<usize>>, u64> = BTreeMap::new();
        for row in &self.rows {
            *ways.entry(row.written()).or_default() += 1;
        }
        let named = |columns: Vec<usize>| columns.into_iter().map(|at| self.columns[at].as_str()).collect();
        ways.into_iter().map(|(written, rows)| (written.map(named), rows)).collect()
    }
}

impl Foretold {
    /// How many rows of each table are deleted (`None`), or written and in which columns.
    pub fn numbers(&self) -> BTreeMap<(&TableName, Option<Vec<&str>>), u64> {
        let mut numbers = BTreeMap::new();
        let seen = self
            .changed
            .iter()
            .flat_map(|rows| rows.ways().into_iter().map(|(written, count)| ((&rows.table, written), count)));
        let counted = self.counted.iter().map(|counted| {
            let written =
                counted.written.as_ref().map(|columns| columns.iter().map(String::as_str).collect());
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
        for ((table, columns), rows) in numbers {
            let Some(columns) = columns else {
                deleted.push((table.clone(), rows));
                continue;
            };
            let is_itself = *table == impact.table && impact.update.as_deref() == columns.first().copied();
            if !(is_itself && columns.len() == 1) {
                let columns = columns.into_iter().map(str::to_owned).collect();
                written.push((KeyName { table: table.clone(), columns }, rows));
            }
        }
        deleted.sort_by_key(|(table, rows)| (Reverse(weight(table)), Reverse(*rows), table.clone()));
        written.sort_by_key(|(key, rows)| (Reverse(*rows), key.clone()));
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
        let touched = |(table, written): (_, Option<Vec<_>>)| Touched {
            table,
            is_deleted: written.is_none(),
            written: written.unwrap_or_default(),
        };
        self.numbers().into_keys().map(touched).collect()
    }
}
