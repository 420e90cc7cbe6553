//! Alters a constraint in a real database, and puts it back.

use diesel::connection::SimpleConnection as _;
use diesel::sql_types::Text;
use diesel::{Connection as _, QueryableByName, SqliteConnection, sql_query};
use diesel_async::{AsyncConnection, AsyncMysqlConnection, AsyncPgConnection, SimpleAsyncConnection};
use fkcheck_core::model::{Action, ObservedKey};

/// Every action there is.
pub(super) fn actions() -> [Action; 5] {
    [
        Action::NoAction,
        Action::Restrict,
        Action::Cascade,
        Action::SetNull(Vec::new()),
        Action::SetDefault(Vec::new()),
    ]
}

/// How a constraint is altered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Engine {
    Postgres,
    Mysql,
    Sqlite,
}

/// A constraint as it was.
pub(super) struct Mutation {
    engine: Engine,
    url: String,
    undo: String,
}

#[derive(QueryableByName)]
struct Line {
    #[diesel(sql_type = Text)]
    text: String,
}

impl Engine {
    pub(super) fn named(name: &str) -> Self {
        match name {
            "PostgreSQL" => Engine::Postgres,
            "SQLite" => Engine::Sqlite,
            _ => Engine::Mysql,
        }
    }

    /// Whether the engine does something else under each: InnoDB has one word too many for refusing, and SET DEFAULT is
    /// either refused or stored as one of them.
    pub(super) fn tells_apart(self, mutant: &Action, present: &Action) -> bool {
        match mutant {
            _ if mutant == present => false,
            Action::NoAction | Action::SetDefault(_) if self == Engine::Mysql => false,
            _ => self != Engine::Mysql || !mutant.blocks() || !present.blocks(),
        }
    }
}

impl Mutation {
    /// `None` where the engine refuses.
    pub(super) fn make(engine: Engine, url: &str, key: &ObservedKey, action: &Action) -> Option<Self> {
        let (alter, undo) = match engine {
            Engine::Postgres => postgres(url, key, action),
            Engine::Mysql => mysql(url, key, action),
            Engine::Sqlite => sqlite(url, key, action),
        };
        execute(engine, url, &alter).then(|| Mutation { engine, url: url.to_owned(), undo })
    }

    pub(super) fn undo(self) {
        assert!(execute(self.engine, &self.url, &self.undo), "can't be put back: {}", self.undo);
    }
}

fn name_of(key: &ObservedKey) -> &str {
    key.name.as_deref().expect("servers name their constraints")
}

fn postgres(url: &str, key: &ObservedKey, action: &Action) -> (String, String) {
    let quoted = |name: &str| format!("\"{}\"", name.replace('"', "\"\""));
    let schema = key.key.table.schema.as_deref().unwrap_or("public");
    let table = format!("{}.{}", quoted(schema), quoted(&key.key.table.name));
    let name = name_of(key);
    let definition = query(
        Engine::Postgres,
        url,
        &format!(
            "SELECT pg_get_constraintdef(oid) AS text FROM pg_constraint WHERE conrelid = '{}'::regclass AND conname = '{}'",
            table.replace('\'', "''"),
            name.replace('\'', "''")
        ),
    );
    let name = quoted(name);
    let alter = |definition: &str| {
        format!("ALTER TABLE {table} DROP CONSTRAINT {name}, ADD CONSTRAINT {name} {definition}")
    };
    (alter(&with_action(&definition, action)), alter(&definition))
}

fn mysql(url: &str, key: &ObservedKey, action: &Action) -> (String, String) {
    let table = format!("`{}`", key.key.table.name);
    let name = name_of(key);
    let create = query(Engine::Mysql, url, &format!("SHOW CREATE TABLE {table}"));
    let line = create.lines().find(|line| line.contains(&format!("CONSTRAINT `{name}` FOREIGN KEY")));
    let definition = line.and_then(|line| line.split_once("FOREIGN KEY")).expect("the constraint").1;
    let definition = format!("FOREIGN KEY{}", definition.trim_end_matches(','));
    let mutant = format!("{name}_mutant");
    let alter = |from: &str, to: &str, definition: &str| {
        format!("ALTER TABLE {table} DROP FOREIGN KEY `{from}`, ADD CONSTRAINT `{to}` {definition}")
    };
    (alter(name, &mutant, &with_action(&definition, action)), alter(&mutant, name, &definition))
}

/// SQLite has no ALTER for it: the table's text is edited.
fn sqlite(url: &str, key: &ObservedKey, action: &Action) -> (String, String) {
    let table = key.key.table.name.replace('\'', "''");
    let create = query(
        Engine::Sqlite,
        url,
        &format!(
            "SELECT sql AS text FROM sqlite_master WHERE type = 'table' AND name = '{table}' COLLATE NOCASE"
        ),
    );
    let version =
        query(Engine::Sqlite, url, "SELECT CAST(schema_version AS TEXT) AS text FROM pragma_schema_version");
    let version: i64 = version.parse().expect("a number");
    let set = |text: &str, version: i64| {
        format!(
            "PRAGMA writable_schema = ON;
             UPDATE sqlite_master SET sql = '{}' WHERE type = 'table' AND name = '{table}' COLLATE NOCASE;
             PRAGMA schema_version = {version};
             PRAGMA writable_schema = RESET;",
            text.replace('\'', "''")
        )
    };
    (set(&edited(&create, key, action), version + 1), set(&create, version + 2))
}

/// The CREATE TABLE with another action for one key.
fn edited(create: &str, key: &ObservedKey, action: &Action) -> String {
    let open = create.find('(').expect("columns");
    let body_end = create.rfind(')').expect("columns");
    let mut parts: Vec<String> = Vec::new();
    let (mut depth, mut start) = (0, open + 1);
    for (at, character) in create.char_indices().skip_while(|(at, _)| *at <= open) {
        match character {
            '(' => depth += 1,
            ')' => depth -= 1,
            ',' if depth == 0 => {
                parts.push(create[start..at].to_owned());
                start = at + 1;
            }
            _ => {}
        }
        if at >= body_end {
            break;
        }
    }
    parts.push(create[start..body_end].to_owned());
    let bare = |text: &str| text.trim().trim_matches(['"', '`', '[', ']', '\'']).to_ascii_lowercase();
    let columns: Vec<String> = key.key.columns.iter().map(|column| column.to_ascii_lowercase()).collect();
    let current = key.on_delete.to_string();
    let speaks_of_key = |part: &str| {
        let upper = part.to_ascii_uppercase();
        if !upper.contains("REFERENCES")
            || key.on_delete != Action::NoAction
                && !squeezed(&upper).contains(&format!("ON DELETE {current}"))
        {
            return false;
        }
        if let Some(at) = upper.find("FOREIGN KEY") {
            let list = part[at..].split(['(', ')']).nth(1).unwrap_or_default();
            return list.split(',').map(bare).collect::<Vec<_>>() == columns;
        }
        let mut words = part.trim_start().splitn(2, char::is_whitespace);
        columns.len() == 1 && words.next().is_some_and(|word| bare(word) == columns[0])
    };
    let part = parts
        .iter_mut()
        .find(|part| speaks_of_key(part))
        .unwrap_or_else(|| panic!("{:?} in {create}", key.key));
    *part = with_action(part, action);
    format!("{}{}{}", &create[..=open], parts.join(","), &create[body_end..])
}

/// With one space between words.
fn squeezed(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// A definition with another ON DELETE: behind REFERENCES and its columns.
fn with_action(definition: &str, action: &Action) -> String {
    let definition = squeezed(definition);
    let upper = definition.to_ascii_uppercase();
    let rest = if let Some(at) = upper.find(" ON DELETE ") {
        let end = at + " ON DELETE ".len();
        let words = ["NO ACTION", "RESTRICT", "CASCADE", "SET NULL", "SET DEFAULT"];
        let word = words.iter().find(|word| upper[end..].starts_with(*word)).expect("an action");
        let mut end = end + word.len();
        // SET NULL (column)
        if definition[end..].starts_with(" (") {
            end += definition[end..].find(')').expect("closed") + 1;
        }
        format!("{}{}", &definition[..at], &definition[end..])
    } else {
        definition
    };
    let upper = rest.to_ascii_uppercase();
    let references = upper.find("REFERENCES ").expect("a foreign key");
    // After `parent (columns)`, or `parent` alone.
    let after = references + "REFERENCES ".len();
    let parent_end = after + rest[after..].find([' ', '(', ')']).unwrap_or(rest.len() - after);
    let at = if rest[parent_end..].trim_start().starts_with('(') {
        parent_end + rest[parent_end..].find(')').expect("closed") + 1
    } else {
        parent_end
    };
    format!("{} ON DELETE {action}{}", &rest[..at], &rest[at..])
}

fn path_of(url: &str) -> &str {
    url.strip_prefix("sqlite://").unwrap_or(url)
}

/// Runs statements; false where one is refused.
fn execute(engine: Engine, url: &str, sql: &str) -> bool {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    match engine {
        Engine::Sqlite => {
            let mut connection = SqliteConnection::establish(path_of(url)).expect("it opens");
            connection.batch_execute(sql).is_ok()
        }
        Engine::Postgres => runtime.block_on(async {
            let mut connection = AsyncPgConnection::establish(url).await.expect("PostgreSQL answers");
            connection.batch_execute(sql).await.is_ok()
        }),
        Engine::Mysql => runtime.block_on(async {
            let mut connection = AsyncMysqlConnection::establish(url).await.expect("MariaDB answers");
            connection.batch_execute("SET foreign_key_checks = 0").await.expect("set");
            connection.batch_execute(sql).await.is_ok()
        }),
    }
}

/// The one text that a query gives.
fn query(engine: Engine, url: &str, sql: &str) -> String {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let lines: Vec<Line> = match engine {
        Engine::Sqlite => {
            let mut connection = SqliteConnection::establish(path_of(url)).expect("it opens");
            diesel::RunQueryDsl::load(sql_query(sql), &mut connection)
        }
        Engine::Postgres => runtime.block_on(async {
            let mut connection = AsyncPgConnection::establish(url).await.expect("PostgreSQL answers");
            diesel_async::RunQueryDsl::load(sql_query(sql), &mut connection).await
        }),
        Engine::Mysql => return show_create(url, sql),
    }
    .unwrap_or_else(|error| panic!("{error}\n{sql}"));
    lines.into_iter().next().unwrap_or_else(|| panic!("nothing from {sql}")).text
}

/// The second column of SHOW CREATE TABLE, which Diesel can't name.
fn show_create(url: &str, sql: &str) -> String {
    use mysql_async::prelude::Queryable as _;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async {
        let mut connection = mysql_async::Conn::from_url(url).await.expect("MariaDB answers");
        let row: Option<(String, String)> = connection.query_first(sql).await.expect("a table");
        row.expect("a row").1
    })
}
