//! What is wrong with the keys of a source taken together, each told once and not for every table above it.

use super::graph::Edge;
use super::knots::{AT_ONCE, Knots, Marks};
use super::order::{is_deferred, looks_last, refuses};
use super::ways::Climber;
use super::{Deletes, Fate};
use crate::model::{ObservedKey, RowsFirst};

/// As far up a way is told; who reads of more has lost the thread.
const LONGEST_TOLD: usize = 12;

/// A key, and the cascades that make it matter, in the order in which they act.
#[derive(Clone, Debug)]
pub struct Hazard<'k> {
    /// The key.
    pub key: &'k ObservedKey,
    /// The cascades.
    pub way: Vec<&'k ObservedKey>,
}

/// A key that refuses, and cascades that take the rows which it looks for.
#[derive(Clone, Debug)]
pub struct Clash<'k> {
    /// The key.
    pub key: &'k ObservedKey,
    /// From the table that is deleted from to the key's parent; empty: that is the table.
    pub to_parent: Vec<&'k ObservedKey>,
    /// From there to the key's child.
    pub to_child: Vec<&'k ObservedKey>,
}

impl<'k> Deletes<'k> {
    /// Keys that make the delete of a row fail which goes with another one, while the row that refers to it doesn't go by itself.
    pub fn blocked(&self) -> Vec<Hazard<'k>> {
        let is_meant = |edge: &Edge<'_>| refuses(edge) && !is_deferred(edge.key);
        self.beside_cascades(&is_meant, |edge, marks, climber| {
            let is_blocked = |table: usize| !marks.leads_to(table, edge.child);
            // Where the child goes with the parent, it goes with all that is above.
            let may_pass = |table: usize| table != edge.parent && is_blocked(table);
            if !is_blocked(edge.parent) || edge.is_of_itself() {
                return None;
            }
            let way = climber.climb_to_the_top(edge.parent, LONGEST_TOLD, may_pass)?;
            Some(Hazard { key: edge.key, way: self.graph.keys(&way) })
        })
    }

    /// Keys that refuse or not, by whether they act before the cascades that take their rows.
    pub fn by_order(&self) -> Vec<Clash<'k>> {
        let asks_order = |edge: &Edge<'_>| refuses(edge) && !looks_last(edge, self.engine);
        self.beside_cascades(&asks_order, |edge, marks, climber| {
            if !marks.shares_a_root(edge.parent, edge.child)
                || edge.is_of_itself() && self.engine.rows_first == RowsFirst::All
            {
                return None;
            }
            let leads_to_child = |table: usize| marks.leads_to(table, edge.child);
            let (root, to_parent) = if leads_to_child(edge.parent) {
                (edge.parent, Vec::new())
            } else {
                let way = climber.climb(edge.parent, usize::MAX, |_| true, leads_to_child)?;
                (self.graph.edges[*way.first()?].parent, way)
            };
            let to_child = climber.climb(edge.child, usize::MAX, |_| true, |table| table == root)?;
            let (to_parent, to_child) = (self.graph.keys(&to_parent), self.graph.keys(&to_child));
            Some(Clash { key: edge.key, to_parent, to_child })
        })
    }

    /// Keys that mean to keep rows which go all the same, by cascades from the same parent.
    pub fn shadowed(&self) -> Vec<Hazard<'k>> {
        let keeps =
            |edge: &Edge<'_>| edge.comes_to(Fate::Cleared) || refuses(edge) && looks_last(edge, self.engine);
        self.beside_cascades(&keeps, |edge, marks, climber| {
            if !marks.leads_to(edge.parent, edge.child) {
                return None;
            }
            let way = climber.climb(edge.child, usize::MAX, |_| true, |table| table == edge.parent)?;
            Some(Hazard { key: edge.key, way: self.graph.keys(&way) })
        })
    }

    /// Cascades that come back to the table they started from: one way round for each group of tables that all reach each other,
    /// and each key of a table to itself.
    pub fn cycles(&self) -> Vec<Vec<&'k ObservedKey>> {
        let (graph, knots) = (&self.graph, self.knots());
        let mut climber = Climber::new(graph);
        let of_itself = graph.edges.iter().filter(|edge| edge.is_cascade() && edge.is_of_itself());
        let mut cycles: Vec<Vec<&ObservedKey>> = of_itself.map(|edge| vec![edge.key]).collect();
        for tables in knots.tables.iter().filter(|tables| tables.len() > 1) {
            // From the table whose name comes first.
            let Some(&first) = tables.iter().min_by_key(|&&table| graph.tables[table]) else { continue };
            let within = |table: usize| knots.of[table] == knots.of[first];
            // Not by a key of the table to itself, which is told for itself.
            let others = graph.above(first).filter(|(_, edge)| !edge.is_of_itself() && within(edge.parent));
            let round = others.filter_map(|(at, edge)| {
                let mut way = climber.climb(edge.parent, usize::MAX, within, |table| table == first)?;
                way.push(at);
                Some(way)
            });
            cycles.extend(round.min_by_key(Vec::len).map(|way| graph.keys(&way)));
        }
        cycles.sort_by_key(|cycle| cycle.first().map(|key| &key.key));
        cycles
    }

    /// The cascades of the longest chains that are longer than the engine follows, each up to the first that it doesn't follow. One for
    /// each table that such a chain passes last. Those that come back have no length, and aren't among them.
    pub fn too_deep(&self) -> Vec<Vec<&'k ObservedKey>> {
        let Some(most) = self.engine.most_cascades else { return Vec::new() };
        let (graph, knots) = (&self.graph, self.knots());
        // By table: how many cascades lead to it at most, and the last of them.
        let mut longest: Vec<(usize, Option<usize>)> = vec![(0, None); graph.tables.len()];
        let mut chains = Vec::new();
        let mut told = vec![false; graph.tables.len()];
        for &at in knots.cascades.iter().rev() {
            let edge = &graph.edges[at];
            if knots.of[edge.parent] == knots.of[edge.child] {
                continue;
            }
            let length = longest[edge.parent].0 + 1;
            if length == most + 1 && !std::mem::replace(&mut told[edge.parent], true) {
                chains.push(at);
            }
            if length > longest[edge.child].0 {
                longest[edge.child] = (length, Some(at));
            }
        }
        let whole = |last: usize| {
            let before = |&at: &usize| longest[graph.edges[at].parent].1;
            let mut chain: Vec<usize> = std::iter::successors(Some(last), before).take(most + 1).collect();
            chain.reverse();
            graph.keys(&chain)
        };
        chains.into_iter().map(whole).collect()
    }

    /// What `judge` makes of each of these keys, with what is known of its child; so many children at once that it costs little.
    fn beside_cascades<T>(
        &self,
        is_meant: &dyn Fn(&Edge<'_>) -> bool,
        judge: impl Fn(&Edge<'k>, &Marks<'_>, &mut Climber<'_, 'k>) -> Option<T>,
    ) -> Vec<T> {
        let graph = &self.graph;
        let knots = self.knots();
        let mut meant: Vec<&Edge<'k>> = graph.edges.iter().filter(|edge| is_meant(edge)).collect();
        // A stable sort: keys of one table stay in their order.
        meant.sort_by_key(|edge| edge.child);
        let mut climber = Climber::new(graph);
        let mut found = Vec::new();
        let of_one_child: Vec<&[&Edge<'k>]> =
            meant.chunk_by(|left, right| left.child == right.child).collect();
        for group in of_one_child.chunks(AT_ONCE) {
            let children: Vec<usize> =
                group.iter().filter_map(|keys| keys.first()).map(|edge| edge.child).collect();
            let marks = knots.marks(&children);
            let keys = group.iter().copied().flatten();
            found.extend(keys.filter_map(|edge| judge(edge, &marks, &mut climber)));
        }
        found
    }

    fn knots(&self) -> Knots {
        Knots::new(&self.graph)
    }
}
