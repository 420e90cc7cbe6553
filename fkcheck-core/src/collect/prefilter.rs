//! Which files are looked at: those that hold one of a few byte strings.

use std::sync::LazyLock;

use memchr::memmem::Finder;

/// What every fact has in its text. `table_name` is in `#[diesel(table_name = ..)]` and in Diesel 1's attribute; a struct
/// with Diesel's default names has its derives alone. The last three lead to other files.
const NEEDLES: [&str; 14] = [
    "table!",
    "view!",
    "joinable!",
    "foreign_keys!",
    "table_name",
    "belongs_to",
    "Queryable",
    "Identifiable",
    "Insertable",
    "ForeignKeys",
    "fk(",
    "#[path",
    ", path = \"",
    "include!",
];

static FINDERS: LazyLock<Vec<Finder<'static>>> = LazyLock::new(|| NEEDLES.iter().map(Finder::new).collect());

static SWITCHES: LazyLock<Vec<Finder<'static>>> = LazyLock::new(|| {
    ["PRAGMA foreign_keys", "pragma foreign_keys", "set_foreign_keys_enabled"]
        .iter()
        .map(Finder::new)
        .collect()
});

/// Whether a file turns SQLite's foreign keys on (or off: then at least somebody has thought of it).
pub(super) fn switches_sqlite_keys(bytes: &[u8]) -> bool {
    SWITCHES.iter().any(|switch| switch.find(bytes).is_some())
}

/// Whether a file can hold a fact.
pub(super) fn matters(bytes: &[u8]) -> bool {
    FINDERS.iter().any(|finder| finder.find(bytes).is_some())
}
