//! From tokens to tokens: parse, validate, prove. Whatever is wrong, the rest is still expanded.

use fkcheck_core::grammar::{
    Shape, parse_foreign_keys, read_model, reject_repetitions, validate, validate_lines,
};
use proc_macro2::TokenStream;
use quote::quote;
use syn::DeriveInput;

use crate::{actions, keys, proofs};

/// The expansion of `#[derive(ForeignKeys)]`.
pub(crate) fn derive(input: TokenStream) -> TokenStream {
    let input: DeriveInput = match syn::parse2(input) {
        Ok(input) => input,
        Err(error) => return error.into_compile_error(),
    };
    let mut errors = Vec::new();
    let model = read_model(&input, &mut errors);
    validate(&model, &mut errors);
    reject_repetitions(&model, &mut errors);
    if model.shape != Shape::Struct {
        return errors.iter().map(syn::Error::to_compile_error).collect();
    }
    let annotations =
        model.annotations.iter().chain(model.fields.iter().flat_map(|field| &field.annotations));
    let editor = actions::for_editors(annotations);
    let keys = keys::of_model(&model);
    let tables = if keys.is_empty() { proofs::of_tables(&model) } else { TokenStream::new() };
    let proofs = proofs::of_keys(&keys);
    let errors = errors.iter().map(syn::Error::to_compile_error);
    quote!(#tables #proofs #editor #(#errors)*)
}

/// The expansion of `foreign_keys!`.
pub(crate) fn lines(input: TokenStream) -> TokenStream {
    let mut errors = Vec::new();
    let lines = parse_foreign_keys(input, &mut errors);
    validate_lines(&lines, &mut errors);
    let editor = actions::for_editors(lines.iter().map(|line| &line.annotation));
    let proofs = proofs::of_keys(&keys::of_lines(&lines));
    let errors = errors.iter().map(syn::Error::to_compile_error);
    quote!(#proofs #editor #(#errors)*)
}
