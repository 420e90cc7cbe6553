//! Deletes and updates in the text of an SQL statement: words, not a parser, for the text may be cut or put together.

use super::raw::{RawDeed, Set};
use crate::model::{By, Rows, TableName};

/// What the text does to rows, in its order.
pub(super) fn deeds(text: &str) -> Vec<RawDeed> {
    let words = words(text);
    let mut deeds = Vec::new();
    for at in 0..words.len() {
        let is = |offset: usize, word: &str| {
            words.get(at + offset).is_some_and(|found| found.eq_ignore_ascii_case(word))
        };
        if is(0, "delete") && is(1, "from") {
            let at_name = at + if is(2, "only") { 3 } else { 2 };
            let ends = words[at..].iter().position(|word| word == ";").map_or(words.len(), |end| at + end);
            let narrows =
                words[at..ends].iter().any(|word| ["where", "using"].contains(&&*word.to_ascii_lowercase()));
            let rows = if narrows { Rows::Some } else { Rows::All };
            let names = words[at..ends].iter();
            let names = names.map(|word| unquoted(word.rsplit('.').next().unwrap_or(word))).collect();
            deeds.push(RawDeed::Sql {
                table: words.get(at_name).and_then(|name| table(name)),
                by: By::Sql,
                rows,
                names,
            });
        } else if is(0, "truncate") && (at == 0 || words[at - 1] == ";") {
            deeds.extend(truncates(&words[at + 1..]));
        } else if is(0, "update") && is(2, "set") {
            let Some(table) = words.get(at + 1).and_then(|name| table(name)) else { continue };
            deeds.push(RawDeed::SqlUpdate { table, sets: sets(&words[at + 3..]) });
        }
    }
    deeds
}

/// `[TABLE] [ONLY] a, b [CASCADE]`
fn truncates(words: &[String]) -> Vec<RawDeed> {
    let ends = words.iter().position(|word| word == ";").unwrap_or(words.len());
    let words = &words[..ends];
    let is = |word: &String, other: &str| word.eq_ignore_ascii_case(other);
    let cascades = words.iter().any(|word| is(word, "cascade"));
    let names = words.iter().filter(|word| !is(word, "table") && !is(word, "only") && *word != "*");
    let names = names
        .take_while(|word| !["restart", "continue", "cascade", "restrict"].iter().any(|end| is(word, end)));
    names
        .filter(|word| *word != ",")
        .map(|name| RawDeed::Sql {
            table: table(name),
            by: By::Truncate { cascades },
            rows: Rows::All,
            names: Vec::new(),
        })
        .collect()
}

/// `a = NULL, b = 1 WHERE ..`
fn sets(words: &[String]) -> Vec<Set> {
    let ends = ["where", "from", "returning", ";"];
    let end =
        words.iter().position(|word| ends.contains(&&*word.to_ascii_lowercase())).unwrap_or(words.len());
    let mut sets = Vec::new();
    for at in 1..end {
        if words[at] == "=" && (at == 1 || words[at - 2] == ",") {
            let value = words.get(at + 1).map(|value| value.to_ascii_lowercase());
            let clears = value.is_some_and(|value| ["null", "false", "0"].contains(&&*value));
            sets.push(Set { column: unquoted(&words[at - 1]), clears });
        }
    }
    sets
}

/// `a`, `s.a`, `"S"."A"`; `None` for what is put in.
fn table(name: &str) -> Option<TableName> {
    if name.is_empty() || name.contains(['{', '}', '(', '$', '?']) {
        return None;
    }
    let parts: Vec<String> = name.split('.').map(unquoted).collect();
    match &parts[..] {
        [table] => Some(TableName::bare(table.clone())),
        [schema, table] => Some(TableName { schema: Some(schema.clone()), name: table.clone() }),
        _ => None,
    }
}

fn unquoted(word: &str) -> String {
    word.trim_matches(['"', '`', '[', ']']).to_owned()
}

/// Words, quoted names and dots kept together; comments and strings left out; signs by themselves.
fn words(text: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        if rest.starts_with("--") {
            rest = rest.find('\n').map_or("", |end| &rest[end..]);
            continue;
        }
        if rest.starts_with("/*") {
            rest = rest.find("*/").map_or("", |end| &rest[end + 2..]);
            continue;
        }
        if first == '\'' {
            rest = rest[1..].find('\'').map_or("", |end| &rest[end + 2..]);
            words.push("''".to_owned());
            continue;
        }
        let length = length_of_word(rest);
        if length > 0 {
            words.push(rest[..length].to_owned());
            rest = &rest[length..];
            continue;
        }
        if !first.is_whitespace() {
            words.push(first.to_string());
        }
        rest = &rest[first.len_utf8()..];
    }
    words
}

/// How many bytes the name or word at the start has; 0 where there is none.
fn length_of_word(text: &str) -> usize {
    let mut quote = None;
    for (at, character) in text.char_indices() {
        match quote {
            Some(open) if character == open => quote = None,
            Some(_) => {}
            None if matches!(character, '"' | '`') => quote = Some(character),
            None if character.is_alphanumeric() || matches!(character, '_' | '.' | '$' | '{' | '}') => {}
            None => return at,
        }
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(text: &str) -> Vec<String> {
        let tell = |deed: RawDeed| match deed {
            RawDeed::Sql { table, by, rows, .. } => {
                format!("{by:?} {rows:?} {}", table.map_or("?".to_owned(), |table| table.to_string()))
            }
            RawDeed::SqlUpdate { table, sets } => {
                let sets =
                    sets.iter().map(|set| format!("{}{}", set.column, if set.clears { "!" } else { "" }));
                format!("Update {table} {}", sets.collect::<Vec<_>>().join(" "))
            }
            _ => unreachable!("no other deed is in a text"),
        };
        deeds(text).into_iter().map(tell).collect()
    }

    #[test]
    fn deletes_and_updates_are_found_in_texts() {
        for (text, expected) in [
            ("DELETE FROM users", "Sql All users"),
            ("delete from only users where id = $1", "Sql Some users"),
            (
                "WITH gone AS (DELETE FROM \"app\".\"Users\" WHERE true RETURNING id) SELECT 1",
                "Sql Some app.Users",
            ),
            (
                "TRUNCATE TABLE a, `b` RESTART IDENTITY CASCADE",
                "Truncate { cascades: true } All a | Truncate { cascades: true } All b",
            ),
            ("DELETE FROM {}", "Sql All ?"),
            ("SELECT 1 -- DELETE FROM users", ""),
            ("SELECT 'DELETE FROM users'", ""),
            ("UPDATE posts SET owner = NULL, n = 3 WHERE owner = 'x'", "Update posts owner! n"),
        ] {
            assert_eq!(told(text).join(" | "), expected, "{text}");
        }
    }
}
