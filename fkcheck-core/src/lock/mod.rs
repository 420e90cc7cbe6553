//! `fkcheck.lock`: what the sources show, committed, so that a check needs no database.
//!
//! One text file: a header, then one line a table, a key and a doubt, sorted, with nothing volatile in a line, so that git's union
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

/// Before the name of the last migration that a snapshot knows of. A comment to a fkcheck that doesn't look for it.
const LAST_MIGRATION: &str = "# last_migration ";

/// Before the word of what may refuse what a key writes at an update; without it, at a delete.
const AT_UPDATE: &str = "update_";

/// The newest format that is read; what is written has the oldest that will do.
const FORMAT: u32 = 3;

/// The format that first had `doubt` lines: what doesn't know them must not take the keys for certain.
#[cfg(all(feature = "workspace", feature = "database"))]
const FORMAT_WITH_DOUBTS: u32 = 2;

/// The format that first had triggers, rules, partitions and what refuses a value: words that older versions don't know.
#[cfg(all(feature = "workspace", feature = "database"))]
const FORMAT_WITH_HOOKS: u32 = 3;

#[cfg(all(test, feature = "workspace", feature = "database"))]
mod tests;
