//! Random schemas with odd names and keys of every shape, in which some rules have drifted: `fix`, Diesel's own command, a clean
//! check, and the way back to the byte.

mod schema;
mod sql;

use std::collections::HashSet;

use fkcheck_core::model::{Deferrability, KeyName, ObservedKey, TableName};
use fkcheck_core::sources::{DatabaseUrl, Limits, read_database};
use proptest::arbitrary::any;
use proptest::sample::subsequence;
use proptest::strategy::Strategy;

use crate::mutants::Engine;
use crate::{Database, Server, SqliteFile, Workspace, dump, fkcheck, run_diesel};
use schema::Key;
pub(crate) use schema::ODD;
pub use schema::Schema;

/// What a round over one schema came to.
#[derive(Debug, Default)]
pub struct Round {
    /// Keys whose rule had drifted.
    pub drifted: usize,
    /// Those that no migration was written for, and why.
    pub refused: Vec<String>,
}

enum Place {
    File(SqliteFile),
    Server(Database),
}

impl Place {
    fn made(server: Option<&Server>, sql: &[String]) -> Self {
        match server {
            None => {
                // One by one: what ends with a comment ends there.
                let file = SqliteFile::new("");
                for sql in sql {
                    file.execute(sql);
                }
                Place::File(file)
            }
            Some(server) => {
                let database = server.fresh_database();
                database.execute_each(sql);
                Place::Server(database)
            }
        }
    }

    fn url(&self) -> String {
        match self {
            Place::File(file) => file.url(),
            Place::Server(database) => database.url(),
        }
    }
}

/// Schemas for an engine of this version (PostgreSQL). One that fails shrinks to the keys that it takes.
pub fn schemas(engine: Engine, version: u32) -> impl Strategy<Value = Schema> {
    any::<u64>().no_shrink().prop_flat_map(move |seed| {
        let schema = Schema::new(engine, version, seed);
        let keys = schema.keys.clone();
        let count = keys.len();
        subsequence(keys, 1..=count).prop_map(move |keys| Schema { keys, ..schema.clone() })
    })
}

/// Makes the schema and goes there and back.
///
/// # Errors
/// What went otherwise than it should, with all that is needed to see why.
pub fn round(schema: &Schema, server: Option<&Server>) -> Result<Round, String> {
    let sql = sql::create(schema);
    let place = Place::made(server, &sql);
    let workspace = Workspace::new().file("migrations/.keep", "").file("src/lib.rs", &schema.code());
    let rounds = there_and_back(schema, &workspace, &place.url(), server)
        .and_then(|round| nothing_where_all_is_right(schema, &workspace, server).map(|()| round))
        .and_then(|round| the_rest_where_some_are_right(schema, &workspace, server, &round).map(|()| round));
    rounds.map_err(|why| {
        let files = std::process::Command::new("sh")
            .args(["-c", "cat migrations/*/up.sql migrations/*/down.sql"])
            .current_dir(workspace.dir())
            .output();
        let files = files
            .map_or_else(|_| String::new(), |output| String::from_utf8_lossy(&output.stdout).into_owned());
        format!(
            "seed {}: {why}\n--- schema\n{}\n--- code\n{}\n--- migrations\n{files}",
            schema.seed,
            sql.join(";\n"),
            schema.code()
        )
    })
}

fn there_and_back(
    schema: &Schema,
    workspace: &Workspace,
    url: &str,
    server: Option<&Server>,
) -> Result<Round, String> {
    let engine = schema.engine;
    let before = dump::schema_and_rows(engine, url)?;
    let drifted: Vec<&Key> = schema.keys.iter().filter(|key| key.has_drifted()).collect();
    let names: Vec<String> = drifted.iter().map(|key| schema.key_name(key)).collect();
    let mut arguments =
        vec!["fix", "--all-database", "--allow-dirty", "--strict", "--data", "--database-url", url];
    // What is NOT VALID stays so: no way back leads there from a key that is.
    arguments.extend(["-A", "fk_not_validated"]);
    for name in &names {
        arguments.extend(["--allow-data-loss", name]);
    }
    let fixed = fkcheck(workspace.dir(), &arguments, &[]);
    if !matches!(fixed.code, 0 | 1) {
        return Err(format!("fix ends with {}: {fixed:?}", fixed.code));
    }
    let refused: Vec<String> = fixed.stdout.lines().skip(1).map(|line| line.trim().to_owned()).collect();
    if (fixed.code == 1) == refused.is_empty() {
        return Err(format!("fix: {fixed:?}"));
    }
    let count = std::fs::read_dir(workspace.dir().join("migrations")).expect("readable").count() - 1;
    let directory = workspace.dir().join("migrations").display().to_string();
    let diesel = |arguments: &[&str]| {
        let common = ["--migration-dir", &directory, "--database-url", url];
        run_diesel(&[&["migration"], arguments, &common].concat())
    };
    diesel(&["run"])?;
    let left = as_declared(schema, workspace, url, refused.len())?;
    as_if_made_so(schema, &left, url, server)?;
    if count > 0 {
        diesel(&["revert", "-n", &count.to_string()])?;
    }
    let after = dump::schema_and_rows(engine, url)?;
    if after != before {
        return Err(format!("the way back ends elsewhere:\n{}", dump::difference(&before, &after)));
    }
    Ok(Round { drifted: drifted.len(), refused })
}

/// Development and CI make their databases from the migrations, where no rule has drifted: there the same files change nothing.
fn nothing_where_all_is_right(
    schema: &Schema,
    workspace: &Workspace,
    server: Option<&Server>,
) -> Result<(), String> {
    // SQLite's text of such a table can't be known without migrations.
    if schema.engine == Engine::Sqlite {
        return Ok(());
    }
    let place = Place::made(server, &sql::create(&schema.with_declared_rules(|_| true)));
    let url = &place.url();
    let before = dump::schema_and_rows(schema.engine, url)?;
    let directory = workspace.dir().join("migrations").display().to_string();
    run_diesel(&["migration", "run", "--migration-dir", &directory, "--database-url", url])
        .map_err(|error| format!("where no rule has drifted: {error}"))?;
    let after = dump::schema_and_rows(schema.engine, url)?;
    if before != after {
        return Err(format!("where no rule has drifted:\n{}", dump::difference(&before, &after)));
    }
    Ok(())
}

/// There, some rules may have been otherwise from the start, and others not.
fn the_rest_where_some_are_right(
    schema: &Schema,
    workspace: &Workspace,
    server: Option<&Server>,
    round: &Round,
) -> Result<(), String> {
    if schema.engine == Engine::Sqlite {
        return Ok(());
    }
    let is_right = |key: &Key| key.columns[0].is_multiple_of(2);
    let place = Place::made(server, &sql::create(&schema.with_declared_rules(is_right)));
    let url = &place.url();
    let directory = workspace.dir().join("migrations").display().to_string();
    let fail = |error: String| format!("where some rules have not drifted: {error}");
    run_diesel(&["migration", "run", "--migration-dir", &directory, "--database-url", url]).map_err(fail)?;
    let left = differing(workspace, url).map_err(fail)?;
    if left.len() > round.refused.len() {
        return Err(fail(format!("{left:?} still differ")));
    }
    as_if_made_so(schema, &left, url, server).map_err(fail)
}

/// A database that was made with the declared rules, but for the keys that are left as they are, is the same.
fn as_if_made_so(
    schema: &Schema,
    left: &HashSet<String>,
    url: &str,
    server: Option<&Server>,
) -> Result<(), String> {
    let wanted = schema.with_declared_rules(|key| !left.contains(&schema.key_name(key)));
    let twin = Place::made(server, &sql::create(&wanted));
    let (expected, found) = (dump::essence(schema.engine, &twin.url())?, dump::essence(schema.engine, url)?);
    if expected == found {
        return Ok(());
    }
    Err(format!("more has changed than the rule:\n{}", dump::difference(&expected, &found)))
}

/// The check is clean, but for what was refused; and every key has all its other attributes still. The keys that differ.
fn as_declared(
    schema: &Schema,
    workspace: &Workspace,
    url: &str,
    refused: usize,
) -> Result<HashSet<String>, String> {
    let about = differing(workspace, url)?;
    if about.len() != refused {
        return Err(format!(
            "after the migration {} keys differ and {refused} were refused: {about:?}",
            about.len()
        ));
    }
    let observation = read_database(&DatabaseUrl::parse(url).expect("a URL"), &Limits::default(), None)
        .map_err(|error| error.to_string())?
        .with_plain_names();
    for key in &schema.keys {
        let columns = schema.columns_of(key);
        let table = schema.table_name(key.child);
        let seen: Vec<&ObservedKey> = observation
            .keys
            .iter()
            .filter(|seen| seen.key.table == table && seen.key.columns == columns)
            .collect();
        let [seen] = seen[..] else {
            return Err(format!("{} keys are on {}", seen.len(), schema.key_name(key)));
        };
        // What isn't enforced has no validity of its own.
        let is_checked = !schema.is_postgres()
            || seen.in_force.enforced != key.not_enforced
                && (key.not_enforced || seen.in_force.validated != key.not_valid);
        let keeps_name = schema.engine == Engine::Mysql || key.name.is_none() || seen.name == key.name;
        let is_deferrable = |wanted: Deferrability| seen.deferrability == wanted;
        if !is_checked || !keeps_name || !is_deferrable(key.deferrability) {
            return Err(format!("{} has lost something: {key:?}, {seen:?}", schema.key_name(key)));
        }
    }
    Ok(about)
}

/// Keys on which a check finds fault.
fn differing(workspace: &Workspace, url: &str) -> Result<HashSet<String>, String> {
    let checked =
        fkcheck(workspace.dir(), &["--strict", "--message-format", "json", "--database-url", url], &[]);
    if !matches!(checked.code, 0 | 1) {
        return Err(format!("after the migration the check ends with {}: {checked:?}", checked.code));
    }
    Ok(checked
        .findings()
        .iter()
        .filter(|finding| {
            let rule = finding["rule"].as_str().unwrap_or_default();
            rule.ends_with("_mismatch") || rule == "fk_missing_in_source" || rule == "fk_unexpected_key"
        })
        .map(|finding| key_of(&finding["child"]))
        .collect())
}

/// The key that a finding is about, as the command writes it.
fn key_of(child: &serde_json::Value) -> String {
    let text = |value: &serde_json::Value| value.as_str().map(str::to_owned);
    let name = text(&child["table"]).unwrap_or_default();
    let columns = child["columns"].as_array().into_iter().flatten().filter_map(text).collect();
    KeyName { table: TableName { schema: text(&child["schema"]), name }, columns }.to_string()
}
