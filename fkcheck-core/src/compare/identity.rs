//! Which declared and observed names mean the same thing to the engine. Indexes, built once.

use std::collections::HashMap;

use crate::collect::Facts;
use crate::model::{
    Action, DeclaredKey, EngineFacts, Joinable, KeyName, NoActionCheck, Observation, ObservedKey,
    ObservedTable, Table, TableName,
};

/// A table by schema and name, folded as the engine folds.
type TableId = (String, String);

pub(super) struct Identities<'a> {
    observation: &'a Observation,
    observed_tables: HashMap<TableId, &'a ObservedTable>,
    declared_tables: HashMap<TableId, &'a Table>,
    /// By child table and sorted columns; each list in firing order.
    keys: HashMap<(TableId, Vec<String>), Vec<usize>>,
    /// Own keys of partitions, by the table that these are parts of and sorted columns; each list in firing order.
    keys_of_parts: HashMap<(TableId, Vec<String>), Vec<usize>>,
    /// By child table and each single column.
    keys_by_column: HashMap<(TableId, String), Vec<usize>>,
}

impl<'a> Identities<'a> {
    pub(super) fn new(facts: &'a Facts, observation: &'a Observation) -> Self {
        let mut identities = Identities {
            observation,
            observed_tables: HashMap::new(),
            declared_tables: HashMap::new(),
            keys: HashMap::new(),
            keys_of_parts: HashMap::new(),
            keys_by_column: HashMap::new(),
        };
        for table in &observation.tables {
            identities.observed_tables.insert(identities.observed_id(&table.name), table);
        }
        let mut in_firing_order: Vec<usize> = (0..observation.keys.len()).collect();
        // One that is looked at when the statement has ended comes after all that act within it.
        let ends_late = observation.engine.no_action == NoActionCheck::EndOfStatement;
        in_firing_order.sort_by_key(|&at| {
            let key = &observation.keys[at];
            (ends_late && key.on_delete == Action::NoAction, key.firing_order)
        });
        for at in in_firing_order {
            let key = &observation.keys[at].key;
            let table = identities.observed_id(&key.table);
            for column in identities.columns(&key.columns) {
                identities.keys_by_column.entry((table.clone(), column)).or_default().push(at);
            }
            let columns = identities.columns(&key.columns);
            if let Some(whole) = &observation.keys[at].whole {
                let whole = identities.observed_id(whole);
                identities.keys_of_parts.entry((whole, columns.clone())).or_default().push(at);
            }
            identities.keys.entry((table, columns)).or_default().push(at);
        }
        for table in facts.tables.iter().rev() {
            identities.declared_tables.insert(identities.declared_id(&table.name), table);
        }
        identities
    }

    fn engine(&self) -> &'a EngineFacts {
        &self.observation.engine
    }

    /// Sorted, cut and folded.
    fn columns(&self, columns: &[String]) -> Vec<String> {
        let mut folded: Vec<String> = columns.iter().map(|column| self.column(column)).collect();
        folded.sort_unstable();
        folded
    }

    fn column(&self, name: &str) -> String {
        self.engine().column_case.fold(self.engine().cut(name))
    }

    fn id(&self, schema: &str, name: &str) -> TableId {
        let EngineFacts { table_case: case, .. } = self.engine();
        (case.fold(self.engine().cut(schema)), case.fold(self.engine().cut(name)))
    }

    /// An observed name; sources without schemas leave them out.
    fn observed_id(&self, name: &TableName) -> TableId {
        self.id(name.schema.as_deref().unwrap_or(self.first_default()), &name.name)
    }

    /// A declared name: without a schema it means the first default schema that has such a table.
    fn declared_id(&self, name: &TableName) -> TableId {
        if let Some(schema) = &name.schema {
            return self.id(schema, &name.name);
        }
        let mut candidates = self.engine().default_schemas.iter().map(|schema| self.id(schema, &name.name));
        candidates
            .find(|id| self.observed_tables.contains_key(id))
            .unwrap_or_else(|| self.id(self.first_default(), &name.name))
    }

    fn first_default(&self) -> &'a str {
        self.engine().default_schemas.first().map_or("", String::as_str)
    }

    pub(super) fn observed_table(&self, declared: &TableName) -> Option<&'a ObservedTable> {
        self.observed_tables.get(&self.declared_id(declared)).copied()
    }

    pub(super) fn declared_table(&self, observed: &TableName) -> Option<&'a Table> {
        self.declared_tables.get(&self.observed_id(observed)).copied()
    }

    pub(super) fn same_table(&self, declared: &TableName, observed: &TableName) -> bool {
        self.declared_id(declared) == self.observed_id(observed)
    }

    /// Observed keys on exactly these columns, in firing order.
    pub(super) fn keys_on(&self, key: &KeyName) -> &[usize] {
        let id = (self.declared_id(&key.table), self.columns(&key.columns));
        self.keys.get(&id).map_or(&[], Vec::as_slice)
    }

    /// Keys on exactly these columns that partitions of the observed table have of their own, in firing order.
    pub(super) fn keys_of_parts(&self, key: &KeyName) -> &[usize] {
        let id = (self.observed_id(&key.table), self.columns(&key.columns));
        self.keys_of_parts.get(&id).map_or(&[], Vec::as_slice)
    }

    pub(super) fn keys_with(&self, joinable: &Joinable) -> Vec<&'a ObservedKey> {
        let table = self.declared_id(&joinable.key.table);
        let columns = self.columns(&joinable.key.columns);
        let keys = columns.into_iter().filter_map(|column| self.keys_by_column.get(&(table.clone(), column)));
        keys.flatten().map(|&at| &self.observation.keys[at]).collect()
    }

    /// Whether an observed key references the declared parent, each column paired with its partner.
    pub(super) fn parent_fits(&self, declared: &DeclaredKey, at: usize) -> bool {
        let observed = &self.observation.keys[at];
        let Some(parent) = declared.parent() else { return true };
        if !self.same_table(&parent.table, &observed.parent) {
            return false;
        }
        let partners = |children: &[String], parents: &[String]| {
            let mut pairs: Vec<(String, String)> = children
                .iter()
                .zip(parents)
                .map(|(child, parent)| (self.column(child), self.column(parent)))
                .collect();
            pairs.sort_unstable();
            pairs
        };
        // Columns that the declaration doesn't name, or that the source can't resolve, are not compared.
        parent.columns.is_empty()
            || observed.parent_columns.is_empty()
            || partners(&declared.key.columns, &parent.columns)
                == partners(&observed.key.columns, &observed.parent_columns)
    }
}
