//! The ways of the lines: level through the columns, upright in the gutters between them, each in a track of its own.

use std::collections::HashMap;

use super::grid::{Grid, Net, Target, What};
use super::{Card, Flow, Layout, Line, Part};

/// Between tracks.
const TRACK: f64 = 6.5;
/// Between a column and the first track: room for a head, and for keys of a table to itself.
const BEFORE: f64 = 16.0;
/// Between the last track and the next column: room for a head.
const AFTER: f64 = 19.0;
/// Ends nearer than this would lie upon each other.
const NEAR: f64 = 3.5;
/// What it costs when lines lie upon each other, in crossings.
const UPON: usize = 1_000;
/// In a gutter with more nets than this, the order of the tracks isn't mended.
const MANY: usize = 400;

pub(super) fn route(part: &Part<'_>, grid: &Grid) -> Layout {
    let mut cards = vec![Card::default(); part.tables.len()];
    // By column: its left and right edge.
    let mut edges = Vec::new();
    // By flow and gutter: the track, and which net it is.
    let mut tracks: HashMap<(Flow, usize), (f64, usize)> = HashMap::new();
    let mut x = 0.0;
    let (mut height, mut width) = (0.0_f64, 0.0_f64);
    for (column, items) in grid.columns.iter().enumerate() {
        let mut wide = 0.0_f64;
        for item in items {
            let item = &grid.items[*item];
            if let What::Card(table) = item.what {
                let rows: Vec<usize> = item.rows.iter().map(|link| part.keys[*link].key).collect();
                wide = wide.max(part.width(table, &rows));
                cards[table] = Card { x, y: item.y, width: 0.0, height: item.height(), rows };
                height = height.max(item.y + item.height());
            }
        }
        for item in items {
            if let What::Card(table) = grid.items[*item].what {
                cards[table].width = wide;
            }
        }
        edges.push((x, x + wide));
        width = x + wide;
        let has_loop = items
            .iter()
            .any(|item| grid.items[*item].rows.iter().any(|link| part.flow(&part.keys[*link]).is_none()));
        if has_loop {
            width += BEFORE;
        }
        let Some(nets) = grid.gutters.get(column) else { continue };
        let found = tracked(nets, grid);
        let last = found.iter().copied().max().unwrap_or_default();
        for (at, (net, track)) in nets.iter().zip(&found).enumerate() {
            let track = x + wide + BEFORE + TRACK * super::number(*track);
            tracks.insert((net.flow, column), (track, at));
        }
        x += wide + BEFORE + TRACK * super::number(last) + AFTER;
    }
    let lines = (0..part.keys.len()).map(|link| Line { corners: way(link, part, grid, &edges, &tracks) });
    let lines = lines.collect();
    Layout { width, height, bands: Vec::new(), cards, lines }
}

/// A net as its order is sought.
struct Upright {
    left: Vec<f64>,
    right: Vec<f64>,
    top: f64,
    bottom: f64,
}

impl Upright {
    fn new(net: &Net, grid: &Grid) -> Upright {
        let (left, right) = net.ends(grid);
        let all = || left.iter().chain(&right).copied();
        let top = all().fold(f64::INFINITY, f64::min);
        let bottom = all().fold(f64::NEG_INFINITY, f64::max);
        Upright { left, right, top, bottom }
    }

    fn is_straight(&self) -> bool {
        self.bottom - self.top < 0.5
    }

    fn meets(&self, other: &Upright) -> bool {
        self.top <= other.bottom + NEAR && other.top <= self.bottom + NEAR
    }

    /// What it costs to stand left of another.
    fn before(&self, other: &Upright) -> usize {
        let within =
            |ends: &[f64], of: &Upright| ends.iter().filter(|y| (of.top..=of.bottom).contains(*y)).count();
        let upon = other.left.iter().flat_map(|y| self.right.iter().map(move |end| (y - end).abs()));
        within(&other.left, self)
            + within(&self.right, other)
            + UPON * upon.filter(|distance| *distance < NEAR).count()
    }
}

/// The track of each net: in an order that lets few lines cross, and as far left as those before it allow.
fn tracked(nets: &[Net], grid: &Grid) -> Vec<usize> {
    let uprights: Vec<Upright> = nets.iter().map(|net| Upright::new(net, grid)).collect();
    let mut order: Vec<usize> = (0..nets.len()).filter(|at| !uprights[*at].is_straight()).collect();
    order.sort_by(|left, right| {
        let (left, right) = (&uprights[*left], &uprights[*right]);
        left.top.total_cmp(&right.top).then(left.bottom.total_cmp(&right.bottom))
    });
    if order.len() <= MANY {
        mend(&mut order, &uprights);
    }
    let mut tracks = vec![0; nets.len()];
    for (at, net) in order.iter().enumerate() {
        let before = order[..at].iter().filter(|other| uprights[**other].meets(&uprights[*net]));
        tracks[*net] = before.map(|other| tracks[*other] + 1).max().unwrap_or_default();
    }
    tracks
}

/// Moves each net to the place where it costs least, until nothing is gained.
fn mend(order: &mut Vec<usize>, uprights: &[Upright]) {
    // Against each other, where they meet: what it costs that the first stands left, less what the other way costs.
    let mut gain: HashMap<(usize, usize), i64> = HashMap::new();
    let signed = |cost: usize| i64::try_from(cost).unwrap_or(i64::MAX);
    for (at, one) in order.iter().enumerate() {
        for other in &order[at + 1..] {
            let (left, right) = (&uprights[*one], &uprights[*other]);
            if left.meets(right) {
                let cost = signed(left.before(right)) - signed(right.before(left));
                gain.insert((*one, *other), cost);
                gain.insert((*other, *one), -cost);
            }
        }
    }
    for _ in 0..10 {
        let mut is_better = false;
        for net in order.clone() {
            let Some(at) = order.iter().position(|other| *other == net) else { continue };
            // Moving it past others one by one, to either side.
            let cost = |other: &usize| gain.get(&(net, *other)).copied().unwrap_or_default();
            let (mut best, mut sum) = ((0, at), 0);
            for (place, other) in order.iter().enumerate().skip(at + 1) {
                sum -= cost(other);
                if sum < best.0 {
                    best = (sum, place);
                }
            }
            sum = 0;
            for (place, other) in order.iter().enumerate().take(at).rev() {
                sum += cost(other);
                if sum < best.0 {
                    best = (sum, place);
                }
            }
            if best.1 != at {
                order.remove(at);
                order.insert(best.1, net);
                is_better = true;
            }
        }
        if !is_better {
            break;
        }
    }
}

/// The corners of a key's line, from its parent to its row.
fn way(
    link: usize,
    part: &Part<'_>,
    grid: &Grid,
    edges: &[(f64, f64)],
    tracks: &HashMap<(Flow, usize), (f64, usize)>,
) -> Vec<(f64, f64)> {
    let at = part.keys[link];
    let (parent, child) = (&grid.items[at.parent], &grid.items[at.child]);
    let end = grid.y(Target { item: at.child, link: Some(link) });
    let Some(flow) = part.flow(&at) else {
        let right = edges[parent.column].1;
        let start = parent.y + super::HEADER * 0.9;
        return vec![(right, start), (right + 11.0, start), (right + 11.0, end), (right, end)];
    };
    let (mut y, rank) = (parent.y + parent.source(flow), parent.column);
    let start = if flow.is_backward { edges[rank].0 } else { edges[rank].1 };
    let mut corners = vec![(start, y)];
    for step in 0..rank.abs_diff(child.column) {
        let gutter = if flow.is_backward { rank - step - 1 } else { rank + step };
        let Some((x, net)) = tracks.get(&(flow, gutter)) else { continue };
        let targets = &grid.gutters[gutter][*net].targets;
        let own = targets.iter().find(|target| target.link == Some(link));
        let lane = targets.iter().find(|target| target.link.is_none());
        let turn = own.or(lane).map_or(y, |target| grid.y(*target));
        corners.extend([(*x, y), (*x, turn)]);
        y = turn;
    }
    let stop = if flow.is_backward { edges[child.column].1 } else { edges[child.column].0 };
    corners.push((stop, end));
    corners
}
