//! Whether a place in a source file is that of a key's annotation, told by the text around it: no parser of the tool's
//! has a say.

use std::ops::Range;

use fkcheck_core::model::{Action, KeyName};

/// Checks that the span is the action of the annotation that speaks of this key.
pub(super) fn check(text: &str, span: Range<usize>, key: &KeyName, declared: &Action) -> Result<(), String> {
    let spelling = &text[span.clone()];
    let words: &[&str] = match declared {
        Action::NoAction => &["no_action", "restrict"],
        Action::Restrict => &["restrict", "no_action"],
        Action::Cascade => &["cascade"],
        Action::SetNull(_) => &["set_null"],
        Action::SetDefault(_) => &["set_default"],
    };
    if !words.iter().any(|word| spelling.starts_with(word)) {
        return Err(format!("the span is `{spelling}`"));
    }
    let text = &without_comments(text);
    let line = line_around(text, span.start);
    let Some(attribute) = attribute_around(text, &span) else {
        // A line of `foreign_keys!`, which may be several.
        let start = text[..span.start].rfind(['{', ';']).map_or(0, |end| end + 1);
        let (child, rest) = text[start..span.start].split_once('(').ok_or("no columns before it")?;
        let columns = rest.split(')').next().unwrap_or_default();
        let table = child.trim().rsplit("::").next().unwrap_or_default().trim_start_matches("r#");
        return told(table == key.table.name && same(columns, &key.columns), line);
    };
    if let Some((_, rest)) = attribute.split_once("columns(") {
        let columns = rest.split(')').next().unwrap_or_default();
        let after = text[span.end..].split_once("struct ").map_or("", |(_, after)| after);
        let before = &text[..span.start];
        return told(same(columns, &key.columns) && serves(before, after, key), line);
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
    let column = &key.columns[0];
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

/// The same length without lines that are comments.
fn without_comments(text: &str) -> String {
    text.split_inclusive('\n')
        .map(
            |line| if line.trim_start().starts_with("//") { " ".repeat(line.len()) } else { line.to_owned() },
        )
        .collect()
}

/// The attribute that the span lies in.
fn attribute_around<'a>(text: &'a str, span: &Range<usize>) -> Option<&'a str> {
    let start = text[..span.start].rfind("#[")?;
    let is_closed =
        text[start..span.start].matches('[').count() == text[start..span.start].matches(']').count();
    let end = span.end + text[span.end..].find(']')?;
    (!is_closed).then_some(&text[start..end])
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
fn serves(before: &str, after: &str, key: &KeyName) -> bool {
    let attributes = &before[before.rfind(['}', ';']).map_or(0, |end| end + 1)..];
    let table = &key.table.name;
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

#[cfg(test)]
mod tests {
    use fkcheck_core::model::TableName;

    use super::*;

    const TEXT: &str = "
#[diesel(table_name = posts)]
#[fk(columns(a, b), references = users(a, b), on_delete = cascade)]
pub struct Post {
    #[fk(on_delete = cascade)]
    /// Of whom; [sic]
    #[diesel(column_name = user_id)]
    pub user: i64,
    #[fk(on_delete = cascade)]
    pub(crate) editor_id: i64,
}
foreign_keys! {
    audits (user_id) -> users (id), on_delete = cascade;
    audits (editor_id) -> users (id),
        on_delete = cascade;
}
";

    /// Which of the places of `cascade` are taken for that of this key.
    fn places(table: &str, columns: &[&str]) -> Vec<usize> {
        let key = KeyName {
            table: TableName::bare(table),
            columns: columns.iter().map(|&column| column.to_owned()).collect(),
        };
        let spans = TEXT.match_indices("cascade").map(|(at, word)| at..at + word.len());
        spans
            .enumerate()
            .filter(|(_, span)| check(TEXT, span.clone(), &key, &Action::Cascade).is_ok())
            .map(|(at, _)| at)
            .collect()
    }

    #[test]
    fn each_key_has_one_place() {
        assert_eq!(places("posts", &["b", "a"]), [0]);
        assert_eq!(places("posts", &["user_id"]), [1]);
        assert_eq!(places("posts", &["editor_id"]), [2]);
        assert_eq!(places("audits", &["user_id"]), [3]);
        assert_eq!(places("audits", &["editor_id"]), [4]);
        assert_eq!(places("posts", &["user"]), [0; 0]);
        assert_eq!(places("users", &["user_id"]), [0; 0]);
    }
}
