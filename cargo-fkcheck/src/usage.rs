//! A command line that can't be read: clap's words without passwords, and never an empty JSON stream.

use std::ffi::OsString;
use std::io::Write as _;

use fkcheck_core::report::{self, Format, Style};
use fkcheck_core::sources;

use crate::commands::{USAGE, printed};

/// Prints the error in the format that the command line asks for; returns the exit code.
pub(crate) fn refuse(error: &clap::Error, words: &[OsString]) -> u8 {
    let words: Vec<&str> = words.iter().filter_map(|word| word.to_str()).collect();
    if let Some(format @ Format::Json(_)) = message_format(&words) {
        let text = without_passwords(error.render().to_string(), &words);
        let text = text.strip_prefix("error: ").unwrap_or(&text);
        printed(report::render_failure(text, None, format, &Style::PLAIN, &mut std::io::stdout()));
    } else {
        let text = without_passwords(error.render().ansi().to_string(), &words);
        printed(anstream::stderr().write_all(text.as_bytes()));
    }
    USAGE
}

/// clap quotes what it doesn't understand, and that may be a database's URL.
fn without_passwords(text: String, words: &[&str]) -> String {
    let values = words.iter().map(|word| word.split_once('=').map_or(*word, |(_, value)| value));
    let urls = words.iter().copied().chain(values).filter(|word| word.contains('@') || word.contains("//"));
    urls.fold(text, |text, url| text.replace(url, &sources::redact(url)))
}

/// The last `--message-format` that can be read.
fn message_format(words: &[&str]) -> Option<Format> {
    let in_one = words.iter().filter_map(|word| word.strip_prefix("--message-format="));
    let in_two = words.windows(2).filter(|pair| pair[0] == "--message-format").map(|pair| pair[1]);
    in_one.chain(in_two).filter_map(|value| value.parse().ok()).next_back()
}
