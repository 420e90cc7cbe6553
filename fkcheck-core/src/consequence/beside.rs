//! What a delete meets beside keys: triggers and rules of the tables that it reaches, and tables that inherit from them.

use std::collections::{HashMap, HashSet};

use super::{Deleted, Effect, Reach, Stop, When};
use crate::model::{
    Action, EngineFacts, Event, Hook, HookKind, KeyName, ObservedKey, ObservedTable, TableKind, TableName,
};

/// Something by which more can happen than the keys say, or less.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Unknown {
    /// The table that has it.
    pub table: TableName,
    /// The step at which the table's rows go or are written.
    pub step: usize,
    /// What it is.
    pub what: What,
}

/// What makes a delete unknown.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum What {
    /// A trigger or rule.
    Hook(Hook),
    /// The table inherits from this one, to whose rows DELETE counts its own.
    GoesWith(TableName),
    /// The table inherits from this one, whose keys say nothing of its own rows.
    StaysBeside(TableName),
    /// A key refers to a partition of the table, or to what the table is a partition of: it acts on rows of the table, too.
    OfAnotherPart {
        /// Child table and referencing columns.
        key: KeyName,
        /// What it refers to.
        parent: TableName,
    },
    /// Triggers and rules, which the source doesn't tell, for this reason.
    Unseen(String),
    /// Keys of other databases, of which the source may not tell all, for this reason.
    UnseenOutside(String),
}

/// A table whose rows are deleted or written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Touched<'r> {
    pub(crate) table: &'r TableName,
    pub(crate) is_deleted: bool,
    /// The columns that are written, where rows are.
    pub(crate) written: Vec<&'r str>,
    /// There are such rows; else there is a statement about them all the same.
    pub(crate) has_rows: bool,
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
        let mut met = Met::default();
        for deleted in &reach.deleted {
            self.at_delete(deleted, &mut met);
        }
        for effect in &reach.cleared {
            self.at_clearing(effect, &mut met);
        }
        let is_swallowed =
            |effect: &Effect<'_>| met.stops.iter().any(|stop| std::ptr::eq(stop.key, effect.key));
        reach.cleared.retain(|effect| !is_swallowed(effect));
        reach.stops.extend(met.stops);
        each_once(met.unknown)
    }

    /// Keys that act on rows of these tables by another name: of a partition, or of the whole.
    pub(crate) fn of_other_parts(&self, reach: &Reach<'k>, keys: &'k [ObservedKey]) -> Vec<Unknown> {
        let mut by_parent: HashMap<&TableName, Vec<&ObservedKey>> = HashMap::new();
        for key in keys.iter().filter(|key| key.in_force.enforced && key.in_force.action_enabled) {
            by_parent.entry(&key.parent).or_default().push(key);
        }
        let mut unknown = Vec::new();
        for touched in &reach.deleted {
            let parts = self.partitions(touched.table).into_iter().map(|part| &part.name);
            let others = parts.chain(self.wholes(touched.table)).filter(|other| {
                let is_it = |known: &Deleted<'_>| known.table == *other;
                !reach.deleted.iter().any(is_it)
            });
            let keys = others.flat_map(|other| by_parent.get(other).into_iter().flatten());
            unknown.extend(keys.map(|key| Unknown {
                table: touched.table.clone(),
                step: touched.step,
                what: What::OfAnotherPart { key: key.key.clone(), parent: key.parent.clone() },
            }));
        }
        each_once(unknown)
    }

    /// What an update of a column can meet, there and where keys carry it on.
    pub(crate) fn meet_update(&self, reach: &Reach<'k>, column: &str) -> Vec<Unknown> {
        let mut unknown = Vec::new();
        for changed in &reach.deleted {
            let is_root = changed.step == 0;
            let own = is_root.then(|| column.to_owned());
            let written: Vec<String> =
                changed.by.iter().flat_map(|key| &key.key.columns).cloned().chain(own).collect();
            let hooks = self
                .hooks(changed.table, is_root, Event::Update)
                .filter(|(_, hook)| concerns(hook, &written));
            unknown.extend(hooks.map(|(table, hook)| Unknown::of_hook(table, changed.step, hook)));
            for heir in self.outside(changed.table) {
                let of = changed.table.clone();
                let what = if is_root { What::GoesWith(of) } else { What::StaysBeside(of) };
                unknown.push(Unknown { table: heir.name.clone(), step: changed.step, what });
            }
        }
        for Effect { key, step } in &reach.cleared {
            let hooks = self.hooks(&key.key.table, false, Event::Update);
            let hooks = hooks.filter(|(_, hook)| concerns(hook, &key.key.columns));
            unknown.extend(hooks.map(|(table, hook)| Unknown::of_hook(table, step + 1, hook)));
        }
        each_once(unknown)
    }

    fn at_delete(&self, deleted: &Deleted<'k>, met: &mut Met<'k>) {
        let is_root = deleted.step == 0;
        for (table, hook) in self.hooks(deleted.table, is_root, Event::Delete) {
            if hook.kind == HookKind::Swallows && !is_root {
                let stop = |key: &&'k ObservedKey| Stop::swallowed(key, deleted.step - 1, hook);
                met.stops.extend(deleted.by.iter().map(stop));
            } else {
                met.unknown.push(Unknown::of_hook(table, deleted.step, hook));
            }
        }
        for heir in self.outside(deleted.table) {
            let of = deleted.table.clone();
            let what = if is_root { What::GoesWith(of) } else { What::StaysBeside(of) };
            met.unknown.push(Unknown { table: heir.name.clone(), step: deleted.step, what });
        }
    }

    fn at_clearing(&self, effect: &Effect<'k>, met: &mut Met<'k>) {
        let (key, step) = (effect.key, effect.step + 1);
        let table = &key.key.table;
        let (Action::SetNull(named) | Action::SetDefault(named)) = &key.on_delete else { return };
        let written = if named.is_empty() { &key.key.columns } else { named };
        for (table, hook) in
            self.hooks(table, false, Event::Update).filter(|(_, hook)| concerns(hook, written))
        {
            if hook.kind == HookKind::Swallows {
                met.stops.push(Stop::swallowed(key, effect.step, hook));
            } else {
                met.unknown.push(Unknown::of_hook(table, step, hook));
            }
        }
        for heir in self.outside(table) {
            let what = What::StaysBeside(table.clone());
            met.unknown.push(Unknown { table: heir.name.clone(), step, what });
        }
    }

    /// What beside keys may make something else of rows that are touched; `root` is the table that the statement names. In words.
    pub(crate) fn of_rows(&self, root: &TableName, touched: &[Touched<'_>], is_update: bool) -> Vec<String> {
        let mut unknown = Vec::new();
        for one in touched {
            let Some((&table, _)) = self.tables.get_key_value(one.table) else { continue };
            let is_root = one.table == root && one.is_deleted != is_update;
            let event = if one.is_deleted { Event::Delete } else { Event::Update };
            let acts = |hook: &Hook| one.has_rows || !matches!(hook.kind, HookKind::Before | HookKind::After);
            for (table, hook) in self.hooks(table, is_root, event) {
                let concerns = one.is_deleted
                    || hook.columns.is_empty()
                    || hook.columns.iter().any(|column| one.written.contains(&column.as_str()));
                if concerns && acts(hook) {
                    unknown.push(format!("`{}` on `{table}` acts on it, too", hook.name));
                }
            }
            // What keys do leaves rows of heirs as they are.
            for heir in self.outside(table).filter(|_| is_root) {
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
                let is_of_row =
                    matches!(hook.kind, HookKind::Before | HookKind::After | HookKind::Publication);
                hook.event == event && (is_named || is_of_row)
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

    /// What a table is a partition of, and what that is.
    fn wholes(&self, table: &'k TableName) -> impl Iterator<Item = &'k TableName> {
        let above = |name: &TableName| -> Option<&'k TableName> {
            let table = self.tables.get(name)?;
            table.inherits.first().filter(|_| table.kind == TableKind::Partition)
        };
        // Bounded, for nothing that a source says may hold us up.
        std::iter::successors(above(table), move |name| above(name)).take(self.tables.len())
    }

    /// Tables that inherit from a table and are no partitions of it.
    fn outside(&self, table: &TableName) -> impl Iterator<Item = &'k ObservedTable> {
        let heirs = self.heirs.get(table).into_iter().flatten().copied();
        heirs.filter(|heir| heir.kind != TableKind::Partition)
    }
}

impl Unknown {
    fn of_hook(table: &TableName, step: usize, hook: &Hook) -> Self {
        Unknown { table: table.clone(), step, what: What::Hook(hook.clone()) }
    }
}

impl<'k> Stop<'k> {
    fn swallowed(key: &'k ObservedKey, step: usize, rule: &'k Hook) -> Self {
        Stop { key, step, when: When::Swallowed, by: Some(&rule.name) }
    }
}

/// Whether an update of these columns sets it off.
fn concerns(hook: &Hook, written: &[String]) -> bool {
    hook.columns.is_empty() || hook.columns.iter().any(|column| written.contains(column))
}

fn each_once(mut unknown: Vec<Unknown>) -> Vec<Unknown> {
    let mut told = HashSet::new();
    unknown.retain(|one| told.insert(one.clone()));
    unknown
}

#[derive(Default)]
struct Met<'k> {
    unknown: Vec<Unknown>,
    stops: Vec<Stop<'k>>,
}
