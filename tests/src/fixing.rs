//! A small workspace whose keys `cargo fkcheck fix` brings to the code, and Diesel's command for its migrations.

use crate::{Run, Workspace, fkcheck, run_diesel};

/// `cargo fkcheck fix` in the workspace.
pub fn fix(workspace: &Workspace, url: &str, more: &[&str]) -> Run {
    let common = ["fix", "--database-url", url, "--allow-dirty"];
    fkcheck(workspace.dir(), &[&common[..], more].concat(), &[])
}

/// The migrations that were written, by name, oldest first.
pub fn migrations(workspace: &Workspace) -> Vec<String> {
    let entries = std::fs::read_dir(workspace.dir().join("migrations")).expect("readable");
    let mut names: Vec<String> =
        entries.map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned()).collect();
    names.retain(|name| name != ".keep");
    names.sort();
    names
}

/// A file of a migration.
pub fn text(workspace: &Workspace, migration: &str, file: &str) -> String {
    std::fs::read_to_string(workspace.dir().join("migrations").join(migration).join(file)).expect("readable")
}

/// `diesel migration ..`
///
/// # Errors
/// What it says.
pub fn diesel(workspace: &Workspace, url: &str, arguments: &[&str]) -> Result<(), String> {
    let directory = workspace.dir().join("migrations");
    let common = ["--migration-dir", &directory.display().to_string(), "--database-url", url];
    run_diesel(&[&["migration"], arguments, &common].concat())
}

/// Two keys of one table.
pub const SCHEMA: &str = "
diesel::table! { users (id) { id -> Integer, name -> Nullable<Text>, } }
diesel::table! { posts (id) { id -> Integer, user_id -> Nullable<Integer>, editor_id -> Integer, } }
";

/// As a database has them, with rows.
pub const TABLES: &str = "
CREATE TABLE users (id INTEGER NOT NULL PRIMARY KEY, name VARCHAR(20));
CREATE TABLE posts (id INTEGER NOT NULL PRIMARY KEY, user_id INTEGER, editor_id INTEGER NOT NULL,
    CONSTRAINT of_user FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE,
    CONSTRAINT of_editor FOREIGN KEY (editor_id) REFERENCES users (id) ON DELETE RESTRICT);
INSERT INTO users VALUES (1, 'a'), (2, 'b');
INSERT INTO posts VALUES (1, 1, 2), (2, NULL, 1);
";

/// Keys of posts, by the two actions that the code states.
pub fn posts(of_user: &str, of_editor: &str) -> Workspace {
    Workspace::new().file("migrations/.keep", "").file("src/schema.rs", SCHEMA).file(
        "src/lib.rs",
        &format!(
            "pub mod schema;\nuse schema::*;\nfkcheck_macros::foreign_keys! {{\n    posts (user_id) -> users (id), on_delete = {of_user};\n    \
             posts (editor_id) -> users (id), on_delete = {of_editor};\n}}\npub const ON: &str = \"PRAGMA foreign_keys = ON\";\n"
        ),
    )
}
