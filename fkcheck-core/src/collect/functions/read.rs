//! A file's functions, by its tokens, wherever they stand: in modules, `impl`s, traits, macros.

use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};

use super::body::{Aliases, Body};
use super::raw::{Owner, RawFunction, RawImpl, RawType, RawValue};
use super::types;
use crate::collect::items::{module_before, start_of_item};
use crate::collect::raw::Import;
use crate::collect::tokens::{Places, is_punct, is_word, unraw};
use crate::grammar;
use crate::model::{Allowance, Stated};

/// What a file has of functions.
#[derive(Default)]
pub(in crate::collect) struct Read {
    pub(in crate::collect) functions: Vec<RawFunction>,
    pub(in crate::collect) impls: Vec<RawImpl>,
}

/// What holds for a whole file.
struct Context<'p> {
    places: &'p Places,
    aliases: Aliases,
}

/// One list of tokens and what is around it.
struct Nesting {
    tokens: Vec<TokenTree>,
    modules: Vec<String>,
    owner: Owner,
    is_test: bool,
}

/// Reads everything below `tokens`; `is_test`: the whole file is.
pub(in crate::collect) fn read(
    tokens: TokenStream,
    places: &Places,
    imports: &[Import],
    is_test: bool,
) -> Read {
    let context = Context { places, aliases: Aliases::new(imports) };
    let mut read = Read::default();
    let mut pending = vec![Nesting {
        tokens: tokens.into_iter().collect(),
        modules: Vec::new(),
        owner: Owner::Module,
        is_test,
    }];
    while let Some(level) = pending.pop() {
        let mut at = 0;
        while at < level.tokens.len() {
            at += step(&level, at, &context, &mut read, &mut pending);
        }
    }
    read
}

/// Looks at the token at `at`; returns how many tokens are done with.
fn step(
    level: &Nesting,
    at: usize,
    context: &Context<'_>,
    read: &mut Read,
    pending: &mut Vec<Nesting>,
) -> usize {
    let tokens = &level.tokens;
    match &tokens[at] {
        TokenTree::Ident(word) if word == "macro_rules" => 4,
        TokenTree::Ident(word) if word == "fn" => function(level, at, context, read, pending),
        TokenTree::Ident(word) if word == "impl" && starts_item(tokens, at) => {
            implementation(level, at, read, pending)
        }
        TokenTree::Ident(word) if word == "trait" => {
            let Some(TokenTree::Ident(name)) = tokens.get(at + 1) else { return 1 };
            let Some(body) = body_from(tokens, at) else { return 1 };
            let owner = Owner::Trait(unraw(&name.to_string()));
            descend(group_at(tokens, body), level, None, owner, level.is_test, pending);
            body - at + 1
        }
        TokenTree::Group(group) => {
            let is_attribute = at > 0 && is_punct(tokens.get(at - 1), '#');
            if !is_attribute {
                let module = module_before(tokens, at);
                let is_test = level.is_test
                    || module.as_ref().is_some_and(|module| {
                        module == "tests" || module == "test" || is_for_tests(tokens, at.saturating_sub(2))
                    });
                descend(Some(group), level, module, level.owner.clone(), is_test, pending);
            }
            1
        }
        _ => 1,
    }
}

fn descend(
    group: Option<&Group>,
    level: &Nesting,
    module: Option<String>,
    owner: Owner,
    is_test: bool,
    pending: &mut Vec<Nesting>,
) {
    let Some(group) = group else { return };
    let modules = level.modules.iter().cloned().chain(module).collect();
    pending.push(Nesting { tokens: group.stream().into_iter().collect(), modules, owner, is_test });
}

fn group_at(tokens: &[TokenTree], at: usize) -> Option<&Group> {
    match tokens.get(at) {
        Some(TokenTree::Group(group)) => Some(group),
        _ => None,
    }
}

/// Where the braces are that belong to the item at `at`; `None` where a semicolon comes first.
fn body_from(tokens: &[TokenTree], at: usize) -> Option<usize> {
    let ends = |token: &TokenTree| match token {
        TokenTree::Punct(punct) => punct.as_char() == ';',
        TokenTree::Group(group) => group.delimiter() == Delimiter::Brace,
        _ => false,
    };
    let end = at + tokens[at..].iter().position(ends)?;
    matches!(tokens[end], TokenTree::Group(_)).then_some(end)
}

/// `impl` as an item, not in a type.
fn starts_item(tokens: &[TokenTree], at: usize) -> bool {
    match at.checked_sub(1).and_then(|before| tokens.get(before)) {
        None => true,
        Some(TokenTree::Group(group)) => group.delimiter() != Delimiter::Parenthesis,
        Some(TokenTree::Punct(punct)) => punct.as_char() == ';',
        Some(TokenTree::Ident(word)) => word == "unsafe",
        Some(TokenTree::Literal(_)) => false,
    }
}

/// `impl<T> Trait for Type {..}`
fn implementation(level: &Nesting, at: usize, read: &mut Read, pending: &mut Vec<Nesting>) -> usize {
    let tokens = &level.tokens;
    let Some(body) = body_from(tokens, at) else { return 1 };
    let mut start = at + 1;
    if is_punct(tokens.get(start), '<') {
        start += types::angles(&tokens[start..]) + 1;
    }
    let header = &tokens[start.min(body)..body];
    let word = header.iter().position(|token| is_word(Some(token), "for"));
    let of_type = types::read(word.map_or(header, |word| &header[word + 1..]));
    if let Some(word) = word
        && let (Some(of), Some(for_type)) = (types::read(&header[..word]), of_type.clone())
        && let Some(of) = of.path.last()
    {
        read.impls.push(RawImpl { modules: level.modules.clone(), of: of.clone(), for_type });
    }
    let owner = of_type.map_or(Owner::Module, Owner::Type);
    descend(group_at(tokens, body), level, None, owner, level.is_test, pending);
    body - at + 1
}

/// `fn name(..) -> T {..}`; what is nested in its body is read, too.
fn function(
    level: &Nesting,
    at: usize,
    context: &Context<'_>,
    read: &mut Read,
    pending: &mut Vec<Nesting>,
) -> usize {
    let tokens = &level.tokens;
    let Some(TokenTree::Ident(name)) = tokens.get(at + 1) else { return 1 };
    let Some(end) = body_from(tokens, at) else { return 2 };
    let Some(group) = group_at(tokens, end) else { return 2 };
    let is_params = |token: &TokenTree| matches!(token, TokenTree::Group(group) if group.delimiter() == Delimiter::Parenthesis);
    let mut start = at + 2;
    if is_punct(tokens.get(start), '<') {
        start += types::angles(&tokens[start..]) + 1;
    }
    let Some(params) = tokens[start.min(end)..end].iter().position(is_params).map(|found| start + found)
    else {
        return 2;
    };
    let mut body = Body::new(context.places, &context.aliases);
    bind_parameters(&tokens[params], &mut body);
    let value = body.block(group, 0);
    let returns = returned(&tokens[params + 1..end]);
    let attributes = &tokens[start_of_function(tokens, at)..at];
    let acts = std::mem::take(&mut body.acts);
    read.functions.push(RawFunction {
        name: unraw(&name.to_string()),
        modules: level.modules.clone(),
        owner: level.owner.clone(),
        returns,
        value,
        acts,
        is_test: level.is_test || is_for_tests_within(attributes),
        expects_refusal: body.expects_refusal,
        allow: allowances(attributes, context.places),
        span: context.places.at(name.span()),
    });
    // Functions and modules within.
    let has_items = group.stream().into_iter().any(|token| is_word(Some(&token), "fn"));
    if has_items {
        descend(Some(group), level, None, Owner::Module, level.is_test, pending);
    }
    end - at + 1
}

fn bind_parameters(params: &TokenTree, body: &mut Body<'_>) {
    let TokenTree::Group(params) = params else { return };
    let tokens: Vec<TokenTree> = params.stream().into_iter().collect();
    let mut rest = &tokens[..];
    while !rest.is_empty() {
        let end = types::next_comma(rest);
        let param = &rest[..end];
        let colon =
            (0..param.len()).find(|&at| is_punct(param.get(at), ':') && !is_punct(param.get(at + 1), ':'));
        match colon {
            Some(colon) => {
                let name = param[..colon].iter().rev().find_map(|token| match token {
                    TokenTree::Ident(name) => Some(name.to_string()),
                    _ => None,
                });
                if let (Some(name), Some(of_type)) = (name, types::read(&param[colon + 1..])) {
                    body.bind(&name, RawValue::Of(of_type));
                }
            }
            None if param.iter().any(|token| is_word(Some(token), "self")) => {
                body.bind("self", RawValue::Of(RawType { path: vec!["Self".to_owned()], args: Vec::new() }));
            }
            None => {}
        }
        rest = &rest[end..];
    }
}

/// `T` in `-> T where ..`.
fn returned(tokens: &[TokenTree]) -> Option<RawType> {
    let arrow = is_punct(tokens.first(), '-') && is_punct(tokens.get(1), '>');
    if arrow { types::read(&tokens[2..]) } else { None }
}

/// Back from `fn` over `pub async unsafe extern "C"` and attributes.
fn start_of_function(tokens: &[TokenTree], at: usize) -> usize {
    let mut start = at;
    while let Some(before) = start.checked_sub(1) {
        let is_modifier = match &tokens[before] {
            TokenTree::Ident(word) => {
                ["async", "unsafe", "const", "extern", "default"].contains(&&*word.to_string())
            }
            TokenTree::Literal(_) => true,
            _ => false,
        };
        if !is_modifier {
            break;
        }
        start = before;
    }
    start_of_item(tokens, start)
}

/// Whether the item whose keyword is at `at` is for tests.
fn is_for_tests(tokens: &[TokenTree], at: usize) -> bool {
    is_for_tests_within(&tokens[start_of_item(tokens, at)..at])
}

/// `#[test]`, `#[tokio::test]`, `#[cfg(test)]` among attributes.
fn is_for_tests_within(attributes: &[TokenTree]) -> bool {
    attributes.iter().any(|token| match token {
        TokenTree::Group(group) => {
            let tokens: Vec<TokenTree> = group.stream().into_iter().collect();
            let path_ends = tokens.iter().take_while(|token| !matches!(token, TokenTree::Group(_))).last();
            is_word(path_ends, "test")
                || is_word(path_ends, "rstest")
                || matches!(&tokens[..], [TokenTree::Ident(cfg), TokenTree::Group(list)]
                    if cfg == "cfg" && list.stream().into_iter().any(|token| is_word(Some(&token), "test")))
        }
        _ => false,
    })
}

/// `#[fk(allow(..))]` on the function.
fn allowances(attributes: &[TokenTree], places: &Places) -> Vec<Allowance> {
    let of_attribute = |token: &TokenTree| {
        let TokenTree::Group(group) = token else { return Vec::new() };
        let tokens: Vec<TokenTree> = group.stream().into_iter().collect();
        let Some(TokenTree::Group(list)) = tokens.last() else { return Vec::new() };
        let is_ours = tokens.len() >= 2 && is_word(tokens.get(tokens.len() - 2), "fk");
        if !is_ours {
            return Vec::new();
        }
        let annotation = grammar::parse_annotation(list.stream(), group.span(), &mut Vec::new());
        let allowance = |allow: &grammar::Allow| Allowance {
            rule: Stated { value: allow.rule, span: places.at(allow.span) },
            reason: allow.reason.as_ref().map(syn::LitStr::value),
        };
        annotation.allow.iter().map(allowance).collect()
    };
    attributes.iter().flat_map(of_attribute).collect()
}
