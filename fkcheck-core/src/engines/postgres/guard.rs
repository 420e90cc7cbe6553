//! What a migration looks at before it does anything, as lines of PL/pgSQL.

use super::super::fix::{cleaned, listed};
use super::quote::{literal, table};
use crate::model::{Action, Deferrability, MatchType, ObservedKey};

/// How a key is found.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum By {
    Name,
    /// Under any name: a database that was made otherwise may have given it another.
    Columns,
}

/// A condition: the key is there.
pub(super) fn is_there(key: &ObservedKey, by: By) -> String {
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
    }
    format!("EXISTS (SELECT FROM pg_catalog.pg_constraint c\n    WHERE {})", conditions.join("\n      AND "))
}

/// A condition: the migration had nothing to do here, for the database was as it should be, with a constraint of another name.
pub(super) fn was_never_made(key: &ObservedKey) -> String {
    format!("NOT {}\n    AND {}", is_there(key, By::Name), is_there(key, By::Columns))
}

/// Stops everything where another key of the same columns refers to the same parent: it acts too, whatever becomes of this one.
pub(super) fn expect_no_other(key: &ObservedKey) -> String {
    let mut columns = key.key.columns.clone();
    columns.sort_unstable();
    // Those that a partition of the parent has are the same key. PostgreSQL 10 doesn't know whose they are, and has none.
    let several = format!(
        "(SELECT pg_catalog.count(*) FROM pg_catalog.pg_constraint c
    WHERE c.conrelid = {}::pg_catalog.regclass AND c.contype = 'f' AND c.confrelid = {}::pg_catalog.regclass
      AND COALESCE(pg_catalog.to_jsonb(c) ->> 'conparentid', '0') = '0'
      AND ARRAY(SELECT a.attname::pg_catalog.text COLLATE \"C\" FROM pg_catalog.pg_attribute a
            WHERE a.attrelid = c.conrelid AND a.attnum = ANY (c.conkey) ORDER BY 1) = {}) > 1",
        literal(&table(&key.key.table)),
        literal(&table(&key.parent)),
        array(&columns)
    );
    raise_if(
        &several,
        &format!("more than one foreign key stands on {}; drop those that aren't meant", key.key),
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
        "EXISTS (SELECT FROM pg_catalog.pg_constraint c WHERE c.conrelid = pg_catalog.to_regclass({}) AND c.conname = {})",
        literal(table),
        literal(name)
    )
}

/// Ends a block where there is nothing to do.
pub(super) fn done_if(conditions: &[String]) -> String {
    format!("  IF {}\n  THEN RETURN; END IF;\n", conditions.join("\n    AND "))
}

/// Stops everything unless the key is as expected, or `is_done`, where that can be.
pub(super) fn expect(key: &ObservedKey, by: By, is_done: Option<&str>) -> String {
    let message = format!("the foreign key of {} isn't as it was when this migration was written", key.key);
    raise_if(&unless(is_done, &format!("NOT {}", is_there(key, by))), &message)
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

/// A condition: this is a partition of the table, at whatever depth.
pub(super) fn is_partition(leaf: &str, parent: &str) -> String {
    format!(
        "EXISTS (WITH RECURSIVE part(oid) AS (
      SELECT i.inhrelid FROM pg_catalog.pg_inherits i WHERE i.inhparent = {}::pg_catalog.regclass
      UNION ALL SELECT i.inhrelid FROM pg_catalog.pg_inherits i JOIN part ON i.inhparent = part.oid)
    SELECT FROM part WHERE part.oid = pg_catalog.to_regclass({}))",
        literal(parent),
        literal(leaf)
    )
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
