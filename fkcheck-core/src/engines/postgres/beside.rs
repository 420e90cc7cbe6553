//! The rows of `beside.sql`: triggers and rules of tables, what they inherit from, keys that are off in some partitions, and
//! constraints on the columns that keys write.

use std::collections::HashMap;

use super::connection;
use super::tree::takes_no_null;
use crate::engines::row;
use crate::model::{
    Event, Guard, GuardKind, Hook, HookKind, ObservedKey, ObservedTable, TableKind, TableName,
};

row! {
    /// A row of `beside.sql`.
    #[derive(Debug)]
    pub(super) struct BesideRow {
        kind: String,
        key: i64,
        schema: Option<String>,
        name: Option<String>,
        a: Option<String>,
        b: Option<String>,
        attributes: Option<Vec<i16>>,
        columns: Option<Vec<String>>,
    }
}

/// The rows by what they are about.
pub(super) struct Beside {
    of_keys: HashMap<i64, Vec<BesideRow>>,
    of_tables: HashMap<TableName, Vec<BesideRow>>,
}

impl Beside {
    pub(super) fn new(rows: Vec<BesideRow>) -> Self {
        let mut beside = Beside { of_keys: HashMap::new(), of_tables: HashMap::new() };
        for row in rows {
            if row.key != 0 {
                beside.of_keys.entry(row.key).or_default().push(row);
            } else if let (Some(schema), Some(name)) = (&row.schema, &row.name) {
                beside.of_tables.entry(TableName::qualified(schema, name)).or_default().push(row);
            }
        }
        beside
    }

    /// Adds to a key what is known beside it; `attributes` are its columns' numbers.
    pub(super) fn add_to_key(
        &self,
        key: &mut ObservedKey,
        number: i64,
        attributes: &[i16],
        parent_is_whole: bool,
    ) {
        let rows = self.of_keys.get(&number).map_or(&[][..], Vec::as_slice);
        let disabled = |what: &str| -> Vec<TableName> {
            let of_kind = rows.iter().filter(|row| row.kind == "off" && row.a.as_deref() == Some(what));
            of_kind.filter_map(BesideRow::table).collect()
        };
        let force = &mut key.in_force;
        // A partitioned table has no rows of its own: what is off for it alone is off for none.
        key.check_disabled_in = disabled("check");
        if key.child_kind == TableKind::Partitioned && key.check_disabled_in.is_empty() {
            force.check_enabled = true;
        }
        key.action_disabled_in = disabled("action");
        if parent_is_whole && key.action_disabled_in.is_empty() {
            force.action_enabled = true;
        }
        // What is off for the whole needn't be said of its parts.
        if !force.check_enabled {
            key.check_disabled_in.clear();
        }
        if !force.action_enabled {
            key.action_disabled_in.clear();
        }
        key.guards = rows.iter().filter_map(|row| guard(row, &key.key.columns, attributes)).collect();
        key.whole = self.whole(&key.key.table).filter(|_| key.child_kind == TableKind::Partition);
    }

    /// The topmost table that a partition is a part of.
    fn whole(&self, table: &TableName) -> Option<TableName> {
        let above = |table: &TableName| self.inherits(table).next();
        // Bounded, for nothing that a server says may hold us up.
        std::iter::successors(above(table), above).take(self.of_tables.len() + 1).last()
    }

    fn inherits(&self, table: &TableName) -> impl Iterator<Item = TableName> {
        let rows = self.of_tables.get(table).into_iter().flatten().filter(|row| row.kind == "inherits");
        rows.filter_map(|row| Some(TableName::qualified(row.a.clone()?, row.b.clone()?)))
    }

    /// Adds to a table what is known beside it.
    pub(super) fn add_to_table(&self, table: &mut ObservedTable) {
        table.inherits = self.inherits(&table.name).collect();
        table.hooks = self.of_tables.get(&table.name).into_iter().flatten().flat_map(hooks).collect();
    }
}

impl BesideRow {
    fn table(&self) -> Option<TableName> {
        Some(TableName::qualified(self.schema.clone()?, self.name.clone()?))
    }
}

/// A trigger is one hook for each of its events, and so is a publication, whose events are those of triggers.
fn hooks(row: &BesideRow) -> Vec<Hook> {
    let (Some(name), Some(b)) = (&row.a, &row.b) else { return Vec::new() };
    let hook = |kind, event| Hook {
        kind,
        event,
        name: name.clone(),
        columns: match event {
            Event::Update => row.columns.clone().unwrap_or_default(),
            Event::Delete => Vec::new(),
        },
    };
    match row.kind.as_str() {
        "trigger" | "publication" => {
            let bits: u16 = b.parse().unwrap_or_default();
            let kind = match bits & 3 {
                _ if row.kind == "publication" => HookKind::Publication,
                0 | 2 => HookKind::Statement,
                1 => HookKind::After,
                _ => HookKind::Before,
            };
            let events = [(8, Event::Delete), (16, Event::Update)];
            events
                .into_iter()
                .filter(|(bit, _)| bits & bit != 0)
                .map(|(_, event)| hook(kind, event))
                .collect()
        }
        "rule" => {
            let event = if b.starts_with('4') { Event::Delete } else { Event::Update };
            vec![hook(if b.ends_with("nothing") { HookKind::Swallows } else { HookKind::Rule }, event)]
        }
        _ => Vec::new(),
    }
}

fn guard(row: &BesideRow, columns: &[String], attributes: &[i16]) -> Option<Guard> {
    let tree = row.b.as_deref().unwrap_or_default();
    let mut looked_at: Vec<(&String, i16)> = columns
        .iter()
        .zip(attributes.iter().copied())
        .filter(|(_, attribute)| row.attributes.iter().flatten().any(|at| at == attribute))
        .collect();
    let (event, kind) = match row.kind.strip_prefix("update_") {
        Some(kind) => (Event::Update, kind),
        None => (Event::Delete, row.kind.as_str()),
    };
    let kind = match kind {
        "not_null" => GuardKind::NotNull,
        "check" if looked_at.iter().any(|(_, attribute)| takes_no_null(tree, *attribute)) => {
            looked_at.retain(|(_, attribute)| takes_no_null(tree, *attribute));
            GuardKind::NotNull
        }
        "check" => GuardKind::Check,
        "unique" => GuardKind::Unique,
        "unique_null" => GuardKind::UniqueNull,
        "partition_key" => GuardKind::PartitionKey,
        "room" => GuardKind::Room,
        _ => return None,
    };
    let columns = looked_at.into_iter().map(|(column, _)| column.clone()).collect();
    Some(Guard { event, kind, name: row.a.clone(), columns })
}
