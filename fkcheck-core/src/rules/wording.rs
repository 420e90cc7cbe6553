//! Sentences that several rules need: what a delete does, what follows from a disagreement, the ways out.

use crate::compare::Comparison;
use crate::finding::{Consequence, KeyActions};
use crate::model::{Action, DataClass, DeclaredKey, KeyName, ObservedKey, SourceKind, TableName};
use crate::words::delete_does;

/// `database`, `migrations` or `snapshot`, with the name of its section where there are several.
pub(super) fn source_name(comparison: &Comparison<'_>) -> String {
    let kind = match comparison.observation.source {
        SourceKind::Database => "database",
        SourceKind::Migrations => "migrations",
        SourceKind::Snapshot => "snapshot",
    };
    match &comparison.observation.database {
        Some(name) => format!("{kind} `{name}`"),
        None => kind.to_owned(),
    }
}

/// The verb after [`source_name`].
pub(super) fn shows(comparison: &Comparison<'_>) -> &'static str {
    if is_plural(comparison) { "show" } else { "shows" }
}

/// `if the database is right`
pub(super) fn if_the_source_is_right(comparison: &Comparison<'_>) -> String {
    let verb = if is_plural(comparison) { "are" } else { "is" };
    format!("if the {} {verb} right", source_name(comparison))
}

fn is_plural(comparison: &Comparison<'_>) -> bool {
    comparison.observation.source == SourceKind::Migrations
}

/// `` `batch_jobs.org_id` → `organizations` ``
pub(super) fn key_to_parent(key: &KeyName, parent: &TableName) -> String {
    format!("`{key}` → `{parent}`")
}

/// The same for a declared key, as far as its parent is known.
pub(super) fn declared_key(declared: &DeclaredKey) -> String {
    match declared.parent() {
        Some(parent) => key_to_parent(&declared.key, &parent.table),
        None => format!("`{}`", declared.key),
    }
}

/// The value of `references` that means an observed key's parent: `users(id)`, or in a string what is no path.
pub(super) fn references(observed: &ObservedKey) -> String {
    let columns = observed.parent_columns.join(", ");
    let is_ident = |name: &str| syn::parse_str::<syn::Ident>(name).is_ok();
    let is_path = observed.parent.schema.is_none()
        && is_ident(&observed.parent.name)
        && observed.parent_columns.iter().all(|column| is_ident(column));
    match (is_path, columns.is_empty()) {
        (true, true) => observed.parent.name.clone(),
        (true, false) => format!("{}({columns})", observed.parent.name),
        (false, true) => format!("\"{}\"", observed.parent),
        (false, false) => format!("\"{}({columns})\"", observed.parent),
    }
}

/// What the disagreement does to data.
pub(super) fn consequence(declared: &Action, observed: &Action) -> Consequence {
    match (declared, observed) {
        (_, Action::Cascade) => Consequence::SilentDelete,
        (Action::Cascade, Action::SetNull(_) | Action::SetDefault(_)) => Consequence::RowsStay,
        (_, Action::SetNull(_) | Action::SetDefault(_)) => Consequence::SilentUpdate,
        (declared, _) if declared.blocks() => Consequence::None,
        _ => Consequence::DeleteFails,
    }
}

/// The consequence in a sentence.
pub(super) fn consequence_text(declared: &Action, observed: &ObservedKey) -> String {
    let (key, parent) = (&observed.key, &observed.parent);
    let expected = expectation(declared, key);
    match consequence(declared, &observed.on_delete) {
        Consequence::SilentDelete => {
            format!("deleting a row of `{parent}` silently deletes its rows in `{}`; {expected}", key.table)
        }
        Consequence::SilentUpdate => {
            format!(
                "deleting a row of `{parent}` silently {}; {expected}",
                delete_does(&observed.on_delete, key)
            )
        }
        Consequence::RowsStay => {
            format!(
                "deleting a row of `{parent}` leaves its rows in `{}`, cut off from it; {expected}",
                key.table
            )
        }
        Consequence::DeleteFails => {
            format!(
                "deleting a row of `{parent}` fails while rows of `{}` refer to it; {expected}",
                key.table
            )
        }
        Consequence::Orphans | Consequence::None => {
            "a plain delete ends the same way under both; they differ where the check may be deferred"
                .to_owned()
        }
    }
}

/// What the code expects instead; continues a sentence.
fn expectation(declared: &Action, key: &KeyName) -> String {
    match declared {
        Action::NoAction | Action::Restrict => "the code expects the delete to fail".to_owned(),
        Action::Cascade => format!("the code expects the rows in `{}` to go with it", key.table),
        Action::SetNull(_) => "the code expects those rows to stay, with NULL for the parent".to_owned(),
        Action::SetDefault(_) => {
            "the code expects those rows to stay, with the default for the parent".to_owned()
        }
    }
}

/// How to bring the source to the code; a change that `loses` data has to be allowed by name.
pub(super) fn change_the_source(
    declared: &DeclaredKey,
    observed: &ObservedKey,
    wanted: &str,
    loses: bool,
) -> String {
    let named = observed.name.as_ref().map_or_else(String::new, |name| format!(" (constraint `{name}`)"));
    let key = declared.key.as_argument();
    let allowance = if loses { format!(" {key} --allow-data-loss {key}") } else { String::new() };
    format!(
        "if the code is right: `cargo fkcheck fix{allowance}` writes the migration that makes `{}`{named} {wanted}",
        declared.key
    )
}

/// How to bring the annotation to the source, by hand or by command.
pub(super) fn change_the_annotation(
    comparison: &Comparison<'_>,
    declared: &DeclaredKey,
    annotation: &str,
) -> String {
    let by_hand = change_the_code(comparison, annotation);
    format!("{by_hand}, as `cargo fkcheck fix --code {}` does", declared.key.as_argument())
}

/// How to bring the code to the source.
pub(super) fn change_the_code(comparison: &Comparison<'_>, annotation: &str) -> String {
    format!("{}: write `{annotation}` in the code", if_the_source_is_right(comparison))
}

/// The questions that tell which side is right; to the point where the code states what a row is worth.
pub(crate) fn which_side(declared: &DeclaredKey) -> String {
    let table = &declared.key.table;
    match declared.data().map(|data| data.value) {
        Some(DataClass::Ephemeral) => format!(
            "which side is right? the code says that rows of `{table}` are ephemeral: CASCADE fits such rows"
        ),
        Some(DataClass::Value) => format!(
            "which side is right? the code says that rows of `{table}` are of value and should outlive their parent: SET \
             NULL fits (the column must be nullable, and NULL forgets which parent it was); CASCADE loses them"
        ),
        Some(DataClass::Audit) => format!(
            "which side is right? the code says that rows of `{table}` are audit evidence: RESTRICT keeps them but can block \
             a lawful erasure, SET NULL can make the trail anonymous; a copied id without a key is the third way"
        ),
        None => "which side is right? ask what a child row is worth once its parent is gone: nothing (logs, sessions, derived \
                 counters) → CASCADE; it should outlive the parent → SET NULL, with a nullable column; it is audit evidence → \
                 RESTRICT, or a copied id without a key. `#[fk(data = ephemeral | value | audit)]` writes the answer down"
            .to_owned(),
    }
}

pub(super) fn declared_actions(declared: &DeclaredKey) -> KeyActions {
    KeyActions {
        on_delete: declared.on_delete().map(|stated| stated.value.clone()),
        on_update: declared.on_update().map(|stated| stated.value.clone()),
        deferrability: declared.deferrability().map(|stated| stated.value),
    }
}

pub(super) fn observed_actions(observed: &ObservedKey) -> KeyActions {
    KeyActions {
        on_delete: Some(observed.on_delete.clone()),
        on_update: Some(observed.on_update.clone()),
        deferrability: Some(observed.deferrability),
    }
}
