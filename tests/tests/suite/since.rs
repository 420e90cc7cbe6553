//! `--since`: what a branch changes in deletes, told of real repositories.

use std::path::Path;

use fkcheck_tests::git::{commit, git};
use fkcheck_tests::{Run, Workspace, fkcheck};
use serde_json::{Value, json};

const POSTGRES: &str = r#"[package]
name = "app"
version = "0.1.0"
edition = "2024"

[dependencies]
diesel = { version = "2.3", features = ["postgres"] }

[workspace]
"#;

const FIRST: &str = "CREATE TABLE orgs (id serial PRIMARY KEY);
CREATE TABLE users (id serial PRIMARY KEY, org_id int REFERENCES orgs ON DELETE CASCADE);
CREATE TABLE invoices (id serial PRIMARY KEY, user_id int REFERENCES users);
CREATE TABLE lines (id serial PRIMARY KEY, invoice_id int REFERENCES invoices ON DELETE CASCADE);
";

/// A repository with one commit on `main`: these migrations of `PostgreSQL`, in their order.
fn repository(texts: &[&str]) -> Workspace {
    repository_of(POSTGRES, texts)
}

fn repository_of(manifest: &str, texts: &[&str]) -> Workspace {
    let mut workspace = Workspace::new().file("Cargo.toml", manifest);
    for (number, text) in (1..).zip(texts) {
        workspace = workspace.file(&migration(number), text);
    }
    git(workspace.dir(), &["init", "--quiet", "--initial-branch", "main"]);
    commit(workspace.dir());
    workspace
}

fn migration(number: usize) -> String {
    format!("migrations/2026-01-{number:02}-000000_step/up.sql")
}

fn since(dir: &Path, reference: &str, arguments: &[&str]) -> Run {
    fkcheck(dir, &[&["--since", reference, "-q"], arguments].concat(), &[])
}

/// The changes as a program reads them.
fn changes(dir: &Path, reference: &str) -> Value {
    let run = since(dir, reference, &["--message-format", "json"]).expect(0);
    let line = run.json().remove(0);
    assert_eq!((&line["reason"], &line["version"]), (&json!("fkcheck-since"), &json!(1)));
    line
}

fn deletes(changes: &Value) -> Vec<&str> {
    changes["deletes"].as_array().unwrap().iter().map(|one| one["message"].as_str().unwrap()).collect()
}

/// `new invoices(user_id) -> users CASCADE`
fn keys(changes: &Value) -> Vec<String> {
    let text = |value: &Value| value.as_str().unwrap_or("-").to_owned();
    let key = |key: &Value| {
        let columns: Vec<String> = key["columns"].as_array().unwrap().iter().map(text).collect();
        format!(
            "{} {}({}) -> {} {} {}",
            text(&key["change"]),
            text(&key["table"]),
            columns.join(", "),
            text(&key["parent"]),
            text(&key["was_on_delete"]),
            text(&key["on_delete"])
        )
    };
    changes["keys"].as_array().unwrap().iter().map(key).collect()
}

/// What a second migration on top of `FIRST` changes, not committed.
fn changed_by(text: &str) -> Value {
    let workspace = repository(&[FIRST]);
    workspace.write(&migration(2), text);
    changes(workspace.dir(), "main")
}

#[test]
fn a_rule_that_changes_is_told_of_every_table_above() {
    let found = changed_by(
        "ALTER TABLE invoices DROP CONSTRAINT invoices_user_id_fkey;
ALTER TABLE invoices ADD FOREIGN KEY (user_id) REFERENCES users ON DELETE CASCADE;",
    );
    assert_eq!(keys(&found), ["changed invoices(user_id) -> users NO ACTION CASCADE"]);
    let place = json!({ "file": migration(2), "line": 2, "in_commit": false });
    assert_eq!(found["keys"][0]["place"], place);
    assert_eq!(
        deletes(&found),
        [format!(
            "deleting a row of `users` or `orgs` now also deletes rows of `invoices` and `lines` (`invoices.user_id` CASCADE, was NO ACTION in `{}:2`)",
            migration(2)
        )]
    );
    let tables = json!([{ "table": "users", "step": 1 }, { "table": "orgs", "step": 2 }]);
    assert_eq!(found["deletes"][0]["tables"], tables);
}

#[test]
fn new_keys_and_tables() {
    let found = changed_by(
        "CREATE TABLE teams (id serial PRIMARY KEY, owner int REFERENCES users ON DELETE SET NULL);
CREATE TABLE user_teams (user_id int REFERENCES users ON DELETE CASCADE,
    team_id int NOT NULL REFERENCES teams);
ALTER TABLE lines ADD user_id int REFERENCES users;",
    );
    assert_eq!(found["new_tables"], json!(["teams", "user_teams"]));
    assert_eq!(
        keys(&found),
        [
            "new lines(user_id) -> users - NO ACTION",
            "new teams(owner) -> users - SET NULL",
            "new user_teams(team_id) -> teams - NO ACTION",
            "new user_teams(user_id) -> users - CASCADE",
        ]
    );
    let at = migration(2);
    assert_eq!(
        deletes(&found),
        [
            format!(
                "deleting a row of `users` or `orgs` can now be refused by `lines.user_id` (NO ACTION, new in `{at}:4`)"
            ),
            format!(
                "deleting a row of `users` or `orgs` now clears `teams.owner` (SET NULL, new in `{at}:1`)"
            ),
            format!(
                "deleting a row of `users` or `orgs` now also deletes rows of `user_teams` (`user_teams.user_id` CASCADE, new in `{at}:2`)"
            ),
        ]
    );
}

#[test]
fn keys_and_tables_that_are_gone() {
    let found = changed_by("ALTER TABLE invoices DROP CONSTRAINT invoices_user_id_fkey;\nDROP TABLE lines;");
    assert_eq!(found["gone_tables"], json!(["lines"]));
    assert_eq!(
        keys(&found),
        ["gone invoices(user_id) -> users - NO ACTION", "gone lines(invoice_id) -> invoices - CASCADE"]
    );
    assert_eq!(
        deletes(&found),
        [format!(
            "deleting a row of `users` or `orgs` is no longer refused by `invoices.user_id` (NO ACTION gone in `{}:1`)",
            migration(2)
        )]
    );
    assert_eq!(found["keys"][1]["place"]["line"], 2);
}

#[test]
fn rows_that_stay_now() {
    let found = changed_by(
        "ALTER TABLE users DROP CONSTRAINT users_org_id_fkey, ADD FOREIGN KEY (org_id) REFERENCES orgs ON DELETE SET NULL;
ALTER TABLE lines DROP CONSTRAINT lines_invoice_id_fkey, ADD FOREIGN KEY (invoice_id) REFERENCES invoices ON DELETE RESTRICT;",
    );
    let at = migration(2);
    assert_eq!(
        deletes(&found),
        [
            format!(
                "deleting a row of `invoices` can now be refused by `lines.invoice_id` and no longer deletes its rows (RESTRICT, was CASCADE in `{at}:2`)"
            ),
            format!(
                "deleting a row of `orgs` now clears `users.org_id` and no longer deletes its rows (SET NULL, was CASCADE in `{at}:1`)"
            ),
            format!(
                "deleting a row of `orgs` is no longer refused by `invoices.user_id` (`users.org_id` SET NULL, was CASCADE in `{at}:1`)"
            ),
        ]
    );
}

#[test]
fn what_is_renamed_is_the_same() {
    let found = changed_by(
        "ALTER TABLE invoices RENAME TO bills;
ALTER TABLE bills RENAME COLUMN user_id TO owner_id;
ALTER TABLE lines RENAME invoice_id TO bill_id;",
    );
    assert_eq!(found["renamed_tables"], json!([{ "was": "invoices", "is": "bills" }]));
    assert_eq!((keys(&found), deletes(&found)), (vec![], vec![]));
    assert_eq!((&found["new_tables"], &found["gone_tables"]), (&json!([]), &json!([])));
    // And what changes besides is told under the new name.
    let found = changed_by(
        "ALTER TABLE invoices RENAME TO bills;
ALTER TABLE bills DROP CONSTRAINT invoices_user_id_fkey, ADD FOREIGN KEY (user_id) REFERENCES users ON DELETE CASCADE;",
    );
    assert_eq!(keys(&found), ["changed bills(user_id) -> users NO ACTION CASCADE"]);
}

#[test]
fn a_table_dropped_and_another_made_is_no_rename() {
    let found = changed_by(
        "DROP TABLE lines;
CREATE TABLE rows (id serial PRIMARY KEY, invoice_id int REFERENCES invoices ON DELETE CASCADE);",
    );
    assert_eq!((&found["new_tables"], &found["gone_tables"]), (&json!(["rows"]), &json!(["lines"])));
    assert_eq!(keys(&found).len(), 2);
}

#[test]
fn what_decides_beside_the_rule() {
    let workspace = repository(&[
        FIRST,
        "ALTER TABLE lines ADD user_id int NOT NULL REFERENCES users ON DELETE SET NULL;",
    ]);
    workspace.write(&migration(3), "ALTER TABLE lines ALTER user_id DROP NOT NULL;");
    let found = changes(workspace.dir(), "main");
    assert_eq!(found["keys"][0]["change"], "changed");
    assert!(deletes(&found)[0].contains("now clears `lines.user_id`"), "{found}");
}

#[test]
fn nothing_changed_is_one_line() {
    let workspace = repository(&[FIRST]);
    for change in [None, Some("CREATE INDEX ON invoices (user_id);")] {
        if let Some(text) = change {
            workspace.write(&migration(2), text);
        }
        let run = since(workspace.dir(), "main", &[]).expect(0);
        assert_eq!(run.stdout.lines().count(), 1, "{run:?}");
        let begins = "no delete does anything otherwise than at ";
        assert!(
            run.stdout.starts_with(begins) && run.stdout.contains("where HEAD parted from `main`"),
            "{run:?}"
        );
        assert!(run.stdout.contains("1 migration of `migrations`"), "{run:?}");
        let summary = since(workspace.dir(), "main", &["--message-format", "markdown"]).expect(0).stdout;
        assert_eq!(summary.lines().count(), 3, "{summary}");
    }
}

#[test]
fn the_merge_base_is_what_counts() {
    let workspace = repository(&[FIRST]);
    let dir = workspace.dir();
    git(dir, &["switch", "--quiet", "--create", "branch"]);
    workspace.write(&migration(2), "ALTER TABLE lines ADD user_id int REFERENCES users ON DELETE CASCADE;");
    commit(dir);
    git(dir, &["switch", "--quiet", "main"]);
    workspace.write(&migration(3), "DROP TABLE lines;");
    commit(dir);
    git(dir, &["switch", "--quiet", "branch"]);
    assert_eq!(keys(&changes(dir, "main")), ["new lines(user_id) -> users - CASCADE"]);
    assert_eq!(keys(&changes(dir, "branch")), [""; 0]);
    // The work tree is what is compared, whatever is committed, with folders that git doesn't know yet.
    std::fs::remove_dir_all(dir.join("migrations/2026-01-02-000000_step")).unwrap();
    workspace.write(&migration(4), "ALTER TABLE lines ADD org_id int REFERENCES orgs;");
    assert_eq!(
        keys(&changes(dir, "branch")),
        ["new lines(org_id) -> orgs - NO ACTION", "gone lines(user_id) -> users - CASCADE"]
    );
}

#[test]
fn a_folder_that_has_moved() {
    let workspace = repository(&[FIRST]);
    let dir = workspace.dir();
    std::fs::create_dir(dir.join("db")).unwrap();
    std::fs::rename(dir.join("migrations"), dir.join("db/steps")).unwrap();
    workspace.write("diesel.toml", "[migrations_directory]\ndir = \"db/steps\"\n");
    assert_eq!(keys(&changes(dir, "main")), [""; 0]);
    workspace.write("db/steps/2026-01-02-000000_more/up.sql", "DROP TABLE lines;");
    let found = changes(dir, "main");
    assert_eq!(keys(&found), ["gone lines(invoice_id) -> invoices - CASCADE"]);
    assert_eq!(found["before"], "1 migration of `migrations`");
    assert_eq!(found["after"], "2 migrations of `db/steps`");
}

#[test]
fn the_first_migrations_are_all_new() {
    let workspace = repository(&[]);
    workspace.write(&migration(1), FIRST);
    let found = changes(workspace.dir(), "main");
    assert_eq!(found["new_tables"].as_array().unwrap().len(), 4);
    assert_eq!((keys(&found).len(), deletes(&found)), (3, vec![]));
    assert_eq!(found["before"], "no migrations in `migrations`");
}

#[test]
fn a_workspace_below_the_repository() {
    let workspace = repository(&[FIRST]);
    let outer = tempfile::tempdir().unwrap();
    git(outer.path(), &["init", "--quiet", "--initial-branch", "main"]);
    let inner = outer.path().join("backend");
    std::fs::create_dir(&inner).unwrap();
    for name in ["Cargo.toml", "src", "migrations"] {
        std::fs::rename(workspace.dir().join(name), inner.join(name)).unwrap();
    }
    commit(outer.path());
    std::fs::create_dir(inner.join("migrations/2026-01-02-000000_step")).unwrap();
    std::fs::write(inner.join(migration(2)), "ALTER TABLE lines ADD org_id int REFERENCES orgs;").unwrap();
    let found = changes(&inner, "main");
    assert_eq!(found["keys"][0]["place"]["file"], format!("backend/{}", migration(2)));
    let github = since(&inner, "main", &["--message-format", "github"]).expect(0).stdout;
    assert!(github.starts_with(&format!("::notice file=backend/{},line=1,", migration(2))), "{github}");
}

#[test]
fn what_can_t_be_known_is_said() {
    let workspace = repository(&[FIRST]);
    let dir = workspace.dir();
    let said = |dir: &Path, reference: &str, code: i32, words: &[&str]| {
        let run = since(dir, reference, &[]).expect(code);
        assert_eq!(run.stdout, "");
        let text = fkcheck_tests::unwrapped(&run.stderr);
        assert!(words.iter().all(|word| text.contains(word)), "{words:?}: {text}");
    };
    said(dir, "mian", 3, &["there is no commit `mian` in this repository", "git fetch"]);
    said(dir, "", 2, &["takes a branch, a tag or a commit"]);
    said(dir, "--output=x", 2, &["takes a branch, a tag or a commit"]);
    git(dir, &["switch", "--quiet", "--orphan", "other"]);
    git(dir, &["commit", "--quiet", "--allow-empty", "--message", "empty"]);
    git(dir, &["checkout", "--quiet", "main", "--", "."]);
    said(dir, "main", 3, &["`main` and HEAD have no common ancestor"]);
    let elsewhere = Workspace::new();
    said(elsewhere.dir(), "main", 3, &["reads a git repository"]);
    let run = since(dir, "main", &["--against", "database"]).expect(2);
    assert!(run.stderr.contains("a database shows neither"), "{run:?}");
    let run = since(dir, "main", &["--message-format", "sarif"]).expect(2);
    assert!(
        run.stderr.contains("--since writes human") || run.stdout.contains("--since writes human"),
        "{run:?}"
    );
}

#[test]
fn a_shallow_clone_says_so() {
    let workspace = repository(&[FIRST]);
    workspace.write(&migration(2), "CREATE TABLE a (id int);");
    commit(workspace.dir());
    let clone = tempfile::tempdir().unwrap();
    let url = format!("file://{}", workspace.dir().display());
    git(clone.path(), &["clone", "--quiet", "--depth", "1", &url, "clone"]);
    let run = since(&clone.path().join("clone"), "main~1", &[]).expect(3);
    let text = fkcheck_tests::unwrapped(&run.stderr);
    assert!(text.contains("there is no commit `main~1`") && text.contains("the clone is shallow"), "{text}");
    // A branch that only the remote has.
    git(workspace.dir(), &["branch", "topic"]);
    let clone = tempfile::tempdir().unwrap();
    git(clone.path(), &["clone", "--quiet", &url, "clone"]);
    let run = since(&clone.path().join("clone"), "topic", &[]).expect(3);
    assert!(run.stderr.contains("did you mean `origin/topic`?"), "{run:?}");
}

/// What neither state tells is a problem only where the change may have to do with it.
#[test]
fn what_is_not_replayed() {
    let doubtful = "DO $$ BEGIN IF random() > 0.5 THEN ALTER TABLE lines DROP CONSTRAINT lines_invoice_id_fkey; END IF; END $$;";
    let workspace = repository(&[FIRST, doubtful]);
    workspace.write(&migration(3), "CREATE TABLE notes (user_id int REFERENCES users);");
    let found = changes(workspace.dir(), "main");
    assert_eq!(keys(&found), ["new notes(user_id) -> users - NO ACTION"]);
    assert!(found["not_told"][0].as_str().unwrap().starts_with(&migration(2)), "{found}");
    workspace.write(&migration(4), "ALTER TABLE lines ADD x int;");
    let run = since(workspace.dir(), "main", &[]).expect(3);
    assert!(run.stderr.contains("was not replayed"), "{run:?}");
    let workspace = repository(&[FIRST]);
    workspace.write(&migration(2), doubtful);
    since(workspace.dir(), "main", &[]).expect(3);
}

#[test]
fn sqlite_runs_both_states() {
    let manifest = POSTGRES.replace("postgres", "sqlite");
    let first = FIRST.replace("serial", "integer");
    let workspace = repository_of(&manifest, &[&first]);
    workspace.write(
        &migration(2),
        "CREATE TABLE new_invoices (id integer PRIMARY KEY, user_id int REFERENCES users ON DELETE CASCADE);
INSERT INTO new_invoices SELECT id, user_id FROM invoices;
DROP TABLE invoices;
ALTER TABLE new_invoices RENAME TO invoices;",
    );
    let found = changes(workspace.dir(), "main");
    assert_eq!(keys(&found), ["changed invoices(user_id) -> users NO ACTION CASCADE"]);
    assert_eq!(found["keys"][0]["place"]["file"], migration(2));
    assert_eq!((&found["renamed_tables"], deletes(&found).len()), (&json!([]), 1));
    // As Diesel does it: outside of a transaction where `metadata.toml` asks for that.
    workspace.write(&migration(3), "BEGIN; DROP TABLE lines; COMMIT;");
    workspace.write("migrations/2026-01-03-000000_step/metadata.toml", "run_in_transaction = false\n");
    assert_eq!(changes(workspace.dir(), "main")["gone_tables"], json!(["lines"]));
}

#[test]
fn snapshots_where_there_are_no_migrations() {
    let workspace = repository(&[FIRST]);
    let dir = workspace.dir();
    let snapshot = || fkcheck(dir, &["snapshot", "--against", "migrations", "-q"], &[]).expect(0);
    snapshot();
    commit(dir);
    workspace.write(&migration(2), "ALTER TABLE lines ADD org_id int REFERENCES orgs ON DELETE CASCADE;");
    snapshot();
    let run = since(dir, "main", &["--against", "snapshot", "--message-format", "json"]).expect(0);
    let found = run.json().remove(0);
    assert_eq!(keys(&found), ["new lines(org_id) -> orgs - CASCADE"]);
    assert_eq!((&found["source"], &found["before"]), (&json!("snapshot"), &json!("3 keys of fkcheck.lock")));
    std::fs::remove_dir_all(dir.join("migrations")).unwrap();
    assert_eq!(keys(&changes(dir, "main")), ["new lines(org_id) -> orgs - CASCADE"]);
    git(dir, &["rm", "--quiet", "--cached", "fkcheck.lock"]);
    commit(dir);
    std::fs::remove_file(dir.join("fkcheck.lock")).unwrap();
    let run = since(dir, "main", &[]).expect(3);
    assert!(run.stderr.contains("there is nothing to compare"), "{run:?}");
}

#[test]
fn the_forms() {
    let workspace = repository(&[FIRST]);
    workspace.write(
        &migration(2),
        "ALTER TABLE invoices DROP CONSTRAINT invoices_user_id_fkey, ADD FOREIGN KEY (user_id) REFERENCES users ON DELETE CASCADE;
CREATE TABLE notes (user_id int REFERENCES users);",
    );
    let dir = workspace.dir();
    let plain = |run: Run| {
        let text = run.expect(0).stdout;
        let at = text.find(" since ").expect("a commit") + 7;
        format!("{}COMMIT{}", &text[..at], &text[at + 10..])
    };
    insta::assert_snapshot!("since_human", plain(since(dir, "main", &[])));
    insta::assert_snapshot!("since_markdown", plain(since(dir, "main", &["--message-format", "markdown"])));
    insta::assert_snapshot!("since_github", plain(since(dir, "main", &["--message-format", "github"])));
    since(dir, "main", &["--message-format", "markdown", "--output", "x.md"]).expect(0);
    assert!(std::fs::read_to_string(dir.join("x.md")).unwrap().starts_with("# fkcheck"));
}

#[test]
fn names_do_no_harm() {
    let workspace = repository(&["CREATE TABLE users (id serial PRIMARY KEY);"]);
    workspace.write(
        &migration(2),
        "CREATE TABLE \"a\n::error::x\u{1b}[31m<b>|`\u{202e}\" (\"u | x\" int REFERENCES users ON DELETE CASCADE);",
    );
    for format in ["human", "json", "github", "markdown"] {
        let text = since(workspace.dir(), "main", &["--message-format", format]).expect(0).stdout;
        for harm in ["\n::error", "\u{1b}", "\u{202e}", "<b>"] {
            assert!(!text.contains(harm) || format != "markdown" && harm == "<b>", "{format}: {text}");
        }
    }
}
