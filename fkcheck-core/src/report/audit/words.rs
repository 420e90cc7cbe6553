//! A line of text with its names kept apart from the words around them, so that each page marks and escapes them its own way.

use std::fmt::Display;

/// A line.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in super::super) struct Words(Vec<Piece>);

/// A part of a line; not yet cleaned or escaped.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in super::super) enum Piece {
    Text(String),
    /// A name, a place, SQL.
    Code(String),
    Strong(String),
}

impl Words {
    pub(in super::super) fn new() -> Words {
        Words::default()
    }

    pub(in super::super) fn text(mut self, text: impl Into<String>) -> Words {
        self.0.push(Piece::Text(text.into()));
        self
    }

    pub(in super::super) fn code(mut self, code: impl Display) -> Words {
        self.0.push(Piece::Code(format!("{code}")));
        self
    }

    pub(in super::super) fn strong(mut self, text: impl Into<String>) -> Words {
        self.0.push(Piece::Strong(text.into()));
        self
    }

    /// A sentence of a rule, in which backticks mark names. A name that holds one itself leaves them all as they are.
    pub(in super::super) fn prose(mut self, prose: &str) -> Words {
        if prose.matches('`').count() % 2 == 1 {
            return self.text(prose);
        }
        for (i, part) in prose.split('`').enumerate().filter(|(_, part)| !part.is_empty()) {
            let part = part.to_owned();
            self.0.push(if i % 2 == 1 { Piece::Code(part) } else { Piece::Text(part) });
        }
        self
    }

    pub(in super::super) fn extend(&mut self, words: Words) {
        self.0.extend(words.0);
    }

    pub(in super::super) fn pieces(&self) -> &[Piece] {
        &self.0
    }
}
