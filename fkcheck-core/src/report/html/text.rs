//! Foreign text as HTML, and the words for what a disagreement does.

use maud::{Markup, Render, html};

use super::super::audit::{Piece, Words};
use super::super::clean::Clean;
use crate::finding::Consequence;

impl Render for Words {
    fn render(&self) -> Markup {
        html! {
            @for piece in self.pieces() {
                @match piece {
                    Piece::Text(text) => (Clean::new(text)),
                    Piece::Code(text) => code { (Clean::new(text)) },
                    Piece::Strong(text) => strong { (Clean::new(text)) },
                }
            }
        }
    }
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
