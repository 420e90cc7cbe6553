//! The three drifted keys of the billing example with every action declared against every action observed, on real
//! servers: every disagreement is found, and no agreement is reported.
//!
//! What an engine holds for the same is written down here once more, by what it does and not by what the tool says.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use fkcheck_tests::{Run, SqliteFile, Workspace, fkcheck};
use serde_json::{Value, json};

/// Child table, its column, its parent.
const KEYS: [(&str, &str, &str); 3] = [
    ("ai_conversations", "permission_profile_id", "permission_profiles"),
    ("batch_jobs", "org_id", "organizations"),
    ("pending_payments", "org_id", "organizations"),
];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum OnDelete {
    NoAction,
    Restrict,
    Cascade,
    SetNull,
    SetDefault,
}
use OnDelete::{Cascade, NoAction, Restrict, SetDefault, SetNull};

const ACTIONS: [OnDelete; 5] = [NoAction, Restrict, Cascade, SetNull, SetDefault];

impl OnDelete {
    fn sql(self) -> &'static str {
        match self {
            NoAction => "NO ACTION",
            Restrict => "RESTRICT",
            Cascade => "CASCADE",
            SetNull => "SET NULL",
            SetDefault => "SET DEFAULT",
        }
    }

    fn word(self) -> &'static str {
        match self {
            NoAction => "no_action",
            Restrict => "restrict",
            Cascade => "cascade",
            SetNull => "set_null",
            SetDefault => "set_default",
        }
    }
}

/// One of the 75: a key of the example, the action in the code, the action in the database.
#[derive(Clone, Copy, Debug)]
struct Case {
    key: usize,
    declared: OnDelete,
    observed: OnDelete,
}

impl Case {
    fn all() -> Vec<Case> {
        let mut cases = Vec::new();
        for key in 0..KEYS.len() {
            for declared in ACTIONS {
                cases.extend(ACTIONS.map(|observed| Case { key, declared, observed }));
            }
        }
        cases
    }

    /// A child table of its own: `batch_jobs_cascade_set_null`.
    fn table(&self) -> String {
        format!("{}_{}_{}", KEYS[self.key].0, self.declared.word(), self.observed.word())
    }

    fn column(&self) -> &'static str {
        KEYS[self.key].1
    }

    fn parent(&self) -> &'static str {
        KEYS[self.key].2
    }
}

/// Parents, then a table a case; nullable with a default and an index, so that no other rule has a word to say.
fn database(integer: &str, cases: &[Case], more: &str) -> String {
    let mut sql = String::new();
    for parent in ["permission_profiles", "organizations"] {
        writeln!(sql, "CREATE TABLE {parent} (id {integer} NOT NULL PRIMARY KEY);").unwrap();
    }
    for case in cases {
        let (table, column, parent, observed) =
            (case.table(), case.column(), case.parent(), case.observed.sql());
        writeln!(
            sql,
            "CREATE TABLE {table} (id {integer} NOT NULL PRIMARY KEY, {column} {integer} DEFAULT 1,
                FOREIGN KEY ({column}) REFERENCES {parent} (id) ON DELETE {observed} {more});
             CREATE INDEX {table}_index ON {table} ({column});"
        )
        .unwrap();
    }
    sql
}

fn workspace(cases: &[Case]) -> Workspace {
    let mut schema = String::new();
    for parent in ["permission_profiles", "organizations"] {
        writeln!(schema, "diesel::table! {{ {parent} (id) {{ id -> BigInt, }} }}").unwrap();
    }
    let mut models = "use crate::schema::*;\nuse fkcheck_macros::ForeignKeys;\n".to_owned();
    for (number, case) in cases.iter().enumerate() {
        let (table, column, parent, declared) =
            (case.table(), case.column(), case.parent(), case.declared.word());
        writeln!(
            schema,
            "diesel::table! {{ {table} (id) {{ id -> BigInt, {column} -> Nullable<BigInt>, }} }}"
        )
        .unwrap();
        writeln!(
            models,
            "
#[derive(ForeignKeys)]
#[diesel(table_name = {table})]
pub struct Model{number} {{
    pub id: i64,
    #[fk(references = {parent}(id), on_delete = {declared})]
    pub {column}: Option<i64>,
}}"
        )
        .unwrap();
    }
    Workspace::new()
        .file("src/schema.rs", &schema)
        .file("src/models.rs", &models)
        .file("src/lib.rs", "pub mod models;\npub mod schema;\n")
}

fn check(cases: &[Case], url: &str, flags: &[&str]) -> Run {
    let workspace = workspace(cases);
    let mut arguments = vec!["--message-format", "json", "--database-url", url];
    arguments.extend(flags);
    fkcheck(workspace.dir(), &arguments, &[])
}

/// `level rule table`, of what is expected and of what is found.
type Told = BTreeSet<String>;

fn told(run: &Run) -> Told {
    let of_finding = |finding: &Value| {
        let word = |value: &Value| value.as_str().expect("a string").to_owned();
        format!("{} {} {}", word(&finding["level"]), word(&finding["rule"]), word(&finding["child"]["table"]))
    };
    let findings = run.findings();
    let told: Told = findings.iter().map(of_finding).collect();
    assert_eq!(told.len(), findings.len(), "one finding twice: {findings:#?}");
    told
}

/// What an engine does with a disagreement: `deny`, `note`, or nothing.
type Judge = fn(OnDelete, OnDelete) -> Option<&'static str>;

/// PostgreSQL and SQLite: each action is its own; NO ACTION and RESTRICT end a plain delete the same way.
fn standard(declared: OnDelete, observed: OnDelete) -> Option<&'static str> {
    match (declared, observed) {
        (NoAction, Restrict) | (Restrict, NoAction) => Some("note"),
        _ if declared == observed => None,
        _ => Some("deny"),
    }
}

/// The same for a deferrable key, or with `--strict`: they are not the same.
fn standard_strict(declared: OnDelete, observed: OnDelete) -> Option<&'static str> {
    (declared != observed).then_some("deny")
}

/// `InnoDB`: there are three actions, the others only block; MariaDB stores SET DEFAULT as RESTRICT, MySQL does as much.
fn innodb(declared: OnDelete, observed: OnDelete) -> Option<&'static str> {
    let effect = |action| match action {
        NoAction | Restrict | SetDefault => "blocks",
        Cascade => "deletes",
        SetNull => "clears",
    };
    (effect(declared) != effect(observed)).then_some("deny")
}

/// Runs all cases at once, and those that agree by themselves, and compares with what `judge` says.
fn prove(engine: &str, url: &str, judge: Judge, flags: &[&str]) {
    let cases = Case::all();
    let on_innodb = engine == "MariaDB";
    // There SET DEFAULT is a rule of its own: the code asks for what the engine doesn't do.
    let also = |case: &Case| on_innodb && case.declared == SetDefault;

    let run = check(&cases, url, flags).expect(1);
    let mut expected = Told::new();
    for case in &cases {
        if let Some(level) = judge(case.declared, case.observed) {
            expected.insert(format!("{level} fk_on_delete_mismatch {}", case.table()));
        }
        if also(case) {
            expected.insert(format!("deny fk_set_default_without_default {}", case.table()));
        }
    }
    let told = told(&run);
    let missed: Vec<_> = expected.difference(&told).collect();
    let invented: Vec<_> = told.difference(&expected).collect();
    assert!(missed.is_empty() && invented.is_empty(), "missed: {missed:#?}\ninvented: {invented:#?}");

    let lines = run.json();
    let last = lines.last().expect("the last line");
    let mut keys = json!({ "declared": 75, "observed": 75, "paired": 75, "undeclared": 0, "skipped": 0 });
    // All are deferrable, which `QUIET` allows; InnoDB has no such keys.
    if !on_innodb && flags == QUIET {
        keys["passed_over"] = json!(75);
    }
    assert_eq!(last["keys"], keys);
    for line in &lines {
        check_data(line, &cases, on_innodb);
    }

    let agreeing: Vec<Case> = cases
        .iter()
        .copied()
        .filter(|case| judge(case.declared, case.observed) != Some("deny") && !also(case))
        .collect();
    let silent = check(&agreeing, url, flags).expect(0);
    let notes = agreeing.iter().filter(|case| judge(case.declared, case.observed).is_some()).count();
    assert_eq!(silent.findings().len(), notes);
    let level = |level| expected.iter().filter(|told| told.starts_with(level)).count();
    println!(
        "{engine} {flags:?}: {} cases, {} denied, {} noted, {} agree; {} of another rule",
        cases.len(),
        level("deny fk_on_delete"),
        notes,
        agreeing.len() - notes,
        level("deny fk_set_default"),
    );
}

/// The members that programs read: both sides' actions, both tables, and the place of the declared action.
fn check_data(line: &Value, cases: &[Case], on_innodb: bool) {
    let finding = &line["fkcheck"];
    if finding["rule"] != "fk_on_delete_mismatch" {
        return;
    }
    let table = finding["child"]["table"].as_str().expect("a name");
    let case = cases.iter().find(|case| case.table() == table).expect("a case of ours");
    assert_eq!(finding["child"]["columns"], json!([case.column()]));
    assert_eq!(finding["parent"]["table"], case.parent());
    assert_eq!(finding["parent"]["columns"], json!(["id"]));
    assert_eq!(finding["declared"]["on_delete"], case.declared.sql());
    let stored = match case.observed {
        SetDefault if on_innodb => Restrict,
        observed => observed,
    };
    assert_eq!(finding["observed"]["on_delete"], stored.sql());
    assert_eq!(finding["source"], "database");
    let spans = line["message"]["spans"].as_array().expect("spans");
    let primary = spans.iter().find(|span| span["is_primary"] == true).expect("a primary span");
    assert_eq!(primary["file_name"], "src/models.rs");
    let text = &primary["text"][0];
    let column = |name: &str| usize::try_from(text[name].as_u64().expect("a number")).expect("small") - 1;
    let source = text["text"].as_str().expect("the line");
    assert_eq!(&source[column("highlight_start")..column("highlight_end")], case.declared.word());
}

/// The code says nothing of deferrability, which is another rule's.
const QUIET: &[&str] = &["-A", "fk_deferrability_mismatch"];

#[test]
fn postgres() {
    let Some(server) = fkcheck_tests::postgres() else { return };
    let database_of = |more| {
        let database_of_its_own = server.fresh_database();
        database_of_its_own.execute(&database("bigint", &Case::all(), more));
        database_of_its_own
    };
    let plain = database_of("");
    prove("PostgreSQL", &plain.url(), standard, &[]);
    prove("PostgreSQL", &plain.url(), standard_strict, &["--strict"]);
    prove("PostgreSQL, deferrable", &database_of("DEFERRABLE").url(), standard_strict, QUIET);
}

#[test]
fn mariadb() {
    let Some(server) = fkcheck_tests::mariadb() else { return };
    let its_database = server.fresh_database();
    its_database.execute(&database("bigint", &Case::all(), ""));
    prove("MariaDB", &its_database.url(), innodb, &[]);
    prove("MariaDB", &its_database.url(), innodb, &["--strict"]);
}

#[test]
fn sqlite() {
    let plain = SqliteFile::new(&database("INTEGER", &Case::all(), ""));
    prove("SQLite", &plain.url(), standard, &[]);
    prove("SQLite", &plain.url(), standard_strict, &["--strict"]);
    let deferrable = SqliteFile::new(&database("INTEGER", &Case::all(), "DEFERRABLE INITIALLY DEFERRED"));
    prove("SQLite, deferrable", &deferrable.url(), standard_strict, QUIET);
}

/// SET NULL on NOT NULL: what the code says, whether schema.rs knows that the column is NOT NULL, and what is told.
const NOT_NULL: [(&str, bool, &[&str]); 6] = [
    ("on_delete = set_null", true, &["fk_set_null_not_nullable"]),
    ("on_delete = set_null", false, &["fk_set_null_not_nullable"]),
    ("", true, &["fk_set_null_not_nullable"]),
    ("", false, &["fk_set_null_not_nullable"]),
    ("on_delete = no_action", true, &["fk_on_delete_mismatch"]),
    ("on_delete = cascade", true, &["fk_on_delete_mismatch"]),
];

fn check_not_null(url: &str, says: &str, schema_knows: bool) -> Run {
    let column = if schema_knows { "BigInt" } else { "Nullable<BigInt>" };
    let says = if says.is_empty() { String::new() } else { format!(", {says}") };
    let workspace = Workspace::new().file(
        "src/lib.rs",
        &format!(
            "use fkcheck_macros::ForeignKeys;
diesel::table! {{ organizations (id) {{ id -> BigInt, }} }}
diesel::table! {{ batch_jobs (id) {{ id -> BigInt, org_id -> {column}, }} }}
#[derive(ForeignKeys)]
#[diesel(table_name = batch_jobs)]
pub struct BatchJob {{
    pub id: i64,
    #[fk(references = organizations(id){says})]
    pub org_id: Option<i64>,
}}"
        ),
    );
    fkcheck(workspace.dir(), &["--message-format", "json", "--database-url", url], &[])
}

fn prove_not_null(url: &str) {
    for (says, schema_knows, rules) in NOT_NULL {
        let run = check_not_null(url, says, schema_knows).expect(1);
        assert_eq!(run.rules(), rules, "{says:?}, schema.rs knows: {schema_knows}: {run:?}");
    }
}

fn set_null_on_not_null(integer: &str) -> String {
    format!(
        "CREATE TABLE organizations (id {integer} NOT NULL PRIMARY KEY);
         CREATE TABLE batch_jobs (id {integer} NOT NULL PRIMARY KEY,
             org_id {integer} NOT NULL REFERENCES organizations (id) ON DELETE SET NULL);
         CREATE INDEX batch_jobs_org_id ON batch_jobs (org_id);"
    )
}

#[test]
fn set_null_on_not_null_is_found_where_the_engine_takes_it() {
    let sqlite = SqliteFile::new(&set_null_on_not_null("INTEGER"));
    prove_not_null(&sqlite.url());
    if let Some(server) = fkcheck_tests::postgres() {
        let database = server.fresh_database();
        database.execute(&set_null_on_not_null("bigint"));
        prove_not_null(&database.url());
    }
}

/// There the DDL is refused, so the column has another rule; what the code says can't be done all the same.
#[test]
fn set_null_on_not_null_is_found_in_the_code_where_the_engine_refuses_it() {
    let Some(server) = fkcheck_tests::mariadb() else { return };
    let database = server.fresh_database();
    database.execute(
        "CREATE TABLE organizations (id bigint PRIMARY KEY);
         CREATE TABLE batch_jobs (id bigint PRIMARY KEY, org_id bigint NOT NULL,
             FOREIGN KEY (org_id) REFERENCES organizations (id))",
    );
    let mut rules = check_not_null(&database.url(), "on_delete = set_null", true).expect(1).rules();
    rules.sort_unstable();
    assert_eq!(rules, ["fk_on_delete_mismatch", "fk_set_null_not_nullable"]);
}

/// PostgreSQL 15 and later can clear a part of a key.
#[test]
fn set_null_of_some_columns_spares_the_others() {
    let Some(server) = fkcheck_tests::postgres() else { return };
    let database = server.fresh_database();
    database.execute(
        "CREATE TABLE orders (id bigint, region text, PRIMARY KEY (id, region));
         CREATE TABLE lines (id bigint PRIMARY KEY, order_id bigint, region text NOT NULL,
             FOREIGN KEY (order_id, region) REFERENCES orders ON DELETE SET NULL (order_id));
         CREATE INDEX lines_order ON lines (order_id, region);",
    );
    for (says, code, rules) in [
        ("set_null(order_id)", 0, &[][..]),
        ("set_null", 1, &["fk_on_delete_mismatch", "fk_set_null_not_nullable"]),
        ("set_null(order_id, region)", 1, &["fk_on_delete_mismatch", "fk_set_null_not_nullable"]),
        ("cascade", 1, &["fk_on_delete_mismatch"]),
    ] {
        let workspace = Workspace::new().file(
            "src/lib.rs",
            &format!(
                "diesel::table! {{ orders (id, region) {{ id -> BigInt, region -> Text, }} }}
diesel::table! {{ lines (id) {{ id -> BigInt, order_id -> Nullable<BigInt>, region -> Text, }} }}
fkcheck_macros::foreign_keys! {{ lines (order_id, region) -> orders (id, region), on_delete = {says}; }}"
            ),
        );
        let url = database.url();
        let run = fkcheck(workspace.dir(), &["--message-format", "json", "--database-url", &url], &[]);
        let mut found = run.expect(code).rules();
        found.sort_unstable();
        assert_eq!(found, rules, "{says}");
    }
}
