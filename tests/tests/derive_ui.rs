//! What compiles and what doesn't, with the words that the user then reads.

use std::process::Command;

/// The compiler whose words `ui/fail/*.stderr` holds.
const COMPILER: &str = "rustc 1.95.";

#[test]
fn right_annotations_compile() {
    trybuild::TestCases::new().pass("ui/pass/*.rs");
}

/// `TRYBUILD=overwrite` renews the files; read them as a user would.
#[test]
fn wrong_annotations_are_told() {
    let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let version = Command::new(rustc).arg("--version").output().expect("rustc runs");
    let version = String::from_utf8_lossy(&version.stdout);
    if !version.starts_with(COMPILER) {
        eprintln!("skipped: the messages are those of {COMPILER}x, this is {version}");
        return;
    }
    trybuild::TestCases::new().compile_fail("ui/fail/*.rs");
}
