//! Walks a file's tokens, without recursion, and hands on what matters: macros by name, structs by keyword.

use proc_macro2::{Delimiter, Group, Ident, TokenStream, TokenTree};

use super::items::{length_of_struct, module_before, start_of_item};
use super::raw::{Elsewhere, FileFacts};
use super::tokens::{Places, is_punct, is_word, text_of, unraw};
use super::unread::{self, Call};
use super::{guard, imports, included, models, paste, schema};

/// One list of tokens and what is around it.
struct Nesting {
    tokens: Vec<TokenTree>,
    modules: Vec<String>,
    /// The outermost macro call whose input it is part of.
    call: Option<Call>,
}

/// Reads everything below `tokens` into `facts`.
pub(super) fn walk(tokens: TokenStream, places: &Places, facts: &mut FileFacts) {
    let mut pending = vec![Nesting { tokens: tokens.into_iter().collect(), modules: Vec::new(), call: None }];
    while let Some(level) = pending.pop() {
        let mut at = 0;
        while at < level.tokens.len() {
            at += step(&level, at, places, facts, &mut pending);
        }
    }
}

/// Looks at the token at `at`; returns how many tokens are done with.
fn step(
    level: &Nesting,
    at: usize,
    places: &Places,
    facts: &mut FileFacts,
    pending: &mut Vec<Nesting>,
) -> usize {
    let tokens = &level.tokens;
    match &tokens[at] {
        TokenTree::Ident(word) if word == "macro_rules" => unread::macro_rules(&tokens[at..], places, facts),
        TokenTree::Ident(word) if word == "use" => {
            let before = facts.imports.len();
            let read = imports::read_use(&tokens[at..], &level.modules, &mut facts.imports);
            let before_it = at.checked_sub(1).and_then(|before| tokens.get(before));
            let is_public = is_word(before_it, "pub") || is_scope_of_pub(before_it);
            facts.imports[before..].iter_mut().for_each(|import| import.is_public = is_public);
            if let Some(name) = facts.imports[before..].iter().find_map(unread::renamed) {
                let message = format!("`{name}!` under another name isn't read; import it as it is called");
                facts.fault(message, Some(places.at(word.span())));
            }
            read
        }
        TokenTree::Ident(word) if word == "type" => {
            imports::read_alias(&tokens[at..], &level.modules, &mut facts.imports);
            1
        }
        TokenTree::Ident(word) if word == "struct" => read_struct(level, at, places, facts),
        TokenTree::Punct(hash) if hash.as_char() == '#' => {
            facts.elsewhere.extend(path_attribute(&tokens[at + 1..], &level.modules));
            if let Some(call) = &level.call
                && unread::is_stray(&tokens[at..])
            {
                call.not_read(places.at(hash.span()), facts);
            }
            1
        }
        TokenTree::Ident(word) if is_punct(tokens.get(at + 1), '!') => match tokens.get(at + 2) {
            Some(TokenTree::Group(body)) => {
                read_call(word, body, level, places, facts, pending);
                3
            }
            _ => 1,
        },
        TokenTree::Group(group) => {
            // `#[..]` holds no items.
            let is_attribute =
                at > 0 && group.delimiter() == Delimiter::Bracket && is_punct(tokens.get(at - 1), '#');
            if !is_attribute {
                let mut modules = level.modules.clone();
                modules.extend(module_before(tokens, at));
                descend(group.stream(), modules, level.call.clone(), pending);
            }
            1
        }
        _ => 1,
    }
}

/// `(crate)` in `pub(crate)`.
fn is_scope_of_pub(token: Option<&TokenTree>) -> bool {
    matches!(token, Some(TokenTree::Group(group)) if group.delimiter() == Delimiter::Parenthesis)
}

/// `word! body`: ours, one that leads to a file, a template, or another's, whose input may hold items.
fn read_call(
    word: &Ident,
    body: &Group,
    level: &Nesting,
    places: &Places,
    facts: &mut FileFacts,
    pending: &mut Vec<Nesting>,
) {
    let name = word.to_string();
    if name == "include" {
        return included::read(body, &level.modules, places, facts);
    }
    if unread::is_template_of(&name) || read_macro(&name, body, level, places, facts) {
        return;
    }
    let call = Call::new(&name, body);
    let input = if name == "paste" { paste::pasted(body.stream()) } else { body.stream() };
    descend(input, level.modules.clone(), Some(call), pending);
}

fn descend(tokens: TokenStream, modules: Vec<String>, call: Option<Call>, pending: &mut Vec<Nesting>) {
    pending.push(Nesting { tokens: tokens.into_iter().collect(), modules, call });
}

/// `..` in `#[path = ".."]`, also within `cfg_attr`: a module whose file lies where nobody looks for it. `after` is what
/// follows the `#`.
fn path_attribute(after: &[TokenTree], modules: &[String]) -> Option<Elsewhere> {
    let TokenTree::Group(group) = after.first()? else { return None };
    let mut tokens: Vec<TokenTree> = group.stream().into_iter().collect();
    if let [TokenTree::Ident(name), TokenTree::Group(list)] = &tokens[..]
        && name == "cfg_attr"
    {
        tokens = list.stream().into_iter().collect();
    }
    let at = tokens.iter().position(|token| is_word(Some(token), "path"))?;
    let path = is_punct(tokens.get(at + 1), '=').then(|| text_of(tokens.get(at + 2).cloned()))??;
    // `mod name;`, maybe after other attributes and `pub(..)`.
    let before = after.iter().take(16).position(|token| is_word(Some(token), "mod"))?;
    let TokenTree::Ident(name) = after.get(before + 1)? else { return None };
    Some(Elsewhere::module(path, modules, unraw(&name.to_string())))
}

/// Reads the macro if it is one of ours; false if it is another's.
fn read_macro(name: &str, body: &Group, level: &Nesting, places: &Places, facts: &mut FileFacts) -> bool {
    let is_ours = match name {
        "table" | "view" => schema::looks_like_table(&body.stream()),
        "joinable" => schema::looks_like_joinable(&body.stream()),
        "foreign_keys" => true,
        _ => false,
    };
    if !is_ours {
        return false;
    }
    if unread::is_template(&body.stream()) {
        return true;
    }
    if let Some(why) = guard::refuse(&body.stream()) {
        facts.fault(format!("`{name}!` was not read: {why}"), Some(places.at(body.span())));
        return true;
    }
    match name {
        "joinable" => schema::read_joinable(body.stream(), &level.modules, places, facts),
        "foreign_keys" => models::read_foreign_keys(body.stream(), &level.modules, places, facts),
        _ => schema::read_tables(body.stream(), name == "view", &level.modules, places, facts),
    }
    true
}

/// Reads the struct whose keyword is at `at`, its attributes included, if any of them matters. What can't be read and holds
/// annotations is named.
fn read_struct(level: &Nesting, at: usize, places: &Places, facts: &mut FileFacts) -> usize {
    let tokens = &level.tokens[..];
    let Some(length) = length_of_struct(&tokens[at..]) else { return 1 };
    let start = start_of_item(tokens, at);
    let item: TokenStream = tokens[start..at + length].iter().cloned().collect();
    if unread::is_template(&item) {
        return length;
    }
    let place = places.at(tokens[at + 1].span());
    if start < at && models::matters(&tokens[start..at]) {
        match guard::refuse(&item) {
            Some(why) => facts.fault(format!("struct `{}` was not read: {why}", tokens[at + 1]), Some(place)),
            None => models::read_struct(item, &level.modules, place, places, facts),
        }
    } else if unread::holds_annotations(item) {
        unread::of_no_table(&tokens[at + 1], place, facts);
    }
    length
}
