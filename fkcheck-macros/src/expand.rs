//! From tokens to tokens: parse, validate, prove. Whatever is wrong, the rest is still expanded.

use fkcheck_core::grammar::{
    Shape, parse_foreign_keys, read_model, reject_repetitions, validate, validate_lines,
};
use proc_macro2::TokenStream;
use quote::quote;
use syn::DeriveInput;

use crate::{actions, keys, proofs};

/// The expansion of `#[derive(ForeignKeys)]`.
pub(crate) fn derive(input: TokenStream) -> TokenStream {
    let input: DeriveInput = match syn::parse2(input) {
        Ok(input) => input,
        Err(error) => return error.into_compile_error(),
    };
    let mut errors = Vec::new();
    let model = read_model(&input, &mut errors);
    validate(&model, &mut errors);
    reject_repetitions(&model, &mut errors);
    if model.shape != Shape::Struct {
        return errors.iter().map(syn::Error::to_compile_error).collect();
    }
    let annotations =
        model.annotations.iter().chain(model.fields.iter().flat_map(|field| &field.annotations));
    let editor = actions::for_editors(annotations);
    let keys = keys::of_model(&model);
    let tables = if keys.is_empty() { proofs::of_tables(&model) } else { TokenStream::new() };
    let proofs = proofs::of_keys(&keys);
    let errors = errors.iter().map(syn::Error::to_compile_error);
    quote!(#tables #proofs #editor #(#errors)*)
}

/// The expansion of `foreign_keys!`.
pub(crate) fn lines(input: TokenStream) -> TokenStream {
    let mut errors = Vec::new();
    let lines = parse_foreign_keys(input, &mut errors);
    validate_lines(&lines, &mut errors);
    let editor = actions::for_editors(lines.iter().map(|line| &line.annotation));
    let proofs = proofs::of_keys(&keys::of_lines(&lines));
    let errors = errors.iter().map(syn::Error::to_compile_error);
    quote!(#proofs #editor #(#errors)*)
}

#[cfg(test)]
mod tests {
    use proc_macro2::TokenTree;

    use super::*;

    /// `const _: () = { .. };` and nothing else, at the top and below: no function, no static, no name.
    fn assert_only_unnamed_constants(tokens: TokenStream) {
        let text = tokens.to_string();
        let mut rest = tokens.into_iter().filter(|token| !is_attribute(token)).peekable();
        while rest.peek().is_some() {
            let item: Vec<String> = rest.by_ref().take(7).map(|token| token.to_string()).collect();
            assert_eq!(item[..5], ["const", "_", ":", "()", "="], "{text}");
            assert!(item[5].starts_with('{') && item[6] == ";", "{text}");
        }
        for word in text.split(|c: char| !c.is_alphanumeric() && c != '_') {
            assert!(!["fn", "static", "unsafe", "macro_rules"].contains(&word), "{text}");
        }
    }

    fn is_attribute(token: &TokenTree) -> bool {
        match token {
            TokenTree::Punct(punct) => punct.as_char() == '#',
            TokenTree::Group(group) => group.delimiter() == proc_macro2::Delimiter::Bracket,
            _ => false,
        }
    }

    #[test]
    fn nothing_is_left_behind() {
        let model = quote! {
            #[diesel(table_name = posts, belongs_to(User, foreign_key = author_id))]
            #[fk(columns(a, b), references = t, on_delete = set_null)]
            struct Post {
                #[fk(on_delete = cascade)]
                author_id: i64,
                #[fk(references = schema::users(id), on_delete = set_null, on_update = cascade)]
                editor_id: Option<i64>,
            }
        };
        assert_only_unnamed_constants(derive(model));
        let text = quote!(a (b) -> c (d), on_delete = set_null; "x" (y) -> z;);
        assert_only_unnamed_constants(lines(text));
    }

    /// As an editor sends it while one types: never a panic, and what is complete is still proved.
    #[test]
    fn every_prefix_of_an_annotation_expands() {
        let whole = "references = schema::users(id), on_delete = set_null(a, b), on_update = \"SET NULL (a)\", \
                     columns(a, b), name = \"n\", deferrable = deferred, data = value, none, reason = \"r\", \
                     allow(fk_missing_index, reason = \"r\")";
        let line = "a (b, c) -> schema::d (e, f), on_delete = set_null(b), name = \"n\"; g (h) -> \"i(j)\";";
        let mut read = 0;
        for end in (0..=whole.len()).filter(|end| whole.is_char_boundary(*end)) {
            // A prefix may end within a group or a string: such text is no token stream, and no macro ever sees it.
            let Ok(part) = whole[..end].parse::<TokenStream>() else { continue };
            let expanded = derive(quote! {
                #[fk(#part)]
                struct Post { #[fk(#part)] a: i64, #[fk(references = u(id), on_delete = cascade)] kept: i64 }
            });
            assert!(expanded.to_string().contains("posts :: kept"), "{part}");
            read += 1;
        }
        for end in (0..=line.len()).filter(|end| line.is_char_boundary(*end)) {
            let Ok(part) = line[..end].parse::<TokenStream>() else { continue };
            let expanded = lines(quote!(kept (a) -> u (id); #part));
            assert!(expanded.to_string().contains("kept :: a"), "{part}");
            read += 1;
        }
        assert!(read > 150, "{read}");
    }

    #[test]
    fn an_editor_completes_half_a_word() {
        let expanded = derive(quote!(
            struct Post {
                #[fk(on_delete = casc)]
                a: i64,
            }
        ))
        .to_string();
        assert!(expanded.contains("use fk_action :: casc ;"), "{expanded}");
    }
}
