//! A clause that the annotation leaves out means SQL's default; the source has another one.

use super::Draft;
use super::wording::{declared_key, source_name};
use crate::compare::Comparison;
use crate::finding::Level;
use crate::model::{DeclaredKey, ObservedKey};

/// A clause that the code says nothing of.
pub(super) struct Unstated {
    /// `ON UPDATE`
    pub(super) clause: &'static str,
    /// What saying nothing means.
    pub(super) meant: String,
    /// What the source shows: `ON UPDATE CASCADE`.
    pub(super) seen: String,
    /// What an annotation says of that: `on_update = cascade`.
    pub(super) entry: String,
}

/// The breach, at the key's first annotation, with the edit that states what the source shows.
pub(super) fn unstated(
    comparison: &Comparison<'_>,
    declared: &DeclaredKey,
    observed: &ObservedKey,
    Unstated { clause, meant, seen, entry }: &Unstated,
) -> Draft {
    let source = source_name(comparison);
    let claim = declared.first();
    let message =
        format!("{} is {seen} in the {source}, and the code doesn't say it", declared_key(declared));
    let (end, text) = comparison.facts.entry_in(claim, entry);
    Draft::of_key(Level::Warn, declared, claim.span, format!("says nothing of {clause}"), message)
        .seen_in(comparison, Some(observed))
        .note(format!("an annotation that says nothing of {clause} means SQL's default, {meant}"))
        .suggest(format!("say what the {source} does"), end, text)
}
