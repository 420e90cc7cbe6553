//! A database as a text: its whole schema and all rows.

use std::path::PathBuf;
use std::process::Command;

use crate::mutants::{Engine, without_on_delete};
use diesel::sql_types::{Nullable, Text};
use diesel::{Connection as _, QueryableByName, RunQueryDsl as _, SqliteConnection, sql_query};

/// Diesel's own table is no part of the schema.
const OWN: &str = "__diesel_schema_migrations";

/// The schema and every row, by `pg_dump`, by `mariadb-dump`, or from SQLite's schema table.
///
/// # Errors
/// What the tool says.
pub fn schema_and_rows(engine: Engine, url: &str) -> Result<String, String> {
    match engine {
        Engine::Postgres => {
            let tool = std::env::var_os("FKCHECK_TEST_PG_DUMP")
                .map_or_else(|| PathBuf::from("pg_dump"), PathBuf::from);
            let text = output(Command::new(tool).args(["--exclude-table", OWN, "--dbname", url]))?;
            // Newer versions put a random word here.
            let is_kept = |line: &&str| !line.starts_with("\\restrict") && !line.starts_with("\\unrestrict");
            Ok(text.lines().filter(is_kept).collect::<Vec<_>>().join("\n"))
        }
        Engine::Mysql => {
            let url = url::Url::parse(url).map_err(|error| error.to_string())?;
            let database = url.path().trim_start_matches('/');
            let database = percent_encoding::percent_decode_str(database).decode_utf8_lossy();
            output(
                Command::new("mariadb-dump")
                    .args([
                        "--skip-comments",
                        "--skip-extended-insert",
                        "--triggers",
                        "--user",
                        url.username(),
                    ])
                    .args([
                        "--host",
                        url.host_str().unwrap_or_default(),
                        "--port",
                        &url.port().unwrap_or(3306).to_string(),
                    ])
                    .arg(format!("--ignore-table={database}.{OWN}"))
                    .arg(database.as_ref()),
            )
        }
        Engine::Sqlite => sqlite(url.strip_prefix("sqlite://").unwrap_or(url), false),
    }
}

/// The same without what a fix may change beside the rule itself: the constraints' names in MySQL, which has two words for
/// refusing too, and where in a text SQLite's clause stands. What was made with the rule from the start has the same essence.
///
/// # Errors
/// What the tool says.
pub fn essence(engine: Engine, url: &str) -> Result<String, String> {
    match engine {
        Engine::Postgres => schema_and_rows(engine, url),
        Engine::Mysql => schema_and_rows(engine, url).map(|dump| without_key_names(&dump)),
        Engine::Sqlite => sqlite(url.strip_prefix("sqlite://").unwrap_or(url), true),
    }
}

/// The keys behind all else, for a table shows them in the order of their names.
fn without_key_names(dump: &str) -> String {
    let (mut others, mut keys, mut table) = (Vec::new(), Vec::new(), "");
    // By what begins an entry of CREATE TABLE: a name may hold a line break.
    for entry in dump.split("\n  ") {
        let (entry, end) = entry.split_once("\n)").map_or((entry, ""), |(entry, end)| (entry, end));
        match entry.strip_prefix("CONSTRAINT `").and_then(behind_name) {
            Some(key) => {
                let mut key = key.trim_end_matches(',').to_owned();
                for refusal in ["DELETE NO ACTION", "DELETE RESTRICT", "UPDATE NO ACTION", "UPDATE RESTRICT"]
                {
                    key = key.replace(&format!(" ON {refusal}"), "");
                }
                keys.push(format!("{table}: {key}"));
            }
            None => others.push(entry),
        }
        others.push(end);
        table =
            [entry, end].iter().find_map(|text| Some(text.rsplit_once("CREATE TABLE ")?.1)).unwrap_or(table);
    }
    keys.sort_unstable();
    format!("{}\n{}", others.join("\n"), keys.join("\n"))
}

/// What stands behind the name, if it is a foreign key's.
fn behind_name(text: &str) -> Option<&str> {
    let mut rest = text;
    loop {
        rest = rest.split_once('`')?.1;
        match rest.strip_prefix('`') {
            Some(more) => rest = more,
            None => return rest.strip_prefix(" FOREIGN KEY"),
        }
    }
}

fn output(command: &mut Command) -> Result<String, String> {
    let output = command.output().map_err(|error| format!("{command:?}: {error}"))?;
    if !output.status.success() {
        return Err(format!("{command:?}: {}", String::from_utf8_lossy(&output.stderr)));
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

#[derive(QueryableByName)]
struct Line {
    #[diesel(sql_type = Nullable<Text>)]
    line: Option<String>,
}

/// The order of the schema table is that in which things were made; it is left out.
fn sqlite(path: &str, is_essence: bool) -> Result<String, String> {
    let mut connection = SqliteConnection::establish(path).map_err(|error| error.to_string())?;
    let mut lines = |query: &str| -> Result<Vec<String>, String> {
        let rows: Vec<Line> =
            sql_query(query).load(&mut connection).map_err(|error| format!("{error}: {query}"))?;
        Ok(rows.into_iter().map(|row| row.line.unwrap_or_default()).collect())
    };
    let mut dump = lines(&format!(
        "SELECT type || ' ' || name || ' ' || tbl_name || char(10) || coalesce(sql, '') AS line FROM sqlite_master WHERE tbl_name <> '{OWN}' ORDER BY 1"
    ))?;
    if is_essence {
        for entry in dump.iter_mut().filter(|entry| entry.starts_with("table ")) {
            *entry = without_on_delete(entry);
        }
        dump.sort_unstable();
        dump.extend(lines(
            "SELECT m.name || ': ' || concat_ws(' ', f.id, f.seq, f.\"from\", f.\"table\", f.\"to\", f.on_update, f.on_delete) AS line \
             FROM sqlite_master m JOIN pragma_foreign_key_list(m.name) f WHERE m.type = 'table' ORDER BY 1",
        )?);
    }
    let tables = lines(&format!(
        "SELECT name AS line FROM pragma_table_list WHERE schema = 'main' AND type = 'table' AND name NOT IN ('{OWN}', 'sqlite_schema') ORDER BY 1"
    ))?;
    for table in tables {
        let quoted = format!("\"{}\"", table.replace('"', "\"\""));
        let literal = table.replace('\'', "''");
        let columns =
            lines(&format!("SELECT name AS line FROM pragma_table_info('{literal}') ORDER BY cid"))?;
        let values: Vec<String> =
            columns.iter().map(|column| format!("quote(\"{}\")", column.replace('"', "\"\""))).collect();
        let of_rows = |number: &str| {
            format!(
                "SELECT '{literal} ' || {number} || ': ' || {} AS line FROM {quoted} ORDER BY 1",
                values.join(" || ', ' || ")
            )
        };
        // A counter may move; a row may not.
        let is_counter = table == "sqlite_sequence";
        let numbered = if is_counter { Err(String::new()) } else { lines(&of_rows("rowid")) };
        dump.extend(numbered.or_else(|_| lines(&of_rows("''")))?);
    }
    Ok(dump.join("\n"))
}

/// The lines in which two dumps differ.
pub fn difference(left: &str, right: &str) -> String {
    let only = |of: &str, other: &str, sign: char| -> String {
        let other: std::collections::HashSet<&str> = other.lines().collect();
        of.lines()
            .filter(|line| !other.contains(line))
            .map(|line| format!("{sign} {line}\n"))
            .collect::<Vec<_>>()
            .concat()
    };
    let lines = only(left, right, '-') + &only(right, left, '+');
    if lines.is_empty() { format!("the same lines in another order:\n{left}\n---\n{right}") } else { lines }
}
