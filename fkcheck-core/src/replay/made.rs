//! What statements make beside tables, and what depends on it: a DROP .. CASCADE takes that along.

use std::collections::BTreeSet;

use super::catalogue::{Catalogue, Column, Table};
use super::tokens::{Cursor, Kind, Token, made_by};

/// A function, a type, a domain and their like, with all that its definition names.
#[derive(Clone)]
struct Thing {
    /// Folded.
    name: String,
    schema: Option<String>,
    words: BTreeSet<String>,
}

fn is_kind(token: &Token) -> bool {
    const KINDS: [&str; 9] =
        ["function", "procedure", "aggregate", "type", "domain", "sequence", "operator", "collation", "cast"];
    KINDS.iter().any(|kind| token.is(kind))
}

#[derive(Clone, Default)]
pub(super) struct Made {
    things: Vec<Thing>,
}

impl Made {
    /// Remembers what a CREATE makes.
    pub(super) fn define(&mut self, statement: &[Token], catalogue: &Catalogue) {
        if matches!(made_by(statement), Some("view" | "trigger" | "index" | "event" | "rule")) {
            return;
        }
        let Some(at) = statement.iter().take(6).position(is_kind) else { return };
        let mut cursor = Cursor::new(&statement[at + 1..]);
        let _ = cursor.take("if not exists");
        let words = words(&statement[at + 1..]);
        let Some(parts) = cursor.name() else { return };
        let name = catalogue.new_name(&parts);
        let thing = Thing { name: catalogue.dialect.case.fold(&name.name), schema: name.schema, words };
        self.things.push(thing);
    }

    /// `ALTER TYPE a RENAME TO b`, `ALTER FUNCTION a(int) SET SCHEMA b`
    pub(super) fn alter(&mut self, statement: &[Token], catalogue: &mut Catalogue) {
        let mut cursor = Cursor::new(statement);
        if !cursor.take("alter") || !cursor.peek().is_some_and(is_kind) {
            return;
        }
        cursor.next();
        let Some(old) = cursor.name().and_then(|mut parts| parts.pop()) else { return };
        let _ = cursor.group();
        if cursor.take("rename to")
            && let Some(new) = cursor.ident()
        {
            for thing in &mut self.things {
                replace(&mut thing.words, &old, &new);
                if thing.name == old {
                    thing.name.clone_from(&new);
                }
            }
            catalogue.rename_thing(&old, &new);
        } else if cursor.take("set schema")
            && let Some(schema) = cursor.ident()
        {
            let moved = self.things.iter_mut().filter(|thing| thing.name == old);
            moved.for_each(|thing| thing.schema = Some(schema.clone()));
        }
    }

    /// What a schema holds.
    pub(super) fn in_schema(&self, schema: &str) -> Vec<String> {
        let held = self.things.iter().filter(|thing| thing.schema.as_deref() == Some(schema));
        held.map(|thing| thing.name.clone()).collect()
    }

    /// These, and all that is made of them.
    pub(super) fn with_dependents(&self, names: &[String]) -> BTreeSet<String> {
        let mut all: BTreeSet<String> = names.iter().cloned().collect();
        loop {
            let depends = |thing: &&Thing| !all.contains(&thing.name) && !thing.words.is_disjoint(&all);
            let more: Vec<String> =
                self.things.iter().filter(depends).map(|thing| thing.name.clone()).collect();
            if more.is_empty() {
                return all;
            }
            all.extend(more);
        }
    }
}

impl Catalogue {
    /// The tables with a column that is made of one of these things, by parts of their names.
    pub(super) fn depending_on(&self, things: &BTreeSet<String>) -> Vec<Vec<String>> {
        let is_of_them = |column: &Column| {
            let is_apart = column.words.is_disjoint(things) && column.type_words.is_disjoint(things);
            !column.dropped && !is_apart
        };
        let depends = |table: &&Table| {
            !table.dropped && (!table.types.is_disjoint(things) || table.columns.iter().any(is_of_them))
        };
        let names = self.tables.iter().filter(depends).map(|table| &table.name);
        names.map(|name| name.schema.iter().chain([&name.name]).cloned().collect()).collect()
    }

    /// The types that a query may give a column: those of all columns of its tables, and what it names itself.
    pub(super) fn types_in(&self, query: &[Token]) -> BTreeSet<String> {
        let mut types = words(query);
        let named: Vec<&Table> =
            self.tables.iter().filter(|table| !table.dropped && types.contains(&table.name.name)).collect();
        for table in named {
            types.extend(table.types.iter().cloned());
            types.extend(table.columns.iter().flat_map(|column| column.type_words.iter().cloned()));
        }
        types
    }

    /// A thing has another name.
    pub(super) fn rename_thing(&mut self, old: &str, new: &str) {
        for table in &mut self.tables {
            let columns =
                table.columns.iter_mut().flat_map(|column| [&mut column.words, &mut column.type_words]);
            columns.chain([&mut table.types]).for_each(|words| replace(words, old, new));
        }
    }
}

fn replace(words: &mut BTreeSet<String>, old: &str, new: &str) {
    if words.remove(old) {
        words.insert(new.to_owned());
    }
}

/// All that a definition names, also within texts: `nextval('public.number')`.
pub(super) fn words(definition: &[Token]) -> BTreeSet<String> {
    let mut words = BTreeSet::new();
    for token in definition {
        match &token.kind {
            Kind::Word { text, .. } => {
                words.insert(text.clone());
            }
            Kind::Text(text) if text.len() < 200 => {
                let parts = text.split(['.', '"', '\'', ' ', '(']);
                words.extend(parts.filter(|part| !part.is_empty()).map(str::to_owned));
            }
            _ => {}
        }
    }
    words
}
