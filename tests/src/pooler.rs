//! What stands between a client and a PostgreSQL server: `PgBouncer`, `PGlite`'s socket, and a relay that counts.

use std::io::{self, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use crate::Database;

/// A process that listens on a port of this host; killed when it goes.
#[derive(Debug)]
pub struct Pooler {
    child: Child,
    port: u16,
    _directory: tempfile::TempDir,
}

impl Pooler {
    /// `PgBouncer` in transaction mode before the server of this database, with one session for all clients; `None` where
    /// `FKCHECK_TEST_SKIP` names `pgbouncer`.
    pub fn pgbouncer(database: &Database) -> Option<Self> {
        if crate::is_skipped("pgbouncer") {
            return None;
        }
        let url = url::Url::parse(&database.url()).expect("a URL");
        let directory = tempfile::tempdir().expect("a directory");
        let (configuration, port) = (directory.path().join("pgbouncer.ini"), free_port());
        let password = url.password().map(|password| format!("password={password}")).unwrap_or_default();
        let text = format!(
            "[databases]\n* = host={} port={} user={} {password}\n[pgbouncer]\nlisten_addr = 127.0.0.1\n\
             listen_port = {port}\nunix_socket_dir =\nauth_type = any\npool_mode = transaction\n\
             default_pool_size = 1\n",
            url.host_str().expect("a host"),
            url.port().unwrap_or(5432),
            url.username(),
        );
        std::fs::write(&configuration, text).expect("written");
        let mut command = Command::new(program("pgbouncer", "/usr/sbin/pgbouncer"));
        command.arg("--quiet").arg(&configuration);
        // It refuses to be root.
        if belongs_to_root(directory.path()) {
            readable_by_all(directory.path(), &configuration);
            command.args(["--user", "nobody"]);
        }
        Some(Pooler::start(command, port, directory))
    }

    /// `PGlite` behind its socket: one session for all clients, one after the other. `None` where `FKCHECK_TEST_PGLITE`
    /// doesn't name a directory with the npm package `@electric-sql/pglite-socket`.
    pub fn pglite() -> Option<Self> {
        let modules = std::env::var_os("FKCHECK_TEST_PGLITE")?;
        let (directory, port) = (tempfile::tempdir().expect("a directory"), free_port());
        let mut command = Command::new("node");
        command.arg(Path::new(&modules).join("node_modules/.bin/pglite-server"));
        command.args([format!("--port={port}"), "--host=127.0.0.1".to_owned(), "--db=memory://".to_owned()]);
        Some(Pooler::start(command, port, directory))
    }

    fn start(mut command: Command, port: u16, directory: tempfile::TempDir) -> Self {
        let child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn();
        let child = child.unwrap_or_else(|error| panic!("{command:?}: {error}; tests/run installs it"));
        let mut pooler = Pooler { child, port, _directory: directory };
        for _ in 0..600 {
            // By a whole log-in: PGlite lets nobody in while somebody else is there.
            if crate::servers::try_on_postgres(&pooler.url("postgres"), "SELECT 1").is_ok() {
                return pooler;
            }
            let ended = pooler.child.try_wait().expect("asked");
            assert!(ended.is_none(), "{command:?} ended at its start: {ended:?}");
            std::thread::sleep(Duration::from_millis(50));
        }
        panic!("{command:?} isn't ready after 30 s");
    }

    /// Runs statements, with `;` between them. `PGlite` turns clients away for a while after the last has gone.
    pub fn execute(&self, database: &str, sql: &str) {
        let pause = || std::thread::sleep(Duration::from_millis(500));
        pause();
        crate::servers::try_on_postgres(&self.url(database), sql)
            .unwrap_or_else(|error| panic!("{error}\n{sql}"));
        pause();
    }

    /// The URL of a database behind it, as the server's superuser.
    pub fn url(&self, database: &str) -> String {
        format!("postgres://postgres@127.0.0.1:{}/{database}", self.port)
    }
}

impl Drop for Pooler {
    fn drop(&mut self) {
        let _gone = self.child.kill();
        let _waited = self.child.wait();
    }
}

fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr()).expect("a port").port()
}

/// What is on the path, or where Debian has it, which may not be on a user's.
fn program<'a>(name: &'a str, path: &'a str) -> &'a str {
    if Path::new(path).exists() { path } else { name }
}

#[cfg(unix)]
fn belongs_to_root(directory: &Path) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    std::fs::metadata(directory).expect("it is there").uid() == 0
}

#[cfg(not(unix))]
fn belongs_to_root(_: &Path) -> bool {
    false
}

#[cfg(unix)]
fn readable_by_all(directory: &Path, file: &Path) {
    use std::os::unix::fs::PermissionsExt as _;
    for (path, mode) in [(directory, 0o755), (file, 0o644)] {
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).expect("set");
    }
}

#[cfg(not(unix))]
fn readable_by_all(_: &Path, _: &Path) {}

/// How often clients have waited for the server, and how many have gone without a farewell.
#[derive(Debug, Default)]
pub struct Traffic {
    round_trips: AtomicUsize,
    connections: AtomicUsize,
    farewells: AtomicUsize,
}

impl Traffic {
    /// Requests, or batches of them, that were answered.
    pub fn round_trips(&self) -> usize {
        self.round_trips.load(Ordering::SeqCst)
    }

    /// Clients, and those of them that said farewell.
    pub fn connections_and_farewells(&self) -> (usize, usize) {
        (self.connections.load(Ordering::SeqCst), self.farewells.load(Ordering::SeqCst))
    }
}

/// Relays to the database's server and counts; ends with the process. `farewell` is the client's last message.
pub fn counting_relay(database: &Database, farewell: &'static [u8]) -> (String, Arc<Traffic>) {
    let mut url = url::Url::parse(&database.url()).expect("a URL");
    let server = (url.host_str().expect("a host").to_owned(), url.port().expect("a port"));
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    url.set_host(Some("127.0.0.1")).expect("a host");
    url.set_port(Some(listener.local_addr().expect("an address").port())).expect("a port");
    let traffic = Arc::new(Traffic::default());
    let counted = Arc::clone(&traffic);
    std::thread::spawn(move || {
        for client in listener.incoming().flatten() {
            let server = TcpStream::connect((server.0.as_str(), server.1)).expect("the server answers");
            counted.connections.fetch_add(1, Ordering::SeqCst);
            relay(&client, &server, &counted, farewell);
        }
    });
    (url.into(), traffic)
}

fn relay(client: &TcpStream, server: &TcpStream, traffic: &Arc<Traffic>, farewell: &'static [u8]) {
    let is_waiting = Arc::new(AtomicBool::new(false));
    let copies = || (client.try_clone().expect("a copy"), server.try_clone().expect("a copy"));
    let ((from, to), waiting, counted) = (copies(), Arc::clone(&is_waiting), Arc::clone(traffic));
    std::thread::spawn(move || {
        copy(from, to, |bytes| {
            if bytes.ends_with(farewell) {
                counted.farewells.fetch_add(1, Ordering::SeqCst);
            }
            waiting.store(true, Ordering::SeqCst);
        })
    });
    let ((to, from), counted) = (copies(), Arc::clone(traffic));
    std::thread::spawn(move || {
        copy(from, to, |_| {
            if is_waiting.swap(false, Ordering::SeqCst) {
                counted.round_trips.fetch_add(1, Ordering::SeqCst);
            }
        })
    });
}

fn copy(mut from: TcpStream, mut to: TcpStream, mut seen: impl FnMut(&[u8])) -> io::Result<()> {
    let mut bytes = vec![0; 1 << 16];
    loop {
        let length = from.read(&mut bytes)?;
        if length == 0 {
            return to.shutdown(Shutdown::Write);
        }
        seen(&bytes[..length]);
        to.write_all(&bytes[..length])?;
    }
}
