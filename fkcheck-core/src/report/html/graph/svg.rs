//! The picture as SVG; its colours and dashes are the style sheet's.

use super::super::text::{class, escaped};
use super::layout::{Card, Line, layout};
use super::{Edge, Graph, Table};
use crate::finding::Consequence;

pub(in super::super) fn draw(graph: &Graph) -> String {
    let layout = layout(graph);
    let (width, height) = (layout.width, layout.height);
    let mut svg = format!(
        "<svg class=\"graph\" viewBox=\"0 0 {width:.0} {height:.0}\" width=\"{width:.0}\" height=\"{height:.0}\" role=\"img\" \
         aria-labelledby=\"graph-title\">\n<title id=\"graph-title\">The keys with findings, from child to parent</title>\n"
    );
    for (edge, line) in graph.edges.iter().zip(&layout.edges) {
        svg += &self::edge(edge, line);
    }
    for (table, card) in graph.tables.iter().zip(&layout.tables) {
        svg += &self::table(table, card);
    }
    svg + "</svg>\n"
}

/// What a line of this kind looks like, for the legend.
pub(in super::super) fn sample(consequence: Consequence) -> String {
    let class = class(consequence);
    format!(
        "<svg class=\"sample\" viewBox=\"0 0 48 12\" width=\"48\" height=\"12\" aria-hidden=\"true\"><path class=\"line {class}\" \
         d=\"M0 6H40\"/><path class=\"head {class}\" d=\"M48 6l-9 -5v10z\"/></svg>"
    )
}

fn edge(edge: &Edge, line: &Line) -> String {
    let class = class(edge.consequence);
    let (x, y) = line.end;
    let back = if line.is_backward { 9 } else { -9 };
    let [declared, observed] = edge.labels.each_ref().map(|label| escaped(label));
    format!(
        "<g class=\"edge\"><title>{}: {declared}, {observed}</title><path class=\"line {class}\" d=\"{}\"/><path class=\"head {class}\" \
         d=\"M{x:.1} {y:.1}l{back} -5v10z\"/><text class=\"declared\" x=\"{left:.1}\" y=\"{:.1}\">{declared}</text><text \
         class=\"observed {class}\" x=\"{left:.1}\" y=\"{:.1}\">{observed}</text></g>\n",
        escaped(&edge.key),
        line.path,
        line.y - 7.0,
        line.y + 16.0,
        left = line.x + 10.0,
    )
}

fn table(table: &Table, card: &Card) -> String {
    let Card { x, y, width, height } = *card;
    let mut group = format!(
        "<g class=\"table\"><title>{}</title><rect x=\"{x:.1}\" y=\"{y:.1}\" width=\"{width:.1}\" height=\"{height:.1}\" rx=\"7\"/><text \
         class=\"name\" x=\"{left:.1}\" y=\"{:.1}\">{}</text>",
        escaped(&table.name),
        y + 21.0,
        escaped(&table.shown),
        left = x + 14.0,
    );
    if !table.rows.is_empty() {
        group.extend([format!("<path class=\"rule\" d=\"M{x:.1} {:.1}h{width:.1}\"/>", card.header())]);
    }
    for (i, row) in table.rows.iter().enumerate() {
        let (left, y) = (x + 14.0, card.row(i) + 4.0);
        group
            .extend([format!("<text class=\"column\" x=\"{left:.1}\" y=\"{y:.1}\">{}</text>", escaped(row))]);
    }
    group + "</g>\n"
}
