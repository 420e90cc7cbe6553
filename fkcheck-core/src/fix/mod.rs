//! `cargo fkcheck fix`: makes code and database agree, by a migration that changes the database or by changing the annotations.
//!
//! Nothing here connects for writing: the migrations are files, and Diesel runs them.

mod code;
mod files;
mod staged;

use std::path::{Path, PathBuf};

use crate::collect::Facts;
pub use crate::edit::Unsaved;
use crate::edit::{self, FileEdit};
use crate::grammar::nearest;
use crate::model::SourceKind;
use crate::outcome::Outcome;
use crate::remedy::{self, Candidate, is_named};
use crate::replay::Migration;
use crate::rules::{Aspect, which_side};
use crate::run::{self, CheckError, Request, Run, Status};
use crate::store;
pub use files::MigrationFiles;
use staged::Leftover;

/// What to fix, and what may happen.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Keys, as `batch_jobs.org_id` or `line_items.(order_id, region)`; empty: all that disagree.
    pub keys: Vec<String>,
    /// Keys whose new rule may delete rows, or clear columns, in the same words.
    pub allow_data_loss: Vec<String>,
    /// What the migrations' names begin with; else from the keys.
    pub name: Option<String>,
    /// Where the migrations go; else where the workspace has its own.
    pub migrations: Option<PathBuf>,
    /// Leave what an earlier run has left, too.
    pub dry_run: bool,
}

/// A key on which code and source disagree, for somebody to decide on.
#[derive(Clone, Debug)]
pub struct Mismatch {
    /// `batch_jobs.org_id`
    pub key: String,
    /// `organizations`
    pub parent: String,
    /// What is wrong, one sentence each.
    pub messages: Vec<String>,
    /// What follows from it, one sentence each.
    pub notes: Vec<String>,
    /// What to ask oneself before choosing, by what the code says a child row is worth.
    pub question: Option<String>,
    /// The annotation's place.
    pub place: String,
    /// The child's rows, by the engine's estimate.
    pub child_rows: Option<u64>,
    /// What the migration would lose from then on, where nobody has allowed that yet.
    pub data_loss: Option<String>,
    /// Why the database can't be changed.
    pub not_by_migration: Option<String>,
    /// Why the code can't be changed.
    pub not_in_code: Option<String>,
}

/// Which side is to change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision {
    /// A migration changes the database.
    Database {
        /// Although it loses data from then on, as [`Mismatch::data_loss`] says.
        allow_data_loss: bool,
    },
    /// The annotation changes.
    Code,
    /// Neither.
    Skip,
}

/// What is to be written.
#[derive(Clone, Debug, Default)]
pub struct Plan {
    /// The workspace's root.
    pub root: PathBuf,
    /// In the order in which Diesel runs them.
    pub migrations: Vec<MigrationFiles>,
    /// The source files that change.
    pub edits: Vec<FileEdit>,
    /// Keys that the migrations change.
    pub in_database: Vec<String>,
    /// Keys whose annotations change.
    pub in_code: Vec<String>,
    /// Keys that are left as they are, and why.
    pub refused: Vec<(String, String)>,
    /// Findings that the baseline lets wait; they are fixed where their key is named.
    pub known: usize,
    /// How many were neither, because somebody said so.
    pub skipped: usize,
    /// What else somebody who runs the migrations should know.
    pub remarks: Vec<String>,
    /// Keys that disagree, whatever became of them.
    pub found: usize,
    /// What could not be known, as a check reports it. Not empty: nothing is to be written.
    pub outcome: Outcome,
}

/// Plans the fix; `decide` is asked about every key. Writes nothing, but completes or removes what an earlier run has left that
/// was killed while it wrote.
///
/// # Errors
/// As a check; where a key is named that isn't declared; and where the edited sources would not read as they should.
pub fn plan(
    request: &Request,
    options: &Options,
    status: &mut dyn FnMut(Status),
    decide: &mut dyn FnMut(&Mismatch) -> Decision,
) -> Result<Plan, CheckError> {
    let mut run = Run::open(Request { wants_definitions: true, ..request.clone() }, status)?;
    known(&options.keys, &run.facts)?;
    known(&options.allow_data_loss, &run.facts)?;
    settle_leftovers(&run, options);
    run.observe()?;
    let (breaches, ()) = run.pair(|_, _| ());
    if !run.problems.is_empty() {
        return Ok(Plan { root: run.workspace.root.clone(), outcome: run.unknown(), ..Plan::default() });
    }
    let mut findings = run.explained(breaches)?;
    findings.retain(|finding| run.shown[finding.package]);
    remedy::read_migrations(&mut run)?;
    let made = remedy::made(&run);
    let mut known = 0;
    if options.keys.is_empty() {
        // Who moved decides what is to be done; the places that stale entries add are of no use here.
        let sifted = run.sift(findings, &mut run.facts.sources.clone())?;
        (findings, known) = (sifted.new, sifted.known);
    }
    let comparisons = run.comparisons(&run.facts);
    let candidates = remedy::candidates(&run.facts, &comparisons, &findings, &options.keys);

    let root = run.workspace.root.clone();
    let mut plan = Plan { root, found: candidates.len(), known, ..Plan::default() };
    let (by_migration, in_code) = decided(&candidates, &run.facts, options, decide, &mut plan);
    for (section, migrations) in remedy::migrations(&by_migration, &made, options.name.as_deref()) {
        let directory = directory(&run, section.as_deref(), options)?;
        let pending = pending(&run, section.as_deref(), &directory);
        if let Ok(migrations) = &migrations
            && let Some(name) = files::written_before(&pending, migrations)
        {
            let is_of_section = |key: &String| {
                by_migration.iter().any(|candidate| {
                    candidate.section() == section.as_deref() && candidate.name().to_string() == *key
                })
            };
            let why = format!("`{name}` does it and is not applied; run `diesel migration run` first");
            let (there, others): (Vec<String>, Vec<String>) =
                plan.in_database.drain(..).partition(is_of_section);
            plan.in_database = others;
            plan.refused.extend(there.into_iter().map(|key| (key, why.clone())));
            continue;
        }
        if let [first, more @ ..] = &pending[..] {
            plan.remarks.push(not_run(first, more.len()));
        }
        let files = files::name(&directory, &plan.root, migrations.map_err(defect)?, &mut plan.remarks)?;
        plan.migrations.extend(files);
    }
    if !plan.migrations.is_empty() {
        plan.remarks.extend(by_migration.iter().find_map(|candidate| candidate.leaves()));
    }
    plan.remarks.extend(by_migration.iter().filter_map(|candidate| further_up(candidate)));
    plan.remarks.extend(by_migration.iter().filter_map(|candidate| candidate.changes_order(&by_migration)));
    plan.remarks
        .extend(by_migration.iter().filter_map(|candidate| candidate.made_otherwise(&by_migration, &made)));
    plan.remarks.extend(in_code.iter().filter_map(|candidate| candidate.leaves_migrations()));
    // Two keys of a table have one answer.
    plan.remarks.dedup();
    plan.edits = code::edits(&in_code, &run)?;
    Ok(plan)
}

/// Says what becomes of each.
fn settle_leftovers(run: &Run<'_>, options: &Options) {
    let usual = run.workspace.root.join("migrations");
    let mut directories: Vec<&PathBuf> = options.migrations.iter().collect();
    if directories.is_empty() {
        let configured =
            run.workspace.config.databases.iter().filter_map(|database| database.migrations.as_ref());
        directories.extend(run.workspace.migrations.iter().chain(configured));
        // One that holds no migration yet is none of these.
        directories.push(&usual);
        directories.sort();
        directories.dedup();
    }
    let shown = |path: &Path| path.strip_prefix(&run.workspace.root).unwrap_or(path).display().to_string();
    for leftover in directories.into_iter().flat_map(|directory| staged::leftovers(directory)) {
        let (done, planned, what, why) = match &leftover {
            Leftover::Begun { migrations, .. } => (
                "Completed",
                "Would complete",
                migrations.iter().map(|path| shown(path)).collect::<Vec<_>>().join(", "),
                "which a `fix` that was stopped had not put there yet",
            ),
            Leftover::NotBegun(staging) => {
                ("Removed", "Would remove", shown(staging), "which a `fix` that was stopped has left")
            }
        };
        if options.dry_run {
            run.say(planned, format!("{what}, {why}"));
        } else if let Err(error) = staged::settle(&leftover) {
            run.say("Note", format!("{what}, {why}, could not be put in order: {error}"));
        } else {
            run.say(done, format!("{what}, {why}"));
        }
    }
}

/// The candidates that a migration changes, and those that change in the code; what is neither goes into the plan.
fn decided<'c, 'a>(
    candidates: &'c [Candidate<'a>],
    facts: &Facts,
    options: &Options,
    decide: &mut dyn FnMut(&Mismatch) -> Decision,
    plan: &mut Plan,
) -> (Vec<&'c Candidate<'a>>, Vec<&'c Candidate<'a>>) {
    let (mut by_migration, mut in_code) = (Vec::new(), Vec::new());
    for candidate in candidates {
        let key = candidate.name().to_string();
        let not_by_migration = remedy::by_migration(candidate, facts);
        let data_loss = remedy::data_loss(candidate, &options.allow_data_loss);
        let not_in_code = candidate.not_in_code().or_else(|| not_written(candidate, facts, &plan.root));
        let mismatch = Mismatch {
            data_loss: data_loss.clone(),
            not_by_migration: not_by_migration.clone(),
            not_in_code: not_in_code.clone(),
            ..mismatch(candidate, facts)
        };
        let (obstacle, names, chosen) = match decide(&mismatch) {
            Decision::Skip => {
                plan.skipped += 1;
                continue;
            }
            Decision::Database { allow_data_loss } => {
                let data_loss = data_loss.filter(|_| !allow_data_loss);
                let not_allowed = data_loss.map(|does| remedy::not_allowed(candidate, &does));
                (not_by_migration.or(not_allowed), &mut plan.in_database, &mut by_migration)
            }
            Decision::Code => (not_in_code, &mut plan.in_code, &mut in_code),
        };
        if let Some(why) = obstacle {
            plan.refused.push((key, why));
        } else {
            names.push(key);
            chosen.push(candidate);
        }
    }
    (by_migration, in_code)
}

/// What the migration does to deletes of the tables above.
fn further_up(candidate: &Candidate<'_>) -> Option<String> {
    let lines = candidate.further_up();
    (!lines.is_empty()).then(|| format!("`{}`: from then on, {}", candidate.name(), lines.join("; ")))
}

/// The file of an annotation that is not written, and why.
fn not_written(candidate: &Candidate<'_>, facts: &Facts, root: &Path) -> Option<String> {
    candidate.declared.claims.iter().find_map(|claim| {
        let file = facts.sources.file(claim.span.file);
        store::foreign(root, &file.path).map(|why| format!("{} {why}, which is not written", file.display))
    })
}

/// The migrations in the directory that the database has not run.
fn pending(run: &Run<'_>, section: Option<&str>, directory: &Path) -> Vec<Migration> {
    let is_meant = |observed: &&run::ReadSource| {
        observed.observation.database.as_deref() == section
            && observed.observation.source == SourceKind::Database
    };
    let url = run.observed.iter().find(is_meant).and_then(|observed| observed.url.as_ref());
    run::not_applied(url, directory)
}

/// What is written is for the database as it is, and runs behind all that isn't run yet.
fn not_run(first: &Migration, more: usize) -> String {
    let name = run::name_of(first).unwrap_or_default();
    let more = if more == 0 { String::new() } else { format!(", with {more} more,") };
    format!(
        "`{name}`{more} is not applied to the database, for whose present state these are written: run it first, and fix again"
    )
}

/// Writes the plan's files. All are on the disk before the first gets its name; nothing is ever overwritten.
///
/// # Errors
/// The file system's.
pub fn write(plan: &Plan) -> std::io::Result<()> {
    let edits = edit::stage(&plan.root, &plan.edits, None)?;
    staged::write(&plan.migrations)?;
    edits.into_iter().try_for_each(store::Staged::commit)
}

/// Why git could not restore the files' present state, if it couldn't.
pub fn unsaved(plan: &Plan) -> Option<Unsaved> {
    edit::unsaved(&plan.root, &plan.edits)
}

fn mismatch(candidate: &Candidate<'_>, facts: &Facts) -> Mismatch {
    let is_about_deletes =
        candidate.findings.iter().any(|finding| finding.rule.role().aspect == Some(Aspect::OnDelete));
    Mismatch {
        key: candidate.name().to_string(),
        parent: candidate.declared.parent().map_or_else(String::new, |parent| parent.table.to_string()),
        messages: candidate.findings.iter().map(|finding| finding.message.clone()).collect(),
        notes: candidate.findings.iter().flat_map(|finding| finding.notes.clone()).collect(),
        question: is_about_deletes.then(|| which_side(candidate.declared)),
        place: facts.sources.place(candidate.declared.first().span),
        child_rows: candidate.observed.and_then(|observed| observed.child_rows),
        data_loss: None,
        not_by_migration: None,
        not_in_code: None,
    }
}

/// Refuses keys that nobody declares.
fn known(keys: &[String], facts: &Facts) -> Result<(), CheckError> {
    let names: Vec<String> = facts.keys.iter().map(|declared| declared.key.to_string()).collect();
    for key in keys {
        if facts.keys.iter().any(|declared| is_named(&declared.key, key)) {
            continue;
        }
        let help = match nearest(key, names.iter().map(String::as_str)) {
            Some(near) => format!("did you mean `{near}`?"),
            None => {
                "a key is written as the findings write it: `table.column`, `table.(one, two)`".to_owned()
            }
        };
        return Err(CheckError::Usage { message: format!("no key `{key}` is declared"), help: Some(help) });
    }
    Ok(())
}

/// Where the migrations of a database go: where the user says, else within the workspace.
fn directory(run: &Run<'_>, section: Option<&str>, options: &Options) -> Result<PathBuf, CheckError> {
    if let Some(directory) = &options.migrations {
        return Ok(directory.clone());
    }
    let directory = configured_directory(run, section)?;
    match store::foreign(&run.workspace.root, &directory) {
        None => Ok(directory),
        Some(why) => Err(CheckError::Usage {
            message: format!(
                "the directory of migrations, {}, {why}, and is not written to",
                directory.display()
            ),
            help: Some("where it is meant, name it with `--migration-dir`".to_owned()),
        }),
    }
}

/// Where the workspace has the migrations of a database.
fn configured_directory(run: &Run<'_>, section: Option<&str>) -> Result<PathBuf, CheckError> {
    let workspace = &run.workspace;
    let of_section = run.observed.iter().find(|observed| observed.observation.database.as_deref() == section);
    let configured = of_section.and_then(|observed| observed.database.as_ref()?.migrations.clone());
    let directories = configured.map_or_else(|| workspace.migrations.clone(), |directory| vec![directory]);
    // One that holds none yet is a place for the first.
    let empty = workspace.root.join("migrations");
    match &directories[..] {
        [directory] => Ok(directory.clone()),
        [] if empty.is_dir() => Ok(empty),
        [] => Err(CheckError::Usage {
            message: "there is no directory of migrations to write into".to_owned(),
            help: Some("`diesel setup` makes one; or name it with `--migration-dir`".to_owned()),
        }),
        several => Err(CheckError::Usage {
            message: format!("{} directories hold migrations", several.len()),
            help: Some(format!(
                "say which one with `--migration-dir`, or name each database's own in `[workspace.metadata.fkcheck.databases.NAME]`: {}",
                several.iter().map(|path| path.display().to_string()).collect::<Vec<_>>().join(", ")
            )),
        }),
    }
}

fn defect(message: String) -> CheckError {
    CheckError::Defect { message }
}
