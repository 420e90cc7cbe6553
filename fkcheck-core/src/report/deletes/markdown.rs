//! For a comment or a document: the text, which is a list already, in a code block under a heading.

use std::io::{self, Write};

use super::text;
use crate::deletes::InCode;
use crate::report::Style;

pub(super) fn render(found: &InCode, full: bool, out: &mut dyn Write) -> io::Result<()> {
    let mut body = Vec::new();
    text::render(found, full, &Style::PLAIN, &mut body)?;
    let body = String::from_utf8_lossy(&body);
    // A fence that no name in it can close.
    let longest = body.split(|c| c != '`').map(str::len).max().unwrap_or_default();
    let fence = "`".repeat(longest.max(2) + 1);
    writeln!(out, "## Deletes in the code\n\n{fence}text\n{body}{fence}")
}
