//! Whether a key that refuses stops a delete that would take its rows along by another way.

use super::When;
use super::graph::{Graph, is_cascade};
use crate::model::{Action, Deferrability, EngineFacts, NoActionCheck, ObservedKey};

/// `goes_too`: cascades lead to the key's child as well, or to the table that it is a part of.
pub(super) fn when_refused(
    key: &ObservedKey,
    goes_too: bool,
    graph: &Graph<'_>,
    engine: &EngineFacts,
) -> When {
    // RESTRICT is never deferred.
    if key.on_delete == Action::NoAction && key.deferrability == Deferrability::Deferred {
        return When::Commit;
    }
    if !goes_too {
        return When::Referred;
    }
    if key.on_delete == Action::NoAction && engine.no_action == NoActionCheck::EndOfStatement {
        return When::Left;
    }
    // A cascade on the same columns to the same parent takes the very rows that refer, and its rank tells which is first.
    let twin = graph.children(&key.parent).find(|other| {
        is_cascade(other)
            // The cascade of a partitioned table takes the rows of all its partitions.
            && (other.key.table == key.key.table || Some(&other.key.table) == key.whole.as_ref())
            && other.key.columns == key.key.columns
            && other.parent_columns == key.parent_columns
    });
    match twin {
        Some(twin) if twin.firing_order < key.firing_order => When::Left,
        Some(twin) if twin.firing_order > key.firing_order => When::Referred,
        _ => When::Order,
    }
}
