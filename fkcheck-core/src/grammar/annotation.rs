//! One annotation: the entries of `#[fk(..)]`, also used after the arrow of a `foreign_keys!` line.

use proc_macro2::{Span, TokenStream};
use syn::ext::IdentExt;
use syn::parse::{ParseStream, Parser};
use syn::{Ident, LitStr, Token, parenthesized};

use super::references::{References, parse_references};
use super::value::{ident_list, listed, parse_action, parse_data, parse_deferrable};
use super::{ActionValue, DataValue, DeferrableValue, nearest};
use crate::model::RuleId;

/// The keys of `#[fk(..)]`.
const KEYS: [&str; 10] = [
    "references",
    "on_delete",
    "on_update",
    "columns",
    "name",
    "deferrable",
    "data",
    "none",
    "reason",
    "allow",
];

/// What one `#[fk(..)]` says. Every part keeps its place in the source.
#[derive(Clone, Default)]
pub struct Annotation {
    /// `references = ..`, or what stands after the arrow in `foreign_keys!`.
    pub references: Option<References>,
    /// `on_delete = ..`
    pub on_delete: Option<ActionValue>,
    /// `on_update = ..`
    pub on_update: Option<ActionValue>,
    /// `columns(..)`, on a struct only.
    pub columns: Option<Columns>,
    /// `name = ".."`: the constraint's name.
    pub name: Option<LitStr>,
    /// `deferrable = ..`
    pub deferrable: Option<DeferrableValue>,
    /// `data = ..`
    pub data: Option<DataValue>,
    /// `none`: purposely no foreign key.
    pub none: Option<Span>,
    /// `reason = ".."`
    pub reason: Option<LitStr>,
    /// `allow(..)`, one entry a rule.
    pub allow: Vec<Allow>,
    /// Words that stand where an action belongs and are none (yet): an editor completes on them.
    pub unfinished_actions: Vec<Ident>,
    /// An entry could not be read: what is missing here may only be mistyped.
    pub broken: bool,
    /// From the first token to the last.
    pub span: Option<Span>,
}

impl Annotation {
    /// Whether anything is said of a key, beyond the data class, the reason and allowances.
    pub(crate) fn speaks_of_a_key(&self) -> bool {
        self.references.is_some()
            || self.on_delete.is_some()
            || self.on_update.is_some()
            || self.name.is_some()
            || self.deferrable.is_some()
            || self.none.is_some()
    }

    /// The annotation's place.
    pub fn span(&self) -> Span {
        self.span.unwrap_or_else(Span::call_site)
    }
}

/// `columns(a, b)`.
#[derive(Clone)]
pub struct Columns {
    /// In the order in which they pair with the parent's.
    pub idents: Vec<Ident>,
    /// The key and its parentheses.
    pub span: Span,
}

/// One rule of `allow(rule, .., reason = "..")`.
#[derive(Clone)]
pub struct Allow {
    /// The rule.
    pub rule: RuleId,
    /// Its name.
    pub span: Span,
    /// Why.
    pub reason: Option<LitStr>,
}

/// Reads the content of `#[fk(..)]`. What could be read comes back even if there are errors.
pub(crate) fn parse_annotation(tokens: TokenStream, at: Span, errors: &mut Vec<syn::Error>) -> Annotation {
    let mut annotation = Annotation { span: Some(joined(&tokens).unwrap_or(at)), ..Annotation::default() };
    if tokens.is_empty() {
        errors.push(syn::Error::new(at, "`#[fk()]` says nothing; write e.g. `#[fk(on_delete = cascade)]`"));
        return annotation;
    }
    let parser = |input: ParseStream<'_>| {
        parse_entries(input, &mut annotation, &[], errors);
        if input.is_empty() {
            return Ok(());
        }
        let error = input.error("entries are separated by `,`");
        // What follows the `;` can't be told apart from a line of `foreign_keys!`; the error stands for it.
        input.parse::<TokenStream>()?;
        Err(error)
    };
    if let Err(error) = parser.parse2(tokens) {
        errors.push(error);
        annotation.broken = true;
    }
    annotation
}

/// Reads `key = value, ..` to the end of the input, or to a `;`. Keys of `refused` are errors with the given message.
pub(super) fn parse_entries(
    input: ParseStream<'_>,
    annotation: &mut Annotation,
    refused: &[(&str, &str)],
    errors: &mut Vec<syn::Error>,
) {
    let mut seen: Vec<String> = Vec::new();
    while !at_end(input) {
        if let Err(error) = parse_entry(input, annotation, &mut seen, refused, errors) {
            errors.push(error);
            annotation.broken = true;
            skip_to_comma(input);
        }
        if at_end(input) {
            break;
        }
        if let Err(error) = input.parse::<Token![,]>() {
            errors.push(syn::Error::new(error.span(), "expected `,` between two entries"));
            skip_to_comma(input);
            let _ = input.parse::<Option<Token![,]>>();
        }
    }
    reject_contradictions(annotation, errors);
}

fn at_end(input: ParseStream<'_>) -> bool {
    input.is_empty() || input.peek(Token![;])
}

fn skip_to_comma(input: ParseStream<'_>) {
    while !at_end(input) && !input.peek(Token![,]) {
        // A token tree is always there, or `at_end` would have said so.
        let _ = input.parse::<proc_macro2::TokenTree>();
    }
}

fn parse_entry(
    input: ParseStream<'_>,
    annotation: &mut Annotation,
    seen: &mut Vec<String>,
    refused: &[(&str, &str)],
    errors: &mut Vec<syn::Error>,
) -> syn::Result<()> {
    if !input.peek(Ident::peek_any) {
        return Err(input.error(format!("expected one of {}", listed(&KEYS, "or"))));
    }
    let key = input.call(Ident::parse_any)?;
    let word = key.to_string();
    if !KEYS.contains(&word.as_str()) {
        return Err(syn::Error::new(key.span(), unknown_key(&word)));
    }
    if let Some((_, why)) = refused.iter().find(|(key, _)| *key == word) {
        return Err(syn::Error::new(key.span(), *why));
    }
    if word != "allow" && seen.contains(&word) {
        return Err(syn::Error::new(key.span(), format!("`{word}` is given twice; remove one")));
    }
    seen.push(word.clone());
    match word.as_str() {
        "references" => {
            equals(input, &key, "users(id)")?;
            annotation.references = Some(parse_references(input)?);
        }
        "on_delete" | "on_update" => {
            equals(input, &key, "cascade")?;
            let value = parse_action(input, &word).map_err(|(error, ident)| {
                annotation.unfinished_actions.extend(ident);
                error
            })?;
            let slot =
                if word == "on_delete" { &mut annotation.on_delete } else { &mut annotation.on_update };
            *slot = Some(value);
        }
        "columns" => annotation.columns = Some(parse_columns(input, &key)?),
        "name" => annotation.name = Some(text(input, &key, "batch_jobs_org_id_fkey")?),
        "reason" => annotation.reason = Some(text(input, &key, "why it is so")?),
        "deferrable" => {
            equals(input, &key, "deferred")?;
            annotation.deferrable = Some(parse_deferrable(input)?);
        }
        "data" => {
            equals(input, &key, "value")?;
            annotation.data = Some(parse_data(input)?);
        }
        "none" => {
            annotation.none = Some(key.span());
            if input.peek(Token![=]) {
                return Err(input.error("`none` takes no value; say why with `reason = \"..\"`"));
            }
        }
        _ => annotation.allow.extend(parse_allow(input, &key, errors)?),
    }
    if !at_end(input) && !input.peek(Token![,]) {
        // In `foreign_keys!`, where some keys are refused, it may also be the `;` that was forgotten.
        let separator = if refused.is_empty() { "`,`" } else { "`,`, or `;` at the end of the key" };
        return Err(input.error(format!("unexpected token after `{word}`; expected {separator}")));
    }
    Ok(())
}

fn unknown_key(word: &str) -> String {
    if let Some(action) = nearest(word, super::value::ACTIONS).filter(|_| nearest(word, KEYS).is_none()) {
        return format!("unknown key `{word}`; write `on_delete = {action}`");
    }
    match nearest(word, KEYS) {
        Some(near) => format!("unknown key `{word}`; did you mean `{near}`?"),
        None => format!("unknown key `{word}`; it is one of {}", listed(&KEYS, "or")),
    }
}

/// `=`, and something after it. Where nothing is, the key is the wrong token: it is the one that needs a value.
fn equals(input: ParseStream<'_>, key: &Ident, example: &str) -> syn::Result<()> {
    let needs_value = || format!("`{key}` needs a value: `{key} = {example}`");
    if at_end(input) || input.peek(Token![,]) {
        return Err(syn::Error::new(key.span(), needs_value()));
    }
    if !input.peek(Token![=]) {
        return Err(input.error(needs_value()));
    }
    input.parse::<Token![=]>()?;
    if at_end(input) || input.peek(Token![,]) {
        return Err(syn::Error::new(key.span(), needs_value()));
    }
    Ok(())
}

fn text(input: ParseStream<'_>, key: &Ident, example: &str) -> syn::Result<LitStr> {
    equals(input, key, &format!("\"{example}\""))?;
    input.parse().map_err(|error| {
        syn::Error::new(error.span(), format!("`{key}` takes a string: `{key} = \"{example}\"`"))
    })
}

fn list_missing(input: ParseStream<'_>, key: &Ident, example: &str) -> syn::Error {
    let span = if at_end(input) || input.peek(Token![,]) { key.span() } else { input.span() };
    syn::Error::new(span, format!("`{key}` takes a list in parentheses: `{example}`"))
}

fn parse_columns(input: ParseStream<'_>, key: &Ident) -> syn::Result<Columns> {
    if !input.peek(syn::token::Paren) {
        return Err(list_missing(input, key, "columns(order_id, region)"));
    }
    let (idents, _) = ident_list(input)?;
    if let Some(twice) =
        idents.iter().enumerate().find_map(|(at, ident)| idents[..at].contains(ident).then_some(ident))
    {
        return Err(syn::Error::new(twice.span(), format!("column `{twice}` is named twice; remove one")));
    }
    if idents.is_empty() {
        return Err(syn::Error::new(
            key.span(),
            "`columns()` names no column; write e.g. `columns(order_id, region)`",
        ));
    }
    let last = idents[idents.len() - 1].span();
    Ok(Columns { span: key.span().join(last).unwrap_or(key.span()), idents })
}

fn parse_allow(input: ParseStream<'_>, key: &Ident, errors: &mut Vec<syn::Error>) -> syn::Result<Vec<Allow>> {
    if !input.peek(syn::token::Paren) {
        return Err(list_missing(input, key, "allow(fk_missing_index)"));
    }
    let content;
    let parentheses = parenthesized!(content in input);
    let before = errors.len();
    let mut rules = Vec::new();
    let mut reason = None;
    while !content.is_empty() {
        if !content.peek(Ident::peek_any) {
            errors.push(content.error("rules are named without quotes: `allow(fk_missing_index)`"));
            content.parse::<TokenStream>()?;
            break;
        }
        let word = content.call(Ident::parse_any)?;
        if word == "reason" {
            reason = text(&content, &word, "why it is so").map_err(|error| errors.push(error)).ok();
        } else if let Some(rule) = RuleId::named(&word.to_string()) {
            rules.push((rule, word.span()));
        } else {
            let message = match nearest(&word.to_string(), RuleId::names()) {
                Some(near) => format!("unknown rule `{word}`; did you mean `{near}`?"),
                None => format!("unknown rule `{word}`; `cargo fkcheck explain` lists them all"),
            };
            errors.push(syn::Error::new(word.span(), message));
        }
        if !content.is_empty() && !content.peek(Token![,]) {
            errors.push(content.error("expected `,` between two rules"));
            content.parse::<TokenStream>()?;
        }
        content.parse::<Option<Token![,]>>()?;
    }
    if rules.is_empty() && errors.len() == before {
        let message = "`allow(..)` names no rule; write e.g. `allow(fk_missing_index)`";
        return Err(syn::Error::new(parentheses.span.join(), message));
    }
    Ok(rules.into_iter().map(|(rule, span)| Allow { rule, span, reason: reason.clone() }).collect())
}

fn reject_contradictions(annotation: &Annotation, errors: &mut Vec<syn::Error>) {
    if annotation.none.is_some() {
        let contradicted = [
            ("references", annotation.references.as_ref().map(|references| references.span)),
            ("on_delete", annotation.on_delete.as_ref().map(|value| value.span)),
            ("on_update", annotation.on_update.as_ref().map(|value| value.span)),
            ("deferrable", annotation.deferrable.map(|value| value.span)),
            ("name", annotation.name.as_ref().map(LitStr::span)),
        ];
        for (key, span) in contradicted.into_iter().filter_map(|(key, span)| Some((key, span?))) {
            errors.push(syn::Error::new(
                span,
                format!("`none` says that there is no foreign key; remove it or `{key}`"),
            ));
        }
    }
    if let (Some(columns), Some(references)) = (&annotation.columns, &annotation.references)
        && !references.columns.is_empty()
        && references.columns.len() != columns.idents.len()
    {
        let message = format!(
            "{} referencing and {} referenced columns; name as many on both sides",
            columns.idents.len(),
            references.columns.len()
        );
        errors.push(syn::Error::new(references.span, message));
    }
}

/// The span from the first token to the last.
pub(super) fn joined(tokens: &TokenStream) -> Option<Span> {
    let mut spans = tokens.clone().into_iter().map(|token| token.span());
    let first = spans.next()?;
    Some(spans.last().and_then(|last| first.join(last)).unwrap_or(first))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Action;

    fn parse(text: &str) -> (Annotation, Vec<String>) {
        let mut errors = Vec::new();
        let annotation = parse_annotation(text.parse().expect("tokens"), Span::call_site(), &mut errors);
        (annotation, errors.iter().map(ToString::to_string).collect())
    }

    #[test]
    fn every_key_is_read() {
        let (annotation, errors) = parse(
            "references = crate::schema::users(id), on_delete = set_null, on_update = \"no  action\", name = \"fk\", \
             deferrable = deferred, data = audit, reason = \"why\", allow(fk_missing_index, reason = \"small\")",
        );
        assert!(errors.is_empty(), "{errors:?}");
        assert_eq!(annotation.on_delete.map(|value| value.action), Some(Action::SetNull(vec![])));
        assert_eq!(annotation.on_update.map(|value| value.action), Some(Action::NoAction));
        assert_eq!(annotation.references.map(|references| references.columns.len()), Some(1));
        assert_eq!(annotation.allow.len(), 1);
    }

    #[test]
    fn what_could_be_read_survives_an_error() {
        let (annotation, errors) = parse("on_delet = cascade, on_update = cascade, on_update = restrict");
        assert_eq!(
            errors,
            ["unknown key `on_delet`; did you mean `on_delete`?", "`on_update` is given twice; remove one"]
        );
        assert_eq!(annotation.on_update.map(|value| value.action), Some(Action::Cascade));
    }
}
