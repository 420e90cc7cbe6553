//! `impact --where` where a million rows hang on a row: how long it takes, and what it ends in. Benchmarks, which print:
//!
//!     tests/with-servers cargo test -p fkcheck-tests --test suite -- --ignored --nocapture --test-threads 1 impact_scale

use std::time::{Duration, Instant};

use fkcheck_tests::{SqliteFile, Workspace, fkcheck, mariadb, postgres};
use serde_json::Value;

const ROWS: u32 = 1_000_000;

/// Users with posts, and a million comments, each reached by its post and half of them by the author, too.
fn shop(numbers: impl Fn(u32) -> String, indexes: bool) -> String {
    let (posts, comments) = (numbers(1000), numbers(ROWS));
    let indexes = if indexes {
        "CREATE INDEX posts_user ON posts (user_id);
         CREATE INDEX comments_post ON comments (post_id);
         CREATE INDEX comments_user ON comments (user_id);"
    } else {
        ""
    };
    format!(
        "CREATE TABLE users (id INTEGER NOT NULL PRIMARY KEY);
         CREATE TABLE posts (id INTEGER NOT NULL PRIMARY KEY, user_id INTEGER NOT NULL,
             FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE);
         CREATE TABLE comments (id INTEGER NOT NULL PRIMARY KEY, post_id INTEGER NOT NULL, user_id INTEGER NOT NULL,
             FOREIGN KEY (post_id) REFERENCES posts (id) ON DELETE CASCADE,
             FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE);
         INSERT INTO users VALUES (1), (2);
         INSERT INTO posts SELECT n, 1 FROM {posts};
         INSERT INTO comments SELECT n, 1 + n % 1000, 1 + n % 2 FROM {comments};
         {indexes}"
    )
}

/// A child of the comments, so that each of those has to be read.
const LIKES: &str = "CREATE TABLE likes (comment_id INTEGER NOT NULL,
    FOREIGN KEY (comment_id) REFERENCES comments (id) ON DELETE CASCADE);";

/// On each engine: its name, whether keys have indexes, and its URL.
fn on_every_engine(more: &str, run: impl Fn(&str, bool, &str)) {
    for indexes in [true, false] {
        let numbers = |count| {
            format!(
                "(WITH RECURSIVE r (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r WHERE n < {count}) SELECT n FROM r) s"
            )
        };
        let file = SqliteFile::new(&format!("BEGIN; {} {more} COMMIT", shop(numbers, indexes)));
        run("SQLite", indexes, &file.url());
        if let Some(server) = postgres() {
            let database = server.fresh_database();
            let numbers = |count| format!("generate_series(1, {count}) n");
            database.execute(&format!("{} {more}", shop(numbers, indexes)));
            database.execute("VACUUM ANALYZE");
            run("PostgreSQL", indexes, &database.url());
        }
        // InnoDB makes the indexes itself.
        if let Some(server) = mariadb().filter(|_| indexes) {
            let database = server.fresh_database();
            let numbers = |count| format!("(SELECT seq AS n FROM seq_1_to_{count}) s");
            database.execute(&format!("{} {more}", shop(numbers, false)));
            run("MariaDB", true, &database.url());
        }
    }
}

fn impact(url: &str, deadline: &str) -> (fkcheck_tests::Run, Duration) {
    let arguments = ["impact", "users", "--where", "id = 1", "--deadline", deadline];
    let json = ["--message-format", "json", "--database-url", url];
    let workspace = Workspace::new();
    let started = Instant::now();
    let run = fkcheck(workspace.dir(), &[&arguments[..], &json].concat(), &[]);
    (run, started.elapsed())
}

#[test]
#[ignore = "a benchmark: it prints"]
fn a_million_rows_of_two_keys() {
    on_every_engine("", |engine, indexes, url| {
        let (run, took) = impact(url, "60");
        let line: Value = serde_json::from_str(&run.expect(0).stdout).unwrap();
        println!("{engine}, indexes: {indexes}: {took:?}");
        assert_eq!(
            line["rows"]["deletes"][0],
            serde_json::json!({ "table": "comments", "rows": ROWS }),
            "{line}"
        );
        assert_eq!(line["rows"]["at_least"], false, "{line}");
    });
}

/// Where each of them has to be read, it ends in time.
#[test]
#[ignore = "a benchmark: it prints"]
fn a_million_rows_that_have_children() {
    on_every_engine(LIKES, |engine, indexes, url| {
        let (run, took) = impact(url, "1");
        run.expect(3);
        println!("{engine}, indexes: {indexes}: {took:?}");
        assert!(took < Duration::from_millis(1300), "{engine}: {took:?}");
    });
}
