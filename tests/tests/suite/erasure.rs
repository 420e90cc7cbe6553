//! The inventory of an erasure: every table that holds something of a person has its answer, or fails.

use std::collections::BTreeMap;

use fkcheck_core::model::Engine;
use fkcheck_tests::{Run, Server, SqliteFile, Workspace, fkcheck, impacts, postgres, unwrapped};
use serde_json::{Value, json};

const DATABASE: &str = "
    CREATE TABLE users (id INTEGER PRIMARY KEY NOT NULL, invited_by INTEGER REFERENCES users (id) ON DELETE SET NULL);
    CREATE TABLE posts (id INTEGER PRIMARY KEY NOT NULL, user_id INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
        editor_id INTEGER REFERENCES users (id) ON DELETE SET NULL);
    CREATE TABLE comments (id INTEGER PRIMARY KEY NOT NULL, post_id INTEGER NOT NULL REFERENCES posts (id) ON DELETE CASCADE);
    CREATE TABLE drafts (id INTEGER PRIMARY KEY NOT NULL, user_id INTEGER REFERENCES users (id) ON DELETE SET NULL);
    CREATE TABLE pages (id INTEGER PRIMARY KEY NOT NULL, draft_id INTEGER NOT NULL REFERENCES drafts (id) ON DELETE CASCADE);
    CREATE TABLE orders (id INTEGER PRIMARY KEY NOT NULL, user_id INTEGER NOT NULL REFERENCES users (id) ON DELETE RESTRICT);
    CREATE TABLE items (id INTEGER PRIMARY KEY NOT NULL, order_id INTEGER NOT NULL REFERENCES orders (id) ON DELETE CASCADE);
    CREATE TABLE logins (id INTEGER PRIMARY KEY NOT NULL, user_id INTEGER NOT NULL, created_by INTEGER, sort_by INTEGER, user_name TEXT);";

const SCHEMA: &str = "
    diesel::table! { users (id) { id -> Integer, invited_by -> Nullable<Integer>, } }
    diesel::table! { posts (id) { id -> Integer, user_id -> Integer, editor_id -> Nullable<Integer>, } }
    diesel::table! { comments (id) { id -> Integer, post_id -> Integer, } }
    diesel::table! { drafts (id) { id -> Integer, user_id -> Nullable<Integer>, } }
    diesel::table! { pages (id) { id -> Integer, draft_id -> Integer, } }
    diesel::table! { orders (id) { id -> Integer, user_id -> Integer, } }
    diesel::table! { items (id) { id -> Integer, order_id -> Integer, } }
    diesel::table! {
        logins (id) {
            id -> Integer,
            user_id -> Integer,
            created_by -> Nullable<Integer>,
            sort_by -> Nullable<Integer>,
            user_name -> Nullable<Text>,
        }
    }
";

const ROOTS: &str = "[workspace.metadata.fkcheck.erasure]\nroots = [\"users\"]\n";

/// A workspace with these annotations of `foreign_keys!` and this configuration.
fn workspace(annotations: &str, configuration: &str) -> Workspace {
    let keys = format!(
        "use crate::schema::*;
         fkcheck_macros::foreign_keys! {{ posts (user_id) -> users (id), on_delete = cascade; {annotations} }}"
    );
    Workspace::new()
        .file("src/schema.rs", SCHEMA)
        .file("src/keys.rs", &keys)
        .file("src/lib.rs", "pub mod keys;\npub mod schema;\n")
        .manifest(configuration)
}

/// Runs the command on a database as above.
fn run(workspace: &Workspace, arguments: &[&str]) -> Run {
    let file = SqliteFile::new(DATABASE);
    let url = file.url();
    let all: Vec<&str> = arguments.iter().copied().chain(["--database-url", &url]).collect();
    fkcheck(workspace.dir(), &all, &[])
}

fn inventory(run: &Run) -> Value {
    serde_json::from_str(run.stdout.lines().next().expect("a line")).expect("JSON")
}

/// `table: rows` of each line.
fn lines(inventory: &Value) -> BTreeMap<&str, &str> {
    let tables = inventory["tables"].as_array().expect("tables");
    tables.iter().map(|held| (held["table"].as_str().unwrap(), held["rows"].as_str().unwrap())).collect()
}

fn part<'v>(inventory: &'v Value, table: &str, column: &str) -> &'v Value {
    let tables = inventory["tables"].as_array().expect("tables");
    let parts = tables
        .iter()
        .filter(|held| held["table"] == table)
        .flat_map(|held| held["parts"].as_array().unwrap());
    parts.into_iter().find(|part| part["columns"] == json!([column])).expect("a part")
}

/// `child column` of each question, by the plain check.
fn asked(run: &Run) -> Vec<String> {
    let of_rule = run.findings().into_iter().filter(|finding| finding["rule"] == "fk_erasure_unknown");
    let mut asked: Vec<String> = of_rule
        .map(|finding| {
            let child = &finding["child"];
            format!("{}.{}", child["table"].as_str().unwrap(), child["columns"][0].as_str().unwrap())
        })
        .collect();
    asked.sort();
    asked
}

const JSON: [&str; 3] = ["--erasure", "--message-format", "json"];

#[test]
fn every_table_has_its_line() {
    let workspace = workspace("", ROOTS);
    let run = run(&workspace, &[&["impact"], &JSON[..]].concat()).expect(1);
    let found = inventory(&run);
    let expected = [
        ("comments", "erased"),
        ("drafts", "anonymised"),
        ("items", "unknown"),
        ("logins", "unknown"),
        ("orders", "unknown"),
        // Some of its rows are erased, and some stay without the editor's name.
        ("posts", "anonymised"),
        ("users", "anonymised"),
    ];
    // `pages` hang on rows that no longer say whose they are.
    assert_eq!(lines(&found), BTreeMap::from(expected), "{run:?}");
    assert_eq!(part(&found, "posts", "user_id")["rows"], "erased");
    assert_eq!(part(&found, "orders", "user_id")["why"], "refuses");
    assert_eq!(part(&found, "items", "order_id")["why"], "below");
    assert_eq!(part(&found, "comments", "post_id")["path"], json!(["users", "posts", "comments"]));
    assert_eq!(found["counts"], json!({ "erased": 1, "anonymised": 3, "kept": 0, "unknown": 3 }));
    assert_eq!(found["not_looked_at"], json!([]));
}

#[test]
fn the_check_asks_the_same_at_the_place() {
    let workspace = workspace("", ROOTS);
    let check = run(&workspace, &["--message-format", "json"]).expect(1);
    assert_eq!(asked(&check), ["logins.created_by", "logins.user_id", "orders.user_id"]);
    let human = unwrapped(&run(&workspace, &["-q"]).expect(1).stdout);
    for words in [
        "`logins.user_id` looks like a copy of an id of `users`",
        "`#[fk(none, reason = \"why\")]`",
        "rows of `orders` refuse the erasure of a row of `users`",
        "`#[fk(on_delete = restrict, reason = \"why\")]`",
        "`kept.orders = \"why\"`",
        "src/schema.rs:7",
    ] {
        assert!(human.contains(words), "{words}: {human}");
    }
    let listed = run(&workspace, &["impact", "--erasure"]).expect(1);
    assert!(unwrapped(&listed.stderr).contains("`logins.user_id` looks like"), "{listed:?}");
    // A level and an allowance are as everywhere.
    run(&workspace, &["-q", "-A", "fk_erasure_unknown"]).expect(0);
    run(&workspace, &["impact", "--erasure", "-W", "fk_erasure_unknown"]).expect(0);
}

#[test]
fn reasons_answer() {
    let annotations = "
        orders (user_id) -> users (id), on_delete = restrict, reason = \"invoices, ten years\";
        logins (user_id), none, reason = \"kept for 90 days\";
        logins (created_by), none, reason = \"the job that wrote it\";";
    let workspace = workspace(annotations, ROOTS);
    let listed = run(&workspace, &[&["impact"], &JSON[..]].concat()).expect(0);
    let found = inventory(&listed);
    let kept: Vec<&str> =
        lines(&found).into_iter().filter(|(_, rows)| *rows == "kept").map(|(table, _)| table).collect();
    assert_eq!(kept, ["items", "logins", "orders"]);
    assert_eq!(part(&found, "orders", "user_id")["reason"], "invoices, ten years");
    assert_eq!(part(&found, "logins", "user_id")["place"], "src/keys.rs:4");
    run(&workspace, &["-q"]).expect(0);
    // No reason is no answer.
    let silent = workspace_with_silent_none();
    assert_eq!(asked(&run(&silent, &["--message-format", "json"]).expect(1)), ["logins.user_id"]);
}

fn workspace_with_silent_none() -> Workspace {
    let annotations = "
        orders (user_id) -> users (id), on_delete = restrict, reason = \"ten years\";
        logins (user_id), none;
        logins (created_by), none, reason = \"the job that wrote it\";";
    workspace(annotations, ROOTS)
}

#[test]
fn the_configuration_keeps_whole_tables() {
    let kept = format!("{ROOTS}kept = {{ orders = \"ten years\", logins = \"90 days\" }}\n");
    let workspace = workspace("", &kept);
    let found = inventory(&run(&workspace, &[&["impact"], &JSON[..]].concat()).expect(0));
    assert_eq!(part(&found, "orders", "user_id")["reason"], "ten years");
    let place = part(&found, "logins", "created_by")["place"].as_str().unwrap();
    assert!(place.starts_with("Cargo.toml:15:"), "{place}");
    run(&workspace, &["-q"]).expect(0);
}

#[test]
fn what_is_kept_must_not_be_erased() {
    let kept = format!(
        "{ROOTS}kept = {{ orders = \"ten years\", logins = \"90 days\", comments = \"of value\" }}\n"
    );
    let workspace = workspace("", &kept);
    let check = run(&workspace, &["--message-format", "json"]).expect(1);
    assert_eq!(asked(&check), ["comments.post_id"]);
    let human = unwrapped(&run(&workspace, &["-q"]).expect(1).stdout);
    assert!(
        human
            .contains("the configuration keeps `comments`, and a delete of a row of `users` erases its rows"),
        "{human}"
    );
}

#[test]
fn wrong_words_in_the_configuration() {
    for (configuration, words) in [
        (
            "[workspace.metadata.fkcheck.erasure]\nroots = [\"userss\"]\n",
            "Cargo.toml:14:10: no table `userss` in",
        ),
        ("[workspace.metadata.fkcheck.erasure]\nroots = [\"userss\"]\n", "did you mean `users`?"),
        ("[workspace.metadata.fkcheck.erasure]\nrots = [\"users\"]\n", "unknown key `rots`"),
        ("[workspace.metadata.fkcheck.erasure]\nrots = [\"users\"]\n", "did you mean `roots`?"),
        ("[workspace.metadata.fkcheck.erasure]\nroots = [1]\n", "`roots` takes names of tables"),
        ("[workspace.metadata.fkcheck.erasure]\nkept = { order = \"x\" }\n", "no table `order` in"),
        (
            "[workspace.metadata.fkcheck.erasure]\nkept = { orders = \" \" }\n",
            "`orders` is kept for no reason",
        ),
        (
            "[workspace.metadata.fkcheck.erasure]\nroots = [\"users\"]\nkept = { users = \"x\" }\n",
            "`users` is a root",
        ),
        ("[workspace.metadata.fkcheck]\nerasure = [\"users\"]\n", "`erasure` takes a section"),
    ] {
        let workspace = workspace("", configuration);
        for arguments in [&["-q"][..], &["impact", "--erasure"]] {
            let run = run(&workspace, arguments).expect(2);
            assert!(run.stderr.contains(words), "{words}: {run:?}");
        }
    }
    let run = run(&workspace("", ROOTS), &["impact", "userss", "--erasure"]).expect(2);
    assert!(run.stderr.contains("did you mean `users`?"), "{run:?}");
}

#[test]
fn without_roots_nothing_is_asked() {
    let workspace = workspace("", "");
    run(&workspace, &["-q"]).expect(0);
    let without = run(&workspace, &["impact", "--erasure"]).expect(2);
    assert!(without.stderr.contains("`roots = [\"users\"]`"), "{without:?}");
    // A table that is named is listed; nothing fails that nobody has configured.
    let named = run(&workspace, &["impact", "users", "--erasure"]).expect(0);
    assert!(named.stdout.contains(" unknown     logins"), "{named:?}");
    assert!(named.stdout.contains("none of the configuration's `erasure.roots`"), "{named:?}");
    run(&workspace, &["impact", "users", "--erasure", "-D", "fk_erasure_unknown"]).expect(1);
}

#[test]
fn several_roots() {
    let workspace = workspace("", "[workspace.metadata.fkcheck.erasure]\nroots = [\"users\", \"orders\"]\n");
    let check = run(&workspace, &["--message-format", "json"]).expect(1);
    // Once each, though `created_by` may be of both.
    assert_eq!(asked(&check), ["logins.created_by", "logins.user_id", "orders.user_id"]);
    let listed = run(&workspace, &["impact", "-q", "--erasure"]).expect(1);
    assert!(
        listed.stdout.contains("Erasure of a row of users")
            && listed.stdout.contains("Erasure of a row of orders")
    );
    let one = run(&workspace, &["impact", "orders", "-q", "--erasure"]).expect(1);
    assert!(!one.stdout.contains("Erasure of a row of users"), "{one:?}");
}

#[test]
fn a_root_that_only_one_side_has_is_not_known() {
    let configuration = "[workspace.metadata.fkcheck.erasure]\nroots = [\"people\"]\n";
    let workspace = workspace("", configuration);
    let code = format!("{SCHEMA}\ndiesel::table! {{ people (id) {{ id -> Integer, }} }}");
    workspace.write("src/schema.rs", &code);
    let check = run(&workspace, &["-q"]).expect(3);
    assert!(check.stdout.contains("`people`, whose rows are to be erased, is no table of"), "{check:?}");
    run(&workspace, &["impact", "--erasure"]).expect(3);
}

#[test]
fn what_was_not_looked_at_is_said() {
    let workspace = workspace("", ROOTS);
    workspace.write(
        "src/schema.rs",
        &SCHEMA.replace("diesel::table! { pages (id) { id -> Integer, draft_id -> Integer, } }", ""),
    );
    let listed = run(&workspace, &["impact", "--erasure"]).expect(1);
    assert!(listed.stdout.contains("doesn't have the table: pages"), "{listed:?}");
}

/// A document, the same at every run.
#[test]
fn the_documents() {
    let annotations = "
        orders (user_id) -> users (id), on_delete = restrict, reason = \"invoices, ten years\";
        logins (user_id), none, reason = \"kept for 90 days\";";
    let workspace = workspace(annotations, ROOTS);
    let file = SqliteFile::new(DATABASE);
    let said = |format: &str| {
        let arguments =
            ["impact", "-q", "--erasure", "--message-format", format, "--database-url", &file.url()];
        let text = fkcheck(workspace.dir(), &arguments, &[]).expect(1).stdout;
        text.replace(&file.path().display().to_string(), "app.db")
    };
    insta::assert_snapshot!("text", said("human"));
    insta::assert_snapshot!("markdown", said("markdown"));
    let page = said("html");
    assert!(
        page.contains("<h1>Erasure of a row of users</h1>")
            && page.contains("<td data-name=\"Why\">invoices, ten years</td>")
    );
    assert!(
        page.contains("<strong>unknown</strong>")
            && page.contains("7 tables hold something of it: 1 unknown"),
        "{page}"
    );
}

/// With rows in all tables, each of which is erased, cleared, refuses or stays as its line says.
fn is_done_as_said(engine: Engine, server: Option<&Server>) {
    let workspace = workspace("", ROOTS);
    workspace.write("migrations/2024-01-01-000000_all/up.sql", DATABASE);
    let migrations = workspace.dir().join("migrations");
    let report = impacts::erasure::run(engine, server, &migrations, (workspace.dir(), "users"), 0);
    assert!(report.wrong.is_empty() && report.unseen.is_empty() && report.notes.is_empty(), "{report}");
    assert_eq!((report.persons, report.right.len(), report.asked.len()), (25, 7, 2), "{report}");
}

#[test]
fn sqlite_does_what_is_said() {
    is_done_as_said(Engine::Sqlite, None);
}

#[test]
fn postgres_does_what_is_said() {
    if let Some(server) = postgres() {
        is_done_as_said(Engine::Postgres, Some(&server));
    }
}
