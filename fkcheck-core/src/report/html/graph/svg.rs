//! The picture as SVG; its colours and dashes are the style sheet's.

use maud::{Markup, html};

use super::super::text::class;
use super::layout::{Card, Line, layout};
use super::{Edge, Graph, Table};
use crate::finding::Consequence;

pub(in super::super) fn draw(graph: &Graph) -> Markup {
    let layout = layout(graph);
    let [width, height] = [layout.width, layout.height].map(|length| format!("{length:.0}"));
    html! {
        svg.graph viewBox={ "0 0 " (width) " " (height) } width=(width) height=(height)
            role="img" aria-labelledby="graph-title" {
            title id="graph-title" { "The keys with findings, from child to parent" }
            @for (edge, line) in graph.edges.iter().zip(&layout.edges) {
                (self::edge(edge, line))
            }
            @for (table, card) in graph.tables.iter().zip(&layout.tables) {
                (self::table(table, card))
            }
        }
    }
}

/// What a line of this kind looks like, for the legend.
pub(in super::super) fn sample(consequence: Consequence) -> Markup {
    let class = class(consequence);
    html! {
        svg.sample viewBox="0 0 48 12" width="48" height="12" aria-hidden="true" {
            path.line.(class) d="M0 6H40" {}
            path.head.(class) d="M48 6l-9 -5v10z" {}
        }
    }
}

fn edge(edge: &Edge, line: &Line) -> Markup {
    let class = class(edge.consequence);
    let (x, y) = line.end;
    let back = if line.is_backward { 9 } else { -9 };
    let left = line.x + 10.0;
    let [declared, observed] = &edge.labels;
    html! {
        g.edge {
            title { (edge.key) ": " (declared) ", " (observed) }
            path.line.(class) d=(line.path) {}
            path.head.(class) d={ "M" (one(x)) " " (one(y)) "l" (back) " -5v10z" } {}
            text.declared x=(one(left)) y=(one(line.y - 7.0)) { (declared) }
            text.observed.(class) x=(one(left)) y=(one(line.y + 16.0)) { (observed) }
        }
    }
}

fn table(table: &Table, card: &Card) -> Markup {
    let Card { x, y, width, height } = *card;
    let left = x + 14.0;
    html! {
        g.table {
            title { (table.name) }
            rect x=(one(x)) y=(one(y)) width=(one(width)) height=(one(height)) rx="7" {}
            text.name x=(one(left)) y=(one(y + 21.0)) { (table.shown) }
            @if !table.rows.is_empty() {
                path.rule d={ "M" (one(x)) " " (one(card.header())) "h" (one(width)) } {}
            }
            @for (i, row) in table.rows.iter().enumerate() {
                text.column x=(one(left)) y=(one(card.row(i) + 4.0)) { (row) }
            }
        }
    }
}

/// With one digit after the point.
fn one(coordinate: f64) -> String {
    format!("{coordinate:.1}")
}
