//! Foreign text made harmless: names, paths and messages may hold anything that a database or a file can.
//!
//! Two readers must not be fooled: a terminal (escape sequences, text that runs backwards, characters that can't be
//! seen) and GitHub's runner, which obeys `::command::` at the start of a line and `##[command]` anywhere in it.

use std::fmt;

use serde::Serialize;

pub(super) use crate::harmful::is_harmful;

/// Text that can be printed anywhere in a line. What could do harm stands in it as an escape, e.g. `\u{1b}`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(transparent)]
pub(super) struct Clean(String);

impl Clean {
    pub(super) fn new(text: &str) -> Clean {
        let mut clean = String::with_capacity(text.len());
        // True at the start and after white space: there a line may be broken, and a colon could come to start one.
        let mut at_line_start = true;
        let mut chars = text.chars().peekable();
        while let Some(c) = chars.next() {
            match c {
                '\n' => clean.push_str("\\n"),
                '\r' => clean.push_str("\\r"),
                '\t' => clean.push_str("\\t"),
                ':' if at_line_start && matches!(chars.peek(), None | Some(':')) => clean.push_str("\\u{3a}"),
                '[' if clean.ends_with("##") => clean.push_str("\\u{5b}"),
                _ if is_harmful(c) => clean.extend(c.escape_unicode()),
                _ => clean.push(c),
            }
            at_line_start = c.is_whitespace();
        }
        Clean(clean)
    }

    /// Keeps the ends of lines: for messages of tools that lay them out, where a line more fools nobody.
    pub(super) fn lines(text: &str) -> Clean {
        let lines: Vec<String> = text.trim_end().lines().map(|line| Clean::new(line).0).collect();
        Clean(lines.join("\n"))
    }

    pub(super) fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Clean {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl maud::Render for Clean {
    fn render_to(&self, html: &mut String) {
        self.0.render_to(html);
    }
}

/// A line of source text, character for character, so that columns stay right: what could do harm is replaced by one
/// visible character. Tabs stay.
pub(super) fn clean_source_line(line: &str) -> String {
    let mut clean = String::with_capacity(line.len());
    for c in line.chars() {
        match c {
            '\t' => clean.push('\t'),
            '[' if clean.ends_with("##") => clean.push('\u{fffd}'),
            // The pictures that Unicode has for control characters.
            '\0'..'\u{20}' => clean.push(char::from_u32(0x2400 + u32::from(c)).unwrap_or('\u{fffd}')),
            '\u{7f}' => clean.push('\u{2421}'),
            _ if is_harmful(c) => clean.push('\u{fffd}'),
            _ => clean.push(c),
        }
    }
    clean
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn harm_is_escaped_and_the_rest_is_left() {
        for (text, clean) in [
            ("", ""),
            ("`a`.\"b\" 日本 é $1 <x> & 100%", "`a`.\"b\" 日本 é $1 <x> & 100%"),
            ("\u{1b}[31mred", "\\u{1b}[31mred"),
            ("a\r\nb\tc\0", "a\\r\\nb\\tc\\u{0}"),
            ("a\u{202e}b\u{2066}c\u{61c}\u{200f}", "a\\u{202e}b\\u{2066}c\\u{61c}\\u{200f}"),
            ("\u{9b}31m\u{7f}\u{85}", "\\u{9b}31m\\u{7f}\\u{85}"),
            ("\u{2028}\u{200b}\u{feff}", "\\u{2028}\\u{200b}\\u{feff}"),
            ("crate::schema::users", "crate::schema::users"),
            ("::error::x", "\\u{3a}:error::x"),
            ("a ::error::x", "a \\u{3a}:error::x"),
            ("a\u{3000}::x", "a\u{3000}\\u{3a}:x"),
            (":", "\\u{3a}"),
            ("##[group]###[x] #[fk]", "##\\u{5b}group]###\\u{5b}x] #[fk]"),
        ] {
            assert_eq!(Clean::new(text).as_str(), clean);
        }
    }

    #[test]
    fn source_keeps_its_columns() {
        let source = "\tlet a = \"\u{1b}[31m\u{202e}\u{7f}\"; ##[x] r#\"日本\"#";
        let clean = clean_source_line(source);
        assert_eq!(clean, "\tlet a = \"␛[31m\u{fffd}␡\"; ##\u{fffd}x] r#\"日本\"#");
        assert_eq!(clean.chars().count(), source.chars().count());
    }
}
