//! The table of all findings; the script lets it be sorted and filtered.

use std::io::{self, Write};

use maud::{Markup, html};

use super::super::audit::Words;
use super::super::clean::Clean;
use super::super::human::RULES_URL;
use super::super::plain;
use super::super::short::word;
use super::frame::{framed, piece};
use crate::finding::{Finding, KeyActions, Severity};
use crate::outcome::Outcome;

const COLUMNS: [&str; 7] = ["Severity", "Rule", "Key", "Code", "Source", "Place", "Message"];

pub(super) fn table(outcome: &Outcome, out: &mut dyn Write) -> io::Result<()> {
    piece(out, &filter(outcome))?;
    let frame = |hole: &_| {
        html! {
            div.scroll {
                table.stacked.findings {
                    thead { tr { @for name in COLUMNS { th scope="col" { (name) } } } }
                    tbody { (hole) }
                }
            }
        }
    };
    framed(out, frame, |out| {
        outcome.findings.iter().try_for_each(|finding| piece(out, &row(finding, outcome)))
    })
}

/// Hidden until the script is there to serve it.
fn filter(outcome: &Outcome) -> Markup {
    let mut severities: Vec<Severity> = outcome.findings.iter().map(|finding| finding.severity).collect();
    severities.sort_unstable_by(|a, b| b.cmp(a));
    severities.dedup();
    let mut rules: Vec<&str> = outcome.findings.iter().map(|finding| finding.rule.name()).collect();
    rules.sort_unstable();
    rules.dedup();
    html! {
        div.filter hidden="hidden" {
            input type="search" placeholder="Filter" aria-label="Filter the findings by text";
            (select("severity", "All severities", severities.into_iter().map(word)))
            (select("rule", "All rules", rules.into_iter()))
            output aria-live="polite" {}
        }
    }
}

fn select<'a>(name: &str, all: &str, values: impl Iterator<Item = &'a str>) -> Markup {
    html! {
        select data-filter=(name) aria-label={ "Filter the findings by " (name) } {
            option value="" { (all) }
            @for value in values {
                option { (value) }
            }
        }
    }
}

fn row(finding: &Finding, outcome: &Outcome) -> Markup {
    let data = &finding.data;
    let severity = word(finding.severity);
    let rank = match finding.severity {
        Severity::Deny => 0,
        Severity::Warn => 1,
        Severity::Note => 2,
    };
    let rule = finding.rule.name();
    let cells = [
        code(&plain::key(finding), &['.', '_']),
        code(&on_delete(data.declared.as_ref()), &[]),
        code(&on_delete(data.observed.as_ref()), &[]),
        code(&plain::line(finding.primary.span, outcome), &['/']),
        html! { (Words::new().prose(&finding.message)) },
    ];
    html! {
        tr data-severity=(severity) data-rule=(rule) {
            td data-name="Severity" data-rank=(rank) { span.severity.(severity) { (severity) } }
            td data-name="Rule" { a href={ (RULES_URL) "/" (rule) ".md" } { (rule) } }
            @for (name, cell) in COLUMNS[2..].iter().zip(cells) {
                td data-name=(name) { (cell) }
            }
        }
    }
}

/// What a side says of ON DELETE, where it says anything.
fn on_delete(actions: Option<&KeyActions>) -> String {
    actions.and_then(|actions| actions.on_delete.as_ref()).map_or_else(String::new, ToString::to_string)
}

/// A name or a place, which may be broken after these characters.
fn code(code: &str, breaks: &[char]) -> Markup {
    html! {
        @if !code.is_empty() {
            code {
                @for (i, part) in code.split_inclusive(breaks).enumerate() {
                    @if i > 0 { wbr; }
                    (Clean::new(part))
                }
            }
        }
    }
}
