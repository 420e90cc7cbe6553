//! The rows that were read, with the tables and the keys around them.

use std::collections::{HashMap, HashSet};

use crate::model::{
    Action, Deferrability, EngineFacts, Guard, GuardKind, IndexShape, Lookup, MatchType, ObservedKey, Part,
    RowRead, TableShape,
};

/// Tables, keys between them, and the rows that are known so far.
#[derive(Debug)]
pub struct World<'k> {
    pub(super) tables: Vec<TableShape>,
    pub(super) keys: Vec<Key<'k>>,
    /// By the parent, in the order in which they act.
    pub(super) by_parent: Vec<Vec<usize>>,
    /// By the child, in the same order.
    pub(super) by_child: Vec<Vec<usize>>,
    pub(super) rows: Vec<Vec<RowRead>>,
    places: Vec<HashMap<Vec<Part>, usize>>,
    answered: HashSet<Lookup>,
    tallies: HashMap<Lookup, u64>,
}

/// A key, by places.
#[derive(Debug)]
#[expect(clippy::struct_excessive_bools, reason = "independent facts")]
pub(super) struct Key<'k> {
    pub(super) observed: &'k ObservedKey,
    pub(super) child: usize,
    pub(super) columns: Vec<usize>,
    pub(super) parent: usize,
    pub(super) parent_columns: Vec<usize>,
    pub(super) on_delete: Act,
    pub(super) on_update: Act,
    pub(super) match_full: bool,
    pub(super) is_deferred: bool,
    pub(super) acts: bool,
    pub(super) checks: bool,
    /// Values of the child and of the parent are equal where their texts are.
    pub(super) is_spelt_alike: bool,
    /// The child's columns can hold whatever the parent's can, NULL apart.
    pub(super) is_roomy: bool,
    pub(super) children: Children,
}

/// How the rows are seen that refer by a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Children {
    EachRow,
    /// By the number of those that refer to one parent: nothing but this key reaches them, and nothing refers to them.
    Tallied,
    /// By their number in the end: several keys reach them, and whichever comes first, it comes to the same.
    Counted,
}

/// What a key does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Act {
    NoAction,
    Restrict,
    Cascade,
    /// To the columns at these places of the child.
    SetNull(Vec<usize>),
    /// The same.
    SetDefault(Vec<usize>),
}

/// What keeps rows from being followed: a key whose table or column isn't among the tables.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unfit {
    /// The key, as it is written.
    pub key: String,
}

impl<'k> World<'k> {
    /// Without a row yet. The statement is about the first table, and what keys do reaches no further than the first
    /// `reached` ones; `is_update`: it writes rows.
    ///
    /// # Errors
    /// Where a key names a table or a column that isn't among these.
    pub fn new(
        mut tables: Vec<TableShape>,
        (reached, is_update): (usize, bool),
        keys: impl IntoIterator<Item = &'k ObservedKey>,
        engine: &EngineFacts,
    ) -> Result<Self, Unfit> {
        let (table_case, column_case) = (engine.table_case, engine.column_case);
        let by_name: HashMap<String, usize> = tables
            .iter()
            .enumerate()
            .map(|(at, table)| (table_case.fold(&table.name.to_string()), at))
            .collect();
        let place =
            |name: &crate::model::TableName| by_name.get(&table_case.fold(&name.to_string())).copied();
        let mut placed = Vec::new();
        for observed in keys {
            let key = place(&observed.key.table).zip(place(&observed.parent)).and_then(|(child, parent)| {
                let at = |table: usize, names: &[String]| -> Option<Vec<usize>> {
                    let columns = &tables[table].columns;
                    let find = |name: &String| {
                        columns.iter().position(|column| column_case.same(&column.name, name))
                    };
                    names.iter().map(find).collect()
                };
                let columns = at(child, &observed.key.columns)?;
                let act = |action: &Action| {
                    Some(match action {
                        Action::NoAction => Act::NoAction,
                        Action::Restrict => Act::Restrict,
                        Action::Cascade => Act::Cascade,
                        Action::SetNull(named) if named.is_empty() => Act::SetNull(columns.clone()),
                        Action::SetNull(named) => Act::SetNull(at(child, named)?),
                        Action::SetDefault(named) if named.is_empty() => Act::SetDefault(columns.clone()),
                        Action::SetDefault(named) => Act::SetDefault(at(child, named)?),
                    })
                };
                let parent_columns = at(parent, &observed.parent_columns)?;
                let rooms = || {
                    let of = &tables[parent].columns;
                    let pairs = columns.iter().zip(&parent_columns);
                    pairs.map(|(&column, &above)| (&tables[child].columns[column].room, &of[above].room))
                };
                Some(Key {
                    on_delete: act(&observed.on_delete)?,
                    on_update: act(&observed.on_update)?,
                    is_spelt_alike: rooms().all(|(room, above)| room.spelling == above.spelling),
                    is_roomy: rooms().all(|(room, above)| room.width >= above.width),
                    match_full: observed.match_type == MatchType::Full && columns.len() > 1,
                    is_deferred: observed.deferrability == Deferrability::Deferred,
                    acts: observed.in_force.enforced && observed.in_force.action_enabled,
                    checks: observed.in_force.enforced && observed.in_force.check_enabled,
                    children: Children::EachRow,
                    observed,
                    child,
                    columns,
                    parent_columns,
                    parent,
                })
            });
            placed.push(key.ok_or_else(|| Unfit { key: observed.key.to_string() })?);
        }
        placed.sort_by_key(|key| key.observed.firing_order);
        for key in &placed {
            refuse_null(&mut tables[key.child], key.observed, engine);
        }
        let mut world = World {
            by_parent: vec![Vec::new(); tables.len()],
            by_child: vec![Vec::new(); tables.len()],
            rows: vec![Vec::new(); tables.len()],
            places: vec![HashMap::new(); tables.len()],
            answered: HashSet::new(),
            tallies: HashMap::new(),
            keys: placed,
            tables,
        };
        for (at, key) in world.keys.iter().enumerate() {
            world.by_parent[key.parent].push(at);
            world.by_child[key.child].push(at);
        }
        for at in 0..world.keys.len() {
            world.keys[at].children = if world.is_leaf(at, reached, is_update) {
                Children::Tallied
            } else if world.is_in_no_order(world.keys[at].child, reached, is_update) {
                Children::Counted
            } else {
                Children::EachRow
            };
        }
        Ok(world)
    }

    /// Rows of this table are followed one by one, whatever reaches them.
    pub fn follow(&mut self, table: usize) {
        for &at in &self.by_child[table] {
            self.keys[at].children = Children::EachRow;
        }
    }

    /// Whether the rows of a table are deleted or cleared whichever key comes first, and nothing follows from that.
    fn is_in_no_order(&self, table: usize, reached: usize, is_update: bool) -> bool {
        let shape = &self.tables[table];
        let keys = || self.by_child[table].iter().map(|&at| &self.keys[at]);
        let clears = |key: &Key<'_>| key.parent < reached && matches!(key.on_delete, Act::SetNull(_));
        let reach = keys().filter(|key| key.parent < reached).count();
        let cleared_by = keys().filter(|key| clears(key)).count();
        let is_apart = |key: &Key<'_>, other: &Key<'_>| {
            let has = |column: &usize| key.columns.contains(column);
            // InnoDB looks for the parents again of all keys whose index changes.
            let is_index_of_both = |index: &IndexShape| {
                index.columns.starts_with(&other.columns) && index.columns.iter().any(has)
            };
            !other.columns.iter().any(has) && !shape.indexes.iter().any(is_index_of_both)
        };
        let is_plain = |key: &Key<'_>| match &key.on_delete {
            _ if key.parent >= reached => true,
            _ if self.is_written(key, is_update) => false,
            Act::Cascade => true,
            Act::SetNull(columns) => {
                let mut others = keys().filter(|other| !std::ptr::eq(*other, key));
                has_no_other_guard(key)
                    && self.clears_freely(key, columns)
                    && others.all(|other| is_apart(key, other))
            }
            Act::NoAction | Act::Restrict | Act::SetDefault(_) => false,
        };
        table != 0
            && self.by_parent[table].is_empty()
            && (1..=MOST_KINDS).contains(&reach)
            // PostgreSQL looks for all parents of a row that one statement writes twice.
            && (cleared_by < 2 || cleared_by == 2 && self.by_child[table].len() == 2)
            && keys().all(is_plain)
    }

    fn is_leaf(&self, at: usize, reached: usize, is_update: bool) -> bool {
        let key = &self.keys[at];
        let shape = &self.tables[key.child];
        let mut others = self.by_child[key.child].iter().filter(|&&other| other != at);
        let is_apart = |other: &usize| {
            let other = &self.keys[*other];
            other.parent >= reached && other.columns.iter().all(|column| !key.columns.contains(column))
        };
        let is_plain = |act: &Act, writes: bool| match act {
            Act::NoAction | Act::Restrict => true,
            Act::Cascade => {
                let in_unique = |column: &usize| is_in_unique(shape, *column);
                !writes
                    || !is_watched(shape, &key.columns)
                        && !key.columns.iter().any(in_unique)
                        && self.fits(key)
            }
            Act::SetNull(columns) => self.clears_freely(key, columns),
            Act::SetDefault(_) => false,
        };
        key.child != 0
            && has_no_other_guard(key)
            && self.by_parent[key.child].is_empty()
            && others.all(is_apart)
            && is_plain(&key.on_delete, false)
            && (!self.is_written(key, is_update) || is_plain(&key.on_update, true))
    }

    /// Whether what a key refers to may get other values.
    fn is_written(&self, key: &Key<'_>, is_update: bool) -> bool {
        let writes_parent = |other: &Key<'_>| {
            other.child == key.parent
                && other.columns.iter().any(|column| key.parent_columns.contains(column))
        };
        key.parent == 0 && is_update || self.keys.iter().any(writes_parent)
    }

    /// Whether nothing can refuse the NULLs that a key writes to these columns.
    fn clears_freely(&self, key: &Key<'_>, columns: &[usize]) -> bool {
        let shape = &self.tables[key.child];
        let is_free = |&column: &usize| {
            let known = &shape.columns[column];
            known.nullable && !known.generated && !is_in_unique(shape, column)
        };
        *columns == key.columns && !is_watched(shape, columns) && columns.iter().all(is_free)
    }

    /// Whether the child can hold whatever the parent can: of these, a NULL.
    fn fits(&self, key: &Key<'_>) -> bool {
        let (child, parent) = (&self.tables[key.child], &self.tables[key.parent]);
        let mut pairs = key.columns.iter().zip(&key.parent_columns);
        key.is_roomy
            && pairs.all(|(&column, &of)| child.columns[column].nullable || !parent.columns[of].nullable)
    }

    /// The tables, each at its place.
    pub fn tables(&self) -> &[TableShape] {
        &self.tables
    }

    /// The key at this place.
    pub fn key(&self, at: usize) -> &'k ObservedKey {
        self.keys[at].observed
    }

    /// All keys.
    pub fn keys(&self) -> impl Iterator<Item = &'k ObservedKey> {
        self.keys.iter().map(|key| key.observed)
    }

    /// What the row at this place held.
    pub fn row(&self, table: usize, row: usize) -> &RowRead {
        &self.rows[table][row]
    }

    /// Takes rows that were read, and gives their places.
    pub fn add(&mut self, table: usize, rows: impl IntoIterator<Item = RowRead>) -> Vec<usize> {
        let mut added = Vec::new();
        for row in rows {
            let next = self.rows[table].len();
            let at = *self.places[table].entry(row.place.clone()).or_insert(next);
            if at == next {
                self.rows[table].push(row);
            } else {
                self.rows[table][at] = row;
            }
            added.push(at);
        }
        added
    }

    /// How many rows are known.
    pub fn len(&self) -> usize {
        self.rows.iter().map(Vec::len).sum()
    }

    /// Whether none is.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Every row that a lookup asks for is here now.
    pub fn answer(&mut self, lookup: Lookup) {
        self.answered.insert(lookup);
    }

    /// There are so many rows of that kind.
    pub fn tally(&mut self, lookup: Lookup, rows: u64) {
        self.tallies.insert(lookup, rows);
    }

    pub(super) fn tallied(&self, lookup: &Lookup) -> Option<u64> {
        self.tallies.get(lookup).copied()
    }

    pub(super) fn is_answered(&self, lookup: &Lookup) -> bool {
        self.answered.contains(lookup)
    }
}

/// So many keys are told apart where rows are counted.
const MOST_KINDS: usize = 30;

fn is_in_unique(shape: &TableShape, column: usize) -> bool {
    shape.indexes.iter().any(|index| index.unique && index.columns.contains(&column))
}

/// Whether something looks at what is written to these columns, or it decides where a row lies.
fn is_watched(shape: &TableShape, columns: &[usize]) -> bool {
    let is_named = |name: &str| columns.iter().any(|&column| shape.columns[column].name == name);
    shape.has_generated
        || shape.partitions.as_ref().is_some_and(|partitions| is_named(&partitions.column))
        || shape.watchers.iter().any(|watcher| watcher.looks_at(is_named))
}

/// What isn't followed has to be told of the rows that it looks at.
fn has_no_other_guard(key: &Key<'_>) -> bool {
    let is_followed = |guard: &Guard| matches!(guard.kind, GuardKind::NotNull | GuardKind::Unique);
    key.observed.guards.iter().all(is_followed)
}

/// What a CHECK or a domain says beside the column's own NOT NULL.
fn refuse_null(table: &mut TableShape, key: &ObservedKey, engine: &EngineFacts) {
    for guard in key.guards.iter().filter(|guard| guard.kind == GuardKind::NotNull) {
        let is_guarded = |name: &str| guard.columns.iter().any(|known| engine.column_case.same(known, name));
        for column in table.columns.iter_mut().filter(|column| is_guarded(&column.name)) {
            column.nullable = false;
        }
    }
}
