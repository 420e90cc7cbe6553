//! What a run ends in when something is wrong with its surroundings, and that no password is ever printed.

use std::net::TcpListener;
use std::time::{Duration, Instant};

use fkcheck_tests::{Run, SqliteFile, Workspace, fkcheck};

/// Turns up nowhere, neither as it is nor percent-encoded.
const CANARY: &str = "S3cr3t/p@ss w0rd";
const ENCODED: &str = "S3cr3t%2Fp%40ss%20w0rd";

const SCHEMA: &str = "
diesel::table! { users (id) { id -> Integer, } }
diesel::table! { posts (id) { id -> Integer, author_id -> Integer, } }
";

const MODELS: &str = "
use crate::schema::*;
#[derive(fkcheck_macros::ForeignKeys)]
#[diesel(table_name = posts)]
pub struct Post { pub id: i32, #[fk(references = users(id), on_delete = restrict)] pub author_id: i32 }
";

const DATABASE: &str = "
CREATE TABLE users (id INTEGER PRIMARY KEY NOT NULL);
CREATE TABLE posts (id INTEGER PRIMARY KEY NOT NULL, author_id INTEGER NOT NULL REFERENCES users (id) ON DELETE RESTRICT);
";

fn workspace() -> Workspace {
    Workspace::new().file("src/schema.rs", SCHEMA).file("src/models.rs", MODELS)
}

/// Runs in all formats; each must end in `code`, say `words` and keep the secret.
fn ends_in(code: i32, words: &str, workspace: &Workspace, arguments: &[&str], environment: &[(&str, &str)]) {
    for format in ["human", "short", "json"] {
        let arguments: Vec<&str> = arguments.iter().copied().chain(["--message-format", format]).collect();
        let run = fkcheck(workspace.dir(), &arguments, environment).expect(code);
        keeps_the_secret(&run);
        let all = format!("{}{}", run.stdout, run.stderr)
            .split_whitespace()
            .collect::<Vec<_>>()
            .join(" ")
            .replace("│ ", "");
        assert!(all.contains(words), "{format}: {words:?} is not in {run:?}");
        if format == "json" {
            let last = run.json().pop().expect("never empty");
            assert_eq!(last["reason"], "fkcheck-finished", "{run:?}");
            assert_eq!(last["success"], code == 0, "{run:?}");
        }
    }
}

fn keeps_the_secret(run: &Run) {
    for secret in [CANARY, ENCODED, "S3cr3t", "w0rd"] {
        assert!(!run.stdout.contains(secret) && !run.stderr.contains(secret), "{run:?}");
    }
}

#[test]
fn all_is_well() {
    let database = SqliteFile::new(DATABASE);
    ends_in(0, "1 declared key", &workspace(), &["--database-url", &database.url()], &[]);
    ends_in(0, "1 declared key", &workspace(), &[], &[("DATABASE_URL", &database.url())]);
    let with_env = workspace().file(".env", &format!("OTHER=x\nDATABASE_URL={}\n", database.url()));
    ends_in(0, "1 declared key", &with_env, &[], &[]);
    let with_config = workspace()
        .manifest("[workspace.metadata.fkcheck]\nurl-env = \"APP_DATABASE\"\n")
        .file(".env", &format!("APP_DATABASE={}\n", database.url()));
    ends_in(0, "1 declared key", &with_config, &[], &[]);
}

#[test]
fn nothing_to_compare_is_not_all_is_well() {
    let database = SqliteFile::new(DATABASE);
    let url = database.url();
    let bare = Workspace::new().file("src/schema.rs", SCHEMA);
    ends_in(3, "no `#[fk(..)]`", &bare, &["--database-url", &url], &[]);
    ends_in(3, "nothing to compare with", &workspace(), &[], &[]);
    ends_in(3, "--offline forbids the database", &workspace(), &["--offline"], &[("DATABASE_URL", &url)]);
    ends_in(
        3,
        "none of the annotated tables",
        &workspace(),
        &["--database-url", &SqliteFile::new("SELECT 1;").url()],
        &[],
    );
    let other = SqliteFile::new("CREATE TABLE t (id INTEGER PRIMARY KEY);");
    ends_in(3, "none of the annotated tables", &workspace(), &["--database-url", &other.url()], &[]);
}

#[test]
fn a_missing_sqlite_file_is_not_created() {
    let workspace = workspace();
    let path = workspace.dir().join("missing.db");
    for url in [
        format!("sqlite://{}", path.display()),
        path.display().to_string(),
        format!("file:{}", path.display()),
    ] {
        ends_in(3, "there is no SQLite database", &workspace, &["--database-url", &url], &[]);
        assert!(!path.exists());
    }
}

#[test]
fn a_file_that_cannot_be_read_matters_where_it_was_needed() {
    let url = SqliteFile::new(DATABASE);
    let broken = workspace().file("src/broken.rs", "// table!\nfn f() { ( }\n");
    ends_in(3, "src/broken.rs", &broken, &["--database-url", &url.url()], &[]);
    let typo = workspace().file(
        "src/typo.rs",
        "fkcheck_macros::foreign_keys! { posts (author_id) -> users (id), on_delet = restrict; }",
    );
    ends_in(3, "did you mean `on_delete`?", &typo, &["--database-url", &url.url()], &[]);
    let of_no_matter = workspace().file("src/other.rs", "fn f() { ( }\n").file("src/bytes.rs", "fn f() {}");
    ends_in(0, "1 declared key", &of_no_matter, &["--database-url", &url.url()], &[]);
}

#[test]
fn wrong_usage_and_configuration() {
    let url = SqliteFile::new(DATABASE).url();
    ends_in(2, "the workspace has no package `ap`", &workspace(), &["-p", "ap", "--database-url", &url], &[]);
    ends_in(2, "did you mean `app`?", &workspace(), &["-p", "ap", "--database-url", &url], &[]);
    ends_in(2, "scheme `oracle`", &workspace(), &["--database-url", "oracle://u@h/d"], &[]);
    for (more, words) in [
        ("[workspace.metadata.fkcheck]\nstrikt = true\n", "strikt"),
        ("[workspace.metadata.fkcheck.rules]\nfk_undeclard = \"deny\"\n", "fk_undeclard"),
        ("[workspace.metadata.fkcheck.rules]\nfk_undeclared = \"denied\"\n", "unknown level"),
    ] {
        let wrong = workspace().manifest(more);
        ends_in(2, words, &wrong, &["--database-url", &url], &[]);
    }
    let broken = Workspace::new().file("Cargo.toml", "[package\n");
    ends_in(2, "cargo can't read the workspace", &broken, &[], &[]);
    for wrong in
        [&["--message-format", "jsn"][..], &["-D", "fk_undeclard"], &["--deadline", "0"], &["--nonsense"]]
    {
        let run = fkcheck(workspace().dir(), wrong, &[]).expect(2);
        assert!(run.stderr.contains("error:"), "{run:?}");
    }
}

#[test]
fn a_server_that_stays_silent_does_not_hold_us_up() {
    let silent = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = silent.local_addr().expect("bound").port();
    for scheme in ["postgres", "mysql"] {
        let url = format!("{scheme}://app:{ENCODED}@127.0.0.1:{port}/app");
        let started = Instant::now();
        let run = fkcheck(workspace().dir(), &["--deadline", "1", "--database-url", &url], &[]).expect(3);
        assert!(started.elapsed() < Duration::from_secs(3), "{:?}", started.elapsed());
        assert!(run.stdout.contains("did not answer within 1"), "{run:?}");
        keeps_the_secret(&run);
    }
}

#[test]
fn connections_that_fail_keep_the_password() {
    let free = TcpListener::bind("127.0.0.1:0").expect("a port").local_addr().expect("bound").port();
    for scheme in ["postgres", "mysql"] {
        for (host, words) in [
            (format!("127.0.0.1:{free}"), "can't connect"),
            ("no-such-host.invalid:1".to_owned(), "can't connect"),
        ] {
            let url = format!("{scheme}://app:{ENCODED}@{host}/app");
            ends_in(3, words, &workspace(), &["--deadline", "20", "--database-url", &url], &[]);
            ends_in(3, words, &workspace(), &["-v"], &[("DATABASE_URL", &url)]);
        }
        // A URL that is none.
        let url = format!("{scheme}://app:{CANARY}@[:::/app");
        ends_in(2, "URL", &workspace(), &["--database-url", &url], &[]);
    }
    if let Some(server) = fkcheck_tests::mariadb() {
        let database = server.fresh_database();
        let user = format!("u_{}", database.name());
        server.execute_globally(&format!("CREATE USER {user}@'%' IDENTIFIED BY 'another'"));
        ends_in(
            3,
            "refused the login",
            &workspace(),
            &["--database-url", &database.url_as(&user, ENCODED)],
            &[],
        );
        server.execute_globally(&format!("DROP USER {user}@'%'"));
    }
    if let Some(server) = fkcheck_tests::postgres() {
        let database = server.fresh_database();
        ends_in(
            3,
            "nobody_at_all",
            &workspace(),
            &["--database-url", &database.url_as("nobody_at_all", ENCODED)],
            &[],
        );
    }
}
