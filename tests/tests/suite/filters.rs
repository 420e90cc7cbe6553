//! `tables.ignore` and `schemas`: whose keys need no annotation.

use fkcheck_tests::{Run, SqliteFile, Workspace, fkcheck, postgres, unwrapped};

const SCHEMA: &str = "
diesel::table! { users (id) { id -> BigInt, } }
diesel::table! { posts (id) { id -> BigInt, user_id -> BigInt, } }
diesel::table! { audit_log (id) { id -> BigInt, user_id -> BigInt, other_id -> BigInt, } }
diesel::table! { billing.bills (id) { id -> BigInt, user_id -> BigInt, } }
diesel::joinable!(audit_log -> users (other_id));
";

const KEYS: &str = "fkcheck_macros::foreign_keys! { crate::schema::posts (user_id) -> crate::schema::users (id), on_delete = cascade; }";

const TABLES: &str = "
CREATE TABLE users (id BIGINT NOT NULL PRIMARY KEY);
CREATE TABLE posts (id BIGINT NOT NULL PRIMARY KEY, user_id BIGINT NOT NULL REFERENCES users (id) ON DELETE CASCADE);
CREATE INDEX posts_user_id ON posts (user_id);
CREATE TABLE audit_log (id BIGINT NOT NULL PRIMARY KEY, user_id BIGINT NOT NULL REFERENCES users (id), other_id BIGINT NOT NULL);
";

fn workspace(configuration: &str) -> Workspace {
    Workspace::new()
        .manifest(configuration)
        .file("src/schema.rs", SCHEMA)
        .file("src/keys.rs", KEYS)
        .file("src/lib.rs", "pub mod schema;\nmod keys;\nconst ON: &str = \"PRAGMA foreign_keys = ON\";\n")
}

fn rules(workspace: &Workspace, url: &str) -> Vec<String> {
    let arguments = ["--message-format", "json", "--database-url", url, "-D", "fk_undeclared"];
    let run = fkcheck(workspace.dir(), &arguments, &[]);
    let mut rules = run.rules();
    let run = run.expect(i32::from(
        rules.iter().any(|rule| !matches!(rule.as_str(), "fk_joinable_mismatch" | "fk_data_class")),
    ));
    assert!(run.stderr.contains("Comparing"), "{run:?}");
    rules.sort();
    rules
}

fn refused(configuration: &str) -> Run {
    fkcheck(workspace(configuration).dir(), &["--offline"], &[]).expect(2)
}

#[test]
fn ignored_tables_need_no_annotation() {
    let database = SqliteFile::new(TABLES);
    let url = database.url();
    assert_eq!(rules(&workspace(""), &url), ["fk_joinable_mismatch", "fk_undeclared"]);
    for configuration in [
        "[workspace.metadata.fkcheck]\ntables.ignore = [\"audit_*\"]",
        "[workspace.metadata.fkcheck]\ntables.ignore = \"main.audit_*\"",
        "[workspace.metadata.fkcheck.databases.one]\ntables = { ignore = [\"*_log\"] }",
    ] {
        assert_eq!(rules(&workspace(configuration), &url), [""; 0], "{configuration}");
    }
    // An annotation is the more specific word.
    let all = workspace("[workspace.metadata.fkcheck]\ntables.ignore = [\"*\"]");
    let wrong = SqliteFile::new(&TABLES.replace("CASCADE", "RESTRICT"));
    assert_eq!(rules(&all, &wrong.url()), ["fk_on_delete_mismatch"]);
    // `annotate` leaves them alone.
    let some = workspace("[workspace.metadata.fkcheck]\ntables.ignore = [\"audit_*\", \"nothing_like_it\"]");
    let run = fkcheck(some.dir(), &["annotate", "--dry-run", "--database-url", &url], &[]).expect(0);
    assert_eq!(run.stdout, "");
    let run = fkcheck(some.dir(), &["--database-url", &url], &[]).expect(0);
    assert!(run.stderr.contains("no table matches `nothing_like_it`"), "{run:?}");
}

#[test]
fn only_some_schemas_may_be_of_interest() {
    let Some(server) = postgres() else { return };
    let database = server.fresh_database();
    database.execute(TABLES);
    database.execute(
        "CREATE SCHEMA billing; CREATE TABLE billing.bills (id BIGINT PRIMARY KEY, user_id BIGINT NOT NULL REFERENCES users (id))",
    );
    let url = database.url();
    let of = |schemas: &str| {
        rules(
            &workspace(&format!(
                "[workspace.metadata.fkcheck]\nschemas = {schemas}\ntables.ignore = \"audit_*\""
            )),
            &url,
        )
    };
    assert_eq!(of("[]"), ["fk_undeclared"]);
    assert_eq!(of("[\"public\"]"), [""; 0]);
    assert_eq!(of("[\"billing\", \"public\"]"), ["fk_undeclared"]);
}

/// What rows are worth may be said by pattern; a class in the code is the more specific word.
#[test]
fn tables_are_classified_by_pattern() {
    let database = SqliteFile::new(TABLES);
    let of = |configuration: &str, keys: &str| {
        let workspace = workspace(configuration).file("src/keys.rs", keys);
        rules(&workspace, &database.url())
    };
    let some = "[workspace.metadata.fkcheck]\ntables.ignore = \"audit_*\"\n[workspace.metadata.fkcheck.data]\n\"po?ts\" = \"value\"\n\"*\" = \"ephemeral\"";
    assert_eq!(of(some, KEYS), ["fk_data_class"]);
    assert_eq!(of(some, &KEYS.replace("cascade", "cascade, data = ephemeral")), [""; 0]);
    assert_eq!(of(&some.replace("value", "audit"), KEYS), ["fk_data_class"]);
    assert_eq!(of(&some.replace("po?ts", "users"), KEYS), [""; 0]);
}

#[test]
fn mistakes_are_shown_where_they_stand() {
    for (configuration, said) in [
        ("tables.ignore = [\"a[\"]", "`a[` is no pattern, invalid range pattern: did you mean `a[[]`?"),
        ("tables.ignore = [\"a\", \"b***\"]", "did you mean `b*`?"),
        (
            "tables.ignored = []",
            "unknown key `ignored` in the configuration of fkcheck: did you mean `ignore`?",
        ),
        ("tables = [\"a\"]", "`tables` takes `tables.ignore"),
        ("tables.ignore = [1]", "`tables.ignore` takes patterns"),
        ("schemas = 1", "`schemas` takes names of schemas"),
        ("schema = \"a\"", "did you mean `schemas`?"),
        ("data.x = \"gold\"", "unknown data class for `x`"),
        ("data.\"[\" = \"value\"", "`[` is no pattern"),
    ] {
        let run = refused(&format!("[workspace.metadata.fkcheck]\n{configuration}"));
        let text = unwrapped(&run.stderr);
        assert!(text.contains(said) && text.contains("Cargo.toml:14:"), "{configuration}: {text}");
    }
}

#[test]
fn a_wrong_pattern_among_others_is_pointed_at() {
    let run = refused("[workspace.metadata.fkcheck]\ntables.ignore = [\"fine\", \"a[\"]");
    assert!(run.stderr.contains("Cargo.toml:14:26: `a[`"), "{run:?}");
}

#[test]
fn a_snapshot_stays_whole_and_is_filtered_when_it_is_read() {
    let database = SqliteFile::new(TABLES);
    let filtered = workspace("[workspace.metadata.fkcheck]\ntables.ignore = \"audit_*\"");
    let whole = workspace("");
    let lock = |workspace: &Workspace| {
        fkcheck(workspace.dir(), &["snapshot", "--database-url", &database.url()], &[]).expect(0);
        std::fs::read_to_string(workspace.dir().join("fkcheck.lock")).unwrap()
    };
    assert_eq!(lock(&filtered), lock(&whole));
    let arguments = ["--against", "snapshot", "--message-format", "json", "-D", "fk_undeclared"];
    let undeclared = |workspace: &Workspace, code| {
        let run = fkcheck(workspace.dir(), &arguments, &[]).expect(code);
        let summary = run.json().pop().unwrap();
        (run.rules().contains(&"fk_undeclared".to_owned()), summary["keys"]["undeclared"].clone())
    };
    assert_eq!(undeclared(&whole, 1), (true, 1.into()));
    assert_eq!(undeclared(&filtered, 0), (false, 0.into()));
}

#[test]
fn a_bare_name_means_the_schema_that_has_the_table() {
    let Some(server) = postgres() else { return };
    let database = server.fresh_database();
    database.execute(TABLES);
    database.execute(&format!(
        "CREATE SCHEMA billing; ALTER DATABASE {} SET search_path = billing, public",
        database.name()
    ));
    let url = database.url();
    let of = |configuration: &str| {
        rules(&workspace(&format!("[workspace.metadata.fkcheck]\n{configuration}")), &url)
    };
    let both = ["fk_joinable_mismatch", "fk_undeclared"];
    assert_eq!(of(""), both);
    assert_eq!(of("schemas = [\"public\"]"), both);
    assert_eq!(of("schemas = [\"billing\"]"), [""; 0]);
    assert_eq!(of("tables.ignore = \"public.audit_*\""), [""; 0]);
    assert_eq!(of("tables.ignore = \"billing.audit_*\""), both);
}

#[test]
fn a_pattern_is_said_to_be_unused_once_and_only_if_that_is_known() {
    let with = SqliteFile::new(&format!("{TABLES} CREATE TABLE old_keys (id BIGINT PRIMARY KEY);"));
    let without = SqliteFile::new(TABLES);
    let workspace = workspace(
        "[workspace.metadata.fkcheck.databases.tenants]\ntables.ignore = [\"old_*\", \"nothing_*\", \"main.nothing\"]",
    );
    let notes = |arguments: &[&str]| {
        let run = fkcheck(workspace.dir(), arguments, &[]);
        let is_note = |line: &&str| line.contains("no table matches");
        run.stderr.lines().filter(is_note).map(|line| line.trim().to_owned()).collect::<Vec<_>>()
    };
    let (with, without) = (with.url(), without.url());
    let both = ["--database-url", with.as_str(), "--database-url", &without];
    assert_eq!(
        notes(&both),
        [
            "Note no table matches `nothing_*` of `databases.tenants.tables.ignore`",
            "Note no table matches `main.nothing` of `databases.tenants.tables.ignore`"
        ]
    );
    let none: [String; 0] = [];
    assert_eq!(notes(&[&both[..], &["--partition", "1/2"]].concat()), none);
    assert_eq!(notes(&[&both[..], &["--database-url", "sqlite:///nowhere/at/all.db"]].concat()), none);
    assert_eq!(notes(&["--offline"]), none);
}
