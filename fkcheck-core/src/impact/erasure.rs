//! `cargo fkcheck impact --erasure`: every table that holds something of a person, with what becomes of it.

use crate::compare::Comparison;
use crate::consequence::{Deletes, Surroundings, TooDeep, Unknown, What};
use crate::erasure::{By, Held, Inventory, Part, inventories, table_of};
pub use crate::erasure::{Fate, Why};
use crate::model::{
    APPLIED_TABLE, Action, Erasure, ObservedKey, Root, RuleId, SourceMap, Span, TableKind, TableName,
};
use crate::outcome::Outcome;
use crate::run::{self, CheckError, Request, Run, Status};

/// What was found out.
#[derive(Clone, Debug)]
pub struct Erasures {
    /// One for each root and each source that has it.
    pub erasures: Vec<ErasureOf>,
    /// What could not be known, and the findings: tables of which nobody knows.
    pub outcome: Outcome,
}

/// What the erasure of a row of one table comes to, by one source.
#[derive(Clone, Debug)]
pub struct ErasureOf {
    /// The table of persons.
    pub root: TableName,
    /// Whether the configuration names it; else nothing fails.
    pub is_configured: bool,
    /// The source, for people.
    pub source: String,
    /// How many keys it shows.
    pub keys: usize,
    /// Every table that holds something of the person: what needs an answer first, then by name.
    pub tables: Vec<HeldIn>,
    /// Tables of the source that `schema.rs` doesn't have, so that none of their columns was looked at.
    pub unseen: Vec<TableName>,
    /// Triggers, rules and inheriting tables by which more can happen, or less.
    pub unknown: Vec<Unknown>,
    /// Chains that the engine doesn't follow to their end.
    pub too_deep: Option<TooDeep>,
    /// Foreign keys are off unless the application turns them on (SQLite), and nothing in the workspace does.
    pub keys_are_off: bool,
}

/// A table that holds something of the person.
#[derive(Clone, Debug)]
pub struct HeldIn {
    /// The table.
    pub table: TableName,
    /// What becomes of it: that of its parts which leaves most behind.
    pub fate: Fate,
    /// At least one, in the same order.
    pub parts: Vec<HeldBy>,
}

/// One way in which its rows belong to the person.
#[derive(Clone, Debug)]
pub struct HeldBy {
    /// The columns; none: the rows are the person's own.
    pub columns: Vec<String>,
    /// The key on them; `None`: there is none.
    pub key: Option<HeldKey>,
    /// What a delete of the person's row does.
    pub fate: Fate,
    /// The tables from the root to the one that the columns refer to.
    pub way: Vec<TableName>,
    /// Why, where that is said.
    pub reason: Option<String>,
    /// Where it is said, or else where the column stands: `src/models.rs:12`.
    pub place: Option<String>,
    /// Whether anybody says anything of it.
    pub is_said: bool,
}

/// A key by which rows belong to the person.
#[derive(Clone, Debug)]
pub struct HeldKey {
    /// The parent.
    pub parent: TableName,
    /// ON DELETE.
    pub action: Action,
    /// The constraint.
    pub constraint: Option<String>,
}

/// Reads the best source there is, or those that are asked for, and lists what becomes of persons' rows: of these tables, or of the
/// configured ones.
///
/// # Errors
/// Where there is no workspace, no source of that name, no such table, or neither a table nor a configured one.
pub fn erasure(
    request: &Request,
    tables: &[String],
    status: &mut dyn FnMut(Status),
) -> Result<Erasures, CheckError> {
    let mut run = Run::open(request.clone(), status)?;
    run.problems.clear();
    run.observe()?;
    ask(&mut run, tables)?;
    run.note_erasure();
    let mut erasures = Vec::new();
    for observed in &run.observed {
        let comparison = run.comparison(&run.facts, observed);
        let of_source = inventories(&comparison);
        erasures
            .extend(of_source.iter().map(|inventory| of_root(inventory, &comparison, &run.facts.sources)));
    }
    let mut sources = std::mem::take(&mut run.facts.sources);
    let findings = run.breaches(&run.facts);
    let mut findings = run.sift(findings, &mut sources)?.new;
    run.facts.sources = sources;
    findings.retain(|finding| finding.rule == RuleId::fk_erasure_unknown && run.shown[finding.package]);
    Ok(Erasures { erasures, outcome: Outcome { findings, ..run.unknown() } })
}

/// Makes the tables that are asked for the roots.
fn ask(run: &mut Run<'_>, tables: &[String]) -> Result<(), CheckError> {
    let Erasure { roots, .. } = &run.facts.erasure;
    if tables.is_empty() && roots.is_empty() {
        return Err(CheckError::Usage {
            message: "whose erasure? no table is named, and the configuration names none".to_owned(),
            help: Some(
                "name it (`cargo fkcheck impact users --erasure`), or write `roots = [\"users\"]` into \
                 `[workspace.metadata.fkcheck.erasure]`"
                    .to_owned(),
            ),
        });
    }
    if tables.is_empty() || run.observed.is_empty() {
        return Ok(());
    }
    let mut asked = Vec::new();
    for name in tables {
        let known = run.observed.iter().find_map(|observed| {
            let comparison = run.comparison(&run.facts, observed);
            let table = table_of(&comparison, name)?;
            let same = |root: &&Root| table_of(&comparison, &root.table) == Some(table);
            Some(roots.iter().find(same).and_then(|root| root.place.clone()))
        });
        match known {
            Some(place) => asked.push(Root { table: name.clone(), place }),
            // Says which are like it.
            None => drop(run::named_tables(&run.observed[0].observation, std::slice::from_ref(name))?),
        }
    }
    run.facts.erasure.roots = asked;
    Ok(())
}

fn of_root(inventory: &Inventory<'_>, comparison: &Comparison<'_>, sources: &SourceMap) -> ErasureOf {
    let observation = comparison.observation;
    let mut reach = Deletes::new(&observation.keys, &observation.engine).reach(inventory.root);
    let mut unknown = Surroundings::new(&observation.tables, &observation.engine).meet(&mut reach);
    unknown.extend(observation.hooks_unseen.as_ref().map(|why| Unknown {
        table: inventory.root.clone(),
        step: 0,
        what: What::Unseen(why.clone()),
    }));
    ErasureOf {
        root: inventory.root.clone(),
        is_configured: inventory.is_configured,
        source: observation.label.clone(),
        keys: observation.keys.len(),
        tables: inventory.tables.iter().map(|held| held_in(held, sources)).collect(),
        unseen: unseen(comparison),
        unknown,
        too_deep: reach.too_deep,
        keys_are_off: observation.engine.keys_off_by_default && !comparison.facts.app_turns_keys_on,
    }
}

fn held_in(held: &Held<'_>, sources: &SourceMap) -> HeldIn {
    let parts = held.parts.iter().map(|part| held_by(part, sources)).collect();
    HeldIn { table: held.table.clone(), fate: held.fate(), parts }
}

fn held_by(part: &Part<'_>, sources: &SourceMap) -> HeldBy {
    let of_key = |key: &ObservedKey| HeldKey {
        parent: key.parent.clone(),
        action: key.on_delete.clone(),
        constraint: key.name.clone(),
    };
    let (columns, key, column) = match part.by {
        By::Row => (Vec::new(), None, None),
        By::Key(key) => (key.key.columns.clone(), Some(of_key(key)), None),
        By::Copy(column) => (vec![column.name.clone()], None, Some(column.span)),
    };
    let declared = part.declared.map(|declared| declared.first().span);
    let line = |span: Span| format!("{}:{}", sources.file(span.file).display, span.start.line);
    let configured = part.said.and_then(|said| said.configured).map(str::to_owned);
    HeldBy {
        columns,
        key,
        fate: part.fate,
        way: part.way.iter().map(|&table| table.clone()).collect(),
        reason: part.said.map(|said| said.reason.to_owned()),
        is_said: declared.is_some() || configured.is_some(),
        place: configured.or_else(|| declared.or(column).map(line)),
    }
}

/// Tables whose columns nobody knows here. Diesel's own holds no person.
fn unseen(comparison: &Comparison<'_>) -> Vec<TableName> {
    let holds = |kind: TableKind| !matches!(kind, TableKind::View | TableKind::Partition);
    let tables = comparison.observation.tables.iter();
    let unseen = tables.filter(|table| holds(table.kind) && comparison.table_of(&table.name).is_none());
    let mut names: Vec<TableName> = unseen.map(|table| table.name.clone()).collect();
    names.retain(|name| name.name != APPLIED_TABLE);
    names.sort();
    names
}
