//! For editors: the actions as documented items, so that completion, hover and go-to-definition work inside
//! `on_delete = ..`. rust-analyzer alone compiles this; see its `cfg(rust_analyzer)`.

use fkcheck_core::grammar::Annotation;
use proc_macro2::{Ident, TokenStream};
use quote::quote;

/// The user's own words as imports of the documented items, finished or not.
pub(crate) fn for_editors<'a>(annotations: impl Iterator<Item = &'a Annotation>) -> TokenStream {
    let words: Vec<&Ident> = annotations
        .flat_map(|annotation| {
            let values = annotation.on_delete.iter().chain(&annotation.on_update);
            values.filter_map(|value| value.ident.as_ref()).chain(&annotation.unfinished_actions)
        })
        .collect();
    if words.is_empty() {
        return TokenStream::new();
    }
    quote! {
        #[allow(unexpected_cfgs)]
        const _: () = {
            #[cfg(rust_analyzer)]
            mod fk_action {
                /// `ON DELETE CASCADE`: deleting the parent row deletes this row too, without a word. Fits ephemeral
                /// state (logs, sessions, derived counters); data of value is lost.
                #[allow(non_camel_case_types)]
                pub struct cascade;
                /// `ON DELETE RESTRICT`: the parent row can't be deleted while this row refers to it, not even for the
                /// rest of a transaction. Fits audit and compliance evidence.
                #[allow(non_camel_case_types)]
                pub struct restrict;
                /// `ON DELETE NO ACTION`, SQL's default: the parent row can't be deleted while this row refers to it; a
                /// deferred key is checked at the transaction's end.
                #[allow(non_camel_case_types)]
                pub struct no_action;
                /// `ON DELETE SET NULL`: this row stays and forgets its parent. The column must be `Nullable`. With
                /// columns, `set_null(a, b)`, only those are cleared (PostgreSQL 15 and later).
                #[allow(non_camel_case_types)]
                pub struct set_null;
                /// `ON DELETE SET DEFAULT`: this row stays and gets the column's default as its parent, which must
                /// exist. MySQL and MariaDB do not do this.
                #[allow(non_camel_case_types)]
                pub struct set_default;
            }
            #( #[cfg(rust_analyzer)] use fk_action::#words; )*
        };
    }
}
