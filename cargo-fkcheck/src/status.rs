//! Progress on stderr, in cargo's look.

use std::io::Write as _;

use anstream::AutoStream;
use anstyle::{AnsiColor, Style};
use fkcheck_core::check::Status;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::terminal;

/// Prints statuses, as far as `-q` and `-v` let it.
pub(crate) struct StatusLines {
    stderr: AutoStream<std::io::Stderr>,
    quiet: bool,
    verbose: bool,
    colored: bool,
    bar: Option<ProgressBar>,
}

impl StatusLines {
    pub(crate) fn new(color: anstream::ColorChoice, quiet: bool, verbose: bool) -> Self {
        StatusLines {
            stderr: AutoStream::new(std::io::stderr(), color),
            quiet,
            verbose,
            colored: color != anstream::ColorChoice::Never,
            bar: None,
        }
    }

    pub(crate) fn print(&mut self, status: &Status) {
        match status {
            _ if self.quiet => {}
            Status::Line { verbose: true, .. } if !self.verbose => {}
            Status::Line { verb, text, .. } => {
                let green: Style = AnsiColor::Green.on_default().bold();
                let text = fkcheck_core::report::clean(text);
                // Nobody reads a closed stderr.
                let _ = writeln!(self.stderr, "{green}{verb:>12}{green:#} {text}");
            }
            Status::Progress { done, total } => self.progress(*done, *total),
        }
    }

    /// A bar while databases are read, where somebody looks at it.
    fn progress(&mut self, done: usize, total: usize) {
        let (done, total) = (done as u64, total as u64);
        let bar = self.bar.get_or_insert_with(|| bar(total, self.colored));
        bar.set_position(done);
        if done == total {
            bar.finish_and_clear();
            self.bar = None;
        }
    }
}

/// A bar as cargo draws it; hidden where stderr is no terminal.
fn bar(total: u64, colored: bool) -> ProgressBar {
    let look = if colored { ".cyan.bold" } else { "" };
    let template = format!("{{prefix:>12{look}}} [{{bar:25}}] {{pos}}/{{len}} databases");
    let style = ProgressStyle::with_template(&template).unwrap_or_else(|_| ProgressStyle::default_bar());
    let target =
        if terminal::shows_progress() { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
    ProgressBar::with_draw_target(Some(total), target)
        .with_style(style.progress_chars("=> "))
        .with_prefix("Reading")
}
