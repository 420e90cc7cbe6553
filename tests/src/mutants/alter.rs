//! Alters a constraint in a real database, and puts it back.

use std::ops::Range;
use std::path::Path;

use diesel::connection::SimpleConnection as _;
use diesel::sql_types::Text;
use diesel::{Connection as _, QueryableByName, SqliteConnection, sql_query};
use diesel_async::{AsyncConnection, AsyncMysqlConnection, AsyncPgConnection, SimpleAsyncConnection};
use fkcheck_core::model::{self, Action, ObservedKey};

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

/// An engine, as far as altering and dumping differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Engine {
    /// PostgreSQL.
    Postgres,
    /// MySQL and MariaDB.
    Mysql,
    /// SQLite.
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
    pub(super) fn of(engine: model::Engine) -> Self {
        match engine.base() {
            model::Engine::Postgres => Engine::Postgres,
            model::Engine::MySql => Engine::Mysql,
            model::Engine::Sqlite => Engine::Sqlite,
            other => panic!("nobody has said how a key of {other} is altered"),
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

    /// Whether this is how the engine says that it allows no such key, not that a statement is wrong.
    fn has_no_such_key(self, action: &Action, error: &str) -> bool {
        let words: &[&str] = match self {
            // A partition's share of its parent's key; an action that would write a generated column.
            Engine::Postgres => &["inherited constraint", "containing generated column"],
            // NOT NULL columns, as MariaDB and MySQL tell them.
            Engine::Mysql if matches!(action, Action::SetNull(_)) => {
                &["errno: 150", "Incorrect options in FOREIGN KEY", "cannot be NOT NULL"]
            }
            Engine::Mysql | Engine::Sqlite => &[],
        };
        words.iter().any(|word| error.contains(word))
    }
}

impl Mutation {
    /// `None` where the engine has no such key; an error where the statement itself is at fault.
    pub(super) fn make(
        engine: Engine,
        url: &str,
        key: &ObservedKey,
        action: &Action,
    ) -> Result<Option<Self>, String> {
        let (alter, undo) = match engine {
            Engine::Postgres => postgres(url, key, action),
            Engine::Mysql => mysql(url, key, action),
            Engine::Sqlite => sqlite(url, key, action),
        };
        match execute(engine, url, &alter) {
            Ok(()) => Ok(Some(Mutation { engine, url: url.to_owned(), undo })),
            Err(error) if engine.has_no_such_key(action, &error) => Ok(None),
            Err(error) => Err(format!("{error}\n{alter}")),
        }
    }
}

/// Puts it back, also where a check panics.
impl Drop for Mutation {
    fn drop(&mut self) {
        let undone = execute(self.engine, &self.url, &self.undo);
        // A second panic would end the process, and the first says more.
        match undone {
            Err(error) if std::thread::panicking() => {
                eprintln!("can't be put back: {error}\n{}", self.undo);
            }
            undone => undone.unwrap_or_else(|error| panic!("can't be put back: {error}\n{}", self.undo)),
        }
    }
}

/// A copy of a SQLite file, as a connection sees it.
pub(super) fn copy_sqlite(url: &str, copy: &Path) {
    let copy = copy.display().to_string().replace('\'', "''");
    execute(Engine::Sqlite, url, &format!("VACUUM INTO '{copy}'")).expect("copied");
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
    // An index that InnoDB has made for the key stays where it is called by its name.
    let columns = definition.split_once(" REFERENCES").map_or("", |(key, _)| &key["FOREIGN KEY ".len()..]);
    let index = create.lines().find_map(|line| {
        let (index, rest) = line.trim_start().strip_prefix("KEY `")?.split_once("` ")?;
        rest.starts_with(&columns.replace(", ", ","))
            .then(|| format!(", RENAME INDEX `{index}` TO `{index}`"))
    });
    let index = index.unwrap_or_default();
    let mutant: String = format!("mutant_{name}").chars().take(64).collect();
    let mutant = mutant.as_str();
    let alter = |from: &str, to: &str, definition: &str| {
        format!("ALTER TABLE {table} DROP FOREIGN KEY `{from}`, ADD CONSTRAINT `{to}` {definition}{index}")
    };
    (alter(name, mutant, &with_action(&definition, action)), alter(mutant, name, &definition))
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
    let words = words(create);
    let definition = definitions(&words)
        .into_iter()
        .find(|definition| is_of(definition, key))
        .unwrap_or_else(|| panic!("{:?} in {create}", key.key));
    let (start, end) = (definition[0].start, definition[definition.len() - 1].end());
    format!("{}{}{}", &create[..start], with_action(&create[start..end], action), &create[end..])
}

/// What stands between the commas of a CREATE TABLE.
fn definitions<'w, 't>(words: &'w [Word<'t>]) -> Vec<&'w [Word<'t>]> {
    let open = words.iter().position(|word| word.text == "(").expect("columns");
    let mut definitions = Vec::new();
    let (mut depth, mut start) = (0, open + 1);
    for (at, word) in words.iter().enumerate().skip(start) {
        let is_end = word.text == ")" && depth == 0;
        if is_end || word.text == "," && depth == 0 {
            definitions.push(&words[start..at]);
            start = at + 1;
        }
        match word.text {
            _ if is_end => break,
            "(" => depth += 1,
            ")" => depth -= 1,
            _ => {}
        }
    }
    definitions
}

fn is_of(definition: &[Word<'_>], key: &ObservedKey) -> bool {
    let Some(references) = position(definition, &["REFERENCES"]) else { return false };
    let columns: Vec<String> = match position(definition, &["FOREIGN", "KEY"]) {
        Some(at) => definition[at + 2..references]
            .iter()
            .filter(|word| !matches!(word.text, "(" | "," | ")"))
            .map(Word::name)
            .collect(),
        None => vec![definition[0].name()],
    };
    let stated = clause(definition).map_or_else(
        || Action::NoAction.to_string(),
        |clause| definition[clause].iter().skip(2).map(Word::upper).collect::<Vec<_>>().join(" "),
    );
    let wanted: Vec<String> = key.key.columns.iter().map(|column| column.to_ascii_lowercase()).collect();
    columns == wanted
        && definition[references + 1].name() == key.parent.name.to_ascii_lowercase()
        && stated == key.on_delete.to_string()
}

/// A definition with another ON DELETE: behind REFERENCES and its columns.
fn with_action(definition: &str, action: &Action) -> String {
    let words = words(definition);
    let is = |at: usize, text: &str| words.get(at).is_some_and(|word| word.text == text);
    let mut parent = position(&words, &["REFERENCES"]).expect("a foreign key") + 1;
    while is(parent + 1, ".") {
        parent += 2;
    }
    if is(parent + 1, "(") {
        parent += words[parent..].iter().position(|word| word.text == ")").expect("closed");
    }
    let at = words[parent].end();
    let (from, to) = clause(&words)
        .map_or((at, at), |clause| (words[clause.start - 1].end(), words[clause.end - 1].end()));
    format!("{} ON DELETE {action}{}{}", &definition[..at], &definition[at..from], &definition[to..])
}

/// Where ON DELETE and its action stand, the columns of SET NULL among them.
fn clause(words: &[Word<'_>]) -> Option<Range<usize>> {
    let start = position(words, &["ON", "DELETE"])?;
    let is_pair = ["NO", "SET"].contains(&words[start + 2].upper().as_str());
    let mut end = start + if is_pair { 4 } else { 3 };
    if words.get(end).is_some_and(|word| word.text == "(") {
        end += words[end..].iter().position(|word| word.text == ")").expect("closed") + 1;
    }
    Some(start..end)
}

/// The words of an SQL text but ON DELETE and its action, wherever it is said.
pub(crate) fn without_on_delete(sql: &str) -> String {
    let mut words = words(sql);
    while let Some(clause) = clause(&words) {
        words.drain(clause);
    }
    words.iter().map(|word| word.text).collect::<Vec<_>>().join(" ")
}

fn position(words: &[Word<'_>], keywords: &[&str]) -> Option<usize> {
    words.windows(keywords.len()).position(|window| {
        window.iter().zip(keywords).all(|(word, keyword)| word.text.eq_ignore_ascii_case(keyword))
    })
}

/// A word of SQL, or a quoted name, or a sign.
struct Word<'t> {
    text: &'t str,
    start: usize,
}

impl Word<'_> {
    fn end(&self) -> usize {
        self.start + self.text.len()
    }

    fn upper(&self) -> String {
        self.text.to_ascii_uppercase()
    }

    /// As a name: without quotes.
    fn name(&self) -> String {
        let quotes = ['"', '`', '\'', '[', ']'];
        self.text.trim_matches(quotes).replace("\"\"", "\"").replace("``", "`").to_ascii_lowercase()
    }
}

/// The words of an SQL text, without comments.
fn words(sql: &str) -> Vec<Word<'_>> {
    let mut words = Vec::new();
    let mut start = 0;
    while let Some(first) = sql[start..].chars().next() {
        let rest = &sql[start..];
        let up_to =
            |end: &str, from: usize| rest[from..].find(end).map_or(rest.len(), |at| from + at + end.len());
        let is_part = |c: char| c.is_alphanumeric() || c == '_' || c == '$';
        let is_comment = rest.starts_with("--") || rest.starts_with("/*");
        let length = match first {
            _ if rest.starts_with("--") => up_to("\n", 2),
            _ if rest.starts_with("/*") => up_to("*/", 2),
            '[' => up_to("]", 1),
            '"' | '`' | '\'' => {
                // A doubled quote is one within.
                let quote = first.to_string();
                let mut end = up_to(&quote, 1);
                while rest[end..].starts_with(first) {
                    end = up_to(&quote, end + 1);
                }
                end
            }
            _ if is_part(first) => rest.find(|c| !is_part(c)).unwrap_or(rest.len()),
            _ => first.len_utf8(),
        };
        if !is_comment && !first.is_whitespace() {
            words.push(Word { text: &rest[..length], start });
        }
        start += length;
    }
    words
}

fn path_of(url: &str) -> &str {
    url.strip_prefix("sqlite://").unwrap_or(url)
}

/// Runs statements; else what the engine says.
fn execute(engine: Engine, url: &str, sql: &str) -> Result<(), String> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    match engine {
        Engine::Sqlite => {
            let mut connection = SqliteConnection::establish(path_of(url)).expect("it opens");
            connection.batch_execute(sql)
        }
        Engine::Postgres => runtime.block_on(async {
            let mut connection = AsyncPgConnection::establish(url).await.expect("PostgreSQL answers");
            connection.batch_execute(sql).await
        }),
        Engine::Mysql => runtime.block_on(async {
            let mut connection = AsyncMysqlConnection::establish(url).await.expect("MariaDB answers");
            connection.batch_execute("SET foreign_key_checks = 0").await.expect("set");
            connection.batch_execute(sql).await
        }),
    }
    .map_err(|error| error.to_string())
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_action_at_the_right_place() {
        let cascade = |definition| with_action(definition, &Action::Cascade);
        assert_eq!(
            cascade("FOREIGN KEY (a) REFERENCES \"my users\"(id) ON UPDATE CASCADE DEFERRABLE NOT VALID"),
            "FOREIGN KEY (a) REFERENCES \"my users\"(id) ON DELETE CASCADE ON UPDATE CASCADE DEFERRABLE NOT VALID"
        );
        assert_eq!(
            cascade("FOREIGN KEY (a, b) REFERENCES s.users(id, b) ON DELETE SET NULL (b) NOT VALID"),
            "FOREIGN KEY (a, b) REFERENCES s.users(id, b) ON DELETE CASCADE NOT VALID"
        );
        assert_eq!(
            cascade("a INT REFERENCES users CHECK (a > 0)"),
            "a INT REFERENCES users ON DELETE CASCADE CHECK (a > 0)"
        );
        assert_eq!(
            cascade("a INT -- ON DELETE, REFERENCES\n references users on\tdelete no action"),
            "a INT -- ON DELETE, REFERENCES\n references users ON DELETE CASCADE"
        );
    }

    #[test]
    fn words_leave_comments_out_and_names_whole() {
        let sql = "a \"b \"\"c\" [d, e] 'it''s' /* ( */ (-- ,\nf_1,é)";
        let words: Vec<&str> = words(sql).iter().map(|word| word.text).collect();
        assert_eq!(words, ["a", "\"b \"\"c\"", "[d, e]", "'it''s'", "(", "f_1", ",", "é", ")"]);
    }
}
