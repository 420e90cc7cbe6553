//! Code, migrations and database: a mismatch says which of them moved.

use std::fmt::Write as _;

use fkcheck_tests::{Run, SqliteFile, Workspace, fkcheck, postgres, unwrapped};

const SCHEMA: &str = "diesel::table! { users (id) { id -> Integer, } }
diesel::table! { posts (id) { id -> Integer, user_id -> Nullable<Integer>, } }
";

const MODELS: &str = "use crate::schema::{posts, users};
use fkcheck_macros::ForeignKeys;

#[derive(ForeignKeys)]
#[diesel(table_name = posts)]
pub struct Post {
    pub id: i32,
    #[fk(references = users(id), on_delete = cascade)]
    pub user_id: Option<i32>,
}
";

/// The first migration makes the key, the second changes its rule.
fn migrations(engine: Engine, first: &str, second: Option<&str>) -> Vec<(&'static str, String)> {
    let create = format!(
        "CREATE TABLE users (id INTEGER NOT NULL PRIMARY KEY);
CREATE TABLE posts (
    id INTEGER NOT NULL PRIMARY KEY,
    user_id INTEGER,
    CONSTRAINT author FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE {first}
);
CREATE INDEX posts_user_id ON posts (user_id);
"
    );
    let mut all = vec![("2026-01-01-000000_create", create)];
    if let Some(action) = second {
        let change = match engine {
            Engine::Postgres => format!(
                "ALTER TABLE posts DROP CONSTRAINT author,\n    ADD CONSTRAINT author FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE {action};\n"
            ),
            Engine::Sqlite => format!(
                "DROP TABLE posts;\nCREATE TABLE posts (\n    id INTEGER NOT NULL PRIMARY KEY,\n    user_id INTEGER REFERENCES users (id) ON DELETE {action}\n);\nCREATE INDEX posts_user_id ON posts (user_id);\n"
            ),
        };
        all.push(("2026-02-01-000000_change_the_rule", change));
    }
    all
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Engine {
    Postgres,
    Sqlite,
}

/// A case: what the migrations say, how many of them are applied, and what was done to the database beside them.
struct Case {
    first: &'static str,
    second: Option<&'static str>,
    applied: usize,
    by_hand: Option<&'static str>,
}

fn run(engine: Engine, case: &Case, more: &[&str]) -> Option<Run> {
    let files = migrations(engine, case.first, case.second);
    let feature = if engine == Engine::Postgres { "postgres_backend" } else { "sqlite" };
    let mut workspace = Workspace::new().file("src/schema.rs", SCHEMA).file("src/models.rs", MODELS).file(
        "src/lib.rs",
        "pub mod models;\npub mod schema;\npub const ON: &str = \"PRAGMA foreign_keys = ON\";\n",
    );
    let manifest = std::fs::read_to_string(workspace.manifest_path()).expect("it is there");
    workspace = workspace.file(
        "Cargo.toml",
        &manifest.replace("features = [\"sqlite\"]", &format!("features = [\"{feature}\"]")),
    );
    let mut sql = "CREATE TABLE __diesel_schema_migrations (version VARCHAR(50) PRIMARY KEY NOT NULL, run_on TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP);\n".to_owned();
    for (number, (name, text)) in files.iter().enumerate() {
        workspace.write(&format!("migrations/{name}/up.sql"), text);
        if number < case.applied {
            let version = name.split('_').next().expect("a version").replace('-', "");
            sql += text;
            writeln!(sql, "INSERT INTO __diesel_schema_migrations (version) VALUES ('{version}');")
                .expect("written");
        }
    }
    let all = |url: &str| {
        let arguments = [&["--database-url", url, "--quiet"], more].concat();
        fkcheck(workspace.dir(), &arguments, &[])
    };
    let by_hand = case.by_hand.map(|action| migrations(engine, case.first, Some(action))[1].1.clone());
    match engine {
        Engine::Postgres => {
            let database = postgres()?.fresh_database();
            database.execute(&sql);
            if let Some(sql) = &by_hand {
                database.execute(sql);
            }
            Some(all(&database.url()))
        }
        Engine::Sqlite => {
            let database = SqliteFile::new(&sql);
            if let Some(sql) = &by_hand {
                database.execute(sql);
            }
            Some(all(&database.url()))
        }
    }
}

/// What moved, in both engines, by the databases' word alone and with both sources asked for.
fn moved(name: &str, case: &Case, expected: &str) {
    for engine in [Engine::Sqlite, Engine::Postgres] {
        for sources in [
            &["--message-format", "json"][..],
            &["--message-format", "json", "--against", "database", "--against", "migrations"],
        ] {
            let Some(run) = run(engine, case, sources) else { continue };
            let findings = run.expect(1).findings();
            assert_eq!(findings.len(), 1, "{name}: {findings:#?}");
            assert_eq!(findings[0]["moved"], expected, "{name}: {findings:#?}");
        }
        let Some(run) = run(engine, case, &[]) else { continue };
        let engine = if engine == Engine::Postgres { "postgres" } else { "sqlite" };
        let text = run.stdout.split("which side is right?").next().expect("a text").to_owned();
        insta::assert_snapshot!(format!("{name}_{engine}"), text);
    }
}

#[test]
fn a_wrong_annotation() {
    moved("wrong_annotation", &Case { first: "RESTRICT", second: None, applied: 1, by_hand: None }, "code");
}

#[test]
fn a_migration_that_is_not_applied() {
    moved(
        "not_applied",
        &Case { first: "RESTRICT", second: Some("CASCADE"), applied: 1, by_hand: None },
        "not_applied",
    );
}

#[test]
fn a_hot_fix_in_production() {
    moved(
        "hot_fix",
        &Case { first: "CASCADE", second: None, applied: 1, by_hand: Some("SET NULL") },
        "database",
    );
}

#[test]
fn three_different_answers() {
    moved(
        "three_answers",
        &Case { first: "RESTRICT", second: None, applied: 1, by_hand: Some("SET NULL") },
        "all",
    );
}

/// The database and the code agree, and the migrations would make another key: seen only where both are asked.
#[test]
fn migrations_left_behind() {
    let case = Case { first: "RESTRICT", second: None, applied: 1, by_hand: Some("CASCADE") };
    for engine in [Engine::Sqlite, Engine::Postgres] {
        let Some(run_one) = run(engine, &case, &["--message-format", "json"]) else { continue };
        let _ = run_one.expect(0);
        let both = ["--message-format", "json", "--against", "database", "--against", "migrations"];
        let findings = run(engine, &case, &both).expect("a server").expect(1).findings();
        assert_eq!(findings.len(), 1, "{findings:#?}");
        assert_eq!(
            (findings[0]["moved"].as_str(), findings[0]["source"].as_str()),
            (Some("migrations"), Some("migrations"))
        );
    }
}

/// Without a database the migrations are read: in memory for SQLite, replayed for PostgreSQL, and shown where they stand.
#[test]
fn without_a_database() {
    let case = Case { first: "RESTRICT", second: Some("SET NULL"), applied: 0, by_hand: None };
    for engine in [Engine::Sqlite, Engine::Postgres] {
        let Some(run) = run(engine, &case, &["--against", "migrations"]) else { continue };
        let run = run.expect(1);
        let text = unwrapped(&run.stdout);
        assert!(text.contains("ON DELETE CASCADE in the code and SET NULL in the migrations"), "{run:?}");
        if engine == Engine::Postgres {
            assert!(run.stdout.contains("migrations/2026-02-01-000000_change_the_rule/up.sql"), "{run:?}");
        }
    }
}

/// Tables in the schema that the database's own search path names, and one that no migration makes.
#[test]
fn migrations_mean_the_schema_that_the_database_looks_in() {
    let Some(server) = postgres() else { return };
    let schema = format!(
        "{SCHEMA}diesel::table! {{ notes (id) {{ id -> Integer, user_id -> Nullable<Integer>, }} }}\n"
    );
    let workspace = Workspace::new().file("src/schema.rs", &schema).file("src/models.rs", MODELS).file(
        "src/lib.rs",
        "pub mod models;\npub mod schema;\nuse schema::*;\nfkcheck_macros::foreign_keys! { notes (user_id) -> users (id), on_delete = cascade; }\n",
    );
    let manifest = std::fs::read_to_string(workspace.manifest_path()).expect("it is there");
    workspace.write("Cargo.toml", &manifest.replace("\"sqlite\"", "\"postgres_backend\""));
    let migration = "CREATE TABLE app.users (id INTEGER PRIMARY KEY);
CREATE TABLE app.posts (id INTEGER PRIMARY KEY, user_id INTEGER REFERENCES app.users (id) ON DELETE RESTRICT);";
    workspace.write("migrations/2026-01-01-000000_create/up.sql", migration);
    let database = server.fresh_database();
    database.execute(&format!(
        "CREATE SCHEMA app; {migration}
         CREATE TABLE app.notes (id INTEGER PRIMARY KEY, user_id INTEGER REFERENCES app.users (id) ON DELETE RESTRICT);
         ALTER DATABASE {} SET search_path = app;",
        database.name()
    ));
    let run = fkcheck(workspace.dir(), &["--database-url", &database.url()], &[]).expect(1);
    let text = unwrapped(&run.stdout);
    assert!(text.contains("the migrations say ON DELETE RESTRICT too"), "{text}");
    assert!(text.contains("the migrations make no table `notes`"), "{text}");
}

/// A rule on a pair that no other file speaks of: found once, and it says who moved.
#[test]
fn a_name_is_found_once_and_says_who_moved() {
    let tables = |name: &str| {
        format!(
            "CREATE TABLE users (id INTEGER NOT NULL PRIMARY KEY);
CREATE TABLE posts (
    id INTEGER NOT NULL PRIMARY KEY,
    user_id INTEGER,
    CONSTRAINT {name} FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE
);
CREATE INDEX posts_user_id ON posts (user_id);
"
        )
    };
    for (in_code, in_migrations, in_database, moved) in [
        ("author", "author", "author", None),
        ("author", "author", "writer", Some("database")),
        ("author", "writer", "writer", Some("code")),
        ("author", "writer", "author", Some("migrations")),
        ("author", "poet", "writer", Some("all")),
    ] {
        let models =
            MODELS.replace("on_delete = cascade", &format!("on_delete = cascade, name = {in_code:?}"));
        let lib = "pub mod models;\npub mod schema;\npub const ON: &str = \"PRAGMA foreign_keys = ON\";\n";
        let workspace = Workspace::new()
            .file("src/schema.rs", SCHEMA)
            .file("src/models.rs", &models)
            .file("src/lib.rs", lib)
            .file("migrations/2026-01-01-000000_create/up.sql", &tables(in_migrations));
        let database = SqliteFile::new(&tables(in_database));
        let arguments = ["--against", "database", "--against", "migrations", "--message-format", "json"];
        let run = fkcheck(workspace.dir(), &arguments, &[("DATABASE_URL", &database.url())]);
        let found: Vec<_> = run
            .findings()
            .iter()
            .map(|finding| (finding["rule"].clone(), finding["moved"].clone()))
            .collect();
        let expected: Vec<_> =
            moved.iter().map(|moved| ("fk_name_mismatch".into(), (*moved).into())).collect();
        assert_eq!(found, expected, "{in_code} {in_migrations} {in_database}: {run:?}");
    }
}
