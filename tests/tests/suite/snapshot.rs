//! `fkcheck.lock`: written beside a database, and checked against without one.

use fkcheck_tests::{Run, SqliteFile, Workspace, fkcheck, mariadb, postgres, unwrapped};

const SCHEMA: &str = "
diesel::table! { users (id) { id -> Integer, } }
diesel::table! { posts (id) { id -> Integer, author_id -> Integer, editor_id -> Nullable<Integer>, } }
";

const MODELS: &str = "
use crate::schema::*;
#[derive(fkcheck_macros::ForeignKeys)]
#[diesel(table_name = posts)]
pub struct Post {
    pub id: i32,
    #[fk(references = users(id), on_delete = restrict)]
    pub author_id: i32,
    #[fk(references = users(id), on_delete = set_null)]
    pub editor_id: Option<i32>,
}
";

fn database(author: &str, editor: &str) -> SqliteFile {
    SqliteFile::new(&format!(
        "CREATE TABLE users (id INTEGER PRIMARY KEY NOT NULL);
         CREATE TABLE posts (id INTEGER PRIMARY KEY NOT NULL,
             author_id INTEGER NOT NULL REFERENCES users (id) ON DELETE {author},
             editor_id INTEGER REFERENCES users (id) ON DELETE {editor});
         CREATE INDEX a ON posts (author_id); CREATE INDEX e ON posts (editor_id);"
    ))
}

fn workspace() -> Workspace {
    Workspace::new().file("src/schema.rs", SCHEMA).file("src/models.rs", MODELS)
}

fn run(workspace: &Workspace, arguments: &[&str]) -> Run {
    fkcheck(workspace.dir(), arguments, &[])
}

fn lock(workspace: &Workspace) -> String {
    std::fs::read_to_string(workspace.dir().join("fkcheck.lock")).expect("it is there")
}

#[test]
fn a_check_needs_no_database_once_there_is_a_snapshot() {
    let (workspace, database) = (workspace(), database("RESTRICT", "SET NULL"));
    let _ = run(&workspace, &[]).expect(3);
    let _ = fkcheck(workspace.dir(), &["snapshot", "--database-url", &database.url()], &[]).expect(0);
    let checked = run(&workspace, &["--message-format", "json"]).expect(0);
    let last = checked.json().pop().expect("a last line");
    assert_eq!(last["keys"]["paired"], 2, "{last}");

    // Drifted and taken again: the snapshot says what the database says.
    let drifted = self::database("CASCADE", "SET NULL");
    let stale = run(&workspace, &["snapshot", "--check", "--database-url", &drifted.url()]).expect(1);
    assert!(
        stale.stdout.contains("-key posts(author_id)") && stale.stdout.contains("+key posts(author_id)"),
        "{stale:?}"
    );
    let _ = run(&workspace, &["snapshot", "--database-url", &drifted.url()]).expect(0);
    let _ = run(&workspace, &["snapshot", "--check", "--database-url", &drifted.url()]).expect(0);
    let checked = run(&workspace, &["--message-format", "json"]).expect(1);
    assert_eq!(checked.rules(), ["fk_on_delete_mismatch"]);
    assert_eq!(checked.findings()[0]["source"], "snapshot");
}

#[test]
fn an_edited_file_is_no_source() {
    let (workspace, database) = (workspace(), database("CASCADE", "SET NULL"));
    let _ = run(&workspace, &["snapshot", "--database-url", &database.url()]).expect(0);
    workspace.write("fkcheck.lock", &lock(&workspace).replace("on_delete=cascade", "on_delete=restrict"));
    let edited = run(&workspace, &[]).expect(3);
    assert!(edited.stdout.contains("edited by hand"), "{edited:?}");
}

#[test]
fn nothing_is_written_of_what_was_not_seen() {
    let workspace = workspace();
    let missing = workspace.dir().join("none.db").display().to_string();
    let _ = run(&workspace, &["snapshot", "--database-url", &missing]).expect(3);
    let empty = SqliteFile::new("SELECT 1;");
    let _ = run(&workspace, &["snapshot", "--database-url", &empty.url()]).expect(3);
    assert!(!workspace.dir().join("fkcheck.lock").exists());
    let asked = run(&workspace, &["--against", "snapshot"]).expect(3);
    assert!(asked.stdout.contains("there is no fkcheck.lock"), "{asked:?}");
}

#[test]
fn every_engine_survives_the_round_trip() {
    let workspace = workspace();
    let sql = "CREATE TABLE users (id INTEGER PRIMARY KEY);
         CREATE TABLE posts (id INTEGER PRIMARY KEY, author_id INTEGER NOT NULL, editor_id INTEGER,
             CONSTRAINT posts_author FOREIGN KEY (author_id) REFERENCES users (id) ON DELETE CASCADE,
             CONSTRAINT posts_editor FOREIGN KEY (editor_id) REFERENCES users (id) ON DELETE SET NULL)";
    for server in [fkcheck_tests::postgres(), fkcheck_tests::mariadb()].into_iter().flatten() {
        let database = server.fresh_database();
        database.execute(sql);
        let url = database.url();
        let live = run(&workspace, &["--message-format", "json", "--database-url", &url]).expect(1);
        let _ = run(&workspace, &["snapshot", "--database-url", &url]).expect(0);
        let snapshot = run(&workspace, &["--message-format", "json"]).expect(1);
        let facts = |run: &Run| -> Vec<serde_json::Value> {
            run.findings()
                .into_iter()
                .map(|mut finding| {
                    for volatile in ["database", "source"] {
                        finding[volatile] = serde_json::Value::Null;
                    }
                    finding
                })
                .collect()
        };
        assert_eq!(facts(&live), facts(&snapshot));
        assert!(!facts(&live).is_empty());
    }
}

/// A workspace for that feature of Diesel, with migrations.
fn migrated(feature: &str, migrations: &[&str]) -> Workspace {
    let workspace = workspace();
    let manifest = std::fs::read_to_string(workspace.manifest_path()).expect("it is there");
    workspace.write("Cargo.toml", &manifest.replace("\"sqlite\"", &format!("{feature:?}")));
    for (number, sql) in migrations.iter().enumerate() {
        workspace.write(&format!("migrations/2026-01-0{}-000000_step/up.sql", number + 1), sql);
    }
    workspace
}

const TABLES: &str = "CREATE TABLE users (id integer PRIMARY KEY);
CREATE TABLE posts (id integer PRIMARY KEY,
    author_id integer NOT NULL REFERENCES users (id) ON DELETE RESTRICT,
    editor_id integer REFERENCES users (id) ON DELETE SET NULL);
CREATE INDEX a ON posts (author_id); CREATE INDEX e ON posts (editor_id);";

/// A snapshot knows no more than what it was taken from.
#[test]
fn what_migrations_leave_open_is_open_in_the_snapshot_too() {
    const TIDY: &str = "CREATE FUNCTION tidy() RETURNS void AS $$ BEGIN
    ALTER TABLE posts DROP CONSTRAINT posts_author_id_fkey;
END $$ LANGUAGE plpgsql;
SELECT tidy();";
    const ANY: &str =
        "DO $$ BEGIN IF now() > '2026-01-01' THEN EXECUTE 'DROP TABLE ' || 'x'; END IF; END $$;";
    for (doubtful, tables) in [(TIDY, "(posts)"), (ANY, "*")] {
        let workspace = migrated("postgres_backend", &[TABLES, doubtful]);
        let replayed = run(&workspace, &["--against", "migrations"]).expect(3);
        let taken = run(&workspace, &["snapshot", "--against", "migrations"]).expect(0);
        assert!(taken.stderr.contains("was not replayed; it may change keys of"), "{taken:?}");
        let lock = lock(&workspace);
        assert!(
            lock.contains("\nformat 2\n")
                && lock.contains(&format!("\ndoubt {tables} why=\"migrations/2026-01-02")),
            "{lock}"
        );
        let checked = run(&workspace, &[]).expect(3);
        for run in [&replayed, &checked] {
            assert!(run.stdout.contains("2 declared keys can't be known"), "{run:?}");
            assert!(run.stdout.contains("02-000000_step/up.sql"), "{run:?}");
        }
        assert!(
            unwrapped(&checked.stdout).contains("take it from a database that has run them"),
            "{checked:?}"
        );
        let _ = run(&workspace, &["snapshot", "--check", "--against", "migrations"]).expect(0);
        // A doubt that is edited away is noticed.
        let certain: Vec<&str> =
            lock.split_inclusive('\n').filter(|line| !line.starts_with("doubt ")).collect();
        workspace.write("fkcheck.lock", &certain.concat());
        let edited = run(&workspace, &[]).expect(3);
        assert!(edited.stdout.contains("edited by hand"), "{edited:?}");
    }
    // What is certain has the format that every fkcheck reads.
    let certain = migrated("postgres_backend", &[TABLES]);
    let _ = run(&certain, &["snapshot", "--against", "migrations"]).expect(0);
    assert!(lock(&certain).contains("\nformat 1\n"));
    let _ = run(&certain, &[]).expect(0);
}

#[test]
fn annotate_says_what_migrations_leave_open() {
    const DOUBTFUL: &str = "DO $$ BEGIN IF now() > '2026-01-01' THEN ALTER TABLE posts DROP CONSTRAINT posts_author_id_fkey; END IF; END $$;";
    let workspace = migrated("postgres_backend", &[TABLES, DOUBTFUL]);
    workspace.write("src/models.rs", "use crate::schema::*;\n#[derive(diesel::Queryable)]\npub struct Post { pub id: i32, pub author_id: i32, pub editor_id: Option<i32> }\n");
    let schema = format!("{SCHEMA}diesel::joinable!(posts -> users (author_id));");
    workspace.write("src/schema.rs", &schema);
    let planned = run(&workspace, &["annotate", "--from", "migrations", "--dry-run"]).expect(0);
    assert!(!planned.stdout.contains("fk("), "{planned:?}");
    assert!(planned.stderr.contains("Left out:"), "{planned:?}");
    assert!(
        planned.stderr.contains("a DO block with conditions was not replayed; it may change keys of `posts`"),
        "{planned:?}"
    );
}

/// The same bytes, whichever way it was taken.
#[test]
fn a_snapshot_of_the_migrations_is_that_of_the_database() {
    const SEVERAL: &str = "CREATE TABLE parents (id integer PRIMARY KEY);
CREATE TABLE first (x integer, CONSTRAINT f FOREIGN KEY (x) REFERENCES parents (id));
CREATE TABLE c (x integer, y integer,
    CONSTRAINT other FOREIGN KEY (y) REFERENCES parents (id) ON DELETE CASCADE,
    CONSTRAINT c1 FOREIGN KEY (x) REFERENCES parents (id) ON DELETE CASCADE,
    CONSTRAINT b1 FOREIGN KEY (x) REFERENCES parents (id) ON DELETE RESTRICT);";
    for (server, feature) in [(postgres(), "postgres_backend"), (mariadb(), "mysql_backend")] {
        let Some(server) = server else { continue };
        let database = server.fresh_database();
        let sql = format!("{TABLES}{SEVERAL}");
        let record = "CREATE TABLE __diesel_schema_migrations (version VARCHAR(50) PRIMARY KEY, run_on TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP);
            INSERT INTO __diesel_schema_migrations (version) VALUES ('20260101000000');";
        database.execute(&format!("{sql}{record}"));
        let workspace = migrated(feature, &[&sql]);
        let _ = run(&workspace, &["snapshot", "--database-url", &database.url()]).expect(0);
        let of_database = lock(&workspace);
        let _ = run(&workspace, &["snapshot", "--against", "migrations"]).expect(0);
        let of_migrations = lock(&workspace);
        // MariaDB has another word for the rule that is left out.
        let lines = |text: &str| -> Vec<String> {
            let is_said = |line: &&str| !line.starts_with("engine ") && !line.starts_with("digest ");
            text.lines().filter(is_said).map(|line| line.replace("=restrict", "=no_action")).collect()
        };
        // MySQL's engine line has the database's name.
        assert_eq!(lines(&of_database), lines(&of_migrations), "{feature}");
        if feature == "postgres_backend" {
            assert_eq!(of_database, of_migrations);
        }
        let orders: Vec<&str> = of_database.lines().filter_map(|line| line.split(" order=").nth(1)).collect();
        assert_eq!(
            orders,
            if feature == "postgres_backend" { ["0", "1"] } else { ["1", "0"] },
            "{of_database}"
        );
    }
}

/// What a migration does already is not written again, though the snapshot doesn't know of it yet.
#[test]
fn a_stale_snapshot_is_renewed_before_anything_is_written() {
    let workspace = migrated("postgres_backend", &[TABLES]);
    let _ = run(&workspace, &["snapshot", "--against", "migrations"]).expect(0);
    workspace.write("src/models.rs", &MODELS.replace("restrict", "cascade"));
    let fix = ["fix", "--all-database", "--allow-dirty", "--allow-data-loss", "posts.author_id"];
    let count = || std::fs::read_dir(workspace.dir().join("migrations")).expect("readable").count();
    let _ = run(&workspace, &fix).expect(0);
    let written = count();
    assert!(written > 1);
    for arguments in [
        &fix[..],
        &[
            "fix",
            "--all-database",
            "--allow-dirty",
            "--allow-data-loss",
            "posts.author_id",
            "posts.author_id",
        ],
    ] {
        let dated = lock(&workspace);
        for (code, says) in [
            (3, "fkcheck.lock was taken before the migration `"),
            (1, "fkcheck.lock is older; `cargo fkcheck snapshot --against migrations` renews it"),
        ] {
            let again = run(&workspace, arguments).expect(code);
            let said = unwrapped(&format!("{}{}", again.stdout, again.stderr));
            assert!(said.contains(says), "{again:?}");
            assert_eq!(count(), written);
            // As one was that doesn't know which migration was the last.
            let dated = lock(&workspace);
            let lines = dated.split_inclusive('\n').filter(|line| !line.contains("last_migration"));
            let dateless: String = lines.collect();
            workspace.write("fkcheck.lock", &dateless);
        }
        workspace.write("fkcheck.lock", &dated);
    }
    let _ = run(&workspace, &["snapshot", "--against", "migrations"]).expect(0);
    let _ = run(&workspace, &[]).expect(0);
    let _ = run(&workspace, &fix).expect(0);
    assert_eq!(count(), written);
}

/// A migration that came after the snapshot: without a word it would go unseen.
#[test]
fn a_snapshot_from_before_a_migration_is_not_enough() {
    let author = |action: &str| {
        format!(
            "CREATE TABLE posts (id INTEGER PRIMARY KEY NOT NULL,
                 author_id INTEGER NOT NULL REFERENCES users (id) ON DELETE {action},
                 editor_id INTEGER REFERENCES users (id) ON DELETE SET NULL);
             CREATE INDEX a ON posts (author_id); CREATE INDEX e ON posts (editor_id);"
        )
    };
    let start = format!("CREATE TABLE users (id INTEGER PRIMARY KEY NOT NULL); {}", author("RESTRICT"));
    let start_at = "migrations/2024-01-01-000000_start/up.sql";
    let later_at = "migrations/2024-02-01-000000_later/up.sql";
    let code = "pub mod schema; pub mod models; pub const ON: &str = \"PRAGMA foreign_keys = ON\";";
    let workspace = || workspace().file(start_at, &start).file("src/lib.rs", code);
    let applied = |versions: &str| {
        let table = "CREATE TABLE __diesel_schema_migrations (version VARCHAR(50) PRIMARY KEY NOT NULL, run_on TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP)";
        SqliteFile::new(&format!(
            "{start} {table}; INSERT INTO __diesel_schema_migrations (version) VALUES {versions};"
        ))
    };

    // From a database and from the migrations: the same.
    let (of_database, of_migrations) = (workspace(), workspace());
    let database = applied("('20240101000000')");
    run(&of_database, &["snapshot", "--database-url", &database.url()]).expect(0);
    run(&of_migrations, &["snapshot", "--against", "migrations"]).expect(0);
    assert!(
        lock(&of_database).contains("\n# last_migration \"2024-01-01-000000_start\"\n"),
        "{}",
        lock(&of_database)
    );
    assert_eq!(lock(&of_database), lock(&of_migrations));

    for workspace in [of_database, of_migrations] {
        let agreed = unwrapped(&run(&workspace, &[]).expect(0).stdout);
        assert!(agreed.trim_end().ends_with("all 2 declared keys agree with the snapshot alone"), "{agreed}");

        // One that changes nothing here, and one that does.
        workspace.write(later_at, "CREATE TABLE other (id INTEGER PRIMARY KEY NOT NULL);");
        let both = run(&workspace, &[]).expect(0);
        let text = unwrapped(&both.stdout);
        assert!(text.contains("2 with the snapshot alone; 2 with the migrations alone"), "{text}");
        assert!(
            unwrapped(&both.stderr).contains("fkcheck.lock is older than `2024-02-01-000000_later`"),
            "{both:?}"
        );
        workspace.write(later_at, &format!("DROP TABLE posts; {}", author("CASCADE")));
        let json = run(&workspace, &["--message-format", "json"]).expect(1);
        assert_eq!(json.rules(), ["fk_on_delete_mismatch"], "{json:?}");
        // A migration that is left open or can't be run.
        workspace.write(later_at, "CREATE TABLE broken (");
        run(&workspace, &[]).expect(3);
        // Those who want nothing else than the snapshot.
        for arguments in [
            &["--against", "snapshot"][..],
            &["annotate", "--from", "snapshot", "--dry-run"],
            &["fix", "--dry-run"],
        ] {
            let text = unwrapped(&run(&workspace, arguments).expect(3).stdout);
            assert!(
                text.contains("fkcheck.lock was taken before the migration `2024-02-01-000000_later`"),
                "{text}"
            );
        }
    }
}
