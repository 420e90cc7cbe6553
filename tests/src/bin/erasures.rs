//! The inventory of an erasure beside real deletes, in real schemas with generated rows:
//!
//!     tests/with-servers cargo run -p fkcheck-tests --bin erasures -- postgres|mariadb|sqlite MIGRATIONS WORKSPACE ROOT [SEED]

use std::path::Path;
use std::process::ExitCode;

use fkcheck_core::model::Engine;
use fkcheck_tests::{impacts, mariadb, postgres};

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let [engine, migrations, workspace, root, ref seed @ ..] = arguments[..] else {
        eprintln!("usage: erasures postgres|mariadb|sqlite MIGRATIONS WORKSPACE ROOT [SEED]");
        return ExitCode::from(2);
    };
    let seed = seed.first().and_then(|seed| seed.parse().ok()).unwrap_or_default();
    let (engine, server) = match engine {
        "postgres" => (Engine::Postgres, postgres()),
        "mariadb" => (Engine::MariaDb, mariadb()),
        _ => (Engine::Sqlite, None),
    };
    let of = (Path::new(workspace), root);
    let report = impacts::erasure::run(engine, server.as_ref(), Path::new(migrations), of, seed);
    println!("{migrations}\n{report}");
    if report.wrong.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
