//! The tokens of a source file, and their places in it.

use std::str::FromStr;

use proc_macro2::{LexError, TokenStream, TokenTree};

use crate::model::{FileId, Position, Span};

const BOM: &str = "\u{feff}";

/// The tokens of a source file.
pub(crate) fn tokens_of(text: &str) -> Result<TokenStream, LexError> {
    let code = text.strip_prefix(BOM).unwrap_or(text);
    // A `#!/usr/bin/env ..` line becomes a comment of the same length.
    let shebang = code.starts_with("#!") && !code[2..].trim_start().starts_with('[');
    if shebang { TokenStream::from_str(&format!("//{}", &code[2..])) } else { TokenStream::from_str(code) }
}

/// Turns the parser's spans into places of the file.
pub(crate) struct Places {
    /// Bytes before the parser's first: the byte-order mark.
    skipped: usize,
}

impl Places {
    pub(crate) fn new(text: &str) -> Self {
        Places { skipped: if text.starts_with(BOM) { BOM.len() } else { 0 } }
    }

    pub(crate) fn at(&self, span: proc_macro2::Span) -> Span {
        let bytes = span.byte_range();
        let (start, end) = (span.start(), span.end());
        Span {
            file: FileId(0),
            start: Position { byte: bytes.start + self.skipped, line: start.line, column: start.column + 1 },
            end: Position { byte: bytes.end + self.skipped, line: end.line, column: end.column + 1 },
        }
    }
}

pub(crate) fn is_punct(token: Option<&TokenTree>, character: char) -> bool {
    matches!(token, Some(TokenTree::Punct(punct)) if punct.as_char() == character)
}

/// Without `r#`.
pub(crate) fn unraw(name: &str) -> String {
    name.strip_prefix("r#").unwrap_or(name).to_owned()
}

pub(crate) fn is_word(token: Option<&TokenTree>, word: &str) -> bool {
    matches!(token, Some(TokenTree::Ident(ident)) if ident == word)
}

/// The value of a string literal.
pub(crate) fn text_of(token: Option<TokenTree>) -> Option<String> {
    syn::parse2::<syn::LitStr>(token?.into()).ok().map(|text| text.value())
}
