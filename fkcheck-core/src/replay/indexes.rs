//! Indexes by their names: dropped, named anew, attached to that of the whole.

use super::catalogue::Index;
use super::state::Replay;
use super::tokens::{Cursor, split_by_comma};

impl Replay {
    /// `DROP INDEX [CONCURRENTLY] a, b`, `DROP INDEX a ON table`
    pub(super) fn drop_indexes(&mut self, mut cursor: Cursor<'_>) {
        let _ = cursor.take("concurrently");
        let _ = cursor.take("if exists");
        for part in split_by_comma(cursor.rest()) {
            let mut cursor = Cursor::new(part);
            let Some(name) = cursor.name() else { continue };
            let of = cursor.take("on").then(|| cursor.name().and_then(|table| self.catalogue.find(&table)));
            for (table, index) in self.indexes_named(&name) {
                if of.is_none_or(|of| of == Some(table)) && !self.index(table, index).is_constraint {
                    self.catalogue.tables[table].indexes.remove(index);
                }
            }
        }
    }

    /// `ALTER INDEX a RENAME TO b`, `ALTER INDEX a ATTACH PARTITION b`
    pub(super) fn alter_index(&mut self, mut cursor: Cursor<'_>) {
        let _ = cursor.take("if exists");
        let Some((table, at)) = cursor.name().and_then(|name| self.indexes_named(&name).pop()) else {
            return;
        };
        if cursor.take("rename to") {
            if let Some(new) = cursor.ident() {
                self.catalogue.tables[table].indexes[at].name = Some(new);
            }
        } else if cursor.take("attach partition")
            && let Some((part, of_part)) = cursor.name().and_then(|name| self.indexes_named(&name).pop())
        {
            let whole = self.index(table, at).id;
            self.catalogue.tables[part].indexes[of_part].attached_to = Some(whole);
            self.catalogue.fill(table, at);
        }
    }

    fn index(&self, table: usize, at: usize) -> &Index {
        &self.catalogue.tables[table].indexes[at]
    }

    /// Where the indexes of that name are, the last of a table first: those of the schema that is named or comes first on
    /// the search path.
    fn indexes_named(&self, parts: &[String]) -> Vec<(usize, usize)> {
        let Some(name) = parts.last() else { return Vec::new() };
        let same = |other: &str| self.catalogue.dialect.case.same(other, name);
        let mut found = Vec::new();
        for (at, table) in self.catalogue.tables.iter().enumerate().filter(|(_, table)| !table.dropped) {
            let named = table.indexes.iter().enumerate().rev();
            let named = named.filter(|(_, index)| index.name.as_deref().is_some_and(same));
            found.extend(named.map(|(index, _)| (at, index)));
        }
        let in_schema = |schema: &str| -> Vec<(usize, usize)> {
            let is_there = |(table, _): &&(usize, usize)| {
                self.catalogue.tables[*table].name.schema.as_deref() == Some(schema)
            };
            found.iter().filter(is_there).copied().collect()
        };
        if self.catalogue.dialect.default_schema.is_none() {
            return found;
        }
        if let [.., schema, _] = parts {
            return in_schema(schema);
        }
        let schemas = ["pg_temp"].into_iter().chain(self.catalogue.search_path.iter().map(String::as_str));
        schemas.map(in_schema).find(|found| !found.is_empty()).unwrap_or_default()
    }
}
