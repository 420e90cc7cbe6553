//! Rows of a person of which nobody says what becomes of them at an erasure.

use super::wording::{key_to_parent, source_name};
use super::{Draft, Drafts, Example, Group, Role, Rule};
use crate::compare::Comparison;
use crate::erasure::{By, Fate, Held, Inventory, Part, Why, inventories};
use crate::finding::{Consequence, Level, TableRef};
use crate::model::{Column, Engine, ObservedKey, RuleId, Span, Table};

const SCHEMA: &str = "
diesel::table! {
    users (id) {
        id -> Integer,
    }
}

diesel::table! {
    sessions (id) {
        id -> Integer,
        user_id -> Integer,
    }
}

diesel::table! {
    logins (id) {
        id -> Integer,
        user_id -> Integer,
    }
}
";

const DATABASE: &str = "
CREATE TABLE users (id INTEGER PRIMARY KEY NOT NULL);
CREATE TABLE sessions (
    id INTEGER PRIMARY KEY NOT NULL,
    user_id INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE
);
CREATE TABLE logins (id INTEGER PRIMARY KEY NOT NULL, user_id INTEGER NOT NULL);
CREATE INDEX sessions_user_id ON sessions (user_id);";

const CONFIGURATION: &str = "
[workspace.metadata.fkcheck.erasure]
roots = [\"users\"]
";

pub(super) const RULE: Rule = Rule {
    id: RuleId::fk_erasure_unknown,
    group: Group::Consequence,
    level: Level::Deny,
    says: "a table that holds something of a person, and nobody says whether it is erased, anonymised or kept (only where \
           `erasure.roots` names the tables of persons)",
    why: "Whoever has to erase a person's data must know where it lies. A key with CASCADE erases it and one with SET NULL makes it \
          anonymous; a key that refuses the delete does neither, and a copy of the id in a column without a key is found by nobody. \
          `erasure.roots` in the configuration names the tables of persons; from each, this rule goes to every table that a key reaches, \
          and to every column that looks like a copy of the root's id (the same type, and a name that speaks of the root or of a person: \
          `user_id`, `owner_id`, `created_by`), and asks about each that has no answer, once. A reason answers: \
          `#[fk(on_delete = restrict, reason = \"..\")]` where a key refuses, `#[fk(none, reason = \"..\")]` where there is none, or \
          `erasure.kept` in the configuration. `cargo fkcheck impact --erasure` lists every table with its answer.",
    role: Role::NONE,
    wrong: Example {
        engine: Engine::Sqlite,
        files: &[("Cargo.toml", CONFIGURATION)],
        database: DATABASE,
        schema: SCHEMA,
        code: "
#[derive(Queryable, ForeignKeys)]
#[diesel(table_name = sessions)]
pub struct Session {
    pub id: i32,
    #[fk(references = users(id), on_delete = cascade)]
    pub user_id: i32,
}",
    },
    right: Example {
        engine: Engine::Sqlite,
        files: &[("Cargo.toml", CONFIGURATION)],
        database: DATABASE,
        schema: SCHEMA,
        code: "
#[derive(Queryable, ForeignKeys)]
#[diesel(table_name = sessions)]
pub struct Session {
    pub id: i32,
    #[fk(references = users(id), on_delete = cascade)]
    pub user_id: i32,
}

#[derive(Queryable, ForeignKeys)]
#[diesel(table_name = logins)]
pub struct Login {
    pub id: i32,
    #[fk(none, reason = \"kept for 90 days, to find intruders; then deleted by a job\")]
    pub user_id: i32,
}",
    },
    code: None,
    source: Some(check),
};

fn check(comparison: &Comparison<'_>, drafts: &mut Drafts) {
    for inventory in inventories(comparison) {
        for held in &inventory.tables {
            for part in held.parts.iter().filter(|part| part.fate.is_question()) {
                // What is in the way of two roots, or in two databases, is asked about once.
                if let Some(draft) = draft(comparison, &inventory, held, part) {
                    drafts.add_once(draft);
                }
            }
        }
    }
}

fn draft(
    comparison: &Comparison<'_>,
    inventory: &Inventory<'_>,
    held: &Held<'_>,
    part: &Part<'_>,
) -> Option<Draft> {
    // A table that is asked about on the command line alone is nobody's rule.
    let level = if inventory.is_configured { RULE.level } else { Level::Allow };
    match part.by {
        By::Row => None,
        By::Copy(column) => of_copy(comparison, inventory, held, part, column, level),
        By::Key(key) => of_key(comparison, inventory, part, key, level),
    }
}

/// A column without a key.
fn of_copy(
    comparison: &Comparison<'_>,
    inventory: &Inventory<'_>,
    held: &Held<'_>,
    part: &Part<'_>,
    column: &Column,
    level: Level,
) -> Option<Draft> {
    let (root, child, name) = (inventory.root, held.table, &column.name);
    let message = format!(
        "`{child}.{name}` looks like a copy of an id of `{root}` and has no key in the {}: nobody says what becomes of it when a row of \
         `{root}` is erased",
        source_name(comparison)
    );
    let table = comparison.table_of(child)?;
    let draft = match part.declared {
        Some(declared) => {
            let label = if declared.none().is_some() { "`none`, and no reason" } else { "declared here" };
            Draft::of_key(level, declared, declared.first().span, label, message)
        }
        None => at_table(comparison, level, table, column.span, "no key, and nobody says why", message)
            .child(TableRef { table: table.name.clone(), columns: vec![name.clone()] }),
    };
    Some(
        draft
            .seen_in(comparison, None)
            .consequence(Consequence::RowsStay)
            .help("if it is one: a key on it erases the rows with the person (`ON DELETE CASCADE`) or makes them anonymous (`SET NULL`)")
            .help(format!(
                "if it isn't, or the rows are kept: `#[fk(none, reason = \"why\")]` on the field says so, or {}",
                in_configuration(held)
            )),
    )
}

/// A key that does neither.
fn of_key(
    comparison: &Comparison<'_>,
    inventory: &Inventory<'_>,
    part: &Part<'_>,
    key: &ObservedKey,
    level: Level,
) -> Option<Draft> {
    let (root, child) = (inventory.root, &key.key.table);
    let what = format!(
        "{} is ON DELETE {} in the {}",
        key_to_parent(&key.key, &key.parent),
        key.on_delete,
        source_name(comparison)
    );
    let (message, consequence) = match part.fate {
        Fate::Unknown(Why::KeptButErased) => (
            format!(
                "the configuration keeps `{child}`, and a delete of a row of `{root}` erases its rows: {what}"
            ),
            Consequence::SilentDelete,
        ),
        Fate::Unknown(Why::NotInForce) => (
            format!("rows of `{child}` keep the id of an erased row of `{root}`: {what}, and isn't in force"),
            Consequence::Orphans,
        ),
        _ => (
            format!(
                "rows of `{child}` refuse the erasure of a row of `{root}`: {what}, and nobody says that they are kept"
            ),
            Consequence::DeleteFails,
        ),
    };
    let draft = match (part.declared, comparison.table_of(child)) {
        (Some(declared), _) => {
            Draft::of_key(level, declared, declared.first().span, "declared here", message)
        }
        (None, Some(table)) => {
            let column = key.key.columns.iter().find_map(|name| table.column(name));
            let span = column.map_or(table.span, |column| column.span);
            at_table(comparison, level, table, span, "no annotation speaks of it", message)
        }
        (None, None) => {
            let table = comparison.table_of(&key.parent).or_else(|| comparison.table_of(root))?;
            at_table(comparison, level, table, table.span, "the code doesn't have its child", message)
        }
    };
    let draft = draft.seen_in(comparison, Some(key)).consequence(consequence);
    let held = Held { table: child, parts: Vec::new() };
    let configuration = in_configuration(&held);
    Some(match part.said.and_then(|said| Some((said.configured?, said.reason))) {
        Some((place, reason)) => draft
            .note(format!("kept by {place}: {reason}"))
            .help("write a migration that makes the key refuse (RESTRICT), or clear the column (SET NULL)")
            .help("or take the table out of `kept`"),
        _ => draft
            .help("to erase the rows: ON DELETE CASCADE; to keep them without a name: ON DELETE SET NULL, on a column that takes NULL")
            .help(format!(
                "to keep them: a reason in the annotation, `#[fk(on_delete = {}, reason = \"why\")]`, or {configuration}",
                key.on_delete.as_annotation()
            )),
    })
}

/// A breach that `schema.rs` shows; allowances of the table's models hold.
fn at_table(
    comparison: &Comparison<'_>,
    level: Level,
    table: &Table,
    span: Span,
    label: &str,
    message: String,
) -> Draft {
    let models = comparison.facts.models_of(&table.name);
    Draft::new(level, table.package, span, label, message).allowed_by(models.flat_map(|model| &model.allow))
}

fn in_configuration(held: &Held<'_>) -> String {
    let name = &held.table.to_string();
    let is_bare = name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '-');
    let name = if is_bare { name.clone() } else { format!("{name:?}") };
    format!("`kept.{name} = \"why\"` in `[workspace.metadata.fkcheck.erasure]` for the whole table")
}
