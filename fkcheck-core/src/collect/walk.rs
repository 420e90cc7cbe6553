//! Walks a file's tokens, without recursion, and hands on what matters: macros by name, structs by keyword.

use std::path::Path;

use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};

use super::raw::{Elsewhere, FileFacts, Generated, Import};
use super::tokens::{Places, is_punct, is_word, text_of, unraw};
use super::{guard, imports, models, schema};

/// One list of tokens and the modules around it.
struct Nesting {
    tokens: Vec<TokenTree>,
    modules: Vec<String>,
}

/// Reads everything below `tokens` into `facts`.
pub(super) fn walk(tokens: TokenStream, places: &Places, facts: &mut FileFacts) {
    let mut pending = vec![Nesting { tokens: tokens.into_iter().collect(), modules: Vec::new() }];
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
        TokenTree::Ident(word) if word == "macro_rules" => skip_macro_rules(&tokens[at..], places, facts),
        TokenTree::Ident(word) if word == "use" => {
            let before = facts.imports.len();
            let read = imports::read_use(&tokens[at..], &level.modules, &mut facts.imports);
            let is_renamed = |import: &Import| {
                import.name != "foreign_keys" && import.path.last().is_some_and(|last| last == "foreign_keys")
            };
            if facts.imports[before..].iter().any(|import| is_renamed(import) && import.name != "*") {
                let message = "`foreign_keys!` under another name isn't read; import it as it is called";
                facts.fault(message.to_owned(), Some(places.at(word.span())));
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
            1
        }
        TokenTree::Ident(word) if is_punct(tokens.get(at + 1), '!') => match tokens.get(at + 2) {
            Some(TokenTree::Group(body)) => {
                if word == "include" {
                    facts.generated.extend(generated(body).map(|path| Generated {
                        path,
                        modules: level.modules.clone(),
                        span: places.at(body.span()),
                    }));
                    let path = included(body, &facts.source.path);
                    facts.elsewhere.extend(path.map(|path| Elsewhere::included(path, &level.modules)));
                } else if TEMPLATES.contains(&word.to_string().as_str()) {
                    // What it makes is another crate's code.
                } else if !read_macro(&word.to_string(), body, level, places, facts) {
                    descend(body, level.modules.clone(), pending);
                }
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
                descend(group, modules, pending);
            }
            1
        }
        _ => 1,
    }
}

/// Macros whose body is a template of code.
const TEMPLATES: [&str; 4] = ["quote", "quote_spanned", "parse_quote", "parse_quote_spanned"];

/// Whether an item stands in a macro's template: `#name` or `#(..)*` in it, which no code has.
fn is_template(item: &TokenStream) -> bool {
    let mut pending = vec![item.clone()];
    while let Some(stream) = pending.pop() {
        let mut after_hash = false;
        for token in stream {
            let is_interpolated = match &token {
                TokenTree::Ident(_) => true,
                TokenTree::Group(group) => group.delimiter() == Delimiter::Parenthesis,
                _ => false,
            };
            if after_hash && is_interpolated {
                return true;
            }
            after_hash = is_punct(Some(&token), '#');
            if let TokenTree::Group(group) = token {
                pending.push(group.stream());
            }
        }
    }
    false
}

fn descend(group: &Group, modules: Vec<String>, pending: &mut Vec<Nesting>) {
    pending.push(Nesting { tokens: group.stream().into_iter().collect(), modules });
}

/// The file in `("a.rs")`, `(concat!("a", ".rs"))` or `(concat!(env!("CARGO_MANIFEST_DIR"), "/a.rs"))`.
fn included(body: &Group, file: &Path) -> Option<String> {
    let Some((variable, text)) = concatenated(body) else {
        return text_of(body.stream().into_iter().next());
    };
    let Some(variable) = variable else { return Some(text) };
    let is_manifest = |directory: &&Path| directory.join("Cargo.toml").is_file();
    let directory =
        file.ancestors().skip(1).find(is_manifest).filter(|_| variable == "CARGO_MANIFEST_DIR")?;
    let depth = file.parent()?.strip_prefix(directory).ok()?.components().count();
    Some("../".repeat(depth) + text.trim_start_matches('/'))
}

/// `/schema.rs` in `(concat!(env!("OUT_DIR"), "/schema.rs"))`.
fn generated(body: &Group) -> Option<String> {
    let (variable, text) = concatenated(body)?;
    variable.filter(|name| name == "OUT_DIR")?;
    Some(text.trim_start_matches(['/', '\\']).to_owned())
}

/// The variable and the text in `(concat!(env!("VARIABLE"), "te", "xt"))`; there may be no variable.
fn concatenated(body: &Group) -> Option<(Option<String>, String)> {
    let tokens: Vec<TokenTree> = body.stream().into_iter().collect();
    let [name, bang, TokenTree::Group(list), ..] = &tokens[..] else { return None };
    if !is_word(Some(name), "concat") || !is_punct(Some(bang), '!') {
        return None;
    }
    let tokens: Vec<TokenTree> = list.stream().into_iter().collect();
    let (variable, rest) = match &tokens[..] {
        [env, bang, TokenTree::Group(variable), rest @ ..]
            if is_word(Some(env), "env") && is_punct(Some(bang), '!') =>
        {
            (Some(text_of(variable.stream().into_iter().next())?), rest)
        }
        all => (None, all),
    };
    let texts = rest.iter().filter(|token| !is_punct(Some(token), ','));
    let text = texts.map(|token| text_of(Some(token.clone()))).collect::<Option<String>>()?;
    Some((variable, text))
}

/// `name` in `mod name { .. }`, if the group at `at` is its body.
pub(crate) fn module_before(tokens: &[TokenTree], at: usize) -> Option<String> {
    match (tokens.get(at.checked_sub(2)?)?, tokens.get(at - 1)?) {
        (TokenTree::Ident(keyword), TokenTree::Ident(name)) if keyword == "mod" => {
            Some(unraw(&name.to_string()))
        }
        _ => None,
    }
}

/// `macro_rules! name { .. }`: its body is patterns, not items. Annotations in it are not seen, and that is said.
fn skip_macro_rules(tokens: &[TokenTree], places: &Places, facts: &mut FileFacts) -> usize {
    match tokens {
        [_, TokenTree::Punct(_), TokenTree::Ident(name), TokenTree::Group(body), ..] => {
            if holds_annotations(body) {
                let message = format!("annotations inside of `macro_rules! {name}` can't be read");
                facts.fault(message, Some(places.at(name.span())));
            }
            4
        }
        _ => 1,
    }
}

/// Whether `#[fk(..)]` or `foreign_keys!` stands somewhere inside.
fn holds_annotations(body: &Group) -> bool {
    let mut pending = vec![body.stream()];
    while let Some(stream) = pending.pop() {
        let tokens: Vec<TokenTree> = stream.into_iter().collect();
        let is_line =
            |pair: &[TokenTree]| is_word(pair.first(), "foreign_keys") && is_punct(pair.last(), '!');
        if tokens.windows(2).any(|pair| is_line(pair) || attribute(pair, "fk").is_some()) {
            return true;
        }
        pending.extend(tokens.iter().filter_map(|token| match token {
            TokenTree::Group(group) => Some(group.stream()),
            _ => None,
        }));
    }
    false
}

/// What follows the name in `#[name ..]`.
fn attribute(tokens: &[TokenTree], name: &str) -> Option<Vec<TokenTree>> {
    match tokens {
        [TokenTree::Punct(hash), TokenTree::Group(group), ..] if hash.as_char() == '#' => {
            let mut inner = group.stream().into_iter();
            is_word(inner.next().as_ref(), name).then(|| inner.collect())
        }
        _ => None,
    }
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
    if is_template(&body.stream()) {
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

/// Reads the struct whose keyword is at `at`, its attributes included, if any of them matters.
fn read_struct(level: &Nesting, at: usize, places: &Places, facts: &mut FileFacts) -> usize {
    let tokens = &level.tokens[..];
    let Some(length) = length_of_struct(&tokens[at..]) else { return 1 };
    let start = start_of_item(tokens, at);
    let item: TokenStream = tokens[start..at + length].iter().cloned().collect();
    if start < at && models::matters(&tokens[start..at]) && !is_template(&item) {
        let place = places.at(tokens[at + 1].span());
        match guard::refuse(&item) {
            Some(why) => facts.fault(format!("struct `{}` was not read: {why}", tokens[at + 1]), Some(place)),
            None => models::read_struct(item, &level.modules, place, places, facts),
        }
    }
    length
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
