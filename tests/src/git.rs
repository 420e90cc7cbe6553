//! Git as somebody uses it who works in a checkout.

use std::path::Path;
use std::process::Command;

/// Runs git, which must succeed.
pub fn git(dir: &Path, arguments: &[&str]) {
    let status = Command::new("git")
        .args(["-c", "user.name=a", "-c", "user.email=a@b", "-c", "core.autocrlf=false"])
        .args(arguments)
        .current_dir(dir)
        .status()
        .expect("git runs");
    assert!(status.success(), "git {arguments:?}");
}

/// Commits all that is there.
pub fn commit(dir: &Path) {
    git(dir, &["add", "--all"]);
    git(dir, &["commit", "--quiet", "--message", "state"]);
}

/// The database of a small checkout.
pub const TABLES: &str = "
CREATE TABLE users (id INTEGER PRIMARY KEY NOT NULL);
CREATE TABLE posts (id INTEGER PRIMARY KEY NOT NULL, user_id INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE);
CREATE TABLE notes (id INTEGER PRIMARY KEY NOT NULL, user_id INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE);
";

/// Its code: one key disagrees with the database, one is not annotated yet.
pub const CODE: &str = "
diesel::table! { users (id) { id -> Integer, } }
diesel::table! { posts (id) { id -> Integer, user_id -> Integer, } }
diesel::table! { notes (id) { id -> Integer, user_id -> Integer, } }

#[derive(fkcheck_macros::ForeignKeys)]
#[diesel(table_name = posts)]
pub struct Post {
    #[fk(references = users(id), on_delete = restrict)]
    pub user_id: i32,
}

#[derive(diesel::Queryable)]
#[diesel(table_name = notes)]
pub struct Note {
    pub user_id: i32,
}
";
