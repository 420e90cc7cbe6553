//! Counts rows without a parent where that is asked for.

use super::observe::{limits, problem_of};
use super::{Observed, Request, Status, counted};
use crate::collect::Facts;
use crate::compare::{Comparison, Seen};
use crate::engines::orphans::Reference;
use crate::fix;
use crate::model::{KeyName, SourceKind, TableKind};
use crate::outcome::Problem;
use crate::sources;
use crate::workspace::Workspace;

/// Counts the rows of every declared key that a live database has, or should have. What couldn't be counted is a problem.
pub(crate) fn count(
    request: &Request,
    workspace: &Workspace,
    facts: &Facts,
    observed: &[Observed<'_>],
    comparisons: &mut [Comparison<'_>],
    status: &mut dyn FnMut(Status),
    problems: &mut Vec<Problem>,
) {
    let mut is_counted = false;
    for comparison in comparisons.iter_mut().filter(|one| one.observation.source == SourceKind::Database) {
        let source =
            observed.iter().find(|one| std::ptr::eq(&raw const one.observation, comparison.observation));
        let Some(url) = source.and_then(|source| source.url.as_ref()) else { continue };
        is_counted = true;
        let references = references(comparison, facts);
        status(Status::Line {
            verb: "Counting",
            text: format!("rows without a parent, of {}", counted(references.len(), "key")),
            verbose: false,
        });
        let all: Vec<Reference> = references.iter().map(|(_, reference)| reference.clone()).collect();
        let counts = match sources::count_orphans(url, &limits(request, workspace), &all) {
            Ok(counts) => counts,
            Err(error) => {
                problems.push(problem_of(&error));
                continue;
            }
        };
        for ((key, _), count) in references.into_iter().zip(counts) {
            match count {
                Ok(count) => {
                    comparison.orphans.insert(key, count);
                }
                Err(why) => problems.push(Problem {
                    message: format!("the rows of `{key}` could not be counted: {why}"),
                    label: None,
                    help: vec![
                        "counting takes SELECT on both tables, and time: `--deadline` gives more".to_owned(),
                    ],
                }),
            }
        }
    }
    if !is_counted {
        problems.push(Problem {
            message: "`--data` counts rows, and no single database was read".to_owned(),
            label: None,
            help: vec!["name one with `--database-url`; migrations and snapshots have no rows".to_owned()],
        });
    }
}

fn references<'a>(comparison: &Comparison<'a>, facts: &Facts) -> Vec<(&'a KeyName, Reference)> {
    let mut references = Vec::new();
    for pair in &comparison.pairs {
        let missing;
        let key = match &pair.seen {
            Seen::Keys(keys) => keys.first().copied(),
            Seen::Absent(Some(table)) if pair.declared.none().is_none() => {
                missing = fix::added(pair.declared, table, comparison, facts);
                missing.as_ref()
            }
            _ => None,
        };
        let Some(key) = key.filter(|key| !key.parent_columns.is_empty()) else { continue };
        let is_key = matches!(pair.seen, Seen::Keys(_));
        let tables = &comparison.observation.tables;
        let parent_is_partitioned =
            tables.iter().any(|table| table.name == key.parent && table.kind == TableKind::Partitioned);
        references.push((&pair.declared.key, Reference::of(key, is_key, parent_is_partitioned)));
    }
    references
}
