//! `cargo fkcheck deletes`: every delete in the code, with what the database does about it.

use std::collections::{BTreeMap, HashSet};

use crate::consequence::Deletes;
use crate::model::{Action, By, Deed, KeyName, Observation, Rows, SourceMap, Span, TableName};
use crate::outcome::Outcome;
use crate::run::{self, CheckError, Request, Run, Status};
use crate::sites::{Site, Sites};

/// Keys that make a table one that everything hangs on.
const HANGS_ON: usize = 3;

/// What was found.
#[derive(Clone, Debug)]
pub struct InCode {
    /// One for each source.
    pub sides: Vec<Side>,
    /// The files that places point into.
    pub sources: SourceMap,
    /// What could not be known, as a check reports it.
    pub outcome: Outcome,
}

/// The deletes in the code beside one source.
#[derive(Clone, Debug)]
pub struct Side {
    /// The source, for people.
    pub source: String,
    /// How many keys it shows.
    pub keys: usize,
    /// By file and line.
    pub deletes: Vec<Delete>,
    /// Tables to which several keys refer and which no code deletes from, with how many keys.
    pub never: Vec<(TableName, usize)>,
}

/// A delete in the code.
#[derive(Clone, Debug)]
pub struct Delete {
    /// The function, as people call it.
    pub function: String,
    /// Where.
    pub span: Span,
    /// In a test.
    pub is_test: bool,
    /// What it is.
    pub what: What,
}

/// What a delete in the code is.
#[derive(Clone, Debug)]
pub enum What {
    /// Rows of a table go.
    Hard(Box<Hard>),
    /// A column marks rows as deleted; the database does nothing about it.
    Soft {
        /// The table.
        table: TableName,
        /// The column.
        column: String,
    },
    /// Of which table isn't to be told from the syntax.
    Unknown(By),
    /// Of a table that the source doesn't have.
    Elsewhere(TableName),
}

/// A delete of rows, with what it does.
#[derive(Clone, Debug)]
pub struct Hard {
    /// The table.
    pub table: TableName,
    /// Which rows.
    pub rows: Rows,
    /// How it is written.
    pub by: By,
    /// Tables that lose rows along with it, and how many cascades away.
    pub deletes: Vec<(TableName, usize)>,
    /// Keys whose columns become NULL or their default.
    pub nulls: Vec<KeyName>,
    /// Keys that can refuse it, and nobody has seen to their rows.
    pub refused: Vec<Refusing>,
    /// Keys that could refuse it, whose rows are deleted or written before; where.
    pub handled: Vec<(KeyName, Span)>,
    /// Deletes beside it that do nothing, for a cascade takes the rows: where, by which key, and whether they come after.
    pub dead: Vec<(Span, KeyName, bool)>,
}

/// A key that can refuse a delete.
#[derive(Clone, Debug)]
pub struct Refusing {
    /// Child table and columns.
    pub key: KeyName,
    /// The parent.
    pub parent: TableName,
    /// NO ACTION or RESTRICT.
    pub action: Action,
}

/// Reads the best source there is, or those that are asked for, and lists the deletes of the code beside it, of all tables or of
/// these.
///
/// # Errors
/// Where there is no workspace, no source of that name or no such table.
pub fn deletes(
    request: &Request,
    tables: &[String],
    status: &mut dyn FnMut(Status),
) -> Result<InCode, CheckError> {
    let mut run = Run::open(request.clone(), status)?;
    run.observe()?;
    let mut sides = Vec::new();
    let mut problems = Vec::new();
    for observed in &run.observed {
        let comparison = run.comparison(&run.facts, observed);
        problems.extend(run::not_seen_whole(&observed.observation));
        problems.extend(run::not_followed(&observed.observation));
        let of_tables =
            if tables.is_empty() { Vec::new() } else { run::named_tables(&observed.observation, tables)? };
        let known = Deletes::new(&observed.observation.keys, &observed.observation.engine);
        let in_code = Sites::new(&comparison, &known);
        let mut deletes: Vec<Delete> = in_code.all().iter().map(hard).collect();
        deletes.extend(others(&comparison));
        if !of_tables.is_empty() {
            deletes.retain(|delete| delete.table().is_some_and(|table| of_tables.contains(&table)));
        }
        deletes.sort_by_key(|delete| (delete.span.file, delete.span.start.byte));
        sides.push(Side {
            source: observed.observation.label.clone(),
            keys: observed.observation.keys.len(),
            never: if of_tables.is_empty() { never(&observed.observation, &deletes) } else { Vec::new() },
            deletes,
        });
    }
    without_those_of_others(&mut sides);
    run.problems.extend(problems);
    let sources = run.facts.sources.clone();
    Ok(InCode { sides, sources, outcome: run.unknown() })
}

/// A table that one source doesn't have may be another's.
fn without_those_of_others(sides: &mut [Side]) {
    let is_hard = |delete: &&Delete| matches!(delete.what, What::Hard(_));
    let all = sides.iter().flat_map(|side| &side.deletes).filter(is_hard);
    let known: HashSet<Span> = all.map(|delete| delete.span).collect();
    for side in sides {
        side.deletes
            .retain(|delete| !matches!(delete.what, What::Elsewhere(_)) || !known.contains(&delete.span));
    }
}

impl Delete {
    /// The table, where it is known.
    pub fn table(&self) -> Option<&TableName> {
        match &self.what {
            What::Hard(hard) => Some(&hard.table),
            What::Soft { table, .. } | What::Elsewhere(table) => Some(table),
            What::Unknown(_) => None,
        }
    }
}

fn hard(site: &Site<'_>) -> Delete {
    let refusing = |key: &&crate::model::ObservedKey| Refusing {
        key: key.key.clone(),
        parent: key.parent.clone(),
        action: key.on_delete.clone(),
    };
    let hard = Hard {
        table: site.table.clone(),
        rows: site.rows,
        by: site.by,
        deletes: site.reach.deleted.iter().skip(1).map(|lost| (lost.table.clone(), lost.step)).collect(),
        nulls: site.reach.cleared.iter().map(|effect| effect.key.key.clone()).collect(),
        refused: site.forgotten.iter().map(refusing).collect(),
        handled: site.handled.iter().map(|(key, span)| (key.key.clone(), *span)).collect(),
        dead: site.dead.iter().map(|dead| (dead.span, dead.key.key.clone(), dead.is_after)).collect(),
    };
    Delete {
        function: site.function.name.clone(),
        span: site.span,
        is_test: site.function.is_test,
        what: What::Hard(Box::new(hard)),
    }
}

/// Soft deletes, those of unknown tables, and those of tables that the source doesn't have.
fn others(comparison: &crate::compare::Comparison<'_>) -> Vec<Delete> {
    let mut found = Vec::new();
    for function in &comparison.facts.functions {
        for act in &function.acts {
            let what = match &act.what {
                Deed::Update { table, soft: Some(column), .. } => {
                    let observed = comparison.observed_table(table);
                    let table = observed.map_or(table, |observed| &observed.name).clone();
                    What::Soft { table, column: column.clone() }
                }
                Deed::DeleteOfUnknown { by } => What::Unknown(*by),
                Deed::Delete { table, .. } if comparison.observed_table(table).is_none() => {
                    What::Elsewhere(table.clone())
                }
                _ => continue,
            };
            found.push(Delete {
                function: function.name.clone(),
                span: act.span,
                is_test: function.is_test,
                what,
            });
        }
    }
    found
}

/// Tables that many keys refer to and nobody deletes from.
fn never(observation: &Observation, deletes: &[Delete]) -> Vec<(TableName, usize)> {
    let gone: HashSet<&TableName> = deletes
        .iter()
        .filter(|delete| !delete.is_test)
        .flat_map(|delete| match &delete.what {
            What::Hard(hard) => {
                let along = hard.deletes.iter().map(|(table, _)| table);
                along.chain([&hard.table]).collect::<Vec<_>>()
            }
            _ => Vec::new(),
        })
        .collect();
    let mut referred: BTreeMap<&TableName, usize> = BTreeMap::new();
    for key in observation.keys.iter().filter(|key| !gone.contains(&key.parent)) {
        *referred.entry(&key.parent).or_default() += 1;
    }
    let mut never: Vec<(TableName, usize)> = referred
        .into_iter()
        .filter(|(_, keys)| *keys >= HANGS_ON)
        .map(|(table, keys)| (table.clone(), keys))
        .collect();
    never.sort_by(|left, right| right.1.cmp(&left.1).then_with(|| left.0.cmp(&right.0)));
    never
}
