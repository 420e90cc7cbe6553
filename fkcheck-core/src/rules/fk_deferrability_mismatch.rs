//! Code and source disagree on deferrability.

use super::examples::USERS_AND_POSTS;
use super::wording::{
    change_the_annotation, change_the_source, declared_key, if_the_source_is_right, source_name,
};
use super::{Aspect, Draft, Drafts, Example, Fix, Group, Role, Rule};
use crate::compare::Comparison;
use crate::finding::Level;
use crate::model::{Deferrability, Engine, RuleId};

pub(super) const RULE: Rule = Rule {
    id: RuleId::fk_deferrability_mismatch,
    group: Group::Agreement,
    level: Level::Warn,
    says: "code and source disagree on deferrability, where the code states it",
    why: "A key that is checked at commit lets a transaction delete the parent first and the children later, or insert rows \
          that refer to each other. Code that relies on it fails at its first statement where the key is not deferrable. \
          MySQL and MariaDB have no deferrable keys.",
    role: Role {
        aspect: Some(Aspect::Deferrability),
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
    author_id INTEGER NOT NULL REFERENCES users (id),
    editor_id INTEGER
);",
        schema: USERS_AND_POSTS,
        code: "
#[derive(Queryable, ForeignKeys)]
#[diesel(table_name = posts)]
pub struct Post {
    pub id: i32,
    #[fk(references = users(id), deferrable = deferred)]
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
    author_id INTEGER NOT NULL REFERENCES users (id) DEFERRABLE INITIALLY DEFERRED,
    editor_id INTEGER
);",
        schema: USERS_AND_POSTS,
        code: "
#[derive(Queryable, ForeignKeys)]
#[diesel(table_name = posts)]
pub struct Post {
    pub id: i32,
    #[fk(references = users(id), deferrable = deferred)]
    pub author_id: i32,
    pub editor_id: Option<i32>,
}",
    },
    code: None,
    source: Some(check),
};

fn check(comparison: &Comparison<'_>, drafts: &mut Drafts) {
    for pair in &comparison.pairs {
        let Some((observed, stated)) = pair.observed().zip(pair.declared.deferrability()) else { continue };
        if stated.value == observed.deferrability {
            continue;
        }
        let source = source_name(comparison);
        let message = format!(
            "{} is {} in the code and {} in the {source}",
            declared_key(pair.declared),
            stated.value,
            observed.deferrability
        );
        let label = format!("{} in the code", stated.value);
        let mut draft = Draft::of_key(RULE.level, pair.declared, stated.span, label, message)
            .seen_in(comparison, Some(observed))
            .help_for_the_source(change_the_source(
                pair.declared,
                observed,
                &stated.value.to_string(),
                false,
            ));
        draft = match observed.deferrability {
            Deferrability::NotDeferrable => draft
                .help(format!("{}: remove `deferrable` from the code", if_the_source_is_right(comparison))),
            Deferrability::Immediate => draft
                .help(change_the_annotation(comparison, pair.declared, "deferrable = immediate"))
                .suggest(format!("make the code agree with the {source}"), stated.span, "immediate"),
            Deferrability::Deferred => draft
                .help(change_the_annotation(comparison, pair.declared, "deferrable = deferred"))
                .suggest(format!("make the code agree with the {source}"), stated.span, "deferred"),
        };
        drafts.add(draft);
    }
}
