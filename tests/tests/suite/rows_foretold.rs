//! What `impact --where` foretells of rows whose values are equal in ways of their own, or that something beside keys may refuse: each case
//! tried on the engine.

use fkcheck_tests::{SqliteFile, Workspace, fkcheck, mariadb};
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
    let deleted = list("deletes").into_iter().map(|one| format!("{} -{}", text(&one["table"]), one["rows"]));
    let written = ["nulls", "defaults", "writes"].into_iter().flat_map(list).map(|one| {
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

const MARIADB: &[Case] = &[
    Case {
        name: "two parents spell equal values in two ways",
        sql: "CREATE TABLE p (id VARCHAR(9) COLLATE utf8mb4_general_ci PRIMARY KEY);
              CREATE TABLE q (id VARCHAR(9) COLLATE utf8mb4_general_ci PRIMARY KEY, p_id VARCHAR(9) COLLATE utf8mb4_general_ci, FOREIGN KEY (p_id) REFERENCES p (id) ON DELETE CASCADE);
              CREATE TABLE c (id INT PRIMARY KEY, x VARCHAR(9) COLLATE utf8mb4_general_ci, FOREIGN KEY (x) REFERENCES p (id) ON DELETE CASCADE, FOREIGN KEY (x) REFERENCES q (id) ON DELETE CASCADE);
              CREATE TABLE d (c_id INT, FOREIGN KEY (c_id) REFERENCES c (id) ON DELETE CASCADE);
              INSERT INTO p VALUES ('a'), ('b'); INSERT INTO q VALUES ('A', 'b'), ('b', 'a '); INSERT INTO c VALUES (1, 'a'), (2, 'B  '); INSERT INTO d VALUES (1), (2)",
        asked: ("1 = 1", None),
        statement: "DELETE FROM p",
        works: true,
        then: "(SELECT count(*) FROM c) = 0 AND (SELECT count(*) FROM d) = 0 AND (SELECT count(*) FROM q) = 0",
        foretold: "c -2, d -2, p -2, q -2",
    },
    Case {
        name: "rows that are only counted, in many spellings",
        sql: "CREATE TABLE p (id VARCHAR(9) COLLATE utf8mb4_general_ci PRIMARY KEY); CREATE TABLE c (p_id VARCHAR(9) COLLATE utf8mb4_general_ci, FOREIGN KEY (p_id) REFERENCES p (id) ON DELETE CASCADE);
              INSERT INTO p VALUES ('a'), ('B '); INSERT INTO c VALUES ('A'), ('a '), ('b'), (NULL)",
        asked: ("1 = 1", None),
        statement: "DELETE FROM p",
        works: true,
        then: "(SELECT count(*) FROM c) = 1",
        foretold: "c -3, p -2",
    },
    Case {
        name: "blanks that are of account",
        sql: "CREATE TABLE p (id VARBINARY(9) PRIMARY KEY); CREATE TABLE c (id INT PRIMARY KEY, p_id VARBINARY(9), FOREIGN KEY (p_id) REFERENCES p (id) ON DELETE CASCADE);
              CREATE TABLE d (c_id INT, FOREIGN KEY (c_id) REFERENCES c (id) ON DELETE CASCADE);
              INSERT INTO p VALUES ('a'), ('a '); INSERT INTO c VALUES (1, 'a'), (2, 'a '); INSERT INTO d VALUES (1), (2)",
        asked: ("id = 'a'", None),
        statement: "DELETE FROM p WHERE id = 'a'",
        works: true,
        then: "(SELECT count(*) FROM c) = 1",
        foretold: "c -1, d -1, p -1",
    },
    Case {
        name: "ON UPDATE CASCADE into a shorter column",
        sql: "CREATE TABLE p (id VARCHAR(20) PRIMARY KEY); CREATE TABLE c (p_id VARCHAR(3), FOREIGN KEY (p_id) REFERENCES p (id) ON UPDATE CASCADE); INSERT INTO p VALUES ('a'); INSERT INTO c VALUES ('a')",
        asked: ("id = 'a'", Some("id")),
        statement: "UPDATE p SET id = 'abcdef' WHERE id = 'a'",
        works: false,
        then: "(SELECT count(*) FROM c WHERE p_id = 'a') = 1",
        foretold: "unknown",
    },
    Case {
        name: "a unique index on the beginning of a column",
        sql: "CREATE TABLE p (id VARCHAR(20) PRIMARY KEY); CREATE TABLE c (p_id VARCHAR(20), UNIQUE u (p_id (1)), INDEX i (p_id), FOREIGN KEY (p_id) REFERENCES p (id) ON UPDATE CASCADE); INSERT INTO p VALUES ('a'), ('b'); INSERT INTO c VALUES ('a'), ('b')",
        asked: ("id = 'a'", Some("id")),
        statement: "UPDATE p SET id = 'bb' WHERE id = 'a'",
        works: false,
        then: "(SELECT count(*) FROM c WHERE p_id = 'a') = 1",
        foretold: "unknown",
    },
    Case {
        name: "a CHECK of the table itself",
        sql: "CREATE TABLE p (id INT PRIMARY KEY, b INT, CONSTRAINT above CHECK (b > id)); CREATE TABLE c (p_id INT, FOREIGN KEY (p_id) REFERENCES p (id) ON UPDATE CASCADE); INSERT INTO p VALUES (1, 2); INSERT INTO c VALUES (1)",
        asked: ("id = 1", Some("id")),
        statement: "UPDATE p SET id = 9 WHERE id = 1",
        works: false,
        then: "(SELECT id FROM p) = 1",
        foretold: "unknown",
    },
    Case {
        name: "a CHECK that looks elsewhere",
        sql: "CREATE TABLE p (id INT PRIMARY KEY, b INT CHECK (b > 0)); CREATE TABLE c (p_id INT, FOREIGN KEY (p_id) REFERENCES p (id) ON UPDATE CASCADE); INSERT INTO p VALUES (1, 2); INSERT INTO c VALUES (1)",
        asked: ("id = 1", Some("id")),
        statement: "UPDATE p SET id = 9 WHERE id = 1",
        works: true,
        then: "(SELECT p_id FROM c) = 9",
        foretold: "c.p_id ~1",
    },
];

/// Types as the columns of a key, with two values each; whether rows can be followed by them.
const TYPES: &[(&str, &str, &str, bool)] = &[
    ("YEAR", "0", "'0'", true),
    ("YEAR", "1970", "2001", true),
    ("TINYINT(1)", "0", "1", true),
    ("BIGINT UNSIGNED", "18446744073709551615", "9223372036854775808", true),
    ("DATE", "'0000-00-00'", "'2024-00-00'", true),
    ("DATETIME(3)", "'2024-01-01 00:00:00.12'", "'0000-00-00'", true),
    ("TIME(2)", "'-838:59:59'", "'00:00:00.5'", true),
    ("DECIMAL(10,2)", "1.5", "-0.01", true),
    ("INT(5) ZEROFILL", "7", "70", true),
    ("CHAR(5)", "'a'", "'b'", true),
    ("BINARY(3)", "'a'", "0x610001", true),
    ("ENUM('x', 'y')", "'x'", "'y'", false),
    ("SET('x', 'y')", "'x'", "'x,y'", false),
    ("BIT(10)", "b'1'", "b'1000000001'", false),
    ("FLOAT", "0.1", "0.3", false),
    ("TIMESTAMP", "'2024-10-27 00:30:00'", "'2024-10-28 00:30:00'", false),
];

#[test]
fn in_mariadb() {
    let Some(server) = mariadb() else { return };
    let mut wrong = Vec::new();
    for case in MARIADB {
        let database = server.fresh_database();
        database.execute(&format!("{PROBE} {}", case.sql));
        wrong.extend(tried(case, &database.url(), &|sql| database.try_execute(sql)).err());
    }
    for (kind, value, other, is_followed) in TYPES {
        let database = server.fresh_database();
        // What refers to the child makes its rows be read, and not counted alone.
        database.execute(&format!(
            "{PROBE} SET SESSION sql_mode = '';
             CREATE TABLE p (id {kind} NOT NULL PRIMARY KEY, n INT); CREATE TABLE c (id INT PRIMARY KEY, p_id {kind} NULL, FOREIGN KEY (p_id) REFERENCES p (id) ON DELETE CASCADE);
             CREATE TABLE d (c_id INT, FOREIGN KEY (c_id) REFERENCES c (id) ON DELETE CASCADE);
             INSERT INTO p VALUES ({value}, 1), ({other}, 2); INSERT INTO c VALUES (1, {value}), (2, {value}), (3, {other}); INSERT INTO d VALUES (1), (3)"
        ));
        let case = Case {
            name: kind,
            sql: "",
            asked: ("n = 1", None),
            statement: "DELETE FROM p WHERE n = 1",
            works: true,
            then: "(SELECT count(*) FROM c) = 1 AND (SELECT count(*) FROM d) = 1",
            foretold: if *is_followed { "c -2, d -1, p -1" } else { "unknown" },
        };
        wrong.extend(tried(&case, &database.url(), &|sql| database.try_execute(sql)).err());
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}
