//! A connection, and rows as they come: the text protocol, so that a query takes one round trip, but where somebody's SQL is in it.

use std::fmt;
use std::time::Duration;

use mysql_async::prelude::{FromValue, Protocol, Queryable as _};
use mysql_async::{Conn, Error, IoError, OptsBuilder, QueryResult, Value};

pub(super) use mysql_async::Row;

use super::relay::Relay;
use crate::engines::budget::{Budget, TooMuch};
use crate::engines::with_causes;

/// What a server that doesn't answer may take for its farewell.
pub(super) const FAREWELL: Duration = Duration::from_millis(500);

/// Why something failed. `Display` gives the server's own words, or the driver's.
#[derive(Debug)]
pub(super) enum Failure {
    Driver(Error),
    TooMuch(TooMuch),
    /// The way to the server ended before, for this reason.
    Ended(String),
    NoRow,
    /// It isn't there, or is something else.
    Column(String),
    /// It isn't asked, for this reason.
    Unasked(String),
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Failure::Driver(Error::Server(server)) => f.write_str(&server.message),
            Failure::Driver(Error::Io(IoError::Io(error))) if is_packet_too_large(error) => {
                TooMuch::InAPacket.fmt(f)
            }
            // The driver says twice that it is an input/output error.
            Failure::Driver(Error::Io(IoError::Io(error))) => f.write_str(&with_causes(error)),
            Failure::Driver(error) => f.write_str(&with_causes(error)),
            Failure::TooMuch(refusal) => refusal.fmt(f),
            Failure::Ended(reason) | Failure::Unasked(reason) => f.write_str(reason),
            Failure::NoRow => f.write_str("it sent no row"),
            Failure::Column(name) => write!(f, "it sent no column `{name}` of the right type"),
        }
    }
}

impl std::error::Error for Failure {}

impl Failure {
    /// The same without the server's words, which may quote what a row holds.
    pub(super) fn without_words(self) -> Self {
        match self {
            Failure::Driver(Error::Server(server)) => {
                Failure::Unasked(format!("the server refused the query, with error {}", server.code))
            }
            other => other,
        }
    }
}

/// The driver has no kind of its own for it.
fn is_packet_too_large(error: &std::io::Error) -> bool {
    error.kind() == std::io::ErrorKind::Other && error.to_string() == "packet too large"
}

/// One row of an answer as a value.
pub(super) trait FromRow: Sized {
    fn from_row(row: &mut Row) -> Result<Self, Failure>;
}

/// A row of one column.
impl<T: FromValue> FromRow for (T,) {
    fn from_row(row: &mut Row) -> Result<Self, Failure> {
        let value = row.take_opt(0).and_then(Result::ok);
        Ok((value.ok_or_else(|| Failure::Column("1".to_owned()))?,))
    }
}

/// A column by its name.
pub(super) fn column<T: FromValue>(row: &mut Row, name: &str) -> Result<T, Failure> {
    row.take_opt(name).and_then(Result::ok).ok_or_else(|| Failure::Column(name.to_owned()))
}

/// A connection.
pub(super) struct Connection {
    driver: Conn,
    /// What the server's answers pass, in plain text.
    relay: Option<Relay>,
    budget: Budget,
}

impl Connection {
    /// Connects and logs in; `in_plain_text` is host and port, where what is sent can be read.
    pub(super) async fn open(
        options: OptsBuilder,
        in_plain_text: Option<(&str, u16)>,
    ) -> Result<Self, Failure> {
        let (relay, options) = match in_plain_text {
            None => (None, options),
            Some((host, port)) => {
                let relay = Relay::open(host, port).await.map_err(|error| Failure::Driver(error.into()))?;
                let options = options.ip_or_hostname("127.0.0.1").tcp_port(relay.port);
                (Some(relay), options)
            }
        };
        let driver = Conn::new(options).await.map_err(|error| failed(relay.as_ref(), error))?;
        Ok(Connection { driver, relay, budget: Budget::new() })
    }

    /// Runs statements, with `;` between them, that give nothing.
    pub(super) async fn batch_execute(&mut self, statements: &str) -> Result<(), Failure> {
        let Connection { driver, relay, .. } = self;
        driver.query_drop(statements).await.map_err(|error| failed(relay.as_ref(), error))
    }

    /// All rows of a query.
    pub(super) async fn load<T: FromRow>(&mut self, query: &str) -> Result<Vec<T>, Failure> {
        let Connection { driver, relay, budget } = self;
        kept(driver.query_iter(query).await, relay.as_ref(), budget).await
    }

    /// The same of a query in which somebody's SQL stands: prepared, so that it is one statement, whatever it holds.
    pub(super) async fn load_one_statement<T: FromRow>(&mut self, query: &str) -> Result<Vec<T>, Failure> {
        let Connection { driver, relay, budget } = self;
        kept(driver.exec_iter(query, ()).await, relay.as_ref(), budget).await
    }

    /// The first row.
    pub(super) async fn get_result<T: FromRow>(&mut self, query: &str) -> Result<T, Failure> {
        self.load(query).await?.into_iter().next().ok_or(Failure::NoRow)
    }

    /// Closes, and says so to the server, which otherwise logs a lost client. What was read counts, whether it takes the
    /// farewell or not.
    pub(super) async fn close(self) {
        self.close_within(FAREWELL).await;
    }

    pub(super) async fn close_within(self, limit: Duration) {
        let Connection { driver, relay, .. } = self;
        let farewell = async {
            let _refused = driver.disconnect().await;
            if let Some(relay) = relay {
                relay.close().await;
            }
        };
        let _late = tokio::time::timeout(limit, farewell).await;
    }
}

/// The driver knows no more than that the connection is closed.
fn failed(relay: Option<&Relay>, error: Error) -> Failure {
    match (&error, relay.and_then(Relay::ended)) {
        (Error::Io(_), Some(reason)) => Failure::Ended(reason.to_owned()),
        _ => Failure::Driver(error),
    }
}

/// All rows of an answer, as far as the budget goes.
async fn kept<T: FromRow, P: Protocol>(
    answer: Result<QueryResult<'_, '_, P>, Error>,
    relay: Option<&Relay>,
    budget: &Budget,
) -> Result<Vec<T>, Failure> {
    let failed = |error| failed(relay, error);
    let mut rows = answer.map_err(failed)?;
    let mut loaded = Vec::new();
    while let Some(mut row) = rows.next().await.map_err(failed)? {
        budget.charge(size(&row)).map_err(Failure::TooMuch)?;
        loaded.push(T::from_row(&mut row)?);
    }
    Ok(loaded)
}

/// What a row takes up once it is kept.
fn size(row: &Row) -> usize {
    const COLUMN: usize = 48;
    let bytes = |at| match row.as_ref(at) {
        Some(Value::Bytes(bytes)) => bytes.len(),
        _ => 0,
    };
    (0..row.len()).map(|at| COLUMN + bytes(at)).sum()
}
