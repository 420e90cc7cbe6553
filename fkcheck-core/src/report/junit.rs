//! For whatever shows tests: JUnit's XML. Each declared key is a test, so that those that agree are seen too.

use std::io::{self, Write};

use quick_xml::events::{BytesDecl, BytesText, Event};

use super::clean::Clean;
use super::short::could_not_know;
use super::{plain, summary};
use crate::finding::{Finding, Severity};
use crate::fingerprint::Fingerprint;
use crate::model::Span;
use crate::outcome::{Outcome, Problem};

type Xml<'a> = quick_xml::Writer<&'a mut dyn Write>;

/// The suite of what is of no package.
const SUITE: &str = "fkcheck";

struct Suite<'a> {
    name: &'a str,
    cases: Vec<Case<'a>>,
}

/// A test: a key, what else findings are about, or a problem.
struct Case<'a> {
    name: String,
    place: Option<Span>,
    findings: Vec<&'a Finding>,
    end: End<'a>,
}

enum End<'a> {
    /// As the findings say.
    Checked,
    /// No source could tell.
    Skipped,
    Error(&'a [Clean]),
}

pub(super) fn render(outcome: &Outcome, out: &mut dyn Write) -> io::Result<()> {
    let mut suites: Vec<Suite<'_>> = (0..outcome.packages.len()).map(|at| package(at, outcome)).collect();
    suites.retain(|suite| !suite.cases.is_empty());
    let problems = summary::problems(outcome);
    let paragraphs: Vec<Vec<Clean>> = problems.iter().map(|problem| plain::problem(problem)).collect();
    if !problems.is_empty() {
        let cases = problems.iter().zip(&paragraphs).map(|(problem, paragraphs)| error(problem, paragraphs));
        suites.push(Suite { name: SUITE, cases: cases.collect() });
    }
    write(&suites, outcome, out)
}

pub(super) fn render_failure(message: &str, help: Option<&str>, out: &mut dyn Write) -> io::Result<()> {
    let paragraphs = plain::failure(message, help);
    let end = End::Error(&paragraphs);
    let case = Case { name: "the run".to_owned(), place: None, findings: Vec::new(), end };
    write(&[Suite { name: SUITE, cases: vec![case] }], &Outcome::default(), out)
}

/// The keys that a package declares, and what its findings are about beside them.
fn package(index: usize, outcome: &Outcome) -> Suite<'_> {
    let keys = outcome.keys.iter().filter(|key| key.package == index);
    let mut cases: Vec<Case<'_>> = keys
        .map(|key| Case {
            name: key.id.to_string(),
            place: Some(key.place),
            findings: outcome.findings.iter().filter(|finding| finding.data.is_about(&key.id)).collect(),
            end: if key.compared { End::Checked } else { End::Skipped },
        })
        .collect();
    let of_no_key = |finding: &&Finding| !outcome.keys.iter().any(|key| finding.data.is_about(&key.id));
    for finding in outcome.findings.iter().filter(|finding| finding.package == index).filter(of_no_key) {
        let name = format!("{}: {}", finding.rule, Fingerprint::of(finding).about);
        match cases.iter_mut().find(|case| case.name == name) {
            Some(case) => case.findings.push(finding),
            None => cases.push(Case {
                name,
                place: Some(finding.primary.span),
                findings: vec![finding],
                end: End::Checked,
            }),
        }
    }
    Suite { name: &outcome.packages[index].name, cases }
}

fn error<'a>(problem: &Problem, paragraphs: &'a [Clean]) -> Case<'a> {
    Case {
        name: could_not_know(problem).to_string(),
        place: problem.label.as_ref().map(|label| label.span),
        findings: Vec::new(),
        end: End::Error(paragraphs),
    }
}

impl Case<'_> {
    fn denied(&self) -> Vec<&Finding> {
        self.findings.iter().copied().filter(|finding| finding.severity == Severity::Deny).collect()
    }
}

fn is_skipped(case: &Case<'_>) -> bool {
    matches!(case.end, End::Skipped) && case.denied().is_empty()
}

fn write(suites: &[Suite<'_>], outcome: &Outcome, out: &mut dyn Write) -> io::Result<()> {
    let mut xml = Xml::new_with_indent(&mut *out, b' ', 2);
    xml.write_event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))?;
    let all: Vec<&Case<'_>> = suites.iter().flat_map(|suite| &suite.cases).collect();
    let time = format!("{:.3}", outcome.elapsed.as_secs_f64());
    xml.create_element("testsuites")
        .with_attributes([("name", SUITE), ("time", &time)])
        .with_attributes(attributes(&totals(&all)))
        .write_inner_content(|xml| suites.iter().try_for_each(|suite| write_suite(suite, outcome, xml)))?;
    writeln!(out)
}

fn write_suite(suite: &Suite<'_>, outcome: &Outcome, xml: &mut Xml<'_>) -> io::Result<()> {
    let name = Clean::new(suite.name);
    let all: Vec<&Case<'_>> = suite.cases.iter().collect();
    xml.create_element("testsuite")
        .with_attribute(("name", name.as_str()))
        .with_attributes(attributes(&totals(&all)))
        .write_inner_content(|xml| {
            suite.cases.iter().try_for_each(|case| write_case(case, &name, outcome, xml))
        })?;
    Ok(())
}

fn totals(cases: &[&Case<'_>]) -> [(&'static str, String); 4] {
    let count = |test: fn(&Case<'_>) -> bool| cases.iter().filter(|case| test(case)).count().to_string();
    [
        ("tests", cases.len().to_string()),
        ("failures", count(|case| !case.denied().is_empty())),
        ("errors", count(|case| matches!(case.end, End::Error(_)))),
        ("skipped", count(is_skipped)),
    ]
}

fn write_case(case: &Case<'_>, suite: &Clean, outcome: &Outcome, xml: &mut Xml<'_>) -> io::Result<()> {
    let name = Clean::new(&case.name);
    let mut attributes_of_case = vec![("name", name.to_string()), ("classname", suite.to_string())];
    if let Some(span) = case.place {
        let file = Clean::new(&plain::path(span.file, outcome));
        attributes_of_case.extend([("file", file.to_string()), ("line", span.start.line.to_string())]);
    }
    let element = xml.create_element("testcase").with_attributes(attributes(&attributes_of_case));
    element.write_inner_content(|xml| {
        let denied = case.denied();
        if let End::Error(paragraphs) = case.end {
            write_end("error", "could not know", paragraphs, xml)?;
        } else if let Some(worst) = denied.first() {
            write_end("failure", worst.rule.name(), &text(&denied, outcome), xml)?;
        } else if is_skipped(case) {
            xml.create_element("skipped")
                .with_attribute(("message", "no source could tell"))
                .write_empty()?;
        }
        let told: Vec<&Finding> =
            case.findings.iter().copied().filter(|finding| finding.severity != Severity::Deny).collect();
        if !told.is_empty() {
            let text = plain::text(&text(&told, outcome), "\n");
            xml.create_element("system-out").write_text_content(BytesText::new(&text))?;
        }
        Ok(())
    })?;
    Ok(())
}

/// How a test ended that did not pass; the first paragraph is its message.
fn write_end(element: &str, kind: &str, paragraphs: &[Clean], xml: &mut Xml<'_>) -> io::Result<()> {
    let message = paragraphs.first().map_or("", |first| first.as_str().lines().next().unwrap_or_default());
    xml.create_element(element)
        .with_attributes([("type", kind), ("message", message)])
        .write_text_content(BytesText::new(&plain::text(paragraphs, "\n")))?;
    Ok(())
}

/// The findings with their places, a paragraph each.
fn text(findings: &[&Finding], outcome: &Outcome) -> Vec<Clean> {
    findings.iter().flat_map(|finding| plain::finding_with_places(finding, outcome)).collect()
}

fn attributes<'a>(all: &'a [(&'static str, String)]) -> impl Iterator<Item = (&'a str, &'a str)> {
    all.iter().map(|(name, value)| (*name, value.as_str()))
}
