//! What compiles and what doesn't, with the words that the user then reads.

use std::path::{Path, PathBuf};
use std::process::Command;

/// The compiler whose words `fail/*.stderr` holds.
const COMPILER: &str = "rustc 1.95.";

/// `TRYBUILD=overwrite` renews the files; read them as a user would. One set of cases, so that all are built as one.
#[test]
fn annotations_compile_or_are_told() {
    let cases = trybuild::TestCases::new();
    cases.pass("pass/*.rs");
    if version().starts_with(COMPILER) {
        cases.compile_fail("fail/*.rs");
    }
}

/// Another compiler words its own part otherwise: each file fails all the same, in as many places, with what fkcheck says.
#[test]
fn every_compiler_refuses_them() {
    if version().starts_with(COMPILER) {
        return; // Compared to the letter above.
    }
    for file in cases("fail") {
        let expected = std::fs::read_to_string(file.with_extension("stderr")).expect("read");
        let said = refused(&file);
        for line in expected.lines().filter(|line| line.starts_with("error: ") && !line.contains("aborting"))
        {
            assert!(said.contains(line), "{}: `{line}` is not in\n{said}", file.display());
        }
    }
}

fn version() -> String {
    let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let version = Command::new(rustc).arg("--version").output().expect("rustc runs");
    String::from_utf8_lossy(&version.stdout).into_owned()
}

fn cases(folder: &str) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    let paths = std::fs::read_dir(folder).expect("listed").map(|entry| entry.expect("an entry").path());
    let mut cases: Vec<PathBuf> =
        paths.filter(|path| path.extension().is_some_and(|kind| kind == "rs")).collect();
    cases.sort();
    cases
}

/// What the compiler says of a file, as a library of a crate of its own.
fn refused(file: &Path) -> String {
    let dir = tempfile::tempdir().expect("a directory");
    let macros = Path::new(env!("CARGO_MANIFEST_DIR"))
        .ancestors()
        .nth(2)
        .expect("the repository")
        .join("fkcheck-macros");
    let (macros, file_name) = (macros.to_string_lossy(), file.to_string_lossy());
    let manifest = format!(
        "[package]\nname = \"refused\"\nversion = \"0.0.0\"\nedition = \"2024\"\n[dependencies]\n\
         diesel = {{ version = \"2.3.14\", default-features = false, features = [\"sqlite\"] }}\n\
         fkcheck-macros = {{ path = {macros:?} }}\n[[bin]]\nname = \"refused\"\npath = {file_name:?}\n[workspace]\n"
    );
    std::fs::write(dir.path().join("Cargo.toml"), manifest).expect("written");
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).join("refused");
    let output = Command::new(env!("CARGO"))
        .args(["check", "--quiet", "--color", "never"])
        .current_dir(dir.path())
        .env("CARGO_TARGET_DIR", target)
        .output()
        .expect("cargo runs");
    assert!(!output.status.success(), "{} compiles", file.display());
    String::from_utf8_lossy(&output.stderr).into_owned()
}
