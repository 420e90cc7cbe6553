//! How high everything stands: as near to what it is joined with as its column's order allows.

use super::grid::Grid;
use super::{BAND_PAD, BAND_TOP, number};

const SWEEPS: usize = 10;
/// Between cards, and around the lines that pass a column between them.
const GAP: f64 = 14.0;
const LANE_GAP: f64 = 7.0;

/// One item's wish: beside another, with this distance between their upper edges.
struct Wish {
    other: usize,
    distance: f64,
}

/// Sets each item's height; returns each band's upper edge and height.
pub(super) fn place(grid: &mut Grid, bands: usize) -> Vec<(f64, f64)> {
    let [to_left, to_right] = wishes(grid);
    for column in 0..grid.columns.len() {
        for band in 0..bands {
            fit(grid, column, band, |_, _| None);
        }
    }
    for sweep in 0..SWEEPS {
        let is_last = sweep + 1 == SWEEPS;
        let is_right = sweep % 2 == 1 && !is_last;
        let wishes = if is_right { &to_right } else { &to_left };
        let count = grid.columns.len();
        for step in 0..count {
            let column = if is_right { count - 1 - step } else { step };
            for band in 0..bands {
                fit(grid, column, band, |grid, item| {
                    let wishes = &wishes[item];
                    let sum: f64 = wishes.iter().map(|wish| grid.items[wish.other].y + wish.distance).sum();
                    (!wishes.is_empty()).then(|| (sum / number(wishes.len()), number(wishes.len())))
                });
            }
        }
    }
    stack(grid, bands)
}

/// By item: what it wishes for the sake of its neighbours at the left, and at the right; of other bands it knows nothing.
fn wishes(grid: &Grid) -> [Vec<Vec<Wish>>; 2] {
    let mut to_left: Vec<Vec<Wish>> = Vec::new();
    to_left.resize_with(grid.items.len(), Vec::new);
    let mut to_right: Vec<Vec<Wish>> = Vec::new();
    to_right.resize_with(grid.items.len(), Vec::new);
    for net in grid.gutters.iter().flatten() {
        let source = grid.items[net.source].source(net.flow);
        for target in &net.targets {
            if grid.items[net.source].band != grid.items[target.item].band {
                continue;
            }
            let distance = source - grid.items[target.item].target(target.link);
            let (at_target, at_source) = if net.flow.is_backward {
                (&mut to_right, &mut to_left)
            } else {
                (&mut to_left, &mut to_right)
            };
            at_target[target.item].push(Wish { other: net.source, distance });
            at_source[net.source].push(Wish { other: target.item, distance: -distance });
        }
    }
    [to_left, to_right]
}

/// Puts the items of a column and band as near to their wishes (height and weight) as they may stand without touching: neighbours
/// that would are put together to their common mean.
fn fit(grid: &mut Grid, column: usize, band: usize, wish: impl Fn(&Grid, usize) -> Option<(f64, f64)>) {
    let items: Vec<usize> =
        grid.columns[column].iter().copied().filter(|item| grid.items[*item].band == band).collect();
    // Where each would stand if all stood close.
    let mut offsets = Vec::with_capacity(items.len());
    let mut y = 0.0;
    for (at, item) in items.iter().enumerate() {
        if at > 0 {
            let is_lane = |item: usize| grid.items[item].is_lane();
            let gap = match (is_lane(items[at - 1]), is_lane(*item)) {
                (false, false) => GAP,
                (true, true) => LANE_GAP,
                _ => LANE_GAP + 3.0,
            };
            y += gap;
        }
        offsets.push(y);
        y += grid.items[*item].height();
    }
    // Blocks that stand close: the sum of weights, the weighted sum of wishes, how many items.
    let mut blocks: Vec<(f64, f64, usize)> = Vec::new();
    for (item, offset) in items.iter().zip(&offsets) {
        let (wished, weight) = wish(grid, *item).unwrap_or((grid.items[*item].y, 0.2));
        let mut block = (weight, weight * (wished - offset), 1);
        while let Some(before) = blocks.last().filter(|before| before.1 / before.0 >= block.1 / block.0) {
            block = (block.0 + before.0, block.1 + before.1, block.2 + before.2);
            blocks.pop();
        }
        blocks.push(block);
    }
    let mut items = items.iter().zip(&offsets);
    for (weight, sum, count) in blocks {
        for (item, offset) in items.by_ref().take(count) {
            grid.items[*item].y = sum / weight + offset;
        }
    }
}

/// Puts the bands below each other.
fn stack(grid: &mut Grid, bands: usize) -> Vec<(f64, f64)> {
    let mut top = if bands > 1 { BAND_TOP } else { 0.0 };
    let mut heights = Vec::new();
    for band in 0..bands {
        let of_band = || grid.items.iter().filter(|item| item.band == band);
        let first = of_band().map(|item| item.y).fold(f64::INFINITY, f64::min);
        let last = of_band().map(|item| item.y + item.height()).fold(f64::NEG_INFINITY, f64::max);
        for item in grid.items.iter_mut().filter(|item| item.band == band) {
            item.y += top - first;
        }
        heights.push((top, last - first));
        top += last - first + BAND_TOP + 2.0 * BAND_PAD;
    }
    heights
}
