//! A command line that can't be read: clap's words without passwords, and a whole document where a program reads it.

use std::ffi::OsString;
use std::io::Write as _;
use std::path::Path;

use fkcheck_core::report::{self, Format, Style};
use fkcheck_core::sources;

use crate::commands::{USAGE, print_or_store, printed};

/// Prints the error in the format that the command line asks for; returns the exit code.
pub(crate) fn refuse(error: &clap::Error, words: &[OsString]) -> u8 {
    let words: Vec<&str> = words.iter().filter_map(|word| word.to_str()).collect();
    let format = message_format(&words).filter(|format| format.is_for_programs());
    let output = values("--output", &words).next_back().map(Path::new);
    if let Some(format) = format {
        let text = without_passwords(error.render().to_string(), &words);
        let text = text.strip_prefix("error: ").unwrap_or(&text);
        print_or_store(output, |out| report::render_failure(text, None, format, &Style::PLAIN, out));
    }
    if format.is_none() || output.is_some() {
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
    values("--message-format", words).filter_map(|value| value.parse().ok()).next_back()
}

/// The values of an option, `--option=value` and then `--option value`.
fn values<'a>(option: &str, words: &[&'a str]) -> impl DoubleEndedIterator<Item = &'a str> {
    let in_one = words.iter().filter_map(move |word| word.strip_prefix(option)?.strip_prefix('='));
    let in_two = words.windows(2).filter(move |pair| pair[0] == option && !pair[1].starts_with('-'));
    in_one.chain(in_two.map(|pair| pair[1]))
}
