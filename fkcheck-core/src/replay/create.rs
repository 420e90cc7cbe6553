//! CREATE: tables, indexes, views and routines.

use std::collections::BTreeSet;

use super::catalogue::{Index, storage_name};
use super::doubts::place_of;
use super::dynamic::{self, Touches};
use super::state::Replay;
use super::table::index_columns;
use super::tokens::{Cursor, Kind, Token, made_by};
use crate::model::{TableKind, TableName};

impl Replay {
    pub(super) fn create<'t>(
        &mut self,
        mut cursor: Cursor<'t>,
        statement: &'t [Token],
        file: usize,
    ) -> Vec<&'t [Token]> {
        let replaces = cursor.take("or replace");
        if cursor.peeks_any(&["definer", "aggregate"]) {
            // MySQL: `DEFINER = somebody@somewhere`
            while !cursor.is_at_end()
                && !cursor.peeks_any(&["function", "procedure", "view", "trigger", "event"])
            {
                cursor.next();
            }
        }
        let _ = cursor.take_any(&["global", "local"]);
        let is_temporary = cursor.take_any(&["temporary", "temp"]);
        let _ = cursor.take("unlogged");
        let is_foreign = cursor.take("foreign");
        if cursor.take("table") {
            // MariaDB: the old one goes with its keys.
            let mut ahead = cursor;
            let old = ahead.name().and_then(|parts| self.catalogue.find(&parts));
            if let Some(old) = old.filter(|_| replaces) {
                self.catalogue.drop_table(old);
            }
            return self.create_table(cursor, is_temporary, is_foreign, file);
        }
        let is_unique = cursor.take("unique");
        if cursor.take("index") {
            self.create_index(cursor, is_unique);
        } else if cursor.take("view") || cursor.take("materialized view") {
            let _ = cursor.take("if not exists");
            if let Some(parts) = cursor.name()
                && self.catalogue.find(&parts).is_none()
            {
                let name = self.catalogue.new_name(&parts);
                self.catalogue.add_table(name, TableKind::View, is_temporary);
            }
        } else if cursor.take("function") || cursor.take("procedure") {
            self.create_routine(cursor, file);
        } else if cursor.take("schema") && self.catalogue.dialect.default_schema.is_some() {
            self.create_schema(cursor, file);
        } else if cursor.take("rule") {
            self.create_rule(cursor, statement, file);
        } else if cursor.take("event") {
            self.note_event(statement, file);
        }
        if made_by(statement) != Some("table") {
            self.made.define(statement, &self.catalogue);
        }
        Vec::new()
    }

    /// The statements within CREATE SCHEMA make things in it.
    fn create_schema(&mut self, mut cursor: Cursor<'_>, file: usize) {
        let _ = cursor.take("if not exists");
        let named = if cursor.peeks("authorization") { None } else { cursor.ident() };
        let role = cursor.take("authorization").then(|| cursor.ident()).flatten();
        let Some(schema) = named.or(role) else { return };
        let elements = cursor.rest();
        let begins = |at: &usize| elements[*at].is("create") || elements[*at].is("grant");
        let starts: Vec<usize> = (0..elements.len()).filter(begins).collect();
        let ends = starts.iter().skip(1).copied().chain([elements.len()]);
        let path = self.catalogue.search_path.clone();
        self.catalogue.search_path.insert(0, schema);
        for (start, end) in starts.iter().copied().zip(ends) {
            self.apply(&elements[start..end], file);
        }
        self.catalogue.search_path = path;
    }

    /// `CREATE RULE name AS ON DELETE TO table DO INSTEAD ..`: deletes and updates by keys are rewritten, too.
    fn create_rule(&mut self, mut cursor: Cursor<'_>, statement: &[Token], file: usize) {
        while !cursor.is_at_end() && !cursor.take("on") {
            cursor.next();
        }
        let is_of_select = cursor.peeks("select");
        let rewrites =
            cursor.take_any(&["delete", "update"]) && statement.iter().any(|token| token.is("instead"));
        while !cursor.is_at_end() && !cursor.take("to") {
            cursor.next();
        }
        let Some(table) = cursor.name() else { return };
        if rewrites {
            let touches = Touches { tables: vec![table], ..Touches::default() };
            self.note(place_of(statement, file), "a rule in the place of deletes or updates", &touches);
        } else if is_of_select && let Some(table) = self.catalogue.find(&table) {
            // It has become a view.
            self.catalogue.tables[table].kind = TableKind::View;
        }
    }

    /// An event runs some time.
    pub(super) fn note_event(&mut self, statement: &[Token], file: usize) {
        let touches = dynamic::touches(statement, self.catalogue.dialect);
        if !touches.nothing() {
            self.note(place_of(statement, file), "an event that runs statements", &touches);
        }
    }

    fn create_table<'t>(
        &mut self,
        mut cursor: Cursor<'t>,
        is_temporary: bool,
        is_foreign: bool,
        file: usize,
    ) -> Vec<&'t [Token]> {
        let if_not_exists = cursor.take("if not exists");
        let whole = cursor.rest();
        let Some(parts) = cursor.name() else { return vec![whole] };
        if if_not_exists && self.catalogue.find(&parts).is_some() {
            return Vec::new();
        }
        let name = if is_temporary {
            TableName::qualified("pg_temp", parts.last().cloned().unwrap_or_default())
        } else {
            self.catalogue.new_name(&parts)
        };
        let kind = if is_foreign { TableKind::Foreign } else { TableKind::Table };
        self.doubt_likewise(self.catalogue.tables.len(), cursor.rest());
        let table = self.catalogue.add_table(name, kind, is_temporary);
        if let Some(storage) = stated_storage(cursor).filter(|_| self.catalogue.dialect.storage.is_some()) {
            self.catalogue.tables[table].storage = Some(storage_name(&storage));
        }
        if cursor.take("partition of") {
            self.catalogue.tables[table].kind = TableKind::Partition;
            if let Some(parent) = cursor.name().and_then(|name| self.catalogue.find(&name)) {
                let columns = self.catalogue.tables[parent].columns.clone();
                self.catalogue.tables[table].columns = columns;
                self.catalogue.attach(table, parent);
            }
        }
        if self.catalogue.dialect.likes_whole_tables && cursor.take("like") {
            self.catalogue.copy_columns(table, &mut cursor);
            return Vec::new();
        }
        // Its columns are those of a type.
        self.catalogue.tables[table].is_open = cursor.take("of") && cursor.name().is_some();
        let mut unread = Vec::new();
        if let Some(group) = cursor.group() {
            unread = self.catalogue.add_elements(table, group, file);
        }
        let rest = cursor.rest();
        if rest.iter().any(|token| token.is("as") || token.is("select")) {
            self.catalogue.tables[table].types = self.catalogue.types_in(rest);
            self.catalogue.tables[table].is_open = true;
        }
        if rest.windows(2).any(|pair| pair[0].is("partition") && pair[1].is("by"))
            && self.catalogue.dialect.partitions_are_tables
            && self.catalogue.tables[table].kind == TableKind::Table
        {
            self.catalogue.tables[table].kind = TableKind::Partitioned;
        }
        unread
    }

    fn create_index(&mut self, mut cursor: Cursor<'_>, is_unique: bool) {
        let _ = is_unique;
        let _ = cursor.take("concurrently");
        let _ = cursor.take("if not exists");
        let name =
            if cursor.peeks("on") { None } else { cursor.name().and_then(|parts| parts.last().cloned()) };
        if self.catalogue.dialect.uses_before_on && cursor.take("using") {
            cursor.next();
        }
        if !cursor.take("on") {
            return;
        }
        let is_of_one = cursor.take("only");
        let Some(table) = cursor.name().and_then(|name| self.catalogue.find(&name)) else { return };
        // Of a table alone that has parts, it is invalid until those of all of these are attached.
        let is_hollow = is_of_one && !self.catalogue.parts_of(table).is_empty();
        let is_for_look_ups =
            !cursor.take("using") || cursor.take_any(&["btree", "hash"]) || cursor.next().is_none();
        let Some(group) = cursor.group() else { return };
        let columns = index_columns(group, self.catalogue.dialect)
            .into_iter()
            .map(|name| self.catalogue.named_column(table, &name?))
            .collect();
        let is_special = !is_for_look_ups || is_partial(cursor.rest());
        let id = self.catalogue.next_id();
        self.catalogue.tables[table].indexes.push(Index {
            id,
            attached_to: None,
            name,
            columns,
            is_primary: false,
            is_constraint: false,
            is_special,
            is_hollow,
        });
    }

    fn create_routine(&mut self, mut cursor: Cursor<'_>, file: usize) {
        let whole = cursor.rest();
        let Some(name) = self.routine_name(&mut cursor) else { return };
        let arguments = cursor.group().unwrap_or_default();
        let touches = dynamic::touches_of_routine(cursor.rest(), self.catalogue.dialect);
        self.routines.define(name.clone(), arguments, touches);
        if self.routines.is_kept(&name) {
            let caller = Touches { calls: BTreeSet::from([name]), has_text: true, ..Touches::default() };
            self.note_calls(&caller, &place_of(whole, file));
        }
    }

    /// The last part of a routine's name, as routines are known by.
    pub(super) fn routine_name(&self, cursor: &mut Cursor<'_>) -> Option<String> {
        let _ = cursor.take_any(&["if exists", "if not exists"]);
        cursor.name()?.last().map(|name| self.catalogue.dialect.case.fold(name))
    }
}

/// `ENGINE = name` behind the columns of CREATE TABLE.
fn stated_storage(mut cursor: Cursor<'_>) -> Option<String> {
    while !cursor.is_at_end() {
        if cursor.group().is_some() {
            continue;
        }
        if cursor.peeks_any(&["as", "select"]) {
            return None;
        }
        if let Some(storage) = cursor.engine() {
            return Some(storage);
        }
        cursor.next();
    }
    None
}

/// Whether the index leaves rows out that a look-up by its columns might want: `WHERE column IS NOT NULL` doesn't.
fn is_partial(rest: &[Token]) -> bool {
    let Some(at) = rest.iter().position(|token| token.is("where")) else { return false };
    let condition: Vec<&Token> =
        rest[at + 1..].iter().filter(|token| !matches!(token.kind, Kind::Open | Kind::Close)).collect();
    !matches!(&condition[..], [column, is, not, null]
        if matches!(column.kind, Kind::Word { .. }) && is.is("is") && not.is("not") && null.is("null"))
}
