//! The table of all findings; the script lets it be sorted and filtered.

use super::super::audit::Words;
use super::super::human::RULES_URL;
use super::super::plain;
use super::super::short::word;
use super::text::{each, line, text};
use crate::finding::{Finding, KeyActions, Severity};
use crate::outcome::Outcome;

const COLUMNS: [&str; 7] = ["Severity", "Rule", "Key", "Code", "Source", "Place", "Message"];

pub(super) fn table(outcome: &Outcome) -> String {
    if outcome.findings.is_empty() {
        return String::new();
    }
    let head = each(COLUMNS, |name| format!("<th scope=\"col\">{name}</th>"));
    let rows: String = outcome.findings.iter().map(|finding| row(finding, outcome)).collect();
    format!(
        "{}<div class=\"scroll\">\n<table class=\"stacked findings\">\n<thead><tr>{head}</tr></thead>\n<tbody>\n{rows}</tbody>\n</table>\n</div>\n",
        filter(outcome)
    )
}

/// Hidden until the script is there to serve it.
fn filter(outcome: &Outcome) -> String {
    let mut severities: Vec<Severity> = outcome.findings.iter().map(|finding| finding.severity).collect();
    severities.sort_unstable_by(|a, b| b.cmp(a));
    severities.dedup();
    let mut rules: Vec<&str> = outcome.findings.iter().map(|finding| finding.rule.name()).collect();
    rules.sort_unstable();
    rules.dedup();
    let severities = severities.into_iter().map(word);
    format!(
        "<div class=\"filter\" hidden=\"hidden\">\n<input type=\"search\" placeholder=\"Filter\" aria-label=\"Filter the findings by text\"/>\n\
         {}{}<output aria-live=\"polite\"></output>\n</div>\n",
        select("severity", "All severities", severities),
        select("rule", "All rules", rules.into_iter()),
    )
}

fn select<'a>(name: &str, all: &str, values: impl Iterator<Item = &'a str>) -> String {
    let options = each(values, |value| format!("<option>{}</option>", text(value)));
    format!(
        "<select data-filter=\"{name}\" aria-label=\"Filter the findings by {name}\"><option value=\"\">{all}</option>{options}</select>\n"
    )
}

fn row(finding: &Finding, outcome: &Outcome) -> String {
    let data = &finding.data;
    let severity = word(finding.severity);
    let rank = match finding.severity {
        Severity::Deny => 0,
        Severity::Warn => 1,
        Severity::Note => 2,
    };
    let rule = text(finding.rule.name());
    let cells = [
        code(&plain::key(finding), &['.', '_']),
        code(&on_delete(data.declared.as_ref()), &[]),
        code(&on_delete(data.observed.as_ref()), &[]),
        code(&plain::line(finding.primary.span, outcome), &['/']),
        line(&Words::new().prose(&finding.message)),
    ];
    let mut html = format!(
        "<tr data-severity=\"{severity}\" data-rule=\"{rule}\"><td data-name=\"Severity\" data-rank=\"{rank}\"><span class=\"severity \
         {severity}\">{severity}</span></td><td data-name=\"Rule\"><a href=\"{RULES_URL}/{rule}.md\">{rule}</a></td>"
    );
    for (name, cell) in COLUMNS[2..].iter().zip(cells) {
        html.extend([format!("<td data-name=\"{name}\">{cell}</td>")]);
    }
    html + "</tr>\n"
}

/// What a side says of ON DELETE, where it says anything.
fn on_delete(actions: Option<&KeyActions>) -> String {
    actions.and_then(|actions| actions.on_delete.as_ref()).map_or_else(String::new, ToString::to_string)
}

/// A name or a place, which may be broken after these characters.
fn code(code: &str, breaks: &[char]) -> String {
    if code.is_empty() {
        return String::new();
    }
    let parts: Vec<String> = code.split_inclusive(breaks).map(text).collect();
    format!("<code>{}</code>", parts.join("<wbr/>"))
}
