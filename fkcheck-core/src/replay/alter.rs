//! ALTER TABLE, action by action.

use super::catalogue::Catalogue;
use super::clause::{Clause, take_deferrability};
use super::dialect::Dialect;
use super::table::{self, Constraint};
use super::tokens::{Cursor, Kind, Token, split_by_comma};
use crate::model::TableName;

/// Words without which an action has no bearing on keys.
const TELLING: [&str; 7] = ["constraint", "references", "foreign", "rename", "drop", "change", "modify"];

impl Catalogue {
    /// Applies `ALTER TABLE ..`, from the name on; the actions that could not be read come back.
    pub(super) fn alter_table<'t>(&mut self, cursor: &mut Cursor<'t>, file: usize) -> Vec<&'t [Token]> {
        let _ = cursor.take("if exists");
        let _ = cursor.take("only");
        let whole = cursor.rest();
        let Some(table) = cursor.name().and_then(|name| self.find(&name)) else { return vec![whole] };
        if matches!(cursor.peek(), Some(Token { kind: Kind::Other(star), .. }) if star == "*") {
            cursor.next();
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
    fn alter(&mut self, table: usize, mut cursor: Cursor<'_>, file: usize, keys: &mut Vec<Clause>) -> bool {
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
        if cursor.take("set schema") {
            let Some(schema) = cursor.ident() else { return false };
            self.tables[table].name.schema = Some(schema);
            return true;
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

    fn add(
        &mut self,
        table: usize,
        mut cursor: Cursor<'_>,
        file: usize,
        keys: &mut Vec<Clause>,
    ) -> Option<()> {
        if table::is_constraint(&cursor, self.dialect) {
            match table::constraint(&mut cursor, self.dialect)? {
                Constraint::Key(key) => return self.add_key(table, key, file).then_some(()),
                constraint => self.add_constraint(table, constraint),
            }
            return Some(());
        }
        let _ = cursor.take("column");
        let if_not_exists = cursor.take("if not exists");
        let definitions = match cursor.peek()?.kind {
            Kind::Open => split_by_comma(cursor.group()?),
            _ => vec![cursor.rest()],
        };
        for definition in definitions {
            let definition = table::column(definition).filter(|definition| !definition.is_broken)?;
            self.has_inline_keys |= definition.key.is_some();
            if if_not_exists && self.column(table, &definition.column.name).is_some() {
                continue;
            }
            keys.extend(self.add_column(table, definition));
        }
        Some(())
    }

    fn drop_part(&mut self, table: usize, mut cursor: Cursor<'_>) -> Option<()> {
        if cursor.take("constraint") || cursor.take("foreign key") {
            let if_exists = cursor.take("if exists");
            let name = cursor.ident()?;
            let dropped = self.drop_constraint(table, &name);
            // A CHECK or EXCLUDE constraint is none that is known here.
            let _ = (if_exists, dropped);
            return Some(());
        }
        if cursor.take("primary key") {
            self.tables[table].indexes.retain(|index| !index.is_primary);
            return Some(());
        }
        if self.dialect.has_index_elements && cursor.take_any(&["index", "key"]) {
            let name = cursor.ident()?;
            let same = |other: &str| self.dialect.case.same(other, &name);
            self.tables[table].indexes.retain(|index| !index.name.as_deref().is_some_and(same));
            return Some(());
        }
        if self.dialect.has_index_elements && cursor.peeks_any(&["partition", "check"]) {
            return Some(());
        }
        let _ = cursor.take("column");
        let _ = cursor.take("if exists");
        let name = cursor.ident()?;
        self.drop_column(table, &name);
        Some(())
    }

    fn rename_part(&mut self, table: usize, mut cursor: Cursor<'_>) -> Option<()> {
        if cursor.take("constraint") {
            let old = cursor.ident()?;
            cursor.take("to").then_some(())?;
            let new = cursor.ident()?;
            if let Some(key) = self.key_named(table, &old) {
                key.name = new;
            } else if let Some(index) =
                self.tables[table].indexes.iter_mut().find(|index| index.name.as_deref() == Some(&old))
            {
                index.name = Some(new);
            }
            return Some(());
        }
        if self.dialect.has_index_elements && cursor.take_any(&["index", "key"]) {
            let old = cursor.ident()?;
            cursor.take("to").then_some(())?;
            let new = cursor.ident()?;
            let same = |other: &str| self.dialect.case.same(other, &old);
            for index in
                self.tables[table].indexes.iter_mut().filter(|index| index.name.as_deref().is_some_and(same))
            {
                index.name = Some(new.clone());
            }
            return Some(());
        }
        if cursor.take("to")
            || self.dialect.renames_without_to && (cursor.take("as") || cursor.rest().len() == 1)
        {
            let name = cursor.name()?;
            let schema = self.tables[table].name.schema.clone();
            let name = TableName { schema, name: name.last()?.clone() };
            self.rename_table(table, &name);
            return Some(());
        }
        let _ = cursor.take("column");
        let old = cursor.ident()?;
        cursor.take("to").then_some(())?;
        let new = cursor.ident()?;
        // A column that nobody has named has no key.
        if let Some(column) = self.named_column(table, &old) {
            self.rename_column(table, column, &new);
        }
        Some(())
    }

    /// `ALTER CONSTRAINT name DEFERRABLE ..`
    fn alter_constraint(&mut self, table: usize, mut cursor: Cursor<'_>, file: usize) -> Option<()> {
        let name = cursor.ident()?;
        let bytes = cursor.peek()?.bytes.start..cursor.rest().last()?.bytes.end;
        let key = self.key_named(table, &name)?;
        // What isn't said is the default.
        if !cursor.peeks_any(&["enforced", "not enforced", "inherit", "no inherit"]) {
            key.deferrability = crate::model::Deferrability::NotDeferrable;
        }
        key.set_by = super::catalogue::Place { file, bytes };
        while !cursor.is_at_end() {
            if take_deferrability(&mut cursor, &mut key.deferrability) {
                continue;
            }
            if cursor.take("not enforced") {
                (key.enforced, key.validated) = (false, false);
            } else if cursor.take("enforced") {
                (key.enforced, key.validated) = (true, true);
            } else {
                cursor.next();
            }
        }
        Some(())
    }

    fn alter_column(&mut self, table: usize, mut cursor: Cursor<'_>) -> Option<()> {
        let name = cursor.ident()?;
        let Some(number) = self.named_column(table, &name) else { return Some(()) };
        if self.dialect.remakes_keys && cursor.peeks_any(&["type", "set data type"]) {
            self.remake_keys(table, number);
            return Some(());
        }
        let column = &mut self.tables[table].columns[number];
        if cursor.take("set not null") {
            column.nullable = false;
        } else if cursor.take("drop not null") {
            column.nullable = true;
        } else if cursor.take("set default") {
            column.has_default = !cursor.peeks("null");
        } else if cursor.take("drop default") {
            column.has_default = false;
        } else if cursor.take("add generated always") {
            column.generated = true;
        } else if cursor.take("add generated") {
            column.has_default = true;
        } else if cursor.take("drop identity") || cursor.take("drop expression") {
            (column.generated, column.has_default) = (false, false);
        }
        Some(())
    }

    /// MODIFY and CHANGE declare the column anew; its keys stay.
    fn redefine(&mut self, table: usize, old: &str, new: &str, cursor: Cursor<'_>, file: usize) -> bool {
        let Some(column) = self.column(table, old) else { return false };
        let definition = table::column_options(new, cursor);
        let key = definition.key.clone();
        let is_primary = self.primary_key(table).is_some_and(|columns| columns.contains(&column));
        self.rename_column(table, column, new);
        self.tables[table].columns[column] = super::catalogue::Column {
            nullable: definition.column.nullable && !is_primary,
            ..definition.column
        };
        key.is_none_or(|key| self.add_key(table, key, file))
    }
}

/// What MariaDB does not do as it is written: a table that is named anew and changed otherwise at once loses keys, and
/// `DROP CONSTRAINT` does nothing beside a key that is added.
fn is_treacherous(action: &[Token], all: &[&[Token]]) -> bool {
    let cursor = Cursor::new(action);
    let adds_key = || all.iter().any(|other| other.iter().any(|token| token.is("references")));
    cursor.peeks("rename") && !renames_part(action) || cursor.peeks("drop constraint") && adds_key()
}

/// Whether an action is about columns, which parts have as the whole has them.
fn is_of_columns(action: &[Token], dialect: &Dialect) -> bool {
    let mut cursor = Cursor::new(action);
    if cursor.take("rename") {
        return !cursor.peeks_any(&["to", "constraint"]);
    }
    cursor.take_any(&["add", "drop", "alter"]) && !table::is_constraint(&cursor, dialect)
}

/// `RENAME COLUMN`, `RENAME INDEX`; else it is the table that gets another name.
fn renames_part(action: &[Token]) -> bool {
    action.get(1).is_some_and(|what| ["column", "index", "key"].iter().any(|word| what.is(word)))
}

/// The order in which PostgreSQL carries out the actions of one ALTER TABLE, whatever order they stand in: what is dropped,
/// types, columns, unique constraints, keys, and the rest.
fn pass(action: &[Token], dialect: &Dialect) -> u8 {
    let mut cursor = Cursor::new(action);
    if cursor.take("drop") {
        return 0;
    }
    if cursor.take("add") {
        return match (action.iter().any(|token| token.is("foreign")), table::is_constraint(&cursor, dialect))
        {
            (true, _) => KEYS,
            (false, true) => 4,
            (false, false) => 2,
        };
    }
    if cursor.take("alter column") || cursor.take("alter") && !cursor.peeks("constraint") {
        cursor.next();
        return match () {
            () if cursor.take("drop") => 0,
            () if cursor.peeks_any(&["type", "set data type"]) => 1,
            () if cursor.take("set not null") => 3,
            () => KEYS,
        };
    }
    KEYS + 1
}

/// The pass of keys; those in columns' own definitions come first.
const KEYS: u8 = 5;
