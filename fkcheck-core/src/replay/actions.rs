//! What one action of ALTER TABLE does.

use super::catalogue::{Catalogue, Column, Place};
use super::clause::{Clause, take_deferrability};
use super::made;
use super::table::{self, Constraint};
use super::tokens::{Cursor, Kind, split_by_comma};
use crate::model::{Deferrability, TableName};

impl Catalogue {
    pub(super) fn add(
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

    pub(super) fn drop_part(&mut self, table: usize, mut cursor: Cursor<'_>) -> Option<()> {
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

    pub(super) fn rename_part(&mut self, table: usize, mut cursor: Cursor<'_>) -> Option<()> {
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
        if self.dialect.renames_without_to && matches!(&cursor.peek()?.kind, Kind::Other(sign) if sign == "=")
        {
            cursor.next();
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
    pub(super) fn alter_constraint(
        &mut self,
        table: usize,
        mut cursor: Cursor<'_>,
        file: usize,
    ) -> Option<()> {
        let name = cursor.ident()?;
        let bytes = cursor.peek()?.bytes.start..cursor.rest().last()?.bytes.end;
        let key = self.key_named(table, &name)?;
        // What isn't said is the default.
        if !cursor.peeks_any(&["enforced", "not enforced", "inherit", "no inherit"]) {
            key.deferrability = Deferrability::NotDeferrable;
        }
        key.set_by = Place { file, bytes };
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

    pub(super) fn alter_column(&mut self, table: usize, mut cursor: Cursor<'_>) -> Option<()> {
        let name = cursor.ident()?;
        let Some(number) = self.named_column(table, &name) else { return Some(()) };
        let words = made::words(cursor.rest());
        if cursor.peeks_any(&["type", "set data type"]) {
            self.tables[table].columns[number].type_words = words;
        } else {
            self.tables[table].columns[number].words.extend(words);
        }
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
    pub(super) fn redefine(
        &mut self,
        table: usize,
        old: &str,
        new: &str,
        cursor: Cursor<'_>,
        file: usize,
    ) -> bool {
        let Some(column) = self.column(table, old) else { return false };
        let definition = table::column_options(new, cursor);
        let key = definition.key.clone();
        let is_primary = self.primary_key(table).is_some_and(|columns| columns.contains(&column));
        self.rename_column(table, column, new);
        self.tables[table].columns[column] =
            Column { nullable: definition.column.nullable && !is_primary, ..definition.column };
        key.is_none_or(|key| self.add_key(table, key, file))
    }
}
