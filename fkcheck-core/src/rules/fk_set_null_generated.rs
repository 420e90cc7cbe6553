//! SET NULL or SET DEFAULT on a generated column.

use super::wording::{declared_key, source_name};
use super::{Draft, Drafts, Example, Group, Role, Rule};
use crate::compare::Comparison;
use crate::finding::{Consequence, Level};
use crate::model::{Action, Engine, RuleId};

const SCHEMA: &str = "
diesel::table! { users (id) { id -> Integer, } }
diesel::table! { posts (id) { id -> Integer, author -> Nullable<Integer>, author_id -> Nullable<Integer>, } }
";

const CODE: &str = "
#[derive(Queryable, ForeignKeys)]
#[diesel(table_name = posts)]
pub struct Post {
    pub id: i32,
    pub author: Option<i32>,
    #[fk(references = users(id), on_delete = set_null)]
    pub author_id: Option<i32>,
}";

pub(super) const RULE: Rule = Rule {
    id: RuleId::fk_set_null_generated,
    group: Group::Code,
    level: Level::Deny,
    says: "SET NULL on a generated or identity column: every delete of a parent fails",
    why: "A generated column can't be set. SQLite accepts the key, and then every delete of any parent fails while the statement \
          is prepared, referred to or not; PostgreSQL does the same for identity columns at the delete.",
    role: Role { in_build_scripts: true, ..Role::NONE },
    wrong: Example {
        engine: Engine::Sqlite,
        files: &[],
        database: "
CREATE TABLE users (id INTEGER PRIMARY KEY NOT NULL);
CREATE TABLE posts (
    id INTEGER PRIMARY KEY NOT NULL,
    author INTEGER,
    author_id INTEGER GENERATED ALWAYS AS (author) STORED REFERENCES users (id) ON DELETE SET NULL
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
    author INTEGER,
    author_id INTEGER REFERENCES users (id) ON DELETE SET NULL
);
CREATE INDEX posts_author_id ON posts (author_id);",
        schema: SCHEMA,
        code: CODE,
    },
    code: None,
    source: Some(check),
};

fn check(comparison: &Comparison<'_>, drafts: &mut Drafts) {
    for pair in &comparison.pairs {
        let Some(observed) = pair.observed() else { continue };
        let stated = pair.declared.on_delete();
        let action = stated.map_or(&observed.on_delete, |stated| &stated.value);
        let (Action::SetNull(named) | Action::SetDefault(named)) = action else { continue };
        for (column, facts) in observed.key.columns.iter().zip(&observed.columns) {
            if !facts.generated || !(named.is_empty() || named.contains(column)) {
                continue;
            }
            let span = stated.map_or(pair.declared.first().span, |stated| stated.span);
            let message = format!(
                "{} is ON DELETE {action}, and `{column}` is generated in the {}",
                declared_key(pair.declared),
                source_name(comparison)
            );
            drafts.add(
                Draft::of_key(RULE.level, pair.declared, span, "can't be set", message)
                    .seen_in(comparison, Some(observed))
                    .consequence(Consequence::DeleteFails)
                    .note(format!("every delete of a row of `{}` fails", observed.parent))
                    .help("write `cascade`, `restrict` or `no_action`, or let the key stand on the column that the generated one is made from"),
            );
        }
    }
}
