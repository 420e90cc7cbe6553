//! The first lines of a migration that `cargo fkcheck fix` wrote say for programs what it does; people read what follows.
//!
//! `-- fkcheck: v1 key="posts.user_id" from="ON DELETE CASCADE" to="ON DELETE NO ACTION" step=swap`

use std::fmt;

use super::KeyName;

/// What all versions of such a line begin with.
const PREFIX: &str = "-- fkcheck: ";

/// The version that is written and read.
const VERSION: &str = "v1";

/// What a migration does to one key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Mark {
    /// Child table and columns, as [`KeyName`] prints them.
    pub(crate) key: String,
    /// The rules before; `None`: there is no key.
    pub(crate) from: Option<String>,
    /// The rules after it.
    pub(crate) to: String,
    /// Which part of the work it does.
    pub(crate) step: Step,
}

/// A part of the work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// Makes the key anew.
    Swap,
    /// Validates what the one before has made.
    Validate,
    /// Makes the new key on each partition.
    Partitions,
    /// Takes the partitions' new keys over.
    TakeOver,
    /// Makes the table anew.
    Rebuild,
}

impl Step {
    const ALL: [Step; 5] = [Step::Swap, Step::Validate, Step::Partitions, Step::TakeOver, Step::Rebuild];

    fn word(self) -> &'static str {
        match self {
            Step::Swap => "swap",
            Step::Validate => "validate",
            Step::Partitions => "partitions",
            Step::TakeOver => "take_over",
            Step::Rebuild => "rebuild",
        }
    }

    /// Whether the rule of the key is another one afterwards.
    pub(crate) fn sets_the_rule(self) -> bool {
        matches!(self, Step::Swap | Step::TakeOver | Step::Rebuild)
    }
}

impl fmt::Display for Mark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // A Rust literal: a name may hold anything, a line break too.
        write!(f, "{PREFIX}{VERSION} key={:?} from=", self.key)?;
        match &self.from {
            Some(from) => write!(f, "{from:?}")?,
            None => f.write_str("none")?,
        }
        write!(f, " to={:?} step={}", self.to, self.step.word())
    }
}

impl Mark {
    /// The marks at the top of a file; lines of another version are left out.
    pub(crate) fn read(text: &str) -> Vec<Mark> {
        text.lines().map_while(|line| line.strip_prefix(PREFIX)).filter_map(Mark::from_line).collect()
    }

    fn from_line(line: &str) -> Option<Mark> {
        let mut rest = line.strip_prefix(VERSION)?;
        let key = text(take(&mut rest, "key")?)?;
        let from = match take(&mut rest, "from")? {
            "none" => None,
            literal => Some(text(literal)?),
        };
        let to = text(take(&mut rest, "to")?)?;
        let word = take(&mut rest, "step")?;
        Some(Mark { key, from, to, step: Step::ALL.into_iter().find(|step| step.word() == word)? })
    }

    /// Whether it gives this key another rule.
    pub(crate) fn sets_the_rule_of(&self, key: &KeyName) -> bool {
        self.step.sets_the_rule() && self.key == key.to_string()
    }
}

/// ` name=value` off the front: a word, or a literal in quotes.
fn take<'a>(rest: &mut &'a str, name: &str) -> Option<&'a str> {
    let value = rest.strip_prefix(' ')?.strip_prefix(name)?.strip_prefix('=')?;
    let length = if value.starts_with('"') {
        let mut is_escaped = false;
        let end = value.char_indices().skip(1).find(|(_, c)| {
            let ends = *c == '"' && !is_escaped;
            is_escaped = *c == '\\' && !is_escaped;
            ends
        });
        end?.0 + 1
    } else {
        value.find(' ').unwrap_or(value.len())
    };
    let (value, left) = value.split_at(length);
    *rest = left;
    Some(value)
}

fn text(literal: &str) -> Option<String> {
    syn::parse_str::<syn::LitStr>(literal).ok().map(|literal| literal.value())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read() {
        let names = ["posts.user_id", "t.(a, b)", "a\"b\\.c d\n-- x", "ключ.\u{202e}\u{7f}'"];
        for (name, step) in names.into_iter().flat_map(|name| Step::ALL.map(|step| (name, step))) {
            for from in [None, Some("ON DELETE CASCADE".to_owned())] {
                let mark = Mark { key: name.to_owned(), from, to: "ON DELETE SET NULL (a)".to_owned(), step };
                let file = format!("{mark}\n{mark}\n-- Written by `cargo fkcheck fix`.\n{mark}\n");
                assert_eq!(Mark::read(&file), [mark.clone(), mark]);
            }
        }
    }

    #[test]
    fn what_is_no_mark_is_none() {
        for line in [
            "-- fkcheck: v2 key=\"a.b\" from=none to=\"x\" step=swap",
            "-- fkcheck: v1 key=\"a.b from=none to=\"x\" step=swap",
            "-- fkcheck: v1 key=a.b from=none to=\"x\" step=swap",
            "-- fkcheck: v1 key=\"a.b\" from=none to=\"x\" step=dance",
            "-- fkcheck: v1",
            "SELECT 1;",
        ] {
            assert_eq!(Mark::read(line), [], "{line}");
        }
    }
}
