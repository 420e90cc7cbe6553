//! `--editor`: an editor runs one command, so cargo's own messages come first, untouched, and the findings after them.

use std::ffi::OsString;
use std::io::Write as _;
use std::process::Command;

use fkcheck_core::report::Format;

use crate::cli::{Check, Editor};

/// Flags that cargo doesn't know, each with whether a value follows.
const OURS: [(&str, bool); 19] = [
    ("--editor", false),
    ("--database-url", true),
    ("--database-urls-from", true),
    ("--database", true),
    ("--partition", true),
    ("--scratch-url", true),
    ("--against", true),
    ("--deadline", true),
    ("--insecure-tls", false),
    ("--allow", true),
    ("-A", true),
    ("--warn", true),
    ("-W", true),
    ("--deny", true),
    ("-D", true),
    ("--cap-lints", true),
    ("--strict", false),
    ("--output", true),
    ("fkcheck", false),
];

/// Runs `cargo check` or `cargo clippy` with the flags that are cargo's; its exit code.
pub(crate) fn run_cargo(editor: Editor, arguments: &Check) -> u8 {
    let command = match editor {
        Editor::Check => "check",
        Editor::Clippy => "clippy",
    };
    let mut words = cargos(std::env::args_os().skip(1));
    if !matches!(arguments.message_format, Format::Human | Format::Short | Format::Json(_)) {
        // Cargo doesn't speak it.
        words = without(words, "--message-format");
    }
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    match Command::new(cargo).arg(command).args(words).status() {
        Ok(status) => status.code().and_then(|code| u8::try_from(code).ok()).unwrap_or(super::USAGE),
        Err(error) => {
            let _ = writeln!(anstream::stderr(), "error: can't run cargo {command}: {error}");
            super::USAGE
        }
    }
}

/// The words without those that are ours.
fn cargos(words: impl Iterator<Item = OsString>) -> Vec<OsString> {
    let mut kept = Vec::new();
    let mut words = words.peekable();
    while let Some(word) = words.next() {
        let text = word.to_string_lossy();
        let name = text.split_once('=').map_or(&*text, |(name, _)| name);
        // `-Afk_undeclared` is one word.
        let ours = OURS.iter().find(|(ours, _)| {
            *ours == name || ours.len() == 2 && text.starts_with(ours) && !text.starts_with("--")
        });
        match ours {
            Some((ours, true)) if *ours == text => drop(words.next()),
            Some(_) => {}
            None => kept.push(word.clone()),
        }
    }
    kept
}

/// The words without a flag and its value.
fn without(words: Vec<OsString>, flag: &str) -> Vec<OsString> {
    let mut kept = Vec::new();
    let mut words = words.into_iter();
    while let Some(word) = words.next() {
        let text = word.to_string_lossy();
        if text == flag {
            words.next();
        } else if !text.starts_with(&format!("{flag}=")) {
            kept.push(word.clone());
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cargo_gets_what_is_cargos() {
        let words = "fkcheck --editor=clippy --workspace --message-format=json -A fk_undeclared -Wfk_x --database-url postgres://u:p@h/d \
                     --all-targets --manifest-path a/Cargo.toml --deadline=3 --keep-going -p b";
        let kept = cargos(words.split_whitespace().map(OsString::from));
        let expected =
            "--workspace --message-format=json --all-targets --manifest-path a/Cargo.toml --keep-going -p b";
        assert_eq!(kept, expected.split_whitespace().map(OsString::from).collect::<Vec<_>>());
        assert_eq!(without(kept, "--message-format").len(), 7);
    }
}
