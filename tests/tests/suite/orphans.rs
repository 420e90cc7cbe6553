//! Rows without a parent are counted as the server itself would.

use fkcheck_tests::fixing::{fix, posts};
use fkcheck_tests::{Run, SqliteFile, Workspace, fkcheck, mariadb, postgres, unwrapped};

fn count(workspace: &Workspace, url: &str) -> Run {
    fkcheck(workspace.dir(), &["--data", "--database-url", url], &[])
}

fn workspace(columns: &str) -> Workspace {
    Workspace::new()
        .file(
            "src/schema.rs",
            "diesel::table! { users (name) { name -> Text, other -> Nullable<Text>, } }
diesel::table! { posts (id) { id -> Integer, name -> Nullable<Text>, } }\n",
        )
        .file(
            "src/lib.rs",
            &format!(
                "pub mod schema;\nuse schema::*;\nfkcheck_macros::foreign_keys! {{ posts (name) -> users ({columns}), on_delete = no_action; }}\npub const ON: &str = \"PRAGMA foreign_keys = ON\";\n"
            ),
        )
}

/// The parent's collation decides.
#[test]
fn collations_of_postgres() {
    let Some(server) = postgres() else { return };
    let database = server.fresh_database();
    database.execute(
        "CREATE COLLATION ci (provider = icu, locale = 'und-u-ks-level2', deterministic = false);
         CREATE TABLE users (name TEXT PRIMARY KEY, other TEXT);
         CREATE TABLE posts (id INT PRIMARY KEY, name TEXT COLLATE ci);
         CREATE INDEX ON posts (name);
         INSERT INTO users VALUES ('Ann'); INSERT INTO posts VALUES (1, 'ann'), (2, 'Ann'), (3, NULL);
         ALTER TABLE posts ADD FOREIGN KEY (name) REFERENCES users ON DELETE NO ACTION NOT VALID;",
    );
    let run = count(&workspace("name"), &database.url()).expect(1);
    assert!(unwrapped(&run.stdout).contains("1 row of `posts`"), "{run:?}");
    let database = server.fresh_database();
    database.execute(
        "CREATE TABLE users (name TEXT COLLATE \"C\" PRIMARY KEY, other TEXT);
         CREATE TABLE posts (id INT PRIMARY KEY, name TEXT COLLATE \"POSIX\" REFERENCES users ON DELETE NO ACTION);
         CREATE INDEX ON posts (name);",
    );
    count(&workspace("name"), &database.url()).expect(0);
}

/// A limit that the server doesn't take, and a type of the user's own.
#[test]
fn long_deadlines_and_domains_of_postgres() {
    let Some(server) = postgres() else { return };
    let database = server.fresh_database();
    database.execute(
        "CREATE DOMAIN label AS TEXT; CREATE TABLE users (name label PRIMARY KEY, other TEXT);
         CREATE TABLE posts (id INT PRIMARY KEY, name label); INSERT INTO posts VALUES (1, 'x');",
    );
    let arguments = ["--data", "--deadline", "2147484", "--database-url", &database.url()];
    let run = fkcheck(workspace("name").dir(), &arguments, &[]).expect(1);
    assert!(unwrapped(&run.stdout).contains("1 row of `posts`"), "{run:?}");
}

/// The same key twice, and one to another column of the same parent.
#[test]
fn several_keys_on_a_column_of_sqlite() {
    let file = SqliteFile::new(
        "PRAGMA foreign_keys = OFF;
         CREATE TABLE users (name TEXT PRIMARY KEY NOT NULL, other TEXT UNIQUE);
         CREATE TABLE posts (id INTEGER PRIMARY KEY NOT NULL, name TEXT REFERENCES users (name) REFERENCES users (other),
             FOREIGN KEY (name) REFERENCES users (name));
         CREATE INDEX i ON posts (name);
         INSERT INTO users VALUES ('a', 'x'); INSERT INTO posts VALUES (1, 'a'), (2, 'b');",
    );
    let run = count(&workspace("name"), &file.url());
    assert!(unwrapped(&run.stdout).contains("1 row of `posts`"), "{run:?}");
}

#[test]
fn a_fix_is_told_the_number() {
    for server in [postgres(), mariadb()].into_iter().flatten() {
        let database = server.fresh_database();
        database.execute(
            "CREATE TABLE users (id INTEGER NOT NULL PRIMARY KEY, name VARCHAR(20));
             CREATE TABLE posts (id INTEGER NOT NULL PRIMARY KEY, user_id INTEGER, editor_id INTEGER NOT NULL,
                 CONSTRAINT of_editor FOREIGN KEY (editor_id) REFERENCES users (id) ON DELETE RESTRICT);
             INSERT INTO users VALUES (1, 'a'); INSERT INTO posts VALUES (1, 7, 1), (2, NULL, 1);",
        );
        let run = fix(&posts("no_action", "restrict"), &database.url(), &["--data"]).expect(1);
        assert!(unwrapped(&run.stdout).contains("1 of them"), "{run:?}");
    }
}
