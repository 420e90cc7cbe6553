//! A struct as Diesel reads it: which table it serves, which column a field is, whom it belongs to.

use proc_macro2::{Span, TokenStream};
use syn::ext::IdentExt;
use syn::parse::{Parse, ParseStream, Parser};
use syn::punctuated::Punctuated;
use syn::{Data, DeriveInput, Field, Ident, LitStr, Meta, Path, Token};

use super::annotation::{Annotation, parse_annotation};
use super::attributes::{effective, for_each_entry};

/// A struct with everything that bears on foreign keys.
#[derive(Clone)]
pub struct ModelInput {
    /// The struct's name.
    pub ident: Ident,
    /// Whether it is a struct at all.
    pub shape: Shape,
    /// The tables it serves; nearly always one.
    pub tables: Vec<TableAttribute>,
    /// `belongs_to(..)` entries.
    pub belongs_to: Vec<BelongsTo>,
    /// `primary_key(..)`: what `belongs_to` of another struct refers to; empty: the table's primary key.
    pub primary_key: Vec<Ident>,
    /// `#[fk(..)]` on the struct itself.
    pub annotations: Vec<Annotation>,
    /// The fields that have a column: named ones, and those of a tuple struct with a `column_name`.
    pub fields: Vec<FieldInput>,
    /// Last path segments of what `#[derive(..)]` lists. A derive macro doesn't see this; a source file shows it.
    pub derives: Vec<String>,
}

/// What a derive may stand on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// A struct of any kind.
    Struct,
    /// `an enum` or `a union`.
    Other(&'static str),
}

/// The table that a struct serves.
#[derive(Clone)]
pub struct TableAttribute {
    /// The path as written, or made from the struct's name.
    pub path: Path,
    /// Where it comes from.
    pub origin: TableRefOrigin,
    /// The path's place, or the struct's name.
    pub span: Span,
}

/// Where a table's path comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TableRefOrigin {
    /// `table_name = ..`
    Attribute,
    /// The struct's name in snake case plus `s`, as Diesel does it.
    StructName,
}

/// `belongs_to(Parent, foreign_key = column)`.
#[derive(Clone)]
pub struct BelongsTo {
    /// The parent struct, generics included.
    pub parent: Path,
    /// The child column; `parent_id` where not written.
    pub foreign_key: Ident,
    /// The parent's place.
    pub span: Span,
}

/// A field that has a column.
#[derive(Clone)]
pub struct FieldInput {
    /// The field; in a tuple struct, its `column_name`.
    pub ident: Ident,
    /// The column it serves, as an identifier of the table's module.
    pub column: Ident,
    /// Its `#[fk(..)]`, several merged into one list.
    pub annotations: Vec<Annotation>,
    /// `#[diesel(embed)]`: the field stands for several columns.
    pub embedded: bool,
}

/// Reads a struct. What could be read comes back even if there are errors; the errors are about `#[fk(..)]` alone, for
/// Diesel complains of its own attributes.
pub fn read_model(input: &DeriveInput, errors: &mut Vec<syn::Error>) -> ModelInput {
    let mut model = ModelInput {
        ident: input.ident.clone(),
        shape: match &input.data {
            Data::Struct(_) => Shape::Struct,
            Data::Enum(_) => Shape::Other("an enum"),
            Data::Union(_) => Shape::Other("a union"),
        },
        tables: Vec::new(),
        belongs_to: Vec::new(),
        primary_key: Vec::new(),
        annotations: Vec::new(),
        fields: Vec::new(),
        derives: Vec::new(),
    };
    for meta in effective(&input.attrs) {
        read_struct_attribute(&meta, &mut model, errors);
    }
    if model.tables.is_empty() {
        let name = Ident::new(&table_name_of(&input.ident.unraw().to_string()), input.ident.span());
        model.tables.push(TableAttribute {
            path: name.into(),
            origin: TableRefOrigin::StructName,
            span: input.ident.span(),
        });
    }
    if let Data::Struct(data) = &input.data {
        model.fields.extend(data.fields.iter().filter_map(|field| read_field(field, errors)));
    }
    model
}

fn read_struct_attribute(meta: &Meta, model: &mut ModelInput, errors: &mut Vec<syn::Error>) {
    let Some(name) = meta.path().get_ident().map(ToString::to_string) else { return };
    match (name.as_str(), meta) {
        ("fk", _) => model.annotations.extend(read_fk(meta, errors)),
        ("diesel", Meta::List(list)) => for_each_entry(list.tokens.clone(), |key, _, input| {
            match key {
                "table_name" => model.tables.extend(table_attribute(input)?),
                "belongs_to" => model.belongs_to.extend(belongs_to(input)?),
                "primary_key" => model.primary_key = idents_in_parentheses(input)?,
                _ => {}
            }
            Ok(())
        }),
        // Diesel 1's style.
        ("table_name", Meta::NameValue(pair)) => {
            if let Some(text) = string_of(&pair.value)
                && let Ok(path) = text.parse::<Path>()
            {
                model.tables.push(TableAttribute {
                    path,
                    origin: TableRefOrigin::Attribute,
                    span: text.span(),
                });
            }
        }
        ("belongs_to", Meta::List(list)) => {
            if let Ok(parent) = syn::parse2::<BelongsToArguments>(list.tokens.clone()) {
                model.belongs_to.extend(parent.0);
            }
        }
        ("primary_key", Meta::List(list)) => {
            let idents = Punctuated::<Ident, Token![,]>::parse_terminated;
            model.primary_key = idents.parse2(list.tokens.clone()).into_iter().flatten().collect();
        }
        ("derive", Meta::List(list)) => {
            let _ = list.parse_nested_meta(|meta| {
                model.derives.extend(meta.path.segments.last().map(|segment| segment.ident.to_string()));
                Ok(())
            });
        }
        _ => {}
    }
}

/// Reads a field; `None` for one of a tuple struct that names no column.
pub(crate) fn read_field(field: &Field, errors: &mut Vec<syn::Error>) -> Option<FieldInput> {
    let mut column = None;
    let mut annotations = Vec::new();
    let mut embedded = false;
    let mut first_fk = None;
    for meta in effective(&field.attrs) {
        let Some(name) = meta.path().get_ident() else { continue };
        match (name.to_string().as_str(), &meta) {
            ("fk", _) => {
                first_fk.get_or_insert(name.span());
                annotations.extend(read_fk(&meta, errors));
            }
            ("diesel", Meta::List(list)) => for_each_entry(list.tokens.clone(), |key, _, input| {
                match key {
                    "column_name" => column = Some(name_value(input)?),
                    "embed" => embedded = true,
                    _ => {}
                }
                Ok(())
            }),
            // Diesel 1's style.
            ("column_name", Meta::NameValue(pair)) => {
                let named = string_of(&pair.value).and_then(|text| text.parse_with(Ident::parse_any).ok());
                column = named.or(column);
            }
            ("embed", Meta::Path(_)) => embedded = true,
            _ => {}
        }
    }
    let Some(ident) = field.ident.clone().or_else(|| column.clone()) else {
        if let Some(at) = first_fk {
            let message = "a field without a name has no column; name it: `#[diesel(column_name = org_id)]`";
            errors.push(syn::Error::new(at, message));
        }
        return None;
    };
    Some(FieldInput { column: column.unwrap_or_else(|| ident.clone()), ident, annotations, embedded })
}

fn read_fk(meta: &Meta, errors: &mut Vec<syn::Error>) -> Option<Annotation> {
    let at = meta.path().segments.first().map_or_else(Span::call_site, |segment| segment.ident.span());
    if let Meta::List(list) = meta {
        Some(parse_annotation(list.tokens.clone(), at, errors))
    } else {
        errors.push(syn::Error::new(at, "`fk` takes a list; write e.g. `#[fk(on_delete = cascade)]`"));
        None
    }
}

/// `= path`, also in a string.
fn table_attribute(input: ParseStream<'_>) -> syn::Result<Option<TableAttribute>> {
    input.parse::<Token![=]>()?;
    let (path, span) = if input.peek(LitStr) {
        let text: LitStr = input.parse()?;
        (text.parse::<Path>()?, text.span())
    } else {
        let path = input.call(Path::parse_mod_style)?;
        let span = path.segments.last().map_or_else(Span::call_site, |segment| segment.ident.span());
        (path, span)
    };
    Ok(Some(TableAttribute { path, origin: TableRefOrigin::Attribute, span }))
}

/// `= name`, also in a string.
fn name_value(input: ParseStream<'_>) -> syn::Result<Ident> {
    input.parse::<Token![=]>()?;
    if input.peek(LitStr) {
        let text: LitStr = input.parse()?;
        text.parse_with(Ident::parse_any)
    } else {
        input.call(Ident::parse_any)
    }
}

fn idents_in_parentheses(input: ParseStream<'_>) -> syn::Result<Vec<Ident>> {
    let content;
    syn::parenthesized!(content in input);
    let idents = content.parse_terminated(Ident::parse_any, Token![,])?;
    Ok(idents.into_iter().collect())
}

fn belongs_to(input: ParseStream<'_>) -> syn::Result<Option<BelongsTo>> {
    let content;
    syn::parenthesized!(content in input);
    Ok(content.parse::<BelongsToArguments>()?.0)
}

/// `User`, `path::User<'_>, foreign_key = owner_id`, `parent = "User"` (Diesel 1), values also in strings.
struct BelongsToArguments(Option<BelongsTo>);

impl Parse for BelongsToArguments {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let mut parent: Option<Path> = None;
        let mut foreign_key = None;
        while !input.is_empty() {
            if input.peek(Ident::peek_any) && input.peek2(Token![=]) {
                let key = input.call(Ident::parse_any)?;
                match key.to_string().as_str() {
                    "foreign_key" => foreign_key = Some(name_value(input)?),
                    "parent" => {
                        input.parse::<Token![=]>()?;
                        let text: LitStr = input.parse()?;
                        parent = Some(text.parse()?);
                    }
                    _ => {
                        let _: TokenStream = input.parse()?;
                    }
                }
            } else {
                parent = Some(input.parse()?);
            }
            let _: Option<Token![,]> = input.parse()?;
        }
        Ok(BelongsToArguments(parent.and_then(|parent| {
            let last = parent.segments.last()?.ident.clone();
            let foreign_key = foreign_key
                .unwrap_or_else(|| Ident::new(&foreign_key_of(&last.unraw().to_string()), last.span()));
            Some(BelongsTo { parent, foreign_key, span: last.span() })
        })))
    }
}

fn string_of(value: &syn::Expr) -> Option<LitStr> {
    match value {
        syn::Expr::Lit(syn::ExprLit { lit: syn::Lit::Str(text), .. }) => Some(text.clone()),
        _ => None,
    }
}

/// Diesel's own default table of a struct: `BatchJob` → `batch_jobs` (`diesel_derives`, `infer_table_name`).
pub fn table_name_of(struct_name: &str) -> String {
    let mut name = snake_case(struct_name);
    name.push('s');
    name
}

/// Diesel's own default foreign key of a parent struct: `Organization` → `organization_id`.
pub(crate) fn foreign_key_of(parent: &str) -> String {
    snake_case(parent) + "_id"
}

/// As Diesel does it: an underscore before every upper-case letter but the first.
fn snake_case(name: &str) -> String {
    let mut result = String::with_capacity(name.len() + 4);
    for (at, character) in name.char_indices() {
        if character.is_uppercase() && at > 0 {
            result.push('_');
        }
        result.extend(character.to_lowercase());
    }
    result
}

#[cfg(test)]
mod tests {
    use super::*;

    fn model(text: &str) -> ModelInput {
        let mut errors = Vec::new();
        let model = read_model(&syn::parse_str(text).expect("a struct"), &mut errors);
        assert!(errors.is_empty(), "{errors:?}");
        model
    }

    #[test]
    fn diesels_names() {
        assert_eq!(table_name_of("BatchJob"), "batch_jobs");
        assert_eq!(foreign_key_of("Organization"), "organization_id");
    }

    #[test]
    fn new_style_old_style_and_cfg_attr_read_alike() {
        for text in [
            "#[derive(Queryable, ForeignKeys)] #[diesel(table_name = posts, belongs_to(User, foreign_key=author_id))] struct P {}",
            "#[derive(Queryable, fkcheck_macros::ForeignKeys)] #[table_name = \"posts\"] #[belongs_to(User, foreign_key = \"author_id\")] struct P {}",
            "#[cfg_attr(feature = \"full\", derive(Queryable, ForeignKeys), diesel(table_name = posts), \
               cfg_attr(x, diesel(belongs_to(crate::User<'_>, foreign_key = author_id))))] struct P {}",
            "#[derive(ForeignKeys)] #[belongs_to(parent = \"User\", foreign_key = \"author_id\")] struct Post {}",
        ] {
            let model = model(text);
            assert_eq!(model.tables.len(), 1, "{text}");
            assert!(model.tables[0].path.is_ident("posts"), "{text}");
            assert_eq!(model.belongs_to.len(), 1, "{text}");
            assert_eq!(model.belongs_to[0].foreign_key, "author_id", "{text}");
            assert!(model.derives.iter().any(|derive| derive == "ForeignKeys"), "{text}");
        }
    }

    #[test]
    fn other_diesel_entries_do_not_disturb() {
        let model = model(
            "#[diesel(check_for_backend(Pg), sql_type = Nullable<diesel::Text>, primary_key(a, b), table_name = crate::schema::x)]
             struct P { #[diesel(select_expression = f::<A, B>(1, 2), column_name = type_)] r#type: i32, #[diesel(embed)] e: E }",
        );
        assert_eq!(model.tables[0].path.segments.len(), 3);
        assert_eq!(model.fields[0].column, "type_");
        assert!(model.fields[1].embedded);
    }
}
