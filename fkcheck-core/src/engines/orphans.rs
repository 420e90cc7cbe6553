//! Child rows without a parent, counted.

use std::pin::Pin;

use crate::access::SourceError;
use crate::model::{MatchType, ObservedKey, TableKind, TableName};

/// What refers to what; there may be a key on it or not.
#[derive(Clone, Debug)]
pub(crate) struct Reference {
    pub(crate) child: TableName,
    pub(crate) columns: Vec<String>,
    pub(crate) parent: TableName,
    pub(crate) parent_columns: Vec<String>,
    pub(crate) match_type: MatchType,
    /// The constraint's name, where there is one.
    pub(crate) constraint: Option<String>,
    /// Whether there is a key at all.
    pub(crate) is_key: bool,
    /// Whether the child's rows are those of its partitions.
    pub(crate) child_is_partitioned: bool,
    /// The same for the parent.
    pub(crate) parent_is_partitioned: bool,
}

/// For each reference the number of rows, or why they couldn't be counted.
pub(crate) type OrphanCounts = Vec<Result<u64, String>>;

/// A counting that is under way.
pub(crate) type CountingOrphans<'a> =
    Pin<Box<dyn Future<Output = Result<OrphanCounts, SourceError>> + Send + 'a>>;

impl Reference {
    pub(crate) fn of(key: &ObservedKey, is_key: bool, parent_is_partitioned: bool) -> Self {
        Reference {
            child: key.key.table.clone(),
            columns: key.key.columns.clone(),
            parent: key.parent.clone(),
            parent_columns: key.parent_columns.clone(),
            match_type: key.match_type,
            constraint: key.name.clone().filter(|_| is_key),
            is_key,
            child_is_partitioned: key.child_kind == TableKind::Partitioned,
            parent_is_partitioned,
        }
    }

    /// Counts the rows of `c` that have no row in `p`, as column `orphans`. `equal` compares the parent's column with the
    /// child's.
    pub(super) fn count(
        &self,
        tables: (&str, &str),
        number: &str,
        quoted: &dyn Fn(&str) -> String,
        equal: &dyn Fn(usize, &str, &str) -> String,
    ) -> String {
        let child = |column: &String| format!("c.{}", quoted(column));
        let test = |word: &str, glue: &str| {
            self.columns
                .iter()
                .map(|column| format!("{} {word}", child(column)))
                .collect::<Vec<_>>()
                .join(glue)
        };
        let joined: Vec<String> = self
            .columns
            .iter()
            .zip(&self.parent_columns)
            .enumerate()
            .map(|(at, (column, parent))| equal(at, &format!("p.{}", quoted(parent)), &child(column)))
            .collect();
        let without_parent = format!(
            "{} AND NOT EXISTS (SELECT 1 FROM {} p WHERE {})",
            test("IS NOT NULL", " AND "),
            tables.1,
            joined.join(" AND ")
        );
        let half_null = match (self.match_type, self.columns.len()) {
            // Neither all NULL nor none.
            (MatchType::Full, 2..) => {
                format!(" OR NOT ({}) AND ({})", test("IS NULL", " AND "), test("IS NULL", " OR "))
            }
            _ => String::new(),
        };
        format!("SELECT {number} AS orphans FROM {} c WHERE {without_parent}{half_null}", tables.0)
    }
}

/// A row of such a query.
pub(super) struct CountRow {
    pub(super) orphans: i64,
}

impl CountRow {
    pub(super) fn number(&self) -> u64 {
        u64::try_from(self.orphans).unwrap_or_default()
    }
}
