//! Whether a place in a source file is that of a key's annotation, told by the text around it: no parser of the tool's
//! has a say.

use std::ops::Range;

use fkcheck_core::model::{Action, ObservedKey};

/// Checks that the span is the action of the annotation that speaks of this key.
pub(super) fn check(text: &str, span: Range<usize>, key: &ObservedKey) -> Result<(), String> {
    let spelling = &text[span.clone()];
    let words: &[&str] = match key.on_delete {
        Action::NoAction => &["no_action", "restrict"],
        Action::Restrict => &["restrict", "no_action"],
        Action::Cascade => &["cascade"],
        Action::SetNull(_) => &["set_null"],
        Action::SetDefault(_) => &["set_default"],
    };
    if !words.iter().any(|word| spelling.starts_with(word)) {
        return Err(format!("the span is `{spelling}`"));
    }
    let line = line_around(text, span.start);
    if let Some((child, rest)) = line.split_once('(').filter(|_| line.contains(") -> ")) {
        // A line of `foreign_keys!`.
        let columns = rest.split(')').next().unwrap_or_default();
        let table = child.trim().rsplit("::").next().unwrap_or_default();
        return told(table == key.key.table.name && same(columns, &key.key.columns), line);
    }
    if let Some((_, rest)) = line.split_once("columns(") {
        let columns = rest.split(')').next().unwrap_or_default();
        let after = text[span.end..].split_once("struct ").map_or("", |(_, after)| after);
        let before = &text[..span.start];
        return told(same(columns, &key.key.columns) && serves(before, after, key), line);
    }
    // On a field, whose name comes after this and maybe more attributes.
    let mut head = text[..span.start].rsplit_once("#[").map_or("", |(head, _)| head).trim_end();
    let mut rest = text[span.end..].split_once(']').map_or("", |(_, rest)| rest).trim_start();
    let mut attributes = String::new();
    while let Some((attribute, after)) = rest.strip_prefix("#[").and_then(|rest| rest.split_once(']')) {
        attributes += attribute;
        rest = after.trim_start();
    }
    while let Some((before, attribute)) = head.strip_suffix(']').and_then(|head| head.rsplit_once("#[")) {
        attributes += attribute;
        head = before.trim_end();
    }
    if let Some(after) = rest.strip_prefix("pub") {
        rest = after.trim_start();
        rest = rest
            .strip_prefix('(')
            .and_then(|rest| rest.split_once(')'))
            .map_or(rest, |(_, rest)| rest)
            .trim_start();
    }
    let field = rest.split(':').next().unwrap_or_default().trim().trim_start_matches("r#");
    let column = &key.key.columns[0];
    let is_field = match attributes.split_once("column_name = ") {
        Some((_, named)) => named.split([',', ')']).next() == Some(column),
        None => field == column,
    };
    let (before, after) = text[..span.start].rsplit_once("struct ").ok_or("no struct before it")?;
    told(is_field && serves(before, after, key), line)
}

fn told(is_right: bool, line: &str) -> Result<(), String> {
    if is_right { Ok(()) } else { Err(format!("it points at `{}`", line.trim())) }
}

fn line_around(text: &str, at: usize) -> &str {
    let start = text[..at].rfind('\n').map_or(0, |newline| newline + 1);
    let end = text[at..].find('\n').map_or(text.len(), |newline| at + newline);
    &text[start..end]
}

fn same(listed: &str, columns: &[String]) -> bool {
    let mut listed: Vec<&str> = listed.split(',').map(str::trim).collect();
    let mut columns: Vec<&str> = columns.iter().map(String::as_str).collect();
    listed.sort_unstable();
    columns.sort_unstable();
    listed == columns
}

/// Whether the struct whose attributes end `before` and whose name begins `after` serves the key's table.
fn serves(before: &str, after: &str, key: &ObservedKey) -> bool {
    let attributes = &before[before.rfind(['}', ';']).map_or(0, |end| end + 1)..];
    let table = &key.key.table.name;
    if let Some((_, named)) = attributes.split_once("table_name") {
        let named = named.trim_start_matches([' ', '=', '"']);
        let path = named.split([',', ')', '"', ']']).next().unwrap_or_default().trim();
        return path.rsplit("::").next() == Some(table);
    }
    let name: String = after.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
    let mut default = String::new();
    for (at, c) in name.char_indices() {
        if c.is_uppercase() && at > 0 {
            default.push('_');
        }
        default.extend(c.to_lowercase());
    }
    default + "s" == *table
}
