//! Code and source disagree on ON UPDATE.

use super::clause::{Unstated, stated_otherwise, unstated};
use super::examples::USERS_AND_POSTS;
use super::wording::{change_the_annotation, change_the_source};
use super::{Aspect, Drafts, Example, Fix, Group, Role, Rule};
use crate::compare::{Agreement, Comparison};
use crate::finding::Level;
use crate::model::{Engine, RuleId};

pub(super) const RULE: Rule = Rule {
    id: RuleId::fk_on_update_mismatch,
    group: Group::Agreement,
    level: Level::Warn,
    says: "code and source disagree on ON UPDATE; an annotation that says nothing of it means NO ACTION",
    why: "ON UPDATE says what happens to the child rows when the parent's key changes. Most keys never change, which is why \
          this only warns; where they do (natural keys, merged accounts), a missing CASCADE makes the update fail and an \
          unexpected one rewrites rows. An annotation that says nothing of ON UPDATE means SQL's default, NO ACTION; beside that \
          RESTRICT is no finding, for a plain update ends the same way.",
    role: Role { aspect: Some(Aspect::OnUpdate), in_build_scripts: true, contradicts: true, fix: Fix::Mends },
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
    #[fk(references = users(id), on_update = cascade)]
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
    author_id INTEGER NOT NULL REFERENCES users (id) ON UPDATE CASCADE,
    editor_id INTEGER
);",
        schema: USERS_AND_POSTS,
        code: "
#[derive(Queryable, ForeignKeys)]
#[diesel(table_name = posts)]
pub struct Post {
    pub id: i32,
    #[fk(references = users(id), on_update = cascade)]
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
        let agreement = comparison.on_update(pair.declared, observed);
        if agreement == Agreement::Same {
            continue;
        }
        let wanted = pair.declared.meant_on_update();
        let seen = observed.on_update.as_annotation();
        let draft = match pair.declared.on_update() {
            Some(stated) => {
                let seen = (&observed.on_update, seen.clone());
                stated_otherwise(comparison, pair.declared, observed, "ON UPDATE ", stated, seen)
            }
            None => unstated(
                comparison,
                pair.declared,
                observed,
                &Unstated {
                    clause: "ON UPDATE",
                    meant: wanted.to_string(),
                    seen: format!("ON UPDATE {}", observed.on_update),
                    entry: format!("on_update = {seen}"),
                },
            ),
        };
        let draft = draft
            .help_for_the_source(change_the_source(
                pair.declared,
                observed,
                &format!("ON UPDATE {wanted}"),
                wanted.clears_more_than(Some(&observed.on_update)),
            ))
            .help(change_the_annotation(comparison, pair.declared, &format!("on_update = {seen}")));
        drafts.add(if agreement == Agreement::AlikeForPlainDeletes { draft.noted() } else { draft });
    }
}
