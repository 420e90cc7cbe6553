//! Rows, read in one read-only transaction: consistent reads, which lock nothing.

use std::collections::HashMap;
use std::sync::Arc;

use super::connection::{self, Connection, Failure};
use super::fix::{literal, quoted, table};
use super::settings::Settings;
use super::{connect, failed, session};
use crate::access::{Phase, ServerUrl, SourceError};
use crate::engines::rows::{Asking, Rows, Which, first_alone, held};
use crate::engines::{ReadLimits, row};
use crate::model::{
    ColumnShape, DefaultValue, IndexShape, Literal, Part, RowRead, TableName, TableShape, Value, ValueOrder,
};

/// The transaction.
struct Transaction {
    connection: Connection,
    settings: Settings,
    visit: ReadLimits,
    is_mariadb: bool,
}

pub(super) async fn open(url: &ServerUrl, visit: ReadLimits) -> Result<Box<dyn Rows>, SourceError> {
    let settings = Settings::new(&url.0, visit.insecure_tls)?;
    let within = visit.deadline;
    let mut connection = within.within(&settings.place, Phase::Connecting, connect(&settings)).await?;
    let begun = within
        .within(&settings.place, Phase::SettingUp, async {
            begin(&mut connection, visit).await.map_err(|error| failed(&settings, Phase::SettingUp, &error))
        })
        .await;
    match begun {
        Ok(is_mariadb) => Ok(Box::new(Transaction { connection, settings, visit, is_mariadb })),
        Err(error) => {
            connection.close().await;
            Err(error)
        }
    }
}

async fn begin(connection: &mut Connection, visit: ReadLimits) -> Result<bool, Failure> {
    let session = session::begin(connection).await?;
    let limit = time_limit(visit, session.is_mariadb());
    connection
        .batch_execute(&format!(
            "{limit}; SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ; \
             START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY"
        ))
        .await?;
    Ok(session.is_mariadb())
}

/// What holds the server to the deadline.
fn time_limit(visit: ReadLimits, is_mariadb: bool) -> String {
    let left = visit.deadline.left_to_a_server();
    if is_mariadb {
        format!("SET SESSION max_statement_time = {:.3}", left.as_secs_f64())
    } else {
        format!("SET SESSION max_execution_time = {}", left.as_millis())
    }
}

impl Transaction {
    async fn load<T: connection::FromRow>(&mut self, query: &str) -> Result<Vec<T>, SourceError> {
        let (settings, connection) = (&self.settings, &mut self.connection);
        let work = async {
            connection.load(query).await.map_err(|error| failed(settings, Phase::ReadingRows, &error))
        };
        self.visit.deadline.within(&settings.place, Phase::ReadingRows, work).await
    }

    /// As [`Transaction::load`], where the query holds the user's condition, or values, which no error may show.
    async fn load_rows<T: connection::FromRow>(
        &mut self,
        query: &str,
        which: Option<&Which>,
    ) -> Result<Vec<T>, SourceError> {
        let (settings, connection) = (&self.settings, &mut self.connection);
        let limit = time_limit(self.visit, self.is_mariadb);
        let work = async {
            let limited = connection.batch_execute(&limit).await;
            limited.map_err(|error| failed(settings, Phase::ReadingRows, &error))?;
            connection.load_one_statement(query).await.map_err(|error| {
                let shows_values = !matches!(which, Some(Which::Where(_)));
                let error = if shows_values { error.without_words() } else { error };
                failed(settings, Phase::ReadingRows, &error)
            })
        };
        self.visit.deadline.within(&settings.place, Phase::ReadingRows, work).await
    }

    async fn shape(&mut self, name: &TableName) -> Result<TableShape, SourceError> {
        let schema = name.schema.as_deref().unwrap_or(&self.settings.database).to_owned();
        let of = |table: &str| {
            format!(
                "{table}.table_schema = {} AND {table}.table_name = {}",
                literal(&schema),
                literal(&name.name)
            )
        };
        // A view would call its functions.
        let kinds: Vec<(i64,)> = self
            .load(&format!(
                "SELECT CAST(t.table_type = 'BASE TABLE' AND t.engine = 'InnoDB' AS SIGNED) FROM information_schema.tables t WHERE {}",
                of("t")
            ))
            .await?;
        if kinds != [(1,)] {
            let failure = Failure::Unasked(format!("`{name}` is no table of InnoDB"));
            return Err(failed(&self.settings, Phase::ReadingRows, &failure));
        }
        let columns: Vec<ColumnRow> = self
            .load(&format!(
                "SELECT c.column_name AS name, c.is_nullable AS nullable, c.extra AS extra, c.column_default AS default_text, \
                        c.data_type AS data_type, c.column_type AS column_type \
                   FROM information_schema.columns c WHERE {} ORDER BY c.ordinal_position",
                of("c")
            ))
            .await?;
        let indexes: Vec<IndexRow> = self
            .load(&format!(
                "SELECT s.index_name AS name, CAST(s.non_unique = 0 AS SIGNED) AS is_unique, s.column_name AS column_name, \
                        CAST(s.sub_part IS NULL AND s.index_type = 'BTREE' AS SIGNED) AS is_whole \
                   FROM information_schema.statistics s WHERE {}",
                of("s")
            ))
            .await?;
        Ok(shape(name, columns, indexes, self.is_mariadb))
    }
}

impl Rows for Transaction {
    fn shapes<'a>(&'a mut self, tables: &'a [TableName]) -> Asking<'a, Vec<TableShape>> {
        Box::pin(async move {
            let mut shapes = Vec::new();
            for name in tables {
                shapes.push(self.shape(name).await?);
            }
            Ok(shapes)
        })
    }

    fn read<'a>(
        &'a mut self,
        shape: &'a TableShape,
        which: &'a Which,
        most: usize,
    ) -> Asking<'a, Vec<RowRead>> {
        Box::pin(async move {
            let texts = shape.columns.iter().map(text_of);
            let columns: Vec<String> = texts.chain(shape.columns.iter().filter_map(order_of)).collect();
            // A statement that looks like the delete goes through the rows as the delete does.
            let order = clustered(shape).map_or_else(String::new, |index| {
                let names = index.columns.iter().map(|&at| named(&shape.columns[at]));
                format!(" ORDER BY {}", names.collect::<Vec<_>>().join(", "))
            });
            let query = format!(
                "SELECT {} FROM {} t WHERE {}{order} LIMIT {most}",
                columns.join(", "),
                table(&shape.name),
                condition(shape, which)
            );
            let rows: Vec<Texts> = self.load_rows(&query, Some(which)).await?;
            let mut read = Vec::with_capacity(rows.len());
            for (at, row) in rows.into_iter().enumerate() {
                // Nothing waits for anything here, so nothing else looks at the clock.
                if at.is_multiple_of(1024) && self.visit.deadline.left().is_zero() {
                    let place = self.settings.place.clone();
                    return Err(self.visit.deadline.passed(place, Phase::ReadingRows));
                }
                read.push(row.into_row(shape));
            }
            Ok(read)
        })
    }

    fn tally<'a>(
        &'a mut self,
        shape: &'a TableShape,
        columns: &'a [usize],
        values: &'a [Vec<Arc<str>>],
    ) -> Asking<'a, Vec<(Vec<Value>, u64)>> {
        Box::pin(async move {
            let texts: Vec<String> = columns.iter().map(|&at| text_of(&shape.columns[at])).collect();
            let names: Vec<String> = columns.iter().map(|&at| named(&shape.columns[at])).collect();
            let query = format!(
                "SELECT {}, CAST(COUNT(*) AS CHAR) FROM {} t WHERE {} GROUP BY {}",
                texts.join(", "),
                table(&shape.name),
                held(columns, values, |column, values| equal(shape, column, values)),
                names.join(", ")
            );
            let rows: Vec<Texts> = self.load_rows(&query, None).await?;
            let tallied = |Texts(mut texts): Texts| {
                let count = texts.pop().flatten().and_then(|count| count.parse().ok()).unwrap_or_default();
                (texts, count)
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
            let others: Vec<String> = others.iter().map(|other| condition(shape, other)).collect();
            let alone = first_alone(&condition(shape, which), &others);
            let query = format!("SELECT COUNT(*) FROM {} t WHERE {alone}", table(&shape.name));
            let rows: Vec<(i64,)> = self.load_rows(&query, None).await?;
            Ok(rows.first().map_or(0, |(count,)| count.unsigned_abs()))
        })
    }

    fn leave(self: Box<Self>) -> std::pin::Pin<Box<dyn Future<Output = ()> + Send>> {
        let farewell = self.visit.deadline.left_for(connection::FAREWELL);
        Box::pin(self.connection.close_within(farewell))
    }
}

row! {
    struct ColumnRow {
        name: String,
        nullable: String,
        extra: String,
        default_text: Option<String>,
        data_type: String,
        column_type: String,
    }
}

row! {
    /// One column of an index.
    struct IndexRow {
        name: String,
        is_unique: i64,
        column_name: Option<String>,
        is_whole: i64,
    }
}

/// A row of texts.
struct Texts(Vec<Value>);

impl connection::FromRow for Texts {
    fn from_row(row: &mut connection::Row) -> Result<Self, Failure> {
        let text = |at: usize| {
            let text: Option<Option<String>> = row.get_opt(at).and_then(Result::ok);
            text.ok_or_else(|| Failure::Column((at + 1).to_string()))
        };
        (0..row.len()).map(|at| Ok(text(at)?.map(Arc::from))).collect::<Result<_, _>>().map(Texts)
    }
}

impl Texts {
    /// The values, then the order of those that have one of their own. A row lies where its primary key says.
    fn into_row(self, shape: &TableShape) -> RowRead {
        let mut values = self.0;
        let mut own = values.split_off(shape.columns.len().min(values.len())).into_iter();
        let order = shape.columns.iter().zip(&values).map(|(column, value)| match column.order {
            ValueOrder::Written => value.as_ref().map(|value| written(value, column.literal)),
            ValueOrder::Collation => own.next().flatten().map(Part::Text),
            ValueOrder::Label => own.next().flatten().as_ref().map(Part::of),
        });
        let order: Vec<Option<Part>> = order.collect();
        let columns: Vec<usize> = clustered(shape)
            .map_or_else(|| (0..shape.columns.len()).collect(), |index| index.columns.clone());
        let part = |&at: &usize| order[at].clone().unwrap_or(Part::Number(i128::MIN));
        RowRead { place: columns.iter().map(part).collect(), values, order }
    }
}

/// A number with a fraction has as many digits there as all others of its column.
fn written(value: &Arc<str>, literal: Literal) -> Part {
    match literal {
        Literal::Plain if value.contains('.') => Part::of(&value.replace('.', "").into()),
        Literal::Plain => Part::of(value),
        _ => Part::Text(Arc::clone(value)),
    }
}

fn clustered(shape: &TableShape) -> Option<&IndexShape> {
    shape.indexes.iter().find(|index| index.clustered)
}

fn shape(name: &TableName, columns: Vec<ColumnRow>, indexes: Vec<IndexRow>, is_mariadb: bool) -> TableShape {
    let columns: Vec<ColumnShape> = columns
        .into_iter()
        .map(|row| ColumnShape {
            default: default_value(row.default_text.as_deref(), is_mariadb),
            nullable: row.nullable == "YES",
            generated: super::merge::is_generated(&row.extra),
            literal: literal_of(&row.data_type, &row.column_type),
            order: order_by(&row.data_type),
            name: row.name,
        })
        .collect();
    // As it lists them, which is the order in which a CREATE TABLE makes them.
    let mut names: Vec<String> = Vec::new();
    let mut by_name: HashMap<String, Option<IndexShape>> = HashMap::new();
    for row in indexes {
        if !names.contains(&row.name) {
            names.push(row.name.clone());
        }
        let at = row
            .column_name
            .and_then(|column| columns.iter().position(|known| known.name.eq_ignore_ascii_case(&column)));
        let index = by_name.entry(row.name.clone()).or_insert_with(|| {
            Some(IndexShape {
                clustered: row.name == "PRIMARY",
                name: row.name,
                columns: Vec::new(),
                unique: row.is_unique == 1,
                nulls_are_equal: false,
            })
        });
        match (at, index.as_mut()) {
            (Some(at), Some(index)) if row.is_whole == 1 => index.columns.push(at),
            _ => *index = None,
        }
    }
    let indexes = names.iter().filter_map(|name| by_name.remove(name).flatten()).collect();
    TableShape::new(name.clone(), columns, indexes)
}

/// MariaDB writes NULL as a word and a text in quotes, MySQL writes a text as it is.
fn default_value(text: Option<&str>, is_mariadb: bool) -> DefaultValue {
    match text {
        None => DefaultValue::Constant(None),
        Some(text) if is_mariadb && text.eq_ignore_ascii_case("NULL") => DefaultValue::Constant(None),
        Some(_) => DefaultValue::Expression,
    }
}

fn literal_of(data_type: &str, column_type: &str) -> Literal {
    let is = |words: &[&str]| words.iter().any(|word| data_type.eq_ignore_ascii_case(word));
    if is(&["tinyint", "smallint", "mediumint", "int", "bigint", "decimal", "year"]) {
        Literal::Plain
    } else if is(&["binary", "varbinary", "tinyblob", "blob", "mediumblob", "longblob", "inet6", "uuid"])
        || column_type.contains("binary")
    {
        Literal::Hex
    } else if is(&["float", "double", "geometry", "json", "bit", "enum", "set"]) {
        Literal::None
    } else {
        Literal::Quoted
    }
}

fn order_by(data_type: &str) -> ValueOrder {
    let ends = |word: &str| data_type.to_ascii_lowercase().ends_with(word);
    if ends("char") || ends("text") {
        ValueOrder::Collation
    } else if ["enum", "set", "bit"].iter().any(|word| data_type.eq_ignore_ascii_case(word)) {
        ValueOrder::Label
    } else {
        ValueOrder::Written
    }
}

/// What its values are put in order by, where that isn't what is written.
fn order_of(column: &ColumnShape) -> Option<String> {
    let name = named(column);
    match column.order {
        ValueOrder::Written => None,
        ValueOrder::Collation => Some(format!("HEX(WEIGHT_STRING({name}))")),
        ValueOrder::Label => Some(format!("CAST({name} + 0 AS CHAR)")),
    }
}

/// A column of the table that is read.
fn named(column: &ColumnShape) -> String {
    format!("t.{}", quoted(&column.name))
}

fn text_of(column: &ColumnShape) -> String {
    let name = named(column);
    match column.literal {
        Literal::Hex => format!("HEX({name})"),
        _ => format!("CONVERT({name} USING utf8mb4)"),
    }
}

fn condition(shape: &TableShape, which: &Which) -> String {
    which.condition(|column, values| equal(shape, column, values))
}

fn equal(shape: &TableShape, column: usize, values: &[&str]) -> String {
    let column = &shape.columns[column];
    let value = |value: &&str| match column.literal {
        Literal::Plain => (*value).to_owned(),
        Literal::Hex => format!("x'{value}'"),
        Literal::Quoted | Literal::None => literal(value),
    };
    let values: Vec<String> = values.iter().map(value).collect();
    format!("{} IN ({})", named(column), values.join(", "))
}
