//! Replays migrations without a server and compares with a server that runs the same files:
//!
//!     tests/with-servers cargo run -p fkcheck-tests --bin truth -- postgres|mysql MIGRATIONS...
//!
//! The servers are those of `FKCHECK_TEST_POSTGRES_URL` and `FKCHECK_TEST_MARIADB_URL`.

use std::path::Path;
use std::process::ExitCode;

use fkcheck_core::model::Engine;
use fkcheck_tests::{mariadb, postgres, truth};

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let (engine, server, directories) = match &arguments[..] {
        [engine, directories @ ..] if engine == "postgres" => (Engine::Postgres, postgres(), directories),
        [engine, directories @ ..] if engine == "mysql" => (Engine::MariaDb, mariadb(), directories),
        _ => {
            eprintln!("usage: truth postgres|mysql MIGRATIONS...");
            return ExitCode::from(2);
        }
    };
    let Some(server) = server else { return ExitCode::FAILURE };
    let mut all_same = true;
    for directory in directories {
        let comparison = truth::compare(engine, Path::new(directory), &server);
        println!("{directory}: {comparison}");
        all_same &= comparison.differences.is_empty();
    }
    if all_same { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
