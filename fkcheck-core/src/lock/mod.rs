//! `fkcheck.lock`: what the sources show, committed, so that a check needs no database.
//!
//! One text file: a header, then one line a table and a key, sorted, with nothing volatile in a line, so that git's union
//! merge of two branches is right. Read without serde or toml, for a build script reads it too.

#[cfg(all(feature = "workspace", feature = "database"))]
mod file;
mod line;
mod read;
#[cfg(all(feature = "workspace", feature = "database"))]
mod write;

#[cfg(all(feature = "workspace", feature = "database"))]
pub(crate) use file::load;
pub(crate) use read::read;
#[cfg(all(feature = "workspace", feature = "database"))]
pub(crate) use write::write;

/// The file's name, beside the workspace's `Cargo.toml`.
pub(crate) const FILE_NAME: &str = "fkcheck.lock";

/// The format that is written, and the newest that is read.
const FORMAT: u32 = 1;

#[cfg(all(test, feature = "workspace", feature = "database"))]
mod tests;
