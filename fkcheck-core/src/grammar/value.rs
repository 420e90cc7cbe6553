//! The values: `cascade`, `set_null(col, ..)`, `"SET NULL"`, `deferred`, `value`.

use proc_macro2::extra::DelimSpan;
use proc_macro2::{Span, TokenStream};
use syn::ext::IdentExt;
use syn::parse::ParseStream;
use syn::{Ident, LitStr, Token, parenthesized};

use super::nearest;
use crate::model::{Action, DataClass, Deferrability};

/// The actions by their annotation.
pub(super) const ACTIONS: [&str; 5] = ["cascade", "restrict", "no_action", "set_null", "set_default"];

/// The value of `on_delete` or `on_update`.
#[derive(Clone)]
pub struct ActionValue {
    /// What it means; columns in parentheses are Rust identifiers here.
    pub action: Action,
    /// The word as the user wrote it, if it was an identifier: the editor completes on it.
    pub ident: Option<Ident>,
    /// The columns in parentheses.
    pub columns: Vec<Ident>,
    /// The whole value.
    pub span: Span,
}

/// The value of `deferrable`.
#[derive(Clone, Copy, Debug)]
pub struct DeferrableValue {
    /// What it means.
    pub deferrability: Deferrability,
    /// The value's token.
    pub span: Span,
}

/// The value of `data`.
#[derive(Clone, Copy, Debug)]
pub struct DataValue {
    /// What it means.
    pub class: DataClass,
    /// The value's token.
    pub span: Span,
}

/// Parses an action. On an unknown word the error comes with the identifier, so that an editor can still complete it.
pub(super) fn parse_action(
    input: ParseStream<'_>,
    key: &str,
) -> Result<ActionValue, (syn::Error, Option<Ident>)> {
    parse_action_inner(input, key).map_err(|failure| match failure {
        Failure::Plain(error) => (error, None),
        Failure::Word(error, ident) => (error, Some(ident)),
    })
}

enum Failure {
    Plain(syn::Error),
    Word(syn::Error, Ident),
}

impl From<syn::Error> for Failure {
    fn from(error: syn::Error) -> Self {
        Failure::Plain(error)
    }
}

fn parse_action_inner(input: ParseStream<'_>, key: &str) -> Result<ActionValue, Failure> {
    if input.peek(LitStr) {
        let text: LitStr = input.parse()?;
        let action = sql_action(&text.value()).ok_or_else(|| {
            let word = text.value().trim().to_lowercase().replace([' ', '-'], "_");
            let advice = match nearest(&word, ACTIONS) {
                Some(near) => format!("did you mean \"{}\"?", near.replace('_', " ").to_uppercase()),
                None => format!("it is one of {}", listed(&ACTIONS, "or")),
            };
            let message = format!("unknown action {:?} for `{key}`; {advice}", text.value());
            syn::Error::new(text.span(), message)
        })?;
        return Ok(ActionValue { action, ident: None, columns: Vec::new(), span: text.span() });
    }
    if !input.peek(Ident::peek_any) {
        let message = format!("`{key}` needs an action: {}", listed(&ACTIONS, "or"));
        return Err(Failure::Plain(if input.is_empty() {
            syn::Error::new(input.span(), message)
        } else {
            input.error(message)
        }));
    }
    let ident = input.call(Ident::parse_any)?;
    let mut columns = Vec::new();
    let mut span = ident.span();
    if input.peek(syn::token::Paren) {
        let (list, parentheses) = ident_list(input)?;
        span = span.join(parentheses.close()).unwrap_or(span);
        if ident != "set_null" && ident != "set_default" {
            let message = format!("`{ident}` takes no columns; only `set_null(..)` and `set_default(..)` do");
            return Err(Failure::Word(syn::Error::new(parentheses.join(), message), ident));
        }
        columns = list;
        if columns.is_empty() {
            let message =
                format!("`{ident}()` names no column; write `{ident}` for all of the key's columns");
            return Err(Failure::Word(syn::Error::new(parentheses.join(), message), ident));
        }
    }
    let names = || columns.iter().map(|column| column.unraw().to_string()).collect();
    let action = match ident.to_string().as_str() {
        "cascade" => Action::Cascade,
        "restrict" => Action::Restrict,
        "no_action" => Action::NoAction,
        "set_null" => Action::SetNull(names()),
        "set_default" => Action::SetDefault(names()),
        _ => {
            let word = whole_phrase(&ident, input);
            let error = syn::Error::new(ident.span(), unknown_word("action", &word, key, &ACTIONS));
            return Err(Failure::Word(error, ident));
        }
    };
    Ok(ActionValue { action, ident: Some(ident), columns, span })
}

/// What was meant by an unknown word: `SET NULL` is two, `Action::Cascade` a path.
fn whole_phrase(first: &Ident, input: ParseStream<'_>) -> String {
    let ahead = input.fork();
    if ahead.parse::<Token![::]>().is_ok()
        && let Ok(last) = ahead.call(Ident::parse_any)
    {
        return last.to_string();
    }
    match ahead.call(Ident::parse_any) {
        Ok(second) => format!("{first} {second}"),
        Err(_) => first.to_string(),
    }
}

/// `(a, b)`, and where the parentheses are.
pub(super) fn ident_list(input: ParseStream<'_>) -> syn::Result<(Vec<Ident>, DelimSpan)> {
    let content;
    let parentheses = parenthesized!(content in input);
    let mut idents = Vec::new();
    while !content.is_empty() {
        if !content.peek(Ident::peek_any) {
            let error = content.error("expected a column's name, without quotes");
            // Emptied, or syn would complain of the rest once more.
            content.parse::<TokenStream>()?;
            return Err(error);
        }
        idents.push(content.call(Ident::parse_any)?);
        if !content.is_empty() && !content.peek(Token![,]) {
            let error = content.error("expected `,` between two columns");
            content.parse::<TokenStream>()?;
            return Err(error);
        }
        content.parse::<Option<Token![,]>>()?;
    }
    Ok((idents, parentheses.span))
}

/// The SQL spelling, in any case, with any white space, `SET NULL (a, b)` included.
fn sql_action(text: &str) -> Option<Action> {
    let upper = text.to_ascii_uppercase();
    let (words, columns) = match upper.find('(') {
        Some(open) if upper.trim_end().ends_with(')') => {
            let list = &text.trim_end()[open + 1..text.trim_end().len() - 1];
            (&upper[..open], list.split(',').map(|column| column.trim().to_owned()).collect())
        }
        _ => (&upper[..], Vec::new()),
    };
    if columns.iter().any(String::is_empty) {
        return None;
    }
    match (words.split_whitespace().collect::<Vec<_>>().join(" ").as_str(), columns.is_empty()) {
        ("CASCADE", true) => Some(Action::Cascade),
        ("RESTRICT", true) => Some(Action::Restrict),
        ("NO ACTION", true) => Some(Action::NoAction),
        ("SET NULL", _) => Some(Action::SetNull(columns)),
        ("SET DEFAULT", _) => Some(Action::SetDefault(columns)),
        _ => None,
    }
}

pub(super) fn parse_deferrable(input: ParseStream<'_>) -> syn::Result<DeferrableValue> {
    const WORDS: [&str; 3] = ["deferred", "immediate", "no"];
    let (word, span) = parse_word(input, "deferrable", &WORDS)?;
    let deferrability = match word.as_str() {
        "deferred" => Deferrability::Deferred,
        "immediate" => Deferrability::Immediate,
        "no" => Deferrability::NotDeferrable,
        other => return Err(syn::Error::new(span, unknown_word("value", other, "deferrable", &WORDS))),
    };
    Ok(DeferrableValue { deferrability, span })
}

pub(super) fn parse_data(input: ParseStream<'_>) -> syn::Result<DataValue> {
    const WORDS: [&str; 3] = ["ephemeral", "value", "audit"];
    let (word, span) = parse_word(input, "data", &WORDS)?;
    let class = match word.as_str() {
        "ephemeral" => DataClass::Ephemeral,
        "value" => DataClass::Value,
        "audit" => DataClass::Audit,
        other => return Err(syn::Error::new(span, unknown_word("value", other, "data", &WORDS))),
    };
    Ok(DataValue { class, span })
}

/// A word, bare or in a string.
fn parse_word(input: ParseStream<'_>, key: &str, words: &[&str]) -> syn::Result<(String, Span)> {
    if input.peek(LitStr) {
        let text: LitStr = input.parse()?;
        Ok((text.value().to_lowercase(), text.span()))
    } else if input.peek(Ident::peek_any) {
        let ident = input.call(Ident::parse_any)?;
        Ok((ident.to_string(), ident.span()))
    } else {
        let message = format!("`{key}` needs a value: {}", listed(words, "or"));
        Err(syn::Error::new(input.span(), message))
    }
}

fn unknown_word(what: &str, word: &str, key: &str, words: &[&str]) -> String {
    match nearest(&word.replace(' ', "_"), words.iter().copied()) {
        Some(near) => format!("unknown {what} `{word}` for `{key}`; did you mean `{near}`?"),
        None => format!("unknown {what} `{word}` for `{key}`; it is one of {}", listed(words, "or")),
    }
}

/// `` `a`, `b` or `c` ``, with the given last conjunction.
pub(super) fn listed(words: &[&str], conjunction: &str) -> String {
    let quoted: Vec<String> = words.iter().map(|word| format!("`{word}`")).collect();
    match quoted.split_last() {
        Some((last, rest)) if !rest.is_empty() => format!("{} {conjunction} {last}", rest.join(", ")),
        _ => quoted.concat(),
    }
}
