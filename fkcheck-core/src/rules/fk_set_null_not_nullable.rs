//! SET NULL on a column that doesn't take NULL.

use super::examples::USERS_AND_POSTS;
use super::wording::{declared_key, source_name};
use super::{Draft, Drafts, Example, Group, Role, Rule};
use crate::collect::Facts;
use crate::compare::{Agreement, Comparison, Pair};
use crate::finding::{Consequence, Level};
use crate::model::{
    Action, Column, DeclaredKey, Engine, Event, GuardKind, MatchType, NullingNotNull, ObservedKey, RuleId,
};

const DATABASE: &str = "
CREATE TABLE users (id INTEGER PRIMARY KEY NOT NULL);
CREATE TABLE posts (
    id INTEGER PRIMARY KEY NOT NULL,
    author_id INTEGER NOT NULL REFERENCES users (id) ON DELETE SET NULL,
    editor_id INTEGER REFERENCES users (id) ON DELETE SET NULL
);
CREATE INDEX posts_author_id ON posts (author_id);
CREATE INDEX posts_editor_id ON posts (editor_id);";

pub(super) const RULE: Rule = Rule {
    id: RuleId::fk_set_null_not_nullable,
    group: Group::Code,
    level: Level::Deny,
    says: "SET NULL on a column that takes no NULL, by NOT NULL, a CHECK or a domain: the delete of a parent fails",
    why: "PostgreSQL and SQLite accept the key and fail at the delete, with an error about a NOT NULL constraint that names \
          neither the key nor the rule; so they do where a CHECK or a domain says IS NOT NULL, and where MATCH FULL forbids a key \
          that is NULL in part. MySQL and MariaDB refuse the key. With PostgreSQL 15 and later, `set_null(column)` can \
          name the columns of a composite key that do take NULL.",
    role: Role { in_build_scripts: true, ..Role::NONE },
    wrong: Example {
        engine: Engine::Sqlite,
        files: &[],
        database: DATABASE,
        schema: USERS_AND_POSTS,
        code: "
foreign_keys! {
    posts (author_id) -> users (id), on_delete = set_null;
    posts (editor_id) -> users (id), on_delete = set_null;
}",
    },
    right: Example {
        engine: Engine::Sqlite,
        files: &[],
        database: DATABASE,
        schema: USERS_AND_POSTS,
        code: "
foreign_keys! {
    posts (editor_id) -> users (id), on_delete = set_null;
}",
    },
    code: Some(check_code),
    source: Some(check_source),
};

fn check_code(facts: &Facts, drafts: &mut Drafts) {
    for declared in &facts.keys {
        for (clause, stated) in [("ON DELETE", declared.on_delete()), ("ON UPDATE", declared.on_update())] {
            let Some(stated) = stated else { continue };
            for column in not_nullable(facts, declared, &stated.value) {
                let message = format!(
                    "{} is {clause} {}, and `{}` is NOT NULL",
                    declared_key(declared),
                    stated.value,
                    column.name
                );
                drafts.add(
                    Draft::of_key(RULE.level, declared, stated.span, "can't be done", message)
                        .consequence(Consequence::DeleteFails)
                        .label(column.span, "not `Nullable`")
                        .note("every delete of a row that is referred to fails")
                        .help("make the column nullable, or write `cascade`, `restrict` or `no_action`"),
                );
            }
        }
    }
}

/// The columns that the action would set to NULL and that don't take it, as schema.rs has them.
fn not_nullable<'a>(facts: &'a Facts, declared: &'a DeclaredKey, action: &'a Action) -> Vec<&'a Column> {
    let Action::SetNull(named) = action else { return Vec::new() };
    let columns = if named.is_empty() { &declared.key.columns } else { named };
    let Some(table) = facts.table(&declared.key.table) else { return Vec::new() };
    columns.iter().filter_map(|name| table.column(name)).filter(|column| !column.nullable).collect()
}

/// The source says SET NULL and NOT NULL, and the code says SET NULL too, or nothing, of a column it holds for nullable.
fn check_source(comparison: &Comparison<'_>, drafts: &mut Drafts) {
    if comparison.engine().nulling_not_null == NullingNotNull::Refused {
        return;
    }
    for pair in &comparison.pairs {
        let Some(observed) = pair.observed() else { continue };
        let Action::SetNull(named) = &observed.on_delete else { continue };
        let agrees = comparison
            .on_delete(pair.declared, observed)
            .is_none_or(|agreement| agreement == Agreement::Same);
        if !agrees
            || !not_nullable(comparison.facts, pair.declared, &observed.on_delete).is_empty()
                && pair.declared.on_delete().is_some()
        {
            continue;
        }
        for draft in guarded(comparison, pair, observed, named) {
            drafts.add(draft);
        }
        for (column, facts) in observed.key.columns.iter().zip(&observed.columns) {
            if facts.nullable || !(named.is_empty() || named.contains(column)) {
                continue;
            }
            let claim = pair.declared.first();
            let span = pair.declared.on_delete().map_or(claim.span, |stated| stated.span);
            let message = format!(
                "{} is ON DELETE {} in the {}, and `{column}` is NOT NULL there",
                declared_key(pair.declared),
                observed.on_delete,
                source_name(comparison)
            );
            drafts.add(
                Draft::of_key(RULE.level, pair.declared, span, "can't be done", message)
                    .seen_in(comparison, Some(observed))
                    .consequence(Consequence::DeleteFails)
                    .label(claim.column_span, "NOT NULL in the source")
                    .note(format!("every delete of a row of `{}` that is referred to fails", observed.parent))
                    .help("write a migration that makes the column nullable, or that changes the rule"),
            );
        }
    }
}

/// What forbids NULL beside NOT NULL: a CHECK, a domain, and MATCH FULL where a part of the key would stay.
fn guarded<'d>(
    comparison: &'d Comparison<'_>,
    pair: &'d Pair<'_>,
    observed: &'d ObservedKey,
    named: &'d [String],
) -> impl Iterator<Item = Draft> + 'd {
    let is_written = |column: &String| named.is_empty() || named.contains(column);
    let guards = observed
        .guards
        .iter()
        .filter(|guard| guard.event == Event::Delete && guard.kind == GuardKind::NotNull);
    let by_guards = guards.filter_map(move |guard| {
        let column = guard.columns.iter().find(|column| is_written(column))?;
        Some(match &guard.name {
            Some(name) => format!("`{name}` takes no NULL for `{column}` there"),
            None => format!("a CHECK takes no NULL for `{column}` there"),
        })
    });
    let is_half_null = observed.match_type == MatchType::Full
        && comparison.engine().keeps_match_full
        && !named.is_empty()
        && observed.key.columns.iter().any(|column| !named.contains(column));
    let by_match = is_half_null.then(|| "MATCH FULL, which takes no key that is NULL in part".to_owned());
    by_guards.chain(by_match).map(|why| {
        let claim = pair.declared.first();
        let span = pair.declared.on_delete().map_or(claim.span, |stated| stated.span);
        let message = format!(
            "{} is ON DELETE {} in the {}, and {why}",
            declared_key(pair.declared),
            observed.on_delete,
            source_name(comparison)
        );
        Draft::of_key(RULE.level, pair.declared, span, "can't be done", message)
            .seen_in(comparison, Some(observed))
            .consequence(Consequence::DeleteFails)
            .note(format!("every delete of a row of `{}` that is referred to fails", observed.parent))
            .help("write a migration that drops the constraint, or that changes the rule")
    })
}
