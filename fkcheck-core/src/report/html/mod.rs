//! The audit as one HTML file that asks for nothing from anywhere: styles, script and picture are in it.

mod findings;
mod frame;
mod page;
mod table;
mod text;

use std::io::{self, Write};

use maud::{DOCTYPE, Markup, PreEscaped, html};

pub(super) use self::frame::{framed, piece};
use self::page::Page;
use super::clean::Clean;
use super::{picture, plain};
use crate::outcome::Outcome;

pub(super) const STYLE: &str = include_str!("style.css");
pub(super) const SCRIPT: &str = include_str!("script.js");
/// What the page may run and be styled by: these texts and nothing else. A test says what they are after a change.
pub(super) const STYLE_HASH: &str = "sha256-txPdWVh5lnZiceCwRcJK1k5ipsaU1iReZzELGlk3Jn0=";
pub(super) const SCRIPT_HASH: &str = "sha256-p/FEcmqbaFFyaZJO+j8ZxCX3op+jkLgPREy+SShMB18=";
pub(super) const PICTURE_STYLE_HASH: &str = "sha256-uDidgrW0FRTojlCBZf73M/IqRJQxvyotMKn+Iz4SzPk=";
pub(super) const PICTURE_SCRIPT_HASH: &str = "sha256-RMC56SsDEYxfybrlj5FiLny2HJiq6yOxtRuq7DplqCA=";

pub(super) fn render(outcome: &Outcome, title: &str, out: &mut dyn Write) -> io::Result<()> {
    let page = Page::new(outcome, title);
    document(&page.title, &page.top(), false, out, |out| page.sections(out))
}

pub(super) fn render_failure(message: &str, help: Option<&str>, out: &mut dyn Write) -> io::Result<()> {
    let title = Clean::new("fkcheck: error");
    let top = html! {
        header {
            h1 { (title) }
            p.verdict.unknown { "The run has ended" }
        }
    };
    let section = html! {
        section {
            @for paragraph in plain::failure(message, help) {
                p {
                    @for (i, line) in paragraph.as_str().lines().enumerate() {
                        @if i > 0 { br; }
                        (line)
                    }
                }
            }
        }
    };
    document(&title, &top, false, out, |out| piece(out, &section))
}

/// The whole file, as wide as the window or as text is read; `sections` writes what comes after the top.
pub(super) fn document(
    title: &Clean,
    top: &Markup,
    is_wide: bool,
    out: &mut dyn Write,
    sections: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> io::Result<()> {
    let policy = format!(
        "default-src 'none'; style-src '{PICTURE_STYLE_HASH}' '{STYLE_HASH}'; \
         script-src '{SCRIPT_HASH}' '{PICTURE_SCRIPT_HASH}'; base-uri 'none'; form-action 'none'"
    );
    let frame = |hole: &_| {
        html! {
            (DOCTYPE)
            html lang="en" {
                head {
                    meta charset="utf-8";
                    meta http-equiv="Content-Security-Policy" content=(policy);
                    meta name="viewport" content="width=device-width, initial-scale=1";
                    meta name="color-scheme" content="light dark";
                    meta name="referrer" content="no-referrer";
                    title { (title) }
                    style { (PreEscaped(picture::STYLE)) }
                    style { (PreEscaped(STYLE)) }
                }
                body.whole[is_wide] {
                    (top)
                    main { (hole) }
                    footer { "cargo-fkcheck " (env!("CARGO_PKG_VERSION")) }
                    script { (PreEscaped(SCRIPT)) }
                    script { (PreEscaped(picture::SCRIPT)) }
                }
            }
        }
    };
    framed(out, frame, sections)
}
