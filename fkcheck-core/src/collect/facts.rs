//! What the workspace's sources say, put together.

use std::collections::HashMap;

use crate::model::Problem;
use crate::model::{
    Claim, DataClass, DeclaredKey, Function, Joinable, KeyName, Model, Package, SourceMap, Span, Table,
    TableName,
};

/// Everything collected from the sources of a workspace.
#[derive(Clone, Debug, Default)]
pub struct Facts {
    /// The files that spans point into.
    pub sources: SourceMap,
    /// The workspace's members.
    pub packages: Vec<Package>,
    /// Every `table!`, in the order of files and lines. One table may be declared several times.
    pub tables: Vec<Table>,
    /// Every `joinable!`.
    pub joinables: Vec<Joinable>,
    /// Every struct that serves a table.
    pub models: Vec<Model>,
    /// Every declared key, claims about the same key merged.
    pub keys: Vec<DeclaredKey>,
    /// What the configuration says that rows of tables are worth.
    pub(crate) classes: HashMap<TableName, DataClass>,
    /// The functions that delete or update rows, or call one that may.
    pub functions: Vec<Function>,
    /// Files and items that could not be read.
    pub problems: Vec<Problem>,
    /// Whether tables may be declared in a file that a build has yet to make.
    pub(crate) lacks_tables: bool,
    /// How many files were read.
    pub files: usize,
    /// Whether the sources turn SQLite's foreign keys on, or its bundled build does, which has them on.
    pub app_turns_keys_on: bool,
    /// Places in `tables`, made of them by [`Facts::with_tables`].
    pub(crate) tables_by_name: HashMap<TableName, Vec<usize>>,
}

impl Facts {
    /// The same with these tables.
    #[must_use]
    pub(crate) fn with_tables(mut self, tables: Vec<Table>) -> Self {
        self.tables_by_name.clear();
        for (at, table) in tables.iter().enumerate() {
            self.tables_by_name.entry(table.name.clone()).or_default().push(at);
        }
        self.tables = tables;
        self
    }

    /// The declarations of a table; empty if `schema.rs` doesn't have it.
    pub(crate) fn tables_named(&self, name: &TableName) -> impl Iterator<Item = &Table> {
        self.tables_by_name.get(name).into_iter().flatten().map(|&at| &self.tables[at])
    }

    /// The table for findings to point at: the first declaration.
    pub fn table(&self, name: &TableName) -> Option<&Table> {
        self.tables_named(name).next()
    }

    /// The structs that serve a table.
    pub(crate) fn models_of<'a>(&'a self, table: &'a TableName) -> impl Iterator<Item = &'a Model> {
        self.models.iter().filter(move |model| model.table == *table)
    }

    /// The structs by the table that they serve.
    pub(crate) fn models_by_table(&self) -> HashMap<&TableName, Vec<&Model>> {
        let mut models: HashMap<&TableName, Vec<&Model>> = HashMap::new();
        for model in &self.models {
            models.entry(&model.table).or_default().push(model);
        }
        models
    }

    #[cfg(all(feature = "workspace", feature = "database"))]
    /// The declared key on these columns, to this parent where one is named.
    pub(crate) fn declared(&self, id: &crate::model::KeyId) -> Option<&DeclaredKey> {
        let is_parent = |declared: &DeclaredKey| match &id.parent {
            Some(meant) => declared.parent().is_some_and(|parent| parent.table == *meant),
            None => true,
        };
        self.keys.iter().find(|declared| declared.key.is_on_the_columns_of(&id.key) && is_parent(declared))
    }

    /// The edit that adds an entry to an annotation: where it goes, and its text.
    pub(crate) fn entry_in(&self, claim: &Claim, entry: &str) -> (Span, String) {
        let end = Span { start: claim.span.end, ..claim.span };
        let has_comma = self.sources.text(claim.span).trim_end().ends_with(',');
        (end, format!("{} {entry}", if has_comma { "" } else { "," }))
    }

    /// The declared keys of exactly these columns, in any order; one for each parent.
    pub(crate) fn keys_on<'a>(&'a self, key: &'a KeyName) -> impl Iterator<Item = &'a DeclaredKey> {
        self.keys.iter().filter(|declared| declared.key.is_on_the_columns_of(key))
    }
}
