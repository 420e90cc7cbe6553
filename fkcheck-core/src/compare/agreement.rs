//! Whether two actions are the same, as the engine behaves.

use crate::model::{Action, EngineFacts, IdentifierCase, RestrictMeaning, SetDefaultMeaning};

/// How a declared and an observed action compare.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Agreement {
    /// The engine does the same thing for both.
    Same,
    /// NO ACTION beside RESTRICT on a key that is not deferrable: a plain delete ends the same way.
    AlikeForPlainDeletes,
    /// They do different things.
    Differs,
}

/// Compares two actions of a key with these referencing columns. `deferrable`: the key is, or is declared to be.
pub(crate) fn actions_agree(
    declared: &Action,
    observed: &Action,
    key_columns: &[String],
    deferrable: bool,
    engine: &EngineFacts,
) -> Agreement {
    let declared = as_behaves(declared, engine);
    let observed = as_behaves(observed, engine);
    match (&declared, &observed) {
        (Action::NoAction, Action::Restrict) | (Action::Restrict, Action::NoAction) => {
            if deferrable {
                Agreement::Differs
            } else {
                Agreement::AlikeForPlainDeletes
            }
        }
        (Action::SetNull(left), Action::SetNull(right))
        | (Action::SetDefault(left), Action::SetDefault(right)) => {
            same_columns(left, right, key_columns, engine.column_case)
        }
        (left, right) if left == right => Agreement::Same,
        _ => Agreement::Differs,
    }
}

/// The action by what the engine does: where RESTRICT is NO ACTION, or SET DEFAULT only blocks, they are one.
fn as_behaves(action: &Action, engine: &EngineFacts) -> Action {
    let blocks = match action {
        Action::Restrict => engine.restrict == RestrictMeaning::SameAsNoAction,
        Action::SetDefault(_) => engine.set_default == SetDefaultMeaning::Blocks,
        _ => false,
    };
    if blocks { Action::NoAction } else { action.clone() }
}

/// An empty list means all the key's columns.
fn same_columns(left: &[String], right: &[String], all: &[String], case: IdentifierCase) -> Agreement {
    let set = |columns: &[String]| {
        let columns = if columns.is_empty() { all } else { columns };
        let mut folded: Vec<String> = columns.iter().map(|column| case.fold(column)).collect();
        folded.sort_unstable();
        folded
    };
    if set(left) == set(right) { Agreement::Same } else { Agreement::Differs }
}
