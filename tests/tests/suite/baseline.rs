//! Known findings wait, new ones fail, and an entry whose finding is gone fails until it is removed.

use fkcheck_tests::{Run, SqliteFile, Workspace, fkcheck};

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

/// Tables of a SQLite file; the key of `a` does what the code says, or not.
fn file_where_a_is(action: &str) -> SqliteFile {
    SqliteFile::new(&tables().replacen(
        "REFERENCES users (id) ON DELETE RESTRICT",
        &format!("REFERENCES users (id) ON DELETE {action}"),
        1,
    ))
}

/// An entry is stale only where its finding would be seen: in the source that it names, with the rule switched on.
#[test]
fn what_is_known_of_one_database_is_not_stale_on_another() {
    let workspace = Workspace::new().file("src/schema.rs", SCHEMA).file("src/keys.rs", KEYS);
    let (drifted, fresh) = (file_where_a_is("CASCADE"), file_where_a_is("RESTRICT"));
    let run = |url: &str, more: &[&str]| {
        let common = ["--database-url", url, "--message-format", "json"];
        fkcheck(workspace.dir(), &[&common[..], more].concat(), &[])
    };
    let baseline = |url: &str, more: &[&str]| {
        let _ =
            fkcheck(workspace.dir(), &[&["baseline", "--database-url", url], more].concat(), &[]).expect(0);
        std::fs::read_to_string(workspace.dir().join("fkcheck-baseline.toml")).expect("it is there")
    };
    let text = baseline(&drifted.url(), &[]);
    assert!(text.contains(&format!("source = \"{}\"", drifted.path().display())), "{text}");
    assert_eq!(run(&drifted.url(), &[]).expect(0).rules(), [""; 0]);
    assert_eq!(run(&fresh.url(), &[]).expect(0).rules(), [""; 0]);
    assert_eq!(run(&drifted.url(), &["-A", "fk_on_delete_mismatch"]).expect(0).rules(), [""; 0]);
    // Writing it elsewhere leaves what is known of this one.
    assert_eq!(baseline(&fresh.url(), &[]), text);
    assert_eq!(baseline(&fresh.url(), &["--prune"]), text);

    // The finding is gone where it was seen.
    drifted.execute("DROP TABLE posts");
    drifted.execute(
        &tables()
            .split_once(';')
            .expect("two tables")
            .1
            .replace("CREATE TABLE users", "CREATE TABLE IF NOT EXISTS users"),
    );
    assert_eq!(run(&drifted.url(), &[]).expect(1).rules(), ["fk_stale_baseline"]);
    assert_eq!(run(&drifted.url(), &["-A", "fk_on_delete_mismatch"]).expect(0).rules(), [""; 0]);
    assert_eq!(run(&fresh.url(), &[]).expect(0).rules(), [""; 0]);
    assert!(!baseline(&drifted.url(), &["--prune"]).contains("[[finding]]"));
}

/// Where an older file's entry was seen isn't known: it holds, is a warning where nothing matches it, and learns where it
/// was seen when the file is written.
#[test]
fn an_older_file_is_read_and_upgraded() {
    let old = r#"[[finding]]
rule = "fk_on_delete_mismatch"
about = "posts.a_id"
declared = "ON DELETE RESTRICT"
observed = "ON DELETE CASCADE ON UPDATE NO ACTION NOT DEFERRABLE"
reason = "until spring"
"#;
    let workspace = Workspace::new()
        .file("src/schema.rs", SCHEMA)
        .file("src/keys.rs", KEYS)
        .file("fkcheck-baseline.toml", old);
    let (drifted, fresh) = (file_where_a_is("CASCADE"), file_where_a_is("RESTRICT"));
    let run = |url: &str| fkcheck(workspace.dir(), &["--database-url", url, "--message-format", "json"], &[]);
    let text =
        || std::fs::read_to_string(workspace.dir().join("fkcheck-baseline.toml")).expect("it is there");
    let write = |url: &str, more: &[&str]| {
        let _ =
            fkcheck(workspace.dir(), &[&["baseline", "--database-url", url], more].concat(), &[]).expect(0);
    };
    assert_eq!(run(&drifted.url()).expect(0).rules(), [""; 0]);
    let elsewhere = run(&fresh.url()).expect(0);
    assert_eq!(elsewhere.rules(), ["fk_stale_baseline"]);
    assert!(elsewhere.stdout.contains("doesn't say where it was seen"), "{elsewhere:?}");
    write(&fresh.url(), &[]);
    assert!(text().contains("until spring") && !text().contains("source = "), "{}", text());
    write(&drifted.url(), &["--prune"]);
    assert!(text().contains("until spring") && text().contains("source = "), "{}", text());
    assert_eq!(run(&fresh.url()).expect(0).rules(), [""; 0]);
    assert_eq!(run(&drifted.url()).expect(0).rules(), [""; 0]);
}

/// Neither a password nor a role is written down.
#[test]
fn a_server_is_named_without_its_login() {
    let Some(server) = fkcheck_tests::postgres() else { return };
    let database = server.fresh_database();
    database.execute(&tables().replacen("ON DELETE RESTRICT", "ON DELETE CASCADE", 1));
    let workspace = Workspace::new().file("src/schema.rs", SCHEMA).file("src/keys.rs", KEYS);
    let _ = fkcheck(workspace.dir(), &["baseline", "--database-url", &database.url()], &[]).expect(0);
    let text = std::fs::read_to_string(workspace.dir().join("fkcheck-baseline.toml")).expect("it is there");
    let source = text.lines().find(|line| line.starts_with("source = ")).expect("a source");
    assert!(
        source.starts_with("source = \"postgres://127.0.0.1:") && source.contains(database.name()),
        "{text}"
    );
    assert!(!source.contains('@'), "{text}");
}

/// Keys of one column to two parents are two findings, and two entries.
#[test]
fn keys_of_one_column_are_known_each_for_itself() {
    let schema =
        "diesel::table! { users (id) { id -> Integer, } } diesel::table! { teams (id) { id -> Integer, } }
        diesel::table! { posts (id) { id -> Integer, a_id -> Integer, } }";
    let keys = "use crate::schema::*; fkcheck_macros::foreign_keys! {
        posts (a_id) -> users (id), on_delete = restrict; posts (a_id) -> teams (id), on_delete = restrict; }";
    let file = |users: &str, teams: &str| {
        SqliteFile::new(&format!(
            "CREATE TABLE users (id INTEGER PRIMARY KEY); CREATE TABLE teams (id INTEGER PRIMARY KEY);
             CREATE TABLE posts (id INTEGER PRIMARY KEY, a_id INTEGER NOT NULL,
                FOREIGN KEY (a_id) REFERENCES users (id) ON DELETE {users}, FOREIGN KEY (a_id) REFERENCES teams (id) ON DELETE {teams});
             CREATE INDEX a ON posts (a_id)"
        ))
    };
    let workspace = Workspace::new().file("src/schema.rs", schema).file("src/keys.rs", keys);
    let check = |file: &SqliteFile| {
        fkcheck(workspace.dir(), &["--database-url", &file.url(), "--message-format", "json"], &[])
    };
    let one = file("CASCADE", "RESTRICT");
    let _ = fkcheck(workspace.dir(), &["baseline", "--database-url", &one.url()], &[]).expect(0);
    let text = std::fs::read_to_string(workspace.dir().join("fkcheck-baseline.toml")).expect("it is there");
    assert!(text.contains("about = \"posts.a_id → users\""), "{text}");
    assert_eq!(check(&one).expect(0).rules(), [""; 0]);
    let both = check(&file("CASCADE", "CASCADE")).expect(1);
    assert_eq!(both.rules(), ["fk_on_delete_mismatch"]);
    assert_eq!(both.findings()[0]["parent"]["table"], "teams");
}
