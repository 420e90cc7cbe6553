//! Counts rows without a parent. A reader never waits for a writer in WAL mode; in the older modes a writer may have to wait for
//! this to end before it commits.

use rusqlite::Connection;

use super::super::orphans::{OrphanCounts, Reference};
use super::fix::{literal, quoted};

pub(super) fn count_all(connection: &Connection, references: &[Reference]) -> OrphanCounts {
    references.iter().map(|reference| count(connection, reference)).collect()
}

fn count(connection: &Connection, reference: &Reference) -> Result<u64, String> {
    let query = if reference.is_key { by_pragma(reference) } else { by_join(reference) };
    let count: i64 = connection.query_row(&query, [], |row| row.get(0)).map_err(|error| error.to_string())?;
    Ok(u64::try_from(count).unwrap_or_default())
}

/// SQLite's own check compares as its keys do. The same key may be there twice, and one to another column beside it.
fn by_pragma(reference: &Reference) -> String {
    let child = literal(&reference.child.name);
    let pairs = reference.columns.iter().zip(&reference.parent_columns).enumerate();
    let columns: Vec<String> = pairs
        .map(|(at, (column, parent))| {
            format!(
                "EXISTS (SELECT 1 FROM pragma_foreign_key_list({child}) l WHERE l.id = k.id AND l.seq = {at} \
                 AND l.\"from\" = {} COLLATE NOCASE AND coalesce(l.\"to\", {1}) = {1} COLLATE NOCASE)",
                literal(column),
                literal(parent)
            )
        })
        .collect();
    format!(
        "SELECT count(*) AS orphans FROM pragma_foreign_key_check({child}) o WHERE o.fkid = (SELECT min(k.id) FROM pragma_foreign_key_list({child}) k \
         WHERE k.\"table\" = {} COLLATE NOCASE AND {} AND NOT EXISTS (SELECT 1 FROM pragma_foreign_key_list({child}) l WHERE l.id = k.id AND l.seq = {}))",
        literal(&reference.parent.name),
        columns.join(" AND "),
        reference.columns.len()
    )
}

fn by_join(reference: &Reference) -> String {
    let (child, parent) = (quoted(&reference.child.name), quoted(&reference.parent.name));
    // The parent's collation decides, which is that of the left side.
    let equal = |_: usize, parent: &str, child: &str| format!("{parent} = {child}");
    reference.count((&child, &parent), "count(*)", &quoted, &equal)
}
