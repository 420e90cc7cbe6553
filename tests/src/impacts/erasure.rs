//! The inventory of an erasure, beside what the database does to each table when a person's row is deleted.
//!
//! One key that refuses hides what the others do. So each table is looked at with those alone that are above it, the others emptied.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fmt;
use std::path::Path;

use fkcheck_core::model::{Engine, ObservedKey, TableName};
use serde_json::Value;

use super::catalogue::Table;
use super::fill::chooses;
use super::{Filled, filled};
use crate::oracle::compare::{self, Row, Rows, quoted_table};
use crate::oracle::place::Place;
use crate::{Server, fkcheck};

/// What deletes of a person's row do to a table, by the words of the inventory.
type Fates = BTreeSet<&'static str>;

/// The inventory of one root beside real deletes.
#[derive(Debug, Default)]
pub struct Report {
    /// The persons whose rows were deleted.
    pub persons: usize,
    /// `table: erased`, for each line that came as it was said.
    pub right: Vec<String>,
    /// Each that didn't.
    pub wrong: Vec<String>,
    /// What is said and no row has shown.
    pub unseen: Vec<String>,
    /// Columns without a key that were asked about.
    pub asked: Vec<String>,
    /// What was left out, and why.
    pub notes: Vec<String>,
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let lists = [
            ("note", &self.notes),
            ("right", &self.right),
            ("asked", &self.asked),
            ("not seen", &self.unseen),
            ("wrong", &self.wrong),
        ];
        for (name, lines) in lists {
            lines.iter().try_for_each(|line| writeln!(f, "{name}: {line}"))?;
        }
        let Report { persons, right, wrong, unseen, .. } = self;
        let (right, wrong, unseen) = (right.len(), wrong.len(), unseen.len());
        write!(f, "{persons} persons deleted: {right} tables right, {wrong} wrong; {unseen} not seen")
    }
}

/// Runs the migrations in a fresh database, fills it, and compares the inventory that the workspace gives with deletes.
pub fn run(
    engine: Engine,
    server: Option<&Server>,
    migrations: &Path,
    (workspace, root): (&Path, &str),
    seed: u64,
) -> Report {
    let mut of_fill = super::Report::default();
    let filled = filled(engine, server, migrations, seed, &mut of_fill);
    let mut report = Report { notes: of_fill.notes, ..Report::default() };
    let said = said(workspace, root, &filled, &mut report);
    let mut real = Real::new(engine, filled, root);
    report.persons = real.persons.len();
    for at in 0..real.tables.len() {
        let table = real.tables[at].name.clone();
        let (said, done) = (said.get(&table.to_string()).cloned().unwrap_or_default(), real.fates(at));
        let words = |fates: &Fates| fates.iter().copied().collect::<Vec<_>>().join(" ");
        if !done.is_subset(&said) {
            report.wrong.push(format!("{table}: said `{}`, done `{}`", words(&said), words(&done)));
            continue;
        }
        if !said.is_empty() {
            report.right.push(format!("{table}: {}", words(&said)));
        }
        let unseen = said.iter().filter(|word| DONE.contains(word) && !done.contains(*word));
        report.unseen.extend(unseen.map(|word| format!("{table}: {word}")));
    }
    report
}

/// What the database can show; the rest stays as it is.
const DONE: [&str; 3] = ["erased", "anonymised", "refuses"];

/// What the command says of each table.
fn said(workspace: &Path, root: &str, filled: &Filled, report: &mut Report) -> HashMap<String, Fates> {
    let manifest = workspace.join("Cargo.toml").display().to_string();
    let url = filled.place.url();
    let arguments = [
        "impact",
        root,
        "--erasure",
        "--message-format",
        "json",
        "--manifest-path",
        &manifest,
        "--database-url",
        &url,
    ];
    let run = fkcheck(&std::env::temp_dir(), &arguments, &[]);
    let first = run.stdout.lines().next().and_then(|line| serde_json::from_str(line).ok());
    let line: Value = first.unwrap_or_else(|| panic!("{run:?}"));
    let mut said: HashMap<String, Fates> = HashMap::new();
    for held in line["tables"].as_array().expect("tables") {
        let table = held["table"].as_str().expect("a name");
        for part in held["parts"].as_array().expect("parts") {
            let word = match (part["rows"].as_str(), part["why"].as_str()) {
                (Some("erased"), _) => "erased",
                (Some("anonymised"), _) => "anonymised",
                (_, Some("refuses")) => "refuses",
                (Some("kept"), _) => "kept",
                (_, Some("copied")) => {
                    report.asked.push(format!("{table}.{}", part["columns"][0].as_str().expect("a column")));
                    "copied"
                }
                _ => "stays",
            };
            said.entry(table.to_owned()).or_default().insert(word);
        }
    }
    said
}

struct Real {
    engine: Engine,
    place: Place,
    tables: Vec<Table>,
    keys: Vec<ObservedKey>,
    compared: Vec<compare::Table>,
    before: Rows,
    root: usize,
    /// A condition for each person.
    persons: Vec<String>,
}

impl Real {
    fn new(engine: Engine, filled: Filled, root: &str) -> Self {
        let Filled { mut place, observation, tables, .. } = filled;
        let compared: Vec<compare::Table> = tables.iter().map(|table| table.compared(engine)).collect();
        let before = place.rows(&compared);
        let root = tables.iter().position(|table| table.name.to_string() == root).expect("the root");
        let persons = before[root].iter().filter_map(|row| chooses(engine, &tables[root], row)).collect();
        Real { engine, place, keys: observation.keys, tables, compared, before, root, persons }
    }

    /// What deletes of persons, one by one, do to a table.
    fn fates(&mut self, table: usize) -> Fates {
        let above = self.above(table);
        let mut fates = Fates::new();
        if table == self.root {
            fates.insert("erased");
        }
        for person in self.persons.clone() {
            let empty: Vec<usize> = (0..self.tables.len()).filter(|at| !above.contains(at)).collect();
            match self.delete(&person, &empty) {
                Ok(after) => fates.extend(self.difference(table, &person, &after[table])),
                // What refuses without the table isn't the table.
                Err(_) if table == self.root => {}
                Err(_) => {
                    let without: Vec<usize> = empty.into_iter().chain([table]).collect();
                    if self.delete(&person, &without).is_ok() {
                        fates.insert("refuses");
                    }
                }
            }
        }
        fates
    }

    /// The table, the root, and all that the table refers to, and that to.
    fn above(&self, table: usize) -> BTreeSet<usize> {
        let at: BTreeMap<&TableName, usize> =
            self.tables.iter().enumerate().map(|(at, table)| (&table.name, at)).collect();
        let mut above = BTreeSet::from([table, self.root]);
        let mut open = vec![table];
        while let Some(child) = open.pop() {
            for key in self.keys.iter().filter(|key| at.get(&key.key.table) == Some(&child)) {
                if let Some(&parent) = at.get(&key.parent)
                    && above.insert(parent)
                {
                    open.push(parent);
                }
            }
        }
        above
    }

    fn delete(&mut self, person: &str, empty: &[usize]) -> Result<Rows, String> {
        let (off, on) = match self.engine {
            Engine::Postgres => (
                "SET LOCAL session_replication_role = replica",
                "SET LOCAL session_replication_role = origin",
            ),
            Engine::Sqlite => ("PRAGMA foreign_keys = OFF", "PRAGMA foreign_keys = ON"),
            _ => ("SET foreign_key_checks = 0", "SET foreign_key_checks = 1"),
        };
        let name = |at: usize| quoted_table(self.engine, &self.tables[at].name);
        let emptied = empty.iter().map(|&at| format!("DELETE FROM {}", name(at)));
        let delete = format!("DELETE FROM {} WHERE {person}", name(self.root));
        let all: Vec<String> =
            [off.to_owned()].into_iter().chain(emptied).chain([on.to_owned(), delete]).collect();
        self.place.run(&self.compared, &all.join("; ")).map_err(|why| why.to_string())
    }

    /// Rows of the table that are gone, and rows that aren't as they were; the person's own is told already.
    fn difference(&self, table: usize, person: &str, after: &[Row]) -> Fates {
        let own = |row: &Row| {
            table == self.root && chooses(self.engine, &self.tables[table], row).as_deref() == Some(person)
        };
        let mut left = after.to_vec();
        let missing = self.before[table].iter().filter(|row| !own(row));
        let missing = missing.filter(|row| match left.iter().position(|known| known == *row) {
            Some(at) => {
                left.swap_remove(at);
                false
            }
            None => true,
        });
        // Of those that aren't as they were, as many are there with other values.
        let (missing, changed) = (missing.count(), left.len());
        let erased = (missing > changed).then_some("erased");
        erased.into_iter().chain((changed > 0).then_some("anonymised")).collect()
    }
}
