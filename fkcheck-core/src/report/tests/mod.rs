//! The reports, on outcomes built by hand.

mod github;
mod hostile;
mod looks;
mod markdown;
mod outcomes;
mod stream;

use super::{Format, Style, render};
use crate::outcome::Outcome;

fn rendered(outcome: &Outcome, format: Format, style: &Style) -> String {
    let mut out = Vec::new();
    render(outcome, format, style, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}
