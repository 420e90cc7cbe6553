//! Changes one key in the text of CREATE TABLE; every byte beside its clauses stays.

use std::ops::Range;

use sqlite3_parser::dialect::TokenType;
use sqlite3_parser::lexer::Scanner;
use sqlite3_parser::lexer::sql::Tokenizer;

use super::create_table::unquote;
use crate::model::{Action, Deferrability};

/// What a key's clauses are to say; `None`: as they are.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Clauses {
    pub(super) on_delete: Option<Action>,
    pub(super) on_update: Option<Action>,
    pub(super) deferrability: Option<Deferrability>,
}

/// The text with other clauses for the key that is declared so many keys after the first. `None` if the text has no such key.
pub(super) fn with_clauses(create: &str, at: usize, clauses: &Clauses) -> Option<String> {
    let tokens = tokens(create)?;
    let found = key_at(&tokens, at)?;
    let mut edits: Vec<(Range<usize>, String)> = Vec::new();
    let actions =
        [("DELETE", &clauses.on_delete, &found.on_delete), ("UPDATE", &clauses.on_update, &found.on_update)];
    for (event, wanted, present) in actions {
        let Some(wanted) = wanted else { continue };
        match &present[..] {
            [] => edits.push((found.after_parent..found.after_parent, format!(" ON {event} {wanted}"))),
            // Said twice, the last counts.
            all => edits.extend(all.iter().map(|range| (range.clone(), wanted.to_string()))),
        }
    }
    if let Some(wanted) = clauses.deferrability {
        let words = match wanted {
            Deferrability::NotDeferrable => String::new(),
            stated => format!(" {stated}"),
        };
        let place = found.deferrable.clone().unwrap_or(found.end..found.end);
        edits.push((place, words));
    }
    edits.sort_by_key(|(range, _)| (range.start, range.end));
    let mut text = String::with_capacity(create.len() + 64);
    let mut done = 0;
    for (range, words) in edits {
        text.push_str(&create[done..range.start]);
        text.push_str(&words);
        done = range.end;
    }
    text.push_str(&create[done..]);
    Some(text)
}

/// The words of the text without what these keys, counted from the first, say behind their parent.
pub(super) fn without_rules(create: &str, keys: &[usize]) -> Option<Vec<String>> {
    let tokens = tokens(create)?;
    let clauses: Vec<Range<usize>> = keys
        .iter()
        .map(|at| key_at(&tokens, *at).map(|key| key.after_parent..key.end))
        .collect::<Option<_>>()?;
    let is_kept = |token: &&Token| !clauses.iter().any(|clause| clause.contains(&token.bytes.start));
    Some(tokens.iter().filter(is_kept).map(|token| create[token.bytes.clone()].to_owned()).collect())
}

/// The text with one more table constraint.
pub(super) fn with_constraint(create: &str, constraint: &str) -> Option<String> {
    let tokens = tokens(create)?;
    let close = closing(&tokens)?;
    // Behind the last word: what stands before the parenthesis may be a comment that ends with its line.
    let at = tokens[close - 1].bytes.end;
    Some(format!("{},\n  {constraint}{}", &create[..at], &create[at..]))
}

/// Whether the last that stands there is a comment which only the end of the line ends.
pub(super) fn ends_in_comment(text: &str) -> bool {
    let end = tokens(text).and_then(|tokens| Some(tokens.last()?.bytes.end)).unwrap_or_default();
    let mut rest = text.get(end..).unwrap_or_default();
    loop {
        let (mark, close) = match (rest.find("--"), rest.find("/*")) {
            (Some(line), block) if block.is_none_or(|block| line < block) => (line, "\n"),
            (_, Some(block)) => (block, "*/"),
            (..) => return false,
        };
        let comment = &rest[mark + 2..];
        match comment.find(close) {
            Some(at) => rest = &comment[at + close.len()..],
            None => return close == "\n",
        }
    }
}

/// Whether the text makes an index.
pub(super) fn makes_index(create: &str) -> bool {
    let words = tokens(create).unwrap_or_default();
    words.iter().take(3).any(|token| token.kind == TokenType::TK_INDEX)
}

/// Whether an expression in there calls a column `table.column`.
pub(super) fn names_itself(create: &str, table: &str) -> bool {
    let Some(tokens) = tokens(create) else { return false };
    let inside = tokens.iter().skip_while(|token| token.kind != TokenType::TK_LP);
    let inside: Vec<&Token> = inside.collect();
    inside.windows(2).any(|pair| {
        let name = create.get(pair[0].bytes.clone()).unwrap_or_default();
        pair[1].kind == TokenType::TK_DOT && unquote(name).eq_ignore_ascii_case(table)
    })
}

struct Token {
    kind: TokenType,
    bytes: Range<usize>,
    /// How many parentheses are open; those of the columns count.
    depth: usize,
}

fn tokens(create: &str) -> Option<Vec<Token>> {
    let mut scanner = Scanner::new(Tokenizer::new());
    let mut tokens = Vec::new();
    let mut depth = 0_usize;
    loop {
        let (start, token, end) = scanner.scan(create.as_bytes()).ok()?;
        let Some((_, kind)) = token else { return Some(tokens) };
        if kind == TokenType::TK_RP {
            depth = depth.checked_sub(1)?;
        }
        tokens.push(Token { kind, bytes: start..end, depth });
        if kind == TokenType::TK_LP {
            depth += 1;
        }
    }
}

/// The parenthesis behind the last column or constraint.
fn closing(tokens: &[Token]) -> Option<usize> {
    tokens.iter().position(|token| token.kind == TokenType::TK_RP && token.depth == 0).filter(|at| *at > 0)
}

/// Where the clauses of a key stand.
struct Key {
    after_parent: usize,
    on_delete: Vec<Range<usize>>,
    on_update: Vec<Range<usize>>,
    deferrable: Option<Range<usize>>,
    end: usize,
}

fn key_at(tokens: &[Token], at: usize) -> Option<Key> {
    let references = tokens
        .iter()
        .enumerate()
        .filter(|(_, token)| token.kind == TokenType::TK_REFERENCES && token.depth == 1)
        .map(|(at, _)| at)
        .nth(at)?;
    let kind = |at: usize| tokens.get(at).map(|token| token.kind);
    // REFERENCES, the parent, and its columns in parentheses.
    let mut last = references + 1;
    if kind(last + 1) == Some(TokenType::TK_LP) {
        last += 1 + tokens[last + 1..].iter().position(|token| token.kind == TokenType::TK_RP)?;
    }
    let end_of = |at: usize| tokens[at].bytes.end;
    let mut key = Key {
        after_parent: tokens.get(last)?.bytes.end,
        on_delete: Vec::new(),
        on_update: Vec::new(),
        deferrable: None,
        end: 0,
    };
    loop {
        let next = last + 1;
        match (kind(next), kind(next + 1)) {
            (Some(TokenType::TK_ON), Some(event)) => {
                // SET NULL, SET DEFAULT and NO ACTION are two words.
                let words = match kind(next + 2)? {
                    TokenType::TK_SET | TokenType::TK_NO => 2,
                    _ => 1,
                };
                let action = tokens.get(next + 2)?.bytes.start..tokens.get(next + 1 + words)?.bytes.end;
                match event {
                    TokenType::TK_DELETE => key.on_delete.push(action),
                    TokenType::TK_UPDATE => key.on_update.push(action),
                    _ => {}
                }
                last = next + 1 + words;
            }
            (Some(TokenType::TK_MATCH), Some(_)) => last = next + 1,
            (Some(TokenType::TK_NOT), Some(TokenType::TK_DEFERRABLE))
            | (Some(TokenType::TK_DEFERRABLE), _) => {
                // With the space before it, which goes too.
                let start = end_of(last);
                last = if kind(next) == Some(TokenType::TK_NOT) { next + 1 } else { next };
                if kind(last + 1) == Some(TokenType::TK_INITIALLY) {
                    last += 2;
                }
                key.deferrable = Some(start..tokens.get(last)?.bytes.end);
            }
            _ => {
                key.end = end_of(last);
                return Some(key);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CREATE: &str = r#"CREATE TABLE "odd ""name" (
  id INTEGER PRIMARY KEY, -- REFERENCES nobody ON DELETE CASCADE
  a INT CHECK (a <> ')') REFERENCES p /* ON DELETE CASCADE */ (id) ON  DELETE
    set null ON UPDATE CASCADE NOT NULL,
  [b c] INT REFERENCES `p``q` DEFERRABLE INITIALLY DEFERRED,
  d INT DEFAULT 'references x' REFERENCES "on delete"(id),
  FOREIGN KEY (a, [b c]) REFERENCES q (x, y) MATCH FULL NOT DEFERRABLE -- the last
) STRICT"#;

    fn on_delete(action: Action) -> Clauses {
        Clauses { on_delete: Some(action), ..Clauses::default() }
    }

    #[test]
    fn only_the_clause_changes() {
        for (at, action, old, new) in [
            (0, Action::Cascade, "set null ON", "CASCADE ON"),
            (1, Action::SetNull(Vec::new()), "`p``q` DEF", "`p``q` ON DELETE SET NULL DEF"),
            (2, Action::Restrict, "\"on delete\"(id)", "\"on delete\"(id) ON DELETE RESTRICT"),
            (3, Action::NoAction, "(x, y) M", "(x, y) ON DELETE NO ACTION M"),
        ] {
            let edited = with_clauses(CREATE, at, &on_delete(action)).expect("found");
            assert_eq!(edited, CREATE.replace(old, new));
        }
        assert_eq!(with_clauses(CREATE, 4, &on_delete(Action::Cascade)), None);
    }

    #[test]
    fn the_end_and_the_name_are_looked_at() {
        for (text, ends_so) in [
            ("CREATE INDEX i ON t (a) -- why", true),
            ("CREATE INDEX i ON t (a) /* b */ -- c */", true),
            ("CREATE INDEX i ON t (a) -- why\n", false),
            ("CREATE INDEX i ON t (a) /* -- */", false),
            ("CREATE INDEX i ON t ('--')", false),
        ] {
            assert_eq!(ends_in_comment(text), ends_so, "{text}");
        }
        assert!(names_itself("CREATE TABLE t (a INT CHECK ([T].a > 0))", "t"));
        assert!(!names_itself("CREATE TABLE main.t (a INT CHECK (a > 0) REFERENCES t (b))", "main"));
        assert!(makes_index("CREATE UNIQUE INDEX i ON t (a)") && !makes_index("CREATE TRIGGER i AFTER"));
    }

    #[test]
    fn deferrability_comes_and_goes() {
        let to = |at, deferrability| {
            let clauses = Clauses { deferrability: Some(deferrability), ..Clauses::default() };
            with_clauses(CREATE, at, &clauses).expect("found")
        };
        assert_eq!(
            to(1, Deferrability::NotDeferrable),
            CREATE.replace("`p``q` DEFERRABLE INITIALLY DEFERRED", "`p``q`")
        );
        assert_eq!(
            to(3, Deferrability::Immediate),
            CREATE.replace("FULL NOT DEFERRABLE", "FULL DEFERRABLE INITIALLY IMMEDIATE")
        );
        assert_eq!(
            to(0, Deferrability::Deferred),
            CREATE.replace("ON UPDATE CASCADE", "ON UPDATE CASCADE DEFERRABLE INITIALLY DEFERRED")
        );
    }

    #[test]
    fn a_constraint_goes_before_the_parenthesis() {
        let edited = with_constraint(CREATE, "FOREIGN KEY (d) REFERENCES p (id)").expect("a table");
        let new = "NOT DEFERRABLE,\n  FOREIGN KEY (d) REFERENCES p (id) -- the last";
        assert_eq!(edited, CREATE.replace("NOT DEFERRABLE -- the last", new));
    }
}
