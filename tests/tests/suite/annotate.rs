//! `cargo fkcheck annotate` on a code base written in every style: the result compiles, agrees with the database, keeps
//! every byte that was there, and has nothing to add the second time.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use fkcheck_tests::{Run, SqliteFile, Workspace, commit, fkcheck, git, on_every_engine, unwrapped};

/// Diesel without a backend: the annotations are checked by the compiler, nothing is linked.
const MANIFEST: &str = r#"[package]
name = "app"
version = "0.1.0"
edition = "2024"

[features]
default = ["full"]
full = []

[dependencies]
# The database.
diesel = { version = "2.3", default-features = false, features = ["postgres_backend"] } # pinned by the team
unused-in-order = { package = "itoa", version = "1" }

[workspace]
"#;

const TABLES: &str = "
CREATE TABLE users (id INTEGER PRIMARY KEY NOT NULL, boss_id INTEGER REFERENCES users (id) ON DELETE SET NULL);
CREATE TABLE teams (id INTEGER PRIMARY KEY NOT NULL);
CREATE TABLE orders (id INTEGER NOT NULL, region TEXT NOT NULL, PRIMARY KEY (id, region));
CREATE TABLE posts (
    id INTEGER PRIMARY KEY NOT NULL,
    author_id INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE ON UPDATE CASCADE,
    editor_id INTEGER REFERENCES users (id) ON DELETE SET NULL,
    type INTEGER NOT NULL REFERENCES teams (id) ON DELETE RESTRICT,
    owner_id INTEGER NOT NULL
);
CREATE TABLE line_items (
    id INTEGER PRIMARY KEY NOT NULL,
    order_id INTEGER NOT NULL,
    region TEXT NOT NULL,
    team_id INTEGER NOT NULL REFERENCES teams (id) ON DELETE SET NULL,
    FOREIGN KEY (order_id, region) REFERENCES orders (id, region) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED
);
CREATE TABLE follows (
    user_id INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    team_id INTEGER NOT NULL REFERENCES teams (id),
    PRIMARY KEY (user_id, team_id)
);
CREATE TABLE sessions (id INTEGER PRIMARY KEY NOT NULL, user_id INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE);
CREATE TABLE tokens (id INTEGER PRIMARY KEY NOT NULL, user_id BIGINT NOT NULL REFERENCES users (id) ON DELETE CASCADE);
CREATE TABLE badges (id INTEGER PRIMARY KEY NOT NULL, user_id INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE);
CREATE TABLE grants (id INTEGER PRIMARY KEY NOT NULL, level INTEGER NOT NULL, user_id INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE);
CREATE TABLE unknown_to_diesel (id INTEGER PRIMARY KEY NOT NULL, user_id INTEGER REFERENCES users (id));
";

const SCHEMA: &str = r#"// @generated automatically by Diesel CLI.

diesel::table! { users (id) { id -> Integer, boss_id -> Nullable<Integer>, } }
diesel::table! { teams (id) { id -> Integer, } }
diesel::table! { orders (id, region) { id -> Integer, region -> Text, } }
diesel::table! {
    posts (id) {
        id -> Integer,
        author_id -> Integer,
        editor_id -> Nullable<Integer>,
        #[sql_name = "type"]
        type_ -> Integer,
        owner_id -> Integer,
    }
}
diesel::table! { line_items (id) { id -> Integer, order_id -> Integer, region -> Text, team_id -> Integer, } }
diesel::table! { follows (user_id, team_id) { user_id -> Integer, team_id -> Integer, } }
diesel::table! { sessions (id) { id -> Integer, user_id -> Integer, } }
diesel::table! { tokens (id) { id -> Integer, user_id -> BigInt, } }
diesel::table! { badges (id) { id -> Integer, user_id -> Integer, } }
diesel::table! { grants (id) { id -> Integer, level -> Integer, user_id -> Integer, } }
diesel::joinable!(follows -> users (user_id));
diesel::joinable!(follows -> teams (team_id));
diesel::joinable!(sessions -> users (user_id));
diesel::joinable!(badges -> users (user_id));
"#;

const LIB: &str = r#"//! An application.
#![deny(warnings)]
#![allow(dead_code)]

// Everything about the database.
pub mod models;
#[rustfmt::skip]
pub mod schema;
pub mod windows;

pub const SETUP: &str = "PRAGMA foreign_keys = ON";

macro_rules! as_it_is {
    ($($item:item)*) => { $($item)* };
}

as_it_is! {
    #[derive(diesel::Queryable, diesel::Selectable)]
    #[diesel(table_name = schema::sessions)]
    pub struct Session {
        pub id: i32,
        pub user_id: i32,
    }
}

#[cfg(test)]
mod tests {
    #[derive(diesel::Queryable, diesel::Identifiable)]
    #[diesel(table_name = crate::schema::follows, primary_key(user_id, team_id))]
    struct Follow {
        user_id: i32,
        team_id: i32,
    }
}
"#;

const MODELS: &str = r#"use diesel::prelude::*; // the usual
use std::fmt::Debug;

use crate::schema::{posts, users};

/// Somebody.
#[derive(Debug, Queryable, Identifiable)]
pub struct User {
    pub id: i32,
    /// Whom they answer to.
    #[allow(unused)] pub(crate) boss_id: Option<i32>, // nobody's, at the top
}

#[derive(Insertable)]
#[diesel(table_name = posts)]
pub struct NewPost<'a> {
    pub author_id: &'a i32,
}

#[derive(
    Debug,
    Queryable,
    Identifiable,
    Associations,
)]
#[diesel(table_name = posts)]
#[diesel(belongs_to(User, foreign_key = author_id))]
#[diesel(belongs_to(Team, foreign_key = owner_id))]
pub struct Post
{
	pub id: i32,
	pub author_id: i32, pub editor_id: Option<i32>,
	#[diesel(column_name = type_)]
	pub r#type: i32,
	/* a user or a team */ pub owner_id: i32,
}

#[derive(Debug, Queryable, Identifiable)]
#[diesel(table_name = crate::schema::teams)]
pub struct Team(#[diesel(column_name = id)] i32);

pub mod shop {
    use super::Debug;

    #[derive(Debug, diesel::Queryable, diesel::Insertable)]
    #[diesel(table_name = crate::schema::line_items)]
    pub struct LineItem { pub id: i32, pub order_id: i32, pub region: String }
}

#[cfg_attr(feature = "full", derive(Queryable, Identifiable))]
#[cfg_attr(feature = "full", diesel(table_name = crate::schema::badges))]
pub struct Badge {
    pub id: i32,
    pub user_id: i32,
}

/// Only a part of a row.
#[derive(Queryable)]
#[diesel(table_name = crate::schema::grants)]
pub struct GrantId(#[diesel(column_name = id)] i32);

pub fn in_a_body() {
    #[derive(Queryable, Identifiable)]
    #[diesel(table_name = crate::schema::grants)]
    struct Grant {
        id: i32,
        user_id: i32,
    }
}
"#;

/// With a byte-order mark and the other line ends.
const WINDOWS: &str = "\u{feff}use crate::schema::tokens;\r\nuse diesel::{Identifiable, Queryable};\r\n\r\n#[derive(Queryable, Identifiable)]\r\npub struct Token {\r\n\tpub id: i32,\r\n\tpub user_id: i64,\r\n}";

fn workspace() -> Workspace {
    let workspace = Workspace::new()
        .file("Cargo.toml", MANIFEST)
        .file("src/lib.rs", LIB)
        .file("src/models.rs", MODELS)
        .file("src/schema.rs", SCHEMA)
        .file("src/windows.rs", WINDOWS);
    git(workspace.dir(), &["init", "--quiet"]);
    workspace.write(".gitignore", "target\nCargo.lock\n");
    commit(workspace.dir());
    workspace
}

fn macros() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the repository").join("fkcheck-macros")
}

fn annotate(dir: &Path, url: &str, more: &[&str]) -> Run {
    let macros = macros().display().to_string();
    let arguments = [&["annotate", "--database-url", url, "--dependency-path", &macros], more].concat();
    fkcheck(dir, &arguments, &[])
}

/// The texts of the workspace's files.
fn texts(dir: &Path) -> BTreeMap<String, String> {
    let files = [
        "Cargo.toml",
        "src/lib.rs",
        "src/models.rs",
        "src/schema.rs",
        "src/windows.rs",
        "src/foreign_keys.rs",
    ];
    let read = |name: &&str| Some(((*name).to_owned(), std::fs::read_to_string(dir.join(name)).ok()?));
    files.iter().filter_map(read).collect()
}

/// Compiles the workspace, warnings forbidden, into a directory that the runs share.
fn compile(dir: &Path, features: &[&str]) {
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).join("annotated");
    let output = Command::new(env!("CARGO"))
        .args(["check", "--quiet", "--tests"])
        .args(features)
        .current_dir(dir)
        .env("CARGO_TARGET_DIR", target)
        .output()
        .expect("cargo runs");
    assert!(output.status.success(), "{}\n{:#?}", String::from_utf8_lossy(&output.stderr), texts(dir));
}

#[test]
fn every_style_is_annotated_in_its_own() {
    let workspace = workspace();
    let dir = workspace.dir();
    let database = SqliteFile::new(TABLES);
    let before = texts(dir);
    let run = annotate(dir, &database.url(), &[]).expect(0);
    insta::assert_snapshot!("questions", run.stdout);
    let after = texts(dir);

    for (name, text) in &before {
        let mut edited = after[name].bytes();
        assert!(
            text.bytes().all(|byte| edited.any(|other| other == byte)),
            "{name}: a byte was lost\n{}",
            after[name]
        );
    }
    assert_eq!(after["src/schema.rs"], before["src/schema.rs"]);
    for name in ["Cargo.toml", "src/lib.rs", "src/models.rs", "src/foreign_keys.rs"] {
        insta::assert_snapshot!(
            name.rsplit('/').next().expect("a name"),
            after[name].replace(&macros().display().to_string(), "MACROS")
        );
    }
    insta::assert_debug_snapshot!("windows.rs", after["src/windows.rs"]);

    compile(dir, &[]);
    compile(dir, &["--no-default-features"]);
    let check = fkcheck(dir, &["--database-url", &database.url(), "--message-format", "json"], &[]).expect(0);
    let loud: Vec<String> = check.rules().into_iter().filter(|rule| rule != "fk_missing_index").collect();
    // `unknown_to_diesel` refers to users, and `User` speaks of keys.
    assert_eq!(loud, ["fk_undeclared"], "{check:#?}");

    commit(dir);
    annotate(dir, &database.url(), &[]).expect(0);
    assert_eq!(texts(dir), after, "the second run changed something");
}

/// Diesel 1 has other attributes and other traits.
#[test]
fn diesel_1_is_annotated_and_compiles() {
    let workspace = Workspace::new()
        .file(
            "Cargo.toml",
            &MANIFEST
                .replace(
                    "version = \"2.3\", default-features = false, features = [\"postgres_backend\"]",
                    "version = \"1.4\", default-features = false",
                )
                .replace("2024", "2018"),
        )
        .file(
            "src/lib.rs",
            "#[macro_use]
extern crate diesel;
pub mod schema {
    table! { users (id) { id -> Integer, boss_id -> Nullable<Integer>, } }
    table! { sessions (id) { id -> Integer, user_id -> Integer, } }
    table! { tokens (id) { id -> Integer, user_id -> BigInt, } }
}
use schema::{sessions, tokens, users};

#[derive(Queryable, Identifiable)]
#[table_name = \"users\"]
pub struct User {
    pub id: i32,
    pub boss_id: Option<i32>,
}

#[derive(Queryable, Identifiable, Associations)]
#[belongs_to(User)]
pub struct Session {
    pub id: i32,
    pub user_id: i32,
}

#[derive(Insertable)]
#[table_name = \"tokens\"]
pub struct Token {
    pub user_id: i64,
}
",
        );
    let dir = workspace.dir();
    let database = SqliteFile::new(TABLES);
    annotate(dir, &database.url(), &["--allow-no-vcs"]).expect(0);
    let text = &texts(dir)["src/lib.rs"];
    for annotation in [
        "#[fk(references = users(id), on_delete = set_null)]\n    pub boss_id",
        "#[fk(on_delete = cascade)]\n    pub user_id: i32",
        "#[fk(references = users(id), on_delete = cascade, allow(fk_type_mismatch",
    ] {
        assert!(text.contains(annotation), "{text}");
    }
    compile(dir, &[]);
}

/// The snapshot holds all that the database showed; so do the migrations that made it.
#[test]
fn every_source_gives_the_same_annotations() {
    let database = SqliteFile::new(TABLES);
    let by_database = workspace();
    annotate(by_database.dir(), &database.url(), &[]).expect(0);
    let macros = macros().display().to_string();
    let from = |dir: &Path, source: &str| {
        let arguments = ["annotate", "--allow-dirty", "--from", source, "--dependency-path", &macros];
        fkcheck(dir, &arguments, &[]).expect(0);
        texts(dir)
    };

    let by_snapshot = workspace();
    fkcheck(by_snapshot.dir(), &["snapshot", "--database-url", &database.url()], &[]).expect(0);
    assert_eq!(from(by_snapshot.dir(), "snapshot"), texts(by_database.dir()));

    let by_migrations = workspace().file("migrations/2026-01-01-000000_all/up.sql", TABLES);
    // Which engine they are for is told by Diesel's features.
    let manifest = MANIFEST.replace("postgres_backend", "sqlite");
    by_migrations.write("Cargo.toml", &manifest);
    // So does the command by itself, without a database and a snapshot.
    let arguments = ["annotate", "--allow-dirty", "--dry-run"];
    let dry = fkcheck(by_migrations.dir(), &arguments, &[]).expect(0);
    assert!(dry.stderr.contains("Would add"), "{dry:?}");
    let mut by_migrations = from(by_migrations.dir(), "migrations");
    let mut expected = texts(by_database.dir());
    by_migrations.remove("Cargo.toml");
    expected.remove("Cargo.toml");
    assert_eq!(by_migrations, expected);
}

/// A key that was dropped by hand is no decision of the code's.
#[test]
fn a_key_that_only_the_migrations_make_is_left_out() {
    let without = TABLES.replace(
        "ON DELETE CASCADE,\n    team_id INTEGER NOT NULL REFERENCES teams (id),",
        "ON DELETE CASCADE,\n    team_id INTEGER NOT NULL,",
    );
    let workspace = workspace().file("migrations/2026-01-01-000000_all/up.sql", TABLES);
    workspace.write("Cargo.toml", &MANIFEST.replace("postgres_backend", "sqlite"));
    let run = annotate(workspace.dir(), &SqliteFile::new(&without).url(), &["--allow-dirty"]).expect(0);
    let said = unwrapped(&run.stdout);
    assert!(said.contains("`follows.team_id`: the migrations make a foreign key here, and "), "{run:?}");
    let keys = std::fs::read_to_string(workspace.dir().join("src/foreign_keys.rs")).expect("written");
    assert!(!keys.contains("(team_id)"), "{keys}");
}

#[test]
fn a_new_key_joins_what_is_there() {
    let workspace = workspace();
    let dir = workspace.dir();
    let first = SqliteFile::new(&TABLES.replace(
        "ON DELETE CASCADE,\n    team_id INTEGER NOT NULL REFERENCES teams (id),",
        "ON DELETE CASCADE,\n    team_id INTEGER NOT NULL,",
    ));
    annotate(dir, &first.url(), &[]).expect(0);
    commit(dir);
    let keys = std::fs::read_to_string(dir.join("src/foreign_keys.rs")).expect("written");
    assert!(keys.contains("crate::schema::follows (team_id), none, reason = \"TODO: "), "{keys}");
    // The answer of a person: there ought to be a key, and now there is one.
    let lines: Vec<&str> = keys.lines().filter(|line| !line.contains("none")).collect();
    std::fs::write(dir.join("src/foreign_keys.rs"), lines.join("\n") + "\n").expect("written");
    commit(dir);
    let second = SqliteFile::new(TABLES);
    annotate(dir, &second.url(), &[]).expect(0);
    let keys = std::fs::read_to_string(dir.join("src/foreign_keys.rs")).expect("written");
    assert_eq!(keys.matches("foreign_keys! {").count(), 1, "{keys}");
    assert!(
        keys.ends_with(
            "    crate::schema::follows (team_id) -> crate::schema::teams (id), on_delete = no_action;\n}\n"
        ),
        "{keys}"
    );
}

#[test]
fn nothing_is_written_where_it_should_not_be() {
    let workspace = workspace();
    let dir = workspace.dir();
    let database = SqliteFile::new(TABLES);
    let before = texts(dir);

    // A dry run prints a diff that git takes, and writes nothing.
    let dry = annotate(dir, &database.url(), &["--dry-run"]).expect(0);
    assert_eq!(texts(dir), before);
    workspace.write("patch", &dry.stdout);
    git(dir, &["apply", "--whitespace=nowarn", "patch"]);
    std::fs::remove_file(dir.join("patch")).expect("removed");
    let by_patch = texts(dir);
    git(dir, &["checkout", "--quiet", "."]);
    std::fs::remove_file(dir.join("src/foreign_keys.rs")).expect("it was in the diff");

    // Uncommitted work is not mixed with edits.
    workspace.write("src/models.rs", &format!("{MODELS}\n// mine\n"));
    let refused = annotate(dir, &database.url(), &[]).expect(2);
    assert!(
        refused.stderr.contains("`src/models.rs`") && refused.stderr.contains("--allow-dirty"),
        "{refused:?}"
    );
    assert!(!dir.join("src/foreign_keys.rs").exists());
    annotate(dir, &database.url(), &["--allow-dirty"]).expect(0);
    let mut edited = texts(dir);
    let models = edited.get_mut("src/models.rs").expect("there");
    *models = models.replace("\n// mine\n", "");
    assert_eq!(edited, by_patch);

    // An empty database is no source.
    git(dir, &["checkout", "--quiet", "."]);
    let empty = SqliteFile::new("");
    assert!(annotate(dir, &empty.url(), &["--allow-dirty"]).expect(3).stdout.contains("has no table"));
}

#[test]
fn the_tables_file_and_the_manifest_may_be_chosen() {
    let workspace = workspace().file("src/keys.rs", "pub const X: u8 = 0;\n");
    let dir = workspace.dir();
    commit(dir);
    let database = SqliteFile::new(TABLES);
    let file = dir.join("src/keys.rs").display().to_string();
    let run = annotate(dir, &database.url(), &["--tables-file", &file, "--no-manifest"]).expect(0);
    assert!(run.stdout.contains("cargo add fkcheck-macros -p app"), "{run:?}");
    assert_eq!(texts(dir)["Cargo.toml"], MANIFEST);
    assert!(!dir.join("src/foreign_keys.rs").exists());
    let keys = std::fs::read_to_string(&file).expect("there");
    assert!(keys.starts_with("pub const X: u8 = 0;\n\nfkcheck_macros::foreign_keys! {\n"), "{keys}");
}

/// The process is killed at every call that writes, one run each: no file is ever half old and half new.
#[cfg(target_os = "linux")]
#[test]
fn a_kill_at_any_write_leaves_whole_files() {
    let database = SqliteFile::new(TABLES);
    let workspace = workspace();
    let dir = workspace.dir();
    let before = texts(dir);
    annotate(dir, &database.url(), &["--no-manifest"]).expect(0);
    let after = texts(dir);
    let (mut kills, mut mixed) = (0, 0);
    for call in ["write", "fsync", "fchmod", "chmod", "rename", "renameat", "renameat2", "unlink"] {
        for nth in 1.. {
            git(dir, &["checkout", "--quiet", "."]);
            git(dir, &["clean", "--quiet", "--force", "-d"]);
            let status = Command::new("strace")
                .args(["-f", "-qq", "-o", "/dev/null", "-e", &format!("trace={call}")])
                .args(["-e", &format!("inject={call}:signal=KILL:when={nth}")])
                .arg(std::env::var_os("FKCHECK_TEST_BIN").expect("tests/run sets it"))
                .args(["fkcheck", "annotate", "--quiet", "--no-manifest", "--database-url", &database.url()])
                .current_dir(dir)
                .stdout(std::process::Stdio::null())
                .stderr(std::process::Stdio::null())
                .status()
                .expect("strace runs");
            if status.success() {
                break;
            }
            kills += 1;
            let now = texts(dir);
            let (mut new, mut old) = (0, 0);
            for name in after.keys() {
                let text = now.get(name);
                assert!(
                    text == before.get(name) || text == after.get(name),
                    "{name} is neither old nor new after a kill at {call} number {nth}:\n{text:?}"
                );
                if before.get(name) != after.get(name) {
                    *if text == after.get(name) { &mut new } else { &mut old } += 1;
                }
            }
            mixed += usize::from(new > 0 && old > 0);
        }
    }
    assert!(kills > 10 && mixed > 0, "{kills} kills, {mixed} of them between two files");
}

/// A workspace of one file, committed.
fn one_file(text: &str) -> Workspace {
    let workspace = Workspace::new().file("Cargo.toml", MANIFEST).file("src/lib.rs", text);
    git(workspace.dir(), &["init", "--quiet"]);
    workspace.write(".gitignore", "target\nCargo.lock\n");
    commit(workspace.dir());
    workspace
}

fn lib(workspace: &Workspace) -> String {
    std::fs::read_to_string(workspace.dir().join("src/lib.rs")).expect("there")
}

const LINKS: &str = "#![allow(dead_code)]
diesel::table! { receipts (id) { id -> BigInt, } }
diesel::table! { outcomes (id) { id -> BigInt, } }
diesel::table! { links (id) { id -> BigInt, receipt_id -> BigInt, } }
use diesel::prelude::*;

#[derive(Queryable, Identifiable)]
#[diesel(table_name = links)]
struct Link {
    id: i64,
    receipt_id: i64,
}
";

const LINK_TABLES: &str = "CREATE TABLE receipts (id BIGINT PRIMARY KEY);
CREATE TABLE outcomes (id BIGINT PRIMARY KEY);
CREATE TABLE links (id BIGINT PRIMARY KEY, receipt_id BIGINT NOT NULL,
    CONSTRAINT l_o FOREIGN KEY (receipt_id) REFERENCES outcomes (id) ON DELETE CASCADE,
    CONSTRAINT l_r FOREIGN KEY (receipt_id) REFERENCES receipts (id) ON DELETE RESTRICT);
CREATE INDEX links_receipt_id ON links (receipt_id);";

#[test]
fn a_column_may_have_keys_to_two_parents() {
    on_every_engine(LINK_TABLES, |url| {
        let workspace = one_file(LINKS);
        let dir = workspace.dir();
        annotate(dir, url, &[]).expect(0);
        let text = lib(&workspace);
        for annotation in [
            "#[fk(references = outcomes(id), on_delete = cascade)]",
            "#[fk(references = receipts(id), on_delete = restrict)]",
        ] {
            assert_eq!(text.matches(annotation).count(), 1, "{text}");
        }
        compile(dir, &[]);
        let check = || {
            fkcheck(dir, &["--database-url", url, "--message-format", "json", "-A", "fk_not_enforced"], &[])
        };
        assert_eq!(check().expect(0).rules(), [""; 0]);

        // The second run adds nothing, and what one of the two lacks.
        commit(dir);
        annotate(dir, url, &[]).expect(0);
        assert_eq!(lib(&workspace), text);
        workspace.write(
            "src/lib.rs",
            &text.replace("    #[fk(references = receipts(id), on_delete = restrict)]\n", ""),
        );
        commit(dir);
        assert_eq!(check().expect(0).rules(), ["fk_undeclared"]);
        annotate(dir, url, &[]).expect(0);
        // The order is the engine's.
        let sorted = |text: &str| text.lines().map(str::to_owned).collect::<std::collections::BTreeSet<_>>();
        assert_eq!(sorted(&lib(&workspace)), sorted(&text));

        // An annotation without a parent would speak of both.
        workspace.write(
            "src/lib.rs",
            &LINKS
                .replace("    receipt_id: i64", "    #[fk(on_delete = cascade)]\n    receipt_id: i64")
                .replace("Identifiable)]", "Identifiable, fkcheck_macros::ForeignKeys)]")
                .replace("use diesel", "diesel::joinable!(links -> outcomes (receipt_id));\nuse diesel"),
        );
        commit(dir);
        let run = annotate(dir, url, &[]).expect(0);
        assert!(
            unwrapped(&run.stdout).contains("an annotation of `links.receipt_id` names no parent"),
            "{run:?}"
        );

        // Each is compared for itself.
        workspace.write("src/lib.rs", &text.replace("on_delete = restrict", "on_delete = cascade"));
        let run = check().expect(1);
        assert_eq!(run.rules(), ["fk_on_delete_mismatch"]);
        assert!(run.stdout.contains("`links.receipt_id` → `receipts`"), "{run:?}");
        workspace.write(
            "src/lib.rs",
            &text.replace("receipts(id), on_delete = restrict", "links(id), on_delete = restrict"),
        );
        assert_eq!(check().expect(1).rules(), ["fk_parent_mismatch"]);
    });
}

/// Several keys to one parent are one declaration; a person is asked where they differ.
#[test]
fn two_keys_to_one_parent_are_one_annotation() {
    let tables =
        "CREATE TABLE outcomes (id BIGINT PRIMARY KEY); CREATE TABLE receipts (id BIGINT PRIMARY KEY);
        CREATE TABLE links (id BIGINT PRIMARY KEY, receipt_id BIGINT NOT NULL,
            CONSTRAINT a FOREIGN KEY (receipt_id) REFERENCES outcomes (id) ON DELETE CASCADE,
            CONSTRAINT z FOREIGN KEY (receipt_id) REFERENCES outcomes (id) ON DELETE RESTRICT);
        CREATE INDEX links_receipt_id ON links (receipt_id);";
    on_every_engine(tables, |url| {
        let workspace = one_file(LINKS);
        let dir = workspace.dir();
        let run = annotate(dir, url, &[]).expect(0);
        assert!(
            unwrapped(&run.stdout).contains("`links.receipt_id` has more than one key to `outcomes`"),
            "{run:?}"
        );
        let text = lib(&workspace);
        assert_eq!(text.matches("#[fk(references = outcomes(id)").count(), 1, "{text}");
        commit(dir);
        annotate(dir, url, &[]).expect(0);
        assert_eq!(lib(&workspace), text);
        fkcheck(dir, &["--database-url", url], &[]).expect(0);
    });
}

/// What `schema.rs` says otherwise than the database concerns one key, not all.
#[test]
fn a_key_that_cannot_be_declared_is_asked_about() {
    let workspace = one_file(
        "#![allow(dead_code)]
diesel::table! { samples (entity_id) { entity_id -> Text, } }
diesel::table! { users (id) { id -> BigInt, } }
diesel::table! { events (id) { id -> BigInt, sample_id -> BigInt, user_id -> BigInt, } }
use diesel::prelude::*;

#[derive(Queryable, Identifiable)]
#[diesel(table_name = events)]
struct Event {
    id: i64,
    sample_id: i64,
    user_id: i64,
}
",
    );
    let database = SqliteFile::new(
        "CREATE TABLE samples (id BIGINT PRIMARY KEY); CREATE TABLE users (id BIGINT PRIMARY KEY);
         CREATE TABLE events (id BIGINT PRIMARY KEY, sample_id BIGINT NOT NULL REFERENCES samples (id) ON DELETE CASCADE,
            user_id BIGINT NOT NULL REFERENCES users (id) ON DELETE RESTRICT)",
    );
    let run = annotate(workspace.dir(), &database.url(), &[]).expect(0);
    let said = unwrapped(&run.stdout);
    assert!(said.contains("src/lib.rs:4:46: `events.sample_id → samples` is not annotated: "), "{said}");
    assert!(said.contains("`samples` has no column `id`"), "{said}");
    let text = lib(&workspace);
    assert_eq!(text.matches("#[fk(").count(), 1, "{text}");
    assert!(text.contains("    #[fk(references = users(id), on_delete = restrict)]\n    user_id"), "{text}");
    compile(workspace.dir(), &[]);
}

#[test]
fn a_table_that_is_declared_twice_is_asked_about() {
    let schema = "diesel::table! { users (id) { id -> Integer, } }
diesel::table! { posts (id) { id -> Integer, author_id -> Integer, } }
";
    let workspace = one_file(
        "#![allow(dead_code)]
pub mod new;
pub mod old;

#[derive(diesel::Queryable, diesel::Identifiable)]
#[diesel(table_name = new::posts)]
struct Post {
    id: i32,
    author_id: i32,
}
",
    )
    .file("src/new.rs", schema)
    .file("src/old.rs", schema);
    commit(workspace.dir());
    let database = SqliteFile::new(
        "CREATE TABLE users (id INTEGER PRIMARY KEY);
         CREATE TABLE posts (id INTEGER PRIMARY KEY, author_id INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE)",
    );
    let run = annotate(workspace.dir(), &database.url(), &[]).expect(0);
    let said = unwrapped(&run.stdout);
    assert!(
        said.contains("`posts` is declared by 2 `table!`, at `src/new.rs:2:18` and `src/old.rs:2:18`"),
        "{said}"
    );
    assert!(
        lib(&workspace).contains("#[fk(references = new::users(id), on_delete = cascade)]"),
        "{workspace:?}"
    );
    compile(workspace.dir(), &[]);
}

/// The compiler checks what it can see.
#[test]
fn a_parent_of_another_module_is_named_by_its_path() {
    let workspace = one_file(
        "#![allow(dead_code)]
pub mod schema;
mod people {
    diesel::table! { users (id) { id -> Integer, } }
}

pub mod models {
    use crate::schema::shop::orders;
    #[derive(diesel::Queryable, diesel::Identifiable)]
    #[diesel(table_name = orders)]
    struct Order {
        id: i32,
        user_id: i32,
        region_id: i32,
        hidden_id: i32,
    }
}
",
    )
    .file(
        "src/schema.rs",
        "diesel::table! { regions (id) { id -> Integer, } }
pub mod shop { diesel::table! { orders (id) { id -> Integer, user_id -> Integer, region_id -> Integer, hidden_id -> Integer, } } }
mod private { diesel::table! { hidden (id) { id -> Integer, } } }
",
    );
    commit(workspace.dir());
    let database = SqliteFile::new(
        "CREATE TABLE users (id INTEGER PRIMARY KEY); CREATE TABLE regions (id INTEGER PRIMARY KEY);
         CREATE TABLE hidden (id INTEGER PRIMARY KEY);
         CREATE TABLE orders (id INTEGER PRIMARY KEY, user_id INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
            region_id INTEGER NOT NULL REFERENCES regions (id) ON DELETE CASCADE,
            hidden_id INTEGER NOT NULL REFERENCES hidden (id) ON DELETE CASCADE)",
    );
    annotate(workspace.dir(), &database.url(), &[]).expect(0);
    let text = lib(&workspace);
    for parent in ["crate::people::users(id)", "crate::schema::regions(id)", "\"hidden(id)\""] {
        assert!(text.contains(&format!("#[fk(references = {parent}, on_delete = cascade)]")), "{text}");
    }
    compile(workspace.dir(), &[]);
}

/// What no check would read is not written.
#[test]
fn the_tables_file_is_a_source_file() {
    let database = SqliteFile::new(
        "CREATE TABLE users (id INTEGER NOT NULL PRIMARY KEY);
         CREATE TABLE posts (id INTEGER NOT NULL PRIMARY KEY, author_id INTEGER NOT NULL REFERENCES users (id));",
    );
    let schema = "diesel::table! { users (id) { id -> Integer, } }
diesel::table! { posts (id) { id -> Integer, author_id -> Integer, } }
";
    let outside = tempfile::tempdir().expect("a directory");
    let workspace = Workspace::new()
        .file("src/schema.rs", schema)
        .file("src/lib.rs", "mod schema;\n")
        .file("docs/keys.rs", "");
    let annotate = |file: &str| {
        let options = [
            "annotate",
            "--allow-dirty",
            "--allow-no-vcs",
            "--database-url",
            &*database.url(),
            "--tables-file",
            file,
        ]
        .map(str::to_owned);
        fkcheck(workspace.dir(), &options.iter().map(String::as_str).collect::<Vec<_>>(), &[])
    };
    for file in [
        &*outside.path().join("keys.rs").to_string_lossy(),
        "../keys.rs",
        "src/../../keys.rs",
        "docs/keys.rs",
    ] {
        let run = annotate(file).expect(2);
        let text = unwrapped(&format!("{}{}", run.stdout, run.stderr));
        assert!(text.contains("is no source file of a package of this workspace"), "{file}: {run:?}");
        assert!(!text.contains("defect"), "{file}: {run:?}");
    }
    annotate("src/../src/keys.rs").expect(0);
    let keys = std::fs::read_to_string(workspace.dir().join("src/keys.rs")).expect("written");
    assert!(keys.contains("posts (author_id) -> "), "{keys}");
}
