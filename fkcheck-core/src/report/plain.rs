//! What the formats for CI systems share: paths as the repository has them, and a finding in plain paragraphs.

use std::borrow::Cow;

#[cfg(all(feature = "workspace", feature = "database"))]
use textwrap::{WordSeparator, WordSplitter};

use super::clean::Clean;
use super::short::could_not_know;
use crate::finding::{Finding, Label};
use crate::model::{FileId, KeyName, Span};
use crate::outcome::{Outcome, Problem};

/// The file's path below the repository, with `/` between the parts; outside of it, as other reports print it.
pub(super) fn path(file: FileId, outcome: &Outcome) -> Cow<'_, str> {
    let file = outcome.sources.file(file);
    let below = file.path.strip_prefix(&outcome.root).ok().filter(|below| below.is_relative());
    below.map_or(Cow::Borrowed(&*file.display), |below| {
        let parts: Vec<_> = below.components().map(|part| part.as_os_str().to_string_lossy()).collect();
        parts.join("/").into()
    })
}

/// The paragraphs of a finding: its message, notes and help.
pub(super) fn finding(finding: &Finding) -> Vec<Clean> {
    let notes = finding.notes.iter().map(|note| Clean::new(&format!("note: {note}")));
    std::iter::once(Clean::new(&finding.message))
        .chain(notes)
        .chain(help(finding.help.iter().map(|help| &*help.text)))
        .collect()
}

/// The same with a paragraph for each of its places after the message.
pub(super) fn finding_with_places(finding: &Finding, outcome: &Outcome) -> Vec<Clean> {
    let mut paragraphs = self::finding(finding);
    let labels = std::iter::once(&finding.primary).chain(&finding.secondary);
    paragraphs.splice(1..1, labels.map(|label| place(label, outcome)));
    paragraphs
}

/// The paragraphs of a problem: its message and help.
pub(super) fn problem(problem: &Problem) -> Vec<Clean> {
    std::iter::once(could_not_know(problem)).chain(help(problem.help.iter().map(String::as_str))).collect()
}

/// The lines of an error that ended the run.
pub(super) fn failure(message: &str, help: Option<&str>) -> Vec<Clean> {
    let help = help.map(|help| Clean::lines(&format!("help: {help}")));
    std::iter::once(Clean::lines(message)).chain(help).collect()
}

/// `src/models.rs:7:10: NO ACTION in the code`
pub(super) fn place(label: &Label, outcome: &Outcome) -> Clean {
    let text = if label.text.is_empty() { String::new() } else { format!(": {}", label.text) };
    Clean::new(&format!("{}{text}", position(label.span, outcome)))
}

/// `src/models.rs:7:10`
pub(super) fn position(span: Span, outcome: &Outcome) -> String {
    format!("{}:{}:{}", path(span.file, outcome), span.start.line, span.start.column)
}

/// `src/models.rs:7`
pub(super) fn line(span: Span, outcome: &Outcome) -> String {
    format!("{}:{}", path(span.file, outcome), span.start.line)
}

/// The key that a finding is about, or its table; empty where it is about neither.
pub(super) fn key(finding: &Finding) -> String {
    let Some(child) = &finding.data.child else { return String::new() };
    if child.columns.is_empty() {
        child.table.to_string()
    } else {
        KeyName { table: child.table.clone(), columns: child.columns.clone() }.to_string()
    }
}

/// One text with these paragraphs.
pub(super) fn text(paragraphs: &[Clean], between: &str) -> String {
    paragraphs.iter().map(Clean::as_str).collect::<Vec<_>>().join(between)
}

/// A block of Markdown around lines that end in a newline, whose fence is longer than any in it.
pub(super) fn fenced(language: &str, lines: &str) -> String {
    let longest = lines.split(|c| c != '`').map(str::len).max().unwrap_or_default();
    let fence = "`".repeat(longest.max(2) + 1);
    format!("{fence}{language}\n{lines}{fence}\n")
}

fn help<'a>(help: impl Iterator<Item = &'a str>) -> impl Iterator<Item = Clean> {
    help.map(|help| Clean::new(&format!("help: {help}")))
}

/// In lines of this width; `rest` stands before all but the first. Names and paths stay whole, however long, to be found and
/// copied.
#[cfg(all(feature = "workspace", feature = "database"))]
pub(super) fn wrapped(text: &str, width: usize, rest: &str) -> Vec<String> {
    let options = textwrap::Options::new(width)
        .subsequent_indent(rest)
        .break_words(false)
        .word_separator(WordSeparator::AsciiSpace)
        .word_splitter(WordSplitter::NoHyphenation);
    textwrap::wrap(text, options).into_iter().map(Cow::into_owned).collect()
}
