//! Real schemas, filled with rows: what fkcheck foretells of deletes from each parent table, and what the database then does.

mod catalogue;
pub mod erasure;
mod fill;
mod values;

use std::collections::{BTreeSet, HashMap};
use std::fmt;
use std::path::Path;

use fkcheck_core::impact::rows::{Doing, What, foretell};
use fkcheck_core::model::{Engine, Observation, ObservedKey};
use fkcheck_core::sources::{DatabaseUrl, Limits, read_database};

use crate::oracle::compare::{self, Row, Rows, compare, quoted_table, same_both_ways};
use crate::oracle::place::Place;
use crate::{Server, truth};
use catalogue::{Table, drop_triggers};
use fill::{Filler, chooses};

/// What a table has at least, where constraints allow.
const ENOUGH: usize = 20;

/// What became of the deletes.
#[derive(Debug, Default)]
pub struct Report {
    /// Tables of the schema.
    pub tables: usize,
    /// Keys between them.
    pub keys: usize,
    /// Rows in all tables.
    pub rows: usize,
    /// Tables that something refers to.
    pub parents: usize,
    /// Deletes that were foretold and run.
    pub deletes: usize,
    /// Those that the database refused.
    pub refused: usize,
    /// Those that came as foretold.
    pub agreed: usize,
    /// Each that didn't.
    pub wrong: Vec<String>,
    /// Each of which fkcheck says beforehand that it can't know.
    pub unknown: Vec<String>,
    /// What was left out, and why.
    pub notes: Vec<String>,
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Report { tables, keys, rows, parents, deletes, refused, agreed, wrong, unknown, notes } = self;
        for line in notes {
            writeln!(f, "note: {line}")?;
        }
        for line in unknown {
            writeln!(f, "unknown: {line}")?;
        }
        for line in wrong {
            writeln!(f, "wrong: {line}")?;
        }
        writeln!(f, "tables  keys  rows  parents  deletes  refused  agreed  wrong  unknown")?;
        let (wrong, unknown) = (wrong.len(), unknown.len());
        write!(
            f,
            "{tables:6} {keys:5} {rows:5} {parents:8} {deletes:8} {refused:8} {agreed:7} {wrong:6} {unknown:8}"
        )
    }
}

/// Runs the migrations in a fresh database, fills it, and compares.
pub fn run(engine: Engine, server: Option<&Server>, migrations: &Path, seed: u64) -> Report {
    let mut report = Report::default();
    let Filled { mut place, url, observation, tables } =
        filled(engine, server, migrations, seed, &mut report);
    let compared: Vec<compare::Table> = tables.iter().map(|table| table.compared(engine)).collect();
    let before = place.rows(&compared);
    report.tables = tables.len();
    report.keys = observation.keys.len();
    report.rows = before.iter().map(Vec::len).sum();
    for (at, table) in tables.iter().enumerate() {
        let refers = |key: &&ObservedKey| key.parent == table.name;
        let keys: Vec<&ObservedKey> = observation.keys.iter().filter(refers).collect();
        if keys.is_empty() {
            continue;
        }
        report.parents += 1;
        let conditions = conditions(engine, &tables, at, &keys, &before);
        deletes(&mut place, &url, &observation, table, &conditions, (&compared, &before), &mut report);
    }
    report
}

/// A database with the migrations' tables and rows in all of them.
struct Filled {
    place: Place,
    url: DatabaseUrl,
    observation: Observation,
    tables: Vec<Table>,
}

fn filled(
    engine: Engine,
    server: Option<&Server>,
    migrations: &Path,
    seed: u64,
    report: &mut Report,
) -> Filled {
    let mut place = Place::new(engine, server);
    report.notes.extend(truth::run(engine, migrations, &place.url()));
    let triggers = drop_triggers(engine, &mut place);
    if triggers > 0 {
        report.notes.push(format!("{triggers} triggers dropped: what they do can't be known"));
    }
    let url = DatabaseUrl::parse(&place.url()).expect("a URL");
    let observation = read_database(&url, &Limits::default(), None).expect("it is read").with_plain_names();
    let tables = catalogue::tables(engine, &mut place);
    fill(engine, &mut place, &tables, &observation, seed, report);
    Filled { place, url, observation, tables }
}

fn fill(
    engine: Engine,
    place: &mut Place,
    tables: &[Table],
    observation: &Observation,
    seed: u64,
    report: &mut Report,
) {
    let filler = Filler::new(engine, place, tables, &observation.keys, seed).fill();
    let Filler { in_circles, refusals, .. } = filler;
    if !in_circles.is_empty() {
        report.notes.push(format!("filled with keys off, for the circle: {}", in_circles.join(", ")));
    }
    for (at, table) in tables.iter().enumerate() {
        let rows = place.query(&table.compared(engine).select).len();
        if rows < ENOUGH {
            let why = refusals.get(&at).map_or("", String::as_str);
            report.notes.push(format!("{} has {rows} rows: {why}", table.name));
        }
    }
}

/// The first row, the one that most refer to, some others, ten at once, all.
fn conditions(
    engine: Engine,
    tables: &[Table],
    at: usize,
    keys: &[&ObservedKey],
    before: &Rows,
) -> Vec<String> {
    let (table, rows) = (&tables[at], &before[at]);
    let mut referred: Vec<(usize, &Row)> =
        rows.iter().map(|row| (referring(tables, table, row, keys, before), row)).collect();
    referred.sort_by_key(|(count, _)| std::cmp::Reverse(*count));
    let most = referred.iter().map(|(_, row)| *row).take(3);
    let least = referred.iter().rev().map(|(_, row)| *row).take(3);
    let single: Vec<&Row> = rows.iter().take(3).chain(most).chain(least).collect();
    let mut conditions: BTreeSet<String> =
        single.iter().filter_map(|row| chooses(engine, table, row)).collect();
    let several = rows.iter().take(10).filter_map(|row| chooses(engine, table, row));
    let several: Vec<String> = several.map(|condition| format!("({condition})")).collect();
    if !several.is_empty() {
        conditions.insert(several.join(" OR "));
    }
    conditions.insert("1 = 1".to_owned());
    conditions.into_iter().collect()
}

/// How many rows refer to this one.
fn referring(tables: &[Table], parent: &Table, row: &Row, keys: &[&ObservedKey], before: &Rows) -> usize {
    let by_name: HashMap<_, _> = tables.iter().enumerate().map(|(at, table)| (&table.name, at)).collect();
    let count = |key: &&ObservedKey| {
        let Some(&at) = by_name.get(&key.key.table) else { return 0 };
        let pairs = key.key.columns.iter().zip(&key.parent_columns);
        let pairs: Vec<(usize, usize)> =
            pairs.map(|(column, of)| (tables[at].place(column), parent.place(of))).collect();
        let refers = |child: &&Row| pairs.iter().all(|&(at, of)| child[at].is_some() && child[at] == row[of]);
        before[at].iter().filter(refers).count()
    };
    keys.iter().map(count).sum()
}

fn deletes(
    place: &mut Place,
    url: &DatabaseUrl,
    observation: &Observation,
    table: &Table,
    conditions: &[String],
    (compared, before): (&[compare::Table], &Rows),
    report: &mut Report,
) {
    // Each both ways, as in the oracle.
    let both = |condition: &String| {
        [false, true].map(|each_row| Doing {
            table: table.name.clone(),
            condition: condition.clone(),
            what: What::Delete,
            each_row,
        })
    };
    let doings: Vec<Doing> = conditions.iter().flat_map(both).collect();
    report.deletes += conditions.len();
    let foretold = match foretell(url, &Limits::default(), observation, &doings) {
        Ok(foretold) => foretold,
        Err(error) => {
            report
                .wrong
                .extend(conditions.iter().map(|_| format!("{}: it can't be foretold: {error}", table.name)));
            return;
        }
    };
    for (condition, both) in conditions.iter().zip(foretold.chunks_exact(2)) {
        let (foretold, read) = (&both[0], &both[1]);
        let name = quoted_table(observation.engine.kind, &table.name);
        let sql = format!("DELETE FROM {name} WHERE {condition}");
        if !foretold.unknown.is_empty() {
            report.unknown.push(format!("{sql}: {}", foretold.unknown.join("; ")));
            continue;
        }
        let outcome = place.run(compared, &sql);
        report.refused += usize::from(outcome.is_err());
        let same = same_both_ways(foretold, read)
            .and_then(|()| compare(compared, before, outcome.clone(), foretold))
            .and_then(|()| compare(compared, before, outcome, read));
        match same {
            Ok(()) => report.agreed += 1,
            Err(why) => report.wrong.push(format!("{sql}: {why}")),
        }
    }
}
