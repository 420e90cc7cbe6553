//! One file a command; each returns its exit code.

pub(crate) mod annotate;
mod ask;
pub(crate) mod baseline;
pub(crate) mod check;
pub(crate) mod completions;
pub(crate) mod deletes;
mod diff;
mod editor;
pub(crate) mod explain;
pub(crate) mod fix;
pub(crate) mod graph;
pub(crate) mod impact;
pub(crate) mod snapshot;

use std::io::{self, Write};
use std::path::Path;

use fkcheck_core::check::{CheckError, Status};
use fkcheck_core::store;

/// Wrong usage or configuration.
pub(crate) const USAGE: u8 = 2;

/// Prints to stdout; a reader that has gone away (`| head`) is no error.
pub(crate) fn print(text: &str) {
    let _ = anstream::stdout().write_all(text.as_bytes());
}

/// Prints a report to stdout, or writes it into the file, wholly or not at all; false if it could not be written.
pub(crate) fn print_or_store(
    file: Option<&Path>,
    report: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> bool {
    let Some(file) = file else {
        let mut stdout = io::BufWriter::new(io::stdout().lock());
        printed(report(&mut stdout).and_then(|()| stdout.flush()));
        return true;
    };
    let mut text = Vec::new();
    let stored = report(&mut text).and_then(|()| store_report(file, &text));
    if let Err(error) = &stored {
        not_written(&file.display().to_string(), error);
    }
    stored.is_ok()
}

/// The form in which a file is to be written, by the end of its name; `None`: it has no end.
pub(crate) fn form_of<T: Copy>(file: &Path, endings: &[(&str, T)]) -> Result<Option<T>, CheckError> {
    let Some(end) = file.extension() else { return Ok(None) };
    let end = end.to_string_lossy().to_ascii_lowercase();
    if let Some((_, form)) = endings.iter().find(|(known, _)| *known == end) {
        return Ok(Some(*form));
    }
    let known: Vec<String> = endings.iter().map(|(known, _)| format!(".{known}")).collect();
    Err(CheckError::Usage {
        message: format!("nothing is written as `.{end}`"),
        help: Some(format!("the end of the name chooses the form: {}", known.join(", "))),
    })
}

/// `Wrote impact.md: 2 tables`
pub(crate) fn wrote(file: &Path, what: &str) -> Status {
    Status::Line { verb: "Wrote", text: format!("{}: {what}", file.display()), verbose: false }
}

/// `1 key`, `2 keys`
pub(crate) fn counted(count: usize, what: &str) -> String {
    if count == 1 { format!("1 {what}") } else { format!("{count} {what}s") }
}

/// Says what could not be written.
pub(crate) fn not_written(what: &str, error: &io::Error) {
    let _ = writeln!(anstream::stderr(), "error: can't write {what}: {error}");
}

fn store_report(file: &Path, text: &[u8]) -> io::Result<()> {
    // A pipe or a device is written to, not replaced.
    if std::fs::metadata(file).is_ok_and(|metadata| !metadata.is_file()) {
        return std::fs::write(file, text);
    }
    store::write_named(file, &String::from_utf8_lossy(text))
}

/// What could not be printed, unless the reader has gone away.
pub(crate) fn printed(result: io::Result<()>) {
    if let Err(error) = result
        && error.kind() != io::ErrorKind::BrokenPipe
    {
        let _ = writeln!(anstream::stderr(), "error: can't print: {error}");
    }
}
