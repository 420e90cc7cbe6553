//! Chains of cascades that are longer than the engine follows.

use super::TooDeep;
use super::graph::Graph;
use crate::model::EngineFacts;

/// Whether chains of cascades from here can be.
pub(super) fn too_deep(graph: &Graph<'_>, root: usize, engine: &EngineFacts) -> Option<TooDeep> {
    let most = engine.most_cascades?;
    let longest = longest_chain(graph, root);
    longest.is_none_or(|longest| longest > most).then_some(TooDeep { most, longest })
}

/// What a walk knows of a table.
#[derive(Clone, Copy)]
enum State {
    New,
    /// What is below it is being looked at.
    Open,
    /// How many cascades the longest chain from it has.
    Known(usize),
}

/// How many cascades the longest chain has; `None`: one comes back to a table that it has passed.
fn longest_chain(graph: &Graph<'_>, root: usize) -> Option<usize> {
    let mut states = vec![State::New; graph.tables.len()];
    // A depth-first walk with its own stack.
    let mut stack = vec![(root, false)];
    while let Some((table, is_done)) = stack.pop() {
        let length = |edge: &super::graph::Edge<'_>| match states[edge.child] {
            State::Known(length) => length + 1,
            State::New | State::Open => 0,
        };
        if is_done {
            states[table] = State::Known(graph.cascades(table).map(length).max().unwrap_or_default());
            continue;
        }
        match states[table] {
            State::Known(_) => continue,
            State::Open => return None,
            State::New => {}
        }
        states[table] = State::Open;
        stack.push((table, true));
        for edge in graph.cascades(table) {
            match states[edge.child] {
                State::Known(_) => {}
                State::Open => return None,
                State::New => stack.push((edge.child, false)),
            }
        }
    }
    match states[root] {
        State::Known(length) => Some(length),
        State::New | State::Open => None,
    }
}
