//! What comes of SET NULL and SET DEFAULT: the columns are written, or something refuses their new values.

use super::{Fate, When};
use crate::model::{Action, ColumnFacts, EngineFacts, Event, Guard, GuardKind, MatchType, ObservedKey};

/// A column that the engine writes at a delete.
struct Written<'k> {
    name: &'k str,
    facts: &'k ColumnFacts,
    becomes_null: bool,
}

pub(super) fn fates<'k>(key: &'k ObservedKey, engine: &EngineFacts) -> Vec<Fate<'k>> {
    let written = columns(key);
    if written.iter().any(|column| column.facts.generated) {
        return vec![Fate::Fails(When::Generated, None)];
    }
    if written.iter().any(|column| column.becomes_null && !column.facts.nullable) {
        return vec![Fate::Fails(When::NotNull, None)];
    }
    let nulls = written.iter().filter(|column| column.becomes_null).count();
    if key.match_type == MatchType::Full
        && engine.keeps_match_full
        && nulls > 0
        && nulls < key.key.columns.len()
    {
        return vec![Fate::Fails(When::HalfNull, None)];
    }
    let at_delete = key.guards.iter().filter(|guard| guard.event == Event::Delete);
    let refusals: Vec<_> = at_delete.filter_map(|guard| refusal(guard, &written)).collect();
    if let Some((_, guard)) = refusals.iter().find(|(when, _)| *when == When::NotNull) {
        return vec![Fate::Fails(When::NotNull, guard.name.as_deref())];
    }
    let mut fates = vec![Fate::Cleared];
    fates.extend(refusals.into_iter().map(|(when, guard)| Fate::Fails(when, guard.name.as_deref())));
    // A key that is NULL in part refers to nothing.
    if nulls == 0 && matches!(key.on_delete, Action::SetDefault(_)) {
        fates.push(Fate::Fails(When::DefaultRow, None));
    }
    fates
}

fn columns(key: &ObservedKey) -> Vec<Written<'_>> {
    let (named, is_default) = match &key.on_delete {
        Action::SetNull(named) => (&named[..], false),
        Action::SetDefault(named) => (&named[..], true),
        _ => return Vec::new(),
    };
    let all = key.key.columns.iter().zip(&key.columns);
    all.filter(|(name, _)| named.is_empty() || named.contains(name))
        .map(|(name, facts)| Written { name, facts, becomes_null: !(is_default && facts.has_default) })
        .collect()
}

/// When a guard refuses what is written, if it can.
fn refusal<'k>(guard: &'k Guard, written: &[Written<'_>]) -> Option<(When, &'k Guard)> {
    let looked_at = || written.iter().filter(|column| guard.columns.iter().any(|name| name == column.name));
    let (when, does) = match guard.kind {
        GuardKind::NotNull => (When::NotNull, looked_at().any(|column| column.becomes_null)),
        GuardKind::Check => (When::Check, looked_at().next().is_some()),
        // Of NULLs it takes any number.
        GuardKind::Unique => (When::Unique, looked_at().any(|column| !column.becomes_null)),
        GuardKind::UniqueNull => (When::Unique, looked_at().next().is_some()),
        GuardKind::PartitionKey => (When::PartitionKey, looked_at().next().is_some()),
        // What is written is NULL or the column's own.
        GuardKind::Room => (When::Room, false),
    };
    does.then_some((when, guard))
}
