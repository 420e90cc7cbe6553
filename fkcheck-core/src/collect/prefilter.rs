//! Which files are looked at: those that hold one of a few byte strings.

use std::sync::LazyLock;

use memchr::memmem::Finder;

/// What every fact has in its text. `table_name` is in `#[diesel(table_name = ..)]` and in Diesel 1's attribute.
const NEEDLES: [&str; 8] =
    ["table!", "view!", "joinable!", "foreign_keys!", "table_name", "belongs_to", "ForeignKeys", "fk("];

static FINDERS: LazyLock<Vec<Finder<'static>>> = LazyLock::new(|| NEEDLES.iter().map(Finder::new).collect());

/// Whether a file can hold a fact.
pub(super) fn matters(bytes: &[u8]) -> bool {
    FINDERS.iter().any(|finder| finder.find(bytes).is_some())
}
