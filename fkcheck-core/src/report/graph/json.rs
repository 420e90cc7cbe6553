//! For programs: one object a source, `"version": 1`.

use std::io::{self, Write};

use serde::Serialize;

use super::{class, place};
use crate::graph::{Graph, Graphs, InCode, Standing};
use crate::model::{SourceMap, TableName};
use crate::report::clean::Clean;

pub(super) fn render(graphs: &Graphs, out: &mut dyn Write) -> io::Result<()> {
    for graph in &graphs.graphs {
        serde_json::to_writer(&mut *out, &line(graph, &graphs.sources))?;
        writeln!(out)?;
    }
    Ok(())
}

#[derive(Serialize)]
struct Line {
    reason: &'static str,
    version: u32,
    source: Clean,
    from: Vec<Clean>,
    #[serde(skip_serializing_if = "Option::is_none")]
    depth: Option<usize>,
    tables: Vec<Table>,
    keys: Vec<Key>,
    left_out: usize,
    keys_are_off: bool,
}

#[derive(Serialize)]
#[expect(clippy::struct_field_names, reason = "as the keys call it")]
struct Table {
    table: Clean,
    #[serde(skip_serializing_if = "Option::is_none")]
    schema: Option<Clean>,
    name: Clean,
    #[serde(skip_serializing_if = "Option::is_none")]
    step: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    estimated_rows: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    data: Option<&'static str>,
}

#[derive(Serialize)]
struct Key {
    table: Clean,
    columns: Vec<Clean>,
    parent: Clean,
    parent_columns: Vec<Clean>,
    on_delete: Clean,
    standing: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    constraint: Option<Clean>,
    #[serde(skip_serializing_if = "Option::is_none")]
    in_code: Option<Said>,
    #[serde(skip_serializing_if = "Option::is_none")]
    declared: Option<Clean>,
}

#[derive(Serialize)]
#[serde(rename_all = "snake_case")]
enum Said {
    OnDelete(Clean),
    NoKey(bool),
    Parent(Clean),
}

fn line(graph: &Graph, sources: &SourceMap) -> Line {
    let full = |name: &TableName| Clean::new(&name.to_string());
    let all = |names: &[String]| names.iter().map(|name| Clean::new(name)).collect();
    let tables = graph.tables.iter().map(|table| Table {
        table: full(&table.name),
        schema: table.name.schema.as_deref().map(Clean::new),
        name: Clean::new(&table.name.name),
        step: table.step,
        estimated_rows: table.rows,
        data: class(table),
    });
    let keys = graph.keys.iter().map(|key| Key {
        table: full(&graph.tables[key.child].name),
        columns: all(&key.columns),
        parent: full(&graph.tables[key.parent].name),
        parent_columns: all(&key.parent_columns),
        on_delete: Clean::new(&key.on_delete.to_string()),
        standing: match key.standing {
            Standing::InForce => "in_force",
            Standing::NotInForce => "not_in_force",
            Standing::Absent => "absent",
        },
        constraint: key.constraint.as_deref().map(Clean::new),
        in_code: key.in_code.as_ref().map(|said| match said {
            InCode::Rule(action) => Said::OnDelete(Clean::new(&action.to_string())),
            InCode::NoKey => Said::NoKey(true),
            InCode::Parent(parent) => Said::Parent(full(parent)),
        }),
        declared: place(key, sources),
    });
    Line {
        reason: "fkcheck-graph",
        version: 1,
        source: Clean::new(&graph.source),
        from: graph.from.iter().map(full).collect(),
        depth: graph.depth,
        tables: tables.collect(),
        keys: keys.collect(),
        left_out: graph.left_out,
        keys_are_off: graph.keys_are_off,
    }
}
