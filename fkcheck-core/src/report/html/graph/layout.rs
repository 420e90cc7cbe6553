//! Where the tables and edges of the picture lie: children left, parents right, a column for each step between them.

use super::{Edge, Graph, Table};

const HEADER: f64 = 32.0;
const ROW: f64 = 48.0;
/// What an edge takes that passes a column.
const LANE: f64 = 18.0;
const GAP: f64 = 24.0;
const MARGIN: f64 = 16.0;
/// Where an edge bends from its row to its parent.
const BEND: f64 = 84.0;
/// Of a character of the tables' names, and of the labels.
const NAME: f64 = 7.8;
const LABEL: f64 = 6.7;

/// The picture, measured.
pub(super) struct Layout {
    pub(super) width: f64,
    pub(super) height: f64,
    /// In the order of the graph's tables.
    pub(super) tables: Vec<Card>,
    /// In the order of the graph's edges.
    pub(super) edges: Vec<Line>,
}

/// A table with a row for each of its keys.
pub(super) struct Card {
    pub(super) x: f64,
    pub(super) y: f64,
    pub(super) width: f64,
    pub(super) height: f64,
}

impl Card {
    /// The middle of its header.
    fn middle(&self) -> f64 {
        self.y + HEADER / 2.0
    }

    /// The middle of a row.
    pub(super) fn row(&self, row: usize) -> f64 {
        self.y + HEADER + ROW * (number(row) + 0.5)
    }

    pub(super) fn header(&self) -> f64 {
        self.y + HEADER
    }
}

/// An edge: its label begins at `(x, y)`, its head is at `end` and points to the right or, in a circle, to the left.
pub(super) struct Line {
    pub(super) x: f64,
    pub(super) y: f64,
    pub(super) path: String,
    pub(super) end: (f64, f64),
    pub(super) is_backward: bool,
}

/// What stands in a column.
#[derive(Clone, Copy, PartialEq)]
enum Item {
    Table(usize),
    /// An edge on its way to a column further right.
    Lane(usize),
}

pub(super) fn layout(graph: &Graph) -> Layout {
    let columns_of = columns_of(graph);
    let columns = order(graph, &columns_of);

    let mut cards: Vec<Card> = Vec::new();
    cards.extend(graph.tables.iter().map(|table| Card {
        x: 0.0,
        y: 0.0,
        width: width(table),
        height: height(table),
    }));
    // By edge: its lanes, from left to right.
    let mut lanes: Vec<Vec<(f64, f64, f64)>> = vec![Vec::new(); graph.edges.len()];
    let item_height = |item: &Item| match item {
        Item::Table(table) => height(&graph.tables[*table]),
        Item::Lane(_) => LANE,
    };
    let column_height = |items: &[Item]| {
        items.iter().map(item_height).sum::<f64>() + GAP * number(items.len().saturating_sub(1))
    };
    let tallest = columns.iter().map(|items| column_height(items)).fold(0.0, f64::max);

    let mut x = MARGIN;
    // By column: where the labels of its edges end.
    let mut label_ends = Vec::new();
    for (i, items) in columns.iter().enumerate() {
        let is_here = |item: &Item| match item {
            Item::Table(table) => width(&graph.tables[*table]),
            Item::Lane(_) => 0.0,
        };
        let column_width = items.iter().map(is_here).fold(0.0, f64::max);
        let labels = graph.edges.iter().filter(|edge| columns_of[edge.child] == i).map(label_width);
        let label_end = x + column_width + labels.fold(0.0, f64::max);
        let mut y = MARGIN + (tallest - column_height(items)) / 2.0;
        for item in items {
            match item {
                Item::Table(table) => {
                    let card = &mut cards[*table];
                    (card.x, card.y, card.width) = (x, y, column_width);
                }
                Item::Lane(edge) => lanes[*edge].push((x, y + LANE / 2.0, label_end)),
            }
            y += item_height(item) + GAP;
        }
        label_ends.push(label_end);
        x = label_end + BEND;
    }
    let last_has_edges = graph.edges.iter().any(|edge| columns_of[edge.child] + 1 == columns.len());
    let width = x - if last_has_edges { 0.0 } else { BEND } + MARGIN;

    let edges = graph.edges.iter().enumerate().map(|(i, edge)| {
        let (child, parent) = (&cards[edge.child], &cards[edge.parent]);
        let is_backward = columns_of[edge.parent] <= columns_of[edge.child];
        let end_y = arrival(graph, i, parent);
        let (start, y) = (child.x + child.width, child.row(edge.row));
        let turn = label_ends[columns_of[edge.child]];
        let (path, end) = if is_backward {
            let back = label_ends[columns_of[edge.parent]];
            let far = turn.max(back) + BEND * 0.7;
            let end = parent.x + parent.width;
            (
                format!("M{start:.1} {y:.1}H{turn:.1}C{far:.1} {y:.1} {far:.1} {end_y:.1} {back:.1} {end_y:.1}H{end:.1}"),
                end,
            )
        } else {
            let mut path = format!("M{start:.1} {y:.1}H{turn:.1}");
            let mut from = (turn, y);
            for &(lane_x, lane_y, lane_end) in &lanes[i] {
                path += &bend(from, (lane_x, lane_y));
                path.extend([format!("H{lane_end:.1}")]);
                from = (lane_end, lane_y);
            }
            path += &bend(from, (parent.x, end_y));
            (path, parent.x)
        };
        Line { x: start, y, path, end: (end, end_y), is_backward }
    });
    let edges = edges.collect();
    Layout { width, height: tallest + 2.0 * MARGIN, tables: cards, edges }
}

fn bend(from: (f64, f64), to: (f64, f64)) -> String {
    let middle = f64::midpoint(from.0, to.0);
    format!("C{middle:.1} {:.1} {middle:.1} {:.1} {:.1} {:.1}", from.1, to.1, to.0, to.1)
}

/// Where an edge meets its parent's header: several lie side by side.
fn arrival(graph: &Graph, edge: usize, parent: &Card) -> f64 {
    let table = graph.edges[edge].parent;
    let same = |edge: &&Edge| edge.parent == table;
    let count = graph.edges.iter().filter(same).count();
    let before = graph.edges[..edge].iter().filter(same).count();
    let step = (HEADER - 12.0) / number(count.max(1));
    parent.middle() + step * (number(before) - (number(count) - 1.0) / 2.0)
}

/// By table: its column. A table stands left of its parents, but for one key in every circle.
fn columns_of(graph: &Graph) -> Vec<usize> {
    fn rank(table: usize, graph: &Graph, ranks: &mut Vec<Option<usize>>, on_path: &mut Vec<bool>) -> usize {
        if let Some(rank) = ranks[table] {
            return rank;
        }
        on_path[table] = true;
        let mut highest = 0;
        for edge in graph.edges.iter().filter(|edge| edge.child == table) {
            if !on_path[edge.parent] {
                highest = highest.max(rank(edge.parent, graph, ranks, on_path) + 1);
            }
        }
        on_path[table] = false;
        ranks[table] = Some(highest);
        highest
    }
    let mut ranks = vec![None; graph.tables.len()];
    let mut on_path = vec![false; graph.tables.len()];
    let ranks: Vec<usize> =
        (0..graph.tables.len()).map(|table| rank(table, graph, &mut ranks, &mut on_path)).collect();
    let highest = ranks.iter().max().copied().unwrap_or_default();
    ranks.into_iter().map(|rank| highest - rank).collect()
}

/// The columns from left to right, each in an order that lets few edges cross.
fn order(graph: &Graph, columns_of: &[usize]) -> Vec<Vec<Item>> {
    let count = columns_of.iter().max().map_or(0, |last| last + 1);
    let mut columns: Vec<Vec<Item>> = vec![Vec::new(); count];
    for (table, column) in columns_of.iter().enumerate() {
        columns[*column].push(Item::Table(table));
    }
    for (i, edge) in graph.edges.iter().enumerate() {
        for column in columns.iter_mut().take(columns_of[edge.parent]).skip(columns_of[edge.child] + 1) {
            column.push(Item::Lane(i));
        }
    }
    // Each item goes to the middle of what it is joined with in the column beside it, to and fro.
    for _ in 0..4 {
        for i in (0..count.saturating_sub(1)).rev() {
            let beside = columns[i + 1].clone();
            sort(&mut columns[i], &beside, graph, true);
        }
        for i in 1..count {
            let beside = columns[i - 1].clone();
            sort(&mut columns[i], &beside, graph, false);
        }
    }
    columns
}

fn sort(column: &mut [Item], beside: &[Item], graph: &Graph, is_right: bool) {
    let is_joined = |item: Item, other: Item| {
        graph.edges.iter().enumerate().any(|(i, edge)| {
            let (left, right) = if is_right { (item, other) } else { (other, item) };
            (left == Item::Table(edge.child) || left == Item::Lane(i))
                && (right == Item::Table(edge.parent) || right == Item::Lane(i))
        })
    };
    let middle = |item: Item| {
        let joined: Vec<f64> =
            (0..beside.len()).filter(|&i| is_joined(item, beside[i])).map(number).collect();
        if joined.is_empty() { None } else { Some(joined.iter().sum::<f64>() / number(joined.len())) }
    };
    let mut keyed: Vec<(f64, Item)> =
        column.iter().enumerate().map(|(i, item)| (middle(*item).unwrap_or(number(i)), *item)).collect();
    keyed.sort_by(|a, b| a.0.total_cmp(&b.0));
    for (place, (_, item)) in column.iter_mut().zip(keyed) {
        *place = item;
    }
}

fn width(table: &Table) -> f64 {
    let longest = table.rows.iter().chain([&table.shown]).map(|name| columns(name)).max();
    (number(longest.unwrap_or_default()) * NAME + 28.0).max(120.0)
}

fn height(table: &Table) -> f64 {
    HEADER + ROW * number(table.rows.len())
}

fn label_width(edge: &Edge) -> f64 {
    let longest = edge.labels.iter().map(|label| columns(label)).max();
    number(longest.unwrap_or_default()) * LABEL + 24.0
}

/// How many characters wide a text is.
fn columns(text: &str) -> usize {
    textwrap::core::display_width(text)
}

/// Numbers here are small: a picture has some hundred edges.
fn number(count: usize) -> f64 {
    u32::try_from(count).map_or(f64::from(u32::MAX), f64::from)
}
