//! For Graphviz.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::{self, Write};

use super::{color, columns, extent, kind, otherwise, rule, sentence, title};
use crate::graph::{Graph, Graphs};
use crate::report::clean::Clean;
use crate::report::picture::Kind;

pub(super) fn render(graphs: &Graphs, out: &mut dyn Write) -> io::Result<()> {
    for graph in &graphs.graphs {
        one(graph, graphs, out)?;
    }
    Ok(())
}

fn one(graph: &Graph, graphs: &Graphs, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "digraph fkcheck {{")?;
    writeln!(
        out,
        "  graph [rankdir=LR, labelloc=t, label={}];",
        quoted(&format!("{}: {}", title(graph), extent(graph)))
    )?;
    writeln!(out, "  node [shape=box, fontname=monospace, fontsize=11];")?;
    writeln!(out, "  edge [fontname=monospace, fontsize=9];")?;
    let mut schemas: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (at, table) in graph.tables.iter().enumerate() {
        schemas.entry(table.name.schema.as_deref().unwrap_or_default()).or_default().push(at);
    }
    for (cluster, (schema, tables)) in schemas.iter().enumerate() {
        let is_framed = schemas.len() > 1 && !schema.is_empty();
        if is_framed {
            writeln!(out, "  subgraph cluster_{cluster} {{")?;
            writeln!(out, "    label={};", quoted(Clean::new(schema).as_str()))?;
        }
        for at in tables {
            let table = &graph.tables[*at];
            let style = match table.step {
                _ if graph.from.contains(&table.name) => ", penwidth=2.5",
                None if !graph.from.is_empty() => ", style=dashed",
                _ => "",
            };
            writeln!(out, "    t{at} [label={}{style}];", quoted(Clean::new(&table.name.name).as_str()))?;
        }
        if is_framed {
            writeln!(out, "  }}")?;
        }
    }
    for key in &graph.keys {
        let (style, head) = look(kind(key));
        let mut label = format!("{}: {}", columns(key), rule(key));
        if let Some(otherwise) = otherwise(key) {
            let _ = write!(label, " ≠ {otherwise}");
        }
        writeln!(
            out,
            "  t{} -> t{} [label={}, tooltip={}, color=\"{}\", style={style}, arrowhead={head}];",
            key.parent,
            key.child,
            quoted(&label),
            quoted(&sentence(key, graph, &graphs.sources)),
            color(kind(key))
        )?;
    }
    writeln!(out, "}}")
}

/// Stroke and head, which tell the kinds apart without colour.
fn look(kind: Kind) -> (&'static str, &'static str) {
    match kind {
        Kind::Cascade => ("solid", "normal"),
        Kind::SetNull => ("dashed", "odot"),
        Kind::SetDefault => ("dashed", "odiamond"),
        Kind::Refuse => ("dotted", "tee"),
        Kind::Idle => ("dotted", "none"),
    }
}

/// As a string of the language: a quote ends it, a backslash begins an escape (`\N` is the node's name), and entities are
/// read as in HTML.
fn quoted(text: &str) -> String {
    let mut quoted = String::from('"');
    for c in text.chars() {
        match c {
            '"' | '\\' => quoted.extend(['\\', c]),
            '&' => quoted.push_str("&amp;"),
            c => quoted.push(c),
        }
    }
    quoted + "\""
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings_end_where_they_end() {
        assert_eq!(quoted(r#"a"b\N&lt;"#), r#""a\"b\\N&amp;lt;""#);
        assert_eq!(quoted(r"a\"), r#""a\\""#);
    }
}
