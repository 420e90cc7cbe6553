//! Why a key is not changed in the database, and what is to be done first.

use super::candidate::Candidate;
use super::is_named;
use crate::collect::Facts;
use crate::engines;
use crate::engines::fix::Change;
use crate::finding::{Finding, Moved};
use crate::model::{Action, SourceKind};
use crate::words::delete_does;

/// What nobody can allow. `None`: nothing stands in the way.
pub(crate) fn by_migration(candidate: &Candidate<'_>, facts: &Facts) -> Option<String> {
    let change = match &candidate.change {
        Ok(change) => change,
        Err(why) => return Some(why.to_string()),
    };
    let observation = candidate.comparison.observation;
    let engine = engines::driver(observation.engine.kind);
    older_than_migrations(candidate)
        .or_else(|| not_applied(candidate))
        .or_else(|| nulls_what_must_not_be_null(change, facts))
        .or_else(|| orphans(candidate, change))
        .or_else(|| (engine.fix.obstacle)(change, observation))
}

/// The migrations say what the code says, and the snapshot doesn't know it yet: another migration would do the same again.
fn older_than_migrations(candidate: &Candidate<'_>) -> Option<String> {
    let is_snapshot = candidate.comparison.observation.source == SourceKind::Snapshot;
    let is_made_so =
        |finding: &&Finding| matches!(finding.data.moved, Some(Moved::Database | Moved::NotApplied));
    (is_snapshot && candidate.findings.iter().copied().any(|finding| is_made_so(&finding))).then(|| {
        "the migrations make it so already, and fkcheck.lock is older; `cargo fkcheck snapshot --against migrations` renews it"
            .to_owned()
    })
}

/// The migrations say what the code says; the database hasn't run them.
fn not_applied(candidate: &Candidate<'_>) -> Option<String> {
    let is_pending = candidate.findings.iter().any(|finding| finding.data.moved == Some(Moved::NotApplied));
    is_pending.then(|| {
        "a migration that makes it so is there and not applied; run `diesel migration run` first".to_owned()
    })
}

/// SET NULL on a column that takes none makes every such delete fail.
fn nulls_what_must_not_be_null(change: &Change, facts: &Facts) -> Option<String> {
    let to = &change.to;
    let (Action::SetNull(named) | Action::SetDefault(named)) = &to.on_delete else { return None };
    let sets_null = matches!(to.on_delete, Action::SetNull(_));
    for (column, known) in to.key.columns.iter().zip(&to.columns) {
        if !named.is_empty() && !named.contains(column) {
            continue;
        }
        if known.generated {
            return Some(format!(
                "`{}.{column}` is generated, and {} would write it",
                to.key.table, to.on_delete
            ));
        }
        let in_code = facts.table(&to.key.table).and_then(|table| table.column(column));
        let takes_null = known.nullable && in_code.is_none_or(|column| column.nullable);
        if !takes_null && (sets_null || !known.has_default) {
            return Some(format!(
                "`{}.{column}` doesn't take NULL, so every such delete would fail; make it nullable first, or declare another rule",
                to.key.table
            ));
        }
    }
    None
}

/// Rows without a parent make a new key fail; an old one may have them where it was switched off for a time.
fn orphans(candidate: &Candidate<'_>, change: &Change) -> Option<String> {
    let comparison = candidate.comparison;
    let to = &change.to;
    match comparison.orphans.get(&candidate.declared.id()) {
        Some(0) => None,
        Some(count) => Some(format!(
            "rows of `{}` have no parent in `{}`, {count} of them; delete them, or give them one, in a migration of its own",
            to.key.table, to.parent
        )),
        None if change.from.is_none() && comparison.observation.source == SourceKind::Database => Some(
            "rows without a parent would be in its way; pass `--data` to have them counted first".to_owned(),
        ),
        None => None,
    }
}

/// What a rule that begins to delete rows, or to clear what stands in them, does from then on; such a key wants to be named.
pub(crate) fn data_loss(candidate: &Candidate<'_>, allowed: &[String]) -> Option<String> {
    let Change { from, to, .. } = candidate.change.as_ref().ok()?;
    let from = from.as_ref();
    let on_delete = to.on_delete.loses_more_than(from.map(|from| &from.on_delete));
    let on_update = to.on_update.clears_more_than(from.map(|from| &from.on_update));
    if !on_delete && !on_update || allowed.iter().any(|written| is_named(candidate.name(), written)) {
        return None;
    }
    Some(if on_delete {
        let at_once = format!(
            "from then on, deleting a row of `{}` {}",
            to.parent,
            delete_does(&to.on_delete, &to.key)
        );
        [at_once].into_iter().chain(candidate.further_up()).collect::<Vec<_>>().join("; ")
    } else {
        format!("from then on, an update of `{}` clears `{}`", to.parent, to.key)
    })
}

/// How to allow it.
pub(crate) fn not_allowed(candidate: &Candidate<'_>, data_loss: &str) -> String {
    let key = candidate.name().as_argument();
    format!("{data_loss}; if that is meant, pass `--allow-data-loss {key}`")
}
