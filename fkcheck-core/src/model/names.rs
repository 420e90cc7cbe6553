//! Names as SQL has them.

use std::fmt;

/// A table's SQL name, as written: no quotes, no folding.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TableName {
    /// The schema, where one is written. `None` means the source's default schema.
    pub schema: Option<String>,
    /// The table itself.
    pub name: String,
}

impl TableName {
    /// A table of the default schema.
    pub fn bare(name: impl Into<String>) -> Self {
        TableName { schema: None, name: name.into() }
    }

    /// A table of a named schema.
    pub fn qualified(schema: impl Into<String>, name: impl Into<String>) -> Self {
        TableName { schema: Some(schema.into()), name: name.into() }
    }
}

impl fmt::Display for TableName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(schema) = &self.schema {
            write!(f, "{schema}.")?;
        }
        f.write_str(&self.name)
    }
}

/// What identifies a foreign key: the child table and its referencing columns. Never the constraint's name.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct KeyName {
    /// The child table.
    pub table: TableName,
    /// The referencing columns, in the order in which they pair with the parent's.
    pub columns: Vec<String>,
}

impl KeyName {
    /// Whether both are of one table and the same columns, in any order.
    pub fn is_on_the_columns_of(&self, other: &KeyName) -> bool {
        self.table == other.table
            && self.columns.len() == other.columns.len()
            && other.columns.iter().all(|column| self.columns.contains(column))
    }

    /// As a command takes it in a shell: `batch_jobs.org_id`, `"line_items.(order_id, region)"`.
    pub fn as_argument(&self) -> String {
        let text = self.to_string();
        let is_plain = |c: char| c.is_alphanumeric() || matches!(c, '_' | '.' | '-');
        if text.chars().all(is_plain) {
            text
        } else if text.contains(['"', '$', '`', '\\', '!']) {
            // A name must not become a command of its own.
            format!("'{}'", text.replace('\'', "'\\''"))
        } else {
            format!("\"{text}\"")
        }
    }
}

impl fmt::Display for KeyName {
    /// `batch_jobs.org_id`, or `line_items.(order_id, region)`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.columns[..] {
            [column] => write!(f, "{}.{column}", self.table),
            columns => write!(f, "{}.({})", self.table, columns.join(", ")),
        }
    }
}

/// Diesel's own table, of the migrations that are applied.
#[cfg(feature = "database")]
pub(crate) const APPLIED_TABLE: &str = "__diesel_schema_migrations";

/// The longest identifier of PostgreSQL, in bytes: it cuts what is longer.
#[cfg(feature = "collect")]
pub(crate) const POSTGRES_LONGEST_NAME: usize = 63;

/// At most so many bytes of a name, cut at a character's border as PostgreSQL does it.
pub(crate) fn truncated(name: &str, bytes: usize) -> &str {
    let end = (0..=bytes.min(name.len())).rev().find(|&end| name.is_char_boundary(end));
    &name[..end.unwrap_or_default()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shell_takes_a_key_for_one_argument() {
        let key = |columns: &[&str]| KeyName {
            table: TableName::bare("t"),
            columns: columns.iter().map(|column| (*column).to_owned()).collect(),
        };
        for (columns, argument) in [
            (&["a"][..], "t.a"),
            (&["a", "b"], "\"t.(a, b)\""),
            (&["it's"], "\"t.it's\""),
            (&["$(reboot) it's"], "'t.$(reboot) it'\\''s'"),
        ] {
            assert_eq!(key(columns).as_argument(), argument);
        }
    }
}
