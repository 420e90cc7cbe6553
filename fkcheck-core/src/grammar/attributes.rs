//! Attributes as they apply: `cfg_attr` opened, entries of `#[diesel(..)]` one by one.

use proc_macro2::{TokenStream, TokenTree};
use syn::parse::{ParseStream, Parser};
use syn::punctuated::Punctuated;
use syn::{Attribute, Meta, Token};

/// The attributes, those inside `cfg_attr(condition, ..)` as if the condition held: an annotation behind a feature is
/// still an annotation, and the compiler opens `cfg_attr` before a derive sees it.
pub(super) fn effective(attributes: &[Attribute]) -> Vec<Meta> {
    let mut metas = Vec::new();
    let mut pending: Vec<Meta> = attributes.iter().rev().map(|attribute| attribute.meta.clone()).collect();
    while let Some(meta) = pending.pop() {
        match &meta {
            Meta::List(list) if list.path.is_ident("cfg_attr") => {
                let inner = Punctuated::<TokenStream, Token![,]>::parse_terminated_with;
                let entries = |input: ParseStream<'_>| inner(input, up_to_comma);
                if let Ok(entries) = entries.parse2(list.tokens.clone()) {
                    // The first entry is the condition.
                    let metas = entries.into_iter().skip(1).filter_map(|entry| syn::parse2(entry).ok());
                    pending.extend(metas.collect::<Vec<Meta>>().into_iter().rev());
                }
            }
            _ => metas.push(meta),
        }
    }
    metas
}

/// Calls `read` for every entry of a comma-separated list. What `read` leaves over is skipped: Diesel's attributes
/// hold expressions and types that are of no interest here.
pub(super) fn for_each_entry(
    tokens: TokenStream,
    mut read: impl FnMut(&str, proc_macro2::Span, ParseStream<'_>) -> syn::Result<()>,
) {
    let parser = |input: ParseStream<'_>| {
        while !input.is_empty() {
            let entry = up_to_comma(input)?;
            let reader = |input: ParseStream<'_>| {
                let Ok(key) = input.call(syn::ext::IdentExt::parse_any) else {
                    return Ok(());
                };
                let key: syn::Ident = key;
                let result = read(&key.to_string(), key.span(), input);
                let _: TokenStream = input.parse()?;
                result
            };
            // An entry that does not read is one that Diesel itself will complain about, or one of no interest.
            let _ = reader.parse2(entry);
            let _: Option<Token![,]> = input.parse()?;
        }
        Ok(())
    };
    let _ = parser.parse2(tokens);
}

/// Tokens up to the next comma that is in no group and in no pair of angle brackets.
fn up_to_comma(input: ParseStream<'_>) -> syn::Result<TokenStream> {
    let mut tokens = TokenStream::new();
    let mut angles = 0usize;
    let mut after_dash = false;
    while !input.is_empty() && (angles > 0 || !input.peek(Token![,])) {
        let token: TokenTree = input.parse()?;
        if let TokenTree::Punct(punct) = &token {
            match punct.as_char() {
                '<' => angles += 1,
                '>' if !after_dash => angles = angles.saturating_sub(1),
                _ => {}
            }
            after_dash = matches!(punct.as_char(), '-' | '=');
        } else {
            after_dash = false;
        }
        tokens.extend([token]);
    }
    Ok(tokens)
}
