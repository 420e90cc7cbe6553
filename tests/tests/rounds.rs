//! What `fix` writes, run by Diesel's own command: there and back on random schemas, and under writers that never rest.

use fkcheck_tests::mutants::Engine;
use fkcheck_tests::{Server, diesel_is_skipped, mariadb, postgres, random, writers};

/// So many schemas an engine; the bin `rounds` takes more.
const SCHEMAS: u64 = 12;

fn there_and_back(engine: Engine, server: Option<&Server>) {
    if diesel_is_skipped() {
        return;
    }
    let mut drifted = 0;
    for seed in 0..SCHEMAS {
        drifted += random::round(engine, server, seed).unwrap_or_else(|why| panic!("{why}")).drifted;
    }
    assert!(drifted > 10, "{drifted}");
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

fn under_writers(engine: Engine, server: Option<Server>, rows: u64) {
    let Some(server) = server else { return };
    if diesel_is_skipped() {
        return;
    }
    let database = server.fresh_database();
    let workspace = writers::prepare(engine, &database, rows);
    let seen = writers::there_and_back(engine, &database, &workspace, rows);
    assert!(seen.faults.is_empty(), "{seen}");
}

#[test]
fn writers_in_postgres() {
    under_writers(Engine::Postgres, postgres(), 100_000);
}

#[test]
fn writers_in_mariadb() {
    under_writers(Engine::Mysql, mariadb(), 50_000);
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
