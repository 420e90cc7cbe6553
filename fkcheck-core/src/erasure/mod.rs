//! The inventory of an erasure: where rows hold something of a person, and what a delete of the person's row does to them.
//!
//! A table stands in it if a key reaches it from the root, or if it has a column that looks like a copy of the root's id.

mod build;
mod copies;

use std::collections::HashSet;

use crate::compare::Comparison;
use crate::consequence::{Deletes, When};
use crate::model::{Column, DeclaredKey, ObservedKey, TableKind, TableName};

/// What a delete of a row of one root comes to, by one source.
pub(crate) struct Inventory<'a> {
    pub(crate) root: &'a TableName,
    /// Whether the configuration names the root.
    pub(crate) is_configured: bool,
    /// What needs an answer first, then by name.
    pub(crate) tables: Vec<Held<'a>>,
}

/// A table that holds something of the person.
pub(crate) struct Held<'a> {
    pub(crate) table: &'a TableName,
    /// At least one; what leaves most behind first.
    pub(crate) parts: Vec<Part<'a>>,
}

/// One way in which its rows belong to the person.
#[derive(Clone)]
pub(crate) struct Part<'a> {
    pub(crate) by: By<'a>,
    pub(crate) fate: Fate,
    /// The tables from the root to the one that it refers to; of a column without a key, the root.
    pub(crate) way: Vec<&'a TableName>,
    /// What the code says of it.
    pub(crate) declared: Option<&'a DeclaredKey>,
    /// Why, where that is said.
    pub(crate) said: Option<Said<'a>>,
}

/// What makes rows the person's.
#[derive(Clone, Copy)]
pub(crate) enum By<'a> {
    /// They are the person's own.
    Row,
    /// A key.
    Key(&'a ObservedKey),
    /// A column that looks like a copy of the root's id and has no key.
    Copy(&'a Column),
}

/// A reason, and where it stands.
#[derive(Clone, Copy)]
pub(crate) struct Said<'a> {
    pub(crate) reason: &'a str,
    /// `Cargo.toml:12:10`; `None`: an annotation says it.
    pub(crate) configured: Option<&'a str>,
}

/// What a delete of the person's row does to rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// They go.
    Erased,
    /// They stay, and no longer say whose they are.
    Anonymised,
    /// They stay as they are, and somebody has said why.
    Kept,
    /// Nobody has said what becomes of them.
    Unknown(Why),
}

/// Why nobody knows what becomes of rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    /// They refuse the delete.
    Refuses(When),
    /// A column without a key holds the id.
    Copied,
    /// The key isn't in force: they stay, with the id of nobody.
    NotInForce,
    /// The configuration keeps them, and they are erased.
    KeptButErased,
    /// They belong to rows of which nobody knows.
    Below,
}

impl Fate {
    /// How much it leaves behind.
    pub fn rank(self) -> u8 {
        match self {
            Fate::Erased => 0,
            Fate::Anonymised => 1,
            Fate::Kept => 2,
            Fate::Unknown(Why::Below) => 3,
            Fate::Unknown(_) => 4,
        }
    }

    /// Whether it needs an answer of its own.
    pub(crate) fn is_question(self) -> bool {
        matches!(self, Fate::Unknown(why) if why != Why::Below)
    }
}

impl Held<'_> {
    /// What becomes of the table: that of its parts which leaves most behind.
    pub(crate) fn fate(&self) -> Fate {
        self.parts.iter().map(|part| part.fate).max_by_key(|fate| fate.rank()).unwrap_or(Fate::Erased)
    }
}

/// The inventory of each root that this source has. A column that names anybody is asked about with the first root of its type.
pub(crate) fn inventories<'a>(comparison: &Comparison<'a>) -> Vec<Inventory<'a>> {
    let observation = comparison.observation;
    let erasure = &comparison.facts.erasure;
    if erasure.roots.is_empty() {
        return Vec::new();
    }
    let deletes = Deletes::new(&observation.keys, &observation.engine);
    let mut asked = HashSet::new();
    let mut inventories = Vec::new();
    for root in &erasure.roots {
        let Some(table) = table_of(comparison, &root.table) else { continue };
        let is_known = |known: &Inventory<'_>| known.root == table;
        if inventories.iter().any(is_known) {
            continue;
        }
        let reach = deletes.reach(table);
        let mut copies = copies::copies(comparison, table);
        copies.retain(|copy| !copy.is_of_anybody || asked.insert((copy.table, copy.column.name.as_str())));
        inventories.push(Inventory {
            root: table,
            is_configured: root.place.is_some(),
            tables: build::tables(comparison, &reach, copies),
        });
    }
    inventories
}

/// The source's table of a name that the configuration writes: with its schema, or without where only one is called so.
pub(crate) fn table_of<'a>(comparison: &Comparison<'a>, name: &str) -> Option<&'a TableName> {
    let case = comparison.engine().table_case;
    let tables = || comparison.observation.tables.iter().filter(|table| table.kind != TableKind::View);
    let whole = tables().find(|table| case.same(&table.name.to_string(), name));
    let mut bare = tables().filter(|table| case.same(&table.name.name, name));
    let bare = || bare.next().filter(|_| bare.next().is_none());
    whole.or_else(bare).map(|table| &table.name)
}
