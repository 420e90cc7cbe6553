//! The migration that makes tables anew with other keys: SQLite alters no constraint. The old table is moved aside, made again
//! from its own text, and everything that was made on it after it.

use std::fmt::Write as _;

use super::super::fix::{Change, FixRequest, FixWriter, actions, by_table, comment, heading, listed, marks};
use super::create_table::{self, WrittenKey};
use super::edit::{self, Clauses};
use crate::model::{Action, Deferrability, FixMigration, Observation, ObservedKey, Step, TableText};

pub(in super::super) static FIX_WRITER: FixWriter =
    FixWriter { changes_order: None, leaves: Some(LEAVES), obstacle, made_otherwise, migrations };

/// What SQL can't take back where it stops.
const OFF_NOW: &str = "Foreign keys are off in this connection now: close it";

const LEAVES: &str = "turns foreign keys off while it runs. The connection that runs it has them on afterwards, also where they were off; and off where it \
     stops, so an application that runs its migrations itself must then close that connection, or rows without a parent come unnoticed";

/// The table's text, or what was made on it, where the guard takes neither.
fn made_otherwise(changes: &[&Change], observation: &Observation, made: &Observation) -> Option<String> {
    let table = &changes.first()?.to.key.table;
    let here = observation.definitions.as_ref()?.tables.get(table)?;
    let there = made.definitions.as_ref()?.tables.get(table)?;
    if here.create != there.create && !is_same_table(&there.create, &here.create, changes) {
        return Some(format!("`{table}` by another text"));
    }
    (here.others != there.others).then(|| format!("other indexes or triggers on `{table}`"))
}

fn obstacle(change: &Change, observation: &Observation) -> Option<String> {
    let to = &change.to;
    let names_columns = |action: &Action| matches!(action, Action::SetNull(columns) | Action::SetDefault(columns) if !columns.is_empty());
    if names_columns(&to.on_delete) || names_columns(&to.on_update) {
        return Some("SQLite sets all columns of a key, not some".to_owned());
    }
    if !to.in_force.has_parent_key {
        return Some(format!(
            "`{}({})` is neither primary key nor unique, so SQLite can't look for parents there; make a unique index first",
            to.parent,
            to.parent_columns.join(", ")
        ));
    }
    let Some(definitions) = &observation.definitions else {
        return Some(format!(
            "the whole text of `{}` is needed to make it anew; run this against the database or the migrations",
            to.key.table
        ));
    };
    let text = definitions.tables.get(&to.key.table);
    if text.is_some_and(|text| edit::names_itself(&text.create, &to.key.table.name)) {
        return Some(format!(
            "the text of `{0}` calls its own columns `{0}.column`, which SQLite can't follow when the table is moved; leave `{0}.` out there first",
            to.key.table
        ));
    }
    match text.map(|text| rewritten(&text.create, &[change])) {
        Some(Some(_)) => None,
        _ => Some(format!("the text of `{}` can't be read well enough to change it", to.key.table)),
    }
}

fn migrations(request: &FixRequest<'_>) -> Result<Vec<FixMigration>, String> {
    let definitions = request.observation.definitions.as_ref();
    let mut ups = String::new();
    let mut downs = String::new();
    for changes in by_table(request.changes) {
        let table = &changes[0].to.key.table;
        let unreadable = || format!("the text of `{table}` can't be read well enough to change it");
        let text = definitions.and_then(|all| all.tables.get(table)).ok_or_else(unreadable)?;
        let (create, ids) = rewritten(&text.create, &changes).ok_or_else(unreadable)?;
        let ids: Vec<String> = ids.iter().map(ToString::to_string).collect();
        let aside = name_aside(&table.name, request.observation);
        // A database that was made from the migrations alone may never have had the fault.
        let mut olds = vec![text.create.as_str(), create.as_str()];
        olds.extend(made_right(request, &changes).filter(|other| *other != text.create && *other != create));
        ups.push_str(&rebuilt(&table.name, &aside, text, &olds, &create, Some(&ids)));
        // Or a migration of the same kind has been taken back before.
        let news = [create.as_str(), text.create.as_str()];
        downs.push_str(&rebuilt(&table.name, &aside, text, &news, &text.create, None));
    }
    let up = marks(request.changes, Step::Rebuild)
        + &heading(request.changes, ": makes the table anew, for SQLite alters no constraint");
    let back: Vec<Change> = request.changes.iter().filter_map(Change::back).collect();
    let down = heading(&back, ": the way back");
    Ok(vec![FixMigration {
        name: request.name.to_owned(),
        up: whole(&up, &ups),
        down: whole(&down, &downs),
        // In a transaction `PRAGMA foreign_keys` does nothing, and DROP TABLE deletes the children of every row.
        run_in_transaction: false,
    }])
}

/// A connection that had foreign keys on has them on afterwards. SQL can't ask first: a pragma takes a word, not an expression. So they
/// are on in any case, for with keys off orphans would come unnoticed.
fn whole(heading: &str, rebuilt: &str) -> String {
    format!(
        "{heading}{}
PRAGMA busy_timeout = 60000;
PRAGMA foreign_keys = OFF;
BEGIN IMMEDIATE;
CREATE TEMP TABLE fkcheck_guard (
  keys_are_off INTEGER DEFAULT 1 CONSTRAINT \"fkcheck: foreign keys can't be turned off; this migration needs run_in_transaction = false\" CHECK (keys_are_off = 1),
  table_is_as_seen INTEGER DEFAULT 1 CONSTRAINT \"fkcheck: a table, or what was made on it, isn't as it was when this migration was written; write it anew: cargo fkcheck fix. {OFF_NOW}\" CHECK (table_is_as_seen = 1),
  rows_are_all_there INTEGER DEFAULT 1 CONSTRAINT \"fkcheck: not every row was copied; nothing has changed. {OFF_NOW}\" CHECK (rows_are_all_there = 1),
  rows_have_parents INTEGER DEFAULT 1 CONSTRAINT \"fkcheck: rows have no parent; find them with PRAGMA foreign_key_check. {OFF_NOW}\" CHECK (rows_have_parents = 1)
);
INSERT OR ROLLBACK INTO fkcheck_guard (keys_are_off) SELECT foreign_keys = 0 FROM pragma_foreign_keys;
PRAGMA legacy_alter_table = ON;
{rebuilt}
PRAGMA legacy_alter_table = OFF;
DROP TABLE temp.fkcheck_guard;
COMMIT;
PRAGMA foreign_keys = ON;
",
        comment(&[
            String::new(),
            "It must run outside of Diesel's transaction, with foreign keys off: else dropping the old table deletes or clears the".to_owned(),
            "rows of every table that refers to it. Nobody writes to the database meanwhile; it waits a minute for a writer to end.".to_owned(),
            String::new(),
            "The connection that runs it has foreign keys on afterwards, and waits for writers as long as this did. Where it stops,".to_owned(),
            "that connection has them off: close it.".to_owned(),
        ])
    )
}

/// One table, from one text to another; `checked` are the keys, by SQLite's numbers, whose rows must have parents.
fn rebuilt(
    name: &str,
    aside: &str,
    text: &TableText,
    olds: &[&str],
    new: &str,
    checked: Option<&[String]>,
) -> String {
    let (table, aside_quoted) = (quoted(name), quoted(aside));
    let mut sql = String::from("\n");
    let made_on_it = format!(
        "FROM main.sqlite_master WHERE type IN ('index', 'trigger') AND sql IS NOT NULL AND tbl_name = {} COLLATE NOCASE",
        literal(name)
    );
    let _ = write!(
        sql,
        "INSERT OR ROLLBACK INTO fkcheck_guard (table_is_as_seen) SELECT\n  (SELECT count(*) FROM main.sqlite_master WHERE type = 'table' AND name = {} AND sql IN ({})) = 1\n  AND (SELECT count(*) {made_on_it}) = {}",
        literal(name),
        olds.iter().map(|old| literal(old)).collect::<Vec<_>>().join(",\n    "),
        text.others.len()
    );
    if !text.others.is_empty() {
        let all: Vec<String> = text
            .others
            .iter()
            .map(|(name, create)| format!("({}, {})", literal(name), literal(create)))
            .collect();
        let _ = write!(
            sql,
            "\n  AND (SELECT count(*) {made_on_it} AND (name, sql) IN (VALUES {})) = {}",
            all.join(", "),
            all.len()
        );
    }
    sql.push_str(";\n");
    // Renaming stumbles over these; and they go with the old table anyway.
    let stumbles = |create: &str| edit::makes_index(create) && edit::names_itself(create, name);
    for (index, _) in text.others.iter().filter(|(_, create)| stumbles(create)) {
        let _ = writeln!(sql, "DROP INDEX {};", quoted(index));
    }
    let _ = writeln!(sql, "ALTER TABLE {table} RENAME TO {aside_quoted};\n{}", statement("table", name, new));
    let columns = listed(&text.stored_columns, &quoted);
    // Rows that have no number of their own keep the one that they have.
    let row_id = ["rowid", "_rowid_", "oid"].into_iter().find(|alias| {
        let mut names = text.stored_columns.iter().chain(&text.generated_columns);
        !names.any(|column| column.eq_ignore_ascii_case(alias))
    });
    let row_id =
        row_id.filter(|_| text.has_hidden_row_id).map_or_else(String::new, |alias| format!("{alias}, "));
    // Whatever a column's own ON CONFLICT says: a row that isn't taken stops it.
    let _ = writeln!(
        sql,
        "INSERT OR ROLLBACK INTO {table} ({row_id}{columns}) SELECT {row_id}{columns} FROM {aside_quoted};\n\
         INSERT OR ROLLBACK INTO fkcheck_guard (rows_are_all_there) SELECT (SELECT count(*) FROM {table}) = (SELECT count(*) FROM {aside_quoted});"
    );
    if text.has_counter {
        let _ = writeln!(
            sql,
            "DELETE FROM sqlite_sequence WHERE name = {};\nUPDATE sqlite_sequence SET name = {} WHERE name = {};",
            literal(name),
            literal(name),
            literal(aside)
        );
    }
    let _ = writeln!(sql, "DROP TABLE {aside_quoted};");
    for (name, create) in &text.others {
        let kind = if edit::makes_index(create) { "index" } else { "trigger" };
        let _ = writeln!(sql, "{}", statement(kind, name, create));
    }
    if let Some(ids) = checked {
        let _ = writeln!(
            sql,
            "INSERT OR ROLLBACK INTO fkcheck_guard (rows_have_parents) SELECT NOT EXISTS (\n  SELECT 1 FROM pragma_foreign_key_check({}) WHERE fkid IN ({}));",
            literal(name),
            ids.join(", ")
        );
    }
    sql
}

/// What makes a thing, so that SQLite keeps its text to the byte. Behind a comment that ends with its line, it would keep the
/// line's end too.
fn statement(kind: &str, name: &str, create: &str) -> String {
    if !edit::ends_in_comment(create) {
        return format!("{create};");
    }
    format!(
        "{create}\n;\nPRAGMA writable_schema = ON;\nUPDATE main.sqlite_master SET sql = {} WHERE type = '{kind}' AND name = {};\nPRAGMA writable_schema = OFF;",
        literal(create),
        literal(name)
    )
}

/// The new text, and the numbers that SQLite gives to the changed keys. `None`: it can't be had, or would not say what it should.
fn rewritten(create: &str, changes: &[&Change]) -> Option<(String, Vec<usize>)> {
    let mut text = create.to_owned();
    let mut expected = create_table::foreign_keys(create)?;
    let mut places = Vec::new();
    for change in changes {
        if let Some(from) = &change.from {
            let at = expected.iter().position(|written| is_key(written, from))?;
            let different = |old: &Action, new: &Action| (old != new).then(|| new.clone());
            let clauses = Clauses {
                on_delete: different(&from.on_delete, &change.to.on_delete),
                on_update: different(&from.on_update, &change.to.on_update),
                deferrability: (from.deferrability != change.to.deferrability)
                    .then_some(change.to.deferrability),
            };
            text = edit::with_clauses(&text, at, &clauses)?;
            let written = &mut expected[at];
            written.on_delete.clone_from(&change.to.on_delete);
            written.on_update.clone_from(&change.to.on_update);
            written.deferrability = change.to.deferrability;
            places.push(at);
        } else {
            text = edit::with_constraint(&text, &constraint(&change.to))?;
            places.push(expected.len());
            expected.push(written(&change.to));
        }
    }
    let found = create_table::foreign_keys(&text)?;
    // SQLite counts from the last.
    let ids = places.into_iter().map(|at| found.len() - 1 - at).collect();
    (found == expected).then_some((text, ids))
}

/// The text that the migrations alone give the table, if it is this one but for the rules of the changed keys.
fn made_right<'a>(request: &FixRequest<'a>, changes: &[&Change]) -> impl Iterator<Item = &'a str> {
    let definitions = request.from_migrations.and_then(|made| made.definitions.as_ref());
    let table = &changes[0].to.key.table;
    let create = definitions.and_then(|all| all.tables.get(table)).map(|text| text.create.as_str());
    let here = request.observation.definitions.as_ref().and_then(|all| all.tables.get(table));
    create.filter(|create| here.is_some_and(|here| is_same_table(create, &here.create, changes))).into_iter()
}

/// Whether two texts make the same table, but for the rules of the changed keys, each of which is as it should be or as it is.
/// Anything else would be lost where the table is made anew: a column, a default, another key's rule.
fn is_same_table(made: &str, here: &str, changes: &[&Change]) -> bool {
    let is_right = |written: &[WrittenKey], change: &Change| {
        let has = |key: &ObservedKey| {
            written.iter().any(|written| {
                is_key(written, key)
                    && written.on_update == key.on_update
                    && written.deferrability == key.deferrability
            })
        };
        change.from.as_ref().is_none_or(|from| has(from) || has(&change.to))
    };
    let without_rules = |create: &str| {
        let written = create_table::foreign_keys(create)?;
        let is_changed = |key: &WrittenKey| {
            changes.iter().any(|change| change.from.as_ref().is_some_and(|from| is_on(key, from)))
        };
        let places: Vec<usize> =
            written.iter().enumerate().filter(|(_, key)| is_changed(key)).map(|(at, _)| at).collect();
        let is_right = changes.iter().all(|change| is_right(&written, change));
        edit::without_rules(create, &places).filter(|_| is_right)
    };
    matches!((without_rules(made), without_rules(here)), (Some(made), Some(here)) if made == here)
}

fn is_on(written: &WrittenKey, observed: &ObservedKey) -> bool {
    let columns = &observed.key.columns;
    written.columns.len() == columns.len()
        && written.columns.iter().zip(columns).all(|(left, right)| left.eq_ignore_ascii_case(right))
}

fn is_key(written: &WrittenKey, observed: &ObservedKey) -> bool {
    is_on(written, observed)
        && written.parent.eq_ignore_ascii_case(&observed.parent.name)
        && written.name == observed.name
        && written.on_delete == observed.on_delete
}

fn written(key: &ObservedKey) -> WrittenKey {
    WrittenKey {
        name: key.name.clone(),
        columns: key.key.columns.clone(),
        parent: key.parent.name.clone(),
        on_delete: key.on_delete.clone(),
        on_update: key.on_update.clone(),
        deferrability: key.deferrability,
        match_type: key.match_type,
    }
}

fn constraint(key: &ObservedKey) -> String {
    let name = key.name.as_ref().map_or_else(String::new, |name| format!("CONSTRAINT {} ", quoted(name)));
    let deferrable = match key.deferrability {
        Deferrability::NotDeferrable => String::new(),
        stated => format!(" {stated}"),
    };
    format!(
        "{name}FOREIGN KEY ({}) REFERENCES {} ({}){}{deferrable}",
        listed(&key.key.columns, &quoted),
        quoted(&key.parent.name),
        listed(&key.parent_columns, &quoted),
        actions(key, &quoted)
    )
}

/// A name that nothing has.
fn name_aside(name: &str, observation: &Observation) -> String {
    let is_taken = |candidate: &str| {
        let tables = observation.tables.iter().map(|table| &table.name.name);
        let texts = observation.definitions.iter().flat_map(|all| all.tables.values());
        let others = texts.flat_map(|text| &text.others).map(|(name, _)| name);
        tables.chain(others).any(|taken| taken.eq_ignore_ascii_case(candidate))
    };
    let mut candidate = format!("fkcheck_old_{name}");
    while is_taken(&candidate) {
        candidate.push('_');
    }
    candidate
}

pub(super) fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

pub(super) fn literal(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}
