//! The grammar of `#[fk(..)]` and `foreign_keys! { .. }`, and Diesel's own attributes as far as they tell which
//! table and column a struct serves.
//!
//! One parser for the derive macro and for `cargo fkcheck`, so that the two can't disagree. It never stops at the
//! first mistake: what could be read comes back beside the errors, so that an editor keeps working while one types
//! and a compile shows all mistakes at once.

mod annotation;
mod attributes;
mod foreign_keys;
mod model;
mod nearest;
mod references;
mod valid;
mod value;

#[cfg(feature = "collect")]
pub(crate) use annotation::parse_annotation;
pub use annotation::{Allow, Annotation, Columns};
pub use foreign_keys::{ForeignKeyLine, parse_foreign_keys};
#[cfg(all(feature = "workspace", feature = "database"))]
pub(crate) use model::read_field;
pub use model::{
    BelongsTo, FieldInput, ModelInput, Shape, TableAttribute, TableRefOrigin, read_model, table_name_of,
};
#[cfg(all(feature = "workspace", feature = "database"))]
pub(crate) use nearest::near;
pub use nearest::nearest;
pub use references::{ColumnRef, References, TableRef};
pub use valid::{reject_repetitions, validate, validate_lines};
pub use value::{ActionValue, DataValue, DeferrableValue};
