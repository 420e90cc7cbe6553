//! Rows, read in one read-only transaction: consistent reads, which lock nothing.

use std::collections::HashMap;
use std::sync::Arc;

use mysql_async::Error;

use super::connection::{self, Connection, Failure};
use super::fix::{literal, quoted, table};
use super::settings::Settings;
use super::{connect, failed, session};
use crate::access::{Phase, ServerUrl, SourceError};
use crate::engines::rows::{Asking, NO_ROW, Refused, Rows, Which, first_alone, held, refused};
use crate::engines::{ReadLimits, row};
use crate::model::{
    ColumnShape, DefaultValue, IndexShape, Literal, Part, Room, RowRead, TableName, TableShape, Value,
    ValueOrder, Watcher,
};

/// The transaction.
struct Transaction {
    connection: Connection,
    settings: Settings,
    visit: ReadLimits,
    is_mariadb: bool,
    /// Whether the server knows CHECK.
    has_checks: bool,
    spellings: Spellings,
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
        Ok((is_mariadb, has_checks)) => {
            let spellings = Spellings::default();
            Ok(Box::new(Transaction { connection, settings, visit, is_mariadb, has_checks, spellings }))
        }
        Err(error) => {
            connection.close().await;
            Err(error)
        }
    }
}

/// Whether it is MariaDB, and knows CHECK.
async fn begin(connection: &mut Connection, visit: ReadLimits) -> Result<(bool, bool), Failure> {
    let session = session::begin(connection).await?;
    let limit = time_limit(visit, session.is_mariadb());
    connection
        .batch_execute(&format!(
            "{limit}; SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ; \
             START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY"
        ))
        .await?;
    // MySQL before 8.0.16 doesn't.
    let views: Vec<(i64,)> = connection
        .load(
            "SELECT COUNT(*) FROM information_schema.tables t \
              WHERE t.table_schema = 'information_schema' AND t.table_name = 'CHECK_CONSTRAINTS'",
        )
        .await?;
    Ok((session.is_mariadb(), views != [(0,)]))
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

    /// As [`Transaction::load`], where an error may show values: the server's words are left out.
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
            connection.load_one_statement(query).await.map_err(|error| match (which, code(&error)) {
                (Some(Which::Where(condition)), Some(code)) if is_of_condition(code) => {
                    refused(settings.place.clone(), condition, Refused::OnARow(code.to_string()))
                }
                _ => failed(settings, Phase::ReadingRows, &error.without_words()),
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
                        c.data_type AS data_type, c.column_type AS column_type, c.collation_name AS collation, \
                        CAST(c.character_maximum_length AS SIGNED) AS length \
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
        let mut watchers = watching(&indexes);
        watchers.extend(self.checks(&schema, &name.name, &columns).await?);
        Ok(TableShape { watchers, ..shape(name, columns, indexes, self.is_mariadb) })
    }

    /// CHECKs, which hold for what a statement writes; a column that a key writes can have none.
    async fn checks(
        &mut self,
        schema: &str,
        table: &str,
        columns: &[ColumnRow],
    ) -> Result<Vec<Watcher>, SourceError> {
        if !self.has_checks {
            return Ok(Vec::new());
        }
        let (schema, table) = (literal(schema), literal(table));
        // A constraint's name is unique in MySQL's databases, and in MariaDB's tables.
        let query = if self.is_mariadb {
            format!(
                "SELECT c.constraint_name AS name, c.check_clause AS clause FROM information_schema.check_constraints c \
                  WHERE c.constraint_schema = {schema} AND c.table_name = {table}"
            )
        } else {
            format!(
                "SELECT c.constraint_name AS name, c.check_clause AS clause \
                   FROM information_schema.table_constraints t \
                   JOIN information_schema.check_constraints c \
                     ON c.constraint_schema = t.constraint_schema AND c.constraint_name = t.constraint_name \
                  WHERE t.table_schema = {schema} AND t.table_name = {table} AND t.constraint_type = 'CHECK'"
            )
        };
        let rows: Vec<CheckRow> = self.load(&query).await?;
        let watcher = |CheckRow { name, clause }: CheckRow| {
            let clause = clause.to_lowercase();
            let is_in = |column: &&ColumnRow| clause.contains(&quoted(&column.name).to_lowercase());
            let columns = columns.iter().filter(is_in).map(|column| column.name.clone()).collect();
            Watcher { name, columns }
        };
        Ok(rows.into_iter().map(watcher).collect())
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

    fn try_condition<'a>(&'a mut self, shape: &'a TableShape, condition: &'a str) -> Asking<'a, ()> {
        Box::pin(async move {
            let which = Which::Where(condition.to_owned());
            let query = format!(
                "SELECT 1 FROM {} t WHERE {}{NO_ROW}",
                table(&shape.name),
                self::condition(shape, &which)
            );
            let (settings, connection) = (&self.settings, &mut self.connection);
            let work = async {
                connection.load_one_statement::<(i64,)>(&query).await.map_err(|error| match code(&error) {
                    Some(code) if is_of_condition(code) => {
                        let words = settings.secrets.scrub(&error.to_string());
                        refused(settings.place.clone(), condition, Refused::AsItStands(words))
                    }
                    _ => failed(settings, Phase::ReadingRows, &error),
                })
            };
            self.visit.deadline.within(&settings.place, Phase::ReadingRows, work).await?;
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
                read.push(row.into_row(shape, &mut self.spellings));
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
            let texts = columns.iter().map(|&at| text_of(&shape.columns[at]));
            let orders = columns
                .iter()
                .filter_map(|&at| order_of(&shape.columns[at]))
                .map(|order| format!("MIN({order})"));
            let names: Vec<String> = columns.iter().map(|&at| named(&shape.columns[at])).collect();
            let query = format!(
                "SELECT {}, CAST(COUNT(*) AS CHAR) FROM {} t WHERE {} GROUP BY {}",
                texts.chain(orders).collect::<Vec<_>>().join(", "),
                table(&shape.name),
                held(columns, values, |column, values| equal(shape, column, values)),
                names.join(", ")
            );
            let rows: Vec<Texts> = self.load_rows(&query, None).await?;
            let columns: Vec<&ColumnShape> = columns.iter().map(|&at| &shape.columns[at]).collect();
            let tallied = |Texts(mut texts): Texts| {
                let count = texts.pop().flatten().and_then(|count| count.parse().ok()).unwrap_or_default();
                (Texts(texts).into_values(&columns, &mut self.spellings).0, count)
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

/// The server's number for it.
fn code(error: &Failure) -> Option<u16> {
    match error {
        Failure::Driver(Error::Server(server)) => Some(server.code),
        _ => None,
    }
}

/// Whether it is the user's condition that fails, and not the role's rights (1044, 1142, 1143, 1227, 1370), time (1317, 1969,
/// 3024), locks (1205, 1213) or the server (1053, 1040).
fn is_of_condition(code: u16) -> bool {
    ![1040, 1044, 1053, 1142, 1143, 1205, 1213, 1227, 1317, 1370, 1969, 3024].contains(&code)
}

row! {
    struct ColumnRow {
        name: String,
        nullable: String,
        extra: String,
        default_text: Option<String>,
        data_type: String,
        column_type: String,
        collation: Option<String>,
        length: Option<i64>,
    }
}

row! {
    /// A CHECK.
    struct CheckRow {
        name: String,
        clause: String,
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

/// Of the texts that a collation takes for equal, the first that was read: that is how all of them are written.
#[derive(Default)]
struct Spellings(HashMap<(String, Arc<str>), Arc<str>>);

impl Spellings {
    /// `weight`: what the collation makes of the text.
    fn first(&mut self, collation: &str, weight: &Arc<str>, text: Arc<str>) -> Arc<str> {
        let known = self.0.entry((collation.to_owned(), Arc::clone(weight))).or_insert(text);
        Arc::clone(known)
    }
}

impl Texts {
    /// The values, then the order of those that have one of their own.
    fn into_values(
        self,
        columns: &[&ColumnShape],
        spellings: &mut Spellings,
    ) -> (Vec<Value>, Vec<Option<Part>>) {
        let mut values = self.0;
        let mut own = values.split_off(columns.len().min(values.len())).into_iter();
        let mut orders = Vec::new();
        for (column, value) in columns.iter().zip(&mut values) {
            orders.push(match column.order {
                ValueOrder::Written => value.as_ref().map(|value| written(value, column.literal)),
                ValueOrder::Collation => own.next().flatten().map(|weight| {
                    *value = value.take().map(|text| spellings.first(&column.room.spelling, &weight, text));
                    Part::Text(weight)
                }),
                ValueOrder::Label => own.next().flatten().as_ref().map(Part::of),
            });
        }
        (values, orders)
    }

    /// A row lies where its primary key says.
    fn into_row(self, shape: &TableShape, spellings: &mut Spellings) -> RowRead {
        let (values, order) = self.into_values(&shape.columns.iter().collect::<Vec<_>>(), spellings);
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
            room: room(&row),
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

/// Unique indexes that look at a part of a column, or at an expression (MySQL).
fn watching(indexes: &[IndexRow]) -> Vec<Watcher> {
    let mut watchers: Vec<Watcher> = Vec::new();
    for row in indexes.iter().filter(|row| row.is_unique == 1 && row.is_whole == 0) {
        if watchers.iter().any(|known| known.name == row.name) {
            continue;
        }
        let of_index = || indexes.iter().filter(|other| other.name == row.name);
        // What an expression looks at isn't told.
        let columns: Option<Vec<String>> = of_index().map(|row| row.column_name.clone()).collect();
        watchers.push(Watcher { name: row.name.clone(), columns: columns.unwrap_or_default() });
    }
    watchers
}

/// Keys are between columns of one type; texts may be of several lengths.
fn room(row: &ColumnRow) -> Room {
    let kind = row.column_type.to_ascii_lowercase();
    let spelling = match (&row.collation, kind.split_once("int(")) {
        (Some(collation), _) if order_by(&row.data_type) == ValueOrder::Collation => collation.clone(),
        // The width is of no account, unless it is filled up to.
        (_, Some((size, rest))) if !rest.contains("zerofill") => {
            format!("{size}int{}", rest.trim_start_matches(|c: char| c.is_ascii_digit() || c == ')'))
        }
        _ => kind.clone(),
    };
    let is_text = row.collation.is_some() || matches!(literal_of(&row.data_type, &kind), Literal::Hex);
    let width =
        row.length.filter(|_| is_text).map_or(i32::MAX, |length| i32::try_from(length).unwrap_or(i32::MAX));
    let spelling =
        if is_text && row.collation.is_none() { row.data_type.to_ascii_lowercase() } else { spelling };
    Room { spelling, width }
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
    } else if is(&["float", "double", "geometry", "json", "bit", "enum", "set", "timestamp"]) {
        // The hour that summer time repeats is written as the one before it.
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
        ValueOrder::Collation => {
            // Blanks at the end are of no account to most collations, but for this function they are.
            let name = if pads(&column.room.spelling) { format!("RTRIM({name})") } else { name };
            Some(format!("HEX(WEIGHT_STRING({name}))"))
        }
        ValueOrder::Label => Some(format!("CAST({name} + 0 AS CHAR)")),
    }
}

/// A column of the table that is read.
fn named(column: &ColumnShape) -> String {
    format!("t.{}", quoted(&column.name))
}

fn pads(collation: &str) -> bool {
    let collation = collation.to_ascii_lowercase();
    collation != "binary" && !collation.contains("nopad") && !collation.contains("_0900_")
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
