//! What a delete does, as it is said; and that the servers do so.

use fkcheck_tests::{SqliteFile, Workspace, billing, fkcheck, mariadb, postgres};
use serde_json::Value;

#[test]
fn the_billing_example() {
    let run = fkcheck(billing().dir(), &["impact", "organizations", "-q"], &[]).expect(0);
    insta::assert_snapshot!("billing", run.stdout);
}

#[test]
fn a_table_that_is_not_there_is_wrong_usage() {
    let run = fkcheck(billing().dir(), &["impact", "organisations"], &[]).expect(2);
    assert!(run.stderr.contains("did you mean `organizations`?"), "{run:?}");
}

/// No annotation is needed, nor any model; where there is no source, nothing is known.
#[test]
fn a_code_base_without_a_word() {
    let bare = Workspace::new();
    fkcheck(bare.dir(), &["impact"], &[]).expect(3);
    let file = SqliteFile::new(
        "CREATE TABLE a (id INTEGER PRIMARY KEY); CREATE TABLE b (a_id INTEGER REFERENCES a ON DELETE CASCADE);",
    );
    let run = fkcheck(bare.dir(), &["impact", "-q", "--database-url", &file.url()], &[]).expect(0);
    assert!(run.stdout.starts_with("DELETE FROM a ") && run.stdout.contains("b (a_id)"), "{run:?}");
    let json = ["impact", "a", "--message-format", "json", "--database-url", &file.url()];
    let line: Value = serde_json::from_str(&fkcheck(bare.dir(), &json, &[]).expect(0).stdout).unwrap();
    assert_eq!((&line["version"], &line["deletes"][0]["table"]), (&Value::from(1), &Value::from("b")));
    assert_eq!(line["deletes"][0]["by"][0]["columns"], serde_json::json!(["a_id"]));
    let markdown = ["impact", "a", "--message-format", "markdown", "--database-url", &file.url()];
    assert!(fkcheck(bare.dir(), &markdown, &[]).expect(0).stdout.contains("```text\nDELETE FROM a"));
}

/// Keys on the same columns, one that deletes and one that refuses, in both orders: whether the delete works is said as
/// the engine does it.
#[test]
fn engines_do_what_is_said_of_twins() {
    const TABLES: &str = "CREATE TABLE a (id INTEGER NOT NULL PRIMARY KEY); INSERT INTO a VALUES (1);";
    let twins = |first: &str, second: &str| {
        format!(
            "{TABLES} CREATE TABLE b (a_id INTEGER NOT NULL,
                CONSTRAINT k1 FOREIGN KEY (a_id) REFERENCES a (id) ON DELETE {first},
                CONSTRAINT k2 FOREIGN KEY (a_id) REFERENCES a (id) ON DELETE {second});
             INSERT INTO b VALUES (1);"
        )
    };
    let said = |url: &str| {
        let arguments = ["impact", "a", "--message-format", "json", "--database-url", url];
        let line: Value =
            serde_json::from_str(&fkcheck(Workspace::new().dir(), &arguments, &[]).expect(0).stdout).unwrap();
        line["stops"][0]["when"].as_str().unwrap_or("nothing").to_owned()
    };
    for (first, second) in
        [("CASCADE", "NO ACTION"), ("NO ACTION", "CASCADE"), ("CASCADE", "RESTRICT"), ("RESTRICT", "CASCADE")]
    {
        let sql = twins(first, second);
        let check = |engine: &str, url: &str, delete: &dyn Fn() -> bool| {
            let said = said(url);
            // `left`: rows that go by the cascade stop nothing.
            let works = match said.as_str() {
                "left" => true,
                "referred" => false,
                other => panic!("{engine}, {first} before {second}: {other}"),
            };
            assert_eq!(delete(), works, "{engine}, {first} before {second}: {said}");
        };
        let file = SqliteFile::new(&sql);
        check("SQLite", &file.url(), &|| file.try_execute("PRAGMA foreign_keys = ON; DELETE FROM a").is_ok());
        for (engine, server) in [("PostgreSQL", postgres()), ("MariaDB", mariadb())] {
            let Some(server) = server else { continue };
            let database = server.fresh_database();
            database.execute(&sql);
            check(engine, &database.url(), &|| database.try_execute("DELETE FROM a").is_ok());
        }
    }
}
