//! The rows of `definitions.sql`.

use super::connection;
use crate::engines::row;
use crate::model::{Definitions, TableName};

row! {
    /// A row of `definitions.sql`.
    pub(super) struct Row {
        kind: String,
        schema: String,
        name: String,
        a: Option<String>,
        b: Option<String>,
        columns: Option<Vec<String>>,
    }
}

pub(super) fn definitions(rows: Vec<Row>) -> Definitions {
    let mut definitions = Definitions::default();
    for row in rows {
        let table = TableName::qualified(row.schema, row.name);
        let (a, b) = (row.a.unwrap_or_default(), row.b.unwrap_or_default());
        match row.kind.as_str() {
            "name" => {
                definitions.constraints.entry(table).or_default().insert(a);
            }
            "always" => {
                definitions.always.insert((table, a));
            }
            "temporal" => {
                definitions.temporal.insert((table, a));
            }
            "partition" => {
                definitions.partitions.entry(table).or_default().push(TableName::qualified(a, b));
            }
            _ => {
                let mut columns = row.columns.unwrap_or_default();
                columns.sort_unstable();
                definitions.unique_keys.entry(table).or_default().push(columns);
            }
        }
    }
    definitions
}
