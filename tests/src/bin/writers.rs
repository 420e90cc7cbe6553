//! Runs the migrations that `fix` writes under concurrent writers, many times:
//!
//!     tests/with-servers cargo run -p fkcheck-tests --bin writers -- postgres|mariadb [RUNS [ROWS [counted]]]
//!
//! `counted`: with `fix --data`, which makes MySQL's and MariaDB's ALTER an online one.

use std::process::ExitCode;

use fkcheck_tests::mutants::Engine;
use fkcheck_tests::{mariadb, postgres, writers};

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let number =
        |at: usize, default: u64| arguments.get(at).map_or(default, |text| text.parse().expect("a number"));
    let (engine, server, rows) = match arguments.first().map(String::as_str) {
        Some("postgres") => (Engine::Postgres, postgres(), 1_000_000),
        Some("mariadb") => (Engine::Mysql, mariadb(), 200_000),
        _ => {
            eprintln!("usage: writers postgres|mariadb [RUNS [ROWS [counted]]]");
            return ExitCode::from(2);
        }
    };
    let (runs, rows) = (number(1, 20), number(2, rows));
    let database = server.expect("a server").fresh_database();
    let is_counted = arguments.get(3).is_some_and(|argument| argument == "counted");
    let workspace = writers::prepare(engine, &database, rows, is_counted);
    let mut faults = 0;
    for run in 1..=runs {
        let seen = writers::there_and_back(engine, &database, &workspace, rows);
        println!("{run}: {seen}");
        faults += seen.faults.len();
        if seen.longest_lock > writers::LONGEST_LOCK {
            println!("  FAULT: everybody was locked out for more than {:?}", writers::LONGEST_LOCK);
            faults += 1;
        }
    }
    println!("{runs} runs with {rows} rows: {faults} faults");
    if faults == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
