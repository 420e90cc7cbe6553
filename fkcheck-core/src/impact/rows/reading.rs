//! Rows are read until nothing is open.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use super::concerned::{Concerned, narrowed};
use super::told::told;
use super::{Around, Doing, Foretold, What, unknown};
use crate::access::{Phase, SourceError};
use crate::consequence::Touched;
use crate::consequence::rows::{Ask, Count, Counted, Prediction, ReachedBy, Statement, World, predict};
use crate::engines::rows::{Rows, Which};
use crate::model::{
    ColumnShape, IdentifierCase, Literal, Lookup, Observation, RowRead, TableName, TableShape, Value, made_up,
};
use crate::run;

/// How many rows are kept to be followed one by one: some 300 MB.
const MOST_ROWS: usize = 250_000;

/// How many values one query looks for that counts rows of several keys, for a row of two values must not be counted twice.
const AT_ONCE_COUNTED: usize = 100_000;

/// How many values one query looks for.
const AT_ONCE: usize = 1000;

/// What tables are made of, each read once.
pub(super) type Shapes = HashMap<TableName, TableShape>;

pub(super) async fn read(
    rows: &mut dyn Rows,
    known: &mut Shapes,
    around: &Around<'_>,
    doing: &Doing,
    is_over: &dyn Fn() -> bool,
) -> Result<Foretold, SourceError> {
    let observation = around.observation;
    let engine = &observation.engine;
    let Concerned { tables, reached, keys } =
        Concerned::by(&doing.table, observation.keys_and_outside(), engine.table_case);
    let new: Vec<TableName> = tables.iter().filter(|table| !known.contains_key(table)).cloned().collect();
    for shape in rows.shapes(&new).await? {
        known.insert(shape.name.clone(), shape);
    }
    let shapes = tables.iter().filter_map(|table| known.get(table).cloned()).collect();
    let shapes = narrowed(shapes, &keys, doing, engine);
    let mut world = World::new(shapes, (reached, doing.is_update()), keys, engine)
        .map_err(|unfit| unreadable(observation, format!("`{}` refers to what isn't there", unfit.key)))?;
    if doing.each_row {
        (0..world.tables().len()).for_each(|table| world.follow(table));
    }
    try_condition(rows, &world.tables()[0], known, doing).await?;
    let which = Which::Where(doing.condition.clone());
    let chosen = rows.read(&world.tables()[0], &which, MOST_ROWS + 1).await?;
    let count = chosen.len();
    let mut places = world.add(0, chosen);
    places.sort_by(|left, right| world.row(0, *left).place.cmp(&world.row(0, *right).place));
    let statement = statement(&world.tables()[0], places, &doing.what, engine.column_case);
    loop {
        let Prediction { mut outcome, asks, counts, mut follow, is_cut } =
            predict(&world, engine, &statement, is_over);
        follow.extend(counts.iter().filter(|count| !is_countable(count)).map(|count| count.table));
        if !is_cut && !follow.is_empty() {
            for table in follow {
                world.follow(table);
            }
            continue;
        }
        let cut = if is_cut {
            Some("there was no more time to follow the rows".to_owned())
        } else if world.len() > MOST_ROWS {
            Some(format!("more than {MOST_ROWS} rows have to be followed one by one"))
        } else if asks.is_empty() {
            // Where it is refused nothing is deleted, but a trigger may have seen to it that it isn't refused.
            let is_refused = outcome.refused.is_some();
            let counts: Vec<Count> = counts
                .into_iter()
                .filter(|count| !is_refused || is_seen_to(count, &world, around, doing))
                .collect();
            let cut = count_all(rows, &world, &counts, &mut outcome.counted, observation).await.err();
            let mut foretold = told(&world, outcome, count, cut.map(|error| error.to_string()));
            foretold.unknown.extend(unknown::of_all(&foretold, &world, doing, observation));
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

/// Asks the server for no row, so that a condition that can't be right is told in its words.
async fn try_condition(
    rows: &mut dyn Rows,
    shape: &TableShape,
    known: &Shapes,
    doing: &Doing,
) -> Result<(), SourceError> {
    rows.try_condition(shape, &doing.condition).await.map_err(|error| match error {
        SourceError::Condition { place, condition, reason, help } => {
            let columns = known.get(&doing.table).map(columns_of).unwrap_or_default();
            SourceError::Condition { place, condition, reason, help: format!("{help}{columns}") }
        }
        other => other,
    })
}

/// What a condition may name.
fn columns_of(shape: &TableShape) -> String {
    let names: Vec<&str> = shape.columns.iter().map(|column| column.name.as_str()).collect();
    format!("\n`{}` has the columns {}", shape.name, run::listed(&names))
}

/// Whether something beside keys would act on rows that are to be counted.
fn is_seen_to(count: &Count, world: &World<'_>, around: &Around<'_>, doing: &Doing) -> bool {
    let shape = &world.tables()[count.table];
    let touched: Vec<Touched<'_>> = count
        .reached
        .iter()
        .map(|by| Touched {
            table: &shape.name,
            is_deleted: by.clears.is_none(),
            written: by.clears.iter().flatten().map(|&at| shape.columns[at].name.as_str()).collect(),
            has_rows: true,
        })
        .collect();
    !around.surroundings.of_rows(&doing.table, &touched, doing.is_update()).is_empty()
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
        can_be_compared(&world.tables()[table], &columns, observation)?;
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

/// Whether queries can count them that hold all values.
fn is_countable(count: &Count) -> bool {
    let values: usize = count.reached.iter().map(|reached| reached.values.len()).sum();
    let is_composite = count.reached.iter().any(|reached| reached.columns.len() > 1);
    count.reached.len() == 1 || values <= if is_composite { AT_ONCE } else { AT_ONCE_COUNTED }
}

/// Counts the rows that aren't seen one by one, each at the first key that reaches it.
async fn count_all(
    rows: &mut dyn Rows,
    world: &World<'_>,
    counts: &[Count],
    counted: &mut Vec<Counted>,
    observation: &Observation,
) -> Result<(), SourceError> {
    for Count { table, reached } in counts {
        let shape = &world.tables()[*table];
        for by in reached {
            can_be_compared(shape, &by.columns, observation)?;
        }
        let each: Vec<Which> = reached.iter().map(|by| holding(by, &by.values)).collect();
        let mut add = |written: Option<&Vec<usize>>, rows: u64| {
            let written = written.cloned().map(|mut columns| {
                columns.sort_unstable();
                columns
            });
            let are_nulled = written.is_some();
            counted.extend((rows > 0).then_some(Counted { table: *table, written, are_nulled, rows }));
        };
        match (&reached[..], &each[..]) {
            ([one], _) => {
                for values in one.values.chunks(AT_ONCE) {
                    add(one.clears.as_ref(), rows.count(shape, &holding(one, values), &[]).await?);
                }
            }
            (
                [ReachedBy { clears: Some(of_one), .. }, ReachedBy { clears: Some(of_other), .. }],
                [one, other],
            ) => {
                let all_of_one = rows.count(shape, one, &[]).await?;
                let one_alone = rows.count(shape, one, std::slice::from_ref(other)).await?;
                add(Some(of_one), one_alone);
                add(Some(of_other), rows.count(shape, other, std::slice::from_ref(one)).await?);
                add(Some(&[&of_one[..], of_other].concat()), all_of_one.saturating_sub(one_alone));
            }
            _ => {
                for (at, by) in reached.iter().enumerate() {
                    add(by.clears.as_ref(), rows.count(shape, &each[at], &each[..at]).await?);
                }
            }
        }
    }
    Ok(())
}

fn holding(by: &ReachedBy, values: &[Vec<Arc<str>>]) -> Which {
    Which::Holding { columns: by.columns.clone(), values: values.to_vec() }
}

fn can_be_compared(
    shape: &TableShape,
    columns: &[usize],
    observation: &Observation,
) -> Result<(), SourceError> {
    let is_own = |column: &&usize| shape.columns[**column].literal == Literal::None;
    match columns.iter().find(is_own) {
        None => Ok(()),
        Some(&column) => {
            let (table, column) = (&shape.name, &shape.columns[column].name);
            let why = format!("the type of `{table}.{column}` compares in a way of its own");
            Err(unreadable(observation, why))
        }
    }
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
