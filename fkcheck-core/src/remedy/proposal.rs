//! The migrations of each configured database.

use super::candidate::{self, Candidate};
use super::obstacle;
use crate::collect::Facts;
use crate::compare::Comparison;
use crate::engines;
use crate::engines::fix::{FixRequest, slug};
use crate::finding::Finding;
use crate::model::{Observation, SourceKind};
use crate::outcome::{FixMigration, Proposal};
use crate::run::{CheckError, Run};

/// The migrations that a report shows: those that `fix` would write for these findings, or why it would not.
pub(crate) fn proposals(
    facts: &Facts,
    comparisons: &[Comparison<'_>],
    findings: &[Finding],
    made: &[&Observation],
) -> Vec<Proposal> {
    let candidates = candidate::candidates(facts, comparisons, findings, &[]);
    let (refused, agreed): (Vec<_>, Vec<_>) = candidates
        .iter()
        .map(|candidate| {
            let data_loss = || Some(obstacle::not_allowed(candidate, &obstacle::data_loss(candidate, &[])?));
            (candidate, obstacle::by_migration(candidate, facts).or_else(data_loss))
        })
        .partition(|(_, obstacle)| obstacle.is_some());
    let agreed: Vec<&Candidate<'_>> = agreed.into_iter().map(|(candidate, _)| candidate).collect();
    let mut all: Vec<Proposal> = migrations(&agreed, made, None)
        .into_iter()
        .map(|(section, migrations)| Proposal {
            keys: agreed
                .iter()
                .filter(|candidate| candidate.section() == section.as_deref())
                .map(|candidate| candidate.name().clone())
                .collect(),
            section,
            migrations,
        })
        .collect();
    all.extend(refused.into_iter().map(|(candidate, why)| Proposal {
        keys: vec![candidate.name().clone()],
        section: candidate.section().map(str::to_owned),
        migrations: Err(why.unwrap_or_default()),
    }));
    all
}

/// Reads what the migrations make of an empty database, as development's are, where a database is to be aligned.
pub(crate) fn read_migrations(run: &mut Run<'_>) -> Result<(), CheckError> {
    if has_database(run) { run.read_migrations() } else { Ok(()) }
}

/// What was read of it.
pub(crate) fn made<'r>(run: &'r Run<'_>) -> Vec<&'r Observation> {
    let made = if has_database(run) { run.made() } else { &[] };
    made.iter().map(|observed| &observed.observation).collect()
}

fn has_database(run: &Run<'_>) -> bool {
    run.observed.iter().any(|observed| observed.observation.source == SourceKind::Database)
}

/// The migrations of a configured database, by its name.
pub(crate) type OfDatabase = (Option<String>, Result<Vec<FixMigration>, String>);

/// The migrations of each configured database.
pub(crate) fn migrations(
    candidates: &[&Candidate<'_>],
    made: &[&Observation],
    name: Option<&str>,
) -> Vec<OfDatabase> {
    let mut sections: Vec<Option<&str>> = candidates.iter().map(|candidate| candidate.section()).collect();
    sections.dedup();
    let of_section = |section: Option<&str>| {
        let candidates: Vec<&&Candidate<'_>> =
            candidates.iter().filter(|candidate| candidate.section() == section).collect();
        let changes: Vec<_> =
            candidates.iter().filter_map(|candidate| candidate.change.clone().ok()).collect();
        let observation = candidates.first()?.comparison.observation;
        let default = match &candidates[..] {
            [one] => format!("align_{}", slug(&one.name().to_string())),
            _ => "align_foreign_keys".to_owned(),
        };
        let request = FixRequest {
            changes: &changes,
            observation,
            from_migrations: made.iter().copied().find(|made| made.database == observation.database),
            name: name.unwrap_or(&default),
        };
        let engine = engines::driver(observation.engine.kind);
        Some((section.map(str::to_owned), (engine.fix.migrations)(&request)))
    };
    sections.into_iter().filter_map(of_section).collect()
}
