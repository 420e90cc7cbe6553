//! What `fix` writes, run by Diesel's own command: there and back on random schemas, and under writers that never rest.

use std::cell::Cell;

use fkcheck_tests::mutants::Engine;
use fkcheck_tests::{Server, SqliteFile, diesel_is_skipped, mariadb, postgres, random, writers};
use proptest::test_runner::{Config, RngAlgorithm, TestCaseError, TestError, TestRng, TestRunner};

/// So many schemas an engine; the bin `rounds` takes more.
const SCHEMAS: u32 = 12;

fn there_and_back(engine: Engine, server: Option<&Server>) {
    if diesel_is_skipped() {
        return;
    }
    let config =
        Config { cases: SCHEMAS, max_shrink_iters: 40, failure_persistence: None, ..Config::default() };
    // The same schemas every time.
    let mut runner = TestRunner::new_with_rng(config, TestRng::deterministic_rng(RngAlgorithm::ChaCha));
    let drifted = Cell::new(0);
    let version = server.map_or(0, Server::major_version);
    let run = runner.run(&random::schemas(engine, version), |schema| {
        let round = random::round(&schema, server).map_err(TestCaseError::fail)?;
        drifted.set(drifted.get() + round.drifted);
        Ok(())
    });
    match run {
        Ok(()) => assert!(drifted.get() > 10, "{}", drifted.get()),
        Err(TestError::Fail(why, schema)) => panic!("{why}\nin its smallest form:\n{schema:#?}"),
        Err(error) => panic!("{error}"),
    }
}

#[test]
fn random_schemas_in_sqlite() {
    there_and_back(Engine::Sqlite, None);
}

#[test]
fn random_schemas_in_postgres() {
    if let Some(server) = postgres() {
        there_and_back(Engine::Postgres, Some(&server));
    }
}

#[test]
fn random_schemas_in_mariadb() {
    if let Some(server) = mariadb() {
        there_and_back(Engine::Mysql, Some(&server));
    }
}

fn under_writers(engine: Engine, server: Option<Server>, rows: u64, is_counted: bool) {
    let Some(server) = server else { return };
    if diesel_is_skipped() {
        return;
    }
    let database = server.fresh_database();
    let workspace = writers::prepare(engine, &database, rows, is_counted);
    let seen = writers::there_and_back(engine, &database, &workspace, rows);
    assert!(seen.faults.is_empty(), "{seen}");
}

#[test]
fn writers_in_postgres() {
    under_writers(Engine::Postgres, postgres(), 100_000, false);
}

#[test]
fn writers_in_mariadb() {
    under_writers(Engine::Mysql, mariadb(), 50_000, false);
}

#[test]
fn writers_in_mariadb_beside_an_online_alter() {
    under_writers(Engine::Mysql, mariadb(), 50_000, true);
}

#[test]
fn a_schema_that_does_not_come_back_is_told() {
    // The dump sees what a revert would have to restore: a comment, an index, a row.
    let Some(server) = postgres() else { return };
    let database = server.fresh_database();
    database.execute("CREATE TABLE t (id INT PRIMARY KEY); INSERT INTO t VALUES (1)");
    let dump = || fkcheck_tests::dump::schema_and_rows(Engine::Postgres, &database.url()).unwrap();
    let mut last = dump();
    assert_eq!(last, dump());
    for sql in ["COMMENT ON CONSTRAINT t_pkey ON t IS 'x'", "CREATE INDEX i ON t (id)", "UPDATE t SET id = 2"]
    {
        database.execute(sql);
        let now = dump();
        assert_ne!(last, now, "{sql}");
        last = now;
    }
}

#[test]
fn an_essence_tells_rules_apart_and_not_how_they_are_written() {
    const PARENT: &str = "CREATE TABLE p (id INTEGER PRIMARY KEY)";
    let child = |rest: &str| format!("CREATE TABLE c (id INTEGER PRIMARY KEY, a INTEGER, {rest})");
    let key = "FOREIGN KEY (a) REFERENCES p (id)";
    let cascades = child(&format!("INDEX i (a), CONSTRAINT f {key} ON DELETE CASCADE"));
    let renamed = child(&format!("INDEX i (a), CONSTRAINT f_v2 {key} ON DELETE CASCADE ON UPDATE NO ACTION"));
    let clears = child(&format!("INDEX i (a), CONSTRAINT f {key} ON DELETE SET NULL"));
    let not_indexed = child(&format!("CONSTRAINT f {key} ON DELETE CASCADE"));
    if let Some(server) = mariadb().filter(|_| !diesel_is_skipped()) {
        let essence = |create: &str| {
            let database = server.fresh_database();
            database.execute_each(&[PARENT.to_owned(), create.to_owned()]);
            fkcheck_tests::dump::essence(Engine::Mysql, &database.url()).unwrap()
        };
        assert_eq!(essence(&cascades), essence(&renamed));
        assert_ne!(essence(&cascades), essence(&clears));
        assert_ne!(essence(&cascades), essence(&not_indexed));
    }
    let essence = |create: &str| {
        let file = SqliteFile::new(&format!("{PARENT}; {create}"));
        fkcheck_tests::dump::essence(Engine::Sqlite, &file.url()).unwrap()
    };
    let plain = essence(&child(&format!("CONSTRAINT f {key} ON DELETE CASCADE ON UPDATE CASCADE")));
    assert_eq!(plain, essence(&child(&format!("CONSTRAINT f {key}\n  ON UPDATE CASCADE on delete cascade"))));
    for other in ["ON UPDATE CASCADE", "ON DELETE SET NULL ON UPDATE CASCADE", "ON DELETE CASCADE"] {
        assert_ne!(plain, essence(&child(&format!("CONSTRAINT f {key} {other}"))), "{other}");
    }
}
