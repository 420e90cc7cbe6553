//! The last lines: what was counted, compared and skipped, and how it ended.

use std::borrow::Cow;

use super::clean::Clean;
use crate::finding::Severity;
use crate::model::SourceKind;
use crate::outcome::{ComparedWith, Outcome, Problem, Verdict};

const NOTHING_COMPARED: &str = "nothing was compared";

/// `12 foreign keys declared, 14 observed, 12 compared, 2 undeclared, 0 skipped`; before it, where there are several,
/// `399 of 400 databases compared: `.
pub(super) fn keys(outcome: &Outcome) -> String {
    let counts = &outcome.counts;
    let databases = counts.databases.map_or_else(String::new, |databases| {
        format!("{} of {} databases compared: ", databases.compared, databases.asked)
    });
    format!(
        "{databases}{} declared, {} observed, {} compared, {} undeclared, {} skipped",
        number(counts.declared, "foreign key"),
        counts.observed,
        counts.paired,
        counts.undeclared,
        counts.skipped,
    )
}

/// `3 errors, 1 warning`, or `all 12 declared keys agree` with which source, or why that could not be known.
pub(super) fn verdict(outcome: &Outcome) -> String {
    let mut found: Vec<String> = [
        (outcome.count(Severity::Deny), "error"),
        (outcome.count(Severity::Warn), "warning"),
        (outcome.count(Severity::Note), "note"),
    ]
    .into_iter()
    .filter(|(count, _)| *count > 0)
    .map(|(count, noun)| number(count, noun))
    .collect();

    let known = outcome.counts.known;
    if known > 0 {
        found.push(format!("{known} known, in the baseline"));
    }

    let unknown = match (outcome.verdict(), outcome.problems.len()) {
        (Verdict::Unknown, 0) => Some(format!("could not know: {NOTHING_COMPARED}")),
        (_, 0) => None,
        (_, problems) => Some(format!("could not know: {}", number(problems, "problem"))),
    };
    match (found.is_empty(), unknown) {
        (true, Some(unknown)) => unknown,
        (true, None) => agreement(outcome),
        (false, None) => match &outcome.counts.sources[..] {
            sources @ [_, _, ..] if outcome.verdict() == Verdict::Agrees => {
                format!("{}; compared: {}", found.join(", "), each(sources))
            }
            _ => found.join(", "),
        },
        (false, Some(unknown)) => format!("{}; {unknown}", found.join(", ")),
    }
}

/// The problems; where there is none and nothing was compared, that.
pub(super) fn problems(outcome: &Outcome) -> Vec<Cow<'_, Problem>> {
    if outcome.problems.is_empty() && outcome.verdict() == Verdict::Unknown {
        let message = NOTHING_COMPARED.to_owned();
        return vec![Cow::Owned(Problem { message, label: None, help: Vec::new() })];
    }
    outcome.problems.iter().map(Cow::Borrowed).collect()
}

fn agreement(outcome: &Outcome) -> String {
    let counts = &outcome.counts;
    let agreement = match counts.declared {
        1 if counts.paired == 1 => "the one declared key agrees".to_owned(),
        declared if declared == counts.paired => format!("all {declared} declared keys agree"),
        declared => format!("{} of {declared} declared keys compared, and they agree", counts.paired),
    };
    match &counts.sources[..] {
        [] => agreement,
        [source] => format!("{agreement} with {}", name(source)),
        several => format!("{agreement}: {}", each(several)),
    }
}

/// `34 with PostgreSQL 15.18, database shop at db as app; 6 with the migrations alone`
fn each(sources: &[ComparedWith]) -> String {
    let one = |source: &ComparedWith| format!("{} with {}", source.keys, name(source));
    sources.iter().map(one).collect::<Vec<_>>().join("; ")
}

fn name(source: &ComparedWith) -> String {
    let kind = match source.source {
        SourceKind::Database => return Clean::new(&source.label).to_string(),
        SourceKind::Migrations => "the migrations",
        SourceKind::Snapshot => "the snapshot",
    };
    let section =
        source.section.as_ref().map_or_else(String::new, |name| format!(" of `{}`", Clean::new(name)));
    format!("{kind}{section}{}", if source.alone { " alone" } else { "" })
}

/// `1 error`, `2 errors`.
pub(super) fn number(count: usize, noun: &str) -> String {
    let plural = if count == 1 { "" } else { "s" };
    format!("{count} {noun}{plural}")
}
