//! Rules out of SHOW CREATE TABLE, for roles to which `information_schema` shows keys without their rules.

use super::merge::{ParentIndex, Rule};

/// The rules of every key in the text, by the constraint's name. `unsaid` is what the server means by no clause.
pub(super) fn rules(create_table: &str, unsaid: &str) -> Vec<(String, Rule)> {
    create_table.lines().filter_map(|line| rule(line.trim(), unsaid)).collect()
}

/// Reads ``CONSTRAINT `name` FOREIGN KEY (`a`) REFERENCES `p` (`x`) ON DELETE CASCADE``, as the server prints it.
fn rule(line: &str, unsaid: &str) -> Option<(String, Rule)> {
    let (name, rest) = take_identifier(line.strip_prefix("CONSTRAINT ")?)?;
    if !rest.starts_with(" FOREIGN KEY ") {
        return None;
    }
    let words = without_identifiers(rest);
    Some((
        name,
        Rule {
            on_delete: clause(&words, " ON DELETE ").unwrap_or(unsaid).to_owned(),
            on_update: clause(&words, " ON UPDATE ").unwrap_or(unsaid).to_owned(),
            match_full: false,
            parent_index: ParentIndex::NotTold,
        },
    ))
}

/// The action after `start`.
fn clause(words: &str, start: &str) -> Option<&'static str> {
    let (_, rest) = words.split_once(start)?;
    ["NO ACTION", "RESTRICT", "CASCADE", "SET NULL", "SET DEFAULT"]
        .into_iter()
        .find(|action| rest.starts_with(action))
}

/// The identifier in backticks at the start, and what follows it.
fn take_identifier(text: &str) -> Option<(String, &str)> {
    let inner = text.strip_prefix('`')?;
    let mut name = String::new();
    let mut characters = inner.char_indices().peekable();
    while let Some((at, character)) = characters.next() {
        if character != '`' {
            name.push(character);
        } else if characters.next_if(|(_, next)| *next == '`').is_some() {
            name.push('`');
        } else {
            return Some((name, &inner[at + 1..]));
        }
    }
    None
}

/// What stands outside of backticks, so that no name reads as a clause.
fn without_identifiers(text: &str) -> String {
    text.split('`').step_by(2).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_are_read_and_names_are_not_mistaken_for_clauses() {
        let text = "CREATE TABLE `t` (\n  `a` int COMMENT 'CONSTRAINT `x` FOREIGN KEY ON DELETE CASCADE',\n  \
            CONSTRAINT `one``two` FOREIGN KEY (`a`,` ON DELETE CASCADE `) REFERENCES `p` (`x`,`y`) ON DELETE SET NULL \
            ON UPDATE CASCADE,\n  CONSTRAINT `bare` FOREIGN KEY (`a`) REFERENCES ` ON DELETE CASCADE` (`x`),\n  \
            CONSTRAINT `chk` CHECK (`a` > 1)\n) ENGINE=InnoDB";
        let found: Vec<_> = rules(text, "RESTRICT")
            .into_iter()
            .map(|(name, rule)| (name, rule.on_delete, rule.on_update))
            .collect();
        let expected = [("one`two", "SET NULL", "CASCADE"), ("bare", "RESTRICT", "RESTRICT")];
        assert_eq!(found, expected.map(|(a, b, c)| (a.to_owned(), b.to_owned(), c.to_owned())));
    }
}
