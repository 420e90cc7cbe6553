//! Partitioned tables and their parts: an index of the whole is one of each part.

use super::catalogue::{Catalogue, Index, Key, Parent, Table};
use crate::model::TableKind;

impl Catalogue {
    /// Whether an index of the table, or of one that it is a part of, leads with these columns, in any order.
    pub(super) fn is_covered(&self, table: usize, columns: &[usize]) -> bool {
        let names: Vec<&str> =
            columns.iter().map(|&column| self.tables[table].columns[column].name.as_str()).collect();
        self.tables[table].kind == TableKind::View
            || self.with_wholes(table).any(|table| {
                self.tables[table].indexes.iter().any(|index| leads(&self.tables[table], index, &names))
            })
    }

    /// The table, the one that it is a part of, and so on.
    pub(super) fn with_wholes(&self, table: usize) -> impl Iterator<Item = usize> {
        std::iter::successors(Some(table), |&table| self.tables[table].part_of)
    }

    /// The parts of a table, and theirs.
    pub(super) fn parts_of(&self, whole: usize) -> Vec<usize> {
        let is_part = |&table: &usize| table != whole && self.with_wholes(table).any(|other| other == whole);
        if self.tables[whole].kind == TableKind::Table {
            return Vec::new();
        }
        (0..self.tables.len()).filter(|&table| !self.tables[table].dropped).filter(is_part).collect()
    }

    pub(super) fn attach(&mut self, part: usize, whole: usize) {
        self.tables[part].kind = TableKind::Partition;
        self.tables[part].part_of = Some(whole);
        self.copy_indexes(part, whole, |index| index.is_hollow);
        self.absorb_keys(whole);
    }

    /// An index of the whole alone is whole itself when each part has one that is attached to it.
    pub(super) fn fill(&mut self, whole: usize, at: usize) {
        let id = self.tables[whole].indexes[at].id;
        let mut parts = self.tables.iter().filter(|table| !table.dropped && table.part_of == Some(whole));
        let is_attached = |index: &Index| index.attached_to == Some(id) && !index.is_hollow;
        if parts.all(|part| part.indexes.iter().any(is_attached)) {
            self.tables[whole].indexes[at].is_hollow = false;
            if let (Some(above), Some(of)) =
                (self.tables[whole].part_of, self.tables[whole].indexes[at].attached_to)
                && let Some(at) = self.tables[above].indexes.iter().position(|index| index.id == of)
            {
                self.fill(above, at);
            }
        }
    }

    /// The indexes of a table, and those that it has as a part, by its own columns.
    pub(super) fn all_indexes(&self, table: usize) -> Vec<Index> {
        let mut indexes = Vec::new();
        for whole in self.with_wholes(table) {
            for index in self.tables[whole].indexes.iter().filter(|index| whole == table || !index.is_hollow)
            {
                if let Some(columns) = self.as_of_part(table, whole, index) {
                    indexes.push(Index { columns, ..index.clone() });
                }
            }
        }
        indexes
    }

    fn copy_indexes(&mut self, part: usize, whole: usize, is_wanted: fn(&Index) -> bool) {
        for index in self.tables[whole].indexes.clone().into_iter().filter(is_wanted) {
            if let Some(columns) = self.as_of_part(part, whole, &index) {
                let (id, attached_to) = (self.next_id(), Some(index.id));
                let copy = Index { name: None, columns, is_hollow: false, id, attached_to, ..index };
                self.tables[part].indexes.push(copy);
            }
        }
    }

    /// The columns of a whole's index, as the part numbers them.
    fn as_of_part(&self, part: usize, whole: usize, index: &Index) -> Option<Vec<Option<usize>>> {
        let own = |column: &Option<usize>| match column {
            Some(column) => self.column(part, &self.tables[whole].columns[*column].name).map(Some),
            None => Some(None),
        };
        index.columns.iter().map(own).collect()
    }

    /// A part's own key that is the same as one of the whole becomes that one.
    pub(super) fn absorb_keys(&mut self, whole: usize) {
        if self.tables[whole].kind != TableKind::Partitioned {
            return;
        }
        let of_whole: Vec<Key> = self.keys.iter().filter(|key| key.child == whole).cloned().collect();
        let mut keys = std::mem::take(&mut self.keys);
        keys.retain(|key| {
            let is_of_part = key.child != whole && self.with_wholes(key.child).any(|table| table == whole);
            !is_of_part || !of_whole.iter().any(|other| self.are_alike(key, other))
        });
        self.keys = keys;
    }

    fn are_alike(&self, part: &Key, whole: &Key) -> bool {
        let names = |key: &Key| -> Vec<String> {
            key.columns.iter().map(|&column| self.tables[key.child].columns[column].name.clone()).collect()
        };
        let same_parent = match (&part.parent, &whole.parent) {
            (Parent::Table { table, columns }, Parent::Table { table: other, columns: others }) => {
                (table, columns) == (other, others)
            }
            _ => false,
        };
        same_parent
            && names(part) == names(whole)
            && (&part.on_delete, &part.on_update) == (&whole.on_delete, &whole.on_update)
            && (part.match_type, part.deferrability) == (whole.match_type, whole.deferrability)
            && part.validated == whole.validated
    }

    /// A part by itself again, with what it had as a part.
    pub(super) fn detach(&mut self, part: usize) {
        let wholes: Vec<usize> = self.with_wholes(part).skip(1).collect();
        for whole in wholes {
            self.copy_indexes(part, whole, |index| !index.is_hollow);
        }
        self.keep_keys(part);
        let table = &mut self.tables[part];
        table.part_of = None;
        if table.kind == TableKind::Partition {
            table.kind = TableKind::Table;
        }
    }

    /// The keys of the wholes become the part's own.
    fn keep_keys(&mut self, part: usize) {
        let wholes: Vec<usize> = self.with_wholes(part).skip(1).collect();
        let mut inherited: Vec<Key> =
            self.keys.iter().filter(|key| wholes.contains(&key.child)).cloned().collect();
        inherited.sort_by_key(|key| key.order);
        for key in inherited {
            let names = key.columns.iter().map(|&column| self.tables[key.child].columns[column].name.clone());
            let Some(columns) = names.map(|name| self.column(part, &name)).collect() else { continue };
            self.next_order += 1;
            self.keys.push(Key { child: part, columns, order: self.next_order, ..key });
        }
    }
}

fn leads(table: &Table, index: &Index, names: &[&str]) -> bool {
    let is_named =
        |column: &Option<usize>, name: &str| column.is_some_and(|column| table.columns[column].name == name);
    !index.is_special
        && !index.is_hollow
        && index.columns.len() >= names.len()
        && names.iter().all(|name| index.columns[..names.len()].iter().any(|column| is_named(column, name)))
}
