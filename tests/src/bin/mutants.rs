//! Alters every foreign key of a database in every way and checks a workspace against each mutant:
//!
//!     cargo run -p fkcheck-tests --bin mutants -- WORKSPACE/Cargo.toml DATABASE_URL [database|snapshot|code|migration]
//!
//! The workspace must be annotated and clean, and the database one that may be altered; each mutant is undone.

use std::path::PathBuf;
use std::process::ExitCode;

use fkcheck_tests::mutants::{Against, run};

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let (manifest, url, against) = match &arguments[..] {
        [manifest, url] => (manifest, url, Against::Database),
        [manifest, url, against] if against == "database" => (manifest, url, Against::Database),
        [manifest, url, against] if against == "snapshot" => (manifest, url, Against::Snapshot),
        [manifest, url, against] if against == "code" => (manifest, url, Against::Code),
        [manifest, url, against] if against == "migration" => (manifest, url, Against::Migration),
        _ => {
            eprintln!("usage: mutants WORKSPACE/Cargo.toml DATABASE_URL [database|snapshot|code|migration]");
            return ExitCode::from(2);
        }
    };
    let manifest = PathBuf::from(manifest).canonicalize().expect("a manifest");
    let report = run(&manifest, url, against);
    println!("{report}");
    if report.failures.is_empty() && report.mutants > 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
