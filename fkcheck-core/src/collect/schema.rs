//! `table! { .. }`, `view! { .. }` and `joinable!(..)`.

use proc_macro2::{TokenStream, TokenTree};
use syn::ext::IdentExt;
use syn::parse::{Parse, ParseStream, Parser};
use syn::punctuated::Punctuated;
use syn::{Attribute, Expr, ExprLit, Ident, Lit, Meta, Path, Token, Type, braced, parenthesized};

use super::raw::{FileFacts, RawColumn, RawJoinable, RawTable};
use super::tokens::{Places, is_punct, unraw};
use crate::model::{SqlType, TableName};

/// Whether a `table!` is Diesel's: after attributes and `use` lines stands `name (..)` or `name {..}`. Other crates have
/// macros of that name too.
pub(super) fn looks_like_table(tokens: &TokenStream) -> bool {
    let tokens: Vec<TokenTree> = tokens.clone().into_iter().take(4096).collect();
    let mut at = 0;
    loop {
        match tokens.get(at) {
            Some(token) if is_punct(Some(token), '#') => at += 2,
            Some(TokenTree::Ident(word)) if word == "use" => {
                match tokens[at..].iter().position(|token| is_punct(Some(token), ';')) {
                    Some(semicolon) => at += semicolon + 1,
                    None => return false,
                }
            }
            Some(TokenTree::Ident(_)) => break,
            _ => return false,
        }
    }
    if is_punct(tokens.get(at + 1), '.') {
        at += 2;
    }
    matches!((tokens.get(at), tokens.get(at + 1)), (Some(TokenTree::Ident(_)), Some(TokenTree::Group(_))))
}

/// Whether a `joinable!` is Diesel's: a `->` stands in it.
pub(super) fn looks_like_joinable(tokens: &TokenStream) -> bool {
    let tokens: Vec<TokenTree> = tokens.clone().into_iter().take(64).collect();
    tokens.windows(2).any(|pair| is_punct(pair.first(), '-') && is_punct(pair.last(), '>'))
}

pub(super) fn read_joinable(tokens: TokenStream, modules: &[String], places: &Places, facts: &mut FileFacts) {
    let parser = |input: ParseStream<'_>| {
        let child = input.call(Path::parse_mod_style)?;
        input.parse::<Token![->]>()?;
        let parent = input.call(Path::parse_mod_style)?;
        let content;
        let parentheses = parenthesized!(content in input);
        let column = content.call(Ident::parse_any)?;
        let first = child.segments[0].ident.span();
        let span = first.join(parentheses.span.close()).unwrap_or(first);
        let _: Option<Token![,]> = input.parse()?;
        Ok(RawJoinable {
            modules: modules.to_vec(),
            child: segments(&child),
            parent: segments(&parent),
            column: unraw(&column.to_string()),
            span: places.at(span),
        })
    };
    match parser.parse2(tokens) {
        Ok(joinable) => facts.joinables.push(joinable),
        Err(error) => {
            facts.fault(format!("`joinable!` was not read: {error}"), Some(places.at(error.span())));
        }
    }
}

pub(super) fn read_tables(
    tokens: TokenStream,
    is_view: bool,
    modules: &[String],
    places: &Places,
    facts: &mut FileFacts,
) {
    let parser = |input: ParseStream<'_>| {
        while !input.is_empty() {
            if input.peek(Token![use]) {
                skip_use(input)?;
                continue;
            }
            let table: TableSyntax = input.parse()?;
            facts.tables.push(table.into_raw(is_view, modules, places));
        }
        Ok(())
    };
    if let Err(error) = parser.parse2(tokens) {
        facts.fault(format!("`table!` was not read: {error}"), Some(places.at(error.span())));
    }
}

fn skip_use(input: ParseStream<'_>) -> syn::Result<()> {
    while !input.peek(Token![;]) {
        input.parse::<TokenTree>()?;
    }
    input.parse::<Token![;]>().map(drop)
}

/// `#[sql_name = ".."] schema.table (pk, ..) { column -> Type, .. }`
struct TableSyntax {
    attributes: Vec<Attribute>,
    schema: Option<Ident>,
    name: Ident,
    primary_key: Option<Vec<Ident>>,
    columns: Vec<ColumnSyntax>,
}

struct ColumnSyntax {
    attributes: Vec<Attribute>,
    name: Ident,
    ty: Type,
    end: proc_macro2::Span,
}

impl Parse for TableSyntax {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let attributes = input.call(Attribute::parse_outer)?;
        let mut name = input.call(Ident::parse_any)?;
        let mut schema = None;
        if input.peek(Token![.]) {
            input.parse::<Token![.]>()?;
            schema = Some(name);
            name = input.call(Ident::parse_any)?;
        }
        let primary_key = if input.peek(syn::token::Paren) {
            let content;
            parenthesized!(content in input);
            let idents = Punctuated::<Ident, Token![,]>::parse_terminated_with(&content, Ident::parse_any)?;
            Some(idents.into_iter().collect())
        } else {
            None
        };
        let content;
        braced!(content in input);
        let columns = Punctuated::<ColumnSyntax, Token![,]>::parse_terminated(&content)?;
        Ok(TableSyntax { attributes, schema, name, primary_key, columns: columns.into_iter().collect() })
    }
}

impl Parse for ColumnSyntax {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let attributes = input.call(Attribute::parse_outer)?;
        let name = input.call(Ident::parse_any)?;
        input.parse::<Token![->]>()?;
        let ahead = input.fork();
        let ty: Type = input.parse()?;
        Ok(ColumnSyntax { attributes, end: last_before(&ahead, input), name, ty })
    }
}

/// The span of the last token that `now` has consumed since `before`.
fn last_before(before: ParseStream<'_>, now: ParseStream<'_>) -> proc_macro2::Span {
    let mut end = before.span();
    while !before.is_empty() && before.cursor() != now.cursor() {
        match before.parse::<TokenTree>() {
            Ok(token) => end = token.span(),
            Err(_) => break,
        }
    }
    end
}

impl TableSyntax {
    fn into_raw(self, is_view: bool, modules: &[String], places: &Places) -> RawTable {
        let module = unraw(&self.name.to_string());
        let name = sql_name(&self.attributes).unwrap_or_else(|| module.clone());
        let primary_key = match self.primary_key {
            Some(idents) => idents.iter().map(|ident| unraw(&ident.to_string())).collect(),
            None => vec!["id".to_owned()],
        };
        RawTable {
            name: TableName { schema: self.schema.map(|schema| unraw(&schema.to_string())), name },
            columns: self.columns.into_iter().map(|column| column.into_raw(places)).collect(),
            primary_key,
            is_view,
            modules: modules.to_vec(),
            span: places.at(self.name.span()),
            module,
        }
    }
}

impl ColumnSyntax {
    fn into_raw(self, places: &Places) -> RawColumn {
        let ident = unraw(&self.name.to_string());
        let (sql_type, nullable) = sql_type(&self.ty);
        let span = self.name.span().join(self.end).unwrap_or_else(|| self.name.span());
        RawColumn {
            name: sql_name(&self.attributes).unwrap_or_else(|| ident.clone()),
            ident,
            sql_type,
            nullable,
            span: places.at(span),
        }
    }
}

/// `#[sql_name = ".."]`
fn sql_name(attributes: &[Attribute]) -> Option<String> {
    attributes.iter().find_map(|attribute| match &attribute.meta {
        Meta::NameValue(pair) if pair.path.is_ident("sql_name") => match &pair.value {
            Expr::Lit(ExprLit { lit: Lit::Str(text), .. }) => Some(text.value()),
            _ => None,
        },
        _ => None,
    })
}

/// The type without `Nullable`, and whether there was one.
fn sql_type(ty: &Type) -> (SqlType, bool) {
    if let Type::Path(path) = ty
        && let Some(last) = path.path.segments.last()
    {
        let arguments: Vec<&Type> = match &last.arguments {
            syn::PathArguments::AngleBracketed(arguments) => arguments
                .args
                .iter()
                .filter_map(
                    |argument| if let syn::GenericArgument::Type(ty) = argument { Some(ty) } else { None },
                )
                .collect(),
            _ => Vec::new(),
        };
        if last.ident == "Nullable"
            && let [inner] = arguments[..]
        {
            return (sql_type(inner).0, true);
        }
        let name = canonical(&last.ident.to_string()).to_owned();
        if arguments.is_empty() {
            return (SqlType(name), false);
        }
        let inner: Vec<String> = arguments
            .into_iter()
            .map(|argument| match sql_type(argument) {
                (SqlType(name), true) => format!("Nullable<{name}>"),
                (SqlType(name), false) => name,
            })
            .collect();
        return (SqlType(format!("{name}<{}>", inner.join(", "))), false);
    }
    (SqlType(quote::quote!(#ty).to_string()), false)
}

/// Diesel's aliases (`diesel::sql_types`), resolved.
fn canonical(name: &str) -> &str {
    match name {
        "Int2" => "SmallInt",
        "Int4" => "Integer",
        "Int8" => "BigInt",
        "Float4" => "Float",
        "Float8" => "Double",
        "Decimal" => "Numeric",
        "VarChar" | "Varchar" | "Char" | "Tinytext" | "Mediumtext" | "Longtext" => "Text",
        "Bytea" | "Tinyblob" | "Blob" | "Mediumblob" | "Longblob" | "Varbinary" | "Bit" => "Binary",
        "Tinyint" => "TinyInt",
        other => other,
    }
}

pub(super) fn segments(path: &Path) -> Vec<String> {
    path.segments.iter().map(|segment| unraw(&segment.ident.to_string())).collect()
}
