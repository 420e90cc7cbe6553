//! The baseline of a workspace: taken out of a run's findings.

use std::path::Path;
use std::sync::Arc;

use super::{Asked, Baseline, BaselineFault, FILE_NAME, Sifted, sift};
use crate::finding::Finding;
use crate::model::{SourceFile, SourceMap, Span, disk};
use crate::rules::{self, Levels};

/// Why a workspace's baseline can't be used.
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
pub struct BaselineError {
    message: String,
}

/// Takes the findings out that the workspace's baseline knows, and adds one for each stale entry, if levels are given to
/// judge them by.
pub(crate) fn apply(
    root: &Path,
    findings: Vec<Finding>,
    asked: &Asked<'_>,
    levels: Option<&Levels>,
    sources: &mut SourceMap,
) -> Result<Sifted, BaselineError> {
    let Some((text, baseline)) = load(root)? else {
        return Ok(Sifted { new: findings, ..Sifted::default() });
    };
    let mut sifted = sift(findings, &baseline, asked);
    if let Some(levels) = levels
        && !(sifted.stale.is_empty() && sifted.unclear.is_empty())
    {
        let file = sources.add(SourceFile {
            path: root.join(FILE_NAME),
            display: FILE_NAME.to_owned(),
            text: Arc::from(text),
        });
        let entry = |at: &usize| {
            let entry = &baseline.entries[*at];
            let words = format!("{} of `{}`", entry.fingerprint.rule, entry.fingerprint.about);
            (words, sources.span(file, entry.span.clone()))
        };
        let stale: Vec<(String, Span)> = sifted.stale.iter().map(entry).collect();
        let unclear: Vec<(String, Span)> = sifted.unclear.iter().map(entry).collect();
        sifted.new.extend(rules::stale(&stale, &unclear, levels));
        rules::sort(&mut sifted.new);
    }
    Ok(sifted)
}

/// The file and what it holds; `None`: there is none.
pub(crate) fn load(root: &Path) -> Result<Option<(String, Baseline)>, BaselineError> {
    let unusable = |message: String| BaselineError { message };
    let text = match disk::read_to_string(&root.join(FILE_NAME)) {
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
