//! One finding for what several groups of databases share, with a word on where it holds.

use std::collections::{BTreeMap, HashMap};

use super::listed;
use crate::compare::{Comparison, Seen};
use crate::finding::{Finding, FindingData};
use crate::model::ObservedKey;
use crate::rules::Aspect;

/// How many databases a note names.
const NAMED: usize = 3;

/// Makes one finding of those that say the same of several groups of these databases.
pub(in crate::run) fn merge(
    findings: Vec<Finding>,
    comparisons: &[Comparison<'_>],
    databases: &[String],
) -> Vec<Finding> {
    let mut merged: Vec<Finding> = Vec::new();
    let mut known = HashMap::new();
    for finding in findings {
        if finding.data.databases.is_empty() {
            merged.push(finding);
            continue;
        }
        // A baseline tells findings apart by what both sides say.
        let data = &finding.data;
        let identity = (
            (finding.rule, finding.severity, finding.primary.span, finding.message.clone()),
            (data.child.clone(), data.parent.clone(), data.declared.clone(), data.observed.clone()),
        );
        let at = *known.entry(identity).or_insert(merged.len());
        match merged.get_mut(at) {
            None => merged.push(finding),
            Some(first) => join(first, finding),
        }
    }
    let places: HashMap<&str, usize> = databases.iter().map(String::as_str).zip(0..).collect();
    for finding in merged.iter_mut().filter(|finding| !finding.data.databases.is_empty()) {
        let data = &mut finding.data;
        data.databases.sort_by_key(|name| places.get(name.as_str()));
        // Two equal keys of one database are found twice.
        data.databases.dedup();
        let names = &data.databases;
        data.source_label.get_or_insert_with(|| format!("{} databases ({})", names.len(), listed(names, 1)));
        say_where(finding, comparisons, databases.len());
    }
    merged
}

fn join(first: &mut Finding, other: Finding) {
    let (data, other) = (&mut first.data, other.data);
    data.databases.extend(other.databases);
    if data.constraint != other.constraint {
        data.constraint = None;
    }
    if data.source_label != other.source_label {
        data.source_label = None;
    }
}

/// Notes on where a finding holds, unless it is everywhere.
fn say_where(finding: &mut Finding, comparisons: &[Comparison<'_>], all: usize) {
    let names = &finding.data.databases;
    if names.len() == all {
        return;
    }
    let among = format!("in {} of {all} databases: {}", names.len(), listed(names, NAMED));
    finding.notes.push(among);
    let action: fn(&ObservedKey) -> String = match finding.rule.role().aspect {
        Some(Aspect::OnUpdate) => |key| key.on_update.to_string(),
        Some(Aspect::OnDelete | Aspect::Existence) => |key| key.on_delete.to_string(),
        _ => return,
    };
    let here = finding.data.databases.first().map_or("", String::as_str);
    finding.notes.extend(distribution(&finding.data, here, comparisons, all, action));
}

/// What each of the databases shows of a key: `17 of 400 databases: CASCADE; 383: NO ACTION`. What is so in `here` comes
/// first.
fn distribution(
    data: &FindingData,
    here: &str,
    comparisons: &[Comparison<'_>],
    all: usize,
    action: fn(&ObservedKey) -> String,
) -> Option<String> {
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    let mut first = String::new();
    for comparison in comparisons {
        let members = &comparison.observation.members;
        let pair = comparison.pairs.iter().find(|pair| data.is_about(&pair.declared.id()))?;
        let shown = shown(&pair.seen, action);
        if members.iter().any(|name| name == here) {
            first.clone_from(&shown);
        }
        *counts.entry(shown).or_default() += members.len();
    }
    // Whatever could not be read or compared.
    let unknown = all - counts.values().sum::<usize>();
    *counts.entry(UNKNOWN.to_owned()).or_default() += unknown;
    let mut counts: Vec<(String, usize)> = counts.into_iter().filter(|(_, count)| *count > 0).collect();
    counts.sort_by_key(|(shown, count)| (*shown != first, shown == UNKNOWN, std::cmp::Reverse(*count)));
    let parts = counts.iter().enumerate().map(|(at, (shown, count))| match at {
        0 => format!("{count} of {all} databases: {shown}"),
        _ => format!("{count}: {shown}"),
    });
    Some(parts.collect::<Vec<_>>().join("; "))
}

const UNKNOWN: &str = "unknown";

fn shown(seen: &Seen<'_>, action: fn(&ObservedKey) -> String) -> String {
    match seen {
        Seen::Keys(keys) => keys.first().map_or_else(String::new, |key| action(key)),
        Seen::OtherParent(keys) => {
            keys.first().map_or_else(String::new, |key| format!("a key to `{}`", key.parent))
        }
        Seen::Absent(Some(_)) => "no such key".to_owned(),
        Seen::Absent(None) => "no such table".to_owned(),
        Seen::Unknown(_) => UNKNOWN.to_owned(),
    }
}
