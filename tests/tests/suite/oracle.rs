//! What is foretold of deletes and updates is what the engines do, on random schemas; the bin `oracle` runs more.

use fkcheck_core::impact::rows::{Foretold, WrittenColumns};
use fkcheck_core::model::{Engine, Observation, RowsFirst};
use fkcheck_tests::oracle::{self, Lie, Tally};
use fkcheck_tests::{Server, mariadb, postgres};

/// So many an engine.
const STATEMENTS: usize = 2000;

fn all_are_foretold(engine: Engine, server: Option<&Server>) {
    let tally = oracle::run(engine, server, STATEMENTS, 0);
    assert!(tally.failures.is_empty(), "{tally}\n{}", tally.failures.join("\n\n"));
    // Statements that reach nothing, or of which nothing is said, prove little.
    let Tally { refused, reached_others, counted, unknown, .. } = tally;
    assert!(refused > STATEMENTS / 10 && reached_others > STATEMENTS / 10, "{tally}");
    assert!(counted > STATEMENTS / 50, "{tally}");
    assert!(unknown * 100 < STATEMENTS, "{tally}");
}

#[test]
fn in_postgres() {
    if let Some(server) = postgres() {
        all_are_foretold(Engine::Postgres, Some(&server));
    }
}

#[test]
fn in_mariadb() {
    if let Some(server) = mariadb() {
        all_are_foretold(Engine::MariaDb, Some(&server));
    }
}

#[test]
fn in_sqlite() {
    all_are_foretold(Engine::Sqlite, None);
}

/// The other way around: by name where it is by creation, the first where it is the last.
fn in_another_order(observation: &mut Observation) {
    for key in &mut observation.keys {
        key.firing_order = u64::MAX - key.firing_order;
    }
}

fn with_all_rows_first(observation: &mut Observation) {
    observation.engine.rows_first = RowsFirst::All;
}

fn with_each_row(observation: &mut Observation) {
    observation.engine.rows_first = RowsFirst::Each;
}

fn with_short_chains(observation: &mut Observation) {
    observation.engine.most_cascades = Some(0);
}

/// A wrong fact of an engine is found, so a right one is proved.
#[test]
fn wrong_beliefs_are_found() {
    let found = |engine, server: Option<&Server>, belief: oracle::Belief| {
        let tally = oracle::first_failure(engine, server, STATEMENTS, Lie { belief, ..Lie::NONE });
        assert!(tally.is_some(), "{engine:?}");
    };
    for belief in [in_another_order, with_all_rows_first, with_short_chains] {
        found(Engine::Sqlite, None, belief);
    }
    if let Some(server) = postgres() {
        for belief in [in_another_order, with_each_row] {
            found(Engine::Postgres, Some(&server), belief);
        }
    }
    if let Some(server) = mariadb() {
        for belief in [in_another_order, with_each_row, with_short_chains] {
            found(Engine::MariaDb, Some(&server), belief);
        }
    }
}

fn with_a_row_more(foretold: &mut Foretold) {
    for counted in &mut foretold.counted {
        counted.rows += 1;
    }
}

fn with_rows_left_out(foretold: &mut Foretold) {
    foretold.counted.pop();
}

fn with_rows_cleared(foretold: &mut Foretold) {
    for counted in foretold.counted.iter_mut().filter(|counted| counted.written.is_none()) {
        counted.written = Some(WrittenColumns { columns: Vec::new(), are_nulled: true });
    }
}

/// A wrong number of rows that weren't read is found.
#[test]
fn wrong_counts_are_found() {
    for (engine, server) in
        [(Engine::Sqlite, None), (Engine::Postgres, postgres()), (Engine::MariaDb, mariadb())]
    {
        if engine != Engine::Sqlite && server.is_none() {
            continue;
        }
        for saying in [with_a_row_more, with_rows_left_out, with_rows_cleared] {
            let lie = Lie { saying, ..Lie::NONE };
            let found = oracle::first_failure(engine, server.as_ref(), STATEMENTS, lie);
            assert!(found.is_some(), "{engine:?}");
        }
    }
}
