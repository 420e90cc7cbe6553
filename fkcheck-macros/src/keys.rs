//! What the annotations of one struct, or the lines of one `foreign_keys!`, say: one [`Key`] each.

use fkcheck_core::grammar::{Annotation, FieldInput, ForeignKeyLine, ModelInput, References, TableRef};
use proc_macro2::Span;
use syn::ext::IdentExt;
use syn::{GenericArgument, Ident, Lifetime, Path, PathArguments};

/// One annotated key, as far as the compiler can check it.
pub(crate) struct Key<'a> {
    /// The child table's module; `None` where it is named in a string.
    pub(crate) child: Option<&'a Path>,
    /// The referencing columns.
    pub(crate) columns: Vec<&'a Ident>,
    /// The parent.
    pub(crate) parent: Parent<'a>,
    /// What is said of it.
    pub(crate) annotation: &'a Annotation,
}

/// The parent, as far as the compiler can know it.
pub(crate) enum Parent<'a> {
    /// `references = users(id)`, or without columns: the primary key.
    Table { path: &'a Path, columns: Vec<&'a Ident> },
    /// `belongs_to(User)`: the primary key of its table.
    Model { path: Path, name: String, span: Span },
    /// Named in a string, or not at all: left to `cargo fkcheck`.
    Unknown,
}

/// The keys that a struct's annotations speak of.
pub(crate) fn of_model(model: &ModelInput) -> Vec<Key<'_>> {
    let mut keys = Vec::new();
    for table in &model.tables {
        let child = Some(&table.path);
        for annotation in &model.annotations {
            if let Some(columns) = &annotation.columns {
                let columns: Vec<&Ident> = columns.idents.iter().collect();
                let parent = referenced(annotation.references.as_ref(), columns.len());
                keys.push(Key { child, columns, parent, annotation });
            }
        }
        for field in model.fields.iter().filter(|field| !field.embedded) {
            for annotation in field.annotations.iter().filter(|annotation| annotation.columns.is_none()) {
                let parent = match (&annotation.references, annotation.none) {
                    (None, None) => parent_model(model, field),
                    (references, _) => referenced(references.as_ref(), 1),
                };
                keys.push(Key { child, columns: vec![&field.column], parent, annotation });
            }
        }
    }
    keys
}

/// The keys that the lines speak of.
pub(crate) fn of_lines(lines: &[ForeignKeyLine]) -> Vec<Key<'_>> {
    lines
        .iter()
        .map(|line| Key {
            child: match &line.child {
                TableRef::Path(path) => Some(path),
                TableRef::Text { .. } => None,
            },
            columns: line.columns.iter().collect(),
            parent: referenced(line.annotation.references.as_ref(), line.columns.len()),
            annotation: &line.annotation,
        })
        .collect()
}

/// `width` is the number of referencing columns; references of another width are an error already.
fn referenced(references: Option<&References>, width: usize) -> Parent<'_> {
    match references {
        Some(References { table: TableRef::Path(path), columns, .. })
            if columns.is_empty() || columns.len() == width =>
        {
            Parent::Table {
                path,
                columns: columns.iter().filter_map(|column| column.ident.as_ref()).collect(),
            }
        }
        _ => Parent::Unknown,
    }
}

/// The model that `belongs_to` names for a field's column.
fn parent_model<'a>(model: &ModelInput, field: &FieldInput) -> Parent<'a> {
    let column = field.column.unraw();
    let Some(belongs_to) = model.belongs_to.iter().find(|entry| entry.foreign_key.unraw() == column) else {
        return Parent::Unknown;
    };
    let mut path = belongs_to.parent.clone();
    if !make_static(&mut path) {
        return Parent::Unknown;
    }
    let name = path.segments.last().map(|segment| segment.ident.to_string()).unwrap_or_default();
    Parent::Model { path, name, span: belongs_to.span }
}

/// Makes every lifetime `'static`, for the proof stands outside of the struct. False where there are other generic
/// arguments: their bounds are not known here.
fn make_static(path: &mut Path) -> bool {
    path.segments.iter_mut().all(|segment| match &mut segment.arguments {
        PathArguments::None => true,
        PathArguments::Parenthesized(_) => false,
        PathArguments::AngleBracketed(arguments) => {
            arguments.args.iter_mut().all(|argument| match argument {
                GenericArgument::Lifetime(lifetime) => {
                    *lifetime = Lifetime::new("'static", lifetime.span());
                    true
                }
                _ => false,
            })
        }
    })
}
