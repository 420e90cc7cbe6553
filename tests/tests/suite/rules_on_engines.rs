//! Every rule on every engine: its examples, run where they were not written for, with what differs written down.

use fkcheck_core::model::Engine;
use fkcheck_core::rules::{self, Example, Rule};
use fkcheck_tests::{Workspace, example_workspace, fkcheck, run_example};

/// What an engine makes of a rule's examples.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Expected {
    /// The wrong one breaks the rule, the right one breaks nothing.
    AsWritten,
    /// The wrong one breaks the rule; the right one is not SQL of this engine.
    WrongOnly,
    /// Both break the rule: the engine doesn't do what the right one relies on.
    BothWrong,
    /// The engine does by itself what the wrong one leaves out, or can do what it asks for.
    NeitherWrong,
    /// The engine refuses such a key, or has no such state.
    Impossible,
}

fn expected(rule: &str, engine: Engine) -> Expected {
    use Engine::{MariaDb, Postgres, Sqlite};
    match (rule, engine) {
        // No DEFERRABLE in MariaDB.
        ("fk_deferrability_mismatch", MariaDb) => Expected::WrongOnly,
        // MariaDB stores RESTRICT for SET DEFAULT.
        ("fk_set_default_without_default", MariaDb) => Expected::BothWrong,
        // InnoDB makes an index for each key.
        ("fk_missing_index", MariaDb) => Expected::NeitherWrong,
        // PostgreSQL follows any number of cascades, SQLite so many that it is allowed.
        ("fk_cascade_too_deep", Postgres | Sqlite) => Expected::NeitherWrong,
        // 1005: SET NULL on NOT NULL, keys between types; 1905: on generated columns.
        ("fk_set_null_not_nullable" | "fk_set_null_generated" | "fk_type_mismatch", MariaDb)
        // PostgreSQL refuses SET NULL on a generated column.
        | ("fk_set_null_generated", Postgres)
        // NOT VALID, DISABLE TRIGGER and partitions with keys are PostgreSQL's.
        | ("fk_not_validated" | "fk_not_enforced" | "fk_partition_differs", MariaDb | Sqlite)
        // Servers that keep their keys let no such row in.
        | ("fk_orphans", MariaDb | Postgres) => Expected::Impossible,
        _ => Expected::AsWritten,
    }
}

fn breaks(rule: &Rule, example: &Example, engine: Engine, expected: bool) {
    let Some(run) = run_example(rule, example, engine) else { return };
    let broken = run.rules().iter().any(|broken| broken == rule.name());
    assert_eq!(broken, expected, "{} on {engine:?}: {run:?}", rule.name());
}

fn check_on(engine: Engine) {
    let mut run = 0;
    for rule in rules::ALL {
        let expected = expected(rule.name(), engine);
        if expected == Expected::Impossible {
            continue;
        }
        run += 1;
        breaks(rule, &rule.wrong, engine, expected != Expected::NeitherWrong);
        match expected {
            Expected::AsWritten | Expected::NeitherWrong => breaks(rule, &rule.right, engine, false),
            Expected::BothWrong => breaks(rule, &rule.right, engine, true),
            Expected::WrongOnly | Expected::Impossible => {}
        }
    }
    println!("{run} rules on {engine:?}");
    assert!(run >= 16, "{run}");
}

#[test]
fn on_sqlite() {
    check_on(Engine::Sqlite);
}

#[test]
fn on_postgres() {
    check_on(Engine::Postgres);
}

#[test]
fn on_mariadb() {
    check_on(Engine::MariaDb);
}

/// MyISAM takes the clause and forgets it: the key isn't there, and the table says why.
#[test]
fn myisam_keeps_no_keys() {
    let Some(server) = fkcheck_tests::mariadb() else { return };
    let example = &rules::by_name("fk_on_delete_mismatch").expect("the rule").right;
    let workspace = example_workspace(example);
    let database = server.fresh_database();
    database.execute(
        "CREATE TABLE users (id INTEGER PRIMARY KEY);
         CREATE TABLE posts (id INTEGER PRIMARY KEY, author_id INTEGER NOT NULL, editor_id INTEGER,
             FOREIGN KEY (author_id) REFERENCES users (id) ON DELETE CASCADE) ENGINE = MyISAM",
    );
    let url = database.url();
    let run = fkcheck(workspace.dir(), &["--message-format", "json", "--database-url", &url], &[]).expect(1);
    assert_eq!(run.rules(), ["fk_not_enforced"]);
}

/// An identity column takes no NULL: PostgreSQL takes the key and fails at the delete.
#[test]
fn set_null_on_an_identity_column() {
    let Some(server) = fkcheck_tests::postgres() else { return };
    let workspace = Workspace::new()
        .file("src/schema.rs", "diesel::table! { users (id) { id -> Integer, } } diesel::table! { posts (id) { id -> Integer, author_id -> Nullable<Integer>, } }")
        .file("src/models.rs", "fkcheck_macros::foreign_keys! { crate::schema::posts (author_id) -> crate::schema::users (id), on_delete = set_null; }");
    let database = server.fresh_database();
    database.execute(
        "CREATE TABLE users (id integer PRIMARY KEY);
         CREATE TABLE posts (id integer PRIMARY KEY,
             author_id integer GENERATED ALWAYS AS IDENTITY REFERENCES users (id) ON DELETE SET NULL);
         CREATE INDEX ON posts (author_id)",
    );
    let url = database.url();
    let run = fkcheck(workspace.dir(), &["--message-format", "json", "--database-url", &url], &[]).expect(1);
    assert!(run.rules().contains(&"fk_set_null_generated".to_owned()), "{run:?}");
}
