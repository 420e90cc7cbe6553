//! `#[derive(ForeignKeys)]` and `foreign_keys! { .. }`.
