//! ALTER TABLE, action by action.

use super::catalogue::Catalogue;
use super::clause::Clause;
use super::passes::{KEYS, is_of_columns, is_treacherous, pass};
use super::tokens::{Cursor, Kind, Token, split_by_comma};

/// Words without which an action has no bearing on keys.
const TELLING: [&str; 8] =
    ["constraint", "references", "foreign", "rename", "drop", "change", "modify", "inherit"];

impl Catalogue {
    /// Applies `ALTER TABLE ..`, from the name on; the actions that could not be read come back.
    pub(super) fn alter_table<'t>(&mut self, cursor: &mut Cursor<'t>, file: usize) -> Vec<&'t [Token]> {
        let _ = cursor.take("if exists");
        let is_of_one = cursor.take("only");
        let whole = cursor.rest();
        let Some(table) = cursor.name().and_then(|name| self.find(&name)) else { return vec![whole] };
        if matches!(cursor.peek(), Some(Token { kind: Kind::Other(star), .. }) if star == "*") {
            cursor.next();
        }
        if self.dialect.has_index_elements {
            cursor.take_wait();
        }
        let mut actions = split_by_comma(cursor.rest());
        if self.dialect.alters_in_passes {
            actions.sort_by_key(|action| pass(action, self.dialect));
        } else {
            // What is dropped was there before.
            actions.sort_by_key(|action| !Cursor::new(action).peeks("drop"));
        }
        let mut unread = Vec::new();
        if !self.dialect.alters_in_passes && actions.len() > 1 {
            unread.extend(actions.iter().filter(|action| is_treacherous(action, &actions)));
            // Beside a key to the table itself, one that is dropped may stay.
            let to_itself = |action: &&[Token]| {
                action.windows(2).any(|pair| pair[0].is("references") && self.names(&pair[1], table))
            };
            if actions.iter().any(to_itself) {
                unread.extend(actions.iter().filter(|action| Cursor::new(action).peeks("drop foreign key")));
            }
        }
        if self.dialect.storage.is_some() {
            // What else the statement does, it does to a table of the new engine.
            unread.extend(actions.iter().filter(|action| !self.options(table, action)));
        }
        let mut inline_keys = Vec::new();
        for action in actions {
            if !self.dialect.alters_in_passes || pass(action, self.dialect) >= KEYS {
                for (key, of) in inline_keys.drain(..) {
                    if !self.add_key(table, key, file) {
                        unread.push(of);
                    }
                }
            }
            let is_telling = || action.iter().any(|token| TELLING.iter().any(|word| token.is(word)));
            if is_of_columns(action, self.dialect) {
                for part in self.parts_of(table) {
                    // It has the whole's keys as the whole's.
                    self.alter(part, Cursor::new(action), file, &mut Vec::new());
                }
                self.alter_heirs(table, action, is_of_one, file);
            }
            let mut keys = Vec::new();
            if !self.alter(table, Cursor::new(action), file, &mut keys) && is_telling() {
                unread.push(action);
            }
            inline_keys.extend(keys.into_iter().map(|key| (key, action)));
        }
        for (key, of) in inline_keys {
            if !self.add_key(table, key, file) {
                unread.push(of);
            }
        }
        self.dropped_names.clear();
        unread
    }

    fn names(&self, token: &Token, table: usize) -> bool {
        matches!(&token.kind, Kind::Word { text, .. } if self.dialect.case.same(text, &self.tables[table].name.name))
    }

    /// Applies `ENGINE = name` among the options of a table; false where the server refuses it.
    fn options(&mut self, table: usize, action: &[Token]) -> bool {
        let mut cursor = Cursor::new(action);
        if cursor.peeks_any(&["add", "drop", "modify", "change", "rename", "alter"]) {
            return true;
        }
        while !cursor.is_at_end() {
            if let Some(storage) = cursor.engine() {
                return self.set_storage(table, &storage);
            }
            cursor.next();
        }
        true
    }

    /// Applies one action; false where it is not understood. Keys of columns that it adds are left for later.
    pub(super) fn alter(
        &mut self,
        table: usize,
        mut cursor: Cursor<'_>,
        file: usize,
        keys: &mut Vec<Clause>,
    ) -> bool {
        if cursor.take("add") {
            return self.add(table, cursor, file, keys).is_some();
        }
        if cursor.take("drop") {
            return self.drop_part(table, cursor).is_some();
        }
        if cursor.take("rename") {
            return self.rename_part(table, cursor).is_some();
        }
        if cursor.take("alter constraint") {
            return self.alter_constraint(table, cursor, file).is_some();
        }
        if cursor.take("validate constraint") {
            let Some(name) = cursor.ident() else { return false };
            if let Some(key) = self.key_named(table, &name) {
                key.validated = true;
            }
            return true;
        }
        if cursor.take("alter column") || cursor.take("alter") {
            return self.alter_column(table, cursor).is_some();
        }
        if cursor.take("modify") {
            let _ = cursor.take("column");
            let Some(name) = cursor.ident() else { return false };
            return self.redefine(table, &name, &name, cursor, file);
        }
        if cursor.take("change") {
            let _ = cursor.take("column");
            let (Some(old), Some(new)) = (cursor.ident(), cursor.ident()) else { return false };
            return self.redefine(table, &old, &new, cursor, file);
        }
        self.alter_whole(table, cursor)
    }

    /// What is about the table and no part of it.
    fn alter_whole(&mut self, table: usize, mut cursor: Cursor<'_>) -> bool {
        if cursor.take("set schema") {
            let Some(schema) = cursor.ident() else { return false };
            self.tables[table].name.schema = Some(schema);
            return true;
        }
        if cursor.take("inherit") {
            return cursor
                .name()
                .and_then(|name| self.find(&name))
                .map(|of| self.inherit(table, of))
                .is_some();
        }
        if cursor.take("no inherit") {
            return cursor
                .name()
                .and_then(|name| self.find(&name))
                .map(|of| self.disinherit(table, of))
                .is_some();
        }
        if cursor.take("disable trigger all") {
            self.switch_triggers(table, false);
            return true;
        }
        if cursor.take("enable trigger all") {
            self.switch_triggers(table, true);
            return true;
        }
        if cursor.take("attach partition") {
            if let Some(partition) = cursor.name().and_then(|name| self.find(&name)) {
                self.attach(partition, table);
            }
            return true;
        }
        if cursor.take("detach partition") {
            if let Some(partition) = cursor.name().and_then(|name| self.find(&name)) {
                self.detach(partition);
            }
            return true;
        }
        false
    }
}
