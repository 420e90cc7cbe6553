//! The database: made, asked, and put back after each statement.

use std::collections::BTreeMap;
use std::fmt;

use fkcheck_core::model::Engine;
use mysql_async::prelude::Queryable as _;
use tokio::runtime::Runtime;

use super::Rows;
use super::schema::Schema;
use crate::{Database, Server, SqliteFile};

/// A database with a connection to it.
pub(super) struct Place {
    runtime: Runtime,
    connection: Connection,
    home: Home,
}

enum Home {
    Server(Database),
    File(SqliteFile),
}

enum Connection {
    Postgres(tokio_postgres::Client),
    MariaDb(mysql_async::Conn),
    /// Opened anew for each statement, on a copy.
    Sqlite,
}

/// Why a statement was refused.
#[derive(Debug)]
pub(super) enum Why {
    /// By a key, with its name where the engine says it.
    Key(Option<String>),
    NotNull(String),
    Unique,
    TooDeep,
    /// NULL has none, which comes before it is refused as NULL.
    NoPartition,
    Other(String),
}

impl fmt::Display for Why {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Why::Other(words) => f.write_str(words),
            known => write!(f, "{known:?}"),
        }
    }
}

impl Place {
    pub(super) fn new(schema: &Schema, server: Option<&Server>) -> Self {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        let sql = schema.create();
        let (home, connection) = match server {
            None => {
                let file = SqliteFile::new("");
                let connection = rusqlite::Connection::open(file.path()).expect("it opens");
                let all = format!("PRAGMA foreign_keys = OFF; BEGIN; {}; COMMIT", sql.join(";\n"));
                connection.execute_batch(&all).unwrap_or_else(|error| panic!("{error}\n{all}"));
                (Home::File(file), Connection::Sqlite)
            }
            Some(server) => {
                let database = server.fresh_database();
                let connection = runtime.block_on(connect(schema.engine, &database.url(), &sql));
                (Home::Server(database), connection)
            }
        };
        Place { runtime, connection, home }
    }

    pub(super) fn url(&self) -> String {
        match &self.home {
            Home::Server(database) => database.url(),
            Home::File(file) => file.url(),
        }
    }

    /// Every row, by `rid`.
    pub(super) fn rows(&mut self, schema: &Schema) -> Rows {
        match (&mut self.connection, &self.home) {
            (Connection::Postgres(client), _) => self.runtime.block_on(postgres_rows(client, schema)),
            (Connection::MariaDb(connection), _) => self.runtime.block_on(mariadb_rows(connection, schema)),
            (Connection::Sqlite, Home::File(file)) => {
                sqlite_rows(&rusqlite::Connection::open(file.path()).expect("it opens"), schema)
            }
            (Connection::Sqlite, Home::Server(_)) => unreachable!("SQLite is a file"),
        }
    }

    /// Runs a statement to its COMMIT, and gives the rows as they are then; all is as before afterwards.
    pub(super) fn run(&mut self, schema: &Schema, sql: &str) -> Result<Rows, Why> {
        match (&mut self.connection, &self.home) {
            (Connection::Postgres(client), _) => self.runtime.block_on(async {
                client.batch_execute("BEGIN").await.expect("it begins");
                // What is deferred is checked as at COMMIT.
                let sql = format!("{sql}; SET CONSTRAINTS ALL IMMEDIATE");
                let result = match client.batch_execute(&sql).await {
                    Ok(()) => Ok(postgres_rows(client, schema).await),
                    Err(error) => Err(postgres_why(&error)),
                };
                client.batch_execute("ROLLBACK").await.expect("it rolls back");
                result
            }),
            (Connection::MariaDb(connection), _) => self.runtime.block_on(async {
                connection.query_drop("BEGIN").await.expect("it begins");
                let result = match connection.query_drop(sql).await {
                    Ok(()) => Ok(mariadb_rows(connection, schema).await),
                    Err(error) => Err(mariadb_why(&error)),
                };
                connection.query_drop("ROLLBACK").await.expect("it rolls back");
                result
            }),
            (Connection::Sqlite, Home::File(file)) => {
                let copy = file.dir().join("copy.db");
                std::fs::copy(file.path(), &copy).expect("it is copied");
                let connection = rusqlite::Connection::open(&copy).expect("it opens");
                connection
                    .execute_batch("PRAGMA foreign_keys = ON; PRAGMA synchronous = OFF")
                    .expect("it is set");
                match connection.execute_batch(sql) {
                    Ok(()) => Ok(sqlite_rows(&connection, schema)),
                    Err(error) => Err(sqlite_why(&error.to_string())),
                }
            }
            (Connection::Sqlite, Home::Server(_)) => unreachable!("SQLite is a file"),
        }
    }
}

async fn connect(engine: Engine, url: &str, sql: &[String]) -> Connection {
    if engine == Engine::Postgres {
        let (client, connection) =
            tokio_postgres::connect(url, tokio_postgres::NoTls).await.expect("PostgreSQL answers");
        tokio::spawn(connection);
        for sql in sql {
            client.batch_execute(sql).await.unwrap_or_else(|error| panic!("{error:?}\n{sql}"));
        }
        // Rows are gone through as they lie.
        let settings = "SET enable_indexscan = off; SET enable_indexonlyscan = off";
        client.batch_execute(settings).await.expect("it is set");
        Connection::Postgres(client)
    } else {
        let mut connection = mysql_async::Conn::from_url(url).await.expect("MariaDB answers");
        for sql in ["SET foreign_key_checks = 0"].into_iter().chain(sql.iter().map(String::as_str)) {
            connection.query_drop(sql).await.unwrap_or_else(|error| panic!("{error}\n{sql}"));
        }
        connection.query_drop("SET foreign_key_checks = 1").await.expect("it is set");
        Connection::MariaDb(connection)
    }
}

fn select(schema: &Schema, at: usize, cast: &str) -> String {
    let columns =
        schema.tables[at].columns.iter().map(|column| cast.replace('?', &schema.quoted(&column.name)));
    format!("SELECT {} FROM {}", columns.collect::<Vec<_>>().join(", "), schema.quoted_table(at))
}

fn by_rid(rows: impl IntoIterator<Item = Vec<Option<String>>>) -> BTreeMap<String, Vec<Option<String>>> {
    rows.into_iter().map(|row| (row[0].clone().expect("a rid"), row)).collect()
}

async fn postgres_rows(client: &tokio_postgres::Client, schema: &Schema) -> Rows {
    let mut all = Rows::new();
    for at in 0..schema.tables.len() {
        let rows = client.query(&select(schema, at, "?::text"), &[]).await.expect("rows");
        all.push(by_rid(rows.iter().map(|row| (0..row.len()).map(|at| row.get(at)).collect())));
    }
    all
}

async fn mariadb_rows(connection: &mut mysql_async::Conn, schema: &Schema) -> Rows {
    let mut all = Rows::new();
    for at in 0..schema.tables.len() {
        let query = select(schema, at, "CAST(? AS CHAR)");
        let rows: Vec<mysql_async::Row> = connection.query(query).await.expect("rows");
        all.push(by_rid(
            rows.iter().map(|row| (0..row.len()).map(|at| row.get(at).expect("a text")).collect()),
        ));
    }
    all
}

fn sqlite_rows(connection: &rusqlite::Connection, schema: &Schema) -> Rows {
    let table = |at| {
        let mut statement = connection.prepare(&select(schema, at, "CAST(? AS TEXT)")).expect("it is read");
        let width = schema.tables[at].columns.len();
        let rows = statement.query_map([], |row| (0..width).map(|at| row.get(at)).collect()).expect("rows");
        by_rid(rows.map(|row| row.expect("a row")))
    };
    (0..schema.tables.len()).map(table).collect()
}

fn postgres_why(error: &tokio_postgres::Error) -> Why {
    let Some(error) = error.as_db_error() else { return Why::Other(error.to_string()) };
    match error.code().code() {
        "23503" | "23001" => Why::Key(error.constraint().map(str::to_owned)),
        "23502" => Why::NotNull(error.column().unwrap_or_default().to_owned()),
        "23505" => Why::Unique,
        "23514" if error.message().starts_with("no partition") => Why::NoPartition,
        _ => Why::Other(error.message().to_owned()),
    }
}

fn mariadb_why(error: &mysql_async::Error) -> Why {
    let mysql_async::Error::Server(error) = error else { return Why::Other(error.to_string()) };
    match error.code {
        1451 | 1452 => {
            let name = error
                .message
                .split("CONSTRAINT `")
                .nth(1)
                .and_then(|rest| rest.split("` FOREIGN KEY").next());
            Why::Key(name.map(|name| name.replace("``", "`")))
        }
        1048 => Why::NotNull(error.message.split('\'').nth(1).unwrap_or_default().to_owned()),
        1062 | 1761 => Why::Unique,
        1296 => Why::TooDeep,
        _ => Why::Other(error.to_string()),
    }
}

fn sqlite_why(message: &str) -> Why {
    if message.contains("FOREIGN KEY constraint failed") {
        Why::Key(None)
    } else if let Some(column) = message.strip_prefix("NOT NULL constraint failed: ") {
        // `table.column`; both names may hold dots.
        Why::NotNull(column.to_owned())
    } else if message == "datatype mismatch" {
        // NULL as a row id.
        Why::NotNull(String::new())
    } else if message.contains("UNIQUE constraint failed") {
        Why::Unique
    } else if message.contains("too many levels of trigger recursion") {
        Why::TooDeep
    } else {
        Why::Other(message.to_owned())
    }
}
