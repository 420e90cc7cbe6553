//! Statements that run other statements: DO blocks, functions, prepared texts. What can't be known without running it is
//! said, with the tables that it might touch.

use super::catalogue::Place;
use super::dialect::Dialect;
use super::tokens::{Cursor, Kind, Token, statements, tokens_of};

/// What a body might do to keys.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Touches {
    /// The tables that its statements name, by parts.
    pub(super) tables: Vec<Vec<String>>,
    /// It puts statements together that nobody can read here.
    pub(super) anything: bool,
}

impl Touches {
    pub(super) fn nothing(&self) -> bool {
        self.tables.is_empty() && !self.anything
    }
}

/// Words that make the statements of a body depend on what is there, or on what it computes.
const CONTROL: [&str; 10] =
    ["if", "case", "loop", "for", "while", "exception", "execute", "perform", "return", "raise"];

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
    let mut touches = Touches::default();
    for statement in body.split(|token| token.kind == Kind::Semicolon) {
        for at in 0..statement.len() {
            let mut cursor = Cursor::new(&statement[at..]);
            let rest = cursor.rest();
            let is_telling = || {
                let words = ["references", "foreign", "constraint", "rename", "drop", "change", "modify"];
                rest.iter().skip(2).any(|token| words.iter().any(|word| token.is(word)))
            };
            let names_table = cursor.take("alter table") && is_telling()
                || cursor.take("drop table")
                || cursor.take("create table") && rest.iter().any(|token| token.is("references"));
            if names_table {
                let _ = cursor.take_any(&["if exists", "if not exists"]);
                let _ = cursor.take("only");
                match cursor.name() {
                    Some(name) => touches.tables.push(name),
                    None => touches.anything = true,
                }
            }
        }
        // A statement in a string, as EXECUTE takes it.
        for token in statement {
            if let Kind::Text(text) = &token.kind
                && speaks_of_keys(text)
            {
                match tokens_of(text, dialect) {
                    Ok(tokens) => {
                        let inner = self::touches(&tokens, dialect);
                        // A name that is put together: `'ALTER TABLE ' || name`, `format('DROP TABLE %I', name)`.
                        let is_whole = !inner.tables.is_empty() && !text.contains('%');
                        touches.anything |= !is_whole || inner.anything;
                        touches.tables.extend(inner.tables);
                    }
                    Err(_) => touches.anything = true,
                }
            }
        }
    }
    touches
}

/// Whether a text holds DDL that bears on keys.
pub(super) fn speaks_of_keys(text: &str) -> bool {
    let lower = text.to_lowercase();
    let has = |words: &[&str]| words.iter().all(|word| lower.contains(word));
    has(&["alter table", "foreign key"])
        || has(&["alter table", "constraint"])
        || has(&["alter table", "references"])
        || has(&["alter table", "rename"])
        || has(&["alter table", "drop"])
        || has(&["drop table"])
        || has(&["create table", "references"])
}
