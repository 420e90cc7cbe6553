//! `examples/billing` as the README's first command shows it, in every format.

use std::path::PathBuf;

use fkcheck_tests::{Run, SqliteFile, fkcheck};

fn billing() -> PathBuf {
    std::path::Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../examples/billing")
        .canonicalize()
        .expect("it is there")
}

const KEYS: [(&str, &str, &str); 3] = [
    ("batch_jobs", "org_id", "CASCADE"),
    ("pending_payments", "org_id", "CASCADE"),
    ("ai_conversations", "permission_profile_id", "SET NULL"),
];

fn is_the_audit(run: &Run) {
    let found: Vec<_> = run
        .findings()
        .iter()
        .map(|finding| {
            assert_eq!(finding["rule"], "fk_on_delete_mismatch");
            assert_eq!(finding["declared"]["on_delete"], "NO ACTION");
            let text = |value: &serde_json::Value| value.as_str().expect("text").to_owned();
            (
                text(&finding["child"]["table"]),
                text(&finding["child"]["columns"][0]),
                text(&finding["observed"]["on_delete"]),
            )
        })
        .collect();
    let expected: Vec<_> =
        KEYS.iter().map(|(a, b, c)| ((*a).to_owned(), (*b).to_owned(), (*c).to_owned())).collect();
    assert_eq!(found, expected);
}

/// Without what differs from run to run and from SQLite to SQLite.
fn stable(text: &str) -> String {
    let mut text = text.replace(&billing().display().to_string(), "BILLING");
    for (start, end) in [("SQLite 3.", " after"), ("\"elapsed_ms\":", "}"), ("Finished in ", "\n")] {
        let mut from = 0;
        while let Some(at) = text[from..].find(start).map(|at| from + at + start.len()) {
            let length = text[at..].find(end).unwrap_or(0);
            text.replace_range(at..at + length, "*");
            from = at;
        }
    }
    text
}

#[test]
fn the_three_keys_of_the_audit_are_found_in_every_format() {
    let run = |arguments: &[&str]| fkcheck(&billing(), arguments, &[]).expect(1);
    is_the_audit(&run(&["--message-format", "json"]));
    let human = run(&[]);
    insta::assert_snapshot!("human", stable(&human.stdout));
    insta::assert_snapshot!("status", stable(&human.stderr));
    insta::assert_snapshot!("short", stable(&run(&["--message-format", "short"]).stdout));
    let lines: Vec<String> =
        run(&["--message-format", "json"]).json().iter().map(|line| format!("{line:#}")).collect();
    insta::assert_snapshot!("json", stable(&lines.join("\n")));
}

/// The audit's release note and its page, the same bytes from any directory, with nothing in them of this machine.
#[test]
fn the_audit_is_told_as_a_release_note_and_as_a_page() {
    let run = |arguments: &[&str]| {
        let first = fkcheck(&billing(), arguments, &[]).expect(1).stdout;
        let manifest = billing().join("Cargo.toml").display().to_string();
        let elsewhere = [arguments, &["--manifest-path", &manifest]].concat();
        assert_eq!(fkcheck(&std::env::temp_dir(), &elsewhere, &[]).expect(1).stdout, first);
        assert!(!first.contains(&billing().display().to_string()) && !first.contains("SQLite 3"), "{first}");
        first
    };
    let note = run(&["--message-format", "markdown", "--title"]);
    let page = run(&["--message-format", "html"]);
    for text in [&note, &page] {
        assert!(text.contains("[Database] Reconcile 3 foreign-key delete-rule mismatches"));
        assert!(text.contains("CASCADE on a child of value silently loses data when the parent is deleted"));
        assert!(text.contains("SQLite alters no constraint, so the table is rebuilt"));
        let mut from = 0;
        let mut keys = KEYS;
        keys.sort_unstable();
        for (table, column, observed) in keys {
            let at = text[from..].find(&format!("{table}.{column}")).expect("the keys by their names");
            let section = &text[from + at..];
            assert!(section.contains("ON DELETE NO ACTION"), "{section}");
            assert!(section.contains(&format!("ON DELETE {observed}")), "{section}");
            from += at;
        }
        for choice in
            ["ephemeral state", "it refers to the parent but should outlive it", "compliance evidence"]
        {
            assert_eq!(text.matches(choice).count(), 1, "the decision tree stands once");
        }
    }
    insta::assert_snapshot!("release_note", note);
}

#[test]
fn a_database_that_has_run_the_migrations_shows_the_same() {
    let mut directories: Vec<_> = std::fs::read_dir(billing().join("migrations"))
        .expect("migrations")
        .map(|entry| entry.expect("an entry").path())
        .collect();
    directories.sort();
    let file = SqliteFile::new("SELECT 1;");
    for directory in directories {
        // As a shell would: keys are off while a table is rebuilt.
        let sql = std::fs::read_to_string(directory.join("up.sql")).expect("readable");
        file.execute(&format!("PRAGMA foreign_keys = OFF; {sql}"));
    }
    let run =
        fkcheck(&billing(), &["--message-format", "json", "--database-url", &file.url()], &[]).expect(1);
    is_the_audit(&run);
    assert!(run.findings().iter().all(|finding| finding["source"] == "database"));
}
