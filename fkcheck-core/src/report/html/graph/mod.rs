//! The picture of the keys with findings: child → parent, which is the way that a delete comes back.

mod layout;
mod svg;

pub(super) use svg::{draw, sample};

use super::super::audit::key_name;
use super::super::clean::Clean;
use crate::finding::{Consequence, Finding};
use crate::model::SourceKind;
use crate::outcome::Outcome;

/// More can't be read in a picture.
const MOST_EDGES: usize = 120;

/// Tables and the keys between them.
#[derive(Default)]
pub(super) struct Graph {
    tables: Vec<Table>,
    edges: Vec<Edge>,
    /// Keys for which there was no room.
    pub(super) left_out: usize,
}

struct Table {
    /// In full.
    name: String,
    /// As it is printed.
    shown: String,
    /// The columns of each of its keys.
    rows: Vec<String>,
}

struct Edge {
    child: usize,
    /// Index into the child's rows.
    row: usize,
    parent: usize,
    /// The key in full.
    key: String,
    consequence: Consequence,
    /// What the code declares, what the source shows.
    labels: [String; 2],
}

impl Graph {
    /// One edge a key, with the worst that was found of it; where two findings are as bad, the first speaks.
    pub(super) fn new(outcome: &Outcome) -> Graph {
        let mut graph = Graph::default();
        let mut known: Vec<(String, usize)> = Vec::new();
        for finding in &outcome.findings {
            let (Some(key), Some(parent)) = (key_name(finding), &finding.data.parent) else { continue };
            let (table, key) = (key.table.to_string(), clean(&key.to_string()));
            let identity = format!("{key}\n{}\n{:?}", parent.table, finding.data.section);
            if let Some((_, edge)) = known.iter().find(|(known, _)| *known == identity) {
                let edge = &mut graph.edges[*edge];
                if finding.consequence < edge.consequence {
                    edge.consequence = finding.consequence;
                    edge.labels = labels(finding);
                }
                continue;
            }
            if graph.edges.len() == MOST_EDGES {
                graph.left_out += 1;
                continue;
            }
            let (child, parent) = (graph.table(&table), graph.table(&parent.table.to_string()));
            let columns =
                finding.data.child.as_ref().map(|child| child.columns.join(", ")).unwrap_or_default();
            let rows = &mut graph.tables[child].rows;
            rows.push(short(&clean(&columns)));
            known.push((identity, graph.edges.len()));
            let row = rows.len() - 1;
            let edge =
                Edge { child, row, parent, key, consequence: finding.consequence, labels: labels(finding) };
            graph.edges.push(edge);
        }
        graph
    }

    pub(super) fn is_empty(&self) -> bool {
        self.edges.is_empty()
    }

    /// What the edges stand for, worst first.
    pub(super) fn consequences(&self) -> Vec<Consequence> {
        let mut all: Vec<Consequence> = self.edges.iter().map(|edge| edge.consequence).collect();
        all.sort_unstable();
        all.dedup();
        all
    }

    fn table(&mut self, name: &str) -> usize {
        let name = clean(name);
        self.tables.iter().position(|table| table.name == name).unwrap_or_else(|| {
            self.tables.push(Table { shown: short(&name), name, rows: Vec::new() });
            self.tables.len() - 1
        })
    }
}

fn labels(finding: &Finding) -> [String; 2] {
    let data = &finding.data;
    let said = |who: &str, actions: Option<&crate::finding::KeyActions>| {
        let action = actions.and_then(|actions| actions.on_delete.as_ref());
        short(&clean(&format!("{who}: {}", action.map_or_else(|| "–".to_owned(), ToString::to_string))))
    };
    let source = data.source.unwrap_or(SourceKind::Database);
    let source = match &data.section {
        Some(section) => format!("{source} {section}"),
        None => source.to_string(),
    };
    [said("code", data.declared.as_ref()), said(&source, data.observed.as_ref())]
}

fn clean(text: &str) -> String {
    Clean::new(text).to_string()
}

/// The beginning and the end of a long name.
fn short(name: &str) -> String {
    const LONGEST: usize = 32;
    let count = name.chars().count();
    if count <= LONGEST {
        return name.to_owned();
    }
    let start: String = name.chars().take(LONGEST / 2).collect();
    let end: String = name.chars().skip(count - LONGEST / 2 + 1).collect();
    format!("{start}…{end}")
}
