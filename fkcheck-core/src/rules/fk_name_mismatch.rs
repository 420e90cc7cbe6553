//! Code and source disagree on the constraint's name.

use super::examples::USERS_AND_POSTS;
use super::wording::{change_the_code, declared_key, shows, source_name};
use super::{Aspect, Draft, Drafts, Example, Group, Role, Rule};
use crate::compare::Comparison;
use crate::finding::Level;
use crate::model::{Engine, RuleId};

const CODE: &str = "
#[derive(Queryable, ForeignKeys)]
#[diesel(table_name = posts)]
pub struct Post {
    pub id: i32,
    #[fk(references = users(id), on_delete = restrict, name = \"posts_author_fk\")]
    pub author_id: i32,
    pub editor_id: Option<i32>,
}";

pub(super) const RULE: Rule = Rule {
    id: RuleId::fk_name_mismatch,
    group: Group::Agreement,
    level: Level::Warn,
    says: "code and source disagree on the constraint's name, where the code states it",
    why: "A name that the code states is one that something relies on: a migration that drops the constraint, an error handler that \
          tells one violation from another. Under another name the migration fails and the handler doesn't find it. Names compare \
          as the engine keeps them: PostgreSQL cuts them at 63 bytes. A key without a name (SQLite) is called otherwise, too.",
    role: Role { aspect: Some(Aspect::Name), in_build_scripts: true, ..Role::NONE },
    wrong: Example {
        engine: Engine::Sqlite,
        files: &[],
        database: "
CREATE TABLE users (id INTEGER PRIMARY KEY NOT NULL);
CREATE TABLE posts (
    id INTEGER PRIMARY KEY NOT NULL,
    author_id INTEGER NOT NULL CONSTRAINT posts_author REFERENCES users (id) ON DELETE RESTRICT,
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
    author_id INTEGER NOT NULL CONSTRAINT posts_author_fk REFERENCES users (id) ON DELETE RESTRICT,
    editor_id INTEGER
);",
        schema: USERS_AND_POSTS,
        code: CODE,
    },
    code: None,
    source: Some(check),
};

fn check(comparison: &Comparison<'_>, drafts: &mut Drafts) {
    for pair in &comparison.pairs {
        let Some((observed, stated)) = pair.observed().zip(pair.declared.name()) else { continue };
        if comparison.has_declared_name(pair.declared, observed) != Some(false) {
            continue;
        }
        let source = source_name(comparison);
        let (is_called, label) = match &observed.name {
            Some(name) => (format!("`{name}`"), format!("`{name}` in the {source}")),
            None => ("no name".to_owned(), format!("no name in the {source}")),
        };
        let message = format!(
            "the constraint of {} is called `{}` in the code, and the {source} {} {is_called}",
            declared_key(pair.declared),
            stated.value,
            shows(comparison)
        );
        let draft = Draft::of_key(RULE.level, pair.declared, stated.span, label, message)
            .seen_in(comparison, Some(observed));
        drafts.add(match &observed.name {
            Some(name) => draft.help(change_the_code(comparison, &format!("name = {name:?}"))).suggest(
                format!("take the name of the {source}"),
                stated.span,
                format!("{name:?}"),
            ),
            None => draft.help("leave `name` out, or give the constraint its name in a migration"),
        });
    }
}
