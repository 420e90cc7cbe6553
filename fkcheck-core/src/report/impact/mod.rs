//! What a delete does, for people and for programs.

mod html;
mod json;
mod markdown;
mod text;

use std::io::{self, Write};

use super::{Format, Style};
use crate::consequence::{Unknown, What, When};
use crate::impact::rows::Refused;
use crate::impact::{Effect, Impact, Impacts, Stopped};
use crate::model::{Event, Hook, HookKind, KeyName};

/// How much of it is shown.
#[derive(Clone, Copy, Debug, Default)]
pub struct Shown {
    /// Every path, not the nearest alone.
    pub paths: bool,
    /// At most so many lines a table; `None`: all.
    pub lines: Option<usize>,
}

/// Prints what deletes do: as JSON, as Markdown, as a page, else for people.
pub fn render_impacts(
    impacts: &Impacts,
    format: Format,
    shown: Shown,
    style: &Style,
    out: &mut dyn Write,
) -> io::Result<()> {
    match format {
        Format::Json(_) => json::render(impacts, out),
        Format::Markdown => markdown::render(impacts, shown, out),
        Format::Html => html::render(impacts, out),
        _ => text::render(impacts, shown, style, out),
    }
}

/// `DELETE FROM users`, `UPDATE users SET id = ..`
fn statement(impact: &Impact) -> String {
    let statement = match &impact.update {
        None => format!("DELETE FROM {}", impact.table),
        Some(column) => format!("UPDATE {} SET {column} = ..", impact.table),
    };
    match &impact.rows {
        Some(rows) => format!("{statement} WHERE {}", rows.condition),
        None => statement,
    }
}

/// What refuses the statement; continues "is refused ".
fn refusal(refused: &Refused) -> String {
    match refused {
        Refused::Key { table, columns, constraint, parent } => {
            let key = KeyName { table: table.clone(), columns: columns.clone() };
            match constraint {
                Some(name) => format!("by `{key}` → `{parent}` ({name})"),
                None => format!("by `{key}` → `{parent}`"),
            }
        }
        Refused::Keys => {
            "by a key to whose parent rows still refer at the end of the statement, or at COMMIT".to_owned()
        }
        Refused::NotNull(table, column) => format!("as `{table}.{column}` takes no NULL"),
        Refused::Unique(table, index) if index.is_empty() => {
            format!("as two rows of `{table}` would be equal")
        }
        Refused::Unique(table, index) => format!("as two rows of `{table}` would be equal to `{index}`"),
        Refused::NoPartition(table) => format!("as `{table}` has no partition for what is written"),
        Refused::Generated(table, column) => format!("as `{table}.{column}` is written by the engine alone"),
        Refused::TooDeep => {
            "as it takes more cascades, one after the other, than the engine follows".to_owned()
        }
    }
}

/// `at most 34 tables: 24 at once, 10 at the second step`
fn extent(impact: &Impact) -> String {
    let total = impact.deletes.len();
    if total == 0 && !impact.itself.is_empty() {
        return "rows of the table itself that refer to them".to_owned();
    }
    if total == 0 {
        let is_referred = !(impact.nulls.is_empty()
            && impact.defaults.is_empty()
            && impact.stops.is_empty()
            && impact.orphans.is_empty());
        return match &impact.update {
            Some(column) if !is_referred => {
                format!("no other table: no key refers to {}.{column}", impact.table)
            }
            _ => "nothing else".to_owned(),
        };
    }
    let last = impact.deletes.iter().map(|lost| lost.step).max().unwrap_or_default();
    let at = |step: usize| impact.deletes.iter().filter(|lost| lost.step == step).count();
    let step = |step: usize| match step {
        1 => format!("{} at once", at(1)),
        step => format!("{} at step {step}", at(step)),
    };
    let steps: Vec<String> = (1..=last).map(step).collect();
    let tables = if total == 1 { "table" } else { "tables" };
    match &steps[..] {
        [_] => format!("rows of at most {total} {tables}, at once"),
        _ => format!("rows of at most {total} {tables}: {}", steps.join(", ")),
    }
}

/// When a key stops a statement, as a word.
pub(super) fn word(at: When) -> &'static str {
    match at {
        When::Referred => "referred",
        When::Left => "left",
        When::Order => "order",
        When::Commit => "commit",
        When::NotNull => "not_null",
        When::Generated => "generated",
        When::Default => "default",
        When::DefaultRow => "default_row",
        When::HalfNull => "half_null",
        When::Check => "check",
        When::Unique => "unique",
        When::PartitionKey => "partition_key",
        When::Room => "room",
        When::NoParentKey => "no_parent_key",
        When::Swallowed => "swallowed",
    }
}

/// When a key stops the delete; continues "`posts.user_id` ..".
fn when(stopped: &Stopped, of_update: bool) -> String {
    when_to(stopped.when, &stopped.effect.parent.to_string(), stopped.by.as_deref(), of_update)
}

/// The same of a key to `parent`; `by` is what makes it so, where it isn't the key itself.
pub(super) fn when_to(when: When, parent: &str, by: Option<&str>, of_update: bool) -> String {
    let name = by;
    // `CHECK amount_check`
    let by = |what: &str| match name {
        Some(name) => format!("{what} {name}"),
        None => format!("a {what}"),
    };
    let (does, go) = if of_update { ("changes", "are written") } else { ("goes", "go") };
    let referred = format!("while rows refer to a row of {parent} that {does}");
    match when {
        When::Referred => referred,
        When::Left => format!("{referred}, unless they {go} by another way"),
        When::Order => {
            format!(
                "or not, {referred}: they {go} by another way too, and the order in which keys act decides"
            )
        }
        When::Commit => format!("at COMMIT, {referred}"),
        When::NotNull => match name {
            Some(by) => format!("{referred}: the column takes no NULL, by {by}"),
            None => format!("{referred}: the column takes no NULL"),
        },
        When::Generated => format!("{referred}: the column is generated"),
        When::Default => format!("{referred}: this engine does no SET DEFAULT"),
        When::DefaultRow => format!("{referred}, if no row of {parent} has the default for its key"),
        When::HalfNull => format!("{referred}: MATCH FULL takes no key that is NULL in part"),
        When::Check => format!("or not, {referred}: {} looks at what is written", by("CHECK")),
        When::Unique => format!("or not, {referred}: {} may have what is written already", by("unique key")),
        When::PartitionKey => {
            format!("or not, {referred}: {} may have no partition for what is written", by("table"))
        }
        When::Room => format!("or not, {referred}: the column may be too narrow for what is written"),
        When::NoParentKey => {
            format!(
                "always: the referenced columns of {parent} are none of its unique keys, or it isn't there"
            )
        }
        When::Swallowed => format!("always: {} makes nothing of what the key does", by("rule")),
    }
}

/// What else can happen; `trigger audit on posts (before delete)`.
fn unknown(unknown: &Unknown) -> String {
    let table = &unknown.table;
    match &unknown.what {
        What::Hook(hook) => {
            let what = kind_of(hook);
            format!("{what} {} on {table} ({})", hook.name, acts(hook))
        }
        What::Unseen(why) => format!("triggers and rules: {why}"),
        What::UnseenOutside(why) => format!("children in other databases: {why}"),
        What::GoesWith(of) => {
            format!("rows of {table}, which inherits from {of}, go too, and so do keys that refer to {table}")
        }
        What::OfAnotherPart { key, parent } => format!(
            "{key} refers to {parent}, which has rows in common with {table}: what it does isn't followed"
        ),
        What::StaysBeside(of) => {
            format!(
                "rows of {table}, which inherits from {of}, stay as they are: keys of {of} don't hold there"
            )
        }
    }
}

fn kind_of(hook: &Hook) -> &'static str {
    match hook.kind {
        HookKind::Before | HookKind::After | HookKind::Statement => "trigger",
        HookKind::Publication => "publication",
        _ => "rule",
    }
}

/// `before delete`
fn acts(hook: &Hook) -> String {
    let event = match hook.event {
        Event::Delete => "delete",
        Event::Update => "update",
    };
    match hook.kind {
        HookKind::Before => format!("before {event}"),
        HookKind::After => format!("after {event}"),
        HookKind::Statement => format!("once for each {event}"),
        HookKind::Publication => format!("no replica identity, so that every {event} fails"),
        _ => format!("on {event}"),
    }
}

/// What the code says otherwise.
fn in_code(effect: &Effect) -> Option<String> {
    effect.in_code.as_ref().map(|action| format!("the code says {action}"))
}

/// What the chain of cascades comes to.
fn too_deep(impact: &Impact) -> Option<String> {
    let deep = impact.too_deep?;
    Some(match deep.longest {
        Some(longest) => format!(
            "a chain of {longest} cascades; this engine follows {}, and a longer one makes the delete fail",
            deep.most
        ),
        None => format!(
            "cascades that come back to a table that they have passed: more than {} in a row make the delete fail",
            deep.most
        ),
    })
}
