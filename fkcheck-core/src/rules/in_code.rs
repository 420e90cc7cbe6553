//! Deletes in the code as the rules on them speak of them: each once, with what the code knows of keys.

use super::on_the_way::Known;
use super::{Draft, Rule};
use crate::compare::Comparison;
use crate::consequence::Deletes;
use crate::finding::TableRef;
use crate::model::{ObservedKey, Span};
use crate::sites::{Site, Sites};

/// Hands over each delete outside tests.
pub(super) fn each(comparison: &Comparison<'_>, mut tell: impl FnMut(&Known<'_>, &Site<'_>)) {
    if comparison.facts.functions.is_empty() {
        return;
    }
    let known = Known::new(comparison);
    let deletes = Deletes::new(&comparison.observation.keys, comparison.engine());
    for site in Sites::new(comparison, &deletes).all().iter().filter(|site| !site.function.is_test) {
        tell(&known, site);
    }
}

/// A breach by a delete, at its place or at one beside it; what the function is allowed holds.
pub(super) fn draft(
    rule: &Rule,
    comparison: &Comparison<'_>,
    site: &Site<'_>,
    keys: &[&ObservedKey],
    (span, label): (Span, &str),
    message: String,
) -> Draft {
    let named =
        |key: &&ObservedKey| TableRef { table: key.key.table.clone(), columns: key.key.columns.clone() };
    Draft::new(rule.level, site.function.package, span, label, message)
        .allowed_by(site.function.allow.iter())
        .seen_in(comparison, None)
        .of_function(site.function.name.clone(), keys.iter().map(named).collect())
}

/// The same with the key's place, unless that is shown already.
pub(super) fn with_key(draft: Draft, known: &Known<'_>, key: &ObservedKey, text: String) -> Draft {
    match known.place(key).filter(|span| !draft.shows(*span)) {
        Some(span) => draft.label(span, text),
        None => draft,
    }
}
