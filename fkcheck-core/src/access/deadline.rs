//! The client's own time limit. Server-side and TCP time-outs don't end a connection that stalls in mid-result.

use std::time::Duration;

use tokio::time::{Instant, timeout_at};

use super::error::{Phase, SourceError};

/// The instant at which a reading must have ended.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Deadline {
    at: Instant,
    allowed: Duration,
}

impl Deadline {
    /// The deadline `allowed` from now.
    pub(crate) fn after(allowed: Duration) -> Self {
        // A limit beyond what the clock can hold is as good as a century.
        let century = Duration::from_secs(100 * 365 * 24 * 3600);
        Deadline { at: Instant::now() + allowed.min(century), allowed }
    }

    /// What is left of it.
    pub(crate) fn left(&self) -> Duration {
        self.at.saturating_duration_since(Instant::now())
    }

    /// What a server may take for one statement, so that it is the server that ends it, and its word of that still comes in time.
    pub(crate) fn left_to_a_server(&self) -> Duration {
        const ITS_WORD: Duration = Duration::from_millis(100);
        self.left().saturating_sub(ITS_WORD).max(Duration::from_millis(1))
    }

    /// What a farewell may take: none that is over the deadline by more than a moment.
    pub(crate) fn left_for(&self, farewell: Duration) -> Duration {
        const MOMENT: Duration = Duration::from_millis(50);
        farewell.min(self.left() + MOMENT)
    }

    /// Runs `work`; if it isn't done in time, the error names the phase.
    pub(crate) async fn within<T>(
        &self,
        place: &str,
        phase: Phase,
        work: impl Future<Output = Result<T, SourceError>>,
    ) -> Result<T, SourceError> {
        match timeout_at(self.at, work).await {
            Ok(result) => result,
            Err(_) => Err(self.passed(place.to_owned(), phase)),
        }
    }

    /// The error of what wasn't done in time.
    pub(crate) fn passed(&self, place: String, phase: Phase) -> SourceError {
        SourceError::DeadlineExceeded { place, phase, allowed: self.allowed }
    }
}
