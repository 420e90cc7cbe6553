//! Annotations that only the compiler can see whole: they are read, or it is said that they can't be; never is another one's
//! agreement theirs.

use fkcheck_tests::{SqliteFile, Workspace, fkcheck, unwrapped};

const TABLES: &str = "
CREATE TABLE users (id INTEGER NOT NULL PRIMARY KEY);
CREATE TABLE posts (id INTEGER NOT NULL PRIMARY KEY, author_id INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE);
CREATE TABLE stars (id INTEGER NOT NULL PRIMARY KEY, user_id INTEGER NOT NULL REFERENCES users (id) ON DELETE RESTRICT);
CREATE INDEX posts_author ON posts (author_id);";

/// A key that agrees.
const CODE: &str = "
diesel::table! { users (id) { id -> Integer, } }
diesel::table! { posts (id) { id -> Integer, author_id -> Integer, } }
diesel::table! { stars (id) { id -> Integer, user_id -> Integer, } }
fkcheck_macros::foreign_keys! { posts (author_id) -> users (id), on_delete = cascade; }
pub const ON: &str = \"PRAGMA foreign_keys = ON\";
";

/// A key that doesn't.
const STARS: &str = "#[fk(references = users(id), on_delete = cascade)] pub user_id: i32,";

#[test]
fn what_macros_and_includes_hide_is_read_or_could_not_be_known() {
    let database = SqliteFile::new(TABLES);
    let derive = "#[derive(Queryable, ForeignKeys)] #[diesel(table_name = stars)] pub struct";
    for (more, code) in [
        (format!("paste::paste! {{ {derive} [<Star Row>] {{ {STARS} }} }}"), 1),
        (format!("paste::paste! {{\n{derive} [<star:camel>] {{ {STARS} }} }}"), 3),
        (format!("models! {{\n    Star of stars {{ {STARS} }} }}"), 3),
        (format!("#[model(stars)]\npub struct Star {{ {STARS} }}"), 3),
        ("use std::include as inc; inc!(\"star.in\");".to_owned(), 3),
        ("include!(env!(\"STAR\"));".to_owned(), 3),
        ("include!(\"star.in\");".to_owned(), 1),
    ] {
        let workspace = Workspace::new()
            .file("migrations/.keep", "")
            .file("src/star.in", &format!("{derive} Star {{ {STARS} }}"))
            .file("src/lib.rs", &format!("{CODE}{more}\n"));
        let run = fkcheck(workspace.dir(), &["--database-url", &database.url()], &[]).expect(code);
        if code == 3 {
            let text = unwrapped(&run.stdout);
            let place = 1 + CODE.lines().count() + usize::from(more.contains('\n'));
            assert!(text.contains(&format!("src/lib.rs:{place}:")), "{more}: {text}");
        }
    }
}

/// `tt::posts` is stars: what agrees with posts doesn't agree with it.
#[test]
fn a_table_under_another_name_is_compared_with_its_own_key() {
    let database = SqliteFile::new(TABLES);
    let line =
        "fkcheck_macros::foreign_keys! { crate::tt::posts (user_id) -> users (id), on_delete = cascade; }";
    for tt in ["pub use crate::stars as posts;", "pub use super::deeper::*;"] {
        let workspace = Workspace::new()
            .file("migrations/.keep", "")
            .file("src/tt.rs", tt)
            .file("src/deeper.rs", "pub use super::stars as posts;")
            .file("src/lib.rs", &format!("{CODE} pub mod tt; pub mod deeper; {line}"));
        let options = ["--database-url", &database.url(), "--message-format", "json"];
        let run = fkcheck(workspace.dir(), &options, &[]).expect(1);
        assert_eq!(run.rules(), ["fk_on_delete_mismatch"], "{run:#?}");
        assert!(run.stdout.contains("stars.user_id"), "{run:#?}");
    }
}
