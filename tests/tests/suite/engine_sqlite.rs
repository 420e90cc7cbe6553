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
use fkcheck_tests::{SqliteFile, Workspace, fkcheck, unwrapped};

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
    assert!(text.contains("2_bad/up.sql:2: ") && text.contains("no such table: nobody"), "{text}");
    assert!(error.help().is_some());
}

/// Runs one migration, outside of a transaction.
fn run_one(up: &str, limits: &Limits) -> Result<Observation, SourceError> {
    let migrations = tempfile::tempdir().unwrap();
    migration(migrations.path(), "1_it", up);
    std::fs::write(migrations.path().join("1_it/metadata.toml"), "run_in_transaction = false").unwrap();
    run_in_memory(Engine::Sqlite, migrations.path(), limits, None, None)
}

#[test]
fn what_would_leave_the_memory_is_refused() {
    let directory = tempfile::tempdir().unwrap();
    let victim = directory.path().join("victim.db");
    drop(create(&victim, "CREATE TABLE cookies(a); INSERT INTO cookies VALUES (1);"));
    let before = std::fs::read(&victim).unwrap();
    let path = victim.display();
    let new = directory.path().join("new.db");
    let new = new.display();
    for (statement, what) in [
        (format!("\u{b}attach '{path}' AS v; DELETE FROM v.cookies"), "ATTACH"),
        (format!("\u{feff}ATTACH DATABASE \"{path}\" AS v"), "ATTACH"),
        (format!("/* a\n*/ attach'{path}'AS v"), "ATTACH"),
        (format!("ATTACH (SELECT '{path}') AS v"), "ATTACH"),
        (format!("ATTACH 'file:{path}?mode=rwc' AS v"), "ATTACH"),
        (format!("EXPLAIN ATTACH '{path}' AS v"), "ATTACH"),
        ("ATTACH '' AS v".to_owned(), "ATTACH"),
        (format!("VACUUM INTO '{new}'"), "VACUUM INTO"),
        (format!("vacuum \u{b}main into ('{new}' || '')"), "VACUUM INTO"),
        (format!("SELECT load_extension('{new}')"), "load_extension()"),
        ("SELECT fts3_tokenizer('simple')".to_owned(), "fts3_tokenizer()"),
        (format!("PRAGMA temp_store_directory = '{path}'"), "PRAGMA temp_store_directory"),
        (format!("PRAGMA main.data_store_directory('{path}')"), "PRAGMA data_store_directory"),
        (
            "PRAGMA writable_schema = 1; UPDATE sqlite_master SET rootpage = 9".to_owned(),
            "UPDATE sqlite_master",
        ),
        ("PRAGMA writable_schema = 1; DELETE FROM sqlite_schema".to_owned(), "DELETE FROM sqlite_master"),
        (
            "PRAGMA writable_schema = 1; INSERT INTO sqlite_master VALUES ('view', 'v', 'v', 0, '')"
                .to_owned(),
            "INSERT INTO sqlite_master",
        ),
    ] {
        let line = if statement.contains('\n') { 5 } else { 4 };
        let up = format!("CREATE TABLE p(id INTEGER);\n;;\n-- ATTACH\n{statement};\n");
        let error = run_one(&up, &Limits::default()).expect_err(&statement);
        let SourceError::ReachesOutside { line: found, statement: said, .. } = &error else {
            panic!("{statement}: {error:?}")
        };
        assert_eq!((*found, said.as_str()), (line, what), "{statement}");
        assert!(error.to_string().contains(&format!("up.sql:{line}: `{what}`")), "{error}");
    }
    assert_eq!(std::fs::read(&victim).unwrap(), before);
    assert_eq!(std::fs::read_dir(directory.path()).unwrap().count(), 1, "nothing is made beside it");
}

#[test]
fn what_migrations_need_is_run() {
    let up = "
        PRAGMA journal_mode = WAL; PRAGMA cache_size = 100; PRAGMA temp_store = FILE; PRAGMA mmap_size = 1;
        PRAGMA foreign_keys = OFF; PRAGMA page_size = 512; PRAGMA optimize; PRAGMA wal_checkpoint(TRUNCATE);
        BEGIN;
        CREATE TABLE p(id INTEGER PRIMARY KEY AUTOINCREMENT, updated_at TIMESTAMP);
        SAVEPOINT s;
        CREATE TABLE c(id INTEGER PRIMARY KEY, p INT REFERENCES p);
        RELEASE s;
        CREATE TEMP TABLE keys AS SELECT * FROM pragma_foreign_key_list('c');
        DROP TABLE keys;
        ALTER TABLE c ADD COLUMN q INT REFERENCES p ON DELETE SET NULL;
        ALTER TABLE c RENAME COLUMN q TO r;
        ALTER TABLE c RENAME TO d; ALTER TABLE d RENAME TO c;
        CREATE INDEX i ON c(p) WHERE p IS NOT NULL; CREATE VIEW v AS SELECT * FROM c;
        COMMIT;
        CREATE VIRTUAL TABLE words USING fts5(word, tokenize = 'porter unicode61');
        CREATE VIRTUAL TABLE more USING fts4(word); CREATE VIRTUAL TABLE places USING rtree(a, b, c);
        INSERT INTO words VALUES ('x'); DELETE FROM words; DROP TABLE more; DROP TABLE places;
        CREATE TRIGGER t AFTER INSERT ON p BEGIN INSERT INTO words VALUES ('y'); END;
        INSERT INTO p(id) VALUES (1), (2);
        WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 5)
        INSERT INTO c(id, p) SELECT i, 1 FROM n;
        SELECT diesel_manage_updated_at('p');
        PRAGMA writable_schema = ON;
        UPDATE sqlite_master SET sql = replace(sql, 'REFERENCES p,', 'REFERENCES p ON DELETE CASCADE,') WHERE name = 'c';
        PRAGMA writable_schema = RESET;
        REINDEX; ANALYZE; VACUUM; /* again */ vacuum main;
        DROP VIEW v;
        PRAGMA foreign_keys = ON;";
    let limits = Limits { definitions: true, ..Limits::default() };
    let observation = run_one(up, &limits).unwrap();
    assert_eq!(key(&observation, "c", &["p"]).on_delete, Action::Cascade);
    assert_eq!(key(&observation, "c", &["r"]).on_delete, Action::SetNull(vec![]));
    let definitions = observation.definitions.unwrap();
    let of_p = definitions.tables.iter().find(|(table, _)| table.name == "p").unwrap().1;
    let names: Vec<&str> = of_p.others.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["t", "__diesel_manage_updated_at_p"]);
}

/// As Diesel does it: the same tables, indexes and triggers, to the byte.
#[test]
fn migrations_make_what_diesel_makes() {
    let up = "CREATE TABLE p(id INTEGER PRIMARY KEY, updated_at TIMESTAMP);\n-- stamped\nSELECT diesel_manage_updated_at('p');";
    let migrations = tempfile::tempdir().unwrap();
    migration(migrations.path(), "1_it", up);
    let limits = Limits { definitions: true, ..Limits::default() };
    let ours = run_in_memory(Engine::Sqlite, migrations.path(), &limits, None, None).unwrap();
    let file = tempfile::tempdir().unwrap();
    drop(create(&file.path().join("a.db"), up));
    let theirs = read_database(
        &DatabaseUrl::parse(file.path().join("a.db").to_str().unwrap()).unwrap(),
        &limits,
        None,
    )
    .unwrap();
    let of_p = |observation: Observation| {
        let definitions = observation.definitions.unwrap();
        definitions.tables.into_iter().find(|(table, _)| table.name == "p").unwrap().1
    };
    let (ours, theirs) = (of_p(ours), of_p(theirs));
    assert_eq!((ours.create, ours.others), (theirs.create, theirs.others));
}

#[test]
fn what_has_no_bounds_ends_with_its_line() {
    let nested = |depth: usize, open: &str, inner: &str, close: &str| {
        format!("SELECT {}{inner}{}", open.repeat(depth), close.repeat(depth))
    };
    for (statement, reason) in [
        ("SELECT zeroblob(2e9)".to_owned(), "too big"),
        ("CREATE TABLE b AS SELECT randomblob(1000000000) AS a".to_owned(), "too big"),
        ("SELECT printf('%.*c', 1000000000, 'x')".to_owned(), "too big"),
        (nested(100_000, "(", "1", ")"), ""),
        (nested(100_000, "* FROM (SELECT ", "1", ")"), ""),
        (nested(5_000, "* FROM (SELECT ", "1", ")"), ""),
        (nested(2_400, "(SELECT ", "1", ")"), ""),
        (nested(900, "abs(", "1", ")").replace("SELECT", "SELECT nobody, "), ""),
        (nested(100_000, "1 + ", "1", ""), ""),
        (nested(100_000, "CASE WHEN 1 THEN ", "1", " END"), ""),
        (nested(100_000, "- ", "1", ""), ""),
        (nested(100_000, "1 UNION ALL SELECT ", "1", ""), ""),
        ("CREATE TRIGGER t AFTER INSERT ON p BEGIN INSERT INTO p VALUES (new.id + 1); END; PRAGMA recursive_triggers = 1; INSERT INTO p VALUES (1)".to_owned(), "too many levels"),
    ] {
        let up = format!("CREATE TABLE p(id INTEGER);\n\n{statement};\n");
        let error = run_one(&up, &Limits::default()).expect_err(&statement[..statement.len().min(60)]);
        let SourceError::Statement { line, reason: said, .. } = &error else { panic!("{error:?}") };
        assert_eq!(*line, 3, "{error}");
        assert!(said.contains(reason), "{error}");
    }
}

#[test]
fn a_row_for_each_step_ends_at_the_bound_of_the_tables() {
    let up = "CREATE TABLE p AS\n WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n)\n SELECT zeroblob(1000000) AS a FROM n;";
    let error = run_one(up, &Limits::default()).unwrap_err();
    assert!(error.to_string().contains("up.sql:1: ") && error.to_string().contains("full"), "{error}");
}

/// SQLite counts its memory for the whole process, so it is the command that sets the bound.
#[test]
fn a_migration_that_takes_all_memory_is_stopped() {
    let up = "CREATE TABLE p(id INTEGER PRIMARY KEY);\n\nSELECT count(*) FROM
        (WITH RECURSIVE n(i, b) AS (SELECT 1, zeroblob(1000000) UNION SELECT i + 1, b FROM n) SELECT * FROM n);";
    let workspace = Workspace::new().file("migrations/1_it/up.sql", up).file(
        "src/lib.rs",
        "diesel::table! { p (id) { id -> Integer, } }
diesel::table! { c (id) { id -> Integer, p -> Integer, } }
#[derive(fkcheck_macros::ForeignKeys)]
#[diesel(table_name = c)]
pub struct C {
    pub id: i32,
    #[fk(references = p(id), on_delete = cascade)]
    pub p: i32,
}",
    );
    let run = fkcheck(workspace.dir(), &["--against", "migrations"], &[]).expect(3);
    let said = unwrapped(&run.stdout);
    assert!(said.contains("up.sql:3: the migration fails in SQLite: out of memory"), "{said}");
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
fn a_migration_that_never_ends_is_stopped() {
    let directory = tempfile::tempdir().unwrap();
    let migration = directory.path().join("2024-01-01-000000_endless");
    std::fs::create_dir(&migration).unwrap();
    let endless = "CREATE TABLE t AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n;";
    std::fs::write(migration.join("up.sql"), endless).unwrap();
    let limits = Limits { deadline: std::time::Duration::from_millis(300), ..Limits::default() };
    let error = run_in_memory(Engine::Sqlite, directory.path(), &limits, None, None).unwrap_err();
    let text = error.to_string();
    assert!(text.contains("up.sql:1 did not answer within 0.3 s"), "{error}");
    assert_eq!(error.kind(), ErrorKind::Unknown);
}

/// A child whose key refers to a column of `dept`, which code, index and delete agree on or not.
fn of_dept(references: &str) -> Workspace {
    Workspace::new().file(
        "src/lib.rs",
        &format!(
            "diesel::table! {{ dept (rid) {{ rid -> Integer, code -> Text, part -> Text, }} }}
diesel::table! {{ c (id) {{ id -> Integer, code -> Text, }} }}
#[derive(fkcheck_macros::ForeignKeys)]
#[diesel(table_name = c)]
pub struct C {{
    pub id: i32,
    #[fk(references = {references}, on_delete = cascade)]
    pub code: String,
}}"
        ),
    )
}

#[test]
fn a_parent_column_that_is_no_key_lets_every_delete_fail() {
    for (dept, index) in [
        ("rid INTEGER PRIMARY KEY, code TEXT NOT NULL, part TEXT", ""),
        ("rid INTEGER PRIMARY KEY, code TEXT NOT NULL, part TEXT", "CREATE INDEX d ON dept (code)"),
        (
            "rid INTEGER PRIMARY KEY, code TEXT NOT NULL, part TEXT",
            "CREATE UNIQUE INDEX d ON dept (code) WHERE rid > 0",
        ),
        (
            "rid INTEGER PRIMARY KEY, code TEXT NOT NULL, part TEXT",
            "CREATE UNIQUE INDEX d ON dept (lower(code))",
        ),
        ("rid INTEGER PRIMARY KEY, code TEXT NOT NULL, part TEXT, UNIQUE (code, part)", ""),
        ("rid INTEGER, code TEXT NOT NULL, part TEXT, PRIMARY KEY (code, part)", ""),
        ("rid INTEGER PRIMARY KEY, code TEXT NOT NULL UNIQUE, part TEXT", ""),
        (
            "rid INTEGER PRIMARY KEY, Code TEXT NOT NULL, part TEXT",
            "CREATE UNIQUE INDEX d ON dept (CODE DESC)",
        ),
        ("rid INTEGER, code TEXT NOT NULL PRIMARY KEY, part TEXT", ""),
        ("rid INTEGER, code TEXT NOT NULL PRIMARY KEY, part TEXT) WITHOUT ROWID; CREATE TABLE o (a INT", ""),
    ] {
        let file = SqliteFile::new(&format!(
            "CREATE TABLE dept ({dept}); {index};
             CREATE TABLE c (id INTEGER PRIMARY KEY, code TEXT NOT NULL REFERENCES dept (code) ON DELETE CASCADE);
             CREATE INDEX c_code ON c (code);"
        ));
        let mut connection = SqliteConnection::establish(file.path().to_str().unwrap()).unwrap();
        let deleted = connection.batch_execute("PRAGMA foreign_keys = ON; DELETE FROM dept");
        let works = deleted.as_ref().map_err(ToString::to_string);
        let workspace = of_dept("dept(code)");
        let url = file.url();
        let run = fkcheck(workspace.dir(), &["--database-url", &url], &[]);
        let Err(why) = works else {
            run.expect(0);
            continue;
        };
        assert!(why.contains("foreign key mismatch"), "{why}");
        let said = unwrapped(&run.expect(1).stdout);
        assert!(said.contains("error[fk_not_enforced]: `c.code` → `dept` can't be enforced"), "{said}");
        assert!(said.contains("every delete of a row of `dept` fails"), "{said}");
        // The snapshot knows it as well, and no migration is written that would fail.
        fkcheck(workspace.dir(), &["snapshot", "--database-url", &url], &[]).expect(0);
        let run = fkcheck(workspace.dir(), &["--against", "snapshot"], &[]).expect(1);
        assert!(unwrapped(&run.stdout).contains("every delete of a row of `dept` fails"), "{run:?}");
        let source = std::fs::read_to_string(workspace.dir().join("src/lib.rs")).unwrap();
        let restricts = Workspace::new().file("src/lib.rs", &source.replace("cascade", "restrict"));
        let restricts = restricts.file("migrations/.keep", "");
        let run = fkcheck(restricts.dir(), &["fix", "--allow-dirty", "--database-url", &url], &[]).expect(1);
        assert!(unwrapped(&run.stdout).contains("make a unique index first"), "{run:?}");
    }
}

#[test]
fn a_parent_table_that_is_gone_is_said_to_be() {
    let file = SqliteFile::new(
        "CREATE TABLE dept (rid INTEGER PRIMARY KEY, code TEXT NOT NULL UNIQUE, part TEXT);
         CREATE TABLE pair (a INT, b INT, PRIMARY KEY (a, b));
         CREATE TABLE c (id INTEGER PRIMARY KEY, code TEXT NOT NULL REFERENCES dept_old ON DELETE CASCADE);
         CREATE INDEX c_code ON c (code);",
    );
    let check = |references: &str| {
        unwrapped(&fkcheck(of_dept(references).dir(), &["--database-url", &file.url()], &[]).expect(1).stdout)
    };
    let said = check("dept(code)");
    assert!(
        said.contains(
            "the same column references `dept_old` in the database, a table that isn't there (any more)"
        ),
        "{said}"
    );
    assert!(said.contains("writing to `c` fails while foreign keys are on"), "{said}");
    assert!(!said.contains("references = dept_old"), "nobody should write that: {said}");
    let said = check("\"dept_old(code)\"");
    assert!(
        said.contains("references nothing in the database: the table `dept_old` isn't there (any more)"),
        "{said}"
    );
    file.execute("PRAGMA foreign_keys = OFF; DROP TABLE c; CREATE TABLE c (id INTEGER PRIMARY KEY, code TEXT NOT NULL REFERENCES pair);");
    let said = check("dept(code)");
    assert!(said.contains("references `pair` in the database, a table that has no such key"), "{said}");
}
