//! The tables of an inventory, put together from keys, columns without one and what is said of them.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::copies::Copy;
use super::{By, Fate, Held, Part, Said, Why, table_of};
use crate::compare::{Comparison, Seen};
use crate::consequence::{Reach, When};
use crate::model::{DeclaredKey, Event, HookKind, Kept, KeyName, ObservedKey, TableName};

/// So many tables of a way are told.
const LONGEST_WAY: usize = 50;

pub(super) fn tables<'a>(
    comparison: &Comparison<'a>,
    reach: &Reach<'a>,
    copies: Vec<Copy<'a>>,
) -> Vec<Held<'a>> {
    let mut builder = Builder::new(comparison, reach);
    builder.keys(reach);
    builder.copies(copies);
    builder.keep();
    builder.below();
    let mut tables: Vec<Held<'_>> = builder.tables.into_values().collect();
    for held in &mut tables {
        held.parts.sort_by_key(|part| std::cmp::Reverse(part.fate.rank()));
    }
    tables.sort_by_key(|held| std::cmp::Reverse(held.fate().rank()));
    tables
}

struct Builder<'c, 'a> {
    comparison: &'c Comparison<'a>,
    root: Option<&'a TableName>,
    /// The table under which a table's rows go.
    under: HashMap<String, Option<&'a TableName>>,
    /// By the observed key, where it lies in memory: keys may be equal.
    declared: HashMap<*const ObservedKey, &'a DeclaredKey>,
    /// `none`, by the table's name in the source.
    none: HashMap<(&'a TableName, &'a str), &'a DeclaredKey>,
    /// What the configuration keeps, by the table's name in the source.
    kept: HashMap<&'a TableName, &'a Kept>,
    /// Tables with a rule that makes nothing of a statement, and of which.
    swallowing: HashSet<(&'a TableName, Event)>,
    tables: BTreeMap<String, Held<'a>>,
}

impl<'c, 'a> Builder<'c, 'a> {
    fn new(comparison: &'c Comparison<'a>, reach: &Reach<'a>) -> Self {
        let mut builder = Builder {
            comparison,
            root: reach.deleted.first().map(|root| root.table),
            under: HashMap::new(),
            declared: HashMap::new(),
            none: HashMap::new(),
            kept: HashMap::new(),
            swallowing: HashSet::new(),
            tables: BTreeMap::new(),
        };
        for table in &comparison.observation.tables {
            let hooks = table.hooks.iter().filter(|hook| hook.kind == HookKind::Swallows);
            builder.swallowing.extend(hooks.map(|hook| (&table.name, hook.event)));
        }
        for deleted in &reach.deleted {
            builder.under.insert(builder.id(deleted.table), deleted.under);
        }
        for pair in &comparison.pairs {
            if let Seen::Keys(keys) | Seen::OtherParent(keys) = &pair.seen {
                builder.declared.extend(keys.iter().map(|&key| (std::ptr::from_ref(key), pair.declared)));
            }
            let KeyName { table, columns } = &pair.declared.key;
            if let (Some(table), [column]) = (comparison.observed_table(table), &columns[..]) {
                builder.none.entry((&table.name, column)).or_insert(pair.declared);
            }
        }
        for kept in &comparison.facts.erasure.kept {
            builder.kept.extend(table_of(comparison, &kept.table).map(|table| (table, kept)));
        }
        builder
    }

    /// Equal for names that mean the same table.
    fn id(&self, table: &TableName) -> String {
        self.comparison.engine().table_case.fold(&table.to_string())
    }

    fn add(&mut self, table: &'a TableName, part: Part<'a>) {
        let held = self.tables.entry(self.id(table)).or_insert_with(|| Held { table, parts: Vec::new() });
        held.parts.push(part);
    }

    /// The tables from the root down to this one; of a way that nobody reads to its end, the last.
    fn way(&self, to: &'a TableName) -> Vec<&'a TableName> {
        let above = |table: &&'a TableName| self.under.get(&self.id(table)).copied().flatten();
        let mut way: Vec<&TableName> = std::iter::successors(Some(to), above).take(LONGEST_WAY).collect();
        way.reverse();
        way
    }

    fn of_key(&self, key: &'a ObservedKey, fate: Fate) -> Part<'a> {
        let declared = self.declared.get(&std::ptr::from_ref(key)).copied();
        let said = declared.and_then(reason_of);
        let fate = match fate {
            Fate::Unknown(Why::Refuses(_) | Why::NotInForce) if said.is_some() => Fate::Kept,
            fate => fate,
        };
        Part { by: By::Key(key), fate, way: self.way(&key.parent), declared, said }
    }

    /// What the engine does by keys.
    fn keys(&mut self, reach: &Reach<'a>) {
        for deleted in &reach.deleted {
            if deleted.step == 0 {
                let row =
                    Part { by: By::Row, fate: Fate::Erased, way: Vec::new(), declared: None, said: None };
                self.add(deleted.table, row);
            }
            for key in &deleted.by {
                let fate = self.unless_swallowed(key, Event::Delete, Fate::Erased);
                self.add(&key.key.table, self.of_key(key, fate));
            }
        }
        for effect in &reach.cleared {
            let fate = self.unless_swallowed(effect.key, Event::Update, Fate::Anonymised);
            self.add_once(effect.key, fate);
        }
        for stop in &reach.stops {
            self.add_once(stop.key, Fate::Unknown(Why::Refuses(stop.when)));
        }
        for effect in &reach.orphaned {
            self.add_once(effect.key, Fate::Unknown(Why::NotInForce));
        }
    }

    /// What one key does to some rows and not to others is told as what leaves most behind.
    fn add_once(&mut self, key: &'a ObservedKey, fate: Fate) {
        let is_it = |part: &&mut Part<'a>| matches!(part.by, By::Key(known) if std::ptr::eq(known, key));
        let part = self.of_key(key, fate);
        let known = self.tables.get_mut(&self.id(&key.key.table));
        match known.and_then(|held| held.parts.iter_mut().find(is_it)) {
            // With a reason it is meant, whatever some rows come to.
            Some(known) if part.fate.rank() > known.fate.rank() && part.fate != Fate::Kept => *known = part,
            Some(_) => {}
            None => self.add(&key.key.table, part),
        }
    }

    /// A rule of the table that makes nothing of what the key does makes every delete fail.
    fn unless_swallowed(&self, key: &ObservedKey, event: Event, fate: Fate) -> Fate {
        let is_swallowed = self.swallowing.contains(&(&key.key.table, event));
        if is_swallowed { Fate::Unknown(Why::Refuses(When::Swallowed)) } else { fate }
    }

    fn copies(&mut self, copies: Vec<Copy<'a>>) {
        for Copy { table, column, .. } in copies {
            let declared = self.none.get(&(table, column.name.as_str())).copied();
            let said = declared.filter(|declared| declared.none().is_some()).and_then(reason_of);
            let fate = if said.is_some() { Fate::Kept } else { Fate::Unknown(Why::Copied) };
            let way = self.root.into_iter().collect();
            self.add(table, Part { by: By::Copy(column), fate, way, declared, said });
        }
    }

    /// What the configuration says of tables.
    fn keep(&mut self) {
        for held in self.tables.values_mut() {
            let Some(kept) = self.kept.get(held.table) else { continue };
            let by_configuration = of_configuration(kept);
            for part in &mut held.parts {
                match part.fate {
                    Fate::Erased if !matches!(part.by, By::Row) => {
                        part.fate = Fate::Unknown(Why::KeptButErased);
                        part.said = Some(by_configuration);
                    }
                    Fate::Unknown(_) => {
                        part.fate = Fate::Kept;
                        part.said = Some(by_configuration);
                    }
                    _ => part.said = part.said.or(Some(by_configuration)),
                }
            }
        }
    }

    /// Rows that stay as they are keep those that belong to them.
    fn below(&mut self) {
        let mut children: HashMap<String, Vec<&'a ObservedKey>> = HashMap::new();
        for key in &self.comparison.observation.keys {
            children.entry(self.id(&key.parent)).or_default().push(key);
        }
        let stays = |held: &Held<'_>| held.fate().rank() >= Fate::Kept.rank();
        let mut open: Vec<(String, Fate)> = self
            .tables
            .iter()
            .filter(|(_, held)| stays(held))
            .map(|(id, held)| (id.clone(), held.fate()))
            .collect();
        let reached: HashSet<String> = self.tables.keys().cloned().collect();
        // What is kept for a reason is told before what nobody knows: one of both is enough.
        open.sort_by_key(|(_, fate)| fate.rank());
        let mut at = 0;
        while let Some((parent, fate)) = open.get(at).cloned() {
            at += 1;
            for key in children.get(&parent).into_iter().flatten() {
                let id = self.id(&key.key.table);
                if reached.contains(&id) || id == parent {
                    continue;
                }
                let kept = self.kept.get(&key.key.table).copied().map(of_configuration);
                let fate = match fate {
                    Fate::Kept => Fate::Kept,
                    _ if kept.is_some() => Fate::Kept,
                    _ => Fate::Unknown(Why::Below),
                };
                let way = self.way_below(&key.parent);
                let declared = self.declared.get(&std::ptr::from_ref(*key)).copied();
                if !self.tables.contains_key(&id) {
                    open.push((id, fate));
                }
                self.add(&key.key.table, Part { by: By::Key(key), fate, way, declared, said: kept });
            }
        }
    }

    /// The same as [`way`](Self::way), of a table that stays.
    fn way_below(&self, to: &'a TableName) -> Vec<&'a TableName> {
        let held = self.tables.get(&self.id(to));
        let mut way = held.and_then(|held| held.parts.first()).map_or_else(Vec::new, |part| part.way.clone());
        way.push(to);
        way.split_off(way.len().saturating_sub(LONGEST_WAY))
    }
}

fn of_configuration(kept: &Kept) -> Said<'_> {
    Said { reason: &kept.reason, configured: Some(&kept.place) }
}

/// Why the code says that a key, or its absence, is meant.
fn reason_of(declared: &DeclaredKey) -> Option<Said<'_>> {
    let mut reasons = declared.claims.iter().filter_map(|claim| claim.reason.as_ref());
    reasons.next().map(|reason| Said { reason: &reason.value, configured: None })
}
