//! Row by row, and within each row index by index, what keys do to the children at once (`InnoDB`).
//!
//! A row that is deleted or written leaves its indexes one after the other, the clustered one first, and each time the keys that refer
//! by that index act, in the order of their names (`row_upd_check_references_constraints`). So a row may be found by one index that another has
//! lost, which is why a row that refers to itself can't be deleted.

use std::collections::HashMap;

use super::finder::Finder;
use super::state::State;
use super::world::{Act, World};
use super::{Refusal, Statement, Unknown, has_to_exist, without_null};
use crate::model::{EngineFacts, Part, TableShape, Value};

pub(super) fn run(
    state: &mut State<'_, '_>,
    engine: &EngineFacts,
    statement: &Statement,
) -> Result<(), Refusal> {
    let mut by_index = ByIndex::new(state.world, engine.most_cascades.unwrap_or(usize::MAX));
    match statement {
        Statement::Delete { table, rows } => {
            for &row in rows {
                by_index.delete(state, *table, row)?;
            }
        }
        Statement::Update { table, rows } => {
            for (row, set) in rows {
                by_index.write(state, *table, *row, set, None)?;
            }
        }
    }
    Ok(())
}

/// An index of a table, by their places.
type Place = (usize, usize);

struct ByIndex {
    deepest: usize,
    /// The table that each change on the way is of, and whether it writes rows.
    way: Vec<(usize, bool)>,
    /// The index of the child by which each key finds its rows, and that of the parent.
    child_index: Vec<Option<usize>>,
    parent_index: Vec<Option<usize>>,
    /// The first slot of each table's indexes.
    slots: Vec<usize>,
    finder: Finder,
    /// Rows of which an index holds something else than what the statement found: their values there, or nothing.
    entries: HashMap<(Place, usize), Option<Vec<Value>>>,
}

impl ByIndex {
    fn new(world: &World<'_>, deepest: usize) -> Self {
        let mut slots = vec![0];
        for table in &world.tables {
            slots.push(slots.last().copied().unwrap_or_default() + table.indexes.len());
        }
        let index = |table: usize, columns: &[usize]| {
            let indexes = &world.tables[table].indexes;
            indexes.iter().position(|index| index.columns.starts_with(columns))
        };
        ByIndex {
            deepest,
            way: Vec::new(),
            child_index: world.keys.iter().map(|key| index(key.child, &key.columns)).collect(),
            parent_index: world.keys.iter().map(|key| index(key.parent, &key.parent_columns)).collect(),
            slots,
            finder: Finder::default(),
            entries: HashMap::new(),
        }
    }

    fn delete(&mut self, state: &mut State<'_, '_>, table: usize, row: usize) -> Result<(), Refusal> {
        if !state.delete(table, row) {
            return Ok(());
        }
        self.way.push((table, false));
        for index in 0..state.world.tables[table].indexes.len() {
            self.leave_index((table, index), row);
            self.act(state, (table, index), row, None)?;
        }
        self.way.pop();
        Ok(())
    }

    /// `by`: the key by which it is written, which isn't checked: its parent is on the way to these values.
    fn write(
        &mut self,
        state: &mut State<'_, '_>,
        table: usize,
        row: usize,
        set: &[(usize, Value)],
        by: Option<usize>,
    ) -> Result<(), Refusal> {
        let world = state.world;
        let values = state.with(table, row, set);
        let before = state.row(table, row).values.to_vec();
        if values == before {
            return Ok(());
        }
        state.check_not_null(table, row, &values)?;
        self.way.push((table, true));
        let indexes = &world.tables[table].indexes;
        let changes =
            |index: usize| indexes[index].columns.iter().any(|&column| before[column] != values[column]);
        let moves = (0..indexes.len()).any(|index| indexes[index].clustered && changes(index));
        state.write(table, row, values.clone());
        for index in (0..indexes.len()).filter(|&index| changes(index) || moves) {
            self.leave_index((table, index), row);
            self.act(state, (table, index), row, Some((&before, &values)))?;
            self.check(state, (table, index), row, by)?;
            if indexes[index].unique && self.is_taken(state, (table, index), row, &values) {
                return Err(Refusal::Unique { table, index });
            }
            self.enter_index((table, index), row, &values);
        }
        self.way.pop();
        Ok(())
    }

    /// What the keys do that refer by this index.
    fn act(
        &mut self,
        state: &mut State<'_, '_>,
        (table, index): Place,
        row: usize,
        written: Option<(&[Value], &[Value])>,
    ) -> Result<(), Refusal> {
        let world = state.world;
        for &at in &world.by_parent[table] {
            let key = &world.keys[at];
            let of = |values: &[Value]| -> Vec<Value> {
                key.parent_columns.iter().map(|&column| values[column].clone()).collect()
            };
            let old = of(written.map_or(state.row(table, row).values, |(before, _)| before));
            let new = written.map(|(_, values)| of(values));
            if self.parent_index[at] != Some(index) || new.as_ref() == Some(&old) {
                continue;
            }
            if !key.is_spelt_alike {
                state.unknown.get_or_insert(Unknown::Spelling(at));
                continue;
            }
            let act = if new.is_none() { &key.on_delete } else { &key.on_update };
            if let Some(rows) = state.leaves(at, &old) {
                let refuses = matches!(act, Act::NoAction | Act::Restrict);
                match rows {
                    0 => {}
                    _ if refuses => return Err(Refusal::Key(at)),
                    _ if self.way.len() > self.deepest => return Err(Refusal::TooDeep),
                    rows => state.count(at, act, &old, new.as_deref(), rows),
                }
                continue;
            }
            if state.counts_in_the_end(at, &old) {
                // Whether it comes so far, those that are there yet decide.
                if self.way.len() > self.deepest {
                    state.follow.insert(key.child);
                }
                continue;
            }
            for child in self.find_children(state, at, &old) {
                // What was done to one before may have taken it out of the index.
                if !self.still_refers(state, at, child, &old) {
                    continue;
                }
                self.act_on(state, at, act, child, new.as_deref())?;
            }
        }
        Ok(())
    }

    fn act_on(
        &mut self,
        state: &mut State<'_, '_>,
        at: usize,
        act: &Act,
        child: usize,
        new: Option<&[Value]>,
    ) -> Result<(), Refusal> {
        let key = &state.world.keys[at];
        let set: Vec<(usize, Value)> = match (act, new) {
            (Act::Cascade, None) if self.way.len() > self.deepest => return Err(Refusal::TooDeep),
            (Act::Cascade, None) => return self.delete(state, key.child, child),
            // A value that doesn't fit its column is refused as if there were no cascade.
            (Act::Cascade, Some(new)) if !fits(&state.world.tables[key.child], &key.columns, new) => {
                return Err(Refusal::Key(at));
            }
            (Act::Cascade, Some(new)) => {
                if !key.is_roomy {
                    state.unknown.get_or_insert(Unknown::Room(at));
                }
                key.columns.iter().copied().zip(new.iter().cloned()).collect()
            }
            (Act::SetNull(columns), _) => columns.iter().map(|&column| (column, None)).collect(),
            (Act::NoAction | Act::Restrict | Act::SetDefault(_), _) => return Err(Refusal::Key(at)),
        };
        // A table that is being written isn't written again by what follows from that.
        if self.way.contains(&(key.child, true)) {
            return Err(Refusal::Key(at));
        }
        if self.way.len() > self.deepest {
            return Err(Refusal::TooDeep);
        }
        // It is on its way out.
        if !state.row(key.child, child).is_there {
            return Ok(());
        }
        self.write(state, key.child, child, &set, Some(at))
    }

    /// Whether a row has the parents that it must have by this index, which it isn't in again yet.
    fn check(
        &mut self,
        state: &mut State<'_, '_>,
        (table, index): Place,
        row: usize,
        by: Option<usize>,
    ) -> Result<(), Refusal> {
        let world = state.world;
        for &at in &world.by_child[table] {
            let key = &world.keys[at];
            if self.child_index[at] != Some(index) || by == Some(at) {
                continue;
            }
            let values = state.values(table, row, &key.columns);
            if !key.is_spelt_alike {
                state.unknown.get_or_insert(Unknown::Spelling(at));
                continue;
            }
            if has_to_exist(&values) && self.find_parents(state, at, &values).is_empty() {
                return Err(Refusal::Key(at));
            }
        }
        Ok(())
    }

    fn find_children(&mut self, state: &mut State<'_, '_>, key: usize, values: &[Value]) -> Vec<usize> {
        let observed = &state.world.keys[key];
        let Some(index) = self.child_index[key] else { return Vec::new() };
        self.find(state, (observed.child, index), &observed.columns, values)
    }

    /// Whether the index by which a key finds its rows shows these values of one.
    fn still_refers(&self, state: &State<'_, '_>, key: usize, child: usize, values: &[Value]) -> bool {
        let observed = &state.world.keys[key];
        let Some(index) = self.child_index[key] else { return false };
        let held = match self.entries.get(&((observed.child, index), child)) {
            None => Some(&state.world.rows[observed.child][child].values),
            Some(entry) => entry.as_ref(),
        };
        held.is_some_and(|held| {
            observed.columns.iter().zip(values).all(|(&column, value)| held[column] == *value)
        })
    }

    fn find_parents(&mut self, state: &mut State<'_, '_>, key: usize, values: &[Value]) -> Vec<usize> {
        let observed = &state.world.keys[key];
        let Some(index) = self.parent_index[key] else { return Vec::new() };
        self.find(state, (observed.parent, index), &observed.parent_columns, values)
    }

    fn is_taken(&mut self, state: &mut State<'_, '_>, place: Place, row: usize, values: &[Value]) -> bool {
        let columns = &state.world.tables[place.0].indexes[place.1].columns;
        let values: Vec<Value> = columns.iter().map(|&column| values[column].clone()).collect();
        self.find(state, place, columns, &values).iter().any(|other| *other != row)
    }

    /// The rows that an index shows.
    fn find(
        &mut self,
        state: &mut State<'_, '_>,
        place: Place,
        columns: &[usize],
        values: &[Value],
    ) -> Vec<usize> {
        let Some(values) = without_null(values) else { return Vec::new() };
        let (table, index) = place;
        state.look_at_the_clock();
        if state.is_cut {
            return Vec::new();
        }
        state.ask(table, columns, &values);
        let (rows, entries) = (&state.world.rows[table], &self.entries);
        let all = || {
            rows.iter().enumerate().filter_map(move |(row, read)| match entries.get(&(place, row)) {
                None => Some((row, read.values.as_slice())),
                Some(entry) => entry.as_deref().map(|values| (row, values)),
            })
        };
        let is_still = |row: usize| {
            let entry = match entries.get(&(place, row)) {
                None => Some(rows[row].values.as_slice()),
                Some(entry) => entry.as_deref(),
            };
            let holds = |held: &[Value]| {
                columns.iter().zip(&values).all(|(&column, value)| held[column].as_ref() == Some(value))
            };
            entry.is_some_and(holds)
        };
        let mut found = self.finder.find(self.slots[table] + index, columns, &values, all, is_still);
        let columns = &state.world.tables[table].indexes[index].columns;
        found.sort_by_cached_key(|&row| {
            let values = match self.entries.get(&(place, row)) {
                Some(Some(values)) => values,
                _ => &rows[row].values,
            };
            // What the statement itself has written was not read with its order.
            let part = |&column: &usize| match rows[row].order.get(column) {
                Some(part) if values[column] == rows[row].values[column] => part.clone(),
                _ => values[column].as_ref().map(Part::of),
            };
            (columns.iter().map(part).collect::<Vec<Option<Part>>>(), rows[row].place.clone())
        });
        found
    }

    fn leave_index(&mut self, place: Place, row: usize) {
        self.entries.insert((place, row), None);
    }

    fn enter_index(&mut self, place: Place, row: usize, values: &[Value]) {
        self.entries.insert((place, row), Some(values.to_vec()));
        self.finder.insert(self.slots[place.0] + place.1, row, values);
    }
}

fn fits(child: &TableShape, columns: &[usize], new: &[Value]) -> bool {
    columns.iter().zip(new).all(|(&column, value)| value.is_some() || child.columns[column].nullable)
}
