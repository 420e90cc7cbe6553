//! Which column a table stands in.

/// By table: how many steps from the left it stands. A parent stands left of its children, but for one key in every circle.
pub(super) fn ranks(tables: usize, keys: &[(usize, usize)]) -> Vec<usize> {
    let keys = forward(tables, keys);
    let mut children = vec![Vec::new(); tables];
    let mut open = vec![0_usize; tables];
    for &(parent, child) in &keys {
        children[parent].push(child);
        open[child] += 1;
    }
    let mut ranks = vec![0_usize; tables];
    let mut ready: Vec<usize> = (0..tables).filter(|&table| open[table] == 0).collect();
    let first = ready.clone();
    while let Some(table) = ready.pop() {
        for &child in &children[table] {
            ranks[child] = ranks[child].max(ranks[table] + 1);
            open[child] -= 1;
            if open[child] == 0 {
                ready.push(child);
            }
        }
    }
    // Who has no parent stands beside the nearest child.
    for table in first {
        let nearest = children[table].iter().map(|&child| ranks[child]).min();
        ranks[table] = nearest.map_or(0, |nearest| nearest.saturating_sub(1));
    }
    let least = ranks.iter().copied().min().unwrap_or_default();
    ranks.iter().map(|rank| rank - least).collect()
}

/// Each pair once and without circles: those keys are turned round that lead back to where a walk has come from. A walk begins
/// at the tables that have the most children, so that their keys stay.
fn forward(tables: usize, keys: &[(usize, usize)]) -> Vec<(usize, usize)> {
    let mut children = vec![Vec::new(); tables];
    let mut parents = vec![0_usize; tables];
    for &(parent, child) in keys {
        if parent != child && !children[parent].contains(&child) {
            children[parent].push(child);
            parents[child] += 1;
        }
    }
    let mut starts: Vec<usize> = (0..tables).collect();
    starts.sort_by_key(|&table| (parents[table] > 0, std::cmp::Reverse(children[table].len()), table));
    // 1: on the way here, 2: all that is behind it is known.
    let mut state = vec![0_u8; tables];
    let mut forward = Vec::new();
    for start in starts {
        let mut stack = vec![(start, 0)];
        if state[start] != 0 {
            continue;
        }
        state[start] = 1;
        while let Some((table, next)) = stack.last_mut() {
            let Some(&child) = children[*table].get(*next) else {
                state[*table] = 2;
                stack.pop();
                continue;
            };
            *next += 1;
            let parent = *table;
            if state[child] == 1 {
                forward.push((child, parent));
                continue;
            }
            forward.push((parent, child));
            if state[child] == 0 {
                state[child] = 1;
                stack.push((child, 0));
            }
        }
    }
    forward.sort_unstable();
    forward.dedup();
    forward
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parents_stand_left_of_children() {
        assert_eq!(ranks(3, &[(0, 1), (1, 2), (0, 2)]), [0, 1, 2]);
        // Beside the child, not at the left.
        assert_eq!(ranks(4, &[(0, 1), (1, 2), (3, 2)]), [0, 1, 2, 1]);
        // Circles, to itself too.
        assert_eq!(ranks(2, &[(0, 1), (1, 0), (1, 1)]), [0, 1]);
        assert_eq!(ranks(3, &[(0, 1), (1, 2), (2, 0)]), [0, 1, 2]);
        assert_eq!(ranks(0, &[]), [0_usize; 0]);
    }
}
