//! Rows for every table: what constraints refuse is tried again with other values.

use std::collections::HashMap;

use fastrand::Rng;
use fkcheck_core::model::{Engine, ObservedKey, TableName};

use super::catalogue::{Column, Table};
use super::values::literal;
use crate::oracle::compare::{Row, quoted, quoted_table};
use crate::oracle::place::Place;

/// Rows that a table shall have.
const ROWS: usize = 25;

/// So many refusals in a row, and the table has what it has.
const TRIES: usize = 400;

/// A key by places.
struct Key {
    child: usize,
    columns: Vec<usize>,
    parent: usize,
    parent_columns: Vec<usize>,
}

impl Key {
    fn is_nullable(&self, tables: &[Table]) -> bool {
        self.columns.iter().any(|&column| tables[self.child].columns[column].nullable)
    }
}

/// The filler with what is there so far.
pub(super) struct Filler<'a> {
    engine: Engine,
    place: &'a mut Place,
    tables: &'a [Table],
    keys: Vec<Key>,
    rows: Vec<Vec<Row>>,
    rng: Rng,
    number: u32,
    /// Tables with a key that can't be NULL and whose parent comes later.
    pub(super) in_circles: Vec<String>,
    /// Why the last row of a table was refused.
    pub(super) refusals: HashMap<usize, String>,
}

impl<'a> Filler<'a> {
    pub(super) fn new(
        engine: Engine,
        place: &'a mut Place,
        tables: &'a [Table],
        keys: &[ObservedKey],
        seed: u64,
    ) -> Self {
        let table = |name: &TableName| tables.iter().position(|table: &Table| table.name == *name);
        let keys = keys.iter().filter(|key| !key.parent_columns.is_empty()).filter_map(|key| {
            let (child, parent) = (table(&key.key.table)?, table(&key.parent)?);
            let places =
                |at: usize, names: &[String]| names.iter().map(|name| tables[at].place(name)).collect();
            Some(Key {
                child,
                columns: places(child, &key.key.columns),
                parent,
                parent_columns: places(parent, &key.parent_columns),
            })
        });
        let mut keys: Vec<Key> = keys.collect();
        // A column that several have: the widest says its value, and the others fit in.
        keys.sort_by_key(|key| std::cmp::Reverse(key.columns.len()));
        Filler {
            engine,
            place,
            tables,
            keys,
            rows: vec![Vec::new(); tables.len()],
            rng: Rng::with_seed(seed),
            number: 0,
            in_circles: Vec::new(),
            refusals: HashMap::new(),
        }
    }

    /// Fills all tables, parents before children; then gives keys that had to wait their values.
    pub(super) fn fill(mut self) -> Self {
        let mut open: Vec<usize> = (0..self.tables.len()).collect();
        let mut late = Vec::new();
        while !open.is_empty() {
            let at = self.next(&open);
            open.retain(|&other| other != at);
            let waits = |key: &Key| key.child == at && (open.contains(&key.parent) || key.parent == at);
            let waiting: Vec<usize> = (0..self.keys.len()).filter(|&key| waits(&self.keys[key])).collect();
            let is_closed = |&key: &usize| !self.keys[key].is_nullable(self.tables);
            let is_in_circle = waiting.iter().any(is_closed);
            if is_in_circle {
                self.in_circles.push(self.tables[at].name.to_string());
                self.check_keys(false);
            }
            self.fill_table(at);
            if is_in_circle {
                self.check_keys(true);
            }
            late.extend(waiting);
        }
        for key in late {
            self.point(key);
        }
        self.drop_orphans();
        self
    }

    /// A table whose parents are all filled; else one that can wait for some of them; else the first.
    fn next(&self, open: &[usize]) -> usize {
        let waits = |at: usize, even_nullable: bool| {
            self.keys.iter().any(|key| {
                key.child == at
                    && key.parent != at
                    && open.contains(&key.parent)
                    && (even_nullable || !key.is_nullable(self.tables))
            })
        };
        let find = |even_nullable| open.iter().copied().find(|&at| !waits(at, even_nullable));
        find(true).or_else(|| find(false)).unwrap_or(open[0])
    }

    fn check_keys(&mut self, on: bool) {
        let sql = match (self.engine, on) {
            (Engine::Postgres, true) => "SET session_replication_role = origin",
            (Engine::Postgres, false) => "SET session_replication_role = replica",
            (Engine::Sqlite, true) => "PRAGMA foreign_keys = ON",
            (Engine::Sqlite, false) => "PRAGMA foreign_keys = OFF",
            (_, true) => "SET foreign_key_checks = 1",
            (_, false) => "SET foreign_key_checks = 0",
        };
        self.place.execute(sql).expect("it is set");
    }

    fn reread(&mut self, at: usize) {
        self.rows[at] = self.place.query(&self.tables[at].compared(self.engine).select);
    }

    fn fill_table(&mut self, at: usize) {
        self.reread(at);
        let mut refused = 0;
        while self.rows[at].len() < ROWS && refused < TRIES {
            let sql = self.insert(at);
            match self.place.execute(&sql) {
                Ok(()) => {
                    refused = 0;
                    self.reread(at);
                }
                Err(why) => {
                    refused += 1;
                    self.refusals.insert(at, format!("{why}"));
                }
            }
        }
    }

    fn insert(&mut self, at: usize) -> String {
        let table = &self.tables[at];
        self.number += 1;
        let nulls = [0, 30, 50, 80, 95, 100][self.rng.usize(..6)];
        let given = self.referring(at, nulls);
        let (mut names, mut values) = (Vec::new(), Vec::new());
        for (place, column) in table.columns.iter().enumerate().filter(|(_, column)| !column.generated) {
            let value = match given.get(&place) {
                Some(value) => value.clone(),
                None if column.has_default && self.rng.u8(..4) != 0 => continue,
                None if column.nullable && self.rng.u8(..100) < nulls => "NULL".to_owned(),
                // A number that is counted stays so.
                None if column.has_default && column.in_primary => continue,
                None => literal(self.engine, table, column, self.number, &mut self.rng),
            };
            names.push(quoted(self.engine, &column.name));
            values.push(value);
        }
        let table = quoted_table(self.engine, &table.name);
        match (names.is_empty(), self.engine) {
            (true, Engine::MariaDb) => format!("INSERT INTO {table} VALUES ()"),
            (true, _) => format!("INSERT INTO {table} DEFAULT VALUES"),
            _ => format!("INSERT INTO {table} ({}) VALUES ({})", names.join(", "), values.join(", ")),
        }
    }

    /// What the columns of keys get: the values of a row of the parent, of the same one again and again.
    fn referring(&mut self, at: usize, nulls: u8) -> HashMap<usize, String> {
        let mut given: HashMap<usize, String> = HashMap::new();
        for key in self.keys.iter().filter(|key| key.child == at) {
            let table = &self.tables[key.child];
            let parents: Vec<Vec<String>> = self.rows[key.parent]
                .iter()
                .filter_map(|row| self.values(key.parent, row, &key.parent_columns))
                .filter(|values| {
                    let mut pairs = key.columns.iter().zip(values);
                    pairs.all(|(column, value)| given.get(column).is_none_or(|known| known == value))
                })
                .collect();
            let is_null = key.is_nullable(self.tables) && self.rng.u8(..100) < nulls;
            let favourite = self.rng.u8(..3) == 0;
            match parents.len() {
                _ if is_null => {}
                0 => {}
                _ if favourite => {
                    given.extend(key.columns.iter().copied().zip(parents[0].clone()));
                    continue;
                }
                count => {
                    let chosen = parents[self.rng.usize(..count)].clone();
                    given.extend(key.columns.iter().copied().zip(chosen));
                    continue;
                }
            }
            for &column in key.columns.iter().filter(|&&column| table.columns[column].nullable) {
                given.entry(column).or_insert_with(|| "NULL".to_owned());
            }
        }
        given
    }

    /// Values of a row as literals; `None` where one is NULL.
    fn values(&self, table: usize, row: &Row, columns: &[usize]) -> Option<Vec<String>> {
        let literal =
            |&at: &usize| Some(as_literal(self.engine, &self.tables[table].columns[at], row[at].as_ref()?));
        columns.iter().map(literal).collect()
    }

    /// Has half of the child's rows refer to a row of the parent, as far as constraints allow.
    fn point(&mut self, key: usize) {
        let Key { child, parent, columns, parent_columns } = &self.keys[key];
        let (child, columns) = (*child, columns.clone());
        let parents: Vec<Vec<String>> =
            self.rows[*parent].iter().filter_map(|row| self.values(*parent, row, parent_columns)).collect();
        let table = &self.tables[child];
        for row in self.rows[child].clone().iter().step_by(2) {
            let Some(condition) = chooses(self.engine, table, row) else { return };
            if parents.is_empty() || columns.iter().any(|&column| row[column].is_some()) {
                continue;
            }
            let chosen = &parents[self.rng.usize(..parents.len())];
            let set = columns.iter().zip(chosen);
            let set = set.map(|(&column, value)| {
                format!("{} = {value}", quoted(self.engine, &table.columns[column].name))
            });
            let set = set.collect::<Vec<_>>().join(", ");
            let name = quoted_table(self.engine, &table.name);
            // Refused by a CHECK or a unique index: it stays as it was.
            let _ = self.place.execute(&format!("UPDATE {name} SET {set} WHERE {condition}"));
        }
        self.reread(child);
    }

    /// Rows that were written while no key was checked, and have no parent.
    fn drop_orphans(&mut self) {
        if self.in_circles.is_empty() {
            return;
        }
        self.check_keys(false);
        loop {
            let before: usize = self.rows.iter().map(Vec::len).sum();
            for key in &self.keys {
                let sql = self.orphans(key);
                self.place.execute(&sql).unwrap_or_else(|why| panic!("{why}\n{sql}"));
            }
            (0..self.tables.len()).for_each(|at| self.reread(at));
            if before == self.rows.iter().map(Vec::len).sum::<usize>() {
                break;
            }
        }
        self.check_keys(true);
    }

    fn orphans(&self, key: &Key) -> String {
        let (child, parent) = (&self.tables[key.child], &self.tables[key.parent]);
        let child_name = quoted_table(self.engine, &child.name);
        let column = |table: &Table, at: usize| quoted(self.engine, &table.columns[at].name);
        let there = key.columns.iter().map(|&at| format!("c.{} IS NOT NULL", column(child, at)));
        let same = key.columns.iter().zip(&key.parent_columns);
        let same = same.map(|(&at, &of)| format!("c.{} = p.{}", column(child, at), column(parent, of)));
        let condition = format!(
            "{} AND NOT EXISTS (SELECT 1 FROM (SELECT * FROM {}) p WHERE {})",
            there.collect::<Vec<_>>().join(" AND "),
            quoted_table(self.engine, &parent.name),
            same.collect::<Vec<_>>().join(" AND ")
        );
        match self.engine {
            Engine::MariaDb => format!("DELETE c FROM {child_name} c WHERE {condition}"),
            _ => format!("DELETE FROM {child_name} AS c WHERE {condition}"),
        }
    }
}

/// A value that was read as a literal.
pub(super) fn as_literal(engine: Engine, column: &Column, value: &str) -> String {
    match engine {
        Engine::Sqlite => value.to_owned(),
        Engine::MariaDb if column.is_bytes() => format!("x'{value}'"),
        Engine::MariaDb => format!("'{}'", value.replace('\\', "\\\\").replace('\'', "''")),
        _ => format!("'{}'", value.replace('\'', "''")),
    }
}

/// The condition that is true of this row alone; `None` where the table has no primary key.
pub(super) fn chooses(engine: Engine, table: &Table, row: &Row) -> Option<String> {
    let primary = table.columns.iter().zip(row).filter(|(column, _)| column.in_primary);
    let parts = primary.map(|(column, value)| {
        let value = as_literal(engine, column, value.as_ref()?);
        Some(format!("{} = {value}", quoted(engine, &column.name)))
    });
    let parts: Option<Vec<String>> = parts.collect();
    parts.filter(|parts| !parts.is_empty()).map(|parts| parts.join(" AND "))
}
