//! Tables of a source by the names that a command line gives.

use super::CheckError;
use crate::grammar::near;
use crate::model::{Observation, TableKind, TableName};
use crate::sources;

/// Every table, views left out.
pub(crate) fn tables(observation: &Observation) -> impl Iterator<Item = &TableName> {
    let is_table = |kind: &TableKind| !matches!(kind, TableKind::View);
    observation.tables.iter().filter(move |table| is_table(&table.kind)).map(|table| &table.name)
}

/// The tables that are asked for, as the source calls them.
///
/// # Errors
/// Where one isn't there, or its name is that of several.
pub(crate) fn named_tables<'o>(
    observation: &'o Observation,
    names: &[String],
) -> Result<Vec<&'o TableName>, CheckError> {
    let case = observation.engine.table_case;
    let known: Vec<&TableName> = tables(observation).collect();
    names
        .iter()
        .map(|name| {
            let is_it = |table: &&&TableName| case.same(&table.to_string(), name);
            let is_bare = |table: &&&TableName| case.same(&table.name, name);
            let bare: Vec<&&TableName> = known.iter().filter(is_bare).collect();
            match (known.iter().find(is_it), &bare[..]) {
                (Some(table), _) => Ok(*table),
                (None, [table]) => Ok(**table),
                (None, several) => Err(no_table(name, several, &known, observation)),
            }
        })
        .collect()
}

fn no_table(
    name: &str,
    several: &[&&TableName],
    known: &[&TableName],
    observation: &Observation,
) -> CheckError {
    let name = sources::redact(name);
    if !several.is_empty() {
        let all: Vec<String> = several.iter().map(|table| format!("`{table}`")).collect();
        return CheckError::Usage {
            message: format!("`{name}` is the name of {} tables", several.len()),
            help: Some(format!("say which one: {}", all.join(", "))),
        };
    }
    if known.is_empty() {
        let help = "is it the right database, and are its migrations run?".to_owned();
        return CheckError::Usage {
            message: format!("{} has no table", observation.label),
            help: Some(help),
        };
    }
    // Diesel's own table of migrations is nobody's.
    let names = known.iter().filter(|table| !table.name.starts_with("__diesel"));
    let names: Vec<String> = names.map(ToString::to_string).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    CheckError::Usage {
        message: format!("{} has no table `{name}`", observation.label),
        help: Some(format!(
            "{}`cargo fkcheck impact` without a table tells of every one that a key refers to",
            instead(&name, &names).map_or_else(String::new, |instead| format!("{instead}\n"))
        )),
    }
}

/// What to write instead of a name that isn't among these: the nearest; or one of them, where they are few.
pub(crate) fn instead(name: &str, known: &[&str]) -> Option<String> {
    let bare = |full: &&str| full.rsplit('.').next().unwrap_or_default().to_owned();
    let bares: Vec<String> = known.iter().map(bare).collect();
    let mut found: Vec<(usize, &str)> = near(name, known.iter().copied()).collect();
    for (bare, full) in bares.iter().zip(known) {
        // `billing.users`, asked for as `user`.
        found.extend(near(name, [bare.as_str()]).map(|(distance, _)| (distance, *full)));
    }
    found.sort_unstable();
    let mut nearest: Vec<String> = Vec::new();
    for (_, full) in found {
        let full = format!("`{full}`");
        if nearest.len() < NEAREST && !nearest.contains(&full) {
            nearest.push(full);
        }
    }
    match &nearest[..] {
        [] if known.len() <= FEW => Some(format!("there are {}", listed(known))),
        [] => None,
        nearest => Some(format!("did you mean {}?", nearest.join(" or "))),
    }
}

/// So many near names are of help.
const NEAREST: usize = 3;

/// So many names are read as a list.
const FEW: usize = 12;

/// ``a`, `b` and 3 more``
pub(crate) fn listed(names: &[&str]) -> String {
    let (first, rest) = names.split_at(names.len().min(FEW));
    let first: Vec<String> = first.iter().map(|name| format!("`{name}`")).collect();
    let rest = if rest.is_empty() { String::new() } else { format!(" and {} more", rest.len()) };
    format!("{}{rest}", first.join(", "))
}
