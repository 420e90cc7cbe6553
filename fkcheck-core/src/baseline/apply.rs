//! The baseline of a workspace: taken out of a run's findings, or recorded from them.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::{Baseline, BaselineFault, FILE_NAME, Sifted, sift};
use crate::check::{self, CheckError, Request, Status};
use crate::finding::Finding;
use crate::model::{SourceFile, SourceMap, Span};
use crate::outcome::Outcome;
use crate::rules::{self, Levels};
use crate::workspace;

/// Takes the findings out that the workspace's baseline knows, and adds one for each stale entry, if levels are given to
/// judge them by.
pub(crate) fn apply(
    root: &Path,
    findings: Vec<Finding>,
    levels: Option<&Levels>,
    sources: &mut SourceMap,
) -> Result<Sifted, CheckError> {
    let Some((text, baseline)) = load(root)? else {
        return Ok(Sifted { new: findings, ..Sifted::default() });
    };
    let mut sifted = sift(findings, &baseline);
    if let Some(levels) = levels
        && !sifted.stale.is_empty()
    {
        let file = sources.add(SourceFile {
            path: root.join(FILE_NAME),
            display: FILE_NAME.to_owned(),
            text: Arc::from(text),
        });
        let entries: Vec<(String, Span)> = sifted
            .stale
            .iter()
            .map(|&at| {
                let entry = &baseline.entries[at];
                let words = format!("{} of `{}`", entry.fingerprint.rule, entry.fingerprint.about);
                (words, sources.span(file, entry.span.clone()))
            })
            .collect();
        sifted.new.extend(rules::stale(&entries, 0, levels));
        rules::sort(&mut sifted.new);
    }
    Ok(sifted)
}

fn load(root: &Path) -> Result<Option<(String, Baseline)>, CheckError> {
    let unusable = |message: String| CheckError::Usage { message, help: None };
    let text = match std::fs::read_to_string(root.join(FILE_NAME)) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(unusable(format!("{FILE_NAME} can't be read: {error}"))),
    };
    match Baseline::parse(&text) {
        Ok(baseline) => Ok(Some((text, baseline))),
        Err(BaselineFault { message, span }) => {
            let line =
                span.map_or(1, |span| text.get(..span.start).unwrap_or_default().matches('\n').count() + 1);
            Err(unusable(format!("{FILE_NAME}:{line}: {message}")))
        }
    }
}

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
    /// What the run ended in. With problems in it, the text is not to be written.
    pub outcome: Outcome,
}

/// Checks, and puts what was found into the form of a baseline; reasons that are there already are kept. With `prune`
/// nothing is added, and what no longer occurs is removed. Writes nothing.
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
    let request = Request { ignore_baseline: true, ..request.clone() };
    let outcome = check::check(&request, status)?;
    let root = workspace::load(request.manifest_path.as_deref())?.root;
    let before = load(&root)?.map(|(_, baseline)| baseline).unwrap_or_default();
    let stale = sift(outcome.findings.clone(), &before).stale;
    let text = if prune { before.without(&stale) } else { before.text(&outcome.findings) };
    let entries = Baseline::parse(&text).map_or(0, |baseline| baseline.entries.len());
    Ok(Recorded { path: root.join(FILE_NAME), text, entries, removed: stale.len(), outcome })
}
