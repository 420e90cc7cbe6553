//! Random schemas in which some rules have drifted, there and back:
//!
//!     tests/with-servers cargo run -p fkcheck-tests --bin rounds -- postgres|mariadb|sqlite [COUNT [FIRST SEED]]
//!
//! Diesel's own command has to be on the path, or in `FKCHECK_TEST_DIESEL`.

use std::collections::BTreeMap;
use std::process::ExitCode;

use fkcheck_tests::mutants::Engine;
use fkcheck_tests::random::{self, Schema};
use fkcheck_tests::{Server, mariadb, postgres};

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let number =
        |at: usize, default: u64| arguments.get(at).map_or(default, |text| text.parse().expect("a number"));
    let (engine, server) = match arguments.first().map(String::as_str) {
        Some("postgres") => (Engine::Postgres, postgres()),
        Some("mariadb") => (Engine::Mysql, mariadb()),
        Some("sqlite") => (Engine::Sqlite, None),
        _ => {
            eprintln!("usage: rounds postgres|mariadb|sqlite [COUNT [FIRST SEED]]");
            return ExitCode::from(2);
        }
    };
    let version = server.as_ref().map_or(0, Server::major_version);
    let (count, first) = (number(1, 500), number(2, 0));
    let (mut failed, mut drifted) = (0, 0);
    let mut refused: BTreeMap<String, usize> = BTreeMap::new();
    for seed in first..first + count {
        match random::round(&Schema::new(engine, version, seed), server.as_ref()) {
            Ok(round) => {
                drifted += round.drifted;
                for line in round.refused {
                    // Without the names.
                    let why = line.split('`').skip(2).step_by(2).collect::<Vec<_>>().join("..");
                    *refused.entry(why).or_default() += 1;
                }
            }
            Err(why) => {
                failed += 1;
                println!("{why}\n");
            }
        }
    }
    for (why, count) in &refused {
        println!("refused {count} times: {why}");
    }
    println!(
        "{} of {count} schemas there and back, {drifted} keys, {} of them refused",
        count - failed,
        refused.values().sum::<usize>()
    );
    if failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
