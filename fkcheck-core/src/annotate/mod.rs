//! `cargo fkcheck annotate`: writes the annotations of a code base that has none, from what a source shows.
//!
//! Every edit is an insertion; the edited sources are read again before anything is written.

mod attribute;
mod carrier;
mod draft;
mod edits;
mod import;
mod manifest;
mod names;
mod site;
mod tables_file;

use std::collections::HashMap;
use std::path::PathBuf;

use crate::collect::Facts;
use crate::compare::Comparison;
use crate::edit::{self, Edited};
pub use crate::edit::{FileEdit, Unsaved};
use crate::finding::{Finding, Severity};
use crate::model::{KeyId, SourceKind, SourceMap, Visibility};
use crate::outcome::{Outcome, Problem};
use crate::run::{self, CheckError, ReadSource, Request, Run, Status};
use crate::store;
use draft::{Draft, Drafted};

/// What to write and what to leave alone.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Leave the manifests alone.
    pub no_manifest: bool,
    /// The file for the keys of tables without a model; else one beside `schema.rs`.
    pub tables_file: Option<PathBuf>,
    /// Where `fkcheck-macros` lies, for a dependency by path.
    pub dependency_path: Option<PathBuf>,
}

/// What `annotate` would write.
#[derive(Clone, Debug, Default)]
pub struct Plan {
    /// The workspace's root.
    pub root: PathBuf,
    /// A file that the user has named, to be written wherever it lies.
    pub named: Option<PathBuf>,
    /// The files that change, by path.
    pub edits: Vec<FileEdit>,
    /// Keys that the edits declare.
    pub keys: usize,
    /// Columns that the edits call purposely without a key.
    pub nones: usize,
    /// Keys that were declared before.
    pub declared: usize,
    /// What a person has to answer: the place in the edited sources and the question.
    pub questions: Vec<Question>,
    /// Keys that are left out, and why.
    pub left_out: Vec<String>,
    /// What is to be done by hand.
    pub by_hand: Vec<String>,
    /// How many findings at `deny` a check of the edited sources has.
    pub denied: usize,
    /// What could not be known, as a check reports it. Not empty: nothing is to be written.
    pub outcome: Outcome,
}

/// Something that the sources don't tell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Question {
    /// `src/models.rs:12:5`
    pub place: String,
    /// One sentence.
    pub text: String,
}

/// Plans the annotations. Writes nothing.
///
/// # Errors
/// As a check; and where the edited sources would not read as they should.
pub fn plan(
    request: &Request,
    options: &Options,
    status: &mut dyn FnMut(Status),
) -> Result<Plan, CheckError> {
    let mut run = Run::open(request.clone(), status)?;
    let options = Options { tables_file: tables_file::named(options, &run.workspace)?, ..options.clone() };
    let options = &options;
    run.observe()?;
    run.problems.extend(run.observed.iter().filter_map(not_to_be_taken));
    if !run.problems.is_empty() {
        return Ok(Plan { root: run.workspace.root.clone(), outcome: run.unknown(), ..Plan::default() });
    }
    read_made(&mut run)?;
    let comparisons = compare(&run, &run.observed);
    for Comparison { observation, .. } in &comparisons {
        run.say("Reading", format!("{} keys of {}", observation.keys.len(), observation.label));
    }
    let (drafted, Edited { mut facts, breaches }) = drafted(&run, options, &comparisons)?;
    let denied = denied(&run, breaches, &mut facts.sources)?;
    let place = |id| place(id, &facts);
    let questions = drafted.questions.iter();
    Ok(Plan {
        questions: questions
            .map(|(id, text)| Question { place: place(id).unwrap_or_default(), text: text.clone() })
            .collect(),
        denied,
        edits: drafted.edits.into_files(),
        keys: drafted.keys,
        nones: drafted.nones,
        declared: run.facts.keys.len(),
        left_out: drafted.left_out,
        by_hand: drafted.by_hand,
        root: run.workspace.root.clone(),
        named: options.tables_file.clone(),
        outcome: Outcome::default(),
    })
}

/// The edits, and the edited sources as they read. A key that these would not say as the source shows it is asked about, and
/// the others are annotated all the same.
fn drafted(
    run: &Run<'_>,
    options: &Options,
    comparisons: &[Comparison<'_>],
) -> Result<(Drafted, Edited), CheckError> {
    let made = compare(run, run.made());
    let mut refused = HashMap::new();
    loop {
        let mut draft = Draft::new(&run.facts, &run.workspace, options, &run.shown, &refused);
        for (comparison, observed) in comparisons.iter().zip(&run.observed) {
            draft.add_keys(comparison, observed.database.as_ref());
        }
        draft.add_nones(comparisons, &made);
        let drafted = draft.finish();
        match edit::read_again(run, &drafted.edits.texts(), &drafted.declared) {
            Ok(edited) => return Ok((drafted, edited)),
            Err(misread) if misread.keys.is_empty() => return Err(misread.into()),
            Err(misread) => refused.extend(misread.keys),
        }
    }
}

/// Where a key is annotated; where it isn't, its column in the schema.
fn place(id: &KeyId, facts: &Facts) -> Option<String> {
    let in_schema = || {
        let column = facts.table(&id.key.table)?.column(id.key.columns.first()?)?;
        Some(column.span)
    };
    let span = facts.declared(id).map(|key| key.first().span).or_else(in_schema)?;
    Some(facts.sources.place(span))
}

/// Writes the plan's files: all new texts are on the disk before the first file changes, each then changes wholly.
///
/// # Errors
/// The file system's.
pub fn write(plan: &Plan) -> std::io::Result<()> {
    edit::stage(&plan.root, &plan.edits, plan.named.as_deref())?
        .into_iter()
        .try_for_each(store::Staged::commit)
}

/// Why git could not restore the files' present state, if it couldn't.
pub fn unsaved(plan: &Plan) -> Option<Unsaved> {
    edit::unsaved(&plan.root, &plan.edits)
}

/// Where migrations leave doubts, an empty source may be right.
fn not_to_be_taken(ReadSource { observation, .. }: &ReadSource) -> Option<Problem> {
    match &observation.visibility {
        Visibility::Partial(_) => run::not_seen_whole(observation),
        Visibility::Whole => run::no_table(observation),
        Visibility::Except(_) => None,
    }
}

/// How many findings at `deny` a check of the edited sources has.
fn denied(run: &Run<'_>, breaches: Vec<Finding>, sources: &mut SourceMap) -> Result<usize, CheckError> {
    let findings = run.sift(breaches, sources)?.new;
    let is_denied = |finding: &&Finding| finding.severity == Severity::Deny && run.shown[finding.package];
    Ok(findings.iter().filter(is_denied).count())
}

/// Reads what the migrations make, where something else was asked.
fn read_made(run: &mut Run<'_>) -> Result<(), CheckError> {
    let is_migrations = |observed: &ReadSource| observed.observation.source == SourceKind::Migrations;
    if run.observed.iter().all(is_migrations) { Ok(()) } else { run.read_migrations() }
}

/// Also those that show none of the declared tables: on the first day there is none.
fn compare<'a>(run: &'a Run<'_>, observed: &'a [ReadSource]) -> Vec<Comparison<'a>> {
    observed.iter().map(|observed| run.comparison(&run.facts, observed)).collect()
}
