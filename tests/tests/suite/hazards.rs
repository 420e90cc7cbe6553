//! The rules on what deletes come to: where they point without an annotation, each fact once, and that the servers do so.

use fkcheck_tests::{Run, SqliteFile, Workspace, fkcheck, mariadb, postgres};
use serde_json::{Value, json};

const TABLES: &str = "
diesel::table! { users (id) { id -> Integer, } }
diesel::table! { posts (id) { id -> Integer, author_id -> Integer, } }
diesel::table! { badges (id) { id -> Integer, post_id -> Integer, approved_by -> Nullable<Integer>, } }
";

const UP: &str = "CREATE TABLE users (id INTEGER PRIMARY KEY);
CREATE TABLE teams (id INTEGER PRIMARY KEY);
CREATE TABLE posts (
    id INTEGER PRIMARY KEY,
    team_id INTEGER NOT NULL REFERENCES teams (id) ON DELETE CASCADE,
    author_id INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE);
CREATE TABLE badges (
    id INTEGER PRIMARY KEY,
    post_id INTEGER NOT NULL REFERENCES posts (id),
    approved_by INTEGER REFERENCES teams (id) ON DELETE CASCADE);
";

fn of_rule(run: &Run, rule: &str) -> Vec<Value> {
    let is_of_rule = |message: &Value| message["fkcheck"]["rule"] == rule;
    run.json().into_iter().filter(is_of_rule).collect()
}

/// No annotation, two tables above: one finding, at the column in schema.rs, with the way and where the migrations make it.
#[test]
fn a_chain_that_is_refused_is_told_without_an_annotation() {
    let workspace = Workspace::new();
    let manifest = std::fs::read_to_string(workspace.manifest_path()).expect("it is there");
    let workspace = workspace
        .file("Cargo.toml", &manifest.replace("\"sqlite\"", "\"postgres\""))
        .file("migrations/2024-01-01-000000_all/up.sql", UP)
        .file("src/lib.rs", "mod schema;\n")
        .file("src/schema.rs", TABLES);
    let run =
        fkcheck(workspace.dir(), &["--against", "migrations", "--message-format", "json"], &[]).expect(3);
    let [blocked] = &of_rule(&run, "fk_cascade_blocked")[..] else { panic!("one finding: {run:?}") };
    let place = |span: &Value| format!("{}:{}", span["file_name"].as_str().unwrap(), span["line_start"]);
    let spans: Vec<String> = blocked["message"]["spans"].as_array().unwrap().iter().map(place).collect();
    let migration = |line: u32| format!("migrations/2024-01-01-000000_all/up.sql:{line}");
    assert_eq!(spans, ["src/schema.rs:4".to_owned(), migration(9), migration(6)]);
    let ways = &blocked["fkcheck"]["ways"];
    assert_eq!(ways[0][0]["child"], json!({"schema": null, "table": "posts", "columns": ["author_id"]}));
    assert_eq!(ways[0][0]["on_delete"], "CASCADE");
    assert!(
        blocked["message"]["message"].as_str().unwrap().starts_with("deleting a row of `users` fails while")
    );
}

/// The configuration alone says what rows are worth.
#[test]
fn a_class_in_the_configuration_is_enough() {
    let database = SqliteFile::new(UP);
    let check = |more: &str| {
        let workspace = Workspace::new().manifest(more).file("src/lib.rs", TABLES);
        let url = database.url();
        let run = fkcheck(workspace.dir(), &["--message-format", "json", "--database-url", &url], &[]);
        of_rule(&run, "fk_actor_cascade").len()
    };
    assert_eq!(check(""), 0);
    assert_eq!(check("[workspace.metadata.fkcheck.data]\nbadges = \"audit\"\n"), 1);
}

/// Two keys that reach the same rows, in both orders: the rule speaks where the server does another thing for each.
#[test]
fn what_depends_on_the_order_is_told_and_nothing_else() {
    for action in ["RESTRICT", "NO ACTION", "NO ACTION DEFERRABLE INITIALLY DEFERRED"] {
        for tables in [of_one_parent, diamond] {
            let (plain, turned) = (tables(action, false), tables(action, true));
            let check = |engine: &str, url: &str, [one, other]: [bool; 2]| {
                let told = told(url);
                assert_eq!(told, one != other, "{engine}: {one} and {other}, {plain}");
            };
            let files = [&plain, &turned].map(|sql| SqliteFile::new(sql));
            let works =
                |file: &SqliteFile| file.try_execute("PRAGMA foreign_keys = ON; DELETE FROM a").is_ok();
            check("SQLite", &files[0].url(), [works(&files[0]), works(&files[1])]);
            for (engine, server) in [("PostgreSQL", postgres()), ("MariaDB", mariadb())] {
                let Some(server) = server else { continue };
                // It has no such keys.
                if engine == "MariaDB" && action.contains("DEFERRABLE") {
                    continue;
                }
                let databases = [&plain, &turned].map(|sql| {
                    let database = server.fresh_database();
                    database.execute(sql);
                    database
                });
                let works = [0, 1].map(|at: usize| databases[at].try_execute("DELETE FROM a").is_ok());
                check(engine, &databases[0].url(), works);
            }
        }
    }
}

/// Whether the rule speaks, of tables that no annotation speaks of.
fn told(url: &str) -> bool {
    let workspace = Workspace::new()
        .file("src/lib.rs", "diesel::table! { c (id) { id -> Integer, x -> Integer, y -> Integer, } }");
    let run = fkcheck(workspace.dir(), &["--message-format", "json", "--database-url", url], &[]);
    let told = of_rule(&run, "fk_order_dependent_delete");
    assert!(told.len() < 2, "{run:?}");
    told.len() == 1
}

const ROOT: &str = "CREATE TABLE a (id INTEGER NOT NULL PRIMARY KEY); INSERT INTO a VALUES (1);";

/// `c.x` cascades from `a`, `c.y` refuses; turned: `y` comes first, by place and by name.
fn of_one_parent(action: &str, is_turned: bool) -> String {
    let name = |is_first: bool| if is_first { "k1" } else { "k2" };
    let key = |column: &str, action: &str, is_first: bool| {
        format!("CONSTRAINT {} FOREIGN KEY ({column}) REFERENCES a (id) ON DELETE {action}", name(is_first))
    };
    let mut keys = [key("x", "CASCADE", !is_turned), key("y", action, is_turned)];
    if is_turned {
        keys.reverse();
    }
    format!(
        "{ROOT} CREATE TABLE c (id INTEGER NOT NULL PRIMARY KEY, x INTEGER NOT NULL, y INTEGER NOT NULL, {});
         INSERT INTO c VALUES (1, 1, 1);",
        keys.join(", ")
    )
}

/// `c.x` cascades from `p`, `c.y` refuses at `q`, both cascade from `a`; turned: `q` comes first, by place and by name.
fn diamond(action: &str, is_turned: bool) -> String {
    let table = |table: &str, is_first: bool| {
        let name = if is_first { "k1" } else { "k2" };
        format!(
            "CREATE TABLE {table} (id INTEGER NOT NULL PRIMARY KEY, a_id INTEGER NOT NULL,
                CONSTRAINT {name} FOREIGN KEY (a_id) REFERENCES a (id) ON DELETE CASCADE);"
        )
    };
    let mut tables = [table("p", !is_turned), table("q", is_turned)];
    if is_turned {
        tables.reverse();
    }
    format!(
        "{ROOT} {} CREATE TABLE c (id INTEGER NOT NULL PRIMARY KEY, x INTEGER NOT NULL, y INTEGER NOT NULL,
            CONSTRAINT cx FOREIGN KEY (x) REFERENCES p (id) ON DELETE CASCADE,
            CONSTRAINT cy FOREIGN KEY (y) REFERENCES q (id) ON DELETE {action});
         INSERT INTO p VALUES (1, 1); INSERT INTO q VALUES (1, 1); INSERT INTO c VALUES (1, 1, 1);",
        tables.join(" ")
    )
}
