//! The last lines: what was counted, compared and skipped, and how it ended.

use std::borrow::Cow;

use super::clean::Clean;
use crate::finding::Severity;
use crate::model::{KeyName, SourceKind};
use crate::outcome::{ComparedWith, Counts, Outcome, Problem, Verdict};

const NOTHING_COMPARED: &str = "nothing was compared";

/// `12 foreign keys declared, 14 observed, 12 compared, 2 undeclared, 0 skipped`; before it, where there are several,
/// `399 of 400 databases compared: `.
pub(super) fn keys(outcome: &Outcome) -> String {
    let counts = &outcome.counts;
    let databases = counts.databases.map_or_else(String::new, |databases| {
        format!("{} of {} databases compared: ", databases.compared, databases.asked)
    });
    format!(
        "{databases}{} declared, {} observed, {} compared, {} undeclared{}, {} skipped",
        number(counts.declared, "foreign key"),
        counts.observed,
        counts.paired,
        counts.undeclared,
        names(&outcome.undeclared),
        counts.skipped,
    )
}

/// ` (stars.user_id, likes.post_id)`; of many, how to see them.
fn names(keys: &[KeyName]) -> String {
    const NAMED: usize = 3;
    match keys {
        [] => String::new(),
        [_, .., _] if keys.len() > NAMED => " (`-v` names them)".to_owned(),
        few => {
            let names: Vec<String> = few.iter().map(|key| Clean::new(&key.to_string()).to_string()).collect();
            format!(" ({})", names.join(", "))
        }
    }
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
            sources if outcome.verdict() == Verdict::Agrees => {
                let compared = (sources.len() > 1).then(|| format!("compared: {}", each(sources)));
                let parts = [found.join(", ")].into_iter().chain(compared).chain(remarks(&outcome.counts));
                parts.collect::<Vec<_>>().join("; ")
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
    // One that differs isn't always one that was compared: it may be missing.
    let differing = (counts.allowed + counts.not_shown).min(counts.declared);
    let agreement = match (counts.declared, counts.paired, differing) {
        (1, 1, 0) => "the one declared key agrees".to_owned(),
        (declared, paired, 0) if declared == paired => format!("all {declared} declared keys agree"),
        (declared, paired, 0) => format!("{paired} of {declared} declared keys compared, and they agree"),
        (1, ..) => "the one declared key doesn't agree".to_owned(),
        (declared, _, differing) => {
            let agreeing = (declared - counts.skipped).saturating_sub(differing);
            format!("{agreeing} of {} agree", number(declared, "declared key"))
        }
    };
    let agreement = match &counts.sources[..] {
        [] => agreement,
        [source] => format!("{agreement} with {}", name(source)),
        several => format!("{agreement}: {}", each(several)),
    };
    [agreement].into_iter().chain(remarks(counts)).collect::<Vec<_>>().join("; ")
}

/// `1 differs and is allowed`, and what else must not look like agreement.
fn remarks(counts: &Counts) -> Vec<String> {
    let of = |count, one: &str, several: &str| match count {
        0 => None,
        1 => Some(format!("1 {one}")),
        count => Some(format!("{count} {several}")),
    };
    let not_shown =
        of(counts.not_shown, "differs in a package that isn't shown", "differ in packages that aren't shown");
    let unclaimed = match (counts.declared, counts.unclaimed) {
        (1, 1) => Some("the code says nothing of ON DELETE".to_owned()),
        (_, count) => of(count, "says nothing of ON DELETE", "say nothing of ON DELETE"),
    };
    [of(counts.allowed, "differs and is allowed", "differ and are allowed"), not_shown, unclaimed]
        .into_iter()
        .flatten()
        .collect()
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
