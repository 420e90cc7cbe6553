//! Pairs each declared key with the observed key of the same child table and columns.

mod agreement;
mod identity;
#[cfg(all(feature = "workspace", feature = "database"))]
pub(crate) mod missing;

use std::collections::{HashMap, HashSet};
use std::fmt;

pub use agreement::Agreement;
pub(crate) use agreement::actions_agree;
use identity::Identities;

use crate::collect::Facts;
use crate::model::{
    Action, DeclaredKey, Doubt, EngineFacts, Joinable, KeyId, KeyName, Observation, ObservedKey,
    ObservedTable, Span, Table, TableKind, TableName, Unseen, Visibility,
};

/// One source beside the code: what the rules read.
pub struct Comparison<'a> {
    /// What the code says.
    pub facts: &'a Facts,
    /// What the source shows.
    pub observation: &'a Observation,
    /// One for each declared key that belongs to this source.
    pub pairs: Vec<Pair<'a>>,
    /// Observed keys that no annotation speaks of, an extension's own and those of tables of no interest left out.
    pub undeclared: Vec<&'a ObservedKey>,
    /// Child rows without a parent, of the keys whose rows were counted.
    pub orphans: HashMap<KeyId, u64>,
    /// Keys that migrations of `fix` have made anew, where some are NOT VALID.
    pub made_anew: &'a [MadeAnew],
    /// Declared tables of no interest.
    ignored: HashSet<&'a TableName>,
    identities: Identities<'a>,
}

/// A key that a migration of `fix` has made anew, without looking at old rows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MadeAnew {
    /// Child table and columns, as [`KeyName`] prints them.
    pub key: String,
    /// The migration's name.
    pub by: String,
    /// The name of a later one that validates it.
    pub validation: Option<String>,
}

/// A declared key and what the source shows of it.
pub struct Pair<'a> {
    /// The code's side.
    pub declared: &'a DeclaredKey,
    /// The source's side.
    pub seen: Seen<'a>,
}

/// What a source shows of a declared key.
pub enum Seen<'a> {
    /// Keys on the same columns that reference the declared parent (any parent, where none is declared), in the order
    /// in which the engine fires them; the first decides what a delete does.
    Keys(Vec<&'a ObservedKey>),
    /// Keys on the same columns that reference something else.
    OtherParent(Vec<&'a ObservedKey>),
    /// The catalogue was seen whole, and there is no such key. The table, if at least that is there.
    Absent(Option<&'a ObservedTable>),
    /// The catalogue was not seen whole, and the key is not in what was seen; or the table is a partition.
    Unknown(NotKnown<'a>),
}

/// Why a source doesn't tell of a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum NotKnown<'a> {
    /// The role doesn't see the whole catalogue.
    Hidden(&'a Unseen),
    /// Something that was not followed may have changed it.
    Doubted(&'a Doubt),
    /// The table is a partition: keys that it has from its partitioned table are observed as that table's.
    OfPartition,
}

impl fmt::Display for NotKnown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            NotKnown::Hidden(unseen) => unseen.fmt(f),
            NotKnown::Doubted(doubt) => f.write_str(&doubt.why),
            NotKnown::OfPartition => f.write_str(
                "the table is a partition, and keys that it has from its partitioned table are known as that table's",
            ),
        }
    }
}

impl<'a> Pair<'a> {
    /// The observed key that decides, if there is meant to be one and it was found.
    pub fn observed(&self) -> Option<&'a ObservedKey> {
        match &self.seen {
            Seen::Keys(keys) if self.declared.none().is_none() => keys.first().copied(),
            _ => None,
        }
    }
}

impl<'a> Comparison<'a> {
    /// Pairs what the code says with what a source shows. `in_scope` tells which tables belong to this source, `wanted`
    /// which are of interest where no annotation speaks of them.
    pub fn new(
        facts: &'a Facts,
        observation: &'a Observation,
        in_scope: &dyn Fn(&TableName) -> bool,
        wanted: &dyn Fn(&TableName) -> bool,
    ) -> Self {
        let identities = Identities::new(facts, observation);
        let mut paired = vec![false; observation.keys.len()];
        let mut pairs = Vec::new();
        for declared in facts.keys.iter().filter(|declared| in_scope(&declared.key.table)) {
            let on_same_columns = identities.keys_on(&declared.key);
            let seen = if let Some(doubt) =
                doubt_about(observation, |table| identities.same_table(&declared.key.table, table))
            {
                for &at in on_same_columns {
                    paired[at] = true;
                }
                Seen::Unknown(NotKnown::Doubted(doubt))
            } else if on_same_columns.is_empty() {
                not_seen(observation, identities.observed_table(&declared.key.table))
            } else {
                let to_parent: Vec<usize> = on_same_columns
                    .iter()
                    .copied()
                    .filter(|&at| identities.parent_fits(declared, at))
                    .collect();
                let to_others = || of_no_other(declared, on_same_columns, facts, &identities);
                let chosen = if to_parent.is_empty() { &to_others()[..] } else { &to_parent[..] };
                for &at in chosen {
                    paired[at] = true;
                }
                let keys: Vec<&ObservedKey> = chosen.iter().map(|&at| &observation.keys[at]).collect();
                match (to_parent.is_empty(), keys.is_empty()) {
                    (true, true) => not_seen(observation, identities.observed_table(&declared.key.table)),
                    (true, false) => Seen::OtherParent(keys),
                    (false, _) => Seen::Keys(keys),
                }
            };
            pairs.push(Pair { declared, seen });
        }
        let undeclared = observation
            .keys
            .iter()
            .zip(&paired)
            .filter(|(key, paired)| !**paired && key.extension.is_none() && wanted(&key.key.table))
            .filter(|(key, _)| doubt_about(observation, |table| *table == key.key.table).is_none())
            .map(|(key, _)| key)
            .collect();
        // A name without a schema may mean a table in any schema of the search path.
        let is_wanted = |declared: &TableName| {
            wanted(identities.observed_table(declared).map_or(declared, |observed| &observed.name))
        };
        let tables = facts.tables.iter().map(|table| &table.name);
        let ignored = tables.filter(|table| !is_wanted(table)).collect();
        Comparison {
            facts,
            observation,
            pairs,
            undeclared,
            orphans: HashMap::new(),
            made_anew: &[],
            ignored,
            identities,
        }
    }

    /// Whether a declared table is of no interest where no annotation speaks of it.
    pub fn ignores(&self, declared: &TableName) -> bool {
        self.ignored.contains(declared)
    }

    /// Where the source has last set an observed key's rule.
    pub(crate) fn place_of(&self, observed: &ObservedKey) -> Option<Span> {
        let origin = observed.origin.as_ref()?;
        let sources = &self.facts.sources;
        Some(sources.span(sources.find(&origin.file.path)?, origin.bytes.clone()))
    }

    /// Why the keys of a declared table aren't known, if they aren't.
    #[cfg(all(feature = "workspace", feature = "database"))]
    pub(crate) fn doubt_about(&self, declared: &TableName) -> Option<&'a Doubt> {
        doubt_about(self.observation, |table| self.same_table(declared, table))
    }

    /// How the engine behaves.
    pub fn engine(&self) -> &'a EngineFacts {
        &self.observation.engine
    }

    /// The `table!` of an observed table.
    pub(crate) fn table_of(&self, observed: &TableName) -> Option<&'a Table> {
        self.identities.declared_table(observed)
    }

    /// The source's own table behind a declared name.
    pub(crate) fn observed_table(&self, declared: &TableName) -> Option<&'a ObservedTable> {
        self.identities.observed_table(declared)
    }

    /// Observed keys that have the joinable's column among their referencing columns.
    pub(crate) fn keys_with(&self, joinable: &Joinable) -> Vec<&'a ObservedKey> {
        self.identities.keys_with(joinable)
    }

    /// Observed keys on exactly these columns, in the order in which they fire.
    pub(crate) fn keys_on(&self, declared: &KeyName) -> impl Iterator<Item = &'a ObservedKey> {
        self.identities.keys_on(declared).iter().map(|&at| &self.observation.keys[at])
    }

    /// Keys to the same parent that partitions of an observed key's table have of their own on the same columns, in the order
    /// in which they fire.
    pub(crate) fn keys_of_partitions(
        &self,
        observed: &'a ObservedKey,
    ) -> impl Iterator<Item = &'a ObservedKey> {
        let keys = self.identities.keys_of_parts(&observed.key).iter().map(|&at| &self.observation.keys[at]);
        keys.filter(|key| key.parent == observed.parent)
    }

    /// Whether a declared name and an observed name mean the same table.
    pub(crate) fn same_table(&self, declared: &TableName, observed: &TableName) -> bool {
        self.identities.same_table(declared, observed)
    }

    /// Compares a declared ON DELETE with the observed one.
    pub fn on_delete(&self, declared: &DeclaredKey, observed: &ObservedKey) -> Option<Agreement> {
        let stated = declared.on_delete()?;
        Some(self.actions(&stated.value, &observed.on_delete, declared, observed))
    }

    /// Compares the ON UPDATE that is meant with the observed one. Saying nothing is not saying NO ACTION where the engine
    /// tells it from RESTRICT: for a plain update the two are alike.
    pub fn on_update(&self, declared: &DeclaredKey, observed: &ObservedKey) -> Agreement {
        let agreement = self.actions(&declared.meant_on_update(), &observed.on_update, declared, observed);
        match agreement {
            Agreement::AlikeForPlainDeletes if declared.on_update().is_none() => Agreement::Same,
            other => other,
        }
    }

    /// Whether an observed key is called what the code says, as the engine compares and cuts names; `None`: it says nothing.
    pub(crate) fn has_declared_name(&self, declared: &DeclaredKey, observed: &ObservedKey) -> Option<bool> {
        let stated = declared.name()?;
        let engine = self.engine();
        let meant = engine.cut(&stated.value);
        let is_same = |name: &String| engine.column_case.same(meant, name);
        Some(observed.name.as_ref().is_some_and(is_same))
    }

    fn actions(
        &self,
        stated: &Action,
        seen: &Action,
        declared: &DeclaredKey,
        observed: &ObservedKey,
    ) -> Agreement {
        let stated_deferrability = declared.deferrability().map(|stated| stated.value);
        let deferrable = [Some(observed.deferrability), stated_deferrability]
            .into_iter()
            .flatten()
            .any(|deferrability| deferrability != crate::model::Deferrability::NotDeferrable);
        actions_agree(stated, seen, &observed.key.columns, deferrable, self.engine())
    }

    #[cfg(all(feature = "workspace", feature = "database"))]
    /// Keys that are declared on a partition; which of them it has from its partitioned table isn't known.
    pub(crate) fn on_partitions(&self) -> impl Iterator<Item = &'a DeclaredKey> {
        let is_of_partition = |pair: &&Pair<'_>| matches!(pair.seen, Seen::Unknown(NotKnown::OfPartition));
        self.pairs.iter().filter(is_of_partition).map(|pair| pair.declared)
    }

    #[cfg(all(feature = "workspace", feature = "database"))]
    /// Whether none of the declared tables is there: an empty or another database.
    pub(crate) fn sees_no_declared_table(&self) -> bool {
        !self.pairs.is_empty()
            && self.pairs.iter().all(|pair| matches!(pair.seen, Seen::Absent(None) | Seen::Unknown(_)))
            && self.pairs.iter().all(|pair| self.observed_table(&pair.declared.key.table).is_none())
    }
}

/// Those of the observed keys on its columns that belong to no other declared key.
fn of_no_other(
    declared: &DeclaredKey,
    on_same_columns: &[usize],
    facts: &Facts,
    identities: &Identities<'_>,
) -> Vec<usize> {
    if !declared.is_one_of_several {
        return on_same_columns.to_vec();
    }
    let others: Vec<&DeclaredKey> =
        facts.keys.iter().filter(|other| other.key == declared.key && other.id() != declared.id()).collect();
    let belongs = |at: usize| others.iter().any(|other| identities.parent_fits(other, at));
    on_same_columns.iter().copied().filter(|&at| !belongs(at)).collect()
}

/// Why the keys of a table aren't known, if they aren't.
fn doubt_about(observation: &Observation, is_meant: impl Fn(&TableName) -> bool) -> Option<&Doubt> {
    let Visibility::Except(doubts) = &observation.visibility else { return None };
    doubts.iter().find(|doubt| doubt.tables.as_ref().is_none_or(|tables| tables.iter().any(&is_meant)))
}

fn not_seen<'a>(observation: &'a Observation, table: Option<&'a ObservedTable>) -> Seen<'a> {
    match &observation.visibility {
        Visibility::Partial(unseen) => Seen::Unknown(NotKnown::Hidden(unseen)),
        _ if table.is_some_and(|table| table.kind == TableKind::Partition) => {
            Seen::Unknown(NotKnown::OfPartition)
        }
        Visibility::Whole | Visibility::Except(_) => Seen::Absent(table),
    }
}

#[cfg(test)]
mod tests;
