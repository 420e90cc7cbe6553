//! Finds statements that would leave an in-memory SQLite: `ATTACH` and `VACUUM INTO` open files.
//!
//! A scan for words at the start of statements is enough, and unlike a parser it can't fail on SQL that is newer than it.

/// A statement that opens a file.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Outside {
    /// From 1.
    pub(super) line: usize,
    /// What it is.
    pub(super) statement: &'static str,
}

/// The first such statement, if any.
pub(super) fn find_outside(sql: &str) -> Option<Outside> {
    let mut first: Option<Token<'_>> = None;
    for token in (Tokens { sql, at: 0 }) {
        let is = |word: &str| token.text.eq_ignore_ascii_case(word);
        match &first {
            _ if token.text == ";" => first = None,
            None if is("ATTACH") => return Some(outside(sql, &token, "ATTACH")),
            None => first = Some(token),
            Some(start) if start.text.eq_ignore_ascii_case("VACUUM") && is("INTO") => {
                return Some(outside(sql, start, "VACUUM INTO"));
            }
            Some(_) => {}
        }
    }
    None
}

fn outside(sql: &str, token: &Token<'_>, statement: &'static str) -> Outside {
    Outside { line: sql[..token.at].matches('\n').count() + 1, statement }
}

/// A word, a quoted text or a single other character.
struct Token<'a> {
    text: &'a str,
    at: usize,
}

/// The tokens of a text, without white space and comments.
struct Tokens<'a> {
    sql: &'a str,
    at: usize,
}

impl<'a> Iterator for Tokens<'a> {
    type Item = Token<'a>;

    fn next(&mut self) -> Option<Token<'a>> {
        loop {
            let rest = &self.sql[self.at..];
            let first = rest.chars().next()?;
            let until = |end: &str, from: usize| {
                rest[from..].find(end).map_or(rest.len(), |found| from + found + end.len())
            };
            let (length, blank) = match first {
                // SQLite takes a byte-order mark for white space, and a vertical tab behind other white space.
                c if c.is_ascii_whitespace() || matches!(c, '\u{b}' | '\u{feff}') => (c.len_utf8(), true),
                '-' if rest.starts_with("--") => (until("\n", 2), true),
                '/' if rest.starts_with("/*") => (until("*/", 2), true),
                // A doubled quote reads as two texts side by side, which comes to the same here.
                '\'' | '"' | '`' => (until(&first.to_string(), 1), false),
                '[' => (until("]", 1), false),
                c if is_word(c) => (rest.find(|c| !is_word(c)).unwrap_or(rest.len()), false),
                c => (c.len_utf8(), false),
            };
            let at = self.at;
            self.at += length;
            if !blank {
                return Some(Token { text: &rest[..length], at });
            }
        }
    }
}

fn is_word(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_' || c == '$' || (!c.is_ascii() && c != '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attach_and_vacuum_into_are_found() {
        for (sql, line, statement) in [
            ("ATTACH 'x.db' AS x", 1, "ATTACH"),
            ("\u{feff}attach database 'x.db' AS x;", 1, "ATTACH"),
            ("CREATE TABLE t(a);\n/* one\ntwo */ -- three\nAttach 'x' AS y;", 4, "ATTACH"),
            ("SELECT 'it''s'; ATTACH 'x' AS y", 1, "ATTACH"),
            ("VACUUM main\nINTO 'copy.db'", 1, "VACUUM INTO"),
            (";;ATTACH'x'AS y", 1, "ATTACH"),
            ("\u{b}attach 'x' AS y", 1, "ATTACH"),
            (" \u{b}attach 'x' AS y", 1, "ATTACH"),
            ("-- c\n\u{b}attach 'x' AS y", 2, "ATTACH"),
            ("SELECT 1;\n\u{b}vacuum\u{b} into 'v'", 2, "VACUUM INTO"),
        ] {
            assert_eq!(find_outside(sql), Some(Outside { line, statement }), "{sql}");
        }
    }

    #[test]
    fn other_statements_pass() {
        for sql in [
            "VACUUM; INSERT INTO t VALUES (1)",
            "CREATE TABLE attach(attach TEXT); SELECT attach FROM attach",
            "-- ATTACH 'x' AS y",
            "/* ; ATTACH 'x' AS y",
            "SELECT '; ATTACH ''x'' AS y'",
            "CREATE TABLE \"; attach\"([; attach], `; attach`)",
            "'unfinished",
            "",
        ] {
            assert_eq!(find_outside(sql), None, "{sql}");
        }
    }
}
