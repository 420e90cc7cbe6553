//! The reports, on outcomes built by hand.

mod github;
mod hostile;
mod html;
mod looks;
mod markdown;
mod outcomes;
mod release_note;
mod stream;

use super::{Format, Style, render, render_titled};
use crate::outcome::Outcome;

fn titled(outcome: &Outcome, title: &str, format: Format) -> String {
    let mut out = Vec::new();
    render_titled(outcome, title, format, &Style::PLAIN, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

fn rendered(outcome: &Outcome, format: Format, style: &Style) -> String {
    let mut out = Vec::new();
    render(outcome, format, style, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}
