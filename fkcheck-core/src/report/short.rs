//! One line a finding, as rustc's `short`: `path:line:column: error[rule]: message`.

use std::io::{self, Write};

use super::clean::Clean;
use super::summary;
use crate::finding::{Finding, Label, Severity};
use crate::model::SourceMap;
use crate::outcome::{Outcome, Problem};

pub(super) fn render(outcome: &Outcome, out: &mut dyn Write) -> io::Result<()> {
    for finding in &outcome.findings {
        writeln!(out, "{}", self::finding(finding, &outcome.sources))?;
    }
    for problem in &outcome.problems {
        writeln!(out, "{}", self::problem(problem, &outcome.sources))?;
    }
    writeln!(out, "{}; {}", summary::keys(outcome), summary::verdict(outcome))
}

pub(super) fn finding(finding: &Finding, sources: &SourceMap) -> String {
    format!(
        "{}: {}[{}]: {}",
        place(&finding.primary, sources),
        word(finding.severity),
        finding.rule,
        Clean::new(&finding.message)
    )
}

pub(super) fn problem(problem: &Problem, sources: &SourceMap) -> String {
    let message = could_not_know(problem);
    match &problem.label {
        Some(label) => format!("{}: error: {message}", place(label, sources)),
        None => format!("error: {message}"),
    }
}

/// How compilers call a severity.
pub(super) fn word(severity: Severity) -> &'static str {
    match severity {
        Severity::Deny => "error",
        Severity::Warn => "warning",
        Severity::Note => "note",
    }
}

/// The message of a problem; it says in every format which sort of error it is.
pub(super) fn could_not_know(problem: &Problem) -> Clean {
    Clean::new(&format!("could not know: {}", problem.message))
}

fn place(label: &Label, sources: &SourceMap) -> Clean {
    Clean::new(&sources.place(label.span))
}
