//! The lines of cargo's message stream, member for member: <https://doc.rust-lang.org/cargo/reference/external-tools.html#json-messages>
//! and <https://doc.rust-lang.org/rustc/json.html>. Editors refuse a message that lacks one.

use serde::Serialize;

use super::clean::Clean;

/// A finding or a problem: cargo's message with one member more.
#[derive(Serialize)]
pub(super) struct CompilerMessage<'a> {
    pub(super) reason: &'static str,
    pub(super) package_id: &'a str,
    pub(super) manifest_path: String,
    pub(super) target: Target<'a>,
    pub(super) message: Diagnostic<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) fkcheck: Option<FindingData<'a>>,
}

#[derive(Serialize)]
pub(super) struct Target<'a> {
    pub(super) kind: Vec<&'a str>,
    pub(super) crate_types: Vec<&'a str>,
    pub(super) name: &'a str,
    pub(super) src_path: String,
    pub(super) edition: &'a str,
    pub(super) doc: bool,
    pub(super) doctest: bool,
    pub(super) test: bool,
}

#[derive(Serialize)]
pub(super) struct Diagnostic<'a> {
    #[serde(rename = "$message_type")]
    pub(super) message_type: &'static str,
    pub(super) message: Clean,
    pub(super) code: Option<Code>,
    pub(super) level: &'static str,
    pub(super) spans: Vec<DiagnosticSpan<'a>>,
    pub(super) children: Vec<Diagnostic<'a>>,
    pub(super) rendered: Option<String>,
}

#[derive(Serialize)]
pub(super) struct Code {
    pub(super) code: String,
    pub(super) explanation: Option<String>,
}

#[derive(Serialize)]
pub(super) struct DiagnosticSpan<'a> {
    pub(super) file_name: &'a str,
    pub(super) byte_start: usize,
    pub(super) byte_end: usize,
    pub(super) line_start: usize,
    pub(super) line_end: usize,
    pub(super) column_start: usize,
    pub(super) column_end: usize,
    pub(super) is_primary: bool,
    pub(super) text: Vec<SpanLine>,
    pub(super) label: Option<Clean>,
    pub(super) suggested_replacement: Option<&'a str>,
    pub(super) suggestion_applicability: Option<&'static str>,
    pub(super) expansion: Option<()>,
}

#[derive(Serialize)]
pub(super) struct SpanLine {
    pub(super) text: String,
    pub(super) highlight_start: usize,
    pub(super) highlight_end: usize,
}

/// The facts behind a finding. Names are exact here, not cleaned: programs compare them.
#[derive(Serialize)]
pub(super) struct FindingData<'a> {
    pub(super) rule: &'static str,
    pub(super) level: &'static str,
    pub(super) child: Option<TableRef<'a>>,
    pub(super) parent: Option<TableRef<'a>>,
    pub(super) declared: Option<KeyActions>,
    pub(super) observed: Option<KeyActions>,
    pub(super) source: Option<String>,
    pub(super) constraint: Option<&'a str>,
    pub(super) database: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) moved: Option<&'static str>,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    pub(super) databases: &'a [String],
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) function: Option<&'a str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) keys: Vec<TableRef<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) ways: Vec<Vec<Step<'a>>>,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    pub(super) further_up: &'a [String],
}

/// A key on the way of a delete.
#[derive(Serialize)]
pub(super) struct Step<'a> {
    pub(super) child: TableRef<'a>,
    pub(super) parent: TableRef<'a>,
    pub(super) on_delete: String,
}

#[derive(Serialize)]
pub(super) struct TableRef<'a> {
    pub(super) schema: Option<&'a str>,
    pub(super) table: &'a str,
    pub(super) columns: &'a [String],
}

#[derive(Serialize)]
pub(super) struct KeyActions {
    pub(super) on_delete: Option<String>,
    pub(super) on_update: Option<String>,
    pub(super) deferrability: Option<String>,
}

/// The line that ends cargo's part of the stream.
#[derive(Serialize)]
pub(super) struct BuildFinished {
    pub(super) reason: &'static str,
    pub(super) success: bool,
}

/// The very last line.
#[derive(Serialize)]
pub(super) struct FkcheckFinished {
    pub(super) reason: &'static str,
    pub(super) success: bool,
    pub(super) keys: Keys,
    pub(super) findings: Findings,
    pub(super) problems: Vec<Clean>,
    pub(super) counts: MessageCounts,
    pub(super) elapsed_ms: u128,
}

#[derive(Serialize, Default)]
pub(super) struct Keys {
    pub(super) declared: usize,
    pub(super) observed: usize,
    pub(super) paired: usize,
    pub(super) undeclared: usize,
    pub(super) skipped: usize,
    /// Code and source disagree on so many, which is allowed or in a package that isn't shown.
    #[serde(skip_serializing_if = "is_zero")]
    pub(super) passed_over: usize,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde gives a reference")]
fn is_zero(number: &usize) -> bool {
    *number == 0
}

#[derive(Serialize, Default)]
pub(super) struct Findings {
    pub(super) deny: usize,
    pub(super) warn: usize,
    pub(super) note: usize,
}

#[derive(Serialize, Default)]
pub(super) struct MessageCounts {
    pub(super) packages: usize,
    pub(super) files: usize,
    pub(super) tables: usize,
    pub(super) joinables: usize,
    pub(super) models: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) databases: Option<Databases>,
}

#[derive(Serialize)]
pub(super) struct Databases {
    pub(super) asked: usize,
    pub(super) compared: usize,
}
