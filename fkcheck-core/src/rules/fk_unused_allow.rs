//! An allowance that allows nothing.

use std::collections::HashSet;

use super::examples::USERS_AND_POSTS;
use super::{Draft, Drafts, Example, Group, Role, Rule};
use crate::collect::Facts;
use crate::finding::Level;
use crate::model::{Engine, RuleId, Span};

const DATABASE: &str = "
CREATE TABLE users (id INTEGER PRIMARY KEY NOT NULL);
CREATE TABLE posts (
    id INTEGER PRIMARY KEY NOT NULL,
    author_id INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    editor_id INTEGER
);
CREATE INDEX posts_author_id ON posts (author_id);";

pub(super) const RULE: Rule = Rule {
    id: RuleId::fk_unused_allow,
    group: Group::Upkeep,
    level: Level::Warn,
    says: "an allowance that allows nothing",
    why: "An allowance was right when it was written. Once its cause is gone it only waits to hide the next breach of the same \
          rule, which nobody has looked at.",
    role: Role::NONE,
    wrong: Example {
        engine: Engine::Sqlite,
        files: &[],
        database: DATABASE,
        schema: USERS_AND_POSTS,
        code: "
#[derive(Queryable, ForeignKeys)]
#[diesel(table_name = posts)]
pub struct Post {
    pub id: i32,
    #[fk(references = users(id), on_delete = cascade, allow(fk_missing_index, reason = \"few rows\"))]
    pub author_id: i32,
    pub editor_id: Option<i32>,
}",
    },
    right: Example {
        engine: Engine::Sqlite,
        files: &[],
        database: DATABASE,
        schema: USERS_AND_POSTS,
        code: "
#[derive(Queryable, ForeignKeys)]
#[diesel(table_name = posts)]
pub struct Post {
    pub id: i32,
    #[fk(references = users(id), on_delete = cascade)]
    pub author_id: i32,
    pub editor_id: Option<i32>,
}",
    },
    code: None,
    source: None,
};

/// `used`: the places of allowances that have allowed something, after every other rule has looked.
pub(super) fn check(facts: &Facts, used: &HashSet<Span>, drafts: &mut Drafts) {
    let of_keys = facts
        .keys
        .iter()
        .flat_map(|declared| &declared.claims)
        .flat_map(|claim| claim.allow.iter().map(|allowance| (allowance, claim.package)));
    let of_models =
        facts.models.iter().flat_map(|model| model.allow.iter().map(|allowance| (allowance, model.package)));
    let mut told = HashSet::new();
    for (allowance, package) in of_keys.chain(of_models) {
        let rule = &allowance.rule;
        if used.contains(&rule.span) || rule.value == RULE.id || !told.insert(rule.span) {
            continue;
        }
        let message = format!("`allow({})` allows nothing here", rule.value);
        let draft = Draft::new(Level::Warn, package, rule.span, "not broken here", message);
        drafts.add(draft.help("remove it; the rule will say so if it is broken again"));
    }
}
