//! Deletes and updates, foretold and run, on random schemas:
//!
//!     tests/with-servers cargo run -p fkcheck-tests --bin oracle -- postgres|mariadb|sqlite [COUNT [FIRST SEED]]

use std::process::ExitCode;

use fkcheck_core::model::Engine;
use fkcheck_tests::{mariadb, oracle, postgres};

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let number =
        |at: usize, default: u64| arguments.get(at).map_or(default, |text| text.parse().expect("a number"));
    let (engine, server) = match arguments.first().map(String::as_str) {
        Some("postgres") => (Engine::Postgres, postgres()),
        Some("mariadb") => (Engine::MariaDb, mariadb()),
        Some("sqlite") => (Engine::Sqlite, None),
        _ => {
            eprintln!("usage: oracle postgres|mariadb|sqlite [COUNT [FIRST SEED]]");
            return ExitCode::from(2);
        }
    };
    let count = usize::try_from(number(1, 2000)).expect("it fits");
    let tally = oracle::run(engine, server.as_ref(), count, number(2, 0));
    for failure in tally.failures.iter().take(10) {
        println!("{failure}\n");
    }
    println!("{tally}");
    if tally.failures.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
