//! What a foreign key does to a child row, when it does it, and what the row is worth.

use std::fmt;

/// What ON DELETE or ON UPDATE does to the child rows.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Action {
    /// Refuse, at the end of the statement or, for a deferred key, of the transaction. The SQL default.
    NoAction,
    /// Refuse at once, even for a deferred key.
    Restrict,
    /// Delete (or update) the child rows too.
    Cascade,
    /// Set the referencing columns to NULL; with names (PostgreSQL 15+), only those columns. Empty: all of them.
    SetNull(Vec<String>),
    /// Set the referencing columns to their defaults; with names (PostgreSQL 15+), only those columns. Empty: all.
    SetDefault(Vec<String>),
}

impl Action {
    /// True when the parent can't go while such a child row is there.
    pub fn blocks(&self) -> bool {
        matches!(self, Action::NoAction | Action::Restrict)
    }

    /// True when deletes begin to take rows or to change them, or do it otherwise than under `before`.
    pub fn loses_more_than(&self, before: Option<&Action>) -> bool {
        !self.blocks() && before != Some(self)
    }

    /// True when updates of a parent's key begin to clear the columns that refer to it.
    pub fn clears_more_than(&self, before: Option<&Action>) -> bool {
        matches!(self, Action::SetNull(_) | Action::SetDefault(_)) && before != Some(self)
    }

    /// The annotation that says this, e.g. `set_null` or `set_null(reviewer_id)`.
    pub fn as_annotation(&self) -> String {
        let with_columns = |word: &str, columns: &[String]| {
            if columns.is_empty() { word.to_owned() } else { format!("{word}({})", columns.join(", ")) }
        };
        match self {
            Action::NoAction => "no_action".to_owned(),
            Action::Restrict => "restrict".to_owned(),
            Action::Cascade => "cascade".to_owned(),
            Action::SetNull(columns) => with_columns("set_null", columns),
            Action::SetDefault(columns) => with_columns("set_default", columns),
        }
    }
}

impl fmt::Display for Action {
    /// The SQL spelling.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (words, columns): (_, &[String]) = match self {
            Action::NoAction => ("NO ACTION", &[]),
            Action::Restrict => ("RESTRICT", &[]),
            Action::Cascade => ("CASCADE", &[]),
            Action::SetNull(columns) => ("SET NULL", columns),
            Action::SetDefault(columns) => ("SET DEFAULT", columns),
        };
        f.write_str(words)?;
        if !columns.is_empty() {
            write!(f, " ({})", columns.join(", "))?;
        }
        Ok(())
    }
}

/// When the key is checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Deferrability {
    /// NOT DEFERRABLE, the SQL default.
    NotDeferrable,
    /// DEFERRABLE INITIALLY IMMEDIATE.
    Immediate,
    /// DEFERRABLE INITIALLY DEFERRED.
    Deferred,
}

impl Deferrability {
    /// The annotation that says this: `deferrable = deferred`.
    pub fn as_annotation(self) -> &'static str {
        match self {
            Deferrability::NotDeferrable => "no",
            Deferrability::Immediate => "immediate",
            Deferrability::Deferred => "deferred",
        }
    }
}

impl fmt::Display for Deferrability {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Deferrability::NotDeferrable => "NOT DEFERRABLE",
            Deferrability::Immediate => "DEFERRABLE INITIALLY IMMEDIATE",
            Deferrability::Deferred => "DEFERRABLE INITIALLY DEFERRED",
        })
    }
}

/// What a child row is worth, as `#[fk(data = ..)]` states it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum DataClass {
    /// Logs, acknowledgements, sessions, derived counters: may go with the parent.
    Ephemeral,
    /// Refers to the parent but should outlive it.
    Value,
    /// Audit or compliance evidence.
    Audit,
}

impl fmt::Display for DataClass {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            DataClass::Ephemeral => "ephemeral",
            DataClass::Value => "value",
            DataClass::Audit => "audit",
        })
    }
}
