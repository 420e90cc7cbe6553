//! What a function's body says, names not yet resolved.

use std::sync::Arc;

use crate::model::{Allowance, By, Rows, Span};

/// A function as one file has it.
pub(in crate::collect) struct RawFunction {
    pub(super) name: String,
    /// Inline modules around it.
    pub(super) modules: Vec<String>,
    pub(super) owner: Owner,
    pub(super) returns: Option<RawType>,
    /// The value of its last expression.
    pub(super) value: RawValue,
    pub(super) acts: Vec<RawAct>,
    pub(super) is_test: bool,
    pub(super) expects_refusal: bool,
    pub(super) allow: Vec<Allowance>,
    pub(super) span: Span,
}

/// What a function belongs to.
#[derive(Clone)]
pub(super) enum Owner {
    Module,
    /// `impl Type` and `impl Trait for Type`.
    Type(RawType),
    /// `trait Name`.
    Trait(String),
}

/// `impl Trait for Type`
pub(in crate::collect) struct RawImpl {
    pub(super) modules: Vec<String>,
    pub(super) of: String,
    pub(super) for_type: RawType,
}

/// A type as written, without references, slices and lifetimes.
#[derive(Clone, Debug)]
pub(super) struct RawType {
    pub(super) path: Vec<String>,
    pub(super) args: Vec<RawType>,
}

/// What an expression is, as far as it leads to a table.
#[derive(Clone, Debug)]
pub(super) enum RawValue {
    Unknown,
    /// A table, most likely.
    Path(Vec<String>),
    /// A value of a type, or several of them.
    Of(RawType),
    Call(Vec<String>),
    Method {
        of: Arc<RawValue>,
        name: String,
        loads: Option<RawType>,
    },
}

pub(super) struct RawAct {
    pub(super) span: Span,
    pub(super) what: RawDeed,
}

pub(super) enum RawDeed {
    /// `delete(target)`, maybe Diesel's; `names` are all names in its condition.
    Delete {
        callee: Vec<String>,
        target: RawValue,
        rows: Rows,
        names: Vec<String>,
    },
    /// `update(target).set(..)`, maybe Diesel's.
    Update {
        callee: Vec<String>,
        target: RawValue,
        sets: Vec<Set>,
    },
    /// In a text; no name where it is put together.
    Sql {
        table: Option<crate::model::TableName>,
        by: By,
        rows: Rows,
        names: Vec<String>,
    },
    SqlUpdate {
        table: crate::model::TableName,
        sets: Vec<Set>,
    },
    Call(Vec<String>),
    Method {
        of: Arc<RawValue>,
        name: String,
    },
}

/// A column that is set.
#[derive(Clone)]
pub(super) struct Set {
    pub(super) column: String,
    /// To NULL or false: a mark is taken away.
    pub(super) clears: bool,
}
