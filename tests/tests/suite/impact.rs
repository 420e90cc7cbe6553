//! What a delete does, as it is said; and that the servers do so.

use std::fmt::Write as _;

use fkcheck_tests::{SqliteFile, Workspace, billing, fkcheck, mariadb, postgres, unwrapped};
use serde_json::Value;

#[test]
fn the_billing_example() {
    let run = fkcheck(billing().dir(), &["impact", "organizations", "-q"], &[]).expect(0);
    insta::assert_snapshot!("billing", run.stdout);
}

#[test]
fn a_table_that_is_not_there_is_wrong_usage() {
    let run = fkcheck(billing().dir(), &["impact", "organisations"], &[]).expect(2);
    assert!(run.stderr.contains("did you mean `organizations`?"), "{run:?}");
    assert!(run.stderr.contains("`cargo fkcheck impact` without a table tells of every one"), "{run:?}");
    let far = fkcheck(billing().dir(), &["impact", "zzz"], &[]).expect(2);
    assert!(
        far.stderr.contains("there are `ai_conversations`") && !far.stderr.contains("__diesel"),
        "{far:?}"
    );
    let file = SqliteFile::new(
        "CREATE TABLE user_teams (id INTEGER); CREATE TABLE user_team (id INTEGER); CREATE TABLE other (id INTEGER)",
    );
    let run = |table: &str| {
        fkcheck(Workspace::new().dir(), &["impact", table, "-q", "--database-url", &file.url()], &[])
            .expect(2)
    };
    assert!(run("usr_teams").stderr.contains("did you mean `user_teams` or `user_team`?"));
    assert!(run("zzz").stderr.contains("there are `other`, `user_team`, `user_teams`"));
    let empty = SqliteFile::new("");
    let run = fkcheck(Workspace::new().dir(), &["graph", "a", "--database-url", &empty.url()], &[]).expect(2);
    assert!(run.stderr.contains("has no table\n"), "{run:?}");
}

/// No annotation is needed, nor any model; where there is no source, nothing is known.
#[test]
fn a_code_base_without_a_word() {
    let bare = Workspace::new();
    fkcheck(bare.dir(), &["impact"], &[]).expect(3);
    let file = SqliteFile::new(
        "CREATE TABLE a (id INTEGER PRIMARY KEY); CREATE TABLE b (a_id INTEGER REFERENCES a ON DELETE CASCADE);",
    );
    let run = fkcheck(bare.dir(), &["impact", "-q", "--database-url", &file.url()], &[]).expect(0);
    assert!(run.stdout.starts_with("DELETE FROM a ") && run.stdout.contains("b (a_id)"), "{run:?}");
    let json = ["impact", "a", "--message-format", "json", "--database-url", &file.url()];
    let line: Value = serde_json::from_str(&fkcheck(bare.dir(), &json, &[]).expect(0).stdout).unwrap();
    assert_eq!((&line["version"], &line["deletes"][0]["table"]), (&Value::from(2), &Value::from("b")));
    assert_eq!(line["deletes"][0]["by"][0]["columns"], serde_json::json!(["a_id"]));
    let markdown = ["impact", "a", "--message-format", "markdown", "--database-url", &file.url()];
    assert!(fkcheck(bare.dir(), &markdown, &[]).expect(0).stdout.contains("```text\nDELETE FROM a"));
}

/// Keys on the same columns, one that deletes and one that refuses, in both orders: whether the delete works is said as
/// the engine does it.
#[test]
fn engines_do_what_is_said_of_twins() {
    const TABLES: &str = "CREATE TABLE a (id INTEGER NOT NULL PRIMARY KEY); INSERT INTO a VALUES (1);";
    let twins = |first: &str, second: &str| {
        format!(
            "{TABLES} CREATE TABLE b (a_id INTEGER NOT NULL,
                CONSTRAINT k1 FOREIGN KEY (a_id) REFERENCES a (id) ON DELETE {first},
                CONSTRAINT k2 FOREIGN KEY (a_id) REFERENCES a (id) ON DELETE {second});
             INSERT INTO b VALUES (1);"
        )
    };
    let said = |url: &str| {
        let arguments = ["impact", "a", "--message-format", "json", "--database-url", url];
        let line: Value =
            serde_json::from_str(&fkcheck(Workspace::new().dir(), &arguments, &[]).expect(0).stdout).unwrap();
        line["stops"][0]["when"].as_str().unwrap_or("nothing").to_owned()
    };
    for (first, second) in
        [("CASCADE", "NO ACTION"), ("NO ACTION", "CASCADE"), ("CASCADE", "RESTRICT"), ("RESTRICT", "CASCADE")]
    {
        let sql = twins(first, second);
        let check = |engine: &str, url: &str, delete: &dyn Fn() -> bool| {
            let said = said(url);
            // `left`: rows that go by the cascade stop nothing.
            let works = match said.as_str() {
                "left" => true,
                "referred" => false,
                other => panic!("{engine}, {first} before {second}: {other}"),
            };
            assert_eq!(delete(), works, "{engine}, {first} before {second}: {said}");
        };
        let file = SqliteFile::new(&sql);
        check("SQLite", &file.url(), &|| file.try_execute("PRAGMA foreign_keys = ON; DELETE FROM a").is_ok());
        for (engine, server) in [("PostgreSQL", postgres()), ("MariaDB", mariadb())] {
            let Some(server) = server else { continue };
            let database = server.fresh_database();
            database.execute(&sql);
            check(engine, &database.url(), &|| database.try_execute("DELETE FROM a").is_ok());
        }
    }
}

const SHOP: &str = "
    CREATE TABLE users (id INTEGER NOT NULL PRIMARY KEY, email VARCHAR(20));
    CREATE TABLE posts (id INTEGER NOT NULL PRIMARY KEY, user_id INTEGER NOT NULL,
        CONSTRAINT posts_user FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE ON UPDATE CASCADE);
    CREATE TABLE comments (id INTEGER NOT NULL PRIMARY KEY, post_id INTEGER NOT NULL, user_id INTEGER,
        CONSTRAINT comments_post FOREIGN KEY (post_id) REFERENCES posts (id) ON DELETE CASCADE,
        CONSTRAINT comments_user FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE SET NULL ON UPDATE CASCADE);
    CREATE TABLE likes (comment_id INTEGER NOT NULL,
        CONSTRAINT likes_comment FOREIGN KEY (comment_id) REFERENCES comments (id) ON DELETE CASCADE);
    CREATE TABLE payments (id INTEGER NOT NULL PRIMARY KEY, user_id INTEGER,
        CONSTRAINT payments_user FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE RESTRICT);
    INSERT INTO users VALUES (1, 'a'), (2, 'b'), (3, 'c');
    INSERT INTO posts VALUES (10, 1), (11, 1), (20, 2);
    INSERT INTO comments VALUES (100, 10, 2), (101, 10, 1), (200, 20, 1), (201, 20, NULL);
    INSERT INTO likes VALUES (100), (100), (101), (200), (201);
    INSERT INTO payments VALUES (1, 3);";

/// Rows of a live database are followed, and counted as the engine would delete and write them.
#[test]
fn rows_are_followed() {
    fkcheck_tests::on_every_engine(SHOP, |url| {
        let line = |arguments: &[&str]| -> Value {
            let all = [arguments, &["--message-format", "json", "--database-url", url]].concat();
            serde_json::from_str(&fkcheck(Workspace::new().dir(), &all, &[]).expect(0).stdout).unwrap()
        };
        let rows = &line(&["impact", "users", "--where", "email = 'a' -- the first"])["rows"];
        assert_eq!(rows["chosen"], 1, "{rows}");
        let number = |table: &str, rows: i32| serde_json::json!({ "table": table, "rows": rows });
        let deleted = serde_json::json!([
            number("likes", 3),
            number("comments", 2),
            number("posts", 2),
            number("users", 1)
        ]);
        assert_eq!(rows["deletes"], deleted, "{rows}");
        let written = serde_json::json!([{ "table": "comments", "columns": ["user_id"], "rows": 1 }]);
        assert_eq!((&rows["nulls"], &rows["at_least"]), (&written, &Value::from(false)), "{rows}");

        let refused = &line(&["impact", "users", "--where", "id > 1"])["rows"]["refused"];
        assert_eq!(refused["table"], "payments", "{refused}");

        let rows = &line(&["impact", "users", "--update", "id", "--where", "id = 1"])["rows"];
        let written = serde_json::json!([
            { "table": "comments", "columns": ["user_id"], "rows": 2 },
            { "table": "posts", "columns": ["user_id"], "rows": 2 },
        ]);
        assert_eq!((&rows["writes"], &rows["deletes"]), (&written, &serde_json::json!([])), "{rows}");

        let update = line(&["impact", "users", "--update", "id"]);
        assert_eq!(update["writes"][0]["by"][0]["on_update"], "CASCADE", "{update}");
        assert_eq!(update["stops"][0]["table"], "payments", "{update}");

        let text = fkcheck(
            Workspace::new().dir(),
            &["impact", "users", "--where", "id = 1", "-q", "--database-url", url],
            &[],
        );
        let text = text.expect(0).stdout;
        for said in [
            "\n where    true of 1 row of users\n deletes  8 rows of 4 tables\n          likes             3\n",
            "\n nulls    1 row\n          comments.user_id          1\n",
        ] {
            assert!(text.contains(said), "{text}");
        }
    });
}

#[test]
fn what_has_no_rows_or_no_such_column_is_said() {
    let file = SqliteFile::new(SHOP);
    let workspace = Workspace::new();
    let run = |arguments: &[&str]| fkcheck(workspace.dir(), arguments, &[]);
    let none = fkcheck(billing().dir(), &["impact", "organizations", "--where", "id = 1"], &[]).expect(2);
    assert!(none.stderr.contains("name a live database with `--database-url`"), "{none:?}");
    run(&["impact", "--where", "id = 1", "--database-url", &file.url()]).expect(2);
    let other = run(&["impact", "users", "--update", "email", "--database-url", &file.url()]).expect(0);
    assert!(other.stdout.contains("no key refers to users.email"), "{other:?}");
    // The rows are as they were.
    let count = fkcheck(
        workspace.dir(),
        &["impact", "users", "--where", "1 = 1", "--database-url", &file.url()],
        &[],
    );
    assert!(count.expect(0).stdout.contains("3 rows"));
}

/// A trigger may do anything, so it is said.
#[test]
fn a_trigger_makes_it_unknown() {
    let Some(server) = postgres() else { return };
    let database = server.fresh_database();
    database.execute(SHOP);
    database.execute(
        "CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';
         CREATE TRIGGER keep BEFORE DELETE ON posts FOR EACH ROW EXECUTE FUNCTION f()",
    );
    let arguments = ["impact", "users", "--where", "id = 1", "--database-url", &database.url()];
    let run = fkcheck(Workspace::new().dir(), &arguments, &[]).expect(3);
    assert!(unwrapped(&run.stderr).contains("`keep` on `posts` acts on it, too"), "{run:?}");
}

/// A million rows behind an index are counted, not read; without one the deadline ends it, and says so.
#[test]
fn many_rows() {
    let Some(server) = postgres() else { return };
    let database = server.fresh_database();
    database.execute(
        "CREATE TABLE users (id INT PRIMARY KEY);
         CREATE TABLE events (id INT, user_id INT REFERENCES users ON DELETE CASCADE);
         INSERT INTO users VALUES (1), (2);
         INSERT INTO events SELECT n, 1 + n % 2 FROM generate_series(1, 200000) n;",
    );
    let arguments = [
        "impact",
        "users",
        "--where",
        "id = 1",
        "--message-format",
        "json",
        "--database-url",
        &database.url(),
    ];
    let run = fkcheck(Workspace::new().dir(), &arguments, &[]).expect(0);
    let line: Value = serde_json::from_str(&run.stdout).unwrap();
    assert_eq!(line["rows"]["deletes"][0]["rows"], 100_000, "{line}");
    let slow = ["impact", "users", "--where", "pg_sleep(5) IS NOT NULL", "--deadline", "1", "--database-url"];
    let run = fkcheck(Workspace::new().dir(), &[&slow[..], &[&database.url()]].concat(), &[]).expect(3);
    assert!(
        ["did not answer", "statement timeout"].iter().any(|words| unwrapped(&run.stderr).contains(words)),
        "{run:?}"
    );
}

/// Of every table all that is below it can be more than anybody reads.
#[test]
fn what_would_be_too_much_is_left_out_and_counted() {
    let tables = (1..400).map(|at| {
        format!("CREATE TABLE t{at} (id INTEGER PRIMARY KEY REFERENCES t{} (id) ON DELETE CASCADE);", at - 1)
    });
    let sql: String =
        ["CREATE TABLE t0 (id INTEGER PRIMARY KEY);".to_owned()].into_iter().chain(tables).collect();
    let file = SqliteFile::new(&format!("BEGIN; {sql} COMMIT;"));
    let all =
        fkcheck(Workspace::new().dir(), &["impact", "-q", "--database-url", &file.url()], &[]).expect(0);
    assert!(all.stdout.contains("more tables to which keys refer"), "{}", all.stdout.len());
    let one = fkcheck(Workspace::new().dir(), &["impact", "t0", "-q", "--database-url", &file.url()], &[]);
    assert!(one.expect(0).stdout.contains("t399 (id)"));
}

/// The condition is SQL of the user, and one expression of one statement all the same.
#[test]
fn a_condition_ends_no_statement() {
    fkcheck_tests::on_every_engine(SHOP, |url| {
        let run = |condition: &str| {
            let arguments = ["impact", "users", "--where", condition, "--database-url", url];
            fkcheck(Workspace::new().dir(), &arguments, &[])
        };
        for condition in [
            "1 = 1); commit; delete from likes; select 1 from users where (1 = 1",
            "1 = 1); commit; drop table likes; -- ",
        ] {
            run(condition).expect(2);
        }
        // All is there still.
        assert!(run("id = 1").expect(0).stdout.contains("likes             3"));
    });
}

/// What SET NULL writes may be what another key refers to.
#[test]
fn set_null_leads_on_to_on_update() {
    const TABLES: &str = "
        CREATE TABLE a (id INTEGER NOT NULL PRIMARY KEY);
        CREATE TABLE b (id INTEGER NOT NULL PRIMARY KEY, p INTEGER UNIQUE,
            CONSTRAINT b_p FOREIGN KEY (p) REFERENCES a (id) ON DELETE SET NULL);
        CREATE TABLE c (p INTEGER, CONSTRAINT c_p FOREIGN KEY (p) REFERENCES b (p));
        INSERT INTO a VALUES (1); INSERT INTO b VALUES (1, 1); INSERT INTO c VALUES (1);";
    fkcheck_tests::on_every_engine(TABLES, |url| {
        let arguments =
            ["impact", "a", "--message-format", "json", "--where", "id = 1", "--database-url", url];
        let run = fkcheck(Workspace::new().dir(), &arguments, &[]).expect(0);
        let line: Value = serde_json::from_str(&run.stdout).unwrap();
        assert_eq!(line["stops"][0]["table"], "c", "{line}");
        assert_eq!(line["rows"]["refused"]["table"], "c", "{line}");
    });
}

#[test]
fn rows_that_are_told_apart_by_a_column_of_that_name() {
    let file = SqliteFile::new(
        "CREATE TABLE a (id INTEGER PRIMARY KEY, _rowid_ TEXT);
         CREATE TABLE b (a_id INTEGER REFERENCES a (id) ON DELETE CASCADE, rowid TEXT);
         INSERT INTO a VALUES (1, 'x'), (2, 'x'); INSERT INTO b VALUES (1, 'y'), (2, 'y')",
    );
    let arguments = ["impact", "a", "--where", "1 = 1", "--database-url", &file.url()];
    let run = fkcheck(Workspace::new().dir(), &arguments, &[]).expect(0);
    assert!(run.stdout.contains("deletes  4 rows of 2 tables"), "{run:?}");
}

/// No error shows what a row holds.
#[test]
fn an_error_shows_no_row() {
    let Some(server) = postgres() else { return };
    let database = server.fresh_database();
    database
        .execute("CREATE TABLE a (id INT PRIMARY KEY, email TEXT); INSERT INTO a VALUES (1, 'canary@row')");
    let arguments = ["impact", "a", "--where", "email::int = 1", "--database-url", &database.url()];
    let run = fkcheck(Workspace::new().dir(), &arguments, &[]).expect(2);
    assert!(!run.stderr.contains("canary") && run.stderr.contains("22P02"), "{run:?}");
    // As the name of a table, in an error of another class.
    let arguments = ["impact", "a", "--where", "email::regclass = 1", "--database-url", &database.url()];
    let run = fkcheck(Workspace::new().dir(), &arguments, &[]).expect(2);
    assert!(!run.stderr.contains("canary") && run.stderr.contains("fails on a row"), "{run:?}");
}

/// Nor does one of a function that says what it was given.
#[test]
fn an_error_of_mariadb_shows_no_row() {
    let Some(server) = mariadb() else { return };
    let database = server.fresh_database();
    database
        .execute("CREATE TABLE a (id INT PRIMARY KEY, email TEXT); INSERT INTO a VALUES (1, 'canary@row')");
    let condition = "extractvalue('<a/>', concat('~', email)) = 1";
    let arguments = ["impact", "a", "--where", condition, "--database-url", &database.url()];
    let run = fkcheck(Workspace::new().dir(), &arguments, &[]);
    assert!(!run.stderr.contains("canary") && !run.stdout.contains("canary"), "{run:?}");
}

/// A condition is the user's: told with the server's words, and without the query that is made of it.
#[test]
fn a_condition_that_the_server_refuses() {
    fkcheck_tests::on_every_engine(SHOP, |url| {
        for (condition, words) in [
            ("nmae = 'x'", "nmae"),
            ("id = = 1", "="),
            ("id = (1", "refuses the condition `id = (1`"),
            ("nope(id) = 1", "nope"),
            ("id = 1; DROP TABLE likes", "refuses the condition"),
            ("", "refuses the condition ``"),
        ] {
            let arguments = ["impact", "users", "-q", "--where", condition, "--database-url", url];
            let run = fkcheck(Workspace::new().dir(), &arguments, &[]).expect(2);
            let said = unwrapped(&run.stderr);
            assert!(said.contains(words) && said.contains(&format!("`{}`", unwrapped(condition))), "{said}");
            assert!(said.contains("`users` has the columns `id`, `email`"), "{said}");
            for ours in ["SELECT", "LIMIT", "WHERE (", "declared", "could not know"] {
                assert!(!said.contains(ours), "{condition}: {said}");
            }
        }
    });
}

/// Of a column that isn't there nothing can be said; of one that no key refers to, that.
#[test]
fn an_update_of_a_column_that_is_not_there() {
    fkcheck_tests::on_every_engine(SHOP, |url| {
        let run = |column: &str| {
            let arguments = ["impact", "users", "-q", "--update", column, "--database-url", url];
            fkcheck(Workspace::new().dir(), &arguments, &[])
        };
        let wrong = run("emial").expect(2);
        assert!(wrong.stderr.contains("`users` has no column `emial`"), "{wrong:?}");
        assert!(wrong.stderr.contains("did you mean `email`?"), "{wrong:?}");
        assert!(run("zzzzz").expect(2).stderr.contains("there are `id`, `email`"));
        assert!(run("email").expect(0).stdout.contains("no other table: no key refers to users.email"));
    });
    // Without a database schema.rs tells the columns.
    let run = fkcheck(billing().dir(), &["impact", "organizations", "-q", "--update", "nmae"], &[]).expect(2);
    assert!(run.stderr.contains("`organizations` has no column `nmae` in schema.rs"), "{run:?}");
}

/// A key that stops a delete says what it is, why, and where.
#[test]
fn what_stops_is_told_with_its_reason_and_place() {
    let code = "diesel::table! { users (id) { id -> Integer, } }
diesel::table! { payments (id) { id -> Integer, user_id -> Integer, } }
#[derive(fkcheck_macros::ForeignKeys)]
#[diesel(table_name = payments)]
pub struct Payment {
    pub id: i32,
    #[fk(references = users(id), on_delete = restrict, reason = \"a paid bill is kept\")]
    pub user_id: i32,
}
";
    let workspace = Workspace::new().file("src/models.rs", code);
    fkcheck_tests::on_every_engine(SHOP, |url| {
        let run = |arguments: &[&str]| {
            let all = [&["impact", "users", "-q", "--database-url", url], arguments].concat();
            fkcheck(workspace.dir(), &all, &[]).expect(0).stdout
        };
        let key = "payments.user_id (RESTRICT, payments_user): a paid bill is kept";
        let text = run(&[]);
        assert!(text.contains("stops    while rows refer to a row of users that goes:\n"), "{text}");
        let line = text.lines().find(|line| line.contains(key)).unwrap_or_else(|| panic!("{text}"));
        assert!(line.ends_with("src/models.rs:7"), "{text}");
        let refused = run(&["--where", "id = 3"]);
        assert!(
            refused.contains("stops    the delete is refused") && refused.contains("RESTRICT"),
            "{refused}"
        );
        let json: Value = serde_json::from_str(&run(&["--message-format", "json"])).unwrap();
        assert_eq!(json["stops"][0]["reason"], "a paid bill is kept", "{json}");
        let html = run(&["--message-format", "html"]);
        assert!(html.contains("a paid bill is kept"));
    });
}

/// Without an annotation, the migration is the place.
#[test]
fn the_migration_is_a_place() {
    let manifest = "[package]
name = \"app\"

[dependencies]
diesel = { version = \"2.3\", features = [\"postgres\"] }
";
    let sql = "CREATE TABLE a (id INTEGER PRIMARY KEY);\nCREATE TABLE b (a_id INTEGER REFERENCES a);\n";
    let workspace =
        Workspace::new().file("Cargo.toml", manifest).file("migrations/2020-01-01-000000_a/up.sql", sql);
    let run = fkcheck(workspace.dir(), &["impact", "a", "-q"], &[]).expect(0);
    assert!(run.stdout.contains("b.a_id (NO ACTION, b_a_id_fkey)"), "{run:?}");
    assert!(run.stdout.contains("migrations/2020-01-01-000000_a/up.sql:2\n"), "{run:?}");
    assert!(run.stdout.contains("1 key of PostgreSQL after 1 migration\n"), "{run:?}");
}

/// One, and not a plural; a column that gets its default is not said to get NULL.
#[test]
fn words_agree() {
    let file = SqliteFile::new(
        "CREATE TABLE a (id INTEGER PRIMARY KEY); INSERT INTO a VALUES (1), (2);
         CREATE TABLE b (x INTEGER DEFAULT 2 REFERENCES a ON DELETE SET DEFAULT, y INTEGER REFERENCES a ON DELETE SET NULL);
         INSERT INTO b VALUES (1, 2);",
    );
    let run = |arguments: &[&str]| {
        let url = file.url();
        let all = [&["impact", "a", "-q", "--database-url", &url], arguments].concat();
        fkcheck(Workspace::new().dir(), &all, &[]).expect(0).stdout
    };
    let text = run(&[]);
    assert!(text.contains("\n nulls    b.y\n defaults b.x\n"), "{text}");
    assert!(run(&["--where", "id = 1"]).contains("\n deletes  1 row of 1 table\n"));
    assert!(run(&["--where", "id = 1"]).contains("\n defaults 1 row\n          b.x          1\n"));
    let json: Value = serde_json::from_str(&run(&["--message-format", "json", "--where", "id = 1"])).unwrap();
    assert_eq!(
        (json["defaults"][0]["columns"][0].as_str(), json["nulls"][0]["columns"][0].as_str()),
        (Some("x"), Some("y"))
    );
    let nothing = run(&["--where", "id = 77"]);
    assert!(nothing.contains("where    true of 0 rows of a\n deletes  nothing\n"), "{nothing}");
}

/// No line is longer than a hundred columns, however long the tale.
#[test]
fn lines_end_at_a_hundred_columns() {
    let mut sql = "CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT);".to_owned();
    for at in 0..40 {
        let (table, rule) =
            (format!("some_rather_long_name_of_a_table_{at}"), ["CASCADE", "RESTRICT", "SET NULL"][at % 3]);
        let parent = if at % 3 == 0 && at > 5 {
            format!("some_rather_long_name_of_a_table_{}", at - 3)
        } else {
            "users".to_owned()
        };
        let _ = write!(
            sql,
            "CREATE TABLE {table} (id INTEGER PRIMARY KEY, responsible_person_id INTEGER REFERENCES {parent} (id) ON DELETE {rule});"
        );
    }
    let file = SqliteFile::new(&sql);
    let condition =
        "name = 'one' OR name = 'two' OR name = 'three' OR name = 'four' OR name = 'five' OR name = 'six'";
    for more in [&[][..], &["--paths"], &["--where", condition], &["--update", "id"]] {
        let url = file.url();
        let arguments = [&["impact", "users", "--database-url", &url], more].concat();
        let run = fkcheck(Workspace::new().dir(), &arguments, &[]).expect(0);
        for line in run.stdout.lines().chain(run.stderr.lines()) {
            assert!(line.chars().count() <= 100, "{line}");
        }
        assert!(run.stdout.starts_with("DELETE") || run.stdout.starts_with("UPDATE"), "{run:?}");
    }
}

/// Rows are those of one live database; what is asked for instead is said.
#[test]
fn a_condition_wants_one_live_database() {
    let (one, two) = (SqliteFile::new(SHOP), SqliteFile::new(SHOP));
    let run = |more: &[&str]| {
        let arguments = [&["impact", "users", "-q", "--where", "id = 1"], more].concat();
        fkcheck(Workspace::new().dir(), &arguments, &[]).expect(2).stderr
    };
    let several = run(&["--database-url", &one.url(), "--database-url", &two.url()]);
    assert!(several.contains("of one database, and several are asked"), "{several}");
    let offline = run(&["--database-url", &one.url(), "--offline"]);
    assert!(offline.contains("`--offline` forbids to ask one"), "{offline}");
}

/// A run that compares nothing counts nothing.
#[test]
fn a_failure_is_told_without_counts() {
    for command in ["impact", "graph", "annotate", "snapshot"] {
        let run = fkcheck(Workspace::new().dir(), &[command], &[]).expect(3);
        let said = format!("{}{}", run.stdout, run.stderr);
        assert!(!said.contains("declared") && said.contains("there is nothing"), "{command}: {said}");
    }
}

/// As without `--where`: what weighs most stands first, however few its rows are.
#[test]
fn what_the_code_says_rows_are_worth_puts_them_in_order() {
    let child = |table: &str, class: &str| {
        format!(
            "#[derive(fkcheck_macros::ForeignKeys)] #[diesel(table_name = {table})] #[fk(data = {class})]
             struct Of{table} {{ #[fk(references = users(id), on_delete = cascade)] user_id: i32 }}\n"
        )
    };
    let table =
        |table: &str| format!("diesel::table! {{ {table} (id) {{ id -> Integer, user_id -> Integer, }} }}\n");
    let code: String = [("visits", "ephemeral"), ("logs", "audit"), ("orders", "value")]
        .map(|(name, class)| table(name) + &child(name, class))
        .concat();
    let workspace = Workspace::new().file("src/lib.rs", &code);
    let made = |name: &str| {
        format!(
            "CREATE TABLE {name} (id INTEGER NOT NULL PRIMARY KEY,
                 user_id INTEGER NOT NULL REFERENCES users ON DELETE CASCADE);"
        )
    };
    let tables = ["visits", "logs", "orders"].map(made).concat();
    let file = SqliteFile::new(&format!(
        "CREATE TABLE users (id INTEGER NOT NULL PRIMARY KEY); {tables} INSERT INTO users VALUES (1), (2);
         INSERT INTO visits VALUES (1, 1), (2, 1), (3, 1); INSERT INTO logs VALUES (1, 1);
         INSERT INTO orders VALUES (1, 1), (2, 1)"
    ));
    let arguments = ["impact", "users", "--where", "id = 1", "--message-format", "json", "--database-url"];
    let run = fkcheck(workspace.dir(), &[&arguments[..], &[&file.url()]].concat(), &[]).expect(0);
    let line: Value = serde_json::from_str(&run.stdout).unwrap();
    let names: Vec<&str> = line["rows"]["deletes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| row["table"].as_str().unwrap())
        .collect();
    assert_eq!(names, ["logs", "orders", "users", "visits"], "{line}");
}
