//! The rows of `definitions.sql`.

use diesel::QueryableByName;
use diesel::sql_types::{Array, Nullable, Text};

use crate::model::{Definitions, TableName};

/// A row of `definitions.sql`.
#[derive(QueryableByName)]
pub(super) struct Row {
    #[diesel(sql_type = Text)]
    kind: String,
    #[diesel(sql_type = Text)]
    schema: String,
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Nullable<Text>)]
    a: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    b: Option<String>,
    #[diesel(sql_type = Nullable<Array<Text>>)]
    columns: Option<Vec<String>>,
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
