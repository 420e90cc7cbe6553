#![doc = include_str!("../README.md")]
// The examples are run by `tests/src/lib.rs`: as a dev-dependency of a macro crate, Diesel would be built for the host once
// more, and show in everybody's `cargo tree -p fkcheck-macros`.

mod actions;
mod expand;
mod keys;
mod proofs;

use proc_macro::TokenStream;

#[doc = include_str!("derive.md")]
#[proc_macro_derive(ForeignKeys, attributes(fk, diesel))]
pub fn derive_foreign_keys(input: TokenStream) -> TokenStream {
    expand::derive(input.into()).into()
}

#[doc = include_str!("foreign_keys.md")]
#[proc_macro]
pub fn foreign_keys(input: TokenStream) -> TokenStream {
    expand::lines(input.into()).into()
}
