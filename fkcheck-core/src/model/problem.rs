//! What could not be known, and where.

use super::Span;

/// A place with a word about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Label {
    /// The place.
    pub span: Span,
    /// A few words, e.g. `NO ACTION in the code`.
    pub text: String,
}

/// Something that could not be known: a file that does not parse, a server that does not answer, a role that sees nothing.
#[derive(Clone, Debug)]
pub struct Problem {
    /// One sentence: what could not be known and why.
    pub message: String,
    /// The place, where there is one.
    pub label: Option<Label>,
    /// What to do about it, a paragraph each.
    pub help: Vec<String>,
}
