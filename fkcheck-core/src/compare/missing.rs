//! Keys that are declared and not there, as a source would show them.

use super::Comparison;
use crate::collect::Facts;
use crate::model::{
    Action, ColumnFacts, DeclaredKey, InForce, KeyName, MatchType, ObservedKey, ObservedTable,
    POSTGRES_LONGEST_NAME, TableName, truncated,
};

/// A key that is in the code alone.
pub(crate) fn added(
    declared: &DeclaredKey,
    table: &ObservedTable,
    comparison: &Comparison<'_>,
    facts: &Facts,
) -> Result<ObservedKey, String> {
    let Some(parent) = declared.parent() else {
        return Err("the code doesn't say which table it refers to; add `references = ..`".to_owned());
    };
    if parent.columns.len() != declared.key.columns.len() {
        return Err(format!("the code doesn't say which columns of `{}` it refers to", parent.table));
    }
    let Some(observed_parent) = comparison.observed_table(&parent.table) else {
        return Err(format!("the parent table `{}` isn't there", parent.table));
    };
    let table_in_code = facts.table(&declared.key.table);
    let column = |name: &String| {
        let nullable =
            table_in_code.and_then(|table| table.column(name)).is_none_or(|column| column.nullable);
        ColumnFacts { nullable, has_default: false, generated: false }
    };
    Ok(ObservedKey {
        key: KeyName { table: table.name.clone(), columns: declared.key.columns.clone() },
        name: constraint_name(declared, &table.name, comparison)?,
        parent: observed_parent.name.clone(),
        parent_columns: parent.columns.clone(),
        on_delete: declared.on_delete().map_or(Action::NoAction, |stated| stated.value.clone()),
        on_update: declared.meant_on_update(),
        deferrability: declared.meant_deferrability(),
        match_type: MatchType::Simple,
        columns: declared.key.columns.iter().map(column).collect(),
        child_kind: table.kind,
        covering_index: None,
        child_rows: None,
        in_force: InForce::YES,
        firing_order: 0,
        check_disabled_in: Vec::new(),
        action_disabled_in: Vec::new(),
        whole: None,
        guards: Vec::new(),
        extension: None,
        origin: None,
    })
}

/// What PostgreSQL would call it, where the code says nothing; SQLite's have no name then.
fn constraint_name(
    declared: &DeclaredKey,
    table: &TableName,
    comparison: &Comparison<'_>,
) -> Result<Option<String>, String> {
    let is_taken = |name: &str| {
        let Some(definitions) = &comparison.observation.definitions else { return false };
        let constraints = definitions.constraints.get(table).into_iter().flatten();
        let indexes = definitions.indexes.get(table).into_iter().flat_map(|all| all.keys());
        constraints.chain(indexes).any(|taken| taken.eq_ignore_ascii_case(name))
    };
    if let Some(stated) = declared.name() {
        return if is_taken(&stated.value) {
            Err(format!(
                "something else of `{table}` is called `{}`; give the key another name",
                stated.value
            ))
        } else {
            Ok(Some(stated.value.clone()))
        };
    }
    if !comparison.engine().names_constraints {
        return Ok(None);
    }
    let base = format!("{}_{}", declared.key.table.name, declared.key.columns.join("_"));
    let numbered = |number: usize| {
        let suffix = if number == 0 { "_fkey".to_owned() } else { format!("_fkey{number}") };
        // MySQL takes one character more.
        truncated(&base, POSTGRES_LONGEST_NAME - suffix.len()).to_owned() + &suffix
    };
    let mut number = 0;
    while is_taken(&numbered(number)) {
        number += 1;
    }
    Ok(Some(numbered(number)))
}

/// A foreign key refers to a unique key, where the source tells of these.
pub(crate) fn no_unique_key(to: &ObservedKey, comparison: &Comparison<'_>) -> Option<String> {
    let definitions = comparison.observation.definitions.as_ref()?;
    if definitions.unique_keys.is_empty() {
        return None;
    }
    let mut wanted = to.parent_columns.clone();
    wanted.sort_unstable();
    let keys = definitions.unique_keys.get(&to.parent).map(Vec::as_slice).unwrap_or_default();
    let is_there = keys.iter().any(|key| {
        key.len() == wanted.len()
            && key.iter().zip(&wanted).all(|(left, right)| comparison.engine().column_case.same(left, right))
    });
    (!is_there).then(|| {
        format!(
            "`{}` has no unique index on ({}), which a foreign key needs; add one first, in a migration of its own",
            to.parent,
            to.parent_columns.join(", ")
        )
    })
}
