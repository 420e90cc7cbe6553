//! JSON that can be printed anywhere.

use std::io::{self, Write};

use serde::Serialize;
use serde_json::ser::Formatter;

use super::clean::is_harmful;

/// Writes a value in one line.
pub(super) fn write_json(value: &impl Serialize, out: &mut dyn Write) -> io::Result<()> {
    value.serialize(&mut serde_json::Serializer::with_formatter(&mut *out, Harmless))?;
    writeln!(out)
}

/// JSON whose bytes do no harm on a terminal or in a CI log, and that reads back to exactly the same: what [`Clean`]
/// would change stands as a `\u` escape. Paths and names, which programs need exact, are safe to print by this.
struct Harmless;

impl Formatter for Harmless {
    fn write_string_fragment<W: ?Sized + Write>(&mut self, writer: &mut W, fragment: &str) -> io::Result<()> {
        let mut written = 0;
        for (at, c) in fragment.char_indices() {
            if is_harmful(c) || (c == '[' && fragment[..at].ends_with("##")) {
                writer.write_all(&fragment.as_bytes()[written..at])?;
                for unit in c.encode_utf16(&mut [0; 2]) {
                    write!(writer, "\\u{unit:04x}")?;
                }
                written = at + c.len_utf8();
            }
        }
        writer.write_all(&fragment.as_bytes()[written..])
    }
}
