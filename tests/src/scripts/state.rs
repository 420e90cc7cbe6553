//! What a script has made so far, as far as its next step has to know.

use fastrand::Rng;

use crate::random::ODD;

/// What is there, roughly: a step that is wrong about it is refused.
#[derive(Debug)]
pub(super) struct State {
    /// What the names of this script's own begin with.
    pub(super) prefix: String,
    /// PostgreSQL's.
    pub(super) schemas: Vec<String>,
    pub(super) tables: Vec<Table>,
    /// PostgreSQL's types over int, with their schemas.
    pub(super) types: Vec<String>,
    /// Savepoints, with what was there.
    pub(super) saved: Vec<(String, Things)>,
    /// Numbers for new names.
    next: usize,
}

/// Schemas, tables and types.
type Things = (Vec<String>, Vec<Table>, Vec<String>);

#[derive(Clone, Debug, Default)]
pub(super) struct Table {
    pub(super) schema: String,
    pub(super) name: String,
    pub(super) columns: Vec<String>,
    /// Constraints and indexes; some are guesses of what the server calls them.
    pub(super) constraints: Vec<String>,
    pub(super) indexes: Vec<String>,
    pub(super) is_partitioned: bool,
}

pub(super) fn prefix(number: usize) -> String {
    format!("s{number}_")
}

impl State {
    pub(super) fn new(number: usize) -> Self {
        let prefix = prefix(number);
        State {
            schemas: vec![format!("{prefix}main")],
            prefix,
            tables: Vec::new(),
            types: Vec::new(),
            saved: Vec::new(),
            next: 0,
        }
    }

    /// A name that nothing has; an odd one now and then, also one that is too long for PostgreSQL.
    pub(super) fn new_name(&self, rng: &mut Rng, letter: &str) -> String {
        let number = self.tables.len() * 7 + rng.usize(..1000) + self.next;
        match rng.u8(..8) {
            0 => format!("{}{letter}{number} {}", self.prefix, rng.choice(ODD).unwrap_or_default()),
            1 => format!("{}{letter}{number}_{}", self.prefix, "longer_".repeat(rng.usize(3..7))),
            2 => format!("{}{letter}{number}_{}", self.prefix, "é".repeat(rng.usize(2..20))),
            _ => format!("{}{letter}{number}", self.prefix),
        }
    }

    pub(super) fn any_table<'a>(&'a self, rng: &mut Rng) -> Option<(usize, &'a Table)> {
        (!self.tables.is_empty()).then(|| rng.usize(..self.tables.len())).map(|at| (at, &self.tables[at]))
    }

    pub(super) fn any_type(&self, rng: &mut Rng) -> Option<&str> {
        (!self.types.is_empty()).then(|| self.types[rng.usize(..self.types.len())].as_str())
    }

    pub(super) fn save(&mut self, name: String) {
        self.saved.push((name, (self.schemas.clone(), self.tables.clone(), self.types.clone())));
    }

    /// Back to the last savepoint of that name.
    pub(super) fn go_back(&mut self, name: &str) {
        let Some(at) = self.saved.iter().rposition(|(other, _)| other == name) else { return };
        self.saved.truncate(at + 1);
        (self.schemas, self.tables, self.types) = self.saved[at].1.clone();
    }

    pub(super) fn any_schema(&self, rng: &mut Rng) -> &str {
        &self.schemas[rng.usize(..self.schemas.len())]
    }
}

impl Table {
    pub(super) fn any_column(&self, rng: &mut Rng) -> String {
        any(&self.columns, rng)
    }

    pub(super) fn any_constraint(&self, rng: &mut Rng) -> String {
        any(&self.constraints, rng)
    }

    pub(super) fn any_index(&self, rng: &mut Rng) -> String {
        any(&self.indexes, rng)
    }
}

fn any(names: &[String], rng: &mut Rng) -> String {
    if names.is_empty() { "none".to_owned() } else { names[rng.usize(..names.len())].clone() }
}
