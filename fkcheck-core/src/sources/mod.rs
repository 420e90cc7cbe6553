//! Where observed keys come from: a live database, or the migrations run in an in-memory SQLite.
//!
//! Both end in an [`Observation`](crate::model::Observation). What is peculiar to an engine lies in [`crate::engines`].

mod database;
mod deadline;
mod error;
mod find;
mod migrations;
mod outside;
mod scratch;
mod secrets;
mod url;

#[cfg(feature = "workspace")]
pub(crate) use database::count_orphans;
pub use database::{Limits, read_applied, read_database, read_database_async};
pub(crate) use deadline::Deadline;
pub use error::{ErrorKind, Phase, SourceError};
pub use find::{FoundUrl, ListLine, UrlOrigin, find_url, read_list};
pub use migrations::read_sqlite_migrations;
pub use scratch::read_in_scratch;
pub(crate) use secrets::Secrets;
pub(crate) use url::{Address, server_address};
pub use url::{DatabaseUrl, redact};
