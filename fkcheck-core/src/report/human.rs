//! For people: one graphical report a finding, drawn by miette.

use std::collections::HashSet;
use std::fmt;
use std::io::{self, Write};

use miette::{
    Diagnostic, GraphicalReportHandler, GraphicalTheme, LabeledSpan, SourceCode, ThemeCharacters, ThemeStyles,
};
use textwrap::{WordSeparator, WordSplitter};

use super::Style;
use super::clean::Clean;
use super::short::{could_not_know, word};
use super::snippets::Snippets;
use super::summary;
use crate::finding::{Finding, Label, Severity};
use crate::model::{RuleId, SourceMap};
use crate::outcome::{Outcome, Problem};

/// The rules' pages.
pub(super) const RULES_URL: &str = concat!(env!("CARGO_PKG_REPOSITORY"), "/blob/main/docs/rules");

pub(super) fn render(outcome: &Outcome, style: &Style, out: &mut dyn Write) -> io::Result<()> {
    // The same advice for the fortieth key of a rule is noise: it stands where it is given first.
    let mut advised: HashSet<(RuleId, &str)> = HashSet::new();
    for finding in &outcome.findings {
        let help: Vec<&str> = finding
            .help
            .iter()
            .map(|help| help.text.as_str())
            .filter(|help| advised.insert((finding.rule, help)))
            .collect();
        out.write_all(report(finding, &help, &outcome.sources, style).as_bytes())?;
        writeln!(out)?;
    }
    for problem in &outcome.problems {
        out.write_all(self::problem(problem, &outcome.sources, style).as_bytes())?;
        writeln!(out)?;
    }
    render_summary(outcome, style, out)
}

/// What could not be known, and nothing else.
pub(super) fn render_problems(outcome: &Outcome, style: &Style, out: &mut dyn Write) -> io::Result<()> {
    outcome
        .problems
        .iter()
        .try_for_each(|problem| out.write_all(self::problem(problem, &outcome.sources, style).as_bytes()))
}

fn render_summary(outcome: &Outcome, style: &Style, out: &mut dyn Write) -> io::Result<()> {
    let verdict = summary::verdict(outcome);
    let verdict = if outcome.count(Severity::Deny) > 0 || !outcome.problems.is_empty() {
        styles(style).error.style(verdict).to_string()
    } else {
        verdict
    };
    writeln!(out, "{}", fill(&summary::keys(outcome), "", "", style))?;
    writeln!(out, "{}", fill(&verdict, "", "", style))?;
    if let Some(worst) = outcome.findings.first() {
        writeln!(out, "for more about a rule: cargo fkcheck explain {}", worst.rule)?;
    }
    Ok(())
}

/// A finding with all its help.
pub(super) fn finding(finding: &Finding, sources: &SourceMap, style: &Style) -> String {
    let help: Vec<&str> = finding.help.iter().map(|help| help.text.as_str()).collect();
    report(finding, &help, sources, style)
}

fn report(finding: &Finding, help: &[&str], sources: &SourceMap, style: &Style) -> String {
    let head = format!("{}[{}]:", word(finding.severity), finding.rule);
    let head = if style.hyperlinks {
        format!("\u{1b}]8;;{RULES_URL}/{}.md\u{1b}\\{head}\u{1b}]8;;\u{1b}\\", finding.rule)
    } else {
        head
    };
    let labels: Vec<&Label> = std::iter::once(&finding.primary).chain(&finding.secondary).collect();
    let mut text = draw(head, finding.severity, Clean::new(&finding.message), &labels, sources, style);
    for note in &finding.notes {
        text.push_str(&paragraph("note", note, style));
    }
    for help in help {
        text.push_str(&paragraph("help", help, style));
    }
    text
}

pub(super) fn problem(problem: &Problem, sources: &SourceMap, style: &Style) -> String {
    let labels: Vec<&Label> = problem.label.iter().collect();
    let mut text =
        draw("error:".to_owned(), Severity::Deny, could_not_know(problem), &labels, sources, style);
    for help in &problem.help {
        text.push_str(&paragraph("help", help, style));
    }
    text
}

/// An error that ended the run.
pub(super) fn failure(message: &str, help: Option<&str>, style: &Style) -> String {
    let lines = |text: &str, indent: &str| Clean::lines(text).as_str().replace('\n', &format!("\n{indent}"));
    let styles = styles(style);
    let error = format!("{} {}\n", styles.error.style("error:"), lines(message, "  "));
    let help = help.map(|help| format!("  {} {}\n", styles.help.style("help:"), lines(help, "        ")));
    error + &help.unwrap_or_default()
}

/// The message and the snippets.
fn draw(
    head: String,
    severity: Severity,
    message: Clean,
    labels: &[&Label],
    sources: &SourceMap,
    style: &Style,
) -> String {
    let snippets = Snippets::new(labels, sources, style);
    let handler = GraphicalReportHandler::new_themed(theme(head, severity, &snippets, style))
        .with_width(style.width)
        .with_links(false)
        .with_break_words(false)
        .with_word_separator(WordSeparator::AsciiSpace)
        .with_word_splitter(WordSplitter::NoHyphenation)
        .without_syntax_highlighting();
    let mut text = String::new();
    // Writing into a string does not fail, nor do spans that lie in their blocks.
    let drawn = handler.render_report(&mut text, &Report { message, severity, snippets });
    debug_assert!(drawn.is_ok());
    text
}

/// miette's look, with two changes: the head of the message, `error[rule]:`, stands where miette puts an icon, and
/// the primary place has the colour of the severity, the others one colour, as rustc does.
fn theme(head: String, severity: Severity, snippets: &Snippets, style: &Style) -> GraphicalTheme {
    let mut characters = if style.unicode { ThemeCharacters::unicode() } else { ThemeCharacters::ascii() };
    characters.error.clone_from(&head);
    characters.warning.clone_from(&head);
    characters.advice = head;

    let mut styles = styles(style);
    if style.color {
        let primary = match severity {
            Severity::Deny => styles.error,
            Severity::Warn => styles.warning,
            Severity::Note => styles.advice,
        };
        let secondary = styles.help.blue();
        if !snippets.places.is_empty() {
            styles.highlights =
                snippets.places.iter().map(|place| if place.primary { primary } else { secondary }).collect();
        }
    }
    GraphicalTheme { characters, styles }
}

fn styles(style: &Style) -> ThemeStyles {
    if !style.color {
        return ThemeStyles::none();
    }
    let mut styles = ThemeStyles::ansi();
    styles.error = styles.error.bold();
    styles.warning = styles.warning.bold();
    styles.advice = styles.advice.green().bold();
    styles.help = styles.help.bold();
    styles
}

/// `  help: ..`, wrapped.
fn paragraph(head: &'static str, text: &str, style: &Style) -> String {
    let styles = styles(style);
    let color = if head == "note" { styles.advice } else { styles.help };
    let first = format!("  {} ", color.style(format_args!("{head}:")));
    format!("{}\n", fill(Clean::new(text).as_str(), &first, "        ", style))
}

/// Wraps at spaces alone: names and paths stay whole, however long, to be found and copied.
fn fill(text: &str, first: &str, rest: &str, style: &Style) -> String {
    let options = textwrap::Options::new(style.width)
        .initial_indent(first)
        .subsequent_indent(rest)
        .break_words(false)
        .word_separator(WordSeparator::AsciiSpace)
        .word_splitter(WordSplitter::NoHyphenation);
    textwrap::fill(text, options)
}

/// What miette draws.
#[derive(Debug)]
struct Report {
    message: Clean,
    severity: Severity,
    snippets: Snippets,
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.message.fmt(f)
    }
}

impl std::error::Error for Report {}

impl Diagnostic for Report {
    fn severity(&self) -> Option<miette::Severity> {
        Some(match self.severity {
            Severity::Deny => miette::Severity::Error,
            Severity::Warn => miette::Severity::Warning,
            Severity::Note => miette::Severity::Advice,
        })
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        Some(Box::new(self.snippets.labels()))
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        Some(&self.snippets)
    }
}
