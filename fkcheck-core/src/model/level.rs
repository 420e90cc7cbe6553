//! How much a rule matters.

/// How much a rule matters. Set by the rule's default, the configuration and the command line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// Say nothing.
    Allow,
    /// Say it.
    Warn,
    /// Say it and fail.
    Deny,
}
