//! Tables that INHERIT the columns of others, and nothing else: neither keys nor indexes.

use super::catalogue::{Catalogue, Column};
use super::table;
use super::tokens::{Cursor, Token, split_by_comma};

impl Catalogue {
    /// Gives a new table what stands behind the elements of its CREATE TABLE: `INHERITS (a, b)`.
    pub(super) fn inherit_in(&mut self, table: usize, mut rest: &[Token]) {
        while let [first, behind @ ..] = rest {
            let mut cursor = Cursor::new(rest);
            if cursor.group().is_some() {
                rest = cursor.rest();
                continue;
            }
            rest = behind;
            if !first.is("inherits") {
                continue;
            }
            for name in Cursor::new(behind).group().map(split_by_comma).unwrap_or_default() {
                match Cursor::new(name).name().and_then(|name| self.find(&name)) {
                    Some(of) => self.inherit(table, of),
                    // Its columns aren't known.
                    None => self.tables[table].is_open = true,
                }
            }
        }
    }

    pub(super) fn inherit(&mut self, table: usize, of: usize) {
        self.tables[table].inherits.push(of);
        let inherited = self.tables[of].columns.iter().filter(|column| !column.dropped).cloned();
        for column in inherited.collect::<Vec<_>>() {
            match self.column(table, &column.name) {
                Some(own) => self.tables[table].columns[own].nullable &= column.nullable,
                None => self.tables[table].columns.push(Column { is_own: false, generated: false, ..column }),
            }
        }
    }

    /// What it inherited from there is its own now.
    pub(super) fn disinherit(&mut self, table: usize, of: usize) {
        self.tables[table].inherits.retain(|other| *other != of);
        let names: Vec<String> = self.tables[of].columns.iter().map(|column| column.name.clone()).collect();
        for name in names {
            if let Some(column) = self.column(table, &name).filter(|_| !self.inherits(table, &name)) {
                self.tables[table].columns[column].is_own = true;
            }
        }
    }

    /// The tables that inherit one, not those that inherit these.
    pub(super) fn heirs_of(&self, table: usize) -> Vec<usize> {
        let is_heir =
            |&heir: &usize| !self.tables[heir].dropped && self.tables[heir].inherits.contains(&table);
        (0..self.tables.len()).filter(is_heir).collect()
    }

    /// Whether a table inherits a column of that name.
    fn inherits(&self, table: usize, name: &str) -> bool {
        self.tables[table].inherits.iter().any(|&of| self.column(of, name).is_some())
    }

    /// Applies to the heirs of a table what an action does to their columns, before it is applied to the table.
    pub(super) fn alter_heirs(&mut self, table: usize, action: &[Token], is_of_one: bool, file: usize) {
        for heir in self.heirs_of(table) {
            let mut cursor = Cursor::new(action);
            let drops = cursor.take("drop");
            let adds = !drops && cursor.take("add");
            let _ = cursor.take("column");
            let _ = cursor.take_any(&["if exists", "if not exists"]);
            if adds {
                if let Some(definition) = table::column(cursor.rest()).filter(|_| !is_of_one)
                    && self.column(heir, &definition.column.name).is_none()
                {
                    let column = Column { is_own: false, ..definition.column };
                    self.tables[heir].columns.push(column);
                    self.alter_heirs(heir, action, is_of_one, file);
                }
                continue;
            }
            let column = cursor.ident().and_then(|name| self.column(heir, &name));
            if drops && let Some(column) = column {
                let (name, of) =
                    (self.tables[heir].columns[column].name.clone(), &self.tables[heir].inherits);
                let is_of_others = of.iter().any(|&of| of != table && self.column(of, &name).is_some());
                if is_of_one && !is_of_others {
                    self.tables[heir].columns[column].is_own = true;
                }
                if is_of_one || is_of_others || self.tables[heir].columns[column].is_own {
                    continue;
                }
            }
            if !is_of_one {
                self.alter_heirs(heir, action, is_of_one, file);
                self.alter(heir, Cursor::new(action), file, &mut Vec::new());
            }
        }
    }
}
