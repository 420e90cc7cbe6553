//! What a function does to rows as a whole: what it deletes and writes itself, what its cascades take along, and what the
//! functions do that it calls.

use std::collections::HashSet;
use std::rc::Rc;

use crate::compare::Comparison;
use crate::consequence::Deletes;
use crate::model::{Act, Deed, Function, ObservedKey, TableName};

/// What happens to rows.
#[derive(Clone, Default)]
pub(super) struct Effects<'a>(Rc<Inner<'a>>);

#[derive(Clone, Default)]
struct Inner<'a> {
    /// Tables that lose rows, as the source calls them, and the column by which they are chosen; none: it isn't known by which, or
    /// all of them go.
    deleted: HashSet<(&'a TableName, Option<&'a str>)>,
    /// Columns that are written.
    written: HashSet<(&'a TableName, &'a str)>,
}

impl Effects<'_> {
    /// Whether rows of the key's child go, or refer to something else afterwards.
    pub(super) fn sees_to(&self, key: &ObservedKey) -> bool {
        let child = &key.key.table;
        let by = |column: &String| {
            self.0.deleted.contains(&(child, Some(&**column))) || self.0.written.contains(&(child, &**column))
        };
        self.0.deleted.contains(&(child, None)) || key.key.columns.iter().any(by)
    }
}

/// What each function does, with what it calls, however deep.
pub(super) fn of_all<'a>(
    comparison: &'a Comparison<'a>,
    deletes: &Deletes<'a>,
    functions: &'a [Function],
) -> Vec<Effects<'a>> {
    let mut whole: Vec<Inner<'a>> = functions
        .iter()
        .map(|function| {
            let mut effects = Inner::default();
            function.acts.iter().for_each(|act| add(&mut effects, comparison, deletes, act));
            effects
        })
        .collect();
    // Until nothing is added: what a function does, those that call it do. Recursion ends because sets only grow.
    let mut changed = true;
    while changed {
        changed = false;
        for at in 0..functions.len() {
            for act in &functions[at].acts {
                let Deed::Call(called) = &act.what else { continue };
                for &other in called.iter().filter(|other| **other != at) {
                    let of_other = whole[other].clone();
                    let effects = &mut whole[at];
                    let before = effects.deleted.len() + effects.written.len();
                    effects.deleted.extend(of_other.deleted);
                    effects.written.extend(of_other.written);
                    changed |= effects.deleted.len() + effects.written.len() > before;
                }
            }
        }
    }
    whole.into_iter().map(|effects| Effects(Rc::new(effects))).collect()
}

/// What one act does.
pub(super) fn of_act<'a>(
    comparison: &'a Comparison<'a>,
    deletes: &Deletes<'a>,
    act: &'a Act,
    whole: &[Effects<'a>],
) -> Effects<'a> {
    match &act.what {
        Deed::Call(called) if called.len() == 1 => whole[called[0]].clone(),
        Deed::Call(called) => {
            let mut effects = Inner::default();
            for &other in called {
                effects.deleted.extend(&whole[other].0.deleted);
                effects.written.extend(&whole[other].0.written);
            }
            Effects(Rc::new(effects))
        }
        _ => {
            let mut effects = Inner::default();
            add(&mut effects, comparison, deletes, act);
            Effects(Rc::new(effects))
        }
    }
}

fn add<'a>(effects: &mut Inner<'a>, comparison: &'a Comparison<'a>, deletes: &Deletes<'a>, act: &'a Act) {
    match &act.what {
        Deed::Delete { table, columns, .. } => {
            let Some(table) = comparison.observed_table(table) else { return };
            let reach = deletes.reach(&table.name);
            // By its own id it may be any row: one that was looked up before.
            let declared = comparison.table_of(&table.name);
            let is_id = |column: &String| {
                declared.is_some_and(|table| table.primary_key.len() == 1 && table.primary_key[0] == *column)
            };
            if columns.is_empty() || columns.iter().any(is_id) {
                effects.deleted.insert((&table.name, None));
            }
            effects.deleted.extend(columns.iter().map(|column| (&table.name, Some(&**column))));
            let along = reach.deleted.iter().skip(1).map(|deleted| (deleted.table, None));
            effects.deleted.extend(along);
            for cleared in &reach.cleared {
                let key = &cleared.key.key;
                effects.written.extend(key.columns.iter().map(|column| (&key.table, &**column)));
            }
        }
        Deed::Update { table, columns, .. } => {
            let Some(table) = comparison.observed_table(table) else { return };
            effects.written.extend(columns.iter().map(|column| (&table.name, &**column)));
        }
        Deed::DeleteOfUnknown { .. } | Deed::Call(_) => {}
    }
}
