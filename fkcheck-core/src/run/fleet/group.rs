//! Which databases show the same to every rule, so that hundreds of them cost one comparison.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use super::listed;
use crate::model::{EngineFacts, KeyName, Observation, Visibility};
use crate::sources::DatabaseUrl;

/// The databases read so far, by what they show.
pub(super) struct Groups<'a> {
    groups: Vec<Group>,
    /// The schemas that the code names.
    named_schemas: &'a HashSet<&'a str>,
}

struct Group {
    /// What the first of them shows.
    observation: Observation,
    behaviour: (EngineFacts, Visibility),
    /// Their places in the list, with each one's engine and version.
    members: BTreeMap<usize, String>,
    remarks: BTreeSet<String>,
}

impl<'a> Groups<'a> {
    /// None yet.
    pub(super) fn new(named_schemas: &'a HashSet<&'a str>) -> Self {
        Groups { groups: Vec::new(), named_schemas }
    }

    /// Adds what the database at this place in the list shows.
    pub(super) fn add(&mut self, at: usize, url: &DatabaseUrl, observation: Observation) {
        let mut observation = ordered(observation.with_plain_names());
        let engine = format!("{} {}", observation.engine.kind, observation.engine.version);
        let remarks = std::mem::take(&mut observation.remarks);
        let behaviour = self.behaviour(&observation, url.database_name().as_deref());
        let same = self.groups.iter_mut().find(|group| {
            group.behaviour == behaviour
                && group.observation.keys == observation.keys
                && group.observation.tables == observation.tables
        });
        match same {
            Some(group) => {
                // Which one answers first must not show in the report.
                if group.members.first_key_value().is_some_and(|(first, _)| at < *first) {
                    group.observation = observation;
                }
                group.members.insert(at, engine);
                group.remarks.extend(remarks);
            }
            None => self.groups.push(Group {
                observation,
                behaviour,
                members: BTreeMap::from([(at, engine)]),
                remarks: BTreeSet::from_iter(remarks),
            }),
        }
    }

    /// How the engine behaves and how much of it was seen, without its version and without the database's own name: where
    /// that is the default schema (MySQL), each tenant has another. Code that names a schema means that one.
    fn behaviour(&self, observation: &Observation, name: Option<&str>) -> (EngineFacts, Visibility) {
        let mut engine = EngineFacts { version: String::new(), ..observation.engine.clone() };
        let mut visibility = observation.visibility.clone();
        if let (Some(schema), Some(name)) = (engine.default_schemas.first_mut(), name)
            && schema == name
            && !self.named_schemas.iter().any(|named| named.eq_ignore_ascii_case(name))
        {
            schema.clear();
            if let Visibility::Partial(unseen) = &mut visibility {
                unseen.database.clear();
                unseen.grant.clear();
            }
        }
        (engine, visibility)
    }

    /// One observation a group, in the order of the list.
    pub(super) fn observations(mut self, names: &[String]) -> Vec<Observation> {
        self.groups.sort_by_key(|group| group.members.keys().next().copied());
        self.groups.into_iter().map(|group| group.into_observation(names)).collect()
    }
}

impl Group {
    fn into_observation(self, names: &[String]) -> Observation {
        let mut observation = self.observation;
        let members: Vec<String> = self.members.keys().map(|&at| names[at].clone()).collect();
        if members.len() > 1 {
            let mut engines: Vec<String> = self.members.into_values().collect();
            engines.sort();
            engines.dedup();
            let engines = listed(&engines, 3);
            observation.label = format!("{} databases ({engines}, {})", members.len(), listed(&members, 1));
        }
        observation.remarks = self.remarks.into_iter().collect();
        observation.members = members;
        observation
    }
}

/// The same without what differs from one database to the next and means nothing: the order of rows, estimates, and
/// ranks of keys that don't stand on the same columns.
fn ordered(mut observation: Observation) -> Observation {
    let case = observation.engine.column_case;
    let place = |key: &KeyName| {
        let mut columns: Vec<String> = key.columns.iter().map(|column| case.fold(column)).collect();
        columns.sort_unstable();
        (key.table.clone(), columns)
    };
    observation.keys.sort_by_cached_key(|key| (place(&key.key), key.firing_order, key.name.clone()));
    let mut last = None;
    let mut rank = 0;
    for key in &mut observation.keys {
        let place = Some(place(&key.key));
        rank = if place == last { rank + 1 } else { 0 };
        last = place;
        key.firing_order = rank;
        key.child_rows = None;
    }
    observation.tables.sort_by(|left, right| left.name.cmp(&right.name));
    observation
}
