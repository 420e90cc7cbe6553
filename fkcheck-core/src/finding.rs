//! One breach of a rule: words, places, ways out. Plain data that the reports print.

use crate::model::{Action, DataClass, Deferrability, KeyId, KeyName, RuleId, SourceKind, Span, TableName};
pub use crate::model::{Label, Level};

/// How much a finding matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// Worth knowing: two spellings that behave alike for a plain delete.
    Note,
    /// Likely wrong.
    Warn,
    /// The run fails.
    Deny,
}

/// What a disagreement does to data, worst first; findings are listed in this order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Consequence {
    /// The database deletes rows that the code means to keep.
    SilentDelete,
    /// The database clears columns that the code means to keep.
    SilentUpdate,
    /// Rows without a parent can come to be, or are there.
    Orphans,
    /// A delete fails that the code expects to work.
    DeleteFails,
    /// Rows stay that the code expects to go.
    RowsStay,
    /// Nothing happens to data.
    None,
}

/// One breach of one rule.
#[derive(Clone, Debug)]
pub struct Finding {
    /// The rule's name, e.g. `fk_on_delete_mismatch`.
    pub rule: RuleId,
    /// How much it matters here.
    pub severity: Severity,
    /// What it does to data.
    pub consequence: Consequence,
    /// One sentence: what is wrong.
    pub message: String,
    /// The place that the finding is about; always in a `.rs` or `.toml` file.
    pub primary: Label,
    /// Other places that matter.
    pub secondary: Vec<Label>,
    /// What follows from it, a sentence each.
    pub notes: Vec<String>,
    /// Ways out and questions, a paragraph each.
    pub help: Vec<Help>,
    /// Edits that an editor can offer.
    pub suggestions: Vec<Suggestion>,
    /// The same for programs.
    pub data: FindingData,
    /// Index of the package that the primary span lies in; `-p` filters by it.
    pub package: usize,
}

/// A way out, or a question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Help {
    /// A paragraph.
    pub text: String,
    /// Whether it says how to change the source; out of place where a migration that does so waits to be run.
    pub changes_source: bool,
}

impl From<String> for Help {
    fn from(text: String) -> Self {
        Help { text, changes_source: false }
    }
}

/// An edit: replace what `span` covers by `replacement`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Suggestion {
    /// What the edit does, e.g. `make the code agree with the database`.
    pub message: String,
    /// What is replaced; empty for an insertion.
    pub span: Span,
    /// The new text.
    pub replacement: String,
}

/// The facts behind a finding, for programs. Absent where they do not apply.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FindingData {
    /// The child table, and its referencing columns where the finding is about a key.
    pub child: Option<TableRef>,
    /// The parent.
    pub parent: Option<TableRef>,
    /// Whether keys to other parents stand on the same columns.
    pub is_one_of_several: bool,
    /// What the code states.
    pub declared: Option<KeyActions>,
    /// What the source shows.
    pub observed: Option<KeyActions>,
    /// Which kind of source it was.
    pub source: Option<SourceKind>,
    /// The constraint's name in the source.
    pub constraint: Option<String>,
    /// The source in words, without a password.
    pub source_label: Option<String>,
    /// The configured name of the database, where the workspace has several.
    pub section: Option<String>,
    /// Which side moved, where the migrations could be asked.
    pub moved: Option<Moved>,
    /// The databases in which it holds, by short name, where several were read at once; else empty.
    pub databases: Vec<String>,
    /// What the code says a child row is worth.
    pub class: Option<DataClass>,
    /// The function that it is about, as people call it, where it is about a delete in the code.
    pub function: Option<String>,
    /// The keys by child table and referencing columns, where it is about a delete in the code.
    pub keys: Vec<TableRef>,
    /// The keys by which a delete gets to the one that it is about, each way in the order in which they act.
    pub ways: Vec<Vec<Step>>,
    /// What the code's rule would do to deletes of the tables above, a line each; it is among the notes, too.
    pub further_up: Vec<String>,
    /// How a migration changes a key safely on the source's engine, in words.
    pub change_advice: Option<&'static str>,
}

impl FindingData {
    /// The note on what the code's rule would do to deletes of the tables above.
    pub fn further_note(&self) -> Option<String> {
        let lines = &self.further_up;
        (!lines.is_empty()).then(|| format!("with the code's rule, {}", lines.join("; ")))
    }

    /// Whether it is about this declared key.
    pub fn is_about(&self, id: &KeyId) -> bool {
        let is_parent = |meant: &TableName| self.parent.as_ref().is_some_and(|parent| parent.table == *meant);
        let is_child = |child: &TableRef| {
            let child = KeyName { table: child.table.clone(), columns: child.columns.clone() };
            id.key.is_on_the_columns_of(&child)
        };
        self.child.as_ref().is_some_and(is_child) && id.parent.as_ref().is_none_or(is_parent)
    }
}

/// Which of code, migrations and database differs from the other two.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Moved {
    /// The code: the annotation is wrong, or its migration isn't written yet.
    Code,
    /// The database: a migration isn't applied.
    NotApplied,
    /// The database: it was changed by hand, not by a migration.
    Database,
    /// The migrations: the database was changed by hand, and the code says what it is now.
    Migrations,
    /// No two of them agree.
    All,
}

impl Moved {
    /// For programs.
    pub fn word(self) -> &'static str {
        match self {
            Moved::Code => "code",
            Moved::NotApplied => "not_applied",
            Moved::Database => "database",
            Moved::Migrations => "migrations",
            Moved::All => "all",
        }
    }
}

/// A table and some of its columns.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct TableRef {
    /// The table.
    pub table: TableName,
    /// The columns.
    pub columns: Vec<String>,
}

/// A key on the way of a delete.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// The table that it leads to.
    pub child: TableRef,
    /// The table that it leads from.
    pub parent: TableRef,
    /// What it does.
    pub on_delete: Action,
}

/// What one side says of a key.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct KeyActions {
    /// ON DELETE.
    pub on_delete: Option<Action>,
    /// ON UPDATE.
    pub on_update: Option<Action>,
    /// Deferrability.
    pub deferrability: Option<Deferrability>,
}
