//! Comments that some servers run: `/*! .. */`, `/*!50701 .. */`, `/*M! .. */`. Those that run are opened, so that their text
//! is read as any other; all keeps its place.

use std::ops::Range;

use super::dialect::{Asks, Dialect};

/// A text whose comments are opened.
pub(super) struct Opened {
    /// As long as it was, byte by byte.
    pub(super) text: String,
    /// What stood in comments of which nobody knows here whether they are run.
    pub(super) perhaps: Vec<Range<usize>>,
}

/// Opens the comments of a text, where the dialect has such.
pub(super) fn open(text: &str, dialect: &Dialect) -> Opened {
    let mut opener = Opener { bytes: text.as_bytes().to_vec(), at: 0, perhaps: Vec::new(), inside: None };
    if let Some(runs) = dialect.runs_comments
        && text.contains("/*")
    {
        while opener.at < opener.bytes.len() {
            opener.step(runs);
        }
    }
    // Whole comments or ASCII became blanks, so it is UTF-8 still.
    Opened { text: String::from_utf8_lossy(&opener.bytes).into_owned(), perhaps: opener.perhaps }
}

struct Opener {
    bytes: Vec<u8>,
    at: usize,
    perhaps: Vec<Range<usize>>,
    /// The comment that is being run: where its text begins, and whether it is run by all.
    inside: Option<(usize, bool)>,
}

impl Opener {
    /// Past the next string, comment or character.
    fn step(&mut self, runs: fn(Asks) -> Option<bool>) {
        let rest = &self.bytes[self.at..];
        match rest {
            [quote @ (b'\'' | b'"' | b'`'), ..] => self.at += string(rest, *quote),
            [b'#', ..] => self.at += line(rest),
            [b'-', b'-', after, ..] if after.is_ascii_whitespace() => self.at += line(rest),
            [b'*', b'/', ..] if self.inside.is_some() => self.close(),
            [b'/', b'*', ..] => match asks(rest).filter(|_| self.inside.is_none()) {
                None => self.at += comment(rest, 0),
                Some((asked, head)) => match runs(asked) {
                    Some(false) => {
                        // A comment may stand in it.
                        let length = comment(rest, 1);
                        self.blank(length);
                    }
                    known => {
                        self.blank(head);
                        self.inside = Some((self.at, known.is_some()));
                    }
                },
            },
            _ => self.at += 1,
        }
    }

    fn close(&mut self) {
        if let Some((start, false)) = self.inside.take() {
            self.perhaps.push(start..self.at);
        }
        self.blank(2);
    }

    fn blank(&mut self, length: usize) {
        let end = (self.at + length).min(self.bytes.len());
        let bytes = &mut self.bytes[self.at..end];
        bytes.iter_mut().filter(|byte| **byte != b'\n').for_each(|byte| *byte = b' ');
        self.at = end;
    }
}

/// How long a string is, up to the quote that ends it.
fn string(text: &[u8], quote: u8) -> usize {
    let mut at = 1;
    while let Some(&byte) = text.get(at) {
        at += if byte == b'\\' && quote != b'`' { 2 } else { 1 };
        if byte == quote {
            break;
        }
    }
    at
}

fn line(text: &[u8]) -> usize {
    text.iter().position(|byte| *byte == b'\n').unwrap_or(text.len())
}

/// How long a comment is that may hold comments so deep.
fn comment(text: &[u8], depth: usize) -> usize {
    let mut at = 2;
    while at < text.len() {
        match &text[at..] {
            [b'*', b'/', ..] => return at + 2,
            [b'/', b'*', ..] if depth > 0 => at += comment(&text[at..], depth - 1),
            _ => at += 1,
        }
    }
    text.len()
}

/// What a comment asks that begins here, and how long that is; `None` for one that is a comment everywhere.
fn asks(text: &[u8]) -> Option<(Asks, usize)> {
    let (mariadb, start) = match text {
        [b'/', b'*', b'!', ..] => (false, 3),
        [b'/', b'*', b'M', b'!', ..] => (true, 4),
        _ => return None,
    };
    let digits = text[start..].iter().take(6).take_while(|byte| byte.is_ascii_digit()).count();
    if digits < 5 {
        return Some((Asks { mariadb, version: None }, start));
    }
    let version =
        text[start..start + digits].iter().fold(0, |number, digit| number * 10 + u32::from(digit - b'0'));
    Some((Asks { mariadb, version: Some(version) }, start + digits))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Engine;

    #[test]
    fn all_keeps_its_place() {
        for (text, opened) in [
            ("a/*!b*/c", "a   b  c"),
            ("a/*!40101b/*c*/d*/e", "a        b/*c*/d  e"),
            ("a/*!80000é/*c*/\nd*/e", "a               \n   e"),
            ("'/*!a'\"\\\"/*!b\"`\\`/*!c*/", "'/*!a'\"\\\"/*!b\"`\\`   c  "),
            ("a -- /*!\n#/*!b*/\n--/*!c*/", "a -- /*!\n#/*!b*/\n--   c  "),
            ("a/*/*!b*/c*/", "a/*/*!b*/c*/"),
            ("a/*!123b*/", "a   123b  "),
            ("/*!b", "   b"),
            ("/*!999999/*b", "            "),
        ] {
            let dialect = super::super::dialect::of(Engine::MariaDb).unwrap();
            let Opened { text: now, perhaps } = open(text, dialect);
            assert_eq!((now.as_str(), now.len(), perhaps.len()), (opened, text.len(), 0), "{text}");
        }
    }
}
