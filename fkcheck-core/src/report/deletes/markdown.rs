//! For a comment or a document: the text, which is a list already, in a code block under a heading.

use std::io::{self, Write};

use super::text;
use crate::deletes::InCode;
use crate::report::{Style, plain};

pub(super) fn render(found: &InCode, full: bool, out: &mut dyn Write) -> io::Result<()> {
    let mut body = Vec::new();
    text::render(found, full, &Style::PLAIN, &mut body)?;
    let body = String::from_utf8_lossy(&body);
    write!(out, "## Deletes in the code\n\n{}", plain::fenced("text", &body))
}
