//! What every engine is asked for and needs in order to write the migrations that bring its keys to the code.

use std::fmt::Write as _;

use crate::harmful::is_harmful;
use crate::model::{Action, FixMigration, Mark, MatchType, Observation, ObservedKey, Step};
use crate::words::delete_does;

/// A key that is to be made anew.
#[derive(Clone, Debug)]
pub(crate) struct Change {
    /// As the source shows it; `None`: it isn't there.
    pub(crate) from: Option<ObservedKey>,
    /// As the code declares it, with all else that the source shows of it.
    pub(crate) to: ObservedKey,
    /// Child rows without a parent were counted, and there are none.
    pub(crate) has_no_orphans: bool,
}

/// What an engine writes migrations for.
pub(crate) struct FixRequest<'a> {
    pub(crate) changes: &'a [Change],
    pub(crate) observation: &'a Observation,
    /// What the migrations that are there make of an empty database, where that is known.
    pub(crate) from_migrations: Option<&'a Observation>,
    /// What the migrations' names begin with.
    pub(crate) name: &'a str,
}

/// How an engine writes them.
pub(crate) struct FixWriter {
    /// Why keys act in another order afterwards; continues "..: ". `None`: they don't.
    pub(crate) changes_order: Option<&'static str>,
    /// What a migration leaves behind in the connection that runs it; continues "the migration ..". `None`: nothing to speak of.
    pub(crate) leaves: Option<&'static str>,
    /// Why this can't be done there, and what to do first; `None`: it can.
    pub(crate) obstacle: fn(&Change, &Observation) -> Option<String>,
    /// What the migrations (the second observation) make otherwise than the database, where that stops the new one on what is made
    /// from them; continues "the migrations make ..". The changes are those of one table, the first is asked about.
    pub(crate) made_otherwise: fn(&[&Change], &Observation, &Observation) -> Option<String>,
    /// The migrations, in their order, for changes without an obstacle.
    pub(crate) migrations: fn(&FixRequest<'_>) -> Result<Vec<FixMigration>, String>,
}

impl Change {
    /// The way back; `None`: the key goes.
    pub(super) fn back(&self) -> Option<Change> {
        let from = self.from.clone()?;
        Some(Change { from: Some(self.to.clone()), to: from, has_no_orphans: self.has_no_orphans })
    }

    /// Whether the key stays as it is, and its old rows are looked at.
    pub(crate) fn only_validates(&self) -> bool {
        let as_before = |mut key: ObservedKey| {
            key.in_force.validated = true;
            key
        };
        self.to.in_force.validated
            && self
                .from
                .as_ref()
                .is_some_and(|from| !from.in_force.validated && as_before(from.clone()) == self.to)
    }

    /// Where both have the same columns, parent and attributes, and an action alone differs, every old row has a parent still.
    pub(super) fn keeps_old_rows_right(&self) -> bool {
        self.from.as_ref().is_some_and(|from| from.in_force.validated && from.in_force.enforced)
    }
}

/// The key under another name, and not as it should be: by its name the old one is dropped.
pub(super) fn named_otherwise(changes: &[&Change], _: &Observation, made: &Observation) -> Option<String> {
    let change = changes.first()?;
    let from = change.from.as_ref()?;
    let is_it = |key: &&ObservedKey| {
        key.key.columns == from.key.columns
            && key.key.table.name == from.key.table.name
            && key.parent.name == from.parent.name
    };
    let made = made.keys.iter().find(is_it)?;
    (made.name != from.name && made.on_delete != change.to.on_delete).then(|| {
        let name = |key: &ObservedKey| key.name.clone().unwrap_or_default();
        format!("`{}` under the name `{}`, and here it is `{}`", from.key, name(made), name(from))
    })
}

/// The changes of each child table, in the order of the first.
pub(super) fn by_table(changes: &[Change]) -> Vec<Vec<&Change>> {
    let mut tables: Vec<Vec<&Change>> = Vec::new();
    for change in changes {
        match tables.iter_mut().find(|table| table[0].to.key.table == change.to.key.table) {
            Some(table) => table.push(change),
            None => tables.push(vec![change]),
        }
    }
    tables
}

/// What the migration does, for programs: the lines that a file begins with.
pub(super) fn marks<'a>(changes: impl IntoIterator<Item = &'a Change>, step: Step) -> String {
    let mut lines = String::new();
    for Change { from, to, .. } in changes {
        let mark =
            Mark { key: to.key.to_string(), from: from.as_ref().map(rules_of), to: rules_of(to), step };
        let _ = writeln!(lines, "{mark}");
    }
    lines
}

/// `ON DELETE CASCADE ON UPDATE NO ACTION not deferrable`
fn rules_of(key: &ObservedKey) -> String {
    format!("ON DELETE {} ON UPDATE {} {}", key.on_delete, key.on_update, key.deferrability)
}

/// What stands at the top of a file: what becomes of each key, and what a delete does from then on.
pub(super) fn heading<'a>(changes: impl IntoIterator<Item = &'a Change>, purpose: &str) -> String {
    let mut lines = vec![format!("Written by `cargo fkcheck fix`{purpose}.")];
    for change in changes {
        lines.push(String::new());
        lines.extend(becomes(change));
    }
    comment(&lines)
}

/// What becomes of a key, in sentences.
fn becomes(change: &Change) -> Vec<String> {
    let to = &change.to;
    let key = format!("{} → {}", to.key, to.parent);
    let Some(from) = &change.from else {
        let does = delete_does(&to.on_delete, &to.key);
        return vec![
            format!("{key}: there was no foreign key; it is added, ON DELETE {}.", to.on_delete),
            format!("{}From now on, deleting a row of `{}` {does}.", caution(None, &to.on_delete), to.parent),
        ];
    };
    let mut differences = Vec::new();
    if from.on_delete != to.on_delete {
        differences.push(format!("ON DELETE {} becomes ON DELETE {}", from.on_delete, to.on_delete));
    }
    if from.on_update != to.on_update {
        differences.push(format!("ON UPDATE {} becomes ON UPDATE {}", from.on_update, to.on_update));
    }
    if from.deferrability != to.deferrability {
        differences.push(format!("{} becomes {}", from.deferrability, to.deferrability));
    }
    let mut lines = vec![format!("{key}: {}.", differences.join(", "))];
    if from.on_delete != to.on_delete {
        lines.push(format!(
            "{}From now on, deleting a row of `{}` {}.",
            caution(Some(&from.on_delete), &to.on_delete),
            to.parent,
            delete_does(&to.on_delete, &to.key)
        ));
    }
    lines
}

fn caution(from: Option<&Action>, to: &Action) -> &'static str {
    if to.loses_more_than(from) { "CAUTION! " } else { "" }
}

/// Lines of comment. A name may hold anything, a line break too.
pub(super) fn comment(lines: &[String]) -> String {
    let line = |line: &String| {
        let clean = cleaned(line);
        if clean.is_empty() { "--\n".to_owned() } else { format!("-- {clean}\n") }
    };
    lines.iter().map(line).collect()
}

/// A text for one line.
pub(super) fn cleaned(text: &str) -> String {
    let mut clean = String::with_capacity(text.len());
    for c in text.chars() {
        if is_harmful(c) { clean.extend(c.escape_default()) } else { clean.push(c) }
    }
    clean
}

/// What the clause of a key says of MATCH, ON UPDATE and ON DELETE: all engines spell it so. `quoted` spells a column.
pub(super) fn actions(key: &ObservedKey, quoted: &dyn Fn(&str) -> String) -> String {
    let mut words = String::new();
    if key.match_type == MatchType::Full {
        words.push_str(" MATCH FULL");
    }
    if key.on_update != Action::NoAction {
        let _ = write!(words, " ON UPDATE {}", spelled(&key.on_update, quoted));
    }
    let _ = write!(words, " ON DELETE {}", spelled(&key.on_delete, quoted));
    words
}

fn spelled(action: &Action, quoted: &dyn Fn(&str) -> String) -> String {
    let with_columns = |words: &str, columns: &[String]| {
        if columns.is_empty() { words.to_owned() } else { format!("{words} ({})", listed(columns, quoted)) }
    };
    match action {
        Action::SetNull(columns) => with_columns("SET NULL", columns),
        Action::SetDefault(columns) => with_columns("SET DEFAULT", columns),
        other => other.to_string(),
    }
}

/// Names, quoted and with commas.
pub(super) fn listed(names: &[String], quoted: &dyn Fn(&str) -> String) -> String {
    names.iter().map(|name| quoted(name)).collect::<Vec<_>>().join(", ")
}

/// What a name is in a directory's name.
pub(crate) fn slug(name: &str) -> String {
    const LONGEST: usize = 60;
    let mut slug = String::new();
    for c in name.chars() {
        if c.is_ascii_alphanumeric() {
            slug.push(c.to_ascii_lowercase());
        } else if !slug.ends_with('_') && !slug.is_empty() {
            slug.push('_');
        }
    }
    slug.truncate(LONGEST);
    slug.trim_end_matches('_').to_owned()
}
