//! One statement after the other.

use super::catalogue::Place;
use super::doubts::{place_of, statement_tables};
use super::dynamic::{self, ALTER_TABLE, Touches};
use super::known::is_harmless;
use super::state::Replay;
use super::tokens::{Cursor, Kind, Token, split_by_comma};

impl Replay {
    /// Carries out a statement.
    pub(super) fn apply(&mut self, statement: &[Token], file: usize) {
        if let Some((settings, inner)) = for_one_statement(statement) {
            let storage = self.catalogue.default_storage.clone();
            for setting in split_by_comma(settings) {
                self.set_default_storage(setting);
            }
            self.apply(inner, file);
            self.catalogue.default_storage = storage;
            return;
        }
        self.look_for_calls(statement, file);
        let mut cursor = Cursor::new(statement);
        let unread: Vec<&[Token]> = if cursor.take("create") {
            self.create(cursor, statement, file)
        } else if cursor.take_any(&ALTER_TABLE) {
            self.catalogue.alter_table(&mut cursor, file)
        } else {
            if cursor.take("drop") {
                self.drop_statement(cursor, statement, file);
            } else if cursor.take_any(&["rename table", "rename tables"]) {
                self.rename_tables(cursor, statement, file);
            } else if !self.other(cursor, statement, file) && !self.of_session(cursor, statement, file) {
                self.set_config(statement, file);
                if !is_harmless(statement) {
                    self.note(
                        place_of(statement, file),
                        "a statement that isn't followed",
                        &Touches::anything(),
                    );
                }
            }
            Vec::new()
        };
        if let (Some(first), Some(last)) =
            (unread.first().and_then(|part| part.first()), unread.last().and_then(|part| part.last()))
        {
            let place = Place { file, bytes: first.bytes.start..last.bytes.end.max(first.bytes.end) };
            let touches = self.named_in(statement);
            self.note(place, "a clause that is not understood, or that the server refuses", &touches);
        }
    }

    /// Says that nobody knows here whether the server runs a statement, or a part of it.
    pub(super) fn note_perhaps(&mut self, statement: &[Token], file: usize) {
        let mut touches = self.named_in(statement);
        touches.anything |= touches.nothing();
        self.note(place_of(statement, file), "a comment that only some servers run", &touches);
    }

    /// The tables that a statement names, and what it runs.
    fn named_in(&self, statement: &[Token]) -> Touches {
        let touches = dynamic::touches(statement, self.catalogue.dialect);
        Touches { tables: [statement_tables(statement), touches.tables].concat(), ..touches }
    }

    /// What is neither CREATE, ALTER TABLE nor DROP, and bears on keys; false for any other statement.
    fn other(&mut self, mut cursor: Cursor<'_>, statement: &[Token], file: usize) -> bool {
        let place = || place_of(statement, file);
        self.made.alter(statement, &mut self.catalogue);
        if self.transact(statement, file) {
        } else if cursor.take("alter index") {
            self.alter_index(cursor);
        } else if cursor.take("alter schema") {
            self.rename_schema(cursor);
        } else if cursor.take("begin not atomic") {
            self.run_statements(statement, "a block with conditions", &place(), file);
        } else if cursor.take("do") {
            for token in cursor.rest() {
                let Kind::Text(body) = &token.kind else { continue };
                self.run_block(body, place(), file);
            }
        } else if cursor.take("execute immediate") {
            let text = self.variable(cursor.rest());
            self.run_text(&text, place(), file);
        } else if cursor.take("prepare") {
            self.prepare(cursor);
        } else if cursor.take("execute") {
            if let Some(name) = cursor.ident() {
                self.execute(&name, place(), file);
            }
        } else if cursor.take_any(&["alter function", "alter procedure", "alter routine"]) {
            self.rename_routine(cursor);
        } else if let Some(what) = far_reaching(statement) {
            self.note(place(), what, &Touches::anything());
        } else if cursor.take("alter event") {
            self.note_event(statement, file);
        } else {
            return false;
        }
        true
    }

    fn rename_routine(&mut self, mut cursor: Cursor<'_>) {
        let Some(old) = self.routine_name(&mut cursor) else { return };
        let _ = cursor.group();
        if cursor.take("rename to")
            && let Some(new) = self.routine_name(&mut cursor)
        {
            self.routines.rename(&old, new);
        }
    }

    fn rename_schema(&mut self, mut cursor: Cursor<'_>) {
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
    }
}

/// MariaDB: `SET STATEMENT variable = value FOR ..` runs what follows; both parts.
fn for_one_statement(statement: &[Token]) -> Option<(&[Token], &[Token])> {
    Cursor::new(statement).take("set statement").then_some(())?;
    let at = statement.iter().position(|token| token.is("for"))?;
    Some((&statement[2..at], &statement[at + 1..]))
}

/// What reaches further than can be followed.
fn far_reaching(statement: &[Token]) -> Option<&'static str> {
    let mut cursor = Cursor::new(statement);
    if cursor.peeks("use") {
        return Some("a USE of a database, which may be another one");
    }
    if cursor.peeks("alter type") && statement.iter().any(|token| token.is("cascade")) {
        return Some("a change of a type that reaches its tables");
    }
    let sets_path = statement.iter().any(|token| token.is("search_path"));
    if sets_path && cursor.peeks_any(&["alter database", "alter role", "alter user"]) {
        return Some("a search path for later connections");
    }
    let changes = |at: usize| {
        let mut cursor = Cursor::new(&statement[at..]);
        let is_change =
            cursor.take_any(&["update only", "update", "insert into", "delete from", "merge into"]);
        // Whether an index may be used is no matter for long.
        let is_telling = || statement.iter().any(|token| token.is("indisvalid"));
        let bears = |name: &Vec<String>| is_catalogue(name) && (!names_index(name) || is_telling());
        is_change && cursor.name().as_ref().is_some_and(bears)
    };
    let is_dml = cursor.take_any(&["update", "insert", "delete", "merge", "with"]);
    (is_dml && (0..statement.len()).any(changes)).then_some("a change of the server's own tables")
}

fn names_index(name: &[String]) -> bool {
    name.last().is_some_and(|last| last == "pg_index")
}

/// Whether a table is one of those in which PostgreSQL keeps what is a table, a column, an index and a key.
fn is_catalogue(name: &[String]) -> bool {
    const TELLING: [&str; 8] = [
        "pg_constraint",
        "pg_trigger",
        "pg_class",
        "pg_attribute",
        "pg_attrdef",
        "pg_index",
        "pg_inherits",
        "pg_namespace",
    ];
    name.last().is_some_and(|last| TELLING.contains(&last.as_str()))
}
