//! Markdown with Mermaid's diagrams. GitHub draws none that has more than 500 edges or 50,000 characters, so they are split.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::io::{self, Write};

use super::{color, columns, extent, kind, otherwise, rule, title};
use crate::graph::{Graph, Graphs, Key};
use crate::report::clean::Clean;
use crate::report::picture::{Kind, short};

/// `maxEdges` and `maxTextSize`, with room for what stands around.
const MOST_EDGES: usize = 500;
const MOST_TEXT: usize = 48_000;
/// Styles of the edges take at most so much, by edge.
const STYLE: usize = 6;

pub(super) fn render(graphs: &Graphs, out: &mut dyn Write) -> io::Result<()> {
    for graph in &graphs.graphs {
        one(graph, out)?;
    }
    Ok(())
}

fn one(graph: &Graph, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "### {}\n\n{}\n", markdown(&title(graph)), markdown(&extent(graph)))?;
    let parts = parts(graph);
    for (at, keys) in parts.iter().enumerate() {
        if parts.len() > 1 {
            let (part, of) = (at + 1, parts.len());
            writeln!(out, "Part {part} of {of}, for more in one diagram would not be drawn:\n")?;
        }
        writeln!(out, "```mermaid\n{}```\n", diagram(graph, keys))?;
    }
    let mut kinds: Vec<Kind> = graph.keys.iter().map(kind).collect();
    kinds.sort_unstable();
    kinds.dedup();
    let legend: Vec<String> =
        kinds.iter().map(|kind| format!("`{}` {}", arrow(*kind), kind.words())).collect();
    if !legend.is_empty() {
        writeln!(out, "From the parent to the child: a delete flows this way. {}.\n", legend.join("; "))?;
    }
    Ok(())
}

/// The keys of each diagram: those of one parent together where that is possible.
fn parts(graph: &Graph) -> Vec<Vec<&Key>> {
    let mut keys: Vec<&Key> = graph.keys.iter().collect();
    keys.sort_by_key(|key| key.parent);
    let mut parts: Vec<Vec<&Key>> = vec![Vec::new()];
    let mut size = Size::default();
    for group in keys.chunk_by(|left, right| left.parent == right.parent) {
        let mut whole = size.clone();
        for key in group {
            whole.add(key, graph);
        }
        let is_alone = parts.last().is_none_or(Vec::is_empty);
        if !whole.fits() && !is_alone {
            parts.push(Vec::new());
            size = Size::default();
        }
        for key in group {
            let mut next = size.clone();
            next.add(key, graph);
            if !next.fits() && parts.last().is_some_and(|part| !part.is_empty()) {
                parts.push(Vec::new());
                next = Size::default();
                next.add(key, graph);
            }
            size = next;
            if let Some(part) = parts.last_mut() {
                part.push(key);
            }
        }
    }
    parts
}

/// How much a diagram holds.
#[derive(Clone, Default)]
struct Size {
    edges: usize,
    text: usize,
    tables: BTreeSet<usize>,
}

impl Size {
    fn add(&mut self, key: &Key, graph: &Graph) {
        self.edges += 1;
        self.text += units(&edge(key)) + STYLE;
        for table in [key.child, key.parent] {
            if self.tables.insert(table) {
                // The frame of its schema, should it be the first in it.
                let schema =
                    graph.tables[table].name.schema.as_deref().map_or(0, |schema| units(&encoded(schema)));
                self.text += units(&node(table, graph)) + schema + 40;
            }
        }
    }

    fn fits(&self) -> bool {
        self.edges <= MOST_EDGES && self.text <= MOST_TEXT
    }
}

/// As JavaScript counts characters.
fn units(text: &str) -> usize {
    text.encode_utf16().count()
}

fn diagram(graph: &Graph, keys: &[&Key]) -> String {
    let mut text = "flowchart LR\n".to_owned();
    let mut tables: BTreeSet<usize> = keys.iter().flat_map(|key| [key.child, key.parent]).collect();
    if graph.keys.is_empty() {
        tables.extend(0..graph.tables.len());
    }
    let mut schemas: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for at in tables {
        schemas.entry(graph.tables[at].name.schema.as_deref().unwrap_or_default()).or_default().push(at);
    }
    for (frame, (schema, tables)) in schemas.iter().enumerate() {
        let is_framed = schemas.len() > 1 && !schema.is_empty();
        if is_framed {
            let _ = writeln!(text, "subgraph s{frame}[\"{}\"]", encoded(&short(Clean::new(schema).as_str())));
        }
        text.extend(tables.iter().map(|table| node(*table, graph)));
        if is_framed {
            text += "end\n";
        }
    }
    text.extend(keys.iter().map(|key| edge(key)));
    for kind in Kind::ALL {
        let places: Vec<String> = keys
            .iter()
            .enumerate()
            .filter(|(_, key)| super::kind(key) == kind)
            .map(|(at, _)| at.to_string())
            .collect();
        if !places.is_empty() {
            let _ = writeln!(text, "linkStyle {} stroke:{}", places.join(","), color(kind));
        }
    }
    text
}

fn node(table: usize, graph: &Graph) -> String {
    let at = &graph.tables[table];
    let name = encoded(&short(Clean::new(&at.name.name).as_str()));
    match at.step {
        _ if graph.from.contains(&at.name) => format!("t{table}[[\"{name}\"]]\n"),
        None if !graph.from.is_empty() => format!("t{table}([\"{name}\"])\n"),
        _ => format!("t{table}[\"{name}\"]\n"),
    }
}

fn edge(key: &Key) -> String {
    let mut label = short(&columns(key));
    if key.standing != crate::graph::Standing::InForce {
        let _ = write!(label, ": {}", rule(key));
    }
    if let Some(otherwise) = otherwise(key) {
        let _ = write!(label, " ≠ {}", short(&otherwise));
    }
    format!("t{} {}|\"{}\"| t{}\n", key.parent, arrow(kind(key)), encoded(&label), key.child)
}

/// Stroke and head, which tell the kinds apart without colour.
fn arrow(kind: Kind) -> &'static str {
    match kind {
        Kind::Cascade => "==>",
        Kind::SetNull => "-.-o",
        Kind::SetDefault => "-.->",
        Kind::Refuse => "--x",
        Kind::Idle => "-.-",
    }
}

/// Letters, digits and little else stay; all else is written as a number, so that it begins nothing.
fn encoded(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for c in text.chars() {
        if c.is_alphanumeric() || " _.,→≠…".contains(c) {
            encoded.push(c);
        } else {
            let _ = write!(encoded, "#{};", u32::from(c));
        }
    }
    encoded
}

/// A line of Markdown in which nothing is markup.
fn markdown(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        if c.is_ascii_punctuation() && !",.;:()".contains(c) {
            escaped.push('\\');
        }
        escaped.push(c);
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_in_a_label_begins_anything() {
        assert_eq!(encoded("a\"b"), "a#34;b");
        assert_eq!(encoded("`a` #1; style:x"), "#96;a#96; #35;1#59; style#58;x");
        assert_eq!(encoded("größe_1"), "größe_1");
        assert_eq!(markdown("<b>*x*"), "\\<b\\>\\*x\\*");
    }
}
