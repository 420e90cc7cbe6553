//! Foreign keys as annotations in Rust code state them.

use std::fmt;

use super::{Action, DataClass, Deferrability, KeyName, RuleId, Span, TableName};

/// A value and the place where it is stated.
#[derive(Clone, Debug)]
pub struct Stated<T> {
    /// What is stated.
    pub value: T,
    /// The tokens of the value.
    pub span: Span,
}

/// What one annotation says of one key.
#[derive(Clone, Debug)]
pub struct Claim {
    /// The struct that carries the annotation; `None` for a line of `foreign_keys!`.
    pub model: Option<String>,
    /// The parent, where the annotation, `belongs_to` or `joinable!` tells.
    pub parent: Option<ParentClaim>,
    /// ON DELETE, where stated.
    pub on_delete: Option<Stated<Action>>,
    /// ON UPDATE, where stated.
    pub on_update: Option<Stated<Action>>,
    /// Deferrability, where stated.
    pub deferrability: Option<Stated<Deferrability>>,
    /// The constraint's name, where stated.
    pub name: Option<Stated<String>>,
    /// `none`: purposely no foreign key.
    pub none: Option<Span>,
    /// What the child row is worth; the struct's, where the field states nothing.
    pub data: Option<Stated<DataClass>>,
    /// Why, in the author's words.
    pub reason: Option<Stated<String>>,
    /// Rules that may be broken here.
    pub allow: Vec<Allowance>,
    /// The annotation: the content of `#[fk(..)]`, or the line of `foreign_keys!`.
    pub span: Span,
    /// Where the child column is named: the field, the column in `columns(..)`, or in `foreign_keys!`.
    pub column_span: Span,
    /// Index of the package it lies in.
    pub package: usize,
}

/// The parent that a claim names.
#[derive(Clone, Debug)]
pub struct ParentClaim {
    /// The parent table, by SQL name.
    pub table: TableName,
    /// The referenced columns in the order of the child's; empty where none are stated and none are known.
    pub columns: Vec<String>,
    /// Named by a path, `belongs_to` or `joinable!`, so a `table!` must declare it; a string may name any table.
    pub by_path: bool,
    /// Where it is said: `references = ..`, `belongs_to(..)` or `joinable!(..)`.
    pub span: Span,
}

/// `allow(rule, reason = "..")`.
#[derive(Clone, Debug)]
pub struct Allowance {
    /// The rule's name, with its place.
    pub rule: Stated<RuleId>,
    /// Why, in the author's words.
    pub reason: Option<String>,
}

/// All claims about one key, merged.
#[derive(Clone, Debug)]
pub struct DeclaredKey {
    /// Child table and columns.
    pub key: KeyName,
    /// At least one, in the order of files and lines.
    pub claims: Vec<Claim>,
    /// Whether keys to other parents are declared for the same columns.
    pub is_one_of_several: bool,
}

/// What tells declared keys apart.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct KeyId {
    /// Child table and columns.
    pub key: KeyName,
    /// The parent, where keys to several are declared for these columns.
    pub parent: Option<TableName>,
}

impl fmt::Display for KeyId {
    /// `batch_jobs.org_id`, or `links.receipt_id → receipts`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.key.fmt(f)?;
        self.parent.as_ref().map_or(Ok(()), |parent| write!(f, " → {parent}"))
    }
}

impl DeclaredKey {
    /// What tells it apart from every other.
    pub fn id(&self) -> KeyId {
        let parent = self.parent().filter(|_| self.is_one_of_several).map(|parent| parent.table.clone());
        KeyId { key: self.key.clone(), parent }
    }

    /// The first claim, the one that findings point at where no other fits better.
    pub fn first(&self) -> &Claim {
        &self.claims[0]
    }

    /// The parent, from the first claim that tells.
    pub fn parent(&self) -> Option<&ParentClaim> {
        self.claims.iter().find_map(|claim| claim.parent.as_ref())
    }

    /// ON DELETE, from the first claim that states it.
    pub fn on_delete(&self) -> Option<&Stated<Action>> {
        self.claims.iter().find_map(|claim| claim.on_delete.as_ref())
    }

    /// ON UPDATE, from the first claim that states it.
    pub fn on_update(&self) -> Option<&Stated<Action>> {
        self.claims.iter().find_map(|claim| claim.on_update.as_ref())
    }

    /// Deferrability, from the first claim that states it.
    pub fn deferrability(&self) -> Option<&Stated<Deferrability>> {
        self.claims.iter().find_map(|claim| claim.deferrability.as_ref())
    }

    /// ON UPDATE as it is meant: where nothing is stated, SQL's default.
    pub fn meant_on_update(&self) -> Action {
        self.on_update().map_or(Action::NoAction, |stated| stated.value.clone())
    }

    /// Deferrability as it is meant: where nothing is stated, SQL's default.
    pub fn meant_deferrability(&self) -> Deferrability {
        self.deferrability().map_or(Deferrability::NotDeferrable, |stated| stated.value)
    }

    /// The constraint's name, from the first claim that states it.
    pub fn name(&self) -> Option<&Stated<String>> {
        self.claims.iter().find_map(|claim| claim.name.as_ref())
    }

    /// `none`, from the first claim that states it.
    pub fn none(&self) -> Option<Span> {
        self.claims.iter().find_map(|claim| claim.none)
    }

    /// The data class, from the first claim that states it.
    pub fn data(&self) -> Option<&Stated<DataClass>> {
        self.claims.iter().find_map(|claim| claim.data.as_ref())
    }

    /// The allowance for a rule, if any claim has one.
    pub fn allowance(&self, rule: RuleId) -> Option<&Allowance> {
        self.claims.iter().flat_map(|claim| &claim.allow).find(|allowance| allowance.rule.value == rule)
    }
}
