//! The order within each column, so that few lines cross.

use super::grid::{Grid, Neighbours, Net};
use super::number;

/// How often the columns are gone through, to and fro.
const SWEEPS: usize = 16;
/// With more joints, neighbours aren't looked at two by two.
const MANY: usize = 6_000;

/// Each item goes to the middle of what it is joined with in the column beside it; the best order that was seen stays. Items of
/// one schema stay together.
pub(super) fn order(grid: &mut Grid) {
    let neighbours = grid.neighbours();
    let mut best = (crossings(grid), grid.columns.clone());
    for sweep in 0..SWEEPS {
        let is_right = sweep % 2 == 1;
        let columns: Vec<usize> = if is_right {
            (0..grid.columns.len()).rev().collect()
        } else {
            (0..grid.columns.len()).collect()
        };
        for column in columns {
            let places = grid.places();
            let share = |item: usize| {
                let length = grid.columns[grid.items[item].column].len();
                (number(places[item]) + 0.5) / number(length)
            };
            let middle = |item: usize| {
                let joined = neighbours.get(&(item, is_right)).map(Vec::as_slice).unwrap_or_default();
                match joined.len() {
                    0 => share(item),
                    count => joined.iter().map(|other| share(*other)).sum::<f64>() / number(count),
                }
            };
            let mut keyed: Vec<(usize, f64, usize)> = grid.columns[column]
                .iter()
                .map(|item| (grid.items[*item].band, middle(*item), *item))
                .collect();
            keyed.sort_by(|left, right| (left.0.cmp(&right.0)).then(left.1.total_cmp(&right.1)));
            grid.columns[column] = keyed.into_iter().map(|(_, _, item)| item).collect();
        }
        transpose(grid, &neighbours);
        let now = crossings(grid);
        if now < best.0 || sweep == 0 {
            best = (now, grid.columns.clone());
        }
    }
    grid.columns = best.1;
    sort_rows(grid);
}

/// Lets neighbours in a column change places where fewer lines cross then.
fn transpose(grid: &mut Grid, neighbours: &Neighbours) {
    let joints: usize = neighbours.values().map(Vec::len).sum();
    if joints > MANY {
        return;
    }
    for column in 0..grid.columns.len() {
        let places = grid.places();
        let crossed = |left: usize, right: usize| {
            let joined = |item: usize, side: bool| {
                neighbours.get(&(item, side)).into_iter().flatten().map(|other| places[*other])
            };
            let on = |side: bool| {
                joined(left, side)
                    .map(|place| joined(right, side).filter(|other| *other < place).count())
                    .sum::<usize>()
            };
            on(false) + on(true)
        };
        for _ in 0..4 {
            let mut is_better = false;
            for at in 1..grid.columns[column].len() {
                let (above, below) = (grid.columns[column][at - 1], grid.columns[column][at]);
                let are_of_one = grid.items[above].band == grid.items[below].band;
                if are_of_one && crossed(below, above) < crossed(above, below) {
                    grid.columns[column].swap(at - 1, at);
                    is_better = true;
                }
            }
            if !is_better {
                break;
            }
        }
    }
}

/// How many lines cross, were they straight.
fn crossings(grid: &Grid) -> usize {
    let places = grid.places();
    let mut total = 0;
    for (gutter, nets) in grid.gutters.iter().enumerate() {
        let mut joints: Vec<(usize, usize)> =
            nets.iter().flat_map(Net::joints).map(|(left, right)| (places[left], places[right])).collect();
        joints.sort_unstable();
        total += inversions(joints.iter().map(|joint| joint.1), grid.columns[gutter + 1].len());
    }
    total
}

/// How many pairs stand the wrong way round: counted with a tree of sums.
fn inversions(values: impl Iterator<Item = usize>, length: usize) -> usize {
    let mut sums = vec![0_usize; length + 1];
    let (mut seen, mut inversions) = (0, 0);
    for value in values {
        let mut not_above = 0;
        let mut at = value + 1;
        while at > 0 {
            not_above += sums[at];
            at &= at - 1;
        }
        inversions += seen - not_above;
        seen += 1;
        let mut at = value + 1;
        while at <= length {
            sums[at] += 1;
            at += at & at.wrapping_neg();
        }
    }
    inversions
}

/// A card's rows in the order in which their lines come.
fn sort_rows(grid: &mut Grid) {
    let places = grid.places();
    let mut from: Vec<(usize, usize)> = Vec::new();
    for net in grid.gutters.iter().flatten() {
        for link in net.targets.iter().filter_map(|target| target.link) {
            if from.len() <= link {
                from.resize(link + 1, (0, 0));
            }
            from[link] = (places[net.source] + 1, usize::from(net.flow.is_backward));
        }
    }
    for item in &mut grid.items {
        item.rows.sort_by_key(|link| from.get(*link).copied().unwrap_or_default());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn inversions_are_counted() {
        for (values, count) in [(&[0_usize, 1, 2][..], 0), (&[2, 1, 0], 3), (&[1, 1, 0], 2), (&[], 0)] {
            assert_eq!(inversions(values.iter().copied(), 3), count, "{values:?}");
        }
    }
}
