//! A function's body: which rows it deletes and updates, what it calls, and which table a value belongs to.
//!
//! One pass over the tokens in the order of the source. A variable is what was bound last under its name, so a value that is
//! bound in one branch and used in another is taken for the same; that is enough to tell tables.

use std::collections::HashMap;
use std::sync::Arc;

use proc_macro2::{Delimiter, Group, TokenTree};

use super::raw::{RawAct, RawDeed, RawType, RawValue, Set};
use super::{sql, types};
use crate::collect::raw::Import;
use crate::collect::tokens::{Places, is_punct, is_word, text_of, unraw};
use crate::model::Rows;

/// Deeper groups are not looked into; the deepest of 19,156 published files nests 64 deep.
const DEPTH: usize = 128;

/// Calls in a chain beyond this are taken not to change what it belongs to; it is followed by recursion.
const LONGEST: usize = 64;

/// Methods whose result belongs to the table of what they are called on.
const SAME: [&str; 36] = [
    "clone",
    "cloned",
    "iter",
    "iter_mut",
    "into_iter",
    "as_ref",
    "as_mut",
    "as_deref",
    "as_slice",
    "unwrap",
    "expect",
    "unwrap_or",
    "unwrap_or_else",
    "unwrap_or_default",
    "ok",
    "ok_or",
    "ok_or_else",
    "map_err",
    "to_owned",
    "to_vec",
    "borrow",
    "collect",
    "rev",
    "into_inner",
    "as_mut_slice",
    "drain",
    "pop",
    "optional",
    "into_boxed",
    "take",
    "skip",
    "chain",
    "filter_ok",
    "inspect",
    "deref",
    "context",
];

/// Other names of `diesel::delete` and `diesel::update` in a file: `use diesel::delete as remove;`.
#[derive(Default)]
pub(super) struct Aliases {
    delete: Vec<String>,
    update: Vec<String>,
}

impl Aliases {
    pub(super) fn new(imports: &[Import]) -> Self {
        let of = |function: &str| {
            let is_it = |import: &&Import| matches!(&import.path[..], [first, .., last] if first == "diesel" && last == function);
            imports.iter().filter(is_it).map(|import| import.name.clone()).collect()
        };
        Aliases { delete: of("delete"), update: of("update") }
    }

    /// `delete` or `update` for another name of it, else the last segment.
    fn meant<'a>(&self, path: &'a [String]) -> &'a str {
        match path {
            [name] if self.delete.contains(name) => "delete",
            [name] if self.update.contains(name) => "update",
            _ => path.last().map_or("", String::as_str),
        }
    }
}

/// What is read of one body.
pub(super) struct Body<'p> {
    places: &'p Places,
    aliases: &'p Aliases,
    variables: HashMap<String, RawValue>,
    pub(super) acts: Vec<RawAct>,
    pub(super) expects_refusal: bool,
}

impl<'p> Body<'p> {
    pub(super) fn new(places: &'p Places, aliases: &'p Aliases) -> Self {
        Body { places, aliases, variables: HashMap::new(), acts: Vec::new(), expects_refusal: false }
    }

    pub(super) fn bind(&mut self, name: &str, value: RawValue) {
        self.variables.insert(unraw(name), value);
    }

    /// Reads statements; the value is that of the last expression.
    pub(super) fn block(&mut self, group: &Group, depth: usize) -> RawValue {
        let tokens: Vec<TokenTree> = group.stream().into_iter().collect();
        self.run(&tokens, depth)
    }

    fn run(&mut self, tokens: &[TokenTree], depth: usize) -> RawValue {
        if depth > DEPTH {
            return RawValue::Unknown;
        }
        let mut at = 0;
        let mut last = RawValue::Unknown;
        while at < tokens.len() {
            let before = at;
            match &tokens[at] {
                TokenTree::Ident(word) if word == "let" => at = self.read_let(tokens, at, depth),
                TokenTree::Ident(word) if word == "for" => at = self.read_for(tokens, at, depth),
                TokenTree::Ident(word) if word == "match" => at = self.read_match(tokens, at, depth),
                // Items have their own scope, and are read by themselves.
                TokenTree::Ident(word) if word == "fn" || word == "use" => at = after_item(tokens, at),
                TokenTree::Ident(word) if is_keyword(&word.to_string()) => at += 1,
                TokenTree::Ident(_) => (last, at) = self.chain(tokens, at, depth),
                TokenTree::Group(group) if group.delimiter() == Delimiter::Parenthesis => {
                    (last, at) = self.chain(tokens, at, depth);
                }
                TokenTree::Group(group) => {
                    let is_attribute = at > 0 && is_punct(tokens.get(at - 1), '#');
                    if !is_attribute {
                        last = self.block(group, depth + 1);
                    }
                    at += 1;
                }
                TokenTree::Punct(punct) => {
                    if punct.as_char() == '|' {
                        self.bind_typed(&tokens[at..]);
                    }
                    if matches!(punct.as_char(), ';' | ',') {
                        last = RawValue::Unknown;
                    }
                    at += 1;
                }
                TokenTree::Literal(_) => {
                    self.text(&tokens[at]);
                    at += 1;
                }
            }
            at = at.max(before + 1);
        }
        last
    }

    /// `let x: T = ..;`, `if let Some(x) = .. {`, `let Ok(x) = .. else {`: binds, and goes on after the value.
    fn read_let(&mut self, tokens: &[TokenTree], at: usize, depth: usize) -> usize {
        let Some(equals) = (at + 1..tokens.len().min(at + 64))
            .take_while(|&at| !is_punct(tokens.get(at), ';'))
            .find(|&at| is_assignment(tokens, at))
        else {
            return at + 1;
        };
        let pattern = &tokens[at + 1..equals];
        let colon = (0..pattern.len()).find(|&at| is_single_colon(pattern, at));
        let (names, of_type) = match colon {
            Some(colon) => (&pattern[..colon], types::read(&pattern[colon + 1..])),
            None => (pattern, None),
        };
        let (value, next) = self.expression(tokens, equals + 1, depth);
        let value = match of_type {
            Some(of_type) if !is_placeholder(&of_type) => RawValue::Of(of_type),
            _ => value,
        };
        self.bind_pattern(names, &value);
        next.max(equals + 1)
    }

    /// `for x in .. {`
    fn read_for(&mut self, tokens: &[TokenTree], at: usize, depth: usize) -> usize {
        let Some(keyword) = (at + 1..tokens.len().min(at + 32)).find(|&at| is_word(tokens.get(at), "in"))
        else {
            return at + 1;
        };
        let (value, next) = self.expression(tokens, keyword + 1, depth);
        self.bind_pattern(&tokens[at + 1..keyword], &value);
        next.max(keyword + 1)
    }

    /// `match .. { Some(x) => .. }`
    fn read_match(&mut self, tokens: &[TokenTree], at: usize, depth: usize) -> usize {
        let (value, next) = self.expression(tokens, at + 1, depth);
        let body = tokens[next.min(tokens.len())..].iter().find_map(|token| match token {
            TokenTree::Group(group) if group.delimiter() == Delimiter::Brace => Some(group),
            _ => None,
        });
        let arms: Vec<TokenTree> = body.map(|body| body.stream().into_iter().collect()).unwrap_or_default();
        self.forget_bound(&arms);
        for (at, token) in arms.iter().enumerate() {
            if let TokenTree::Ident(word) = token
                && (word == "Some" || word == "Ok")
                && matches!(arms.get(at + 1), Some(TokenTree::Group(_)))
                && is_punct(arms.get(at + 2), '=')
            {
                self.bind_pattern(&arms[at..at + 2], &value);
            }
        }
        next.max(at + 1)
    }

    /// What the patterns of a match's arms bind is something else than what had the name before.
    fn forget_bound(&mut self, arms: &[TokenTree]) {
        let mut start = 0;
        for at in 0..arms.len() {
            let is_arrow = is_punct(arms.get(at), '=') && is_punct(arms.get(at + 1), '>');
            if is_arrow {
                for name in names_in(&arms[start..at]) {
                    self.bind(&name, RawValue::Unknown);
                }
            }
            let is_body =
                matches!(&arms[at], TokenTree::Group(group) if group.delimiter() == Delimiter::Brace);
            if is_punct(arms.get(at), ',') || is_body && at > 0 && is_punct(arms.get(at - 1), '>') {
                start = at + 1;
            }
        }
    }

    /// `x`, `mut x`, `&x`, `Some(x)`, `Ok(Some(x))`; of a tuple nothing is known.
    fn bind_pattern(&mut self, pattern: &[TokenTree], value: &RawValue) {
        match pattern {
            [TokenTree::Ident(word), rest @ ..] if word == "mut" || word == "ref" => {
                self.bind_pattern(rest, value);
            }
            [TokenTree::Punct(punct), rest @ ..] if punct.as_char() == '&' => self.bind_pattern(rest, value),
            [TokenTree::Ident(name)] => self.bind(&name.to_string(), value.clone()),
            [TokenTree::Ident(word), TokenTree::Group(group)] if word == "Some" || word == "Ok" => {
                let inner: Vec<TokenTree> = group.stream().into_iter().collect();
                self.bind_pattern(&inner, value);
            }
            _ => {
                for name in names_in(pattern) {
                    self.bind(&name, RawValue::Unknown);
                }
            }
        }
    }

    /// The value of the expression that begins here, as far as it is one chain, and where that ends.
    fn expression(&mut self, tokens: &[TokenTree], mut at: usize, depth: usize) -> (RawValue, usize) {
        loop {
            match tokens.get(at) {
                Some(TokenTree::Punct(punct)) if matches!(punct.as_char(), '&' | '*') => at += 1,
                Some(TokenTree::Ident(word)) if word == "mut" => at += 1,
                Some(TokenTree::Ident(word)) if word == "match" => {
                    let next = self.read_match(tokens, at, depth);
                    return (RawValue::Unknown, next);
                }
                Some(TokenTree::Ident(word)) if is_keyword(&word.to_string()) => {
                    return (RawValue::Unknown, at);
                }
                Some(TokenTree::Ident(_)) => return self.chain(tokens, at, depth),
                Some(TokenTree::Group(group)) if group.delimiter() != Delimiter::Brace => {
                    return self.chain(tokens, at, depth);
                }
                _ => return (RawValue::Unknown, at),
            }
        }
    }

    /// `head.method(..)?.field[..].await`: its value, and where it ends.
    fn chain(&mut self, tokens: &[TokenTree], at: usize, depth: usize) -> (RawValue, usize) {
        let (mut value, mut next) = self.head(tokens, at, depth);
        loop {
            match tokens.get(next) {
                Some(TokenTree::Punct(punct)) if punct.as_char() == '?' => next += 1,
                Some(TokenTree::Punct(punct))
                    if punct.as_char() == '.' && !is_punct(tokens.get(next + 1), '.') =>
                {
                    match tokens.get(next + 1) {
                        Some(TokenTree::Ident(word)) if word == "await" => next += 2,
                        Some(TokenTree::Ident(_)) => {
                            (value, next) = self.member(value, tokens, next + 1, depth);
                        }
                        Some(_) => (value, next) = (RawValue::Unknown, next + 2),
                        None => return (value, next + 1),
                    }
                }
                Some(TokenTree::Group(group)) if group.delimiter() == Delimiter::Bracket => {
                    self.block(group, depth + 1);
                    next += 1;
                }
                _ => return (value, next),
            }
        }
    }

    /// A path, a call, a macro's call, something in parentheses.
    fn head(&mut self, tokens: &[TokenTree], at: usize, depth: usize) -> (RawValue, usize) {
        if let Some(TokenTree::Group(group)) = tokens.get(at) {
            let inner: Vec<TokenTree> = group.stream().into_iter().collect();
            let is_list = group.delimiter() == Delimiter::Parenthesis
                && inner.iter().any(|token| is_punct(Some(token), ','));
            let (value, next) = self.expression(&inner, 0, depth + 1);
            self.run(&inner[next.min(inner.len())..], depth + 1);
            return (if is_list { RawValue::Unknown } else { value }, at + 1);
        }
        let (path, next) = path_at(tokens, at);
        if path.iter().any(|part| part == "ForeignKeyViolation") {
            self.expects_refusal = true;
        }
        match tokens.get(next) {
            Some(TokenTree::Group(args)) if args.delimiter() == Delimiter::Parenthesis => {
                self.call(path, args, tokens, at, next + 1, depth)
            }
            Some(TokenTree::Punct(punct))
                if punct.as_char() == '!' && !is_punct(tokens.get(next + 1), '=') =>
            {
                let Some(TokenTree::Group(group)) = tokens.get(next + 1) else {
                    return (RawValue::Unknown, next + 1);
                };
                let value = self.block(group, depth + 1);
                (value, next + 2)
            }
            _ => {
                let of_name = |name: &String| self.variables.get(name).cloned();
                let value = match &path[..] {
                    [name] => of_name(name).unwrap_or_else(|| RawValue::Path(path.clone())),
                    _ => RawValue::Path(path.clone()),
                };
                (value, next)
            }
        }
    }

    /// `path(args)`; `next` is what follows it.
    fn call(
        &mut self,
        path: Vec<String>,
        args: &Group,
        tokens: &[TokenTree],
        at: usize,
        next: usize,
        depth: usize,
    ) -> (RawValue, usize) {
        let inner: Vec<TokenTree> = args.stream().into_iter().collect();
        let span = self.places.at(tokens[at].span());
        let name = self.aliases.meant(&path);
        match name {
            "delete" => {
                let (target, end) = self.expression(&inner, 0, depth + 1);
                self.run(&inner[end.min(inner.len())..], depth + 1);
                let rows = rows_of(&inner, tokens, next);
                let names = names_of_condition(&inner, &tokens[next.min(tokens.len())..]);
                self.acts.push(RawAct { span, what: RawDeed::Delete { callee: path, target, rows, names } });
                (RawValue::Unknown, next)
            }
            "update" => {
                let (target, end) = self.expression(&inner, 0, depth + 1);
                self.run(&inner[end.min(inner.len())..], depth + 1);
                let sets = sets_after(tokens, next);
                self.acts.push(RawAct {
                    span,
                    what: RawDeed::Update { callee: path, target: target.clone(), sets },
                });
                (target, next)
            }
            "Some" | "Ok" | "Box" => {
                let (value, end) = self.expression(&inner, 0, depth + 1);
                self.run(&inner[end.min(inner.len())..], depth + 1);
                (value, next)
            }
            _ => {
                self.run(&inner, depth + 1);
                if path.first().is_none_or(|first| first != "diesel") {
                    self.acts.push(RawAct { span, what: RawDeed::Call(path.clone()) });
                }
                (RawValue::Call(path), next)
            }
        }
    }

    /// `.name`, `.name(..)` or `.name::<T>(..)`, from the name on.
    fn member(&mut self, of: RawValue, tokens: &[TokenTree], at: usize, depth: usize) -> (RawValue, usize) {
        let name = unraw(&tokens[at].to_string());
        let span = self.places.at(tokens[at].span());
        let mut next = at + 1;
        let mut loads = None;
        if is_punct(tokens.get(next), ':')
            && is_punct(tokens.get(next + 1), ':')
            && is_punct(tokens.get(next + 2), '<')
        {
            let (args, length) = types::arguments(&tokens[next + 2..], 8);
            loads = args.into_iter().find(|arg| !is_placeholder(arg));
            next += 2 + length;
        }
        let Some(TokenTree::Group(args)) = tokens.get(next) else { return (RawValue::Unknown, next) };
        if args.delimiter() != Delimiter::Parenthesis {
            return (RawValue::Unknown, next);
        }
        let inner: Vec<TokenTree> = args.stream().into_iter().collect();
        self.bind_closure(&inner, &of);
        let (argument, end) = self.expression(&inner, 0, depth + 1);
        self.run(&inner[end.min(inner.len())..], depth + 1);
        // `select(T::as_select())`
        if let RawValue::Call(path) = &argument
            && let [of_type @ .., function] = &path[..]
            && matches!(&**function, "as_select" | "as_returning")
            && !of_type.is_empty()
        {
            loads = Some(RawType { path: of_type.to_vec(), args: Vec::new() });
        }
        if SAME.contains(&&*name) && loads.is_none() {
            return (of, next + 1);
        }
        if length(&of) >= LONGEST {
            return (of, next + 1);
        }
        let of = Arc::new(of);
        self.acts.push(RawAct { span, what: RawDeed::Method { of: Arc::clone(&of), name: name.clone() } });
        (RawValue::Method { of, name, loads }, next + 1)
    }

    /// `|x: T| ..` wherever it stands.
    fn bind_typed(&mut self, tokens: &[TokenTree]) {
        let end = tokens.iter().skip(1).take(32).position(|token| is_punct(Some(token), '|'));
        let pattern = &tokens[1..end.map_or(1, |end| end + 1)];
        let colon = (0..pattern.len()).find(|&at| is_single_colon(pattern, at));
        if let Some(colon) = colon
            && let Some(of_type) = types::read(&pattern[colon + 1..])
        {
            self.bind_pattern(&pattern[..colon], &RawValue::Of(of_type));
        }
    }

    /// `|x| ..` or `|x: T| ..` of a method is given what the method is called on.
    fn bind_closure(&mut self, args: &[TokenTree], value: &RawValue) {
        let bar = args.iter().take(3).position(|token| is_punct(Some(token), '|'));
        let Some(start) = bar else { return };
        let Some(length) = args[start + 1..].iter().position(|token| is_punct(Some(token), '|')) else {
            return;
        };
        let pattern = &args[start + 1..start + 1 + length];
        let colon = (0..pattern.len()).find(|&at| is_single_colon(pattern, at));
        match colon.and_then(|colon| Some((colon, types::read(&pattern[colon + 1..])?))) {
            Some((colon, of_type)) => self.bind_pattern(&pattern[..colon], &RawValue::Of(of_type)),
            None => self.bind_pattern(pattern, value),
        }
    }

    /// The statements in a text that is SQL, wherever it stands.
    fn text(&mut self, token: &TokenTree) {
        const BEGIN: [&str; 9] =
            ["delete", "truncate", "update", "with", "begin", "pragma", "set", "--", "do"];
        let Some(text) = text_of(Some(token.clone())) else { return };
        let first = text.split_whitespace().next().unwrap_or_default().to_ascii_lowercase();
        if BEGIN.iter().any(|word| first.trim_end_matches(';') == *word) {
            let span = self.places.at(token.span());
            self.acts.extend(sql::deeds(&text).into_iter().map(|what| RawAct { span, what }));
        }
    }
}

/// How many methods are called one after another.
fn length(value: &RawValue) -> usize {
    let of = |value: &RawValue| match value {
        RawValue::Method { of, .. } => Some(Arc::clone(of)),
        _ => None,
    };
    std::iter::successors(of(value), |value| of(value)).count()
}

/// `a::b::<T>::c`, its arguments left out, and where it ends.
fn path_at(tokens: &[TokenTree], at: usize) -> (Vec<String>, usize) {
    let mut path = Vec::new();
    let mut next = at;
    while let Some(TokenTree::Ident(word)) = tokens.get(next) {
        path.push(unraw(&word.to_string()));
        next += 1;
        if !(is_punct(tokens.get(next), ':') && is_punct(tokens.get(next + 1), ':')) {
            break;
        }
        next += 2;
        if is_punct(tokens.get(next), '<') {
            next += types::angles(&tokens[next..]) + 1;
            if !(is_punct(tokens.get(next), ':') && is_punct(tokens.get(next + 1), ':')) {
                break;
            }
            next += 2;
        }
    }
    (path, next.max(at + 1))
}

/// Which rows `delete(target)` takes, by what narrows its target or follows it.
fn rows_of(target: &[TokenTree], tokens: &[TokenTree], next: usize) -> Rows {
    let calls = |tokens: &[TokenTree], names: &[&str]| {
        let mut at = 0;
        let mut found = false;
        while at + 2 < tokens.len() + 1 {
            if is_punct(tokens.get(at), ';') {
                break;
            }
            found |= is_punct(tokens.get(at), '.')
                && matches!(tokens.get(at + 1), Some(TokenTree::Ident(word)) if names.contains(&&*word.to_string()));
            at += 1;
        }
        found
    };
    let narrows = ["filter", "or_filter", "inner_join", "left_join"];
    if calls(target, &["find"])
        || is_punct(target.first(), '&')
        || matches!(target, [TokenTree::Ident(word)] if word == "self")
    {
        Rows::One
    } else if calls(target, &narrows) || calls(&tokens[next.min(tokens.len())..], &["filter", "or_filter"]) {
        Rows::Some
    } else if calls(&tokens[next.min(tokens.len())..], &["find"]) {
        Rows::One
    } else {
        Rows::All
    }
}

/// The names that something is asked of, as `id` in `id.eq(..)`, in the target and in the calls that follow it.
fn names_of_condition(target: &[TokenTree], after: &[TokenTree]) -> Vec<String> {
    let is_end =
        |token: &TokenTree| matches!(token, TokenTree::Punct(punct) if matches!(punct.as_char(), ';' | '?'));
    let chain = after.iter().take_while(|token| !is_end(token)).take(16).cloned().collect();
    let mut names = Vec::new();
    let mut pending: Vec<Vec<TokenTree>> = vec![target.to_vec(), chain];
    while let Some(tokens) = pending.pop() {
        for (at, token) in tokens.iter().enumerate() {
            match token {
                TokenTree::Ident(word) if is_punct(tokens.get(at + 1), '.') => {
                    names.push(unraw(&word.to_string()));
                }
                TokenTree::Group(group) => pending.push(group.stream().into_iter().collect()),
                _ => {}
            }
        }
    }
    names.sort_unstable();
    names.dedup();
    names
}

/// The columns in the `.set(..)` that follows.
fn sets_after(tokens: &[TokenTree], mut at: usize) -> Vec<Set> {
    while is_punct(tokens.get(at), '.') {
        let is_set = is_word(tokens.get(at + 1), "set");
        let Some(TokenTree::Group(args)) = tokens.get(at + 2) else { return Vec::new() };
        if is_set {
            let inner: Vec<TokenTree> = args.stream().into_iter().collect();
            return sets(&inner, 0);
        }
        at += 3;
    }
    Vec::new()
}

/// `column.eq(value)`, alone or in tuples.
fn sets(tokens: &[TokenTree], depth: usize) -> Vec<Set> {
    let mut found = Vec::new();
    for (at, token) in tokens.iter().enumerate() {
        match token {
            TokenTree::Ident(word)
                if is_punct(tokens.get(at + 1), '.') && is_word(tokens.get(at + 2), "eq") =>
            {
                // `eq::<Option<T>>(..)`
                let generic = is_punct(tokens.get(at + 3), ':') && is_punct(tokens.get(at + 5), '<');
                let args = if generic { at + 6 + types::angles(&tokens[at + 5..]) } else { at + 3 };
                let Some(TokenTree::Group(value)) = tokens.get(args) else { continue };
                let value: Vec<TokenTree> = value.stream().into_iter().collect();
                let clears = value
                    .first()
                    .is_some_and(|first| ["None", "false", "Option"].contains(&&*first.to_string()));
                found.push(Set { column: unraw(&word.to_string()), clears });
            }
            TokenTree::Group(group) if depth < 8 && group.delimiter() == Delimiter::Parenthesis => {
                let inner: Vec<TokenTree> = group.stream().into_iter().collect();
                found.extend(sets(&inner, depth + 1));
            }
            _ => {}
        }
    }
    found
}

/// `=` alone, not in `==`, `=>`, `<=` and the like.
fn is_assignment(tokens: &[TokenTree], at: usize) -> bool {
    let joins = |at: usize| matches!(tokens.get(at), Some(TokenTree::Punct(punct)) if "=<>!+-*/|&^%".contains(punct.as_char()) && punct.spacing() == proc_macro2::Spacing::Joint);
    let is_equals = matches!(tokens.get(at), Some(TokenTree::Punct(punct)) if punct.as_char() == '=' && punct.spacing() == proc_macro2::Spacing::Alone)
        || (is_punct(tokens.get(at), '=')
            && matches!(tokens.get(at + 1), Some(TokenTree::Punct(punct)) if matches!(punct.as_char(), '&' | '*' | '-' | '!' | '|')));
    is_equals && !(at > 0 && joins(at - 1) && !is_punct(tokens.get(at - 1), '>'))
}

fn is_single_colon(tokens: &[TokenTree], at: usize) -> bool {
    let colon = |at: Option<usize>| at.is_some_and(|at| is_punct(tokens.get(at), ':'));
    colon(Some(at)) && !colon(Some(at + 1)) && !colon(at.checked_sub(1))
}

fn is_placeholder(of_type: &RawType) -> bool {
    let is_blank = |of_type: &RawType| matches!(&of_type.path[..], [name] if name == "_");
    is_blank(of_type) || (!of_type.args.is_empty() && of_type.args.iter().all(is_blank))
}

fn names_in(pattern: &[TokenTree]) -> Vec<String> {
    let mut names = Vec::new();
    for token in pattern {
        match token {
            TokenTree::Ident(word) => names.push(word.to_string()),
            TokenTree::Group(group) => {
                let inner: Vec<TokenTree> = group.stream().into_iter().collect();
                names.extend(inner.iter().filter_map(|token| match token {
                    TokenTree::Ident(word) => Some(word.to_string()),
                    _ => None,
                }));
            }
            _ => {}
        }
    }
    names
}

/// After `fn ..{}` and `use ..;`.
fn after_item(tokens: &[TokenTree], at: usize) -> usize {
    let is_end = |token: &TokenTree| match token {
        TokenTree::Punct(punct) => punct.as_char() == ';',
        TokenTree::Group(group) => group.delimiter() == Delimiter::Brace && is_word(tokens.get(at), "fn"),
        _ => false,
    };
    tokens[at..].iter().position(is_end).map_or(tokens.len(), |end| at + end + 1)
}

fn is_keyword(word: &str) -> bool {
    matches!(
        word,
        "if" | "else"
            | "while"
            | "loop"
            | "return"
            | "break"
            | "continue"
            | "async"
            | "move"
            | "unsafe"
            | "await"
            | "mut"
            | "ref"
            | "in"
            | "as"
            | "const"
            | "static"
            | "pub"
            | "where"
            | "impl"
            | "dyn"
    )
}
