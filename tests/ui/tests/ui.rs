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

/// Another compiler words its own part otherwise: each file fails all the same, in the same places, with what fkcheck says.
#[test]
fn every_compiler_refuses_them() {
    if version().starts_with(COMPILER) {
        return; // Compared to the letter above.
    }
    for file in cases("fail") {
        let expected = std::fs::read_to_string(file.with_extension("stderr")).expect("read");
        let said = refused(&file);
        let name = file.file_name().expect("a name").to_string_lossy();
        assert_eq!(errors(&said, &name), errors(&expected, &name), "{name}:\n{said}");
    }
}

/// Each error's line in the file, in order, with its words where they are fkcheck's: without a code, or of a trait of its own.
fn errors(output: &str, file: &str) -> Vec<(usize, String)> {
    let mut errors = Vec::new();
    let mut words = None;
    for line in output.lines() {
        if line.starts_with("error") {
            words = Some(line);
        } else if let Some((_, place)) = line.split_once("--> ")
            && let Some(words) = words.take()
            && let Some((_, place)) = place.rsplit_once(&format!("{file}:"))
        {
            let number = place.split(':').next().and_then(|number| number.parse().ok()).expect("a line");
            let ours = words.starts_with("error: ") || words.starts_with("error[E0277]: ");
            errors.push((number, if ours { words.to_owned() } else { String::new() }));
        }
    }
    assert!(!errors.is_empty(), "no error in {file}:\n{output}");
    errors.sort();
    errors
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
    // The workspace's own versions, so that no registry is asked.
    let lock = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../Cargo.lock");
    std::fs::copy(lock, dir.path().join("Cargo.lock")).expect("copied");
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
