//! Many databases of one schema: which ones are asked for, all read at once, those that show the same compared once, and one
//! report of them all.

mod group;
mod list;
mod merge;
mod read;

pub use list::Partition;
pub(super) use list::{asked_for, nothing_asked_for};
pub(super) use merge::merge;
pub(super) use read::{FleetOptions, placed, read};

/// The first of these names and how many there are besides: `a, b and 12 more`.
fn listed(names: &[String], shown: usize) -> String {
    let first = names[..names.len().min(shown)].join(", ");
    match names.len() - names.len().min(shown) {
        0 => first,
        more => format!("{first} and {more} more"),
    }
}
