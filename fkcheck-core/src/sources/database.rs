//! Reads a live database.

use std::time::Duration;

use super::url::DatabaseUrl;
use crate::access::{Deadline, SourceError};
use crate::engines::ReadLimits;
#[cfg(feature = "workspace")]
use crate::engines::orphans::{OrphanCounts, Reference};
#[cfg(feature = "workspace")]
use crate::engines::rows::Rows;
use crate::model::Observation;

/// What a reading may take and risk.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// How long a reading may take in all, name look-up and login included.
    pub deadline: Duration,
    /// `--insecure-tls`: take a server off this host whose certificate doesn't verify.
    pub insecure_tls: bool,
    /// Read what rewriting a key needs, too.
    pub definitions: bool,
    /// Look for keys of other databases of the server that refer into this one.
    pub outside: bool,
}

impl Limits {
    /// A visit that begins now.
    pub(super) fn visit(&self) -> ReadLimits {
        ReadLimits {
            deadline: Deadline::after(self.deadline),
            insecure_tls: self.insecure_tls,
            definitions: self.definitions,
            outside: self.outside,
        }
    }
}

impl Default for Limits {
    /// One minute, and every certificate off this host is verified.
    fn default() -> Self {
        Limits { deadline: Duration::from_secs(60), insecure_tls: false, definitions: false, outside: false }
    }
}

/// Reads what the database at `url` says of its foreign keys. `section` is the configured name of the database, where
/// there is one. Blocks; to be called outside of an asynchronous runtime.
///
/// # Errors
/// Whatever keeps the catalogue from being read; at the latest when the deadline has passed.
pub fn read_database(
    url: &DatabaseUrl,
    limits: &Limits,
    section: Option<&str>,
) -> Result<Observation, SourceError> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let result = runtime.block_on(read_database_async(url, limits, section));
    // A name look-up or a SQLite call that hangs in its thread must not keep us.
    runtime.shutdown_background();
    result
}

/// The versions of the migrations that Diesel has applied to the database at `url`. Blocks, as [`read_database`].
///
/// # Errors
/// Also where Diesel's table isn't there or can't be read.
pub fn read_applied(url: &DatabaseUrl, limits: &Limits) -> Result<Vec<String>, SourceError> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let visit = limits.visit();
    let result = runtime.block_on(url.address.applied(visit));
    runtime.shutdown_background();
    result
}

/// Counts child rows without a parent, one number for each reference. Blocks, as [`read_database`].
///
/// # Errors
/// Where the database can't be reached; what keeps a single count from being made is in its place.
#[cfg(feature = "workspace")]
pub(crate) fn count_orphans(
    url: &DatabaseUrl,
    limits: &Limits,
    references: &[Reference],
) -> Result<OrphanCounts, SourceError> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let result = runtime.block_on(url.address.orphans(limits.visit(), references));
    runtime.shutdown_background();
    result
}

/// Does something with rows of the database at `url`, all as they stand at one moment. Blocks, as [`read_database`].
///
/// # Errors
/// Where the database can't be reached, and whatever `work` ends in.
#[cfg(feature = "workspace")]
pub(crate) fn with_rows<T>(
    url: &DatabaseUrl,
    limits: &Limits,
    work: impl AsyncFnOnce(&mut dyn Rows) -> Result<T, SourceError>,
) -> Result<T, SourceError> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let result = runtime.block_on(async {
        let mut rows = url.address.rows(limits.visit()).await?;
        let result = work(&mut *rows).await;
        rows.leave().await;
        result
    });
    runtime.shutdown_background();
    result
}

/// As [`read_database`], for many databases at once, inside a tokio runtime with time and I/O enabled.
///
/// # Errors
/// As [`read_database`].
pub async fn read_database_async(
    url: &DatabaseUrl,
    limits: &Limits,
    section: Option<&str>,
) -> Result<Observation, SourceError> {
    let visit = limits.visit();
    let mut observation = url.address.read(visit).await?;
    observation.database = section.map(str::to_owned);
    Ok(observation)
}
