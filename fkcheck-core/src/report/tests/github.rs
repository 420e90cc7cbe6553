//! Workflow commands, read as GitHub's runner reads them.

use super::hostile::runner_command;
use super::outcomes::{add, billing, finding, label};
use super::rendered;
use crate::finding::{Finding, Severity};
use crate::model::SourceMap;
use crate::outcome::Outcome;
use crate::report::{Format, Style};

fn commands(outcome: &Outcome) -> Vec<String> {
    rendered(outcome, Format::Github, &Style::PLAIN).lines().map(str::to_owned).collect()
}

#[test]
fn a_finding_stands_at_its_lines() {
    let lines = commands(&billing());
    let (properties, message) = runner_command(&lines[0]);
    let value = |name: &str| properties.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str());
    assert_eq!(value("file"), Some("billing/src/models/batch_jobs.rs"));
    assert_eq!((value("line"), value("endLine")), (Some("7"), Some("7")));
    assert_eq!((value("col"), value("endColumn")), (Some("42"), Some("63")));
    assert_eq!(value("title"), Some(crate::model::RuleId::fk_on_delete_mismatch.name()));
    let message: Vec<&str> = message.lines().collect();
    assert_eq!(
        message[1],
        "billing/src/models/batch_jobs.rs:7:42: NO ACTION in the code, CASCADE in the database"
    );
    assert!(message[4].starts_with("note: ") && message[6].starts_with("help: "), "{message:#?}");
    let kinds: Vec<&str> = lines.iter().map(|line| line.split_once(' ').unwrap().0).collect();
    assert_eq!(kinds, ["::error", "::error", "::warning", "::notice", "::error", "12"]);
}

#[test]
fn odd_paths_are_encoded_and_several_lines_have_no_columns() {
    let mut sources = SourceMap::default();
    let file = add(&mut sources, "a:b,c%2C=d\r\n.rs", "one\ntwo\n");
    let place = label(&sources, file, "one\ntwo", "100% sure::error::");
    let outcome = Outcome { findings: vec![finding("50%0A", place)], sources, ..Outcome::default() };
    assert_eq!(
        commands(&outcome)[0],
        "::error file=a%3Ab%2Cc%252C=d\\r\\n.rs,line=1,endLine=2,title=fk_on_delete_mismatch::50%250A\
         %0Aa:b,c%252C=d\\r\\n.rs:1:1: 100%25 sure::error::"
    );
}

/// GitHub drops what is over ten of a kind, and doesn't say so.
#[test]
fn ten_of_a_kind_are_shown_and_the_rest_is_counted() {
    let mut outcome = billing();
    let with = |severity, count| vec![Finding { severity, ..outcome.findings[0].clone() }; count];
    outcome.findings =
        [with(Severity::Deny, 12), with(Severity::Warn, 10), with(Severity::Note, 11)].concat();
    let lines = commands(&outcome);
    let count = |start: &str| lines.iter().filter(|line| line.starts_with(start)).count();
    assert_eq!((count("::error "), count("::warning "), count("::notice ")), (10, 10, 10));
    assert_eq!(lines[29], "::notice title=fkcheck::5 more: GitHub shows 10 of a kind");
    assert_eq!(lines.len(), 31);
}
