//! A key in the source that no annotation speaks of.

use std::collections::HashMap;

use super::examples::USERS_AND_POSTS;
use super::wording::{key_to_parent, references, shows, source_name};
use super::{Draft, Drafts, Example, Group, Role, Rule};
use crate::compare::Comparison;
use crate::finding::Level;
use crate::model::{Engine, Model, ObservedKey, RuleId, Table, TableName};
use crate::words::delete_does;

const DATABASE: &str = "
CREATE TABLE users (id INTEGER PRIMARY KEY NOT NULL);
CREATE TABLE posts (
    id INTEGER PRIMARY KEY NOT NULL,
    author_id INTEGER NOT NULL REFERENCES users (id) ON DELETE RESTRICT,
    editor_id INTEGER REFERENCES users (id) ON DELETE SET NULL
);
CREATE INDEX posts_editor_id ON posts (editor_id);";

pub(super) const RULE: Rule = Rule {
    id: RuleId::fk_undeclared,
    group: Group::Agreement,
    level: Level::Warn,
    says: "a key in the source that no annotation speaks of (allowed where no model of the table derives `ForeignKeys`)",
    why: "A model that derives `ForeignKeys` is read as the whole truth about its table's keys. A key that it doesn't mention was \
          forgotten, or came into the database behind the code's back; either way nobody has said that what it does is meant. \
          A key of a table that `schema.rs` doesn't have is told at the parent's model, where that derives `ForeignKeys`: the \
          code deletes its rows without knowing. `-v` lists every undeclared key.",
    role: Role::NONE,
    wrong: Example {
        engine: Engine::Sqlite,
        files: &[],
        database: DATABASE,
        schema: USERS_AND_POSTS,
        code: "
#[derive(Queryable, ForeignKeys)]
#[diesel(table_name = posts)]
pub struct Post {
    pub id: i32,
    #[fk(references = users(id), on_delete = restrict)]
    pub author_id: i32,
    pub editor_id: Option<i32>,
}",
    },
    right: Example {
        engine: Engine::Sqlite,
        files: &[],
        database: DATABASE,
        schema: USERS_AND_POSTS,
        code: "
#[derive(Queryable, ForeignKeys)]
#[diesel(table_name = posts)]
pub struct Post {
    pub id: i32,
    #[fk(references = users(id), on_delete = restrict)]
    pub author_id: i32,
    #[fk(references = users(id), on_delete = set_null)]
    pub editor_id: Option<i32>,
}",
    },
    code: None,
    source: Some(check),
};

fn check(comparison: &Comparison<'_>, drafts: &mut Drafts) {
    let models = comparison.facts.models_by_table();
    for observed in &comparison.undeclared {
        let draft = match comparison.table_of(&observed.key.table) {
            Some(table) => Some(of_table(comparison, observed, table, &models)),
            None => of_unknown_table(comparison, observed, &models),
        };
        if let Some(draft) = draft {
            drafts.add(draft);
        }
    }
}

type Models<'a> = HashMap<&'a TableName, Vec<&'a Model>>;

/// A key of a table that `schema.rs` has.
fn of_table(
    comparison: &Comparison<'_>,
    observed: &ObservedKey,
    table: &Table,
    models: &Models<'_>,
) -> Draft {
    let models = models.get(&table.name).map_or(&[][..], Vec::as_slice);
    let model = models.iter().find(|model| model.derives_foreign_keys);
    let (level, package, span, label) = match model {
        Some(model) => {
            (Level::Warn, model.package, model.span, format!("`{}` derives `ForeignKeys`", model.name))
        }
        None => (Level::Allow, table.package, table.span, "no model speaks of its keys".to_owned()),
    };
    let message = format!("{}, which no annotation speaks of", seen(comparison, observed));
    let columns = observed.key.columns.iter().filter_map(|name| table.column(name));
    let annotation =
        format!("references = {}, on_delete = {}", references(observed), observed.on_delete.as_annotation());
    let annotation = match &observed.key.columns[..] {
        [_] => format!("#[fk({annotation})]"),
        columns => format!("#[fk(columns({}), {annotation})]", columns.join(", ")),
    };
    let draft = Draft::new(level, package, span, label, message)
        .seen_in(comparison, Some(observed))
        .allowed_by(models.iter().flat_map(|model| &model.allow))
        .note(what_a_delete_does(observed))
        .help(format!("say that it is meant: `{annotation}`"));
    columns.fold(draft, |draft, column| draft.label(column.span, "this column"))
}

/// A key of a table that no code knows concerns the code that deletes its parents: a model of that table which speaks of keys.
fn of_unknown_table(
    comparison: &Comparison<'_>,
    observed: &ObservedKey,
    models: &Models<'_>,
) -> Option<Draft> {
    let parent = comparison.table_of(&observed.parent)?;
    let models = models.get(&parent.name)?;
    let model = models.iter().find(|model| model.derives_foreign_keys)?;
    let child = &observed.key.table;
    let message = format!("{}, and no code knows `{child}`", seen(comparison, observed));
    let label = format!("`{}` derives `ForeignKeys`", model.name);
    let draft = Draft::new(Level::Warn, model.package, model.span, label, message)
        .seen_in(comparison, Some(observed))
        .allowed_by(models.iter().flat_map(|model| &model.allow))
        .note(what_a_delete_does(observed))
        .help(format!("`diesel print-schema` takes `{child}` into `schema.rs`; then annotate it, or `cargo fkcheck annotate` does"))
        .help(format!("if `{child}` is none of this workspace's: `tables.ignore = [\"{}\"]` in its configuration", child.name));
    Some(draft)
}

/// What the source shows; continues a sentence.
fn seen(comparison: &Comparison<'_>, observed: &ObservedKey) -> String {
    format!(
        "the {} {} {} ON DELETE {}",
        source_name(comparison),
        shows(comparison),
        key_to_parent(&observed.key, &observed.parent),
        observed.on_delete
    )
}

fn what_a_delete_does(observed: &ObservedKey) -> String {
    format!("deleting a row of `{}` {}", observed.parent, delete_does(&observed.on_delete, &observed.key))
}
