//! What is not carried out: said, with the tables whose keys it might touch.

use std::collections::BTreeSet;

use super::catalogue::{Key, Parent, Place};
use super::dynamic::{self, Touches};
use super::state::{NotReplayed, Replay, Touched};
use super::tokens::{Cursor, Kind, Token, made_by};

impl Replay {
    pub(super) fn note(&mut self, place: Place, what: &str, touches: &Touches) {
        let names = touches.tables.iter().map(|parts| match self.catalogue.find(parts) {
            Some(table) => Touched::Known(table),
            None => Touched::Named(self.catalogue.new_name(parts)),
        });
        let names: BTreeSet<Touched> = names.chain(self.children_of(&touches.parents)).collect();
        let tables = (!touches.anything).then(|| names.into_iter().collect());
        self.not_replayed.push(NotReplayed { place, what: what.to_owned(), tables });
    }

    /// The tables with a key to one of these.
    fn children_of(&self, parents: &[Vec<String>]) -> Vec<Touched> {
        let tables: Vec<usize> = parents.iter().filter_map(|parts| self.catalogue.find(parts)).collect();
        let same = |name: &str, parts: &Vec<String>| {
            parts.last().is_some_and(|last| self.catalogue.dialect.case.same(name, last))
        };
        let references = |key: &&Key| match &key.parent {
            Parent::Table { table, .. } => tables.contains(table),
            Parent::Missing { name, .. } => parents.iter().any(|parts| same(&name.name, parts)),
        };
        let children = self.catalogue.keys.iter().filter(references);
        children.map(|key| Touched::Known(key.child)).collect()
    }

    /// What is doubted of a table is doubted of one that is made like it.
    pub(super) fn doubt_likewise(&mut self, table: usize, statement: &[Token]) {
        let named = (0..statement.len()).filter(|&at| statement[at].is("like")).filter_map(|at| {
            Cursor::new(&statement[at + 1..]).name().and_then(|parts| self.catalogue.find(&parts))
        });
        let others: Vec<Touched> = named.map(Touched::Known).collect();
        for doubt in &mut self.not_replayed {
            if let Some(tables) = &mut doubt.tables
                && others.iter().any(|other| tables.contains(other))
            {
                tables.push(Touched::Known(table));
            }
        }
    }

    /// Says which calls of a statement might touch keys, wherever in it they stand: a trigger, a view or a default runs what
    /// it calls some time later.
    pub(super) fn look_for_calls(&mut self, statement: &[Token], file: usize) {
        let mut cursor = Cursor::new(statement);
        let runs_nothing = cursor.take_any(&["comment", "grant", "revoke", "security", "drop", "do"])
            || cursor.peeks_any(&["alter function", "alter procedure", "alter routine", "alter default"]);
        if runs_nothing || matches!(made_by(statement), Some("function" | "procedure")) {
            return;
        }
        let mut touches = if self.routines.are_harmless() {
            Touches { calls: dynamic::calls(statement, self.catalogue.dialect), ..Touches::default() }
        } else {
            dynamic::touches(statement, self.catalogue.dialect)
        };
        let names_without_call = statement.get(1).is_some_and(|what| {
            statement[0].is("create") && ["operator", "aggregate", "type"].iter().any(|word| what.is(word))
        });
        if names_without_call {
            // `CREATE OPERATOR % (FUNCTION = remainder, ..)`
            touches.calls.extend(statement.iter().filter_map(|token| match &token.kind {
                Kind::Word { text, .. } => Some(self.catalogue.dialect.case.fold(text)),
                _ => None,
            }));
        }
        if statement[0].is("create") || statement[0].is("alter") {
            self.routines.keep(&touches.calls);
        }
        self.note_calls(&touches, &place_of(statement, file));
    }

    pub(super) fn note_calls(&mut self, caller: &Touches, place: &Place) {
        for (name, touches) in self.routines.called(caller) {
            self.note(place.clone(), &format!("a call of `{name}`, which runs statements"), &touches);
        }
    }
}

pub(super) fn place_of(statement: &[Token], file: usize) -> Place {
    let start = statement.first().map_or(0, |token| token.bytes.start);
    Place { file, bytes: start..statement.last().map_or(start, |token| token.bytes.end) }
}

/// The table that a statement is about.
pub(super) fn statement_tables(statement: &[Token]) -> Vec<Vec<String>> {
    let mut cursor = Cursor::new(statement);
    while let Some(token) = cursor.next() {
        if token.is("table") {
            let _ = cursor.take_any(&["if exists", "if not exists"]);
            let _ = cursor.take("only");
            return cursor.name().into_iter().collect();
        }
    }
    Vec::new()
}
