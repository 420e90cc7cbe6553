//! `cargo fkcheck impact`

use std::path::Path;

use fkcheck_core::check::CheckError;
use fkcheck_core::finding::Level;
use fkcheck_core::impact;
use fkcheck_core::model::RuleId;
use fkcheck_core::outcome::Verdict;
use fkcheck_core::report::{self, Format, JsonFormat, Shown, Style};

use super::{check, counted, form_of, print_or_store, printed, wrote};
use crate::cli::Impact;
use crate::status::StatusLines;
use crate::terminal;

/// Lines around the tables: the heading, what becomes NULL and what stops the delete.
const AROUND: usize = 8;

/// The forms in which a file is written, by the end of its name.
const ENDINGS: &[(&str, Format)] = &[
    ("txt", Format::Human),
    ("md", Format::Markdown),
    ("html", Format::Html),
    ("htm", Format::Html),
    ("json", Format::Json(JsonFormat { short: false, ansi: false, render_diagnostics: false })),
];

/// What is to be written: what the message format says, else what the file's name ends in.
fn form(format: Format, file: Option<&Path>) -> Result<Format, CheckError> {
    match (format, file) {
        (Format::Human, Some(file)) => Ok(form_of(file, ENDINGS)?.unwrap_or(format)),
        (Format::Human | Format::Json(_) | Format::Markdown | Format::Html, _) => Ok(format),
        _ => Err(CheckError::Usage {
            message: "`cargo fkcheck impact` has no findings to write in this message format".to_owned(),
            help: Some("--message-format human, json, markdown or html".to_owned()),
        }),
    }
}

pub(crate) fn run(arguments: &Impact, levels: Vec<(RuleId, Level)>) -> u8 {
    let common = &arguments.check;
    let style = terminal::stdout_style(common.color);
    let stderr_color = terminal::color(common.color, &std::io::stderr());
    let mut lines = StatusLines::new(stderr_color, common.quiet, common.verbose > 0);
    let output = arguments.output.as_deref();
    let format = match form(common.message_format, output) {
        Ok(format) => format,
        Err(error) => return check::fail(&error, Format::Human, &style),
    };
    let request = check::request(common, levels);
    let asked = impact::Asked {
        tables: arguments.tables.clone(),
        update: arguments.update.clone(),
        condition: arguments.condition.clone(),
    };
    let found = impact::impact(&request, &asked, &mut |status| lines.print(&status));
    let found = match found {
        Ok(found) => found,
        Err(error) => return check::fail(&error, common.message_format, &style),
    };
    let height = terminal::height().filter(|_| !arguments.full && output.is_none());
    let shown =
        Shown { paths: arguments.paths, lines: height.map(|height| height.saturating_sub(AROUND).max(10)) };
    let style_of_text = if output.is_some() { &Style::PLAIN } else { &style };
    let stored = (output.is_some() && found.impacts.is_empty())
        || print_or_store(output, |out| report::render_impacts(&found, format, shown, style_of_text, out));
    if let Some(file) = output.filter(|_| stored && !found.impacts.is_empty()) {
        lines.print(&wrote(file, &counted(found.impacts.len(), "table")));
    }
    if !stored {
        return Verdict::Unknown.exit_code();
    }
    if found.outcome.problems.is_empty() {
        return Verdict::Agrees.exit_code();
    }
    // What programs read is a line an impact; people are told on stderr.
    let format =
        if matches!(common.message_format, Format::Json(_)) { common.message_format } else { Format::Human };
    printed(report::render_problems(&found.outcome, format, &style, &mut std::io::stderr()));
    Verdict::Unknown.exit_code()
}
