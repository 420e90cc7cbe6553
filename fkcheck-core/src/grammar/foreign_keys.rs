//! `foreign_keys! { follows (crate_id) -> crates (id), on_delete = cascade; }`

use proc_macro2::{Span, TokenStream};
use syn::parse::{ParseStream, Parser};
use syn::{Ident, Token};

use super::Annotation;
use super::annotation::{joined, parse_entries};
use super::references::{TableRef, parse_references, parse_table};
use super::value::ident_list;

/// One line: a key of a table that has no model.
#[derive(Clone)]
pub struct ForeignKeyLine {
    /// The child table.
    pub child: TableRef,
    /// Its referencing columns.
    pub columns: Vec<Ident>,
    /// What is said of the key; `references` is what stands after the arrow.
    pub annotation: Annotation,
    /// The child table.
    pub child_span: Span,
}

/// Reads the macro's content. What could be read comes back even if there are errors.
pub fn parse_foreign_keys(tokens: TokenStream, errors: &mut Vec<syn::Error>) -> Vec<ForeignKeyLine> {
    let mut lines = Vec::new();
    let parser = |input: ParseStream<'_>| {
        while !input.is_empty() {
            match parse_line(input, errors) {
                Ok(line) => lines.push(line),
                Err(error) => {
                    errors.push(error);
                    while !input.is_empty() && !input.peek(Token![;]) {
                        input.parse::<proc_macro2::TokenTree>()?;
                    }
                }
            }
            if !input.is_empty() {
                input.parse::<Token![;]>()?;
            }
        }
        Ok(())
    };
    if let Err(error) = parser.parse2(tokens) {
        errors.push(error);
    }
    lines
}

/// What `#[fk(..)]` has and a line says otherwise.
const REFUSED: [(&str, &str); 2] = [
    ("references", "the parent stands after the arrow: `follows (crate_id) -> crates (id)`"),
    ("columns", "the columns stand before the arrow: `follows (crate_id) -> crates (id)`"),
];

fn parse_line(input: ParseStream<'_>, errors: &mut Vec<syn::Error>) -> syn::Result<ForeignKeyLine> {
    let (child, in_string, child_span) = parse_table(input)?;
    if let Some(column) = in_string.first() {
        return Err(syn::Error::new(
            column.span,
            "name the columns after the string: `\"follows\" (crate_id)`",
        ));
    }
    if !input.peek(syn::token::Paren) {
        return Err(input.error("expected the referencing columns: `follows (crate_id) -> crates (id)`"));
    }
    let (columns, parentheses) = ident_list(input)?;
    if columns.is_empty() {
        return Err(syn::Error::new(
            parentheses.join(),
            "name at least one column: `follows (crate_id) -> crates (id)`",
        ));
    }
    let mut annotation = Annotation::default();
    if input.peek(Token![->]) {
        input.parse::<Token![->]>()?;
        let references = parse_references(input)?;
        if !references.columns.is_empty() && references.columns.len() != columns.len() {
            let message = format!(
                "{} referencing and {} referenced columns; name as many on both sides",
                columns.len(),
                references.columns.len()
            );
            return Err(syn::Error::new(references.span, message));
        }
        annotation.references = Some(references);
    }
    let mut last = annotation.references.as_ref().map_or(parentheses.close(), |references| references.span);
    if input.peek(Token![,]) {
        input.parse::<Token![,]>()?;
        last = last_span_of_line(input).unwrap_or(last);
        parse_entries(input, &mut annotation, &REFUSED, errors);
    } else if !input.is_empty() && !input.peek(Token![;]) {
        let message = if annotation.references.is_some() {
            "expected `,` or `;`"
        } else {
            "expected `->` and the parent: `follows (crate_id) -> crates (id)`"
        };
        return Err(input.error(message));
    }
    annotation.span = Some(child_span.join(last).unwrap_or(child_span));
    Ok(ForeignKeyLine { child, columns, annotation, child_span })
}

/// The last token before the next `;`, without moving on.
fn last_span_of_line(input: ParseStream<'_>) -> Option<Span> {
    let ahead = input.fork();
    let mut line = TokenStream::new();
    while !ahead.is_empty() && !ahead.peek(Token![;]) {
        line.extend([ahead.parse::<proc_macro2::TokenTree>().ok()?]);
    }
    joined(&line)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> (Vec<ForeignKeyLine>, Vec<String>) {
        let mut errors = Vec::new();
        let lines = parse_foreign_keys(text.parse().expect("tokens"), &mut errors);
        (lines, errors.iter().map(ToString::to_string).collect())
    }

    #[test]
    fn lines_are_read_and_wrong_ones_named() {
        let (lines, errors) = parse(
            "follows (crate_id) -> crates (id), on_delete = cascade;
             schema::follows (user_id) -> schema::users (id);
             owners (owner_id), none, reason = \"user or team\";
             \"audit.log\" (a, b) -> \"x(c, d)\"; ",
        );
        assert!(errors.is_empty(), "{errors:?}");
        assert_eq!(lines.len(), 4);

        let (lines, errors) =
            parse("follows -> crates (id); a (b) -> c (d, e); f (g) -> h, references = i; j (k) -> l");
        assert_eq!(lines.len(), 2);
        assert_eq!(errors.len(), 3, "{errors:?}");
    }
}
