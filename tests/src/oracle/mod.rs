//! Random schemas with rows, random deletes and updates: what fkcheck foretells from the database, and what the database then does,
//! row by row.

mod place;
mod schema;

use std::collections::BTreeMap;
use std::fmt;

use fastrand::Rng;
use fkcheck_core::impact::rows::{Doing, Foretold, Refused, What, foretell};
use fkcheck_core::model::{Engine, Observation, TableName};
use fkcheck_core::sources::{DatabaseUrl, Limits, read_database};

use crate::Server;
use place::Place;
use schema::{Schema, Statement};

/// So many statements for each schema.
const STATEMENTS: usize = 50;

/// What became of the statements.
#[derive(Debug, Default)]
pub struct Tally {
    /// Statements that were foretold and run.
    pub statements: usize,
    /// Those that the database refused.
    pub refused: usize,
    /// Those of which more rows than those that they name were changed.
    pub reached_others: usize,
    /// Those of which fkcheck says beforehand that it can't know.
    pub unknown: usize,
    /// Each that was foretold wrong, in its smallest form.
    pub failures: Vec<String>,
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Tally { statements, refused, reached_others, unknown, failures } = self;
        let wrong = failures.len();
        write!(
            f,
            "{statements} statements: {refused} refused, {reached_others} that reached other rows; \
             {unknown} can't be known, {wrong} foretold wrong"
        )
    }
}

impl Tally {
    /// With what became of others.
    pub fn add(&mut self, other: Tally) {
        self.statements += other.statements;
        self.refused += other.refused;
        self.reached_others += other.reached_others;
        self.unknown += other.unknown;
        self.failures.extend(other.failures);
    }
}

/// How fkcheck believes that the engine behaves; a test makes it believe something else.
pub type Belief = fn(&mut Observation);

/// The first statement of so many that is foretold wrong by such a belief, not made smaller.
pub fn first_failure(
    engine: Engine,
    server: Option<&Server>,
    count: usize,
    belief: Belief,
) -> Option<String> {
    let version = server.map_or(0, Server::major_version);
    let schemas = (0..).take(count / STATEMENTS);
    schemas.into_iter().find_map(|seed| {
        let (schema, statements) = made(engine, version, seed);
        let results = trial(&schema, &statements, server, belief, &mut Tally::default());
        results.into_iter().find_map(Result::err)
    })
}

fn made(engine: Engine, version: u32, seed: u64) -> (Schema, Vec<Statement>) {
    let schema = Schema::new(engine, version, seed);
    let mut rng = Rng::with_seed(seed ^ 0x5eed);
    let statements = (0..STATEMENTS).map(|_| schema.statement(&mut rng)).collect();
    (schema, statements)
}

/// Runs so many statements, the same for the same seed.
pub fn run(engine: Engine, server: Option<&Server>, count: usize, seed: u64, belief: Belief) -> Tally {
    let version = server.map_or(0, Server::major_version);
    let mut tally = Tally::default();
    let mut seed = seed;
    while tally.statements < count {
        let (schema, statements) = made(engine, version, seed);
        for (at, result) in trial(&schema, &statements, server, belief, &mut tally).into_iter().enumerate() {
            if result.is_err() {
                let smallest = smallest(schema.clone(), &statements[at], server, belief);
                tally.failures.push(format!("seed {seed}, statement {at}:\n{smallest}"));
                break;
            }
        }
        seed += 1;
    }
    tally
}

/// Foretells and runs each statement, and compares.
fn trial(
    schema: &Schema,
    statements: &[Statement],
    server: Option<&Server>,
    belief: Belief,
    tally: &mut Tally,
) -> Vec<Result<(), String>> {
    let mut place = Place::new(schema, server);
    let url = DatabaseUrl::parse(&place.url()).expect("a URL");
    let limits = Limits::default();
    let observation = read_database(&url, &limits, None).expect("it is read");
    let mut observation = observation.with_plain_names();
    belief(&mut observation);
    let doings: Vec<Doing> = statements.iter().map(|statement| doing(schema, statement)).collect();
    let foretold = foretell(&url, &limits, &observation, &doings);
    let foretold = match foretold {
        Ok(foretold) => foretold,
        Err(error) => return vec![Err(format!("it can't be foretold: {error}"))],
    };
    let before = place.rows(schema);
    let mut results = Vec::new();
    for (statement, foretold) in statements.iter().zip(foretold) {
        tally.statements += 1;
        if !foretold.unknown.is_empty() {
            tally.unknown += 1;
            results.push(Ok(()));
            continue;
        }
        let outcome = place.run(schema, &schema.sql(statement));
        tally.refused += usize::from(outcome.is_err());
        let reaches_others = foretold.changed.len() > foretold.chosen || !foretold.counted.is_empty();
        tally.reached_others += usize::from(reaches_others);
        let compared = match (outcome, &foretold.refused) {
            (Ok(_), Some(refused)) => Err(format!("it was done; foretold: refused by {refused:?}")),
            (Err(why), None) => Err(format!("it was refused: {why}; foretold: {:?}", foretold.changed)),
            (Err(why), Some(refused)) => agree(schema, &why, refused),
            (Ok(after), None) => same(schema, &before, &after, &foretold),
        };
        results.push(compared);
    }
    results
}

fn doing(schema: &Schema, statement: &Statement) -> Doing {
    let table = &schema.tables[statement.table];
    let name =
        if table.in_aux { TableName::qualified("aux", &table.name) } else { TableName::bare(&table.name) };
    let what = statement.set.map_or(What::Delete, |(at, value)| {
        let column = &table.columns[at];
        let text = value.map(|value| match schema.engine {
            Engine::Sqlite if column.is_text => format!("'{value}'"),
            _ => value.to_string(),
        });
        What::Set(vec![(column.name.clone(), text.map(Into::into))])
    });
    Doing { table: name, condition: statement.condition.clone(), what }
}

/// The rows of each table by `rid`.
type Rows = Vec<BTreeMap<String, Vec<Option<String>>>>;

/// Whether the rows are as they were foretold: each that was seen, and as many as were counted.
fn same(schema: &Schema, before: &Rows, after: &Rows, foretold: &Foretold) -> Result<(), String> {
    let mut expected = before.clone();
    for changed in &foretold.changed {
        let at = place(schema, &changed.table);
        let id = changed.before.iter().find(|(name, _)| name == "id").and_then(|(_, value)| value.clone());
        let id = id.map(|id| plain(&id));
        let (rid, row) = before[at].iter().find(|(_, row)| row[1] == id).expect("a row of the table");
        match &changed.after {
            None => {
                expected[at].remove(rid);
            }
            Some(values) => {
                let mut row = row.clone();
                for (name, value) in values {
                    let column = schema.tables[at].columns.iter().position(|column| column.name == *name);
                    row[column.expect("a column")] = value.as_deref().map(plain);
                }
                expected[at].insert(rid.clone(), row);
            }
        }
    }
    for counted in &foretold.counted {
        let at = place(schema, &counted.key.table);
        let others = |rid: &&String| after[at].get(*rid) != before[at].get(*rid);
        let changed: Vec<&String> = before[at].keys().filter(others).collect();
        let gone = changed.iter().filter(|rid| !after[at].contains_key(**rid)).count();
        let real = if counted.are_deleted { gone } else { changed.len() - gone };
        if real as u64 != counted.rows {
            return Err(format!("{real} rows; foretold: {counted:?}"));
        }
        expected[at].clone_from(&after[at]);
    }
    if expected == *after { Ok(()) } else { Err(difference(schema, &expected, after)) }
}

fn place(schema: &Schema, table: &TableName) -> usize {
    let is_it = |known: &schema::Table| known.name == table.name && known.in_aux == table.schema.is_some();
    schema.tables.iter().position(is_it).expect("a table of the schema")
}

/// Without the quotes of a literal.
fn plain(value: &str) -> String {
    value.trim_matches('\'').to_owned()
}

fn difference(schema: &Schema, expected: &Rows, after: &Rows) -> String {
    let mut lines = Vec::new();
    for (at, (expected, after)) in expected.iter().zip(after).enumerate() {
        if expected != after {
            let name = &schema.tables[at].name;
            lines.push(format!("{name}: foretold {expected:?}\n{name}: came to {after:?}"));
        }
    }
    lines.join("\n")
}

/// Whether the database refuses for the reason that was foretold, as far as it says why.
fn agree(schema: &Schema, why: &place::Why, refused: &Refused) -> Result<(), String> {
    let is_key = |name: &String| schema.keys.iter().any(|key| key.name == *name);
    let same = match (why, refused) {
        // A partition's own copy of the key has a name of its own.
        (place::Why::Key(Some(name)), Refused::Key { constraint, .. }) => {
            constraint.as_ref() == Some(name) || !is_key(name)
        }
        (place::Why::NotNull(column), Refused::NotNull(table, foretold)) => {
            column.is_empty() || column == foretold || *column == format!("{table}.{foretold}")
        }
        (place::Why::Key(None), Refused::Key { .. } | Refused::Keys)
        | (place::Why::Unique, Refused::Unique(..))
        | (place::Why::TooDeep, Refused::TooDeep)
        | (place::Why::NoPartition, Refused::NotNull(..)) => true,
        _ => false,
    };
    if same { Ok(()) } else { Err(format!("it was refused: {why}; foretold: {refused:?}")) }
}

/// The smallest schema in which the statement is still foretold wrong.
fn smallest(mut schema: Schema, statement: &Statement, server: Option<&Server>, belief: Belief) -> String {
    let statement = [statement.clone()];
    let fails =
        |schema: &Schema| trial(schema, &statement, server, belief, &mut Tally::default()).remove(0).err();
    let Some(mut why) = fails(&schema) else { return "not by itself".to_owned() };
    let mut is_smaller = true;
    while is_smaller {
        is_smaller = false;
        for at in (0..schema.keys.len()).rev() {
            let mut without = schema.clone();
            without.keys.remove(at);
            if let Some(new) = fails(&without) {
                (schema, why, is_smaller) = (without, new, true);
            }
        }
        for table in 0..schema.tables.len() {
            for row in (0..schema.tables[table].rows.len()).rev() {
                let mut without = schema.clone();
                without.tables[table].rows.remove(row);
                without.repair(&mut Rng::with_seed(0));
                if let Some(new) = fails(&without) {
                    (schema, why, is_smaller) = (without, new, true);
                    break;
                }
            }
        }
    }
    format!("{};\n{};\n{why}", schema.create().join(";\n"), schema.sql(&statement[0]))
}
