//! What an annotation leaves out means SQL's default: ON UPDATE NO ACTION, NOT DEFERRABLE. ON DELETE left out is no claim.

use fkcheck_tests::fixing::{fix, migrations, text};
use fkcheck_tests::{Run, SqliteFile, Workspace, fkcheck, on_every_engine, postgres, unwrapped};

const SCHEMA: &str = "diesel::table! { users (id) { id -> Integer, } }
diesel::table! { posts (id) { id -> Integer, author_id -> Integer, } }
";

/// A model whose key says this.
fn workspace(entries: &str) -> Workspace {
    let code = format!(
        "mod schema;
use fkcheck_macros::ForeignKeys;
use schema::*;
#[derive(diesel::Queryable, diesel::Identifiable, ForeignKeys)]
#[diesel(table_name = posts)]
pub struct Post {{
    pub id: i32,
    #[fk({entries})]
    pub author_id: i32,
}}
pub const ON: &str = \"PRAGMA foreign_keys = ON\";
"
    );
    Workspace::new().file("migrations/.keep", "").file("src/schema.rs", SCHEMA).file("src/lib.rs", &code)
}

const SILENT: &str = "references = users(id), on_delete = cascade";

/// The tables, the key with these clauses behind ON DELETE CASCADE.
fn tables(clauses: &str) -> String {
    format!(
        "CREATE TABLE users (id INTEGER NOT NULL PRIMARY KEY);
         CREATE TABLE posts (id INTEGER NOT NULL PRIMARY KEY, author_id INTEGER NOT NULL,
            CONSTRAINT posts_author FOREIGN KEY (author_id) REFERENCES users (id) ON DELETE CASCADE {clauses});
         CREATE INDEX posts_author_id ON posts (author_id);"
    )
}

fn check(workspace: &Workspace, url: &str, more: &[&str]) -> Run {
    let common = ["--database-url", url, "--message-format", "json"];
    fkcheck(workspace.dir(), &[&common[..], more].concat(), &[])
}

#[test]
fn the_default_is_quiet_and_so_is_what_acts_alike() {
    for clauses in ["", "ON UPDATE NO ACTION", "ON UPDATE RESTRICT"] {
        on_every_engine(&tables(clauses), |url| {
            assert_eq!(check(&workspace(SILENT), url, &["--strict"]).expect(0).rules(), [""; 0], "{clauses}");
        });
    }
}

#[test]
fn a_clause_that_the_code_does_not_say_is_a_warning() {
    on_every_engine(&tables("ON UPDATE CASCADE"), |url| {
        let silent = workspace(SILENT);
        let run = check(&silent, url, &[]).expect(0);
        assert_eq!(run.rules(), ["fk_on_update_mismatch"]);
        assert!(run.stdout.contains("`posts.author_id` → `users` is ON UPDATE CASCADE in the "), "{run:?}");
        check(&silent, url, &["-D", "fk_on_update_mismatch"]).expect(1);
        assert_eq!(
            check(&workspace(&format!("{SILENT}, on_update = cascade")), url, &[]).expect(0).rules(),
            [""; 0]
        );

        // The code takes it over.
        fix(&silent, url, &["--code"]).expect(0);
        let code = std::fs::read_to_string(silent.dir().join("src/lib.rs")).expect("there");
        assert!(code.contains(&format!("#[fk({SILENT}, on_update = cascade)]")), "{code}");
        assert_eq!(check(&silent, url, &["-D", "fk_on_update_mismatch"]).expect(0).rules(), [""; 0]);
    });
}

/// MySQL and MariaDB know no deferrable keys.
#[test]
fn a_deferrable_key_that_the_code_does_not_say_is_a_warning() {
    let run = |url: &str| {
        let silent = workspace(&format!("{SILENT},"));
        let run = check(&silent, url, &[]).expect(0);
        assert_eq!(run.rules(), ["fk_on_update_mismatch", "fk_deferrability_mismatch"]);
        let human = unwrapped(&fkcheck(silent.dir(), &["--database-url", url], &[]).expect(0).stdout);
        assert!(
            human.contains("`posts.author_id` → `users` is DEFERRABLE INITIALLY DEFERRED in the database, and the code doesn't say it"),
            "{human}"
        );
        assert!(human.contains("write `deferrable = deferred` in the code"), "{human}");
        for (said, rules) in [
            ("no", &["fk_deferrability_mismatch"][..]),
            ("immediate", &["fk_deferrability_mismatch"]),
            ("deferred", &[]),
        ] {
            let workspace = workspace(&format!("{SILENT}, on_update = cascade, deferrable = {said}"));
            assert_eq!(check(&workspace, url, &[]).expect(0).rules(), rules, "{said}");
        }

        fix(&silent, url, &["--code"]).expect(0);
        let code = std::fs::read_to_string(silent.dir().join("src/lib.rs")).expect("there");
        let said = format!("#[fk({SILENT}, on_update = cascade, deferrable = deferred)]");
        assert!(code.contains(&said), "{code}");
        assert_eq!(check(&silent, url, &[]).expect(0).rules(), [""; 0]);
    };
    let clauses = tables("ON UPDATE CASCADE DEFERRABLE INITIALLY DEFERRED");
    run(&SqliteFile::new(&clauses).url());
    if let Some(server) = postgres() {
        let database = server.fresh_database();
        database.execute(&clauses);
        run(&database.url());
    }
}

/// The migration brings what was left out to the default; where a rule is switched off, that clause stays.
#[test]
fn fix_writes_what_the_code_means() {
    let Some(server) = postgres() else { return };
    for (options, left) in
        [(&[][..], &[][..]), (&["-A", "fk_on_update_mismatch"], &["fk_on_update_mismatch"])]
    {
        let database = server.fresh_database();
        database.execute(&tables("ON UPDATE CASCADE DEFERRABLE"));
        let silent = workspace(SILENT);
        fix(&silent, &database.url(), options).expect(0);
        for migration in migrations(&silent) {
            database.execute(&text(&silent, &migration, "up.sql"));
        }
        assert_eq!(check(&silent, &database.url(), &[]).expect(0).rules(), left, "{options:?}");
    }
}

/// What `annotate` writes says all of it.
#[test]
fn annotate_writes_what_is_not_the_default() {
    let database = SqliteFile::new(&tables("ON UPDATE SET NULL DEFERRABLE INITIALLY DEFERRED"));
    let plain = workspace(SILENT);
    let code = std::fs::read_to_string(plain.dir().join("src/lib.rs")).expect("there");
    plain.write("src/lib.rs", &code.replace(&format!("    #[fk({SILENT})]\n"), ""));
    fkcheck(plain.dir(), &["annotate", "--allow-dirty", "--database-url", &database.url()], &[]).expect(0);
    let code = std::fs::read_to_string(plain.dir().join("src/lib.rs")).expect("there");
    assert!(code.contains(&format!("#[fk({SILENT}, on_update = set_null, deferrable = deferred")), "{code}");
    let run = check(&plain, &database.url(), &[]);
    assert!(!run.rules().iter().any(|rule| rule.ends_with("_mismatch")), "{run:?}");
}
