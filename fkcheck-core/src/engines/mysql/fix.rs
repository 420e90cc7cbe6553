//! Migrations that make keys anew: one ALTER TABLE that drops the old constraint and adds the new one, so that no row slips
//! through between two, under a new name, for InnoDB refuses the same one (errno 121).

use std::collections::HashSet;
use std::fmt::Write as _;

use super::super::fix::{
    Change, FixRequest, FixWriter, actions, by_table, cleaned, comment, heading, listed, marks,
    named_otherwise,
};
use crate::model::{Action, Deferrability, Engine, FixMigration, Observation, ObservedKey, Step, TableName};
use crate::replay::written_by_fix::PREPARED;

pub(in super::super) static FIX_WRITER: FixWriter = FixWriter {
    changes_order: Some(
        "keys act in the order of their names, or as they were made, and this one gets a new name",
    ),
    leaves: None,
    obstacle,
    made_otherwise: named_otherwise,
    migrations,
};

/// The longest name that a constraint may have, in characters.
const LONGEST_NAME: usize = 64;

fn obstacle(change: &Change, _: &Observation) -> Option<String> {
    let to = &change.to;
    if to.deferrability != Deferrability::NotDeferrable {
        return Some("InnoDB checks every key at once; none is deferrable".to_owned());
    }
    let names_columns = |action: &Action| matches!(action, Action::SetNull(columns) | Action::SetDefault(columns) if !columns.is_empty());
    if names_columns(&to.on_delete) || names_columns(&to.on_update) {
        return Some("InnoDB sets all columns of a key, not some".to_owned());
    }
    let from = change.from.as_ref();
    let begins =
        |new: &Action, old: Option<&Action>| matches!(new, Action::SetDefault(_)) && old != Some(new);
    if begins(&to.on_delete, from.map(|from| &from.on_delete))
        || begins(&to.on_update, from.map(|from| &from.on_update))
    {
        return Some(
            "InnoDB has no SET DEFAULT: MySQL refuses it, and MariaDB takes it for RESTRICT".to_owned(),
        );
    }
    None
}

#[expect(clippy::unnecessary_wraps, reason = "another engine's can fail")]
fn migrations(request: &FixRequest<'_>) -> Result<Vec<FixMigration>, String> {
    let mut taken: HashSet<String> = request
        .observation
        .keys
        .iter()
        .filter_map(|key| key.name.as_ref())
        .map(|name| name.to_lowercase())
        .collect();
    let changes: Vec<Change> = request.changes.iter().map(|change| renamed(change, &mut taken)).collect();
    let mut up = marks(&changes, Step::Swap) + &heading(&changes, "");
    let mut down = heading(&changes.iter().filter_map(Change::back).collect::<Vec<_>>(), ": the way back");
    up.push_str(SETTINGS);
    down.push_str(SETTINGS);
    for changes in by_table(&changes) {
        let is_online = changes.iter().all(|change| change.has_no_orphans && change.keeps_old_rows_right());
        up.push_str(&swap(&changes, Direction::There, is_online, request.observation));
        let mut back = Vec::new();
        for change in &changes {
            if let Some(change) = change.back() {
                back.push(change);
            } else {
                let name = quoted(name_of(&change.to));
                let index = own_index(&change.to, request.observation)
                    .map_or_else(String::new, |name| format!(", DROP INDEX {name}"));
                let child = table(&change.to.key.table);
                let check = (
                    is_there(&change.to, By::Name),
                    format!("the key of {} is not as it was", change.to.key),
                );
                let drop = format!("ALTER TABLE {child} DROP FOREIGN KEY {name}{index}");
                let is_done = format!("({} OR {})", was_never_made(&change.to), has_no_key(&change.to));
                down.push_str(&unless_done(&[&change.to], &[is_done], &[check], &literal(&drop)));
            }
        }
        if !back.is_empty() {
            let is_online =
                is_online && back.iter().all(|change| !is_changed_online(&change.to, request.observation));
            down.push_str(&swap(
                &back.iter().collect::<Vec<_>>(),
                Direction::Back,
                is_online,
                request.observation,
            ));
        }
    }
    up.push_str(RESTORED);
    down.push_str(RESTORED);
    // DDL commits by itself, so this is a transaction in name only; but where `autocommit` is off, Diesel would else keep no word
    // of what was run.
    Ok(vec![FixMigration { name: request.name.to_owned(), up, down, run_in_transaction: true }])
}

const SETTINGS: &str = "
-- A statement that waits for this one holds up everybody: rather fail and be run again.
SET @fkcheck_wait = @@SESSION.lock_wait_timeout, @fkcheck_checks = @@SESSION.foreign_key_checks;
SET SESSION lock_wait_timeout = 5;
SET SESSION foreign_key_checks = 1;
";

const RESTORED: &str = "
SET SESSION lock_wait_timeout = @fkcheck_wait, SESSION foreign_key_checks = @fkcheck_checks;
";

/// Which way a migration goes.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Direction {
    There,
    Back,
}

/// One ALTER for all keys of a table.
fn swap(changes: &[&Change], way: Direction, is_online: bool, observation: &Observation) -> String {
    let swaps: Vec<Swap> =
        changes.iter().map(|change| Swap::new(change, way, is_online, observation)).collect();
    let keys: Vec<&ObservedKey> = changes.iter().map(|change| &change.to).collect();
    let mut alter = format!("ALTER TABLE {}\n  ", table(&changes[0].to.key.table));
    let mut last = None;
    if is_online {
        last = Some("ALGORITHM = INPLACE, LOCK = NONE");
        if is_mariadb(observation) {
            alter.insert_str(0, "SET STATEMENT foreign_key_checks = 0 FOR ");
        }
    }
    let ordered = match &swaps[..] {
        [one] if one.kept.is_empty() => {
            let clauses: Vec<&str> = [one.clauses.as_str()].into_iter().chain(last).collect();
            unless_done(
                &keys,
                std::slice::from_ref(&one.is_done),
                &one.checks,
                &literal(&(alter + &clauses.join(",\n  "))),
            )
        }
        several => {
            let is_done: Vec<String> = several.iter().map(|swap| swap.is_done.clone()).collect();
            let check = |swap: &Swap, (condition, message): &(String, String)| {
                (format!("{} OR {condition}", swap.is_done), message.clone())
            };
            let checks: Vec<(String, String)> =
                several.iter().flat_map(|swap| swap.checks.iter().map(|one| check(swap, one))).collect();
            // A database may have had the fault of one key and not of the other; and not have every index.
            let unless =
                |condition: &str, clause: &str| format!("IF({condition},\n  NULL, {})", literal(clause));
            let clauses: Vec<String> = several
                .iter()
                .flat_map(|swap| {
                    let kept = swap
                        .kept
                        .iter()
                        .map(|(is_gone, clause)| unless(&format!("{} OR {is_gone}", swap.is_done), clause));
                    kept.chain([unless(&swap.is_done, &swap.clauses)]).collect::<Vec<_>>()
                })
                .chain(last.map(literal))
                .collect();
            let statement = format!(
                "CONCAT({}, CONCAT_WS({}, {}))",
                literal(&alter),
                literal(",\n  "),
                clauses.join(",\n  ")
            );
            unless_done(&keys, &is_done, &checks, &statement)
        }
    };
    if !is_online {
        let heading = comment(&[
            "This verifies every row and copies the table; writers wait for it, readers don't. Take this directory away, and".to_owned(),
            "`cargo fkcheck fix --data` counts rows without a parent first: where there are none, and a rule alone changes, it".to_owned(),
            "writes an online ALTER.".to_owned(),
        ]);
        return format!("\n{heading}{ordered}");
    }
    let heading = comment(&[
        "Online: nothing but the rule changes, the old key was enforced, and no row without a parent was found when this was".to_owned(),
        "written. Rows are not verified again, so they are counted once more.".to_owned(),
    ]);
    if is_mariadb(observation) {
        return format!("\n{heading}{ordered}");
    }
    format!(
        "\n{heading}-- Should this fail, end the session: it would not enforce foreign keys.
SET SESSION foreign_key_checks = 0;\n{ordered}SET SESSION foreign_key_checks = 1;\n"
    )
}

/// What becomes of a key, as conditions and parts of an ALTER TABLE.
struct Swap {
    is_done: String,
    /// What must hold, and what is the matter where it doesn't.
    checks: Vec<(String, String)>,
    /// What keeps indexes where they are, unless the condition holds.
    kept: Vec<(String, String)>,
    clauses: String,
}

impl Swap {
    fn new(change: &Change, way: Direction, is_online: bool, observation: &Observation) -> Self {
        let to = &change.to;
        // A database that was made from the migrations alone may never have had the fault.
        let is_done = match (way, &change.from) {
            // Or it was stopped before, at a later table.
            (Direction::Back, Some(from)) => {
                format!("({} OR {})", was_never_made(from), is_there(to, By::Name))
            }
            _ => is_there(to, By::Columns),
        };
        let (mut clauses, mut checks) = (Vec::new(), Vec::new());
        if let Some(from) = &change.from {
            checks.push((is_there(from, By::Name), format!("the key of {} is not as it was", from.key)));
            clauses.push(format!("DROP FOREIGN KEY {}", quoted(name_of(from))));
        } else {
            checks.push((has_no_key(to), format!("{} has a key by now", to.key)));
            let columns = listed(&to.key.columns, &quoted);
            let index = own_index(to, observation);
            clauses.extend(index.map(|name| format!("ADD INDEX {name} ({columns})")));
        }
        if is_online {
            checks.push(has_no_orphans(to));
        }
        clauses.push(format!("ADD CONSTRAINT {} {}", quoted(name_of(to)), definition(to)));
        Swap { is_done, checks, kept: kept_indexes(to, observation), clauses: clauses.join(",\n  ") }
    }
}

/// An index that InnoDB has made for a key goes with it, or for another index that begins with its columns. Called by its name
/// once, it counts as the user's own and stays.
fn kept_indexes(key: &ObservedKey, observation: &Observation) -> Vec<(String, String)> {
    if !can_rename_indexes(observation) {
        return Vec::new();
    }
    let width = if own_index(key, observation).is_some() { 1 } else { key.key.columns.len() };
    let is_at_risk = |columns: &[String]| {
        columns.len() >= width
            && key.key.columns.get(..columns.len()).is_some_and(|leading| same_names(columns, leading))
    };
    let kept = |name: &String| {
        let is_gone = format!(
            "NOT EXISTS (SELECT 1 FROM information_schema.statistics s WHERE s.table_schema = DATABASE() AND s.table_name = {} AND s.index_name = {})",
            literal(&key.key.table.name),
            literal(name)
        );
        (is_gone, format!("RENAME INDEX {0} TO {0}", quoted(name)))
    };
    indexes(key, observation).filter(|(_, columns)| is_at_risk(columns)).map(|(name, _)| kept(name)).collect()
}

/// The name of the index that a new key needs, where none begins with its columns.
fn own_index(key: &ObservedKey, observation: &Observation) -> Option<String> {
    let definitions = observation.definitions.as_ref()?;
    let width = key.key.columns.len();
    let mut all = definitions.indexes.get(&key.key.table).into_iter().flatten();
    let is_served = all.any(|(_, columns)| {
        columns.get(..width).is_some_and(|leading| same_names(leading, &key.key.columns))
    });
    (!is_served).then(|| quoted(name_of(key)))
}

/// All of a table's but its primary key.
fn indexes<'a>(
    key: &ObservedKey,
    observation: &'a Observation,
) -> impl Iterator<Item = (&'a String, &'a Vec<String>)> {
    let definitions = observation.definitions.as_ref();
    let all = definitions.and_then(|all| all.indexes.get(&key.key.table));
    all.into_iter().flatten().filter(|(name, _)| *name != "PRIMARY")
}

fn same_names(left: &[String], right: &[String]) -> bool {
    left.len() == right.len() && left.iter().zip(right).all(|(left, right)| left.eq_ignore_ascii_case(right))
}

fn is_mariadb(observation: &Observation) -> bool {
    observation.engine.kind == Engine::MariaDb
}

/// MariaDB's online ALTER stores NO ACTION for RESTRICT: the same thing by another name, but not the schema that was there.
fn is_changed_online(key: &ObservedKey, observation: &Observation) -> bool {
    is_mariadb(observation) && [&key.on_delete, &key.on_update].contains(&&Action::Restrict)
}

/// MariaDB can since 10.5.2, MySQL in every version that counts.
fn can_rename_indexes(observation: &Observation) -> bool {
    let mut parts = observation.engine.version.split('.').map(|part| part.parse::<u32>().unwrap_or(0));
    let mut next = || parts.next().unwrap_or(0);
    !is_mariadb(observation) || (next(), next(), next()) >= (10, 5, 2)
}

/// The change under a name that no key has.
fn renamed(change: &Change, taken: &mut HashSet<String>) -> Change {
    let mut change = change.clone();
    let wanted = name_of(&change.to).to_owned();
    let base = match wanted.rsplit_once("_v") {
        Some((base, number)) if !base.is_empty() && number.parse::<u32>().is_ok() => base.to_owned(),
        _ => wanted.clone(),
    };
    let is_free = |name: &str, taken: &HashSet<String>| !taken.contains(&name.to_lowercase());
    let mut name = wanted;
    for number in 2_u32.. {
        if is_free(&name, taken) {
            break;
        }
        let suffix = format!("_v{number}");
        let kept: String = base.chars().take(LONGEST_NAME - suffix.len()).collect();
        name = format!("{kept}{suffix}");
    }
    taken.insert(name.to_lowercase());
    change.to.name = Some(name);
    change
}

/// How a key is found.
#[derive(Clone, Copy, PartialEq, Eq)]
enum By {
    Name,
    /// Under any name: a database that was made otherwise may have given it another.
    Columns,
}

/// A condition: the key is there.
fn is_there(key: &ObservedKey, by: By) -> String {
    let rule = |action: &Action| match action {
        // Which of them the views show for an absent clause depends on the server.
        Action::NoAction | Action::Restrict | Action::SetDefault(_) => {
            "('NO ACTION', 'RESTRICT', 'SET DEFAULT')".to_owned()
        }
        other => format!("('{other}')"),
    };
    let table = literal(&key.key.table.name);
    let named = match by {
        By::Name => format!("\n     AND r.constraint_name = {}", literal(name_of(key))),
        By::Columns => String::new(),
    };
    format!(
        "EXISTS (SELECT 1 FROM information_schema.referential_constraints r
   WHERE r.constraint_schema = DATABASE() AND r.table_name = {table}{named}
     AND r.referenced_table_name = {} AND r.delete_rule IN {} AND r.update_rule IN {}
     AND (SELECT GROUP_CONCAT(CONCAT(k.column_name, '>', k.referenced_column_name) ORDER BY k.ordinal_position SEPARATOR ',')
            FROM information_schema.key_column_usage k
           WHERE k.constraint_schema = DATABASE() AND k.table_name = {table} AND k.constraint_name = r.constraint_name) = {})",
        literal(&key.parent.name),
        rule(&key.on_delete),
        rule(&key.on_update),
        literal(&pairs(key)),
    )
}

/// A condition: the migration had nothing to do here, for the database was as it should be, with a key of another name.
fn was_never_made(key: &ObservedKey) -> String {
    format!("NOT {} AND {}", is_there(key, By::Name), is_there(key, By::Columns))
}

fn has_no_key(key: &ObservedKey) -> String {
    format!(
        "NOT EXISTS (SELECT k.constraint_name FROM information_schema.key_column_usage k\n   WHERE k.table_schema = DATABASE() AND k.table_name = {} AND k.referenced_table_name IS NOT NULL\n   GROUP BY k.constraint_name\n  HAVING GROUP_CONCAT(k.column_name ORDER BY k.ordinal_position SEPARATOR ',') = {})",
        literal(&key.key.table.name),
        literal(&key.key.columns.join(",")),
    )
}

/// A condition: another key of the same columns refers to the same parent, and acts too, whatever becomes of this one.
fn has_another(key: &ObservedKey) -> String {
    let columns = &key.key.columns;
    format!(
        "(SELECT COUNT(*) FROM (SELECT k.constraint_name FROM information_schema.key_column_usage k\n   WHERE k.table_schema = DATABASE() AND k.table_name = {} AND k.referenced_table_name = {}\n   GROUP BY k.constraint_name\n  HAVING COUNT(*) = {2} AND SUM(k.column_name IN ({3})) = {2}) AS others) > 1",
        literal(&key.key.table.name),
        literal(&key.parent.name),
        columns.len(),
        listed(columns, &literal),
    )
}

fn has_no_orphans(key: &ObservedKey) -> (String, String) {
    let columns = || key.key.columns.iter().zip(&key.parent_columns);
    let joined: Vec<String> =
        columns().map(|(child, parent)| format!("p.{} = c.{}", quoted(parent), quoted(child))).collect();
    let not_null: Vec<String> =
        columns().map(|(child, _)| format!("c.{} IS NOT NULL", quoted(child))).collect();
    let condition = format!(
        "NOT EXISTS (SELECT 1 FROM {} c WHERE {}\n   AND NOT EXISTS (SELECT 1 FROM {} p WHERE {}))",
        table(&key.key.table),
        not_null.join(" AND "),
        table(&key.parent),
        joined.join(" AND ")
    );
    (condition, format!("rows of {} have no parent", key.key.table))
}

/// Runs a statement: nothing where it is done already, an error where a check fails. There is no statement that raises an error
/// outside of a procedure, but one that can't be parsed says so with its text. The statement is an expression.
fn unless_done(
    keys: &[&ObservedKey],
    is_done: &[String],
    checks: &[(String, String)],
    statement: &str,
) -> String {
    // The server quotes the first 80 characters of what it can't parse.
    let stops = |message: &str| {
        let message: String = cleaned(message).chars().take(60).collect();
        literal(&format!("!fkcheck: {message}"))
    };
    let mut text = "SET @fkcheck = CASE\n".to_owned();
    for key in keys {
        let message = format!("several keys are on {}", key.key);
        let _ = write!(text, "  WHEN {}\n  THEN {}\n", has_another(key), stops(&message));
    }
    let _ = write!(text, "  WHEN {}\n  THEN 'DO 0'\n", is_done.join("\n  AND "));
    for (condition, message) in checks {
        let _ = write!(text, "  WHEN NOT ({condition})\n  THEN {}\n", stops(message));
    }
    let _ = write!(
        text,
        "  ELSE {statement}\nEND;\nPREPARE {PREPARED} FROM @fkcheck;\nEXECUTE {PREPARED};\nDEALLOCATE PREPARE {PREPARED};\n"
    );
    text
}

fn pairs(key: &ObservedKey) -> String {
    let pairs = key.key.columns.iter().zip(&key.parent_columns);
    pairs.map(|(child, parent)| format!("{child}>{parent}")).collect::<Vec<_>>().join(",")
}

fn definition(key: &ObservedKey) -> String {
    format!(
        "FOREIGN KEY ({}) REFERENCES {} ({}){}",
        listed(&key.key.columns, &quoted),
        table(&key.parent),
        listed(&key.parent_columns, &quoted),
        actions(key, &quoted)
    )
}

fn name_of(key: &ObservedKey) -> &str {
    key.name.as_deref().unwrap_or_default()
}

pub(super) fn table(name: &TableName) -> String {
    let schema = name.schema.as_ref().map_or_else(String::new, |schema| format!("{}.", quoted(schema)));
    format!("{schema}{}", quoted(&name.name))
}

pub(super) fn quoted(name: &str) -> String {
    format!("`{}`", name.replace('`', "``"))
}

pub(super) fn literal(text: &str) -> String {
    format!("'{}'", text.replace('\\', "\\\\").replace('\'', "''"))
}
