//! The harness itself: databases go when their test is over, and servers when their command is.

use std::panic::{AssertUnwindSafe, catch_unwind};

use diesel_async::{AsyncConnection, AsyncPgConnection};
use fkcheck_tests::{Server, mariadb, postgres};

/// Whether a database of this name can be made, which tells whether there is one.
fn is_free(server: &Server, name: &str) -> bool {
    let made = catch_unwind(AssertUnwindSafe(|| {
        server.execute_globally(&format!("CREATE DATABASE {name}"));
    }));
    if made.is_ok() {
        server.execute_globally(&format!("DROP DATABASE {name}"));
    }
    made.is_ok()
}

fn a_fresh_database_goes_with_its_test(server: &Server) {
    let (first, second) = (server.fresh_database(), server.fresh_database());
    for database in [&first, &second] {
        database.execute("CREATE TABLE orders (id BIGINT PRIMARY KEY); INSERT INTO orders VALUES (1)");
    }
    let names = [first.name().to_owned(), second.name().to_owned()];
    assert_ne!(names[0], names[1]);
    assert!(!is_free(server, &names[0]));

    drop(first);
    assert!(is_free(server, &names[0]));
    assert!(!is_free(server, &names[1]));

    // Also when the test fails.
    let failed = catch_unwind(AssertUnwindSafe(move || second.execute("SELECT no_such_column FROM orders")));
    assert!(failed.is_err());
    assert!(is_free(server, &names[1]));
}

#[test]
fn a_fresh_postgres_database_goes_with_its_test() {
    let Some(server) = postgres() else { return };
    a_fresh_database_goes_with_its_test(&server);
}

#[test]
fn a_fresh_mariadb_database_goes_with_its_test() {
    let Some(server) = mariadb() else { return };
    a_fresh_database_goes_with_its_test(&server);
}

#[test]
fn a_postgres_database_goes_though_a_client_is_connected() {
    let Some(server) = postgres() else { return };
    let database = server.fresh_database();
    let name = database.name().to_owned();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let client = runtime.block_on(AsyncPgConnection::establish(&database.url())).unwrap();
    drop(database);
    assert!(is_free(&server, &name));
    drop(client);
}

#[test]
fn a_server_in_debug_output_has_no_url() {
    for server in [postgres(), mariadb()].into_iter().flatten() {
        let shown = format!("{:?}", server.fresh_database());
        assert!(!shown.contains("://") && !shown.contains('@'), "{shown}");
    }
}

/// `tests/with-servers`, watched through /proc.
#[cfg(target_os = "linux")]
mod with_servers {
    use std::fs::Permissions;
    use std::io::{BufRead, BufReader, Write as _};
    use std::os::unix::fs::PermissionsExt;
    use std::path::{Path, PathBuf};
    use std::process::{Child, Command, ExitStatus, Stdio};
    use std::time::{Duration, Instant};

    /// A run of `with-servers` with all that it makes in a directory of its own.
    struct Session {
        dir: tempfile::TempDir,
        child: Child,
        /// The first line that its command printed.
        line: String,
    }

    /// Starts `with-servers bash -c SCRIPT` without the engines in `skip`, and waits for a line from the script, which is
    /// to print one when it is up.
    fn start(script: &str, skip: &str) -> Session {
        let dir = tempfile::tempdir().unwrap();
        // The servers run as somebody else when the tests run as root.
        std::fs::set_permissions(dir.path(), Permissions::from_mode(0o755)).unwrap();
        let mut child = Command::new(Path::new(env!("CARGO_MANIFEST_DIR")).join("with-servers"))
            .args(["bash", "-c", script])
            .env("TMPDIR", dir.path())
            .env("FKCHECK_TEST_SKIP", skip)
            .env_remove("FKCHECK_TEST_POSTGRES_URL")
            .env_remove("FKCHECK_TEST_MARIADB_URL")
            .current_dir(dir.path())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        assert!(!line.is_empty(), "with-servers ended early: {:?}", child.wait());
        Session { dir, child, line: line.trim().to_owned() }
    }

    impl Session {
        fn signal(&self, name: &str) {
            signal(name, &self.child.id().to_string());
        }

        fn end(&mut self) -> ExitStatus {
            self.child.wait().unwrap()
        }

        /// What is left in the directory.
        fn files(&self) -> Vec<PathBuf> {
            std::fs::read_dir(self.dir.path()).unwrap().map(|entry| entry.unwrap().path()).collect()
        }

        /// The processes that work in the directory (the servers, in theirs, and the command) or name it.
        fn processes(&self) -> Vec<String> {
            let dir = self.dir.path().to_str().unwrap();
            let mut found = Vec::new();
            for entry in std::fs::read_dir("/proc").unwrap() {
                let process = entry.unwrap().path();
                let command = std::fs::read(process.join("cmdline")).unwrap_or_default();
                let command = String::from_utf8_lossy(&command).replace('\0', " ");
                let works_there =
                    std::fs::read_link(process.join("cwd")).is_ok_and(|cwd| cwd.starts_with(dir));
                if works_there || command.contains(dir) {
                    found.push(format!("{} {command}", process.display()));
                }
            }
            found
        }

        fn assert_nothing_is_left(&self) {
            assert_eq!(self.files(), Vec::<PathBuf>::new());
            assert_eq!(self.processes(), Vec::<String>::new());
        }
    }

    fn signal(name: &str, pid: &str) {
        let sent = Command::new("bash").args(["-c", "kill -$0 $1", name, pid]).status().unwrap();
        assert!(sent.success(), "kill -{name} {pid}");
    }

    /// `FKCHECK_TEST_SKIP` for a session that starts what the `with-servers` around this test has started: what runs
    /// elsewhere need not be installed here. `None` if it started nothing.
    fn skip() -> Option<&'static str> {
        let started = std::env::var("FKCHECK_TEST_STARTED").unwrap_or_default();
        match (started.contains("postgres"), started.contains("mariadb")) {
            (true, true) => Some(""),
            (true, false) => Some("mariadb"),
            (false, true) => Some("postgres"),
            (false, false) => {
                let _ = writeln!(
                    std::io::stderr(),
                    "SKIPPED: a test of with-servers, which has started none here"
                );
                None
            }
        }
    }

    #[test]
    fn nothing_is_left_when_the_command_ends() {
        let Some(skip) = skip() else { return };
        // Connects to each server that it was told of.
        let mut session = start(
            "for url in $FKCHECK_TEST_POSTGRES_URL $FKCHECK_TEST_MARIADB_URL; do
                 place=${url##*@} && place=${place%%/*} && exec 3<>/dev/tcp/${place%:*}/${place#*:} || exit 1
             done
             ls -d fkcheck-server.*",
            skip,
        );
        assert!(session.line.starts_with("fkcheck-server."), "{}", session.line);
        assert_eq!(session.end().code(), Some(0));
        session.assert_nothing_is_left();
    }

    #[test]
    fn nothing_is_left_when_the_command_fails() {
        let Some(skip) = skip() else { return };
        let mut session = start("echo up; exit 7", skip);
        assert_eq!(session.end().code(), Some(7));
        session.assert_nothing_is_left();
    }

    #[test]
    fn nothing_is_left_after_a_signal() {
        let Some(skip) = skip() else { return };
        for (name, code) in [("TERM", 143), ("INT", 130)] {
            // The command has a child of its own, as cargo has.
            let mut session = start("sleep 600 & echo up; wait", skip);
            assert!(session.processes().len() > 2, "{:?}", session.processes());
            session.signal(name);
            assert_eq!(session.end().code(), Some(code));
            session.assert_nothing_is_left();
        }
    }

    #[test]
    fn the_servers_end_when_the_script_is_killed() {
        let Some(skip) = skip() else { return };
        let mut session = start("echo $$; exec sleep 600", skip);
        session.signal("KILL");
        session.end();
        signal("TERM", &session.line);
        let begun = Instant::now();
        while !session.processes().is_empty() && begun.elapsed() < Duration::from_secs(20) {
            std::thread::sleep(Duration::from_millis(50));
        }
        assert_eq!(session.processes(), Vec::<String>::new());
    }
}
