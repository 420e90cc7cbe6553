//! What a source knows beyond its keys, and what only rewriting one needs.

use std::collections::{BTreeMap, BTreeSet};

use super::TableName;

/// A table and the name of one of its constraints.
pub type ConstraintName = (TableName, String);

/// What must not be lost when a key is made anew. A source that doesn't tell has none.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Definitions {
    /// By table, the names of its constraints (PostgreSQL); of its CHECK constraints (MySQL).
    pub constraints: BTreeMap<TableName, BTreeSet<String>>,
    /// Keys whose triggers fire on replicas too: ENABLE ALWAYS (PostgreSQL).
    pub always: BTreeSet<ConstraintName>,
    /// Temporal keys, with PERIOD (PostgreSQL 18).
    pub temporal: BTreeSet<ConstraintName>,
    /// Partitioned tables and their direct partitions (PostgreSQL).
    pub partitions: BTreeMap<TableName, Vec<TableName>>,
    /// By table, the columns of each unique key that a foreign key may refer to, sorted. A table that isn't listed: not known.
    pub unique_keys: BTreeMap<TableName, Vec<Vec<String>>>,
    /// By table, the columns of each index in its order, by its name (MySQL).
    pub indexes: BTreeMap<TableName, BTreeMap<String, Vec<String>>>,
    /// The texts that make a table (SQLite).
    pub tables: BTreeMap<TableName, TableText>,
}

/// A table of SQLite as the texts in its schema table make it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TableText {
    /// CREATE TABLE, byte by byte.
    pub create: String,
    /// The columns in their order, those that are generated left out.
    pub stored_columns: Vec<String>,
    /// The columns that are generated.
    pub generated_columns: Vec<String>,
    /// Whether its rows have a row id besides the columns.
    pub has_hidden_row_id: bool,
    /// Whether AUTOINCREMENT keeps a counter of it.
    pub has_counter: bool,
    /// Its indexes and triggers, by name, with their CREATE texts, in the order in which they were made.
    pub others: Vec<(String, String)>,
}

impl Definitions {
    /// The partitions of a table that hold rows, at whatever depth.
    pub fn leaves(&self, table: &TableName) -> Vec<&TableName> {
        let mut leaves = Vec::new();
        for partition in self.partitions.get(table).into_iter().flatten() {
            if self.partitions.contains_key(partition) {
                leaves.extend(self.leaves(partition));
            } else {
                leaves.push(partition);
            }
        }
        leaves
    }

    /// The same under other names.
    pub(super) fn renamed(self, rename: &dyn Fn(&mut TableName)) -> Self {
        let renamed = |mut name: TableName| {
            rename(&mut name);
            name
        };
        let constraint = |(table, name): ConstraintName| (renamed(table), name);
        Definitions {
            constraints: self.constraints.into_iter().map(|(table, all)| (renamed(table), all)).collect(),
            always: self.always.into_iter().map(constraint).collect(),
            temporal: self.temporal.into_iter().map(constraint).collect(),
            partitions: self
                .partitions
                .into_iter()
                .map(|(table, partitions)| (renamed(table), partitions.into_iter().map(renamed).collect()))
                .collect(),
            unique_keys: self.unique_keys.into_iter().map(|(table, keys)| (renamed(table), keys)).collect(),
            indexes: self.indexes.into_iter().map(|(table, all)| (renamed(table), all)).collect(),
            tables: self.tables.into_iter().map(|(table, text)| (renamed(table), text)).collect(),
        }
    }
}
