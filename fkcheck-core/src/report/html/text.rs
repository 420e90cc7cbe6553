//! Foreign text as HTML: no tag, no attribute and no entity of its own.

use super::super::audit::{Piece, Words};
use super::super::clean::Clean;
use crate::finding::Consequence;

/// For text between tags and in quoted attributes. What could do harm elsewhere must be gone already.
pub(super) fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            _ => escaped.push(c),
        }
    }
    escaped
}

/// The same for text as it came.
pub(super) fn text(text: &str) -> String {
    escaped(Clean::new(text).as_str())
}

pub(super) fn line(words: &Words) -> String {
    let pieces = words.pieces().iter().map(|piece| match piece {
        Piece::Text(words) => text(words),
        Piece::Code(code) => format!("<code>{}</code>", text(code)),
        Piece::Strong(words) => format!("<strong>{}</strong>", text(words)),
    });
    pieces.collect()
}

/// The HTML of each, one after the other.
pub(super) fn each<T>(items: impl IntoIterator<Item = T>, html: impl FnMut(T) -> String) -> String {
    items.into_iter().map(html).collect::<Vec<_>>().concat()
}

/// The style sheet's word for what a disagreement does.
pub(super) fn class(consequence: Consequence) -> &'static str {
    match consequence {
        Consequence::SilentDelete => "deletes",
        Consequence::SilentUpdate => "clears",
        Consequence::Orphans => "orphans",
        Consequence::DeleteFails => "fails",
        Consequence::RowsStay => "stays",
        Consequence::None => "nothing",
    }
}

/// The same for people.
pub(super) fn consequence(consequence: Consequence) -> &'static str {
    match consequence {
        Consequence::SilentDelete => "the database deletes rows that the code means to keep",
        Consequence::SilentUpdate => "the database clears columns that the code means to keep",
        Consequence::Orphans => "rows without a parent can come to be, or are there",
        Consequence::DeleteFails => "a delete fails that the code expects to work",
        Consequence::RowsStay => "rows stay that the code expects to go",
        Consequence::None => "nothing happens to data",
    }
}
