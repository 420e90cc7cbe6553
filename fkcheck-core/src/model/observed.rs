//! Foreign keys as a source shows them, and what is known of the engine behind it.

use std::fmt;
use std::ops::Range;

use super::{Action, Deferrability, Definitions, EngineFacts, Guard, Hook, KeyName, SourceFile, TableName};

/// Where observed keys come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum SourceKind {
    /// A live database.
    Database,
    /// The migrations, replayed.
    Migrations,
    /// The committed snapshot.
    Snapshot,
}

impl fmt::Display for SourceKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            SourceKind::Database => "database",
            SourceKind::Migrations => "migrations",
            SourceKind::Snapshot => "snapshot",
        })
    }
}

/// Everything that one source showed in one reading.
#[derive(Clone, Debug)]
pub struct Observation {
    /// What kind of source.
    pub source: SourceKind,
    /// The section `[workspace.metadata.fkcheck.databases.NAME]` it stands for, where the workspace has any.
    pub database: Option<String>,
    /// For people: `PostgreSQL 15.18, database billing at 127.0.0.1:5432 as ci`. Never holds a password.
    pub label: String,
    /// How this engine behaves.
    pub engine: EngineFacts,
    /// Every key seen; an engine's own clones (keys of single partitions) are left out.
    pub keys: Vec<ObservedKey>,
    /// Every table and view seen.
    pub tables: Vec<ObservedTable>,
    /// Whether what was seen is all there is.
    pub visibility: Visibility,
    /// Remarks for the status lines, e.g. that TLS was not verified.
    pub remarks: Vec<String>,
    /// The databases that all show this, by short name, where several are read at once; empty: it is one by itself.
    pub members: Vec<String>,
    /// Why triggers and rules aren't known; `None`: they are.
    pub hooks_unseen: Option<String>,
    /// What refers into it from outside of it.
    pub outside: Outside,
    /// What rewriting a key needs. `None`: not asked for, or the source doesn't tell.
    pub definitions: Option<Definitions>,
    /// The last migration that it has seen, by its directory's name; `None`: not known.
    pub last_migration: Option<String>,
}

/// Keys of other databases of the same server that refer into this one (MySQL family). No rule is about them, but what a delete
/// does is.
#[derive(Clone, Debug, Default)]
pub struct Outside {
    /// Those keys, and the keys of the tables that they lead to.
    pub keys: Vec<ObservedKey>,
    /// Why there may be more of them; `None`: there aren't, or nobody asked.
    pub unseen: Option<String>,
}

impl Observation {
    /// Every key that a delete can meet.
    #[cfg(all(feature = "workspace", feature = "database"))]
    pub(crate) fn keys_and_outside(&self) -> impl Iterator<Item = &ObservedKey> + Clone {
        self.keys.iter().chain(&self.outside.keys)
    }

    /// The same with the default schema left out of every name, as people write names and as annotations have them.
    #[must_use]
    pub fn with_plain_names(mut self) -> Self {
        let default = self.engine.default_schemas.first().cloned();
        let plain = |name: &mut TableName| {
            if name.schema == default {
                name.schema = None;
            }
        };
        for key in self.keys.iter_mut().chain(&mut self.outside.keys) {
            plain(&mut key.key.table);
            plain(&mut key.parent);
            let partitions = key.check_disabled_in.iter_mut().chain(&mut key.action_disabled_in);
            partitions.chain(&mut key.whole).for_each(plain);
        }
        for table in &mut self.tables {
            plain(&mut table.name);
            table.inherits.iter_mut().for_each(plain);
        }
        self.definitions = self.definitions.map(|definitions| definitions.renamed(&plain));
        if let Visibility::Except(doubts) = &mut self.visibility {
            doubts.iter_mut().filter_map(|doubt| doubt.tables.as_mut()).flatten().for_each(plain);
        }
        self
    }
}

impl Origin {
    /// `migrations/1_a/up.sql:3:5`
    pub fn place(&self) -> String {
        let before = self.file.text.get(..self.bytes.start).unwrap_or_default();
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
        format!("{}:{line}:{column}", self.file.display)
    }
}

/// Whether the catalogue was seen whole.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Visibility {
    /// What isn't listed doesn't exist.
    Whole,
    /// What isn't listed may exist.
    Partial(Unseen),
    /// What isn't listed doesn't exist, but of some tables the keys aren't known, listed or not.
    Except(Vec<Doubt>),
}

/// Why a role doesn't see the whole catalogue of a database, and what would show it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unseen {
    /// What is hidden.
    pub what: Hidden,
    /// The database, for people.
    pub database: String,
    /// The statement that shows every key and no data.
    pub grant: String,
}

/// What a role may not see.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Hidden {
    /// It sees no table, be it that there is none.
    AllTables,
    /// All of so many foreign keys.
    Keys(usize),
    /// Tables on which it has no privilege, if there are such.
    Tables,
}

impl fmt::Display for Unseen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.what {
            Hidden::AllTables => write!(f, "{} has no tables, or the role may not see them", self.database)?,
            Hidden::Keys(count) => write!(f, "the role may not see all of {count} foreign keys")?,
            Hidden::Tables => f.write_str(
                "the role has no privilege of its own on the whole database, so there may be tables that it can't see",
            )?,
        }
        write!(f, "; `{}` shows every key and no data", self.grant)
    }
}

/// Why the keys of some tables aren't known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Doubt {
    /// What could not be followed, e.g. `a DO block with conditions`; from a snapshot, its place first.
    pub why: String,
    /// The child tables; `None`: any.
    pub tables: Option<Vec<TableName>>,
    /// Where it stands.
    pub origin: Option<Origin>,
}

impl Doubt {
    /// `migrations/1_a/up.sql:3:1: a DO block with conditions`
    pub fn with_place(&self) -> String {
        match &self.origin {
            Some(origin) => format!("{}: {}", origin.place(), self.why),
            None => self.why.clone(),
        }
    }
}

/// A place in a file of the source's own, e.g. a migration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin {
    /// The file.
    pub file: SourceFile,
    /// From its start.
    pub bytes: Range<usize>,
}

/// A table that a source shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ObservedTable {
    /// With its schema, where the engine has schemas.
    pub name: TableName,
    /// What sort of table.
    pub kind: TableKind,
    /// The storage engine (MySQL family), e.g. `InnoDB`.
    pub storage: Option<String>,
    /// The table that it is a partition of, or those that it INHERITS (PostgreSQL).
    pub inherits: Vec<TableName>,
    /// Triggers and rules at its deletes and updates, those that are disabled left out.
    pub hooks: Vec<Hook>,
}

impl ObservedTable {
    /// A table beside which nothing is known.
    #[cfg(feature = "collect")]
    pub(crate) fn new(name: TableName, kind: TableKind) -> Self {
        ObservedTable { name, kind, storage: None, inherits: Vec::new(), hooks: Vec::new() }
    }
}

/// What sort of relation a table is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum TableKind {
    /// An ordinary table.
    Table,
    /// A partitioned table.
    Partitioned,
    /// One partition of a partitioned table.
    Partition,
    /// A table of another server.
    Foreign,
    /// A view, materialised or not.
    View,
    /// A virtual table (SQLite).
    Virtual,
}

/// A foreign key as a source shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ObservedKey {
    /// Child table and referencing columns, in the order in which they pair with `parent_columns`.
    pub key: KeyName,
    /// The constraint's name; SQLite's unnamed constraints have none.
    pub name: Option<String>,
    /// The parent table.
    pub parent: TableName,
    /// The referenced columns, as long as the child's; empty when the parent table or its primary key is missing (SQLite).
    pub parent_columns: Vec<String>,
    /// ON DELETE, as the catalogue spells it.
    pub on_delete: Action,
    /// ON UPDATE, as the catalogue spells it.
    pub on_update: Action,
    /// When it is checked.
    pub deferrability: Deferrability,
    /// MATCH.
    pub match_type: MatchType,
    /// One entry for each referencing column.
    pub columns: Vec<ColumnFacts>,
    /// What sort of table the child is.
    pub child_kind: TableKind,
    /// Whether an index serves a look-up by the referencing columns. `None`: the source doesn't tell.
    pub covering_index: Option<bool>,
    /// The child's rows by the engine's own estimate. `None`: never analysed, or not asked for.
    pub child_rows: Option<u64>,
    /// Whether the engine enforces the key now.
    pub in_force: InForce,
    /// Partitions of the child whose new rows aren't checked, though those of others are.
    pub check_disabled_in: Vec<TableName>,
    /// Partitions of the parent whose deletes do nothing to the children, though those of others do.
    pub action_disabled_in: Vec<TableName>,
    /// Where the child is a partition with a key of its own: the topmost table that it is a part of.
    pub whole: Option<TableName>,
    /// What may refuse the values that SET NULL or SET DEFAULT writes; empty where the rule is another.
    pub guards: Vec<Guard>,
    /// Rank among the keys of its table in the order in which the engine fires them at a delete; the first decides.
    /// Equal ranks: the source doesn't tell.
    pub firing_order: u64,
    /// The extension that owns the child table (PostgreSQL).
    pub extension: Option<String>,
    /// Where the key's rule was last set, if the source has such a place.
    pub origin: Option<Origin>,
}

#[cfg(feature = "collect")]
impl ObservedKey {
    /// The child table, or the one that it is a part of: where keys meet that the engine fires one after the other.
    pub(crate) fn whole_table(&self) -> &TableName {
        self.whole.as_ref().unwrap_or(&self.key.table)
    }
}

/// MATCH of a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum MatchType {
    /// A key with a NULL in any column is not checked.
    Simple,
    /// All columns NULL or none.
    Full,
}

/// What the source knows of a referencing column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ColumnFacts {
    /// Whether it takes NULL.
    pub nullable: bool,
    /// Whether it has a default (other than NULL).
    pub has_default: bool,
    /// Whether it is generated, or an identity column that only the engine may set.
    pub generated: bool,
}

/// Whether a key is enforced now, and if not, why. All true: it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "independent switches of the engine")]
pub struct InForce {
    /// Old rows were checked (not NOT VALID).
    pub validated: bool,
    /// Not declared NOT ENFORCED.
    pub enforced: bool,
    /// The trigger that checks new child rows is enabled.
    pub check_enabled: bool,
    /// The trigger that acts on a delete of a parent is enabled.
    pub action_enabled: bool,
    /// The parent has the key or index by which the engine looks for the referenced columns; what comes of it where it hasn't,
    /// the engine says ([`WithoutParentKey`](super::WithoutParentKey)).
    pub has_parent_key: bool,
    /// No two rows of the parent can have the same values there (`InnoDB` takes an index that isn't unique).
    pub parent_is_unique: bool,
}

impl InForce {
    /// Nothing is switched off.
    pub const YES: InForce = InForce {
        validated: true,
        enforced: true,
        check_enabled: true,
        action_enabled: true,
        has_parent_key: true,
        parent_is_unique: true,
    };
}
