//! The rows of `catalogue.sql`, put together by table.

use std::collections::BTreeMap;

use rusqlite::Connection;

use super::create_table::collations;
use crate::model::TableKind;

/// What SQLite tells of all its tables.
#[derive(Debug, Default)]
pub(super) struct Catalogue {
    pub(super) version: String,
    /// By folded name.
    pub(super) tables: BTreeMap<String, Table>,
}

/// What SQLite tells of a table or view.
#[derive(Debug, Default)]
pub(super) struct Table {
    pub(super) name: String,
    pub(super) create: Option<String>,
    /// Its place in the catalogue, in whose order SQLite reads the tables' texts.
    pub(super) place: i64,
    pub(super) is_view: bool,
    pub(super) is_virtual: bool,
    pub(super) columns: Vec<Column>,
    /// By the id of the pragma, which counts from the last declared.
    pub(super) keys: BTreeMap<i64, Vec<KeyPart>>,
    /// By the number of the pragma.
    pub(super) indexes: BTreeMap<i64, Index>,
    /// Its indexes and triggers that have a CREATE text, by name, in the order in which they were made.
    pub(super) others: Vec<(String, String)>,
}

#[derive(Debug)]
pub(super) struct Column {
    pub(super) name: String,
    pub(super) sql_type: String,
    pub(super) not_null: bool,
    pub(super) default: Option<String>,
    pub(super) generated: bool,
    /// From 1; 0: not part of the primary key.
    pub(super) primary_key_position: i64,
}

/// One column of a key.
#[derive(Debug)]
pub(super) struct KeyPart {
    pub(super) parent: String,
    pub(super) from: String,
    pub(super) to: Option<String>,
    pub(super) on_delete: String,
    pub(super) on_update: String,
}

#[derive(Debug, Default)]
pub(super) struct Index {
    /// `None`: an expression.
    pub(super) columns: Vec<Option<String>>,
    /// By which each of them compares.
    pub(super) collations: Vec<String>,
    pub(super) is_primary_key: bool,
    pub(super) is_unique: bool,
    /// The CREATE text of a partial index.
    pub(super) partial: Option<String>,
}

/// A row of the query: which sort of thing, of which table, two numbers, five texts.
struct Row {
    kind: i64,
    tbl: String,
    i1: i64,
    i2: i64,
    a: Option<String>,
    b: Option<String>,
    c: Option<String>,
    d: Option<String>,
    e: Option<String>,
}

impl Row {
    fn read(row: &rusqlite::Row<'_>) -> rusqlite::Result<Row> {
        let number = |at: usize| row.get::<_, Option<i64>>(at).map(Option::unwrap_or_default);
        Ok(Row {
            kind: row.get(0)?,
            tbl: row.get(1)?,
            i1: number(2)?,
            i2: number(3)?,
            a: row.get(4)?,
            b: row.get(5)?,
            c: row.get(6)?,
            d: row.get(7)?,
            e: row.get(8)?,
        })
    }
}

impl Catalogue {
    /// Reads everything in one statement.
    pub(super) fn read(connection: &Connection) -> rusqlite::Result<Catalogue> {
        let mut statement = connection.prepare(include_str!("catalogue.sql"))?;
        let mut rows = statement.query_map([], Row::read)?.collect::<rusqlite::Result<Vec<Row>>>()?;
        rows.sort_by_key(|row| (row.kind, row.i1, row.i2));
        let mut catalogue = Catalogue::default();
        for row in rows {
            catalogue.add(row);
        }
        Ok(catalogue)
    }

    fn add(&mut self, row: Row) {
        if row.kind == 4 {
            self.version = row.a.unwrap_or_default();
            return;
        }
        let table = self.tables.entry(row.tbl.to_ascii_lowercase()).or_default();
        match row.kind {
            0 => table.keys.entry(row.i1).or_default().push(KeyPart {
                parent: row.a.unwrap_or_default(),
                from: row.b.unwrap_or_default(),
                to: row.c,
                on_delete: row.d.unwrap_or_default(),
                on_update: row.e.unwrap_or_default(),
            }),
            1 => table.columns.push(Column {
                name: row.a.unwrap_or_default(),
                sql_type: row.b.unwrap_or_default(),
                not_null: row.c.as_deref() == Some("1"),
                default: row.d,
                generated: matches!(row.e.as_deref(), Some("2" | "3")),
                primary_key_position: row.i2,
            }),
            2 => {
                table.is_view = row.b.as_deref() == Some("view");
                table.is_virtual = !table.is_view && row.i1 == 0;
                table.place = row.i2;
                table.create = row.a;
                table.name = row.tbl;
            }
            5 => table.others.push((row.a.unwrap_or_default(), row.b.unwrap_or_default())),
            _ => {
                let index = table.indexes.entry(row.i1).or_default();
                index.columns.push(row.a);
                index.collations.push(row.e.unwrap_or_default());
                index.is_primary_key = row.b.as_deref() == Some("pk");
                index.partial = row.c;
                index.is_unique = row.d.as_deref() == Some("1");
            }
        }
    }

    /// The table with this name, in any case.
    pub(super) fn table(&self, name: &str) -> Option<&Table> {
        self.tables.get(&name.to_ascii_lowercase())
    }
}

/// By which columns of a table compare, where that isn't byte by byte: column and collation.
pub(super) struct Collations(Vec<(String, String)>);

impl Collations {
    pub(super) fn of(&self, column: &str) -> &str {
        let named = self.0.iter().find(|(name, _)| name.eq_ignore_ascii_case(column));
        named.map_or("BINARY", |(_, collation)| collation)
    }

    /// Whether an index is over columns alone, and compares as they do.
    pub(super) fn are_of(&self, index: &Index) -> bool {
        index.columns.iter().zip(&index.collations).all(|(column, collation)| {
            column.as_deref().is_some_and(|column| self.of(column).eq_ignore_ascii_case(collation))
        })
    }
}

impl Table {
    pub(super) fn collations(&self) -> Collations {
        Collations(self.create.as_deref().map(collations).unwrap_or_default())
    }

    pub(super) fn kind(&self) -> TableKind {
        match (self.is_view, self.is_virtual) {
            (true, _) => TableKind::View,
            (false, true) => TableKind::Virtual,
            (false, false) => TableKind::Table,
        }
    }

    pub(super) fn column(&self, name: &str) -> Option<&Column> {
        self.columns.iter().find(|column| column.name.eq_ignore_ascii_case(name))
    }

    /// The columns of the primary key, in its order.
    pub(super) fn primary_key(&self) -> Vec<&Column> {
        let mut columns: Vec<_> =
            self.columns.iter().filter(|column| column.primary_key_position > 0).collect();
        columns.sort_by_key(|column| column.primary_key_position);
        columns
    }

    /// Sets of columns, in alphabetical order, by which a key can refer to a row. Partial indexes and those over expressions are
    /// none, nor those that compare otherwise than the columns themselves.
    pub(super) fn unique_keys(&self) -> Vec<Vec<String>> {
        let collations = self.collations();
        let usable = |index: &&Index| index.is_unique && index.partial.is_none() && collations.are_of(index);
        let indexes = self.indexes.values().filter(usable);
        indexes
            .map(|index| index.columns.iter().flatten().cloned().collect())
            .chain(self.row_id().map(|row_id| vec![row_id.name.clone()]))
            .map(|mut columns: Vec<String>| {
                columns.sort_unstable();
                columns
            })
            .collect()
    }

    /// The column that is the row id itself: the one `INTEGER PRIMARY KEY`, for which SQLite makes no index.
    pub(super) fn row_id(&self) -> Option<&Column> {
        let has_index = self.indexes.values().any(|index| index.is_primary_key);
        match self.primary_key()[..] {
            [column] if !has_index && column.sql_type.eq_ignore_ascii_case("INTEGER") => Some(column),
            _ => None,
        }
    }
}
