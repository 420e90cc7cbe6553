//! What rewriting a table needs.

use super::MAIN;
use super::catalogue::{Catalogue, Table};
use super::create_table;
use crate::model::{Definitions, TableKind, TableName, TableText};

pub(super) fn definitions(catalogue: &Catalogue) -> Definitions {
    let tables = || catalogue.tables.values().filter(|table| table.kind() == TableKind::Table);
    let name = |table: &Table| TableName::qualified(MAIN, &table.name);
    Definitions {
        tables: tables().filter_map(|table| Some((name(table), table_text(table)?))).collect(),
        unique_keys: tables().map(|table| (name(table), table.unique_keys())).collect(),
        ..Definitions::default()
    }
}

/// `None`: SQLite's own tables have no text, and what can't be read can't be rewritten.
fn table_text(table: &Table) -> Option<TableText> {
    let create = table.create.clone()?;
    let traits = create_table::traits(&create)?;
    let names = |generated: bool| {
        let columns = table.columns.iter().filter(|column| column.generated == generated);
        columns.map(|column| column.name.clone()).collect()
    };
    Some(TableText {
        stored_columns: names(false),
        generated_columns: names(true),
        has_hidden_row_id: !traits.without_row_id && table.row_id().is_none(),
        has_counter: traits.auto_increment,
        others: table.others.clone(),
        create,
    })
}
