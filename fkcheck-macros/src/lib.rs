//! `#[derive(ForeignKeys)]` and `foreign_keys!`.

mod actions;
mod expand;
mod keys;
mod proofs;

use proc_macro::TokenStream;

/// See the crate.
#[proc_macro_derive(ForeignKeys, attributes(fk, diesel))]
pub fn derive_foreign_keys(input: TokenStream) -> TokenStream {
    expand::derive(input.into()).into()
}

/// See the crate.
#[proc_macro]
pub fn foreign_keys(input: TokenStream) -> TokenStream {
    expand::lines(input.into()).into()
}
