//! Deletes, foretold and run, in real schemas with generated rows:
//!
//!     tests/with-servers cargo run -p fkcheck-tests --bin impacts -- postgres|mariadb|sqlite MIGRATIONS [SEED]
//!
//! The servers are those of `FKCHECK_TEST_POSTGRES_URL` and `FKCHECK_TEST_MARIADB_URL`.

use std::path::Path;
use std::process::ExitCode;

use fkcheck_core::model::Engine;
use fkcheck_tests::{impacts, mariadb, postgres};

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let (engine, migrations, seed) = match arguments[..] {
        [engine, migrations] => (engine, migrations, Some(0)),
        [engine, migrations, seed] => (engine, migrations, seed.parse().ok()),
        _ => ("", "", None),
    };
    let (engine, server) = match engine {
        "postgres" => (Engine::Postgres, postgres()),
        "mariadb" => (Engine::MariaDb, mariadb()),
        _ => (Engine::Sqlite, None),
    };
    let (Some(seed), true) = (seed, engine == Engine::Sqlite || server.is_some()) else {
        eprintln!("usage: impacts postgres|mariadb|sqlite MIGRATIONS [SEED]");
        return ExitCode::from(2);
    };
    let report = impacts::run(engine, server.as_ref(), Path::new(migrations), seed);
    println!("{migrations}\n{report}");
    if report.wrong.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
