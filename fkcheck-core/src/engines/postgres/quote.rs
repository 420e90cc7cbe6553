//! Names and texts as PostgreSQL reads them.

use crate::model::TableName;

pub(super) fn table(name: &TableName) -> String {
    let schema = name.schema.as_ref().map_or_else(String::new, |schema| format!("{}.", quoted(schema)));
    format!("{schema}{}", quoted(&name.name))
}

pub(super) fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// A query with `$1` and so on replaced by these texts: unnamed statements of a pooled connection take no parameters.
pub(super) fn filled(query: &str, values: &[String]) -> String {
    let mut parts = query.split('$');
    let mut filled = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let digits = part.find(|c: char| !c.is_ascii_digit()).unwrap_or(part.len());
        let value =
            part[..digits].parse::<usize>().ok().and_then(|number| values.get(number.checked_sub(1)?));
        filled.push_str(value.map_or("$", String::as_str));
        filled.push_str(if value.is_some() { &part[digits..] } else { part });
    }
    filled
}

/// A string, whatever `standard_conforming_strings` says.
pub(super) fn literal(text: &str) -> String {
    let doubled = text.replace('\'', "''");
    if doubled.contains('\\') {
        format!("E'{}'", doubled.replace('\\', "\\\\"))
    } else {
        format!("'{doubled}'")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_stand_where_their_numbers_were_and_are_not_read_again() {
        let values = ["'a $2'".to_owned(), "'b'".to_owned()];
        assert_eq!(filled("SELECT $1, $2, $1, $3, $", &values), "SELECT 'a $2', 'b', 'a $2', $3, $");
    }

    /// A name may hold a line's end.
    #[test]
    fn no_value_stands_in_a_comment() {
        for query in [
            include_str!("collations.sql"),
            include_str!("operators.sql"),
            include_str!("column_types.sql"),
            include_str!("relation.sql"),
        ] {
            let comments = query.lines().filter_map(|line| line.split_once("--"));
            assert!(comments.into_iter().all(|(_, comment)| !comment.contains('$')), "{query}");
        }
    }
}
