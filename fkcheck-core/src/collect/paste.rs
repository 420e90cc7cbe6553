//! `paste! { .. }`: names put together of their parts.

use proc_macro2::{Delimiter, Group, Ident, TokenStream, TokenTree};

use super::guard;
use super::tokens::{is_punct, text_of, unraw};

/// The input with each `[<a _b>]` as `a_b`. One with changes of case (`[<a:camel>]`) stays as it is, and what it names is not
/// read.
pub(super) fn pasted(input: TokenStream) -> TokenStream {
    // It recurses.
    if guard::refuse(&input).is_some() { input } else { input.into_iter().map(token).collect() }
}

fn token(token: TokenTree) -> TokenTree {
    let TokenTree::Group(group) = token else { return token };
    if let Some(name) = name(&group) {
        return name.into();
    }
    let mut pasted = Group::new(group.delimiter(), group.stream().into_iter().map(self::token).collect());
    pasted.set_span(group.span());
    pasted.into()
}

/// `[<a "b" 1>]`
fn name(group: &Group) -> Option<Ident> {
    let tokens: Vec<TokenTree> = group.stream().into_iter().collect();
    let [open, parts @ .., close] = &tokens[..] else { return None };
    if group.delimiter() != Delimiter::Bracket || !is_punct(Some(open), '<') || !is_punct(Some(close), '>') {
        return None;
    }
    let text = parts.iter().map(part).collect::<Option<String>>()?;
    let mut name = syn::parse_str::<Ident>(&text).ok()?;
    name.set_span(group.span());
    Some(name)
}

fn part(token: &TokenTree) -> Option<String> {
    match token {
        TokenTree::Ident(word) => Some(unraw(&word.to_string())),
        TokenTree::Literal(literal) => {
            Some(text_of(Some(token.clone())).unwrap_or_else(|| literal.to_string()))
        }
        _ => None,
    }
}
