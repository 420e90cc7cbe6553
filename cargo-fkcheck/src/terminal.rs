//! What the reader's terminal can do, decided once.

use std::io::IsTerminal as _;

use anstream::{AutoStream, ColorChoice};
use fkcheck_core::report::Style;

use crate::cli::Color;

/// Columns where there is no terminal to ask: CI logs.
const DEFAULT_WIDTH: usize = 100;

/// Colour for a stream: `--color`, then `NO_COLOR`, `CLICOLOR_FORCE` and the like, then whether it is a terminal.
pub(crate) fn color(choice: Color, stream: &impl anstream::stream::RawStream) -> ColorChoice {
    match choice {
        Color::Always => ColorChoice::AlwaysAnsi,
        Color::Never => ColorChoice::Never,
        Color::Auto => AutoStream::choice(stream),
    }
}

/// The style of what goes to stdout.
pub(crate) fn stdout_style(choice: Color) -> Style {
    let stdout = std::io::stdout();
    let is_terminal = stdout.is_terminal();
    Style {
        color: color(choice, &stdout) != ColorChoice::Never,
        unicode: cargo_setting("UNICODE")
            .unwrap_or_else(|| !is_terminal || supports_unicode::on(supports_unicode::Stream::Stdout)),
        hyperlinks: cargo_setting("HYPERLINKS")
            .unwrap_or_else(|| is_terminal && supports_hyperlinks::on(supports_hyperlinks::Stream::Stdout)),
        width: terminal_size::terminal_size()
            .filter(|_| is_terminal)
            .map_or(DEFAULT_WIDTH, |(width, _)| usize::from(width.0)),
    }
}

/// How many lines the terminal has that stdout goes to; `None`: it goes elsewhere.
pub(crate) fn height() -> Option<usize> {
    let is_terminal = std::io::stdout().is_terminal();
    terminal_size::terminal_size().filter(|_| is_terminal).map(|(_, height)| usize::from(height.0))
}

/// Whether stderr takes a progress bar; `CARGO_TERM_PROGRESS_WHEN=never` takes none.
pub(crate) fn shows_progress() -> bool {
    let is = |name: &str, value: &str| std::env::var_os(name).is_some_and(|set| set == value);
    std::io::stderr().is_terminal() && !is("TERM", "dumb") && !is("CARGO_TERM_PROGRESS_WHEN", "never")
}

/// `CARGO_TERM_UNICODE`, `CARGO_TERM_HYPERLINKS`.
fn cargo_setting(name: &str) -> Option<bool> {
    std::env::var(format!("CARGO_TERM_{name}")).ok()?.parse().ok()
}
