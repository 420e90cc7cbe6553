//! Migrations that make keys anew. The old key goes and the new one comes in one ALTER, as NOT VALID, so that it is never absent
//! and the lock on both tables lasts milliseconds at any size; a migration of its own validates it, beside reads and writes.

use std::fmt::Write as _;

use super::super::fix::{
    Change, FixRequest, FixWriter, actions, by_table, comment, heading, listed, marks, named_otherwise, slug,
};
use super::guard::{self, By};
use super::quote::{literal, quoted, table};
use crate::digest::digest;
use crate::model::{
    Action, Deferrability, FixMigration, Observation, ObservedKey, POSTGRES_LONGEST_NAME, Step, TableKind,
    TableName, truncated,
};
use crate::replay::written_by_fix::LABEL;

pub(super) static FIX_WRITER: FixWriter = FixWriter {
    changes_order: Some("keys act in the order in which they were made, and this one is made anew"),
    leaves: None,
    obstacle,
    made_otherwise: named_otherwise,
    migrations,
};

/// For what blocks neither reads nor writes, but may have to wait for its like.
const LOCK_TIMEOUT: &str = "SET LOCAL lock_timeout = '2s';\n";

/// For what stops everybody. A writer may have the parent and want the child while this has the child and wants the parent: it
/// gives up long before the server looks for a deadlock (after 1 s) and ends one of them, and tries again.
const SHORT_LOCK_TIMEOUT: &str = "SET LOCAL lock_timeout = '20ms';\n";

/// The first version that takes NOT VALID for a partitioned table.
const NOT_VALID_FOR_PARTITIONED: u32 = 18;

/// The first version with SET NULL (columns).
const SET_COLUMNS: u32 = 15;

fn obstacle(change: &Change, observation: &Observation) -> Option<String> {
    let to = &change.to;
    let id = (to.key.table.clone(), to.name.clone().unwrap_or_default());
    if let Some(definitions) = &observation.definitions
        && definitions.temporal.contains(&id)
    {
        return Some("a temporal key (PERIOD) takes no action but NO ACTION".to_owned());
    }
    if let Some(definitions) = &observation.definitions
        && definitions.always.contains(&id)
    {
        return Some(
            "its triggers fire on replicas too (ENABLE ALWAYS), and a key made anew has them as they are by default"
                .to_owned(),
        );
    }
    if !to.in_force.check_enabled || !to.in_force.action_enabled {
        return Some(format!(
            "its triggers are disabled, and a key made anew has them enabled; enable them first (`ALTER TABLE {} ENABLE TRIGGER ALL`, and the same for the parent, enables the users' own too)",
            table(&to.key.table)
        ));
    }
    let names_columns = matches!(&to.on_delete, Action::SetNull(columns) | Action::SetDefault(columns) if !columns.is_empty());
    if names_columns && major(observation).is_some_and(|version| version < SET_COLUMNS) {
        return Some(format!("{} is for PostgreSQL 15 and later", to.on_delete));
    }
    if to.child_kind == TableKind::Partitioned
        && major(observation).is_none_or(|version| version < NOT_VALID_FOR_PARTITIONED)
    {
        let leaves =
            observation.definitions.as_ref().map(|definitions| definitions.leaves(&to.key.table).len());
        return match leaves {
            None => Some(format!(
                "the partitions of `{}` aren't known; run this against the database (`--database-url`)",
                to.key.table
            )),
            Some(_) if !to.in_force.enforced || !to.in_force.validated => Some(
                "it isn't validated, and before PostgreSQL 18 no key of a partitioned table can be made so"
                    .to_owned(),
            ),
            Some(_) => None,
        };
    }
    None
}

fn major(observation: &Observation) -> Option<u32> {
    observation.engine.version.split('.').next()?.parse().ok()
}

#[expect(clippy::unnecessary_wraps, reason = "another engine's can fail")]
fn migrations(request: &FixRequest<'_>) -> Result<Vec<FixMigration>, String> {
    let observation = request.observation;
    let (validated, made): (Vec<&Change>, Vec<&Change>) =
        request.changes.iter().partition(|change| change.only_validates());
    let takes_not_valid = |change: &&Change| {
        change.to.child_kind != TableKind::Partitioned
            || major(observation).is_some_and(|version| version >= NOT_VALID_FOR_PARTITIONED)
    };
    let (whole, by_partition): (Vec<&Change>, Vec<&Change>) = made.into_iter().partition(takes_not_valid);
    let whole: Vec<Change> = whole.into_iter().cloned().collect();
    let tables = by_table(&whole);
    let is_one = tables.len() + by_partition.len() == 1;
    let name = |change: &Change| {
        if is_one {
            request.name.to_owned()
        } else {
            format!("{}_{}", request.name, slug(&change.to.key.table.name))
        }
    };
    let mut migrations = Vec::new();
    for changes in &tables {
        migrations.push(swap(name(changes[0]), changes));
    }
    let owed = whole.iter().filter(|change| change.to.in_force.validated && change.to.in_force.enforced);
    let validated: Vec<&Change> = owed.chain(validated).collect();
    if !validated.is_empty() {
        migrations.push(validate(format!("{}_validate", request.name), &validated));
    }
    for change in by_partition {
        migrations.extend(partition_by_partition(&name(change), change, observation));
    }
    Ok(migrations)
}

/// The swap of a table's keys, and the way back with validation.
fn swap(name: String, changes: &[&Change]) -> FixMigration {
    let mut up = marks(changes.iter().copied(), Step::Swap);
    up += &heading(
        changes.iter().copied(),
        ": swaps each rule in one ALTER TABLE; old rows are validated by the next migration",
    );
    up.push_str(&comment(&[
        String::new(),
        "Child and parent are locked for milliseconds. It waits 20 ms at most for each lock, for everybody else waits behind it, and".to_owned(),
        "tries again for about 25 s. Where it has to give up, nothing has changed: run it again.".to_owned(),
    ]));
    up.push_str(&transaction(&swapped(changes.iter().copied(), Direction::There)));
    let back: Vec<Change> = changes.iter().filter_map(|change| change.back()).collect();
    let mut down = heading(&back, ": the way back");
    let added: Vec<&Change> = changes.iter().copied().filter(|change| change.from.is_none()).collect();
    if !back.is_empty() {
        down.push_str(&transaction(&swapped(back.iter(), Direction::Back)));
    }
    if !added.is_empty() {
        down.push_str(&transaction(&dropped(&added)));
    }
    let validated: Vec<&Change> =
        back.iter().filter(|change| change.to.in_force.validated && change.to.in_force.enforced).collect();
    if !validated.is_empty() {
        let statements: String = validated.iter().map(|change| validation(&change.to, "")).collect();
        let _ =
            write!(down, "\n-- Reads and writes go on meanwhile.\n{}", transaction(&statements).trim_start());
    }
    FixMigration { name, up, down, run_in_transaction: false }
}

fn validate(name: String, changes: &[&Change]) -> FixMigration {
    let mut up = marks(changes.iter().copied(), Step::Validate);
    up += &comment(&[
        "Written by `cargo fkcheck fix`: validates keys that were made without a look at old rows."
            .to_owned(),
        String::new(),
        "Reads and writes go on meanwhile. It fails where a row has no parent; such a row was there before."
            .to_owned(),
    ]);
    up.push('\n');
    up.push_str(LOCK_TIMEOUT);
    for change in changes {
        let checks =
            guard::done_if(&[guard::was_never_made(&change.to)]) + &guard::expect(&change.to, By::Name, None);
        up.push_str(&validation(&change.to, &checks));
    }
    let down =
        "-- A key that is validated needs no way back; the migration that has made it has one.\nSELECT 1;\n"
            .to_owned();
    FixMigration { name, up, down, run_in_transaction: true }
}

/// Before version 18: the new key is made and validated on each partition under another name; then the table takes them over
/// without a scan, and the old one goes.
fn partition_by_partition(name: &str, change: &Change, observation: &Observation) -> Vec<FixMigration> {
    let to = &change.to;
    let leaves = observation.definitions.as_ref().map(|all| all.leaves(&to.key.table)).unwrap_or_default();
    let new = quoted(&name_aside(to));
    let mut prepare = marks([change], Step::Partitions);
    prepare += &comment(&[
        "Written by `cargo fkcheck fix`: the first of three. PostgreSQL before 18 takes NOT VALID for no partitioned table, so".to_owned(),
        format!("each partition of {} gets the new key first.", to.key.table),
        String::new(),
        "Until the last of the three has run, both keys hold, and a delete may do what either says. What it does from then on stands"
            .to_owned(),
        "there.".to_owned(),
    ]);
    let is_done = guard::expect_no_other(to) + &guard::done_if(&[guard::is_there(to, By::Columns)]);
    let expected = match &change.from {
        Some(from) => guard::expect(from, By::Name, None),
        None => guard::expect_none(to, None),
    };
    prepare.push_str(&transaction(&do_block(&format!("BEGIN\n{is_done}{expected}END"))));
    prepare.push_str(&add_to_each(&leaves, to, &is_done));
    let undo =
        comment(&["The last of the three has taken the keys along, if it was run and reverted.".to_owned()])
            + &transaction(&with_short_locks(
                "",
                "",
                &on_each(&leaves, &format!("DROP CONSTRAINT IF EXISTS {new}")),
            ));
    let validate = marks([change], Step::Validate)
        + &comment(&["Reads and writes go on meanwhile.".to_owned()])
        + LOCK_TIMEOUT
        + &validate_each(&leaves, to);
    let finish = marks([change], Step::TakeOver)
        + &heading([change], ": the last of three, which takes over the keys of the partitions")
        + &taken_over(change.from.as_ref(), to, &is_done);
    let mut revert = comment(&["Written by `cargo fkcheck fix`: the way back.".to_owned()]);
    match &change.from {
        Some(from) => {
            let alone = guard::expect_no_other(to);
            revert.push_str(&transaction(&do_block(&format!("BEGIN\n{alone}END"))));
            revert.push_str(&add_to_each(&leaves, from, ""));
            revert.push_str(&transaction(&(LOCK_TIMEOUT.to_owned() + &validate_each(&leaves, from))));
            revert.push_str(&taken_over(Some(to), from, &alone));
        }
        None => revert.push_str(&transaction(&dropped(&[change]))),
    }
    let no_way_back = "-- A key that is validated needs no way back.\nSELECT 1;\n".to_owned();
    let migration = |suffix: &str, up: String, down: String, run_in_transaction: bool| FixMigration {
        name: format!("{name}_{suffix}"),
        up,
        down,
        run_in_transaction,
    };
    vec![
        migration("partitions", prepare, undo, false),
        migration("validate", validate, no_way_back, true),
        migration("take_over", finish, revert, false),
    ]
}

/// The key on each partition, in a transaction each.
fn add_to_each(leaves: &[&TableName], key: &ObservedKey, checks: &str) -> String {
    let (name, definition) = (quoted(&name_aside(key)), definition(key));
    let add = |leaf: &&TableName| {
        let leaf = table(leaf);
        // It may be gone since; or the migration was stopped before, at a later one.
        let is_none = format!("NOT {}", guard::is_partition(&leaf, &table(&key.key.table)));
        let checks = checks.to_owned()
            + &guard::done_if(&[is_none])
            + &guard::done_if(&[guard::has_constraint(&leaf, &name_aside(key))]);
        let add = format!("ALTER TABLE {leaf} ADD CONSTRAINT {name} {definition} NOT VALID;\n");
        transaction(&with_short_locks("", &checks, &add))
    };
    leaves.iter().map(add).collect()
}

fn on_each(leaves: &[&TableName], action: &str) -> String {
    let mut statements = String::new();
    for leaf in leaves {
        let _ = writeln!(statements, "ALTER TABLE IF EXISTS {} {action};", table(leaf));
    }
    statements
}

/// What has been added to each partition; nothing where nothing had to be.
fn validate_each(leaves: &[&TableName], key: &ObservedKey) -> String {
    let name = name_aside(key);
    let validate = |leaf: &&TableName| {
        let leaf = table(leaf);
        let is_there = guard::has_constraint(&leaf, &name);
        do_block(&format!(
            "BEGIN\n  IF {is_there}\n  THEN\nALTER TABLE {leaf} VALIDATE CONSTRAINT {};\n  END IF;\nEND",
            quoted(&name)
        ))
    };
    leaves.iter().map(validate).collect()
}

/// The partitioned table's own key, for which those of the partitions are taken, and no row is read.
fn taken_over(from: Option<&ObservedKey>, key: &ObservedKey, checks: &str) -> String {
    let (parent, aside) = (table(&key.key.table), quoted(&name_aside(key)));
    let expected = from.map_or_else(String::new, |from| guard::expect(from, By::Name, None));
    let mut declarations = format!("DECLARE\n  {}", of_partitions(from, 1));
    let mut body = format!("ALTER TABLE {parent} ADD CONSTRAINT {aside} {};\n", definition(key));
    if let Some(from) = from {
        let _ = writeln!(declarations, "  comment_1 CONSTANT text := {};", comment_of(from));
        let _ = writeln!(body, "ALTER TABLE {parent} DROP CONSTRAINT {};", constraint_name(from));
    }
    let _ = writeln!(body, "ALTER TABLE {parent} RENAME CONSTRAINT {aside} TO {};", constraint_name(key));
    if from.is_some() {
        body.push_str(&comment_on(key, "comment_1"));
    }
    body.push_str(&as_on_partitions(key, 1));
    transaction(&with_short_locks(&declarations, &format!("{checks}{expected}"), &body))
}

/// Variables: what the partitions' keys of this one are called, by table, and their comments.
fn of_partitions(from: Option<&ObservedKey>, number: usize) -> String {
    let none = || "'{}'".to_owned();
    let known = from.map_or_else(none, |from| {
        format!(
            "(SELECT pg_catalog.jsonb_object_agg(p.conrelid::pg_catalog.text,
    pg_catalog.jsonb_build_array(p.conname, pg_catalog.obj_description(p.oid, 'pg_constraint'))) FROM ({}) p)",
            keys_of_partitions(from)
        )
    });
    format!("own_{number} record;\n  name_{number} name;\n  partitions_{number} CONSTANT jsonb := {known};\n")
}

/// Gives the partitions' keys the names and comments that those variables hold: an error that a row makes bears the partition's.
fn as_on_partitions(key: &ObservedKey, number: usize) -> String {
    format!(
        "FOR own_{number} IN {}
LOOP
  name_{number} := COALESCE(partitions_{number} -> own_{number}.conrelid::pg_catalog.text ->> 0, {});
  IF NOT EXISTS (SELECT FROM pg_catalog.pg_constraint c WHERE c.conrelid = own_{number}.conrelid AND c.conname = name_{number}) THEN
    EXECUTE pg_catalog.format('ALTER TABLE %s RENAME CONSTRAINT %I TO %I', own_{number}.conrelid::pg_catalog.regclass, own_{number}.conname, name_{number});
  ELSE
    name_{number} := own_{number}.conname;
  END IF;
  IF partitions_{number} -> own_{number}.conrelid::pg_catalog.text ->> 1 IS NOT NULL THEN
    EXECUTE pg_catalog.format('COMMENT ON CONSTRAINT %I ON %s IS %L', name_{number}, own_{number}.conrelid::pg_catalog.regclass,
      partitions_{number} -> own_{number}.conrelid::pg_catalog.text ->> 1);
  END IF;
END LOOP;\n",
        keys_of_partitions(key),
        literal(key.name.as_deref().unwrap_or_default())
    )
}

/// A query: the keys that partitions have of this one.
fn keys_of_partitions(key: &ObservedKey) -> String {
    format!(
        "WITH RECURSIVE part(oid, conrelid, conname) AS (
  SELECT c.oid, c.conrelid, c.conname FROM pg_catalog.pg_constraint c WHERE c.conrelid = {0}::pg_catalog.regclass AND c.conname = {1}
  UNION ALL SELECT c.oid, c.conrelid, c.conname FROM pg_catalog.pg_constraint c JOIN part ON c.conparentid = part.oid)
SELECT * FROM part WHERE part.conrelid <> {0}::pg_catalog.regclass",
        literal(&table(&key.key.table)),
        literal(key.name.as_deref().unwrap_or_default())
    )
}

/// A transaction of its own: several statements in one file would else share one, and hold its locks.
fn transaction(body: &str) -> String {
    format!("\nBEGIN;\n{body}COMMIT;\n")
}

/// Which way a migration goes.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Direction {
    There,
    Back,
}

/// Each key by itself, in one transaction: a database may have had the fault of one and not of the other.
fn swapped<'a>(changes: impl Iterator<Item = &'a Change>, way: Direction) -> String {
    let (mut declared, mut checks, mut statements) = (String::new(), String::new(), String::new());
    for (number, change) in (1..).zip(changes) {
        // A database that was made from the migrations alone may never have had the fault.
        let done = match (way, &change.from) {
            (Direction::Back, Some(from)) => guard::any(&[
                guard::was_never_made(from),
                // It was stopped before, while it validated.
                guard::is_there(&change.to, By::Name),
            ]),
            _ => guard::is_there(&change.to, By::Columns),
        };
        let is_done = format!("is_done_{number}");
        let _ = writeln!(declared, "  {is_done} CONSTANT boolean := {done};");
        checks.push_str(&guard::expect_no_other(&change.to));
        let (mut drop, mut comment) = (String::new(), String::new());
        if let Some(from) = &change.from {
            checks.push_str(&guard::expect(from, By::Name, Some(&is_done)));
            drop = format!("DROP CONSTRAINT {},\n  ", constraint_name(from));
            let _ = writeln!(declared, "  comment_{number} CONSTANT text := {};", comment_of(from));
            comment = comment_on(&change.to, &format!("comment_{number}"));
            if change.to.child_kind == TableKind::Partitioned {
                let _ = write!(declared, "  {}", of_partitions(Some(from), number));
                comment.push_str(&as_on_partitions(&change.to, number));
            }
        } else {
            checks.push_str(&guard::expect_none(&change.to, Some(&is_done)));
        }
        // NOT ENFORCED is NOT VALID by itself.
        let validity = if change.to.in_force.enforced { " NOT VALID" } else { " NOT ENFORCED" };
        let _ = writeln!(
            statements,
            "IF NOT {is_done} THEN\nALTER TABLE {}\n  {drop}ADD CONSTRAINT {} {}{validity};\n{}END IF;",
            table(&change.to.key.table),
            constraint_name(&change.to),
            definition(&change.to),
            comment
        );
    }
    with_short_locks(&format!("DECLARE\n{declared}"), &checks, &statements)
}

/// Keys that were not there before.
fn dropped(added: &[&Change]) -> String {
    let mut blocks = String::new();
    for change in added {
        let key = &change.to;
        let is_done = guard::any(&[guard::was_never_made(key), guard::has_no_key(key)]);
        let checks =
            guard::expect_no_other(key) + &guard::done_if(&[is_done]) + &guard::expect(key, By::Name, None);
        let drop = format!("ALTER TABLE {} DROP CONSTRAINT {};", table(&key.key.table), constraint_name(key));
        blocks.push_str(&with_short_locks("", &checks, &drop));
    }
    blocks
}

/// Statements that lock everybody out, tried until their locks come quickly. What a try has locked is free again before the next.
fn with_short_locks(declarations: &str, checks: &str, statements: &str) -> String {
    // Not indented: a name or a comment may have lines of its own.
    let statements = statements.trim_end();
    let body = format!(
        "{declarations}BEGIN
{checks}  FOR attempt IN 1..200 LOOP
    BEGIN
{statements}
      RETURN;
    EXCEPTION WHEN lock_not_available THEN
      IF attempt = 200 THEN
        RAISE EXCEPTION USING ERRCODE = 'lock_not_available',
          MESSAGE = 'fkcheck: somebody holds a table for long; nothing was changed, run it again';
      END IF;
      PERFORM pg_catalog.pg_sleep(0.1);
    END;
  END LOOP;
END"
    );
    format!("{SHORT_LOCK_TIMEOUT}{}", do_block(&body))
}

/// Nothing where the key has another name, for then it was not made here.
fn validation(key: &ObservedKey, checks: &str) -> String {
    let (child, name) = (table(&key.key.table), constraint_name(key));
    let is_there = guard::has_constraint(&child, key.name.as_deref().unwrap_or_default());
    do_block(&format!(
        "BEGIN\n{checks}  IF {is_there}\n  THEN\nALTER TABLE {child} VALIDATE CONSTRAINT {name};\n  END IF;\nEND"
    ))
}

/// An expression: the key's comment, which goes with it.
fn comment_of(key: &ObservedKey) -> String {
    format!(
        "(SELECT pg_catalog.obj_description(c.oid, 'pg_constraint') FROM pg_catalog.pg_constraint c\n    WHERE c.conrelid = {}::pg_catalog.regclass AND c.conname = {})",
        literal(&table(&key.key.table)),
        literal(key.name.as_deref().unwrap_or_default())
    )
}

/// The comment that a variable holds.
fn comment_on(key: &ObservedKey, variable: &str) -> String {
    format!(
        "IF {variable} IS NOT NULL THEN\nEXECUTE pg_catalog.format('COMMENT ON CONSTRAINT %I ON %s IS %L', {}, {}, {variable});\nEND IF;\n",
        literal(key.name.as_deref().unwrap_or_default()),
        literal(&table(&key.key.table))
    )
}

/// A name may hold the quote, so it is one that doesn't occur.
fn do_block(body: &str) -> String {
    let tag = (0..).map(|n| if n == 0 { "$fkcheck$".to_owned() } else { format!("$fkcheck{n}$") });
    let tag = tag.into_iter().find(|tag| !body.contains(tag.as_str())).unwrap_or_default();
    format!("DO {tag}\n{LABEL}\n{body}\n{tag};\n")
}

/// All that stands behind a constraint's name but its validity.
fn definition(key: &ObservedKey) -> String {
    let deferrable = match key.deferrability {
        Deferrability::NotDeferrable => String::new(),
        stated => format!(" {stated}"),
    };
    format!(
        "FOREIGN KEY ({}) REFERENCES {} ({}){}{deferrable}",
        listed(&key.key.columns, &quoted),
        table(&key.parent),
        listed(&key.parent_columns, &quoted),
        actions(key, &quoted)
    )
}

fn constraint_name(key: &ObservedKey) -> String {
    quoted(key.name.as_deref().unwrap_or_default())
}

/// A name for the key beside the one that is there, within the 63 bytes that a name may have. Partitions keep it, so each
/// definition has another.
fn name_aside(key: &ObservedKey) -> String {
    let name = key.name.as_deref().unwrap_or_default();
    let suffix = format!("_{}", &digest([definition(key).as_str()])[..8]);
    format!("{}{suffix}", truncated(name, POSTGRES_LONGEST_NAME - suffix.len()))
}
