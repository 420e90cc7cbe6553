//! Annotations that stand where they can't be read: what is made by a macro is code only once the compiler has made it.

use std::cell::OnceCell;
use std::rc::Rc;

use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};

use super::items::length_of_struct;
use super::raw::{FileFacts, Import};
use super::tokens::{Places, is_punct, is_word};
use crate::model::Span;

const HELP: &str =
    "say it outside of the macro: `foreign_keys! { child (column) -> parent (id), on_delete = ..; }`";

/// Macros whose input is no code of this crate: a template of code, or text.
const TEMPLATES: [&str; 5] = ["quote", "quote_spanned", "parse_quote", "parse_quote_spanned", "stringify"];

/// Whether a macro of this name makes another crate's code.
pub(super) fn is_template_of(name: &str) -> bool {
    TEMPLATES.contains(&name)
}

/// Whether an item stands in a macro's template: `#name` or `#(..)*` in it, which no code has.
pub(super) fn is_template(item: &TokenStream) -> bool {
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

/// The call of a macro that isn't ours. What it makes of its input is not known, but structs in it are taken as they stand.
#[derive(Clone)]
pub(super) struct Call(Rc<Input>);

struct Input {
    name: String,
    body: TokenStream,
    is_template: OnceCell<bool>,
}

impl Call {
    pub(super) fn new(name: &str, body: &Group) -> Self {
        Call(Rc::new(Input { name: name.to_owned(), body: body.stream(), is_template: OnceCell::new() }))
    }

    /// An annotation in its input that is on no struct; said once of those that follow each other.
    pub(super) fn not_read(&self, place: Span, facts: &mut FileFacts) {
        let Input { name, body, is_template: of_body } = &*self.0;
        let message = format!("annotations in `{name}! {{ .. }}` can't be read: they are on no plain struct");
        let is_said = facts.faults.last().is_some_and(|fault| fault.message == message);
        if !is_said && !of_body.get_or_init(|| is_template(body)) {
            facts.fault_with_help(message, place, HELP);
        }
    }
}

/// `#[fk(..)]` or a derive of `ForeignKeys` that isn't before a struct. `tokens` begin at the `#`.
pub(super) fn is_stray(tokens: &[TokenTree]) -> bool {
    let Some(TokenTree::Group(attribute)) = tokens.get(1) else { return false };
    if attribute.delimiter() != Delimiter::Bracket || !is_annotation(attribute) {
        return false;
    }
    let mut at = 2;
    while is_punct(tokens.get(at), '#') {
        at += 2;
    }
    if is_word(tokens.get(at), "pub") {
        let is_scope = |token: &TokenTree| matches!(token, TokenTree::Group(_));
        at += 1 + usize::from(tokens.get(at + 1).is_some_and(is_scope));
    }
    // A derive before nothing is one that gets a name, for other structs.
    let is_alone = !is_key(attribute) && !matches!(tokens.get(at), Some(TokenTree::Ident(_)));
    let is_read = is_word(tokens.get(at), "struct") && length_of_struct(&tokens[at..]).is_some();
    !is_alone && !is_read
}

/// `[fk(..)]`, `[derive(ForeignKeys)]`, or `[cfg_attr(.., ..)]` with one of them.
fn is_annotation(attribute: &Group) -> bool {
    is_key(attribute) || holds(attribute.stream(), &|pair| is_word(pair.first(), "ForeignKeys"))
}

fn is_key(attribute: &Group) -> bool {
    let is_cfg = is_word(attribute.stream().into_iter().next().as_ref(), "cfg_attr");
    let is_key =
        |pair: &[TokenTree]| is_word(pair.first(), "fk") && matches!(pair.get(1), Some(TokenTree::Group(_)));
    let tokens: Vec<TokenTree> = attribute.stream().into_iter().take(2).collect();
    is_key(&tokens) || is_cfg && holds(attribute.stream(), &is_key)
}

/// Whether `#[fk(..)]` or `foreign_keys!` stands somewhere inside.
pub(super) fn holds_annotations(item: TokenStream) -> bool {
    holds(item, &|pair| match pair {
        [TokenTree::Ident(name), bang] => name == "foreign_keys" && is_punct(Some(bang), '!'),
        [hash, TokenTree::Group(attribute)] => is_punct(Some(hash), '#') && is_key(attribute),
        _ => false,
    })
}

/// Whether a pair of neighbours is meant, or the last token alone, at any depth. Does not recurse.
fn holds(stream: TokenStream, is_meant: &dyn Fn(&[TokenTree]) -> bool) -> bool {
    let mut pending = vec![stream];
    while let Some(stream) = pending.pop() {
        let tokens: Vec<TokenTree> = stream.into_iter().collect();
        if (0..tokens.len()).any(|at| is_meant(&tokens[at..tokens.len().min(at + 2)])) {
            return true;
        }
        pending.extend(tokens.into_iter().filter_map(|token| match token {
            TokenTree::Group(group) => Some(group.stream()),
            _ => None,
        }));
    }
    false
}

/// A struct with annotations whose attributes say neither which table it serves nor that it derives anything: an attribute
/// macro, or the macro around it, knows.
pub(super) fn of_no_table(name: &TokenTree, place: Span, facts: &mut FileFacts) {
    facts.fault_with_help(
        format!(
            "the annotations of struct `{name}` can't be read: it is a macro that says which table it serves"
        ),
        place,
        "write `#[derive(ForeignKeys)]` and `#[diesel(table_name = ..)]` on it, or say it in `foreign_keys!`",
    );
}

/// `macro_rules! name { .. }`: its body is patterns, not items. Annotations in it are not seen, nor in files that it includes, and
/// that is said.
pub(super) fn macro_rules(tokens: &[TokenTree], places: &Places, facts: &mut FileFacts) -> usize {
    let [_, TokenTree::Punct(_), TokenTree::Ident(name), TokenTree::Group(body), ..] = tokens else {
        return 1;
    };
    let is_written = |pair: &[TokenTree]| is_word(pair.first(), "include") && is_punct(pair.get(1), '!');
    let place = places.at(name.span());
    if holds_annotations(body.stream()) {
        facts.fault_with_help(
            format!("annotations inside of `macro_rules! {name}` can't be read"),
            place,
            HELP,
        );
    } else if holds(body.stream(), &is_written) && !body.to_string().contains("OUT_DIR") {
        facts.fault_with_help(
            format!("`macro_rules! {name}` includes files; annotations in them are not seen"),
            place,
            "write `include!(\"..\")` where the macro is called",
        );
    }
    4
}

/// The macro of ours, or the one that leads to files, that an import gives another name.
pub(super) fn renamed(import: &Import) -> Option<&'static str> {
    let name = match &import.path[..] {
        [.., last] if last == "foreign_keys" => "foreign_keys",
        [first, last] if last == "include" && (first == "std" || first == "core") => "include",
        _ => return None,
    };
    (import.name != name && import.name != "*").then_some(name)
}
