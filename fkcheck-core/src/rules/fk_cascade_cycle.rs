//! Cascades that come back to the table they started from.

use super::examples::USERS_POSTS_AND_COMMENTS;
use super::on_the_way::{Known, in_words, start};
use super::wording::{key_to_parent, source_name};
use super::{Drafts, Example, Group, Role, Rule};
use crate::compare::Comparison;
use crate::consequence::Deletes;
use crate::finding::{Consequence, Level};
use crate::model::{Engine, RuleId};

pub(super) const RULE: Rule = Rule {
    id: RuleId::fk_cascade_cycle,
    group: Group::Consequence,
    level: Level::Allow,
    says: "cascades that come back to the table they started from",
    why: "A delete of one row can take any number of rows of the same table: those that hang on it, and those that hang on them. For a \
          tree of comments that is meant. Across several tables it seldom is, and how much one delete takes is known only by looking \
          at the rows. Each round is told once, at the key that closes it. It is allowed unless the configuration says otherwise, for \
          nearly all of them are trees.",
    role: Role::NONE,
    wrong: Example {
        engine: Engine::Sqlite,
        files: &[],
        database: "
CREATE TABLE users (id INTEGER PRIMARY KEY NOT NULL);
CREATE TABLE posts (
    id INTEGER PRIMARY KEY NOT NULL,
    author_id INTEGER NOT NULL
);
CREATE TABLE comments (
    id INTEGER PRIMARY KEY NOT NULL,
    post_id INTEGER REFERENCES comments (id) ON DELETE CASCADE,
    author_id INTEGER
);
CREATE INDEX comments_post_id ON comments (post_id);",
        schema: USERS_POSTS_AND_COMMENTS,
        code: "
#[derive(Queryable, ForeignKeys)]
#[diesel(table_name = comments)]
pub struct Comment {
    pub id: i32,
    #[fk(references = comments(id), on_delete = cascade)]
    pub post_id: Option<i32>,
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
    author_id INTEGER NOT NULL
);
CREATE TABLE comments (
    id INTEGER PRIMARY KEY NOT NULL,
    post_id INTEGER REFERENCES comments (id) ON DELETE SET NULL,
    author_id INTEGER
);
CREATE INDEX comments_post_id ON comments (post_id);",
        schema: USERS_POSTS_AND_COMMENTS,
        code: "
#[derive(Queryable, ForeignKeys)]
#[diesel(table_name = comments)]
pub struct Comment {
    pub id: i32,
    #[fk(references = comments(id), on_delete = set_null)]
    pub post_id: Option<i32>,
    pub author_id: Option<i32>,
}",
    },
    code: None,
    source: Some(check),
};

fn check(comparison: &Comparison<'_>, drafts: &mut Drafts) {
    let known = Known::new(comparison);
    for round in Deletes::new(&comparison.observation.keys, comparison.engine()).cycles() {
        let Some(&last) = round.last() else { continue };
        let table = start(&round, last);
        let message = format!(
            "deleting a row of `{table}` can take other rows of `{table}`: {} is ON DELETE CASCADE in the {} and comes back to it",
            key_to_parent(&last.key, &last.parent),
            source_name(comparison)
        );
        let Some(draft) = known.draft(RULE.level, last, &round, "comes back", message) else { continue };
        let draft =
            draft.consequence(Consequence::SilentDelete).note(format!("a delete from {}", in_words(&round)));
        drafts.add(known.along(draft, &round));
    }
}
