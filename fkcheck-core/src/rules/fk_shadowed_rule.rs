//! A rule that keeps rows which go by another way.

use super::examples::USERS_POSTS_AND_COMMENTS;
use super::on_the_way::{Known, in_words};
use super::wording::{key_to_parent, source_name};
use super::{Drafts, Example, Group, Role, Rule};
use crate::compare::Comparison;
use crate::consequence::{Deletes, Hazard};
use crate::finding::{Consequence, Level};
use crate::model::{Engine, ObservedKey, RuleId};

pub(super) const RULE: Rule = Rule {
    id: RuleId::fk_shadowed_rule,
    group: Group::Consequence,
    level: Level::Warn,
    says: "cascades from the same parent delete the rows that this rule keeps (allowed where the code neither says that they are worth \
           keeping nor why)",
    why: "SET NULL on `comments.author_id` keeps a comment when its author goes. But the author's posts go too, and a cascade takes the \
          comments on them, the author's own among them: the rule is right, and the row is gone. No look at one key shows it. Where the \
          code says that such rows are of value or audit evidence (`data = value | audit`), or gives the key a reason, this warns. \
          Elsewhere it is allowed, and where the cascade is another key of the same row to the same table: `confirmed_by` with SET \
          NULL beside `profile_id` with CASCADE, which says whose the row is. In real code bases nearly all were of this kind.",
    role: Role::NONE,
    wrong: Example {
        engine: Engine::Sqlite,
        files: &[],
        database: "
CREATE TABLE users (id INTEGER PRIMARY KEY NOT NULL);
CREATE TABLE posts (
    id INTEGER PRIMARY KEY NOT NULL,
    author_id INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE
);
CREATE INDEX posts_author_id ON posts (author_id);
CREATE TABLE comments (
    id INTEGER PRIMARY KEY NOT NULL,
    post_id INTEGER REFERENCES posts (id) ON DELETE CASCADE,
    author_id INTEGER REFERENCES users (id) ON DELETE SET NULL
);
CREATE INDEX comments_post_id ON comments (post_id);
CREATE INDEX comments_author_id ON comments (author_id);",
        schema: USERS_POSTS_AND_COMMENTS,
        code: "
#[derive(Queryable, ForeignKeys)]
#[diesel(table_name = posts)]
pub struct Post {
    pub id: i32,
    #[fk(references = users(id), on_delete = cascade)]
    pub author_id: i32,
}

#[derive(Queryable, ForeignKeys)]
#[diesel(table_name = comments)]
pub struct Comment {
    pub id: i32,
    #[fk(references = posts(id), on_delete = cascade)]
    pub post_id: Option<i32>,
    #[fk(references = users(id), on_delete = set_null, reason = \"a comment outlives its author\")]
    pub author_id: Option<i32>,
}",
    },
    right: Example {
        engine: Engine::Sqlite,
        files: &[],
        database: "
CREATE TABLE users (id INTEGER PRIMARY KEY NOT NULL);
CREATE TABLE posts (
    id INTEGER PRIMARY KEY NOT NULL,
    author_id INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE
);
CREATE INDEX posts_author_id ON posts (author_id);
CREATE TABLE comments (
    id INTEGER PRIMARY KEY NOT NULL,
    post_id INTEGER REFERENCES posts (id) ON DELETE SET NULL,
    author_id INTEGER REFERENCES users (id) ON DELETE SET NULL
);
CREATE INDEX comments_post_id ON comments (post_id);
CREATE INDEX comments_author_id ON comments (author_id);",
        schema: USERS_POSTS_AND_COMMENTS,
        code: "
#[derive(Queryable, ForeignKeys)]
#[diesel(table_name = posts)]
pub struct Post {
    pub id: i32,
    #[fk(references = users(id), on_delete = cascade)]
    pub author_id: i32,
}

#[derive(Queryable, ForeignKeys)]
#[diesel(table_name = comments)]
pub struct Comment {
    pub id: i32,
    #[fk(references = posts(id), on_delete = set_null)]
    pub post_id: Option<i32>,
    #[fk(references = users(id), on_delete = set_null, reason = \"a comment outlives its author\")]
    pub author_id: Option<i32>,
}",
    },
    code: None,
    source: Some(check),
};

fn check(comparison: &Comparison<'_>, drafts: &mut Drafts) {
    let known = Known::new(comparison);
    for Hazard { key, way } in Deletes::new(&comparison.observation.keys, comparison.engine()).shadowed() {
        let is_meant = known.is_worth_keeping(key) || known.has_reason(key);
        let level = if is_meant && !is_beside(key, &way) { RULE.level } else { Level::Allow };
        let (child, parent) = (&key.key.table, &key.parent);
        let message = format!(
            "{} is ON DELETE {} in the {}, and deleting a row of `{parent}` can delete rows of `{child}` all the same",
            key_to_parent(&key.key, parent),
            key.on_delete,
            source_name(comparison)
        );
        let Some(draft) = known.draft(level, key, &way, "keeps them", message) else { continue };
        let draft = draft
            .consequence(Consequence::SilentDelete)
            .note(format!("a delete from {}", in_words(&way)))
            .help(format!("if rows of `{child}` are to outlive `{parent}`, one of the cascades on that way must not be one"));
        drafts.add(known.along(draft, &way));
    }
}

/// Whether rows go by another key of their own to the same table: whose they are is one thing, who has dealt with them another.
fn is_beside(key: &ObservedKey, way: &[&ObservedKey]) -> bool {
    matches!(way, [only] if only.key.columns != key.key.columns)
}
