//! Which tables belong to a source, and which are of interest.

use super::read_source::ReadSource;
use crate::collect::Facts;
use crate::compare::Comparison;
use crate::model::TableName;
use crate::workspace::{Config, Database, Filter, Workspace};

/// Pairs what the code says with one observation, as far as the configuration has it.
pub(super) fn comparison<'a>(
    config: &Config,
    facts: &'a Facts,
    ReadSource { observation, database, orphans, made_anew, .. }: &'a ReadSource,
) -> Comparison<'a> {
    let in_scope =
        |table: &TableName| database.as_ref().is_none_or(|database| describes(database, facts, table));
    let default_schema = observation.engine.default_schemas.first().map(String::as_str);
    let wanted = |table: &TableName| {
        config.filter.wants(table, default_schema)
            && database.as_ref().is_none_or(|database| database.filter.wants(table, default_schema))
    };
    let mut comparison = Comparison::new(facts, observation, &in_scope, &wanted);
    comparison.orphans.clone_from(orphans);
    comparison.made_anew = made_anew;
    comparison
}

/// Whether a table belongs to a configured database: its `table!` lies in one of the files that the section names.
pub(super) fn describes(database: &Database, facts: &Facts, table: &TableName) -> bool {
    let mut tables = facts.tables_named(table);
    database.schema.is_empty() || tables.any(|table| database.declares(table, facts))
}

/// Patterns that match nothing are likely misspelt.
pub(super) fn unused_patterns(workspace: &Workspace, facts: &Facts, observed: &[ReadSource]) -> Vec<String> {
    let unused = |filter: &Filter, is_of: &dyn Fn(&ReadSource) -> bool, key: &str| {
        let seen = observed.iter().filter(|one| is_of(one)).flat_map(|ReadSource { observation, .. }| {
            let default_schema = observation.engine.default_schemas.first().map(String::as_str);
            observation.tables.iter().map(move |table| (&table.name, default_schema))
        });
        let in_code = facts.tables.iter().map(|table| (&table.name, None));
        let patterns = filter.unused(in_code.chain(seen)).into_iter();
        patterns.map(|pattern| format!("no table matches `{pattern}` of `{key}`")).collect::<Vec<_>>()
    };
    let mut all = unused(&workspace.config.filter, &|_| true, "tables.ignore");
    for section in &workspace.config.databases {
        let is_of =
            |one: &ReadSource| one.database.as_ref().is_some_and(|database| database.name == section.name);
        let key = format!("databases.{}.tables.ignore", section.name);
        all.extend(unused(&section.filter, &is_of, &key));
    }
    all
}
