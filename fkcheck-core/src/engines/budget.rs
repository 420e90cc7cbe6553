//! How much of a server's answers is taken. A server that is broken or hostile must not fill this machine's memory; the
//! catalogue of fifty thousand keys stays within these limits.

use std::sync::atomic::{AtomicUsize, Ordering};

const MEGABYTE: usize = 1 << 20;

/// One message, or one row.
pub(super) const MOST_IN_A_MESSAGE: usize = 16 * MEGABYTE;

/// Everything that one connection sends.
pub(super) const MOST_BYTES: usize = 128 * MEGABYTE;

/// What one connection sends beside rows: notices, settings, descriptions of columns.
pub(super) const MOST_BESIDE_ROWS: usize = 32 * MEGABYTE;

/// How many types that the driver doesn't know it may look up. What fkcheck asks for has none.
pub(super) const MOST_LOOKUPS: usize = 32;

/// What the rows of one connection take up here.
const MOST_HELD: usize = 128 * MEGABYTE;

/// A limit that a server has passed. The texts follow "PostgreSQL database billing at .. failed while ..: ".
#[derive(Clone, Copy, Debug, thiserror::Error)]
pub(super) enum TooMuch {
    #[error("it announced a message of {0} bytes; fkcheck takes no more than {mb} MB at once", mb = MOST_IN_A_MESSAGE / MEGABYTE)]
    InAMessage(usize),
    #[error("it sent a message that is longer than {mb} MB; fkcheck takes no more at once", mb = MOST_IN_A_MESSAGE / MEGABYTE)]
    InAPacket,
    #[error("it sent more than {mb} MB; fkcheck takes no more from one connection", mb = MOST_BYTES / MEGABYTE)]
    Altogether,
    #[error("it sent notices and settings without end; fkcheck takes no more than {mb} MB of them", mb = MOST_BESIDE_ROWS / MEGABYTE)]
    BesideRows,
    #[error("it announced an absurd number of columns; fkcheck asks for no more than a few")]
    Columns,
    #[error(
        "it answered with a type that leads to another one without end; fkcheck asks for {MOST_LOOKUPS} at most"
    )]
    Types,
    #[error("it sent rows without end; fkcheck keeps no more than {mb} MB of them", mb = MOST_HELD / MEGABYTE)]
    Rows,
}

/// What the rows of one connection may still take up.
#[derive(Debug)]
pub(super) struct Budget(AtomicUsize);

impl Budget {
    pub(super) fn new() -> Self {
        Budget(AtomicUsize::new(MOST_HELD))
    }

    /// Takes a row's size off it.
    pub(super) fn charge(&self, bytes: usize) -> Result<(), TooMuch> {
        let charged =
            self.0.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(bytes));
        charged.map(drop).map_err(|_| TooMuch::Rows)
    }
}
