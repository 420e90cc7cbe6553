//! `use fkcheck_macros::ForeignKeys;`, where the file's own order wants it.

use proc_macro2::TokenTree;

use super::edits::{attribute, line_ending};
use super::site::imports_of;
use crate::collect::items::start_of_item;
use crate::collect::tokens::is_punct;
use crate::collect::{Places, tokens_of};

const STATEMENT: &str = "use fkcheck_macros::ForeignKeys;";

/// How a file can name the derive.
pub(super) enum Import {
    /// `ForeignKeys` is in scope.
    Present,
    /// It comes into scope by this text, before this byte.
    Add(usize, String),
    /// The name is another's.
    Taken,
}

/// What brings the derive into the scope of a file's own items.
pub(super) fn of_file(text: &str) -> Import {
    let Ok(tokens) = tokens_of(text) else { return Import::Taken };
    let tokens: Vec<TokenTree> = tokens.into_iter().collect();
    for import in imports_of(&tokens) {
        let is_ours = import.path.first().is_some_and(|first| first == "fkcheck_macros");
        match import.name.as_str() {
            "ForeignKeys" | "*" if is_ours => return Import::Present,
            "ForeignKeys" => return Import::Taken,
            _ => {}
        }
    }
    let (at, inserted) = place(&tokens, text);
    Import::Add(at, inserted)
}

/// A `use` item.
struct Use {
    start: usize,
    end: usize,
    /// The first segment of its path.
    first: String,
}

impl Use {
    /// As rustfmt sorts: the crate's own before others.
    fn rank(&self) -> (bool, &str) {
        (!matches!(self.first.as_str(), "crate" | "self" | "super"), &self.first)
    }
}

fn place(tokens: &[TokenTree], text: &str) -> (usize, String) {
    let groups = groups(tokens, text);
    let has = |group: &&Vec<Use>, wanted: fn(&str) -> bool| group.iter().any(|item| wanted(&item.first));
    let is_foreign = |first: &str| !matches!(first, "crate" | "self" | "super" | "std" | "core" | "alloc");
    let group = groups
        .iter()
        .find(|group| has(group, |first| first == "diesel"))
        .or_else(|| groups.iter().find(|group| has(group, is_foreign)))
        .or(groups.first());
    let Some(group) = group else { return before_items(tokens, text) };
    let is_sorted = group.windows(2).all(|pair| pair[0].rank() <= pair[1].rank());
    let before = if is_sorted {
        group.iter().rfind(|item| item.rank() <= (true, "fkcheck_macros"))
    } else {
        group.iter().rfind(|item| item.first == "diesel").or(group.last())
    };
    match before {
        Some(before) => after_item(text, before.end, STATEMENT),
        None => (group[0].start, attribute(text, group[0].start, STATEMENT)),
    }
}

/// On a line of its own after an item that ends here, and after a comment behind it.
pub(super) fn after_item(text: &str, end: usize, item: &str) -> (usize, String) {
    let line_end = text[end..].find('\n').map_or(text.len(), |newline| end + newline);
    let rest = text[end..line_end].trim();
    let at = if rest.starts_with("//") { end + text[end..line_end].trim_end().len() } else { end };
    if rest.is_empty() || rest.starts_with("//") {
        (at, format!("{}{item}", line_ending(text, end)))
    } else {
        (end, format!(" {item}"))
    }
}

/// The file's own `use` items, in groups without a blank line.
fn groups(tokens: &[TokenTree], text: &str) -> Vec<Vec<Use>> {
    let places = Places::new(text);
    let mut groups: Vec<Vec<Use>> = Vec::new();
    let mut next = 0;
    for (at, token) in tokens.iter().enumerate() {
        if at < next || !matches!(token, TokenTree::Ident(word) if word == "use") {
            continue;
        }
        let Some(length) = tokens[at..].iter().position(|token| is_punct(Some(token), ';')) else { break };
        let start = start_of_item(tokens, at);
        let is_neighbour = start == next;
        next = at + length + 1;
        let first = tokens[at..].iter().skip(1).find_map(|token| match token {
            TokenTree::Ident(word) => Some(word.to_string()),
            _ => None,
        });
        let item = Use {
            start: places.at(tokens[start].span()).start.byte,
            end: places.at(tokens[next - 1].span()).end.byte,
            first: first.unwrap_or_default(),
        };
        match groups.last_mut() {
            Some(group)
                if is_neighbour
                    && group
                        .last()
                        .is_some_and(|last| text[last.end..item.start].matches('\n').count() < 2) =>
            {
                group.push(item);
            }
            _ => groups.push(vec![item]),
        }
    }
    groups
}

/// Before the first item, after `#![..]` and `//!`.
fn before_items(tokens: &[TokenTree], text: &str) -> (usize, String) {
    let mut at = 0;
    while is_punct(tokens.get(at), '#') && is_punct(tokens.get(at + 1), '!') {
        at += 3;
    }
    let byte = tokens.get(at).map_or(text.len(), |token| Places::new(text).at(token.span()).start.byte);
    let end = line_ending(text, byte);
    (byte, format!("{STATEMENT}{end}{end}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with_import(text: &str) -> String {
        match of_file(text) {
            Import::Add(at, inserted) => format!("{}{inserted}{}", &text[..at], &text[at..]),
            Import::Present => "present".to_owned(),
            Import::Taken => "taken".to_owned(),
        }
    }

    #[test]
    fn it_goes_where_the_file_would_have_it() {
        for (before, after) in [
            (
                "use chrono::X;\nuse diesel::prelude::*; // all\nuse serde::Y;\n\nuse crate::z;\n",
                "use chrono::X;\nuse diesel::prelude::*; // all\nuse fkcheck_macros::ForeignKeys;\nuse serde::Y;\n\nuse crate::z;\n",
            ),
            (
                "use crate::a;\r\nuse diesel::{self, b};\r\nstruct A;\r\n",
                "use crate::a;\r\nuse diesel::{self, b};\r\nuse fkcheck_macros::ForeignKeys;\r\nstruct A;\r\n",
            ),
            (
                "use std::a;\n\nuse serde::b;\n",
                "use std::a;\n\nuse fkcheck_macros::ForeignKeys;\nuse serde::b;\n",
            ),
            (
                "use z::a; use diesel::b; use y::c;\n",
                "use z::a; use diesel::b; use fkcheck_macros::ForeignKeys; use y::c;\n",
            ),
            (
                "//! Doc\n#![allow(x)]\n\n/// A\nstruct A;\n",
                "//! Doc\n#![allow(x)]\n\nuse fkcheck_macros::ForeignKeys;\n\n/// A\nstruct A;\n",
            ),
            ("mod a { use diesel::x; }\n", "use fkcheck_macros::ForeignKeys;\n\nmod a { use diesel::x; }\n"),
            ("use fkcheck_macros::{ForeignKeys, foreign_keys};\n", "present"),
            ("use other::ForeignKeys;\n", "taken"),
        ] {
            assert_eq!(with_import(before), after);
        }
    }
}
