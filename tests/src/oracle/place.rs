//! The database: made, asked, and put back after each statement.

use std::fmt;

use fkcheck_core::model::Engine;
use mysql_async::prelude::Queryable as _;
use tokio::runtime::Runtime;

use super::compare::{Row, Rows, Table};
use crate::{Database, Server, SqliteFile};

/// A database with a connection to it.
pub(crate) struct Place {
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
    Sqlite(rusqlite::Connection),
}

/// Why a statement was refused.
#[derive(Clone, Debug)]
pub(crate) enum Why {
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
    /// An empty database; a file where there is no server.
    pub(crate) fn new(engine: Engine, server: Option<&Server>) -> Self {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        let home = server
            .map_or_else(|| Home::File(SqliteFile::new("")), |server| Home::Server(server.fresh_database()));
        let connection = match &home {
            Home::File(file) => Connection::Sqlite(opened(&file.path())),
            Home::Server(database) => runtime.block_on(connect(engine, &database.url())),
        };
        Place { runtime, connection, home }
    }

    pub(crate) fn url(&self) -> String {
        match &self.home {
            Home::Server(database) => database.url(),
            Home::File(file) => file.url(),
        }
    }

    /// Runs statements to stay, with `;` between them.
    pub(crate) fn execute(&mut self, sql: &str) -> Result<(), Why> {
        match &mut self.connection {
            Connection::Postgres(client) => {
                self.runtime.block_on(client.batch_execute(sql)).map_err(|error| postgres_why(&error))
            }
            Connection::MariaDb(connection) => {
                self.runtime.block_on(connection.query_drop(sql)).map_err(|error| mariadb_why(&error))
            }
            Connection::Sqlite(connection) => {
                connection.execute_batch(sql).map_err(|error| sqlite_why(&error.to_string()))
            }
        }
    }

    /// What a query of texts answers.
    pub(crate) fn query(&mut self, sql: &str) -> Vec<Row> {
        match &mut self.connection {
            Connection::Postgres(client) => self.runtime.block_on(postgres_rows(client, sql)),
            Connection::MariaDb(connection) => self.runtime.block_on(mariadb_rows(connection, sql)),
            Connection::Sqlite(connection) => sqlite_rows(connection, sql),
        }
    }

    /// Every row.
    pub(crate) fn rows(&mut self, tables: &[Table]) -> Rows {
        tables.iter().map(|table| self.query(&table.select)).collect()
    }

    /// Runs a statement to its COMMIT, and gives the rows as they are then; all is as before afterwards.
    pub(crate) fn run(&mut self, tables: &[Table], sql: &str) -> Result<Rows, Why> {
        if let Home::File(file) = &self.home {
            let copy = file.dir().join("copy.db");
            std::fs::copy(file.path(), &copy).expect("it is copied");
            let connection = opened(&copy);
            return match connection.execute_batch(sql) {
                Ok(()) => Ok(tables.iter().map(|table| sqlite_rows(&connection, &table.select)).collect()),
                Err(error) => Err(sqlite_why(&error.to_string())),
            };
        }
        // What is deferred is checked as at COMMIT.
        let is_postgres = matches!(self.connection, Connection::Postgres(_));
        let end = if is_postgres { "; SET CONSTRAINTS ALL IMMEDIATE" } else { "" };
        self.execute("BEGIN").expect("it begins");
        let result = self.execute(&format!("{sql}{end}")).map(|()| self.rows(tables));
        self.execute("ROLLBACK").expect("it rolls back");
        result
    }
}

fn opened(path: &std::path::Path) -> rusqlite::Connection {
    let connection = rusqlite::Connection::open(path).expect("it opens");
    connection.execute_batch("PRAGMA foreign_keys = ON; PRAGMA synchronous = OFF").expect("it is set");
    connection
}

async fn connect(engine: Engine, url: &str) -> Connection {
    if engine == Engine::Postgres {
        let (client, connection) =
            tokio_postgres::connect(url, tokio_postgres::NoTls).await.expect("PostgreSQL answers");
        tokio::spawn(connection);
        // Rows are gone through as they lie.
        let settings = "SET enable_indexscan = off; SET enable_indexonlyscan = off";
        client.batch_execute(settings).await.expect("it is set");
        Connection::Postgres(client)
    } else {
        Connection::MariaDb(mysql_async::Conn::from_url(url).await.expect("MariaDB answers"))
    }
}

async fn postgres_rows(client: &tokio_postgres::Client, sql: &str) -> Vec<Row> {
    let rows = client.query(sql, &[]).await.unwrap_or_else(|error| panic!("{error:?}\n{sql}"));
    rows.iter().map(|row| (0..row.len()).map(|at| row.get(at)).collect()).collect()
}

async fn mariadb_rows(connection: &mut mysql_async::Conn, sql: &str) -> Vec<Row> {
    let rows: Vec<mysql_async::Row> =
        connection.query(sql).await.unwrap_or_else(|error| panic!("{error}\n{sql}"));
    rows.iter().map(|row| (0..row.len()).map(|at| row.get(at).expect("a text")).collect()).collect()
}

fn sqlite_rows(connection: &rusqlite::Connection, sql: &str) -> Vec<Row> {
    let mut statement = connection.prepare(sql).unwrap_or_else(|error| panic!("{error}\n{sql}"));
    let width = statement.column_count();
    let rows = statement.query_map([], |row| (0..width).map(|at| row.get(at)).collect()).expect("rows");
    rows.map(|row| row.expect("a row")).collect()
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
