//! An annotation on a table that `schema.rs` doesn't have.

use std::collections::HashSet;

use super::examples::USERS_AND_POSTS;
use super::{Draft, Drafts, Example, Group, Role, Rule};
use crate::collect::Facts;
use crate::finding::Level;
use crate::grammar::nearest;
use crate::model::{Engine, RuleId};

const DATABASE: &str = "
CREATE TABLE users (id INTEGER PRIMARY KEY NOT NULL);
CREATE TABLE posts (
    id INTEGER PRIMARY KEY NOT NULL,
    author_id INTEGER NOT NULL REFERENCES users (id) ON DELETE RESTRICT,
    editor_id INTEGER
);";

pub(super) const RULE: Rule = Rule {
    id: RuleId::fk_unknown_table,
    group: Group::Code,
    level: Level::Deny,
    says: "an annotation on a table that `schema.rs` doesn't have",
    why: "The compiler checks tables that are named by a path. A table named in a string, or one whose `table!` has gone while \
          the annotation stayed, is checked here.",
    role: Role { contradicts: true, ..Role::NONE },
    wrong: Example {
        engine: Engine::Sqlite,
        files: &[],
        database: DATABASE,
        schema: USERS_AND_POSTS,
        code: "
foreign_keys! {
    \"post\" (author_id) -> users (id), on_delete = restrict;
}",
    },
    right: Example {
        engine: Engine::Sqlite,
        files: &[],
        database: DATABASE,
        schema: USERS_AND_POSTS,
        code: "
foreign_keys! {
    \"posts\" (author_id) -> users (id), on_delete = restrict;
}",
    },
    code: Some(check),
    source: None,
};

fn check(facts: &Facts, drafts: &mut Drafts) {
    if facts.lacks_tables {
        return;
    }
    let mut told = HashSet::new();
    for declared in &facts.keys {
        let name = &declared.key.table;
        if facts.table(name).is_some() || !told.insert(name) {
            continue;
        }
        let message = format!("`{}` is annotated, and no `table!` declares `{name}`", declared.key);
        let draft = Draft::of_key(RULE.level, declared, declared.first().span, "annotated here", message);
        let near = nearest(&name.name, facts.tables.iter().map(|table| table.name.name.as_str()));
        drafts.add(match near {
            Some(near) => draft.help(format!("did you mean `{near}`?")),
            None => draft.help("run `diesel print-schema`, or remove the annotation"),
        });
    }
}
