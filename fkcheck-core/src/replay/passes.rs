//! In which order ALTER TABLE carries out its actions, and which of them need an eye.

use super::dialect::Dialect;
use super::table;
use super::tokens::{Cursor, Token};

/// What MariaDB does not do as it is written: a table that is named anew and changed otherwise at once loses keys, and
/// `DROP CONSTRAINT` does nothing where the rest makes it copy the table, for a key that is added, say, or for its primary
/// key that goes.
pub(super) fn is_treacherous(action: &[Token], all: &[&[Token]]) -> bool {
    let cursor = Cursor::new(action);
    let copies = |other: &&[Token]| {
        let mut cursor = Cursor::new(other);
        !cursor.peeks("drop constraint")
            && !cursor.peeks("drop foreign key")
            && (!cursor.take("add") || other.iter().any(|token| token.is("references")))
    };
    cursor.peeks("rename") && !renames_part(action)
        || cursor.peeks("drop constraint") && all.iter().any(copies)
}

/// Whether an action is about columns, which parts have as the whole has them.
pub(super) fn is_of_columns(action: &[Token], dialect: &Dialect) -> bool {
    let mut cursor = Cursor::new(action);
    if cursor.take("rename") {
        return !cursor.peeks_any(&["to", "constraint"]);
    }
    cursor.take_any(&["add", "drop", "alter"]) && !table::is_constraint(&cursor, dialect)
}

/// `RENAME COLUMN`, `RENAME INDEX`; else it is the table that gets another name.
fn renames_part(action: &[Token]) -> bool {
    action.get(1).is_some_and(|what| ["column", "index", "key"].iter().any(|word| what.is(word)))
}

/// The order in which PostgreSQL carries out the actions of one ALTER TABLE, whatever order they stand in: what is dropped,
/// types, columns, unique constraints, keys, and the rest.
pub(super) fn pass(action: &[Token], dialect: &Dialect) -> u8 {
    let mut cursor = Cursor::new(action);
    if cursor.take("drop") {
        return 0;
    }
    if cursor.take("add") {
        return match (action.iter().any(|token| token.is("foreign")), table::is_constraint(&cursor, dialect))
        {
            (true, _) => KEYS,
            (false, true) => 4,
            (false, false) => 2,
        };
    }
    if cursor.take("alter column") || cursor.take("alter") && !cursor.peeks("constraint") {
        cursor.next();
        return match () {
            () if cursor.take("drop") => 0,
            () if cursor.peeks_any(&["type", "set data type"]) => 1,
            () if cursor.take("set not null") => 3,
            () => KEYS,
        };
    }
    KEYS + 1
}

/// The pass of keys; those in columns' own definitions come first.
pub(super) const KEYS: u8 = 5;
