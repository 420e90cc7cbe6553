//! The legend of a picture that stands alone.

use maud::{Markup, html};

use super::Picture;
use super::draw::{MARK, one, stroke};
use super::layout::text;

const ROW: f64 = 22.0;

/// Drawn below `top`; with its height.
pub(in super::super) fn legend(picture: &Picture, left: f64, top: f64, width: f64) -> (Markup, f64) {
    let (mut x, mut y) = (left, top + ROW / 2.0);
    let mut place = |wide: f64| {
        if x > left && x + wide > width {
            (x, y) = (left, y + ROW);
        }
        let at = (x, y);
        x += wide + 26.0;
        at
    };
    let kinds: Vec<_> =
        picture.kinds().into_iter().map(|kind| (kind, place(text(kind.words(), 6.9) + 60.0))).collect();
    let mark = picture.has_marks().then(|| place(text(MARK, 6.9) + 30.0));
    let markup = html! {
        g.legend {
            @for (kind, (x, y)) in kinds {
                (stroke(kind, x, y))
                text x=(one(x + 59.0)) y=(one(y + 4.0)) { (kind.words()) }
            }
            @if let Some((x, y)) = mark {
                rect.mark x=(one(x)) y=(one(y - 7.5)) width="20" height="15" rx="4" {}
                text.mark x=(one(x + 6.5)) y=(one(y + 4.0)) { "≠" }
                text x=(one(x + 28.0)) y=(one(y + 4.0)) { (MARK) }
            }
        }
    };
    (markup, y + ROW / 2.0 - top)
}
