//! The same columns reference another table or column.

use super::wording::{change_the_code, declared_key, references, source_name};
use super::{Aspect, Draft, Drafts, Example, Fix, Group, Role, Rule};
use crate::compare::{Comparison, Seen};
use crate::finding::{Consequence, Level};
use crate::model::{DeclaredKey, Engine, ObservedKey, RuleId};

const SCHEMA: &str = "
diesel::table! { users (id) { id -> Integer, } }
diesel::table! { accounts (id) { id -> Integer, } }
diesel::table! { posts (id) { id -> Integer, author_id -> Integer, } }
";

const DATABASE: &str = "
CREATE TABLE users (id INTEGER PRIMARY KEY NOT NULL);
CREATE TABLE accounts (id INTEGER PRIMARY KEY NOT NULL);
CREATE TABLE posts (
    id INTEGER PRIMARY KEY NOT NULL,
    author_id INTEGER NOT NULL REFERENCES accounts (id) ON DELETE RESTRICT
);";

pub(super) const RULE: Rule = Rule {
    id: RuleId::fk_parent_mismatch,
    group: Group::Agreement,
    level: Level::Deny,
    says: "the same columns reference another table or column in the source",
    why: "The code names one parent and the database enforces another: rows are checked against, and go with, a table that the \
          code doesn't think of. Two tables whose ids overlap can hide it for a long time.",
    role: Role { aspect: Some(Aspect::Parent), in_build_scripts: true, contradicts: true, fix: Fix::ByHand },
    wrong: Example {
        engine: Engine::Sqlite,
        files: &[],
        database: DATABASE,
        schema: SCHEMA,
        code: "
#[derive(Queryable, ForeignKeys)]
#[diesel(table_name = posts)]
pub struct Post {
    pub id: i32,
    #[fk(references = users(id), on_delete = restrict)]
    pub author_id: i32,
}",
    },
    right: Example {
        engine: Engine::Sqlite,
        files: &[],
        database: DATABASE,
        schema: SCHEMA,
        code: "
#[derive(Queryable, ForeignKeys)]
#[diesel(table_name = posts)]
pub struct Post {
    pub id: i32,
    #[fk(references = accounts(id), on_delete = restrict)]
    pub author_id: i32,
}",
    },
    code: None,
    source: Some(check),
};

fn check(comparison: &Comparison<'_>, drafts: &mut Drafts) {
    for pair in &comparison.pairs {
        if let Some(observed) = pair.observed().filter(|observed| observed.parent_columns.is_empty()) {
            drafts.add(dangling(comparison, pair.declared, observed));
        }
        let Seen::OtherParent(keys) = &pair.seen else { continue };
        let Some((observed, parent)) = keys.first().copied().zip(pair.declared.parent()) else { continue };
        let source = source_name(comparison);
        // The same table may be meant by other columns.
        let meant = if observed.parent.name == parent.table.name && !parent.columns.is_empty() {
            format!("{}({})", parent.table, parent.columns.join(", "))
        } else {
            parent.table.to_string()
        };
        let message = format!(
            "`{}` → `{meant}` in the code, and the same {} in the {source}{}",
            pair.declared.key,
            if pair.declared.key.columns.len() == 1 {
                "column references ".to_owned()
            } else {
                "columns reference ".to_owned()
            } + &referenced(observed),
            why_not_there(comparison, observed)
        );
        let draft =
            Draft::of_key(RULE.level, pair.declared, parent.span, format!("`{meant}` in the code"), message)
                .seen_in(comparison, Some(observed))
                .consequence(Consequence::Orphans)
                .label(
                    pair.declared.first().column_span,
                    format!("references {} in the {source}", referenced(observed)),
                );
        let draft = if observed.parent_columns.is_empty() {
            draft.note(fails(observed))
        } else {
            draft.help(change_the_code(comparison, &format!("references = {}", references(observed))))
        };
        drafts.add(draft.help(format!(
            "if the code is right: write a migration that lets the key reference `{meant}`; rows whose values aren't there make it fail"
        )));
    }
}

/// `` `accounts(id)` ``
fn referenced(observed: &ObservedKey) -> String {
    match &observed.parent_columns[..] {
        [] => format!("`{}`", observed.parent),
        columns => format!("`{}({})`", observed.parent, columns.join(", ")),
    }
}

/// Behind a parent that can't be referred to.
fn why_not_there(comparison: &Comparison<'_>, observed: &ObservedKey) -> &'static str {
    match (&observed.parent_columns[..], comparison.observed_table(&observed.parent)) {
        ([], None) => ", a table that isn't there (any more)",
        ([], Some(_)) => ", a table that has no such key",
        _ => "",
    }
}

fn fails(observed: &ObservedKey) -> String {
    format!("writing to `{}` fails while foreign keys are on", observed.key.table)
}

/// SQLite takes a key to a table that isn't there, and then fails at every write that would have to look at it.
fn dangling(comparison: &Comparison<'_>, declared: &DeclaredKey, observed: &ObservedKey) -> Draft {
    let (parent, source) = (&observed.parent, source_name(comparison));
    let why = match comparison.observed_table(parent) {
        None => format!("the table `{parent}` isn't there (any more)"),
        Some(_) => format!("the table `{parent}` has no such key"),
    };
    let message = format!("{} references nothing in the {source}: {why}", declared_key(declared));
    let span = declared.parent().map_or(declared.first().span, |parent| parent.span);
    Draft::of_key(RULE.level, declared, span, "references nothing", message)
        .seen_in(comparison, Some(observed))
        .consequence(Consequence::DeleteFails)
        .note(fails(observed))
        .help(format!(
            "write a migration that makes `{parent}`, or lets the key reference a table that is there"
        ))
}
