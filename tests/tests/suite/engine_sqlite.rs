//! SQLite files and in-memory migrations, read for real.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::path::Path;

use diesel::Connection;
use diesel::connection::SimpleConnection;
use diesel::sqlite::SqliteConnection;
use fkcheck_core::model::{
    Action, Deferrability, Engine, InForce, MatchType, Observation, ObservedKey, SourceKind, TableKind,
    Visibility,
};
use fkcheck_core::sources::{DatabaseUrl, ErrorKind, Limits, SourceError, read_database, run_in_memory};

fn create(path: &Path, sql: &str) -> SqliteConnection {
    let mut connection = SqliteConnection::establish(path.to_str().unwrap()).unwrap();
    connection.batch_execute(sql).unwrap();
    connection
}

fn read(url: &str) -> Result<Observation, SourceError> {
    read_database(&DatabaseUrl::parse(url)?, &Limits::default(), None)
}

fn observe(sql: &str) -> Observation {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("a%20b?#c.db");
    drop(create(&directory.path().join("plain.db"), sql));
    std::fs::rename(directory.path().join("plain.db"), &path).unwrap();
    read(path.to_str().unwrap()).unwrap()
}

fn key<'a>(observation: &'a Observation, table: &str, columns: &[&str]) -> &'a ObservedKey {
    let found: Vec<_> = observation
        .keys
        .iter()
        .filter(|key| key.key.table.name == table && key.key.columns == columns)
        .collect();
    assert_eq!(found.len(), 1, "{table} {columns:?} in {:#?}", observation.keys);
    found[0]
}

const FIXTURE: &str = r#"
    CREATE TABLE parent(id INTEGER PRIMARY KEY, code TEXT UNIQUE, a INT, b INT, UNIQUE(a, b));
    CREATE TABLE pair(x INT, y INT, PRIMARY KEY (y, x)) WITHOUT ROWID;
    CREATE TABLE rules(
        id INTEGER PRIMARY KEY REFERENCES parent ON DELETE CASCADE,
        -- on delete cascade
        silent INT REFERENCES parent,
        c INT CONSTRAINT "A ""name" REFERENCES Parent(ID) ON DELETE CASCADE ON UPDATE SET NULL,
        r INT NOT NULL REFERENCES parent /* ON DELETE CASCADE */ ON DELETE RESTRICT DEFERRABLE INITIALLY DEFERRED,
        n INT REFERENCES parent(id) ON DELETE SET NULL DEFERRABLE,
        d INT DEFAULT 1 REFERENCES parent ON DELETE SET DEFAULT,
        g INT GENERATED ALWAYS AS (silent + 1) REFERENCES parent,
        k INT, l INT DEFAULT NULL,
        FOREIGN KEY (l, k) REFERENCES pair,
        CONSTRAINT both FOREIGN KEY (k, l) REFERENCES parent(a, b) MATCH FULL
    );
    CREATE INDEX by_l_k ON rules(l, k, c);
    CREATE INDEX by_n ON rules(n) WHERE n IS NOT NULL;
    CREATE INDEX by_d ON rules(d) WHERE d > 3;
    CREATE TABLE "Chi.ld 'x'"("F ""k" INT REFERENCES "parent" ON DELETE CASCADE);
    CREATE TABLE orphan(p INT REFERENCES missing ON DELETE CASCADE, q INT REFERENCES missing(id));
    CREATE VIEW v AS SELECT * FROM parent;
    CREATE VIRTUAL TABLE words USING fts5(word);
"#;

#[test]
fn everything_that_sqlite_tells_is_read() {
    let observation = observe(FIXTURE);
    assert_eq!(observation.source, SourceKind::Database);
    assert_eq!(observation.visibility, Visibility::Whole);
    assert_eq!(observation.remarks, [""; 0]);
    assert_eq!(observation.engine.default_schemas, ["main"]);
    assert_eq!(observation.engine.disabled_by, [""; 0]);
    assert!(observation.label.starts_with("SQLite 3."), "{}", observation.label);

    let silent = key(&observation, "rules", &["silent"]);
    assert_eq!((&silent.on_delete, &silent.on_update), (&Action::NoAction, &Action::NoAction));
    assert_eq!(silent.parent_columns, ["id"]);
    assert_eq!((silent.name.as_deref(), silent.covering_index), (None, Some(false)));
    assert_eq!(silent.in_force, InForce::YES);

    let cascade = key(&observation, "rules", &["c"]);
    assert_eq!((&cascade.on_delete, &cascade.on_update), (&Action::Cascade, &Action::SetNull(vec![])));
    assert_eq!(cascade.name.as_deref(), Some("A \"name"));
    assert_eq!((cascade.parent.name.as_str(), cascade.parent_columns[0].as_str()), ("parent", "id"));

    let restrict = key(&observation, "rules", &["r"]);
    assert_eq!(restrict.on_delete, Action::Restrict);
    assert_eq!(restrict.deferrability, Deferrability::Deferred);
    assert!(!restrict.columns[0].nullable);

    let set_null = key(&observation, "rules", &["n"]);
    assert_eq!(set_null.deferrability, Deferrability::Immediate);
    assert_eq!(set_null.covering_index, Some(true), "a partial index without NULLs serves");
    assert!(set_null.columns[0].nullable && !set_null.columns[0].has_default);

    let set_default = key(&observation, "rules", &["d"]);
    assert_eq!(set_default.on_delete, Action::SetDefault(vec![]));
    assert!(set_default.columns[0].has_default);
    assert_eq!(set_default.covering_index, Some(false));

    assert!(key(&observation, "rules", &["g"]).columns[0].generated);
    let row_id = key(&observation, "rules", &["id"]);
    assert_eq!(row_id.covering_index, Some(true));
    assert!(!row_id.columns[0].nullable);

    let implied = key(&observation, "rules", &["l", "k"]);
    assert_eq!(implied.parent_columns, ["y", "x"]);
    assert_eq!((implied.covering_index, implied.columns[0].has_default), (Some(true), false));
    let both = key(&observation, "rules", &["k", "l"]);
    assert_eq!((both.name.as_deref(), both.match_type), (Some("both"), MatchType::Full));
    assert_eq!(
        (both.covering_index, &both.parent_columns[..]),
        (Some(true), &["a".to_owned(), "b".to_owned()][..])
    );

    assert_eq!(key(&observation, "Chi.ld 'x'", &["F \"k"]).on_delete, Action::Cascade);
    assert_eq!(key(&observation, "orphan", &["p"]).parent_columns, [""; 0]);
    assert_eq!(key(&observation, "orphan", &["q"]).parent.name, "missing");

    let kind =
        |name: &str| observation.tables.iter().find(|table| table.name.name == name).map(|table| table.kind);
    assert_eq!(kind("rules"), Some(TableKind::Table));
    assert_eq!(kind("v"), Some(TableKind::View));
    assert_eq!(kind("words"), Some(TableKind::Virtual));
    assert_eq!(kind("sqlite_sequence"), None);
}

/// The outcome of a delete with CASCADE and RESTRICT side by side, in both orders, against the order that is claimed.
#[test]
fn the_key_that_fires_first_decides() {
    for (first, second) in [("CASCADE", "RESTRICT"), ("RESTRICT", "CASCADE"), ("NO ACTION", "CASCADE")] {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("a.db");
        let mut connection = create(
            &path,
            &format!(
                "PRAGMA foreign_keys = ON; CREATE TABLE p(id INTEGER PRIMARY KEY);
                 CREATE TABLE c(a INT REFERENCES p ON DELETE {first}, b INT REFERENCES p ON DELETE {second});
                 INSERT INTO p VALUES (1); INSERT INTO c VALUES (1, 1);"
            ),
        );
        let worked = connection.batch_execute("DELETE FROM p").is_ok();
        let observation = read(path.to_str().unwrap()).unwrap();
        let first = observation.keys.iter().min_by_key(|key| key.firing_order).unwrap();
        assert_eq!(first.on_delete == Action::Cascade, worked, "{first:?}");
    }
}

#[test]
fn a_missing_file_is_not_created() {
    let directory = tempfile::tempdir().unwrap();
    for name in ["app.db", "sub/app.db"] {
        let path = directory.path().join(name);
        for url in [
            path.display().to_string(),
            format!("sqlite://{}", path.display()),
            format!("file:{}", path.display()),
        ] {
            let error = read(&url).unwrap_err();
            assert!(matches!(error, SourceError::MissingFile { .. }), "{error:?}");
            assert_eq!(error.kind(), ErrorKind::Unknown);
            assert!(!path.exists());
        }
    }
    assert_eq!(std::fs::read_dir(directory.path()).unwrap().count(), 0);
}

#[test]
fn what_is_no_database_is_an_error() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("notes.txt");
    std::fs::write(&path, "this is no database, whatever its name says. ".repeat(40)).unwrap();
    for path in [path.as_path(), directory.path()] {
        let error = read(path.to_str().unwrap()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unknown, "{error}");
    }
}

#[test]
fn the_file_stays_as_it_is() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("app.db");
    drop(create(&path, FIXTURE));
    let before = (std::fs::read(&path).unwrap(), path.metadata().unwrap().modified().unwrap());
    read(path.to_str().unwrap()).unwrap();
    assert_eq!((std::fs::read(&path).unwrap(), path.metadata().unwrap().modified().unwrap()), before);
}

#[test]
fn what_is_still_in_the_write_ahead_log_counts() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("app.db");
    let mut writer = create(
        &path,
        "PRAGMA journal_mode = WAL; PRAGMA wal_autocheckpoint = 0; PRAGMA foreign_keys = OFF;
         CREATE TABLE p(id INTEGER PRIMARY KEY); CREATE TABLE c(p INT REFERENCES p ON DELETE RESTRICT);
         PRAGMA wal_checkpoint(TRUNCATE);",
    );
    writer.batch_execute("DROP TABLE c; CREATE TABLE c(p INT REFERENCES p ON DELETE CASCADE);").unwrap();
    let observation = read(path.to_str().unwrap()).unwrap();
    assert_eq!(key(&observation, "c", &["p"]).on_delete, Action::Cascade);
}

#[test]
fn a_locked_database_is_an_error_within_the_deadline() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("app.db");
    let mut writer = create(&path, "CREATE TABLE p(id INTEGER PRIMARY KEY);");
    writer.batch_execute("BEGIN EXCLUSIVE").unwrap();
    let limits = Limits { deadline: std::time::Duration::from_millis(300), ..Limits::default() };
    let started = std::time::Instant::now();
    let error =
        read_database(&DatabaseUrl::parse(path.to_str().unwrap()).unwrap(), &limits, None).unwrap_err();
    assert!(matches!(error, SourceError::DeadlineExceeded { .. }), "{error:?}");
    assert!(started.elapsed() < std::time::Duration::from_secs(10));
}

fn migration(directory: &Path, name: &str, up: &str) {
    std::fs::create_dir_all(directory.join(name)).unwrap();
    std::fs::write(directory.join(name).join("up.sql"), up).unwrap();
}

#[test]
fn migrations_are_run_in_memory_in_their_order() {
    let directory = tempfile::tempdir().unwrap();
    let migrations = directory.path();
    migration(migrations, "2024-01-02-000000_child", "CREATE TABLE c(p INT REFERENCES p ON DELETE CASCADE);");
    migration(
        migrations,
        "00000000000001_parent",
        "CREATE TABLE p(id INTEGER PRIMARY KEY); INSERT INTO p VALUES (1);",
    );
    migration(
        migrations,
        "2024-01-03-000000-0000_more",
        "ALTER TABLE c ADD COLUMN q INT REFERENCES p ON DELETE SET NULL;",
    );
    std::fs::write(migrations.join("README.md"), "not a migration").unwrap();
    let observation =
        run_in_memory(Engine::Sqlite, migrations, &Limits::default(), Some("main_db"), None).unwrap();
    assert_eq!(observation.source, SourceKind::Migrations);
    assert_eq!(observation.database.as_deref(), Some("main_db"));
    assert_eq!(key(&observation, "c", &["p"]).on_delete, Action::Cascade);
    assert_eq!(key(&observation, "c", &["q"]).on_delete, Action::SetNull(vec![]));
    assert!(observation.label.contains("3 migrations"), "{}", observation.label);
}

#[test]
fn a_failing_migration_is_named() {
    let directory = tempfile::tempdir().unwrap();
    migration(directory.path(), "1_good", "CREATE TABLE p(id INTEGER PRIMARY KEY);");
    migration(
        directory.path(),
        "2_bad",
        "CREATE TABLE q(id SERIAL PRIMARY KEY);\nALTER TABLE nobody ADD COLUMN x;",
    );
    let error = run_in_memory(Engine::Sqlite, directory.path(), &Limits::default(), None, None).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unknown);
    let text = error.to_string();
    assert!(text.contains("2_bad") && text.contains("no such table: nobody"), "{text}");
    assert!(error.help().is_some());
}

#[test]
fn migrations_that_would_open_files_are_not_run() {
    let directory = tempfile::tempdir().unwrap();
    let other = directory.path().join("other.db");
    for statement in
        [format!("ATTACH '{}' AS o;", other.display()), format!("VACUUM INTO '{}';", other.display())]
    {
        let migrations = tempfile::tempdir().unwrap();
        migration(migrations.path(), "1_sly", &format!("CREATE TABLE p(id INTEGER);\n/* ; */ {statement}"));
        let error =
            run_in_memory(Engine::Sqlite, migrations.path(), &Limits::default(), None, None).unwrap_err();
        assert!(matches!(error, SourceError::ReachesOutside { line: 2, .. }), "{error:?}");
        assert!(error.to_string().contains("up.sql:2"), "{error}");
        assert!(!other.exists());
    }
}

#[test]
fn a_directory_without_migrations_is_an_error() {
    let directory = tempfile::tempdir().unwrap();
    for path in [directory.path().to_owned(), directory.path().join("gone")] {
        let error = run_in_memory(Engine::Sqlite, &path, &Limits::default(), None, None).unwrap_err();
        assert!(matches!(error, SourceError::MigrationsDirectory { .. }), "{error:?}");
    }
}

#[test]
fn a_migration_that_never_ends_is_left_behind() {
    let directory = tempfile::tempdir().unwrap();
    let migration = directory.path().join("2024-01-01-000000_endless");
    std::fs::create_dir(&migration).unwrap();
    let endless = "CREATE TABLE t AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n;";
    std::fs::write(migration.join("up.sql"), endless).unwrap();
    let limits = Limits { deadline: std::time::Duration::from_millis(300), ..Limits::default() };
    let error = run_in_memory(Engine::Sqlite, directory.path(), &limits, None, None).unwrap_err();
    assert!(error.to_string().contains("did not answer within"), "{error}");
    assert_eq!(error.kind(), ErrorKind::Unknown);
}
