//! Known findings wait, new ones fail, and an entry whose finding is gone fails until it is removed.

use fkcheck_tests::{Run, Workspace, fkcheck};

const SCHEMA: &str = "
diesel::table! { users (id) { id -> Integer, } }
diesel::table! { posts (id) { id -> Integer, a_id -> Nullable<Integer>, b_id -> Nullable<Integer>, c_id -> Nullable<Integer>, } }
";

const KEYS: &str = "fkcheck_macros::foreign_keys! {
    crate::schema::posts (a_id) -> crate::schema::users (id), on_delete = restrict;
    crate::schema::posts (b_id) -> crate::schema::users (id), on_delete = restrict;
    crate::schema::posts (c_id) -> crate::schema::users (id), on_delete = restrict;
}";

fn tables() -> String {
    let key = |column: &str| {
        format!(", CONSTRAINT {column} FOREIGN KEY ({column}_id) REFERENCES users (id) ON DELETE RESTRICT")
    };
    format!(
        "CREATE TABLE users (id INTEGER PRIMARY KEY);
         CREATE TABLE posts (id INTEGER PRIMARY KEY, a_id INTEGER, b_id INTEGER, c_id INTEGER{}{}{});
         CREATE INDEX a ON posts (a_id); CREATE INDEX b ON posts (b_id); CREATE INDEX c ON posts (c_id)",
        key("a"),
        key("b"),
        key("c")
    )
}

#[test]
fn known_findings_wait_and_new_ones_fail() {
    let Some(server) = fkcheck_tests::postgres() else { return };
    let database = server.fresh_database();
    database.execute(&tables());
    let set = |column: &str, action: &str| {
        database.execute(&format!(
            "ALTER TABLE posts DROP CONSTRAINT {column}, ADD CONSTRAINT {column} FOREIGN KEY ({column}_id) REFERENCES users (id) ON DELETE {action}"
        ));
    };
    let workspace = Workspace::new().file("src/schema.rs", SCHEMA).file("src/keys.rs", KEYS);
    let url = database.url();
    let run = |arguments: &[&str]| -> Run { fkcheck(workspace.dir(), arguments, &[("DATABASE_URL", &url)]) };
    let json = |code: i32| run(&["--message-format", "json"]).expect(code);
    let file =
        || std::fs::read_to_string(workspace.dir().join("fkcheck-baseline.toml")).expect("it is there");

    let _ = json(0);
    set("a", "CASCADE");
    set("b", "SET NULL");
    assert_eq!(json(1).rules(), ["fk_on_delete_mismatch"; 2]);

    // Two mutants recorded: they pass, and are counted.
    let _ = run(&["baseline"]).expect(0);
    assert_eq!(json(0).rules(), [""; 0]);
    assert!(run(&[]).expect(0).stdout.contains("2 known, in the baseline"));

    // One more: it alone fails.
    set("c", "CASCADE");
    let third = json(1);
    assert_eq!(third.rules(), ["fk_on_delete_mismatch"]);
    assert_eq!(third.findings()[0]["child"]["columns"][0], "c_id");

    // A known one that has drifted further is new, and what is known of it is stale.
    set("c", "RESTRICT");
    set("a", "SET NULL");
    assert_eq!(json(1).rules(), ["fk_on_delete_mismatch", "fk_stale_baseline"]);

    // One mended: its entry is stale, by name and place.
    set("a", "RESTRICT");
    let stale = json(1);
    assert_eq!(stale.rules(), ["fk_stale_baseline"]);
    assert!(stale.stdout.contains("fk_on_delete_mismatch of `posts.a_id`"), "{stale:?}");
    let span = &stale.json()[0]["message"]["spans"][0];
    assert_eq!(span["file_name"], "fkcheck-baseline.toml");

    // Reasons survive; pruning removes the stale entry and adds nothing.
    let reasoned = file().replacen("reason = \"\"", "reason = \"kept for now\"", 2);
    workspace.write("fkcheck-baseline.toml", &reasoned);
    set("c", "SET NULL");
    let _ = run(&["baseline", "--prune"]).expect(0);
    assert!(file().contains("b_id") && !file().contains("a_id") && !file().contains("c_id"), "{}", file());
    assert!(file().contains("kept for now"));
    assert_eq!(json(1).rules(), ["fk_on_delete_mismatch"]);
    let _ = run(&["baseline"]).expect(0);
    assert!(file().contains("c_id") && file().contains("kept for now"));
    let before = file();
    let _ = run(&["baseline"]).expect(0);
    assert_eq!(file(), before, "a second run changes nothing");
    let _ = json(0);
}

#[test]
fn what_was_not_seen_is_not_recorded_and_slips_are_named() {
    let workspace = Workspace::new().file("src/schema.rs", SCHEMA).file("src/keys.rs", KEYS);
    let _ = fkcheck(workspace.dir(), &["baseline"], &[]).expect(3);
    assert!(!workspace.dir().join("fkcheck-baseline.toml").exists());
    workspace.write("fkcheck-baseline.toml", "[[finding]]\nrul = \"x\"\n");
    let wrong = fkcheck(workspace.dir(), &[], &[]).expect(2);
    assert!(
        wrong.stderr.contains("fkcheck-baseline.toml:2") && wrong.stderr.contains("did you mean `rule`?"),
        "{wrong:?}"
    );
}
