//! Tables from which cascades lead back to themselves, and what lies above and below each in one pass for many at once.

use super::graph::Graph;

/// The tables by knots: those of one can all reach each other by cascades; most have one table.
pub(super) struct Knots {
    /// The knot of a table; a cascade leads to one with the same or a smaller number.
    pub(super) of: Vec<usize>,
    /// The tables of each.
    pub(super) tables: Vec<Vec<usize>>,
    /// The places of all cascades, by the knots of their parents.
    pub(super) cascades: Vec<usize>,
    /// The same cascades: the knots of both ends and the child.
    links: Vec<(usize, usize, usize)>,
}

impl Knots {
    pub(super) fn new(graph: &Graph<'_>) -> Self {
        let mut knots = Search::new(graph).run();
        let is_cascade = |at: &usize| graph.edges[*at].is_cascade();
        knots.cascades = (0..graph.edges.len()).filter(is_cascade).collect();
        knots.cascades.sort_by_key(|&at| knots.of[graph.edges[at].parent]);
        let link = |&at: &usize| {
            let edge = &graph.edges[at];
            (knots.of[edge.parent], knots.of[edge.child], edge.child)
        };
        knots.links = knots.cascades.iter().map(link).collect();
        knots
    }

    /// For tables, of which there may be as many as a mask has bits: which of them are below and above each.
    pub(super) fn marks(&self, tables: &[usize]) -> Marks<'_> {
        let mut bits = vec![0_u128; self.of.len()];
        for (at, &table) in tables.iter().enumerate() {
            bits[table] |= 1 << at;
        }
        let mut below = vec![0; self.tables.len()];
        for &(parent, child, table) in &self.links {
            below[parent] |= below[child] | bits[table];
        }
        let mut near = below.clone();
        for &(parent, child, _) in self.links.iter().rev() {
            near[child] |= near[parent];
        }
        Marks { of: &self.of, bits, below, near }
    }
}

/// How many tables one pass marks.
pub(super) const AT_ONCE: usize = u128::BITS as usize;

/// Which of some tables are below others.
pub(super) struct Marks<'n> {
    of: &'n [usize],
    bits: Vec<u128>,
    below: Vec<u128>,
    near: Vec<u128>,
}

impl Marks<'_> {
    /// Whether cascades lead from a table to one of those that are marked.
    pub(super) fn leads_to(&self, from: usize, marked: usize) -> bool {
        self.below[self.of[from]] & self.bits[marked] != 0
    }

    /// Whether cascades lead to it from a table, or from one above that.
    pub(super) fn shares_a_root(&self, table: usize, marked: usize) -> bool {
        self.near[self.of[table]] & self.bits[marked] != 0
    }
}

/// Tarjan's, with a stack of its own.
struct Search<'g, 'k> {
    graph: &'g Graph<'k>,
    /// When a table was first seen, from 1.
    seen: Vec<usize>,
    /// The earliest that is known to be reached from it.
    low: Vec<usize>,
    open: Vec<usize>,
    is_open: Vec<bool>,
    knots: Knots,
    clock: usize,
}

impl<'g, 'k> Search<'g, 'k> {
    fn new(graph: &'g Graph<'k>) -> Self {
        let count = graph.tables.len();
        Search {
            graph,
            seen: vec![0; count],
            low: vec![0; count],
            open: Vec::new(),
            is_open: vec![false; count],
            knots: Knots { of: vec![0; count], tables: Vec::new(), cascades: Vec::new(), links: Vec::new() },
            clock: 0,
        }
    }

    fn run(mut self) -> Knots {
        for root in 0..self.seen.len() {
            if self.seen[root] == 0 {
                self.visit(root);
            }
        }
        self.knots
    }

    fn visit(&mut self, root: usize) {
        let children =
            |table: usize| self.graph.cascades(table).map(|edge| edge.child).collect::<Vec<_>>().into_iter();
        let mut stack = vec![(root, children(root))];
        self.enter(root);
        while let Some((table, left)) = stack.last_mut() {
            let table = *table;
            match left.next() {
                Some(child) if self.seen[child] == 0 => {
                    let below = self.graph.cascades(child).map(|edge| edge.child).collect::<Vec<_>>();
                    self.enter(child);
                    stack.push((child, below.into_iter()));
                }
                Some(child) if self.is_open[child] => self.low[table] = self.low[table].min(self.seen[child]),
                Some(_) => {}
                None => {
                    stack.pop();
                    if let Some((parent, _)) = stack.last() {
                        self.low[*parent] = self.low[*parent].min(self.low[table]);
                    }
                    if self.low[table] == self.seen[table] {
                        self.close(table);
                    }
                }
            }
        }
    }

    fn enter(&mut self, table: usize) {
        self.clock += 1;
        (self.seen[table], self.low[table]) = (self.clock, self.clock);
        self.open.push(table);
        self.is_open[table] = true;
    }

    /// All that was opened since is one knot.
    fn close(&mut self, table: usize) {
        let start = self.open.iter().rposition(|&other| other == table).unwrap_or_default();
        let tables = self.open.split_off(start);
        for &member in &tables {
            self.is_open[member] = false;
            self.knots.of[member] = self.knots.tables.len();
        }
        self.knots.tables.push(tables);
    }
}
