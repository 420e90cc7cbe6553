//! A table and its columns as written: a path for the compiler, or SQL in a string.

use std::fmt;

use proc_macro2::Span;
use syn::ext::IdentExt;
use syn::parse::ParseStream;
use syn::{Ident, LitStr, Path, Token};

use super::value::ident_list;
use crate::model::TableName;

/// A parent table and, where written, its columns.
#[derive(Clone)]
pub struct References {
    /// The table.
    pub table: TableRef,
    /// The referenced columns; empty: the primary key.
    pub columns: Vec<ColumnRef>,
    /// The table and its columns.
    pub span: Span,
}

/// A table as written: a path that the compiler checks, or SQL in a string that `cargo fkcheck` checks.
#[derive(Clone)]
pub enum TableRef {
    /// `users`, `schema::users`, `crate::schema::users`: the module that `table!` makes.
    Path(Path),
    /// `"users"`, `"billing.users"`.
    Text {
        /// The string.
        literal: LitStr,
        /// What it names.
        name: TableName,
    },
}

impl fmt::Display for TableRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            TableRef::Path(path) => {
                let segments = path.segments.iter().map(|segment| segment.ident.unraw().to_string());
                f.write_str(&segments.collect::<Vec<_>>().join("::"))
            }
            TableRef::Text { name, .. } => name.fmt(f),
        }
    }
}

/// A column as written.
#[derive(Clone)]
pub struct ColumnRef {
    /// Without `r#` or quotes.
    pub name: String,
    /// The identifier, unless the column was named in a string.
    pub ident: Option<Ident>,
    /// Its place.
    pub span: Span,
}

impl From<Ident> for ColumnRef {
    fn from(ident: Ident) -> Self {
        ColumnRef { name: ident.unraw().to_string(), span: ident.span(), ident: Some(ident) }
    }
}

/// `users`, `schema::users(id)`, `"billing.users(id)"`.
pub(super) fn parse_references(input: ParseStream<'_>) -> syn::Result<References> {
    let (table, mut columns, mut span) = parse_table(input)?;
    if input.peek(syn::token::Paren) {
        if !columns.is_empty() {
            return Err(input.error("the columns are already named in the string; remove these"));
        }
        let (idents, _) = ident_list(input)?;
        if idents.is_empty() {
            return Err(syn::Error::new(
                span,
                "`()` names no column; name one, or leave `()` out to mean the primary key",
            ));
        }
        span = span.join(idents[idents.len() - 1].span()).unwrap_or(span);
        columns = idents.into_iter().map(ColumnRef::from).collect();
    }
    if input.peek(Token![.]) {
        return Err(input.error("columns stand in parentheses: `users(id)`"));
    }
    Ok(References { table, columns, span })
}

/// A table by path or string; a string may name columns too.
pub(super) fn parse_table(input: ParseStream<'_>) -> syn::Result<(TableRef, Vec<ColumnRef>, Span)> {
    if input.peek(LitStr) {
        let literal: LitStr = input.parse()?;
        let span = literal.span();
        let (name, columns) = sql_reference(&literal.value()).ok_or_else(|| {
            let message = format!(
                "can't read {:?} as a table; write \"users(id)\" or \"billing.users(id)\"",
                literal.value()
            );
            syn::Error::new(span, message)
        })?;
        let columns = columns.into_iter().map(|name| ColumnRef { name, ident: None, span }).collect();
        return Ok((TableRef::Text { literal, name }, columns, span));
    }
    if !input.peek(Ident::peek_any) && !input.peek(Token![::]) {
        return Err(input.error("expected a table: `users(id)`, `schema::users(id)` or \"users(id)\""));
    }
    let path = input.call(Path::parse_mod_style)?;
    let first = path.segments.first().map_or_else(Span::call_site, |segment| segment.ident.span());
    let last = path.segments.last().map_or(first, |segment| segment.ident.span());
    Ok((TableRef::Path(path), Vec::new(), first.join(last).unwrap_or(last)))
}

/// `users`, `users(id)`, `billing.users (a, b)`, each name bare or in SQL's double quotes.
fn sql_reference(text: &str) -> Option<(TableName, Vec<String>)> {
    let mut rest = text.trim();
    let take_name = |rest: &mut &str| -> Option<String> {
        *rest = rest.trim_start();
        if let Some(quoted) = rest.strip_prefix('"') {
            let mut name = String::new();
            let mut chars = quoted.char_indices().peekable();
            while let Some((at, c)) = chars.next() {
                if c != '"' {
                    name.push(c);
                } else if chars.next_if(|(_, next)| *next == '"').is_some() {
                    name.push('"');
                } else {
                    *rest = quoted[at + 1..].trim_start();
                    return (!name.is_empty()).then_some(name);
                }
            }
            return None;
        }
        let end = rest.find(|c: char| c.is_whitespace() || "().,\"".contains(c)).unwrap_or(rest.len());
        let name = rest[..end].to_owned();
        *rest = rest[end..].trim_start();
        (!name.is_empty()).then_some(name)
    };
    let first = take_name(&mut rest)?;
    let name = match rest.strip_prefix('.') {
        Some(after) => {
            rest = after;
            TableName::qualified(first, take_name(&mut rest)?)
        }
        None => TableName::bare(first),
    };
    let mut columns = Vec::new();
    if let Some(after) = rest.strip_prefix('(') {
        rest = after;
        loop {
            columns.push(take_name(&mut rest)?);
            match rest.strip_prefix(',') {
                Some(after) => rest = after,
                None => break,
            }
        }
        rest = rest.strip_prefix(')')?.trim_start();
    }
    rest.is_empty().then_some((name, columns))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_in_strings() {
        assert_eq!(sql_reference("users"), Some((TableName::bare("users"), vec![])));
        assert_eq!(
            sql_reference(" billing.users ( a , \"b c\" ) "),
            Some((TableName::qualified("billing", "users"), vec!["a".into(), "b c".into()]))
        );
        assert_eq!(
            sql_reference(r#""We ird"."Pa""rent""#),
            Some((TableName::qualified("We ird", "Pa\"rent"), vec![]))
        );
        for wrong in ["", "users(", "users()", "a.b.c", "users(id) x", "\"open"] {
            assert_eq!(sql_reference(wrong), None, "{wrong}");
        }
    }
}
