//! `REFERENCES parent (columns) ON DELETE ..`: the clause that makes a key.

use std::ops::Range;

use super::tokens::{Cursor, Kind, Token};
use crate::model::{Action, Deferrability, MatchType};

/// A foreign key as a clause states it.
#[derive(Clone, Debug)]
pub(super) struct Clause {
    /// The constraint's name, where one is given.
    pub(super) name: Option<String>,
    /// The name of its index, where one is given.
    pub(super) index: Option<String>,
    /// The referencing columns; one for a column's own clause.
    pub(super) columns: Vec<String>,
    /// The parent's name, by parts.
    pub(super) parent: Vec<String>,
    /// The referenced columns; empty: the primary key.
    pub(super) parent_columns: Vec<String>,
    pub(super) on_delete: Action,
    pub(super) on_update: Action,
    pub(super) match_type: MatchType,
    pub(super) deferrability: Deferrability,
    pub(super) validated: bool,
    pub(super) enforced: bool,
    /// From REFERENCES to the last word of the clause.
    pub(super) bytes: Range<usize>,
}

/// Reads a clause from REFERENCES on; the cursor stands after it then.
pub(super) fn read(cursor: &mut Cursor<'_>, name: Option<String>, columns: Vec<String>) -> Option<Clause> {
    let start = cursor.peek()?.bytes.start;
    if !cursor.take("references") {
        return None;
    }
    let parent = cursor.name()?;
    let parent_columns = if cursor.peek().is_some_and(|token| token.kind == Kind::Open) {
        cursor.columns()?
    } else {
        Vec::new()
    };
    let mut clause = Clause {
        name,
        index: None,
        columns,
        parent,
        parent_columns,
        on_delete: Action::NoAction,
        on_update: Action::NoAction,
        match_type: MatchType::Simple,
        deferrability: Deferrability::NotDeferrable,
        validated: true,
        enforced: true,
        bytes: start..start,
    };
    let before = cursor.rest();
    while clause.take_option(cursor) {}
    let taken = before.len() - cursor.rest().len();
    let end = before[..taken].last().map(|token| token.bytes.end);
    clause.bytes.end = end.unwrap_or_else(|| before.first().map_or(start, |token| token.bytes.start));
    Some(clause)
}

impl Clause {
    /// Takes one option of the clause, if one comes next.
    fn take_option(&mut self, cursor: &mut Cursor<'_>) -> bool {
        if cursor.take("match") {
            if cursor.take("full") {
                self.match_type = MatchType::Full;
            } else {
                cursor.next();
            }
            return true;
        }
        if cursor.take("on delete") {
            return action(cursor).map(|action| self.on_delete = action).is_some();
        }
        if cursor.take("on update") {
            return action(cursor).map(|action| self.on_update = action).is_some();
        }
        if take_deferrability(cursor, &mut self.deferrability) {
            return true;
        }
        if cursor.take("not valid") {
            self.validated = false;
            return true;
        }
        if cursor.take("not enforced") {
            (self.enforced, self.validated) = (false, false);
            return true;
        }
        cursor.take("enforced")
    }
}

/// `DEFERRABLE`, `NOT DEFERRABLE`, `INITIALLY DEFERRED`, `INITIALLY IMMEDIATE`.
pub(super) fn take_deferrability(cursor: &mut Cursor<'_>, value: &mut Deferrability) -> bool {
    if cursor.take("not deferrable") {
        *value = Deferrability::NotDeferrable;
    } else if cursor.take("deferrable") {
        if *value == Deferrability::NotDeferrable {
            *value = Deferrability::Immediate;
        }
    } else if cursor.take("initially deferred") {
        // It implies DEFERRABLE.
        *value = Deferrability::Deferred;
    } else if cursor.take("initially immediate") {
        if *value == Deferrability::Deferred {
            *value = Deferrability::Immediate;
        }
    } else {
        return false;
    }
    true
}

fn action(cursor: &mut Cursor<'_>) -> Option<Action> {
    let columns = |cursor: &mut Cursor<'_>| match cursor.peek() {
        Some(Token { kind: Kind::Open, .. }) => cursor.columns(),
        _ => Some(Vec::new()),
    };
    if cursor.take("cascade") {
        Some(Action::Cascade)
    } else if cursor.take("restrict") {
        Some(Action::Restrict)
    } else if cursor.take("no action") {
        Some(Action::NoAction)
    } else if cursor.take("set null") {
        Some(Action::SetNull(columns(cursor)?))
    } else if cursor.take("set default") {
        Some(Action::SetDefault(columns(cursor)?))
    } else {
        None
    }
}
