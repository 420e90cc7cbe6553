//! The `up.sql` of a migration, by the first byte that of PostgreSQL or of MySQL.

#![no_main]

use std::sync::LazyLock;

use fkcheck_core::model::Engine;
use fkcheck_core::replay::replay;
use libfuzzer_sys::fuzz_target;

static DIRECTORY: LazyLock<tempfile::TempDir> = LazyLock::new(|| {
    let directory = tempfile::tempdir().expect("a directory");
    std::fs::create_dir(directory.path().join("2026-01-01-000000_one")).expect("created");
    directory
});

fuzz_target!(|text: &str| {
    let root = DIRECTORY.path();
    let engine = if text.starts_with('m') { Engine::MySql } else { Engine::Postgres };
    let sql = text.strip_prefix(['m', 'p']).unwrap_or(text);
    std::fs::write(root.join("2026-01-01-000000_one/up.sql"), sql).expect("written");
    let _observation = replay(engine, root, root);
});
