//! Random migration scripts: a server runs them and the replay reads them, and both must show the same keys, or the replay
//! says that it can't know.
//!
//! A statement that the server refuses is none of the script: so a step needs no more than a rough idea of what is there.

mod hidden;
mod mariadb;
mod postgres;
mod state;

use std::fmt;
use std::path::Path;

use diesel_async::{AsyncConnection, AsyncPgConnection, SimpleAsyncConnection};
use fastrand::Rng;
use fkcheck_core::model::{Engine, Observation, TableName, Visibility};
use fkcheck_core::replay::replay;
use fkcheck_core::sources::{DatabaseUrl, Limits, read_database};
use mysql_async::prelude::Queryable as _;
use proptest::arbitrary::any;
use proptest::collection::vec;
use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

use crate::{Database, Server, truth};
use state::State;

/// So many scripts share a database.
const BATCH: usize = 25;

/// What became of the scripts.
#[derive(Debug, Default)]
pub struct Tally {
    /// Scripts that were run.
    pub scripts: usize,
    /// Statements that the server took.
    pub statements: usize,
    /// Keys that the server shows.
    pub keys: usize,
    /// Scripts of which the replay says that it doesn't know all.
    pub doubted: usize,
    /// Each script that came out otherwise, in its smallest form, and how.
    pub failures: Vec<String>,
}

impl Tally {
    /// With what became of others.
    pub fn add(&mut self, other: Tally) {
        self.scripts += other.scripts;
        self.statements += other.statements;
        self.keys += other.keys;
        self.doubted += other.doubted;
        self.failures.extend(other.failures);
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Tally { scripts, statements, keys, doubted, failures } = self;
        let failed = failures.len();
        write!(
            f,
            "{scripts} scripts, {statements} statements, {keys} keys; {doubted} not known whole, {failed} differ"
        )
    }
}

/// A statement, and what it does to the state where the server takes it.
struct Step {
    sql: String,
    effect: Box<dyn FnOnce(&mut State)>,
}

impl Step {
    fn new(sql: impl Into<String>, effect: impl FnOnce(&mut State) + 'static) -> Self {
        Step { sql: sql.into(), effect: Box::new(effect) }
    }
}

/// A connection of either server.
enum Connection {
    Postgres(Box<AsyncPgConnection>),
    MariaDb(mysql_async::Conn),
}

impl Connection {
    async fn to(engine: Engine, database: &Database) -> Self {
        match engine {
            Engine::Postgres => {
                let connection = AsyncPgConnection::establish(&database.url()).await.expect("it answers");
                Connection::Postgres(Box::new(connection))
            }
            _ => Connection::MariaDb(mysql_async::Conn::from_url(database.url()).await.expect("it answers")),
        }
    }

    /// Begins a script: Diesel runs each in a transaction.
    async fn begin(&mut self) {
        if let Connection::Postgres(connection) = self {
            connection.batch_execute("BEGIN").await.expect("begun");
        }
    }

    async fn end(&mut self) {
        if let Connection::Postgres(connection) = self {
            connection.batch_execute("COMMIT").await.expect("committed");
        }
    }

    /// Whether the server takes it. What it refuses has done nothing.
    async fn takes(&mut self, sql: &str) -> bool {
        match self {
            Connection::Postgres(connection) => {
                connection.batch_execute("SAVEPOINT before_the_step").await.expect("saved");
                let is_taken = connection.batch_execute(sql).await.is_ok();
                if !is_taken {
                    connection.batch_execute("ROLLBACK TO before_the_step").await.expect("taken back");
                }
                is_taken
            }
            Connection::MariaDb(connection) => connection.query_drop(sql).await.is_ok(),
        }
    }
}

/// Runs so many scripts, the same for the same seed.
pub fn run(engine: Engine, server: &Server, count: usize, seed: u64) -> Tally {
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&seed.to_le_bytes());
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &bytes);
    let mut runner = TestRunner::new_with_rng(Config::default(), rng);
    let steps = vec(any::<u64>().no_shrink(), 4..24);
    let mut tally = Tally::default();
    while tally.scripts < count {
        let size = BATCH.min(count - tally.scripts);
        let mut trees: Vec<_> = (0..size).map(|_| steps.new_tree(&mut runner).expect("a tree")).collect();
        let scripts: Vec<Vec<u64>> = trees.iter().map(ValueTree::current).collect();
        for (at, came_to) in batch(engine, server, &scripts).into_iter().enumerate() {
            tally.statements += came_to.script.len();
            tally.keys += came_to.keys;
            tally.doubted += usize::from(came_to.is_doubted);
            if came_to.differences.is_empty() {
                continue;
            }
            // Alone once more: a trigger's name is a number as text, and 99999 sorts behind 100000.
            if let Some(failure) = smallest(engine, server, &mut trees[at]) {
                tally.failures.push(failure);
            }
        }
        tally.scripts += size;
    }
    tally
}

/// What one script came to.
struct CameTo {
    script: Vec<String>,
    keys: usize,
    is_doubted: bool,
    differences: Vec<String>,
}

/// The smallest script that still fails; `None` where it doesn't by itself.
fn smallest(engine: Engine, server: &Server, tree: &mut impl ValueTree<Value = Vec<u64>>) -> Option<String> {
    let alone = |steps: Vec<u64>| batch(engine, server, &[steps]).remove(0);
    let mut failing = Some(alone(tree.current())).filter(|came_to| !came_to.differences.is_empty())?;
    let mut tries = 0;
    while tries < 30 && tree.simplify() {
        loop {
            tries += 1;
            let came_to = alone(tree.current());
            if !came_to.differences.is_empty() {
                failing = came_to;
                break;
            }
            if !tree.complicate() {
                break;
            }
        }
    }
    Some(format!("{};\n{}", failing.script.join(";\n"), failing.differences.join("\n")))
}

/// Runs scripts in one fresh database, and compares each with its replay.
fn batch(engine: Engine, server: &Server, scripts: &[Vec<u64>]) -> Vec<CameTo> {
    let database = server.fresh_database();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let taken: Vec<Vec<String>> = runtime.block_on(async {
        let mut taken = Vec::new();
        for (number, steps) in scripts.iter().enumerate() {
            // One connection each, as `diesel migration run` has one.
            let mut connection = Connection::to(engine, &database).await;
            taken.push(run_script(engine, &mut connection, number, steps).await);
        }
        taken
    });
    let url = DatabaseUrl::parse(&database.url()).expect("a URL");
    let truth = read_database(&url, &Limits::default(), None).expect("it is read").with_plain_names();
    let compared = taken.into_iter().enumerate().map(|(number, script)| {
        let replayed = replayed(engine, &script);
        let truth = of_script(engine, &truth, number);
        CameTo {
            differences: truth::differences(&replayed, &truth),
            keys: truth.keys.len(),
            is_doubted: replayed.visibility != Visibility::Whole,
            script,
        }
    });
    compared.collect()
}

async fn run_script(
    engine: Engine,
    connection: &mut Connection,
    number: usize,
    steps: &[u64],
) -> Vec<String> {
    let mut state = State::new(number);
    connection.begin().await;
    let mut script = match engine {
        Engine::Postgres => postgres::beginning(&state),
        _ => mariadb::beginning(&state),
    };
    for sql in &script {
        assert!(connection.takes(sql).await, "{sql}");
    }
    for &step in steps {
        let mut rng = Rng::with_seed(step);
        let step = match engine {
            Engine::Postgres => postgres::step(&state, &mut rng),
            _ => mariadb::step(&state, &mut rng),
        };
        if connection.takes(&step.sql).await {
            (step.effect)(&mut state);
            script.push(step.sql);
        }
    }
    connection.end().await;
    script
}

fn replayed(engine: Engine, script: &[String]) -> Observation {
    let directory = tempfile::tempdir().expect("a directory");
    write(directory.path(), &script.join(";\n"));
    replay(engine, directory.path(), directory.path()).expect("replayed")
}

fn write(directory: &Path, sql: &str) {
    let migration = directory.join("2026-01-01-000000_script");
    std::fs::create_dir(&migration).expect("made");
    std::fs::write(migration.join("up.sql"), sql).expect("written");
}

/// What a script has made: in PostgreSQL in schemas, in MariaDB in tables whose names begin with its number.
fn of_script(engine: Engine, truth: &Observation, number: usize) -> Observation {
    let prefix = state::prefix(number);
    let is_its = |name: &TableName| match engine {
        Engine::Postgres => name.schema.as_deref().is_some_and(|schema| schema.starts_with(&prefix)),
        _ => name.name.starts_with(&prefix),
    };
    let mut truth = truth.clone();
    truth.keys.retain(|key| is_its(&key.key.table));
    truth.tables.retain(|table| is_its(&table.name));
    truth
}
