//! `cargo fkcheck impact`: what a delete of rows of a table does, as one source shows it and with what the code says of it.

mod column;
pub mod erasure;
pub mod rows;

use std::cmp::Reverse;
use std::collections::{HashMap, HashSet};

use crate::compare::Comparison;
use rows::RowsImpact;

use crate::consequence::{self, Deletes, Reach, Stop, Surroundings, TooDeep, Unknown, What, When};
use crate::model::{
    Action, DataClass, DeclaredKey, KeyName, Observation, ObservedKey, SourceMap, Span, TableName,
};
use crate::outcome::Outcome;
use crate::run::{self, CheckError, Request, Run, Status};

/// What was found out.
#[derive(Clone, Debug)]
pub struct Impacts {
    /// One for each table that was asked about and each source, in the order asked.
    pub impacts: Vec<Impact>,
    /// How many more tables there are of which nothing is said, for it would be too much.
    pub left_out: usize,
    /// The files that places point into.
    pub sources: SourceMap,
    /// What could not be known, as a check reports it.
    pub outcome: Outcome,
}

/// What is asked about.
#[derive(Clone, Debug, Default)]
pub struct Asked {
    /// Tables; none: every one that a key refers to.
    pub tables: Vec<String>,
    /// An update of this column instead of a delete.
    pub update: Option<String>,
    /// The rows of the one table of which this is true, as SQL, are followed in the live database.
    pub condition: Option<String>,
}

/// What a delete of rows of one table does, at most: no row is looked at; or an update of a column.
#[derive(Clone, Debug)]
pub struct Impact {
    /// The table that is deleted from.
    pub table: TableName,
    /// The column that is updated; `None`: rows are deleted.
    pub update: Option<String>,
    /// What it does to the rows that are there, where that was asked.
    pub rows: Option<RowsImpact>,
    /// The source, for people.
    pub source: String,
    /// How many keys it shows.
    pub keys: usize,
    /// Tables that lose rows, or whose rows are written along at an update, what weighs most first within a step, each under the one that leads to it.
    pub deletes: Vec<Lost>,
    /// The cascades of the table to itself: more of its own rows go.
    pub itself: Vec<Effect>,
    /// Keys whose columns are set to NULL.
    pub nulls: Vec<Effect>,
    /// Keys whose columns are set to their defaults.
    pub defaults: Vec<Effect>,
    /// Keys that can make the delete fail, with when.
    pub stops: Vec<Stopped>,
    /// Keys whose rows are left without a parent, for they aren't in force, or not in some partitions.
    pub orphans: Vec<Effect>,
    /// Triggers, rules and inheriting tables by which more can happen, or less.
    pub unknown: Vec<Unknown>,
    /// Keys without an index, so that each delete reads the whole child table.
    pub slow: Vec<Effect>,
    /// Chains that the engine doesn't follow to their end.
    pub too_deep: Option<TooDeep>,
    /// Foreign keys are off unless the application turns them on (SQLite), and nothing in the workspace does.
    pub keys_are_off: bool,
}

/// A table that loses rows.
#[derive(Clone, Debug)]
pub struct Lost {
    /// The table.
    pub table: TableName,
    /// How many cascades away.
    pub step: usize,
    /// The table under which it is told.
    pub under: TableName,
    /// The cascades that lead here.
    pub by: Vec<Effect>,
    /// Its rows by the engine's own estimate.
    pub rows: Option<u64>,
    /// What the code says its rows are worth.
    pub class: Option<DataClass>,
    /// Why, where an annotation says it.
    pub reason: Option<String>,
}

/// A key that can make the delete fail.
#[derive(Clone, Debug)]
pub struct Stopped {
    /// The key.
    pub effect: Effect,
    /// When it does.
    pub when: When,
    /// The constraint, index or rule that makes it so, where it isn't the key itself.
    pub by: Option<String>,
}

/// A key on the way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Effect {
    /// Child table and columns.
    pub key: KeyName,
    /// The parent.
    pub parent: TableName,
    /// The constraint.
    pub constraint: Option<String>,
    /// Its rule, for deletes or for updates.
    pub action: Action,
    /// What the code states instead, where it differs.
    pub in_code: Option<Action>,
    /// Why, where an annotation says it.
    pub reason: Option<String>,
    /// Where the code speaks of it.
    pub declared: Option<Span>,
    /// Where a migration has last set its rule, where that is known.
    pub migration: Option<Span>,
    /// How many cascades away its parent is.
    pub step: usize,
    /// Partitions of the parent whose deletes it takes no notice of; empty: it is in force or off for all of them.
    pub off_in: Vec<TableName>,
}

/// So many tables and keys are told where no table is named.
const MOST_ENTRIES: usize = 50_000;

/// What is known of one source.
struct Known<'a, 'o> {
    comparison: &'a Comparison<'o>,
    surroundings: &'a Surroundings<'o>,
    deletes: &'a Deletes<'o>,
}

/// Reads the best source there is, or those that are asked for, and follows the deletes of these tables, or the updates of a column.
///
/// # Errors
/// Where there is no workspace, no source of that name, no such table or column, or rows are asked of what has none.
pub fn impact(
    request: &Request,
    asked: &Asked,
    status: &mut dyn FnMut(Status),
) -> Result<Impacts, CheckError> {
    if asked.condition.is_some() && request.offline {
        return Err(CheckError::Usage {
            message: "`--where` follows the rows of a live database, and `--offline` forbids to ask one"
                .to_owned(),
            help: Some(
                "leave `--offline` (or `--frozen`) away, or `--where`: without it no row is looked at"
                    .to_owned(),
            ),
        });
    }
    let mut run = Run::open(Request { wants_outside: true, ..request.clone() }, status)?;
    // What the code says is an extra here: it may say nothing.
    run.problems.clear();
    run.observe()?;
    let mut impacts = Vec::new();
    let (mut problems, mut left_out) = (Vec::new(), 0);
    for observed in &run.observed {
        let comparison = run.comparison(&run.facts, observed);
        problems.extend(run::not_seen_whole(&observed.observation));
        problems.extend(run::not_followed(&observed.observation));
        let surroundings = Surroundings::new(&observed.observation.tables, &observed.observation.engine);
        let deletes = Deletes::new(observed.observation.keys_and_outside(), &observed.observation.engine);
        let known = Known { comparison: &comparison, surroundings: &surroundings, deletes: &deletes };
        let told = Told::new(&comparison, asked.update.is_some());
        let tables = of_interest(&observed.observation, &asked.tables)?;
        let mut entries = 0;
        for (at, table) in tables.iter().enumerate() {
            // Of every table, all that is below it: that can be more than anybody reads, or a memory holds.
            if asked.tables.is_empty() && entries > MOST_ENTRIES {
                left_out += tables.len() - at;
                break;
            }
            let limits = run::limits(&run.request, &run.workspace);
            let update = asked
                .update
                .as_ref()
                .map(|name| column::named(name, table, &comparison, observed, &limits))
                .transpose()?;
            let mut impact = of_table(table, update.as_deref(), &known, &told);
            entries += impact.deletes.len() + impact.nulls.len() + impact.stops.len();
            if let Some(condition) = &asked.condition {
                let class_weight = |table: &TableName| weight(told.class(table));
                let found = rows::of_condition(observed, &limits, &impact, &class_weight, condition)?;
                let (rows, unknown) = found;
                problems.extend(unknown);
                // What was asked is what becomes of the rows.
                if rows.is_none() {
                    continue;
                }
                impact.rows = rows;
            }
            impacts.push(impact);
        }
    }
    run.problems.extend(problems);
    let sources = run.facts.sources.clone();
    Ok(Impacts { impacts, left_out, sources, outcome: run.unknown() })
}

/// The tables that are asked for; without any, every parent.
fn of_interest<'o>(observation: &'o Observation, names: &[String]) -> Result<Vec<&'o TableName>, CheckError> {
    if !names.is_empty() {
        return run::named_tables(observation, names);
    }
    let parents: HashSet<&TableName> = observation.keys_and_outside().map(|key| &key.parent).collect();
    Ok(run::tables(observation).filter(|table| parents.contains(table)).collect())
}

fn of_table<'o>(
    table: &'o TableName,
    update: Option<&str>,
    known: &Known<'_, 'o>,
    told: &Told<'_, '_>,
) -> Impact {
    let Known { comparison, surroundings, deletes } = known;
    let observation = comparison.observation;
    let engine = comparison.engine();
    let (reach, mut unknown) = if let Some(column) = update {
        let reach = consequence::reach_of_update(observation.keys_and_outside(), engine, table, column);
        let unknown = surroundings.meet_update(&reach, column);
        (reach, unknown)
    } else {
        let mut reach = deletes.reach(table);
        let unknown = surroundings.meet(&mut reach);
        (reach, unknown)
    };
    unknown.extend(surroundings.of_other_parts(&reach, &observation.keys));
    let of_source = observation.hooks_unseen.iter().cloned().map(What::Unseen);
    let of_source = of_source.chain(observation.outside.unseen.iter().cloned().map(What::UnseenOutside));
    unknown.extend(of_source.map(|what| Unknown { table: table.clone(), step: 0, what }));
    let (nulls, defaults) = reach
        .cleared
        .iter()
        .map(|effect| told.effect(effect.key, effect.step))
        .partition(|effect| !matches!(effect.action, Action::SetDefault(_)));
    let orphans = reach.orphaned.iter().map(|effect| told.effect(effect.key, effect.step)).collect();
    Impact {
        table: table.clone(),
        update: update.map(str::to_owned),
        rows: None,
        source: observation.label.clone(),
        keys: observation.keys.len(),
        nulls,
        defaults,
        stops: reach.stops.iter().map(|stop| told.stopped(stop)).collect(),
        slow: told.slow(&reach),
        orphans,
        unknown,
        too_deep: reach.too_deep,
        keys_are_off: engine.keys_off_by_default && !comparison.facts.app_turns_keys_on,
        itself: told.itself(&reach),
        deletes: told.deletes(&reach),
    }
}

/// What the source and the code know of keys.
struct Told<'a, 'c> {
    comparison: &'c Comparison<'a>,
    /// By the observed key, where it lies in memory: keys may be equal.
    declared: HashMap<*const ObservedKey, &'a DeclaredKey>,
    /// By the child table, as the source calls it.
    on_table: HashMap<&'a TableName, Vec<&'a DeclaredKey>>,
    /// What is told of is an update.
    of_update: bool,
}

impl<'a, 'c> Told<'a, 'c> {
    fn new(comparison: &'c Comparison<'a>, of_update: bool) -> Self {
        let mut told = Told { comparison, declared: HashMap::new(), on_table: HashMap::new(), of_update };
        for pair in &comparison.pairs {
            let seen = pair.observed();
            if let Some(seen) = seen {
                told.declared.insert(std::ptr::from_ref(seen), pair.declared);
            }
            let table = seen.map(|seen| &seen.key.table);
            let table = table.or_else(|| Some(&comparison.observed_table(&pair.declared.key.table)?.name));
            if let Some(table) = table {
                told.on_table.entry(table).or_default().push(pair.declared);
            }
        }
        told
    }

    fn effect(&self, key: &ObservedKey, step: usize) -> Effect {
        let declared = self.declared.get(&std::ptr::from_ref(key));
        let (action, stated) = if self.of_update {
            (&key.on_update, declared.and_then(|declared| declared.on_update()))
        } else {
            (&key.on_delete, declared.and_then(|declared| declared.on_delete()))
        };
        let stated = stated.map(|stated| &stated.value);
        Effect {
            key: key.key.clone(),
            parent: key.parent.clone(),
            constraint: key.name.clone(),
            action: action.clone(),
            in_code: stated.filter(|stated| *stated != action).cloned(),
            reason: declared.and_then(|declared| reason(declared)),
            declared: declared.map(|declared| declared.first().span),
            migration: self.comparison.place_of(key),
            step,
            off_in: key.action_disabled_in.clone(),
        }
    }

    fn stopped(&self, stop: &Stop<'_>) -> Stopped {
        let by = stop.by.map(str::to_owned);
        Stopped { effect: self.effect(stop.key, stop.step), when: stop.when, by }
    }

    fn itself(&self, reach: &Reach<'_>) -> Vec<Effect> {
        let root = reach.deleted.first();
        let by = root.into_iter().flat_map(|root| &root.by).filter(|key| key.parent == key.key.table);
        by.map(|key| self.effect(key, 0)).collect()
    }

    /// Keys whose children are read as a whole at each delete, the nearest first.
    fn slow(&self, reach: &Reach<'_>) -> Vec<Effect> {
        let of_deleted = reach.deleted.iter().flat_map(|deleted| &deleted.by).map(|key| (*key, 0));
        let cleared = reach.cleared.iter().map(|effect| (effect.key, effect.step));
        let stops = reach.stops.iter().map(|stop| (stop.key, stop.step));
        let without =
            of_deleted.chain(cleared).chain(stops).filter(|(key, _)| key.covering_index == Some(false));
        let mut slow: Vec<Effect> = without.map(|(key, step)| self.effect(key, step)).collect();
        slow.sort_by(|left, right| left.key.cmp(&right.key));
        slow.dedup();
        slow
    }

    /// What the code says that the rows of a table are worth.
    fn class(&self, table: &TableName) -> Option<DataClass> {
        let declared = self.on_table.get(table)?;
        declared.iter().find_map(|declared| declared.data()).map(|data| data.value)
    }

    /// The tables that lose rows, as a tree in the order in which it is read: each under the one that leads to it, what
    /// weighs most first.
    fn deletes(&self, reach: &Reach<'_>) -> Vec<Lost> {
        let mut under: HashMap<&TableName, Vec<Lost>> = HashMap::new();
        for deleted in &reach.deleted {
            let Some(parent) = deleted.under else { continue };
            let by: Vec<Effect> =
                deleted.by.iter().map(|key| self.effect(key, deleted.step.saturating_sub(1))).collect();
            let declared = self.on_table.get(deleted.table).map(Vec::as_slice).unwrap_or_default();
            let class = self.class(deleted.table);
            let mut of_keys = declared
                .iter()
                .filter(|declared| by.iter().any(|effect| effect.key.columns == declared.key.columns));
            let reason = of_keys.find_map(|declared| reason(declared));
            under.entry(parent).or_default().push(Lost {
                table: deleted.table.clone(),
                step: deleted.step,
                under: parent.clone(),
                rows: deleted.by.iter().find_map(|key| key.child_rows),
                by,
                class,
                reason,
            });
        }
        for lost in under.values_mut() {
            lost.sort_by_key(|lost| (Reverse(weight(lost.class)), Reverse(lost.rows), lost.table.clone()));
        }
        let mut told = Vec::new();
        let mut open: Vec<Lost> =
            reach.deleted.first().and_then(|root| under.remove(root.table)).unwrap_or_default();
        open.reverse();
        while let Some(lost) = open.pop() {
            let mut below = under.remove(&lost.table).unwrap_or_default();
            below.reverse();
            told.push(lost);
            open.extend(below);
        }
        told
    }
}

fn reason(declared: &DeclaredKey) -> Option<String> {
    declared.claims.iter().find_map(|claim| claim.reason.as_ref()).map(|reason| reason.value.clone())
}

/// What is lost hardest weighs most; what the code doesn't say comes before what it says is worth nothing.
fn weight(class: Option<DataClass>) -> u8 {
    match class {
        Some(DataClass::Audit) => 3,
        Some(DataClass::Value) => 2,
        None => 1,
        Some(DataClass::Ephemeral) => 0,
    }
}
