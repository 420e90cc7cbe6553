//! Declared, and no such key in the source.

use super::examples::USERS_AND_POSTS;
use super::wording::{declared_key, shows, source_name};
use super::{Aspect, Draft, Drafts, Example, Fix, Group, Role, Rule};
use crate::compare::{Comparison, Seen};
use crate::finding::{Consequence, Level};
use crate::model::{Engine, RuleId};

pub(super) const RULE: Rule = Rule {
    id: RuleId::fk_missing_in_source,
    group: Group::Agreement,
    level: Level::Deny,
    says: "declared in the code, and the source has no such key",
    why: "Without the key nothing happens when a parent is deleted: the children stay and point at nothing, whatever the \
          annotation says. This is told only where the catalogue was seen whole; where a role can't see everything, the run \
          says that it could not know.",
    role: Role {
        aspect: Some(Aspect::Existence),
        in_build_scripts: true,
        contradicts: true,
        fix: Fix::Mends,
    },
    wrong: Example {
        engine: Engine::Sqlite,
        files: &[],
        database: "
CREATE TABLE users (id INTEGER PRIMARY KEY NOT NULL);
CREATE TABLE posts (
    id INTEGER PRIMARY KEY NOT NULL,
    author_id INTEGER NOT NULL,
    editor_id INTEGER
);",
        schema: USERS_AND_POSTS,
        code: "
#[derive(Queryable, ForeignKeys)]
#[diesel(table_name = posts)]
pub struct Post {
    pub id: i32,
    #[fk(references = users(id), on_delete = restrict)]
    pub author_id: i32,
    pub editor_id: Option<i32>,
}",
    },
    right: Example {
        engine: Engine::Sqlite,
        files: &[],
        database: "
CREATE TABLE users (id INTEGER PRIMARY KEY NOT NULL);
CREATE TABLE posts (
    id INTEGER PRIMARY KEY NOT NULL,
    author_id INTEGER NOT NULL,
    editor_id INTEGER
);",
        schema: USERS_AND_POSTS,
        code: "
#[derive(Queryable, ForeignKeys)]
#[diesel(table_name = posts)]
pub struct Post {
    pub id: i32,
    #[fk(none, reason = \"authors live in another service\")]
    pub author_id: i32,
    pub editor_id: Option<i32>,
}",
    },
    code: None,
    source: Some(check),
};

fn check(comparison: &Comparison<'_>, drafts: &mut Drafts) {
    for pair in &comparison.pairs {
        let Seen::Absent(table) = pair.seen else { continue };
        // A table that keeps no keys at all is `fk_not_enforced`'s.
        if pair.declared.none().is_some()
            || table.is_some_and(|table| !comparison.engine().keeps_foreign_keys(table))
        {
            continue;
        }
        let (declared, source) = (pair.declared, source_name(comparison));
        let claim = declared.first();
        let what = match table {
            Some(_) => "no such foreign key",
            None => "no such table",
        };
        let message = format!(
            "{} is declared in the code, and the {source} {} {what}",
            declared_key(declared),
            shows(comparison)
        );
        let mut draft = Draft::of_key(RULE.level, declared, claim.span, "declared here", message)
            .seen_in(comparison, None)
            .consequence(Consequence::Orphans);
        draft = match (table, declared.parent()) {
            (Some(table), Some(parent)) => {
                draft.label(parent.span, format!("the parent, `{}`", parent.table)).note(format!(
                    "deleting a row of `{}` leaves its rows in `{}` behind, pointing at nothing",
                    parent.table, table.name
                ))
            }
            (Some(_), None) => draft,
            (None, _) => draft.note(format!(
                "looked for `{}` in {}",
                declared.key.table,
                comparison
                    .engine()
                    .default_schemas
                    .iter()
                    .map(|schema| format!("`{schema}`"))
                    .collect::<Vec<_>>()
                    .join(", ")
            )),
        };
        if declared.is_one_of_several {
            draft = draft
                .note("another annotation names another parent for the same columns: these are two keys");
        }
        drafts.add(
            draft
                .help_for_the_source("if the code is right: `cargo fkcheck fix --data` counts the rows without a parent, which would be in the way, and writes the migration that adds the key")
                .help("if there is purposely no key: write `#[fk(none, reason = \"..\")]`"),
        );
    }
}
