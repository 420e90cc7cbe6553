//! The core of `cargo fkcheck`: reads what Rust models say of foreign keys and proves that `schema.rs`, the
//! migrations and the live database agree.
//!
//! Data flows one way: sources → pairs → rules → findings → reports (see `ARCHITECTURE.md`).
//!
//! Without features this crate is what the derive macro needs, the [`grammar`], and depends on syn alone.

// docs.rs compiles with nightly, and says which feature an item wants.
#![cfg_attr(docsrs, feature(doc_cfg))]
#![warn(clippy::unwrap_used)]

pub mod grammar;
pub mod model;

#[cfg(all(feature = "workspace", feature = "database"))]
pub mod annotate;
#[cfg(all(feature = "workspace", feature = "database"))]
pub mod baseline;
#[cfg(feature = "collect")]
pub mod build;
#[cfg(all(feature = "workspace", feature = "database"))]
pub mod check;
#[cfg(feature = "collect")]
pub mod collect;
#[cfg(feature = "collect")]
pub mod compare;
#[cfg(feature = "collect")]
pub mod consequence;
#[cfg(all(feature = "workspace", feature = "database"))]
pub mod deletes;
#[cfg(feature = "collect")]
mod digest;
#[cfg(all(feature = "workspace", feature = "database"))]
mod edit;
#[cfg(feature = "collect")]
pub mod finding;
#[cfg(feature = "collect")]
pub mod fingerprint;
#[cfg(all(feature = "workspace", feature = "database"))]
pub mod fix;
#[cfg(all(feature = "workspace", feature = "database"))]
pub mod graph;
#[cfg(all(feature = "workspace", feature = "database"))]
pub mod impact;
#[cfg(feature = "collect")]
mod lock;
#[cfg(feature = "collect")]
pub mod outcome;
#[cfg(all(feature = "workspace", feature = "database"))]
pub mod record;
#[cfg(all(feature = "workspace", feature = "database"))]
mod remedy;
#[cfg(feature = "collect")]
pub mod rules;
#[cfg(all(feature = "workspace", feature = "database"))]
mod run;
#[cfg(feature = "collect")]
mod sites;
#[cfg(all(feature = "workspace", feature = "database"))]
pub mod snapshot;

#[cfg(feature = "collect")]
mod harmful;
#[cfg(all(test, feature = "database"))]
mod made;
#[cfg(feature = "collect")]
mod words;

#[cfg(feature = "database")]
mod access;
#[cfg(feature = "database")]
pub mod engines;
#[cfg(all(feature = "workspace", feature = "database", feature = "report"))]
mod in_test;
#[cfg(feature = "replay")]
pub mod replay;
#[cfg(feature = "report")]
pub mod report;
#[cfg(feature = "database")]
pub mod sources;
#[cfg(all(feature = "workspace", feature = "database"))]
pub mod store;
#[cfg(feature = "workspace")]
pub mod workspace;

#[cfg(all(feature = "workspace", feature = "database", feature = "report"))]
pub use in_test::{Check, Checked};

/// What `tests/fuzz` needs of the inside.
#[cfg(fuzzing)]
pub mod inside {
    /// Whether it is a snapshot.
    pub fn read_lock(text: &str) -> bool {
        crate::lock::read(text).is_ok()
    }
}
