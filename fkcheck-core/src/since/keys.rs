//! Which key of one state is which of the other, and what has changed of it.

use std::collections::{HashMap, HashSet};

use super::sides::Side;
use super::sql::{Renamed, Sql};
use super::{Altered, Change, KeyChange, Place, folded, folded_tables};
use crate::compare::{Agreement, actions_agree};
use crate::model::{Action, EngineFacts, KeyName, Observation, ObservedKey, TableName};

/// Tables and columns that have another name now.
pub(super) struct Names {
    /// By the old name, folded.
    tables: HashMap<String, (TableName, TableName)>,
    /// By the table's name now and the column's old one, folded.
    columns: HashMap<(String, String), String>,
}

impl Names {
    /// What was renamed by the texts that only the later state has, where both states bear it out: the old name is gone, the new
    /// one is new.
    pub(super) fn new(was: &Observation, is: &Observation, after: &Side) -> Names {
        let case = is.engine.table_case;
        let (old, new) = (folded_tables(was), folded_tables(is));
        let texts: Vec<Sql<'_>> = after.own_texts().map(Sql::new).collect();
        let renamed: Vec<Renamed<'_>> = texts.iter().flat_map(Sql::renamed).collect();
        // From each name to where the statements lead, one after the other.
        let mut leads: Vec<(&str, &str)> = Vec::new();
        for one in &renamed {
            let Renamed::Table { from, to } = one else { continue };
            match leads.iter_mut().find(|(_, now)| now.eq_ignore_ascii_case(from)) {
                Some((_, now)) => *now = to,
                None => leads.push((from, to)),
            }
        }
        let mut tables = HashMap::new();
        for (from, to) in leads {
            let named = |observation: &Observation, name: &str, other: &HashSet<String>| {
                let is_it = |table: &&TableName| {
                    table.name.eq_ignore_ascii_case(name) && !other.contains(&folded(case, table))
                };
                observation.tables.iter().map(|table| &table.name).find(is_it).cloned()
            };
            if let (Some(from), Some(to)) = (named(was, from, &new), named(is, to, &old)) {
                tables.insert(folded(case, &from), (from, to));
            }
        }
        let mut columns = HashMap::new();
        for one in &renamed {
            let Renamed::Column { table, from, to } = one else { continue };
            let table = table.to_ascii_lowercase();
            let from = from.to_ascii_lowercase();
            let is_earlier = |(of, now): (&(String, String), &String)| {
                (of.0 == table && now.eq_ignore_ascii_case(&from)).then(|| of.1.clone())
            };
            let first = columns.iter().find_map(is_earlier).unwrap_or(from);
            columns.insert((table, first), (*to).to_owned());
        }
        // A name that a key has again is another column's.
        for key in &is.keys {
            for column in &key.key.columns {
                columns.remove(&(key.key.table.name.to_ascii_lowercase(), column.to_ascii_lowercase()));
            }
        }
        Names { tables, columns }
    }

    /// What tables were called, and are.
    pub(super) fn tables(&self) -> Vec<(TableName, TableName)> {
        let mut tables: Vec<_> = self.tables.values().cloned().collect();
        tables.sort();
        tables
    }

    /// The earlier state by the names of now.
    pub(super) fn renamed(&self, was: &Observation) -> Observation {
        let mut was = was.clone();
        let case = was.engine.table_case;
        let anew = |name: &mut TableName| {
            if let Some((_, now)) = self.tables.get(&folded(case, name)) {
                *name = now.clone();
            }
        };
        for key in &mut was.keys {
            // A statement may name the table as it was before, or after.
            let former = [key.key.table.name.clone(), key.parent.name.clone()];
            anew(&mut key.key.table);
            anew(&mut key.parent);
            key.whole.iter_mut().for_each(anew);
            let columns = |table: &TableName, former: &str, columns: &mut Vec<String>| {
                for column in columns {
                    let now = [table.name.as_str(), former].into_iter().find_map(|table| {
                        self.columns.get(&(table.to_ascii_lowercase(), column.to_ascii_lowercase()))
                    });
                    if let Some(now) = now {
                        *column = now.clone();
                    }
                }
            };
            columns(&key.key.table, &former[0], &mut key.key.columns);
            columns(&key.parent, &former[1], &mut key.parent_columns);
        }
        for table in &mut was.tables {
            anew(&mut table.name);
        }
        was
    }
}

/// A key in both states, or in one.
pub(super) struct Pair<'k> {
    pub(super) was: Option<&'k ObservedKey>,
    pub(super) is: Option<&'k ObservedKey>,
}

/// All keys of both states.
pub(super) struct Pairs<'k> {
    pub(super) all: Vec<Pair<'k>>,
    /// By the key, where it lies in memory: keys may be equal.
    places: HashMap<*const ObservedKey, usize>,
}

impl<'k> Pairs<'k> {
    /// By child, columns and parent; of those that are left by child and columns; of equal ones by name, then by rule.
    pub(super) fn new(was: &'k Observation, is: &'k Observation) -> Pairs<'k> {
        let engine = &is.engine;
        let child = |key: &ObservedKey| {
            let columns = key.key.columns.iter().map(|column| engine.column_case.fold(column));
            (folded(engine.table_case, &key.key.table), columns.collect::<Vec<_>>())
        };
        let whole = |key: &ObservedKey| {
            let columns = key.parent_columns.iter().map(|column| engine.column_case.fold(column));
            (child(key), folded(engine.table_case, &key.parent), columns.collect::<Vec<_>>())
        };
        let mut left: Vec<&ObservedKey> = is.keys.iter().collect();
        let mut unpaired: Vec<&ObservedKey> = was.keys.iter().collect();
        let mut all = Vec::new();
        let mut pair = |is_same: &dyn Fn(&ObservedKey, &ObservedKey) -> bool,
                        id: &dyn Fn(&ObservedKey) -> String| {
            let mut by_id: HashMap<String, Vec<&'k ObservedKey>> = HashMap::new();
            for key in &left {
                by_id.entry(id(key)).or_default().push(key);
            }
            unpaired.retain(|was| {
                let Some(candidates) = by_id.get_mut(&id(was)) else { return true };
                let Some(at) = candidates.iter().position(|is| is_same(was, is)) else { return true };
                let is = candidates.remove(at);
                all.push(Pair { was: Some(was), is: Some(is) });
                false
            });
            let still: HashSet<*const ObservedKey> =
                by_id.into_values().flatten().map(std::ptr::from_ref).collect();
            left.retain(|key| still.contains(&std::ptr::from_ref(*key)));
        };
        let by_whole = |key: &ObservedKey| format!("{:?}", whole(key));
        let by_child = |key: &ObservedKey| format!("{:?}", child(key));
        let same_name = |was: &ObservedKey, is: &ObservedKey| was.name == is.name;
        let same_rule = |was: &ObservedKey, is: &ObservedKey| was.on_delete == is.on_delete;
        pair(&|was, is| same_name(was, is) && same_rule(was, is), &by_whole);
        pair(&same_rule, &by_whole);
        pair(&|_, _| true, &by_whole);
        pair(&|_, _| true, &by_child);
        all.extend(unpaired.iter().map(|was| Pair { was: Some(*was), is: None }));
        all.extend(left.iter().map(|is| Pair { was: None, is: Some(*is) }));
        all.sort_by_key(|pair| pair.is.or(pair.was).map(|key| (&key.key, key.firing_order)));
        let places = all.iter().enumerate().flat_map(|(at, pair)| {
            pair.was.into_iter().chain(pair.is).map(move |key| (std::ptr::from_ref(key), at))
        });
        Pairs { places: places.collect(), all }
    }

    /// Which pair a key is of.
    pub(super) fn place(&self, key: &ObservedKey) -> Option<usize> {
        self.places.get(&std::ptr::from_ref(key)).copied()
    }
}

/// What has changed of the keys, and where of each pair that is.
pub(super) fn changes(
    pairs: &Pairs<'_>,
    engine: &EngineFacts,
    before: &Side,
    after: &Side,
) -> (Vec<KeyChange>, Vec<Option<usize>>) {
    let mut changes = Vec::new();
    let mut by_pair = Vec::with_capacity(pairs.all.len());
    for pair in &pairs.all {
        let found = change(pair, engine).map(|(key, change)| KeyChange {
            key: key.key.clone(),
            parent: key.parent.clone(),
            constraint: key.name.clone(),
            on_delete: key.on_delete.clone(),
            place: if change == Change::Gone {
                place_of_end(key, before, after)
            } else {
                place_of_change(key, after)
            },
            change,
        });
        by_pair.push(found.is_some().then_some(changes.len()));
        changes.extend(found);
    }
    (changes, by_pair)
}

fn change<'k>(pair: &Pair<'k>, engine: &EngineFacts) -> Option<(&'k ObservedKey, Change)> {
    match (pair.was, pair.is) {
        (Some(was), Some(is)) => {
            let altered = altered(was, is, engine);
            (!altered.is_empty()).then_some((is, Change::Altered(altered)))
        }
        (Some(was), None) => Some((was, Change::Gone)),
        (None, is) => is.map(|is| (is, Change::New)),
    }
}

fn altered(was: &ObservedKey, is: &ObservedKey, engine: &EngineFacts) -> Vec<Altered> {
    let is_same = |left: &Action, right: &Action| {
        // NO ACTION beside RESTRICT is another rule wherever the engine tells them apart.
        actions_agree(left, right, &is.key.columns, true, engine) == Agreement::Same
    };
    let mut altered = Vec::new();
    if !is_same(&was.on_delete, &is.on_delete) {
        altered.push(Altered::OnDelete(was.on_delete.clone()));
    }
    if !is_same(&was.on_update, &is.on_update) {
        altered.push(Altered::OnUpdate(was.on_update.clone(), is.on_update.clone()));
    }
    let parent = |key: &ObservedKey| {
        let columns = key.parent_columns.iter().map(|column| engine.column_case.fold(column));
        (folded(engine.table_case, &key.parent), columns.collect::<Vec<_>>())
    };
    if parent(was) != parent(is) {
        let columns = was.parent_columns.clone();
        altered.push(Altered::Parent(KeyName { table: was.parent.clone(), columns }));
    }
    if was.deferrability != is.deferrability {
        altered.push(Altered::Deferrability(was.deferrability, is.deferrability));
    }
    let acts = |key: &ObservedKey| {
        key.in_force.enforced && key.in_force.action_enabled && key.in_force.has_parent_key
    };
    if acts(was) != acts(is) {
        altered.push(Altered::InForce(acts(was)));
    }
    let writes = matches!(is.on_delete, Action::SetNull(_) | Action::SetDefault(_));
    if writes && was.on_delete == is.on_delete && was.columns != is.columns {
        altered.push(Altered::Columns);
    }
    altered
}

/// Where the rule was set, if the later state alone has that text; else the last of its texts that speaks of the key.
fn place_of_change(key: &ObservedKey, after: &Side) -> Option<Place> {
    let origin = key.origin.as_ref();
    if let Some(origin) = origin.filter(|origin| after.is_own(origin)) {
        return after.place(origin);
    }
    let (child, parent) = (key.key.table.name.as_str(), key.parent.name.as_str());
    let name = key.name.as_deref().map(|name| vec![name]);
    let first = key.key.columns.first().map(|column| vec![child, column]);
    [name, Some(vec![child, parent]), first, Some(vec![parent, "references"]), Some(vec![child])]
        .into_iter()
        .flatten()
        .find_map(|words| after.last_with(&words))
        .or_else(|| after.place(origin?))
}

/// Where it was dropped, as far as the texts of the later state name it; else where it was made.
fn place_of_end(key: &ObservedKey, before: &Side, after: &Side) -> Option<Place> {
    let child = key.key.table.name.as_str();
    let name = key.name.as_deref().map(|name| vec![name]);
    let column = key.key.columns.first().map(|column| vec![child, "drop", column]);
    [name, Some(vec!["drop", "table", child]), column, Some(vec![child])]
        .into_iter()
        .flatten()
        .find_map(|words| after.last_with(&words))
        .or_else(|| before.place(key.origin.as_ref()?))
}
