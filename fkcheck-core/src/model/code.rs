//! What functions of the code do to rows.

use super::{Allowance, Span, TableName};

/// A function that deletes or updates rows, or calls one that may.
#[derive(Clone, Debug)]
pub struct Function {
    /// As people call it: `User::delete`, `purge`.
    pub name: String,
    /// Its name, where it is defined.
    pub span: Span,
    /// Index of its package.
    pub package: usize,
    /// It is a test, or lies among tests.
    pub is_test: bool,
    /// What it is allowed.
    pub allow: Vec<Allowance>,
    /// What it does, in the order of the source.
    pub acts: Vec<Act>,
    /// It speaks of `ForeignKeyViolation`: a delete that is refused is no surprise to it.
    pub expects_refusal: bool,
}

/// One thing that a function does.
#[derive(Clone, Debug)]
pub struct Act {
    /// Where.
    pub span: Span,
    /// What.
    pub what: Deed,
}

/// What a function does to rows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Deed {
    /// Deletes rows of these tables: several where a trait's function does it for each type that has the trait.
    Delete {
        /// The table.
        table: TableName,
        /// Which rows.
        rows: Rows,
        /// The columns that its condition names; empty where it isn't seen.
        columns: Vec<String>,
        /// How it is written.
        by: By,
    },
    /// Deletes rows of a table that the syntax doesn't tell.
    DeleteOfUnknown {
        /// How it is written.
        by: By,
    },
    /// Sets columns.
    Update {
        /// The table.
        table: TableName,
        /// The columns that are named.
        columns: Vec<String>,
        /// The column that marks a row as deleted, where one is set.
        soft: Option<String>,
    },
    /// Calls functions; several where it isn't known which of them.
    Call(Vec<usize>),
}

/// Which rows a delete takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rows {
    /// Every row of the table.
    All,
    /// One, by its primary key or as a value.
    One,
    /// Those of a condition.
    Some,
}

/// How a delete is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum By {
    /// `diesel::delete(..)`
    Diesel,
    /// `DELETE FROM` in a text.
    Sql,
    /// `TRUNCATE` in a text; with CASCADE it takes along every table that refers to it.
    Truncate {
        /// Whether with CASCADE.
        cascades: bool,
    },
}
