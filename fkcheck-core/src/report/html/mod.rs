//! The audit as one HTML file that asks for nothing from anywhere: styles, script and picture are in it.

mod graph;
mod page;
mod table;
mod text;

use std::io::{self, Write};

use self::text::text;
use super::audit::Audit;
use super::plain;
use crate::outcome::Outcome;

pub(super) const STYLE: &str = include_str!("style.css");
pub(super) const SCRIPT: &str = include_str!("script.js");
/// What the page may run and be styled by: these two texts and nothing else. A test says what they are after a change.
pub(super) const STYLE_HASH: &str = "sha256-4NLuzMf90sIVPLH8CPjO6co1eRvFTfjb53ai1Fdfu5s=";
pub(super) const SCRIPT_HASH: &str = "sha256-p/FEcmqbaFFyaZJO+j8ZxCX3op+jkLgPREy+SShMB18=";

pub(super) fn render(outcome: &Outcome, title: &str, out: &mut dyn Write) -> io::Result<()> {
    let audit = Audit::new(outcome);
    let title = match title.trim() {
        "" => audit.title.as_str(),
        title => title,
    };
    document(title, &page::body(&audit, title, outcome), out)
}

pub(super) fn render_failure(message: &str, help: Option<&str>, out: &mut dyn Write) -> io::Result<()> {
    let paragraphs = text::each(plain::failure(message, help), |lines| {
        let lines: Vec<String> = lines.as_str().lines().map(text::escaped).collect();
        format!("<p>{}</p>\n", lines.join("<br/>"))
    });
    let body = format!(
        "<header>\n<h1>fkcheck: error</h1>\n<p class=\"verdict unknown\">The run has ended</p>\n</header>\n<main>\n<section>\n{paragraphs}\
         </section>\n</main>\n"
    );
    document("fkcheck: error", &body, out)
}

fn document(title: &str, body: &str, out: &mut dyn Write) -> io::Result<()> {
    write!(
        out,
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\"/>\n<meta http-equiv=\"Content-Security-Policy\" \
         content=\"default-src 'none'; style-src '{STYLE_HASH}'; script-src '{SCRIPT_HASH}'; base-uri 'none'; form-action 'none'\"/>\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>\n<meta name=\"color-scheme\" content=\"light dark\"/>\n\
         <meta name=\"referrer\" content=\"no-referrer\"/>\n<title>{}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n{body}\
         <footer>cargo-fkcheck {}</footer>\n<script>{SCRIPT}</script>\n</body>\n</html>\n",
        text(title),
        env!("CARGO_PKG_VERSION"),
    )
}
