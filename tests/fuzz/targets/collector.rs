//! A source file.

#![no_main]

use std::path::PathBuf;
use std::sync::LazyLock;

use fkcheck_core::collect::{InputFile, collect};
use libfuzzer_sys::fuzz_target;

static DIRECTORY: LazyLock<tempfile::TempDir> = LazyLock::new(|| tempfile::tempdir().expect("a directory"));

fuzz_target!(|text: &str| {
    // It would read what is named there.
    if text.contains("include") || text.contains("path") {
        return;
    }
    let path: PathBuf = DIRECTORY.path().join("lib.rs");
    std::fs::write(&path, text).expect("written");
    let file = InputFile { path, display: "src/lib.rs".to_owned(), modules: Vec::new(), root: 0, package: 0 };
    let _facts = collect(Vec::new(), &[file]);
});
