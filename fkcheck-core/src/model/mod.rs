//! Plain data: what an annotation claims, what `schema.rs` says, what a source shows.
//!
//! Nothing here asks a server or judges. Every value can be built by hand in a test. Files are read by `disk` alone, from all layers
//! above.

mod action;
mod beside;
mod code;
mod declared;
mod definitions;
#[cfg(feature = "collect")]
pub(crate) mod disk;
mod engine;
mod engine_facts;
mod level;
#[cfg(feature = "database")]
#[cfg_attr(not(feature = "workspace"), expect(dead_code, reason = "only a workspace is told who moved"))]
mod mark;
mod migration;
mod names;
mod observed;
mod package;
mod problem;
#[cfg(feature = "database")]
mod rows;
mod rule;
mod schema;
mod span;

pub use action::{Action, DataClass, Deferrability};
pub use beside::{Event, Guard, GuardKind, Hook, HookKind};
pub use code::{Act, By, Deed, Function, Rows};
pub use declared::{Allowance, Claim, DeclaredKey, KeyId, ParentClaim, Stated};
pub use definitions::{ConstraintName, Definitions, TableText};
pub use engine::Engine;
pub use engine_facts::{
    EngineFacts, IdentifierCase, NoActionCheck, NullingNotNull, RestrictMeaning, RowsFirst,
    SetDefaultMeaning, WithoutParentKey,
};
pub use level::Level;
#[cfg(feature = "database")]
pub(crate) use mark::{Mark, Step};
pub use migration::FixMigration;
#[cfg(feature = "database")]
pub(crate) use names::APPLIED_TABLE;
#[cfg(feature = "replay")]
pub(crate) use names::POSTGRES_LONGEST_NAME;
#[cfg(feature = "replay")]
pub(crate) use names::truncated;
pub use names::{KeyName, TableName};
pub use observed::{
    ColumnFacts, Doubt, Hidden, InForce, MatchType, Observation, ObservedKey, ObservedTable, Origin, Outside,
    SourceKind, TableKind, Unseen, Visibility,
};
pub use package::{Package, Target};
pub use problem::{Label, Problem};
#[cfg(all(feature = "workspace", feature = "database"))]
pub(crate) use rows::is_made_up;
#[cfg(feature = "database")]
pub use rows::{
    Bound, ColumnShape, DefaultValue, IndexShape, Literal, Lookup, Part, Partitions, Room, RowRead,
    TableShape, Value, ValueOrder, Watcher, made_up,
};
pub use rule::RuleId;
#[cfg(feature = "collect")]
pub(crate) use rule::with_rules;
pub use schema::{Column, Joinable, Model, SqlType, Table};
pub use span::{FileId, Position, SourceFile, SourceMap, Span};
