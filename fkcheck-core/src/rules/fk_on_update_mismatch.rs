//! Code and source disagree on ON UPDATE.

use super::examples::USERS_AND_POSTS;
use super::wording::{change_the_annotation, change_the_source, declared_key, source_name};
use super::{Aspect, Draft, Drafts, Example, Fix, Group, Role, Rule};
use crate::compare::{Agreement, Comparison};
use crate::finding::Level;
use crate::model::{Engine, RuleId};

pub(super) const RULE: Rule = Rule {
    id: RuleId::fk_on_update_mismatch,
    group: Group::Agreement,
    level: Level::Warn,
    says: "code and source disagree on ON UPDATE, where the code states it",
    why: "ON UPDATE says what happens to the child rows when the parent's key changes. Most keys never change, which is why \
          this only warns; where they do (natural keys, merged accounts), a missing CASCADE makes the update fail and an \
          unexpected one rewrites rows. An annotation that says nothing of ON UPDATE makes no claim.",
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
        let Some((observed, stated)) = pair.observed().zip(pair.declared.on_update()) else { continue };
        let agreement = comparison.on_update(pair.declared, observed);
        if matches!(agreement, None | Some(Agreement::Same)) {
            continue;
        }
        let source = source_name(comparison);
        let message = format!(
            "{} is ON UPDATE {} in the code and {} in the {source}",
            declared_key(pair.declared),
            stated.value,
            observed.on_update
        );
        let in_code = observed.on_update.as_annotation();
        let label = format!("{} in the code, {} in the {source}", stated.value, observed.on_update);
        let draft = Draft::of_key(RULE.level, pair.declared, stated.span, label, message)
            .seen_in(comparison, Some(observed))
            .help_for_the_source(change_the_source(
                pair.declared,
                observed,
                &format!("ON UPDATE {}", stated.value),
                stated.value.clears_more_than(Some(&observed.on_update)),
            ))
            .help(change_the_annotation(comparison, pair.declared, &format!("on_update = {in_code}")))
            .suggest(format!("make the code agree with the {source}"), stated.span, in_code);
        drafts.add(if agreement == Some(Agreement::AlikeForPlainDeletes) { draft.noted() } else { draft });
    }
}
