//! Random migration scripts, run by a server and replayed:
//!
//!     tests/with-servers cargo run -p fkcheck-tests --bin scripts -- postgres|mariadb [COUNT [SEED]]

use std::process::ExitCode;

use fkcheck_core::model::Engine;
use fkcheck_tests::scripts::{self, Tally};
use fkcheck_tests::{mariadb, postgres};

const CHUNK: u64 = 100;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let number = |at: usize| arguments.get(at).map(|text| text.parse::<u64>().expect("a number"));
    let (engine, server) = match arguments.first().map(String::as_str) {
        Some("postgres") => (Engine::Postgres, postgres()),
        Some("mariadb") => (Engine::MariaDb, mariadb()),
        _ => {
            eprintln!("usage: scripts postgres|mariadb [COUNT [SEED]]");
            return ExitCode::from(2);
        }
    };
    let Some(server) = server else { return ExitCode::FAILURE };
    let (count, first) = (number(1).unwrap_or(10_000), number(2).unwrap_or_default());
    let mut all = Tally::default();
    // What has failed is shown as soon as it is known.
    for seed in first..first + count.div_ceil(CHUNK) {
        let size = CHUNK.min(count - (seed - first) * CHUNK);
        let tally = scripts::run(engine, &server, usize::try_from(size).expect("a count"), seed);
        for failure in &tally.failures {
            println!("{failure}\n");
        }
        all.add(tally);
        println!("{all}");
    }
    if all.failures.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
