//! What a change of one key does to deletes of the tables above it.

use std::collections::HashSet;

use super::graph::Edge;
use super::ways::Climber;
use super::{Deletes, Fate, fates};
use crate::model::{ObservedKey, TableName};

/// What deletes of one table do otherwise. A key is in one list alone: what it did goes without saying.
#[derive(Clone, Debug)]
pub struct Further<'k> {
    /// The table that is deleted from.
    pub table: &'k TableName,
    /// Tables whose rows go now and stayed before, with how many steps down they are; the nearest first.
    pub deletes: Vec<(&'k TableName, usize)>,
    /// Tables whose rows stay now and went before.
    pub keeps: Vec<&'k TableName>,
    /// Keys whose columns are cleared now.
    pub clears: Vec<&'k ObservedKey>,
    /// Keys that make it fail now.
    pub stops: Vec<&'k ObservedKey>,
    /// Keys that made it fail before and don't now.
    pub lets: Vec<&'k ObservedKey>,
}

/// The same of every table above a key's parent, and of that as far as more than the key's own child is concerned.
#[derive(Clone, Debug, Default)]
pub struct FurtherUp<'k> {
    /// The nearest first; no more than were asked for.
    pub tables: Vec<Further<'k>>,
    /// How many more tables are above, of which the same may be said.
    pub more: usize,
}

/// So many tables above are looked at, for each that is told.
const LOOKED_AT: usize = 4;

/// A key as it was or will be, in the place of the one that is there.
struct Altered<'k> {
    parent: usize,
    child: usize,
    key: Option<(&'k ObservedKey, Vec<Fate<'k>>)>,
    /// The key that is there.
    place: Option<usize>,
}

/// What deletes of a table do; tables by number, with their steps.
struct Effects<'k> {
    deleted: Vec<(usize, usize)>,
    cleared: Vec<&'k ObservedKey>,
    stops: Vec<&'k ObservedKey>,
}

impl<'k> Deletes<'k> {
    /// What it does to deletes of the tables above if a key that is there (`None`: one that isn't) becomes `to`; at most so many
    /// tables.
    pub fn further_up(
        &self,
        from: Option<&'k ObservedKey>,
        to: &'k ObservedKey,
        most: usize,
    ) -> FurtherUp<'k> {
        let graph = &self.graph;
        // What no key refers to has nothing above it and nothing below.
        let Some(parent) = graph.number(&to.parent) else { return FurtherUp::default() };
        let child = graph.number(&to.key.table).unwrap_or(graph.tables.len());
        let place = from.and_then(|from| graph.place(parent, from));
        let altered = |key: Option<&'k ObservedKey>| Altered {
            parent,
            child,
            key: key.map(|key| (key, fates(key, self.engine))),
            place,
        };
        let (before, after) = (altered(from), altered(Some(to)));
        if before.key.as_ref().map(|(_, fates)| fates) == after.key.as_ref().map(|(_, fates)| fates) {
            return FurtherUp::default();
        }
        let above = Climber::new(graph).all_above(parent);
        let mut further = FurtherUp::default();
        let mut looked_at = 0;
        for root in [parent].into_iter().chain(above.iter().copied()) {
            if further.tables.len() == most || looked_at == most * LOOKED_AT {
                break;
            }
            looked_at += 1;
            let found = self.difference(root, &before, &after, to);
            further.tables.extend(found);
        }
        further.more = (above.len() + 1).saturating_sub(looked_at);
        further
    }

    fn difference(
        &self,
        root: usize,
        before: &Altered<'k>,
        after: &Altered<'k>,
        to: &'k ObservedKey,
    ) -> Option<Further<'k>> {
        let table = |number: usize| self.graph.tables.get(number).copied().unwrap_or(&to.key.table);
        // What it does to its own child is told of the key itself.
        let is_told = |number: usize| root == after.parent && number == after.child;
        let is_own = |key: &&ObservedKey| {
            root == after.parent
                && [before, after]
                    .iter()
                    .any(|one| one.key.as_ref().is_some_and(|(own, _)| std::ptr::eq(*own, *key)))
        };
        let (was, is) = (self.effects(root, before), self.effects(root, after));
        let tables =
            |effects: &Effects<'_>| effects.deleted.iter().map(|(table, _)| *table).collect::<HashSet<_>>();
        let (went, goes) = (tables(&was), tables(&is));
        let new = |before: &[&'k ObservedKey], after: &[&'k ObservedKey]| -> Vec<&'k ObservedKey> {
            let known: HashSet<_> = before.iter().map(|key| std::ptr::from_ref(*key)).collect();
            after
                .iter()
                .copied()
                .filter(|key| !known.contains(&std::ptr::from_ref(*key)) && !is_own(key))
                .collect()
        };
        let further = Further {
            table: self.graph.tables.get(root).copied()?,
            deletes: is
                .deleted
                .iter()
                .filter(|(number, _)| !went.contains(number) && !is_told(*number))
                .map(|(number, step)| (table(*number), *step))
                .collect(),
            keeps: was
                .deleted
                .iter()
                .filter(|(number, _)| !goes.contains(number) && !is_told(*number))
                .map(|(number, _)| table(*number))
                .collect(),
            clears: new(&was.cleared, &is.cleared),
            stops: new(&was.stops, &is.stops),
            lets: new(&is.stops, &was.stops),
        };
        let is_other = !further.deletes.is_empty()
            || !further.keeps.is_empty()
            || !further.clears.is_empty()
            || !further.stops.is_empty()
            || !further.lets.is_empty();
        is_other.then_some(further)
    }

    fn effects(&self, root: usize, altered: &Altered<'k>) -> Effects<'k> {
        let graph = &self.graph;
        let mut seen = vec![false; graph.tables.len() + 1];
        seen[root] = true;
        let mut effects = Effects { deleted: vec![(root, 0)], cleared: Vec::new(), stops: Vec::new() };
        let mut at = 0;
        while let Some(&(table, step)) = effects.deleted.get(at) {
            at += 1;
            let there = graph.places_below(table).filter(|place| altered.place != Some(*place));
            let keys = there.map(|place| {
                let Edge { key, child, fates, .. } = &graph.edges[place];
                (*key, *child, fates)
            });
            let own = altered.key.as_ref().filter(|_| table == altered.parent);
            let own = own.map(|(key, fates)| (*key, altered.child, fates));
            for (key, child, fates) in keys.chain(own) {
                for fate in fates {
                    match fate {
                        Fate::Goes if !std::mem::replace(&mut seen[child], true) => {
                            effects.deleted.push((child, step + 1));
                        }
                        Fate::Goes | Fate::Ignored => {}
                        Fate::Cleared => effects.cleared.push(key),
                        Fate::Refused | Fate::Fails(..) => effects.stops.push(key),
                    }
                }
            }
        }
        effects
    }
}
