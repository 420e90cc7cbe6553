//! `fkcheck.lock`: written beside a database, and checked against without one.

use fkcheck_tests::{Run, SqliteFile, Workspace, fkcheck};

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
