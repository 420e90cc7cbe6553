//! What beside a key decides what a delete does: triggers, rules, and constraints on the columns that it writes.

/// A trigger or rule that a statement on a table sets off.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Hook {
    /// What it is, and when it acts.
    pub kind: HookKind,
    /// The statement.
    pub event: Event,
    /// Its name.
    pub name: String,
    /// `UPDATE OF` these alone; empty: any.
    pub columns: Vec<String>,
}

/// What a hook is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum HookKind {
    /// A trigger that acts before the row or the statement, and may skip it or make it fail.
    Before,
    /// A trigger that acts afterwards.
    After,
    /// A trigger that acts once for the statement, be there rows or not (PostgreSQL).
    Statement,
    /// A publication that sends on such statements, of a table without what tells its rows apart: each of them fails, be there rows
    /// or not (PostgreSQL).
    Publication,
    /// A rule that rewrites the statement (PostgreSQL).
    Rule,
    /// A rule that makes nothing of the statement, in every case: the engine's own then ends in an error (PostgreSQL).
    Swallows,
}

/// A statement that sets a hook off.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Event {
    /// DELETE, by the engine's own cascades too.
    Delete,
    /// UPDATE, by SET NULL and SET DEFAULT too.
    Update,
}

/// Something beside NOT NULL that may refuse what a key writes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Guard {
    /// By what the key writes: SET NULL or SET DEFAULT at a delete of a parent, ON UPDATE at an update.
    pub event: Event,
    /// What it is.
    pub kind: GuardKind,
    /// The constraint, index, domain or table; `None`: it has no name.
    pub name: Option<String>,
    /// The key's columns that it looks at.
    pub columns: Vec<String>,
}

/// What a guard is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum GuardKind {
    /// A CHECK or a domain that takes no NULL.
    NotNull,
    /// A CHECK, or a domain's, that looks at the column; what it says isn't followed.
    Check,
    /// A unique key, which takes each value once, and any number of NULLs.
    Unique,
    /// A unique key that takes NULL once, too.
    UniqueNull,
    /// The partition key: there may be no partition for the value.
    PartitionKey,
    /// The column's type, which holds less than the parent's.
    Room,
}

macro_rules! words {
    ($name:ident { $($variant:ident = $word:literal,)+ }) => {
        #[cfg(feature = "collect")]
        impl $name {
            const ALL: &'static [$name] = &[$($name::$variant),+];

            /// The word for it, in `fkcheck.lock` and in JSON.
            pub(crate) fn word(self) -> &'static str {
                match self {
                    $($name::$variant => $word),+
                }
            }

            /// The one that a word means.
            pub(crate) fn named(word: &str) -> Option<Self> {
                $name::ALL.iter().copied().find(|known| known.word() == word)
            }
        }
    };
}

words!(HookKind {
    Before = "before",
    After = "after",
    Statement = "statement",
    Publication = "publication",
    Rule = "rule",
    Swallows = "swallows",
});
words!(Event { Delete = "delete", Update = "update", });
words!(GuardKind {
    NotNull = "no_null",
    Check = "check",
    Unique = "unique",
    UniqueNull = "unique_null",
    PartitionKey = "partition_key",
    Room = "room",
});
