//! The tables in their columns, and lanes for lines that pass a column.

use std::collections::{BTreeMap, HashMap};

use super::{Flow, HEADER, Part, ROW, card_height, number};

/// Items in columns, and between each column and the next the nets that join them.
pub(super) struct Grid {
    pub(super) items: Vec<Item>,
    /// From left to right; items from top to bottom.
    pub(super) columns: Vec<Vec<usize>>,
    /// One gutter less than columns.
    pub(super) gutters: Vec<Vec<Net>>,
}

pub(super) struct Item {
    pub(super) what: What,
    pub(super) column: usize,
    pub(super) band: usize,
    /// The keys of a card, from top to bottom, by their places in the part.
    pub(super) rows: Vec<usize>,
    /// The upper edge.
    pub(super) y: f64,
    /// The flows that begin at a card.
    pub(super) flows: Vec<Flow>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum What {
    Card(usize),
    /// A flow on its way to a column further on.
    Lane,
}

/// By item, and whether to the right: what it is joined with.
pub(super) type Neighbours = HashMap<(usize, bool), Vec<usize>>;

/// A flow between two columns: from one item to several.
pub(super) struct Net {
    pub(super) flow: Flow,
    pub(super) source: usize,
    pub(super) targets: Vec<Target>,
}

#[derive(Clone, Copy)]
pub(super) struct Target {
    pub(super) item: usize,
    /// The key in whose row it ends; `None`: a lane.
    pub(super) link: Option<usize>,
}

impl Item {
    pub(super) fn is_lane(&self) -> bool {
        self.what == What::Lane
    }

    pub(super) fn height(&self) -> f64 {
        if self.is_lane() { 0.0 } else { card_height(self.rows.len()) }
    }

    /// Where a flow leaves it, from its upper edge: several lie side by side.
    pub(super) fn source(&self, flow: Flow) -> f64 {
        if self.is_lane() {
            return 0.0;
        }
        let same = || self.flows.iter().filter(|other| other.is_backward == flow.is_backward);
        let count = number(same().count());
        let before = number(same().take_while(|other| **other != flow).count());
        // Two tables that refer to each other stand level: their lines would lie upon each other.
        let aside = if flow.is_backward { 4.0 } else { 0.0 };
        HEADER / 2.0 + (before - (count - 1.0) / 2.0) * (HEADER - 9.0) / count.max(3.0) + aside
    }

    /// Where a flow ends in it, from its upper edge.
    pub(super) fn target(&self, link: Option<usize>) -> f64 {
        let row = link.and_then(|link| self.rows.iter().position(|row| *row == link));
        row.map_or(0.0, |row| HEADER + ROW * (number(row) + 0.5))
    }
}

impl Net {
    /// The ends at the left and at the right, as heights.
    pub(super) fn ends(&self, grid: &Grid) -> (Vec<f64>, Vec<f64>) {
        let source = &grid.items[self.source];
        let source = vec![source.y + source.source(self.flow)];
        let targets = self.targets.iter().map(|target| grid.y(*target)).collect();
        if self.flow.is_backward { (targets, source) } else { (source, targets) }
    }

    /// The items that are joined, left and right.
    pub(super) fn joints(&self) -> impl Iterator<Item = (usize, usize)> {
        let is_backward = self.flow.is_backward;
        self.targets.iter().map(move |target| {
            if is_backward { (target.item, self.source) } else { (self.source, target.item) }
        })
    }
}

impl Grid {
    pub(super) fn new(part: &Part<'_>, bands: &[&str]) -> Grid {
        let count = part.ranks.iter().max().map_or(0, |last| last + 1);
        let mut grid = Grid { items: Vec::new(), columns: vec![Vec::new(); count], gutters: Vec::new() };
        grid.gutters.resize_with(count.saturating_sub(1), Vec::new);
        for (at, table) in part.tables.iter().enumerate() {
            let schema = &*part.picture.tables[*table].schema;
            let band = bands.iter().position(|band| *band == schema).unwrap_or_default();
            grid.add(What::Card(at), part.ranks[at], band);
        }
        let mut flows: BTreeMap<Flow, Vec<usize>> = BTreeMap::new();
        for (at, link) in part.keys.iter().enumerate() {
            grid.items[link.child].rows.push(at);
            if let Some(flow) = part.flow(link) {
                flows.entry(flow).or_default().push(at);
            }
        }
        for (flow, links) in flows {
            grid.items[flow.parent].flows.push(flow);
            grid.join(part, flow, &links);
        }
        grid
    }

    fn add(&mut self, what: What, column: usize, band: usize) -> usize {
        let at = self.items.len();
        self.items.push(Item { what, column, band, rows: Vec::new(), y: 0.0, flows: Vec::new() });
        self.columns[column].push(at);
        at
    }

    /// The nets of a flow, from its parent to the child that stands furthest from it.
    fn join(&mut self, part: &Part<'_>, flow: Flow, links: &[usize]) {
        let rank = part.ranks[flow.parent];
        let away = |link: &usize| part.ranks[part.keys[*link].child].abs_diff(rank);
        let furthest = links.iter().map(away).max().unwrap_or_default();
        let band = self.items[flow.parent].band;
        let mut source = flow.parent;
        for step in 1..=furthest {
            let here = links.iter().filter(|link| away(link) == step);
            let mut targets: Vec<Target> =
                here.map(|link| Target { item: part.keys[*link].child, link: Some(*link) }).collect();
            let (gutter, column) =
                if flow.is_backward { (rank - step, rank - step) } else { (rank + step - 1, rank + step) };
            let lane = (step < furthest).then(|| self.add(What::Lane, column, band));
            targets.extend(lane.map(|item| Target { item, link: None }));
            self.gutters[gutter].push(Net { flow, source, targets });
            source = lane.unwrap_or(source);
        }
    }

    /// The height at which a flow ends.
    pub(super) fn y(&self, target: Target) -> f64 {
        let item = &self.items[target.item];
        item.y + item.target(target.link)
    }

    /// By item: its place in its column.
    pub(super) fn places(&self) -> Vec<usize> {
        let mut places = vec![0; self.items.len()];
        for column in &self.columns {
            for (place, item) in column.iter().enumerate() {
                places[*item] = place;
            }
        }
        places
    }

    /// What each item is joined with, to the left and to the right.
    pub(super) fn neighbours(&self) -> Neighbours {
        let mut neighbours = Neighbours::new();
        for (left, right) in self.gutters.iter().flatten().flat_map(Net::joints) {
            neighbours.entry((right, false)).or_default().push(left);
            neighbours.entry((left, true)).or_default().push(right);
        }
        neighbours
    }
}
