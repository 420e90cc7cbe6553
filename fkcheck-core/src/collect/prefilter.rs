//! Which files are looked at: those that invoke one of a few macros, or have an attribute with one of a few words.
//!
//! A build script runs this unoptimized, so the work is left to the standard library's search for a character, which is
//! compiled already.

use std::sync::LazyLock;

use memchr::memmem::Finder;

/// Macros that hold facts, or lead to other files.
const MACROS: [&[u8]; 5] = [b"table", b"view", b"joinable", b"foreign_keys", b"include"];

/// What the attributes of a struct with facts hold. `table_name` is in `#[diesel(table_name = ..)]` and in Diesel 1's attribute; a
/// struct with Diesel's default names has its derives alone.
const WORDS: [&str; 7] =
    ["table_name", "belongs_to", "Queryable", "Identifiable", "Insertable", "ForeignKeys", "fk("];

/// Macros under another name.
const RENAMED: [&str; 2] = ["foreign_keys as ", "include as "];

/// Longer attributes are looked at as far as this.
const LONGEST: usize = 4096;

static SWITCHES: LazyLock<Vec<Finder<'static>>> = LazyLock::new(|| {
    ["PRAGMA foreign_keys", "pragma foreign_keys", "set_foreign_keys_enabled"]
        .iter()
        .map(Finder::new)
        .collect()
});

/// Whether a file turns SQLite's foreign keys on.
pub(super) fn turns_keys_on(bytes: &[u8]) -> bool {
    SWITCHES
        .iter()
        .any(|switch| switch.find_iter(bytes).any(|at| says_on(&bytes[at + switch.needle().len()..])))
}

/// What follows the switch: ` = ON`, `(true)`, a value that is put in; not OFF, and not the question alone.
fn says_on(rest: &[u8]) -> bool {
    let rest = String::from_utf8_lossy(&rest[..rest.len().min(32)]).to_ascii_lowercase();
    let Some(value) = rest.trim_start().strip_prefix(['=', '(']) else { return false };
    let value = value.trim_start_matches([' ', '\'', '"']);
    !["off", "0", "false", "no"].iter().any(|off| value.starts_with(off))
}

/// Whether a file can hold a fact. What isn't UTF-8 is told later.
pub(super) fn matters(bytes: &[u8]) -> bool {
    let text = String::from_utf8_lossy(bytes);
    invokes_macro(&text) || has_attribute(&text) || RENAMED.iter().any(|name| text.contains(name))
}

/// Whether a file can import something.
pub(super) fn imports(bytes: &[u8]) -> bool {
    static USE: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new("use "));
    USE.find(bytes).is_some()
}

/// Whether a file can delete rows, or update them, and says so in Diesel's words.
pub(super) fn deletes(bytes: &[u8]) -> bool {
    static DIESEL: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new("diesel"));
    DIESEL.find(bytes).is_some() && (says_delete(bytes) || UPDATE.find(bytes).is_some())
}

static UPDATE: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new("update("));

/// Whether a file can call a function that deletes.
pub(super) fn says_delete(bytes: &[u8]) -> bool {
    static WORDS: LazyLock<[Finder<'static>; 3]> =
        LazyLock::new(|| ["delete", "DELETE", "TRUNCATE"].map(Finder::new));
    WORDS.iter().any(|word| word.find(bytes).is_some())
}

fn invokes_macro(text: &str) -> bool {
    text.match_indices('!').any(|(at, _)| MACROS.iter().any(|name| text.as_bytes()[..at].ends_with(name)))
}

fn has_attribute(text: &str) -> bool {
    text.match_indices('#').any(|(at, _)| {
        let rest = text[at + 1..].trim_start_matches(['!', ' ', '\n', '\t', '\r']);
        rest.starts_with('[') && {
            let inside = bracketed(rest);
            WORDS.iter().any(|word| inside.contains(word)) || leads_elsewhere(inside)
        }
    })
}

/// `path = ".."`, with or without blanks, also in `cfg_attr`.
fn leads_elsewhere(attribute: &str) -> bool {
    attribute.match_indices("path").any(|(at, word)| {
        let value = attribute[at + word.len()..].trim_start().strip_prefix('=');
        value.is_some_and(|value| value.trim_start().starts_with(['"', 'r']))
    })
}

/// What begins with `[`, as far as the bracket that closes it. A bracket in a string ends it late, which does no harm, or
/// early: so it is not trusted before the end of the line.
fn bracketed(text: &str) -> &str {
    let mut depth = 0;
    let mut closed = false;
    let end = text.bytes().take(LONGEST).position(|byte| {
        match byte {
            b'[' => depth += 1,
            b']' => depth -= 1,
            _ => {}
        }
        closed |= depth <= 0;
        closed && byte == b'\n'
    });
    let end = end.unwrap_or_else(|| text.len().min(LONGEST));
    let end = (end..=text.len()).find(|&end| text.is_char_boundary(end)).unwrap_or(text.len());
    &text[..end]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_switch_that_is_turned_on_counts() {
        for (text, is_on) in [
            ("PRAGMA foreign_keys = ON", true),
            ("pragma foreign_keys=1;", true),
            ("PRAGMA foreign_keys(true)", true),
            ("PRAGMA foreign_keys = {on}", true),
            ("PRAGMA foreign_keys = OFF", false),
            ("PRAGMA foreign_keys", false),
            ("PRAGMA foreign_keys = OFF; PRAGMA foreign_keys = ON", true),
        ] {
            assert_eq!(turns_keys_on(text.as_bytes()), is_on, "{text}");
        }
    }

    #[test]
    fn what_matters_and_what_not() {
        for text in [
            "diesel::table! {",
            "#[diesel(table_name = x)]",
            "#[cfg_attr(\n    feature = \"full\",\n    derive(Queryable)\n)]",
            "# [ fk(none) ]",
            "#[path = \"x.rs\"]",
            "#[path=\"x.rs\"]",
            "#[cfg_attr(unix, path =r\"x.rs\")]",
            "#[derive(Debug, ForeignKeys)] struct A;",
            "#[doc = \"]\"] #[derive(Identifiable)]",
            "include!(\"x.rs\")",
        ] {
            assert!(matters(text.as_bytes()), "{text}");
        }
        for text in [
            "fn table() {}",
            "println!(\"Queryable\")",
            "#[derive(Debug)]\nstruct Insertable;",
            "let x = r#\"fk(\"#;",
        ] {
            assert!(!matters(text.as_bytes()), "{text}");
        }
    }
}
