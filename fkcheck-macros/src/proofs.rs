//! What the compiler is asked to prove of each key.
//!
//! The columns are named in the user's own tokens, so that rustc's error and its "similar name" point into the
//! annotation. Every other claim is a trait of its own, made for the one key, whose `on_unimplemented` speaks of that
//! key. All of it lives in `const _` blocks: nothing is left to run, and no name is left behind.

use fkcheck_core::grammar::{ActionValue, ModelInput, table_name_of};
use fkcheck_core::model::{Action, RuleId};
use proc_macro2::{Group, Span, TokenStream, TokenTree};
use quote::{format_ident, quote};
use syn::ext::IdentExt;
use syn::{Ident, Path};

use crate::keys::{Key, Parent};

/// Proves that the tables of a struct exist, for those that no key speaks of.
pub(crate) fn of_tables(model: &ModelInput) -> TokenStream {
    model
        .tables
        .iter()
        .map(|table| {
            let path = &table.path;
            let exists = alias(&format_ident!("FkTable"), path, &Ident::new("table", last_span(path)));
            quote!(const _: () = { #exists };)
        })
        .collect()
}

/// Proves what the keys claim.
pub(crate) fn of_keys(keys: &[Key<'_>]) -> TokenStream {
    keys.iter().map(of_key).collect()
}

fn of_key(key: &Key<'_>) -> TokenStream {
    let Some(child) = key.child else {
        // The child is named in a string; its parent may still be a path.
        let parent = parent_exists(&key.parent);
        return quote!(const _: () = { #parent };);
    };
    let names: Vec<Ident> = (0..key.columns.len()).map(|at| format_ident!("FkColumn{at}")).collect();
    let aliases = names.iter().zip(&key.columns).map(|(name, column)| alias(name, child, column));
    let null = key.annotation.on_delete.as_ref().map(|value| set_null(key, child, value, "DELETE"));
    let null_on_update = key.annotation.on_update.as_ref().map(|value| set_null(key, child, value, "UPDATE"));
    let parent = parent_exists(&key.parent);
    let types = (!allows(key, RuleId::fk_type_mismatch)).then(|| same_types(key, child));
    quote! {
        const _: () = {
            #(#aliases)*
            #null
            #null_on_update
            #parent
            #types
        };
    }
}

fn allows(key: &Key<'_>, rule: RuleId) -> bool {
    key.annotation.allow.iter().any(|allow| allow.rule == rule)
}

/// The parent's columns as `FkParent0`, ..; or its table as `FkParentTable`; or `FkParentModel`, that knows a model's.
fn parent_exists(parent: &Parent<'_>) -> TokenStream {
    match parent {
        Parent::Table { path, columns } if columns.is_empty() => {
            let table = Ident::new("table", last_span(path));
            alias(&format_ident!("FkParentTable"), path, &table)
        }
        Parent::Table { path, columns } => {
            let named = |(at, column): (usize, &&Ident)| alias(&format_ident!("FkParent{at}"), path, column);
            columns.iter().enumerate().map(named).collect()
        }
        Parent::Model { name, .. } => {
            let message = format!("the table of `{name}` is not known: it does not derive `Identifiable`");
            let note = format!(
                "name the parent table in the annotation: `references = {}(id)`; or derive `diesel::Identifiable` for \
                 `{name}`",
                table_name_of(name)
            );
            // The second implementation holds for nobody. It is there because rustc, with a single candidate, would
            // report what that one lacks (`HasTable`) and not the words above.
            quote! {
                #[diagnostic::on_unimplemented(message = #message, label = "a parent without a table", note = #note)]
                trait FkParentModel<By> {
                    type Table;
                }
                struct FkByHasTable;
                impl<T: diesel::associations::HasTable> FkParentModel<FkByHasTable> for T {
                    type Table = T::Table;
                }
                struct FkByNobody;
                trait FkNobody {}
                impl<T: FkNobody> FkParentModel<FkByNobody> for T {
                    type Table = ();
                }
            }
        }
        Parent::Unknown => TokenStream::new(),
    }
}

/// SET NULL needs nullable columns: those it names, or all of the key's.
fn set_null(key: &Key<'_>, child: &Path, value: &ActionValue, event: &str) -> TokenStream {
    let Action::SetNull(named) = &value.action else { return TokenStream::new() };
    if allows(key, RuleId::fk_set_null_not_nullable) {
        return TokenStream::new();
    }
    let table = table_name(child);
    key.columns
        .iter()
        .enumerate()
        .filter_map(|(at, column)| {
            let name = column.unraw().to_string();
            if !named.is_empty() && !named.contains(&name) {
                return None;
            }
            let span = value.columns.iter().find(|ident| ident.unraw() == name).map_or(value.span, Ident::span);
            let message =
                format!("`ON {event} SET NULL` needs a nullable column, but `{table}.{name}` is NOT NULL");
            let (key_word, label) = match event {
                "DELETE" => ("on_delete", "with it, every delete of a parent that has such a row fails"),
                _ => ("on_update", "with it, every update of a referenced key fails"),
            };
            let note = format!(
                "make the column `Nullable<..>` in the schema, by a migration; or write `{key_word} = cascade` or \
                 `{key_word} = restrict`"
            );
            let alias = format_ident!("FkColumn{at}");
            let proof = proof(span, &quote!(FkSqlType), &quote!(FkNullable<FkNulled>));
            Some(quote! {
                const _: () = {
                    #[diagnostic::on_unimplemented(message = #message, label = #label, note = #note)]
                    trait FkNullable<Nulled> {
                        const PROOF: () = ();
                    }
                    #[diagnostic::do_not_recommend]
                    impl<T> FkNullable<T> for T {}
                    type FkSqlType = <#alias as diesel::Expression>::SqlType;
                    type FkNulled = <FkSqlType as diesel::sql_types::IntoNullable>::Nullable;
                    #proof
                };
            })
        })
        .collect()
}

fn same_types(key: &Key<'_>, child: &Path) -> TokenStream {
    match &key.parent {
        Parent::Table { path, columns } if !columns.is_empty() => pairwise(key, child, path, columns),
        Parent::Table { path, .. } => primary_key(key, child, &table_name(path), last_span(path)),
        Parent::Model { name, span, .. } => primary_key(key, child, name, *span),
        Parent::Unknown => TokenStream::new(),
    }
}

fn pairwise(key: &Key<'_>, child: &Path, parent: &Path, columns: &[&Ident]) -> TokenStream {
    key.columns
        .iter()
        .zip(columns)
        .enumerate()
        .map(|(at, (column, referenced))| {
            let child_column = format!("{}.{}", table_name(child), column.unraw());
            let parent_column = format!("`{}.{}`", table_name(parent), referenced.unraw());
            let same_type = same_sql_type(&child_column, &parent_column, 1);
            let (ours, theirs) = (format_ident!("FkColumn{at}"), format_ident!("FkParent{at}"));
            let proof = proof(referenced.span(), &quote!(FkChildType), &quote!(FkSameSqlType<FkParentType>));
            quote! {
                const _: () = {
                    #same_type
                    type FkChildType = <#ours as diesel::Expression>::SqlType;
                    type FkParentType = <#theirs as diesel::Expression>::SqlType;
                    #proof
                };
            }
        })
        .collect()
}

/// The child's columns against the parent's primary key, whose SQL type is a single one or a tuple.
fn primary_key(key: &Key<'_>, child: &Path, parent: &str, span: Span) -> TokenStream {
    let columns: Vec<String> = key.columns.iter().map(|column| column.unraw().to_string()).collect();
    let types = (0..columns.len())
        .map(|at| format_ident!("FkColumn{at}"))
        .map(|column| quote!(<#column as diesel::Expression>::SqlType));
    let (child_column, child_type) = match &columns[..] {
        [column] => (format!("{}.{column}", table_name(child)), quote!(#(#types)*)),
        _ => (format!("{}.({})", table_name(child), columns.join(", ")), quote!((#(#types),*))),
    };
    let parent = format!("the primary key of `{parent}`");
    let same_type = same_sql_type(&child_column, &parent, columns.len());
    let parent_table = if let Parent::Model { path, .. } = &key.parent {
        quote!(<#path as FkParentModel<_>>::Table)
    } else {
        quote!(FkParentTable)
    };
    let proof = proof(span, &quote!(FkChildType), &quote!(FkSameSqlType<FkPrimaryKey<#parent_table>>));
    quote! {
        const _: () = {
            #same_type
            type FkChildType = #child_type;
            type FkPrimaryKey<T> = <<T as diesel::Table>::PrimaryKey as diesel::Expression>::SqlType;
            #proof
        };
    }
}

/// A trait that holds for the types of `width` child columns and of their parent columns, either `Nullable` or not.
fn same_sql_type(child: &str, parent: &str, width: usize) -> TokenStream {
    let message = format!("`{child}` is `{{Self}}`, but {parent}, which it references, is `{{Parent}}`");
    let note = "reference other columns, or give both sides the same type by a migration; if they differ on purpose, \
                add `allow(fk_type_mismatch, reason = \"..\")`";
    let single = |trait_: TokenStream| {
        quote! {
            #[diagnostic::do_not_recommend]
            impl<T> #trait_<T> for T {}
            // Diesel 1 has `Nullable` for types with this trait only, Diesel 2 has no such trait: there, this one is meant,
            // for a name that the import doesn't bring is looked for further out.
            #[allow(dead_code)]
            trait NotNull {}
            impl<T> NotNull for T {}
            const _: () = {
                #[allow(unused_imports)]
                use diesel::sql_types::*;
                #[diagnostic::do_not_recommend]
                impl<T: NotNull> #trait_<Nullable<T>> for T {}
                #[diagnostic::do_not_recommend]
                impl<T: NotNull> #trait_<T> for Nullable<T> {}
            };
        }
    };
    let implementations = if width == 1 {
        single(quote!(FkSameSqlType))
    } else {
        let ours: Vec<Ident> = (0..width).map(|at| format_ident!("C{at}")).collect();
        let theirs: Vec<Ident> = (0..width).map(|at| format_ident!("P{at}")).collect();
        let each = single(quote!(FkSamePart));
        quote! {
            trait FkSamePart<Parent> {}
            #each
            #[diagnostic::do_not_recommend]
            impl<#(#theirs,)* #(#ours: FkSamePart<#theirs>),*> FkSameSqlType<(#(#theirs),*)> for (#(#ours),*) {}
        }
    };
    quote! {
        #[diagnostic::on_unimplemented(message = #message, label = "of another SQL type", note = #note)]
        trait FkSameSqlType<Parent> {
            const PROOF: () = ();
        }
        #implementations
    }
}

/// A name for a table or column, in the user's own tokens: rustc says so if there is none.
fn alias(name: &Ident, table: &Path, item: &Ident) -> TokenStream {
    let model_or_column = table.segments.len() > 1 || table_name(table).starts_with(char::is_uppercase);
    if model_or_column {
        // Likely slips are a model (`User`) or a column (`users::id`) in place of a table. An import says "`User` is a
        // struct, not a module" where a type would be an "ambiguous associated type".
        quote!(use #table::#item as #name; const _: Option<#name> = None;)
    } else {
        quote!(type #name = #table::#item;)
    }
}

/// Asks for `type_: trait_`, so that a refusal is shown at `span`. No path of Diesel's in it: at the user's span, lints
/// such as `unused_qualifications` would take it for the user's own.
fn proof(span: Span, type_: &TokenStream, trait_: &TokenStream) -> TokenStream {
    let asked = respanned(quote!(<#type_ as #trait_>::PROOF), span);
    quote!(const _: () = #asked;)
}

fn respanned(tokens: TokenStream, span: Span) -> TokenStream {
    let at_span = |mut token: TokenTree| {
        if let TokenTree::Group(group) = &token {
            token = Group::new(group.delimiter(), respanned(group.stream(), span)).into();
        }
        token.set_span(span);
        token
    };
    tokens.into_iter().map(at_span).collect()
}

/// The last segment of a table's path: as far as a message can tell, its name.
fn table_name(path: &Path) -> String {
    path.segments.last().map(|segment| segment.ident.unraw().to_string()).unwrap_or_default()
}

fn last_span(path: &Path) -> Span {
    path.segments.last().map_or_else(Span::call_site, |segment| segment.ident.span())
}
