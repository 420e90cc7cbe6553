//! The picture as a page: to search, zoom and ask, and below it every table with its keys.

use std::collections::BTreeMap;
use std::io::{self, Write};

use maud::{Markup, html};

use super::{class, columns, extent, kind, otherwise, picture, place, rule, title};
use crate::consequence::When;
use crate::graph::{Graph, Graphs, Key};
use crate::report::clean::Clean;
use crate::report::html::{document, framed, piece};
use crate::report::impact;
use crate::report::picture::{figure, sample};

const WHENS: [When; 15] = [
    When::Referred,
    When::Left,
    When::Order,
    When::Commit,
    When::NotNull,
    When::Generated,
    When::Default,
    When::DefaultRow,
    When::HalfNull,
    When::Check,
    When::Unique,
    When::PartitionKey,
    When::Room,
    When::NoParentKey,
    When::Swallowed,
];

pub(super) fn render(graphs: &Graphs, out: &mut dyn Write) -> io::Result<()> {
    let heading = match &graphs.graphs[..] {
        [graph] => title(graph),
        _ => "Delete rules".to_owned(),
    };
    let heading = Clean::new(&heading);
    let top = html! { header { h1 { (heading) } } };
    document(&heading, &top, true, out, |out| {
        graphs.graphs.iter().enumerate().try_for_each(|(at, graph)| one(at, graph, graphs, out))
    })
}

fn one(at: usize, graph: &Graph, graphs: &Graphs, out: &mut dyn Write) -> io::Result<()> {
    let about = title(graph);
    let id = format!("picture-{at}");
    let name = format!("tables-{at}");
    let whens = WHENS.map(|at| (impact::word(at), impact::when_to(at, "a table", None, false)));
    piece(
        out,
        &html! {
            section.wide aria-label=(about) {
                p.extent { (extent(graph)) }
                (figure(&id, &picture(graph, &graphs.sources), &about, &whens))
            }
        },
    )?;
    let frame = |hole: &_| {
        html! {
            section.list aria-labelledby=(name) {
                h2 id=(name) { "Tables" }
                p.folds {
                    button type="button" hidden="hidden" data-fold="open" { "Unfold all" } " "
                    button type="button" hidden="hidden" data-fold="close" { "Fold all" }
                }
                (hole)
            }
        }
    };
    let mut schemas: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (at, table) in graph.tables.iter().enumerate() {
        schemas.entry(table.name.schema.as_deref().unwrap_or_default()).or_default().push(at);
    }
    framed(out, frame, |out| {
        for (schema, tables) in &schemas {
            if schemas.len() < 2 {
                tables.iter().try_for_each(|table| piece(out, &entry(*table, graph, graphs, &id)))?;
                continue;
            }
            let name = if schema.is_empty() { "the default schema" } else { schema };
            let frame = |hole: &_| {
                html! { details.schema open { summary { (Clean::new(name)) } (hole) } }
            };
            framed(out, frame, |out| {
                tables.iter().try_for_each(|table| piece(out, &entry(*table, graph, graphs, &id)))
            })?;
        }
        Ok(())
    })
}

/// A table, folded: what its keys and those that refer to it do.
fn entry(at: usize, graph: &Graph, graphs: &Graphs, figure: &str) -> Markup {
    let table = &graph.tables[at];
    let down: Vec<&Key> = graph.keys.iter().filter(|key| key.parent == at).collect();
    let up: Vec<&Key> = graph.keys.iter().filter(|key| key.child == at && key.parent != at).collect();
    html! {
        details.entry data-of=(figure) data-row=(at) {
            summary {
                code { (Clean::new(&table.name.to_string())) }
                @if let Some(class) = class(table) { " " span.tag { (class) } }
                " " span.brief { (brief(at, graph)) }
            }
            p { button type="button" hidden="hidden" data-figure=(figure) data-show=(at) { "Show in the picture" } }
            @if !down.is_empty() {
                h4 { "A delete from it" }
                ul.keys { @for key in down { (told(key, key.child, graph, graphs)) } }
            }
            @if !up.is_empty() {
                h4 { "It refers to" }
                ul.keys { @for key in up { (told(key, key.parent, graph, graphs)) } }
            }
        }
    }
}

/// `deletes from 34 tables · nulls 2 · stopped by 3`
fn brief(at: usize, graph: &Graph) -> String {
    let Some(reached) = &graph.tables[at].reached else { return String::new() };
    let mut said = Vec::new();
    let mut say = |count: usize, before: &str, after: &str| {
        if count > 0 {
            let plural = if count == 1 { "" } else { "s" };
            said.push(format!("{before} {count} {after}{plural}"));
        }
    };
    say(reached.deletes.len(), "deletes from", "table");
    say(reached.nulls.len(), "nulls", "key");
    say(reached.defaults.len(), "defaults", "key");
    say(reached.stops.len(), "can be stopped by", "key");
    say(reached.orphans.len(), "leaves rows behind", "key");
    if said.is_empty() { "deletes nothing else".to_owned() } else { said.join(" · ") }
}

fn told(key: &Key, other: usize, graph: &Graph, graphs: &Graphs) -> Markup {
    html! {
        li {
            (sample(kind(key)))
            span {
                code { (Clean::new(&graph.tables[other].name.to_string())) }
                " by " code { (columns(key)) } ": " (rule(key))
                @if let Some(otherwise) = otherwise(key) { " " span.mark { "≠" } " " (otherwise) }
                @if let Some(place) = place(key, &graphs.sources) { " " span.place { (place) } }
            }
        }
    }
}
