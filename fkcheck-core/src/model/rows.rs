//! Rows of tables, as far as keys need them: what a table is made of, and what its rows hold.

use std::sync::Arc;

use super::TableName;

/// What a column holds, as the engine writes it; `None`: NULL. Equal texts are equal values.
pub type Value = Option<Arc<str>>;

/// A value that no row holds: for an update whose new values aren't known.
pub fn made_up(number: usize) -> Value {
    Some(Arc::from(format!("{MADE_UP}{number}")))
}

/// Whether it is one of those.
#[cfg(feature = "workspace")]
pub(crate) fn is_made_up(value: &str) -> bool {
    value.starts_with(MADE_UP)
}

/// No engine writes a value so.
const MADE_UP: &str = "\u{0}new ";

/// What a table is made of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TableShape {
    /// The table, as keys name it.
    pub name: TableName,
    /// Its columns, in their order.
    pub columns: Vec<ColumnShape>,
    /// Its indexes, in the order in which the engine goes through them.
    pub indexes: Vec<IndexShape>,
    /// The names of all columns, of those too that are left out above.
    pub names: Vec<String>,
    /// Whether one of those is generated from others.
    pub has_generated: bool,
    /// What may refuse a row that is written, and isn't followed.
    pub watchers: Vec<Watcher>,
    /// Into which partition a row goes, where that can be told.
    pub partitions: Option<Partitions>,
}

/// The partitions of a table, by what one column of theirs holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Partitions {
    /// The column.
    pub column: String,
    /// One for each partition.
    pub bounds: Vec<Bound>,
}

/// Which numbers a partition takes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Bound {
    /// From this one on, up to before that one.
    Range(i128, i128),
    /// These.
    List(Vec<i128>),
    /// Whatever no other does.
    Default,
}

#[cfg(feature = "workspace")]
impl Partitions {
    /// The partition that takes a value; `None`: none does.
    pub(crate) fn of(&self, value: &Value) -> Option<usize> {
        let number: Option<i128> = value.as_ref().and_then(|value| value.parse().ok());
        let takes = |bound: &Bound| match (bound, number) {
            (Bound::Range(from, to), Some(number)) => (*from..*to).contains(&number),
            (Bound::List(numbers), Some(number)) => numbers.contains(&number),
            _ => false,
        };
        let is_default = |bound: &Bound| *bound == Bound::Default;
        self.bounds.iter().position(takes).or_else(|| self.bounds.iter().position(is_default))
    }
}

/// Something that looks at rows that are written, and may refuse them: a CHECK, a unique index on an expression.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Watcher {
    /// The constraint, index, domain or table.
    pub name: String,
    /// The columns that it looks at; empty: it looks at every row that is written.
    pub columns: Vec<String>,
}

#[cfg(feature = "workspace")]
impl Watcher {
    /// Whether it looks at a row in which a column like this one is written.
    pub(crate) fn looks_at(&self, is_written: impl Fn(&str) -> bool) -> bool {
        self.columns.is_empty() || self.columns.iter().any(|column| is_written(column))
    }
}

impl TableShape {
    /// With all its columns.
    pub(crate) fn new(name: TableName, columns: Vec<ColumnShape>, indexes: Vec<IndexShape>) -> Self {
        TableShape {
            names: columns.iter().map(|column| column.name.clone()).collect(),
            has_generated: columns.iter().any(|column| column.generated),
            watchers: Vec::new(),
            partitions: None,
            name,
            columns,
            indexes,
        }
    }
}

/// A column of a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ColumnShape {
    /// Its name.
    pub name: String,
    /// Whether it takes NULL.
    pub nullable: bool,
    /// Whether only the engine writes it.
    pub generated: bool,
    /// What it gets where a statement says DEFAULT.
    pub default: DefaultValue,
    /// How a value is written in SQL.
    pub literal: Literal,
    /// By what an index puts its values in order.
    pub order: ValueOrder,
    /// What it can hold beside other columns.
    pub room: Room,
}

/// What a column can hold beside a column that it refers to, or that refers to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Room {
    /// The way in which values are written: those of columns that have it in common are equal where their texts are.
    pub spelling: String,
    /// How much it can hold, beside others of that spelling.
    pub width: i32,
}

/// By what an index puts values in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ValueOrder {
    /// By the value as it is written, where it matters at all.
    Written,
    /// By what the collation makes of it.
    Collation,
    /// By the place among the type's labels.
    Label,
}

/// What a column gets where a statement says DEFAULT.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DefaultValue {
    /// A constant; NULL where there is no default.
    Constant(Value),
    /// An expression, which is not evaluated.
    Expression,
}

/// How a value of a column is written in SQL.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Literal {
    /// In quotes.
    Quoted,
    /// As it is.
    Plain,
    /// As bytes in hexadecimal, which is how it was read.
    Hex,
    /// It can't: its type compares in a way of its own.
    None,
}

/// An index of a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IndexShape {
    /// Its name.
    pub name: String,
    /// Places in [`TableShape::columns`], in its order.
    pub columns: Vec<usize>,
    /// Whether equal rows are refused.
    pub unique: bool,
    /// Whether two NULLs are equal to it.
    pub nulls_are_equal: bool,
    /// It is the table's own order (`InnoDB`'s clustered index).
    pub clustered: bool,
}

/// A row that was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RowRead {
    /// Where it lies: tells rows apart, and its order is the one in which the engine goes through them.
    pub place: Vec<Part>,
    /// What it holds, one for each of [`TableShape::columns`].
    pub values: Vec<Value>,
    /// By what an index puts each of these in order, `None` for NULL; empty where the engine doesn't go by indexes.
    pub order: Vec<Option<Part>>,
}

/// A part of a row's place.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Part {
    /// A number: of a page, of a row, in an index.
    Number(i128),
    /// In an index.
    Text(Arc<str>),
}

impl Part {
    /// By which a value is put in order.
    pub(crate) fn of(value: &Arc<str>) -> Part {
        value.parse().map_or_else(|_| Part::Text(Arc::clone(value)), Part::Number)
    }
}

/// Rows of a table by what they hold: those in which these columns are equal to one of these rows of values.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Lookup {
    /// The table, by its place among the tables.
    pub table: usize,
    /// Places in [`TableShape::columns`].
    pub columns: Vec<usize>,
    /// What they hold; never NULL.
    pub values: Vec<Arc<str>>,
}
