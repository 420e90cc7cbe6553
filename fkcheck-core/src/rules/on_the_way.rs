//! Observed keys as the rules on consequences speak of them: with an annotation or without, and key by key along a way.

use std::collections::{HashMap, HashSet};

use super::Draft;
use super::wording::key_to_parent;
use crate::compare::{Agreement, Comparison, Seen};
use crate::finding::{Level, Step, TableRef};
use crate::model::{DataClass, DeclaredKey, Model, ObservedKey, Span, TableName};

/// As many keys of a way are shown at each end.
const SHOWN: usize = 6;

/// What the code knows of a source's keys.
pub(super) struct Known<'a> {
    comparison: &'a Comparison<'a>,
    /// By the observed key, where it lies in memory: keys may be equal.
    declared: HashMap<*const ObservedKey, &'a DeclaredKey>,
    undeclared: HashSet<*const ObservedKey>,
    models: HashMap<&'a TableName, Vec<&'a Model>>,
    /// By declared table.
    classes: HashMap<&'a TableName, DataClass>,
}

impl<'a> Known<'a> {
    pub(super) fn new(comparison: &'a Comparison<'a>) -> Self {
        let facts = comparison.facts;
        let mut declared = HashMap::new();
        for pair in &comparison.pairs {
            if let Seen::Keys(keys) | Seen::OtherParent(keys) = &pair.seen {
                declared.extend(keys.iter().map(|&key| (std::ptr::from_ref(key), pair.declared)));
            }
        }
        let stated = facts.keys.iter().filter_map(|key| Some((&key.key.table, key.data()?.value)));
        let configured = facts.classes.iter().map(|(table, class)| (table, *class));
        Known {
            comparison,
            declared,
            undeclared: comparison.undeclared.iter().map(|&key| std::ptr::from_ref(key)).collect(),
            models: facts.models_by_table(),
            classes: configured.chain(stated).collect(),
        }
    }

    /// What the code says of a key.
    pub(super) fn declared(&self, key: &ObservedKey) -> Option<&'a DeclaredKey> {
        self.declared.get(&std::ptr::from_ref(key)).copied()
    }

    /// Whether an annotation says why the key is as it is.
    pub(super) fn has_reason(&self, key: &ObservedKey) -> bool {
        self.declared(key).is_some_and(|declared| declared.claims.iter().any(|claim| claim.reason.is_some()))
    }

    /// What the code says that rows of the key's child are worth.
    pub(super) fn class(&self, key: &ObservedKey) -> Option<DataClass> {
        let stated = self.declared(key).and_then(DeclaredKey::data).map(|stated| stated.value);
        let of_table = || {
            let table = self.comparison.table_of(&key.key.table)?;
            self.classes.get(&table.name).copied()
        };
        stated.or_else(of_table)
    }

    /// Whether the rows are worth keeping, as the code says.
    pub(super) fn is_worth_keeping(&self, key: &ObservedKey) -> bool {
        matches!(self.class(key), Some(DataClass::Value | DataClass::Audit))
    }

    /// A breach by a key, at its annotation; else at the model that speaks of its table's keys, at the column in `schema.rs`, at the
    /// parent's table, or where the source has set it. `None` where that is nobody's concern here, or where code and source differ on
    /// the key or on one of the `way`: that has to be mended first.
    pub(super) fn draft(
        &self,
        level: Level,
        key: &ObservedKey,
        way: &[&ObservedKey],
        label: &str,
        message: String,
    ) -> Option<Draft> {
        let comparison = self.comparison;
        if self.differs(key) || way.iter().any(|key| self.differs(key)) {
            return None;
        }
        let draft = if let Some(declared) = self.declared(key) {
            Draft::of_key(level, declared, rule_span(declared), label, message)
        } else if self.undeclared.contains(&std::ptr::from_ref(key)) {
            let (package, span) = self.place_in_code(key).or_else(|| Some((0, comparison.place_of(key)?)))?;
            let models = self.models_of(&key.key.table);
            Draft::new(level, package, span, label, message)
                .allowed_by(models.iter().flat_map(|model| &model.allow))
        } else {
            return None;
        };
        Some(draft.seen_in(comparison, Some(key)))
    }

    /// Whether the code says that the key does something else.
    fn differs(&self, key: &ObservedKey) -> bool {
        let declared = self.declared(key);
        declared.is_some_and(|declared| self.comparison.on_delete(declared, key) == Some(Agreement::Differs))
    }

    /// The same with the keys of a way, each at its place unless that is shown already.
    pub(super) fn along(&self, draft: Draft, way: &[&ObservedKey]) -> Draft {
        let step = |key: &&ObservedKey| Step {
            child: TableRef { table: key.key.table.clone(), columns: key.key.columns.clone() },
            parent: TableRef { table: key.parent.clone(), columns: key.parent_columns.clone() },
            on_delete: key.on_delete.clone(),
        };
        let draft = draft.way(way.iter().map(step).collect());
        let is_shown = |at: usize| at < SHOWN || at + SHOWN >= way.len();
        way.iter().enumerate().filter(|(at, _)| is_shown(*at)).fold(draft, |draft, (_, key)| {
            let text = format!("{} ON DELETE {}", key_to_parent(&key.key, &key.parent), key.on_delete);
            match self.place(key).filter(|span| !draft.shows(*span)) {
                Some(span) => draft.label(span, text),
                None => draft,
            }
        })
    }

    /// Where a key is told: at its annotation, where the source has set it, or at its column.
    pub(super) fn place(&self, key: &ObservedKey) -> Option<Span> {
        let declared = self.declared(key).map(rule_span);
        let in_source = || self.comparison.place_of(key);
        declared.or_else(in_source).or_else(|| Some(self.place_in_code(key)?.1))
    }

    /// The package and the place of a key that no annotation speaks of.
    fn place_in_code(&self, key: &ObservedKey) -> Option<(usize, Span)> {
        let (child, parent) = (&key.key.table, &key.parent);
        if let Some(model) = self.models_of(child).iter().find(|model| model.derives_foreign_keys) {
            return Some((model.package, model.span));
        }
        if let Some(table) = self.comparison.table_of(child) {
            let column = key.key.columns.iter().find_map(|name| table.column(name));
            return Some((table.package, column.map_or(table.span, |column| column.span)));
        }
        let table = self.comparison.table_of(parent)?;
        Some((table.package, table.span))
    }

    fn models_of(&self, observed: &TableName) -> &[&'a Model] {
        let models = self.comparison.table_of(observed).and_then(|table| self.models.get(&table.name));
        models.map_or(&[], Vec::as_slice)
    }
}

/// Where an annotation states the rule; else the annotation.
fn rule_span(declared: &DeclaredKey) -> Span {
    declared.on_delete().map_or(declared.first().span, |stated| stated.span)
}

/// The table that a way begins at, or where there is none, the parent of the key that it would lead to.
pub(super) fn start<'k>(way: &[&'k ObservedKey], key: &'k ObservedKey) -> &'k TableName {
    way.first().map_or(&key.parent, |first| &first.parent)
}

/// `` `users` takes rows of `posts` (`author_id`), these of `comments` (`post_id`) ``; continues "a delete from ..".
pub(super) fn in_words(way: &[&ObservedKey]) -> String {
    let step = |key: &&ObservedKey| format!("`{}` (`{}`)", key.key.table, key.key.columns.join(", "));
    let steps: Vec<String> = if way.len() > 2 * SHOWN {
        let more = format!("{} more tables", way.len() - 2 * SHOWN);
        let (first, last) = (&way[..SHOWN], &way[way.len() - SHOWN..]);
        first.iter().map(step).chain([more]).chain(last.iter().map(step)).collect()
    } else {
        way.iter().map(step).collect()
    };
    let start = way.first().map_or_else(String::new, |first| first.parent.to_string());
    format!("`{start}` takes rows of {}", steps.join(", those take rows of "))
}
