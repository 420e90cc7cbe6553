//! Rows by what they hold.

use std::collections::HashMap;
use std::sync::Arc;

use crate::model::Value;

/// Where rows are told apart: a table, or one of its indexes.
type Slot = usize;

/// Rows by the values of some columns; an index is made when it is first asked for, and kept up from then on.
#[derive(Default)]
pub(super) struct Finder {
    by: HashMap<Slot, Vec<Index>>,
}

struct Index {
    columns: Vec<usize>,
    rows: HashMap<Vec<Arc<str>>, Vec<usize>>,
}

impl Finder {
    /// The rows of a slot in which these columns hold these values. `all` lists the rows of the slot as they are.
    pub(super) fn find<'r, R: Iterator<Item = (usize, &'r [Value])>>(
        &mut self,
        slot: Slot,
        columns: &[usize],
        values: &[Arc<str>],
        all: impl FnOnce() -> R,
    ) -> Vec<usize> {
        let indexes = self.by.entry(slot).or_default();
        let at = indexes.iter().position(|index| index.columns == columns).unwrap_or_else(|| {
            let mut index = Index { columns: columns.to_vec(), rows: HashMap::new() };
            all().for_each(|(row, values)| index.insert(row, values));
            indexes.push(index);
            indexes.len() - 1
        });
        indexes[at].rows.get(values).cloned().unwrap_or_default()
    }

    pub(super) fn insert(&mut self, slot: Slot, row: usize, values: &[Value]) {
        for index in self.by.entry(slot).or_default() {
            index.insert(row, values);
        }
    }

    pub(super) fn remove(&mut self, slot: Slot, row: usize, values: &[Value]) {
        for index in self.by.entry(slot).or_default() {
            if let Some(rows) = index.key(values).and_then(|key| index.rows.get_mut(&key)) {
                rows.retain(|other| *other != row);
            }
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
