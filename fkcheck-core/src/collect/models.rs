//! Structs that serve a table, and `foreign_keys!` lines, by identifiers.

use proc_macro2::{TokenStream, TokenTree};

use super::raw::{FileFacts, RawBelongsTo, RawClaim, RawColumnRef, RawLine, RawModel, RawTableRef};
use super::schema::segments;
use super::tokens::{Places, unraw};
use crate::grammar::{self, Annotation, TableRefOrigin};
use crate::model::{Allowance, Span, Stated};

/// Whether the tokens before `struct` hold an attribute that matters.
pub(super) fn matters(attributes: &[TokenTree]) -> bool {
    attributes.iter().any(|token| match token {
        TokenTree::Group(group) => {
            let mut tokens = group.stream().into_iter();
            match tokens.next() {
                Some(TokenTree::Ident(name)) if name == "derive" => tokens.any(|token| match token {
                    TokenTree::Group(list) => list.stream().into_iter().any(
                        |token| matches!(token, TokenTree::Ident(name) if DERIVES.contains(&name.to_string().as_str())),
                    ),
                    _ => false,
                }),
                Some(TokenTree::Ident(name)) => ATTRIBUTES.contains(&name.to_string().as_str()),
                _ => false,
            }
        }
        _ => false,
    })
}

const ATTRIBUTES: [&str; 5] = ["diesel", "fk", "table_name", "belongs_to", "cfg_attr"];

const DERIVES: [&str; 7] =
    ["ForeignKeys", "Identifiable", "Associations", "Queryable", "Selectable", "Insertable", "AsChangeset"];

pub(super) fn read_struct(
    item: TokenStream,
    modules: &[String],
    place: Span,
    places: &Places,
    facts: &mut FileFacts,
) {
    let input = match syn::parse2::<syn::DeriveInput>(item) {
        Ok(input) => input,
        Err(error) => {
            return facts.fault(format!("struct was not read: {error}"), Some(places.at(error.span())));
        }
    };
    let mut errors = Vec::new();
    let model = grammar::read_model(&input, &mut errors);
    if derives_keys(&model) {
        grammar::validate(&model, &mut errors);
    }
    let names_table = model.tables.iter().any(|table| table.origin == TableRefOrigin::Attribute);
    let derives = |name: &str| model.derives.iter().any(|derive| derive == name);
    let annotated =
        !model.annotations.is_empty() || model.fields.iter().any(|field| !field.annotations.is_empty());
    if !names_table && !annotated && model.belongs_to.is_empty() && !DERIVES.iter().any(|name| derives(name))
    {
        return;
    }
    report(&errors, places, facts);
    let mut raw = RawModel {
        name: unraw(&model.ident.to_string()),
        modules: modules.to_vec(),
        tables: model.tables.iter().map(|table| RawTableRef::Path(segments(&table.path))).collect(),
        names_table,
        belongs_to: Vec::new(),
        primary_key: model
            .primary_key
            .iter()
            .map(|ident| column_ref(ident, places.at(ident.span())))
            .collect(),
        claims: Vec::new(),
        allow: Vec::new(),
        derives: model.derives.clone(),
        columns: model
            .fields
            .iter()
            .filter(|field| !field.embedded)
            .map(|field| column_ref(&field.column, places.at(field.ident.span())))
            .collect(),
        span: place,
    };
    for belongs_to in &model.belongs_to {
        raw.belongs_to.push(RawBelongsTo {
            parent: segments(&belongs_to.parent),
            foreign_key: unraw(&belongs_to.foreign_key.to_string()),
            span: places.at(belongs_to.span),
        });
    }
    read_claims(&model, places, &mut raw);
    facts.models.push(raw);
}

fn derives_keys(model: &grammar::ModelInput) -> bool {
    model.derives.iter().any(|derive| derive == "ForeignKeys")
}

fn read_claims(model: &grammar::ModelInput, places: &Places, raw: &mut RawModel) {
    let mut of_struct = None;
    for annotation in &model.annotations {
        let claim = claim(annotation, places);
        if let Some(columns) = &annotation.columns {
            let columns = columns.idents.iter().map(|ident| column_ref(ident, places.at(ident.span())));
            raw.claims.push((columns.collect(), claim));
        } else {
            raw.allow.extend(claim.allow);
            of_struct = of_struct.or(claim.data);
        }
    }
    for field in &model.fields {
        for annotation in &field.annotations {
            let column = column_ref(&field.column, places.at(field.ident.span()));
            raw.claims.push((vec![column], claim(annotation, places)));
        }
    }
    for (_, claim) in &mut raw.claims {
        claim.data = claim.data.take().or_else(|| of_struct.clone());
        claim.allow.extend(raw.allow.iter().cloned());
    }
}

pub(super) fn read_foreign_keys(
    tokens: TokenStream,
    modules: &[String],
    places: &Places,
    facts: &mut FileFacts,
) {
    let mut errors = Vec::new();
    let lines = grammar::parse_foreign_keys(tokens, &mut errors);
    grammar::validate_lines(&lines, &mut errors);
    report(&errors, places, facts);
    for line in &lines {
        facts.lines.push(RawLine {
            modules: modules.to_vec(),
            child: table_ref(&line.child),
            columns: line.columns.iter().map(|ident| column_ref(ident, places.at(ident.span()))).collect(),
            claim: claim(&line.annotation, places),
        });
    }
}

fn report(errors: &[syn::Error], places: &Places, facts: &mut FileFacts) {
    for error in errors.iter().flat_map(|error| error.clone().into_iter()) {
        facts.fault(error.to_string(), Some(places.at(error.span())));
    }
}

fn column_ref(ident: &syn::Ident, span: Span) -> RawColumnRef {
    RawColumnRef { name: unraw(&ident.to_string()), is_sql: false, span }
}

fn table_ref(table: &grammar::TableRef) -> RawTableRef {
    match table {
        grammar::TableRef::Path(path) => RawTableRef::Path(segments(path)),
        grammar::TableRef::Text { name, .. } => RawTableRef::Sql(name.clone()),
    }
}

fn claim(annotation: &Annotation, places: &Places) -> RawClaim {
    let action =
        |value: &grammar::ActionValue| Stated { value: value.action.clone(), span: places.at(value.span) };
    let text = |text: &syn::LitStr| Stated { value: text.value(), span: places.at(text.span()) };
    RawClaim {
        references: annotation.references.as_ref().map(|references| {
            let columns = references
                .columns
                .iter()
                .map(|column| RawColumnRef {
                    name: column.name.clone(),
                    is_sql: column.ident.is_none(),
                    span: places.at(column.span),
                })
                .collect();
            (table_ref(&references.table), columns, places.at(references.span))
        }),
        on_delete: annotation.on_delete.as_ref().map(action),
        on_update: annotation.on_update.as_ref().map(action),
        deferrability: annotation
            .deferrable
            .map(|value| Stated { value: value.deferrability, span: places.at(value.span) }),
        name: annotation.name.as_ref().map(text),
        none: annotation.none.map(|span| places.at(span)),
        data: annotation.data.map(|data| Stated { value: data.class, span: places.at(data.span) }),
        reason: annotation.reason.as_ref().map(text),
        allow: annotation
            .allow
            .iter()
            .map(|allow| Allowance {
                rule: Stated { value: allow.rule, span: places.at(allow.span) },
                reason: allow.reason.as_ref().map(syn::LitStr::value),
            })
            .collect(),
        span: places.at(annotation.span()),
    }
}
