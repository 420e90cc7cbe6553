//! Who decides how much a rule matters.

use fkcheck_tests::{SqliteFile, Workspace, fkcheck};

const SCHEMA: &str = "
diesel::table! { users (id) { id -> Integer, } }
diesel::table! { posts (id) { id -> Integer, author_id -> Integer, } }
";

fn workspace(on_struct: &str, on_field: &str) -> Workspace {
    let models = format!(
        "use crate::schema::*;
         #[derive(fkcheck_macros::ForeignKeys)] #[diesel(table_name = posts)] {on_struct}
         pub struct Post {{ pub id: i32, #[fk(references = users(id), on_delete = restrict{on_field})] pub author_id: i32 }}"
    );
    Workspace::new().file("src/schema.rs", SCHEMA).file("src/models.rs", &models)
}

fn database(action: &str) -> SqliteFile {
    SqliteFile::new(&format!(
        "CREATE TABLE users (id INTEGER PRIMARY KEY NOT NULL);
         CREATE TABLE posts (id INTEGER PRIMARY KEY NOT NULL, author_id INTEGER NOT NULL REFERENCES users (id) ON DELETE {action});
         CREATE INDEX a ON posts (author_id);"
    ))
}

/// The findings' levels, and the exit code.
fn levels(workspace: &Workspace, action: &str, arguments: &[&str]) -> (Vec<String>, i32) {
    let database = database(action);
    let all: Vec<&str> = ["--message-format", "json"].into_iter().chain(arguments.iter().copied()).collect();
    let run = fkcheck(workspace.dir(), &all, &[("DATABASE_URL", &database.url())]);
    let levels =
        run.findings().iter().filter_map(|finding| finding["level"].as_str().map(str::to_owned)).collect();
    (levels, run.code)
}

#[test]
fn the_command_line_wins_then_the_package_then_the_workspace() {
    let plain = workspace("", "");
    let rule = "fk_on_delete_mismatch";
    assert_eq!(levels(&plain, "CASCADE", &[]), (vec!["deny".to_owned()], 1));
    assert_eq!(levels(&plain, "CASCADE", &["-W", rule]), (vec!["warn".to_owned()], 0));
    assert_eq!(levels(&plain, "CASCADE", &["-A", rule]), (vec![], 0));
    assert_eq!(levels(&plain, "CASCADE", &["-A", rule, "-D", rule]), (vec!["deny".to_owned()], 1));
    assert_eq!(levels(&plain, "CASCADE", &["-D", "fkcheck::fk-on-delete-mismatch", "-A", rule]), (vec![], 0));
    assert_eq!(levels(&plain, "CASCADE", &["--cap-lints", "warn"]), (vec!["warn".to_owned()], 0));
    assert_eq!(levels(&plain, "CASCADE", &["-D", rule, "--cap-lints", "allow"]), (vec![], 0));

    let of_workspace =
        workspace("", "").manifest(&format!("[workspace.metadata.fkcheck.rules]\n{rule} = \"warn\"\n"));
    assert_eq!(levels(&of_workspace, "CASCADE", &[]), (vec!["warn".to_owned()], 0));
    assert_eq!(levels(&of_workspace, "CASCADE", &["-D", rule]), (vec!["deny".to_owned()], 1));
    let of_package =
        of_workspace.manifest(&format!("[package.metadata.fkcheck.rules]\n{rule} = \"allow\"\n"));
    assert_eq!(levels(&of_package, "CASCADE", &[]), (vec![], 0));
}

#[test]
fn a_place_may_be_allowed() {
    let on_field = workspace("", ", allow(fk_on_delete_mismatch, reason = \"until Monday\")");
    assert_eq!(levels(&on_field, "CASCADE", &[]), (vec![], 0));
    let on_struct = workspace("#[fk(allow(fk_on_delete_mismatch))]", "");
    assert_eq!(levels(&on_struct, "CASCADE", &[]), (vec![], 0));
    let another = workspace("#[fk(allow(fk_missing_index))]", "");
    assert_eq!(levels(&another, "CASCADE", &[]), (vec!["deny".to_owned(), "warn".to_owned()], 1));
}

#[test]
fn no_action_beside_restrict_is_a_note_unless_strict() {
    let plain = workspace("", "");
    assert_eq!(levels(&plain, "NO ACTION", &[]), (vec!["note".to_owned()], 0));
    assert_eq!(levels(&plain, "NO ACTION", &["--strict"]), (vec!["deny".to_owned()], 1));
    assert_eq!(levels(&plain, "NO ACTION DEFERRABLE INITIALLY DEFERRED", &[]), (vec!["deny".to_owned()], 1));
    assert_eq!(levels(&plain, "NO ACTION", &["-A", "fk_on_delete_mismatch"]), (vec![], 0));
    let strict = workspace("", "").manifest("[workspace.metadata.fkcheck]\nstrict = true\n");
    assert_eq!(levels(&strict, "NO ACTION", &[]), (vec!["deny".to_owned()], 1));
}
