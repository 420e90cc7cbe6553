//! The picture of keys, a delete flowing from the parent (left) to the child (right): tables as cards with a row for each
//! of their keys, and a line into that row. The pages, the SVG file and the audit draw with it.

mod draw;
mod figure;
mod kind;
mod layout;
#[cfg(all(feature = "workspace", feature = "database"))]
mod legend;

#[cfg(all(feature = "workspace", feature = "database"))]
pub(super) use draw::{drawn, sample};
pub(super) use figure::figure;
pub(super) use kind::Kind;
#[cfg(all(feature = "workspace", feature = "database"))]
pub(super) use layout::layout;
#[cfg(all(feature = "workspace", feature = "database"))]
pub(super) use legend::legend;

use super::clean::Clean;
use crate::model::TableName;

/// Its own styles, without which it has neither colour nor dash.
pub(super) const STYLE: &str = include_str!("picture.css");
/// What lets it be searched, zoomed and asked.
pub(super) const SCRIPT: &str = include_str!("picture.js");

/// The longest name that is drawn whole.
const LONGEST: usize = 34;

#[derive(Default)]
pub(super) struct Picture {
    pub(super) tables: Vec<Table>,
    pub(super) keys: Vec<Key>,
}

pub(super) struct Table {
    /// Empty for the default schema.
    pub(super) schema: String,
    /// In full, with its schema.
    pub(super) name: String,
    /// As it is drawn.
    pub(super) shown: String,
    pub(super) look: Look,
    /// A word beside the name.
    pub(super) tag: Option<&'static str>,
    pub(super) reached: Option<Reached>,
}

/// How a table stands in a picture of one delete.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Look {
    Plain,
    /// It is deleted from.
    Root,
    /// Its rows stay.
    Stays,
}

/// What a delete from a table reaches: indices of tables and keys.
#[derive(Clone, Default)]
pub(super) struct Reached {
    pub(super) deletes: Vec<usize>,
    pub(super) by: Vec<usize>,
    pub(super) nulls: Vec<usize>,
    pub(super) defaults: Vec<usize>,
    pub(super) stops: Vec<(usize, &'static str)>,
    pub(super) orphans: Vec<usize>,
}

pub(super) struct Key {
    pub(super) child: usize,
    pub(super) parent: usize,
    /// The key in full.
    pub(super) name: String,
    /// Its columns, as they are drawn.
    pub(super) columns: String,
    /// What is said where a pointer rests on it.
    pub(super) title: String,
    pub(super) kind: Kind,
    /// What the code says otherwise, as it is drawn.
    pub(super) mark: Option<String>,
}

impl Picture {
    /// The place of a new table.
    pub(super) fn table(&mut self, name: &TableName, look: Look) -> usize {
        let clean = |text: &str| Clean::new(text).to_string();
        self.tables.push(Table {
            schema: name.schema.as_deref().map(clean).unwrap_or_default(),
            name: clean(&name.to_string()),
            shown: short(&clean(&name.name)),
            look,
            tag: None,
            reached: None,
        });
        self.tables.len() - 1
    }

    /// The kinds that are drawn.
    pub(super) fn kinds(&self) -> Vec<Kind> {
        Kind::ALL.into_iter().filter(|kind| self.keys.iter().any(|key| key.kind == *kind)).collect()
    }

    pub(super) fn has_marks(&self) -> bool {
        self.keys.iter().any(|key| key.mark.is_some())
    }

    /// Whether tables of several schemas are drawn.
    pub(super) fn has_schemas(&self) -> bool {
        self.tables.iter().any(|table| table.schema != self.tables[0].schema)
    }
}

/// The beginning and the end of a long name.
pub(super) fn short(name: &str) -> String {
    let count = name.chars().count();
    if count <= LONGEST {
        return name.to_owned();
    }
    let start: String = name.chars().take(LONGEST * 2 / 3).collect();
    let end: String = name.chars().skip(count + LONGEST * 2 / 3 + 1 - LONGEST).collect();
    format!("{start}…{end}")
}
