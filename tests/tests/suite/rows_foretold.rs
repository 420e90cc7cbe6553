//! What `impact --where` foretells of rows whose values are equal in ways of their own, or that something beside keys may refuse: each case
//! tried on the engine.

use fkcheck_tests::{SqliteFile, Workspace, fkcheck};
use serde_json::Value;

/// Tables `p` and `c`, where `c` refers to `p`.
struct Case {
    name: &'static str,
    sql: &'static str,
    /// Behind `impact p --where`, and behind `--update` where it is one.
    asked: (&'static str, Option<&'static str>),
    /// What is really done.
    statement: &'static str,
    /// Whether it works.
    works: bool,
    /// What holds afterwards.
    then: &'static str,
    /// `table -rows` and `table.column ~rows`; `refused by TABLE`; `unknown`.
    foretold: &'static str,
}

/// What is foretold, in short.
fn foretold(url: &str, (condition, update): (&str, Option<&str>)) -> String {
    let mut arguments = vec!["impact", "p", "--where", condition, "--message-format", "json"];
    arguments.extend(update.into_iter().flat_map(|column| ["--update", column]));
    arguments.extend(["--database-url", url]);
    let run = fkcheck(Workspace::new().dir(), &arguments, &[]);
    if run.code == 3 {
        return "unknown".to_owned();
    }
    let line: Value = serde_json::from_str(&run.expect(0).stdout).expect("JSON");
    let rows = &line["rows"];
    if let Some(table) = rows["refused"]["table"].as_str() {
        return format!("refused by {table}");
    }
    let list = |name: &str| rows[name].as_array().cloned().unwrap_or_default();
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let deleted = list("deleted").into_iter().map(|one| format!("{} -{}", text(&one["table"]), one["rows"]));
    let written = list("written").into_iter().map(|one| {
        let columns: Vec<String> = one["columns"].as_array().into_iter().flatten().map(text).collect();
        format!("{}.{} ~{}", text(&one["table"]), columns.join("+"), one["rows"])
    });
    let mut all: Vec<String> = deleted.chain(written).collect();
    all.sort();
    all.join(", ")
}

/// First what is foretold, then the statement.
fn tried(case: &Case, url: &str, execute: &dyn Fn(&str) -> diesel::QueryResult<()>) -> Result<(), String> {
    let foretold = foretold(url, case.asked);
    let worked = execute(case.statement);
    if worked.is_ok() != case.works {
        return Err(format!("{}: {worked:?}", case.name));
    }
    let probe = format!("INSERT INTO probe SELECT NULL FROM (SELECT 1 AS one) x WHERE NOT ({})", case.then);
    execute(&probe).map_err(|_| format!("{}: {}", case.name, case.then))?;
    if foretold != case.foretold {
        return Err(format!("{}: foretold {foretold}, expected {}", case.name, case.foretold));
    }
    Ok(())
}

const PROBE: &str = "CREATE TABLE probe (ok integer NOT NULL);";

const SQLITE: &[Case] = &[
    Case {
        name: "numbers of two kinds are equal",
        sql: "CREATE TABLE p (id NUMERIC PRIMARY KEY, x BLOB UNIQUE); CREATE TABLE c (p_id NUMERIC REFERENCES p ON DELETE CASCADE, x BLOB REFERENCES p (x) ON DELETE CASCADE);
              INSERT INTO p VALUES (1, 1.0), (2, 2); INSERT INTO c VALUES (1.0, NULL), ('1', NULL), (NULL, 1), (2, 2.0);",
        asked: ("id = 1", None),
        statement: "DELETE FROM p WHERE id = 1",
        works: true,
        then: "(SELECT count(*) FROM c) = 1",
        foretold: "c -3, p -1",
    },
    Case {
        name: "two parents spell equal values in two ways",
        sql: "CREATE TABLE p (id TEXT COLLATE NOCASE PRIMARY KEY); CREATE TABLE q (id TEXT COLLATE NOCASE PRIMARY KEY, p_id TEXT COLLATE NOCASE REFERENCES p ON DELETE CASCADE);
              CREATE TABLE c (id INTEGER PRIMARY KEY, x TEXT COLLATE NOCASE REFERENCES p ON DELETE CASCADE REFERENCES q ON DELETE CASCADE);
              CREATE TABLE d (c_id INTEGER REFERENCES c ON DELETE CASCADE);
              INSERT INTO p VALUES ('a'), ('b'); INSERT INTO q VALUES ('A', 'b'), ('b', 'a'); INSERT INTO c VALUES (1, 'a'), (2, 'B'); INSERT INTO d VALUES (1), (2);",
        asked: ("1 = 1", None),
        statement: "DELETE FROM p",
        works: true,
        then: "(SELECT count(*) FROM c) = 0 AND (SELECT count(*) FROM d) = 0 AND (SELECT count(*) FROM q) = 0",
        foretold: "c -2, d -2, p -2, q -2",
    },
    Case {
        name: "the child compares otherwise than the parent",
        sql: "CREATE TABLE p (id TEXT COLLATE NOCASE PRIMARY KEY); CREATE TABLE c (x INTEGER PRIMARY KEY, p_id TEXT REFERENCES p ON DELETE CASCADE);
              INSERT INTO p VALUES ('a'); INSERT INTO c VALUES (1, 'A');",
        asked: ("id = 'a'", None),
        statement: "DELETE FROM p WHERE id = 'a'",
        works: true,
        then: "(SELECT count(*) FROM c) = 0",
        foretold: "unknown",
    },
    Case {
        name: "the child's type makes numbers of texts",
        sql: "CREATE TABLE p (id TEXT PRIMARY KEY); CREATE TABLE c (x INTEGER PRIMARY KEY, p_id INTEGER REFERENCES p ON DELETE CASCADE);
              INSERT INTO p VALUES ('1'); INSERT INTO c VALUES (1, '1');",
        asked: ("id = '1'", None),
        statement: "DELETE FROM p WHERE id = '1'",
        works: true,
        then: "(SELECT count(*) FROM c) = 0",
        foretold: "unknown",
    },
    Case {
        name: "a text with a NUL in it",
        sql: "CREATE TABLE p (id TEXT PRIMARY KEY); CREATE TABLE c (x INTEGER PRIMARY KEY, p_id TEXT REFERENCES p ON DELETE CASCADE); CREATE TABLE d (c_id INTEGER REFERENCES c ON DELETE CASCADE);
              INSERT INTO p VALUES ('a' || char(0) || 'b'), ('a' || char(0) || 'c'), ('a'); INSERT INTO c SELECT row_number() OVER (), id FROM p;",
        asked: ("id = 'a'", None),
        statement: "DELETE FROM p WHERE id = 'a'",
        works: true,
        then: "(SELECT count(*) FROM c) = 2",
        foretold: "c -1, p -1",
    },
    Case {
        name: "the same, of that text",
        sql: "CREATE TABLE p (id TEXT PRIMARY KEY); CREATE TABLE c (x INTEGER PRIMARY KEY, p_id TEXT REFERENCES p ON DELETE CASCADE); CREATE TABLE d (c_id INTEGER REFERENCES c ON DELETE CASCADE);
              INSERT INTO p VALUES ('a' || char(0) || 'b''s'), ('a'); INSERT INTO c SELECT row_number() OVER (), id FROM p;",
        asked: ("id <> 'a'", None),
        statement: "DELETE FROM p WHERE id <> 'a'",
        works: true,
        then: "(SELECT count(*) FROM c) = 1",
        foretold: "c -1, p -1",
    },
    Case {
        name: "ON UPDATE CASCADE and a CHECK of the child",
        sql: "CREATE TABLE p (id INTEGER PRIMARY KEY); CREATE TABLE c (p_id INTEGER REFERENCES p ON UPDATE CASCADE CHECK (p_id < 5)); INSERT INTO p VALUES (1); INSERT INTO c VALUES (1);",
        asked: ("id = 1", Some("id")),
        statement: "UPDATE p SET id = 9 WHERE id = 1",
        works: false,
        then: "(SELECT p_id FROM c) = 1",
        foretold: "unknown",
    },
    Case {
        name: "ON UPDATE CASCADE and a CHECK of the child that looks elsewhere",
        sql: "CREATE TABLE p (id INTEGER PRIMARY KEY); CREATE TABLE c (p_id INTEGER REFERENCES p ON UPDATE CASCADE, b INTEGER CHECK (b < 5)); INSERT INTO p VALUES (1); INSERT INTO c VALUES (1, 1);",
        asked: ("id = 1", Some("id")),
        statement: "UPDATE p SET id = 9 WHERE id = 1",
        works: true,
        then: "(SELECT p_id FROM c) = 9",
        foretold: "c.p_id ~1",
    },
    Case {
        name: "a CHECK of the whole row",
        sql: "CREATE TABLE p (id INTEGER PRIMARY KEY, b INTEGER, CHECK (b > id)); CREATE TABLE c (p_id INTEGER REFERENCES p ON UPDATE CASCADE); INSERT INTO p VALUES (1, 2);",
        asked: ("id = 1", Some("id")),
        statement: "UPDATE p SET id = 9 WHERE id = 1",
        works: false,
        then: "(SELECT id FROM p) = 1",
        foretold: "unknown",
    },
    Case {
        name: "a unique index on an expression",
        sql: "CREATE TABLE p (id TEXT PRIMARY KEY); CREATE TABLE c (p_id TEXT REFERENCES p ON UPDATE CASCADE); CREATE UNIQUE INDEX i ON c (lower(p_id));
              INSERT INTO p VALUES ('a'), ('b'); INSERT INTO c VALUES ('a'), ('b');",
        asked: ("id = 'a'", Some("id")),
        statement: "UPDATE p SET id = 'B' WHERE id = 'a'",
        works: false,
        then: "(SELECT count(*) FROM c WHERE p_id = 'a') = 1",
        foretold: "unknown",
    },
    Case {
        name: "a unique index of some rows, and SET DEFAULT",
        sql: "CREATE TABLE p (id INTEGER PRIMARY KEY); CREATE TABLE c (p_id INTEGER DEFAULT 2 REFERENCES p ON DELETE SET DEFAULT, b INTEGER); CREATE UNIQUE INDEX i ON c (p_id) WHERE b;
              INSERT INTO p VALUES (1), (2); INSERT INTO c VALUES (1, 1), (2, 1);",
        asked: ("id = 1", None),
        statement: "DELETE FROM p WHERE id = 1",
        works: false,
        then: "(SELECT count(*) FROM c WHERE p_id = 1) = 1",
        foretold: "unknown",
    },
    Case {
        name: "a unique index that compares otherwise than its column",
        sql: "CREATE TABLE p (id TEXT PRIMARY KEY); CREATE TABLE c (p_id TEXT REFERENCES p ON UPDATE CASCADE); CREATE UNIQUE INDEX i ON c (p_id COLLATE NOCASE);
              INSERT INTO p VALUES ('a'), ('b'); INSERT INTO c VALUES ('a'), ('b');",
        asked: ("id = 'a'", Some("id")),
        statement: "UPDATE p SET id = 'B' WHERE id = 'a'",
        works: false,
        then: "(SELECT count(*) FROM c WHERE p_id = 'a') = 1",
        foretold: "unknown",
    },
    Case {
        name: "a unique constraint that replaces, which keys don't",
        sql: "CREATE TABLE p (id INTEGER PRIMARY KEY); CREATE TABLE c (id INTEGER PRIMARY KEY, p_id INTEGER DEFAULT 2 UNIQUE ON CONFLICT REPLACE REFERENCES p ON DELETE SET DEFAULT);
              INSERT INTO p VALUES (1), (2); INSERT INTO c VALUES (1, 1), (2, 2);",
        asked: ("id = 1", None),
        statement: "DELETE FROM p WHERE id = 1",
        works: false,
        then: "(SELECT count(*) FROM c) = 2",
        foretold: "refused by c",
    },
    Case {
        name: "a STRICT child takes no text",
        sql: "CREATE TABLE p (id NUMERIC PRIMARY KEY); CREATE TABLE c (p_id INTEGER REFERENCES p ON UPDATE CASCADE) STRICT; INSERT INTO p VALUES (1); INSERT INTO c VALUES (1);",
        asked: ("id = 1", Some("id")),
        statement: "UPDATE p SET id = 'x' WHERE id = 1",
        works: false,
        then: "(SELECT p_id FROM c) = 1",
        foretold: "unknown",
    },
    Case {
        name: "SET DEFAULT, and the type makes a number of the default",
        sql: "CREATE TABLE p (id INTEGER PRIMARY KEY); CREATE TABLE c (p_id INTEGER DEFAULT '2' REFERENCES p ON DELETE SET DEFAULT); INSERT INTO p VALUES (1), (2); INSERT INTO c VALUES (1);",
        asked: ("id = 1", None),
        statement: "DELETE FROM p WHERE id = 1",
        works: true,
        then: "(SELECT p_id FROM c) = 2",
        foretold: "c.p_id ~1, p -1",
    },
    Case {
        name: "SET NULL of a generated column",
        sql: "CREATE TABLE p (id INTEGER PRIMARY KEY); CREATE TABLE c (b INTEGER, p_id INTEGER AS (b) REFERENCES p ON DELETE SET NULL); INSERT INTO p VALUES (1), (2); INSERT INTO c VALUES (2);",
        asked: ("id = 1", None),
        statement: "DELETE FROM p WHERE id = 1",
        works: false,
        then: "(SELECT count(*) FROM p) = 2",
        foretold: "refused by c",
    },
    Case {
        name: "a generated column to which a key refers",
        sql: "CREATE TABLE p (id INTEGER PRIMARY KEY, g INTEGER AS (id + 1) UNIQUE); CREATE TABLE c (p_id INTEGER REFERENCES p (g)); INSERT INTO p (id) VALUES (1); INSERT INTO c VALUES (2);",
        asked: ("id = 1", Some("id")),
        statement: "UPDATE p SET id = 9 WHERE id = 1",
        works: false,
        then: "(SELECT id FROM p) = 1",
        foretold: "unknown",
    },
];

#[test]
fn in_sqlite() {
    let wrong: Vec<String> = SQLITE
        .iter()
        .filter_map(|case| {
            let file = SqliteFile::new(&format!("{PROBE} {}", case.sql));
            let execute = |sql: &str| file.try_execute(&format!("PRAGMA foreign_keys = ON; {sql}"));
            tried(case, &file.url(), &execute).err()
        })
        .collect();
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}
