//! Row by row, and what keys do to the children of each at once, as programs within it (SQLite).
//!
//! Rows without a parent are counted as they come and go, and looked at when the statement ends, or at COMMIT where the key is deferred
//! (`fkey.c`).

use std::collections::BTreeMap;

use super::state::State;
use super::world::Act;
use super::{Refusal, Statement, Unknown, has_to_exist};
use crate::model::{EngineFacts, Value};

pub(super) fn run(
    state: &mut State<'_, '_>,
    engine: &EngineFacts,
    statement: &Statement,
) -> Result<(), Refusal> {
    // The program of the last row runs, too, whether it finds a child or not.
    let deepest = engine.most_cascades.map_or(usize::MAX, |most| most + 1);
    let mut nested = Nested { deepest, depth: 0, without_parent: 0, deferred: 0, by_key: BTreeMap::new() };
    match statement {
        Statement::Delete { table, rows } => {
            for &row in rows {
                nested.delete(state, *table, row)?;
            }
        }
        Statement::Update { table, rows } => {
            for (row, set) in rows {
                nested.write(state, *table, *row, set)?;
            }
        }
    }
    if nested.without_parent == 0 && nested.deferred == 0 {
        return Ok(());
    }
    // It doesn't say which; one that has lost most is one of them.
    let by = nested.by_key.iter().max_by_key(|(_, lost)| **lost);
    Err(by.map_or(Refusal::Keys, |(key, _)| Refusal::Key(*key)))
}

struct Nested {
    deepest: usize,
    depth: usize,
    /// Rows whose parent has gone, of keys that aren't deferred.
    without_parent: u64,
    /// The same, of those that are.
    deferred: u64,
    /// The same by key.
    by_key: BTreeMap<usize, i64>,
}

impl Nested {
    fn delete(&mut self, state: &mut State<'_, '_>, table: usize, row: usize) -> Result<(), Refusal> {
        if !state.row(table, row).is_there {
            return Ok(());
        }
        let before = state.row(table, row).values.to_vec();
        self.lose(state, table, row, None);
        state.delete(table, row);
        self.act(state, table, &before, None)
    }

    fn write(
        &mut self,
        state: &mut State<'_, '_>,
        table: usize,
        row: usize,
        set: &[(usize, Value)],
    ) -> Result<(), Refusal> {
        if !state.row(table, row).is_there {
            return Ok(());
        }
        let values = state.with(table, row, set);
        let columns: Vec<usize> = set.iter().map(|(column, _)| *column).collect();
        state.check_not_null(table, row, &values)?;
        state.check_unique(table, row, &values)?;
        let before = state.row(table, row).values.to_vec();
        self.lose(state, table, row, Some(&columns));
        state.write(table, row, values.clone());
        self.gain(state, table, row, &columns);
        self.act(state, table, &before, Some((&columns, &values)))
    }

    /// What a row holds goes: it refers no more, and what referred to it has no parent.
    fn lose(&mut self, state: &mut State<'_, '_>, table: usize, row: usize, set: Option<&[usize]>) {
        self.tally(state, table, row, set, -1);
    }

    /// A row holds other values: it refers, and may be what others miss.
    fn gain(&mut self, state: &mut State<'_, '_>, table: usize, row: usize, set: &[usize]) {
        self.tally(state, table, row, Some(set), 1);
    }

    /// `sign`: 1 where the row comes, -1 where it goes. `set`: the columns that a statement names, whatever it writes there.
    fn tally(
        &mut self,
        state: &mut State<'_, '_>,
        table: usize,
        row: usize,
        set: Option<&[usize]>,
        sign: i64,
    ) {
        let world = state.world;
        for &at in &world.by_child[table] {
            let key = &world.keys[at];
            if touches(set, &key.columns) || key.parent == table {
                if !key.is_spelt_alike {
                    state.unknown.get_or_insert(Unknown::Spelling(at));
                    continue;
                }
                let values = state.values(table, row, &key.columns);
                let is_lost =
                    has_to_exist(&values) && state.find(key.parent, &key.parent_columns, &values).is_empty();
                self.count(at, key.is_deferred, if is_lost { sign } else { 0 });
            }
        }
        for &at in &world.by_parent[table] {
            let key = &world.keys[at];
            if touches(set, &key.parent_columns) {
                if !key.is_spelt_alike {
                    state.unknown.get_or_insert(Unknown::Spelling(at));
                    continue;
                }
                let values = state.values(table, row, &key.parent_columns);
                if let Some(rows) = state.leaves(at, &values) {
                    // What the key does to them takes them off again.
                    let act = if set.is_some() { &key.on_update } else { &key.on_delete };
                    let stay = matches!(act, Act::NoAction | Act::Restrict);
                    let rows = if stay { i64::try_from(rows).unwrap_or(i64::MAX) } else { 0 };
                    self.count(at, key.is_deferred, -sign * rows);
                    continue;
                }
                if state.counts_in_the_end(at, &values) {
                    continue;
                }
                let children = state.find(key.child, &key.columns, &values);
                let others = children.iter().filter(|&&child| (key.child, child) != (table, row)).count();
                self.count(at, key.is_deferred, -sign * i64::try_from(others).unwrap_or(i64::MAX));
            }
        }
    }

    /// There are never less than none: what had no parent before the statement is nobody's merit (`OP_FkIfZero`).
    fn count(&mut self, key: usize, is_deferred: bool, change: i64) {
        *self.by_key.entry(key).or_default() += change;
        let counter = if is_deferred { &mut self.deferred } else { &mut self.without_parent };
        *counter = counter.saturating_add_signed(change);
    }

    /// What keys do to the children of a row that is gone or was written.
    fn act(
        &mut self,
        state: &mut State<'_, '_>,
        table: usize,
        before: &[Value],
        written: Option<(&[usize], &[Value])>,
    ) -> Result<(), Refusal> {
        let world = state.world;
        for &at in &world.by_parent[table] {
            let key = &world.keys[at];
            let of = |values: &[Value]| -> Vec<Value> {
                key.parent_columns.iter().map(|&column| values[column].clone()).collect()
            };
            let old = of(before);
            let (act, new) = match written {
                None => (&key.on_delete, None),
                Some((set, values)) if key.parent_columns.iter().any(|column| set.contains(column)) => {
                    (&key.on_update, Some(of(values)))
                }
                Some(_) => continue,
            };
            if *act == Act::NoAction {
                continue;
            }
            self.depth += 1;
            if self.depth > self.deepest {
                return Err(Refusal::TooDeep);
            }
            // The program isn't even made, be there children or not.
            if let Some(column) = generated(state, at, act, new.is_some()) {
                return Err(Refusal::Generated { table: key.child, column });
            }
            // `WHEN old.x IS NOT new.x`
            if key.is_spelt_alike && new.as_ref() != Some(&old) {
                self.act_by(state, at, act, &old, new)?;
            }
            self.depth -= 1;
        }
        Ok(())
    }

    fn act_by(
        &mut self,
        state: &mut State<'_, '_>,
        at: usize,
        act: &Act,
        old: &[Value],
        new: Option<Vec<Value>>,
    ) -> Result<(), Refusal> {
        let key = &state.world.keys[at];
        let table = key.child;
        if let Some(rows) = state.leaves(at, old) {
            if *act == Act::Restrict && rows > 0 {
                return Err(Refusal::Key(at));
            }
            state.count(at, act, old, new.as_deref(), rows);
            return Ok(());
        }
        if state.counts_in_the_end(at, old) {
            return Ok(());
        }
        let mut rows = state.find(table, &key.columns, old);
        state.in_place_order(table, &mut rows);
        let set: Vec<(usize, Value)> = match (act, new) {
            (Act::NoAction, _) => return Ok(()),
            (Act::Restrict | Act::SetDefault(_), _) if rows.is_empty() => return Ok(()),
            (Act::Restrict, _) => return Err(Refusal::Key(at)),
            (Act::Cascade, None) => {
                return rows.into_iter().try_for_each(|row| self.delete(state, table, row));
            }
            (Act::Cascade, Some(new)) => {
                if !key.is_roomy && !rows.is_empty() {
                    state.unknown.get_or_insert(Unknown::Room(at));
                }
                key.columns.iter().copied().zip(new).collect()
            }
            (Act::SetNull(columns), _) => columns.iter().map(|&column| (column, None)).collect(),
            (Act::SetDefault(columns), _) => {
                columns.iter().map(|&column| (column, state.default(table, column))).collect()
            }
        };
        rows.into_iter().try_for_each(|row| self.write(state, table, row, &set))
    }
}

/// What an action would write of what only the engine writes.
fn generated(state: &State<'_, '_>, key: usize, act: &Act, is_update: bool) -> Option<usize> {
    let key = &state.world.keys[key];
    let written = match act {
        Act::NoAction | Act::Restrict => return None,
        Act::Cascade if !is_update => return None,
        Act::Cascade => &key.columns,
        Act::SetNull(columns) | Act::SetDefault(columns) => columns,
    };
    let columns = &state.world.tables[key.child].columns;
    written.iter().copied().find(|&column| columns[column].generated)
}

fn touches(set: Option<&[usize]>, columns: &[usize]) -> bool {
    set.is_none_or(|set| columns.iter().any(|column| set.contains(column)))
}
