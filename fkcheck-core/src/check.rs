//! `cargo fkcheck`: what a run found, as an outcome for the reports.

use std::collections::HashSet;
use std::path::Path;
use std::time::Instant;

use crate::collect::Facts;
use crate::compare::{Comparison, Pair, Seen};
use crate::finding::Severity;
use crate::model::{DeclaredKey, KeyId, KeyName, SourceKind};
use crate::outcome::{CheckedKey, ComparedWith, Counts, Databases, Outcome};
use crate::remedy;
use crate::rules::disagreement;
pub use crate::run::{CheckError, Partition, Request, Status};
use crate::run::{ReadSource, Run};
use crate::words::counted;

/// Checks a workspace.
///
/// # Errors
/// Only where there is nothing to report on; what could not be known is part of the outcome.
pub fn check(request: &Request, status: &mut dyn FnMut(Status)) -> Result<Outcome, CheckError> {
    let started = Instant::now();
    let mut run = Run::open(Request { catches_up: true, ..request.clone() }, status)?;
    run.say(
        "Checking",
        format!(
            "{} in {}, {}",
            counted(run.facts.keys.len(), "declared key"),
            counted(run.facts.packages.len(), "package"),
            counted(run.facts.files, "file")
        ),
    );
    run.observe()?;
    let (breaches, (mut counts, keys, undeclared)) = run.pair(|run, comparisons| {
        let undeclared = undeclared(comparisons, run.databases.len());
        let counts = count(&run.facts, &run.observed, comparisons, &undeclared, run.databases.len());
        (counts, checked_keys(&run.facts, comparisons, &run.shown), undeclared)
    });
    run.note_erasure();
    let findings = run.explained(breaches)?;

    let mut sources = std::mem::take(&mut run.facts.sources);
    let sifted = run.sift(findings, &mut sources)?;
    run.facts.sources = sources;
    counts.known = sifted.known;
    let mut findings = sifted.new;
    let not_shown = findings.extract_if(.., |finding| !run.shown[finding.package]);
    let not_shown = not_shown.filter(|finding| finding.severity != Severity::Note);
    let not_shown: HashSet<KeyId> = not_shown.filter_map(|finding| disagreement(&finding)).collect();
    counts.allowed = run.allowed.len();
    counts.not_shown = not_shown.difference(&run.allowed).count();
    let mut proposals = Vec::new();
    if request.wants_definitions {
        remedy::read_migrations(&mut run)?;
        proposals =
            remedy::proposals(&run.facts, &run.comparisons(&run.facts), &findings, &remedy::made(&run));
    }
    let root = repository(&run.workspace.root).to_owned();
    let (facts, problems) = (run.facts, run.problems);
    let Facts { sources, packages, .. } = facts;
    let elapsed = started.elapsed();
    Ok(Outcome { sources, root, packages, keys, findings, problems, proposals, undeclared, counts, elapsed })
}

/// The git repository that the workspace lies in; without one, the workspace.
fn repository(workspace: &Path) -> &Path {
    workspace.ancestors().find(|directory| directory.join(".git").exists()).unwrap_or(workspace)
}

/// Observed keys that no annotation speaks of, by name.
fn undeclared(comparisons: &[Comparison<'_>], databases: usize) -> Vec<KeyName> {
    let all = comparisons.iter().flat_map(|comparison| &comparison.undeclared);
    let mut undeclared: Vec<KeyName> = all.map(|key| key.key.clone()).collect();
    undeclared.sort();
    if databases > 0 {
        // One schema, however many databases have it.
        undeclared.dedup();
    }
    undeclared
}

fn count(
    facts: &Facts,
    observed: &[ReadSource],
    comparisons: &[Comparison<'_>],
    undeclared: &[KeyName],
    databases: usize,
) -> Counts {
    // Several databases may have the same key; it is one declared key all the same.
    let paired: HashSet<KeyId> = comparisons.iter().flat_map(paired).collect();
    let mut seen: Vec<&KeyName> =
        observed.iter().flat_map(|observed| &observed.observation.keys).map(|key| &key.key).collect();
    if databases > 0 {
        seen.sort();
        seen.dedup();
    }
    let says_nothing = |declared: &&DeclaredKey| {
        declared.on_delete().is_none() && declared.none().is_none() && paired.contains(&declared.id())
    };
    Counts {
        packages: facts.packages.len(),
        files: facts.files,
        tables: facts.tables.len(),
        joinables: facts.joinables.len(),
        models: facts.models.len(),
        declared: facts.keys.len(),
        observed: seen.len(),
        paired: paired.len(),
        undeclared: undeclared.len(),
        skipped: facts.keys.len() - answered(comparisons).len(),
        allowed: 0,
        not_shown: 0,
        unclaimed: facts.keys.iter().filter(says_nothing).count(),
        known: 0,
        databases: (databases > 0).then(|| Databases {
            asked: databases,
            compared: comparisons.iter().map(|comparison| comparison.observation.members.len()).sum(),
        }),
        sources: if databases > 0 { Vec::new() } else { compared_with(comparisons) },
    }
}

/// The declared keys that were compared with an observed one, or with its absence where that is meant.
fn paired(comparison: &Comparison<'_>) -> Vec<KeyId> {
    let is_paired = |pair: &&Pair<'_>| match pair.seen {
        Seen::Keys(_) | Seen::OtherParent(_) => true,
        Seen::Absent(Some(_)) => pair.declared.none().is_some(),
        Seen::Absent(None) | Seen::Unknown(_) => false,
    };
    comparison.pairs.iter().filter(is_paired).map(|pair| pair.declared.id()).collect()
}

/// Which sources had something to say.
fn compared_with(comparisons: &[Comparison<'_>]) -> Vec<ComparedWith> {
    let of = |comparison: &Comparison<'_>| {
        let observation = comparison.observation;
        let is_asked = |other: &Comparison<'_>| {
            other.observation.source == SourceKind::Database
                && other.observation.database == observation.database
        };
        ComparedWith {
            source: observation.source,
            label: observation.label.clone(),
            section: observation.database.clone(),
            alone: !comparisons.iter().any(is_asked),
            keys: paired(comparison).len(),
        }
    };
    comparisons.iter().map(of).filter(|compared| compared.keys > 0).collect()
}

/// The declared keys that a source could tell of.
fn answered(comparisons: &[Comparison<'_>]) -> HashSet<KeyId> {
    let pairs = comparisons.iter().flat_map(|comparison| &comparison.pairs);
    pairs.filter(|pair| !matches!(pair.seen, Seen::Unknown(_))).map(|pair| pair.declared.id()).collect()
}

/// The declared keys of the shown packages.
fn checked_keys(facts: &Facts, comparisons: &[Comparison<'_>], shown: &[bool]) -> Vec<CheckedKey> {
    let answered = answered(comparisons);
    let is_shown = |declared: &&DeclaredKey| declared.claims.iter().any(|claim| shown[claim.package]);
    let mut keys: Vec<CheckedKey> = facts
        .keys
        .iter()
        .filter(is_shown)
        .map(|declared| CheckedKey {
            id: declared.id(),
            place: declared.first().span,
            package: declared.first().package,
            compared: answered.contains(&declared.id()),
        })
        .collect();
    keys.sort_by_key(|key| (key.package, key.place.start_key()));
    keys
}
