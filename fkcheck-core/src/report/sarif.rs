//! For code scanning: SARIF 2.1.0, <https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html>, with what GitHub asks for
//! beyond it, <https://docs.github.com/en/code-security/reference/code-scanning/sarif-files/sarif-support>.

use std::io::{self, Write};
use std::path::Path;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};

use super::clean::Clean;
use super::harmless::write_json;
use super::human::RULES_URL;
use super::identity::Identities;
use super::snippets::in_bounds;
use super::{plain, summary};
use crate::finding::{Finding, Label, Level, Severity, Suggestion};
use crate::model::{FileId, Span};
use crate::outcome::{Outcome, Problem};
use crate::rules::{self, Rule};

/// The base of every path: the repository, wherever it is checked out.
const BASE: &str = "%SRCROOT%";

/// What is left of a path beside letters and digits.
const IN_PATH: AsciiSet = NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~').remove(b'/');

pub(super) fn render(outcome: &Outcome, out: &mut dyn Write) -> io::Result<()> {
    let is_broken = |rule: &&Rule| outcome.findings.iter().any(|finding| finding.rule == rule.id);
    let broken: Vec<&Rule> = rules::ALL.iter().copied().filter(is_broken).collect();
    let mut identities = Identities::default();
    let results = outcome.findings.iter().map(|finding| result(finding, &broken, &mut identities, outcome));
    let notifications: Vec<Value> =
        summary::problems(outcome).iter().map(|problem| of_problem(problem, outcome)).collect();
    let invocation = json!({
        "executionSuccessful": notifications.is_empty(),
        "exitCode": outcome.verdict().exit_code(),
        "toolExecutionNotifications": notifications,
    });
    write_json(&log(broken.iter().map(|rule| descriptor(rule)), results, &invocation), out)
}

pub(super) fn render_failure(message: &str, help: Option<&str>, out: &mut dyn Write) -> io::Result<()> {
    let invocation = json!({
        "executionSuccessful": false,
        "toolExecutionNotifications": [notification(&plain::failure(message, help))],
    });
    write_json(&log(std::iter::empty(), std::iter::empty(), &invocation), out)
}

fn log(
    rules: impl Iterator<Item = Value>,
    results: impl Iterator<Item = Value>,
    invocation: &Value,
) -> Value {
    json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": "fkcheck",
                "informationUri": env!("CARGO_PKG_REPOSITORY"),
                "semanticVersion": env!("CARGO_PKG_VERSION"),
                "rules": rules.collect::<Vec<_>>(),
            } },
            "columnKind": "unicodeCodePoints",
            "originalUriBaseIds": { BASE: { "description": { "text": "the repository" } } },
            "invocations": [invocation],
            "results": results.collect::<Vec<_>>(),
        }],
    })
}

fn descriptor(rule: &Rule) -> Value {
    let (wrong, right) = (rule.wrong.code.trim(), rule.right.code.trim());
    json!({
        "id": rule.name(),
        "shortDescription": { "text": rule.says },
        "fullDescription": { "text": rule.why },
        "help": {
            "text": format!("{}\n\nWrong:\n\n{wrong}\n\nRight:\n\n{right}", rule.why),
            "markdown": rules::page(rule),
        },
        "helpUri": format!("{RULES_URL}/{}.md", rule.name()),
        "defaultConfiguration": { "level": match rule.level {
            Level::Deny => "error",
            Level::Warn => "warning",
            Level::Allow => "none",
        } },
    })
}

fn result(finding: &Finding, broken: &[&Rule], identities: &mut Identities, outcome: &Outcome) -> Value {
    let identity = identities.of_finding(finding);
    let related = finding.secondary.iter().enumerate().map(|(i, label)| {
        let mut location = location(label, outcome);
        location["id"] = json!(i + 1);
        location
    });
    let fixes = finding.suggestions.iter().map(|suggestion| fix(suggestion, outcome));
    json!({
        "ruleId": finding.rule.name(),
        "ruleIndex": broken.iter().position(|rule| rule.id == finding.rule),
        "level": match finding.severity {
            Severity::Deny => "error",
            Severity::Warn => "warning",
            Severity::Note => "note",
        },
        "message": { "text": text(&plain::finding(finding)) },
        "locations": [location(&finding.primary, outcome)],
        "relatedLocations": related.collect::<Vec<_>>(),
        "fixes": fixes.collect::<Vec<_>>(),
        "partialFingerprints": {
            // GitHub reads this one alone, and makes its own of the line's text where there is none.
            "primaryLocationLineHash": format!("{}:{}", identity.digest, identity.number),
            "fkcheck/v1": identity.digest,
        },
    })
}

fn of_problem(problem: &Problem, outcome: &Outcome) -> Value {
    let mut notification = notification(&plain::problem(problem));
    if let Some(label) = &problem.label {
        notification["locations"] = json!([location(label, outcome)]);
    }
    notification
}

fn notification(paragraphs: &[Clean]) -> Value {
    json!({ "level": "error", "message": { "text": text(paragraphs) } })
}

fn fix(suggestion: &Suggestion, outcome: &Outcome) -> Value {
    json!({
        "description": { "text": text(&[Clean::new(&suggestion.message)]) },
        "artifactChanges": [{
            "artifactLocation": artifact(suggestion.span.file, outcome),
            "replacements": [{
                "deletedRegion": region(suggestion.span, outcome),
                "insertedContent": { "text": suggestion.replacement },
            }],
        }],
    })
}

fn location(label: &Label, outcome: &Outcome) -> Value {
    let mut location = json!({ "physicalLocation": {
        "artifactLocation": artifact(label.span.file, outcome),
        "region": region(label.span, outcome),
    } });
    if !label.text.is_empty() {
        location["message"] = json!({ "text": text(&[Clean::new(&label.text)]) });
    }
    location
}

fn artifact(file: FileId, outcome: &Outcome) -> Value {
    let path = plain::path(file, outcome);
    let uri = utf8_percent_encode(&path, &IN_PATH);
    if Path::new(&*path).is_absolute() {
        json!({ "uri": format!("file:///{}", uri.to_string().trim_start_matches('/')) })
    } else {
        json!({ "uri": uri.to_string(), "uriBaseId": BASE })
    }
}

/// All four: without the others, readers guess.
fn region(span: Span, outcome: &Outcome) -> Value {
    let Span { start, end, .. } = in_bounds(span, &outcome.sources);
    json!({ "startLine": start.line, "startColumn": start.column, "endLine": end.line, "endColumn": end.column })
}

/// A message. What SARIF takes for a link in it, `[text](target)`, stays text.
fn text(paragraphs: &[Clean]) -> String {
    plain::text(paragraphs, "\n\n").replace("](", "]\\u{28}")
}
