//! `use a::{b as c};` and `type C = a::b;`: which path a name stands for.

use proc_macro2::TokenTree;

use super::raw::Import;
use super::tokens::{is_punct, unraw};

/// Paths longer than this are not followed: nobody writes them.
const SEGMENTS: usize = 32;

/// `use a::{b as c};`, from the keyword on; adds what is imported and returns how many tokens are done with.
/// `use<'a>` in a type imports nothing.
pub(crate) fn read_use(tokens: &[TokenTree], modules: &[String], imports: &mut Vec<Import>) -> usize {
    if is_punct(tokens.get(1), '<') {
        return 1;
    }
    let end = tokens.iter().position(|token| is_punct(Some(token), ';')).unwrap_or(tokens.len());
    let mut pending = vec![(tokens[1..end].to_vec(), Vec::new())];
    while let Some((tokens, prefix)) = pending.pop() {
        for tree in tokens.split(|token| is_punct(Some(token), ',')) {
            match read_tree(tree, &prefix) {
                Some(Tree::Leaf { name, path }) => {
                    imports.push(Import { modules: modules.to_vec(), name, path, is_public: false });
                }
                Some(Tree::Branch { tokens, prefix }) => pending.push((tokens, prefix)),
                None => {}
            }
        }
    }
    end
}

enum Tree {
    Leaf { name: String, path: Vec<String> },
    Branch { tokens: Vec<TokenTree>, prefix: Vec<String> },
}

/// `a::b`, `a::b as c`, `a::*` or `a::{..}`.
fn read_tree(tokens: &[TokenTree], prefix: &[String]) -> Option<Tree> {
    let mut path = prefix.to_vec();
    let mut tokens = tokens.iter();
    let mut name = None;
    while let Some(token) = tokens.next() {
        match token {
            TokenTree::Group(group) => {
                let tokens = group.stream().into_iter().collect();
                return (path.len() < SEGMENTS).then_some(Tree::Branch { tokens, prefix: path });
            }
            TokenTree::Ident(word) if word == "as" => {
                name = tokens.next().map(|alias| unraw(&alias.to_string()));
            }
            TokenTree::Ident(word) => path.push(unraw(&word.to_string())),
            TokenTree::Punct(star) if star.as_char() == '*' => name = Some("*".to_owned()),
            _ => {}
        }
    }
    if path.len() > 1 && path.last().is_some_and(|last| last == "self") {
        path.pop();
    }
    let name = name.or_else(|| path.last().cloned())?;
    let is_path = !path.is_empty() || name == "*";
    (is_path && path.len() <= SEGMENTS).then_some(Tree::Leaf { name, path })
}

/// `type C = a::b;`, from the keyword on.
pub(super) fn read_alias(tokens: &[TokenTree], modules: &[String], imports: &mut Vec<Import>) {
    let [_, TokenTree::Ident(name), TokenTree::Punct(equals), path @ ..] = tokens else { return };
    if equals.as_char() != '=' {
        return;
    }
    let is_of_path = |token: &&TokenTree| match token {
        TokenTree::Ident(_) => true,
        TokenTree::Punct(punct) => punct.as_char() == ':',
        _ => false,
    };
    let segments = path.iter().take_while(is_of_path).filter_map(|token| match token {
        TokenTree::Ident(word) => Some(unraw(&word.to_string())),
        _ => None,
    });
    let path: Vec<String> = segments.take(SEGMENTS).collect();
    if !path.is_empty() {
        imports.push(Import {
            modules: modules.to_vec(),
            name: unraw(&name.to_string()),
            path,
            is_public: false,
        });
    }
}
