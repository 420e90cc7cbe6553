//! The annotation of an observed key, as text.

use super::names::ident;
use crate::compare::{Agreement, actions_agree};
use crate::model::{Action, Column, Deferrability, EngineFacts, ObservedKey, RuleId, Table};

/// An observed key by the names that `schema.rs` has for it.
pub(super) struct Key<'a> {
    pub(super) observed: &'a ObservedKey,
    pub(super) engine: &'a EngineFacts,
    pub(super) child: &'a Table,
    pub(super) columns: Vec<&'a Column>,
    pub(super) parent: Option<&'a Table>,
    /// As many as `columns`; empty where `schema.rs` doesn't have them all.
    pub(super) parent_columns: Vec<&'a Column>,
}

/// How an annotation names the parent.
pub(super) enum Parent {
    /// `belongs_to` or `joinable!` tells.
    Told,
    /// A path, for the compiler to check.
    Path(String),
    /// A string.
    Text,
}

/// What the compiler would refuse and the database has: a rule to allow, and a question for a person.
pub(super) struct DoubtfulRule {
    pub(super) rule: RuleId,
    pub(super) reason: String,
}

impl Key<'_> {
    /// What is to be allowed, for the code to compile with the key as it is.
    pub(super) fn doubts(&self) -> Vec<DoubtfulRule> {
        let mut doubts = Vec::new();
        let different = self
            .columns
            .iter()
            .zip(&self.parent_columns)
            .find(|(child, parent)| child.sql_type != parent.sql_type);
        if let Some((child, parent)) = different {
            let (left, right) = (&child.sql_type.0, &parent.sql_type.0);
            doubts.push(DoubtfulRule {
                rule: RuleId::fk_type_mismatch,
                reason: format!("{left} refers to {right}"),
            });
        }
        if let Action::SetNull(named) = &self.observed.on_delete {
            let is_nulled = |name: &String| named.is_empty() || named.contains(name);
            let is_not_null = |at: usize| {
                !self.columns[at].nullable
                    || self.observed.columns.get(at).is_some_and(|facts| !facts.nullable)
            };
            let wrong = (0..self.columns.len())
                .find(|&at| is_nulled(&self.observed.key.columns[at]) && is_not_null(at));
            if let Some(at) = wrong {
                let reason = format!("`{}` is NOT NULL, so such a delete fails", self.columns[at].name);
                doubts.push(DoubtfulRule { rule: RuleId::fk_set_null_not_nullable, reason });
            }
        }
        doubts
    }

    /// What `#[fk(..)]` says of the key, without its columns and its parent.
    fn says(&self) -> Vec<String> {
        let observed = self.observed;
        let mut says = vec![format!("on_delete = {}", self.action(&observed.on_delete))];
        let is_default = |action: &Action| {
            let deferrable = observed.deferrability != Deferrability::NotDeferrable;
            let columns = &observed.key.columns;
            actions_agree(&Action::NoAction, action, columns, deferrable, self.engine) == Agreement::Same
        };
        if !is_default(&observed.on_update) {
            says.push(format!("on_update = {}", self.action(&observed.on_update)));
        }
        match observed.deferrability {
            Deferrability::NotDeferrable => {}
            deferrable => says.push(format!("deferrable = {}", deferrable.as_annotation())),
        }
        for DoubtfulRule { rule, reason } in self.doubts() {
            says.push(format!("allow({rule}, reason = {:?})", format!("TODO: {reason}")));
        }
        says
    }

    /// The action with the columns by their identifiers.
    fn action(&self, action: &Action) -> String {
        let idents = |names: &[String]| -> Vec<String> {
            let position = |name: &String| self.observed.key.columns.iter().position(|column| column == name);
            let ident_of = |name: &String| {
                position(name).map_or_else(|| name.clone(), |at| ident(&self.columns[at].ident))
            };
            names.iter().map(ident_of).collect()
        };
        match action {
            Action::SetNull(names) => Action::SetNull(idents(names)).as_annotation(),
            Action::SetDefault(names) => Action::SetDefault(idents(names)).as_annotation(),
            other => other.as_annotation(),
        }
    }

    /// `#[fk(..)]`, on the key's field or, `with_columns`, on the struct.
    pub(super) fn attribute(&self, parent: &Parent, with_columns: bool, condition: Option<&str>) -> String {
        let mut entries = Vec::new();
        if with_columns {
            entries.push(format!("columns({})", idents(&self.columns)));
        }
        match parent {
            Parent::Told => {}
            Parent::Path(path) => {
                entries.push(format!("references = {path}({})", idents(&self.parent_columns)));
            }
            Parent::Text => entries.push(format!("references = {:?}", self.parent_in_text())),
        }
        entries.extend(self.says());
        fk_attribute(&entries.join(", "), condition)
    }

    /// A line of `foreign_keys!`.
    pub(super) fn line(&self, child: &str, parent: &Parent) -> String {
        let parent = match parent {
            Parent::Path(path) => format!("{path} ({})", idents(&self.parent_columns)),
            _ => format!("{:?}", self.parent_in_text()),
        };
        format!("{child} ({}) -> {parent}, {};", idents(&self.columns), self.says().join(", "))
    }

    /// `billing.users(id)`
    fn parent_in_text(&self) -> String {
        let columns = &self.observed.parent_columns;
        let parent = self.parent.map_or(&self.observed.parent, |table| &table.name);
        if columns.is_empty() { parent.to_string() } else { format!("{parent}({})", columns.join(", ")) }
    }
}

/// `#[fk(..)]`, behind the condition of the derive.
pub(super) fn fk_attribute(entries: &str, condition: Option<&str>) -> String {
    match condition {
        Some(condition) => format!("#[cfg_attr({condition}, fk({entries}))]"),
        None => format!("#[fk({entries})]"),
    }
}

pub(super) fn idents(columns: &[&Column]) -> String {
    columns.iter().map(|column| ident(&column.ident)).collect::<Vec<_>>().join(", ")
}
