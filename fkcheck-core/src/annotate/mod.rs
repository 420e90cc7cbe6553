//! `cargo fkcheck annotate`: writes the annotations of a code base that has none, from what a source shows.
//!
//! Every edit is an insertion; the edited sources are read again before anything is written.

mod draft;
mod edits;
pub(crate) mod git;
mod import;
mod manifest;
mod names;
mod record;
mod site;
mod tables_file;
pub(crate) mod verify;
mod words;

use std::path::PathBuf;

use crate::check::{
    CheckError, Observed, Request, Status, compare_one, levels, named_schemas, observe, shown_packages,
    three_way,
};
use crate::collect::{self, Facts};
use crate::compare::Comparison;
use crate::model::{SourceKind, Visibility};
use crate::outcome::{Outcome, Problem};
use crate::store;
use crate::workspace::{self, Workspace};
use draft::Draft;
pub use edits::FileEdit;

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
    let workspace = workspace::load(request.manifest_path.as_deref())?;
    let shown = shown_packages(request, &workspace.packages)?;
    let mut request = request.clone();
    if request.against.is_empty() {
        request.against = vec![SourceKind::Database];
    }
    let mut facts = collect::collect(workspace.packages.clone(), &workspace.files);
    let mut problems = std::mem::take(&mut facts.problems);
    problems.extend(workspace.faults.iter().map(|fault| Problem {
        message: fault.clone(),
        label: None,
        help: Vec::new(),
    }));
    let observed = observe(&request, &workspace, &named_schemas(&facts), status, &mut problems)?.observed;
    problems.extend(observed.iter().filter_map(not_seen_whole));
    if !problems.is_empty() {
        let outcome =
            Outcome { sources: facts.sources, packages: facts.packages, problems, ..Outcome::default() };
        return Ok(Plan { root: workspace.root, outcome, ..Plan::default() });
    }
    let comparisons = compare(&workspace, &facts, &observed);
    for comparison in &comparisons {
        status(Status::Line {
            verb: "Reading",
            text: format!("{} keys of {}", comparison.observation.keys.len(), comparison.observation.label),
            verbose: false,
        });
    }
    let mut draft = Draft::new(&facts, &workspace, options, &shown);
    for comparison in &comparisons {
        draft.add_keys(comparison);
    }
    let made = made_by_migrations(&request, &workspace, &facts, &observed)?;
    draft.add_nones(&comparisons, &compare(&workspace, &facts, &made));
    let drafted = draft.finish();
    let edited = verify::read_again(
        &workspace,
        &drafted.edits.texts(),
        &drafted.names,
        &observed,
        &levels(&request, &workspace),
    )?;
    let place = |key| edited.facts.key(key).map(|key| edited.facts.sources.place(key.first().span));
    let questions = drafted.questions.iter();
    Ok(Plan {
        questions: questions
            .map(|(key, text)| Question { place: place(key).unwrap_or_default(), text: text.clone() })
            .collect(),
        denied: edited.denied,
        edits: drafted.edits.into_files(),
        keys: drafted.keys,
        nones: drafted.nones,
        declared: facts.keys.len(),
        left_out: drafted.left_out,
        by_hand: drafted.by_hand,
        root: workspace.root,
        outcome: Outcome::default(),
    })
}

/// Writes the plan's files: all new texts are on the disk before the first file changes, each then changes wholly.
///
/// # Errors
/// The file system's.
pub fn write(plan: &Plan) -> std::io::Result<()> {
    stage(&plan.edits)?.into_iter().try_for_each(store::Staged::commit)
}

/// Puts the new texts on the disk, beside the files.
pub(crate) fn stage(edits: &[FileEdit]) -> std::io::Result<Vec<store::Staged>> {
    edits.iter().map(|edit| store::stage(&edit.path, &edit.after)).collect()
}

/// Files whose present state git could not restore; `annotate` refuses to edit beside them.
pub fn not_committed(plan: &Plan) -> Vec<String> {
    git::not_committed(&plan.root, &plan.edits)
}

fn not_seen_whole(observed: &Observed<'_>) -> Option<Problem> {
    let observation = &observed.observation;
    let (message, help) = match &observation.visibility {
        Visibility::Partial(why) => (format!("{} was not seen whole", observation.label), why.clone()),
        Visibility::Whole if observation.tables.is_empty() => (
            format!("{} has no table", observation.label),
            "is it the right database, and are its migrations run?".to_owned(),
        ),
        Visibility::Whole | Visibility::Except(_) => return None,
    };
    Some(Problem { message, label: None, help: vec![help] })
}

/// What the migrations make, where something else was asked; what keeps them from being read is no matter here.
fn made_by_migrations<'a>(
    request: &Request,
    workspace: &'a Workspace,
    facts: &Facts,
    observed: &[Observed<'_>],
) -> Result<Vec<Observed<'a>>, CheckError> {
    if observed.iter().all(|observed| observed.observation.source == SourceKind::Migrations) {
        return Ok(Vec::new());
    }
    three_way::read_migrations(request, workspace, &mut facts.clone())
}

fn compare<'a>(workspace: &Workspace, facts: &'a Facts, observed: &'a [Observed<'_>]) -> Vec<Comparison<'a>> {
    observed.iter().map(|observed| compare_one(workspace, facts, observed)).collect()
}
