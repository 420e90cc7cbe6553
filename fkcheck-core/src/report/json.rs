//! For programs: cargo's own message stream, so that editors and CI tools that know cargo show the findings.

use std::io::{self, Write};
use std::path::Path;

use super::cargo_message::{
    BuildFinished, Code, CompilerMessage, Databases, Diagnostic, DiagnosticSpan, FindingData, Findings,
    FkcheckFinished, KeyActions, Keys, MessageCounts, SpanLine, Step, TableRef, Target,
};
use super::clean::{Clean, clean_source_line};
use super::harmless::write_json;
use super::snippets::{bare_line, in_bounds, line_around};
use super::{JsonFormat, Style, human, short};
use crate::finding::{self, Finding, Label, Severity, Suggestion};
use crate::model::{Package, SourceMap, Span};
use crate::outcome::{Outcome, Problem, Verdict};
use crate::rules;

pub(super) fn render(outcome: &Outcome, format: JsonFormat, out: &mut dyn Write) -> io::Result<()> {
    if !format.render_diagnostics {
        for finding in &outcome.findings {
            write_json(&finding_message(finding, outcome, format), out)?;
        }
        for problem in &outcome.problems {
            write_json(&problem_message(problem, outcome, format), out)?;
        }
    }
    let counts = &outcome.counts;
    let success = outcome.verdict() == Verdict::Agrees;
    let last = FkcheckFinished {
        reason: "fkcheck-finished",
        success,
        keys: Keys {
            declared: counts.declared,
            observed: counts.observed,
            paired: counts.paired,
            undeclared: counts.undeclared,
            skipped: counts.skipped,
            passed_over: counts.allowed + counts.not_shown,
        },
        findings: Findings {
            deny: outcome.count(Severity::Deny),
            warn: outcome.count(Severity::Warn),
            note: outcome.count(Severity::Note),
        },
        problems: outcome.problems.iter().map(|problem| Clean::new(&problem.message)).collect(),
        counts: MessageCounts {
            packages: counts.packages,
            files: counts.files,
            tables: counts.tables,
            joinables: counts.joinables,
            models: counts.models,
            databases: counts
                .databases
                .map(|databases| Databases { asked: databases.asked, compared: databases.compared }),
        },
        elapsed_ms: outcome.elapsed.as_millis(),
    };
    write_json(&BuildFinished { reason: "build-finished", success }, out)?;
    write_json(&last, out)
}

pub(super) fn render_failure(
    message: &str,
    help: Option<&str>,
    format: JsonFormat,
    out: &mut dyn Write,
) -> io::Result<()> {
    if !format.render_diagnostics {
        let style = Style { color: format.ansi, ..Style::PLAIN };
        let lines = |level, text| Diagnostic { message: Clean::lines(text), ..spanless(level, "") };
        let diagnostic = Diagnostic {
            children: help.into_iter().map(|help| lines("help", help)).collect(),
            rendered: Some(human::failure(message, help, &style)),
            ..lines("error", message)
        };
        write_json(&compiler_message(None, None, diagnostic, None), out)?;
    }
    write_json(&BuildFinished { reason: "build-finished", success: false }, out)?;
    let last = FkcheckFinished {
        reason: "fkcheck-finished",
        success: false,
        keys: Keys::default(),
        findings: Findings::default(),
        problems: vec![Clean::lines(message)],
        counts: MessageCounts::default(),
        elapsed_ms: 0,
    };
    write_json(&last, out)
}

fn finding_message<'a>(
    finding: &'a Finding,
    outcome: &'a Outcome,
    format: JsonFormat,
) -> CompilerMessage<'a> {
    let sources = &outcome.sources;
    let notes = finding.notes.iter().map(|note| spanless("note", note));
    let help = finding.help.iter().map(|help| spanless("help", &help.text));
    let suggestions = finding.suggestions.iter().map(|suggestion| suggested(suggestion, sources));
    let diagnostic = Diagnostic {
        code: Some(Code {
            code: format!("fkcheck::{}", finding.rule),
            explanation: Some(rules::page(finding.rule.rule())),
        }),
        spans: spans(std::iter::once(&finding.primary).chain(&finding.secondary), sources),
        children: notes.chain(help).chain(suggestions).collect(),
        rendered: Some(if format.short {
            short::finding(finding, sources) + "\n"
        } else {
            human::finding(finding, sources, &Style { color: format.ansi, ..Style::PLAIN })
        }),
        ..spanless(short::word(finding.severity), &finding.message)
    };
    let place = &sources.file(finding.primary.span.file).path;
    compiler_message(
        outcome.packages.get(finding.package),
        Some(place),
        diagnostic,
        Some(finding_data(finding)),
    )
}

fn problem_message<'a>(
    problem: &'a Problem,
    outcome: &'a Outcome,
    format: JsonFormat,
) -> CompilerMessage<'a> {
    let sources = &outcome.sources;
    let diagnostic = Diagnostic {
        message: short::could_not_know(problem),
        spans: spans(problem.label.iter(), sources),
        children: problem.help.iter().map(|help| spanless("help", help)).collect(),
        rendered: Some(if format.short {
            short::problem(problem, sources) + "\n"
        } else {
            human::problem(problem, sources, &Style { color: format.ansi, ..Style::PLAIN })
        }),
        ..spanless("error", "")
    };
    let place = problem.label.as_ref().map(|label| sources.file(label.span.file).path.as_path());
    // A problem knows no package: the one that holds its file, else the first.
    let package = place
        .and_then(|place| innermost(&outcome.packages, place, |package| package.manifest_path.parent()))
        .or(outcome.packages.first());
    compiler_message(package, place, diagnostic, None)
}

fn compiler_message<'a>(
    package: Option<&'a Package>,
    place: Option<&Path>,
    message: Diagnostic<'a>,
    fkcheck: Option<FindingData<'a>>,
) -> CompilerMessage<'a> {
    CompilerMessage {
        reason: "compiler-message",
        package_id: package.map_or("", |package| &package.id),
        manifest_path: package.map_or_else(String::new, |package| text(&package.manifest_path)),
        target: target(package, place),
        message,
        fkcheck,
    }
}

/// The target that the file belongs to, as far as folders tell; else the package's first. Without a package, the
/// command itself: readers refuse a message without a target.
fn target<'a>(package: Option<&'a Package>, place: Option<&Path>) -> Target<'a> {
    let targets = package.map_or(&[][..], |package| &package.targets);
    let target = place
        .and_then(|place| targets.iter().find(|target| target.src_path == place))
        .or_else(|| place.and_then(|place| innermost(targets, place, |target| target.src_path.parent())))
        .or(targets.first());
    match target {
        Some(target) => Target {
            kind: target.kind.iter().map(String::as_str).collect(),
            crate_types: target.crate_types.iter().map(String::as_str).collect(),
            name: &target.name,
            src_path: text(&target.src_path),
            edition: &target.edition,
            doc: target.doc,
            doctest: target.doctest,
            test: target.test,
        },
        None => Target {
            kind: vec!["bin"],
            crate_types: vec!["bin"],
            name: "fkcheck",
            src_path: String::new(),
            edition: "2024",
            doc: false,
            doctest: false,
            test: false,
        },
    }
}

/// Of the items whose folder holds the file, the first of those with the longest.
fn innermost<'a, T>(
    items: &'a [T],
    file: &Path,
    folder: impl Fn(&'a T) -> Option<&'a Path>,
) -> Option<&'a T> {
    let depth =
        |item: &'a T| folder(item).filter(|folder| file.starts_with(folder)).map(|f| f.components().count());
    items.iter().rev().filter(|item| depth(item).is_some()).max_by_key(|item| depth(item))
}

fn spanless<'a>(level: &'static str, message: &str) -> Diagnostic<'a> {
    Diagnostic {
        message_type: "diagnostic",
        message: Clean::new(message),
        code: None,
        level,
        spans: Vec::new(),
        children: Vec::new(),
        rendered: None,
    }
}

fn suggested<'a>(suggestion: &'a Suggestion, sources: &'a SourceMap) -> Diagnostic<'a> {
    let span = DiagnosticSpan {
        suggested_replacement: Some(&suggestion.replacement),
        suggestion_applicability: Some("MaybeIncorrect"),
        ..span(suggestion.span, None, true, sources)
    };
    Diagnostic { spans: vec![span], ..spanless("help", &suggestion.message) }
}

/// The first place in a file that editors know is the primary one; they drop a message whose primary span is in SQL.
fn spans<'a>(labels: impl Iterator<Item = &'a Label>, sources: &'a SourceMap) -> Vec<DiagnosticSpan<'a>> {
    let mut primary_seen = false;
    labels
        .map(|label| {
            let known = Path::new(&sources.file(label.span.file).display)
                .extension()
                .is_some_and(|extension| extension == "rs" || extension == "toml");
            let is_primary = known && !primary_seen;
            primary_seen |= is_primary;
            span(label.span, Some(&label.text), is_primary, sources)
        })
        .collect()
}

fn span<'a>(span: Span, label: Option<&str>, is_primary: bool, sources: &'a SourceMap) -> DiagnosticSpan<'a> {
    let span = in_bounds(span, sources);
    let file = sources.file(span.file);
    DiagnosticSpan {
        file_name: &file.display,
        byte_start: span.start.byte,
        byte_end: span.end.byte,
        line_start: span.start.line,
        line_end: span.end.line,
        column_start: span.start.column,
        column_end: span.end.column,
        is_primary,
        text: span_lines(span, &file.text),
        label: label.filter(|text| !text.is_empty()).map(Clean::new),
        suggested_replacement: None,
        suggestion_applicability: None,
        expansion: None,
    }
}

/// The lines that a span touches, with the columns in each that it covers.
fn span_lines(span: Span, text: &str) -> Vec<SpanLine> {
    let start = line_around(text, span.start.byte).start;
    let end = line_around(text, span.end.byte).end;
    let lines = text[start..end].split('\n').take(span.end.line.saturating_sub(span.start.line) + 1);
    let mut offset = start;
    lines
        .enumerate()
        .map(|(i, line)| {
            let bare = bare_line(line, offset);
            offset += line.len() + 1;
            let past_end = bare.chars().count() + 1;
            SpanLine {
                text: clean_source_line(bare),
                highlight_start: if i == 0 { span.start.column } else { 1 },
                highlight_end: if span.start.line + i == span.end.line { span.end.column } else { past_end },
            }
        })
        .collect()
}

fn finding_data(finding: &Finding) -> FindingData<'_> {
    let data = &finding.data;
    FindingData {
        rule: finding.rule.name(),
        level: match finding.severity {
            Severity::Deny => "deny",
            Severity::Warn => "warn",
            Severity::Note => "note",
        },
        child: data.child.as_ref().map(table_ref),
        parent: data.parent.as_ref().map(table_ref),
        declared: data.declared.as_ref().map(key_actions),
        observed: data.observed.as_ref().map(key_actions),
        source: data.source.map(|source| source.to_string()),
        constraint: data.constraint.as_deref(),
        database: data.source_label.as_deref(),
        moved: data.moved.map(finding::Moved::word),
        databases: &data.databases,
        function: data.function.as_deref(),
        keys: data.keys.iter().map(table_ref).collect(),
        ways: data.ways.iter().map(|way| way.iter().map(step).collect()).collect(),
        further_up: &data.further_up,
    }
}

fn step(step: &finding::Step) -> Step<'_> {
    Step {
        child: table_ref(&step.child),
        parent: table_ref(&step.parent),
        on_delete: step.on_delete.to_string(),
    }
}

fn table_ref(table: &finding::TableRef) -> TableRef<'_> {
    TableRef { schema: table.table.schema.as_deref(), table: &table.table.name, columns: &table.columns }
}

fn key_actions(actions: &finding::KeyActions) -> KeyActions {
    KeyActions {
        on_delete: actions.on_delete.as_ref().map(ToString::to_string),
        on_update: actions.on_update.as_ref().map(ToString::to_string),
        deferrability: actions.deferrability.map(|deferrability| deferrability.to_string()),
    }
}

fn text(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}
