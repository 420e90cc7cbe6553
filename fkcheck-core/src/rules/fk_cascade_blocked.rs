//! A chain of cascades ends at a key that refuses.

use super::examples::USERS_POSTS_AND_COMMENTS;
use super::on_the_way::{Known, in_words, start};
use super::wording::{key_to_parent, source_name};
use super::{Drafts, Example, Group, Role, Rule};
use crate::compare::Comparison;
use crate::consequence::{Deletes, Hazard};
use crate::finding::{Consequence, Level};
use crate::model::{Engine, RuleId};

const CODE: &str = "
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
    #[fk(references = posts(id), on_delete = restrict)]
    pub post_id: Option<i32>,
    pub author_id: Option<i32>,
}";

const DATABASE: &str = "
CREATE TABLE users (id INTEGER PRIMARY KEY NOT NULL);
CREATE TABLE posts (
    id INTEGER PRIMARY KEY NOT NULL,
    author_id INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE
);
CREATE INDEX posts_author_id ON posts (author_id);
CREATE TABLE comments (
    id INTEGER PRIMARY KEY NOT NULL,
    post_id INTEGER REFERENCES posts (id) ON DELETE RESTRICT,
    author_id INTEGER
);
CREATE INDEX comments_post_id ON comments (post_id);";

pub(super) const RULE: Rule = Rule {
    id: RuleId::fk_cascade_blocked,
    group: Group::Consequence,
    level: Level::Warn,
    says: "a chain of cascades ends at a RESTRICT or NO ACTION, where the whole delete fails",
    why: "CASCADE says that a delete goes on by itself; a key further down that refuses stops all of it, with an error that names a \
          table nobody asked to delete from. It works in tests, where there are no such rows, and fails on the first customer who has \
          them. Each such key is told once, with one way that leads to it, from the table at its top. Not told: a key that is \
          deferred, for whoever deletes may still see to its rows; one whose rows go by another cascade too, which is \
          `fk_order_dependent_delete`; and one whose annotation says why it refuses (`on_delete = restrict, reason = \"..\"`): that \
          is a guard.",
    role: Role::NONE,
    wrong: Example {
        engine: Engine::Sqlite,
        files: &[],
        database: DATABASE,
        schema: USERS_POSTS_AND_COMMENTS,
        code: CODE,
    },
    right: Example {
        engine: Engine::Sqlite,
        files: &[],
        database: DATABASE,
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
    #[fk(references = posts(id), on_delete = restrict, reason = \"what was discussed is kept\")]
    pub post_id: Option<i32>,
    pub author_id: Option<i32>,
}",
    },
    code: None,
    source: Some(check),
};

fn check(comparison: &Comparison<'_>, drafts: &mut Drafts) {
    let known = Known::new(comparison);
    for Hazard { key, way } in Deletes::new(&comparison.observation.keys, comparison.engine()).blocked() {
        if known.has_reason(key) {
            continue;
        }
        let (child, parent, from) = (&key.key.table, &key.parent, start(&way, key));
        let message = format!(
            "deleting a row of `{from}` fails while rows of `{child}` refer to the rows of `{parent}` that go with it: {} is ON DELETE {} in the {}",
            key_to_parent(&key.key, parent),
            key.on_delete,
            source_name(comparison)
        );
        let Some(draft) = known.draft(RULE.level, key, &way, "refuses here", message) else { continue };
        let draft = draft
            .consequence(Consequence::DeleteFails)
            .note(format!("a delete from {}", in_words(&way)))
            .help(format!(
                "if rows of `{child}` are to go as well: ON DELETE CASCADE; if they are to stay: SET NULL, on a column that takes NULL"
            ))
            .help("if the delete is meant to fail, the annotation says so: `on_delete = restrict, reason = \"..\"`");
        drafts.add(known.along(draft, &way));
    }
}
