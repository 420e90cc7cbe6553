//! Prints what a run ended in, for people and for programs. A report computes nothing.

mod audit;
mod cargo_message;
mod clean;
#[cfg(all(feature = "workspace", feature = "database"))]
mod deletes;
mod format;
mod github;
mod gitlab;
#[cfg(all(feature = "workspace", feature = "database"))]
mod graph;
mod harmless;
mod html;
mod human;
mod identity;
#[cfg(all(feature = "workspace", feature = "database"))]
mod impact;
mod json;
mod junit;
mod markdown;
mod picture;
mod plain;
mod release_note;
mod sarif;
mod short;
mod snippets;
mod summary;
#[cfg(test)]
mod tests;

use std::io::{self, Write};

#[cfg(all(feature = "workspace", feature = "database"))]
pub use deletes::render_deletes;
pub use format::{Format, FormatError, JsonFormat};
#[cfg(all(feature = "workspace", feature = "database"))]
pub use graph::{GraphFormat, render_graphs};
#[cfg(all(feature = "workspace", feature = "database"))]
pub use impact::{Shown, render_impacts};

use crate::outcome::Outcome;

/// What the reader's terminal can do. The caller finds out; a report never asks the environment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Style {
    /// ANSI colours.
    pub color: bool,
    /// Lines and corners beyond ASCII.
    pub unicode: bool,
    /// Links to the rules' pages (OSC 8).
    pub hyperlinks: bool,
    /// In columns.
    pub width: usize,
}

impl Style {
    /// For a pipe or a file: no colour, no links, 100 columns.
    pub const PLAIN: Style = Style { color: false, unicode: true, hyperlinks: false, width: 100 };
}

/// Prints a whole outcome: findings, problems, summary.
///
/// `out` gets the text as it is: colours are in it if `style` says so, and only then.
pub fn render(outcome: &Outcome, format: Format, style: &Style, out: &mut dyn Write) -> io::Result<()> {
    match format {
        Format::Human => human::render(outcome, style, out),
        Format::Short => short::render(outcome, out),
        Format::Json(json) => json::render(outcome, json, out),
        Format::Github => github::render(outcome, out),
        Format::Sarif => sarif::render(outcome, out),
        Format::Gitlab => gitlab::render(outcome, out),
        Format::Junit => junit::render(outcome, out),
        Format::Markdown => markdown::render(outcome, out),
        Format::Html => html::render(outcome, "", out),
    }
}

/// Prints the problems of a run that isn't a check: what it counted and compared would say nothing.
pub fn render_problems(
    outcome: &Outcome,
    format: Format,
    style: &Style,
    out: &mut dyn Write,
) -> io::Result<()> {
    match format {
        Format::Human => human::render_problems(outcome, style, out),
        _ => render(outcome, format, style, out),
    }
}

/// Prints the audit under a title of its own, or under the usual one where that is empty: in Markdown as the release note
/// that a tracker keeps, else as [`render`] does.
pub fn render_titled(
    outcome: &Outcome,
    title: &str,
    format: Format,
    style: &Style,
    out: &mut dyn Write,
) -> io::Result<()> {
    match format {
        Format::Markdown => release_note::render(outcome, title, out),
        Format::Html => html::render(outcome, title, out),
        _ => render(outcome, format, style, out),
    }
}

/// Prints an error that ended the run before there was an outcome, e.g. a bad configuration. Both texts may have
/// several lines. What programs read stays whole: in JSON it is a message without a place and the two lines that end every
/// stream.
pub fn render_failure(
    message: &str,
    help: Option<&str>,
    format: Format,
    style: &Style,
    out: &mut dyn Write,
) -> io::Result<()> {
    match format {
        Format::Human | Format::Short => out.write_all(human::failure(message, help, style).as_bytes()),
        Format::Json(json) => json::render_failure(message, help, json, out),
        Format::Github => github::render_failure(message, help, out),
        Format::Sarif => sarif::render_failure(message, help, out),
        Format::Gitlab => gitlab::render_failure(message, help, out),
        Format::Junit => junit::render_failure(message, help, out),
        Format::Markdown => markdown::render_failure(message, help, out),
        Format::Html => html::render_failure(message, help, out),
    }
}

/// Text from elsewhere, safe to print on a terminal or in a log: control characters, direction marks and workflow
/// commands become visible escapes.
pub fn clean(text: &str) -> String {
    clean::Clean::new(text).to_string()
}
