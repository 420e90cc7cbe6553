//! What would mend a mismatch: the keys that findings are about, what stands in the way, and the migrations as text.
//!
//! `fix` writes what this says, and the reports show it.

mod aligned;
mod candidate;
mod obstacle;

pub(crate) use aligned::{aligned, aligning, made, read_migrations};
pub(crate) use candidate::{Candidate, candidates};
pub(crate) use obstacle::{by_migration, data_loss, not_allowed};

use crate::model::KeyName;

/// Whether a key is written so: `t.c`, `t.(a, b)`, and `t(a,b)` too.
pub(crate) fn is_named(key: &KeyName, written: &str) -> bool {
    let plain = |text: &str| text.replace(".(", "(").replace(", ", ",");
    let full = key.to_string();
    plain(&full) == plain(written) || full == written
}

#[cfg(test)]
mod tests;
