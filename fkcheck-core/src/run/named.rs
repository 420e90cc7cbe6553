//! Tables of a source by the names that a command line gives.

use super::CheckError;
use crate::grammar::nearest;
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
    let near = nearest(&name, known.iter().map(|table| table.name.as_str()));
    CheckError::Usage {
        message: format!("{} has no table `{name}`", observation.label),
        help: near.map(|near| format!("did you mean `{near}`?")),
    }
}
