//! The page goes out as it is made: piece by piece, some of them within a frame.

use std::cell::Cell;
use std::io::{self, Write};

use maud::{Markup, Render};

/// The place in a frame where other pieces go. It stands in the frame's own `html!`, not in one within it.
#[derive(Default)]
pub(in super::super) struct Hole(Cell<usize>);

impl Render for Hole {
    fn render_to(&self, html: &mut String) {
        self.0.set(html.len());
    }
}

/// Writes the frame, and `inside` what goes into its hole.
pub(in super::super) fn framed(
    out: &mut dyn Write,
    frame: impl FnOnce(&Hole) -> Markup,
    inside: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> io::Result<()> {
    let hole = Hole::default();
    let frame = frame(&hole).into_string();
    let (before, after) = frame.split_at(hole.0.get());
    writeln!(out, "{before}")?;
    inside(out)?;
    writeln!(out, "{after}")
}

/// Writes a piece, in a line of its own.
pub(in super::super) fn piece(out: &mut dyn Write, piece: &Markup) -> io::Result<()> {
    writeln!(out, "{}", piece.0)
}
