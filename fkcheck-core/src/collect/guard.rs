//! Bounds what is handed to the parser, which recurses and can't be stopped: a stack overflow aborts the process.

use proc_macro2::{TokenStream, TokenTree};

/// Stack of a thread that parses, in bytes. Measured in a debug build: 128 nested `Vec<` take under 8 MiB.
pub(super) const STACK: usize = 64 << 20;

/// How deep groups and angle brackets may nest. The deepest of 19,156 published files nests 64 deep.
const DEPTH: usize = 128;

/// How many prefix operators may follow each other, as in `&&&&T` or `!!!!x`.
const PREFIXES: usize = 128;

/// Tokens in one list; binary chains make trees as deep as they are long.
const TOKENS: usize = 200_000;

/// Why the tokens are too much for the parser, if they are. Does not recurse itself.
pub(super) fn refuse(tokens: &TokenStream) -> Option<String> {
    let mut pending = vec![(tokens.clone(), 0usize)];
    let mut total = 0usize;
    while let Some((stream, depth)) = pending.pop() {
        if depth > DEPTH {
            return Some(format!("nested more than {DEPTH} deep"));
        }
        let mut angles = 0usize;
        let mut prefixes = 0usize;
        for token in stream {
            total += 1;
            match token {
                TokenTree::Group(group) => {
                    pending.push((group.stream(), depth + 1));
                    prefixes = 0;
                }
                TokenTree::Punct(punct) => {
                    prefixes += 1;
                    match punct.as_char() {
                        '<' => angles += 1,
                        '>' => angles = angles.saturating_sub(1),
                        ';' => angles = 0,
                        _ => {}
                    }
                }
                TokenTree::Ident(ident) => {
                    // `*const *const T`, `dyn`, `return return x`: keywords that open another level.
                    if ident != "const" && ident != "mut" && ident != "return" && ident != "break" {
                        prefixes = 0;
                    }
                }
                TokenTree::Literal(_) => prefixes = 0,
            }
            if angles + depth > DEPTH {
                return Some(format!("nested more than {DEPTH} deep"));
            }
            if prefixes > PREFIXES {
                return Some(format!("more than {PREFIXES} operators in a row"));
            }
            if total > TOKENS {
                return Some(format!("more than {TOKENS} tokens in one item"));
            }
        }
    }
    None
}
