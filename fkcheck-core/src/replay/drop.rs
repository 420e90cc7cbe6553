//! DROP, and a name that takes another's place.

use super::state::Replay;
use super::tokens::{Cursor, split_by_comma};

impl Replay {
    pub(super) fn drop_statement(&mut self, mut cursor: Cursor<'_>) {
        let _ = cursor.take("temporary");
        if cursor.take_any(&["tables", "table", "view", "materialized view", "foreign table"]) {
            let _ = cursor.take("if exists");
            for part in split_by_comma(cursor.rest()) {
                if let Some(table) = Cursor::new(part).name().and_then(|name| self.catalogue.find(&name)) {
                    self.catalogue.drop_table(table);
                }
            }
        } else if cursor.take("index") {
            let _ = cursor.take("concurrently");
            let _ = cursor.take("if exists");
            let names: Vec<String> = split_by_comma(cursor.rest())
                .into_iter()
                .filter_map(|part| Cursor::new(part).name()?.last().cloned())
                .collect();
            let case = self.catalogue.dialect.case;
            let is_named = |index: &str| names.iter().any(|name| case.same(name, index));
            for table in &mut self.catalogue.tables {
                table
                    .indexes
                    .retain(|index| index.is_constraint || !index.name.as_deref().is_some_and(is_named));
            }
        } else if cursor.take_any(&["function", "procedure", "routine"]) {
            if let Some(name) = self.routine_name(&mut cursor) {
                self.routines.drop(&name);
            }
        } else if cursor.take("schema") && self.catalogue.dialect.default_schema.is_some() {
            let _ = cursor.take("if exists");
            for part in split_by_comma(cursor.rest()) {
                let Some(schema) = Cursor::new(part).ident() else { continue };
                for table in 0..self.catalogue.tables.len() {
                    let tables = &self.catalogue.tables;
                    if !tables[table].dropped && tables[table].name.schema.as_deref() == Some(&schema) {
                        self.catalogue.drop_table(table);
                    }
                }
            }
        }
    }

    /// `RENAME TABLE a TO b, c TO d`
    pub(super) fn rename_tables(&mut self, cursor: Cursor<'_>) {
        for part in split_by_comma(cursor.rest()) {
            let mut cursor = Cursor::new(part);
            let _ = cursor.take("if exists");
            let Some(table) = cursor.name().and_then(|name| self.catalogue.find(&name)) else { continue };
            if cursor.take("to")
                && let Some(name) = cursor.name()
            {
                let name = self.catalogue.new_name(&name);
                self.catalogue.rename_table(table, &name);
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
