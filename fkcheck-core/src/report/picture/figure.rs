//! The picture in a page: with what it may be asked, and what its lines mean.

use maud::{Markup, html};

use super::draw::{MARK, drawn, sample};
use super::layout::layout;
use super::{Look, Picture};

/// `id` is the figure's own in the page, `about` says what is drawn; `whens` are the words for when a key stops a delete, by what stands in the data.
pub(in super::super) fn figure(id: &str, picture: &Picture, about: &str, whens: &[(&str, String)]) -> Markup {
    let layout = layout(picture);
    let can_answer = picture.tables.iter().any(|table| table.reached.is_some());
    let has_still = picture.tables.iter().any(|table| table.look == Look::Stays);
    html! {
        figure.picture id=(id) {
            div.tools hidden="hidden" {
                input type="search" placeholder="Find a table or a column" aria-label="Find a table or a column";
                output aria-live="polite" {}
                span.zoom {
                    button type="button" data-zoom="out" aria-label="Smaller" { "−" }
                    button type="button" data-zoom="in" aria-label="Larger" { "+" }
                    button type="button" data-zoom="fit" { "Fit" }
                }
                @if can_answer {
                    label.alone { input type="checkbox" disabled="disabled"; " fold away what it doesn’t reach" }
                }
            }
            div.view {
                div.scroll tabindex="0" role="group" aria-label="The picture" { (drawn(picture, &layout, about)) }
                @if can_answer {
                    aside.answer aria-live="polite" hidden="hidden" {}
                }
            }
            figcaption {
                p {
                    "From the parent to the child: a delete flows this way."
                    @if can_answer { span.hint hidden="hidden" { " Choose a table to see what a delete from it reaches." } }
                    @if has_still { " Rows of tables with a broken edge stay." }
                }
                ul.legend {
                    @for kind in picture.kinds() {
                        li { (sample(kind)) (kind.words()) }
                    }
                    @if picture.has_marks() {
                        li { span.mark { "≠" } (MARK) }
                    }
                }
            }
            @if !whens.is_empty() {
                dl.whens hidden="hidden" {
                    @for (word, text) in whens {
                        dt { (word) } dd { (text) }
                    }
                }
            }
        }
    }
}
