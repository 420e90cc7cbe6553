//! The check as a call, as a user's own test has it.

use std::panic::{AssertUnwindSafe, catch_unwind};

use fkcheck_core::Check;
use fkcheck_tests::{SqliteFile, Workspace, fkcheck, unwrapped};

const CODE: &str = "diesel::table! { users (id) { id -> Integer, } }
diesel::table! { posts (id) { id -> Integer, user_id -> Nullable<Integer>, } }
fkcheck_macros::foreign_keys! { posts (user_id) -> users (id), on_delete = cascade; }
const ON: &str = \"PRAGMA foreign_keys = ON\";
";

fn database(action: &str) -> SqliteFile {
    SqliteFile::new(&format!(
        "CREATE TABLE users (id INTEGER PRIMARY KEY);
         CREATE TABLE posts (id INTEGER PRIMARY KEY, user_id INTEGER REFERENCES users (id) ON DELETE {action});
         CREATE INDEX posts_user_id ON posts (user_id);"
    ))
}

/// What the panic says, without the printing that a panic does.
fn panic_of(check: Check) -> String {
    let checked = check.run().expect("there is something to report on");
    let panic = catch_unwind(AssertUnwindSafe(|| checked.assert_clean())).expect_err("it panics");
    panic.downcast_ref::<String>().expect("words").clone()
}

#[test]
fn what_is_printed_for_debugging_holds_no_password() {
    let check = Check::workspace(".").database("postgres://u:S3cret@127.0.0.1/db");
    assert!(!format!("{check:?}").contains("S3cret"), "{check:?}");
}

#[test]
fn clean_passes_and_drift_panics_with_the_report() {
    let workspace = Workspace::new().file("src/lib.rs", CODE);
    let check = || Check::workspace(workspace.dir());
    let clean = database("CASCADE");
    check().database(clean.url()).run().expect("it runs").assert_clean();

    let drifted = database("RESTRICT");
    let said = unwrapped(&panic_of(check().database(drifted.url())));
    let expected = "error[fk_on_delete_mismatch]: `posts.user_id` → `users` is ON DELETE CASCADE in the code and RESTRICT in the database";
    assert!(said.contains(expected) && said.contains("src/lib.rs:3:"), "{said}");
    check().database(drifted.url()).allow("fk_on_delete_mismatch").run().expect("it runs").assert_clean();

    fkcheck(workspace.dir(), &["snapshot", "--database-url", &clean.url()], &[]).expect(0);
    check().snapshot().run().expect("it runs").assert_clean();
}

#[test]
fn what_is_not_known_is_not_clean() {
    let workspace = Workspace::new().file("src/lib.rs", CODE);
    let check = || Check::workspace(workspace.dir());
    let said = panic_of(check().database("postgres://app:CanarySecret@127.0.0.1:9/app"));
    assert!(said.contains("can't connect") && !said.contains("Canary"), "{said}");
    let said = panic_of(check().snapshot());
    assert!(said.contains("there is no fkcheck.lock"), "{said}");
    let error = check().database("nonsense://x").run().expect_err("no URL");
    assert!(error.to_string().contains("scheme"), "{error}");
    assert!(Check::workspace("/nowhere").run().is_err());
    assert!(catch_unwind(|| check().deny("fk_no_such_rule")).is_err());
}
