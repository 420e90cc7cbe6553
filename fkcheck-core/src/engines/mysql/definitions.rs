//! The rows of `definitions.sql`.

use super::connection;
use crate::engines::row;
use crate::model::{Definitions, TableName};

row! {
    /// A row of `definitions.sql`.
    pub(super) struct Row {
        t: String,
        n: String,
        pos: i64,
        /// `None`: an expression.
        c: Option<String>,
    }
}

pub(super) fn definitions(rows: Vec<Row>, database: &str) -> Definitions {
    let mut definitions = Definitions::default();
    for row in rows {
        let table = TableName::qualified(database, row.t);
        if row.pos == 0 {
            definitions.constraints.entry(table).or_default().insert(row.n);
            continue;
        }
        let columns = definitions.indexes.entry(table).or_default().entry(row.n).or_default();
        // What stands behind an expression or a part of a column serves no key.
        if let Some(column) = row.c
            && usize::try_from(row.pos) == Ok(columns.len() + 1)
        {
            columns.push(column);
        }
    }
    definitions
}
