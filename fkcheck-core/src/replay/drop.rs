//! DROP, and a name that takes another's place.

use super::doubts::place_of;
use super::dynamic::Touches;
use super::known::is_harmless;
use super::state::Replay;
use super::tokens::{Cursor, Token, split_by_comma};

impl Replay {
    pub(super) fn drop_statement(&mut self, mut cursor: Cursor<'_>, statement: &[Token], file: usize) {
        let what = cursor;
        let _ = cursor.take("temporary");
        let has_schemas = self.catalogue.dialect.default_schema.is_some();
        if cursor.take_any(&["tables", "table", "view", "materialized view", "foreign table"]) {
            let _ = cursor.take("if exists");
            for part in split_by_comma(cursor.rest()) {
                if let Some(table) = Cursor::new(part).name().and_then(|name| self.catalogue.find(&name)) {
                    self.catalogue.drop_table(table);
                }
            }
        } else if cursor.take("index") {
            self.drop_indexes(cursor);
        } else if cursor.take_any(&["function", "procedure", "routine"]) {
            if let Some(name) = self.routine_name(&mut cursor) {
                self.routines.drop(&name);
            }
        } else if cursor.take("schema") && has_schemas {
            let _ = cursor.take("if exists");
            for part in split_by_comma(cursor.rest()) {
                if let Some(schema) = Cursor::new(part).ident() {
                    self.drop_schema(&schema);
                }
            }
        } else if !is_harmless(statement) && !cursor.peeks("owned") {
            let why = "a statement that isn't followed";
            self.note(place_of(statement, file), why, &Touches::anything());
        }
        if let Some((why, touches)) = self.taken_along(what, statement) {
            self.note(place_of(statement, file), why, &touches);
        }
    }

    /// What a DROP takes along that isn't named in it.
    fn taken_along(&self, mut cursor: Cursor<'_>, statement: &[Token]) -> Option<(&'static str, Touches)> {
        const ALONG: &str = "a DROP that takes other things along";
        const NAMED: [&str; 12] = [
            "function",
            "procedure",
            "routine",
            "aggregate",
            "type",
            "domain",
            "sequence",
            "operator",
            "collation",
            "schema",
            "cast",
            "conversion",
        ];
        const ANY: [&str; 7] = [
            "extension",
            "language",
            "procedural language",
            "access method",
            "operator class",
            "operator family",
            "index",
        ];
        if self.catalogue.dialect.drops_its_database && cursor.take_any(&["database", "schema"]) {
            return Some(("a DROP of a database, which may be this one", Touches::anything()));
        }
        let cascades = statement.last().is_some_and(|token| token.is("cascade"));
        if cursor.peeks("owned") || cascades && cursor.peeks_any(&ANY) {
            return Some((ALONG, Touches::anything()));
        }
        let is_schema = cursor.peeks("schema");
        if !cascades || !cursor.take_any(&NAMED) {
            return None;
        }
        let _ = cursor.take("if exists");
        let name = |part: &[Token]| Cursor::new(part).name()?.pop();
        let names = split_by_comma(cursor.rest()).into_iter().filter_map(name);
        let names: Vec<String> = if is_schema {
            names.flat_map(|schema| self.made.in_schema(&schema)).collect()
        } else {
            names.collect()
        };
        let things = self.made.with_dependents(&names);
        let tables = self.catalogue.depending_on(&things);
        (!tables.is_empty())
            .then(|| (ALONG, Touches { parents: tables.clone(), tables, ..Touches::default() }))
    }

    fn drop_schema(&mut self, schema: &str) {
        for table in 0..self.catalogue.tables.len() {
            let tables = &self.catalogue.tables;
            if !tables[table].dropped && tables[table].name.schema.as_deref() == Some(schema) {
                self.catalogue.drop_table(table);
            }
        }
    }

    /// `RENAME TABLE a TO b, c TO d`
    pub(super) fn rename_tables(&mut self, cursor: Cursor<'_>, statement: &[Token], file: usize) {
        for part in split_by_comma(cursor.rest()) {
            let mut cursor = Cursor::new(part);
            let _ = cursor.take("if exists");
            let Some(old) = cursor.name() else { continue };
            cursor.take_wait();
            if cursor.take("to")
                && let Some(new) = cursor.name()
            {
                if let Some(table) = self.catalogue.find(&old) {
                    let name = self.catalogue.new_name(&new);
                    self.catalogue.rename_table(table, &name);
                } else {
                    // Something has made it that isn't followed, or it isn't there.
                    let tables = vec![old, new];
                    let touches = Touches { parents: tables.clone(), tables, ..Touches::default() };
                    self.note(place_of(statement, file), "a table that isn't known here", &touches);
                }
            }
        }
    }

    pub(super) fn drop_temporary_tables(&mut self) {
        for table in 0..self.catalogue.tables.len() {
            if self.catalogue.tables[table].is_temporary && !self.catalogue.tables[table].dropped {
                self.catalogue.drop_table(table);
            }
        }
    }
}
