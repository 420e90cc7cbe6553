//! What a delete meets beside keys: triggers and rules of the tables that it reaches, and tables that inherit from them.

use std::collections::HashMap;

use super::{Effect, Reach, Stop, When};
use crate::model::{Action, EngineFacts, Event, Hook, HookKind, ObservedTable, TableKind, TableName};

/// Something by which more can happen than the keys say, or less.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unknown {
    /// The table that has it.
    pub table: TableName,
    /// The step at which the table's rows go or are written.
    pub step: usize,
    /// What it is.
    pub what: What,
}

/// What makes a delete unknown.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum What {
    /// A trigger or rule.
    Hook(Hook),
    /// The table inherits from this one, to whose rows DELETE counts its own.
    GoesWith(TableName),
    /// The table inherits from this one, whose keys say nothing of its own rows.
    StaysBeside(TableName),
}

/// A table whose rows are deleted or written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Touched<'r> {
    pub(crate) table: &'r TableName,
    pub(crate) is_deleted: bool,
    /// The columns that are written, where rows are.
    pub(crate) written: Vec<&'r str>,
}

/// The tables of a source, by name.
pub(crate) struct Surroundings<'k> {
    tables: HashMap<&'k TableName, &'k ObservedTable>,
    /// Those that inherit from a table, its partitions among them.
    heirs: HashMap<&'k TableName, Vec<&'k ObservedTable>>,
    engine: &'k EngineFacts,
}

impl<'k> Surroundings<'k> {
    pub(crate) fn new(tables: &'k [ObservedTable], engine: &'k EngineFacts) -> Self {
        let mut heirs: HashMap<&TableName, Vec<&ObservedTable>> = HashMap::new();
        for table in tables {
            for above in &table.inherits {
                heirs.entry(above).or_default().push(table);
            }
        }
        Surroundings { tables: tables.iter().map(|table| (&table.name, table)).collect(), heirs, engine }
    }

    /// What a delete can meet; the keys that it makes fail are added to those that stop it.
    pub(crate) fn meet(&self, reach: &mut Reach<'k>) -> Vec<Unknown> {
        let mut unknown = Vec::new();
        let mut stops = Vec::new();
        for deleted in &reach.deleted {
            let is_root = deleted.step == 0;
            for (table, hook) in self.hooks(deleted.table, is_root, Event::Delete) {
                if hook.kind == HookKind::Swallows && !is_root {
                    let step = deleted.step - 1;
                    let by = Some(hook.name.as_str());
                    stops.extend(deleted.by.iter().map(|key| Stop { key, step, when: When::Swallowed, by }));
                } else {
                    unknown.push(Unknown::new(table, deleted.step, What::Hook(hook.clone())));
                }
            }
            for heir in self.outside(deleted.table) {
                let of = deleted.table.clone();
                let what = if is_root { What::GoesWith(of) } else { What::StaysBeside(of) };
                unknown.push(Unknown::new(&heir.name, deleted.step, what));
            }
        }
        for Effect { key, step } in &reach.cleared {
            let table = &key.key.table;
            let (Action::SetNull(named) | Action::SetDefault(named)) = &key.on_delete else { continue };
            let written = if named.is_empty() { &key.key.columns } else { named };
            for (table, hook) in self.hooks(table, false, Event::Update) {
                if !hook.columns.is_empty() && !hook.columns.iter().any(|column| written.contains(column)) {
                    continue;
                }
                if hook.kind == HookKind::Swallows {
                    let by = Some(hook.name.as_str());
                    stops.push(Stop { key, step: *step, when: When::Swallowed, by });
                } else {
                    unknown.push(Unknown::new(table, step + 1, What::Hook(hook.clone())));
                }
            }
            let heirs = self.outside(table);
            unknown.extend(
                heirs.map(|heir| Unknown::new(&heir.name, step + 1, What::StaysBeside(table.clone()))),
            );
        }
        let is_swallowed = |effect: &Effect<'_>| stops.iter().any(|stop| std::ptr::eq(stop.key, effect.key));
        reach.cleared.retain(|effect| !is_swallowed(effect));
        reach.stops.extend(stops);
        let mut told = Vec::new();
        unknown.retain(|one| {
            !told.contains(one) && {
                told.push(one.clone());
                true
            }
        });
        unknown
    }

    /// What beside keys may make something else of rows that are touched; `root` is the table that the statement names. In words.
    pub(crate) fn of_rows(&self, root: &TableName, touched: &[Touched<'_>], is_update: bool) -> Vec<String> {
        let mut unknown = Vec::new();
        for one in touched {
            let Some((&table, _)) = self.tables.get_key_value(one.table) else { continue };
            let is_root = one.table == root && one.is_deleted != is_update;
            let event = if one.is_deleted { Event::Delete } else { Event::Update };
            for (table, hook) in self.hooks(table, is_root, event) {
                let concerns = one.is_deleted
                    || hook.columns.is_empty()
                    || hook.columns.iter().any(|column| one.written.contains(&column.as_str()));
                if concerns {
                    unknown.push(format!("`{}` on `{table}` acts on it, too", hook.name));
                }
            }
            for heir in self.outside(table) {
                unknown.push(format!("`{}` inherits from `{table}`", heir.name));
            }
        }
        unknown.sort_unstable();
        unknown.dedup();
        unknown
    }

    /// What a statement on a table sets off, in the table itself and in its partitions; rules are those of the table that
    /// the statement names.
    fn hooks(
        &self,
        table: &'k TableName,
        is_root: bool,
        event: Event,
    ) -> impl Iterator<Item = (&'k TableName, &'k Hook)> {
        let acts = is_root || self.engine.cascades_set_off_triggers;
        let tables = self.tables.get(table).copied().filter(|_| acts);
        let partitions = if acts { self.partitions(table) } else { Vec::new() };
        let all = tables
            .into_iter()
            .map(|table| (table, true))
            .chain(partitions.into_iter().map(|table| (table, false)));
        all.flat_map(move |(table, is_named)| {
            let hooks = table.hooks.iter().filter(move |hook| {
                hook.event == event && (is_named || !matches!(hook.kind, HookKind::Rule | HookKind::Swallows))
            });
            hooks.map(|hook| (&table.name, hook))
        })
    }

    /// The partitions of a table, and theirs.
    fn partitions(&self, table: &'k TableName) -> Vec<&'k ObservedTable> {
        let mut all: Vec<&ObservedTable> = Vec::new();
        let mut open = vec![table];
        while let Some(table) = open.pop() {
            for heir in self.heirs.get(table).into_iter().flatten() {
                if heir.kind == TableKind::Partition && !all.iter().any(|known| known.name == heir.name) {
                    all.push(heir);
                    open.push(&heir.name);
                }
            }
        }
        all
    }

    /// Tables that inherit from a table and are no partitions of it.
    fn outside(&self, table: &TableName) -> impl Iterator<Item = &'k ObservedTable> {
        let heirs = self.heirs.get(table).into_iter().flatten().copied();
        heirs.filter(|heir| heir.kind != TableKind::Partition)
    }
}

impl Unknown {
    fn new(table: &TableName, step: usize, what: What) -> Self {
        Unknown { table: table.clone(), step, what }
    }
}
