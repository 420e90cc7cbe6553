//! A key that refuses, and a cascade that takes the rows it looks for.

use super::examples::USERS_POSTS_AND_COMMENTS;
use super::on_the_way::{Known, in_words, start};
use super::wording::{key_to_parent, source_name};
use super::{Draft, Drafts, Example, Group, Role, Rule};
use crate::compare::Comparison;
use crate::consequence::{Clash, Deletes};
use crate::finding::{Consequence, Level};
use crate::model::{Engine, RuleId};

pub(super) const RULE: Rule = Rule {
    id: RuleId::fk_order_dependent_delete,
    group: Group::Consequence,
    level: Level::Warn,
    says: "whether a delete works depends on which of two keys acts first, one that deletes or one that refuses",
    why: "A row is reached twice: a cascade deletes it, and a key with RESTRICT or NO ACTION refuses because it is there. The delete works \
          if the cascade comes first and fails if it doesn't, and nothing in the schema says which. PostgreSQL goes by the order in which \
          the keys were made, MariaDB and MySQL by the constraints' names, later MySQL and SQLite by the order of declaration. So a \
          dump that is restored, a key that is made anew or a constraint that is renamed turns a working delete into an error, or an \
          error into a delete. In InnoDB and SQLite rows go one by one, so it also depends on the rows' order where a table refers to \
          itself. NO ACTION in SQLite, and a deferred key, look when all is done, and are not told.",
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
    post_id INTEGER REFERENCES posts (id) ON DELETE RESTRICT,
    author_id INTEGER REFERENCES users (id) ON DELETE CASCADE
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
    #[fk(references = posts(id), on_delete = restrict)]
    pub post_id: Option<i32>,
    #[fk(references = users(id), on_delete = cascade)]
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
    post_id INTEGER REFERENCES posts (id) ON DELETE CASCADE,
    author_id INTEGER REFERENCES users (id) ON DELETE CASCADE
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
    #[fk(references = users(id), on_delete = cascade)]
    pub author_id: Option<i32>,
}",
    },
    code: None,
    source: Some(check),
};

fn check(comparison: &Comparison<'_>, drafts: &mut Drafts) {
    let known = Known::new(comparison);
    for clash in Deletes::new(&comparison.observation.keys, comparison.engine()).by_order() {
        let Clash { key, to_parent, to_child } = &clash;
        let message = message(&clash, &source_name(comparison));
        let Some(draft) = known.draft(
            RULE.level,
            key,
            &[&to_parent[..], to_child].concat(),
            "refuses if it acts first",
            message,
        ) else {
            continue;
        };
        let mut draft = draft.consequence(Consequence::DeleteFails);
        if !to_parent.is_empty() {
            draft = draft.note(format!("a delete from {}", in_words(to_parent)));
        }
        if to_parent != to_child {
            draft = draft.note(format!("a delete from {}", in_words(to_child)));
        }
        if to_parent.is_empty() && to_child.len() == 1 {
            draft = draft.note(format!(
                "it matters where a row of `{}` refers by both keys to rows that go in one statement; where it can't, the refusal is sure",
                key.key.table
            ));
        }
        if key.key.table != key.parent {
            draft = draft.note(comparison.engine().acting_order);
        }
        draft = known.along(known.along(draft, to_parent), to_child);
        drafts.add(with_help(draft, &clash, comparison));
    }
}

fn message(clash: &Clash<'_>, source: &str) -> String {
    let Clash { key, to_parent, to_child } = clash;
    let (child, from) = (&key.key.table, start(to_parent, key));
    let refuses = format!("{} is ON DELETE {}", key_to_parent(&key.key, &key.parent), key.on_delete);
    if key.key.table == key.parent {
        return format!(
            "whether a delete of a row of `{from}` works depends on the order of its rows in `{child}`: {refuses} in the {source}, and refuses where a row goes before those that refer to it"
        );
    }
    let taken = to_child.last().map_or_else(String::new, |last| {
        format!("{} is ON DELETE {}", key_to_parent(&last.key, &last.parent), last.on_delete)
    });
    format!(
        "whether a delete of a row of `{from}` works depends on which key acts first on its rows in `{child}`: {refuses} in the {source}, and {taken}"
    )
}

fn with_help(draft: Draft, clash: &Clash<'_>, comparison: &Comparison<'_>) -> Draft {
    let Clash { key, .. } = clash;
    let draft = draft.help(format!(
        "if these rows go with `{}` anyway: ON DELETE CASCADE for `{}` too",
        start(&clash.to_parent, key),
        key.key
    ));
    match comparison.engine().looks_last {
        Some(declared) => draft.help(format!(
            "if it is to refuse for rows that would stay, and for no others: {declared}, which looks when all else is done"
        )),
        None => draft,
    }
}
