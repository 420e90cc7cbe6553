//! Sources behind links: read, or named; never passed over in silence.

#![cfg(unix)]

use std::os::unix::fs::symlink;

use fkcheck_tests::{SqliteFile, Workspace, fkcheck};

const SCHEMA: &str = "diesel::table! { users (id) { id -> Integer, } } diesel::table! { posts (id) { id -> Integer, author_id -> Integer, } }";
const KEYS: &str = "fkcheck_macros::foreign_keys! { crate::schema::posts (author_id) -> crate::schema::users (id), on_delete = restrict; }";

fn database() -> SqliteFile {
    SqliteFile::new(
        "CREATE TABLE users (id INTEGER PRIMARY KEY); CREATE TABLE posts (id INTEGER PRIMARY KEY, author_id INTEGER NOT NULL REFERENCES users (id) ON DELETE RESTRICT);",
    )
}

#[test]
fn a_link_to_a_file_is_read_and_one_to_a_directory_is_named() {
    let (workspace, database) =
        (Workspace::new().file("src/schema.rs", SCHEMA).file("elsewhere/keys.rs", KEYS), database());
    let run =
        || fkcheck(workspace.dir(), &["--message-format", "json"], &[("DATABASE_URL", &database.url())]);
    symlink("../elsewhere/keys.rs", workspace.dir().join("src/keys.rs")).expect("a link");
    assert_eq!(run().expect(0).json().pop().expect("a last line")["keys"]["declared"], 1);

    // A link to where no Rust file is, is no matter.
    symlink(workspace.dir().join("assets"), workspace.dir().join("src/assets")).expect("a link");
    workspace.write("assets/logo.svg", "<svg/>");
    let _ = run().expect(0);

    symlink("../elsewhere", workspace.dir().join("src/more")).expect("a link");
    let named = run().expect(3);
    assert!(named.stdout.contains("is a link to a directory with Rust files"), "{named:?}");
}

#[test]
fn where_the_sources_begin_may_be_a_link() {
    let (workspace, database) =
        (Workspace::new().file("real/lib.rs", KEYS).file("real/schema.rs", SCHEMA), database());
    std::fs::remove_dir_all(workspace.dir().join("src")).expect("removed");
    symlink("real", workspace.dir().join("src")).expect("a link");
    let run = fkcheck(workspace.dir(), &["--message-format", "json"], &[("DATABASE_URL", &database.url())]);
    assert_eq!(run.expect(0).json().pop().expect("a last line")["keys"]["declared"], 1);
}

#[test]
fn a_loop_ends() {
    let (workspace, database) =
        (Workspace::new().file("src/schema.rs", SCHEMA).file("src/keys.rs", KEYS), database());
    symlink(".", workspace.dir().join("src/again")).expect("a link");
    let run = fkcheck(workspace.dir(), &[], &[("DATABASE_URL", &database.url())]).expect(3);
    assert!(run.stdout.contains("which is not followed") || run.stdout.contains("is a link"), "{run:?}");
}
