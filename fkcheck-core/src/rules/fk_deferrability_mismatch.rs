//! Code and source disagree on deferrability.

use super::clause::{Unstated, stated_otherwise, unstated};
use super::examples::USERS_AND_POSTS;
use super::wording::{change_the_annotation, change_the_source, if_the_source_is_right};
use super::{Aspect, Drafts, Example, Fix, Group, Role, Rule};
use crate::compare::Comparison;
use crate::finding::Level;
use crate::model::{Deferrability, Engine, RuleId};

pub(super) const RULE: Rule = Rule {
    id: RuleId::fk_deferrability_mismatch,
    group: Group::Agreement,
    level: Level::Warn,
    says: "code and source disagree on deferrability; an annotation that says nothing of it means NOT DEFERRABLE",
    why: "A key that is checked at commit lets a transaction delete the parent first and the children later, or insert rows \
          that refer to each other. Code that relies on it fails at its first statement where the key is not deferrable; code \
          that doesn't learns of a breach at commit, far from the statement that made it. An annotation that says nothing of \
          it means SQL's default, NOT DEFERRABLE. \
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
        let Some(observed) = pair.observed() else { continue };
        let wanted = pair.declared.meant_deferrability();
        if wanted == observed.deferrability {
            continue;
        }
        let seen = format!("deferrable = {}", observed.deferrability.as_annotation());
        let draft = match pair.declared.deferrability() {
            Some(stated) => {
                let seen = (&observed.deferrability, observed.deferrability.as_annotation().to_owned());
                stated_otherwise(comparison, pair.declared, observed, "", stated, seen)
            }
            None => unstated(
                comparison,
                pair.declared,
                observed,
                &Unstated {
                    clause: "deferrability",
                    meant: wanted.to_string(),
                    seen: observed.deferrability.to_string(),
                    entry: seen.clone(),
                },
            ),
        };
        let to_source = change_the_source(pair.declared, observed, &wanted.to_string(), false);
        let to_code = match observed.deferrability {
            Deferrability::NotDeferrable => {
                format!("{}: remove `deferrable` from the code", if_the_source_is_right(comparison))
            }
            _ => change_the_annotation(comparison, pair.declared, &seen),
        };
        drafts.add(draft.help_for_the_source(to_source).help(to_code));
    }
}
