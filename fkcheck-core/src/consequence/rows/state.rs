//! The rows as a statement has changed them so far, and what it had to know and couldn't.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use super::finder::Finder;
use super::world::{Act, Children, World};
use super::{Ask, Changed, Count, Counted, ReachedBy, Refusal, Unknown, without_null};
use crate::model::{DefaultValue, Lookup, Value, is_made_up};

/// What `World` says, changed.
pub(super) struct State<'w, 'k> {
    pub(super) world: &'w World<'k>,
    /// By table: the rows that were written or deleted.
    rows: Vec<HashMap<usize, Written>>,
    finder: Finder,
    asks: Vec<Ask>,
    asked: HashSet<Lookup>,
    /// By table, the columns that are written (`None`: they are deleted), and whether they get NULL.
    counted: BTreeMap<(usize, Option<Vec<usize>>, bool), u64>,
    /// By key: what the parents held whose children are to be counted.
    gone: BTreeMap<usize, BTreeSet<Vec<Arc<str>>>>,
    /// Tables whose rows have to be followed one by one after all.
    pub(super) follow: BTreeSet<usize>,
    /// How often a row has been written.
    writes: u64,
    pub(super) unknown: Option<Unknown>,
    /// Statements by which keys act, be there rows or not: by key and whether they delete.
    pub(super) fired: BTreeSet<(usize, bool)>,
    /// Whether there is no more time.
    is_over: &'w dyn Fn() -> bool,
    lookups: u32,
    /// There was no more time, and all that follows is of no account.
    pub(super) is_cut: bool,
}

/// How many look-ups there are between two looks at the clock.
const LOOKUPS: u32 = 256;

/// What has become of a row.
struct Written {
    values: Vec<Value>,
    is_there: bool,
    /// As in [`Row`].
    last: u64,
}

/// A row as it is now.
#[derive(Clone, Copy)]
pub(super) struct Row<'r> {
    pub(super) values: &'r [Value],
    pub(super) is_there: bool,
    /// When it was last written; 0: not by this statement.
    pub(super) written: u64,
}

impl<'w, 'k> State<'w, 'k> {
    pub(super) fn new(world: &'w World<'k>, is_over: &'w dyn Fn() -> bool) -> Self {
        State {
            rows: world.rows.iter().map(|_| HashMap::new()).collect(),
            world,
            finder: Finder::default(),
            asks: Vec::new(),
            asked: HashSet::new(),
            counted: BTreeMap::new(),
            gone: BTreeMap::new(),
            follow: BTreeSet::new(),
            writes: 0,
            unknown: None,
            fired: BTreeSet::new(),
            is_over,
            lookups: 0,
            is_cut: false,
        }
    }

    pub(super) fn row(&self, table: usize, row: usize) -> Row<'_> {
        row_of(self.world, &self.rows, table, row)
    }

    /// What these columns of a row hold.
    pub(super) fn values(&self, table: usize, row: usize, columns: &[usize]) -> Vec<Value> {
        let row = self.row(table, row);
        columns.iter().map(|&column| row.values[column].clone()).collect()
    }

    /// The rows that are there and hold these values in these columns. A NULL is equal to nothing.
    pub(super) fn find(&mut self, table: usize, columns: &[usize], values: &[Value]) -> Vec<usize> {
        let Some(values) = without_null(values) else { return Vec::new() };
        self.look_at_the_clock();
        if self.is_cut {
            return Vec::new();
        }
        self.ask(table, columns, &values);
        let (world, rows) = (self.world, &self.rows);
        let now = |row: usize| row_of(world, rows, table, row);
        let there = || {
            let all = (0..world.rows[table].len()).map(|at| (at, now(at)));
            all.filter(|(_, row)| row.is_there).map(|(at, row)| (at, row.values))
        };
        let holds = |row: &Row<'_>| {
            columns.iter().zip(&values).all(|(&column, value)| row.values[column].as_ref() == Some(value))
        };
        let is_still = |row: usize| {
            let row = now(row);
            row.is_there && holds(&row)
        };
        self.finder.find(table, columns, &values, there, is_still)
    }

    pub(super) fn look_at_the_clock(&mut self) {
        self.lookups = self.lookups.wrapping_add(1);
        self.is_cut = self.is_cut || self.lookups.is_multiple_of(LOOKUPS) && (self.is_over)();
    }

    /// Notes what has to be read, if it wasn't yet. Nothing holds a value that was made up.
    pub(super) fn ask(&mut self, table: usize, columns: &[usize], values: &[Arc<str>]) {
        let lookup = Lookup { table, columns: columns.to_vec(), values: values.to_vec() };
        if !self.world.is_answered(&lookup) && !values.iter().any(|value| is_made_up(value)) {
            self.add_ask(Ask { lookup, is_tally: false });
        }
    }

    fn add_ask(&mut self, ask: Ask) {
        if self.asked.insert(ask.lookup.clone()) {
            self.asks.push(ask);
        }
    }

    pub(super) fn take_asks(&mut self) -> Vec<Ask> {
        std::mem::take(&mut self.asks)
    }

    /// How many rows refer to these values, where they need not be seen one by one.
    pub(super) fn leaves(&mut self, key: usize, values: &[Value]) -> Option<u64> {
        let key = &self.world.keys[key];
        if key.children != Children::Tallied {
            return None;
        }
        let Some(values) = without_null(values) else { return Some(0) };
        if values.iter().any(|value| is_made_up(value)) {
            return Some(0);
        }
        let lookup = Lookup { table: key.child, columns: key.columns.clone(), values };
        let known = self.world.tallied(&lookup);
        if known.is_none() {
            self.add_ask(Ask { lookup, is_tally: true });
        }
        Some(known.unwrap_or_default())
    }

    /// Whether a row refers to these values.
    pub(super) fn is_referred(&mut self, key: usize, values: &[Value]) -> bool {
        if let Some(rows) = self.leaves(key, values) {
            return rows > 0;
        }
        let key = &self.world.keys[key];
        !self.find(key.child, &key.columns, values).is_empty()
    }

    /// Rows that weren't seen one by one are deleted by a key, or written: to `new`, or cleared.
    pub(super) fn count(&mut self, key: usize, act: &Act, old: &[Value], new: Option<&[Value]>, rows: u64) {
        let key = &self.world.keys[key];
        let written = match (act, new) {
            (Act::Cascade, None) => None,
            (Act::Cascade, Some(new)) => {
                let changes =
                    key.columns.iter().zip(old.iter().zip(new)).filter(|(_, (old, new))| old != new);
                let mut columns: Vec<usize> = changes.map(|(&column, _)| column).collect();
                columns.sort_unstable();
                Some(columns)
            }
            (Act::SetNull(columns) | Act::SetDefault(columns), _) => {
                let mut columns = columns.clone();
                columns.sort_unstable();
                Some(columns)
            }
            (Act::NoAction | Act::Restrict, _) => return,
        };
        let are_nulled = match act {
            Act::Cascade => {
                new.is_some_and(|new| old.iter().zip(new).all(|(old, new)| old == new || new.is_none()))
            }
            Act::SetNull(_) => true,
            _ => false,
        };
        if rows > 0 {
            let kind = (key.child, written, are_nulled);
            *self.counted.entry(kind).or_default() += rows;
        }
    }

    pub(super) fn counted(&self) -> Vec<Counted> {
        let counted = self.counted.iter().map(|((table, written, are_nulled), &rows)| Counted {
            table: *table,
            written: written.clone(),
            are_nulled: *are_nulled,
            rows,
        });
        counted.collect()
    }

    /// Whether the rows that refer to these values, which go, are to be counted in the end.
    pub(super) fn counts_in_the_end(&mut self, key: usize, values: &[Value]) -> bool {
        let is_counted = self.world.keys[key].children == Children::Counted;
        if let Some(values) = without_null(values).filter(|_| is_counted) {
            self.gone.entry(key).or_default().insert(values);
        }
        is_counted
    }

    /// What is to be counted in the end.
    pub(super) fn counts(&mut self) -> Vec<Count> {
        let mut counts: BTreeMap<usize, Vec<ReachedBy>> = BTreeMap::new();
        for (at, values) in std::mem::take(&mut self.gone) {
            let key = &self.world.keys[at];
            let clears = match &key.on_delete {
                Act::SetNull(columns) => Some(columns.clone()),
                _ => None,
            };
            let values = values.into_iter().collect();
            let by = ReachedBy { columns: key.columns.clone(), values, clears };
            counts.entry(key.child).or_default().push(by);
        }
        let count = |(table, mut reached): (usize, Vec<ReachedBy>)| {
            reached.sort_by_key(|by| by.clears.is_some());
            Count { table, reached }
        };
        counts.into_iter().map(count).collect()
    }

    /// Takes a row away; false: it was gone.
    pub(super) fn delete(&mut self, table: usize, row: usize) -> bool {
        let Row { values, is_there, written } = self.row(table, row);
        if is_there {
            let gone = Written { values: values.to_vec(), is_there: false, last: written };
            self.rows[table].insert(row, gone);
        }
        is_there
    }

    /// Writes a row, whatever constraints say.
    pub(super) fn write(&mut self, table: usize, row: usize, values: Vec<Value>) {
        self.writes += 1;
        self.finder.insert(table, row, &values);
        let is_there = self.row(table, row).is_there;
        self.rows[table].insert(row, Written { values, is_there, last: self.writes });
    }

    /// What DEFAULT puts into a column.
    pub(super) fn default(&mut self, table: usize, column: usize) -> Value {
        match &self.world.tables[table].columns[column].default {
            DefaultValue::Constant(value) => value.clone(),
            DefaultValue::Expression => {
                self.unknown.get_or_insert(Unknown::Default { table, column });
                None
            }
        }
    }

    /// The same values with some columns set.
    pub(super) fn with(&self, table: usize, row: usize, set: &[(usize, Value)]) -> Vec<Value> {
        let mut values = self.row(table, row).values.to_vec();
        for (column, value) in set {
            values[*column].clone_from(value);
        }
        values
    }

    /// Whether a row may hold these new values, as far as NOT NULL says.
    pub(super) fn check_not_null(&self, table: usize, row: usize, values: &[Value]) -> Result<(), Refusal> {
        let columns = &self.world.tables[table].columns;
        let before = self.row(table, row).values;
        let breach = (0..columns.len())
            .find(|&at| !columns[at].nullable && values[at].is_none() && before[at].is_some());
        match breach {
            Some(column) => Err(Refusal::NotNull { table, column }),
            None => Ok(()),
        }
    }

    /// Whether a row may hold these values beside the others.
    pub(super) fn check_unique(&mut self, table: usize, row: usize, values: &[Value]) -> Result<(), Refusal> {
        let world = self.world;
        for (index, shape) in world.tables[table].indexes.iter().enumerate().filter(|(_, shape)| shape.unique)
        {
            let new: Vec<Value> = shape.columns.iter().map(|&column| values[column].clone()).collect();
            if new == self.values(table, row, &shape.columns) {
                continue;
            }
            let equal = self.find(table, &shape.columns, &new);
            if equal.iter().any(|other| *other != row) {
                return Err(Refusal::Unique { table, index });
            }
        }
        Ok(())
    }

    /// Rows in the order in which they lie: a row that was written has moved to the end.
    pub(super) fn in_written_order(&self, table: usize, rows: &mut [usize]) {
        rows.sort_by_key(|&row| (self.row(table, row).written, &self.world.rows[table][row].place));
    }

    /// Rows in the order in which they lay.
    pub(super) fn in_place_order(&self, table: usize, rows: &mut [usize]) {
        rows.sort_by_key(|&row| &self.world.rows[table][row].place);
    }

    /// Each row that isn't what it was.
    pub(super) fn changed(&self) -> Vec<Changed> {
        let mut changed = Vec::new();
        for (table, rows) in self.rows.iter().enumerate() {
            let mut rows: Vec<(&usize, &Written)> = rows.iter().collect();
            rows.sort_unstable_by_key(|(at, _)| **at);
            for (&at, row) in rows {
                let before = &self.world.rows[table][at].values;
                if !row.is_there || row.values != *before {
                    let values = row.is_there.then(|| row.values.clone());
                    changed.push(Changed { table, row: at, values });
                }
            }
        }
        changed
    }
}

fn row_of<'r>(
    world: &'r World<'_>,
    rows: &'r [HashMap<usize, Written>],
    table: usize,
    row: usize,
) -> Row<'r> {
    match rows[table].get(&row) {
        Some(Written { values, is_there, last }) => Row { values, is_there: *is_there, written: *last },
        None => Row { values: &world.rows[table][row].values, is_there: true, written: 0 },
    }
}
