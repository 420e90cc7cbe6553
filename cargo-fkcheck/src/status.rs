//! Progress on stderr, in cargo's look.

use std::io::Write as _;

use anstream::AutoStream;
use anstyle::{AnsiColor, Style};
use fkcheck_core::check::Status;

/// Prints statuses, as far as `-q` and `-v` let it.
pub(crate) struct StatusLines {
    stderr: AutoStream<std::io::Stderr>,
    quiet: bool,
    verbose: bool,
}

impl StatusLines {
    pub(crate) fn new(color: anstream::ColorChoice, quiet: bool, verbose: bool) -> Self {
        StatusLines { stderr: AutoStream::new(std::io::stderr(), color), quiet, verbose }
    }

    pub(crate) fn print(&mut self, status: &Status) {
        if self.quiet || status.verbose && !self.verbose {
            return;
        }
        let green: Style = AnsiColor::Green.on_default().bold();
        let text = fkcheck_core::report::clean(&status.text);
        // Nobody reads a closed stderr.
        let _ = writeln!(self.stderr, "{green}{:>12}{green:#} {text}", status.verb);
    }
}
