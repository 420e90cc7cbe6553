//! One line: words, names in quotes where they need them, lists in parentheses.

use std::fmt::Write as _;

use crate::model::{Action, TableName};

/// A name as it stands in a line: bare if it is a plain identifier, else in quotes with escapes.
pub(super) fn name(name: &str) -> String {
    if !name.is_empty() && name.chars().all(|c| c.is_alphanumeric() || c == '_' || c == '$') {
        return name.to_owned();
    }
    text(name)
}

/// A text in quotes, with escapes.
pub(super) fn text(text: &str) -> String {
    let mut quoted = String::from('"');
    for c in text.chars() {
        match c {
            '"' | '\\' => quoted.extend(['\\', c]),
            // Control characters, directions and line ends: nothing in the file may look like something else.
            c if !c.is_alphanumeric() && !c.is_ascii_punctuation() && c != ' ' => {
                let _ = write!(quoted, "\\u{{{:x}}}", u32::from(c));
            }
            c => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}

#[cfg(all(feature = "workspace", feature = "database"))]
pub(super) fn table(table: &TableName) -> String {
    match &table.schema {
        Some(schema) => format!("{}.{}", name(schema), name(&table.name)),
        None => name(&table.name),
    }
}

#[cfg(all(feature = "workspace", feature = "database"))]
pub(super) fn list(names: &[String]) -> String {
    let names: Vec<String> = names.iter().map(|column| name(column)).collect();
    format!("({})", names.join(","))
}

#[cfg(all(feature = "workspace", feature = "database"))]
pub(super) fn action(action: &Action) -> String {
    match action {
        Action::NoAction => "no_action".to_owned(),
        Action::Restrict => "restrict".to_owned(),
        Action::Cascade => "cascade".to_owned(),
        Action::SetNull(columns) if columns.is_empty() => "set_null".to_owned(),
        Action::SetNull(columns) => format!("set_null{}", list(columns)),
        Action::SetDefault(columns) if columns.is_empty() => "set_default".to_owned(),
        Action::SetDefault(columns) => format!("set_default{}", list(columns)),
    }
}

/// Reads a line from left to right; every failure says what was expected.
pub(super) struct Words<'a> {
    rest: &'a str,
}

type Read<T> = Result<T, String>;

impl<'a> Words<'a> {
    pub(super) fn new(line: &'a str) -> Self {
        Words { rest: line }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    /// Takes `text` if it is next.
    pub(super) fn take(&mut self, text: &str) -> bool {
        self.rest.strip_prefix(text).map(|rest| self.rest = rest).is_some()
    }

    pub(super) fn is_next(&self, text: &str) -> bool {
        self.rest.starts_with(text)
    }

    pub(super) fn expect(&mut self, text: &str) -> Read<()> {
        if self.take(text) { Ok(()) } else { Err(format!("expected `{text}` before `{}`", self.rest)) }
    }

    /// Plain letters, as keys and values have.
    pub(super) fn word(&mut self) -> Read<&'a str> {
        let end = self.rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(self.rest.len());
        let (word, rest) = self.rest.split_at(end);
        if word.is_empty() {
            return Err(format!("expected a word before `{}`", self.rest));
        }
        self.rest = rest;
        Ok(word)
    }

    pub(super) fn name(&mut self) -> Read<String> {
        if self.take("\"") {
            return self.quoted();
        }
        let end = self
            .rest
            .find(|c: char| !(c.is_alphanumeric() || c == '_' || c == '$'))
            .unwrap_or(self.rest.len());
        let (name, rest) = self.rest.split_at(end);
        if name.is_empty() {
            return Err(format!("expected a name before `{}`", self.rest));
        }
        self.rest = rest;
        Ok(name.to_owned())
    }

    fn quoted(&mut self) -> Read<String> {
        let mut name = String::new();
        let mut chars = self.rest.char_indices();
        while let Some((at, c)) = chars.next() {
            match c {
                '"' => {
                    self.rest = &self.rest[at + 1..];
                    return Ok(name);
                }
                '\\' => match chars.next() {
                    Some((_, 'u')) => {
                        let code: String = chars
                            .by_ref()
                            .map(|(_, c)| c)
                            .skip_while(|c| *c == '{')
                            .take_while(|c| *c != '}')
                            .collect();
                        let c = u32::from_str_radix(&code, 16).ok().and_then(char::from_u32);
                        name.push(c.ok_or_else(|| format!("`\\u{{{code}}}` is no character"))?);
                    }
                    Some((_, c)) => name.push(c),
                    None => break,
                },
                c => name.push(c),
            }
        }
        Err("a quoted name without its closing quote".to_owned())
    }

    pub(super) fn table(&mut self) -> Read<TableName> {
        let first = self.name()?;
        Ok(if self.take(".") { TableName::qualified(first, self.name()?) } else { TableName::bare(first) })
    }

    /// `(a,billing.b)`
    pub(super) fn tables(&mut self) -> Read<Vec<TableName>> {
        self.expect("(")?;
        let mut tables = Vec::new();
        while !self.take(")") {
            if !tables.is_empty() {
                self.expect(",")?;
            }
            tables.push(self.table()?);
        }
        Ok(tables)
    }

    pub(super) fn list(&mut self) -> Read<Vec<String>> {
        self.expect("(")?;
        let mut names = Vec::new();
        if self.take(")") {
            return Ok(names);
        }
        loop {
            names.push(self.name()?);
            if self.take(")") {
                return Ok(names);
            }
            self.expect(",")?;
        }
    }

    pub(super) fn action(&mut self) -> Read<Action> {
        let word = self.word()?;
        let columns = if self.rest.starts_with('(') { self.list()? } else { Vec::new() };
        match (word, columns.is_empty()) {
            ("no_action", true) => Ok(Action::NoAction),
            ("restrict", true) => Ok(Action::Restrict),
            ("cascade", true) => Ok(Action::Cascade),
            ("set_null", _) => Ok(Action::SetNull(columns)),
            ("set_default", _) => Ok(Action::SetDefault(columns)),
            _ => Err(format!("`{word}` is no action")),
        }
    }

    /// Whether another ` key=` or ` flag` follows.
    pub(super) fn next_attribute(&mut self) -> Read<bool> {
        if self.is_empty() {
            return Ok(false);
        }
        self.expect(" ")?;
        Ok(true)
    }
}
