//! What `schema.rs` and the model structs say, apart from annotations.

use super::{Allowance, KeyName, Span, TableName};

/// A table as `table! { .. }` declares it (or a view, `view! { .. }`).
#[derive(Clone, Debug)]
pub struct Table {
    /// The SQL name (`#[sql_name]` wins over the identifier).
    pub name: TableName,
    /// The Rust module that Diesel makes of it.
    pub module: String,
    /// In the order of declaration.
    pub columns: Vec<Column>,
    /// SQL names of the primary key's columns; `id` where the macro names none.
    pub primary_key: Vec<String>,
    /// Declared with `view!`: it can't have keys of its own.
    pub is_view: bool,
    /// The modules it lies in, outermost first: the file's path below the package, then inline modules.
    pub modules: Vec<String>,
    /// Index of the package it lies in.
    pub package: usize,
    /// The table's name in the macro.
    pub span: Span,
}

impl Table {
    /// The column with this SQL name.
    pub fn column(&self, name: &str) -> Option<&Column> {
        self.columns.iter().find(|column| column.name == name)
    }
}

/// A column as `table! { .. }` declares it.
#[derive(Clone, Debug)]
pub struct Column {
    /// The SQL name.
    pub name: String,
    /// The Rust identifier, without `r#`.
    pub ident: String,
    /// The type without its `Nullable`.
    pub sql_type: SqlType,
    /// Whether the type is `Nullable<..>`.
    pub nullable: bool,
    /// The column's line in the macro, name and type.
    pub span: Span,
}

/// A Diesel SQL type, by its last path segment and arguments: `BigInt`, `Unsigned<Integer>`.
///
/// Aliases that Diesel itself declares (`Int8`, `Varchar`, ..) are resolved, so that equality means the same type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SqlType(pub String);

/// What `joinable!(child -> parent (column))` or `belongs_to(Parent, foreign_key = column)` says.
#[derive(Clone, Debug)]
pub struct Joinable {
    /// The child table and column, by SQL names.
    pub key: KeyName,
    /// The parent table.
    pub parent: TableName,
    /// The referenced columns, where they aren't the parent's primary key: those of the parent struct's `primary_key(..)`.
    pub parent_columns: Vec<String>,
    /// Index of the package it lies in.
    pub package: usize,
    /// The macro's arguments, or the parent in `belongs_to`.
    pub span: Span,
}

/// A struct that serves a table.
#[derive(Clone, Debug)]
pub struct Model {
    /// The struct's name.
    pub name: String,
    /// The table it serves, by SQL name, as far as one could be found.
    pub table: TableName,
    /// Whether it derives `ForeignKeys`.
    pub derives_foreign_keys: bool,
    /// What it derives, by the last segments of the paths.
    pub derives: Vec<String>,
    /// The columns that it has fields for, by SQL names.
    pub columns: Vec<String>,
    /// `belongs_to(..)`, as far as the parent's table could be found.
    pub belongs_to: Vec<Joinable>,
    /// `#[fk(allow(..))]` on the struct: it holds for every key of the table.
    pub allow: Vec<Allowance>,
    /// Index of the package it lies in.
    pub package: usize,
    /// The struct's name in the source.
    pub span: Span,
}
