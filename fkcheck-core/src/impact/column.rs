//! The column whose update is asked about, as its table calls it.

use crate::compare::Comparison;
use crate::engines::rows::Rows;
use crate::model::{SourceKind, TableName};
use crate::run::{self, CheckError, ReadSource};
use crate::sources::{self, Limits};

/// The column of the table by this name.
///
/// # Errors
/// Where the table has none of that name. Where nothing tells what columns it has, the name is taken for one.
pub(super) fn named(
    name: &str,
    table: &TableName,
    comparison: &Comparison<'_>,
    observed: &ReadSource,
    limits: &Limits,
) -> Result<String, CheckError> {
    let case = comparison.engine().column_case;
    let of_keys = comparison.observation.keys.iter().flat_map(|key| {
        let own = (key.key.table == *table).then_some(&key.key.columns);
        let referenced = (key.parent == *table).then_some(&key.parent_columns);
        own.into_iter().chain(referenced).flatten()
    });
    if let Some(known) = of_keys.map(String::as_str).find(|known| case.same(known, name)) {
        return Ok(known.to_owned());
    }
    let (columns, place) = match in_database(table, observed, limits) {
        Some(columns) => (columns, ""),
        None => match comparison.table_of(table) {
            Some(declared) => {
                (declared.columns.iter().map(|column| column.name.clone()).collect(), " in schema.rs")
            }
            None => return Ok(name.to_owned()),
        },
    };
    let columns: Vec<&str> = columns.iter().map(String::as_str).collect();
    if let Some(known) = columns.iter().find(|known| case.same(known, name)) {
        return Ok((*known).to_owned());
    }
    Err(CheckError::Usage {
        message: format!("`{table}` has no column `{}`{place}", sources::redact(name)),
        help: run::instead(name, &columns),
    })
}

/// The columns that a live database shows; `None` where there is none, or it doesn't tell.
fn in_database(table: &TableName, observed: &ReadSource, limits: &Limits) -> Option<Vec<String>> {
    let url = observed.url.as_ref().filter(|_| observed.observation.source == SourceKind::Database)?;
    let shapes = sources::with_rows(url, limits, async |rows: &mut dyn Rows| {
        rows.shapes(std::slice::from_ref(table)).await
    });
    let shape = shapes.ok()?.into_iter().next()?;
    Some(shape.columns.into_iter().map(|column| column.name).collect())
}
