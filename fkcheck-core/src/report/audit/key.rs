//! What there is to say of one key whose delete rules differ.

use super::super::plain;
use super::tree;
use super::words::Words;
use crate::finding::{Consequence, Finding, TableRef};
use crate::model::{Action, KeyName, SourceKind};
use crate::outcome::Outcome;

/// A section of the audit.
pub(in super::super) struct KeySection {
    pub(in super::super) heading: Words,
    pub(in super::super) consequence: Consequence,
    pub(in super::super) facts: Vec<Fact>,
}

/// A label and what it says, a line or several.
pub(in super::super) struct Fact {
    pub(in super::super) label: String,
    pub(in super::super) lines: Vec<Words>,
}

/// The key that a finding is about, where it is about one.
pub(in super::super) fn key_name(finding: &Finding) -> Option<KeyName> {
    let TableRef { table, columns } =
        finding.data.child.as_ref().filter(|child| !child.columns.is_empty())?;
    Some(KeyName { table: table.clone(), columns: columns.clone() })
}

/// What the code was compared with.
pub(super) fn source(kind: Option<SourceKind>) -> &'static str {
    match kind {
        Some(SourceKind::Migrations) => "migrations",
        Some(SourceKind::Snapshot) => "snapshot",
        Some(SourceKind::Database) | None => "database",
    }
}

pub(super) fn section(finding: &Finding, outcome: &Outcome) -> KeySection {
    let data = &finding.data;
    let mut facts = Vec::new();
    let mut fact = |label: String, lines: Vec<Words>| facts.push(Fact { label, lines });
    let sides = data.declared.as_ref().zip(data.observed.as_ref());
    let sides = sides.and_then(|(code, source)| code.on_delete.as_ref().zip(source.on_delete.as_ref()));

    let place = Words::new().code(plain::position(finding.primary.span, outcome));
    if let Some((declared, observed)) = sides {
        let mut words = on_delete(declared).text(", at ");
        words.extend(place);
        fact("The code declares".to_owned(), vec![words]);
        let verb = if data.source == Some(SourceKind::Migrations) { "leave" } else { "is set to" };
        let observed = on_delete(observed);
        let named = match &data.constraint {
            Some(name) => observed.text(", by the constraint ").code(name),
            None => observed,
        };
        fact(format!("The {} {verb}", source(data.source)), vec![named]);
    } else {
        fact("The code".to_owned(), vec![place]);
    }
    // The rule's first note is what the disagreement does; others are about where it comes from.
    let further_note = data.further_note();
    let notes = finding.notes.iter().filter(|note| Some(*note) != further_note.as_ref());
    let mut notes = notes.map(|note| Words::new().prose(note));
    if let Some(today) = notes.next() {
        fact("What a delete does today".to_owned(), vec![today]);
    }
    let notes: Vec<Words> = notes.collect();
    if !notes.is_empty() {
        fact("Also known".to_owned(), notes);
    }
    let places = finding
        .secondary
        .iter()
        .map(|label| Words::new().code(plain::position(label.span, outcome)).text(": ").prose(&label.text));
    let places: Vec<Words> = places.collect();
    if !places.is_empty() {
        fact("Where to look".to_owned(), places);
    }
    if !data.further_up.is_empty() {
        let lines = data.further_up.iter().map(|line| Words::new().prose(line)).collect();
        fact("What the code's rule does further up".to_owned(), lines);
    }
    if let Some((declared, _)) = sides {
        fact("Fix".to_owned(), vec![fix(finding, declared, outcome)]);
        fact("Sanity check first".to_owned(), vec![sanity_check(finding, declared)]);
    }
    KeySection { heading: heading(finding), consequence: finding.consequence, facts }
}

/// `` `batch_jobs.org_id` → `organizations` ``
fn heading(finding: &Finding) -> Words {
    let data = &finding.data;
    let Some(key) = key_name(finding) else { return Words::new().prose(&finding.message) };
    let mut heading = Words::new().code(key);
    if let Some(parent) = &data.parent {
        heading = heading.text(" → ").code(&parent.table);
    }
    match &data.section {
        Some(section) => heading.text(" in the database ").code(section),
        None => heading,
    }
}

fn on_delete(action: &Action) -> Words {
    Words::new().code(format!("ON DELETE {action}"))
}

fn fix(finding: &Finding, declared: &Action, outcome: &Outcome) -> Words {
    let mut fix = Words::new().text("a migration that brings the database to ");
    fix.extend(on_delete(declared));
    fix = fix.text(", so that the database enforces what the code declares");
    if let Some(advice) = finding.data.change_advice {
        fix = fix.text(": ").prose(advice);
    }
    let section = finding.data.section.as_deref();
    let has_sql = key_name(finding).is_some_and(|key| {
        outcome.proposals.iter().any(|proposal| {
            proposal.migrations.is_ok()
                && proposal.section.as_deref() == section
                && proposal.keys.contains(&key)
        })
    });
    match key_name(finding) {
        Some(key) if has_sql => fix
            .text(". The SQL stands under Migrations; ")
            .code(format!("cargo fkcheck fix {}", key.as_argument()))
            .text(" writes it."),
        _ => fix.text("."),
    }
}

fn sanity_check(finding: &Finding, declared: &Action) -> Words {
    let data = &finding.data;
    let child = data.child.as_ref().map_or_else(String::new, |child| child.table.to_string());
    let mut check = Words::new().text("before shipping it, is ");
    check.extend(on_delete(declared));
    check = check.text(" right for this relation");
    if let Some(parent) = &data.parent {
        check = check
            .text(", where ")
            .code(&parent.table)
            .text(" is the parent and ")
            .code(&child)
            .text(" the child");
    }
    check = check.text("? ");
    if let Some(first) = data.further_up.first() {
        check = check.text("It is not the only one that it concerns: ").prose(first).text(". ");
    }
    check = match data.class {
        Some(class) => {
            let choice = tree::choice(class);
            check
                .text("The code says that rows of ")
                .code(&child)
                .text(format!(" are {}, and the decision tree says ", choice.are))
                .strong(choice.rule)
                .text(format!(" for such rows ({}). ", choice.price))
        }
        None => check
            .text("The decision tree tells by what a row of ")
            .code(&child)
            .text(" is worth once its parent is gone. "),
    };
    check = check.text(
        "CASCADE on a child of value silently loses data when the parent is deleted. If the code's rule is wrong, mend the \
         code first",
    );
    if let Some(key) = key_name(finding) {
        check = check
            .text(" (")
            .code(format!("cargo fkcheck fix --code {}", key.as_argument()))
            .text(" takes over what is there)");
    }
    check.text(", check again, and ship the migration that is then left to write.")
}
