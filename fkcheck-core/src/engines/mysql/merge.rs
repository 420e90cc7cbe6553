//! The rows of `catalogue.sql`, merged into keys and tables.

use std::collections::{BTreeMap, BTreeSet};

use super::connection;
use crate::engines::{action_from_sql, row};
use crate::model::{
    Action, ColumnFacts, Deferrability, Event, Hook, HookKind, InForce, KeyName, MatchType, ObservedKey,
    ObservedTable, TableKind, TableName,
};

row! {
    /// A row of `catalogue.sql`.
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub(super) struct Row {
        kind: String,
        t: String,
        n: String,
        pos: i64,
        c1: Option<String>,
        c2: Option<String>,
        c3: Option<String>,
        c4: Option<String>,
    }
}

/// The actions of a key, in SQL's words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Rule {
    pub(super) on_delete: String,
    pub(super) on_update: String,
    pub(super) match_full: bool,
    pub(super) parent_index: ParentIndex,
}

/// Whether the parent has an index that serves a key; MySQL names unique ones alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ParentIndex {
    There,
    Missing,
    NotTold,
}

/// (table, constraint): a constraint's name alone is unique in MySQL and MariaDB, but not in `TiDB`.
type ConstraintName = (String, String);

/// The views, merged.
#[derive(Debug, Default)]
pub(super) struct Catalogue {
    keys: BTreeMap<ConstraintName, Key>,
    rules: BTreeMap<ConstraintName, Rule>,
    /// By table and folded column.
    columns: BTreeMap<(String, String), ColumnFacts>,
    /// By name.
    tables: BTreeMap<String, ObservedTable>,
    /// Primary and unique keys, by folded table and by name: their columns, folded.
    unique_keys: BTreeMap<String, BTreeMap<String, BTreeSet<String>>>,
    /// The tables' names, folded.
    folded: BTreeSet<String>,
    hooks: BTreeMap<String, Vec<Hook>>,
    is_mariadb: bool,
}

#[derive(Debug, Default)]
struct Key {
    parent: Option<TableName>,
    /// By position: child column, parent column.
    columns: BTreeMap<i64, (String, String)>,
}

impl Catalogue {
    pub(super) fn new(rows: &[Row], database: &str, is_mariadb: bool) -> Self {
        let mut catalogue = Catalogue { is_mariadb, ..Catalogue::default() };
        for row in rows {
            match row.kind.as_str() {
                "k" if row.c3.is_none() => {
                    let keys = catalogue.unique_keys.entry(row.t.to_ascii_lowercase()).or_default();
                    let columns = row.c1.iter().map(|column| column.to_ascii_lowercase());
                    keys.entry(row.n.clone()).or_default().extend(columns);
                }
                "k" => catalogue.add_key_column(row),
                "g" => catalogue.hooks.entry(row.t.clone()).or_default().extend(hook(row)),
                "r" => {
                    let rule = Rule {
                        on_delete: row.c1.clone().unwrap_or_default(),
                        on_update: row.c2.clone().unwrap_or_default(),
                        match_full: row.c3.as_deref() == Some("FULL"),
                        parent_index: if row.c4.is_some() {
                            ParentIndex::There
                        } else {
                            ParentIndex::Missing
                        },
                    };
                    catalogue.rules.insert((row.t.clone(), row.n.clone()), rule);
                }
                "c" => {
                    let name = (row.t.clone(), row.n.to_ascii_lowercase());
                    catalogue.columns.insert(name, column_facts(row, is_mariadb));
                }
                _ => {
                    catalogue.folded.insert(row.t.to_ascii_lowercase());
                    catalogue.tables.insert(row.t.clone(), observed_table(row, database));
                }
            }
        }
        catalogue
    }

    fn add_key_column(&mut self, row: &Row) {
        let key = self.keys.entry((row.t.clone(), row.n.clone())).or_default();
        key.parent = row.c3.as_ref().map(|name| TableName { schema: row.c2.clone(), name: name.clone() });
        let text = |column: &Option<String>| column.clone().unwrap_or_default();
        key.columns.insert(row.pos, (text(&row.c1), text(&row.c4)));
    }

    /// Tables with a key whose rule the views don't show.
    pub(super) fn tables_without_rules(&self) -> BTreeSet<&str> {
        let unruled = self.keys.keys().filter(|name| !self.rules.contains_key(*name));
        unruled.map(|(table, _)| table.as_str()).collect()
    }

    /// Takes in a rule that was found elsewhere.
    pub(super) fn add_rule(&mut self, table: &str, constraint: String, rule: Rule) {
        self.rules.entry((table.to_owned(), constraint)).or_insert(rule);
    }

    /// Keys of which only half is known: their columns without a rule, or their rule without columns.
    pub(super) fn half_known(&self) -> usize {
        let without_rule = self.keys.keys().filter(|name| !self.rules.contains_key(*name)).count();
        without_rule + self.rules.keys().filter(|name| !self.keys.contains_key(*name)).count()
    }

    /// Every table and view.
    pub(super) fn tables(&self) -> Vec<ObservedTable> {
        let tables = self.tables.iter().map(|(name, table)| ObservedTable {
            hooks: self.hooks.get(name).cloned().unwrap_or_default(),
            ..table.clone()
        });
        tables.collect()
    }

    pub(super) fn has_tables(&self) -> bool {
        !self.tables.is_empty()
    }

    /// Every key that is known whole. Keys that don't fire by name all have the same rank: the views, and SHOW CREATE
    /// TABLE too, list them by name, so the order of declaration can't be known.
    pub(super) fn observed_keys(&self, database: &str, fires_by_name: bool) -> Vec<ObservedKey> {
        let mut names: Vec<_> = self.keys.keys().collect();
        // By their bytes: `InnoDB` compares them so, capitals first.
        names.sort_by(|(_, left), (_, right)| left.cmp(right));
        let ranks: BTreeMap<_, u64> =
            if fires_by_name { names.into_iter().zip(0..).collect() } else { BTreeMap::new() };
        let observed = self.keys.iter().filter_map(|(name, key)| {
            let rule = self.rules.get(name)?;
            self.observed_key(database, name, key, rule, ranks.get(name).copied().unwrap_or_default())
        });
        observed.collect()
    }

    fn observed_key(
        &self,
        database: &str,
        (table, constraint): &ConstraintName,
        key: &Key,
        rule: &Rule,
        firing_order: u64,
    ) -> Option<ObservedKey> {
        let column = |name: &str| {
            let unknown = ColumnFacts { nullable: true, has_default: false, generated: false };
            self.columns.get(&(table.clone(), name.to_ascii_lowercase())).cloned().unwrap_or(unknown)
        };
        let name = TableName::qualified(database, table);
        let child_kind = self.tables.get(table).map_or(TableKind::Table, |table| table.kind);
        let action = |words: &str| action_from_sql(words).unwrap_or(Action::NoAction);
        Some(ObservedKey {
            columns: key.columns.values().map(|(child, _)| column(child)).collect(),
            parent_columns: key.columns.values().map(|(_, parent)| parent.clone()).collect(),
            parent: key.parent.clone()?,
            name: Some(constraint.clone()),
            on_delete: action(&rule.on_delete),
            on_update: action(&rule.on_update),
            deferrability: Deferrability::NotDeferrable,
            match_type: if rule.match_full { MatchType::Full } else { MatchType::Simple },
            child_kind,
            // InnoDB makes one where there is none, and keeps the last one from being dropped.
            covering_index: Some(true),
            child_rows: None,
            in_force: self.in_force(database, key, rule),
            firing_order,
            check_disabled_in: Vec::new(),
            action_disabled_in: Vec::new(),
            whole: None,
            guards: Vec::new(),
            extension: None,
            origin: None,
            key: KeyName {
                table: name,
                columns: key.columns.values().map(|(child, _)| child.clone()).collect(),
            },
        })
    }
}

impl Catalogue {
    /// What the parent still has of what the key needs.
    fn in_force(&self, database: &str, key: &Key, rule: &Rule) -> InForce {
        let Some(parent) = &key.parent else { return InForce::YES };
        if rule.parent_index == ParentIndex::NotTold
            || parent.schema.as_deref().is_some_and(|schema| !schema.eq_ignore_ascii_case(database))
        {
            return InForce::YES;
        }
        // A table that isn't seen may be one that this role may not see, and so may its keys where it sees none.
        let name = parent.name.to_ascii_lowercase();
        let is_there = self.folded.contains(&name);
        let wanted: BTreeSet<String> =
            key.columns.values().map(|(_, parent)| parent.to_ascii_lowercase()).collect();
        let seen = self.unique_keys.get(&name);
        let is_unique = seen.is_none_or(|keys| keys.values().any(|columns| columns.is_subset(&wanted)));
        // MySQL lets go of no index that a key needs.
        let is_missing = rule.parent_index == ParentIndex::Missing;
        let has_parent_key = !is_missing || is_there && !self.is_mariadb;
        InForce { has_parent_key, parent_is_unique: is_unique || !has_parent_key, ..InForce::YES }
    }
}

/// A trigger; its events are rows of their own.
fn hook(row: &Row) -> Option<Hook> {
    let kind = if row.c1.as_deref() == Some("BEFORE") { HookKind::Before } else { HookKind::After };
    let event = match row.c2.as_deref()? {
        "DELETE" => Event::Delete,
        "UPDATE" => Event::Update,
        _ => return None,
    };
    Some(Hook { kind, event, name: row.n.clone(), columns: Vec::new() })
}

fn column_facts(row: &Row, is_mariadb: bool) -> ColumnFacts {
    // MariaDB writes NULL as a word, and a text in quotes.
    let is_null = |default: &str| is_mariadb && default.eq_ignore_ascii_case("NULL");
    ColumnFacts {
        nullable: row.c1.as_deref() == Some("YES"),
        has_default: row.c2.as_deref().is_some_and(|default| !is_null(default)),
        generated: row.c3.as_deref().is_some_and(is_generated),
    }
}

/// `VIRTUAL GENERATED` and `STORED GENERATED`, but not MySQL's `DEFAULT_GENERATED`, which is an expression as a default.
pub(super) fn is_generated(extra: &str) -> bool {
    extra.split_whitespace().any(|word| word.eq_ignore_ascii_case("GENERATED"))
}

fn observed_table(row: &Row, database: &str) -> ObservedTable {
    let is = |text: &Option<String>, word: &str| {
        text.as_deref().is_some_and(|text| text.to_ascii_lowercase().contains(word))
    };
    let kind = match () {
        () if is(&row.c1, "view") => TableKind::View,
        () if is(&row.c2, "partitioned") => TableKind::Partitioned,
        () => TableKind::Table,
    };
    ObservedTable {
        storage: (!row.n.is_empty()).then(|| row.n.clone()),
        ..ObservedTable::new(TableName::qualified(database, &row.t), kind)
    }
}
