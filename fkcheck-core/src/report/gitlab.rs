//! For GitLab: a Code Quality report, <https://docs.gitlab.com/ci/testing/code_quality/>.

use std::io::{self, Write};

use serde_json::{Value, json};

use super::clean::Clean;
use super::harmless::write_json;
use super::identity::{Identities, Identity};
use super::short::could_not_know;
use super::{plain, summary};
use crate::finding::{Consequence, Finding, Severity};
use crate::model::Span;
use crate::outcome::{Outcome, Problem};

/// The check of what is no finding.
const CHECK: &str = "fkcheck";
/// Where something is that has no place: GitLab wants one.
const NO_PLACE: &str = "Cargo.toml";

pub(super) fn render(outcome: &Outcome, out: &mut dyn Write) -> io::Result<()> {
    let mut identities = Identities::default();
    let mut issues: Vec<Value> = Vec::new();
    for finding in &outcome.findings {
        let identity = identities.of_finding(finding);
        let description = Clean::new(&finding.message);
        let place = Some(finding.primary.span);
        issues.push(issue(finding.rule.name(), &description, severity(finding), &identity, place, outcome));
    }
    for problem in summary::problems(outcome) {
        issues.push(of_problem(&problem, &could_not_know(&problem), &mut identities, outcome));
    }
    write_json(&issues, out)
}

pub(super) fn render_failure(message: &str, help: Option<&str>, out: &mut dyn Write) -> io::Result<()> {
    let description = plain::text(&plain::failure(message, help), "\n");
    let problem = Problem { message: message.to_owned(), label: None, help: Vec::new() };
    let issue =
        of_problem(&problem, &Clean::lines(&description), &mut Identities::default(), &Outcome::default());
    write_json(&[issue], out)
}

fn of_problem(
    problem: &Problem,
    description: &Clean,
    identities: &mut Identities,
    outcome: &Outcome,
) -> Value {
    let place = problem.label.as_ref().map(|label| label.span);
    issue(CHECK, description, "major", &identities.of_problem(problem), place, outcome)
}

fn severity(finding: &Finding) -> &'static str {
    match (finding.severity, finding.consequence) {
        (Severity::Deny, Consequence::SilentDelete | Consequence::SilentUpdate) => "critical",
        (Severity::Deny, _) => "major",
        (Severity::Warn, _) => "minor",
        (Severity::Note, _) => "info",
    }
}

fn issue(
    check: &str,
    description: &Clean,
    severity: &str,
    Identity { digest, number }: &Identity,
    place: Option<Span>,
    outcome: &Outcome,
) -> Value {
    let path = place.map_or(NO_PLACE.into(), |span| plain::path(span.file, outcome));
    json!({
        "check_name": check,
        "description": description,
        "severity": severity,
        // GitLab takes two with the same fingerprint for one.
        "fingerprint": if *number == 1 { digest.clone() } else { format!("{digest}-{number}") },
        "location": { "path": path, "lines": { "begin": place.map_or(1, |span| span.start.line) } },
    })
}
