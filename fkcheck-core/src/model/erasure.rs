//! What the configuration says of the erasure of a person's rows.

/// Whose rows are erased, and what is kept all the same.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Erasure {
    /// The tables of persons.
    pub roots: Vec<Root>,
    /// Tables whose rows are kept.
    pub kept: Vec<Kept>,
}

/// A table of persons.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Root {
    /// As it is written: `users` or `billing.users`.
    pub table: String,
    /// `Cargo.toml:12:10`; `None`: it is asked for on the command line alone.
    pub place: Option<String>,
}

/// A table whose rows are kept when a person's are erased.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    /// As it is written.
    pub table: String,
    /// Why.
    pub reason: String,
    /// `Cargo.toml:12:10`
    pub place: String,
}
