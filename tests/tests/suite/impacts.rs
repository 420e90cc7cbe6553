//! What is foretold of deletes is what the engines do in the schemas of the examples, filled with rows; the bin `impacts` takes any.

use std::path::Path;

use fkcheck_core::model::Engine;
use fkcheck_tests::{Server, impacts, mariadb, postgres};

fn all_are_foretold(engine: Engine, server: Option<&Server>, migrations: &Path) {
    let report = impacts::run(engine, server, migrations, 0);
    assert!(report.wrong.is_empty() && report.unknown.is_empty() && report.notes.is_empty(), "{report}");
    // Every table has its rows, and both ends are met.
    assert!(report.rows >= 20 * report.tables && report.parents > 1, "{report}");
    assert!(report.refused > 0 && report.refused < report.deletes, "{report}");
}

fn example(name: &str) -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples").join(name).join("migrations")
}

#[test]
fn in_sqlite() {
    all_are_foretold(Engine::Sqlite, None, &example("billing"));
}

#[test]
fn in_postgres() {
    if let Some(server) = postgres() {
        all_are_foretold(Engine::Postgres, Some(&server), &example("multi-crate"));
    }
}

/// Keys that are texts, of which the collation makes an order.
#[test]
fn in_mariadb() {
    let Some(server) = mariadb() else { return };
    let migrations = tempfile::tempdir().expect("a directory");
    let directory = migrations.path().join("2024-02-12-091502-0000_create_users");
    std::fs::create_dir(&directory).expect("made");
    let sql = "
        CREATE TABLE users (id VARCHAR(40) PRIMARY KEY, invited_by VARCHAR(40), kind ENUM ('b', 'a') NOT NULL,
            CONSTRAINT inviter FOREIGN KEY (invited_by) REFERENCES users (id) ON DELETE SET NULL);
        CREATE TABLE notes (id INT PRIMARY KEY AUTO_INCREMENT, user_id VARCHAR(40) NOT NULL,
            CONSTRAINT author FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE);
        CREATE TABLE pins (note_id INT NOT NULL, user_id VARCHAR(40) NOT NULL, PRIMARY KEY (note_id, user_id),
            CONSTRAINT note FOREIGN KEY (note_id) REFERENCES notes (id) ON DELETE CASCADE,
            CONSTRAINT pinner FOREIGN KEY (user_id) REFERENCES users (id));";
    std::fs::write(directory.join("up.sql"), sql).expect("written");
    all_are_foretold(Engine::MariaDb, Some(&server), migrations.path());
}
