//! Fresh databases on the servers that `tests/with-servers` starts.

use std::fmt;
use std::io::Write as _;
use std::sync::atomic::{AtomicU32, Ordering};

use diesel_async::{AsyncConnection, AsyncMysqlConnection, AsyncPgConnection, SimpleAsyncConnection};

/// A server to make databases on.
#[derive(Clone)]
pub struct Server {
    kind: Kind,
    /// Without the database.
    base: String,
    /// The database to connect to for making others.
    home: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Postgres,
    Mariadb,
}

/// Without the URL, which may hold a password.
impl fmt::Debug for Server {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Server").field("kind", &self.kind).finish_non_exhaustive()
    }
}

/// A database of its own for one test, dropped when it goes.
#[derive(Debug)]
pub struct Database {
    server: Server,
    name: String,
}

/// The PostgreSQL server; `None` where `FKCHECK_TEST_SKIP` names `postgres`.
pub fn postgres() -> Option<Server> {
    server(Kind::Postgres, "postgres", "FKCHECK_TEST_POSTGRES_URL")
}

/// The MariaDB (or MySQL) server; `None` where `FKCHECK_TEST_SKIP` names `mariadb`.
pub fn mariadb() -> Option<Server> {
    server(Kind::Mariadb, "mariadb", "FKCHECK_TEST_MARIADB_URL")
}

/// Runs with the URL of a database that these statements made, on each engine that isn't skipped.
pub fn on_every_engine(sql: &str, run: impl Fn(&str)) {
    run(&crate::SqliteFile::new(sql).url());
    for server in [postgres(), mariadb()].into_iter().flatten() {
        let database = server.fresh_database();
        database.execute(sql);
        run(&database.url());
    }
}

/// Whether `FKCHECK_TEST_SKIP` names what a test needs; says so.
pub fn is_skipped(name: &str) -> bool {
    let skipped = std::env::var("FKCHECK_TEST_SKIP").unwrap_or_default();
    let is_skipped = skipped.split(',').any(|skipped| skipped.trim() == name);
    if is_skipped {
        // Not eprintln!, which the test runner keeps to itself when a test passes.
        let _ =
            writeln!(std::io::stderr(), "SKIPPED: a test that needs {name}, which FKCHECK_TEST_SKIP names");
    }
    is_skipped
}

fn server(kind: Kind, name: &str, variable: &str) -> Option<Server> {
    if is_skipped(name) {
        return None;
    }
    let url = std::env::var(variable).unwrap_or_else(|_| panic!("{variable} is not set: run tests/run"));
    let (base, home) = url.rsplit_once('/').expect("scheme://user@host:port/database");
    Some(Server { kind, base: base.to_owned(), home: home.to_owned() })
}

impl Server {
    /// An empty database.
    pub fn fresh_database(&self) -> Database {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let name = format!("fkcheck_{}_{}", std::process::id(), NUMBER.fetch_add(1, Ordering::Relaxed));
        self.execute(&self.home, &format!("CREATE DATABASE {name}"));
        Database { server: self.clone(), name }
    }

    /// `15` of PostgreSQL 15.18; 0 for others.
    pub fn major_version(&self) -> u32 {
        #[derive(diesel::QueryableByName)]
        struct Row {
            #[diesel(sql_type = diesel::sql_types::Integer)]
            number: i32,
        }
        if self.kind != Kind::Postgres {
            return 0;
        }
        let url = format!("{}/{}", self.base, self.home);
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        let row: Row = runtime.block_on(async {
            let mut connection = AsyncPgConnection::establish(&url).await.expect("PostgreSQL answers");
            let query = diesel::sql_query("SELECT current_setting('server_version_num')::int AS number");
            diesel_async::RunQueryDsl::get_result(query, &mut connection).await.expect("a version")
        });
        u32::try_from(row.number / 10_000).unwrap_or(0)
    }

    /// Runs statements on the server, beside any database.
    pub fn execute_globally(&self, sql: &str) {
        self.execute(&self.home, sql);
    }

    /// The names of its databases that begin like this.
    pub fn databases(&self, prefix: &str) -> Vec<String> {
        #[derive(diesel::QueryableByName)]
        struct Row {
            #[diesel(sql_type = diesel::sql_types::Text)]
            name: String,
        }
        let url = format!("{}/{}", self.base, self.home);
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        let rows: Vec<Row> = runtime.block_on(async {
            use diesel_async::RunQueryDsl as _;
            match self.kind {
                Kind::Postgres => {
                    let mut connection =
                        AsyncPgConnection::establish(&url).await.expect("PostgreSQL answers");
                    let query = "SELECT datname::text AS name FROM pg_database";
                    diesel::sql_query(query).load(&mut connection).await
                }
                Kind::Mariadb => {
                    let mut connection =
                        AsyncMysqlConnection::establish(&url).await.expect("MariaDB answers");
                    let query = "SELECT SCHEMA_NAME AS name FROM information_schema.SCHEMATA";
                    diesel::sql_query(query).load(&mut connection).await
                }
            }
            .expect("a list")
        });
        rows.into_iter().map(|row| row.name).filter(|name| name.starts_with(prefix)).collect()
    }

    /// Runs statements in a database; panics if one fails.
    fn execute(&self, database: &str, sql: &str) {
        if let Err(error) = self.try_execute(database, sql) {
            panic!("{error}\n{sql}");
        }
    }

    fn try_execute(&self, database: &str, sql: &str) -> diesel::QueryResult<()> {
        let url = format!("{}/{database}", self.base);
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        runtime.block_on(async {
            match self.kind {
                Kind::Postgres => {
                    let mut connection =
                        AsyncPgConnection::establish(&url).await.expect("PostgreSQL answers");
                    connection.batch_execute(sql).await
                }
                Kind::Mariadb => {
                    let mut connection =
                        AsyncMysqlConnection::establish(&url).await.expect("MariaDB answers");
                    // To the server, nothing is no statement.
                    if sql.trim().is_empty() { Ok(()) } else { connection.batch_execute(sql).await }
                }
            }
        })
    }

    /// Drops a database, though somebody may still be connected to it. (`DROP DATABASE .. WITH (FORCE)` is PostgreSQL 13's.)
    fn drop_database(&self, name: &str) -> diesel::QueryResult<()> {
        if self.kind == Kind::Postgres {
            let others =
                format!("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'");
            self.try_execute(&self.home, &others)?;
        }
        self.try_execute(&self.home, &format!("DROP DATABASE {name}"))
    }
}

/// Runs statements, with `;` between them, on any server of PostgreSQL's protocol that takes simple queries.
pub(crate) fn try_on_postgres(url: &str, sql: &str) -> Result<(), tokio_postgres::Error> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async {
        let (client, connection) = tokio_postgres::connect(url, tokio_postgres::NoTls).await?;
        let driver = tokio::spawn(connection);
        client.batch_execute(sql).await?;
        drop(client);
        driver.await.expect("it ends")
    })
}

impl Database {
    /// Runs statements that may hold semicolons.
    pub fn execute_each(&self, statements: &[String]) {
        let url = self.url();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        let all = statements.iter().map(String::as_str);
        runtime.block_on(async {
            match self.server.kind {
                Kind::Postgres => {
                    let mut connection =
                        AsyncPgConnection::establish(&url).await.expect("PostgreSQL answers");
                    for sql in all {
                        connection.batch_execute(sql).await.unwrap_or_else(|error| panic!("{error}\n{sql}"));
                    }
                }
                Kind::Mariadb => {
                    let mut connection =
                        AsyncMysqlConnection::establish(&url).await.expect("MariaDB answers");
                    for sql in all {
                        connection.batch_execute(sql).await.unwrap_or_else(|error| panic!("{error}\n{sql}"));
                    }
                }
            }
        });
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its URL, as the server's superuser.
    pub fn url(&self) -> String {
        format!("{}/{}", self.server.base, self.name)
    }

    /// Its URL as somebody else.
    pub fn url_as(&self, user: &str, password: &str) -> String {
        let (scheme, rest) = self.server.base.split_once("://").expect("scheme://");
        let host = rest.rsplit_once('@').map_or(rest, |(_, host)| host);
        format!("{scheme}://{user}:{password}@{host}/{}", self.name)
    }

    /// Runs statements, with `;` between them.
    pub fn execute(&self, sql: &str) {
        self.server.execute(&self.name, sql);
    }

    /// The same where one may fail.
    ///
    /// # Errors
    /// What the server says.
    pub fn try_execute(&self, sql: &str) -> diesel::QueryResult<()> {
        self.server.try_execute(&self.name, sql)
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        let dropped = self.server.drop_database(&self.name);
        // A second panic would end the process, and the first says more.
        if let (Err(error), false) = (dropped, std::thread::panicking()) {
            panic!("{} can't be dropped: {error}", self.name);
        }
    }
}
