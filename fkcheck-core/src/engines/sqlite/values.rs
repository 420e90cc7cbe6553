//! How SQLite's values are written as texts, so that equal values have equal texts: 1 and 1.0 are one value, and so are `a` and `A`
//! where the column says NOCASE.

use std::sync::Arc;

use rusqlite::types::ValueRef;

use super::catalogue::Column;
use crate::model::{DefaultValue, Room, Value};

/// What a column makes of values before it keeps or compares them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Affinity {
    Number,
    Text,
    None,
}

/// The rules of "Determination Of Column Affinity", and whether what it is made of is a whole number.
fn affinity(sql_type: &str) -> (Affinity, bool) {
    let name = sql_type.to_ascii_uppercase();
    let has = |words: &[&str]| words.iter().any(|word| name.contains(word));
    match () {
        () if has(&["INT"]) => (Affinity::Number, true),
        () if has(&["CHAR", "CLOB", "TEXT"]) => (Affinity::Text, false),
        () if name.is_empty() || has(&["BLOB"]) => (Affinity::None, false),
        () => (Affinity::Number, false),
    }
}

/// What a column can hold. `is_row_id`: it is the row's own number, `is_strict`: the table is STRICT.
pub(super) fn room(column: &Column, collation: &str, is_row_id: bool, is_strict: bool) -> Room {
    let (affinity, is_whole) = affinity(&column.sql_type);
    let width = match () {
        () if is_row_id => 0,
        () if is_strict && column.sql_type.eq_ignore_ascii_case("ANY") => 2,
        () if is_strict => i32::from(affinity == Affinity::Number && !is_whole),
        () => 2,
    };
    let affinity = match affinity {
        _ if is_strict && column.sql_type.eq_ignore_ascii_case("ANY") => "any",
        Affinity::Number => "number",
        Affinity::Text => "text",
        Affinity::None => "any",
    };
    Room { spelling: format!("{affinity} {}", collation.to_ascii_lowercase()), width }
}

/// A literal, the same for all values that are equal to a column of this spelling.
pub(super) fn text(value: ValueRef<'_>, room: &Room) -> Value {
    let text = match value {
        ValueRef::Null => return None,
        ValueRef::Integer(number) => number.to_string(),
        ValueRef::Real(number) => real(number),
        ValueRef::Text(bytes) => match std::str::from_utf8(bytes) {
            Ok(text) => quoted(&folded(text, room)),
            Err(_) => format!("CAST({} AS TEXT)", hex(bytes)),
        },
        ValueRef::Blob(bytes) => hex(bytes),
    };
    Some(Arc::from(text))
}

/// What is equal to the text by the column's collation, written in one way.
fn folded(text: &str, room: &Room) -> String {
    match room.spelling.split_once(' ').map_or("", |(_, collation)| collation) {
        "nocase" => text.to_ascii_lowercase(),
        "rtrim" => text.trim_end_matches(' ').to_owned(),
        _ => text.to_owned(),
    }
}

/// A whole number is written as one.
fn real(number: f64) -> String {
    /// The first that no INTEGER holds.
    const TOO_LARGE: f64 = 9_223_372_036_854_775_808.0;
    if number.fract() == 0.0 && (-TOO_LARGE..TOO_LARGE).contains(&number) {
        // Added to zero, the one below zero is zero.
        format!("{:.0}", number + 0.0)
    } else if number.is_infinite() {
        format!("{}9e999", if number < 0.0 { "-" } else { "" })
    } else {
        format!("{number:e}")
    }
}

/// No literal holds a NUL.
fn quoted(text: &str) -> String {
    let parts = text.split('\0').map(|part| format!("'{}'", part.replace('\'', "''")));
    let parts: Vec<String> = parts.collect();
    if parts.len() == 1 { parts.concat() } else { format!("({})", parts.join(" || char(0) || ")) }
}

fn hex(bytes: &[u8]) -> String {
    let digits = bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]);
    let digits = digits.filter_map(|digit| char::from_digit(digit.into(), 16));
    format!("X'{}'", digits.collect::<String>().to_uppercase())
}

/// What the column makes of a literal; SQLite keeps the text of the clause.
pub(super) fn default_value(text: Option<&str>, room: &Room) -> DefaultValue {
    let Some(text) = text else { return DefaultValue::Constant(None) };
    let whole: Option<i64> = text.parse().ok();
    let inner = text.strip_prefix('\'').and_then(|rest| rest.strip_suffix('\''));
    let inner = inner.filter(|inner| !inner.replace("''", "").contains('\''));
    let is = |affinity: &str| room.spelling.split(' ').next() == Some(affinity);
    let value = match (whole, inner) {
        _ if text.eq_ignore_ascii_case("NULL") => return DefaultValue::Constant(None),
        (Some(number), _) if is("text") => quoted(&number.to_string()),
        (Some(number), _) => number.to_string(),
        (None, Some(inner)) => {
            let inner = inner.replace("''", "'");
            match inner.trim().parse::<i64>() {
                Ok(number) if is("number") => number.to_string(),
                // Another number, perhaps.
                Err(_)
                    if is("number")
                        && inner.trim().starts_with(|c: char| c.is_ascii_digit() || "+-.".contains(c)) =>
                {
                    return DefaultValue::Expression;
                }
                _ => quoted(&folded(&inner, room)),
            }
        }
        (None, None) => return DefaultValue::Expression,
    };
    DefaultValue::Constant(Some(Arc::from(value)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn room_of(sql_type: &str, collation: &str) -> Room {
        let column = Column {
            name: "a".to_owned(),
            sql_type: sql_type.to_owned(),
            not_null: false,
            default: None,
            generated: false,
            primary_key_position: 0,
        };
        room(&column, collation, false, false)
    }

    #[test]
    fn equal_values_have_equal_texts() {
        let (plain, nocase) = (room_of("TEXT", "BINARY"), room_of("TEXT", "NoCase"));
        let written = |value, room: &Room| text(value, room).map(|text| text.to_string());
        for (value, expected) in [
            (ValueRef::Real(1.0), "1"),
            (ValueRef::Real(-0.0), "0"),
            (ValueRef::Real(-3.0), "-3"),
            (ValueRef::Real(1.5), "1.5e0"),
            (ValueRef::Real(1e300), "1e300"),
            (ValueRef::Real(f64::NEG_INFINITY), "-9e999"),
            (ValueRef::Integer(i64::MIN), "-9223372036854775808"),
            (ValueRef::Text(b"It's"), "'It''s'"),
            (ValueRef::Text(b"a\0b"), "('a' || char(0) || 'b')"),
            (ValueRef::Text(b"\xff"), "CAST(X'FF' AS TEXT)"),
            (ValueRef::Blob(b"a"), "X'61'"),
        ] {
            assert_eq!(written(value, &plain).as_deref(), Some(expected));
        }
        assert_eq!(written(ValueRef::Text("AÄ".as_bytes()), &nocase).as_deref(), Some("'aÄ'"));
        assert_eq!(written(ValueRef::Text(b"a "), &room_of("", "rtrim")).as_deref(), Some("'a'"));
    }

    #[test]
    fn defaults_are_what_the_column_makes_of_them() {
        let of = |text: &str, sql_type: &str| match default_value(Some(text), &room_of(sql_type, "NOCASE")) {
            DefaultValue::Constant(Some(value)) => value.to_string(),
            DefaultValue::Constant(None) => "NULL".to_owned(),
            DefaultValue::Expression => "?".to_owned(),
        };
        for (text, sql_type, expected) in [
            ("null", "INT", "NULL"),
            ("+007", "INT", "7"),
            ("'2'", "INT", "2"),
            ("'2.0'", "INT", "?"),
            ("'x'", "INT", "'x'"),
            ("2", "TEXT", "'2'"),
            ("'B''s'", "TEXT", "'b''s'"),
            ("'2'", "BLOB", "'2'"),
            ("1.0", "INT", "?"),
            ("current_date", "TEXT", "?"),
            ("'a' || 'b'", "TEXT", "?"),
        ] {
            assert_eq!(of(text, sql_type), expected, "{text} {sql_type}");
        }
    }
}
