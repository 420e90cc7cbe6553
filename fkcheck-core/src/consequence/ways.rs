//! The ways that cascades lead along, key by key.

use super::Deletes;
use super::graph::Graph;
use crate::model::{ObservedKey, TableName};

impl<'k> Deletes<'k> {
    /// The shortest way by which a delete of rows of one table takes those of another: its cascades in the order in which they
    /// act. `None`: there is none. The table itself is on no way to itself, unless one comes back to it.
    pub fn way(&self, from: &TableName, to: &TableName) -> Option<Vec<&'k ObservedKey>> {
        let graph = &self.graph;
        let (from, to) = (graph.number(from)?, graph.number(to)?);
        let way = Climber::new(graph).climb(to, usize::MAX, |_| true, |table| table == from)?;
        Some(graph.keys(&way))
    }
}

/// Looks for ways from a table to those above it; one that is used again and again costs what it visits.
pub(super) struct Climber<'g, 'k> {
    graph: &'g Graph<'k>,
    /// By table: in which search it was last visited, and the cascade that leads on from there.
    visited: Vec<(usize, usize)>,
    searches: usize,
}

impl<'g, 'k> Climber<'g, 'k> {
    pub(super) fn new(graph: &'g Graph<'k>) -> Self {
        Climber { graph, visited: vec![(0, 0); graph.tables.len()], searches: 0 }
    }

    /// The shortest way down to `start` of at least one and at most so many cascades, from the first table above it that is an
    /// end, by tables that may be passed (so may the end): places of edges, from the end on.
    pub(super) fn climb(
        &mut self,
        start: usize,
        longest: usize,
        may_pass: impl Fn(usize) -> bool,
        is_end: impl Fn(usize) -> bool,
    ) -> Option<Vec<usize>> {
        self.search(start, longest, may_pass, is_end).ok()
    }

    /// The same to the first table that no other is above; where none is within reach, to the farthest. `None`: nothing is above
    /// `start` that may be passed.
    pub(super) fn climb_to_the_top(
        &mut self,
        start: usize,
        longest: usize,
        may_pass: impl Fn(usize) -> bool,
    ) -> Option<Vec<usize>> {
        let graph = self.graph;
        let is_top =
            |table: usize| graph.above(table).all(|(_, edge)| edge.is_of_itself() || !may_pass(edge.parent));
        match self.search(start, longest, &may_pass, is_top) {
            Ok(way) => Some(way),
            Err(farthest) => farthest.map(|at| self.down(start, at)),
        }
    }

    /// `Err`: no end was found; the table that was visited last.
    fn search(
        &mut self,
        start: usize,
        longest: usize,
        may_pass: impl Fn(usize) -> bool,
        is_end: impl Fn(usize) -> bool,
    ) -> Result<Vec<usize>, Option<usize>> {
        self.searches += 1;
        let (mut level, mut steps) = (vec![start], 0);
        let mut last = None;
        while !level.is_empty() && steps < longest {
            steps += 1;
            let mut next = Vec::new();
            for (at, edge) in level.iter().flat_map(|&table| self.graph.above(table)) {
                let parent = edge.parent;
                if self.visited[parent].0 == self.searches || !may_pass(parent) {
                    continue;
                }
                self.visited[parent] = (self.searches, at);
                if is_end(parent) {
                    return Ok(self.down(start, parent));
                }
                // `start` is visited only where a way comes back to it, and leads nowhere new.
                if parent != start {
                    last = Some(parent);
                    next.push(parent);
                }
            }
            level = next;
        }
        Err(last)
    }

    /// What the last search has found, from a table that it has visited down to where it began.
    fn down(&self, start: usize, from: usize) -> Vec<usize> {
        let mut way = Vec::new();
        let mut at = from;
        loop {
            let place = self.visited[at].1;
            way.push(place);
            at = self.graph.edges[place].child;
            if at == start {
                return way;
            }
        }
    }
}
