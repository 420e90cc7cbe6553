//! What a branch changes in deletes, for people and for programs: the sentences that the forms share.

mod github;
mod json;
mod markdown;
mod text;

use std::io::{self, Write};

use super::{Format, Style};
use crate::model::{KeyName, TableName};
use crate::since::{Altered, Change, Changes, Does, Effect, KeyChange, Place, Since, Target};
use crate::words::counted;

/// So many tables or keys are named in a sentence.
const NAMED: usize = 3;

/// Prints what has changed: as JSON, as Markdown, as annotations for GitHub, else for people.
pub fn render_since(since: &Since, format: Format, style: &Style, out: &mut dyn Write) -> io::Result<()> {
    match format {
        Format::Json(_) => json::render(since, out),
        Format::Markdown => markdown::render(since, out),
        Format::Github => github::render(since, out),
        _ => text::render(since, style, out),
    }
}

/// ``2 keys and 1 table changed since 1a2b3c4d5e, where HEAD parted from `main` ``; with nothing changed, what was compared.
fn headline(changes: &Changes, since: &Since) -> String {
    let database = changes.database.as_ref().map_or_else(String::new, |name| format!("{name}: "));
    let commit = since.commit.as_deref().unwrap_or_default();
    let commit = commit.get(..10).unwrap_or(commit);
    let then = format!("{commit}, where HEAD parted from `{}`", since.reference);
    let compared = if changes.before == changes.after {
        format!("{} then and now", changes.before)
    } else {
        format!("{} then, {} now", changes.before, changes.after)
    };
    if changes.is_empty() {
        return format!("{database}no delete does anything otherwise than at {then} ({compared})");
    }
    let tables = changes.new_tables.len() + changes.gone_tables.len() + changes.renamed_tables.len();
    let what = match (changes.keys.len(), tables) {
        (0, 0) => counted(changes.deletes.len(), "effect"),
        (0, tables) => counted(tables, "table"),
        (keys, 0) => counted(keys, "key"),
        (keys, tables) => format!("{} and {}", counted(keys, "key"), counted(tables, "table")),
    };
    format!("{database}{what} changed since {then} ({compared})")
}

/// ``deleting a row of `users` now also deletes rows of `invoices` (CASCADE, new in `migrations/2_b/up.sql:4`)``
fn sentence(effect: &Effect, changes: &Changes) -> String {
    let tables = from(effect);
    let targets = listed(effect.targets.iter().map(target_name).collect());
    let does = match effect.does {
        Does::Deletes => format!("now also deletes rows of {targets}"),
        Does::Clears { instead: false } => format!("now clears {targets}"),
        Does::Clears { instead: true } => format!("now clears {targets} and no longer deletes its rows"),
        Does::Refused { instead: false } => format!("can now be refused by {targets}"),
        Does::Refused { instead: true } => {
            format!("can now be refused by {targets} and no longer deletes its rows")
        }
        Does::Orphans => format!("now leaves rows without a parent behind {targets}"),
        Does::Keeps => format!("no longer deletes rows of {targets}"),
        Does::ClearsNoMore => format!("no longer clears {targets}"),
        Does::RefusedNoMore => format!("is no longer refused by {targets}"),
    };
    let causes: Vec<String> = effect
        .causes
        .iter()
        .filter_map(|cause| changes.keys.get(*cause))
        .map(|key| cause(key, effect.causes.len() > 1 || !is_about(effect, key)))
        .collect();
    let causes = if causes.is_empty() { String::new() } else { format!(" ({})", causes.join("; ")) };
    format!("deleting a row of {tables} {does}{causes}")
}

/// Whether the sentence's only target names the key already.
fn is_about(effect: &Effect, key: &KeyChange) -> bool {
    matches!(&effect.targets[..], [target] if target.table == key.key.table && target.columns == key.key.columns)
}

/// `` `users`, `orgs` or 3 more tables ``
fn from(effect: &Effect) -> String {
    let names: Vec<&TableName> = effect.tables.iter().map(|(table, _)| table).collect();
    match &names[..] {
        [] => "some table".to_owned(),
        [one] => format!("`{one}`"),
        [one, other] => format!("`{one}` or `{other}`"),
        [one, other, more @ ..] => format!("`{one}`, `{other}` or {}", counted(more.len(), "more table")),
    }
}

/// `` `invoices` ``, or `` `invoices.user_id` ``.
fn target_name(target: &Target) -> String {
    if target.columns.is_empty() {
        return format!("`{}`", target.table);
    }
    let key = KeyName { table: target.table.clone(), columns: target.columns.clone() };
    format!("`{key}`")
}

/// ``CASCADE, new in `migrations/2_b/up.sql:4` ``; with the key's name where the sentence doesn't have it.
fn cause(key: &KeyChange, named: bool) -> String {
    let name = if named { format!("`{}` ", key.key) } else { String::new() };
    let is_past = key.place.as_ref().is_some_and(|place| place.is_past);
    let what = match &key.change {
        Change::New => format!("{}, new", key.on_delete),
        Change::Gone if is_past => format!("{} gone, made", key.on_delete),
        Change::Gone => format!("{} gone", key.on_delete),
        Change::Altered(altered) => {
            altered.iter().map(|one| otherwise(one, key)).collect::<Vec<_>>().join(", ")
        }
    };
    format!("{name}{what}{}", at(key))
}

/// What of a key is otherwise: `CASCADE, was NO ACTION`.
fn otherwise(altered: &Altered, key: &KeyChange) -> String {
    match altered {
        Altered::OnDelete(was) => format!("{}, was {was}", key.on_delete),
        Altered::OnUpdate(was, is) => format!("ON UPDATE {is}, was {was}"),
        Altered::Parent(was) => format!("refers to `{}`, did to `{was}`", key.parent),
        Altered::Deferrability(was, is) => format!("{is}, was {was}"),
        Altered::InForce(true) => "no longer in force".to_owned(),
        Altered::InForce(false) => "now in force".to_owned(),
        Altered::Columns => format!("{}, and the column takes another value than before", key.on_delete),
    }
}

fn shown(place: &Place) -> String {
    format!("{}:{}", place.file, place.line)
}

/// Where: ``in `migrations/2_b/up.sql:4` ``, after a blank.
fn at(key: &KeyChange) -> String {
    key.place.as_ref().map_or_else(String::new, |place| format!(" in `{}`", shown(place)))
}

/// A word for what has happened to a key.
fn word(change: &Change) -> &'static str {
    match change {
        Change::New => "new",
        Change::Gone => "gone",
        Change::Altered(_) => "changed",
    }
}

/// `CASCADE`, or of a key that was there before what is otherwise: `CASCADE, was NO ACTION`.
fn rule(key: &KeyChange) -> String {
    match &key.change {
        Change::New | Change::Gone => key.on_delete.to_string(),
        Change::Altered(altered) => {
            altered.iter().map(|one| otherwise(one, key)).collect::<Vec<_>>().join("; ")
        }
    }
}

/// ``changed: `user_tags.user_id` → `users`: CASCADE, was NO ACTION``
fn key_sentence(key: &KeyChange) -> String {
    format!("{}: `{}` → `{}`: {}{}", word(&key.change), key.key, key.parent, rule(key), at(key))
}

/// A word for what a delete does otherwise.
fn does_word(does: Does) -> &'static str {
    match does {
        Does::Deletes => "deletes",
        Does::Clears { .. } => "clears",
        Does::Refused { .. } => "refused",
        Does::Orphans => "orphans",
        Does::Keeps => "deletes_no_more",
        Does::ClearsNoMore => "clears_no_more",
        Does::RefusedNoMore => "refused_no_more",
    }
}

/// `` `a`, `b`, `c` and 4 more ``
fn listed(mut names: Vec<String>) -> String {
    if names.len() > NAMED + 1 {
        let more = names.len() - NAMED;
        names.truncate(NAMED);
        names.push(format!("{more} more"));
    }
    match names.split_last() {
        Some((last, first)) if !first.is_empty() => format!("{} and {last}", first.join(", ")),
        _ => names.concat(),
    }
}
