//! As a page: the picture of what the delete reaches, and the tree in words.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::io::{self, Write};

use maud::{Markup, html};

use super::{extent, in_code, refusal, statement, too_deep, unknown, when};
use crate::impact::rows::{RowsImpact, With};
use crate::impact::{Effect, Impact, Impacts, Lost, Stopped};
use crate::model::{DataClass, SourceMap, TableName};
use crate::report::clean::Clean;
use crate::report::html::{document, piece};
use crate::report::picture::{Key, Kind, Look, Picture, figure, sample, short};
use crate::words::counted;

/// With more tables than this the page shows no picture of each.
const MOST_PICTURES: usize = 60;

pub(super) fn render(impacts: &Impacts, out: &mut dyn Write) -> io::Result<()> {
    let heading = match &impacts.impacts[..] {
        [impact] => format!("What {} does", statement(impact)),
        _ => "What a delete does".to_owned(),
    };
    let heading = Clean::new(&heading);
    let are_several = impacts.impacts.len() > 1;
    let top = html! {
        header { h1 { (heading) } }
        @if are_several {
            nav aria-label="On this page" {
                @for (at, impact) in impacts.impacts.iter().enumerate() {
                    a href={ "#impact-" (at) } { (clean(&impact.table)) }
                }
            }
        }
    };
    document(&heading, &top, true, out, |out| {
        impacts.impacts.iter().enumerate().try_for_each(|(at, impact)| {
            let has_picture = impacts.impacts.len() <= MOST_PICTURES;
            piece(out, &section(at, impact, &impacts.sources, has_picture))
        })
    })
}

fn section(at: usize, impact: &Impact, sources: &SourceMap, has_picture: bool) -> Markup {
    let about = Clean::new(&format!("What {} reaches", statement(impact))).to_string();
    let picture = picture(impact, sources);
    let is_drawn = has_picture && !picture.keys.is_empty();
    let source = Clean::new(&format!("{} of {}", counted(impact.keys, "key"), impact.source));
    html! {
        section.list id={ "impact-" (at) } aria-labelledby={ "impact-title-" (at) } {
            h2 id={ "impact-title-" (at) } { code { (Clean::new(&statement(impact))) } }
            p.extent { (source) @if impact.rows.is_none() { ". No row was looked at: all of it is “at most”." } }
            @if impact.keys_are_off {
                p.problem {
                    "Nothing in this workspace turns foreign keys on, and SQLite does none of this until a connection asks for it."
                }
            }
            @if let Some(rows) = &impact.rows { (of_rows(rows)) }
            @if is_drawn { (figure(&format!("picture-{at}"), &picture, &about, &[])) }
            h3 { @if impact.update.is_some() { "Writes " } @else { "Deletes " } (extent(impact)) }
            @if impact.deletes.len() > 1 {
                p.folds {
                    button type="button" hidden="hidden" data-fold="open" { "Unfold all" } " "
                    button type="button" hidden="hidden" data-fold="close" { "Fold all" }
                }
            }
            (tree(impact, sources))
            (effects("Nulls", impact.nulls.iter().map(|effect| (effect, "set to NULL".to_owned())), sources))
            (effects("Defaults", impact.defaults.iter().map(|effect| (effect, "set to the default".to_owned())), sources))
            @if impact.stops.is_empty() { h3 { "Stops: nothing" } }
            (effects("Stops", impact.stops.iter().map(|stopped| (&stopped.effect, stops(stopped, impact))), sources))
            (effects("Orphans", impact.orphans.iter().map(|effect| (effect, format!("not in force: left without {}", effect.parent))), sources))
            (effects("Slow", impact.slow.iter().map(|effect| (effect, "no index: every delete reads the whole table".to_owned())), sources))
            @if let Some(text) = too_deep(impact) { h3 { "Deep" } p { (text) } }
            @if !impact.unknown.is_empty() {
                h3 { "Can’t be known" }
                ul { @for one in &impact.unknown { li { (Clean::new(&unknown(one))) } } }
            }
        }
    }
}

/// What becomes of the rows that are there.
fn of_rows(rows: &RowsImpact) -> Markup {
    let at_least = if rows.at_least { "at least " } else { "" };
    html! {
        p { "True of " (counted(rows.chosen, "row")) "." }
        @if let Some(refused) = &rows.refused {
            p.problem { "It is refused " (Clean::new(&refusal(refused))) "." }
        } @else {
            table {
                thead { tr { th { "Rows of" } th { "become" } th { "Number" } } }
                tbody {
                    @for (table, number) in &rows.deleted {
                        tr { td { code { (clean(table)) } } td { "deleted" } td { (at_least) (number) } }
                    }
                    @for written in &rows.written {
                        tr {
                            td { code { (Clean::new(&written.key.to_string())) } }
                            td { (with(written.with)) }
                            td { (at_least) (written.rows) }
                        }
                    }
                }
            }
        }
    }
}

fn with(with: With) -> &'static str {
    match with {
        With::Null => "NULL",
        With::Default => "the default",
        With::Value => "the new value",
    }
}

/// `RESTRICT, invoices_org, while rows refer to ..: a bill is kept`
fn stops(stopped: &Stopped, impact: &Impact) -> String {
    let Effect { action, constraint, reason, .. } = &stopped.effect;
    let name = constraint.as_ref().map_or_else(String::new, |name| format!("{name}, "));
    let reason = reason.as_ref().map_or_else(String::new, |reason| format!(": {reason}"));
    format!("{action}, {name}{}{reason}", when(stopped, impact.update.is_some()))
}

/// The tables that lose rows, each under the one that leads to it; what has others below it can be folded.
fn tree(impact: &Impact, sources: &SourceMap) -> Markup {
    let mut below: HashMap<&TableName, Vec<&Lost>> = HashMap::new();
    for lost in &impact.deletes {
        below.entry(&lost.under).or_default().push(lost);
    }
    // From the last to the first, for whatever is under a table stands behind it: no recursion, however deep it is.
    let mut made: HashMap<&TableName, Markup> = HashMap::new();
    for lost in impact.deletes.iter().rev() {
        let under: Vec<Markup> = below
            .remove(&lost.table)
            .into_iter()
            .flatten()
            .filter_map(|lost| made.remove(&lost.table))
            .collect();
        made.insert(&lost.table, node(lost, &under, sources));
    }
    let first = below.remove(&impact.table).into_iter().flatten();
    let first: Vec<Markup> = first.filter_map(|lost| made.remove(&lost.table)).collect();
    html! {
        @for effect in &impact.itself {
            p { (line(effect)) " " code { (columns(effect)) } ", itself" }
        }
        ul.reach { @for node in first { (node) } }
    }
}

fn node(lost: &Lost, under: &[Markup], sources: &SourceMap) -> Markup {
    let class = lost.class.map(|class| match class {
        DataClass::Audit => "audit evidence",
        DataClass::Value => "of value",
        DataClass::Ephemeral => "ephemeral",
    });
    let text = html! {
        code { (clean(&lost.table)) }
        @if let Some(class) = class { " " span.tag { (class) } }
        @if let Some(rows) = lost.rows.filter(|rows| *rows > 0) { " " span.brief { "about " (counted(usize::try_from(rows).unwrap_or(usize::MAX), "row")) } }
        " " span.brief {
            "by "
            @for (at, effect) in lost.by.iter().enumerate() {
                @if at > 0 { ", " }
                (columns(effect))
                @if effect.parent != lost.under { " from " (clean(&effect.parent)) }
                @if let Some(said) = in_code(effect) { " " span.mark { "≠" } " " (Clean::new(&said)) }
            }
        }
        @if let Some(reason) = &lost.reason { " " (Clean::new(reason)) }
        @if let Some(effect) = lost.by.iter().find(|effect| effect.declared.or(effect.migration).is_some()) { " " (place(effect, sources)) }
    };
    html! {
        li {
            @if under.is_empty() {
                div.leaf { (text) }
            } @else {
                details.entry open { summary { (text) } ul { @for node in under { (node) } } }
            }
        }
    }
}

fn effects<'e>(
    title: &str,
    effects: impl Iterator<Item = (&'e Effect, String)>,
    sources: &SourceMap,
) -> Markup {
    let effects: Vec<(&Effect, String)> = effects.collect();
    html! {
        @if !effects.is_empty() {
            h3 { (title) }
            ul.keys {
                @for (effect, said) in &effects {
                    li {
                        (line(effect))
                        span {
                            code { (Clean::new(&effect.key.to_string())) } ": " (Clean::new(said))
                            @if let Some(said) = in_code(effect) { " " span.mark { "≠" } " " (Clean::new(&said)) }
                            " " (place(effect, sources))
                        }
                    }
                }
            }
        }
    }
}

fn line(effect: &Effect) -> Markup {
    sample(Kind::of(&effect.action, true))
}

fn place(effect: &Effect, sources: &SourceMap) -> Markup {
    html! {
        @if let Some(span) = effect.declared.or(effect.migration) {
            span.place { (Clean::new(&format!("{}:{}", sources.file(span.file).display, span.start.line))) }
        }
    }
}

fn columns(effect: &Effect) -> Clean {
    Clean::new(&effect.key.columns.join(", "))
}

fn clean(name: &TableName) -> Clean {
    Clean::new(&name.to_string())
}

/// The table, what loses rows, and what is nulled, stops or is left.
fn picture(impact: &Impact, sources: &SourceMap) -> Picture {
    let mut picture = Picture::default();
    let mut tables: HashMap<&TableName, usize> = HashMap::new();
    tables.insert(&impact.table, picture.table(&impact.table, Look::Root));
    for lost in &impact.deletes {
        let at = picture.table(&lost.table, Look::Plain);
        picture.tables[at].tag = lost.class.map(|class| match class {
            DataClass::Audit => "audit",
            DataClass::Value => "value",
            DataClass::Ephemeral => "ephemeral",
        });
        tables.insert(&lost.table, at);
    }
    let acting = impact
        .itself
        .iter()
        .chain(impact.deletes.iter().flat_map(|lost| &lost.by))
        .chain(&impact.nulls)
        .chain(&impact.defaults)
        .chain(impact.stops.iter().map(|stopped| &stopped.effect));
    let acting =
        acting.map(|effect| (effect, true)).chain(impact.orphans.iter().map(|effect| (effect, false)));
    for (effect, in_force) in acting {
        let (child, parent) = (&effect.key.table, &effect.parent);
        let mut table = |name| {
            let picture = &mut picture;
            *tables.entry(name).or_insert_with(|| picture.table(name, Look::Stays))
        };
        let (child, parent) = (table(child), table(parent));
        let name = Clean::new(&effect.key.to_string()).to_string();
        let mut title = format!("{name} → {}: ON DELETE {}", effect.parent, effect.action);
        if let Some(said) = in_code(effect) {
            let _ = write!(title, "; {said}");
        }
        if let Some(span) = effect.declared {
            let _ = write!(title, " ({}:{})", sources.file(span.file).display, span.start.line);
        }
        let mark = effect.in_code.as_ref().map(|action| format!("≠ {action}"));
        picture.keys.push(Key {
            child,
            parent,
            name,
            columns: short(columns(effect).as_str()),
            title: Clean::new(&title).to_string(),
            kind: Kind::of(&effect.action, in_force),
            mark: mark.map(|mark| short(Clean::new(&mark).as_str())),
        });
    }
    picture
}
