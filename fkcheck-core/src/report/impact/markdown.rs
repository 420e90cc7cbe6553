//! For a comment or a document: the text, which is a list already, in a code block under a heading.

use std::io::{self, Write};

use super::{Shown, text};
use crate::impact::Impacts;
use crate::report::clean::Clean;
use crate::report::{Style, plain};

pub(super) fn render(impacts: &Impacts, shown: Shown, out: &mut dyn Write) -> io::Result<()> {
    for impact in &impacts.impacts {
        let one = Impacts { impacts: vec![impact.clone()], ..impacts.clone() };
        let mut body = Vec::new();
        text::render(&one, shown, &Style::PLAIN, &mut body)?;
        let body = String::from_utf8_lossy(&body);
        let title = Clean::new(&impact.table.to_string()).to_string().replace('`', "'");
        let what = if impact.update.is_some() { "an update of" } else { "a delete from" };
        writeln!(out, "## What {what} `{title}` does\n\n{}", plain::fenced("text", &body))?;
    }
    Ok(())
}
