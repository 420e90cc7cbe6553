//! Rows by what they hold.

use std::collections::HashMap;
use std::sync::Arc;

use crate::model::Value;

/// Where rows are told apart: a table, or one of its indexes.
type Slot = usize;

/// Rows by the values of some columns; an index is made when it is first asked for, and gets rows from then on. One that holds something
/// else by now stays in its old place: to look for it there would cost as much as all rows that were there.
#[derive(Default)]
pub(super) struct Finder {
    by: HashMap<Slot, Vec<Index>>,
}

struct Index {
    columns: Vec<usize>,
    rows: HashMap<Vec<Arc<str>>, Vec<usize>>,
}

impl Finder {
    /// The rows of a slot in which these columns hold these values. `all` lists the rows of the slot as they are, `is_still` says whether
    /// a row that held them does.
    pub(super) fn find<'r, R: Iterator<Item = (usize, &'r [Value])>>(
        &mut self,
        slot: Slot,
        columns: &[usize],
        values: &[Arc<str>],
        all: impl FnOnce() -> R,
        is_still: impl Fn(usize) -> bool,
    ) -> Vec<usize> {
        let indexes = self.by.entry(slot).or_default();
        let at = indexes.iter().position(|index| index.columns == columns).unwrap_or_else(|| {
            let mut index = Index { columns: columns.to_vec(), rows: HashMap::new() };
            all().for_each(|(row, values)| index.insert(row, values));
            indexes.push(index);
            indexes.len() - 1
        });
        let rows = indexes[at].rows.get(values).into_iter().flatten().copied();
        let mut found: Vec<usize> = rows.filter(|row| is_still(*row)).collect();
        // One that has come back is there twice.
        found.sort_unstable();
        found.dedup();
        found
    }

    pub(super) fn insert(&mut self, slot: Slot, row: usize, values: &[Value]) {
        for index in self.by.entry(slot).or_default() {
            index.insert(row, values);
        }
    }
}

impl Index {
    fn key(&self, values: &[Value]) -> Option<Vec<Arc<str>>> {
        self.columns.iter().map(|&column| values[column].clone()).collect()
    }

    fn insert(&mut self, row: usize, values: &[Value]) {
        if let Some(key) = self.key(values) {
            self.rows.entry(key).or_default().push(row);
        }
    }
}
