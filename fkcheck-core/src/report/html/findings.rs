//! The picture of the keys with findings: the rule that is there, and what the code says otherwise.

use std::collections::HashMap;

use super::super::audit::key_name;
use super::super::clean::Clean;
use super::super::picture::{Key, Kind, Look, Picture, short};
use crate::finding::{Finding, KeyActions};
use crate::model::{SourceKind, TableName};
use crate::outcome::Outcome;

/// More can't be read in a picture.
const MOST_KEYS: usize = 300;

/// The picture, and for how many keys there was no room.
pub(super) struct Drawn {
    pub(super) picture: Picture,
    pub(super) left_out: usize,
}

/// One line a key, with the worst that was found of it; where two findings are as bad, the first speaks.
pub(super) fn drawn(outcome: &Outcome) -> Drawn {
    let mut drawn = Drawn { picture: Picture::default(), left_out: 0 };
    let mut worst: Vec<&Finding> = Vec::new();
    let mut known: HashMap<String, usize> = HashMap::new();
    for finding in &outcome.findings {
        let (Some(key), Some(parent)) = (key_name(finding), &finding.data.parent) else { continue };
        let identity = format!("{key}\n{}\n{:?}", parent.table, finding.data.section);
        let place = *known.entry(identity).or_insert(worst.len());
        match worst.get_mut(place) {
            Some(before) if finding.consequence < before.consequence => *before = finding,
            Some(_) => {}
            None => worst.push(finding),
        }
    }
    let mut tables: HashMap<&TableName, usize> = HashMap::new();
    for finding in worst {
        let (Some(child), Some(parent)) = (&finding.data.child, &finding.data.parent) else { continue };
        if drawn.picture.keys.len() == MOST_KEYS {
            drawn.left_out += 1;
            continue;
        }
        let mut table = |name| {
            let picture = &mut drawn.picture;
            *tables.entry(name).or_insert_with(|| picture.table(name, Look::Plain))
        };
        let (child_at, parent_at) = (table(&child.table), table(&parent.table));
        let key = line(finding, child_at, parent_at);
        drawn.picture.keys.push(key);
    }
    drawn
}

fn line(finding: &Finding, child: usize, parent: usize) -> Key {
    let data = &finding.data;
    let action =
        |actions: &Option<KeyActions>| actions.as_ref().and_then(|actions| actions.on_delete.clone());
    let (declared, observed) = (action(&data.declared), action(&data.observed));
    let kind = observed.as_ref().map_or(Kind::Idle, |action| Kind::of(action, true));
    let otherwise = declared.as_ref().filter(|declared| observed.as_ref() != Some(*declared));
    let key = key_name(finding).map(|key| key.to_string()).unwrap_or_default();
    let columns = data.child.as_ref().map(|child| child.columns.join(", ")).unwrap_or_default();
    let source = data.source.unwrap_or(SourceKind::Database).to_string();
    let source = data.section.iter().fold(source, |source, section| format!("{source} {section}"));
    let or_none = |action: &Option<crate::model::Action>| {
        action.as_ref().map_or_else(|| "–".to_owned(), ToString::to_string)
    };
    let title = format!("{key}: code: {}, {source}: {}", or_none(&declared), or_none(&observed));
    Key {
        child,
        parent,
        name: clean(&key),
        columns: short(&clean(&columns)),
        title: clean(&title),
        kind,
        mark: otherwise.map(|action| short(&clean(&format!("≠ {action}")))),
    }
}

fn clean(text: &str) -> String {
    Clean::new(text).to_string()
}
