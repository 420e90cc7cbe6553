//! What every way to a source needs: addresses, the deadline, secrets, and why a source failed.

mod address;
mod deadline;
mod error;
#[cfg(feature = "workspace")]
mod git;
mod secrets;

pub use address::redact;
pub(crate) use address::{ServerUrl, bad_url};
pub(crate) use deadline::Deadline;
pub use error::{ErrorKind, ListLine, Phase, SourceError};
#[cfg(all(feature = "workspace", feature = "database"))]
pub(crate) use git::git_fed;
#[cfg(feature = "workspace")]
pub(crate) use git::{git, has_repository};
pub(crate) use secrets::Secrets;
