//! What a delete or an update does to the rows that are in a live database: nothing is written, rows are read as they matter.

use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::Arc;

use crate::access::{Phase, SourceError};
use crate::consequence::rows::{Ask, Outcome, Prediction, Refusal, Statement, Unknown, World, predict};
use crate::engines::rows::{Rows, Which};
use crate::model::{
    ColumnShape, EngineFacts, IdentifierCase, IndexShape, KeyName, Literal, Lookup, Observation, ObservedKey,
    Part, RowRead, TableName, TableShape, Value, made_up,
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
    /// What is done to them.
    pub what: What,
}

/// What is done to rows.
#[derive(Clone, Debug)]
pub enum What {
    /// They are deleted.
    Delete,
    /// These columns get these values.
    Set(Vec<(String, Value)>),
    /// These columns get values that no row holds, another one in each row.
    Change(Vec<String>),
}

impl What {
    fn columns(&self) -> Vec<&str> {
        match self {
            What::Delete => Vec::new(),
            What::Set(set) => set.iter().map(|(name, _)| name.as_str()).collect(),
            What::Change(names) => names.iter().map(String::as_str).collect(),
        }
    }
}

/// What comes of it.
#[derive(Clone, Debug)]
pub struct Foretold {
    /// Why it is refused, if it is.
    pub refused: Option<Refused>,
    /// Each row that it changes and that was seen.
    pub changed: Vec<ChangedRow>,
    /// Rows that it changes and that were only counted.
    pub counted: Vec<CountedRows>,
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

/// Rows that a key deletes or writes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CountedRows {
    /// Child table and referencing columns.
    pub key: KeyName,
    /// They are deleted, not written.
    pub are_deleted: bool,
    /// How many.
    pub rows: u64,
}

/// Foretells what each of these does, all from the rows as they stand at one moment. Blocks; to be called outside of an
/// asynchronous runtime.
///
/// # Errors
/// Where the rows can't be read, be it that the condition is no SQL.
pub fn foretell(
    url: &DatabaseUrl,
    limits: &Limits,
    observation: &Observation,
    doings: &[Doing],
) -> Result<Vec<Foretold>, SourceError> {
    sources::with_rows(url, limits, async |rows: &mut dyn Rows| {
        let mut shapes = HashMap::new();
        let mut foretold = Vec::new();
        for doing in doings {
            foretold.push(read(rows, &mut shapes, observation, doing).await?);
        }
        Ok(foretold)
    })
}

/// What tables are made of, each read once.
type Shapes = HashMap<TableName, TableShape>;

async fn read(
    rows: &mut dyn Rows,
    known: &mut Shapes,
    observation: &Observation,
    doing: &Doing,
) -> Result<Foretold, SourceError> {
    let engine = &observation.engine;
    let Concerned { tables, reached, keys } =
        Concerned::by(&doing.table, &observation.keys, engine.table_case);
    let new: Vec<TableName> = tables.iter().filter(|table| !known.contains_key(table)).cloned().collect();
    for shape in rows.shapes(&new).await? {
        known.insert(shape.name.clone(), shape);
    }
    let shapes = tables.iter().filter_map(|table| known.get(table).cloned()).collect();
    let shapes = narrowed(shapes, &keys, doing, engine);
    let mut world = World::new(shapes, reached, keys, engine)
        .map_err(|unfit| unreadable(observation, format!("`{}` refers to what isn't there", unfit.key)))?;
    let chosen = rows.read(&world.tables()[0], &Which::Where(doing.condition.clone())).await?;
    let count = chosen.len();
    let mut places = world.add(0, chosen);
    places.sort_by(|left, right| world.row(0, *left).place.cmp(&world.row(0, *right).place));
    let statement = statement(&world.tables()[0], places, &doing.what, engine.column_case);
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

fn statement(shape: &TableShape, rows: Vec<usize>, what: &What, case: IdentifierCase) -> Statement {
    let place = |name: &str| {
        let is_it = |column: &ColumnShape| case.same(&column.name, name);
        shape.columns.iter().position(is_it)
    };
    match what {
        What::Delete => Statement::Delete { table: 0, rows },
        What::Set(set) => {
            let set: Vec<(usize, Value)> =
                set.iter().filter_map(|(name, value)| Some((place(name)?, value.clone()))).collect();
            Statement::Update { table: 0, rows: rows.into_iter().map(|row| (row, set.clone())).collect() }
        }
        What::Change(names) => {
            let places: Vec<usize> = names.iter().filter_map(|name| place(name)).collect();
            let new = |row: usize| places.iter().map(|&place| (place, made_up(row))).collect();
            Statement::Update { table: 0, rows: rows.into_iter().map(|row| (row, new(row))).collect() }
        }
    }
}

/// What a statement has to do with.
struct Concerned<'k> {
    /// The table itself, those that its rows are followed to, and the other parents of those.
    tables: Vec<TableName>,
    /// How many of them come before the other parents.
    reached: usize,
    keys: Vec<&'k ObservedKey>,
}

impl<'k> Concerned<'k> {
    fn by(table: &TableName, keys: &'k [ObservedKey], case: IdentifierCase) -> Self {
        let id = |name: &TableName| case.fold(&name.to_string());
        let mut by_parent: HashMap<String, Vec<&ObservedKey>> = HashMap::new();
        for key in keys.iter().filter(|key| !key.parent_columns.is_empty()) {
            by_parent.entry(id(&key.parent)).or_default().push(key);
        }
        let mut tables = vec![table.clone()];
        let mut known = HashSet::from([id(table)]);
        let mut open = VecDeque::from([id(table)]);
        while let Some(parent) = open.pop_front() {
            for key in by_parent.get(&parent).into_iter().flatten() {
                if known.insert(id(&key.key.table)) {
                    tables.push(key.key.table.clone());
                    open.push_back(id(&key.key.table));
                }
            }
        }
        let reached = tables.len();
        let keys: Vec<&ObservedKey> = keys
            .iter()
            .filter(|key| known.contains(&id(&key.key.table)) && !key.parent_columns.is_empty())
            .collect();
        for key in &keys {
            if known.insert(id(&key.parent)) {
                tables.push(key.parent.clone());
            }
        }
        Concerned { tables, reached, keys }
    }
}

/// The same without the columns that no key, no unique index and no statement concerns.
fn narrowed(
    shapes: Vec<TableShape>,
    keys: &[&ObservedKey],
    doing: &Doing,
    engine: &EngineFacts,
) -> Vec<TableShape> {
    let case = engine.column_case;
    let is_same =
        |left: &TableName, right: &TableName| engine.table_case.same(&left.to_string(), &right.to_string());
    let narrow = |(at, shape): (usize, TableShape)| {
        let is_named = |names: &[String], column: &str| names.iter().any(|name| case.same(name, column));
        let of_key = |key: &&&ObservedKey, column: &str| {
            is_same(&key.key.table, &shape.name) && is_named(&key.key.columns, column)
                || is_same(&key.parent, &shape.name) && is_named(&key.parent_columns, column)
        };
        let mut kept = Vec::new();
        for (place, column) in shape.columns.iter().enumerate() {
            let is_set = at == 0 && doing.what.columns().iter().any(|name| case.same(name, &column.name));
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
            IndexShape { columns, ..index.clone() }
        });
        TableShape {
            indexes: indexes.filter(|index| !index.columns.is_empty()).collect(),
            columns: kept.iter().map(|&place| shape.columns[place].clone()).collect(),
            name: shape.name.clone(),
        }
    };
    shapes.into_iter().enumerate().map(narrow).collect()
}

/// What is asked of a table by these columns: rows, or their numbers.
struct Question {
    table: usize,
    columns: Vec<usize>,
    is_tally: bool,
    values: Vec<Vec<Arc<str>>>,
}

/// Reads what was asked for, a query for each table and columns.
async fn answer(
    rows: &mut dyn Rows,
    world: &mut World<'_>,
    asks: Vec<Ask>,
    observation: &Observation,
) -> Result<(), SourceError> {
    let mut questions: Vec<Question> = Vec::new();
    for Ask { lookup: Lookup { table, columns, values }, is_tally } in asks {
        let is_it = |known: &&mut Question| {
            (known.table, &known.columns, known.is_tally) == (table, &columns, is_tally)
        };
        match questions.iter_mut().find(is_it) {
            Some(known) => known.values.push(values),
            None => questions.push(Question { table, columns, is_tally, values: vec![values] }),
        }
    }
    for Question { table, columns, is_tally, values } in questions {
        let shape = &world.tables()[table];
        if let Some(column) = columns.iter().find(|&&column| shape.columns[column].literal == Literal::None) {
            let why = format!(
                "the type of `{}.{}` compares in a way of its own",
                shape.name, shape.columns[*column].name
            );
            return Err(unreadable(observation, why));
        }
        for values in values.chunks(AT_ONCE) {
            let lookup =
                |values: &Vec<Arc<str>>| Lookup { table, columns: columns.clone(), values: values.clone() };
            let shape = &world.tables()[table];
            if is_tally {
                for (values, count) in tally(rows, shape, &columns, values).await? {
                    world.tally(lookup(&values), count);
                }
            } else {
                let found = find(rows, shape, &columns, values).await?;
                world.add(table, found);
                for values in values {
                    world.answer(lookup(values));
                }
            }
        }
    }
    Ok(())
}

/// How many rows hold each of these.
async fn tally(
    rows: &mut dyn Rows,
    shape: &TableShape,
    columns: &[usize],
    values: &[Vec<Arc<str>>],
) -> Result<Vec<(Vec<Arc<str>>, u64)>, SourceError> {
    let mut tallies: HashMap<Vec<Arc<str>>, u64> = values.iter().map(|values| (values.clone(), 0)).collect();
    let mut is_exact = true;
    for (held, count) in rows.tally(shape, columns, values).await? {
        let held: Option<Vec<Arc<str>>> = held.into_iter().collect();
        match held.and_then(|held| tallies.get_mut(&held)) {
            Some(tally) => *tally = count,
            None => is_exact = false,
        }
    }
    if is_exact {
        return Ok(tallies.into_iter().collect());
    }
    // The engine takes others for equal.
    let mut exact = Vec::new();
    for values in values {
        let counts = rows.tally(shape, columns, std::slice::from_ref(values)).await?;
        exact.push((values.clone(), counts.iter().map(|(_, count)| count).sum()));
    }
    Ok(exact)
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
    let counted = outcome.counted.iter().map(|counted| CountedRows {
        key: world.key(counted.key).key.clone(),
        are_deleted: counted.are_deleted,
        rows: counted.rows,
    });
    Foretold {
        refused,
        counted: counted.collect(),
        changed: changed.collect(),
        unknown: unknown.into_iter().collect(),
        cut,
        chosen,
    }
}
