//! The picture of a source's keys, as a file for people or for another program that draws.

mod dot;
mod html;
mod json;
mod mermaid;
mod svg;

use std::fmt::Write as _;
use std::io::{self, Write};

use super::clean::Clean;
use super::picture::{Kind, Look, Picture, Reached, short};
use crate::graph::{Graph, Graphs, InCode, Key, Standing, Table};
use crate::model::{DataClass, SourceMap};

/// In which form the picture is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GraphFormat {
    /// A drawing.
    Svg,
    /// A page in one file, to search, zoom and ask.
    Html,
    /// Markdown with Mermaid's diagrams, as GitHub draws them.
    Mermaid,
    /// For Graphviz.
    Dot,
    /// For programs: one object a source.
    Json,
}

/// Writes the pictures of all sources.
pub fn render_graphs(graphs: &Graphs, format: GraphFormat, out: &mut dyn Write) -> io::Result<()> {
    match format {
        GraphFormat::Svg => svg::render(graphs, out),
        GraphFormat::Html => html::render(graphs, out),
        GraphFormat::Mermaid => mermaid::render(graphs, out),
        GraphFormat::Dot => dot::render(graphs, out),
        GraphFormat::Json => json::render(graphs, out),
    }
}

/// `Delete rules`, or what it is about.
fn title(graph: &Graph) -> String {
    let from: Vec<String> = graph.from.iter().map(ToString::to_string).collect();
    let title = match &from[..] {
        [] => "Delete rules".to_owned(),
        from => format!("What a delete from {} reaches", from.join(", ")),
    };
    Clean::new(&title).to_string()
}

/// `113 keys between 61 tables of fkcheck.lock; 5 tables that no delete concerns are left out`
fn extent(graph: &Graph) -> String {
    let counted = |count: usize, one: &str| format!("{count} {one}{}", if count == 1 { "" } else { "s" });
    let keys = counted(graph.keys.len(), "key");
    let mut text = format!("{keys} between {} of {}", counted(graph.tables.len(), "table"), graph.source);
    if let Some(depth) = graph.depth {
        let _ = write!(text, "; followed for {}", counted(depth, "step"));
    }
    if graph.left_out > 0 {
        let why = if graph.from.is_empty() { "that no delete concerns" } else { "that it doesn't reach" };
        let _ = write!(text, "; {} {why} left out", counted(graph.left_out, "table"));
    }
    if graph.reaches_too_much {
        text += "; what each of them reaches is too much for one page: `cargo fkcheck graph TABLE` shows it for one";
    }
    if graph.keys_are_off {
        text += "; nothing in this workspace turns foreign keys on, and SQLite does none of this until a connection asks for it";
    }
    Clean::new(&text).to_string()
}

fn kind(key: &Key) -> Kind {
    Kind::of(&key.on_delete, key.standing == Standing::InForce)
}

/// What a program that knows no style sheet draws it with; readable on white and on black.
fn color(kind: Kind) -> &'static str {
    match kind {
        Kind::Cascade => "#d43d3d",
        Kind::SetNull => "#b8730a",
        Kind::SetDefault => "#9a4fc9",
        Kind::Refuse => "#2f74d0",
        Kind::Idle => "#7d8796",
    }
}

/// `user_id`, or `order_id, region`.
fn columns(key: &Key) -> String {
    Clean::new(&key.columns.join(", ")).to_string()
}

/// `post.creator_id`
fn name(key: &Key, graph: &Graph) -> String {
    let child = &graph.tables[key.child].name;
    let name = match &key.columns[..] {
        [column] => format!("{child}.{column}"),
        columns => format!("{child}.({})", columns.join(", ")),
    };
    Clean::new(&name).to_string()
}

/// What the code says otherwise, as a sentence.
fn otherwise(key: &Key) -> Option<String> {
    let said = match key.in_code.as_ref()? {
        InCode::Rule(action) if key.standing == Standing::Absent => {
            format!("the code says {action}, and there is no such key")
        }
        InCode::Rule(action) => format!("the code says {action}"),
        InCode::NoKey => "the code says that there is no key".to_owned(),
        InCode::Parent(parent) => format!("the code refers to {parent}"),
    };
    Some(Clean::new(&said).to_string())
}

/// The same in a card.
fn mark(key: &Key) -> Option<String> {
    let said = match key.in_code.as_ref()? {
        InCode::Rule(action) => format!("≠ {action}"),
        InCode::NoKey => "≠ no key".to_owned(),
        InCode::Parent(parent) => format!("≠ → {parent}"),
    };
    Some(short(&Clean::new(&said).to_string()))
}

/// `ON DELETE CASCADE`, and whether it acts.
fn rule(key: &Key) -> String {
    let rule = Clean::new(&format!("ON DELETE {}", key.on_delete)).to_string();
    match key.standing {
        Standing::InForce => rule,
        Standing::NotInForce => format!("{rule}, not in force"),
        Standing::Absent => "no key there".to_owned(),
    }
}

/// `src/models.rs:12`
fn place(key: &Key, sources: &SourceMap) -> Option<Clean> {
    let span = key.declared?;
    Some(Clean::new(&format!("{}:{}", sources.file(span.file).display, span.start.line)))
}

fn class(table: &Table) -> Option<&'static str> {
    table.class.map(|class| match class {
        DataClass::Ephemeral => "ephemeral",
        DataClass::Value => "value",
        DataClass::Audit => "audit",
    })
}

/// `post.creator_id → person: ON DELETE CASCADE; the code says SET NULL (src/post.rs:12)`
fn sentence(key: &Key, graph: &Graph, sources: &SourceMap) -> String {
    let parent = Clean::new(&graph.tables[key.parent].name.to_string());
    let mut text = format!("{} → {parent}: {}", name(key, graph), rule(key));
    if let Some(otherwise) = otherwise(key) {
        let _ = write!(text, "; {otherwise}");
    }
    if let Some(place) = place(key, sources) {
        let _ = write!(text, " ({place})");
    }
    text
}

fn picture(graph: &Graph, sources: &SourceMap) -> Picture {
    let mut picture = Picture::default();
    for table in &graph.tables {
        let look = match table.step {
            _ if graph.from.is_empty() => Look::Plain,
            _ if graph.from.contains(&table.name) => Look::Root,
            Some(_) => Look::Plain,
            None => Look::Stays,
        };
        let at = picture.table(&table.name, look);
        picture.tables[at].tag = class(table);
        picture.tables[at].reached = table.reached.as_ref().map(|reached| Reached {
            deletes: reached.deletes.clone(),
            by: reached.by.clone(),
            nulls: reached.nulls.clone(),
            defaults: reached.defaults.clone(),
            stops: reached.stops.iter().map(|(key, when)| (*key, super::impact::word(*when))).collect(),
            orphans: reached.orphans.clone(),
        });
    }
    for key in &graph.keys {
        picture.keys.push(super::picture::Key {
            child: key.child,
            parent: key.parent,
            name: name(key, graph),
            columns: short(&columns(key)),
            title: sentence(key, graph, sources),
            kind: kind(key),
            mark: mark(key),
        });
    }
    picture
}
