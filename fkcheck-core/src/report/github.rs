//! For GitHub's runner: workflow commands, which it shows beside the lines of a pull request.
//! <https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands>

use std::io::{self, Write};

use super::clean::Clean;
use super::snippets::in_bounds;
use super::{plain, summary};
use crate::finding::{Finding, Severity};
use crate::model::Span;
use crate::outcome::{Outcome, Problem};

/// What GitHub shows of a severity in one step; it drops the rest in silence.
pub(super) const LIMIT: usize = 10;

/// The title of what is no finding.
const TITLE: &str = "fkcheck";

struct Annotation<'a> {
    severity: Severity,
    place: Option<Span>,
    title: &'a str,
    lines: Vec<Clean>,
}

pub(super) fn render(outcome: &Outcome, out: &mut dyn Write) -> io::Result<()> {
    let mut shown = [0; 3];
    let mut left_out = 0;
    let findings = outcome.findings.iter().map(|finding| of_finding(finding, outcome));
    let problems = summary::problems(outcome).into_iter();
    for annotation in findings.chain(problems.map(|problem| of_problem(&problem))) {
        // The last notice may have to tell of the others.
        let limit = if annotation.severity == Severity::Note { LIMIT - 1 } else { LIMIT };
        let shown = &mut shown[annotation.severity as usize];
        if *shown < limit {
            *shown += 1;
            write_command(&annotation, outcome, out)?;
        } else {
            left_out += 1;
        }
    }
    if left_out > 0 {
        writeln!(out, "::notice title={TITLE}::{left_out} more: GitHub shows {LIMIT} of a kind")?;
    }
    writeln!(out, "{}; {}", summary::keys(outcome), summary::verdict(outcome))
}

pub(super) fn render_failure(message: &str, help: Option<&str>, out: &mut dyn Write) -> io::Result<()> {
    let lines = plain::failure(message, help);
    let annotation = Annotation { severity: Severity::Deny, place: None, title: TITLE, lines };
    write_command(&annotation, &Outcome::default(), out)
}

#[cfg(all(feature = "workspace", feature = "database"))]
pub(super) fn render_problem(problem: &Problem, outcome: &Outcome, out: &mut dyn Write) -> io::Result<()> {
    write_command(&of_problem(problem), outcome, out)
}

fn of_finding<'a>(finding: &'a Finding, outcome: &Outcome) -> Annotation<'a> {
    let lines = plain::finding_with_places(finding, outcome);
    Annotation {
        severity: finding.severity,
        place: Some(finding.primary.span),
        title: finding.rule.name(),
        lines,
    }
}

fn of_problem(problem: &Problem) -> Annotation<'static> {
    Annotation {
        severity: Severity::Deny,
        place: problem.label.as_ref().map(|label| label.span),
        title: TITLE,
        lines: plain::problem(problem),
    }
}

fn write_command(annotation: &Annotation<'_>, outcome: &Outcome, out: &mut dyn Write) -> io::Result<()> {
    let command = match annotation.severity {
        Severity::Deny => "error",
        Severity::Warn => "warning",
        Severity::Note => "notice",
    };
    let place = annotation.place.map_or_else(String::new, |span| place(span, outcome));
    let message = message(&plain::text(&annotation.lines, "\n"));
    writeln!(out, "::{command} {place}title={}::{message}", annotation.title)
}

/// `file=src/models.rs,line=7,endLine=7,col=10,endColumn=31,`. Columns are for places in one line: GitHub refuses an
/// annotation that has them over several.
fn place(span: Span, outcome: &Outcome) -> String {
    let Span { file, start, end } = in_bounds(span, &outcome.sources);
    let file = property(Clean::new(&plain::path(file, outcome)).as_str());
    let columns = if start.line == end.line {
        format!("col={},endColumn={},", start.column, end.column)
    } else {
        String::new()
    };
    format!("file={file},line={},endLine={},{columns}", start.line, end.line)
}

/// What the runner decodes in a message.
pub(super) fn message(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// What it decodes in a property.
pub(super) fn property(text: &str) -> String {
    message(text).replace(':', "%3A").replace(',', "%2C")
}
