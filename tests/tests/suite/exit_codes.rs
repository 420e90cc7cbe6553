//! What leads to each exit code, in every format; no output holds a password, and a JSON stream has its last line.

use std::net::TcpListener;

use fkcheck_tests::{Run, SqliteFile, Workspace, fkcheck, unwrapped};

/// `Canary@S3cret`, as it stands in a URL.
const PASSWORD: &str = "Canary%40S3cret";

const DATABASE: &str = "
    CREATE TABLE organizations (id INTEGER NOT NULL PRIMARY KEY);
    CREATE TABLE batch_jobs (id INTEGER NOT NULL PRIMARY KEY,
        org_id INTEGER NOT NULL, FOREIGN KEY (org_id) REFERENCES organizations (id) ON DELETE CASCADE);
    CREATE INDEX batch_jobs_org_id ON batch_jobs (org_id)";

/// A crate with the tables of `DATABASE` and this annotation.
fn workspace(annotation: &str) -> Workspace {
    Workspace::new().file(
        "src/lib.rs",
        &format!(
            "diesel::table! {{ organizations (id) {{ id -> Integer, }} }}
diesel::table! {{ batch_jobs (id) {{ id -> Integer, org_id -> Integer, }} }}

#[derive(Queryable, fkcheck_macros::ForeignKeys)]
#[diesel(table_name = batch_jobs)]
pub struct BatchJob {{
    pub id: i32,
    {annotation}
    pub org_id: i32,
}}"
        ),
    )
}

fn agreeing() -> Workspace {
    workspace("#[fk(references = organizations(id), on_delete = cascade)]")
}

fn drifted() -> Workspace {
    workspace("#[fk(references = organizations(id), on_delete = restrict)]")
}

/// Runs in all formats and checks what holds for each: the exit code, no secret, a whole stream. `says` is told in each.
fn ends(
    workspace: &Workspace,
    arguments: &[&str],
    environment: &[(&str, &str)],
    code: i32,
    says: &[&str],
) -> Run {
    let run_as = |format: &str| {
        let mut all = arguments.to_vec();
        all.extend(["-v", "--message-format", format]);
        let run = fkcheck(workspace.dir(), &all, environment).expect(code);
        for secret in ["Canary", "S3cret", "%40S"] {
            assert!(
                !run.stdout.contains(secret) && !run.stderr.contains(secret),
                "{arguments:?} {format}: {run:?}"
            );
        }
        run
    };
    for format in ["sarif", "markdown"] {
        assert!(!run_as(format).stdout.is_empty(), "{arguments:?} {format}");
    }
    let json = run_as("json");
    let lines = json.json();
    let last = lines.last().expect("a stream is never empty");
    assert_eq!(last["reason"], "fkcheck-finished", "{json:?}");
    assert_eq!(last["success"], code == 0, "{json:?}");
    for run in [run_as("human"), run_as("short")] {
        let text = unwrapped(&format!("{}\n{}", run.stdout, run.stderr));
        for said in says {
            assert!(text.contains(said), "{said:?} is not in:\n{text}");
        }
    }
    let messages: String =
        lines.iter().filter_map(|line| line["message"]["rendered"].as_str()).map(unwrapped).collect();
    for said in says {
        assert!(messages.contains(said), "{said:?} is not in:\n{messages}");
    }
    json
}

/// `ends` with a database's URL.
fn ends_at(workspace: &Workspace, url: &str, code: i32, says: &[&str]) -> Run {
    let by_argument = ends(workspace, &["--database-url", url], &[], code, says);
    let by_environment = ends(workspace, &[], &[("DATABASE_URL", url)], code, says);
    assert_eq!(by_argument.rules(), by_environment.rules());
    by_argument
}

#[test]
fn agreement_is_0_and_drift_is_1() {
    let sqlite = SqliteFile::new(DATABASE);
    let run = ends_at(&agreeing(), &sqlite.url(), 0, &[]);
    assert_eq!(run.rules(), [""; 0]);
    let run = ends_at(&drifted(), &sqlite.url(), 1, &["error[fk_on_delete_mismatch]"]);
    assert_eq!(run.rules(), ["fk_on_delete_mismatch"]);
    // Beside a finding, what could not be known doesn't make it less.
    let both = drifted().file("src/broken.rs", "#[derive(ForeignKeys)] struct X {\n");
    ends_at(&both, &sqlite.url(), 1, &["error[fk_on_delete_mismatch]", "could not know: `src/broken.rs`"]);
}

#[test]
fn warnings_and_notes_are_0() {
    let sqlite =
        SqliteFile::new(&DATABASE.replace("CREATE INDEX batch_jobs_org_id ON batch_jobs (org_id)", ""));
    let run = ends_at(&agreeing(), &sqlite.url(), 0, &["warning[fk_missing_index]"]);
    assert_eq!(run.rules(), ["fk_missing_index"]);
}

#[test]
fn nothing_to_compare_is_3() {
    let sqlite = SqliteFile::new(DATABASE);
    let silent = workspace("");
    // The model derives `ForeignKeys` and says nothing.
    ends_at(&silent, &sqlite.url(), 3, &["could not know: no `#[fk(..)]` and no `foreign_keys!`"]);
    ends_at(&Workspace::new(), &sqlite.url(), 3, &["(0 tables and 0 models seen)"]);
    ends(&agreeing(), &[], &[], 3, &["there is nothing to compare with: no database URL is known"]);
    ends(&agreeing(), &["--against", "migrations"], &[], 3, &["there is nothing to compare with"]);
    let url = sqlite.url();
    let offline = ["--offline", "--database-url", &url];
    ends(
        &agreeing(),
        &offline,
        &[],
        3,
        &["there is nothing to compare with: --offline forbids the database"],
    );
    let advice = fkcheck(agreeing().dir(), &offline, &[]).expect(3).stdout;
    assert!(advice.contains("leave `--offline` away") && !advice.contains("--database-url"), "{advice}");
    ends(&agreeing(), &["--frozen", "--database-url", &url], &[], 3, &["--offline forbids the database"]);
    ends(&agreeing(), &["--against", "migrations", "--database-url", &url], &[], 3, &[]);
}

#[test]
fn what_runs_offline_is_checked_offline() {
    let with_migrations =
        |workspace: Workspace| workspace.file("migrations/2025-01-01-000000-0000_a/up.sql", DATABASE);
    ends(&with_migrations(agreeing()), &["--offline"], &[], 0, &[]);
    ends(&with_migrations(agreeing()), &[], &[], 0, &[]);
    ends(&with_migrations(drifted()), &["--frozen"], &[], 1, &["CASCADE in the migrations"]);
    // A server that can't be reached is not made up for by the migrations.
    let url = format!("postgres://ci:{PASSWORD}@db.invalid/billing");
    ends(&with_migrations(agreeing()), &["--database-url", &url], &[], 3, &["db.invalid"]);
    let broken = agreeing().file("migrations/2025-01-01-000000-0000_a/up.sql", "CREATE TABLE (");
    ends(&broken, &[], &[], 3, &["2025-01-01-000000-0000_a/up.sql:1: the migration fails in SQLite"]);
}

#[test]
fn an_empty_or_another_database_is_3() {
    const OTHER: &str = "CREATE TABLE others (id INTEGER NOT NULL PRIMARY KEY)";
    let says = ["has none of the annotated tables"];
    for sql in ["", OTHER] {
        ends_at(&agreeing(), &SqliteFile::new(sql).url(), 3, &says);
        for server in [fkcheck_tests::postgres(), fkcheck_tests::mariadb()].into_iter().flatten() {
            let database = server.fresh_database();
            database.execute(sql);
            ends_at(&agreeing(), &database.url(), 3, &says);
        }
    }
}

#[test]
fn an_absent_sqlite_file_is_3_and_stays_absent() {
    let file = SqliteFile::new("");
    let absent = file.dir().join("absent.db");
    for url in [
        format!("sqlite://{}", absent.display()),
        absent.display().to_string(),
        format!("file:{}?mode=rwc", absent.display()),
    ] {
        ends_at(&agreeing(), &url, 3, &["there is no SQLite database at"]);
        assert!(!absent.exists());
    }
    let no_database = file.dir().join("text.db");
    std::fs::write(
        &no_database,
        "this is no database, and long enough to hold the header of one, which has 100 bytes in all",
    )
    .unwrap();
    ends_at(&agreeing(), &no_database.display().to_string(), 3, &["file is not a database"]);
    ends_at(&agreeing(), &file.dir().display().to_string(), 3, &["it is not a regular file"]);
}

#[test]
fn a_file_that_can_not_be_read_is_3_if_it_was_needed() {
    let sqlite = SqliteFile::new(DATABASE);
    for (text, place) in [
        ("fn f() {}\n#[derive(ForeignKeys)] struct X { a: i32 ]\n", "src/broken.rs:2:42"),
        (
            "#[derive(ForeignKeys)]\n#[diesel(table_name = batch_jobs)]\nstruct X { #[fk(on_delete = cascad)] org_id: i32 }\n",
            "src/broken.rs:3:29",
        ),
        ("foreign_keys! { batch_jobs (org_id) => organizations (id); }\n", "src/broken.rs:1:37"),
        ("diesel::table! { a (id) { id -> , } }\n", "src/broken.rs:1:33"),
    ] {
        let broken = agreeing().file("src/broken.rs", text);
        let says = [format!("{place}: error: could not know: `src/broken.rs`: ")];
        let run = fkcheck(broken.dir(), &["--message-format", "short", "--database-url", &sqlite.url()], &[])
            .expect(3);
        assert!(run.stdout.contains(&says[0]), "{says:?} is not in:\n{}", run.stdout);
        let json = ends_at(&broken, &sqlite.url(), 3, &["could not know: `src/broken.rs`: "]);
        let spans = &json.json()[0]["message"]["spans"];
        assert_eq!(
            format!(
                "{}:{}:{}",
                spans[0]["file_name"].as_str().unwrap(),
                spans[0]["line_start"],
                spans[0]["column_start"]
            ),
            place
        );
    }
    let not_utf_8 = agreeing();
    std::fs::write(not_utf_8.dir().join("src/latin1.rs"), b"// caf\xe9\n#[fk(on_delete = cascade)]\n")
        .unwrap();
    ends_at(&not_utf_8, &sqlite.url(), 3, &["`src/latin1.rs`: not UTF-8 at byte 6"]);
}

#[test]
fn a_file_that_can_not_be_read_is_no_matter_if_nothing_hangs_on_it() {
    let sqlite = SqliteFile::new(DATABASE);
    let workspace = agreeing()
        .file("src/bin/broken.rs", "fn main() { let x = ); }\n")
        .file("tests/fixtures/words.rs", "this isn't Rust at all '\n");
    std::fs::write(workspace.dir().join("src/latin1.rs"), b"// caf\xe9\n").unwrap();
    ends_at(&workspace, &sqlite.url(), 0, &[]);
}

#[test]
fn wrong_usage_is_2() {
    let sqlite = SqliteFile::new(DATABASE);
    let url = sqlite.url();
    for (arguments, says) in [
        (&["-p", "ap"][..], &["the workspace has no package `ap`", "did you mean `app`?"][..]),
        (&["-p", "app@0.2.0"], &["the workspace has no package `app@0.2.0`"]),
        (&["--exclude", "nope"], &["the workspace has no package `nope`"]),
        (&["--database", "main"], &["no database `main` is configured", "names a database"]),
        (&["-D", "fk_undeclard"], &["'fk_undeclard'", "unknown rule; did you mean `fk_undeclared`?"]),
        (&["-A", "dead_code"], &["unknown rule; `cargo fkcheck explain` lists them all"]),
        (&["--no-such-flag"], &["unexpected argument '--no-such-flag'"]),
        (&["--against", "snapshots"], &["invalid value 'snapshots' for '--against <SOURCE>'"]),
        (&["--deadline", "0"], &["a whole number of seconds, at least 1"]),
        (&["chek"], &["'chek'"]),
        (
            &["--manifest-path", "/no/such/Cargo.toml"],
            &["manifest path `/no/such/Cargo.toml` does not exist"],
        ),
    ] {
        ends(&agreeing(), arguments, &[("DATABASE_URL", &url)], 2, says);
    }
}

#[test]
fn a_url_in_the_wrong_place_keeps_its_password() {
    let url = format!("postgres://ci:{PASSWORD}@db.invalid/billing");
    for arguments in [
        &[url.as_str()][..],
        &["--against", &url],
        &["--databse-url", &url],
        &[&format!("--against={url}")],
        &["--database", &url],
        &["-p", &url],
        &["--exclude", &url],
    ] {
        ends(&agreeing(), arguments, &[], 2, &[]);
    }
}

#[test]
fn a_url_that_is_none_is_2() {
    for (url, says) in [
        (String::new(), "it is empty"),
        (
            format!("mssql://ci:{PASSWORD}@db.invalid/billing"),
            "the scheme `mssql`, which fkcheck doesn't read",
        ),
        ("postgres://ci:Canary#S3cret@db.invalid/billing".to_owned(), "invalid port number"),
        ("postgres://ci:1/Canary@S3cret@db.invalid/billing".to_owned(), "it has a bare `@` after the host"),
        ("postgres://ci:Canary/S3cret@db.invalid/billing".to_owned(), "invalid port number"),
        (format!("host=db.invalid user=ci password={PASSWORD}"), "it is a list of `key=value` pairs"),
        (format!("//ci:{PASSWORD}@db.invalid/billing"), "it has no scheme"),
        ("sqlite://:memory:".to_owned(), "an in-memory SQLite database is empty at the start"),
    ] {
        ends_at(&agreeing(), &url, 2, &[says]);
    }
}

#[test]
fn a_dot_env_shows_nothing_of_itself() {
    let sqlite = SqliteFile::new(DATABASE);
    let other = format!("AWS_SECRET='{PASSWORD}'\n");
    let with = |text: String| agreeing().file(".env", &text);
    ends(&with(format!("{other}DATABASE_URL={}\n", sqlite.url())), &[], &[], 0, &[]);
    ends(&with(other.clone()), &[], &[], 3, &["DATABASE_URL is set neither in the environment nor in .env"]);
    ends(&with(format!("{other}PASS WORD {PASSWORD} 'x\n")), &[], &[], 2, &["can't be read"]);
    ends(
        &with(format!("DATABASE_URL=postgres://ci:{PASSWORD}@db.invalid/billing\n")),
        &[],
        &[],
        3,
        &["db.invalid"],
    );
    ends(&with(format!("DATABASE_URL=mssql://ci:{PASSWORD}@db.invalid/billing\n")), &[], &[], 2, &["mssql"]);
}

#[test]
fn a_wrong_configuration_is_2_and_shows_the_place() {
    // `[workspace]` is line 11 of the manifest, a blank one follows.
    for (more, says) in [
        (
            "[workspace.metadata.fkcheck]\nstrct = true",
            "Cargo.toml:14:1: unknown key `strct` in the configuration of fkcheck: did you mean `strict`?",
        ),
        (
            "[workspace.metadata.fkcheck]\n\n  url_env = \"X\"",
            "Cargo.toml:15:3: unknown key `url_env` in the configuration of fkcheck: did you mean `url-env`?",
        ),
        (
            "[package.metadata.fkcheck]\nstrict = true",
            "Cargo.toml:14:1: unknown key `strict` in the configuration of fkcheck: it goes into `[workspace.metadata.fkcheck]`",
        ),
        (
            "[workspace.metadata.fkcheck.rules]\nfk_undeclard = \"deny\"",
            "Cargo.toml:14:1: unknown rule `fk_undeclard`: did you mean `fk_undeclared`?",
        ),
        (
            "[workspace.metadata.fkcheck.rules]\nfk_undeclared = \"forbid\"",
            "Cargo.toml:14:17: unknown level for `fk_undeclared`: one of \"allow\", \"warn\", \"deny\"",
        ),
        (
            "[workspace.metadata.fkcheck]\nstrict = \"yes\"",
            "Cargo.toml:14:10: `strict` takes `true` or `false`: not a boolean",
        ),
        (
            "[workspace.metadata.fkcheck]\ndeadline = -1",
            "Cargo.toml:14:12: `deadline` takes a number of seconds",
        ),
        (
            "[workspace.metadata.fkcheck.databases.main]\nbackend = \"oracle\"",
            "Cargo.toml:14:11: unknown backend `oracle`: one of `postgres`, `mysql`, `sqlite`",
        ),
        (
            "[workspace.metadata.fkcheck.databases.main]\nurl = \"postgres://ci:Canary@db.invalid/x\"",
            "Cargo.toml:14:1: unknown key `url` in the configuration of fkcheck: known: backend, migrations, optional, schema, schemas, tables, url-env",
        ),
    ] {
        ends(&agreeing().manifest(more), &[], &[], 2, &[says]);
    }
    let two = "[workspace.metadata.fkcheck]\nstrct = true\ndedline = 1";
    ends(&agreeing().manifest(two), &[], &[], 2, &["unknown key `strct`", "unknown key `dedline`"]);
}

#[test]
fn a_member_s_configuration_is_shown_where_it_stands() {
    let member = "[package]\nname = \"member\"\nversion = \"0.1.0\"\nedition = \"2024\"\n\n[package.metadata.fkcheck]\nstrict = true\n";
    let workspace = Workspace::new()
        .file("Cargo.toml", "[workspace]\nresolver = \"3\"\nmembers = [\"member\", \"other\"]\n")
        .file("member/Cargo.toml", member)
        .file("member/src/lib.rs", "")
        .file("other/Cargo.toml", "[package]\nname = \"other\"\nversion = \"0.1.0\"\nedition = \"2024\"\n")
        .file("other/src/lib.rs", "");
    let says = "member/Cargo.toml:7:1: unknown key `strict` in the configuration of fkcheck: it goes into `[workspace.metadata.fkcheck]`";
    ends(&workspace, &[], &[], 2, &[says]);
}

#[test]
fn a_package_without_a_workspace_has_one_place_for_all() {
    let alone = |more: &str| {
        let workspace = agreeing().manifest(more);
        let manifest = std::fs::read_to_string(workspace.manifest_path()).unwrap();
        workspace.file("Cargo.toml", &manifest.replace("[workspace]\n", ""))
    };
    let sqlite = SqliteFile::new(DATABASE);
    let named =
        alone("[package.metadata.fkcheck]\nurl-env = \"BILLING_URL\"\nrules.fk_undeclared = \"deny\"");
    ends(&named, &[], &[("BILLING_URL", &sqlite.url())], 0, &[]);
    let says = "unknown key `url_env` in the configuration of fkcheck: did you mean `url-env`?";
    ends(&alone("[package.metadata.fkcheck]\nurl_env = \"X\""), &[], &[], 2, &[says]);
}

#[test]
fn a_workspace_that_cargo_can_not_read_is_2() {
    ends(
        &Workspace::new().manifest("[dependencies"),
        &[],
        &[],
        2,
        &["cargo can't read the workspace:", "Cargo.toml"],
    );
    ends(
        &Workspace::new().file("Cargo.toml", "[workspace]\nmembers = [\"absent\"]\n"),
        &[],
        &[],
        2,
        &["absent"],
    );
    let gone = Workspace::new();
    std::fs::remove_file(gone.manifest_path()).unwrap();
    ends(&gone, &[], &[], 2, &["cargo can't read the workspace:", "Cargo.toml"]);
}

/// The URL of a server that isn't one, for each of the engines that have servers.
fn urls(host: &str) -> [String; 2] {
    ["postgres", "mysql"].map(|scheme| format!("{scheme}://ci:{PASSWORD}@{host}/billing"))
}

#[test]
fn a_host_that_does_not_answer_is_3() {
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    for url in urls(&format!("127.0.0.1:{free}")) {
        ends_at(&agreeing(), &url, 3, &["can't connect to", "Connection refused"]);
    }
    for url in urls("db.invalid") {
        ends_at(&agreeing(), &url, 3, &["can't connect to", "db.invalid"]);
    }
}

#[test]
fn a_server_that_stays_silent_is_3_within_the_deadline() {
    // The kernel accepts; nobody reads.
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    for url in urls(&format!("127.0.0.1:{port}")) {
        let says = ["did not answer within 1 s while connecting"];
        let json = ends(&agreeing(), &["--deadline", "1", "--database-url", &url], &[], 3, &says);
        let elapsed = json.json().last().unwrap()["elapsed_ms"].as_u64().unwrap();
        assert!((1000..10_000).contains(&elapsed), "{elapsed} ms");
        let configured = agreeing().manifest("[workspace.metadata.fkcheck]\ndeadline = 1");
        ends(&configured, &["--database-url", &url], &[], 3, &says);
    }
}

#[test]
fn a_wrong_password_is_3_on_postgres() {
    let Some(server) = fkcheck_tests::postgres() else { return };
    let database = server.fresh_database();
    database.execute(DATABASE);
    // `tests/lib-servers.sh` lets this role in by its password alone.
    database.execute(
        "SET password_encryption = 'scram-sha-256';
         DO $$ BEGIN CREATE ROLE fkcheck_password LOGIN; EXCEPTION WHEN duplicate_object THEN NULL; END $$;
         ALTER ROLE fkcheck_password PASSWORD 'Canary@S3cret'",
    );
    ends_at(&agreeing(), &database.url_as("fkcheck_password", PASSWORD), 0, &[]);
    ends_at(&drifted(), &database.url_as("fkcheck_password", PASSWORD), 1, &["CASCADE in the database"]);
    let says = ["refused the login: password authentication failed for user \"fkcheck_password\""];
    ends_at(&agreeing(), &database.url_as("fkcheck_password", "Canary%40S3cret2"), 3, &says);
    let without = database.url_as("fkcheck_password", "").replace(":@", "@");
    ends_at(&agreeing(), &without, 3, &["it asks for a password"]);
    let elsewhere = database.url().replace(database.name(), "fkcheck_no_such_database");
    ends_at(&agreeing(), &elsewhere, 3, &["fkcheck_no_such_database"]);
}

#[test]
fn a_wrong_password_is_3_on_mariadb() {
    let Some(server) = fkcheck_tests::mariadb() else { return };
    let database = server.fresh_database();
    database.execute(DATABASE);
    let name = database.name();
    database.execute(&format!(
        "CREATE USER '{name}'@'127.0.0.1' IDENTIFIED BY 'Canary@S3cret';
         GRANT REFERENCES ON {name}.* TO '{name}'@'127.0.0.1'"
    ));
    ends_at(&agreeing(), &database.url_as(name, PASSWORD), 0, &[]);
    ends_at(&drifted(), &database.url_as(name, PASSWORD), 1, &["CASCADE in the database"]);
    let says = ["refused the login: Access denied for user"];
    ends_at(&agreeing(), &database.url_as(name, "Canary%40S3cret2"), 3, &says);
    ends_at(&agreeing(), &database.url_as(name, "").replace(":@", "@"), 3, &says);
    let elsewhere = database.url().replace(database.name(), "fkcheck_no_such_database");
    ends_at(&agreeing(), &elsewhere, 3, &["fkcheck_no_such_database"]);
    database.execute(&format!("DROP USER '{name}'@'127.0.0.1'"));
}
