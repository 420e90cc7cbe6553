//! SQL text → statements of tokens, each with its place. sqlparser's tokenizer knows the dialects' strings, comments and
//! dollar quotes; a clause that no parser understands is still a row of tokens.

use std::ops::Range;

use sqlparser::tokenizer::{Location, Token as SqlToken, Tokenizer};

use super::comments::{self, Opened};
use super::dialect::Dialect;
use crate::model::truncated;

/// A token with its place in the text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Token {
    pub(super) kind: Kind,
    pub(super) bytes: Range<usize>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A keyword or an identifier; as it compares: PostgreSQL folds what isn't quoted.
    Word {
        text: String,
        quoted: bool,
    },
    /// A string of any quoting: its content.
    Text(String),
    Open,
    Close,
    Comma,
    Dot,
    Semicolon,
    /// Whatever else; its text.
    Other(String),
}

/// The tokens of a file, comments left out.
pub(super) struct Tokens {
    pub(super) tokens: Vec<Token>,
    /// Where a comment stood that some servers run.
    pub(super) perhaps: Vec<Range<usize>>,
}

/// The tokens of a text in a statement.
///
/// # Errors
/// Where a string or a comment doesn't end, or a comment is run by some servers alone: what is wrong, and the byte.
pub(super) fn tokens_of(text: &str, dialect: &Dialect) -> Result<Vec<Token>, (String, usize)> {
    let Tokens { tokens, perhaps } = tokens_of_file(text, dialect)?;
    match perhaps.first() {
        Some(place) => Err(("a comment that only some servers run".to_owned(), place.start)),
        None => Ok(tokens),
    }
}

/// # Errors
/// Where a string or a comment doesn't end: what is wrong, and the byte.
pub(super) fn tokens_of_file(text: &str, dialect: &Dialect) -> Result<Tokens, (String, usize)> {
    let Opened { text, perhaps } = comments::open(text, dialect);
    let lines = Lines::new(&text);
    let tokens = Tokenizer::new(dialect.tokens, &text)
        .with_unescape(true)
        .tokenize_with_location()
        .map_err(|error| (error.message.clone(), lines.byte(&text, error.location)))?;
    let token = |token: sqlparser::tokenizer::TokenWithSpan| {
        let bytes = lines.byte(&text, token.span.start)..lines.byte(&text, token.span.end);
        Some(Token { kind: kind(token.token, dialect)?, bytes })
    };
    let mut tokens: Vec<Token> = tokens.into_iter().filter_map(token).collect();
    if dialect.lowers_words {
        join_unicode_names(&mut tokens);
    }
    if let Some(longest) = dialect.longest_name {
        for token in &mut tokens {
            if let Kind::Word { text, .. } = &mut token.kind {
                text.truncate(truncated(text, longest).len());
            }
        }
    }
    Ok(Tokens { tokens, perhaps })
}

/// What a token is; `None` for blanks and comments.
fn kind(token: SqlToken, dialect: &Dialect) -> Option<Kind> {
    Some(match token {
        SqlToken::Whitespace(_) | SqlToken::EOF => return None,
        SqlToken::Word(word) => match word.quote_style {
            // MySQL's strings may stand in double quotes.
            Some('"') if dialect.double_quotes_are_text => Kind::Text(word.value),
            quote => {
                let mut text = word.value;
                if quote.is_none() && dialect.lowers_words {
                    // PostgreSQL folds no other letters where a character may have several bytes.
                    text.make_ascii_lowercase();
                }
                Kind::Word { text, quoted: quote.is_some() }
            }
        },
        SqlToken::SingleQuotedString(text)
        | SqlToken::DoubleQuotedString(text)
        | SqlToken::EscapedStringLiteral(text)
        | SqlToken::NationalStringLiteral(text)
        | SqlToken::UnicodeStringLiteral(text) => Kind::Text(text),
        SqlToken::DollarQuotedString(text) => Kind::Text(text.value),
        SqlToken::LParen => Kind::Open,
        SqlToken::RParen => Kind::Close,
        SqlToken::Comma => Kind::Comma,
        SqlToken::Period => Kind::Dot,
        SqlToken::SemiColon => Kind::Semicolon,
        other => Kind::Other(other.to_string()),
    })
}

/// `U&"d\0061ta"`, which the tokenizer takes for three tokens, is the name `data`; UESCAPE may name another escape.
fn join_unicode_names(tokens: &mut Vec<Token>) {
    let begins = |tokens: &[Token]| {
        tokens[0].is("u")
            && tokens[1].kind == Kind::Other("&".to_owned())
            && matches!(tokens[2].kind, Kind::Word { quoted: true, .. })
            && tokens[0].bytes.end == tokens[1].bytes.start
            && tokens[1].bytes.end == tokens[2].bytes.start
    };
    let mut from = 0;
    while let Some(at) = tokens.get(from..).and_then(|rest| rest.windows(3).position(begins)) {
        let at = from + at;
        let escape = match tokens.get(at + 3..at + 5) {
            Some([word, Token { kind: Kind::Text(escape), .. }]) if word.is("uescape") => {
                escape.chars().next()
            }
            _ => None,
        };
        let end = at + if escape.is_some() { 5 } else { 3 };
        let bytes = tokens[at].bytes.start..tokens[end - 1].bytes.end;
        if let Kind::Word { text, .. } = &tokens[at + 2].kind {
            let text = unescaped(text, escape.unwrap_or('\\'));
            tokens.splice(at..end, [Token { kind: Kind::Word { text, quoted: true }, bytes }]);
        }
        from = at + 1;
    }
}

/// With `\0061`, `\+000061` and `\\` as the characters that they mean.
fn unescaped(text: &str, escape: char) -> String {
    let mut units: Vec<u16> = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let after = &rest[first.len_utf8()..];
        let hex = |digits: Option<&str>| digits.and_then(|digits| u32::from_str_radix(digits, 16).ok());
        let long = after.strip_prefix('+').and_then(|after| hex(after.get(..6)));
        let (character, taken) = match (first == escape, long, hex(after.get(..4))) {
            (true, Some(code), _) => (code, 7),
            (true, None, Some(code)) => (code, 4),
            (true, ..) if after.starts_with(escape) => (u32::from(escape), escape.len_utf8()),
            _ => (u32::from(first), 0),
        };
        match (u16::try_from(character), char::from_u32(character)) {
            // Two of them may be one character.
            (Ok(unit), _) => units.push(unit),
            (Err(_), character) => {
                units.extend_from_slice(character.unwrap_or('\u{fffd}').encode_utf16(&mut [0; 2]));
            }
        }
        rest = &after[taken..];
    }
    String::from_utf16_lossy(&units)
}

/// Where each line of a text begins.
struct Lines {
    starts: Vec<usize>,
}

impl Lines {
    fn new(text: &str) -> Self {
        let newlines = text.match_indices('\n').map(|(at, _)| at + 1);
        Lines { starts: std::iter::once(0).chain(newlines).collect() }
    }

    fn byte(&self, text: &str, place: Location) -> usize {
        let line = usize::try_from(place.line).unwrap_or(1).max(1) - 1;
        let column = usize::try_from(place.column).unwrap_or(1).max(1) - 1;
        let Some(&start) = self.starts.get(line) else { return text.len() };
        text[start..].char_indices().nth(column).map_or(text.len(), |(at, _)| start + at)
    }
}

/// The statements, without their semicolons.
pub(super) fn statements(tokens: &[Token]) -> Vec<&[Token]> {
    let mut statements = Vec::new();
    let (mut start, mut blocks) = (0, 0usize);
    for (at, token) in tokens.iter().enumerate() {
        // The body of a routine has semicolons of its own.
        if is_routine(&tokens[start..=at]) || Cursor::new(&tokens[start..]).peeks("begin not atomic") {
            let ends_control = tokens
                .get(at + 1)
                .is_some_and(|next| ["if", "loop", "while", "repeat"].iter().any(|word| next.is(word)));
            if token.is("begin") || token.is("case") && !tokens[at - 1].is("end") {
                blocks += 1;
            } else if token.is("end") && !ends_control {
                blocks = blocks.saturating_sub(1);
            }
        }
        if token.kind == Kind::Semicolon && blocks == 0 {
            statements.push(&tokens[start..at]);
            start = at + 1;
        }
    }
    statements.push(&tokens[start..]);
    statements.retain(|statement| !statement.is_empty());
    statements
}

/// Whether a statement that begins like this makes a routine: `CREATE .. FUNCTION | PROCEDURE | TRIGGER | EVENT`.
fn is_routine(statement: &[Token]) -> bool {
    matches!(made_by(statement), Some("function" | "procedure" | "trigger" | "event"))
}

/// What a statement makes that begins like this: the first such word after CREATE.
pub(super) fn made_by(statement: &[Token]) -> Option<&'static str> {
    const THINGS: [&str; 8] = ["function", "procedure", "trigger", "event", "table", "view", "index", "rule"];
    if !statement.first()?.is("create") {
        return None;
    }
    let mut beginning = statement.iter().take(12).take_while(|token| token.kind != Kind::Open);
    beginning.find_map(|token| THINGS.into_iter().find(|word| token.is(word)))
}

impl Token {
    pub(super) fn is_open(&self) -> bool {
        self.kind == Kind::Open
    }

    /// Whether it is this keyword, in any case.
    pub(super) fn is(&self, keyword: &str) -> bool {
        matches!(&self.kind, Kind::Word { text, quoted: false } if text.eq_ignore_ascii_case(keyword))
    }
}

/// Reads tokens from left to right.
#[derive(Clone, Copy)]
pub(super) struct Cursor<'a> {
    tokens: &'a [Token],
    at: usize,
}

impl<'a> Cursor<'a> {
    pub(super) fn new(tokens: &'a [Token]) -> Self {
        Cursor { tokens, at: 0 }
    }

    pub(super) fn is_at_end(&self) -> bool {
        self.at >= self.tokens.len()
    }

    pub(super) fn peek(&self) -> Option<&'a Token> {
        self.tokens.get(self.at)
    }

    pub(super) fn next(&mut self) -> Option<&'a Token> {
        let token = self.peek();
        self.at += 1;
        token
    }

    pub(super) fn rest(&self) -> &'a [Token] {
        self.tokens.get(self.at..).unwrap_or_default()
    }

    /// `ENGINE = name` of a table's options, where it comes next: the name.
    pub(super) fn engine(&mut self) -> Option<String> {
        let mut ahead = *self;
        if !ahead.take("engine") {
            return None;
        }
        if matches!(ahead.peek()?.kind, Kind::Other(ref equals) if equals == "=") {
            ahead.next();
        }
        let name = match &ahead.next()?.kind {
            Kind::Word { text, .. } | Kind::Text(text) => text.clone(),
            _ => return None,
        };
        *self = ahead;
        Some(name)
    }

    /// MariaDB's `WAIT 5` and `NOWAIT` behind the name of a table.
    pub(super) fn take_wait(&mut self) {
        if !self.take("nowait") && self.take("wait") {
            self.next();
        }
    }

    /// Takes these keywords if they all come next.
    pub(super) fn take(&mut self, keywords: &str) -> bool {
        let mut ahead = *self;
        let all = keywords.split(' ').all(|word| ahead.next().is_some_and(|token| token.is(word)));
        if all {
            *self = ahead;
        }
        all
    }

    pub(super) fn take_any(&mut self, keywords: &[&str]) -> bool {
        keywords.iter().any(|word| self.take(word))
    }

    pub(super) fn peeks(&self, keywords: &str) -> bool {
        let mut ahead = *self;
        ahead.take(keywords)
    }

    pub(super) fn peeks_any(&self, keywords: &[&str]) -> bool {
        keywords.iter().any(|word| self.peeks(word))
    }

    pub(super) fn ident(&mut self) -> Option<String> {
        match &self.peek()?.kind {
            Kind::Word { text, .. } => {
                self.at += 1;
                Some(text.clone())
            }
            _ => None,
        }
    }

    /// `table`, `schema.table` or `database.schema.table`: the parts.
    pub(super) fn name(&mut self) -> Option<Vec<String>> {
        let mut parts = vec![self.ident()?];
        while self.peek().is_some_and(|token| token.kind == Kind::Dot) {
            self.at += 1;
            parts.push(self.ident()?);
        }
        Some(parts)
    }

    /// What stands in parentheses, if they come next.
    pub(super) fn group(&mut self) -> Option<&'a [Token]> {
        if self.peek()?.kind != Kind::Open {
            return None;
        }
        let start = self.at + 1;
        let mut depth = 0;
        for (at, token) in self.tokens.iter().enumerate().skip(self.at) {
            match token.kind {
                Kind::Open => depth += 1,
                Kind::Close => depth -= 1,
                _ => {}
            }
            if depth == 0 {
                self.at = at + 1;
                return Some(&self.tokens[start..at]);
            }
        }
        None
    }

    /// `(a, b)`: the first word of each part.
    pub(super) fn columns(&mut self) -> Option<Vec<String>> {
        let group = self.group()?;
        split_by_comma(group).into_iter().map(|part| Cursor::new(part).ident()).collect()
    }
}

/// Splits by the commas that stand in no parentheses.
pub(super) fn split_by_comma(tokens: &[Token]) -> Vec<&[Token]> {
    let mut parts = Vec::new();
    let (mut start, mut depth) = (0, 0);
    for (at, token) in tokens.iter().enumerate() {
        match token.kind {
            Kind::Open => depth += 1,
            Kind::Close => depth -= 1,
            Kind::Comma if depth == 0 => {
                parts.push(&tokens[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    parts.push(&tokens[start..]);
    parts
}
