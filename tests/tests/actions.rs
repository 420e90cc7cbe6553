//! The three keys of `examples/billing`, with each action declared against each action in a real database: every
//! disagreement is found and no agreement is reported.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use fkcheck_tests::{SqliteFile, Workspace, fkcheck};

const ACTIONS: [&str; 5] = ["NO ACTION", "RESTRICT", "CASCADE", "SET NULL", "SET DEFAULT"];

/// Child table, referencing column, parent table.
const KEYS: [(&str, &str, &str); 3] = [
    ("ai_conversations", "permission_profile_id", "permission_profiles"),
    ("batch_jobs", "org_id", "organizations"),
    ("pending_payments", "org_id", "organizations"),
];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Engine {
    Postgres,
    Mariadb,
    Sqlite,
}

/// What the manuals and the experiments say, written down apart from the tool: `None` for agreement, else the level.
fn disagreement(engine: Engine, declared: &str, observed: &str) -> Option<&'static str> {
    if engine == Engine::Mariadb {
        // NO ACTION, RESTRICT and (stored as RESTRICT) SET DEFAULT all block the delete.
        let class = |action: &str| match action {
            "CASCADE" => 1,
            "SET NULL" => 2,
            _ => 0,
        };
        return (class(declared) != class(observed)).then_some("deny");
    }
    match (declared, observed) {
        (declared, observed) if declared == observed => None,
        ("NO ACTION", "RESTRICT") | ("RESTRICT", "NO ACTION") => Some("note"),
        _ => Some("deny"),
    }
}

/// One child table for each declared and observed action, e.g. `batch_jobs_2_3`.
fn cases() -> impl Iterator<Item = (String, &'static str, &'static str, &'static str, &'static str)> {
    KEYS.into_iter().flat_map(|(child, column, parent)| {
        (0..25).map(move |case| {
            (
                format!("{child}_{}_{}", case / 5, case % 5),
                column,
                parent,
                ACTIONS[case / 5],
                ACTIONS[case % 5],
            )
        })
    })
}

fn database_sql() -> String {
    let mut sql = String::from(
        "CREATE TABLE organizations (id INTEGER PRIMARY KEY NOT NULL);
         CREATE TABLE permission_profiles (id INTEGER PRIMARY KEY NOT NULL);",
    );
    for (child, column, parent, _, observed) in cases() {
        writeln!(sql,
            "CREATE TABLE {child} (id INTEGER PRIMARY KEY NOT NULL, {column} INTEGER DEFAULT 1,
                 CONSTRAINT {child}_fkey FOREIGN KEY ({column}) REFERENCES {parent} (id) ON DELETE {observed});
             CREATE INDEX {child}_index ON {child} ({column});"
        ).expect("a string takes it");
    }
    sql
}

fn workspace() -> Workspace {
    let mut schema = String::from(
        "diesel::table! { organizations (id) { id -> Integer, } }
         diesel::table! { permission_profiles (id) { id -> Integer, } }\n",
    );
    let mut models = String::from("use crate::schema::*;\n");
    for (child, column, parent, declared, _) in cases() {
        writeln!(
            schema,
            "diesel::table! {{ {child} (id) {{ id -> Integer, {column} -> Nullable<Integer>, }} }}"
        )
        .expect("a string takes it");
        writeln!(models,
            "#[derive(fkcheck_macros::ForeignKeys)] #[diesel(table_name = {child})] pub struct S_{child} {{ pub id: i32,
             #[fk(references = {parent}(id), on_delete = \"{declared}\")] pub {column}: Option<i32>, }}"
        ).expect("a string takes it");
    }
    Workspace::new().file("src/schema.rs", &schema).file("src/models.rs", &models)
}

fn check(engine: Engine, url: &str) {
    let workspace = workspace();
    let run = fkcheck(workspace.dir(), &["--message-format", "json", "--database-url", url], &[]).expect(1);
    let found: BTreeMap<String, String> = run
        .findings()
        .into_iter()
        .filter(|finding| finding["rule"] == "fk_on_delete_mismatch")
        .map(|finding| {
            let text = |value: &serde_json::Value| value.as_str().expect("text").to_owned();
            (text(&finding["child"]["table"]), text(&finding["level"]))
        })
        .collect();
    let mut expected = BTreeMap::new();
    for (child, _, _, declared, observed) in cases() {
        if let Some(level) = disagreement(engine, declared, observed) {
            expected.insert(child, level.to_owned());
        }
    }
    println!(
        "{engine:?}: {} combinations, {} disagreements, {} found",
        cases().count(),
        expected.len(),
        found.len()
    );
    assert_eq!(found, expected);
    let others: Vec<String> = run
        .rules()
        .into_iter()
        .filter(|rule| rule != "fk_on_delete_mismatch" && rule != "fk_set_default_without_default")
        .collect();
    assert_eq!(others, [""; 0], "no other rule has anything to say");
}

#[test]
fn on_sqlite() {
    check(Engine::Sqlite, &SqliteFile::new(&database_sql()).url());
}

#[test]
fn on_postgres() {
    let Some(server) = fkcheck_tests::postgres() else { return };
    let database = server.fresh_database();
    database.execute(&database_sql());
    check(Engine::Postgres, &database.url());
}

#[test]
fn on_mariadb() {
    let Some(server) = fkcheck_tests::mariadb() else { return };
    let database = server.fresh_database();
    database.execute(&database_sql());
    check(Engine::Mariadb, &database.url());
}
