//! A connection, and rows as they come. Statements have no names: a pooler that hands a server's session to one client after
//! the other can't tell whose `s0` is whose. What is asked for at once is sent at once and takes one round trip.

use std::fmt;
use std::io;
use std::pin::{Pin, pin};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use futures_util::TryStreamExt as _;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::task::JoinHandle;
use tokio_postgres::config::{Config, Host};
use tokio_postgres::error::SqlState;
use tokio_postgres::tls::{MakeTlsConnect, TlsConnect};
use tokio_postgres::types::{FromSql, Kind, Type};
use tokio_postgres::{Client, NoTls};
use tokio_postgres_rustls::MakeRustlsConnect;

pub(super) use tokio_postgres::Row;

use super::wire::{Guarded, GuardedTls};
use crate::engines::budget::{Budget, TooMuch};
use crate::engines::with_causes;

/// What a server that doesn't answer may take for its farewell.
pub(super) const FAREWELL: Duration = Duration::from_millis(500);

/// Why something failed. `Display` gives the server's own words, or the driver's.
#[derive(Debug)]
pub(super) enum Failure {
    Socket(io::Error),
    Driver(tokio_postgres::Error),
    /// The driver ended before, for this reason.
    Ended(String),
    TooMuch(TooMuch),
    NoRow,
    /// It can't be asked, for this reason.
    Unasked(String),
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Failure::Socket(error) => write!(f, "error connecting to server: {error}"),
            Failure::Driver(error) => f.write_str(&words(error)),
            Failure::TooMuch(refusal) => refusal.fmt(f),
            Failure::NoRow => f.write_str("it sent no row"),
            Failure::Ended(reason) | Failure::Unasked(reason) => f.write_str(reason),
        }
    }
}

impl std::error::Error for Failure {}

impl From<tokio_postgres::Error> for Failure {
    fn from(error: tokio_postgres::Error) -> Self {
        Failure::Driver(error)
    }
}

impl Failure {
    /// The server's code, if these are the server's words.
    pub(super) fn code(&self) -> Option<&SqlState> {
        match self {
            Failure::Driver(error) => error.code(),
            _ => None,
        }
    }
}

fn words(error: &tokio_postgres::Error) -> String {
    match (error.as_db_error(), refusal(error)) {
        (Some(server), _) => server.message().to_owned(),
        (None, Some(refusal)) => refusal.to_string(),
        (None, None) => with_causes(error),
    }
}

/// The limit that was passed, if that was it: the driver says that there was an error of input or output.
fn refusal(error: &tokio_postgres::Error) -> Option<TooMuch> {
    let source = std::error::Error::source(error)?;
    source.downcast_ref::<io::Error>()?.get_ref()?.downcast_ref::<TooMuch>().copied()
}

/// One row of an answer as a value.
pub(super) trait FromRow: Sized {
    fn from_row(row: &mut Row) -> Result<Self, Failure>;
}

/// A row of one column.
impl<T: for<'a> FromSql<'a>> FromRow for (T,) {
    fn from_row(row: &mut Row) -> Result<Self, Failure> {
        Ok((row.try_get(0)?,))
    }
}

/// A column by its name.
pub(super) fn column<T: for<'a> FromSql<'a>>(row: &mut Row, name: &str) -> Result<T, Failure> {
    Ok(row.try_get(name)?)
}

/// A connection in the making.
type Opening<'a> = Pin<Box<dyn Future<Output = Result<Connection, Failure>> + Send + 'a>>;

/// A connection. Whatever it is asked for is on its way when the future is first polled.
pub(super) struct Connection {
    client: Client,
    driver: JoinHandle<()>,
    /// Why the driver ended.
    ended: Arc<OnceLock<String>>,
    budget: Budget,
}

impl Connection {
    /// Connects and logs in; without `tls` in plain text.
    pub(super) async fn open(config: &Config, tls: Option<rustls::ClientConfig>) -> Result<Self, Failure> {
        let stream = socket(config).await.map_err(Failure::Socket)?;
        match tls {
            None => Connection::log_in(config, Guarded::new(stream), NoTls).await,
            Some(tls) => {
                let host = match config.get_hosts() {
                    [Host::Tcp(host), ..] => host.as_str(),
                    _ => "",
                };
                let mut tls = MakeRustlsConnect::new(tls);
                let Ok(handshake) = MakeTlsConnect::<BoxedSocket>::make_tls_connect(&mut tls, host);
                Connection::log_in(config, stream, GuardedTls(handshake)).await
            }
        }
    }

    /// In a box: the compiler can't see through TLS that what is inside can be sent to another thread.
    fn log_in<S, T>(config: &Config, stream: S, tls: T) -> Opening<'_>
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
        T: TlsConnect<S> + Send + 'static,
        T::Stream: Send + 'static,
        T::Future: Send,
    {
        Box::pin(async move {
            let (client, connection) = config.connect_raw(stream, tls).await?;
            let ended = Arc::new(OnceLock::new());
            let reason = Arc::clone(&ended);
            let driver = tokio::spawn(async move {
                if let Err(error) = connection.await {
                    reason.get_or_init(|| words(&error));
                }
            });
            Ok(Connection { client, driver, ended, budget: Budget::new() })
        })
    }

    /// Runs statements that give nothing.
    pub(super) async fn batch_execute(&self, statements: &str) -> Result<(), Failure> {
        self.client.batch_execute(statements).await.map_err(|error| self.failed(error))
    }

    /// All rows of a query.
    pub(super) async fn load<T: FromRow>(&self, query: &str) -> Result<Vec<T>, Failure> {
        let no_parameters = std::iter::empty::<(bool, Type)>();
        let rows = self.client.query_typed_raw(query, no_parameters).await;
        let mut rows = pin!(rows.map_err(|error| self.failed(error))?);
        let mut loaded = Vec::new();
        while let Some(mut row) = rows.try_next().await.map_err(|error| self.failed(error))? {
            self.budget.charge(size(&row)).map_err(Failure::TooMuch)?;
            loaded.push(T::from_row(&mut row)?);
        }
        Ok(loaded)
    }

    /// The first row.
    pub(super) async fn get_result<T: FromRow>(&self, query: &str) -> Result<T, Failure> {
        self.load(query).await?.into_iter().next().ok_or(Failure::NoRow)
    }

    fn failed(&self, error: tokio_postgres::Error) -> Failure {
        match self.ended.get() {
            Some(reason) if error.is_closed() => Failure::Ended(reason.clone()),
            _ => Failure::Driver(error),
        }
    }

    /// Ends the transaction and closes. Where all clients share one session, an open transaction would be the next one's.
    pub(super) async fn leave(self) {
        self.leave_within(FAREWELL).await;
    }

    /// The same with another limit, for each of the two.
    pub(super) async fn leave_within(self, limit: Duration) {
        let _late = tokio::time::timeout(limit, self.batch_execute("ROLLBACK")).await;
        self.close_within(limit).await;
    }

    /// Closes, and says so to the server, which otherwise logs a lost client.
    pub(super) async fn close(self) {
        self.close_within(FAREWELL).await;
    }

    async fn close_within(mut self, limit: Duration) {
        drop(self.client);
        if tokio::time::timeout(limit, &mut self.driver).await.is_err() {
            self.driver.abort();
        }
    }
}

/// What a row takes up once it is kept, roughly: a text is a `String` and what that points to. An element of an array may have
/// 4 bytes, and becomes one, too.
fn size(row: &Row) -> usize {
    const COLUMN: usize = 48;
    const ARRAY_HEADER: usize = 20;
    const ELEMENT: usize = 8;
    let sizes = row.columns().iter().enumerate().map(|(at, column)| {
        let bytes = row.try_get::<_, Option<Raw>>(at).ok().flatten().map_or(0, |raw| raw.0);
        let is_array = matches!(column.type_().kind(), Kind::Array(_));
        COLUMN + if is_array { bytes.saturating_sub(ARRAY_HEADER) * ELEMENT } else { bytes }
    });
    sizes.sum()
}

/// How many bytes a column has, whatever its type.
struct Raw(usize);

impl FromSql<'_> for Raw {
    fn from_sql(_: &Type, bytes: &[u8]) -> Result<Self, Box<dyn std::error::Error + Sync + Send>> {
        Ok(Raw(bytes.len()))
    }

    fn accepts(_: &Type) -> bool {
        true
    }
}

/// TCP or a socket in the file system.
trait Socket: AsyncRead + AsyncWrite + Unpin + Send {}

impl<S: AsyncRead + AsyncWrite + Unpin + Send> Socket for S {}

type BoxedSocket = Box<dyn Socket>;

async fn socket(config: &Config) -> io::Result<BoxedSocket> {
    let port = config.get_ports().first().copied().unwrap_or(5432);
    let connecting = async {
        Ok::<BoxedSocket, io::Error>(match config.get_hosts() {
            [Host::Tcp(host), ..] => {
                let stream = TcpStream::connect((host.as_str(), port)).await?;
                stream.set_nodelay(true)?;
                Box::new(stream)
            }
            #[cfg(unix)]
            [Host::Unix(directory), ..] => {
                let path = directory.join(format!(".s.PGSQL.{port}"));
                Box::new(tokio::net::UnixStream::connect(path).await?)
            }
            [] => return Err(io::Error::new(io::ErrorKind::InvalidInput, "there is no host")),
        })
    };
    match config.get_connect_timeout() {
        Some(limit) => tokio::time::timeout(*limit, connecting).await?,
        None => connecting.await,
    }
}
