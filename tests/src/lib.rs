//! Harness.

/// The examples in the documentation of the macros.
#[cfg(doctest)]
mod documentation {
    #[doc = include_str!("../../fkcheck-macros/README.md")]
    mod macros {}

    #[doc = include_str!("../../fkcheck-macros/src/derive.md")]
    mod derive {}

    #[doc = include_str!("../../fkcheck-macros/src/foreign_keys.md")]
    mod foreign_keys {}
}
