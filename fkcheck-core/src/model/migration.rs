//! A migration that is to be written.

/// A Diesel migration, as `cargo fkcheck fix` would write it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FixMigration {
    /// The directory's name behind the time stamp, e.g. `align_batch_jobs_org_id`.
    pub name: String,
    /// `up.sql`
    pub up: String,
    /// `down.sql`
    pub down: String,
    /// Whether Diesel runs it in a transaction.
    pub run_in_transaction: bool,
}
