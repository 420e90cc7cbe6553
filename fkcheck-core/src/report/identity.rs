//! What tells findings apart from one run to the next, and two like ones within a run.

use std::collections::HashMap;

use crate::digest::digest;
use crate::finding::Finding;
use crate::fingerprint::Fingerprint;
use crate::outcome::Problem;

/// A digest and, among those that have it, a number from 1.
pub(super) struct Identity {
    pub(super) digest: String,
    pub(super) number: usize,
}

/// Gives out identities, in the order of a report.
#[derive(Default)]
pub(super) struct Identities(HashMap<String, usize>);

impl Identities {
    pub(super) fn of_finding(&mut self, finding: &Finding) -> Identity {
        self.next(Fingerprint::of(finding).digest())
    }

    pub(super) fn of_problem(&mut self, problem: &Problem) -> Identity {
        self.next(digest(["could not know", &problem.message]))
    }

    fn next(&mut self, digest: String) -> Identity {
        let number = self.0.entry(digest.clone()).or_default();
        *number += 1;
        Identity { digest, number: *number }
    }
}
