//! Keys as the pragmas and the CREATE TABLE texts show them together.

use super::catalogue::{Catalogue, Column, Index, KeyPart, Table};
use super::create_table::{self, WrittenKey};
use super::{MAIN, beside};
use crate::engines::action_from_sql;
use crate::model::{Action, ColumnFacts, Deferrability, InForce, KeyName, MatchType, ObservedKey, TableName};

/// Every key of every table. What the CREATE TABLE texts don't tell becomes a remark.
pub(super) fn observed_keys(catalogue: &Catalogue, remarks: &mut Vec<String>) -> Vec<ObservedKey> {
    let mut keys = Vec::new();
    for table in catalogue.tables.values().filter(|table| !table.keys.is_empty()) {
        let written = written_keys(table);
        if written.is_none() {
            remarks.push(format!(
                "SQLite tells names, DEFERRABLE and MATCH of keys only in the text of CREATE TABLE, and the text of {} \
                 could not be read: they are taken to be absent",
                table.name
            ));
        }
        for (position, (id, parts)) in table.keys.iter().enumerate() {
            // The pragma counts from the last declared key.
            let text = written.as_ref().map(|written| &written[written.len() - 1 - position]);
            keys.push(observed_key(catalogue, table, *id, parts, text));
        }
    }
    keys
}

/// The keys as written, in the order of declaration; `None` if they aren't those of the pragma.
fn written_keys(table: &Table) -> Option<Vec<WrittenKey>> {
    let written = create_table::foreign_keys(table.create.as_deref()?)?;
    let agree = written.len() == table.keys.len()
        && written.iter().rev().zip(table.keys.values()).all(|(written, parts)| {
            written.columns.len() == parts.len()
                && written
                    .columns
                    .iter()
                    .zip(parts)
                    .all(|(column, part)| column.eq_ignore_ascii_case(&part.from))
                && parts.iter().all(|part| part.parent.eq_ignore_ascii_case(&written.parent))
        });
    agree.then_some(written)
}

fn observed_key(
    catalogue: &Catalogue,
    table: &Table,
    id: i64,
    parts: &[KeyPart],
    written: Option<&WrittenKey>,
) -> ObservedKey {
    let parent_name = parts.first().map_or("", |part| part.parent.as_str());
    let parent = catalogue.table(parent_name);
    let action = |words: Option<&str>| words.and_then(action_from_sql).unwrap_or(Action::NoAction);
    let on_delete = action(parts.first().map(|part| part.on_delete.as_str()));
    let on_update = action(parts.first().map(|part| part.on_update.as_str()));
    let names: Vec<_> = parts.iter().map(|part| part.from.as_str()).collect();
    let parent_columns = parent_columns(parent, parts);
    // What names no columns means the primary key, however that compares.
    let is_named = parts.iter().any(|part| part.to.is_some());
    let has_parent_key = !is_named || has_parent_key(parent, &parent_columns);
    let own_columns: Vec<String> = names.iter().map(|name| true_name(table, name)).collect();
    ObservedKey {
        guards: beside::guards(table, &own_columns, &on_delete, &on_update),
        key: KeyName { table: TableName::qualified(MAIN, &table.name), columns: own_columns },
        name: written.and_then(|written| written.name.clone()),
        parent: TableName::qualified(MAIN, parent.map_or(parent_name, |parent| parent.name.as_str())),
        parent_columns,
        on_update,
        deferrability: written.map_or(Deferrability::NotDeferrable, |written| written.deferrability),
        match_type: written.map_or(MatchType::Simple, |written| written.match_type),
        columns: names.iter().map(|name| column_facts(table, name)).collect(),
        child_kind: table.kind(),
        covering_index: Some(is_covered(table, &names)),
        child_rows: None,
        in_force: InForce { has_parent_key, ..InForce::YES },
        firing_order: firing_order(table.place, id),
        on_delete,
        check_disabled_in: Vec::new(),
        action_disabled_in: Vec::new(),
        whole: None,
        extension: None,
        origin: None,
    }
}

/// Actions run from the last declared key of the last table to the first of the first.
fn firing_order(table: i64, id: i64) -> u64 {
    /// More keys than a table has.
    const KEYS: i64 = 1 << 16;
    /// More tables than a file has.
    const TABLES: i64 = 1 << 40;
    u64::try_from((TABLES - table.clamp(0, TABLES)) * KEYS + id).unwrap_or_default()
}

/// The column's name as the table spells it; a key may spell it in another case.
fn true_name(table: &Table, name: &str) -> String {
    table.column(name).map_or(name, |column| column.name.as_str()).to_owned()
}

/// The referenced columns: those written, or else the parent's primary key. Empty: there is no such table or key.
fn parent_columns(parent: Option<&Table>, parts: &[KeyPart]) -> Vec<String> {
    let Some(parent) = parent else { return Vec::new() };
    let written: Option<Vec<_>> =
        parts.iter().map(|part| part.to.as_deref().map(|name| true_name(parent, name))).collect();
    let columns = written
        .unwrap_or_else(|| parent.primary_key().into_iter().map(|column| column.name.clone()).collect());
    if columns.len() == parts.len() { columns } else { Vec::new() }
}

/// Where the columns aren't one of the parent's keys, SQLite ends every delete there in "foreign key mismatch".
fn has_parent_key(parent: Option<&Table>, columns: &[String]) -> bool {
    let mut wanted = columns.to_vec();
    wanted.sort_unstable();
    // Without a parent, or columns, there is no such key at all, which is told by these.
    columns.is_empty() || parent.is_none_or(|parent| parent.unique_keys().contains(&wanted))
}

fn column_facts(table: &Table, name: &str) -> ColumnFacts {
    let Some(column) = table.column(name) else {
        return ColumnFacts { nullable: true, has_default: false, generated: false };
    };
    let is_row_id = table.row_id().is_some_and(|row_id| std::ptr::eq(row_id, column));
    ColumnFacts {
        nullable: !column.not_null && !is_row_id,
        has_default: has_default(column),
        generated: column.generated,
    }
}

fn has_default(column: &Column) -> bool {
    column.default.as_deref().is_some_and(|default| !default.trim().eq_ignore_ascii_case("null"))
}

/// Whether an index begins with these columns, in any order.
fn is_covered(table: &Table, names: &[&str]) -> bool {
    let by_row_id =
        matches!((table.row_id(), names), (Some(row_id), [name]) if row_id.name.eq_ignore_ascii_case(name));
    by_row_id || table.indexes.values().any(|index| index_covers(index, names))
}

fn index_covers(index: &Index, names: &[&str]) -> bool {
    let leading: Vec<_> = index.columns.iter().take(names.len()).flatten().collect();
    let leads = leading.len() == names.len()
        && names.iter().all(|name| leading.iter().any(|column| column.eq_ignore_ascii_case(name)));
    leads
        && match (&index.partial, names) {
            (None, _) => true,
            (Some(create), [name]) => create_table::holds_all_but_null(create, name),
            (Some(_), _) => false,
        }
}
