//! Counts rows without a parent where that is asked for.

use super::observe::limits;
use super::problems::problem_of;
use super::{ReadSource, Run};
use crate::collect::Facts;
use crate::compare::{Comparison, Seen, missing};
use crate::engines::orphans::Reference;
use crate::model::{KeyId, SourceKind, TableKind, TableName};
use crate::outcome::Problem;
use crate::sources;
use crate::words::counted;

/// Counts the rows of every declared key that a live database has, or should have. What couldn't be counted is a problem.
pub(super) fn count(run: &mut Run<'_>) {
    let (mut problems, mut is_counted) = (Vec::new(), false);
    for at in 0..run.observed.len() {
        let observed = &run.observed[at];
        let Some(counts) = count_in(run, observed, &mut problems) else { continue };
        is_counted = true;
        run.observed[at].orphans.extend(counts);
    }
    if !is_counted {
        problems.push(Problem {
            message: "`--data` counts rows, and no single database was read".to_owned(),
            label: None,
            help: vec!["name one with `--database-url`; migrations and snapshots have no rows".to_owned()],
        });
    }
    run.problems.extend(problems);
}

/// The counts in one source; `None` where it has no rows to count.
fn count_in(run: &Run<'_>, observed: &ReadSource, problems: &mut Vec<Problem>) -> Option<Vec<(KeyId, u64)>> {
    let comparison = run.comparison(&run.facts, observed);
    let url = observed.url.as_ref()?;
    if observed.observation.source != SourceKind::Database || comparison.sees_no_declared_table() {
        return None;
    }
    let (references, not_tables) = references(&comparison, &run.facts);
    problems.extend(not_tables);
    run.say("Counting", format!("rows without a parent, of {}", counted(references.len(), "key")));
    let all: Vec<Reference> = references.iter().map(|(_, reference)| reference.clone()).collect();
    let counts = match sources::count_orphans(url, &limits(&run.request, &run.workspace), &all) {
        Ok(counts) => counts,
        Err(error) => {
            problems.push(problem_of(&error));
            return Some(Vec::new());
        }
    };
    let mut known = Vec::new();
    for ((key, _), count) in references.into_iter().zip(counts) {
        match count {
            Ok(count) => known.push((key, count)),
            Err(why) => problems.push(Problem {
                message: format!("the rows of `{key}` could not be counted: {why}"),
                label: None,
                help: vec![
                    "counting takes SELECT on both tables, and time: `--deadline` gives more".to_owned(),
                ],
            }),
        }
    }
    Some(known)
}

/// What is to be counted, and what is declared on something that is no table: reading a view calls its functions.
fn references(comparison: &Comparison<'_>, facts: &Facts) -> (Vec<(KeyId, Reference)>, Vec<Problem>) {
    let (mut references, mut not_tables) = (Vec::new(), Vec::new());
    let tables = &comparison.observation.tables;
    let kind_of = |name: &TableName| tables.iter().find(|table| table.name == *name).map(|table| table.kind);
    for pair in &comparison.pairs {
        let added;
        let key = match &pair.seen {
            Seen::Keys(keys) => keys.first().copied(),
            Seen::Absent(Some(table)) if pair.declared.none().is_none() => {
                added = missing::added(pair.declared, table, comparison, facts).ok();
                added.as_ref()
            }
            _ => None,
        };
        let Some(key) = key.filter(|key| !key.parent_columns.is_empty()) else { continue };
        let is_key = matches!(pair.seen, Seen::Keys(_));
        let is_no_table = |name: &&&TableName| {
            !matches!(
                kind_of(name),
                None | Some(TableKind::Table | TableKind::Partitioned | TableKind::Partition)
            )
        };
        if let Some(name) = [&key.key.table, &key.parent].iter().find(is_no_table) {
            not_tables.push(Problem {
                message: format!(
                    "the rows of `{}` could not be counted: `{name}` is no ordinary table, and only tables are read",
                    pair.declared.key
                ),
                label: None,
                help: vec!["leave `--data` out, or take the annotation away from what is no table".to_owned()],
            });
            continue;
        }
        let parent_is_partitioned = kind_of(&key.parent) == Some(TableKind::Partitioned);
        references.push((pair.declared.id(), Reference::of(key, is_key, parent_is_partitioned)));
    }
    (references, not_tables)
}
