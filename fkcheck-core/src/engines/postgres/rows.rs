//! Rows, read in one read-only transaction that sees one snapshot and blocks no writer.

use std::sync::Arc;

use tokio_postgres::error::SqlState;

use super::bounds::{PartitionRow, partitions};
use super::connection::{self, Connection, Failure};
use super::quote::{filled, literal, quoted, table};
use super::session::{self, Sees};
use super::settings::Settings;
use super::{connect, failed, relation};
use crate::access::{Phase, ServerUrl, SourceError};
use crate::engines::rows::{Asking, NO_ROW, Refused, Rows, Which, first_alone, held, refused};
use crate::engines::{ReadLimits, row};
use crate::model::{
    ColumnShape, DefaultValue, IndexShape, Literal, Part, Room, RowRead, TableName, TableShape, Value,
    ValueOrder, Watcher,
};

/// The transaction.
struct Session {
    connection: Connection,
    settings: Settings,
    visit: ReadLimits,
    default_schema: Option<String>,
}

pub(super) async fn open(url: &ServerUrl, visit: ReadLimits) -> Result<Box<dyn Rows>, SourceError> {
    let settings = Settings::new(&url.0, visit.insecure_tls, |name| std::env::var(name).ok())?;
    let within = visit.deadline;
    let connection = within.within(&settings.place, Phase::Connecting, connect(&settings)).await?;
    let begun = async {
        let session = session::begin(&connection, Sees::OneSnapshot).await?;
        // A policy that hides rows would make the answer wrong; so it is an error.
        let limits = format!("{}; SET LOCAL row_security = off", time_limit(visit));
        connection.batch_execute(&limits).await?;
        Ok(session.default_schemas(settings.search_path.as_deref()).into_iter().next())
    };
    let begun = within
        .within(&settings.place, Phase::SettingUp, async {
            begun.await.map_err(|error: Failure| failed(&settings, Phase::SettingUp, &error))
        })
        .await;
    let default_schema = match begun {
        Ok(default_schema) => default_schema,
        Err(error) => {
            connection.leave().await;
            return Err(error);
        }
    };
    Ok(Box::new(Session { connection, settings, visit, default_schema }))
}

impl Session {
    /// What reading rows of these comes to. The user's condition may fail on a row.
    async fn asked<T>(
        &self,
        work: impl Future<Output = Result<T, Failure>>,
        which: &Which,
    ) -> Result<T, SourceError> {
        let told = |error: Failure| match (which, error.code()) {
            (Which::Where(condition), Some(code)) if is_of_condition(&error) => {
                let code = code.code().to_owned();
                refused(self.settings.place.clone(), condition, Refused::OnARow(code))
            }
            _ => failed(&self.settings, Phase::ReadingRows, &without_values(error)),
        };
        let work = async { work.await.map_err(told) };
        self.visit.deadline.within(&self.settings.place, Phase::ReadingRows, work).await
    }

    async fn within<T>(&self, work: impl Future<Output = Result<T, Failure>>) -> Result<T, SourceError> {
        let work = async {
            work.await.map_err(|error| failed(&self.settings, Phase::ReadingRows, &without_values(error)))
        };
        self.visit.deadline.within(&self.settings.place, Phase::ReadingRows, work).await
    }

    /// The rows of a query that looks at many, within what is left of the time.
    async fn load<T: connection::FromRow>(&self, query: &str) -> Result<Vec<T>, Failure> {
        self.connection.batch_execute(&time_limit(self.visit)).await?;
        self.connection.load(query).await
    }

    /// The table with its schema: the search path is closed.
    fn qualified(&self, name: &TableName) -> TableName {
        let schema = name.schema.clone().or_else(|| self.default_schema.clone());
        TableName { schema, ..name.clone() }
    }

    async fn shape(&self, name: &TableName) -> Result<TableShape, Failure> {
        let relation = self.qualified(name);
        relation::lock(&self.connection, &relation).await?;
        let name_literal = [literal(&table(&relation))];
        let columns: Vec<ColumnRow> =
            self.connection.load(&filled(include_str!("columns.sql"), &name_literal)).await?;
        let indexes: Vec<IndexRow> =
            self.connection.load(&filled(include_str!("indexes.sql"), &name_literal)).await?;
        let watchers: Vec<WatcherRow> =
            self.connection.load(&filled(include_str!("watchers.sql"), &name_literal)).await?;
        let bounds: Vec<PartitionRow> =
            self.connection.load(&filled(include_str!("partitions.sql"), &name_literal)).await?;
        let partitions = partitions(&bounds);
        // What they take is followed.
        let is_watching = |row: &WatcherRow| !row.is_partition_key || partitions.is_none();
        let watchers = watchers.into_iter().filter(is_watching);
        let watchers = watchers.map(|row| Watcher { name: row.name, columns: row.columns }).collect();
        Ok(TableShape { watchers, partitions, ..shape(name, columns, indexes) })
    }

    /// The table as a statement names it: without its heirs, but with its partitions.
    async fn relation(&self, name: &TableName) -> Result<String, Failure> {
        let relation = table(&self.qualified(name));
        let kind = format!(
            "SELECT c.relkind = 'p'::pg_catalog.\"char\" FROM pg_catalog.pg_class c WHERE c.oid = {}::pg_catalog.regclass",
            literal(&relation)
        );
        let (is_partitioned,): (bool,) = self.connection.get_result(&kind).await?;
        Ok(if is_partitioned { relation } else { format!("ONLY {relation}") })
    }
}

impl Rows for Session {
    fn shapes<'a>(&'a mut self, tables: &'a [TableName]) -> Asking<'a, Vec<TableShape>> {
        Box::pin(async move {
            let mut shapes = Vec::new();
            for name in tables {
                shapes.push(self.within(self.shape(name)).await?);
            }
            Ok(shapes)
        })
    }

    fn try_condition<'a>(&'a mut self, shape: &'a TableShape, condition: &'a str) -> Asking<'a, ()> {
        Box::pin(async move {
            let relation = self.within(self.relation(&shape.name)).await?;
            let which = Which::Where(condition.to_owned());
            let query =
                format!("SELECT 1 AS one FROM {relation} WHERE {}{NO_ROW}", self::condition(shape, &which));
            let work = async {
                self.connection.load::<(i32,)>(&query).await.map_err(|error| {
                    if is_of_condition(&error) {
                        let words = self.settings.secrets.scrub(&error.to_string());
                        refused(self.settings.place.clone(), condition, Refused::AsItStands(words))
                    } else {
                        failed(&self.settings, Phase::ReadingRows, &error)
                    }
                })
            };
            self.visit.deadline.within(&self.settings.place, Phase::ReadingRows, work).await?;
            Ok(())
        })
    }

    fn read<'a>(
        &'a mut self,
        shape: &'a TableShape,
        which: &'a Which,
        most: usize,
    ) -> Asking<'a, Vec<RowRead>> {
        Box::pin(async move {
            let relation = self.within(self.relation(&shape.name)).await?;
            let texts: Vec<String> =
                shape.columns.iter().map(|column| text_of(&named(shape, column))).collect();
            // By its own name, which a condition may use.
            let own = quoted(&shape.name.name);
            let query = format!(
                "SELECT {own}.tableoid::pg_catalog.int8 AS relation, {own}.ctid::pg_catalog.text AS place, \
                 ARRAY[{}]::pg_catalog.text[] AS texts FROM {relation} WHERE {} LIMIT {most}",
                texts.join(", "),
                condition(shape, which)
            );
            let rows: Vec<Read> = self.asked(self.load(&query), which).await?;
            Ok(rows.into_iter().map(Read::into_row).collect())
        })
    }

    fn tally<'a>(
        &'a mut self,
        shape: &'a TableShape,
        columns: &'a [usize],
        values: &'a [Vec<Arc<str>>],
    ) -> Asking<'a, Vec<(Vec<Value>, u64)>> {
        Box::pin(async move {
            let relation = self.within(self.relation(&shape.name)).await?;
            let names: Vec<String> = columns.iter().map(|&at| named(shape, &shape.columns[at])).collect();
            let texts: Vec<String> = names.iter().map(|name| text_of(name)).collect();
            let query = format!(
                "SELECT ARRAY[{}]::pg_catalog.text[] AS texts, pg_catalog.count(*) AS count FROM {relation} WHERE {} GROUP BY {}",
                texts.join(", "),
                held(columns, values, |column, values| equal(shape, column, values)),
                names.join(", ")
            );
            let rows: Vec<Tallied> = self.within(self.load(&query)).await?;
            let tallied = |row: Tallied| {
                let values = row.texts.into_iter().map(|text| text.map(Arc::from)).collect();
                (values, u64::try_from(row.count).unwrap_or_default())
            };
            Ok(rows.into_iter().map(tallied).collect())
        })
    }

    fn count<'a>(
        &'a mut self,
        shape: &'a TableShape,
        which: &'a Which,
        others: &'a [Which],
    ) -> Asking<'a, u64> {
        Box::pin(async move {
            let relation = self.within(self.relation(&shape.name)).await?;
            let others: Vec<String> = others.iter().map(|other| condition(shape, other)).collect();
            let alone = first_alone(&condition(shape, which), &others);
            let query = format!("SELECT pg_catalog.count(*) FROM {relation} WHERE {alone}");
            let rows: Vec<(i64,)> = self.within(self.load(&query)).await?;
            Ok(rows.first().map_or(0, |(count,)| count.unsigned_abs()))
        })
    }

    fn leave(self: Box<Self>) -> std::pin::Pin<Box<dyn Future<Output = ()> + Send>> {
        let farewell = self.visit.deadline.left_for(connection::FAREWELL);
        Box::pin(self.connection.leave_within(farewell))
    }
}

/// What holds the server to the deadline.
fn time_limit(visit: ReadLimits) -> String {
    // It takes no more than an i32.
    let milliseconds = i32::try_from(visit.deadline.left_to_a_server().as_millis()).unwrap_or(i32::MAX);
    format!("SET LOCAL statement_timeout = {milliseconds}")
}

/// A failure of the class "data exception", whose words quote what a row holds, without them.
fn without_values(error: Failure) -> Failure {
    match error.code().map(|code| code.code().to_owned()) {
        Some(code) if code.starts_with("22") => {
            Failure::Unasked(format!("a value isn't of the type that it is compared with ({code})"))
        }
        _ => error,
    }
}

/// Whether it is the user's condition that fails, by the class of the code: its syntax, a name, a value, a function. What a
/// role may not do is no matter of the condition.
fn is_of_condition(error: &Failure) -> bool {
    let Some(code) = error.code() else { return false };
    let classes = ["0A", "21", "22", "2F", "38", "39", "42", "54", "P0"];
    *code != SqlState::INSUFFICIENT_PRIVILEGE && classes.iter().any(|class| code.code().starts_with(class))
}

row! {
    /// A row of `columns.sql`.
    struct ColumnRow {
        name: String,
        nullable: bool,
        generated: bool,
        /// From other columns.
        is_computed: bool,
        default_text: Option<String>,
        spelling: Option<String>,
        width: i32,
    }
}

row! {
    /// A row of `watchers.sql`.
    struct WatcherRow {
        name: String,
        columns: Vec<String>,
        is_partition_key: bool,
    }
}

row! {
    /// A row of `indexes.sql`.
    struct IndexRow {
        name: String,
        columns: Vec<String>,
        is_unique: bool,
        nulls_are_equal: bool,
    }
}

row! {
    struct Read {
        relation: i64,
        place: String,
        texts: Vec<Option<String>>,
    }
}

row! {
    struct Tallied {
        texts: Vec<Option<String>>,
        count: i64,
    }
}

impl Read {
    fn into_row(self) -> RowRead {
        let numbers = self.place.trim_matches(['(', ')']).split(',');
        let numbers = numbers.map(|number| Part::Number(number.parse().unwrap_or_default()));
        RowRead {
            place: [Part::Number(self.relation.into())].into_iter().chain(numbers).collect(),
            values: self.texts.into_iter().map(|text| text.map(Arc::from)).collect(),
            order: Vec::new(),
        }
    }
}

fn shape(name: &TableName, columns: Vec<ColumnRow>, indexes: Vec<IndexRow>) -> TableShape {
    // An identity is written by the engine, and computed from nothing.
    let has_generated = columns.iter().any(|row| row.is_computed);
    let columns: Vec<ColumnShape> = columns
        .into_iter()
        .map(|row| ColumnShape {
            default: default_value(row.default_text.as_deref()),
            name: row.name,
            nullable: row.nullable,
            generated: row.generated,
            literal: if row.spelling.is_some() { Literal::Quoted } else { Literal::None },
            order: ValueOrder::Written,
            room: Room { spelling: row.spelling.unwrap_or_default(), width: row.width },
        })
        .collect();
    let index = |row: IndexRow| -> Option<IndexShape> {
        let place = |name: &String| columns.iter().position(|column| column.name == *name);
        Some(IndexShape {
            columns: row.columns.iter().map(place).collect::<Option<_>>()?,
            name: row.name,
            unique: row.is_unique,
            nulls_are_equal: row.nulls_are_equal,
            clustered: false,
        })
    };
    let indexes = indexes.into_iter().filter_map(index).collect();
    TableShape { has_generated, ..TableShape::new(name.clone(), columns, indexes) }
}

/// A constant as `pg_get_expr` writes it: `5`, `'a'::text`, `'-1'::integer`, `true`.
fn default_value(text: Option<&str>) -> DefaultValue {
    let Some(text) = text else { return DefaultValue::Constant(None) };
    let is_number = text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.') && !text.is_empty();
    let constant: Option<Value> = match text {
        "true" => Some(Some(Arc::from("t"))),
        "false" => Some(Some(Arc::from("f"))),
        _ if is_number => Some(Some(Arc::from(text))),
        _ if text.starts_with("NULL::") => Some(None),
        _ => quoted_text(text).map(|text| Some(Arc::from(text))),
    };
    constant.map_or(DefaultValue::Expression, DefaultValue::Constant)
}

/// What stands in quotes, if nothing but a cast follows.
fn quoted_text(text: &str) -> Option<String> {
    let mut rest = text.strip_prefix('\'')?;
    let mut value = String::new();
    loop {
        let end = rest.find('\'')?;
        value.push_str(&rest[..end]);
        rest = &rest[end + 1..];
        match rest.strip_prefix('\'') {
            Some(after) => {
                value.push('\'');
                rest = after;
            }
            None => break,
        }
    }
    let is_cast = |rest: &str| {
        rest.strip_prefix("::")
            .is_some_and(|name| name.chars().all(|c| c.is_alphanumeric() || " _.\"(),[]".contains(c)))
    };
    (rest.is_empty() || is_cast(rest)).then_some(value)
}

/// A column of the table in a statement, which no other name there can be taken for.
fn named(shape: &TableShape, column: &ColumnShape) -> String {
    format!("{}.{}", quoted(&shape.name.name), quoted(&column.name))
}

/// A column as its type writes it. A cast to text could be somebody's function; `format` calls the type's own.
fn text_of(column: &str) -> String {
    format!("CASE WHEN {column} IS NOT NULL THEN pg_catalog.format('%s', {column}) END")
}

fn condition(shape: &TableShape, which: &Which) -> String {
    which.condition(|column, values| equal(shape, column, values))
}

fn equal(shape: &TableShape, column: usize, values: &[&str]) -> String {
    let column = named(shape, &shape.columns[column]);
    match values {
        [value] => format!("{column} OPERATOR(pg_catalog.=) {}", literal(value)),
        _ => format!("{column} OPERATOR(pg_catalog.=) ANY ({})", literal(&array_text(values))),
    }
}

/// An array as its type reads it: which type that is, the column says.
fn array_text(values: &[&str]) -> String {
    let quoted = |value: &&str| format!("\"{}\"", value.replace('\\', "\\\\").replace('"', "\\\""));
    format!("{{{}}}", values.iter().map(quoted).collect::<Vec<_>>().join(","))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn constants_are_read_and_nothing_is_called() {
        let constant = |text: &str| DefaultValue::Constant(Some(Arc::from(text)));
        for (text, value) in [
            ("5", constant("5")),
            ("'-1'::integer", constant("-1")),
            ("'it''s'::character varying(3)", constant("it's")),
            ("'x'::\"odd\".\"T\"", constant("x")),
            ("true", constant("t")),
            ("NULL::character varying", DefaultValue::Constant(None)),
            ("nextval('s'::regclass)", DefaultValue::Expression),
            ("'a'::text || f()", DefaultValue::Expression),
            ("('a'::text)", DefaultValue::Expression),
            ("", DefaultValue::Expression),
        ] {
            assert_eq!(default_value(Some(text)), value, "{text}");
        }
        assert_eq!(default_value(None), DefaultValue::Constant(None));
    }
}
