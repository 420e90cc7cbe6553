//! `fkcheck-baseline.toml`: findings that are known and wait for their turn. Only new ones fail; an entry that no longer
//! occurs fails until it is removed.

mod apply;
mod file;

pub use apply::BaselineError;
pub(crate) use apply::{apply, load};
pub use file::{Baseline, BaselineFault, Entry};

use crate::finding::{Finding, Severity};
pub use crate::fingerprint::Fingerprint;

/// The file's name, beside the workspace's `Cargo.toml`.
pub const FILE_NAME: &str = "fkcheck-baseline.toml";

/// Findings beside a baseline.
#[derive(Debug, Default)]
pub struct Sifted {
    /// Not in the baseline.
    pub new: Vec<Finding>,
    /// In the baseline.
    pub known: usize,
    /// Indexes of entries that nothing matches any more.
    pub stale: Vec<usize>,
}

/// Takes known findings out. Notes are never in a baseline: they fail nothing.
pub(crate) fn sift(findings: Vec<Finding>, baseline: &Baseline) -> Sifted {
    let mut matched = vec![false; baseline.entries.len()];
    let mut sifted = Sifted::default();
    for finding in findings {
        let fingerprint = Fingerprint::of(&finding);
        let entry = baseline.entries.iter().position(|entry| entry.fingerprint == fingerprint);
        match entry {
            Some(entry) if finding.severity != Severity::Note => {
                matched[entry] = true;
                sifted.known += 1;
            }
            _ => sifted.new.push(finding),
        }
    }
    sifted.stale = (0..matched.len()).filter(|&entry| !matched[entry]).collect();
    sifted
}
