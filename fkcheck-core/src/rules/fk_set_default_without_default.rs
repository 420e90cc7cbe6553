//! SET DEFAULT where there is no default, or where the engine doesn't do it.

use super::wording::{declared_key, source_name};
use super::{Draft, Drafts, Example, Group, Role, Rule};
use crate::compare::{Agreement, Comparison};
use crate::finding::{Consequence, Level};
use crate::model::{Action, Engine, RuleId, SetDefaultMeaning};

const SCHEMA: &str = "
diesel::table! { users (id) { id -> Integer, } }
diesel::table! { posts (id) { id -> Integer, author_id -> Nullable<Integer>, } }
";

const CODE: &str = "
#[derive(Queryable, ForeignKeys)]
#[diesel(table_name = posts)]
pub struct Post {
    pub id: i32,
    #[fk(references = users(id), on_delete = set_default)]
    pub author_id: Option<i32>,
}";

pub(super) const RULE: Rule = Rule {
    id: RuleId::fk_set_default_without_default,
    group: Group::Code,
    level: Level::Deny,
    says: "SET DEFAULT where the column has no default, or the engine doesn't do it",
    why: "Without a default the column becomes NULL, or the delete fails where it is NOT NULL. MySQL takes the words and blocks the \
          delete; MariaDB stores RESTRICT without a word.",
    role: Role { in_build_scripts: true, ..Role::NONE },
    wrong: Example {
        engine: Engine::Sqlite,
        files: &[],
        database: "
CREATE TABLE users (id INTEGER PRIMARY KEY NOT NULL);
CREATE TABLE posts (
    id INTEGER PRIMARY KEY NOT NULL,
    author_id INTEGER REFERENCES users (id) ON DELETE SET DEFAULT
);
CREATE INDEX posts_author_id ON posts (author_id);",
        schema: SCHEMA,
        code: CODE,
    },
    right: Example {
        engine: Engine::Sqlite,
        files: &[],
        database: "
CREATE TABLE users (id INTEGER PRIMARY KEY NOT NULL);
CREATE TABLE posts (
    id INTEGER PRIMARY KEY NOT NULL,
    author_id INTEGER DEFAULT 1 REFERENCES users (id) ON DELETE SET DEFAULT
);
CREATE INDEX posts_author_id ON posts (author_id);",
        schema: SCHEMA,
        code: CODE,
    },
    code: None,
    source: Some(check),
};

fn check(comparison: &Comparison<'_>, drafts: &mut Drafts) {
    let engine = comparison.engine();
    for pair in &comparison.pairs {
        let Some(observed) = pair.observed() else { continue };
        let stated = pair.declared.on_delete();
        let declares_it = stated.is_some_and(|stated| matches!(stated.value, Action::SetDefault(_)));
        let span = stated.map_or(pair.declared.first().span, |stated| stated.span);
        if engine.set_default == SetDefaultMeaning::Blocks {
            if declares_it {
                let message = format!(
                    "{} is ON DELETE SET DEFAULT in the code, which {} doesn't do: it blocks the delete",
                    declared_key(pair.declared),
                    engine.kind
                );
                drafts.add(
                    Draft::of_key(RULE.level, pair.declared, span, "blocks the delete", message)
                        .seen_in(comparison, Some(observed))
                        .consequence(Consequence::DeleteFails)
                        .help("write `restrict` if that is meant, `set_null` or `cascade` if not"),
                );
            }
            continue;
        }
        let Action::SetDefault(named) = &observed.on_delete else { continue };
        // A mismatch is told already.
        if comparison.on_delete(pair.declared, observed).is_some_and(|agreement| agreement != Agreement::Same)
        {
            continue;
        }
        for (column, facts) in observed.key.columns.iter().zip(&observed.columns) {
            if facts.has_default || !(named.is_empty() || named.contains(column)) {
                continue;
            }
            let message = format!(
                "{} is ON DELETE SET DEFAULT, and `{column}` has no default in the {}",
                declared_key(pair.declared),
                source_name(comparison)
            );
            let (note, consequence) = if facts.nullable {
                ("a delete of a parent sets the column to NULL", Consequence::SilentUpdate)
            } else {
                ("a delete of a parent fails, for the column is NOT NULL", Consequence::DeleteFails)
            };
            drafts.add(
                Draft::of_key(RULE.level, pair.declared, span, "there is no default", message)
                    .seen_in(comparison, Some(observed))
                    .consequence(consequence)
                    .note(note)
                    .help("give the column a default that is the id of a parent which is never deleted, or write `set_null`"),
            );
        }
    }
}
