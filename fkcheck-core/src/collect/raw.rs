//! What one file says, names not yet resolved.

use crate::model::{
    Action, Allowance, DataClass, Deferrability, SourceFile, Span, SqlType, Stated, TableName,
};

/// What one file says, names not yet resolved. Its spans have `FileId(0)` until the file gets its number.
pub(super) struct FileFacts {
    pub(super) source: SourceFile,
    pub(super) modules: Vec<String>,
    pub(super) root: usize,
    pub(super) package: usize,
    pub(super) tables: Vec<RawTable>,
    pub(super) joinables: Vec<RawJoinable>,
    pub(super) models: Vec<RawModel>,
    pub(super) lines: Vec<RawLine>,
    /// What names stand for.
    pub(super) imports: Vec<Import>,
    /// Files that `#[path = ".."]` and `include!("..")` name, relative to this one.
    pub(super) elsewhere: Vec<Elsewhere>,
    /// Files that `include!(concat!(env!("OUT_DIR"), ".."))` names and nobody has found yet.
    pub(super) generated: Vec<Generated>,
    /// Whether it turns SQLite's foreign keys on.
    pub(super) turns_keys_on: bool,
    /// Its functions, as far as they may delete.
    pub(super) read: super::functions::Read,
    /// What could not be read.
    pub(super) faults: Vec<Mistake>,
}

impl FileFacts {
    pub(super) fn fault(&mut self, message: String, span: Option<Span>) {
        self.faults.push(Mistake { message, span, help: None });
    }

    pub(super) fn fault_with_help(&mut self, message: String, span: Span, help: &'static str) {
        self.faults.push(Mistake { message, span: Some(span), help: Some(help) });
    }
}

/// A file that another one leads to.
pub(super) struct Elsewhere {
    /// As written.
    pub(super) path: String,
    /// Inline modules around it that the path counts from.
    pub(super) within: Vec<String>,
    /// The modules that its content lies in, below those of the file that names it.
    pub(super) modules: Vec<String>,
}

impl Elsewhere {
    /// `include!("path")`
    pub(super) fn included(path: String, around: &[String]) -> Self {
        Elsewhere { path, within: Vec::new(), modules: around.to_vec() }
    }

    /// `#[path = "path"] mod name;`
    pub(super) fn module(path: String, around: &[String], name: String) -> Self {
        let modules = around.iter().cloned().chain([name]).collect();
        Elsewhere { path, within: around.to_vec(), modules }
    }
}

/// A file that a build script makes.
pub(super) struct Generated {
    /// Below `OUT_DIR`.
    pub(super) path: String,
    /// Inline modules around it.
    pub(super) modules: Vec<String>,
    /// Where it is named.
    pub(super) span: Span,
}

/// Something that could not be read, and where.
pub(super) struct Mistake {
    pub(super) message: String,
    pub(super) span: Option<Span>,
    /// What to do about it.
    pub(super) help: Option<&'static str>,
}

/// A name that stands for a path in one module of a file.
#[derive(Clone)]
pub(crate) struct Import {
    /// The inline modules around it.
    pub(crate) modules: Vec<String>,
    /// The name; `*` for all names behind the path.
    pub(crate) name: String,
    /// What it stands for, as written.
    pub(crate) path: Vec<String>,
    /// Whether other modules may have it from here.
    pub(crate) is_public: bool,
}

/// A table as one file has it.
pub(super) struct RawTable {
    pub(super) name: TableName,
    pub(super) module: String,
    pub(super) columns: Vec<RawColumn>,
    /// Identifiers, not yet SQL names.
    pub(super) primary_key: Vec<String>,
    pub(super) is_view: bool,
    /// Inline modules around the macro.
    pub(super) modules: Vec<String>,
    pub(super) span: Span,
}

/// A column as one file has it.
pub(super) struct RawColumn {
    pub(super) name: String,
    pub(super) ident: String,
    pub(super) sql_type: SqlType,
    pub(super) nullable: bool,
    pub(super) span: Span,
}

/// `joinable!(child -> parent (column))` by identifiers.
pub(super) struct RawJoinable {
    /// Inline modules around the macro.
    pub(super) modules: Vec<String>,
    pub(super) child: Vec<String>,
    pub(super) parent: Vec<String>,
    pub(super) column: String,
    pub(super) span: Span,
}

/// A struct as one file has it.
pub(super) struct RawModel {
    pub(super) name: String,
    /// Inline modules around it.
    pub(super) modules: Vec<String>,
    pub(super) tables: Vec<RawTableRef>,
    /// Whether the table is named by an attribute, not made from the struct's name.
    pub(super) names_table: bool,
    pub(super) belongs_to: Vec<RawBelongsTo>,
    /// `primary_key(..)`, by identifiers.
    pub(super) primary_key: Vec<RawColumnRef>,
    pub(super) claims: Vec<(Vec<RawColumnRef>, RawClaim)>,
    pub(super) allow: Vec<Allowance>,
    pub(super) derives: Vec<String>,
    /// The columns of its fields, by identifiers.
    pub(super) columns: Vec<RawColumnRef>,
    pub(super) span: Span,
}

pub(super) struct RawBelongsTo {
    pub(super) parent: Vec<String>,
    pub(super) foreign_key: String,
    pub(super) span: Span,
}

/// A line of `foreign_keys!`.
pub(super) struct RawLine {
    /// Inline modules around it.
    pub(super) modules: Vec<String>,
    pub(super) child: RawTableRef,
    pub(super) columns: Vec<RawColumnRef>,
    pub(super) claim: RawClaim,
}

/// A table as written.
pub(super) enum RawTableRef {
    Path(Vec<String>),
    Sql(TableName),
}

/// A column as written.
#[derive(Clone)]
pub(super) struct RawColumnRef {
    pub(super) name: String,
    /// Named in a string: an SQL name already.
    pub(super) is_sql: bool,
    pub(super) span: Span,
}

/// An annotation as written.
pub(super) struct RawClaim {
    pub(super) references: Option<(RawTableRef, Vec<RawColumnRef>, Span)>,
    pub(super) on_delete: Option<Stated<Action>>,
    pub(super) on_update: Option<Stated<Action>>,
    pub(super) deferrability: Option<Stated<Deferrability>>,
    pub(super) name: Option<Stated<String>>,
    pub(super) none: Option<Span>,
    pub(super) data: Option<Stated<DataClass>>,
    pub(super) reason: Option<Stated<String>>,
    pub(super) allow: Vec<Allowance>,
    pub(super) span: Span,
}

impl RawModel {
    pub(super) fn derives_foreign_keys(&self) -> bool {
        self.derives.iter().any(|derive| derive == "ForeignKeys")
    }
}
