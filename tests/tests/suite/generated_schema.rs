//! `schema.rs` that a build script makes: `include!(concat!(env!("OUT_DIR"), "/schema.rs"))`.

use std::process::Command;

use fkcheck_tests::{SqliteFile, Workspace, fkcheck, unwrapped};

const TABLES: &str = "
CREATE TABLE users (id INTEGER PRIMARY KEY NOT NULL);
CREATE TABLE posts (id INTEGER PRIMARY KEY NOT NULL, author_id INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    editor_id INTEGER REFERENCES users (id) ON DELETE SET NULL);
CREATE INDEX a ON posts (author_id); CREATE INDEX e ON posts (editor_id);
";

const SCHEMA: &str = "
diesel::table! { users (id) { id -> Integer, } }
diesel::table! { posts (id) { id -> Integer, author_id -> Integer, editor_id -> Nullable<Integer>, } }
";

const CODE: &str = r#"
pub mod schema { include!(concat!(env!("OUT_DIR"), "/schema.rs")); }
use schema::*;
#[derive(Queryable, ForeignKeys)]
#[diesel(table_name = posts)]
pub struct Post {
    pub id: i32,
    #[fk(references = users(id), on_delete = cascade)]
    pub author_id: i32,
    #[fk(references = users(id), on_delete = set_null)]
    pub editor_id: Option<i32>,
}
"#;

const BUILD: &str = r#"
fn main() {
    let out = std::env::var("OUT_DIR").unwrap();
    std::fs::copy("schema.in.rs", format!("{out}/schema.rs")).unwrap();
}
"#;

fn workspace() -> Workspace {
    Workspace::new().file("src/lib.rs", CODE).file("build.rs", BUILD).file("schema.in.rs", SCHEMA)
}

/// What a build has left.
fn built(workspace: &Workspace, hash: &str, schema: &str) {
    workspace.write("target/CACHEDIR.TAG", "Signature: 8a477f597d28d172789f06886806bc55");
    workspace.write(&format!("target/debug/build/app-{hash}/out/schema.rs"), schema);
}

#[test]
fn what_no_build_has_made_is_not_known() {
    let (workspace, database) = (workspace(), SqliteFile::new(TABLES));
    for command in [&[][..], &["annotate", "--allow-dirty"], &["fix", "--code", "--allow-dirty"]] {
        let url = database.url();
        let run = fkcheck(workspace.dir(), &[command, &["--database-url", &url]].concat(), &[]).expect(3);
        let text = unwrapped(&run.stdout);
        assert!(
            text.contains("`src/lib.rs` includes `schema.rs` from OUT_DIR, which no build has left there"),
            "{text}"
        );
        assert!(text.contains("cargo check -p app"), "{text}");
        assert!(!text.contains("fk_unknown"), "{text}");
    }
    let json =
        fkcheck(workspace.dir(), &["--database-url", &database.url(), "--message-format", "json"], &[])
            .expect(3);
    assert_eq!(json.rules(), ["fk_not_enforced"; 0]);
}

#[test]
fn the_last_build_tells() {
    let (workspace, database) = (workspace(), SqliteFile::new(TABLES));
    built(&workspace, "0123456789abcdef", "diesel::table! { old (id) { id -> Integer, } }");
    std::thread::sleep(std::time::Duration::from_millis(20));
    built(&workspace, "fedcba9876543210", SCHEMA);
    // Of another package.
    workspace.write("target/debug/build/app-more-0123456789abcdef/out/schema.rs", "");
    let run = fkcheck(workspace.dir(), &["--database-url", &database.url()], &[]).expect(0);
    assert!(run.stdout.contains("2 foreign keys declared, 2 observed, 2 compared"), "{run:?}");
    // A column that it doesn't have is a finding, as in any other schema.rs.
    let wrong = workspace
        .file("src/more.rs", "fkcheck_macros::foreign_keys! { \"nobody\" (a_id) -> \"users\" (id); }");
    let run = fkcheck(wrong.dir(), &["--database-url", &database.url()], &[]).expect(1);
    assert!(run.stdout.contains("fk_unknown_table"), "{run:?}");
}

/// What cargo itself leaves, where it leaves it.
#[test]
fn a_real_build_tells() {
    let (workspace, database) = (workspace(), SqliteFile::new(TABLES));
    let manifest = "[package]\nname = \"app\"\nversion = \"0.1.0\"\nedition = \"2024\"\n[workspace]\n";
    workspace.write("src/lib.rs", "");
    workspace.write("Cargo.toml", manifest);
    let status = Command::new(env!("CARGO"))
        .args(["check", "--quiet", "--offline"])
        .current_dir(workspace.dir())
        .env_remove("CARGO_TARGET_DIR")
        .status();
    assert!(status.expect("cargo runs").success());
    workspace.write("src/lib.rs", CODE);
    let run = fkcheck(workspace.dir(), &["--database-url", &database.url(), "-A", "fk_not_enforced"], &[])
        .expect(0);
    assert!(run.stdout.contains("2 compared"), "{run:?}");
}

#[test]
fn the_configuration_may_name_what_it_is_made_from() {
    let database = SqliteFile::new(TABLES);
    let workspace =
        workspace().manifest("[workspace.metadata.fkcheck.databases.main]\nschema = \"schema.in.rs\"\n");
    fkcheck(workspace.dir(), &["--database-url", &database.url()], &[]).expect(0);
    // The same once more, from a build.
    built(&workspace, "0123456789abcdef", SCHEMA);
    fkcheck(workspace.dir(), &["--database-url", &database.url()], &[]).expect(0);
}

#[test]
fn what_a_build_has_made_is_not_edited() {
    let database = SqliteFile::new(TABLES);
    let workspace = workspace()
        .file("src/lib.rs", "pub mod schema { include!(concat!(env!(\"OUT_DIR\"), \"/schema.rs\")); }\n");
    built(&workspace, "0123456789abcdef", SCHEMA);
    let url = database.url();
    let run = fkcheck(workspace.dir(), &["annotate", "--allow-dirty", "--database-url", &url], &[]).expect(0);
    let text = unwrapped(&run.stdout);
    assert!(text.contains("out/foreign_keys.rs is what a build has made, which is not written"), "{text}");
    assert!(!workspace.dir().join("target/debug/build/app-0123456789abcdef/out/foreign_keys.rs").exists());
}

/// Most of what is generated has nothing to do with tables.
#[test]
fn other_generated_code_is_nobodys_concern() {
    let database = SqliteFile::new(TABLES);
    let code =
        format!("{SCHEMA}{}", CODE.replace("/schema.rs", "/protocol.rs").replace("use schema::*;", ""));
    let workspace = workspace().file("src/lib.rs", &code);
    fkcheck(workspace.dir(), &["--database-url", &database.url()], &[]).expect(0);
}
