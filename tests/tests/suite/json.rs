//! The JSON stream, read by the crate that rust-analyzer reads cargo's with, after the flags that rust-analyzer passes.

use cargo_metadata::diagnostic::{Applicability, DiagnosticLevel};
use cargo_metadata::{CompilerMessage, Message};
use fkcheck_tests::{Run, SqliteFile, Workspace, cargo_fkcheck, fkcheck};
use serde_json::{Value, json};

const DATABASE: &str = "
    CREATE TABLE users (id INTEGER NOT NULL PRIMARY KEY);
    CREATE TABLE posts (id INTEGER NOT NULL PRIMARY KEY, author_id INTEGER REFERENCES users (id) ON DELETE CASCADE,
        CONSTRAINT \"the editor\" FOREIGN KEY (author_id) REFERENCES users (id) ON DELETE CASCADE);
    CREATE TABLE likes (id INTEGER NOT NULL PRIMARY KEY,
        post_id INTEGER NOT NULL REFERENCES posts (id) ON DELETE CASCADE);
    CREATE INDEX posts_author ON posts (author_id);
    CREATE INDEX likes_post ON likes (post_id);";

fn package(name: &str) -> String {
    format!(
        "[package]\nname = \"{name}\"\nversion = \"0.1.0\"\nedition = \"2024\"\n
[dependencies]\nlibsqlite3-sys = {{ version = \"*\", features = [\"bundled\"] }}\n"
    )
}

/// `accounts` holds users and posts, `social` likes; both have drifted. The folder of `social` has another name.
fn workspace() -> Workspace {
    let model = |module: &str, column: &str, parent: &str, action: &str| {
        format!(
            "#[derive(fkcheck_macros::ForeignKeys)]
#[diesel(table_name = {module})]
pub struct Model {{
    pub id: i32,
    #[fk(references = {parent}(id), on_delete = {action})]
    pub {column}: i32,
}}
"
        )
    };
    let tables = "diesel::table! { users (id) { id -> Integer, } }
diesel::table! { posts (id) { id -> Integer, author_id -> Nullable<Integer>, } }
diesel::table! { likes (id) { id -> Integer, post_id -> Integer, } }
";
    Workspace::new()
        .file("Cargo.toml", "[workspace]\nresolver = \"3\"\nmembers = [\"accounts\", \"crates/like\"]\n")
        .file("accounts/Cargo.toml", &package("accounts"))
        .file("accounts/src/lib.rs", &format!("{tables}{}", model("posts", "author_id", "users", "set_null")))
        .file("crates/like/Cargo.toml", &package("social"))
        .file("crates/like/src/lib.rs", "mod main_model;\n")
        .file("crates/like/src/main.rs", "fn main() {}\n")
        .file("crates/like/src/main_model.rs", &model("likes", "post_id", "posts", "restrict"))
}

fn check(workspace: &Workspace, database: &SqliteFile, arguments: &[&str]) -> Run {
    let url = database.url();
    let mut all = vec!["--message-format", "json", "--database-url", &url];
    all.extend(arguments);
    fkcheck(workspace.dir(), &all, &[])
}

/// The diagnostics of a stream that is cargo's in every line but the last.
fn messages(run: &Run) -> Vec<CompilerMessage> {
    let mut lines: Vec<Message> =
        Message::parse_stream(run.stdout.as_bytes()).collect::<Result<_, _>>().expect("cargo's lines");
    let last = lines.pop().expect("a last line");
    assert!(
        matches!(&last, Message::TextLine(line) if line.starts_with(r#"{"reason":"fkcheck-finished""#)),
        "{last:?}"
    );
    let before = lines.pop().expect("a line before the last");
    let success = run.code == 0;
    assert!(matches!(&before, Message::BuildFinished(end) if end.success == success), "{before:?}");
    let messages = lines.into_iter().map(|line| match line {
        Message::CompilerMessage(message) => message,
        other => panic!("{other:?}"),
    });
    messages.collect()
}

#[test]
fn every_line_is_one_of_cargo_s() {
    let workspace = workspace().file("accounts/src/broken.rs", "struct X { #[fk(none) }\n");
    let run = check(&workspace, &SqliteFile::new(DATABASE), &[]).expect(1);
    let messages = messages(&run);
    let told: Vec<(String, String, String)> = messages
        .iter()
        .map(|message| {
            let code = message.message.code.as_ref().map(|code| code.code.clone()).unwrap_or_default();
            let place = message.message.spans.iter().find(|span| span.is_primary).expect("a place");
            let place = format!("{}:{}:{}", place.file_name, place.line_start, place.column_start);
            (message.target.name.clone(), code, place)
        })
        .collect();
    let triple = |a: &str, b: &str, c: &str| (a.to_owned(), b.to_owned(), c.to_owned());
    assert_eq!(
        told,
        [
            triple("accounts", "fkcheck::fk_on_delete_mismatch", "accounts/src/lib.rs:8:46"),
            triple("social", "fkcheck::fk_on_delete_mismatch", "crates/like/src/main_model.rs:5:46"),
            triple("accounts", "", "accounts/src/broken.rs:1:23"),
        ]
    );
    let root = workspace.dir().canonicalize().expect("it is there").display().to_string();
    let ids: Vec<&str> = messages.iter().map(|message| message.package_id.repr.as_str()).collect();
    let accounts = format!("path+file://{root}/accounts#0.1.0");
    assert_eq!(ids, [&accounts, &format!("path+file://{root}/crates/like#social@0.1.0"), &accounts]);
    let finding = &messages[1].message;
    assert_eq!(finding.level, DiagnosticLevel::Error);
    assert!(
        finding.message.contains("`likes.post_id` → `posts` is ON DELETE RESTRICT in the code and CASCADE")
    );
    assert!(finding.rendered.as_ref().expect("rendered").starts_with("  error[fk_on_delete_mismatch]: "));
    let explanation =
        finding.code.as_ref().and_then(|code| code.explanation.as_ref()).expect("the rule's page");
    assert!(explanation.contains("# fk_on_delete_mismatch"), "{explanation}");
}

/// The edit, applied as an editor does, makes the code agree.
#[test]
fn the_quick_fix_fixes() {
    let database = SqliteFile::new(DATABASE);
    let workspace = workspace();
    let run = check(&workspace, &database, &[]).expect(1);
    for message in messages(&run) {
        let fixes = message.message.children.iter().flat_map(|child| &child.spans);
        let fixes: Vec<_> = fixes.filter(|span| span.suggested_replacement.is_some()).collect();
        let [fix] = &fixes[..] else { panic!("{fixes:#?}") };
        assert_eq!(fix.suggestion_applicability, Some(Applicability::MaybeIncorrect));
        let path = workspace.dir().join(&fix.file_name);
        let mut text = std::fs::read_to_string(&path).expect("the file");
        let bytes = fix.byte_start as usize..fix.byte_end as usize;
        text.replace_range(bytes, fix.suggested_replacement.as_ref().expect("an edit"));
        std::fs::write(path, text).expect("written");
    }
    assert_eq!(messages(&check(&workspace, &database, &[]).expect(0)).len(), 0);
}

#[test]
fn the_member_fkcheck_holds_the_finding_s_data() {
    let run = check(&workspace(), &SqliteFile::new(DATABASE), &[]).expect(1);
    let findings = run.findings();
    let database = findings[0]["database"].as_str().expect("words");
    assert!(database.starts_with("SQLite 3.") && database.ends_with("/test.db"), "{database}");
    assert_eq!(
        findings[1],
        json!({
            "rule": "fk_on_delete_mismatch",
            "level": "deny",
            "child": { "schema": null, "table": "likes", "columns": ["post_id"] },
            "parent": { "schema": null, "table": "posts", "columns": ["id"] },
            "declared": { "on_delete": "RESTRICT", "on_update": null, "deferrability": null },
            "observed": { "on_delete": "CASCADE", "on_update": "NO ACTION", "deferrability": "NOT DEFERRABLE" },
            "source": "database",
            "constraint": null,
            "database": database,
            "further_up": ["deleting a row of `users` no longer deletes rows of `likes`, and can fail at `likes.post_id`"],
        })
    );
    // Two keys on the same columns: the one that acts first is shown, and in SQLite that is the last.
    assert_eq!(findings[0]["constraint"], "the editor");
    let last = run.json().pop().expect("the last line");
    assert_eq!(
        last["keys"],
        json!({ "declared": 2, "observed": 3, "paired": 2, "undeclared": 0, "skipped": 0 })
    );
    assert_eq!(last["findings"], json!({ "deny": 2, "warn": 0, "note": 0 }));
    assert_eq!(last["success"], false);
    assert_eq!(last["problems"], json!([]));
    assert_eq!(
        last["counts"],
        json!({ "packages": 2, "files": 4, "tables": 3, "joinables": 0, "models": 2 })
    );
    assert!(last["elapsed_ms"].is_u64());
}

#[test]
fn a_named_schema_and_deferrability_are_told() {
    let Some(server) = fkcheck_tests::postgres() else { return };
    let database = server.fresh_database();
    database.execute(
        "CREATE SCHEMA billing;
         CREATE TABLE billing.orders (id bigint, region text, PRIMARY KEY (id, region));
         CREATE TABLE billing.lines (id bigint PRIMARY KEY, order_id bigint, region text,
             CONSTRAINT lines_order FOREIGN KEY (order_id, region) REFERENCES billing.orders
                 ON UPDATE CASCADE ON DELETE SET NULL (order_id) DEFERRABLE INITIALLY DEFERRED)",
    );
    let workspace = Workspace::new().file(
        "src/lib.rs",
        "pub mod billing {
    diesel::table! { billing.orders (id, region) { id -> BigInt, region -> Text, } }
    diesel::table! { billing.lines (id) { id -> BigInt, order_id -> Nullable<BigInt>, region -> Nullable<Text>, } }
}
fkcheck_macros::foreign_keys! {
    billing::lines (region, order_id) -> billing::orders (region, id), on_delete = cascade, on_update = no_action,
        deferrable = immediate;
}",
    );
    let run = fkcheck(
        workspace.dir(),
        &["--message-format", "json", "--database-url", &database.url(), "-A", "fk_missing_index"],
        &[],
    );
    let run = run.expect(1);
    assert_eq!(run.rules(), ["fk_on_delete_mismatch", "fk_on_update_mismatch", "fk_deferrability_mismatch"]);
    for finding in run.findings() {
        assert_eq!(
            finding["child"],
            json!({ "schema": "billing", "table": "lines", "columns": ["region", "order_id"] })
        );
        assert_eq!(
            finding["parent"],
            json!({ "schema": "billing", "table": "orders", "columns": ["region", "id"] })
        );
        assert_eq!(
            finding["declared"],
            json!({ "on_delete": "CASCADE", "on_update": "NO ACTION", "deferrability": "DEFERRABLE INITIALLY IMMEDIATE" })
        );
        assert_eq!(
            finding["observed"],
            json!({ "on_delete": "SET NULL (order_id)", "on_update": "CASCADE", "deferrability": "DEFERRABLE INITIALLY DEFERRED" })
        );
        assert_eq!(finding["constraint"], "lines_order");
    }
}

/// Nothing in a message is left out, for cargo's readers refuse it then.
#[test]
fn members_have_cargo_s_names_and_types() {
    let run = check(&workspace(), &SqliteFile::new(DATABASE), &[]).expect(1);
    let line = &run.json()[0];
    let is = |pointer: &str, test: fn(&Value) -> bool| {
        let value = line.pointer(pointer).unwrap_or_else(|| panic!("{pointer} is missing in {line:#}"));
        assert!(test(value), "{pointer} is {value}");
    };
    for pointer in [
        "/reason",
        "/package_id",
        "/manifest_path",
        "/target/name",
        "/target/src_path",
        "/target/edition",
        "/target/kind/0",
        "/target/crate_types/0",
        "/message/message",
        "/message/level",
        "/message/code/code",
        "/message/code/explanation",
        "/message/rendered",
        "/message/$message_type",
        "/message/spans/0/file_name",
        "/message/spans/0/label",
        "/message/spans/0/text/0/text",
        "/message/children/0/message",
        "/fkcheck/rule",
        "/fkcheck/level",
        "/fkcheck/child/table",
        "/fkcheck/child/columns/0",
        "/fkcheck/parent/table",
        "/fkcheck/declared/on_delete",
        "/fkcheck/observed/on_delete",
        "/fkcheck/observed/on_update",
        "/fkcheck/source",
        "/fkcheck/database",
    ] {
        is(pointer, Value::is_string);
    }
    for pointer in ["/target/doc", "/target/doctest", "/target/test", "/message/spans/0/is_primary"] {
        is(pointer, Value::is_boolean);
    }
    for pointer in [
        "/message/spans/0/byte_start",
        "/message/spans/0/byte_end",
        "/message/spans/0/line_start",
        "/message/spans/0/line_end",
        "/message/spans/0/column_start",
        "/message/spans/0/column_end",
        "/message/spans/0/text/0/highlight_start",
        "/message/spans/0/text/0/highlight_end",
    ] {
        is(pointer, Value::is_u64);
    }
    for pointer in ["/message/spans/0/expansion", "/fkcheck/child/schema", "/fkcheck/declared/on_update"] {
        is(pointer, Value::is_null);
    }
}

/// The commands that rust-analyzer runs, word for word.
#[test]
fn an_editor_s_flags_are_accepted() {
    let database = SqliteFile::new(DATABASE);
    let workspace = workspace();
    let environment = [("DATABASE_URL", database.url())];
    let environment: Vec<(&str, &str)> =
        environment.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let manifest = workspace.manifest_path().display().to_string();
    let root = workspace.dir().canonicalize().expect("it is there").display().to_string();
    let accounts = format!("path+file://{root}/accounts#0.1.0");
    let social = format!("path+file://{root}/crates/like#social@0.1.0");
    let ansi = "--message-format=json-diagnostic-rendered-ansi";
    let whole = [
        "--workspace",
        "--message-format=json",
        "--manifest-path",
        &manifest,
        "--keep-going",
        "--all-targets",
    ];
    for (arguments, findings) in [
        (&whole[..], 2),
        (&["--workspace", ansi, "--manifest-path", &manifest, "--keep-going", "--all-targets"], 2),
        (&["-p", &accounts, ansi, "--manifest-path", &manifest, "--keep-going", "--lib"], 1),
        (&["-p", &social, ansi, "--manifest-path", &manifest, "--keep-going", "--bin", "social"], 1),
        (&["--package", &social, ansi, "--bin=social", "--example", "x", "--test", "y", "--bench", "z"], 1),
        (
            &["--workspace", ansi, "--features", "a b", "--no-default-features", "--all-features", "-F", "c"],
            2,
        ),
        (&["--workspace", ansi, "--target", "x86_64-unknown-linux-gnu", "--target-dir", "/tmp/x"], 2),
        (
            &[
                "--workspace",
                ansi,
                "--config",
                "k=v",
                "--config=build.jobs=1",
                "-Z",
                "x",
                "-j",
                "2",
                "--release",
            ],
            2,
        ),
        (&["--all", ansi, "--profile", "dev", "--bins", "--examples", "--tests", "--benches", "--locked"], 2),
        (&["-p", "accounts", "-p", "social@0.1.0", ansi], 2),
        (&["--workspace", "--exclude", "accounts", ansi], 1),
    ] {
        let run = cargo_fkcheck(workspace.dir(), arguments, &environment).expect(1);
        let messages = messages(&run);
        assert_eq!(messages.len(), findings, "{arguments:?}: {run:?}");
        let rendered = messages[0].message.rendered.as_ref().expect("rendered");
        assert_eq!(rendered.contains('\u{1b}'), arguments.contains(&ansi), "{arguments:?}");
        assert!(!run.stdout.contains('\u{1b}'), "colours stand in it as escapes: {arguments:?}");
    }
}

#[test]
fn json_render_diagnostics_puts_the_findings_on_stderr() {
    let run = check(&workspace(), &SqliteFile::new(DATABASE), &["-q"]).expect(1);
    assert_eq!(run.stderr, "");
    let workspace = workspace();
    let database = SqliteFile::new(DATABASE);
    let url = database.url();
    let render = |format: &str| {
        let run =
            fkcheck(workspace.dir(), &["--message-format", format, "--database-url", &url], &[]).expect(1);
        assert_eq!(messages(&run).len(), 0);
        run.stderr
    };
    assert!(render("json-render-diagnostics").contains("error[fk_on_delete_mismatch]: `likes.post_id`"));
    let short = render("json-render-diagnostics,json-diagnostic-short");
    assert!(short.contains("crates/like/src/main_model.rs:5:46: error[fk_on_delete_mismatch]: "), "{short}");
}

#[test]
fn a_package_s_filter_hides_the_others_findings_and_no_problem() {
    let database = SqliteFile::new(DATABASE);
    let rules_and_problems = |workspace: &Workspace, package: &str, code: i32| {
        let run = check(workspace, &database, &["-p", package]).expect(code);
        let messages = messages(&run);
        let last = run.json().pop().expect("the last line");
        // The whole workspace is read all the same.
        assert_eq!(last["keys"]["paired"], 2);
        assert_eq!(last["counts"]["packages"], 2);
        let problems = last["problems"].as_array().expect("a list").len();
        assert_eq!(messages.len(), run.rules().len() + problems);
        (run.rules().len(), problems)
    };
    let drifted = workspace();
    assert_eq!(rules_and_problems(&drifted, "accounts", 1), (1, 0));
    assert_eq!(rules_and_problems(&drifted, "social", 1), (1, 0));
    let accounts = std::fs::read_to_string(drifted.dir().join("accounts/src/lib.rs")).expect("the file");
    let half = drifted.file("accounts/src/lib.rs", &accounts.replace("set_null", "cascade"));
    assert_eq!(rules_and_problems(&half, "accounts", 0), (0, 0));
    assert_eq!(rules_and_problems(&half, "social", 1), (1, 0));
    let broken = half.file("crates/like/src/broken.rs", "struct X { #[fk(none) }\n");
    assert_eq!(rules_and_problems(&broken, "accounts", 3), (0, 1));
    assert_eq!(rules_and_problems(&broken, "social", 1), (1, 1));
}
