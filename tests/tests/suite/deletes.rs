//! `cargo fkcheck deletes`, and the rules on deletes in the code.

use fkcheck_tests::{Run, SqliteFile, Workspace, fkcheck};
use serde_json::Value;

const TABLES: &str = "
diesel::table! { teams (id) { id -> Integer, name -> Text, deleted_at -> Nullable<Timestamp>, } }
diesel::table! { members (id) { id -> Integer, team_id -> Integer, name -> Integer, } }
diesel::table! { invites (id) { id -> Integer, team_id -> Nullable<Integer>, } }
diesel::table! { logs (id) { id -> Integer, member_id -> Integer, } }
";

const DATABASE: &str = "CREATE TABLE teams (id INTEGER PRIMARY KEY, name TEXT NOT NULL, deleted_at TIMESTAMP);
CREATE TABLE members (id INTEGER PRIMARY KEY, team_id INTEGER NOT NULL REFERENCES teams (id), name INTEGER);
CREATE INDEX a ON members (team_id);
CREATE TABLE invites (id INTEGER PRIMARY KEY, team_id INTEGER REFERENCES teams (id) ON DELETE RESTRICT);
CREATE INDEX b ON invites (team_id);
CREATE TABLE logs (id INTEGER PRIMARY KEY, member_id INTEGER NOT NULL REFERENCES members (id) ON DELETE CASCADE);
CREATE INDEX c ON logs (member_id);
";

const HEAD: &str = "mod schema;\nuse diesel::prelude::*;\nuse schema::{teams, members, invites, logs};\n";

fn run(code: &str, arguments: &[&str]) -> Run {
    let database = SqliteFile::new(DATABASE);
    let workspace =
        Workspace::new().file("src/schema.rs", TABLES).file("src/lib.rs", &format!("{HEAD}{code}"));
    let url = database.url();
    let mut all = arguments.to_vec();
    all.extend(["--database-url", &url]);
    fkcheck(workspace.dir(), &all, &[])
}

/// `teams: invites.team_id`, one for each finding of the rule.
fn unhandled(code: &str) -> Vec<String> {
    let found = run(code, &["--message-format", "json"]);
    let is_of_rule = |line: &Value| line["fkcheck"]["rule"] == "fk_delete_unhandled";
    let told = |line: Value| {
        let keys = line["fkcheck"]["keys"].as_array().expect("keys").clone();
        let name = |key: &Value| {
            format!("{}.{}", key["table"].as_str().unwrap(), key["columns"][0].as_str().unwrap())
        };
        let keys: Vec<String> = keys.iter().map(name).collect();
        format!("{}: {}", line["fkcheck"]["function"].as_str().unwrap(), keys.join(" "))
    };
    found.json().into_iter().filter(is_of_rule).map(told).collect()
}

const MEMBERS: &str = "diesel::delete(members::table.filter(members::team_id.eq(id))).execute(conn)?;";
const INVITES: &str = "diesel::delete(invites::table.filter(invites::team_id.eq(id))).execute(conn)?;";
const TEAM: &str = "diesel::delete(teams::table.find(id)).execute(conn)";

fn function(name: &str, body: &str) -> String {
    format!("pub fn {name}(id: i32, conn: &mut SqliteConnection) -> QueryResult<usize> {{ {body} }}\n")
}

#[test]
fn a_child_that_nobody_sees_to_is_told() {
    let clears = "diesel::update(invites::table).set(invites::team_id.eq(None::<i32>)).execute(conn)?;";
    let by_text = "diesel::sql_query(\"DELETE FROM invites WHERE team_id = ?\").execute(conn)?;";
    let calls = function("clear", &format!("{MEMBERS} {INVITES} Ok(0)"));
    for (case, code, expected) in [
        ("nothing before", function("f", TEAM), vec!["f: invites.team_id members.team_id"]),
        ("one forgotten", function("f", &format!("{MEMBERS} {TEAM}")), vec!["f: invites.team_id"]),
        ("all seen to", function("f", &format!("{MEMBERS} {INVITES} {TEAM}")), vec![]),
        ("cleared", function("f", &format!("{MEMBERS} {clears} {TEAM}")), vec![]),
        ("in a text", function("f", &format!("{MEMBERS} {by_text} {TEAM}")), vec![]),
        (
            "too late",
            function("f", &format!("{MEMBERS} {TEAM}?; {INVITES} Ok(0)")),
            vec!["f: invites.team_id"],
        ),
        ("in what it calls", calls.clone() + &function("f", &format!("clear(id, conn)?; {TEAM}")), vec![]),
        (
            "two levels up",
            [
                function("f", TEAM),
                function("g", "f(id, conn)"),
                calls.clone(),
                function("h", "clear(id, conn)?; g(id, conn)"),
            ]
            .concat(),
            vec![],
        ),
        (
            "by another column",
            function(
                "f",
                &format!(
                    "diesel::delete(members::table.filter(members::name.eq(id))).execute(conn)?; {INVITES} {TEAM}"
                ),
            ),
            vec!["f: members.team_id"],
        ),
        (
            "one of two callers",
            [
                function("f", TEAM),
                calls.clone(),
                function("g", "clear(id, conn)?; f(id, conn)"),
                function("h", "f(id, conn)"),
            ]
            .concat(),
            vec!["f: invites.team_id members.team_id"],
        ),
        (
            "in a closure",
            function("f", &format!("conn.transaction(|conn| {{ {MEMBERS} {INVITES} {TEAM} }})")),
            vec![],
        ),
        (
            "expected",
            function(
                "f",
                &format!(
                    "match {TEAM} {{ Err(Error::DatabaseError(ForeignKeyViolation, _)) => Ok(0), x => x }}"
                ),
            ),
            vec![],
        ),
        ("in a test", format!("#[cfg(test)] mod tests {{ use super::*; {} }}", function("f", TEAM)), vec![]),
    ] {
        assert_eq!(unhandled(&code), expected, "{case}");
    }
}

/// A reason makes a guard of it; an allowance on the key or on the function is one, too, and both are used.
#[test]
fn what_is_meant_is_said_at_the_key() {
    let model = |attribute: &str| {
        format!(
            "#[derive(Queryable, ForeignKeys)]\n#[diesel(table_name = members)]\n\
             pub struct Member {{ pub id: i32, #[fk(references = teams(id), {attribute})] pub team_id: i32 }}\n"
        )
    };
    let code = |attribute: &str| model(attribute) + &function("f", &format!("{INVITES} {TEAM}"));
    for (attribute, expected) in [
        ("on_delete = no_action", vec!["f: members.team_id"]),
        ("on_delete = no_action, reason = \"not while it has members\"", vec![]),
        ("on_delete = no_action, allow(fk_delete_unhandled, reason = \"checked before\")", vec![]),
    ] {
        assert_eq!(unhandled(&code(attribute)), expected, "{attribute}");
    }
    let allowed = code("on_delete = no_action, allow(fk_delete_unhandled, reason = \"checked before\")");
    let run = run(&allowed, &["-D", "fk_unused_allow", "-A", "fk_undeclared"]);
    assert!(!run.stdout.contains("fk_unused_allow"), "{run:?}");
}

#[test]
fn every_delete_is_listed_with_what_it_does() {
    let code = [
        function("purge", &format!("{MEMBERS} {TEAM}")),
        function(
            "hide",
            "diesel::update(teams::table.find(id)).set(teams::deleted_at.eq(now)).execute(conn)",
        ),
        function("any", "diesel::delete(whatever).execute(conn)"),
    ]
    .concat();
    let found = run(&code, &["deletes"]);
    let expected = "src/lib.rs
     4  purge: DELETE FROM members, rows of a condition
        deletes  logs
     4  purge: DELETE FROM teams, one row
        seen to  members.team_id (line 4)
        refused  invites.team_id (RESTRICT)
     5  hide: soft: sets teams.deleted_at
     6  any: of a table that the syntax doesn't tell

3 deletes, 1 can be refused by rows that nobody sees to, 1 of a table that the syntax doesn't tell, 1 soft delete";
    assert!(found.stdout.starts_with(expected), "{}", found.stdout);
    let lines: Vec<Value> = run(&code, &["deletes", "--message-format", "json"]).json();
    let kinds: Vec<&str> = lines.iter().map(|line| line["kind"].as_str().unwrap_or_default()).collect();
    assert_eq!(kinds, ["diesel", "diesel", "soft", "unknown"]);
    assert_eq!(lines[1]["refused"][0]["table"], "invites");
}
