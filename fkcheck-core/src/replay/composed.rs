//! Texts that are put together at run time: what an expression may come to, as far as it can be read.

use std::collections::HashMap;

use super::dialect::Dialect;
use super::tokens::{Cursor, Kind, Token, split_by_comma};

/// Stands in a text for what isn't known of it. A letter, so that it is part of a name.
pub(super) const UNKNOWN: char = '\u{a7ff}';

/// Variables, by folded name, with what each may come to.
pub(super) type Variables = HashMap<String, Vec<String>>;

/// So many texts one expression may come to; where it is more, nothing is known.
const MOST: usize = 16;

/// So many bytes of a text are put together.
const LONGEST: usize = 1 << 20;

/// Expressions in expressions, down to here.
const DEEPEST: usize = 32;

/// What is wholly unknown.
pub(super) fn unknown() -> Vec<String> {
    vec![UNKNOWN.to_string()]
}

/// The texts that an expression may come to.
pub(super) fn texts(expression: &[Token], variables: &Variables, dialect: &Dialect) -> Vec<String> {
    let reader = Reader { variables, dialect };
    reader.texts(expression, DEEPEST).filter(|texts| texts.len() <= MOST).unwrap_or_else(unknown)
}

struct Reader<'r> {
    variables: &'r Variables,
    dialect: &'r Dialect,
}

impl Reader<'_> {
    /// `None`: not known at all.
    fn texts(&self, expression: &[Token], depth: usize) -> Option<Vec<String>> {
        let depth = depth.checked_sub(1)?;
        let expression = without_cast(expression);
        if self.dialect.pipes_join {
            let parts = split(expression, |token| token.kind == Kind::Other("||".to_owned()));
            if parts.len() > 1 {
                return Some(self.joined(&parts, depth));
            }
        }
        let mut cursor = Cursor::new(expression);
        if let Some(group) = cursor.group() {
            return cursor.is_at_end().then(|| self.texts(group, depth))?;
        }
        match expression {
            [Token { kind: Kind::Text(text), .. }] => Some(vec![text.clone()]),
            [token] if token.is("null") => Some(vec![String::new()]),
            [Token { kind: Kind::Word { text, .. }, .. }] => {
                self.variables.get(&self.dialect.case.fold(text)).cloned()
            }
            [first, rest @ ..] if first.is("select") => {
                let values = split_by_comma(rest.split(|token| token.is("from")).next().unwrap_or(rest));
                if values.len() == 1 { self.texts(values[0], depth) } else { None }
            }
            [first, .., last] if first.is("case") && last.is("end") => {
                self.any_of(&branches(&expression[..expression.len() - 1]), depth)
            }
            // Texts side by side are one.
            _ if expression.iter().all(|token| matches!(token.kind, Kind::Text(_))) => {
                let parts: Vec<&[Token]> = expression.iter().map(std::slice::from_ref).collect();
                (!parts.is_empty()).then(|| self.joined(&parts, depth))
            }
            _ => self.call(expression, depth),
        }
    }

    /// A call of a function that puts texts together or chooses one.
    fn call(&self, expression: &[Token], depth: usize) -> Option<Vec<String>> {
        let mut cursor = Cursor::new(expression);
        let name = cursor.name()?.pop()?.to_lowercase();
        let arguments = split_by_comma(cursor.group()?);
        cursor.is_at_end().then_some(())?;
        match (name.as_str(), &arguments[..]) {
            ("concat", parts) => Some(self.joined(parts, depth)),
            ("if", [_, one, other]) => self.any_of(&[one, other], depth),
            ("ifnull" | "coalesce", choices) => self.any_of(choices, depth),
            ("format", [pattern, ..]) if self.dialect.pipes_join => {
                Some(self.texts(pattern, depth)?.iter().map(|pattern| filled(pattern)).collect())
            }
            _ => None,
        }
    }

    fn any_of(&self, choices: &[&[Token]], depth: usize) -> Option<Vec<String>> {
        let texts = choices.iter().flat_map(|choice| self.texts(choice, depth).unwrap_or_else(unknown));
        let texts: Vec<String> = texts.take(MOST + 1).collect();
        (texts.len() <= MOST).then_some(texts)
    }

    fn joined(&self, parts: &[&[Token]], depth: usize) -> Vec<String> {
        parts.iter().fold(vec![String::new()], |beginnings, part| {
            let ends = self.texts(part, depth).unwrap_or_else(unknown);
            let longest = |texts: &[String]| texts.iter().map(String::len).max().unwrap_or_default();
            if beginnings.len() * ends.len() > MOST || longest(&beginnings) + longest(&ends) > LONGEST {
                return unknown();
            }
            beginnings.iter().flat_map(|text| ends.iter().map(move |end| format!("{text}{end}"))).collect()
        })
    }
}

/// `'text'::regclass` without what stands behind the text.
fn without_cast(mut expression: &[Token]) -> &[Token] {
    while let [rest @ .., Token { kind: Kind::Other(colons), .. }, Token { kind: Kind::Word { .. }, .. }] =
        expression
        && colons == "::"
    {
        expression = rest;
    }
    expression
}

/// The values between `THEN` and `WHEN`, and behind `ELSE`.
fn branches(case: &[Token]) -> Vec<&[Token]> {
    let is_word = |token: &Token| ["when", "then", "else"].iter().any(|word| token.is(word));
    let ats: Vec<usize> = (0..case.len()).filter(|&at| is_word(&case[at])).collect();
    let ends = ats.iter().skip(1).copied().chain([case.len()]);
    ats.iter()
        .zip(ends)
        .filter(|(at, _)| !case[**at].is("when"))
        .map(|(at, end)| &case[at + 1..end])
        .collect()
}

/// A pattern of `format` with what isn't known in the places of its arguments.
fn filled(pattern: &str) -> String {
    let mut text = String::new();
    let mut rest = pattern.chars();
    while let Some(character) = rest.next() {
        if character != '%' {
            text.push(character);
            continue;
        }
        // `%%`, `%s`, `%1$I`, `%-10s`
        match rest.find(|next| next.is_alphabetic() || *next == '%') {
            Some('%') => text.push('%'),
            _ => text.push(UNKNOWN),
        }
    }
    text
}

/// Splits by tokens that stand in no parentheses.
fn split(tokens: &[Token], is_between: impl Fn(&Token) -> bool) -> Vec<&[Token]> {
    let mut depth = 0usize;
    tokens
        .split(|token| {
            match token.kind {
                Kind::Open => depth += 1,
                Kind::Close => depth = depth.saturating_sub(1),
                _ => {}
            }
            depth == 0 && is_between(token)
        })
        .collect()
}
