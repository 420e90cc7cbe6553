//! A delete of one parent scans the whole child table.

use super::examples::USERS_AND_POSTS;
use super::wording::{declared_key, source_name};
use super::{Draft, Drafts, Example, Group, Role, Rule};
use crate::compare::{Agreement, Comparison};
use crate::finding::Level;
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
    id: RuleId::fk_missing_index,
    group: Group::InForce,
    level: Level::Warn,
    says: "no index leads with the referencing columns (allowed where the key neither cascades nor sets)",
    why: "PostgreSQL and SQLite make no index for a key. Without one every delete of one parent reads the whole child table: with \
          a million rows, measured, 404 ms instead of 3 for twenty parents. Keys that only block are asked less often, so there it is \
          allowed unless you turn it on.",
    role: Role { in_build_scripts: true, ..Role::NONE },
    wrong: Example {
        engine: Engine::Sqlite,
        files: &[],
        database: "
CREATE TABLE users (id INTEGER PRIMARY KEY NOT NULL);
CREATE TABLE posts (
    id INTEGER PRIMARY KEY NOT NULL,
    author_id INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    editor_id INTEGER
);",
        schema: USERS_AND_POSTS,
        code: CODE,
    },
    right: Example {
        engine: Engine::Sqlite,
        files: &[],
        database: "
CREATE TABLE users (id INTEGER PRIMARY KEY NOT NULL);
CREATE TABLE posts (
    id INTEGER PRIMARY KEY NOT NULL,
    author_id INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    editor_id INTEGER
);
CREATE INDEX posts_author_id ON posts (author_id);",
        schema: USERS_AND_POSTS,
        code: CODE,
    },
    code: None,
    source: Some(check),
};

fn check(comparison: &Comparison<'_>, drafts: &mut Drafts) {
    for pair in &comparison.pairs {
        let Some(observed) = pair.observed().filter(|observed| observed.covering_index == Some(false)) else {
            continue;
        };
        // A key that does something else than the code says has to be mended first; then it may need no index.
        if comparison.on_delete(pair.declared, observed) == Some(Agreement::Differs) {
            continue;
        }
        let level = if observed.on_delete.blocks() { Level::Allow } else { Level::Warn };
        let message = format!(
            "{} is ON DELETE {}, and no index of `{}` leads with {} in the {}",
            declared_key(pair.declared),
            observed.on_delete,
            observed.key.table,
            observed.key.columns.iter().map(|column| format!("`{column}`")).collect::<Vec<_>>().join(", "),
            source_name(comparison)
        );
        let span = pair.declared.on_delete().map_or(pair.declared.first().span, |stated| stated.span);
        let rows = observed.child_rows.map_or_else(String::new, |rows| format!(" (about {rows} rows)"));
        drafts.add(
            Draft::of_key(level, pair.declared, span, "no index serves it", message)
                .seen_in(comparison, Some(observed))
                .note(match &observed.key.columns[..] {
                    [_] => format!(
                        "deleting one row of `{}` reads all of `{}`{rows}",
                        observed.parent, observed.key.table
                    ),
                    // An index on some of them helps as far as it goes.
                    _ => format!(
                        "deleting one row of `{}` reads more of `{}`{rows} than the rows that refer to it",
                        observed.parent, observed.key.table
                    ),
                })
                .help(format!(
                    "write a migration: `CREATE INDEX {}_{} ON {} ({})`",
                    observed.key.table.name,
                    observed.key.columns.join("_"),
                    observed.key.table,
                    observed.key.columns.join(", ")
                )),
        );
    }
}
