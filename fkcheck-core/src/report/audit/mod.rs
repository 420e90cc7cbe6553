//! What the audit says, as data: the release note and the HTML page print the same.

mod key;
mod sql;
mod tree;
mod words;

use std::borrow::Cow;

pub(super) use key::{Fact, KeySection, key_name};
pub(super) use sql::{Migration, SqlSection};
pub(super) use tree::{CHOICES, QUESTION};
pub(super) use words::{Piece, Words};

use super::summary;
use crate::finding::Finding;
use crate::model::RuleId;
use crate::outcome::{Outcome, Problem, Verdict};

const RULE: RuleId = RuleId::fk_on_delete_mismatch;

/// By this line a tracker finds its own entry and updates it.
pub(super) const MARKER: &str = "<!-- db-audit:kind=fk_on_delete_mismatch -->";

pub(super) const SQL_INTRODUCTION: &str =
    "What would bring the database to the code, once the code is known to be right.";

/// The audit.
pub(super) struct Audit<'a> {
    /// Our own words, without a name.
    pub(super) title: String,
    /// Paragraphs.
    pub(super) lead: Vec<Words>,
    /// Why something could not be known.
    pub(super) problems: Vec<Cow<'a, Problem>>,
    /// The keys whose delete rules differ, by table and columns.
    pub(super) keys: Vec<KeySection>,
    pub(super) sql: Vec<SqlSection>,
    /// What other rules found.
    pub(super) others: Vec<&'a Finding>,
}

impl<'a> Audit<'a> {
    pub(super) fn new(outcome: &'a Outcome) -> Audit<'a> {
        let (mut mismatches, others): (Vec<&Finding>, Vec<&Finding>) =
            outcome.findings.iter().partition(|finding| finding.rule == RULE);
        mismatches.sort_by_key(|finding| (key_name(finding), finding.data.section.clone()));
        Audit {
            title: title(mismatches.len(), outcome),
            lead: lead(&mismatches, !others.is_empty(), outcome),
            problems: summary::problems(outcome),
            keys: mismatches.iter().map(|finding| key::section(finding, outcome)).collect(),
            sql: outcome.proposals.iter().map(sql::section).collect(),
            others,
        }
    }
}

/// A list of titles must not show "0 mismatches" for what could not be known.
fn title(mismatches: usize, outcome: &Outcome) -> String {
    if mismatches == 0 && outcome.verdict() == Verdict::Unknown {
        "[Database] Foreign-key delete rules could not all be checked".to_owned()
    } else {
        format!("[Database] Reconcile {}", mismatches_in_words(mismatches))
    }
}

fn mismatches_in_words(count: usize) -> String {
    let plural = if count == 1 { "" } else { "es" };
    format!("{count} foreign-key delete-rule mismatch{plural}")
}

fn lead(mismatches: &[&Finding], has_others: bool, outcome: &Outcome) -> Vec<Words> {
    let first = match mismatches {
        [] if outcome.verdict() == Verdict::Unknown => Words::new()
            .text("The audit could not tell whether the delete rules of the code are those of the database."),
        [] => Words::new()
            .text("The audit found no foreign-key delete-rule mismatch in what it compared: ")
            .text(summary::verdict(outcome))
            .text("."),
        [first, ..] => {
            let kind = first.data.source;
            let is_one = mismatches.iter().all(|finding| finding.data.source == kind);
            let source = if is_one { key::source(kind) } else { "database" };
            Words::new()
                .text("The audit found ")
                .strong(mismatches_in_words(mismatches.len()))
                .text(format!(" to reconcile between the code and the {source}: until then, a delete of a parent row does not do \
                     what the code says."))
        }
    };
    let mut lead = vec![first];
    let known = outcome.counts.known;
    if known > 0 && !mismatches.is_empty() {
        let words =
            format!("{} more in the baseline, not shown here.", summary::number(known, "known finding"));
        lead.push(Words::new().text(words));
    }
    if !mismatches.is_empty() && has_others {
        lead.push(Words::new().text("What other rules found is listed at the end."));
    }
    if !outcome.problems.is_empty() {
        lead.push(
            Words::new()
                .strong("Not everything could be known")
                .text(": what follows may not be all there is."),
        );
    }
    lead
}
