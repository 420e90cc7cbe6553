//! What would mend a mismatch: the keys that findings are about, what stands in the way, and the migrations as text.
//!
//! `fix` writes what this says, and the reports show it.

mod candidate;
mod obstacle;
mod proposal;

pub(crate) use candidate::{Candidate, candidates};
pub(crate) use obstacle::{by_migration, data_loss, not_allowed};
pub(crate) use proposal::{made, migrations, proposals, read_migrations};

use crate::model::KeyName;

/// Whether a key is written so: `t.c`, `t.(a, b)`, and `t(a,b)` too.
pub(crate) fn is_named(key: &KeyName, written: &str) -> bool {
    let plain = |text: &str| text.replace(".(", "(").replace(", ", ",");
    let full = key.to_string();
    plain(&full) == plain(written) || full == written
}

#[cfg(test)]
mod tests;
