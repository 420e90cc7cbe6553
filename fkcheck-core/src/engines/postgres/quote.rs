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
