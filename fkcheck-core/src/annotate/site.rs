//! A struct as it stands in its file: where an attribute, a derive and an import can go.

use proc_macro2::{TokenStream, TokenTree};
use quote::ToTokens as _;
use syn::ext::IdentExt as _;
use syn::{Attribute, Meta};

use crate::collect::imports::read_use;
use crate::collect::items::{length_of_struct, module_before, start_of_item};
use crate::collect::raw::Import;
use crate::collect::tokens::is_punct;
use crate::collect::{Places, tokens_of};
use crate::grammar::{self, ModelInput};

/// A struct and its surroundings.
pub(super) struct Site {
    /// What it says.
    pub(super) model: ModelInput,
    /// The innermost thing around it.
    pub(super) around: Around,
    /// The inline modules around it.
    pub(super) modules: Vec<String>,
    /// All modules around it, where the file's own are known.
    pub(super) here: Option<Vec<String>>,
    /// What its module imports.
    pub(super) imports: Vec<Import>,
    /// Its `derive(..)`, the one with Diesel's derives if there are several.
    pub(super) derive: Option<DeriveList>,
    /// The byte before which an attribute of the struct goes: after the others.
    pub(super) at: usize,
    /// The column of each field, by identifier, and the byte before which an attribute of it goes.
    pub(super) fields: Vec<(String, usize)>,
}

/// What a struct stands in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Around {
    /// The file.
    File,
    /// `mod name { .. }`
    Module,
    /// Another macro's input.
    Macro,
    /// A function's body or the like: nothing outside can name it.
    Body,
}

/// A list of derives.
pub(super) struct DeriveList {
    /// Just past its last entry.
    pub(super) end: usize,
    /// Whether it has entries.
    pub(super) is_empty: bool,
    /// Where the last entry begins.
    pub(super) last: usize,
    /// Whether Diesel's derives are written as paths.
    pub(super) by_path: bool,
    /// The condition of the `cfg_attr` around it, as written.
    pub(super) condition: Option<String>,
}

/// The struct whose name begins at a byte of the text; `file_modules` are those that the file stands for.
pub(super) fn read(text: &str, name_at: usize, file_modules: Option<&[String]>) -> Option<Site> {
    let places = Places::new(text);
    let start = |token: &TokenTree| places.at(token.span()).start.byte;
    let mut tokens: Vec<TokenTree> = tokens_of(text).ok()?.into_iter().collect();
    let mut module_tokens = tokens.clone();
    let mut modules = Vec::new();
    let mut around = Around::File;
    let keyword = loop {
        let named = |token: &TokenTree| matches!(token, TokenTree::Ident(_)) && start(token) == name_at;
        if let Some(name) = tokens.iter().position(named) {
            break name.checked_sub(1)?;
        }
        let holds = |token: &TokenTree| match token {
            TokenTree::Group(_) => {
                let span = places.at(token.span());
                span.start.byte < name_at && name_at < span.end.byte
            }
            _ => false,
        };
        let at = tokens.iter().position(holds)?;
        let TokenTree::Group(group) = tokens[at].clone() else { return None };
        let inner: Vec<TokenTree> = group.stream().into_iter().collect();
        let is_macro = is_punct(at.checked_sub(1).and_then(|before| tokens.get(before)), '!');
        if let Some(module) = module_before(&tokens, at) {
            modules.push(module);
            module_tokens.clone_from(&inner);
            around = if around == Around::File { Around::Module } else { around };
        } else {
            around = if is_macro && around != Around::Body { Around::Macro } else { Around::Body };
        }
        tokens = inner;
    };
    let end = keyword + length_of_struct(&tokens[keyword..])?;
    let item: TokenStream = tokens[start_of_item(&tokens, keyword)..end].iter().cloned().collect();
    let input: syn::DeriveInput = syn::parse2(item).ok()?;
    let syn::Data::Struct(data) = &input.data else { return None };
    let first = |visibility: &syn::Visibility, otherwise: proc_macro2::Span| {
        let span = visibility.to_token_stream().into_iter().next().map_or(otherwise, |token| token.span());
        places.at(span).start.byte
    };
    let fields = data.fields.iter().filter_map(|field| {
        let column = grammar::read_field(field, &mut Vec::new()).filter(|field| !field.embedded)?.column;
        let first_of_type = || field.ty.to_token_stream().into_iter().next().map(|token| token.span());
        let otherwise = field.ident.as_ref().map(syn::Ident::span).or_else(first_of_type)?;
        Some((column.unraw().to_string(), first(&field.vis, otherwise)))
    });
    Some(Site {
        model: grammar::read_model(&input, &mut Vec::new()),
        around,
        here: file_modules.map(|file| [file, &modules[..]].concat()),
        modules,
        imports: imports_of(&module_tokens),
        derive: derive_list(&input.attrs, text, &places),
        at: first(&input.vis, data.struct_token.span),
        fields: fields.collect(),
    })
}

/// What these tokens import, modules inside of them left out.
pub(super) fn imports_of(tokens: &[TokenTree]) -> Vec<Import> {
    let mut imports = Vec::new();
    let mut at = 0;
    while at < tokens.len() {
        let is_use = matches!(&tokens[at], TokenTree::Ident(word) if word == "use");
        at += if is_use { read_use(&tokens[at..], &[], &mut imports).max(1) } else { 1 };
    }
    imports
}

const DIESELS: [&str; 8] = [
    "AsChangeset",
    "Associations",
    "HasQuery",
    "Identifiable",
    "Insertable",
    "Queryable",
    "QueryableByName",
    "Selectable",
];

/// The list that has a derive of Diesel's; else the first.
fn derive_list(attributes: &[Attribute], text: &str, places: &Places) -> Option<DeriveList> {
    let mut pending: Vec<(Meta, Option<String>)> =
        attributes.iter().rev().map(|attribute| (attribute.meta.clone(), None)).collect();
    let mut fallback = None;
    while let Some((meta, condition)) = pending.pop() {
        let Meta::List(list) = &meta else { continue };
        let tokens: Vec<TokenTree> = list.tokens.clone().into_iter().collect();
        let entries: Vec<&[TokenTree]> =
            tokens.split(|token| is_punct(Some(token), ',')).filter(|entry| !entry.is_empty()).collect();
        if list.path.is_ident("cfg_attr") {
            let Some((own, rest)) = entries.split_first() else { continue };
            let own =
                text.get(places.at(own[0].span()).start.byte..places.at(own[own.len() - 1].span()).end.byte);
            let both = match (condition, own) {
                (Some(outer), Some(own)) => Some(format!("all({outer}, {own})")),
                (None, own) => own.map(str::to_owned),
                (outer, None) => outer,
            };
            let metas =
                rest.iter().rev().filter_map(|entry| syn::parse2(entry.iter().cloned().collect()).ok());
            pending.extend(metas.map(|meta| (meta, both.clone())));
        } else if list.path.is_ident("derive") {
            let diesels: Vec<&&[TokenTree]> = entries
                .iter()
                .filter(|entry| entry.last().is_some_and(|name| DIESELS.contains(&name.to_string().as_str())))
                .collect();
            let final_entry = entries.last();
            let open = list.delimiter.span().open();
            let found = DeriveList {
                end: final_entry.map_or(places.at(open).end.byte, |entry| {
                    places.at(entry[entry.len() - 1].span()).end.byte
                }),
                is_empty: entries.is_empty(),
                last: final_entry
                    .map_or(places.at(open).end.byte, |entry| places.at(entry[0].span()).start.byte),
                by_path: !diesels.is_empty() && diesels.iter().all(|entry| entry.len() > 1),
                condition,
            };
            if !diesels.is_empty() {
                return Some(found);
            }
            fallback.get_or_insert(found);
        }
    }
    fallback
}
