//! `joinable!` names another parent than the key does, or there is no key behind it.

use std::collections::HashMap;

use super::wording::{shows, source_name};
use super::{Draft, Drafts, Example, Group, Role, Rule};
use crate::compare::Comparison;
use crate::finding::Level;
use crate::model::{
    Allowance, DeclaredKey, Engine, Joinable, KeyName, ObservedKey, RuleId, TableKind, Visibility,
};

const SCHEMA: &str = "
diesel::table! { users (id) { id -> Integer, } }
diesel::table! { teams (id) { id -> Integer, } }
diesel::table! { owners (id) { id -> Integer, user_id -> Integer, owner_id -> Integer, } }
diesel::joinable!(owners -> users (user_id));
diesel::joinable!(owners -> teams (owner_id));
";

const DATABASE: &str = "
CREATE TABLE users (id INTEGER PRIMARY KEY NOT NULL);
CREATE TABLE teams (id INTEGER PRIMARY KEY NOT NULL);
CREATE TABLE owners (
    id INTEGER PRIMARY KEY NOT NULL,
    user_id INTEGER NOT NULL REFERENCES users (id) ON DELETE RESTRICT,
    owner_id INTEGER NOT NULL
);";

pub(super) const RULE: Rule = Rule {
    id: RuleId::fk_joinable_mismatch,
    group: Group::Code,
    level: Level::Warn,
    says: "`joinable!` names another parent than the key does, or there is no key behind it",
    why: "Diesel writes `joinable!` from the keys it sees, so a line without a key was written by hand, or the key has gone since. \
          Joins go on compiling either way. Where the column purposely has no key (it holds ids of several tables, told apart \
          by another column), `#[fk(none, reason = \"..\")]` says so.",
    role: Role::NONE,
    wrong: Example {
        engine: Engine::Sqlite,
        files: &[],
        database: DATABASE,
        schema: SCHEMA,
        code: "
foreign_keys! {
    owners (user_id) -> users (id), on_delete = restrict;
}",
    },
    right: Example {
        engine: Engine::Sqlite,
        files: &[],
        database: DATABASE,
        schema: SCHEMA,
        code: "
foreign_keys! {
    owners (user_id) -> users (id), on_delete = restrict;
    owners (owner_id), none, reason = \"user or team, told apart by kind\";
}",
    },
    code: None,
    source: Some(check),
};

fn check(comparison: &Comparison<'_>, drafts: &mut Drafts) {
    let mut declared: HashMap<&KeyName, Vec<&DeclaredKey>> = HashMap::new();
    for pair in &comparison.pairs {
        declared.entry(&pair.declared.key).or_default().push(pair.declared);
    }
    for joinable in &comparison.facts.joinables {
        if comparison.ignores(&joinable.key.table)
            || declared
                .get(&joinable.key)
                .is_some_and(|all| all.iter().any(|declared| speaks_for(declared, joinable)))
        {
            continue;
        }
        let keys = comparison.keys_with(joinable);
        if keys.iter().any(|key| comparison.same_table(&joinable.parent, &key.parent)) {
            continue;
        }
        // A view has no keys, and joining it is fine.
        let is_seen =
            |table| comparison.observed_table(table).is_some_and(|table| table.kind != TableKind::View);
        match keys.first() {
            Some(key) => drafts.add(other_parent(comparison, joinable, key)),
            None if comparison.observation.visibility == Visibility::Whole
                && is_seen(&joinable.key.table)
                && is_seen(&joinable.parent) =>
            {
                drafts.add(no_key(comparison, joinable));
            }
            None => {}
        }
    }
}

/// Where an annotation says the same, or that there is no key, the rules that compare it say what is to be said.
fn speaks_for(declared: &DeclaredKey, joinable: &Joinable) -> bool {
    declared.none().is_some() || declared.parent().is_some_and(|parent| parent.table == joinable.parent)
}

fn other_parent(comparison: &Comparison<'_>, joinable: &Joinable, key: &ObservedKey) -> Draft {
    let message = format!(
        "`joinable!` says that `{}` refers to `{}`, and in the {} it refers to `{}`",
        joinable.key,
        joinable.parent,
        source_name(comparison),
        key.parent
    );
    Draft::new(RULE.level, joinable.package, joinable.span, "another parent", message)
        .seen_in(comparison, Some(key))
        .allowed_by(allowances(comparison, joinable))
        .help("run `diesel print-schema` again")
}

fn no_key(comparison: &Comparison<'_>, joinable: &Joinable) -> Draft {
    let message = format!(
        "`joinable!` says that `{}` refers to `{}`, and the {} {} no key on it",
        joinable.key,
        joinable.parent,
        source_name(comparison),
        shows(comparison)
    );
    Draft::new(RULE.level, joinable.package, joinable.span, "no key behind it", message)
        .seen_in(comparison, None)
        .allowed_by(allowances(comparison, joinable))
        .help("if that is meant, write `#[fk(none, reason = \"..\")]` on the column; else write a migration that adds the key")
}

/// What the models of the child table, or its key's annotations, allow.
fn allowances<'a>(
    comparison: &'a Comparison<'_>,
    joinable: &'a Joinable,
) -> impl Iterator<Item = &'a Allowance> {
    let of_models = comparison.facts.models_of(&joinable.key.table).flat_map(|model| &model.allow);
    let of_keys =
        comparison.facts.keys_on(&joinable.key).flat_map(|key| &key.claims).flat_map(|claim| &claim.allow);
    of_models.chain(of_keys)
}
