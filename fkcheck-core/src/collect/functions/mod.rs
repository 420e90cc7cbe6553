//! Functions, as far as they delete rows or lead to one that does: read from tokens, then put together over all files.

mod body;
mod raw;
mod read;
mod resolve;
mod sql;
mod types;

pub(super) use read::{Read, read};
pub(super) use resolve::resolve;

#[cfg(test)]
mod tests;
