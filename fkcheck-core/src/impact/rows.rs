//! What a delete or an update does to the rows that are in a live database: nothing is written, rows are read as they matter.

use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::Arc;

use crate::access::{Phase, SourceError};
use crate::consequence::rows::{Outcome, Prediction, Refusal, Statement, Unknown, World, predict};
use crate::engines::rows::{Rows, Which};
use crate::model::{
    IdentifierCase, Literal, Lookup, Observation, ObservedKey, Part, RowRead, TableName, TableShape, Value,
};
use crate::sources::{self, DatabaseUrl, Limits};

/// How many values one query looks for.
const AT_ONCE: usize = 1000;

/// What is to be done to rows of a table.
#[derive(Clone, Debug)]
pub struct Doing {
    /// The table, as the observation names it.
    pub table: TableName,
    /// Which of its rows: SQL, as the user wrote it.
    pub condition: String,
    /// What is set; `None`: they are deleted.
    pub set: Option<Vec<(String, Value)>>,
}

/// What comes of it.
#[derive(Clone, Debug)]
pub struct Foretold {
    /// Why it is refused, if it is.
    pub refused: Option<Refused>,
    /// Each row that it changes, as far as rows were read.
    pub changed: Vec<ChangedRow>,
    /// What can't be known.
    pub unknown: Vec<String>,
    /// Why there may be more.
    pub cut: Option<String>,
    /// How many rows the condition chooses.
    pub chosen: usize,
}

/// Why it is refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refused {
    /// By this key.
    Key {
        /// The child table.
        table: TableName,
        /// The referencing columns.
        columns: Vec<String>,
        /// The constraint.
        constraint: Option<String>,
    },
    /// By a key that the engine doesn't name.
    Keys,
    /// The column takes no NULL.
    NotNull(TableName, String),
    /// Rows would be equal to this index.
    Unique(TableName, String),
    /// Only the engine writes the column.
    Generated(TableName, String),
    /// The chain of cascades is too long.
    TooDeep,
}

/// A row that is changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChangedRow {
    /// Its table.
    pub table: TableName,
    /// Where it lies.
    pub place: Vec<Part>,
    /// What it held, by column.
    pub before: Vec<(String, Value)>,
    /// What it will hold, by column; `None`: it is deleted.
    pub after: Option<Vec<(String, Value)>>,
}

/// Foretells what `doing` does. Blocks; to be called outside of an asynchronous runtime.
///
/// # Errors
/// Where the rows can't be read, be it that the condition is no SQL.
pub fn foretell(
    url: &DatabaseUrl,
    limits: &Limits,
    observation: &Observation,
    doing: &Doing,
) -> Result<Foretold, SourceError> {
    sources::with_rows(url, limits, async |rows: &mut dyn Rows| read(rows, observation, doing).await)
}

async fn read(
    rows: &mut dyn Rows,
    observation: &Observation,
    doing: &Doing,
) -> Result<Foretold, SourceError> {
    let engine = &observation.engine;
    let (tables, keys) = concerned(&observation.keys, &doing.table, engine.table_case);
    let shapes = rows.shapes(&tables).await?;
    let cases = (engine.table_case, engine.column_case);
    let shapes = narrowed(shapes, &keys, doing, engine.column_case);
    let mut world = World::new(shapes, keys, cases)
        .map_err(|unfit| unreadable(observation, format!("`{}` refers to what isn't there", unfit.key)))?;
    let chosen = rows.read(&world.tables()[0], &Which::Where(doing.condition.clone())).await?;
    let count = chosen.len();
    let mut places = world.add(0, chosen);
    places.sort_by(|left, right| world.row(0, *left).place.cmp(&world.row(0, *right).place));
    let statement = match &doing.set {
        None => Statement::Delete { table: 0, rows: places },
        Some(set) => Statement::Update {
            table: 0,
            rows: places,
            set: set.iter().map(|(name, value)| (column(&world.tables()[0], name), value.clone())).collect(),
        },
    };
    loop {
        let Prediction { outcome, asks } = predict(&world, engine, &statement);
        if asks.is_empty() {
            return Ok(told(&world, outcome, count, None));
        }
        match answer(rows, &mut world, asks, observation).await {
            Ok(()) => {}
            Err(error @ SourceError::DeadlineExceeded { .. }) => {
                return Ok(told(&world, outcome, count, Some(error.to_string())));
            }
            Err(error) => return Err(error),
        }
    }
}

/// The table, all that its rows are followed to, and the parents of those; and the keys between them.
fn concerned<'k>(
    keys: &'k [ObservedKey],
    table: &TableName,
    case: IdentifierCase,
) -> (Vec<TableName>, Vec<&'k ObservedKey>) {
    let id = |name: &TableName| case.fold(&name.to_string());
    let mut by_parent: HashMap<String, Vec<&ObservedKey>> = HashMap::new();
    for key in keys.iter().filter(|key| !key.parent_columns.is_empty()) {
        by_parent.entry(id(&key.parent)).or_default().push(key);
    }
    let mut tables = vec![table.clone()];
    let mut reached = HashSet::from([id(table)]);
    let mut open = VecDeque::from([id(table)]);
    while let Some(parent) = open.pop_front() {
        for key in by_parent.get(&parent).into_iter().flatten() {
            if reached.insert(id(&key.key.table)) {
                tables.push(key.key.table.clone());
                open.push_back(id(&key.key.table));
            }
        }
    }
    let keys: Vec<&ObservedKey> = keys
        .iter()
        .filter(|key| reached.contains(&id(&key.key.table)) && !key.parent_columns.is_empty())
        .collect();
    let mut known = reached;
    for key in &keys {
        if known.insert(id(&key.parent)) {
            tables.push(key.parent.clone());
        }
    }
    (tables, keys)
}

/// The same without the columns that no key, no unique index and no statement concerns.
fn narrowed(
    shapes: Vec<TableShape>,
    keys: &[&ObservedKey],
    doing: &Doing,
    case: IdentifierCase,
) -> Vec<TableShape> {
    let narrow = |(at, shape): (usize, TableShape)| {
        let is_named = |names: &[String], column: &str| names.iter().any(|name| case.same(name, column));
        let of_key = |key: &&&ObservedKey, column: &str| {
            key.key.table == shape.name && is_named(&key.key.columns, column)
                || key.parent == shape.name && is_named(&key.parent_columns, column)
        };
        let mut kept = Vec::new();
        for (place, column) in shape.columns.iter().enumerate() {
            let is_set = at == 0 && doing.set.iter().flatten().any(|(name, _)| case.same(name, &column.name));
            let is_in_unique = shape
                .indexes
                .iter()
                .any(|index| (index.unique || index.clustered) && index.columns.contains(&place));
            if is_set || is_in_unique || keys.iter().any(|key| of_key(&key, &column.name)) {
                kept.push(place);
            }
        }
        let moved = |columns: &[usize]| -> Vec<usize> {
            // Of other indexes, the first columns: keys use no more.
            columns.iter().map_while(|column| kept.iter().position(|place| place == column)).collect()
        };
        let indexes = shape.indexes.iter().map(|index| {
            let columns = moved(&index.columns);
            crate::model::IndexShape { columns, ..index.clone() }
        });
        TableShape {
            indexes: indexes.filter(|index| !index.columns.is_empty()).collect(),
            columns: kept.iter().map(|&place| shape.columns[place].clone()).collect(),
            name: shape.name.clone(),
        }
    };
    shapes.into_iter().enumerate().map(narrow).collect()
}

fn column(shape: &TableShape, name: &str) -> usize {
    let same = |column: &crate::model::ColumnShape| column.name.eq_ignore_ascii_case(name);
    shape
        .columns
        .iter()
        .position(|column| column.name == name)
        .or_else(|| shape.columns.iter().position(same))
        .unwrap_or_default()
}

/// Reads what was asked for, a query for each table and columns.
async fn answer(
    rows: &mut dyn Rows,
    world: &mut World<'_>,
    asks: Vec<Lookup>,
    observation: &Observation,
) -> Result<(), SourceError> {
    let mut groups: Vec<((usize, Vec<usize>), Vec<Vec<Arc<str>>>)> = Vec::new();
    for Lookup { table, columns, values } in asks {
        let group = (table, columns);
        match groups.iter_mut().find(|(known, _)| *known == group) {
            Some((_, all)) => all.push(values),
            None => groups.push((group, vec![values])),
        }
    }
    for ((table, columns), values) in groups {
        let shape = &world.tables()[table];
        if let Some(column) = columns.iter().find(|&&column| shape.columns[column].literal == Literal::None) {
            let why = format!(
                "the type of `{}.{}` compares in a way of its own",
                shape.name, shape.columns[*column].name
            );
            return Err(unreadable(observation, why));
        }
        for values in values.chunks(AT_ONCE) {
            let found = find(rows, &world.tables()[table], &columns, values).await?;
            world.add(table, found);
            for values in values {
                world.answer(Lookup { table, columns: columns.clone(), values: values.clone() });
            }
        }
    }
    Ok(())
}

/// Rows that hold one of these, written as these are: the engine may take others for equal.
async fn find(
    rows: &mut dyn Rows,
    shape: &TableShape,
    columns: &[usize],
    values: &[Vec<Arc<str>>],
) -> Result<Vec<RowRead>, SourceError> {
    let which = Which::Holding { columns: columns.to_vec(), values: values.to_vec() };
    let found = rows.read(shape, &which).await?;
    let known: HashSet<&[Arc<str>]> = values.iter().map(Vec::as_slice).collect();
    let held = |row: &RowRead| -> Vec<Arc<str>> {
        columns.iter().filter_map(|&column| row.values[column].clone()).collect()
    };
    if found.iter().all(|row| known.contains(held(row).as_slice())) {
        return Ok(found);
    }
    let mut exact = Vec::new();
    for values in values {
        let which = Which::Holding { columns: columns.to_vec(), values: vec![values.clone()] };
        for mut row in rows.read(shape, &which).await? {
            for (&column, value) in columns.iter().zip(values) {
                row.values[column] = Some(Arc::clone(value));
            }
            exact.push(row);
        }
    }
    Ok(exact)
}

fn unreadable(observation: &Observation, reason: String) -> SourceError {
    SourceError::Catalogue { place: observation.label.clone(), phase: Phase::ReadingRows, reason, help: None }
}

fn told(world: &World<'_>, outcome: Outcome, chosen: usize, cut: Option<String>) -> Foretold {
    let tables = world.tables();
    let named = |table: usize, values: &[Value]| -> Vec<(String, Value)> {
        tables[table].columns.iter().map(|column| column.name.clone()).zip(values.iter().cloned()).collect()
    };
    let place = |table: usize, column: usize| {
        (tables[table].name.clone(), tables[table].columns[column].name.clone())
    };
    let refused = outcome.refused.map(|refusal| match refusal {
        Refusal::Key(key) => {
            let key = world.key(key);
            Refused::Key {
                table: key.key.table.clone(),
                columns: key.key.columns.clone(),
                constraint: key.name.clone(),
            }
        }
        Refusal::Keys => Refused::Keys,
        Refusal::NotNull { table, column } => {
            let (table, column) = place(table, column);
            Refused::NotNull(table, column)
        }
        Refusal::Generated { table, column } => {
            let (table, column) = place(table, column);
            Refused::Generated(table, column)
        }
        Refusal::Unique { table, index } => {
            Refused::Unique(tables[table].name.clone(), tables[table].indexes[index].name.clone())
        }
        Refusal::TooDeep => Refused::TooDeep,
    });
    let changed = outcome.changed.into_iter().map(|changed| {
        let row = world.row(changed.table, changed.row);
        ChangedRow {
            table: tables[changed.table].name.clone(),
            place: row.place.clone(),
            before: named(changed.table, &row.values),
            after: changed.values.map(|values| named(changed.table, &values)),
        }
    });
    let unknown = outcome.unknown.map(|unknown| match unknown {
        Unknown::Default { table, column } => {
            let (table, column) = place(table, column);
            format!("the default of `{table}.{column}` is an expression, which isn't evaluated")
        }
    });
    Foretold { refused, changed: changed.collect(), unknown: unknown.into_iter().collect(), cut, chosen }
}
