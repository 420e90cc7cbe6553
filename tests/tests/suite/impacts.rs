//! What is foretold of deletes is what the engines do in the schemas of the examples, filled with rows; the bin `impacts` takes any.

use std::path::Path;
use std::time::{Duration, Instant};

use fkcheck_core::impact::rows::{Doing, What, foretell};
use fkcheck_core::model::{Engine, TableName};
use fkcheck_core::sources::{DatabaseUrl, Limits, read_database};
use fkcheck_tests::{Server, SqliteFile, impacts, mariadb, postgres};

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

/// A query that the deadline cuts doesn't go on and hold the file.
#[test]
fn a_file_is_free_after_the_deadline() {
    let file = SqliteFile::new("CREATE TABLE t (id INTEGER PRIMARY KEY); INSERT INTO t VALUES (1)");
    let url = DatabaseUrl::parse(&file.url()).expect("a URL");
    let observation = read_database(&url, &Limits::default(), None).expect("it is read").with_plain_names();
    let endless =
        "(WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT max(i) FROM n) > id";
    let table = TableName::bare("t");
    let doing = Doing { table, condition: endless.to_owned(), what: What::Delete, each_row: false };
    let limits = Limits { deadline: Duration::from_secs(1), ..Limits::default() };
    let started = Instant::now();
    assert!(foretell(&url, &limits, &observation, &[doing]).is_err());
    assert!(started.elapsed() < Duration::from_secs(2), "{:?}", started.elapsed());
    let is_free = || file.try_execute("BEGIN EXCLUSIVE; COMMIT").is_ok();
    let waiting = Instant::now();
    while !is_free() {
        assert!(waiting.elapsed() < Duration::from_secs(5), "the file is still held");
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// Rows that are only counted are told no otherwise than those that are read.
#[test]
fn what_a_check_or_an_index_of_some_rows_refuses_is_unknown() {
    let Some(server) = postgres() else { return };
    let database = server.fresh_database();
    database.execute(
        "CREATE TABLE p (id INT PRIMARY KEY); INSERT INTO p VALUES (1), (2), (3);
         CREATE TABLE a (id INT PRIMARY KEY, p INT REFERENCES p ON DELETE SET NULL, q INT, CHECK (num_nulls(p, q) = 1));
         INSERT INTO a VALUES (1, 1, NULL);
         CREATE TABLE b (id INT PRIMARY KEY, p INT DEFAULT 1 REFERENCES p ON DELETE SET DEFAULT);
         CREATE UNIQUE INDEX one ON b (p) WHERE id > 0;
         INSERT INTO b VALUES (1, 1), (2, 2)",
    );
    let url = DatabaseUrl::parse(&database.url()).expect("a URL");
    let observation = read_database(&url, &Limits::default(), None).expect("it is read").with_plain_names();
    let doing = |id: u8| Doing {
        table: TableName::bare("p"),
        condition: format!("id = {id}"),
        what: What::Delete,
        each_row: false,
    };
    let foretold = foretell(&url, &Limits::default(), &observation, &[doing(1), doing(2), doing(3)]);
    let unknown: Vec<Vec<String>> =
        foretold.expect("it is foretold").into_iter().map(|foretold| foretold.unknown).collect();
    assert!(unknown[0].iter().any(|why| why.contains("a_check")), "{unknown:?}");
    assert!(unknown[1].iter().any(|why| why.contains("one")), "{unknown:?}");
    assert!(unknown[2].is_empty(), "{unknown:?}");
}
