//! All rows of the statement first, then what keys do, one after the other, as triggers in a queue (PostgreSQL).
//!
//! What a trigger does queues triggers of its own behind the others (`AfterTriggerEndQuery` fires in rounds). Those of a row are
//! queued in the order of their names: what acts on a parent's change (`RI_ConstraintTrigger_a_…`) before what checks a child's
//! (`…_c_…`), each by its number.

use std::collections::VecDeque;

use super::state::State;
use super::world::Act;
use super::{Refusal, Statement, Unknown, has_to_exist};
use crate::model::{Bound, Value, is_made_up};

pub(super) fn run(state: &mut State<'_, '_>, statement: &Statement) -> Result<(), Refusal> {
    let mut queue = Queue::default();
    match statement {
        Statement::Delete { table, rows } => {
            for &row in rows {
                queue.delete(state, *table, row);
            }
        }
        Statement::Update { table, rows } => {
            for (row, set) in rows {
                queue.write(state, *table, *row, set)?;
            }
        }
    }
    while let Some(event) = queue.now.pop_front() {
        queue.fire(state, &event)?;
    }
    // At COMMIT.
    while let Some(event) = queue.deferred.pop_front() {
        queue.fire(state, &event)?;
    }
    Ok(())
}

#[derive(Default)]
struct Queue {
    now: VecDeque<Event>,
    deferred: VecDeque<Event>,
}

/// A trigger that is to be fired.
struct Event {
    key: usize,
    what: What,
}

enum What {
    /// A parent is gone.
    Deleted { old: Vec<Value> },
    /// A parent has other values.
    Updated { old: Vec<Value>, new: Vec<Value> },
    /// A child was written.
    Check { row: usize, written: u64 },
}

impl Queue {
    fn delete(&mut self, state: &mut State<'_, '_>, table: usize, row: usize) {
        if !state.delete(table, row) {
            return;
        }
        let world = state.world;
        for &at in &world.by_parent[table] {
            let key = &world.keys[at];
            let old = state.values(table, row, &key.parent_columns);
            if key.acts {
                let is_deferred = key.is_deferred && key.on_delete == Act::NoAction;
                self.push(is_deferred, Event { key: at, what: What::Deleted { old } });
            }
        }
    }

    fn write(
        &mut self,
        state: &mut State<'_, '_>,
        table: usize,
        row: usize,
        set: &[(usize, Value)],
    ) -> Result<(), Refusal> {
        let world = state.world;
        let values = state.with(table, row, set);
        let moves = moves(state, table, row, &values)?;
        state.check_not_null(table, row, &values)?;
        state.check_unique(table, row, &values)?;
        let before = state.row(table, row);
        let (before, was_written) = (before.values.to_vec(), before.written != 0);
        state.write(table, row, values);
        if moves {
            self.check_keys(state, table, row, |_, _| true);
        }
        for &at in &world.by_parent[table] {
            let key = &world.keys[at];
            let of = |values: &[Value]| -> Vec<Value> {
                key.parent_columns.iter().map(|&column| values[column].clone()).collect()
            };
            let (old, new) = (of(&before), of(state.row(table, row).values));
            // Nothing can refer to NULL (`RI_FKey_pk_upd_check_required`).
            if key.acts && old != new && !old.contains(&None) {
                let is_deferred = key.is_deferred && key.on_update == Act::NoAction;
                self.push(is_deferred, Event { key: at, what: What::Updated { old, new } });
            }
        }
        if !moves {
            self.check_keys(state, table, row, |columns, new| {
                was_written || columns.iter().zip(new).any(|(&column, new)| before[column] != *new)
            });
        }
        Ok(())
    }

    /// Queues the checks of a row's own keys. `is_new`: whether it may hold other values in these columns than before.
    fn check_keys(
        &mut self,
        state: &State<'_, '_>,
        table: usize,
        row: usize,
        is_new: impl Fn(&[usize], &[Value]) -> bool,
    ) {
        let written = state.row(table, row).written;
        for &at in &state.world.by_child[table] {
            let key = &state.world.keys[at];
            let new = state.values(table, row, &key.columns);
            if key.checks && has_to_be_checked(key.match_full, is_new(&key.columns, &new), &new) {
                self.push(key.is_deferred, Event { key: at, what: What::Check { row, written } });
            }
        }
    }

    fn push(&mut self, is_deferred: bool, event: Event) {
        if is_deferred { self.deferred.push_back(event) } else { self.now.push_back(event) }
    }

    fn fire(&mut self, state: &mut State<'_, '_>, event: &Event) -> Result<(), Refusal> {
        let world = state.world;
        let key = &world.keys[event.key];
        if !key.is_spelt_alike {
            state.unknown.get_or_insert(Unknown::Spelling(event.key));
            return Ok(());
        }
        let (old, new, act) = match &event.what {
            What::Check { row, written } => return check(state, event.key, *row, *written),
            What::Deleted { old } => (old, None, &key.on_delete),
            What::Updated { old, new } => (old, Some(new), &key.on_update),
        };
        if !matches!(act, Act::NoAction | Act::Restrict) {
            state.fired.insert((event.key, *act == Act::Cascade && new.is_none()));
        }
        match act {
            Act::NoAction => refuse_if_referred(state, event.key, old, true),
            Act::Restrict => refuse_if_referred(state, event.key, old, false),
            Act::Cascade => {
                if new.is_some() {
                    refuse_generated(state, event.key, &key.columns)?;
                }
                if let Some(rows) = state.leaves(event.key, old) {
                    state.count(event.key, act, old, new.map(Vec::as_slice), rows);
                    return Ok(());
                }
                if state.counts_in_the_end(event.key, old) {
                    return Ok(());
                }
                let rows = children(state, event.key, old);
                if new.is_some() && !key.is_roomy && !rows.is_empty() {
                    state.unknown.get_or_insert(Unknown::Room(event.key));
                }
                for row in rows {
                    match new {
                        None => self.delete(state, key.child, row),
                        Some(new) => {
                            let set: Vec<_> = key.columns.iter().copied().zip(new.iter().cloned()).collect();
                            self.write(state, key.child, row, &set)?;
                        }
                    }
                }
                Ok(())
            }
            Act::SetNull(columns) | Act::SetDefault(columns) => {
                // SET NULL (columns) is for deletes only.
                let columns = if new.is_some() { &key.columns } else { columns };
                let sets_default = matches!(act, Act::SetDefault(_));
                self.clear(state, event.key, columns, sets_default, old)?;
                // A row that has had the default all along was not written, and still refers.
                if sets_default { refuse_if_referred(state, event.key, old, true) } else { Ok(()) }
            }
        }
    }

    fn clear(
        &mut self,
        state: &mut State<'_, '_>,
        key: usize,
        columns: &[usize],
        sets_default: bool,
        old: &[Value],
    ) -> Result<(), Refusal> {
        let table = state.world.keys[key].child;
        if !sets_default {
            refuse_generated(state, key, columns)?;
        }
        if let Some(rows) = state.leaves(key, old) {
            state.count(key, &Act::SetNull(columns.to_vec()), old, None, rows);
            return Ok(());
        }
        if state.counts_in_the_end(key, old) {
            return Ok(());
        }
        let rows = children(state, key, old);
        if rows.is_empty() {
            return Ok(());
        }
        let set: Vec<(usize, Value)> = columns
            .iter()
            .map(|&column| (column, if sets_default { state.default(table, column) } else { None }))
            .collect();
        rows.into_iter().try_for_each(|row| self.write(state, table, row, &set))
    }
}

/// The statement by which a key writes its child is refused, be there rows or not.
fn refuse_generated(state: &State<'_, '_>, key: usize, columns: &[usize]) -> Result<(), Refusal> {
    let table = state.world.keys[key].child;
    let shape = &state.world.tables[table];
    match columns.iter().find(|&&column| shape.columns[column].generated) {
        Some(&column) => Err(Refusal::Generated { table, column }),
        None => Ok(()),
    }
}

/// The rows that refer to these values, as a scan meets them.
fn children(state: &mut State<'_, '_>, key: usize, old: &[Value]) -> Vec<usize> {
    let key = &state.world.keys[key];
    let mut rows = state.find(key.child, &key.columns, old);
    state.in_written_order(key.child, &mut rows);
    rows
}

fn refuse_if_referred(
    state: &mut State<'_, '_>,
    key: usize,
    old: &[Value],
    is_no_action: bool,
) -> Result<(), Refusal> {
    let observed = &state.world.keys[key];
    // NO ACTION is content with another parent of the same values (`ri_Check_Pk_Match`).
    if is_no_action && !state.find(observed.parent, &observed.parent_columns, old).is_empty() {
        return Ok(());
    }
    if state.is_referred(key, old) { Err(Refusal::Key(key)) } else { Ok(()) }
}

/// Whether a row goes to another partition: it is a new one there, whose own keys look at it before what refers to it does
/// (`ExecCrossPartitionUpdate`).
fn moves(state: &mut State<'_, '_>, table: usize, row: usize, values: &[Value]) -> Result<bool, Refusal> {
    let shape = &state.world.tables[table];
    let Some(partitions) = &shape.partitions else { return Ok(false) };
    let Some(at) = shape.columns.iter().position(|column| column.name == partitions.column) else {
        return Ok(false);
    };
    let (old, new) = (&state.row(table, row).values[at], &values[at]);
    if old == new {
        return Ok(false);
    }
    if new.as_deref().is_some_and(is_made_up) {
        if !partitions.bounds.contains(&Bound::Default) {
            state.unknown.get_or_insert(Unknown::Partition(table));
        }
        return Ok(false);
    }
    let place = partitions.of(new).ok_or(Refusal::NoPartition(table))?;
    Ok(partitions.of(old) != Some(place))
}

/// `RI_FKey_fk_upd_check_required`. `is_new`: it holds other values, or the row was written by this very transaction.
fn has_to_be_checked(match_full: bool, is_new: bool, new: &[Value]) -> bool {
    let nulls = new.iter().filter(|value| value.is_none()).count();
    match nulls {
        0 => is_new,
        _ => match_full && nulls < new.len(),
    }
}

/// Whether a child that was written has a parent, if it is still as it was written.
fn check(state: &mut State<'_, '_>, at: usize, row: usize, written: u64) -> Result<(), Refusal> {
    let key = &state.world.keys[at];
    let now = state.row(key.child, row);
    if !now.is_there || now.written != written {
        return Ok(());
    }
    let values = state.values(key.child, row, &key.columns);
    let nulls = values.iter().filter(|value| value.is_none()).count();
    let has_parent = match nulls {
        0 if !has_to_exist(&values) => true,
        0 => !state.find(key.parent, &key.parent_columns, &values).is_empty(),
        _ => nulls == values.len() || !key.match_full,
    };
    if has_parent { Ok(()) } else { Err(Refusal::Key(at)) }
}
