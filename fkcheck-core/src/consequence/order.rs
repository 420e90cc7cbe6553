//! Whether a key that refuses stops a delete that would take its rows along by another way.

use super::graph::{Edge, Graph};
use super::{Fate, When};
use crate::model::{Action, Deferrability, EngineFacts, NoActionCheck, ObservedKey, RowsFirst};

/// Whether a key that refuses looks for rows only when everything else has been done: what goes by another way is no matter to it.
pub(super) fn looks_last(edge: &Edge<'_>, engine: &EngineFacts) -> bool {
    is_deferred(edge.key)
        || edge.key.on_delete == Action::NoAction && engine.no_action == NoActionCheck::EndOfStatement
}

/// Whether a key makes a delete fail while rows refer.
pub(super) fn refuses(edge: &Edge<'_>) -> bool {
    edge.fates.iter().any(|fate| matches!(fate, Fate::Refused | Fate::Fails(When::Default, _)))
}

/// Whether it looks at COMMIT, so that whoever deletes may still see to the rows that refer. RESTRICT is never deferred.
pub(super) fn is_deferred(key: &ObservedKey) -> bool {
    key.on_delete == Action::NoAction && key.deferrability == Deferrability::Deferred
}

/// `ways`: how many cascades lead to the key's child too.
pub(super) fn when_refused(edge: &Edge<'_>, ways: usize, graph: &Graph<'_>, engine: &EngineFacts) -> When {
    let key = edge.key;
    if is_deferred(key) {
        return When::Commit;
    }
    if ways == 0 {
        return When::Referred;
    }
    // Rows of one table that go by one way are gone together, those that refer and those that are referred to.
    let gone_together = edge.is_of_itself() && ways == 1 && engine.rows_first == RowsFirst::All;
    if looks_last(edge, engine) || gone_together {
        return When::Left;
    }
    // A cascade on the same columns to the same parent takes the very rows that refer, and its rank tells which is first.
    let twin = graph.cascades(edge.parent).map(|other| other.key).find(|other| {
        // The cascade of a partitioned table takes the rows of all its partitions.
        (other.key.table == key.key.table || Some(&other.key.table) == key.whole.as_ref())
            && other.key.columns == key.key.columns
            && other.parent_columns == key.parent_columns
    });
    match twin {
        Some(twin) if twin.firing_order < key.firing_order => When::Left,
        Some(twin) if twin.firing_order > key.firing_order => When::Referred,
        _ => When::Order,
    }
}
