//! What a migration's text tells of names: what was renamed, and where a name stands last. What happened is known from the two
//! states; a text only says which of two names is which, so that words will do where no grammar is looked at.

/// A word of a statement, its quotes left out, or a sign.
struct Word<'t> {
    text: &'t str,
    byte: usize,
}

/// A migration's text as statements of words.
pub(super) struct Sql<'t> {
    statements: Vec<Vec<Word<'t>>>,
}

/// Something that got another name.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Renamed<'t> {
    Table { from: &'t str, to: &'t str },
    Column { table: &'t str, from: &'t str, to: &'t str },
}

impl<'t> Sql<'t> {
    pub(super) fn new(text: &'t str) -> Self {
        let mut statements = vec![Vec::new()];
        let mut at = 0;
        while let Some(rest) = text.get(at..).filter(|rest| !rest.is_empty()) {
            let (length, word) = token(rest);
            match word {
                Some(";") => statements.push(Vec::new()),
                Some(word) => {
                    if let Some(statement) = statements.last_mut() {
                        statement.push(Word { text: word, byte: at });
                    }
                }
                None => {}
            }
            at += length;
        }
        Sql { statements }
    }

    /// Tables and columns that got another name, in the order of the statements.
    pub(super) fn renamed(&self) -> Vec<Renamed<'t>> {
        let mut renamed = Vec::new();
        for statement in &self.statements {
            let words: Vec<&'t str> = statement.iter().map(|word| word.text).collect();
            let at = |keyword: &str| words.iter().position(|word| word.eq_ignore_ascii_case(keyword));
            let (Some(table), true) = (at("table"), at("alter").or(at("rename")).is_some()) else { continue };
            let mut rest = &words[table + 1..];
            while let [first, after @ ..] = rest
                && ["if", "exists", "only"].iter().any(|word| first.eq_ignore_ascii_case(word))
            {
                rest = after;
            }
            let Some((name, mut rest)) = name(rest) else { continue };
            if words[..table].last().is_some_and(|word| word.eq_ignore_ascii_case("rename")) {
                of_list(name, rest, &mut renamed);
                continue;
            }
            while let [first, after @ ..] = rest {
                rest = after;
                if first.eq_ignore_ascii_case("rename") {
                    renamed.extend(of_rename(name, after));
                } else if first.eq_ignore_ascii_case("change") {
                    let after = without(after, "column");
                    if let [from, to, ..] = after {
                        renamed.push(Renamed::Column { table: name, from, to });
                    }
                }
            }
        }
        renamed
    }

    /// Where the last statement begins that holds all of these words.
    pub(super) fn last_with(&self, words: &[&str]) -> Option<usize> {
        let holds = |statement: &&Vec<Word<'_>>| {
            words.iter().all(|word| statement.iter().any(|other| other.text.eq_ignore_ascii_case(word)))
        };
        self.statements.iter().rev().find(holds)?.first().map(|word| word.byte)
    }

    /// Whether a name stands anywhere in it.
    pub(super) fn names(&self, name: &str) -> bool {
        self.last_with(&[name]).is_some()
    }
}

/// Behind `RENAME TABLE a`: `TO b, c TO d`
fn of_list<'t>(first: &'t str, rest: &[&'t str], renamed: &mut Vec<Renamed<'t>>) {
    let (mut from, mut rest) = (first, rest);
    while let [to_word, after @ ..] = rest
        && to_word.eq_ignore_ascii_case("to")
        && let Some((to, after)) = name(after)
    {
        renamed.push(Renamed::Table { from, to });
        let [",", after @ ..] = after else { break };
        let Some((next, after)) = name(after) else { break };
        (from, rest) = (next, after);
    }
}

/// Behind `ALTER TABLE t RENAME`: `TO b`, `b`, `AS b`, `COLUMN a TO b`, `a TO b`.
fn of_rename<'t>(table: &'t str, rest: &[&'t str]) -> Option<Renamed<'t>> {
    let is = |word: &str, keyword: &str| word.eq_ignore_ascii_case(keyword);
    match rest {
        [first, ..] if ["constraint", "index", "key", "value"].iter().any(|word| is(first, word)) => None,
        [first, rest @ ..] if is(first, "to") || is(first, "as") => {
            name(rest).map(|(to, _)| Renamed::Table { from: table, to })
        }
        [first, from, to, column, ..] if is(first, "column") && is(to, "to") => {
            Some(Renamed::Column { table, from, to: column })
        }
        [from, to, column, ..] if is(to, "to") => Some(Renamed::Column { table, from, to: column }),
        [to] => Some(Renamed::Table { from: table, to }),
        _ => None,
    }
}

fn without<'s, 't>(words: &'s [&'t str], keyword: &str) -> &'s [&'t str] {
    match words {
        [first, rest @ ..] if first.eq_ignore_ascii_case(keyword) => rest,
        words => words,
    }
}

/// A name, its schema left out, and what follows.
fn name<'s, 't>(words: &'s [&'t str]) -> Option<(&'t str, &'s [&'t str])> {
    match words {
        [_, ".", name, rest @ ..] | [name, rest @ ..] => Some((name, rest)),
        [] => None,
    }
}

/// How long the first token is, and what it is, unless blank, a comment or a string.
fn token(text: &str) -> (usize, Option<&str>) {
    let until =
        |open: usize, close: &str| text[open..].find(close).map_or(text.len(), |at| open + at + close.len());
    let first = text.chars().next().unwrap_or_default();
    if text.starts_with("--") {
        return (until(2, "\n"), None);
    }
    if text.starts_with("/*") {
        return (until(2, "*/"), None);
    }
    match first {
        '\'' => (until(1, "'"), None),
        '"' | '`' => {
            let end = until(1, first.encode_utf8(&mut [0; 4]));
            (end, text.get(1..end - 1))
        }
        _ if is_of_word(first) => {
            let end = text.find(|c| !is_of_word(c)).unwrap_or(text.len());
            (end, Some(&text[..end]))
        }
        _ if first.is_whitespace() => (first.len_utf8(), None),
        _ => (first.len_utf8(), text.get(..first.len_utf8())),
    }
}

fn is_of_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_' || c == '$'
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_got_another_name() {
        let table = |from, to| Renamed::Table { from, to };
        let column = |table, from, to| Renamed::Column { table, from, to };
        for (text, renamed) in [
            ("ALTER TABLE a RENAME TO b;", vec![table("a", "b")]),
            ("-- x\nalter table if exists only public.a rename to \"B c\"", vec![table("a", "B c")]),
            ("ALTER TABLE `a` RENAME AS `b`", vec![table("a", "b")]),
            ("ALTER TABLE a RENAME b;", vec![table("a", "b")]),
            ("RENAME TABLE a TO b, s.c TO s.d;", vec![table("a", "b"), table("c", "d")]),
            ("ALTER TABLE t RENAME COLUMN a TO b", vec![column("t", "a", "b")]),
            ("ALTER TABLE t RENAME a TO b", vec![column("t", "a", "b")]),
            ("ALTER TABLE t CHANGE COLUMN a b INT", vec![column("t", "a", "b")]),
            ("ALTER TABLE t RENAME CONSTRAINT a TO b; ALTER INDEX a RENAME TO b", vec![]),
            ("INSERT INTO t VALUES ('ALTER TABLE a RENAME TO b')", vec![]),
            ("DO $$ BEGIN ALTER TABLE a RENAME TO b; END $$", vec![table("a", "b")]),
            ("ALTER TABLE", vec![]),
            ("ALTER TABLE \"", vec![]),
            ("RENAME TABLE a TO", vec![]),
        ] {
            assert_eq!(Sql::new(text).renamed(), renamed, "{text}");
        }
    }

    #[test]
    fn the_last_statement_with_words() {
        let sql = Sql::new("DROP TABLE a;\n-- b\nALTER TABLE \"c\" ADD x;");
        assert_eq!(sql.last_with(&["drop", "A"]), Some(0));
        assert_eq!(sql.last_with(&["c"]), Some(19));
        assert_eq!(sql.last_with(&["b"]), None);
    }
}
