//! What a migration looks at before it does anything, as lines of PL/pgSQL.

use super::super::align::{cleaned, listed};
use super::align::{literal, table};
use crate::model::{Action, Deferrability, MatchType, Observation, ObservedKey};

/// How much of a key has to be so.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum By {
    /// All that was seen of it.
    AsSeen,
    /// All but whether it is validated.
    Name,
    /// The same, under any name: a database that was made otherwise may have given it another.
    Columns,
}

/// A condition: the key is there.
pub(super) fn is_there(key: &ObservedKey, observation: &Observation, by: By) -> String {
    let letter = |action: &Action| match action {
        Action::NoAction => 'a',
        Action::Restrict => 'r',
        Action::Cascade => 'c',
        Action::SetNull(_) => 'n',
        Action::SetDefault(_) => 'd',
    };
    let mut conditions = vec![
        format!("c.contype = 'f' AND c.conrelid = {}::pg_catalog.regclass", literal(&table(&key.key.table))),
        format!("c.confrelid = {}::pg_catalog.regclass", literal(&table(&key.parent))),
        format!("{} = {}", columns_of("conkey", "conrelid"), array(&key.key.columns)),
        format!("{} = {}", columns_of("confkey", "confrelid"), array(&key.parent_columns)),
        format!(
            "c.confdeltype = '{}' AND c.confupdtype = '{}' AND c.confmatchtype = '{}'",
            letter(&key.on_delete),
            letter(&key.on_update),
            if key.match_type == MatchType::Full { 'f' } else { 's' }
        ),
        format!(
            "c.condeferrable = {} AND c.condeferred = {}",
            key.deferrability != Deferrability::NotDeferrable,
            key.deferrability == Deferrability::Deferred
        ),
    ];
    match &key.on_delete {
        // A column that PostgreSQL before 15 doesn't have.
        Action::SetNull(columns) | Action::SetDefault(columns) if columns.is_empty() => {
            conditions.push("(pg_catalog.to_jsonb(c) ->> 'confdelsetcols') IS NULL".to_owned());
        }
        Action::SetNull(columns) | Action::SetDefault(columns) => {
            let mut columns = columns.clone();
            columns.sort_unstable();
            let named = "ARRAY(SELECT a.attname::pg_catalog.text COLLATE \"C\" FROM pg_catalog.pg_attribute a \
                         WHERE a.attrelid = c.conrelid AND a.attnum = ANY (c.confdelsetcols) ORDER BY 1)";
            conditions.push(format!("{named} = {}", array(&columns)));
        }
        _ => {}
    }
    if by != By::Columns {
        conditions.push(format!("c.conname = {}", literal(key.name.as_deref().unwrap_or_default())));
        conditions.push(match comment_of(key, observation) {
            Some(text) => format!("pg_catalog.obj_description(c.oid, 'pg_constraint') = {}", literal(text)),
            None => "pg_catalog.obj_description(c.oid, 'pg_constraint') IS NULL".to_owned(),
        });
    }
    if by == By::AsSeen && key.in_force.enforced {
        conditions.push(format!("c.convalidated = {}", key.in_force.validated));
    }
    format!("EXISTS (SELECT FROM pg_catalog.pg_constraint c\n    WHERE {})", conditions.join("\n      AND "))
}

/// A condition: the migration had nothing to do here, for the database was as it should be, with a constraint of another name.
pub(super) fn was_never_made(key: &ObservedKey, observation: &Observation) -> String {
    format!(
        "NOT {}\n    AND {}",
        is_there(key, observation, By::Name),
        is_there(key, observation, By::Columns)
    )
}

/// A condition: no foreign key stands on these columns.
pub(super) fn has_no_key(key: &ObservedKey) -> String {
    format!(
        "NOT EXISTS (SELECT FROM pg_catalog.pg_constraint c\n    WHERE c.conrelid = {}::pg_catalog.regclass AND c.contype = 'f' AND {} = {})",
        literal(&table(&key.key.table)),
        columns_of("conkey", "conrelid"),
        array(&key.key.columns)
    )
}

/// A condition: one of these.
pub(super) fn any(conditions: &[String]) -> String {
    format!("({})", conditions.join("\n    OR "))
}

/// A condition: this constraint is on this table.
pub(super) fn has_constraint(table: &str, name: &str) -> String {
    format!(
        "EXISTS (SELECT FROM pg_catalog.pg_constraint c WHERE c.conrelid = {}::pg_catalog.regclass AND c.conname = {})",
        literal(table),
        literal(name)
    )
}

/// Ends a block where there is nothing to do.
pub(super) fn done_if(conditions: &[String]) -> String {
    format!("  IF {}\n  THEN RETURN; END IF;\n", conditions.join("\n    AND "))
}

/// Stops everything unless the key is as expected, or `is_done`, where that can be.
pub(super) fn expect(key: &ObservedKey, observation: &Observation, by: By, is_done: Option<&str>) -> String {
    let message = format!("the foreign key of {} isn't as it was when this migration was written", key.key);
    raise_if(&unless(is_done, &format!("NOT {}", is_there(key, observation, by))), &message)
}

fn unless(is_done: Option<&str>, condition: &str) -> String {
    is_done.map_or_else(|| condition.to_owned(), |is_done| format!("NOT {is_done} AND {condition}"))
}

/// Stops everything if there is a key already, unless it `is_done`.
pub(super) fn expect_none(key: &ObservedKey, is_done: Option<&str>) -> String {
    let exists = format!(
        "EXISTS (SELECT FROM pg_catalog.pg_constraint c\n    WHERE c.conrelid = {}::pg_catalog.regclass\n      AND (c.conname = {} OR c.contype = 'f' AND {} = {}))",
        literal(&table(&key.key.table)),
        literal(key.name.as_deref().unwrap_or_default()),
        columns_of("conkey", "conrelid"),
        array(&key.key.columns)
    );
    let message = format!(
        "{} has a foreign key, or another constraint its name; there was none when this migration was written",
        key.key
    );
    raise_if(&unless(is_done, &exists), &message)
}

fn raise_if(condition: &str, message: &str) -> String {
    format!(
        "  IF {condition}\n  THEN RAISE EXCEPTION USING\n    MESSAGE = {},\n    HINT = 'Nothing was changed. Write it anew: cargo fkcheck fix';\n  END IF;\n",
        literal(&cleaned(&format!("fkcheck: {message}")))
    )
}

/// The key's comment, which goes with it.
pub(super) fn comment_of<'a>(key: &ObservedKey, observation: &'a Observation) -> Option<&'a String> {
    let id = (key.key.table.clone(), key.name.clone()?);
    observation.definitions.as_ref()?.comments.get(&id)
}

/// The names of a constraint's columns, in its order.
fn columns_of(attributes: &str, relation: &str) -> String {
    format!(
        "ARRAY(SELECT a.attname::pg_catalog.text FROM pg_catalog.unnest(c.{attributes}) WITH ORDINALITY AS k(att, ord) \
         JOIN pg_catalog.pg_attribute a ON a.attrelid = c.{relation} AND a.attnum = k.att ORDER BY k.ord)"
    )
}

pub(super) fn array(names: &[String]) -> String {
    format!("ARRAY[{}]::pg_catalog.text[]", listed(names, &literal))
}
