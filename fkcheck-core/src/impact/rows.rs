//! What a delete or an update does to the rows that are in a live database: nothing is written, rows are read as they matter.

use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::Arc;
use std::time::Instant;

use super::Impact;
use crate::access::{ErrorKind, Phase, SourceError};
use crate::consequence::rows::{
    Ask, Changed, Outcome, Prediction, Refusal, Statement, Unknown, World, predict,
};
use crate::consequence::{Surroundings, Touched};
use crate::engines::rows::{Rows, Which};
use crate::model::{
    ColumnShape, EngineFacts, GuardKind, IdentifierCase, IndexShape, KeyName, Literal, Lookup, Observation,
    ObservedKey, ObservedTable, Part, RowRead, RowsFirst, SourceKind, TableKind, TableName, TableShape,
    Value, is_made_up, made_up,
};
use crate::outcome::Problem;
use crate::run::{self, CheckError, ReadSource};
use crate::sources::{self, DatabaseUrl, Limits};

/// How many rows are kept to be followed one by one: some 300 MB.
const MOST_ROWS: usize = 250_000;

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
    /// Statements by which keys act on their children, be there rows or not.
    pub fired: Vec<Fired>,
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
        /// The parent.
        parent: TableName,
    },
    /// By a key that the engine doesn't name.
    Keys,
    /// The column takes no NULL.
    NotNull(TableName, String),
    /// Rows would be equal to this index.
    Unique(TableName, String),
    /// Only the engine writes the column.
    Generated(TableName, String),
    /// The partitioned table has no partition for a row.
    NoPartition(TableName),
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

/// A statement by which a key acts on its child.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fired {
    /// The key.
    pub key: ObservedKey,
    /// It deletes, and doesn't write.
    pub deletes: bool,
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

/// What it does to the rows that are there, in numbers.
#[derive(Clone, Debug)]
pub struct RowsImpact {
    /// Which rows of the table: SQL, as the user wrote it.
    pub condition: String,
    /// How many those are.
    pub chosen: usize,
    /// Why it is refused, if it is; then nothing else happens.
    pub refused: Option<Refused>,
    /// Each table that loses rows, with their number, the most first.
    pub deleted: Vec<(TableName, u64)>,
    /// Each table whose rows are written, with the columns and the number of rows, the most first; not the update itself.
    pub written: Vec<WrittenRows>,
    /// There may be more: the deadline has passed.
    pub at_least: bool,
}

/// Rows of a table of which the same columns are written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WrittenRows {
    /// The table and the columns.
    pub key: KeyName,
    /// What is written.
    pub with: With,
    /// How many rows.
    pub rows: u64,
}

/// What columns are set to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum With {
    /// NULL.
    Null,
    /// Their defaults.
    Default,
    /// The value of the parent that is updated.
    Value,
}

/// Follows the rows of the impact's table of which the condition is true, and says what can't be known.
pub(super) fn of_condition(
    observed: &ReadSource,
    limits: &Limits,
    impact: &Impact,
    condition: &str,
) -> Result<(Option<RowsImpact>, Vec<Problem>), CheckError> {
    let observation = &observed.observation;
    let Some(url) = observed.url.as_ref().filter(|_| observation.source == SourceKind::Database) else {
        let (message, help) = if observation.source == SourceKind::Database {
            (
                "`--where` follows the rows of one database, and several are asked",
                "name one with `--database-url`",
            )
        } else {
            (
                "`--where` follows rows, and {} has none",
                "name a live database with `--database-url`, without `--against`",
            )
        };
        let message = message.replace("{}", &observation.label);
        return Err(CheckError::Usage { message, help: Some(help.to_owned()) });
    };
    let what = impact.update.as_ref().map_or(What::Delete, |column| What::Change(vec![column.clone()]));
    let doing = Doing { table: impact.table.clone(), condition: condition.to_owned(), what };
    let foretold = match foretell(url, limits, observation, std::slice::from_ref(&doing)) {
        Ok(mut foretold) => foretold.pop(),
        Err(error) if error.kind() == ErrorKind::Usage => return Err(error.into()),
        Err(error) => return Ok((None, vec![run::problem_of(&error)])),
    };
    let Some(foretold) = foretold else { return Ok((None, Vec::new())) };
    let mut problems: Vec<Problem> = foretold.unknown.iter().map(|why| cant_know(why, None)).collect();
    if let Some(why) = &foretold.cut {
        problems.push(cant_know(
            why,
            Some("the numbers are those that were known by then; `--deadline` gives more time, and a narrower `--where` needs less"),
        ));
    }
    Ok((Some(foretold.in_numbers(condition, impact)), problems))
}

fn cant_know(why: &str, help: Option<&str>) -> Problem {
    Problem {
        message: format!("not all that it does can be known: {why}"),
        label: None,
        help: help.into_iter().map(str::to_owned).collect(),
    }
}

impl ChangedRow {
    /// The columns that hold something else now; none: it is deleted.
    fn written(&self) -> impl Iterator<Item = &str> {
        let pairs = self.before.iter().zip(self.after.iter().flatten());
        pairs.filter(|(before, after)| before.1 != after.1).map(|(before, _)| before.0.as_str())
    }

    /// All that is written is NULL.
    fn is_nulled(&self) -> bool {
        let mut pairs = self.before.iter().zip(self.after.iter().flatten());
        pairs.all(|(before, after)| before.1 == after.1 || after.1.is_none())
    }
}

impl Foretold {
    fn in_numbers(&self, condition: &str, impact: &Impact) -> RowsImpact {
        let mut deleted: HashMap<&TableName, u64> = HashMap::new();
        let mut written: HashMap<(KeyName, With), u64> = HashMap::new();
        let else_with = if impact.update.is_some() { With::Value } else { With::Default };
        for row in &self.changed {
            if row.after.is_none() {
                *deleted.entry(&row.table).or_default() += 1;
                continue;
            }
            let columns: Vec<String> = row.written().map(str::to_owned).collect();
            let with = if row.is_nulled() { With::Null } else { else_with };
            *written.entry((KeyName { table: row.table.clone(), columns }, with)).or_default() += 1;
        }
        for counted in &self.counted {
            if counted.are_deleted {
                *deleted.entry(&counted.key.table).or_default() += counted.rows;
            } else {
                let is_nulled = impact.nulls.iter().any(|effect| effect.key == counted.key);
                let with = if is_nulled { With::Null } else { else_with };
                *written.entry((counted.key.clone(), with)).or_default() += counted.rows;
            }
        }
        if let Some(column) = &impact.update {
            let itself = KeyName { table: impact.table.clone(), columns: vec![column.clone()] };
            written.remove(&(itself, With::Value));
        }
        let mut deleted: Vec<(TableName, u64)> =
            deleted.into_iter().map(|(table, rows)| (table.clone(), rows)).collect();
        deleted.sort_by(|left, right| (right.1, &left.0).cmp(&(left.1, &right.0)));
        let written = written.into_iter().map(|((key, with), rows)| WrittenRows { key, with, rows });
        let mut written: Vec<WrittenRows> = written.collect();
        written.sort_by(|left, right| (right.rows, &left.key).cmp(&(left.rows, &right.key)));
        // Nothing happens where it is refused.
        if self.refused.is_some() {
            (deleted, written) = (Vec::new(), Vec::new());
        }
        RowsImpact {
            condition: condition.to_owned(),
            chosen: self.chosen,
            refused: self.refused.clone(),
            deleted,
            written,
            at_least: self.cut.is_some(),
        }
    }

    /// Each table whose rows are deleted or written, and the columns that are written.
    fn touched<'r>(&'r self, doing: &'r Doing) -> Vec<Touched<'r>> {
        let itself = Touched {
            table: &doing.table,
            is_deleted: matches!(doing.what, What::Delete),
            written: doing.what.columns(),
            has_rows: false,
        };
        let statements = self.fired.iter().map(|Fired { key, deletes }| Touched {
            table: &key.key.table,
            is_deleted: *deletes,
            written: key.key.columns.iter().map(String::as_str).collect(),
            has_rows: false,
        });
        let mut touched: Vec<Touched<'_>> = statements.chain([itself]).collect();
        for row in &self.changed {
            let written = row.written().collect();
            let one = Touched { table: &row.table, is_deleted: row.after.is_none(), written, has_rows: true };
            if !touched.contains(&one) {
                touched.push(one);
            }
        }
        for counted in &self.counted {
            let written = if counted.are_deleted {
                Vec::new()
            } else {
                counted.key.columns.iter().map(String::as_str).collect()
            };
            let one = Touched {
                table: &counted.key.table,
                is_deleted: counted.are_deleted,
                written,
                has_rows: true,
            };
            if !touched.contains(&one) {
                touched.push(one);
            }
        }
        touched
    }
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
    let until = Instant::now() + limits.deadline;
    let is_over = || Instant::now() >= until;
    let surroundings = Surroundings::new(&observation.tables, &observation.engine);
    sources::with_rows(url, limits, async |rows: &mut dyn Rows| {
        let mut shapes = HashMap::new();
        let mut foretold = Vec::new();
        for doing in doings {
            let mut read = read(rows, &mut shapes, observation, doing, &is_over).await?;
            let is_update = !matches!(doing.what, What::Delete);
            let unknown = surroundings.of_rows(&doing.table, &read.touched(doing), is_update);
            read.unknown.extend(unknown);
            foretold.push(read);
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
    is_over: &dyn Fn() -> bool,
) -> Result<Foretold, SourceError> {
    let engine = &observation.engine;
    let Concerned { tables, reached, keys } =
        Concerned::by(&doing.table, observation.keys_and_outside(), engine.table_case);
    let new: Vec<TableName> = tables.iter().filter(|table| !known.contains_key(table)).cloned().collect();
    for shape in rows.shapes(&new).await? {
        known.insert(shape.name.clone(), shape);
    }
    let shapes = tables.iter().filter_map(|table| known.get(table).cloned()).collect();
    let shapes = narrowed(shapes, &keys, doing, engine);
    let is_update = !matches!(doing.what, What::Delete);
    let mut world = World::new(shapes, (reached, is_update), keys, engine)
        .map_err(|unfit| unreadable(observation, format!("`{}` refers to what isn't there", unfit.key)))?;
    rows.try_condition(&world.tables()[0], &doing.condition).await.map_err(|error| match error {
        SourceError::Condition { place, condition, reason, help } => {
            let columns = known.get(&doing.table).map(columns_of).unwrap_or_default();
            SourceError::Condition { place, condition, reason, help: format!("{help}{columns}") }
        }
        other => other,
    })?;
    let which = Which::Where(doing.condition.clone());
    let chosen = rows.read(&world.tables()[0], &which, MOST_ROWS + 1).await?;
    let count = chosen.len();
    let mut places = world.add(0, chosen);
    places.sort_by(|left, right| world.row(0, *left).place.cmp(&world.row(0, *right).place));
    let statement = statement(&world.tables()[0], places, &doing.what, engine.column_case);
    loop {
        let Prediction { outcome, asks, is_cut } = predict(&world, engine, &statement, is_over);
        let cut = if is_cut {
            Some("there was no more time to follow the rows".to_owned())
        } else if world.len() > MOST_ROWS {
            Some(format!("more than {MOST_ROWS} rows have to be followed one by one"))
        } else if asks.is_empty() {
            let mut foretold = told(&world, outcome, count, None);
            foretold.unknown.extend(between_partitions(&foretold, &world, observation));
            foretold.unknown.extend(
                observation.engine.disabled_by.iter().map(|switch| format!("keys are off by {switch}")),
            );
            foretold.unknown.extend(keys_of_partitions(&foretold, doing, observation));
            return Ok(foretold);
        } else {
            // What is known so far counts, whatever ends the reading.
            answer(rows, &mut world, asks, observation).await.err().map(|error| error.to_string())
        };
        if cut.is_some() {
            return Ok(told(&world, outcome, count, cut));
        }
    }
}

/// Keys that refer to single partitions, which are looked for by name alone.
fn keys_of_partitions(foretold: &Foretold, doing: &Doing, observation: &Observation) -> Option<String> {
    let is_partition = |name: &TableName| {
        observation.tables.iter().any(|table| table.name == *name && table.kind == TableKind::Partition)
    };
    let whole = |name: &TableName| -> Option<&TableName> {
        let above = |name: &TableName| {
            let table = observation.tables.iter().find(|table| table.name == *name)?;
            table.inherits.first().filter(|_| table.kind == TableKind::Partition)
        };
        std::iter::successors(above(name), |name| above(name)).take(observation.tables.len()).last()
    };
    if is_partition(&doing.table) {
        return Some(format!(
            "`{}` is a partition: what refers to the whole table isn't followed",
            doing.table
        ));
    }
    let is_touched = |name: &TableName| {
        *name == doing.table
            || foretold.changed.iter().any(|row| row.table == *name)
            || foretold.counted.iter().any(|counted| counted.key.table == *name)
    };
    let key = observation.keys.iter().find(|key| whole(&key.parent).is_some_and(is_touched))?;
    Some(format!("`{}` refers to the partition `{}` alone, which isn't followed", key.key, key.parent))
}

/// A row that moves to another partition is checked there as a new one, before its old place is left: whether one of its own keys
/// refuses it before what refers to it does can't be told without the bounds.
fn between_partitions(foretold: &Foretold, world: &World<'_>, observation: &Observation) -> Option<String> {
    let may_move = |table: &&ObservedTable| {
        let shape = world.tables().iter().find(|shape| shape.name == table.name);
        let of_index = |column: &str| {
            let has = |index: &IndexShape| {
                shape.is_some_and(|shape| index.columns.iter().any(|&at| shape.columns[at].name == column))
            };
            shape.is_some_and(|shape| shape.indexes.iter().any(|index| index.unique && has(index)))
        };
        let is_followed = shape.is_some_and(|shape| shape.partitions.is_some());
        let is_known = |row: &ChangedRow| {
            let mut values = row.after.iter().flatten().filter_map(|(_, value)| value.as_deref());
            is_followed && !values.any(is_made_up)
        };
        let moves =
            |row: &ChangedRow| row.table == table.name && row.written().any(of_index) && !is_known(row);
        table.kind == TableKind::Partitioned
            && world.keys().any(|key| {
                // One to the table itself may refuse what nothing else does.
                key.key.table == table.name && (foretold.refused.is_some() || key.parent == table.name)
            })
            && foretold.changed.iter().any(moves)
    };
    let table = &observation.tables.iter().find(may_move)?.name;
    Some(format!("rows of `{table}` may move to another partition, where its own keys look first"))
}

/// What a condition may name.
fn columns_of(shape: &TableShape) -> String {
    let names: Vec<&str> = shape.columns.iter().map(|column| column.name.as_str()).collect();
    format!("\n`{}` has the columns {}", shape.name, run::listed(&names))
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
    fn by(
        table: &TableName,
        keys: impl Iterator<Item = &'k ObservedKey> + Clone,
        case: IdentifierCase,
    ) -> Self {
        let id = |name: &TableName| case.fold(&name.to_string());
        let mut by_parent: HashMap<String, Vec<&ObservedKey>> = HashMap::new();
        for key in keys.clone().filter(|key| !key.parent_columns.is_empty()) {
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
    // Where rows are gone through by an index, all of it is their order.
    let in_index_order = engine.rows_first == RowsFirst::EachIndex;
    let narrow = |(at, shape): (usize, TableShape)| {
        let is_named = |names: &[String], column: &str| names.iter().any(|name| case.same(name, column));
        let of_key = |key: &&&ObservedKey, column: &str| {
            is_same(&key.key.table, &shape.name) && is_named(&key.key.columns, column)
                || is_same(&key.parent, &shape.name) && is_named(&key.parent_columns, column)
        };
        let mut kept = Vec::new();
        for (place, column) in shape.columns.iter().enumerate() {
            let is_set = at == 0 && doing.what.columns().iter().any(|name| case.same(name, &column.name));
            let is_in_unique = shape.indexes.iter().any(|index| {
                (index.unique || index.clustered || in_index_order) && index.columns.contains(&place)
            });
            let decides = shape.partitions.as_ref().is_some_and(|parts| parts.column == column.name);
            if decides || is_set || is_in_unique || keys.iter().any(|key| of_key(&key, &column.name)) {
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
            names: shape.names.clone(),
            has_generated: shape.has_generated,
            watchers: shape.watchers.clone(),
            partitions: shape.partitions.clone(),
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
                let left = (MOST_ROWS + 1).saturating_sub(world.len());
                if left == 0 {
                    return Ok(());
                }
                let found = find(rows, shape, &columns, values, left).await?;
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
    most: usize,
) -> Result<Vec<RowRead>, SourceError> {
    let which = Which::Holding { columns: columns.to_vec(), values: values.to_vec() };
    let found = rows.read(shape, &which, most).await?;
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
        for mut row in rows.read(shape, &which, most).await? {
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
                parent: key.parent.clone(),
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
        Refusal::NoPartition(table) => Refused::NoPartition(tables[table].name.clone()),
        Refusal::TooDeep => Refused::TooDeep,
    });
    let changed = outcome.changed.iter().map(|changed| {
        let row = world.row(changed.table, changed.row);
        ChangedRow {
            table: tables[changed.table].name.clone(),
            place: row.place.clone(),
            before: named(changed.table, &row.values),
            after: changed.values.as_ref().map(|values| named(changed.table, values)),
        }
    });
    let unknown = outcome.unknown.map(|unknown| match unknown {
        Unknown::Default { table, column } => {
            let (table, column) = place(table, column);
            format!("the default of `{table}.{column}` is an expression, which isn't evaluated")
        }
        Unknown::Spelling(key) => {
            let key = world.key(key);
            format!(
                "types or collations of `{}` and `{}` differ, or compare in a way of their own",
                key.key, key.parent
            )
        }
        Unknown::Partition(table) => {
            let table = &tables[table].name;
            format!("`{table}` may have no partition for what is written")
        }
        Unknown::Room(key) => {
            let key = world.key(key);
            format!("`{}` may be too narrow for what is written to `{}`", key.key, key.parent)
        }
    });
    let mut unknown: Vec<String> = unknown.into_iter().collect();
    unknown.extend(guarded(world, &outcome.changed));
    unknown.extend(world.keys().filter_map(in_parts));
    let counted = outcome.counted.iter().map(|counted| CountedRows {
        key: world.key(counted.key).key.clone(),
        are_deleted: counted.are_deleted,
        rows: counted.rows,
    });
    let fired = outcome.fired.iter().map(|&(key, deletes)| Fired { key: world.key(key).clone(), deletes });
    Foretold {
        refused,
        counted: counted.collect(),
        changed: changed.collect(),
        fired: fired.collect(),
        unknown,
        cut,
        chosen,
    }
}

/// What looks at columns that are written, and may refuse.
fn guarded(world: &World<'_>, changed: &[Changed]) -> Vec<String> {
    let mut written: HashMap<&TableName, HashSet<&str>> = HashMap::new();
    for changed in changed {
        let (shape, before) = (&world.tables()[changed.table], &world.row(changed.table, changed.row).values);
        for (at, _) in
            changed.values.iter().flatten().enumerate().filter(|(at, value)| **value != before[*at])
        {
            written.entry(&shape.name).or_default().insert(&shape.columns[at].name);
        }
    }
    let generated =
        world.tables().iter().filter(|shape| shape.has_generated && written.contains_key(&shape.name));
    let mut unknown: Vec<String> = generated
        .map(|shape| format!("`{}` has generated columns, which aren't computed", shape.name))
        .collect();
    for shape in world.tables() {
        let Some(written) = written.get(&shape.name) else { continue };
        let looking = shape.watchers.iter().filter(|watcher| watcher.looks_at(|name| written.contains(name)));
        unknown.extend(
            looking.map(|one| format!("`{}` looks at what is written to `{}`", one.name, shape.name)),
        );
    }
    for key in world.keys() {
        let Some(written) = written.get(&key.key.table) else { continue };
        for guard in &key.guards {
            let is_followed = match guard.kind {
                GuardKind::NotNull => true,
                // Not one for some rows alone, or on an expression.
                GuardKind::Unique => {
                    world.tables().iter().filter(|shape| shape.name == key.key.table).any(|shape| {
                        shape.indexes.iter().any(|index| guard.name.as_deref() == Some(&*index.name))
                    })
                }
                GuardKind::PartitionKey => world
                    .tables()
                    .iter()
                    .any(|shape| shape.name == key.key.table && shape.partitions.is_some()),
                _ => false,
            };
            if !is_followed && guard.columns.iter().any(|column| written.contains(column.as_str())) {
                let name = guard.name.as_deref().unwrap_or("a constraint");
                unknown.push(format!("`{name}` looks at what is written to `{}`", key.key.table));
            }
        }
    }
    unknown.sort_unstable();
    unknown.dedup();
    unknown
}

/// Keys of single partitions, or that aren't in force for some, which aren't followed by row.
fn in_parts(key: &ObservedKey) -> Option<String> {
    let table = &key.key.table;
    if key.whole.is_some() {
        return Some(format!("the partition `{table}` has a key of its own"));
    }
    (!key.action_disabled_in.is_empty()).then(|| format!("`{}` isn't in force for some partitions", key.key))
}
