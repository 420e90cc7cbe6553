//! Statements that run other statements: DO blocks, functions, prepared texts. What can't be known without running it is
//! said, with the tables that it might touch.

use std::collections::BTreeSet;

use super::catalogue::Place;
use super::composed::{self, UNKNOWN, Variables};
use super::dialect::Dialect;
use super::known::is_harmless;
use super::tokens::{Cursor, Kind, Token, split_by_comma, statements, tokens_of};

/// What a body might do to keys.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "independent facts")]
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
    /// It puts texts together.
    pub(super) joins: bool,
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
        self.joins |= other.joins;
    }
}

/// Words that make the statements of a body depend on what is there, or on what it computes.
const CONTROL: [&str; 16] = [
    "if",
    "case",
    "loop",
    "for",
    "while",
    "repeat",
    "iterate",
    "leave",
    "exception",
    "handler",
    "execute",
    "perform",
    "return",
    "raise",
    "commit",
    "rollback",
];

/// Words of an ALTER TABLE that bears on keys.
const TELLING: [&str; 18] = [
    "references",
    "foreign",
    "constraint",
    "unique",
    "primary",
    "index",
    "key",
    "rename",
    "drop",
    "change",
    "modify",
    "type",
    "engine",
    "partition",
    "schema",
    "trigger",
    "inherit",
    "of",
];

/// MariaDB's words between the two change nothing of what is made.
pub(super) const ALTER_TABLE: [&str; 5] = [
    "alter table",
    "alter online table",
    "alter ignore table",
    "alter online ignore table",
    "alter foreign table",
];

/// What changes more than it names, or other things than tables that keys depend on.
const FAR_REACHING: [&str; 13] = [
    "drop schema",
    "drop database",
    "drop owned",
    "rename table",
    "rename tables",
    "alter schema",
    "create rule",
    "create or replace rule",
    "update pg_constraint",
    "update pg_catalog",
    "delete from pg_constraint",
    "delete from pg_catalog",
    "rollback",
];

/// Texts in texts, down to here; nobody writes more, and a hostile file is not to exhaust the stack.
const DEEPEST: usize = 8;

/// The statements of a block that runs each of them once, as they stand; `None` where that can't be told.
pub(super) fn plain_statements(body: &[Token]) -> Option<Vec<&[Token]>> {
    let begin = body.iter().position(|token| token.is("begin"))?;
    let end = body.iter().rposition(|token| token.is("end"))?;
    let (declared, inner) = (&body[..begin], body.get(begin + 1..end)?);
    let is_control = |token: &Token| token.is("begin") || CONTROL.iter().any(|word| token.is(word));
    if inner.iter().any(is_control) || declared.iter().any(|token| token.kind == Kind::Open) {
        return None;
    }
    let computes = |statement: &&[Token]| {
        let mut cursor = Cursor::new(statement);
        cursor.peeks_any(&["null", "get", "assert", "open"])
            || cursor.next().is_some() && is_assignment(cursor.peek())
    };
    Some(statements(inner).into_iter().filter(|statement| !computes(statement)).collect())
}

fn is_assignment(token: Option<&Token>) -> bool {
    matches!(token, Some(Token { kind: Kind::Other(sign), .. }) if sign == ":=" || sign == "=")
}

/// A statement of a body, whose places are that of the statement which runs it.
pub(super) fn in_place(statement: &[Token], place: &Place) -> Vec<Token> {
    statement.iter().map(|token| Token { bytes: place.bytes.clone(), ..token.clone() }).collect()
}

/// What a body's statements might touch.
pub(super) fn touches(body: &[Token], dialect: &Dialect) -> Touches {
    in_depth(body, dialect, DEEPEST)
}

/// What a text might touch that is run as statements.
pub(super) fn touches_of_text(text: &str, dialect: &Dialect) -> Touches {
    of_text(text, dialect, DEEPEST)
}

fn of_text(text: &str, dialect: &Dialect, depth: usize) -> Touches {
    let (Ok(tokens), Some(depth)) = (tokens_of(text, dialect), depth.checked_sub(1)) else {
        return Touches::anything();
    };
    let mut touches = Touches::default();
    for statement in statements(&tokens) {
        touches.merge(in_depth(statement, dialect, depth));
        let cursor = Cursor::new(statement);
        let is_of_tables = cursor.peeks_any(&ALTER_TABLE) || cursor.peeks_any(&["drop table", "drop tables"]);
        touches.anything |= !is_of_tables && !is_harmless(statement);
    }
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
    let joins = body.iter().any(|token| token.kind == Kind::Other("||".to_owned()));
    let mut touches = Touches { calls: calls(body, dialect), joins, ..Touches::default() };
    for statement in body.split(|token| token.kind == Kind::Semicolon) {
        for at in 0..statement.len() {
            named_table(&statement[at..], &mut touches);
        }
        // A statement in a string, as a function takes it.
        for token in statement {
            if let Kind::Text(text) = &token.kind {
                in_text(text, dialect, depth, &mut touches);
            }
        }
    }
    executed(body, dialect, depth, &mut touches);
    touches
}

/// What `EXECUTE text` and `PREPARE name FROM text` run.
fn executed(body: &[Token], dialect: &Dialect, depth: usize, touches: &mut Touches) {
    let runs = |token: &Token| token.is("execute") || token.is("prepare");
    if !body.iter().any(runs) {
        return;
    }
    let variables = assigned(body, dialect);
    for at in (0..body.len()).filter(|&at| runs(&body[at])) {
        let Some(expression) = run_text(&body[at..], dialect) else { continue };
        match expression {
            // It is a parameter: whoever calls this gives the text.
            [Token { kind: Kind::Word { text, .. }, .. }]
                if !variables.contains_key(&dialect.case.fold(text)) =>
            {
                touches.runs_given_text = true;
            }
            [Token { kind: Kind::Other(number), .. }] if number.starts_with('$') => {
                touches.runs_given_text = true;
            }
            _ => {
                for text in composed::texts(expression, &variables, dialect) {
                    touches.merge(of_text(&text, dialect, depth));
                }
            }
        }
    }
}

/// The expression whose text is run by a statement that begins here.
fn run_text<'t>(rest: &'t [Token], dialect: &Dialect) -> Option<&'t [Token]> {
    let mut cursor = Cursor::new(rest);
    if cursor.take("prepare") {
        cursor.ident()?;
        cursor.take("from").then_some(())?;
    } else if cursor.take("execute immediate") {
    } else if !dialect.pipes_join
        || cursor.peeks_any(&["execute function", "execute procedure", "execute on"])
    {
        return None;
    } else {
        cursor.next();
    }
    let rest = cursor.rest();
    let ends = |token: &Token| {
        token.kind == Kind::Semicolon || ["using", "into", "loop"].iter().any(|word| token.is(word))
    };
    let end = rest.iter().position(ends).unwrap_or(rest.len());
    Some(&rest[..end])
}

/// What the variables of a body may come to: of one that a query sets nothing is known.
fn assigned(body: &[Token], dialect: &Dialect) -> Variables {
    let mut variables = Variables::new();
    let begins = |token: &Token| {
        token.kind == Kind::Semicolon
            || ["begin", "declare", "then", "else", "loop", "do"].iter().any(|word| token.is(word))
    };
    let mut set = |name: &str, texts: Vec<String>| {
        variables.entry(dialect.case.fold(name)).or_default().extend(texts);
    };
    let word = |token: &Token| match &token.kind {
        Kind::Word { text, .. } => Some(text.clone()),
        _ => None,
    };
    for statement in body.split(begins) {
        let mut cursor = Cursor::new(statement);
        let _ = cursor.take("set");
        let rest = cursor.rest();
        let gives = |token: &Token| is_assignment(Some(token)) || token.is("default");
        if let (Some(name), Some(at)) = (rest.first().and_then(word), rest.iter().position(gives)) {
            // One variable may be made of another, but that one isn't followed.
            set(&name, composed::texts(&rest[at + 1..], &Variables::new(), dialect));
        }
    }
    for pair in body.windows(2) {
        if let Some(name) =
            word(&pair[1]).filter(|_| ["into", "for", "foreach", "strict"].iter().any(|by| pair[0].is(by)))
        {
            set(&name, composed::unknown());
        }
    }
    variables
}

/// The tables that DDL which begins here names, if it bears on keys.
fn named_table(rest: &[Token], touches: &mut Touches) {
    let mut cursor = Cursor::new(rest);
    let cascades = || rest.iter().any(|token| token.is("cascade"));
    let of_others = [
        "drop extension",
        "drop type",
        "drop domain",
        "drop function",
        "drop sequence",
        "drop index",
        "alter type",
    ];
    if cursor.peeks_any(&FAR_REACHING) || cursor.peeks_any(&of_others) && cascades() {
        touches.anything = true;
        return;
    }
    if cursor.take_any(&ALTER_TABLE) {
        altered(cursor, rest, touches);
    } else if cursor.take_any(&["drop table", "drop tables"]) {
        let _ = cursor.take("if exists");
        for part in split_by_comma(cursor.rest()) {
            match Cursor::new(part).name().filter(|name| !is_unknown(name)) {
                Some(name) => {
                    touches.parents.push(name.clone());
                    touches.tables.push(name);
                }
                None => touches.anything = true,
            }
        }
    } else if cursor.take_any(&["create index", "create unique index"]) {
        while !cursor.is_at_end() && !cursor.take("on") {
            cursor.next();
        }
        let _ = cursor.take("only");
        touches.tables.extend(cursor.name().filter(|name| !is_unknown(name)));
    } else if cursor.take_any(&["create table", "create or replace table"]) {
        let _ = cursor.take("if not exists");
        let name = cursor.name();
        let (body, replaces) = (cursor.rest(), rest[1].is("or"));
        // Of what is put together, a part of the whole has no keys of its own.
        let is_open = body.iter().any(holds_unknown) && !cursor.peeks("partition of");
        if is_open || replaces || body.iter().any(|token| token.is("references")) {
            match name.filter(|name| !is_open && !is_unknown(name)) {
                Some(name) => touches.tables.push(name),
                None => touches.anything = true,
            }
        }
    }
}

/// The table of ALTER TABLE, from its name on.
fn altered(mut cursor: Cursor<'_>, rest: &[Token], touches: &mut Touches) {
    let _ = cursor.take("if exists");
    let _ = cursor.take("only");
    let Some(name) = cursor.name() else {
        touches.anything = true;
        return;
    };
    let actions = cursor.rest();
    let is_open = actions.iter().any(holds_unknown);
    let sets = |words: &[Token]| {
        words[0].is("set") && (words[1].is("default") || words[1].is("not") && words[2].is("null"))
    };
    let is_telling =
        actions.iter().any(|token| TELLING.iter().any(|word| token.is(word))) || actions.windows(3).any(sets);
    if !is_open && !is_telling {
        return;
    }
    if is_unknown(&name) {
        touches.anything = true;
        return;
    }
    let named_anew = |new| name[..name.len() - 1].iter().cloned().chain([new]).collect();
    let new_names: Vec<Vec<String>> = renamed_to(cursor).into_iter().map(named_anew).collect();
    if !new_names.is_empty() || is_open || reaches_children(rest) {
        touches.parents.extend(new_names.iter().cloned().chain([name.clone()]));
    }
    touches.tables.extend(new_names);
    touches.tables.push(name);
}

fn is_unknown(name: &[String]) -> bool {
    name.iter().any(|part| part.contains(UNKNOWN))
}

fn holds_unknown(token: &Token) -> bool {
    matches!(&token.kind, Kind::Word { text, .. } | Kind::Text(text) if text.contains(UNKNOWN))
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
    let lower = text.to_lowercase();
    let may_run =
        text.contains('(') || ["call", "execute", "prepare"].iter().any(|word| lower.contains(word));
    if !bears_on_keys && !may_run {
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
