//! Keeps passwords out of messages.

use std::fmt;

use percent_encoding::{NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

/// What must never be printed: the password in every form in which a driver may echo it.
#[derive(Clone, Default)]
pub(crate) struct Secrets {
    /// Longest first, so that a part never spoils the whole.
    forms: Vec<String>,
}

/// A shorter text is no secret, and replacing it would make a message unreadable.
const SHORTEST_SECRET: usize = 3;
/// Pieces of a password that a driver may echo alone, e.g. as a "port" or "database".
const SHORTEST_PIECE: usize = 4;

impl Secrets {
    /// Learns a secret as it is written, percent-encoded or not.
    pub(crate) fn add(&mut self, secret: &str) {
        let decoded = percent_decode_str(secret).decode_utf8_lossy().into_owned();
        let encoded = utf8_percent_encode(&decoded, NON_ALPHANUMERIC).to_string();
        let delimiters = ['/', '@', ':', '?', '%', '#', '&'];
        for whole in [secret, &decoded, &encoded] {
            if whole.len() >= SHORTEST_SECRET {
                self.forms.push(whole.to_owned());
            }
            let pieces = whole.split(delimiters).filter(|piece| piece.len() >= SHORTEST_PIECE);
            self.forms.extend(pieces.map(str::to_owned));
        }
        self.forms.sort_by(|left, right| right.len().cmp(&left.len()).then_with(|| left.cmp(right)));
        self.forms.dedup();
    }

    /// The text with every form of every secret replaced by `***`.
    pub(crate) fn scrub(&self, text: &str) -> String {
        self.forms.iter().fold(text.to_owned(), |text, form| text.replace(form.as_str(), "***"))
    }
}

impl fmt::Debug for Secrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secrets(***)")
    }
}

#[cfg(test)]
mod tests {
    use super::Secrets;

    #[test]
    fn every_form_and_every_long_piece_is_replaced() {
        let mut secrets = Secrets::default();
        secrets.add("Can%40ry/Sesame:x");
        for text in [
            "Can%40ry/Sesame:x",
            "Can@ry/Sesame:x",
            "Can%40ry%2FSesame%3Ax",
            "invalid port: Sesame",
            "database \"Sesame:x@host\" does not exist",
        ] {
            let scrubbed = secrets.scrub(text);
            assert!(!scrubbed.contains("Sesame"), "{scrubbed}");
            assert!(scrubbed.contains("***"), "{scrubbed}");
        }
        assert_eq!(secrets.scrub("connection refused"), "connection refused");
        assert!(!format!("{secrets:?}").contains("Sesame"));
    }
}
