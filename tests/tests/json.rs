//! The message stream, as editors and programs read it.

use fkcheck_tests::{Run, SqliteFile, Workspace, fkcheck};
use serde_json::Value;

const SCHEMA: &str = "
diesel::table! { users (id) { id -> Integer, } }
diesel::table! { posts (id) { id -> Integer, author_id -> Integer, } }
";

const MODELS: &str = "use crate::schema::*;
#[derive(fkcheck_macros::ForeignKeys)]
#[diesel(table_name = posts)]
pub struct Post {
    pub id: i32,
    #[fk(references = users(id), on_delete = restrict)]
    pub author_id: i32,
}
";

fn database() -> SqliteFile {
    SqliteFile::new(
        "CREATE TABLE users (id INTEGER PRIMARY KEY NOT NULL);
         CREATE TABLE posts (id INTEGER PRIMARY KEY NOT NULL, author_id INTEGER NOT NULL
             CONSTRAINT author REFERENCES users (id) ON DELETE CASCADE ON UPDATE SET NULL);
         CREATE INDEX a ON posts (author_id);",
    )
}

fn workspace() -> Workspace {
    Workspace::new().file("src/schema.rs", SCHEMA).file("src/models.rs", MODELS)
}

fn message(run: &Run) -> Value {
    run.json().into_iter().find(|line| line["reason"] == "compiler-message").expect("a finding")
}

#[test]
fn a_finding_has_its_data_and_its_place() {
    let (workspace, database) = (workspace(), database());
    let run = fkcheck(workspace.dir(), &["--message-format", "json", "--database-url", &database.url()], &[])
        .expect(1);
    let message = message(&run);
    let data = &message["fkcheck"];
    assert_eq!(data["rule"], "fk_on_delete_mismatch");
    assert_eq!(data["level"], "deny");
    assert_eq!(
        data["child"],
        serde_json::json!({"schema": null, "table": "posts", "columns": ["author_id"]})
    );
    assert_eq!(data["parent"], serde_json::json!({"schema": null, "table": "users", "columns": ["id"]}));
    assert_eq!(data["declared"]["on_delete"], "RESTRICT");
    assert_eq!(data["observed"]["on_delete"], "CASCADE");
    assert_eq!(data["observed"]["on_update"], "SET NULL");
    assert_eq!(data["source"], "database");
    assert_eq!(data["constraint"], "author");
    assert!(data["database"].as_str().is_some_and(|label| label.starts_with("SQLite 3.")), "{data}");

    let span = &message["message"]["spans"][0];
    assert_eq!(span["file_name"], "src/models.rs");
    let (start, end) = (span["byte_start"].as_u64(), span["byte_end"].as_u64());
    let bytes = |at: Option<u64>| usize::try_from(at.expect("a number")).expect("small");
    assert_eq!(&MODELS[bytes(start)..bytes(end)], "restrict");
    assert_eq!((span["line_start"].as_u64(), span["column_start"].as_u64()), (Some(6), Some(46)));
    assert_eq!(message["message"]["code"]["code"], "fkcheck::fk_on_delete_mismatch");
    let children = message["message"]["children"].as_array().expect("children");
    let fix = children
        .iter()
        .find(|child| !child["spans"].as_array().expect("spans").is_empty())
        .expect("a quick fix");
    assert_eq!(fix["spans"][0]["suggested_replacement"], "cascade");
    assert_eq!(fix["spans"][0]["suggestion_applicability"], "MaybeIncorrect");

    let last = run.json().pop().expect("a last line");
    assert_eq!(last["reason"], "fkcheck-finished");
    assert_eq!(last["success"], false);
    assert_eq!(
        last["keys"],
        serde_json::json!({"declared": 1, "observed": 1, "paired": 1, "undeclared": 0, "skipped": 0})
    );
    assert_eq!(last["findings"], serde_json::json!({"deny": 1, "warn": 0, "note": 0}));
    assert!(last["elapsed_ms"].is_u64());
}

/// What rust-analyzer 1.95 passes for `check.command = "fkcheck"`, and what VS Code adds.
#[test]
fn an_editors_flags_are_taken() {
    let (workspace, database) = (workspace(), database());
    let manifest = workspace.manifest_path().display().to_string();
    let id = format!("path+file://{}#app@0.1.0", workspace.dir().display());
    let url = database.url();
    let environment = [("DATABASE_URL", url.as_str())];
    for arguments in [
        &[
            "--workspace",
            "--message-format=json",
            "--manifest-path",
            &manifest,
            "--keep-going",
            "--all-targets",
        ][..],
        &[
            "--message-format=json-diagnostic-rendered-ansi",
            "--manifest-path",
            &manifest,
            "--keep-going",
            "--bins",
        ],
        &["-p", &id, "--message-format=json", "--features", "a b", "--target", "x86_64-unknown-linux-gnu"],
        &[
            "-p",
            "app",
            "--message-format=json",
            "--bin",
            "x",
            "--example",
            "y",
            "--test",
            "z",
            "--bench",
            "w",
        ],
        &[
            "--all",
            "--message-format=json,json-diagnostic-short",
            "--config",
            "a.b=1",
            "-Z",
            "unstable-options",
            "--lib",
        ],
        &[
            "--message-format=json",
            "--target-dir",
            "/tmp/x",
            "--no-default-features",
            "--all-features",
            "--release",
            "-j",
            "2",
        ],
    ] {
        let run = fkcheck(workspace.dir(), arguments, &environment).expect(1);
        assert_eq!(run.rules(), ["fk_on_delete_mismatch"], "{arguments:?}");
    }
}

#[test]
fn packages_choose_whose_findings_are_shown() {
    let workspace = workspace()
        .file("other/Cargo.toml", "[package]\nname = \"other\"\nversion = \"0.1.0\"\nedition = \"2024\"\n")
        .file(
            "other/src/lib.rs",
            "fkcheck_macros::foreign_keys! { \"nowhere\" (id) -> \"users(id)\", on_delete = cascade; }",
        );
    let manifest = std::fs::read_to_string(workspace.manifest_path()).expect("it is there");
    let workspace =
        workspace.file("Cargo.toml", &manifest.replace("[workspace]", "[workspace]\nmembers = [\"other\"]"));
    let database = database();
    let url = database.url();
    let rules = |arguments: &[&str]| {
        let all: Vec<&str> =
            ["--message-format", "json"].into_iter().chain(arguments.iter().copied()).collect();
        fkcheck(workspace.dir(), &all, &[("DATABASE_URL", &url)]).rules()
    };
    assert!(rules(&[]).contains(&"fk_unknown_table".to_owned()));
    assert_eq!(rules(&["-p", "app"]), ["fk_on_delete_mismatch"]);
    assert_eq!(rules(&["--exclude", "other"]), ["fk_on_delete_mismatch"]);
    assert!(!rules(&["-p", "other@0.1.0"]).contains(&"fk_on_delete_mismatch".to_owned()));
}
