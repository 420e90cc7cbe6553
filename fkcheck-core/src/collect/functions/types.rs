//! Types as written, by their tokens.

use proc_macro2::{Delimiter, TokenTree};

use super::raw::RawType;
use crate::collect::tokens::{is_punct, unraw};

/// Deeper ones are not followed.
const DEPTH: usize = 8;

/// The type that the tokens begin with, references, slices and lifetimes taken off.
pub(super) fn read(tokens: &[TokenTree]) -> Option<RawType> {
    read_to(tokens, DEPTH).map(|(read, _)| read)
}

/// The type, and how many tokens it takes.
pub(super) fn read_to(tokens: &[TokenTree], depth: usize) -> Option<(RawType, usize)> {
    let depth = depth.checked_sub(1)?;
    let mut at = 0;
    loop {
        match tokens.get(at)? {
            TokenTree::Punct(punct) if punct.as_char() == '\'' => at += 2,
            TokenTree::Punct(punct) if matches!(punct.as_char(), '&' | '*') => at += 1,
            TokenTree::Ident(word) if ["mut", "dyn", "impl", "const"].contains(&&*word.to_string()) => {
                at += 1;
            }
            TokenTree::Group(group) if group.delimiter() == Delimiter::Bracket => {
                let inner: Vec<TokenTree> = group.stream().into_iter().collect();
                return read_to(&inner, depth).map(|(read, _)| (read, at + 1));
            }
            TokenTree::Ident(_) => break,
            TokenTree::Punct(punct) if punct.as_char() == ':' => at += 1,
            _ => return None,
        }
    }
    let mut read = RawType { path: Vec::new(), args: Vec::new() };
    while let Some(TokenTree::Ident(word)) = tokens.get(at) {
        read.path.push(unraw(&word.to_string()));
        at += 1;
        let colons = |at: usize| is_punct(tokens.get(at), ':') && is_punct(tokens.get(at + 1), ':');
        if colons(at) && is_punct(tokens.get(at + 2), '<') {
            at += 2;
        }
        if is_punct(tokens.get(at), '<') {
            let (args, end) = arguments(&tokens[at..], depth);
            read.args = args;
            at += end;
        }
        if !colons(at) {
            break;
        }
        at += 2;
    }
    Some((read, at))
}

/// `<A, B<C>, Output = D>`, and how many tokens it takes.
pub(super) fn arguments(tokens: &[TokenTree], depth: usize) -> (Vec<RawType>, usize) {
    let end = angles(tokens);
    let mut args = Vec::new();
    let mut rest = &tokens[1..end.max(1).min(tokens.len())];
    while !rest.is_empty() {
        // `Output = D` is `D`.
        if is_punct(rest.get(1), '=') && !is_punct(rest.get(2), '=') {
            rest = &rest[2..];
        }
        if let Some((read, _)) = read_to(rest, depth) {
            args.push(read);
        }
        rest = &rest[next_comma(rest)..];
    }
    (args, end + 1)
}

/// Where the angle bracket at the start is closed.
pub(super) fn angles(tokens: &[TokenTree]) -> usize {
    let mut open = 0usize;
    for (at, token) in tokens.iter().enumerate() {
        match token {
            TokenTree::Punct(punct) if punct.as_char() == '<' => open += 1,
            TokenTree::Punct(punct) if punct.as_char() == '>' => {
                if at > 0 && is_punct(tokens.get(at - 1), '-') {
                    continue;
                }
                open = open.saturating_sub(1);
                if open == 0 {
                    return at;
                }
            }
            _ => {}
        }
    }
    tokens.len()
}

/// After the next comma that isn't within angle brackets.
pub(super) fn next_comma(tokens: &[TokenTree]) -> usize {
    let mut open = 0usize;
    for (at, token) in tokens.iter().enumerate() {
        match token {
            TokenTree::Punct(punct) if punct.as_char() == '<' => open += 1,
            TokenTree::Punct(punct) if punct.as_char() == '>' => open = open.saturating_sub(1),
            TokenTree::Punct(punct) if punct.as_char() == ',' && open == 0 => return at + 1,
            _ => {}
        }
    }
    tokens.len()
}
