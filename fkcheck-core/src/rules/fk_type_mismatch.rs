//! The referencing and the referenced column have different types.

use super::wording::declared_key;
use super::{Draft, Drafts, Example, Group, Role, Rule};
use crate::collect::Facts;
use crate::finding::Level;
use crate::model::{Engine, RuleId};

pub(super) const RULE: Rule = Rule {
    id: RuleId::fk_type_mismatch,
    group: Group::Code,
    level: Level::Warn,
    says: "the referencing and the referenced column have different types in `schema.rs`",
    why: "An `Integer` that refers to a `BigInt` runs out of numbers before its parent does; in SQLite a TEXT column that refers \
          to an INTEGER one can't use its index. Where tables are named by path the compiler says so; here strings are checked too.",
    role: Role::NONE,
    wrong: Example {
        engine: Engine::Postgres,
        files: &[],
        database: "
CREATE TABLE users (id bigint PRIMARY KEY);
CREATE TABLE posts (id bigint PRIMARY KEY, author_id integer NOT NULL REFERENCES users (id));",
        schema: "
diesel::table! { users (id) { id -> BigInt, } }
diesel::table! { posts (id) { id -> BigInt, author_id -> Integer, } }
",
        code: "
foreign_keys! {
    posts (author_id) -> \"users(id)\", on_delete = no_action;
}",
    },
    right: Example {
        engine: Engine::Postgres,
        files: &[],
        database: "
CREATE TABLE users (id bigint PRIMARY KEY);
CREATE TABLE posts (id bigint PRIMARY KEY, author_id bigint NOT NULL REFERENCES users (id));",
        schema: "
diesel::table! { users (id) { id -> Int8, } }
diesel::table! { posts (id) { id -> Int8, author_id -> BigInt, } }
",
        code: "
foreign_keys! {
    posts (author_id) -> \"users(id)\", on_delete = no_action;
}",
    },
    code: Some(check),
    source: None,
};

fn check(facts: &Facts, drafts: &mut Drafts) {
    for declared in &facts.keys {
        let Some(parent) = declared.parent() else { continue };
        let (Some(child_table), Some(parent_table)) =
            (facts.table(&declared.key.table), facts.table(&parent.table))
        else {
            continue;
        };
        for (child, parent) in declared.key.columns.iter().zip(&parent.columns) {
            let (Some(child), Some(parent)) = (child_table.column(child), parent_table.column(parent)) else {
                continue;
            };
            if child.sql_type == parent.sql_type {
                continue;
            }
            let message = format!(
                "{}: `{}` is {} and `{}.{}` is {}",
                declared_key(declared),
                child.name,
                child.sql_type.0,
                parent_table.name,
                parent.name,
                parent.sql_type.0
            );
            drafts.add(
                Draft::of_key(
                    RULE.level,
                    declared,
                    declared.first().column_span,
                    child.sql_type.0.clone(),
                    message,
                )
                .label(child.span, child.sql_type.0.clone())
                .label(parent.span, parent.sql_type.0.clone())
                .help("give both columns the same type"),
            );
        }
    }
}
