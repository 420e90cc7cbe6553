//! A clause on which annotation and source disagree. One that the annotation leaves out means SQL's default.

use std::fmt;

use super::Draft;
use super::wording::{declared_key, source_name};
use crate::compare::Comparison;
use crate::finding::Level;
use crate::model::{DeclaredKey, ObservedKey, Stated};

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

/// The breach where the annotation states the clause, with the edit that states what the source shows: that in words, and as an
/// annotation has it.
pub(super) fn stated_otherwise<T: fmt::Display>(
    comparison: &Comparison<'_>,
    declared: &DeclaredKey,
    observed: &ObservedKey,
    clause: &str,
    stated: &Stated<T>,
    (seen, entry): (&T, String),
) -> Draft {
    let source = source_name(comparison);
    let both = format!("{} in the code, {seen} in the {source}", stated.value);
    let message = format!(
        "{} is {clause}{} in the code and {seen} in the {source}",
        declared_key(declared),
        stated.value
    );
    Draft::of_key(Level::Warn, declared, stated.span, both, message)
        .seen_in(comparison, Some(observed))
        .suggest(format!("make the code agree with the {source}"), stated.span, entry)
}
