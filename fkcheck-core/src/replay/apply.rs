//! One statement after the other.

use super::catalogue::Place;
use super::doubts::{place_of, statement_tables};
use super::dynamic::{self, Touches};
use super::state::Replay;
use super::tokens::{Cursor, Kind, Token};

impl Replay {
    /// Carries out a statement.
    pub(super) fn apply(&mut self, statement: &[Token], file: usize) {
        if let Some(inner) = for_one_statement(statement) {
            return self.apply(inner, file);
        }
        self.look_for_calls(statement, file);
        let mut cursor = Cursor::new(statement);
        if let Some(what) = undoes(statement) {
            let touches = Touches { anything: true, ..Touches::default() };
            self.note(place_of(statement, file), what, &touches);
        }
        let unread: Vec<&[Token]> = if cursor.take("create") {
            self.create(cursor, file)
        } else if cursor.take_any(&ALTER_TABLE) {
            self.catalogue.alter_table(&mut cursor, file)
        } else if cursor.take("drop") {
            self.drop_statement(cursor);
            Vec::new()
        } else if cursor.take_any(&["rename table", "rename tables"]) {
            self.rename_tables(cursor);
            Vec::new()
        } else {
            self.other(cursor, statement, file);
            Vec::new()
        };
        if let (Some(first), Some(last)) =
            (unread.first().and_then(|part| part.first()), unread.last().and_then(|part| part.last()))
        {
            let touches = dynamic::touches(statement, self.catalogue.dialect);
            let tables = statement_tables(statement);
            let touches = Touches { tables: [tables, touches.tables].concat(), ..touches };
            let place = Place { file, bytes: first.bytes.start..last.bytes.end.max(first.bytes.end) };
            self.note(place, "a clause that is not understood, or that the server refuses", &touches);
        }
    }

    fn other(&mut self, mut cursor: Cursor<'_>, statement: &[Token], file: usize) {
        let place = || place_of(statement, file);
        if cursor.take("set") {
            let _ = cursor.take_any(&["local", "session"]);
            if cursor.take("search_path") {
                self.set_search_path(cursor.rest());
            } else {
                self.set_variables(cursor.rest());
            }
        } else if cursor.take_any(&["discard temp", "discard temporary", "discard all"]) {
            self.drop_temporary_tables();
            if statement[1].is("all") {
                self.catalogue.search_path = vec!["public".to_owned()];
            }
        } else if cursor.take_any(&["reset search_path", "reset all"]) {
            self.catalogue.search_path = vec!["public".to_owned()];
        } else if cursor.take("alter schema") {
            if let Some(old) = cursor.ident()
                && cursor.take("rename to")
                && let Some(new) = cursor.ident()
            {
                for table in &mut self.catalogue.tables {
                    if table.name.schema.as_deref() == Some(&old) {
                        table.name.schema = Some(new.clone());
                    }
                }
            }
        } else if cursor.take("do") {
            for token in cursor.rest() {
                let Kind::Text(body) = &token.kind else { continue };
                self.run_block(body, place(), file);
            }
        } else if cursor.take("prepare") {
            if let Some(name) = cursor.ident()
                && cursor.take("from")
            {
                self.prepared.insert(name.to_lowercase(), cursor.rest().to_vec());
            }
        } else if cursor.take("execute") {
            if let Some(name) = cursor.ident() {
                self.execute(&name, place(), file);
            }
        } else if cursor.take_any(&["alter function", "alter procedure", "alter routine"]) {
            if let Some(old) = self.routine_name(&mut cursor) {
                let _ = cursor.group();
                if cursor.take("rename to")
                    && let Some(new) = self.routine_name(&mut cursor)
                {
                    self.routines.rename(&old, new);
                }
            }
        } else {
            self.set_config(statement);
        }
    }
}

/// MariaDB's words between the two change nothing of what is made.
const ALTER_TABLE: [&str; 4] =
    ["alter table", "alter online table", "alter ignore table", "alter online ignore table"];

/// MariaDB: `SET STATEMENT variable = value FOR ..` runs what follows.
fn for_one_statement(statement: &[Token]) -> Option<&[Token]> {
    Cursor::new(statement).take("set statement").then_some(())?;
    let at = statement.iter().position(|token| token.is("for"))?;
    Some(&statement[at + 1..])
}

/// What takes back or takes along more than is named in it, and isn't followed.
fn undoes(statement: &[Token]) -> Option<&'static str> {
    let mut cursor = Cursor::new(statement);
    if cursor.take("rollback") {
        return Some("a ROLLBACK, which takes statements back");
    }
    let cascades = statement.last().is_some_and(|token| token.is("cascade"));
    let what =
        cursor.take("drop") && (cursor.take("owned") || cascades && cursor.take_any(&["index", "domain"]));
    what.then_some("a DROP that takes other things along")
}
