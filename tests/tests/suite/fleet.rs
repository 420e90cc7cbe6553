//! Many databases of one schema: one report, which names those that differ and those that could not be read.

use std::io::{Read as _, Write as _};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use fkcheck_tests::{Database, Run, Server, SqliteFile, Workspace, fkcheck, fkcheck_with_stdin, unwrapped};

/// `Canary@S3cret`, as it stands in a URL.
const PASSWORD: &str = "Canary%40S3cret";

/// The tables, with this in place of the key's action.
fn tables(action: &str) -> String {
    format!(
        "CREATE TABLE organizations (id INTEGER NOT NULL PRIMARY KEY);
         CREATE TABLE batch_jobs (id INTEGER NOT NULL PRIMARY KEY, org_id INTEGER NOT NULL,
             CONSTRAINT batch_jobs_org FOREIGN KEY (org_id) REFERENCES organizations (id) {action});
         CREATE INDEX batch_jobs_org_id ON batch_jobs (org_id)"
    )
}

fn without_key() -> String {
    "CREATE TABLE organizations (id INTEGER NOT NULL PRIMARY KEY);
     CREATE TABLE batch_jobs (id INTEGER NOT NULL PRIMARY KEY, org_id INTEGER NOT NULL)"
        .to_owned()
}

/// The code means CASCADE.
fn workspace() -> Workspace {
    Workspace::new().file(
        "src/lib.rs",
        "diesel::table! { organizations (id) { id -> Integer, } }
diesel::table! { batch_jobs (id) { id -> Integer, org_id -> Integer, } }

#[derive(Queryable, fkcheck_macros::ForeignKeys)]
#[diesel(table_name = batch_jobs)]
pub struct BatchJob {
    pub id: i32,
    #[fk(references = organizations(id), on_delete = cascade)]
    pub org_id: i32,
}",
    )
}

/// So many SQLite files in a directory; those at these places have another action.
fn sqlite_files(dir: &Path, count: usize, drifted: &[usize]) -> Vec<PathBuf> {
    let agreeing = SqliteFile::new(&tables("ON DELETE CASCADE"));
    let other = SqliteFile::new(&tables("ON DELETE SET NULL"));
    let copy = |at: usize| {
        let path = dir.join(format!("tenant_{at:03}.db"));
        let original = if drifted.contains(&at) { &other } else { &agreeing };
        std::fs::copy(original.path(), &path).expect("copied");
        path
    };
    (0..count).map(copy).collect()
}

/// Writes a list of URLs into the workspace; gives its path.
fn list(workspace: &Workspace, urls: &[String]) -> String {
    workspace.write("urls.txt", &format!("# all of them\n\n{}\n", urls.join("\n")));
    workspace.dir().join("urls.txt").display().to_string()
}

/// Runs, and checks that nothing secret is printed.
fn run(workspace: &Workspace, arguments: &[&str]) -> Run {
    let run = fkcheck(workspace.dir(), arguments, &[]);
    for secret in ["Canary", "S3cret", "%40S"] {
        assert!(!run.stdout.contains(secret) && !run.stderr.contains(secret), "{arguments:?}: {run:?}");
    }
    run
}

/// The lines of a JSON stream without the time.
fn timeless(run: &Run) -> Vec<serde_json::Value> {
    let mut lines = run.json();
    if let Some(last) = lines.last_mut() {
        last["elapsed_ms"] = 0.into();
    }
    lines
}

fn databases(finding: &serde_json::Value) -> Vec<String> {
    let names = finding["databases"].as_array().expect("several databases");
    names.iter().map(|name| name.as_str().expect("a name").to_owned()).collect()
}

#[test]
fn four_hundred_sqlite_files_are_one_report() {
    let dir = tempfile::tempdir().unwrap();
    let drifted = [3, 17, 399];
    let mut urls: Vec<String> = sqlite_files(dir.path(), 400, &drifted)
        .iter()
        .map(|path| format!("sqlite://{}", path.display()))
        .collect();
    let name = |at: usize| dir.path().join(format!("tenant_{at:03}.db")).display().to_string();
    let absent = dir.path().join("absent.db").display().to_string();
    urls.insert(200, absent.clone());
    // What is listed twice is read once.
    urls.push(urls[0].clone());
    let workspace = workspace();
    let list = list(&workspace, &urls);

    let human = run(&workspace, &["--database-urls-from", &list]).expect(1);
    let text = unwrapped(&human.stdout);
    for said in [
        "`batch_jobs.org_id` → `organizations` is ON DELETE CASCADE in the code and SET NULL in the database",
        &format!("in 3 of 401 databases: {}, {}, {}", name(3), name(17), name(399)),
        "3 of 401 databases: SET NULL; 397: CASCADE; 1: unknown",
        &format!("urls.txt:203: there is no SQLite database at {absent}"),
        "400 of 401 databases compared: 1 foreign key declared, 1 observed, 1 compared, 0 undeclared, 0 skipped",
    ] {
        assert!(text.contains(said), "{said:?} is not in:\n{text}");
    }
    assert_eq!(text.matches("error[fk_on_delete_mismatch]").count(), 1, "{text}");
    let comparing: Vec<&str> =
        human.stderr.lines().filter(|line| line.trim_start().starts_with("Comparing")).collect();
    assert_eq!(comparing.len(), 2, "{comparing:?}");
    assert!(comparing[0].contains("of 397 databases (SQLite "), "{comparing:?}");
    assert!(comparing[0].ends_with("tenant_000.db and 396 more)"), "{comparing:?}");
    assert!(comparing[1].ends_with("tenant_003.db and 2 more)"), "{comparing:?}");

    let json = |jobs: &str| {
        run(&workspace, &["--message-format", "json", "--jobs", jobs, "--database-urls-from", &list])
            .expect(1)
    };
    let eight = json("8");
    assert_eq!(eight.rules(), ["fk_on_delete_mismatch"]);
    assert_eq!(databases(&eight.findings()[0]), drifted.map(name));
    let end = timeless(&eight).pop().unwrap();
    assert_eq!(end["counts"]["databases"], serde_json::json!({ "asked": 401, "compared": 400 }));
    assert_eq!(end["problems"].as_array().unwrap().len(), 1, "{end}");
    assert_eq!(timeless(&eight), timeless(&json("1")));
    for cargo_s_own in ["default", "-2", "0"] {
        assert_eq!(timeless(&eight), timeless(&json(cargo_s_own)));
    }
    assert_eq!(human.stdout, run(&workspace, &["-j", "1", "--database-urls-from", &list]).expect(1).stdout);

    // Both halves together see what the whole sees, each thing once.
    let half = |share: &str| {
        let arguments = ["--message-format", "json", "--partition", share, "--database-urls-from", &list];
        run(&workspace, &arguments).expect(1)
    };
    let (first, second) = (half("1/2"), half("2/2"));
    let drifted_in = |run: &Run| databases(&run.findings()[0]);
    let mut both = [drifted_in(&first), drifted_in(&second)].concat();
    both.sort();
    assert_eq!(both, drifted.map(name));
    let count =
        |run: &Run, what: &str| timeless(run).pop().unwrap()["counts"]["databases"][what].as_u64().unwrap();
    assert_eq!((count(&first, "asked"), count(&second, "asked")), (201, 200));
    assert_eq!(count(&first, "compared") + count(&second, "compared"), 400);
}

#[test]
fn the_list_is_read_from_stdin_and_together_with_arguments() {
    let dir = tempfile::tempdir().unwrap();
    let files = sqlite_files(dir.path(), 3, &[]);
    let text: Vec<String> = files.iter().map(|path| path.display().to_string()).collect();
    let workspace = workspace();
    let compared = |run: &Run| run.json().pop().unwrap()["counts"]["databases"]["compared"].as_u64();
    let arguments = ["--message-format", "json", "--database-urls-from", "-"];
    let run = fkcheck_with_stdin(workspace.dir(), &arguments, &text.join("\n")).expect(0);
    assert_eq!(compared(&run), Some(3));
    // A drifted one by argument.
    let drifted = SqliteFile::new(&tables("ON DELETE RESTRICT"));
    let url = drifted.url();
    let with_argument = [&arguments[..], &["--database-url", &url, "--database-url", &text[0]]].concat();
    let run = fkcheck_with_stdin(workspace.dir(), &with_argument, &text.join("\n")).expect(1);
    assert_eq!(compared(&run), Some(4));
    assert_eq!(databases(&run.findings()[0]), [drifted.path().display().to_string()]);
    // One alone is reported as it always was.
    let one = fkcheck_with_stdin(workspace.dir(), &arguments, &text[0]).expect(0);
    let by_argument = fkcheck(
        workspace.dir(),
        &["--message-format", "json", "--database-url", &text[0], "--database-url", &text[0]],
        &[],
    );
    assert_eq!(timeless(&one), timeless(&by_argument.expect(0)));
    assert_eq!(compared(&one), None);
}

#[test]
fn a_list_that_is_none_is_2_and_is_not_quoted() {
    let workspace = workspace();
    let bad = [format!("postgres://ci:{PASSWORD}@h/a"), "postgres://ci:Canary#S3cret@h/b".to_owned()];
    let path = list(&workspace, &bad);
    let run_with = |arguments: &[&str]| run(&workspace, arguments);
    let failed = run_with(&["--database-urls-from", &path]).expect(2);
    assert!(failed.stderr.contains("urls.txt:4: the database URL can't be used: "), "{failed:?}");
    let stdin =
        fkcheck_with_stdin(workspace.dir(), &["--database-urls-from", "-"], &bad.join("\n")).expect(2);
    assert!(stdin.stderr.contains("error: -:2: the database URL can't be used: "), "{stdin:?}");
    assert!(!stdin.stderr.contains("Canary"), "{stdin:?}");
    let _ = run_with(&["--database-urls-from", "/no/such/list"]).expect(2);
    let _ = run_with(&["--database-urls-from", &bad[0]]).expect(2);
    for partition in ["0/2", "3/2", "1", "a/b", "1/0", "-1/2"] {
        let _ = run_with(&["--partition", partition, "--database-urls-from", &path]).expect(2);
    }
    let alone = run_with(&["--partition", "1/2"]).expect(2);
    assert!(alone.stderr.contains("`--partition` takes a share of a list"), "{alone:?}");
    // A word is the path of a SQLite file, one that isn't there a slip, and its place is named.
    for others in [&[][..], &["/no/such/other.db".to_owned()]] {
        let path = list(&workspace, &[&["bogus".to_owned()], others].concat());
        let failed = run_with(&["--database-urls-from", &path]).expect(3);
        assert!(
            unwrapped(&failed.stdout).contains("urls.txt:3: there is no SQLite database at "),
            "{failed:?}"
        );
    }
    // Nothing listed, or nothing in the share, is no pass.
    let empty = list(&workspace, &[]);
    let failed = run_with(&["--database-urls-from", &empty]).expect(3);
    assert!(unwrapped(&failed.stdout).contains("urls.txt lists no database"), "{failed:?}");
    let sqlite = SqliteFile::new(&tables("ON DELETE CASCADE"));
    let _ = run_with(&["--partition", "1/2", "--database-url", &sqlite.url()]).expect(0);
    let failed = run_with(&["--partition", "2/2", "--database-url", &sqlite.url()]).expect(3);
    assert!(unwrapped(&failed.stdout).contains("the share 2/2 holds no database"), "{failed:?}");
}

#[test]
fn what_holds_everywhere_needs_no_note() {
    let dir = tempfile::tempdir().unwrap();
    let urls: Vec<String> =
        sqlite_files(dir.path(), 4, &[0, 1, 2, 3]).iter().map(|path| path.display().to_string()).collect();
    let workspace = workspace();
    let list = list(&workspace, &urls);
    let run = run(&workspace, &["--message-format", "json", "--database-urls-from", &list]).expect(1);
    assert_eq!(databases(&run.findings()[0]), urls);
    assert!(!run.stdout.contains("of 4 databases:"), "{run:?}");
}

#[test]
fn an_empty_database_hides_nothing_of_the_others() {
    let dir = tempfile::tempdir().unwrap();
    let mut urls: Vec<String> =
        sqlite_files(dir.path(), 4, &[1]).iter().map(|path| path.display().to_string()).collect();
    let empty = SqliteFile::new("CREATE TABLE others (id INTEGER NOT NULL PRIMARY KEY)");
    urls.push(empty.url());
    let workspace = workspace();
    let text =
        unwrapped(&run(&workspace, &["--database-urls-from", &list(&workspace, &urls)]).expect(1).stdout);
    let path = empty.path().display().to_string();
    for said in [
        "1 of 5 databases: SET NULL; 3: CASCADE; 1: unknown",
        &format!("database {path} has none of the annotated tables"),
        "4 of 5 databases compared",
    ] {
        assert!(text.contains(said), "{said:?} is not in:\n{text}");
    }
    urls.remove(1);
    let _ = run(&workspace, &["--database-urls-from", &list(&workspace, &urls)]).expect(3);
}

#[test]
fn one_finding_of_two_groups_and_of_two_equal_keys_names_each_database_once() {
    let twice = "CREATE TABLE organizations (id INTEGER NOT NULL PRIMARY KEY);
        CREATE TABLE batch_jobs (id INTEGER NOT NULL PRIMARY KEY,
            org_id INTEGER NOT NULL REFERENCES organizations (id) ON DELETE CASCADE,
            team_id INTEGER REFERENCES organizations (id) REFERENCES organizations (id))";
    let more = format!("{twice}; CREATE TABLE others (id INTEGER NOT NULL PRIMARY KEY)");
    let files = [twice, &more].map(SqliteFile::new);
    let urls = files.each_ref().map(|file| file.path().display().to_string());
    let workspace = workspace();
    let list = list(&workspace, &urls);
    let json = run(&workspace, &["--message-format", "json", "--database-urls-from", &list]).expect(0);
    assert_eq!(json.rules(), ["fk_undeclared", "fk_missing_index"]);
    for finding in json.findings() {
        assert_eq!(databases(&finding), urls, "{finding}");
        assert_eq!(finding["database"], format!("2 databases ({} and 1 more)", urls[0]));
    }
}

#[test]
fn a_baseline_knows_a_fleet_s_findings() {
    let dir = tempfile::tempdir().unwrap();
    let files = sqlite_files(dir.path(), 6, &[2, 4]);
    let urls: Vec<String> = files.iter().map(|path| path.display().to_string()).collect();
    let workspace = workspace();
    let list = list(&workspace, &urls);
    let from = ["--database-urls-from", &list];
    let _ = run(&workspace, &[&["baseline"], &from[..]].concat()).expect(0);
    let known = run(&workspace, &from).expect(0);
    assert!(known.stdout.contains("1 known, in the baseline"), "{known:?}");
    // A share that doesn't show them is no proof that they are gone.
    let _ = run(&workspace, &[&["--partition", "2/2"], &from[..]].concat()).expect(0);
    let _ = run(&workspace, &[&["baseline", "--partition", "2/2"], &from[..]].concat()).expect(2);
}

#[test]
fn a_snapshot_is_of_databases_that_show_the_same() {
    let dir = tempfile::tempdir().unwrap();
    let files = sqlite_files(dir.path(), 6, &[4]);
    let urls: Vec<String> = files.iter().map(|path| path.display().to_string()).collect();
    let workspace = workspace();
    let snapshot = |urls: &[String]| {
        let list = list(&workspace, urls);
        run(&workspace, &["snapshot", "--database-urls-from", &list])
    };
    let differing = snapshot(&urls).expect(1);
    assert!(
        differing.stderr.contains("the databases differ, and a snapshot is of one schema"),
        "{differing:?}"
    );
    assert!(differing.stderr.contains("5 databases (SQLite "), "{differing:?}");
    assert!(differing.stderr.contains(&urls[4]), "{differing:?}");
    assert!(!workspace.dir().join("fkcheck.lock").exists());
    let _ = snapshot(&urls[..4]).expect(0);
    let written = std::fs::read_to_string(workspace.dir().join("fkcheck.lock")).unwrap();
    let alone = run(&workspace, &["snapshot", "--check", "--database-url", &urls[0]]).expect(0);
    assert!(alone.stderr.contains("is current"), "{alone:?}\n{written}");
}

/// So many databases on a server, the last ones with other statements.
fn server_databases(server: &Server, count: usize, last: &[String]) -> Vec<Database> {
    let agreeing = tables("ON DELETE CASCADE");
    let fresh = |at: usize| {
        let database = server.fresh_database();
        let other = (at + last.len()).checked_sub(count).map(|at| &last[at]);
        database.execute(other.unwrap_or(&agreeing));
        database
    };
    (0..count).map(fresh).collect()
}

#[test]
fn fifty_postgres_databases_are_one_report() {
    let Some(server) = fkcheck_tests::postgres() else { return };
    let drifted = [tables(""), tables(""), without_key()];
    let databases_made = server_databases(&server, 50, &drifted);
    // The server takes this role without asking for the password.
    let mut urls: Vec<String> =
        databases_made.iter().map(|database| database.url_as("postgres", PASSWORD)).collect();
    urls.insert(7, format!("postgres://ci:{PASSWORD}@127.0.0.1:1/tenant_gone"));
    let name = |at: usize| databases_made[at].name().to_owned();
    let workspace = workspace();
    let list = list(&workspace, &urls);

    let human = run(&workspace, &["-v", "--database-urls-from", &list]).expect(1);
    let text = unwrapped(&human.stdout);
    for said in [
        "is ON DELETE CASCADE in the code and NO ACTION in the database",
        &format!("in 2 of 51 databases: {}, {}", name(47), name(48)),
        "2 of 51 databases: NO ACTION; 47: CASCADE; 1: no such key; 1: unknown",
        &format!("in 1 of 51 databases: {}", name(49)),
        "1 of 51 databases: no such key; 47: CASCADE; 2: NO ACTION; 1: unknown",
        "could not know: can't connect to PostgreSQL database tenant_gone at 127.0.0.1:1 as ci",
        "50 of 51 databases compared: 1 foreign key declared, 1 observed, 1 compared",
        "2 errors; could not know: 1 problem",
    ] {
        assert!(text.contains(said), "{said:?} is not in:\n{text}");
    }
    assert!(human.stderr.contains("of 47 databases (PostgreSQL "), "{human:?}");
    assert!(human.stderr.contains("postgres://ci:***@127.0.0.1:1/tenant_gone"), "{human:?}");

    let json = |jobs: &str| {
        run(&workspace, &["--message-format", "json", "-j", jobs, "--database-urls-from", &list]).expect(1)
    };
    let eight = json("8");
    let mut found: Vec<(String, Vec<String>)> = eight
        .findings()
        .iter()
        .map(|finding| (finding["rule"].as_str().unwrap().to_owned(), databases(finding)))
        .collect();
    found.sort();
    let expected = [
        ("fk_missing_in_source".to_owned(), vec![name(49)]),
        ("fk_on_delete_mismatch".to_owned(), vec![name(47), name(48)]),
    ];
    assert_eq!(found, expected);
    assert_eq!(timeless(&eight), timeless(&json("1")));
    assert_eq!(human.stdout, run(&workspace, &["-j1", "--database-urls-from", &list]).expect(1).stdout);
    // Only the one that is gone: could not know.
    let agreeing = &urls[..20].join("\n");
    let unknown = fkcheck_with_stdin(workspace.dir(), &["--database-urls-from", "-"], agreeing).expect(3);
    assert!(unwrapped(&unknown.stdout).contains("19 of 20 databases compared"), "{unknown:?}");
}

#[test]
fn the_order_of_keys_matters_on_the_same_columns_alone() {
    let Some(server) = fkcheck_tests::postgres() else { return };
    let key = |name: &str, column: &str, action: &str| {
        format!(
            "ALTER TABLE batch_jobs ADD CONSTRAINT {name} FOREIGN KEY ({column}) REFERENCES organizations (id) ON DELETE {action};"
        )
    };
    let comparing = |first: &str, second: &str| {
        let tables = format!("{}; ALTER TABLE batch_jobs ADD team_id INTEGER;", without_key());
        let made = server_databases(
            &server,
            2,
            &[format!("{tables}{first}{second}"), format!("{tables}{second}{first}")],
        );
        let workspace = workspace();
        let list = list(&workspace, &made.iter().map(Database::url).collect::<Vec<_>>());
        run(&workspace, &["--database-urls-from", &list]).stderr.matches("Comparing").count()
    };
    let (on_org, on_team) = (key("a", "org_id", "CASCADE"), key("b", "team_id", "RESTRICT"));
    assert_eq!(comparing(&on_org, &on_team), 1);
    assert_eq!(comparing(&on_org, &key("b", "org_id", "RESTRICT")), 2);
}

#[test]
fn mariadb_s_schemas_differ_by_name_alone() {
    let Some(server) = fkcheck_tests::mariadb() else { return };
    let made = server_databases(&server, 5, &[tables("ON DELETE RESTRICT")]);
    let workspace = workspace();
    let list = list(&workspace, &made.iter().map(Database::url).collect::<Vec<_>>());
    let human = run(&workspace, &["--database-urls-from", &list]).expect(1);
    assert!(
        human.stderr.contains("of 4 databases (MariaDB ") || human.stderr.contains("of 4 databases (MySQL ")
    );
    let text = unwrapped(&human.stdout);
    assert!(text.contains("1 of 5 databases: RESTRICT; 4: CASCADE"), "{text}");
    // Code that names one of the schemas means no other.
    let named = format!(
        "diesel::table! {{ {schema}.organizations (id) {{ id -> Integer, }} }}
diesel::table! {{ {schema}.batch_jobs (id) {{ id -> Integer, org_id -> Integer, }} }}
fkcheck_macros::foreign_keys! {{
    {schema}::batch_jobs (org_id) -> {schema}::organizations (id), on_delete = cascade;
}}",
        schema = made[2].name()
    );
    workspace.write("src/lib.rs", &named);
    let text = unwrapped(&run(&workspace, &["--database-urls-from", &list]).expect(3).stdout);
    assert!(text.contains("1 of 5 databases compared"), "{text}");
}

/// A port through which a server answers later, in either direction.
fn delayed(port: u16, delay: Duration) -> u16 {
    fn forward(mut from: TcpStream, mut to: TcpStream, delay: Duration) {
        let mut buffer = [0; 8192];
        while let Ok(count @ 1..) = from.read(&mut buffer) {
            std::thread::sleep(delay);
            if to.write_all(&buffer[..count]).is_err() {
                break;
            }
        }
        let _ = to.shutdown(Shutdown::Write);
    }
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let here = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        for client in listener.incoming().map_while(Result::ok) {
            let server = TcpStream::connect(("127.0.0.1", port)).expect("the server answers");
            for stream in [&client, &server] {
                stream.set_nodelay(true).unwrap();
            }
            let (client_too, server_too) = (client.try_clone().unwrap(), server.try_clone().unwrap());
            std::thread::spawn(move || forward(client, server, delay));
            std::thread::spawn(move || forward(server_too, client_too, delay));
        }
    });
    here
}

#[test]
#[ignore = "a benchmark: it prints"]
fn how_much_less_time_eight_jobs_take() {
    let Some(server) = fkcheck_tests::postgres() else { return };
    let made = server_databases(&server, 24, &[]);
    let port = url::Url::parse(&made[0].url()).unwrap().port().unwrap_or(5432);
    let delayed = delayed(port, Duration::from_millis(20));
    let url = |database: &Database| {
        let mut url = url::Url::parse(&database.url()).unwrap();
        url.set_port(Some(delayed)).unwrap();
        url.to_string()
    };
    let workspace = workspace();
    let list = list(&workspace, &made.iter().map(url).collect::<Vec<_>>());
    let taken = |jobs: &str| {
        let started = Instant::now();
        let _ = run(&workspace, &["--jobs", jobs, "--database-urls-from", &list]).expect(0);
        started.elapsed()
    };
    let (one, eight) = (taken("1"), taken("8"));
    let ratio = one.as_secs_f64() / eight.as_secs_f64();
    println!(
        "24 databases, 20 ms each way: {one:?} one by one, {eight:?} eight at once, {ratio:.1} times as fast"
    );
}
