//! `cargo fkcheck baseline`: what a run finds, in the form of a baseline.

use std::path::PathBuf;

use crate::baseline::{FILE_NAME, Sifted, load, sift};
use crate::outcome::Outcome;
use crate::run::{CheckError, Request, Run, Status};

/// A baseline that was made.
pub struct Recorded {
    /// Where it belongs.
    pub path: PathBuf,
    /// The file's text.
    pub text: String,
    /// Entries in it.
    pub entries: usize,
    /// Entries that were there and are not any more.
    pub removed: usize,
    /// What could not be known, as a check reports it. With problems in it, the text is not to be written.
    pub outcome: Outcome,
}

/// Checks, and puts what was found into the form of a baseline; reasons that are there already are kept, and so are entries
/// of sources that were not asked. With `prune` nothing is added, and what no longer occurs is removed. Writes nothing.
pub fn record(
    request: &Request,
    prune: bool,
    status: &mut dyn FnMut(Status),
) -> Result<Recorded, CheckError> {
    if request.partition.is_some() {
        return Err(CheckError::Usage {
            message: "a baseline is of all databases, and `--partition` reads a share of them".to_owned(),
            help: None,
        });
    }
    let mut run = Run::open(Request { ignore_baseline: true, ..request.clone() }, status)?;
    run.observe()?;
    let (breaches, ()) = run.pair(|_, _| ());
    let mut findings = run.explained(breaches)?;
    findings.retain(|finding| run.shown[finding.package]);
    let root = run.workspace.root.clone();
    let before = load(&root)?.map(|(_, baseline)| baseline).unwrap_or_default();
    let (baseline, removed) = run.asked(|asked| {
        let Sifted { stale: mut gone, unclear, .. } = sift(findings.clone(), &before, asked);
        if prune {
            gone.extend(unclear);
            (before.without(&findings, &gone, asked), gone.len())
        } else {
            (before.with(&findings, &gone, asked), gone.len())
        }
    });
    let (text, entries) = (baseline.text(), baseline.entries.len());
    Ok(Recorded { path: root.join(FILE_NAME), text, entries, removed, outcome: run.unknown() })
}
