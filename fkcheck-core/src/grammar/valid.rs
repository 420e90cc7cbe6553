//! What the parser can't see token by token: whether an annotation stands where it can mean something.
//!
//! Used by the derive and by `cargo fkcheck` alike, after [`read_model`](super::read_model) and
//! [`parse_foreign_keys`](super::parse_foreign_keys).

use proc_macro2::Span;
use syn::Ident;
use syn::ext::IdentExt;

use super::value::listed;
use super::{ActionValue, Annotation, FieldInput, ForeignKeyLine, ModelInput, Shape, nearest};
use crate::model::Action;

/// Checks where the annotations of a struct stand.
pub fn validate(model: &ModelInput, errors: &mut Vec<syn::Error>) {
    if let Shape::Other(what) = model.shape {
        let annotated = model.annotations.first().map(Annotation::span);
        let message = format!(
            "{what} is not a row of a table; derive `ForeignKeys` on the struct that is, or write \
             `foreign_keys! {{ child (column) -> parent (id), on_delete = cascade; }}`"
        );
        errors.push(syn::Error::new(annotated.unwrap_or(model.ident.span()), message));
        return;
    }
    for annotation in &model.annotations {
        struct_level(annotation, model, errors);
    }
    for field in &model.fields {
        for annotation in &field.annotations {
            field_level(annotation, field, errors);
        }
    }
}

/// Checks the lines of `foreign_keys!`.
pub fn validate_lines(lines: &[ForeignKeyLine], errors: &mut Vec<syn::Error>) {
    for line in lines {
        nothing_but_a_reason(&line.annotation, errors);
        columns_of_actions(&line.annotation, &line.columns, errors);
    }
}

/// Finds what two annotations of one field, or two for the same columns of a struct, both say. For the derive alone:
/// in a source file, each may stand behind a `cfg_attr` of its own.
pub fn reject_repetitions(model: &ModelInput, errors: &mut Vec<syn::Error>) {
    for field in &model.fields {
        repeated(&field.annotations.iter().collect::<Vec<_>>(), errors);
    }
    let mut seen: Vec<&[Ident]> = Vec::new();
    for annotation in &model.annotations {
        let columns = columns_of(annotation);
        if !seen.contains(&columns) {
            seen.push(columns);
            let same = |other: &&Annotation| columns_of(other) == columns;
            repeated(&model.annotations.iter().filter(same).collect::<Vec<_>>(), errors);
        }
    }
}

fn columns_of(annotation: &Annotation) -> &[Ident] {
    annotation.columns.as_ref().map_or(&[], |columns| &columns.idents)
}

/// What names two parents speaks of two keys; what names none speaks of each.
fn repeated(annotations: &[&Annotation], errors: &mut Vec<syn::Error>) {
    let mut seen: Vec<(&str, Option<String>)> = Vec::new();
    for annotation in annotations.iter().filter(|annotation| !annotation.broken) {
        let parent = annotation.references.as_ref().map(|references| references.table.to_string());
        for (key, span) in values(annotation) {
            let is_same = |(other, of): &(&str, Option<String>)| {
                *other == key && (of.is_none() || parent.is_none() || *of == parent)
            };
            if seen.iter().any(is_same) {
                let message =
                    format!("`{key}` is given twice, the first time in an `#[fk(..)]` before; remove one");
                errors.push(syn::Error::new(span, message));
            } else {
                seen.push((key, parent.clone()));
            }
        }
    }
}

/// The keys that can be given once, each with the place of its value.
fn values(annotation: &Annotation) -> impl Iterator<Item = (&'static str, Span)> {
    [
        ("references", annotation.references.as_ref().map(|references| references.span)),
        ("on_delete", annotation.on_delete.as_ref().map(|value| value.span)),
        ("on_update", annotation.on_update.as_ref().map(|value| value.span)),
        ("name", annotation.name.as_ref().map(syn::LitStr::span)),
        ("deferrable", annotation.deferrable.map(|value| value.span)),
        ("data", annotation.data.map(|value| value.span)),
        ("none", annotation.none),
        ("reason", annotation.reason.as_ref().map(syn::LitStr::span)),
    ]
    .into_iter()
    .filter_map(|(key, span)| Some((key, span?)))
}

fn struct_level(annotation: &Annotation, model: &ModelInput, errors: &mut Vec<syn::Error>) {
    match &annotation.columns {
        Some(columns) => {
            if says_nothing(annotation) {
                let message = "`columns(..)` alone says nothing of the key; add what the parent's delete does: \
                               `on_delete = cascade`";
                errors.push(syn::Error::new(columns.span, message));
            }
            columns_of_actions(annotation, &columns.idents, errors);
        }
        // `columns(..)` may be what could not be read.
        None if annotation.broken => {}
        None if annotation.speaks_of_a_key() => {
            let example = match model.fields.iter().find(|field| field.column.to_string().ends_with("_id")) {
                Some(field) => format!("`columns({})`", field.column),
                None => "`columns(order_id, region)`".to_owned(),
            };
            let message = format!(
                "of which column? move this `#[fk(..)]` to the field, or name the key's columns: {example}"
            );
            errors.push(syn::Error::new(annotation.span(), message));
        }
        None => nothing_but_a_reason(annotation, errors),
    }
}

fn field_level(annotation: &Annotation, field: &FieldInput, errors: &mut Vec<syn::Error>) {
    if field.embedded {
        let message = "an embedded field stands for several columns; put `#[fk(..)]` on a field of the embedded \
                       struct, or `#[fk(columns(..), ..)]` on this struct";
        errors.push(syn::Error::new(annotation.span(), message));
        return;
    }
    if let Some(columns) = &annotation.columns {
        let message = "`columns(..)` stands on the struct: on a field, the field is the column; remove it, or move \
                       this `#[fk(..)]` above the struct";
        errors.push(syn::Error::new(columns.span, message));
        return;
    }
    if let Some(references) = &annotation.references
        && references.columns.len() > 1
    {
        let names: Vec<&str> = references.columns.iter().map(|column| column.name.as_str()).collect();
        let message = format!(
            "one field can't reference {} columns; a composite key stands on the struct: \
             `#[fk(columns({}, ..), references = ..({}))]`",
            names.len(),
            field.column,
            names.join(", ")
        );
        errors.push(syn::Error::new(references.columns[1].span, message));
    }
    nothing_but_a_reason(annotation, errors);
    columns_of_actions(annotation, std::slice::from_ref(&field.column), errors);
}

/// True where neither a key, nor a data class, nor an allowance is there, and no half-written action either.
fn says_nothing(annotation: &Annotation) -> bool {
    !annotation.speaks_of_a_key()
        && annotation.data.is_none()
        && annotation.allow.is_empty()
        && !annotation.broken
}

fn nothing_but_a_reason(annotation: &Annotation, errors: &mut Vec<syn::Error>) {
    if let Some(reason) = &annotation.reason
        && says_nothing(annotation)
    {
        let message = "a reason for what? say it beside: `on_delete = cascade`, `none` or `allow(..)`";
        errors.push(syn::Error::new(reason.span(), message));
    }
}

/// The columns in `set_null(..)` must be columns of the key; and only a delete can have them.
fn columns_of_actions(annotation: &Annotation, key: &[Ident], errors: &mut Vec<syn::Error>) {
    if let Some(value) = &annotation.on_delete {
        for (name, span) in named_columns(value) {
            if !key.iter().any(|column| column.unraw() == name) {
                errors.push(syn::Error::new(span, no_column_of_the_key(&name, key)));
            }
        }
    }
    if let Some(value) = &annotation.on_update
        && let Some((_, span)) = named_columns(value).into_iter().next()
    {
        let word = if matches!(value.action, Action::SetNull(_)) { "set_null" } else { "set_default" };
        let message = format!("only ON DELETE can name columns; write `on_update = {word}`");
        errors.push(syn::Error::new(span, message));
    }
}

fn no_column_of_the_key(name: &str, key: &[Ident]) -> String {
    let columns: Vec<String> = key.iter().map(|column| column.unraw().to_string()).collect();
    let columns: Vec<&str> = columns.iter().map(String::as_str).collect();
    match nearest(name, columns.iter().copied()) {
        Some(near) => format!("`{name}` is no column of this key; did you mean `{near}`?"),
        None => format!("`{name}` is no column of this key, which has {}", listed(&columns, "and")),
    }
}

/// The columns in parentheses with their places; those of a string have the string's.
fn named_columns(value: &ActionValue) -> Vec<(String, Span)> {
    if !value.columns.is_empty() {
        return value.columns.iter().map(|column| (column.unraw().to_string(), column.span())).collect();
    }
    match &value.action {
        Action::SetNull(columns) | Action::SetDefault(columns) => {
            columns.iter().map(|column| (column.clone(), value.span)).collect()
        }
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::{parse_foreign_keys, read_model};
    use super::*;

    fn errors_of(text: &str) -> Vec<String> {
        let mut errors = Vec::new();
        let model = read_model(&syn::parse_str(text).expect("a type"), &mut errors);
        validate(&model, &mut errors);
        reject_repetitions(&model, &mut errors);
        errors.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn annotations_in_their_place_pass() {
        for right in [
            "#[fk(data = value)] struct A { #[fk(on_delete = cascade)] b_id: i64 }",
            "#[fk(columns(a, b), references = c(d, e), on_delete = set_null(b))] struct A { a: i64 }",
            "#[fk(columns(a, b), on_delete = \"SET NULL (a)\")] #[fk(columns(a, c), on_delete = cascade)] struct A;",
            "#[fk(allow(fk_undeclared), reason = \"r\")] struct A { #[fk(none, reason = \"r\")] b: i64 }",
            "struct A(#[diesel(column_name = b_id)] #[fk(on_delete = restrict)] i64);",
            "struct A { #[fk(on_delete = set_null(r#type))] r#type: i64 }",
            "struct A { #[fk(on_delete = cascade)] #[fk(name = \"x\")] b: i64 }",
            "struct A { #[fk(references = b(id), on_delete = cascade)] #[fk(references = c, on_delete = restrict)] b: i64 }",
            "#[fk(columns(a, b), references = c, on_delete = cascade)] #[fk(columns(a, b), references = d, on_delete = cascade)] struct A;",
        ] {
            assert_eq!(errors_of(right), [""; 0], "{right}");
        }
    }

    #[test]
    fn each_misplaced_annotation_is_one_error() {
        for (wrong, part) in [
            ("enum A { B }", "an enum"),
            ("union A { a: i32 }", "a union"),
            ("struct A(#[fk(on_delete = cascade)] i64);", "column_name"),
            ("struct A { #[fk(columns(a), on_delete = cascade)] a: i64 }", "stands on the struct"),
            ("#[fk(on_delete = cascade)] struct A { b_id: i64 }", "columns(b_id)"),
            ("#[fk(columns(a, b))] struct A { }", "says nothing"),
            ("#[fk(reason = \"r\")] struct A { }", "a reason for what"),
            ("struct A { #[fk(reason = \"r\")] b: i64 }", "a reason for what"),
            ("struct A { #[fk(on_delete = set_null(bb))] b: i64 }", "did you mean `b`"),
            ("struct A { #[fk(on_delete = \"SET NULL (other)\")] b: i64 }", "which has `b`"),
            ("struct A { #[fk(on_update = set_null(b))] b: i64 }", "on_update = set_null"),
            ("struct A { #[fk(references = c(d, e))] b: i64 }", "composite"),
            ("struct A { #[diesel(embed)] #[fk(on_delete = cascade)] b: B }", "embedded"),
            ("struct A { #[fk(on_delete = cascade)] #[fk(on_delete = restrict)] b: i64 }", "twice"),
            ("#[fk(data = value)] #[fk(data = audit)] struct A { }", "twice"),
            ("struct A { #[fk(references = b(id))] #[fk(references = b(x))] b: i64 }", "twice"),
            (
                "struct A { #[fk(on_delete = cascade)] #[fk(references = b, on_delete = cascade)] b: i64 }",
                "twice",
            ),
            ("struct A { #[fk(on_delete =, reason = \"r\")] b: i64 }", "needs a value"),
        ] {
            let errors = errors_of(wrong);
            assert_eq!(errors.len(), 1, "{wrong}: {errors:?}");
            assert!(errors[0].contains(part), "{wrong}: {errors:?}");
        }
    }

    #[test]
    fn lines_are_checked_alike() {
        let mut errors = Vec::new();
        let lines = parse_foreign_keys(
            "a (b, c) -> d (e, f), on_delete = set_null(x); a (b) -> d, on_delete = set_null(b);"
                .parse()
                .expect("tokens"),
            &mut errors,
        );
        validate_lines(&lines, &mut errors);
        let errors: Vec<String> = errors.iter().map(ToString::to_string).collect();
        assert_eq!(errors, ["`x` is no column of this key, which has `b` and `c`"]);
    }
}
