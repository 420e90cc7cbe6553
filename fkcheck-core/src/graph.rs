//! `cargo fkcheck graph`: the keys of a source as a picture's data, each with its delete rule and with what the code says
//! otherwise, also where everything agrees.

use std::collections::{HashMap, HashSet};

use crate::compare::{Agreement, Comparison, Pair, Seen};
use crate::consequence::{Deletes, Reach, When};
use crate::model::{
    Action, DataClass, DeclaredKey, IdentifierCase, KeyName, Observation, ObservedKey, SourceMap, Span,
    TableName,
};
use crate::outcome::Outcome;
use crate::run::{self, CheckError, Request, Run, Status};

/// Tables and keys that what each table reaches may name: a page holds some megabytes, not hundreds.
const MOST_REACHED: usize = 500_000;

/// What is to be in the picture.
#[derive(Clone, Debug, Default)]
pub struct Asked {
    /// Only what a delete from these tables reaches; none: every key.
    pub from: Vec<String>,
    /// Not further than so many cascades.
    pub depth: Option<usize>,
    /// Also what a delete from each of the tables reaches.
    pub reached: bool,
}

/// A picture's data, for each source.
#[derive(Clone, Debug)]
pub struct Graphs {
    /// In the order in which the sources were read.
    pub graphs: Vec<Graph>,
    /// The files that places point into.
    pub sources: SourceMap,
    /// What could not be known, as a check reports it.
    pub outcome: Outcome,
}

/// The keys of one source.
#[derive(Clone, Debug)]
pub struct Graph {
    /// The source, for people.
    pub source: String,
    /// The tables that are deleted from; empty: every key is here.
    pub from: Vec<TableName>,
    /// How many cascades were followed at most.
    pub depth: Option<usize>,
    /// The tables that stand here, by name.
    pub tables: Vec<Table>,
    /// The keys between them, by child and columns.
    pub keys: Vec<Key>,
    /// The source's tables that don't stand here: no delete concerns them, or none of those that are asked about.
    pub left_out: usize,
    /// What a delete from each table reaches was asked for, and is too much.
    pub reaches_too_much: bool,
    /// Foreign keys are off unless the application turns them on (SQLite), and nothing in the workspace does.
    pub keys_are_off: bool,
}

/// A table.
#[derive(Clone, Debug)]
pub struct Table {
    /// Its name.
    pub name: TableName,
    /// After how many cascades its rows go, where tables are asked about. `None`: its rows stay.
    pub step: Option<usize>,
    /// Its rows by the engine's own estimate.
    pub rows: Option<u64>,
    /// What the code says its rows are worth.
    pub class: Option<DataClass>,
    /// What a delete of its rows reaches, where that is asked for.
    pub reached: Option<Reached>,
}

/// What a delete from a table reaches, as indices of the graph's tables and keys.
#[derive(Clone, Debug, Default)]
pub struct Reached {
    /// Tables that lose rows, the one that is deleted from left out.
    pub deletes: Vec<usize>,
    /// The cascades that lead to them.
    pub by: Vec<usize>,
    /// Keys whose columns are set to NULL.
    pub nulls: Vec<usize>,
    /// Keys whose columns are set to their defaults.
    pub defaults: Vec<usize>,
    /// Keys that can make it fail, with when.
    pub stops: Vec<(usize, When)>,
    /// Keys that aren't in force: their rows are left without a parent.
    pub orphans: Vec<usize>,
}

/// A key.
#[derive(Clone, Debug)]
pub struct Key {
    /// Index of the child.
    pub child: usize,
    /// Index of the parent.
    pub parent: usize,
    /// The referencing columns.
    pub columns: Vec<String>,
    /// The referenced columns, where they are known.
    pub parent_columns: Vec<String>,
    /// The constraint.
    pub constraint: Option<String>,
    /// The rule in the source; of a key that isn't there, the one in the code.
    pub on_delete: Action,
    /// How it stands in the source.
    pub standing: Standing,
    /// What the code says instead, where it differs.
    pub in_code: Option<InCode>,
    /// Where the code speaks of it.
    pub declared: Option<Span>,
}

/// How a key stands in the source.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It acts.
    InForce,
    /// It is there and does nothing at a delete.
    NotInForce,
    /// The code alone knows it.
    Absent,
}

/// What the code says of a key otherwise than the source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum InCode {
    /// Another rule; of a key that the source doesn't have, this one.
    Rule(Action),
    /// That there is no key.
    NoKey,
    /// Another parent.
    Parent(TableName),
}

/// Reads the sources that a check would read, and takes the keys that are asked for.
///
/// # Errors
/// Where there is no workspace, no source of that name, or no such table.
pub fn graph(request: &Request, asked: &Asked, status: &mut dyn FnMut(Status)) -> Result<Graphs, CheckError> {
    let mut run = Run::open(request.clone(), status)?;
    // What the code says is an extra here: it may say nothing.
    run.problems.clear();
    run.observe()?;
    let mut graphs = Vec::new();
    let mut problems = Vec::new();
    for observed in &run.observed {
        problems.extend(run::not_seen_whole(&observed.observation));
        problems.extend(run::not_followed(&observed.observation));
        let from = run::named_tables(&observed.observation, &asked.from)?;
        graphs.push(of_source(&run.comparison(&run.facts, observed), &from, asked));
    }
    run.problems.extend(problems);
    let sources = run.facts.sources.clone();
    Ok(Graphs { graphs, sources, outcome: run.unknown() })
}

fn of_source(comparison: &Comparison<'_>, from: &[&TableName], asked: &Asked) -> Graph {
    let observation = comparison.observation;
    let network = Deletes::new(&observation.keys, comparison.engine());
    let names = Names::new(observation);
    let steps = (!from.is_empty()).then(|| steps(&network, &names, from, asked.depth));
    let is_shown = |parent: &TableName| {
        let Some(steps) = &steps else { return true };
        let step = steps.get(names.known(parent));
        step.is_some_and(|step| asked.depth.is_none_or(|depth| *step < depth))
    };
    let mut drawn = Drawn::new(comparison, &names);
    for key in observation.keys.iter().filter(|key| is_shown(&key.parent)) {
        drawn.observed(key);
    }
    if !comparison.sees_no_declared_table() {
        for pair in &comparison.pairs {
            drawn.absent(pair, &is_shown);
        }
    }
    for table in from {
        drawn.table(table);
    }
    let mut graph = drawn.graph(from, asked.depth, steps.as_ref());
    if asked.reached {
        reach_all(&mut graph, &network, &names, &drawn.keys);
    }
    graph
}

/// Each table by one name: a key may write its parent's in other letters, where the engine doesn't tell them apart.
struct Names<'a> {
    case: IdentifierCase,
    known: HashMap<String, &'a TableName>,
}

impl<'a> Names<'a> {
    fn new(observation: &'a Observation) -> Self {
        let case = observation.engine.table_case;
        let known = observation.tables.iter().map(|table| (case.fold(&table.name.to_string()), &table.name));
        Names { case, known: known.collect() }
    }

    fn known<'n>(&self, name: &'n TableName) -> &'n TableName
    where
        'a: 'n,
    {
        self.known.get(&self.case.fold(&name.to_string())).copied().unwrap_or(name)
    }
}

/// The tables that lose rows by a delete from any of these, each with the fewest cascades.
fn steps<'k>(
    network: &Deletes<'k>,
    names: &Names<'k>,
    from: &[&'k TableName],
    depth: Option<usize>,
) -> HashMap<&'k TableName, usize> {
    let mut steps: HashMap<&TableName, usize> = HashMap::new();
    for table in from {
        for deleted in network.reach(table).deleted {
            let step = steps.entry(names.known(deleted.table)).or_insert(deleted.step);
            *step = deleted.step.min(*step);
        }
    }
    steps.retain(|_, step| depth.is_none_or(|depth| *step <= depth));
    steps
}

/// What is drawn, as it is gathered.
struct Drawn<'a, 'c> {
    comparison: &'c Comparison<'a>,
    names: &'c Names<'a>,
    /// By the observed key, where it lies in memory: keys may be equal.
    pairs: HashMap<*const ObservedKey, &'c Pair<'a>>,
    /// By the child table, as the source calls it.
    on_table: HashMap<&'a TableName, Vec<&'a DeclaredKey>>,
    tables: HashSet<&'a TableName>,
    keys: Vec<DrawnKey<'a>>,
}

struct DrawnKey<'a> {
    key: KeyName,
    parent: &'a TableName,
    parent_columns: Vec<String>,
    observed: Option<&'a ObservedKey>,
    on_delete: Action,
    in_code: Option<InCode>,
    declared: Option<Span>,
}

impl<'a, 'c> Drawn<'a, 'c> {
    fn new(comparison: &'c Comparison<'a>, names: &'c Names<'a>) -> Self {
        let mut pairs = HashMap::new();
        let mut on_table: HashMap<&TableName, Vec<&DeclaredKey>> = HashMap::new();
        for pair in &comparison.pairs {
            let seen = match &pair.seen {
                Seen::Keys(keys) | Seen::OtherParent(keys) => keys.first(),
                Seen::Absent(_) | Seen::Unknown(_) => None,
            };
            if let Some(seen) = seen {
                pairs.insert(std::ptr::from_ref::<ObservedKey>(seen), pair);
            }
            if let Some(table) = comparison.observed_table(&pair.declared.key.table) {
                on_table.entry(&table.name).or_default().push(pair.declared);
            }
        }
        Drawn { comparison, names, pairs, on_table, tables: HashSet::new(), keys: Vec::new() }
    }

    fn table(&mut self, table: &'a TableName) -> &'a TableName {
        let table = self.names.known(table);
        self.tables.insert(table);
        table
    }

    fn observed(&mut self, key: &'a ObservedKey) {
        let (child, parent) = (self.table(&key.key.table), self.table(&key.parent));
        let pair = self.pairs.get(&std::ptr::from_ref(key));
        self.keys.push(DrawnKey {
            key: KeyName { table: child.clone(), columns: key.key.columns.clone() },
            parent,
            parent_columns: key.parent_columns.clone(),
            observed: Some(key),
            on_delete: key.on_delete.clone(),
            in_code: pair.and_then(|pair| self.in_code(pair, key)),
            declared: pair.map(|pair| pair.declared.first().span),
        });
    }

    fn in_code(&self, pair: &Pair<'_>, key: &ObservedKey) -> Option<InCode> {
        let declared = pair.declared;
        if declared.none().is_some() {
            return Some(InCode::NoKey);
        }
        if let (Seen::OtherParent(_), Some(parent)) = (&pair.seen, declared.parent()) {
            return Some(InCode::Parent(parent.table.clone()));
        }
        let differs = self.comparison.on_delete(declared, key) == Some(Agreement::Differs);
        declared.on_delete().filter(|_| differs).map(|stated| InCode::Rule(stated.value.clone()))
    }

    /// A key that the code knows and the source does not, though it has both tables.
    fn absent(&mut self, pair: &Pair<'a>, is_shown: &dyn Fn(&TableName) -> bool) {
        let (Seen::Absent(Some(child)), None) = (&pair.seen, pair.declared.none()) else { return };
        let Some(claim) = pair.declared.parent() else { return };
        let Some(parent) = self.comparison.observed_table(&claim.table) else { return };
        if !is_shown(&parent.name) {
            return;
        }
        let rule = pair.declared.on_delete().map_or(Action::NoAction, |stated| stated.value.clone());
        self.table(&child.name);
        self.table(&parent.name);
        self.keys.push(DrawnKey {
            key: KeyName { table: child.name.clone(), columns: pair.declared.key.columns.clone() },
            parent: &parent.name,
            parent_columns: claim.columns.clone(),
            observed: None,
            on_delete: rule.clone(),
            in_code: Some(InCode::Rule(rule)),
            declared: Some(pair.declared.first().span),
        });
    }

    fn graph(
        &mut self,
        from: &[&TableName],
        depth: Option<usize>,
        steps: Option<&HashMap<&TableName, usize>>,
    ) -> Graph {
        let observation = self.comparison.observation;
        self.keys.sort_by(|left, right| (&left.key, left.parent).cmp(&(&right.key, right.parent)));
        let mut names: Vec<&TableName> = self.tables.iter().copied().collect();
        names.sort();
        let index: HashMap<&TableName, usize> = names.iter().copied().zip(0..).collect();
        let rows: HashMap<&TableName, u64> = observation
            .keys
            .iter()
            .filter_map(|key| Some((self.names.known(&key.key.table), key.child_rows?)))
            .collect();
        let table = |name: &&TableName| Table {
            name: (*name).clone(),
            step: steps.and_then(|steps| steps.get(name).copied()),
            rows: rows.get(name).copied(),
            class: self.on_table.get(name).and_then(|declared| {
                declared.iter().find_map(|declared| declared.data()).map(|data| data.value)
            }),
            reached: None,
        };
        let key = |drawn: &DrawnKey<'_>| Key {
            child: index.get(&drawn.key.table).copied().unwrap_or_default(),
            parent: index.get(drawn.parent).copied().unwrap_or_default(),
            columns: drawn.key.columns.clone(),
            parent_columns: drawn.parent_columns.clone(),
            constraint: drawn.observed.and_then(|observed| observed.name.clone()),
            on_delete: drawn.on_delete.clone(),
            standing: standing(drawn.observed),
            in_code: drawn.in_code.clone(),
            declared: drawn.declared,
        };
        let known = run::tables(observation).filter(|table| !self.tables.contains(table));
        let off = self.comparison.engine().keys_off_by_default && !self.comparison.facts.app_turns_keys_on;
        Graph {
            source: observation.label.clone(),
            from: from.iter().copied().cloned().collect(),
            depth,
            left_out: known.count(),
            reaches_too_much: false,
            keys_are_off: off,
            tables: names.iter().map(table).collect(),
            keys: self.keys.iter().map(key).collect(),
        }
    }
}

fn standing(observed: Option<&ObservedKey>) -> Standing {
    match observed.map(|observed| observed.in_force) {
        None => Standing::Absent,
        Some(in_force) if in_force.enforced && in_force.action_enabled => Standing::InForce,
        Some(_) => Standing::NotInForce,
    }
}

/// Notes with each table what a delete from it reaches of what is shown.
fn reach_all(graph: &mut Graph, network: &Deletes<'_>, names: &Names<'_>, drawn: &[DrawnKey<'_>]) {
    let shown: Vec<TableName> = graph.tables.iter().map(|table| table.name.clone()).collect();
    let tables: HashMap<&TableName, usize> = shown.iter().zip(0..).collect();
    let keys: HashMap<*const ObservedKey, usize> = drawn
        .iter()
        .zip(0..)
        .filter_map(|(drawn, at)| Some((std::ptr::from_ref(drawn.observed?), at)))
        .collect();
    let key = |key: &ObservedKey| keys.get(&std::ptr::from_ref(key)).copied();
    let reached = |reach: Reach<'_>| {
        let mut by: Vec<usize> =
            reach.deleted.iter().flat_map(|deleted| &deleted.by).filter_map(|by| key(by)).collect();
        by.sort_unstable();
        let lost = reach.deleted.iter().skip(1);
        let cleared = |to_default: bool| -> Vec<usize> {
            let is_it = |key: &ObservedKey| matches!(key.on_delete, Action::SetDefault(_)) == to_default;
            reach
                .cleared
                .iter()
                .filter(|effect| is_it(effect.key))
                .filter_map(|effect| key(effect.key))
                .collect()
        };
        Reached {
            deletes: lost.filter_map(|deleted| tables.get(names.known(deleted.table)).copied()).collect(),
            by,
            nulls: cleared(false),
            defaults: cleared(true),
            stops: reach.stops.iter().filter_map(|stop| Some((key(stop.key)?, stop.when))).collect(),
            orphans: reach.orphaned.iter().filter_map(|effect| key(effect.key)).collect(),
        }
    };
    let mut total = 0;
    for (table, name) in graph.tables.iter_mut().zip(&shown) {
        let found = reached(network.reach(name));
        total += found.deletes.len()
            + found.by.len()
            + found.nulls.len()
            + found.defaults.len()
            + found.stops.len();
        table.reached = Some(found);
        if total > MOST_REACHED {
            break;
        }
    }
    if total > MOST_REACHED {
        graph.reaches_too_much = true;
        graph.tables.iter_mut().for_each(|table| table.reached = None);
    }
}
