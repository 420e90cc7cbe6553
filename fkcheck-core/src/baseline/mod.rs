//! `fkcheck-baseline.toml`: findings that are known and wait for their turn. Only new ones fail; an entry that no longer
//! occurs where it was seen fails until it is removed.

mod apply;
mod asked;
mod file;

pub use apply::BaselineError;
pub(crate) use apply::{apply, load};
pub(crate) use asked::Asked;
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
    /// Indexes of entries that nothing matches any more, although the source was asked in which they were seen.
    pub stale: Vec<usize>,
    /// Indexes of entries that nothing matches, and that don't say where they were seen.
    pub unclear: Vec<usize>,
}

/// Takes known findings out. Notes are never in a baseline: they fail nothing.
pub(crate) fn sift(findings: Vec<Finding>, baseline: &Baseline, asked: &Asked<'_>) -> Sifted {
    let mut matched = vec![false; baseline.entries.len()];
    let mut sifted = Sifted::default();
    for finding in findings {
        let fingerprint = Fingerprint::of(&finding);
        let mut is_known = false;
        for (entry, matched) in baseline.entries.iter().zip(&mut matched) {
            if entry.fingerprint == fingerprint {
                (*matched, is_known) = (true, true);
            }
        }
        if is_known && finding.severity != Severity::Note {
            sifted.known += 1;
        } else {
            sifted.new.push(finding);
        }
    }
    for (at, entry) in baseline.entries.iter().enumerate() {
        if matched[at] || !asked.looked_for(&entry.fingerprint.rule) {
            continue;
        }
        match &entry.source {
            Some(source) if asked.includes(source) => sifted.stale.push(at),
            Some(_) => {}
            None => sifted.unclear.push(at),
        }
    }
    sifted
}
