//! What deletes do otherwise: of each table that was there before, what a delete reaches now and what it reached.

use std::collections::{HashMap, HashSet, VecDeque};

use super::keys::Pairs;
use super::{Does, Effect, Target, folded, folded_tables};
use crate::consequence::{Deletes, Reach, When};
use crate::model::{IdentifierCase, Observation, ObservedKey, TableName};

/// What a delete from one table does to the tables and keys that it reaches.
struct Reached<'k> {
    /// By folded name, with the step and the table and key by which it is reached.
    deleted: HashMap<String, Lost<'k>>,
    /// By pair.
    cleared: HashMap<usize, usize>,
    stops: HashMap<usize, (usize, When)>,
    orphaned: HashMap<usize, usize>,
}

struct Lost<'k> {
    table: &'k TableName,
    step: usize,
    under: Option<&'k TableName>,
    by: Option<&'k ObservedKey>,
}

/// One thing that a delete from one table does otherwise.
struct Found {
    does: Does,
    target: Target,
    causes: Vec<usize>,
    root: TableName,
    step: usize,
}

/// `by_pair`: of each pair, the change of it.
pub(super) fn effects(
    pairs: &Pairs<'_>,
    by_pair: &[Option<usize>],
    was: &Observation,
    is: &Observation,
) -> Vec<Effect> {
    let case = is.engine.table_case;
    let (before, after) = (Deletes::new(&was.keys, &was.engine), Deletes::new(&is.keys, &is.engine));
    let (old, new) = (folded_tables(was), folded_tables(is));
    let concerned = concerned(pairs, by_pair, case);
    let mut found = Vec::new();
    for table in is.tables.iter().map(|table| &table.name) {
        let name = folded(case, table);
        if !old.contains(&name) || !concerned.contains(&name) {
            continue;
        }
        let (was, is) =
            (Reached::new(&before.reach(table), pairs, case), Reached::new(&after.reach(table), pairs, case));
        Compared { root: table, was, is, pairs, by_pair, case, new: &new }.tell(&mut found);
    }
    grouped(found)
}

/// The tables a delete from which can meet a change: the parents of changed keys, and all above them.
fn concerned(pairs: &Pairs<'_>, by_pair: &[Option<usize>], case: IdentifierCase) -> HashSet<String> {
    let mut above: HashMap<String, Vec<String>> = HashMap::new();
    let mut concerned = HashSet::new();
    let mut pending = VecDeque::new();
    for (pair, change) in pairs.all.iter().zip(by_pair) {
        for key in pair.was.into_iter().chain(pair.is) {
            let parent = folded(case, &key.parent);
            above.entry(folded(case, &key.key.table)).or_default().push(parent.clone());
            if change.is_some() && concerned.insert(parent.clone()) {
                pending.push_back(parent);
            }
        }
    }
    while let Some(table) = pending.pop_front() {
        for parent in above.get(&table).into_iter().flatten() {
            if concerned.insert(parent.clone()) {
                pending.push_back(parent.clone());
            }
        }
    }
    concerned
}

impl<'k> Reached<'k> {
    fn new(reach: &Reach<'k>, pairs: &Pairs<'k>, case: IdentifierCase) -> Self {
        let lost = reach.deleted.iter().map(|deleted| {
            let by = deleted.by.first().copied();
            let lost = Lost { table: deleted.table, step: deleted.step, under: deleted.under, by };
            (folded(case, deleted.table), lost)
        });
        let place = |key: &ObservedKey| pairs.place(key);
        let mut reached = Reached {
            deleted: lost.collect(),
            cleared: HashMap::new(),
            stops: HashMap::new(),
            orphaned: HashMap::new(),
        };
        for effect in &reach.cleared {
            if let Some(pair) = place(effect.key) {
                reached.cleared.entry(pair).or_insert(effect.step + 1);
            }
        }
        for stop in &reach.stops {
            if let Some(pair) = place(stop.key) {
                reached.stops.entry(pair).or_insert((stop.step + 1, stop.when));
            }
        }
        for effect in &reach.orphaned {
            if let Some(pair) = place(effect.key) {
                reached.orphaned.entry(pair).or_insert(effect.step + 1);
            }
        }
        reached
    }
}

/// The same delete before and after.
struct Compared<'c, 'k> {
    root: &'k TableName,
    was: Reached<'k>,
    is: Reached<'k>,
    pairs: &'c Pairs<'k>,
    by_pair: &'c [Option<usize>],
    case: IdentifierCase,
    /// The tables that are there now.
    new: &'c HashSet<String>,
}

impl<'k> Compared<'_, 'k> {
    fn tell(&self, found: &mut Vec<Found>) {
        let mut tell = |does, target, causes, step| {
            found.push(Found { does, target, causes, root: self.root.clone(), step });
        };
        let (was, is) = (&self.was, &self.is);
        for (name, lost) in is.deleted.iter().filter(|(name, _)| !was.deleted.contains_key(*name)) {
            tell(Does::Deletes, table(lost.table), self.causes_of(is, name), lost.step);
        }
        // Tables whose rows stay, of which a line tells what becomes of them.
        let mut told = HashSet::new();
        for (pair, step) in is.cleared.iter().filter(|(pair, _)| !was.cleared.contains_key(pair)) {
            let instead = self.stays(*pair);
            told.extend(instead.then(|| self.child(*pair)).flatten());
            tell(Does::Clears { instead }, self.key(*pair, None), self.causes_at(is, *pair), *step);
        }
        for (pair, (step, when)) in is.stops.iter().filter(|(pair, _)| !was.stops.contains_key(pair)) {
            let instead = self.stays(*pair);
            told.extend(instead.then(|| self.child(*pair)).flatten());
            tell(Does::Refused { instead }, self.key(*pair, Some(*when)), self.causes_at(is, *pair), *step);
        }
        for (pair, step) in is.orphaned.iter().filter(|(pair, _)| !was.orphaned.contains_key(pair)) {
            tell(Does::Orphans, self.key(*pair, None), self.causes_at(is, *pair), *step);
        }
        // What is gone with its table needs no word.
        let is_there = |name: &str| self.new.contains(name);
        let stays = was.deleted.iter().filter(|(name, _)| !is.deleted.contains_key(*name));
        for (name, lost) in stays.filter(|(name, _)| is_there(name) && !told.contains(*name)) {
            tell(Does::Keeps, table(lost.table), self.causes_of(was, name), lost.step);
        }
        // Nor what another line says of the same key.
        let has_line = |pair: &usize| {
            is.cleared.contains_key(pair)
                || is.stops.contains_key(pair)
                || self.child(*pair).is_none_or(|child| {
                    !is_there(&child) || is.deleted.contains_key(&child) && !was.deleted.contains_key(&child)
                })
        };
        for (pair, step) in was.cleared.iter().filter(|(pair, _)| !has_line(pair)) {
            tell(Does::ClearsNoMore, self.key(*pair, None), self.causes_at(was, *pair), *step);
        }
        for (pair, (step, _)) in was.stops.iter().filter(|(pair, _)| !has_line(pair)) {
            tell(Does::RefusedNoMore, self.key(*pair, None), self.causes_at(was, *pair), *step);
        }
    }

    /// Whether the child's rows went before, and stay now.
    fn stays(&self, pair: usize) -> bool {
        self.child(pair).is_some_and(|child| {
            self.was.deleted.contains_key(&child) && !self.is.deleted.contains_key(&child)
        })
    }

    fn observed(&self, pair: usize) -> Option<&'k ObservedKey> {
        let pair = self.pairs.all.get(pair)?;
        pair.is.or(pair.was)
    }

    fn child(&self, pair: usize) -> Option<String> {
        Some(folded(self.case, &self.observed(pair)?.key.table))
    }

    fn key(&self, pair: usize, when: Option<When>) -> Target {
        let name = self.observed(pair).map(|key| key.key.clone());
        let (table, columns) =
            name.map_or_else(|| (self.root.clone(), Vec::new()), |name| (name.table, name.columns));
        Target { table, columns, when }
    }

    /// The changed keys on the way to a table.
    fn causes_of(&self, reached: &Reached<'k>, name: &str) -> Vec<usize> {
        let mut causes = Vec::new();
        let mut at = reached.deleted.get(name);
        while let Some(lost) = at {
            let pair = lost.by.and_then(|by| self.pairs.place(by));
            causes.extend(pair.and_then(|pair| self.by_pair[pair]));
            at = lost.under.and_then(|under| reached.deleted.get(&folded(self.case, under)));
        }
        causes.reverse();
        causes
    }

    /// The changed key, or those on the way to its parent.
    fn causes_at(&self, reached: &Reached<'k>, pair: usize) -> Vec<usize> {
        let parent = self.pairs.all.get(pair).and_then(|both| {
            let of_reached = if std::ptr::eq(reached, &raw const self.was) { both.was } else { both.is };
            of_reached.map(|key| folded(self.case, &key.parent))
        });
        let mut causes = parent.map(|parent| self.causes_of(reached, &parent)).unwrap_or_default();
        causes.extend(self.by_pair.get(pair).copied().flatten());
        causes
    }
}

fn table(name: &TableName) -> Target {
    Target { table: name.clone(), columns: Vec::new(), when: None }
}

/// The tables that are deleted from, each with how many steps away a target is.
type Tables = Vec<(TableName, usize)>;

/// What is one effect, on however many targets: what is done, at deletes from which tables, by which changes.
type Alike = (Does, Vec<TableName>, Vec<usize>);

/// What the same changes do to the same targets at deletes from several tables is one effect, and so is what they do to several
/// targets at deletes from the same tables.
fn grouped(found: Vec<Found>) -> Vec<Effect> {
    let mut by_target: HashMap<(Does, Target, Vec<usize>), Tables> = HashMap::new();
    for Found { does, target, causes, root, step } in found {
        by_target.entry((does, target, causes)).or_default().push((root, step));
    }
    let mut by_tables: HashMap<Alike, Vec<(Target, Tables)>> = HashMap::new();
    for ((does, target, causes), mut tables) in by_target {
        tables.sort_by(|left, right| (left.1, &left.0).cmp(&(right.1, &right.0)));
        let mut names: Vec<TableName> = tables.iter().map(|(table, _)| table.clone()).collect();
        names.sort();
        by_tables.entry((does, names, causes)).or_default().push((target, tables));
    }
    let mut effects: Vec<Effect> = by_tables
        .into_iter()
        .filter_map(|((does, _, causes), mut targets)| {
            let nearest = |tables: &[(TableName, usize)]| tables.first().map(|(_, step)| *step);
            targets.sort_by(|left, right| (nearest(&left.1), &left.0).cmp(&(nearest(&right.1), &right.0)));
            let tables = targets.first()?.1.clone();
            let targets = targets.into_iter().map(|(target, _)| target).collect();
            Some(Effect { does, targets, tables, causes })
        })
        .collect();
    effects.sort_by(|left, right| {
        let key = |effect: &Effect| (effect.causes.clone(), effect.does, effect.tables.clone());
        key(left).cmp(&key(right)).then_with(|| left.targets.cmp(&right.targets))
    });
    effects
}
