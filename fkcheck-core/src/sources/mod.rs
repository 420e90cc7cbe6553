//! Where observed keys come from: a live database, or the migrations run in an in-memory SQLite.
//!
//! Both end in an [`Observation`](crate::model::Observation). What is peculiar to an engine lies in [`crate::engines`].

mod database;
mod find;
mod memory;
mod scratch;
mod scripts;
mod url;

pub use crate::access::{ErrorKind, ListLine, Phase, SourceError, redact};
pub use database::{Limits, read_applied, read_database, read_database_async};
#[cfg(feature = "workspace")]
pub(crate) use database::{count_orphans, with_rows};
pub use find::{FoundUrl, UrlOrigin, find_url, read_list};
#[cfg(feature = "workspace")]
pub(crate) use memory::run_scripts;
pub use memory::{bound_memory, run_in_memory, runs_in_memory};
pub use scratch::read_in_scratch;
pub use url::DatabaseUrl;
