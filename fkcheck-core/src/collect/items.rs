//! Where an item begins and ends in a list of tokens.

use proc_macro2::{Delimiter, TokenTree};

use super::tokens::{is_punct, unraw};

/// `name` in `mod name { .. }`, if the group at `at` is its body.
pub(crate) fn module_before(tokens: &[TokenTree], at: usize) -> Option<String> {
    match (tokens.get(at.checked_sub(2)?)?, tokens.get(at - 1)?) {
        (TokenTree::Ident(keyword), TokenTree::Ident(name)) if keyword == "mod" => {
            Some(unraw(&name.to_string()))
        }
        _ => None,
    }
}

/// From the keyword to the closing brace or the semicolon. `None`: not a struct after all (`struct` in a macro's input).
pub(crate) fn length_of_struct(tokens: &[TokenTree]) -> Option<usize> {
    matches!(tokens.get(1)?, TokenTree::Ident(_)).then_some(())?;
    let mut angles = 0usize;
    for (at, token) in tokens.iter().enumerate().skip(2) {
        match token {
            TokenTree::Punct(punct) => match punct.as_char() {
                '<' => angles += 1,
                '>' => angles = angles.saturating_sub(1),
                ';' => return Some(at + 1),
                _ => {}
            },
            TokenTree::Group(group) if group.delimiter() == Delimiter::Brace && angles == 0 => {
                return Some(at + 1);
            }
            _ => {}
        }
    }
    None
}

/// Back from the keyword over `pub(..)` and `#[..]`.
pub(crate) fn start_of_item(tokens: &[TokenTree], at: usize) -> usize {
    let is_group = |token: Option<&TokenTree>, delimiter| matches!(token, Some(TokenTree::Group(group)) if group.delimiter() == delimiter);
    let before = |at: usize, by: usize| at.checked_sub(by).and_then(|at| tokens.get(at));
    let is_pub = |token: Option<&TokenTree>| matches!(token, Some(TokenTree::Ident(word)) if word == "pub");
    let mut start = at;
    if is_pub(before(start, 1)) {
        start -= 1;
    } else if is_group(before(start, 1), Delimiter::Parenthesis) && is_pub(before(start, 2)) {
        start -= 2;
    }
    while is_group(before(start, 1), Delimiter::Bracket) && is_punct(before(start, 2), '#') {
        start -= 2;
    }
    start
}
