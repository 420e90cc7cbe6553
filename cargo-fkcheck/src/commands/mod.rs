//! One file a command; each returns its exit code.

pub(crate) mod annotate;
pub(crate) mod baseline;
pub(crate) mod check;
pub(crate) mod completions;
mod editor;
pub(crate) mod explain;
pub(crate) mod snapshot;

use std::io::{self, Write as _};

/// Wrong usage or configuration.
pub(crate) const USAGE: u8 = 2;

/// Prints to stdout; a reader that has gone away (`| head`) is no error.
pub(crate) fn print(text: &str) {
    let _ = anstream::stdout().write_all(text.as_bytes());
}

/// What could not be printed, unless the reader has gone away.
pub(crate) fn printed(result: io::Result<()>) {
    if let Err(error) = result
        && error.kind() != io::ErrorKind::BrokenPipe
    {
        let _ = writeln!(anstream::stderr(), "error: can't print: {error}");
    }
}
