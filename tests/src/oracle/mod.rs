//! Random schemas with rows, random deletes and updates: what fkcheck foretells from the database, and what the database then does,
//! row by row.

pub(crate) mod compare;
pub(crate) mod place;
mod schema;

use std::fmt;

use fastrand::Rng;
use fkcheck_core::impact::rows::{Doing, Foretold, What, foretell};
use fkcheck_core::model::{Engine, Observation};
use fkcheck_core::sources::{DatabaseUrl, Limits, read_database};

use crate::Server;
use compare::{compare, same_both_ways};
use place::{Place, Why};
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
    /// Those of which rows were counted and not read.
    pub counted: usize,
    /// Those of which fkcheck says beforehand that it can't know.
    pub unknown: usize,
    /// Each that was foretold wrong, in its smallest form.
    pub failures: Vec<String>,
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Tally { statements, refused, reached_others, counted, unknown, failures } = self;
        let wrong = failures.len();
        write!(
            f,
            "{statements} statements: {refused} refused, {reached_others} that reached other rows, {counted} that were counted; \
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
        self.counted += other.counted;
        self.unknown += other.unknown;
        self.failures.extend(other.failures);
    }
}

/// How fkcheck believes that the engine behaves; a test makes it believe something else.
pub type Belief = fn(&mut Observation);

/// What fkcheck says where rows are counted; a test makes it say something else.
pub type Saying = fn(&mut Foretold);

/// What a test makes fkcheck believe and say.
#[derive(Clone, Copy)]
pub struct Lie {
    /// Of the engine.
    pub belief: Belief,
    /// Of the rows.
    pub saying: Saying,
}

impl Lie {
    /// None at all.
    pub const NONE: Lie = Lie { belief: |_| {}, saying: |_| {} };
}

/// The first statement of so many that is foretold wrong by such a lie, not made smaller.
pub fn first_failure(engine: Engine, server: Option<&Server>, count: usize, lie: Lie) -> Option<String> {
    let version = server.map_or(0, Server::major_version);
    let schemas = (0..).take(count / STATEMENTS);
    schemas.into_iter().find_map(|seed| {
        let (schema, statements) = made(engine, version, seed);
        let results = trial(&schema, &statements, server, lie, &mut Tally::default());
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
pub fn run(engine: Engine, server: Option<&Server>, count: usize, seed: u64) -> Tally {
    let version = server.map_or(0, Server::major_version);
    let mut tally = Tally::default();
    let mut seed = seed;
    while tally.statements < count {
        let (schema, statements) = made(engine, version, seed);
        for (at, result) in trial(&schema, &statements, server, Lie::NONE, &mut tally).into_iter().enumerate()
        {
            if result.is_err() {
                let smallest = smallest(schema.clone(), &statements[at], server);
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
    lie: Lie,
    tally: &mut Tally,
) -> Vec<Result<(), String>> {
    let mut place = made_place(schema, server);
    let url = DatabaseUrl::parse(&place.url()).expect("a URL");
    let limits = Limits::default();
    let observation = read_database(&url, &limits, None).expect("it is read");
    let mut observation = observation.with_plain_names();
    (lie.belief)(&mut observation);
    // Each both ways: by rows that are counted where their number is enough, and by rows that are all read.
    let both = |statement| [false, true].map(|each_row| doing(schema, statement, each_row));
    let doings: Vec<Doing> = statements.iter().flat_map(both).collect();
    let foretold = match foretell(&url, &limits, &observation, &doings) {
        Ok(foretold) => foretold,
        Err(error) => return vec![Err(format!("it can't be foretold: {error}"))],
    };
    let tables = schema.compared();
    let before = place.rows(&tables);
    let mut results = Vec::new();
    for (statement, both) in statements.iter().zip(foretold.chunks_exact(2)) {
        let [mut foretold, read] = [both[0].clone(), both[1].clone()];
        (lie.saying)(&mut foretold);
        tally.statements += 1;
        if !foretold.unknown.is_empty() {
            tally.unknown += 1;
            results.push(Ok(()));
            continue;
        }
        let outcome = place.run(&tables, &schema.sql(statement)).map_err(|why| of_whole(schema, why));
        tally.refused += usize::from(outcome.is_err());
        let changed: u64 = foretold.numbers().values().sum();
        let reaches_others = changed > foretold.chosen as u64;
        tally.counted += usize::from(!foretold.counted.is_empty());
        tally.reached_others += usize::from(reaches_others);
        let same = same_both_ways(&foretold, &read)
            .and_then(|()| compare(&tables, &before, outcome.clone(), &foretold))
            .and_then(|()| compare(&tables, &before, outcome, &read));
        results.push(same);
    }
    results
}

/// The database of this schema. Its rows are there before its keys, where the engine makes one after the other.
fn made_place(schema: &Schema, server: Option<&Server>) -> Place {
    let mut place = Place::new(schema.engine, server);
    let (off, on) = match schema.engine {
        Engine::Postgres => ("", ""),
        Engine::Sqlite => ("PRAGMA foreign_keys = OFF; BEGIN", "COMMIT; PRAGMA foreign_keys = ON"),
        _ => ("SET foreign_key_checks = 0", "SET foreign_key_checks = 1"),
    };
    let create = schema.create();
    let all = [off].into_iter().chain(create.iter().map(String::as_str)).chain([on]);
    for sql in all.filter(|sql| !sql.is_empty()) {
        place.execute(sql).unwrap_or_else(|why| panic!("{why}\n{sql}"));
    }
    place
}

fn doing(schema: &Schema, statement: &Statement, each_row: bool) -> Doing {
    let table = &schema.tables[statement.table];
    let what = statement.set.map_or(What::Delete, |(at, value)| {
        let column = &table.columns[at];
        let text = value.map(|value| match schema.engine {
            Engine::Sqlite if column.is_text => format!("'{}'", schema::text(value)),
            _ if column.is_text => schema::text(value),
            _ => value.to_string(),
        });
        What::Set(vec![(column.name.clone(), text.map(Into::into))])
    });
    Doing { table: table.full_name(), condition: statement.condition.clone(), what, each_row }
}

/// A partition's own copy of a key has a name of its own, which is no key's.
fn of_whole(schema: &Schema, why: Why) -> Why {
    match why {
        Why::Key(Some(name)) if schema.keys.iter().all(|key| key.name != name) => Why::Key(None),
        why => why,
    }
}

/// The smallest schema in which the statement is still foretold wrong.
fn smallest(mut schema: Schema, statement: &Statement, server: Option<&Server>) -> String {
    let statement = [statement.clone()];
    let fails =
        |schema: &Schema| trial(schema, &statement, server, Lie::NONE, &mut Tally::default()).remove(0).err();
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
