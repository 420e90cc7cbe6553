//! The JSON stream, read back by the crate that rust-analyzer reads it with.

use cargo_metadata::diagnostic::{Applicability, Diagnostic, DiagnosticLevel};
use cargo_metadata::{CompilerMessage, Message};
use insta::assert_snapshot;
use serde_json::Value;

use super::outcomes::{awkward, billing};
use super::rendered;
use crate::outcome::{Counts, Outcome};
use crate::report::{Format, JsonFormat, Style, render_failure};

fn stream(outcome: &Outcome, json: JsonFormat) -> String {
    rendered(outcome, Format::Json(json), &Style::PLAIN)
}

fn messages(stream: &str) -> Vec<CompilerMessage> {
    Message::parse_stream(stream.as_bytes())
        .filter_map(|message| match message.unwrap() {
            Message::CompilerMessage(message) => Some(message),
            _ => None,
        })
        .collect()
}

#[test]
fn the_stream() {
    assert_snapshot!("stream", stream(&billing(), JsonFormat::default()));
}

#[test]
fn every_message_is_one_of_cargo_s() {
    for outcome in [billing(), awkward()] {
        let stream = stream(&outcome, JsonFormat::default());
        let read: Vec<Message> = Message::parse_stream(stream.as_bytes()).map(Result::unwrap).collect();
        let expected = outcome.findings.len() + outcome.problems.len();
        assert_eq!(messages(&stream).len(), expected);
        assert!(matches!(&read[expected], Message::BuildFinished(end) if !end.success));
        // Ours alone: cargo's readers take it for a line of text.
        assert!(matches!(&read[expected + 1], Message::TextLine(line) if line.contains("fkcheck-finished")));
        assert_eq!(read.len(), expected + 2);
    }
}

#[test]
fn a_finding_is_a_diagnostic_of_rustc_s() {
    let first = messages(&stream(&billing(), JsonFormat::default())).remove(0);
    assert_eq!(first.package_id.repr, "path+file:///ws/billing#0.1.0");
    assert_eq!(first.target.name, "billing");
    let Diagnostic { code, level, spans, children, rendered, .. } = first.message;
    assert_eq!(code.unwrap().code, "fkcheck::fk_on_delete_mismatch");
    assert_eq!(level, DiagnosticLevel::Error);

    // The primary place, then the SQL, then schema.rs.
    let primary: Vec<bool> = spans.iter().map(|span| span.is_primary).collect();
    assert_eq!(primary, [true, false, false]);
    assert_eq!(spans[0].file_name, "billing/src/models/batch_jobs.rs");
    assert_eq!((spans[0].line_start, spans[0].column_start, spans[0].column_end), (7, 42, 63));
    let line = &spans[0].text[0];
    assert_eq!(&line.text[line.highlight_start - 1..line.highlight_end - 1], "on_delete = no_action");

    let fix = children.iter().find(|child| !child.spans.is_empty()).unwrap();
    assert_eq!(fix.level, DiagnosticLevel::Help);
    assert_eq!(fix.spans[0].suggested_replacement.as_deref(), Some("cascade"));
    assert_eq!(fix.spans[0].suggestion_applicability, Some(Applicability::MaybeIncorrect));
    assert_eq!(fix.spans[0].text[0].text[54 - 1..][..9], *"no_action");
    assert_eq!(children.len(), 2 + 3 + 1);
    assert!(rendered.unwrap().contains("╭─[billing/src/schema.rs:4:9]"));
}

#[test]
fn the_primary_span_is_where_editors_show_it() {
    let mut outcome = billing();
    let finding = &mut outcome.findings[0];
    // The finding is about the SQL; the first place in Rust becomes the primary one.
    std::mem::swap(&mut finding.primary, &mut finding.secondary[0]);
    let first = messages(&stream(&outcome, JsonFormat::default())).remove(0);
    let spans: Vec<_> = first.message.spans.iter().map(|span| (&*span.file_name, span.is_primary)).collect();
    assert_eq!(spans[0], ("billing/migrations/2025-11-02-101500_tenancy/up.sql", false));
    assert_eq!(spans[1], ("billing/src/models/batch_jobs.rs", true));
    assert_eq!(spans[2], ("billing/src/schema.rs", false));
}

#[test]
fn a_file_belongs_to_the_nearest_target() {
    for (display, target) in [
        ("billing/src/models/batch_jobs.rs", "billing"),
        ("billing/src/bin/admin.rs", "admin"),
        ("billing/tests/deletes.rs", "deletes"),
        ("billing/tests/common/mod.rs", "deletes"),
        ("billing/migrations/1/up.sql", "billing"),
        ("elsewhere/lib.rs", "billing"),
    ] {
        let mut outcome = billing();
        let mut primary = outcome.findings[0].primary.clone();
        primary.span.file = super::outcomes::add(&mut outcome.sources, display, "");
        outcome.findings[0].primary = primary;
        let first = messages(&stream(&outcome, JsonFormat::default())).remove(0);
        assert_eq!(first.target.name, target, "{display}");
    }
}

#[test]
fn columns_are_characters_and_lines_have_no_ends() {
    let first = messages(&stream(&awkward(), JsonFormat::default())).remove(0);
    let spans = first.message.spans;
    let named = |label: &str| spans.iter().find(|span| span.label.as_deref() == Some(label)).unwrap();

    // The byte-order mark counts as bytes and not as a column; the line ends with `\r\n` in the file.
    let bom = named("CASCADE");
    assert_eq!((bom.byte_start, bom.line_start, bom.column_start), (20, 1, 18));
    assert_eq!(bom.text[0].text, "#[fk(on_delete = cascade)]");
    let wide = named("its name");
    assert_eq!((wide.column_start, wide.column_end), (15, 22));
    assert_eq!(wide.byte_end - wide.byte_start, 21);
    let end = named("the end");
    assert_eq!((end.line_start, end.column_start, end.column_end), (5, 1, 1));
    assert_eq!(end.text[0].text, "");
    let many = named("many lines");
    assert_eq!(many.text.len(), many.line_end - many.line_start + 1);
    assert_eq!(named("nowhere").byte_start, end.byte_start);
}

#[test]
fn rendered_comes_in_cargo_s_variants() {
    let rendered = |json| messages(&stream(&billing(), json)).remove(0).message.rendered.unwrap();
    assert!(!rendered(JsonFormat::default()).contains('\u{1b}'));
    assert!(rendered(JsonFormat { ansi: true, ..JsonFormat::default() }).contains("\u{1b}[31;1merror"));
    assert_eq!(
        rendered(JsonFormat { short: true, ..JsonFormat::default() }),
        "billing/src/models/batch_jobs.rs:7:42: error[fk_on_delete_mismatch]: a delete of a row of organizations \
         silently deletes its batch_jobs, which the code means to keep\n"
    );
}

#[test]
fn with_render_diagnostics_only_the_end_is_on_stdout() {
    let stream = stream(&billing(), JsonFormat { render_diagnostics: true, ..JsonFormat::default() });
    assert_eq!(stream.lines().count(), 2);
    assert!(messages(&stream).is_empty());
}

#[test]
fn the_last_line_tells_success() {
    let counts = Counts { declared: 2, observed: 2, paired: 2, ..Counts::default() };
    let outcome = Outcome { counts, ..Outcome::default() };
    assert_snapshot!(stream(&outcome, JsonFormat::default()), @r#"
    {"reason":"build-finished","success":true}
    {"reason":"fkcheck-finished","success":true,"keys":{"declared":2,"observed":2,"paired":2,"undeclared":0,"skipped":0},"findings":{"deny":0,"warn":0,"note":0},"problems":[],"counts":{"packages":0,"files":0,"tables":0,"joinables":0,"models":0},"elapsed_ms":0}
    "#);
}

#[test]
fn a_failure_is_a_stream_too() {
    let failed = |format: Format, style: &Style| {
        let mut out = Vec::new();
        let message = "no table `user` in Cargo.toml\nline 3: [workspace.metadata.fkchek]";
        render_failure(message, Some("did you mean `fkcheck`?"), format, style, &mut out).unwrap();
        String::from_utf8(out).unwrap()
    };
    let json = failed(Format::Json(JsonFormat::default()), &Style::PLAIN);
    assert_snapshot!(json, @r#"
    {"reason":"compiler-message","package_id":"","manifest_path":"","target":{"kind":["bin"],"crate_types":["bin"],"name":"fkcheck","src_path":"","edition":"2024","doc":false,"doctest":false,"test":false},"message":{"$message_type":"diagnostic","message":"no table `user` in Cargo.toml\nline 3: [workspace.metadata.fkchek]","code":null,"level":"error","spans":[],"children":[{"$message_type":"diagnostic","message":"did you mean `fkcheck`?","code":null,"level":"help","spans":[],"children":[],"rendered":null}],"rendered":"error: no table `user` in Cargo.toml\n  line 3: [workspace.metadata.fkchek]\n  help: did you mean `fkcheck`?\n"}}
    {"reason":"build-finished","success":false}
    {"reason":"fkcheck-finished","success":false,"keys":{"declared":0,"observed":0,"paired":0,"undeclared":0,"skipped":0},"findings":{"deny":0,"warn":0,"note":0},"problems":["no table `user` in Cargo.toml\nline 3: [workspace.metadata.fkchek]"],"counts":{"packages":0,"files":0,"tables":0,"joinables":0,"models":0},"elapsed_ms":0}
    "#);
    assert_eq!(messages(&json)[0].message.level, DiagnosticLevel::Error);
    let last: Value = serde_json::from_str(json.lines().last().unwrap()).unwrap();
    assert_eq!(last["success"], false);

    assert_snapshot!(failed(Format::Human, &Style::PLAIN), @r"
    error: no table `user` in Cargo.toml
      line 3: [workspace.metadata.fkchek]
      help: did you mean `fkcheck`?
    ");
    let color = Style { color: true, ..Style::PLAIN };
    assert!(failed(Format::Human, &color).starts_with("\u{1b}[31;1merror:\u{1b}[0m no table"));
}
