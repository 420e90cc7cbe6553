//! An annotation on a column, or to a column, that `schema.rs` doesn't have.

use super::examples::USERS_AND_POSTS;
use super::{Draft, Drafts, Example, Group, Role, Rule};
use crate::collect::Facts;
use crate::finding::Level;
use crate::grammar::nearest;
use crate::model::{DeclaredKey, Engine, RuleId, Span, TableName};

const DATABASE: &str = "
CREATE TABLE users (id INTEGER PRIMARY KEY NOT NULL);
CREATE TABLE posts (
    id INTEGER PRIMARY KEY NOT NULL,
    author_id INTEGER NOT NULL REFERENCES users (id) ON DELETE RESTRICT,
    editor_id INTEGER
);";

pub(super) const RULE: Rule = Rule {
    id: RuleId::fk_unknown_column,
    group: Group::Code,
    level: Level::Deny,
    says: "an annotation on, or to, a column that `schema.rs` doesn't have",
    why: "The compiler checks columns of tables that are named by a path. Columns named in a string, or of a table named in a \
          string, are checked here.",
    role: Role { contradicts: true, ..Role::NONE },
    wrong: Example {
        engine: Engine::Sqlite,
        files: &[],
        database: DATABASE,
        schema: USERS_AND_POSTS,
        code: "
foreign_keys! {
    \"posts\" (autor_id) -> users (id), on_delete = restrict;
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
    for declared in &facts.keys {
        let claim = declared.first();
        unknown(facts, declared, &declared.key.table, &declared.key.columns, claim.column_span, drafts);
        if let Some(parent) = declared.parent() {
            unknown(facts, declared, &parent.table, &parent.columns, parent.span, drafts);
        }
    }
}

/// One breach for each of the columns that no declaration of the table has.
fn unknown(
    facts: &Facts,
    declared: &DeclaredKey,
    table: &TableName,
    columns: &[String],
    span: Span,
    drafts: &mut Drafts,
) {
    let Some(shown) = facts.table(table) else { return };
    let known: Vec<&str> = facts
        .tables_named(table)
        .flat_map(|table| &table.columns)
        .map(|column| column.name.as_str())
        .collect();
    for column in
        columns.iter().filter(|column| !known.iter().any(|known| known.eq_ignore_ascii_case(column)))
    {
        let message = format!("`{table}` has no column `{column}` in its `table!`");
        let draft = Draft::of_key(RULE.level, declared, span, format!("`{column}` is meant here"), message)
            .label(shown.span, format!("`{table}` is declared here"));
        drafts.add(match nearest(column, known.iter().copied()) {
            Some(near) => draft.help(format!("did you mean `{near}`?")),
            None => draft.help(format!(
                "it has {}",
                known.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
            )),
        });
    }
}
