//! A database as a text: its whole schema and all rows.

use std::path::PathBuf;
use std::process::Command;

use crate::mutants::Engine;
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
        Engine::Sqlite => sqlite(url.strip_prefix("sqlite://").unwrap_or(url)),
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
fn sqlite(path: &str) -> Result<String, String> {
    let mut connection = SqliteConnection::establish(path).map_err(|error| error.to_string())?;
    let mut lines = |query: &str| -> Result<Vec<String>, String> {
        let rows: Vec<Line> =
            sql_query(query).load(&mut connection).map_err(|error| format!("{error}: {query}"))?;
        Ok(rows.into_iter().map(|row| row.line.unwrap_or_default()).collect())
    };
    let mut dump = lines(&format!(
        "SELECT type || ' ' || name || ' ' || tbl_name || char(10) || coalesce(sql, '') AS line FROM sqlite_master WHERE tbl_name <> '{OWN}' ORDER BY 1"
    ))?;
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
