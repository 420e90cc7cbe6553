//! Statements that run other statements: DO blocks, functions, prepared texts. What can't be known without running it is
//! said, with the tables that it might touch.

use std::collections::BTreeSet;

use super::catalogue::Place;
use super::dialect::Dialect;
use super::tokens::{Cursor, Kind, Token, statements, tokens_of};

/// What a body might do to keys.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Touches {
    /// The tables that its statements name, by parts.
    pub(super) tables: Vec<Vec<String>>,
    /// Those of which it might change what keys of other tables reference: they are named anew, or lose something.
    pub(super) parents: Vec<Vec<String>>,
    /// It puts statements together that nobody can read here.
    pub(super) anything: bool,
    /// What it might call, by folded names: every word before a parenthesis.
    pub(super) calls: BTreeSet<String>,
    /// It executes a text that it holds no part of: that of whoever calls it.
    pub(super) runs_given_text: bool,
    /// It holds a text.
    pub(super) has_text: bool,
}

impl Touches {
    /// Nothing of its own; what it calls is another matter.
    pub(super) fn nothing(&self) -> bool {
        self.tables.is_empty() && !self.anything
    }

    pub(super) fn anything() -> Self {
        Touches { anything: true, ..Touches::default() }
    }

    pub(super) fn merge(&mut self, other: Touches) {
        self.tables.extend(other.tables);
        self.parents.extend(other.parents);
        self.anything |= other.anything;
        self.calls.extend(other.calls);
        self.runs_given_text |= other.runs_given_text;
        self.has_text |= other.has_text;
    }
}

/// Words that make the statements of a body depend on what is there, or on what it computes.
const CONTROL: [&str; 10] =
    ["if", "case", "loop", "for", "while", "exception", "execute", "perform", "return", "raise"];

/// Words of an ALTER TABLE that bears on keys.
const TELLING: [&str; 12] = [
    "references",
    "foreign",
    "constraint",
    "rename",
    "drop",
    "change",
    "modify",
    "type",
    "engine",
    "partition",
    "schema",
    "trigger",
];

/// Texts in texts, down to here; nobody writes more, and a hostile file is not to exhaust the stack.
const DEEPEST: usize = 8;

/// The statements of a block that runs each of them once, as they stand; `None` where that can't be told.
pub(super) fn plain_statements(body: &[Token]) -> Option<Vec<&[Token]>> {
    let begin = body.iter().position(|token| token.is("begin"))?;
    let end = body.iter().rposition(|token| token.is("end"))?;
    let inner = body.get(begin + 1..end)?;
    let is_plain = !inner.iter().any(|token| CONTROL.iter().any(|word| token.is(word)));
    is_plain.then(|| statements(inner))
}

/// A statement of a body, whose places are that of the statement which runs it.
pub(super) fn in_place(statement: &[Token], place: &Place) -> Vec<Token> {
    statement.iter().map(|token| Token { bytes: place.bytes.clone(), ..token.clone() }).collect()
}

/// What a body's statements might touch.
pub(super) fn touches(body: &[Token], dialect: &Dialect) -> Touches {
    let mut touches = in_depth(body, dialect, DEEPEST);
    // `EXECUTE query`, and no text in sight of which it could be made.
    touches.runs_given_text = !touches.has_text
        && body.windows(2).any(|pair| {
            pair[0].is("execute") && !["function", "procedure"].iter().any(|word| pair[1].is(word))
        });
    touches
}

/// What a routine might touch: its body is a text behind AS, or stands there as it is.
pub(super) fn touches_of_routine(definition: &[Token], dialect: &Dialect) -> Touches {
    let body = definition.windows(2).find_map(|pair| match &pair[1].kind {
        Kind::Text(text) if pair[0].is("as") => tokens_of(text, dialect).ok(),
        _ => None,
    });
    match body {
        Some(body) => touches(&body, dialect),
        None => touches(definition, dialect),
    }
}

fn in_depth(body: &[Token], dialect: &Dialect, depth: usize) -> Touches {
    let mut touches = Touches { calls: calls(body, dialect), ..Touches::default() };
    for statement in body.split(|token| token.kind == Kind::Semicolon) {
        for at in 0..statement.len() {
            named_table(&statement[at..], &mut touches);
        }
        // A statement in a string, as EXECUTE takes it.
        for token in statement {
            if let Kind::Text(text) = &token.kind {
                in_text(text, dialect, depth, &mut touches);
            }
        }
    }
    touches
}

/// The table that DDL which begins here names, if it bears on keys.
fn named_table(rest: &[Token], touches: &mut Touches) {
    let mut cursor = Cursor::new(rest);
    let is_telling = || {
        rest.iter().skip(2).any(|token| TELLING.iter().any(|word| token.is(word)))
            || rest.windows(3).any(|words| words[0].is("set") && words[1].is("not") && words[2].is("null"))
    };
    let names_table = cursor.take("alter table") && is_telling()
        || cursor.take("drop table")
        || cursor.take("create table") && rest.iter().any(|token| token.is("references"));
    if names_table {
        let _ = cursor.take_any(&["if exists", "if not exists"]);
        let _ = cursor.take("only");
        let Some(name) = cursor.name() else {
            touches.anything = true;
            return;
        };
        let named_anew = |new| name[..name.len() - 1].iter().cloned().chain([new]).collect();
        let new_names: Vec<Vec<String>> = renamed_to(cursor).into_iter().map(named_anew).collect();
        if !new_names.is_empty() || reaches_children(rest) {
            touches.parents.extend(new_names.iter().cloned().chain([name.clone()]));
        }
        touches.tables.extend(new_names);
        touches.tables.push(name);
    }
}

/// The names that `ALTER TABLE a .. RENAME TO b` gives the table.
fn renamed_to(mut cursor: Cursor<'_>) -> Vec<String> {
    let mut names = Vec::new();
    while !cursor.is_at_end() {
        if cursor.take("rename") && !cursor.peeks_any(&["column", "constraint", "index", "key"]) {
            let _ = cursor.take_any(&["to", "as"]);
            names.extend(cursor.ident());
        }
        cursor.next();
    }
    names
}

/// Whether DDL on a table may change keys that reference it: columns or unique keys are dropped or named anew.
pub(super) fn reaches_children(statement: &[Token]) -> bool {
    const HARMLESS: [&str; 8] =
        ["constraint", "foreign", "index", "key", "not", "default", "identity", "expression"];
    let is = |token: &Token, words: &[&str]| words.iter().any(|word| token.is(word));
    let drops = |pair: &[Token]| pair[0].is("drop") && !is(&pair[1], &HARMLESS);
    statement.windows(2).any(drops)
        || statement
            .iter()
            .any(|token| is(token, &["rename", "change", "cascade", "schema", "trigger", "type"]))
}

fn in_text(text: &str, dialect: &Dialect, depth: usize, touches: &mut Touches) {
    touches.has_text = true;
    let bears_on_keys = speaks_of_keys(text);
    if !bears_on_keys && !text.contains('(') && !text.to_lowercase().contains("call") {
        return;
    }
    match tokens_of(text, dialect) {
        Ok(tokens) if depth > 0 => {
            let inner = in_depth(&tokens, dialect, depth - 1);
            // A name that is put together: `'ALTER TABLE ' || name`, `format('DROP TABLE %I', name)`.
            let is_whole = !inner.tables.is_empty() && !text.contains('%');
            touches.anything |= bears_on_keys && !is_whole;
            touches.merge(inner);
        }
        _ => touches.anything |= bears_on_keys,
    }
}

/// Every word before a parenthesis, and what CALL names.
pub(super) fn calls(body: &[Token], dialect: &Dialect) -> BTreeSet<String> {
    let mut calls = BTreeSet::new();
    for (at, token) in body.iter().enumerate() {
        let Kind::Word { text, .. } = &token.kind else { continue };
        let is_called =
            body.get(at + 1).is_some_and(|next| next.kind == Kind::Open) || at > 0 && body[at - 1].is("call");
        if is_called {
            calls.insert(dialect.case.fold(text));
        }
    }
    calls
}

/// Whether a text holds DDL that bears on keys.
pub(super) fn speaks_of_keys(text: &str) -> bool {
    let lower = text.to_lowercase();
    let alters = lower.contains("alter table")
        && (TELLING.iter().any(|word| lower.contains(word)) || lower.contains("set not null"));
    alters || lower.contains("drop table") || lower.contains("create table") && lower.contains("references")
}
