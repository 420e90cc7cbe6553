//! Rows that refer to no parent, counted where `--data` asks for it.

use super::examples::USERS_AND_POSTS;
use super::wording::{declared_key, source_name};
use super::{Draft, Drafts, Example, Group, Role, Rule};
use crate::compare::Comparison;
use crate::finding::{Consequence, Level};
use crate::model::{Engine, RuleId};

const CODE: &str = "
#[derive(Queryable, ForeignKeys)]
#[diesel(table_name = posts)]
pub struct Post {
    pub id: i32,
    #[fk(references = users(id), on_delete = cascade)]
    pub author_id: i32,
    pub editor_id: Option<i32>,
}";

pub(super) const RULE: Rule = Rule {
    id: RuleId::fk_orphans,
    group: Group::InForce,
    level: Level::Deny,
    says: "rows refer to no parent (counted with `--data` only)",
    why: "A key that was switched off for a while, added NOT VALID, or never there, lets rows in whose parent is gone or never was. \
          Joins lose them, a restore of a dump fails on them, and no delete of a parent will ever reach them. Counting reads whole \
          tables, so it is done only where `--data` asks for it; it blocks no writer and ends with `--deadline`.",
    role: Role::NONE,
    wrong: Example {
        engine: Engine::Sqlite,
        files: &[],
        database: "
PRAGMA foreign_keys = OFF;
CREATE TABLE users (id integer PRIMARY KEY NOT NULL);
CREATE TABLE posts (
    id integer PRIMARY KEY NOT NULL,
    author_id integer NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    editor_id integer
);
CREATE INDEX posts_author_id ON posts (author_id);
INSERT INTO posts VALUES (1, 7, NULL);",
        schema: USERS_AND_POSTS,
        code: CODE,
    },
    right: Example {
        engine: Engine::Sqlite,
        files: &[],
        database: "
CREATE TABLE users (id integer PRIMARY KEY NOT NULL);
CREATE TABLE posts (
    id integer PRIMARY KEY NOT NULL,
    author_id integer NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    editor_id integer
);
CREATE INDEX posts_author_id ON posts (author_id);
INSERT INTO users VALUES (7);
INSERT INTO posts VALUES (1, 7, NULL);",
        schema: USERS_AND_POSTS,
        code: CODE,
    },
    code: None,
    source: Some(check),
};

fn check(comparison: &Comparison<'_>, drafts: &mut Drafts) {
    for pair in &comparison.pairs {
        let declared = pair.declared;
        let Some(&count) = comparison.orphans.get(&declared.id()).filter(|count| **count > 0) else {
            continue;
        };
        let table = &declared.key.table;
        let (rows, refer) = if count == 1 { ("1 row", "refers") } else { ("rows", "refer") };
        let rows = if count == 1 { rows.to_owned() } else { format!("{count} {rows}") };
        let message = format!(
            "{}: {rows} of `{table}` {refer} to no parent in the {}",
            declared_key(declared),
            source_name(comparison)
        );
        let observed = pair.observed();
        let mut draft =
            Draft::of_key(RULE.level, declared, declared.first().span, "rows without a parent", message)
                .seen_in(comparison, observed)
                .consequence(Consequence::Orphans);
        draft = match observed {
            Some(_) => draft
                .note("a key is there, so they came while it was switched off, or before it was validated"),
            None => draft.note("there is no key that would keep them from coming to be"),
        };
        drafts.add(draft.help(
            "delete them, or give them a parent (NULL, where the column takes it), in a migration of its own; see first who wrote them",
        ));
    }
}
