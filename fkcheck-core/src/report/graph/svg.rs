//! The picture as a file of its own, with its title, its legend and its styles.

use std::io::{self, Write};

use maud::{Markup, PreEscaped, html};

use super::{extent, picture, title};
use crate::graph::{Graph, Graphs};
use crate::report::picture::{STYLE, drawn, layout, legend};

const MARGIN: f64 = 24.0;
/// A picture may be small, its title is not.
const LEAST_WIDTH: f64 = 900.0;

struct Sheet {
    markup: Markup,
    width: f64,
    height: f64,
}

pub(super) fn render(graphs: &Graphs, out: &mut dyn Write) -> io::Result<()> {
    let sheets: Vec<Sheet> = graphs.graphs.iter().map(|graph| sheet(graph, graphs)).collect();
    let width = sheets.iter().map(|sheet| sheet.width).fold(LEAST_WIDTH, f64::max).ceil();
    let height = sheets.iter().map(|sheet| sheet.height).sum::<f64>().ceil();
    let about = graphs.graphs.iter().map(title).collect::<Vec<_>>().join("; ");
    let mut top = 0.0;
    let page = html! {
        svg.graph xmlns="http://www.w3.org/2000/svg" viewBox={ "0 0 " (width) " " (height) }
            width=(width) height=(height) {
            title { (about) }
            style { (PreEscaped(STYLE)) }
            rect.paper width="100%" height="100%" {}
            @for sheet in &sheets {
                g transform={ "translate(0 " (top) ")" } { (sheet.markup) }
                ({ top += sheet.height; "" })
            }
        }
    };
    writeln!(out, "{}", page.0)
}

fn sheet(graph: &Graph, graphs: &Graphs) -> Sheet {
    let picture = picture(graph, &graphs.sources);
    let layout = layout(&picture);
    let width = layout.width.max(LEAST_WIDTH) + 2.0 * MARGIN;
    let said = extent(graph);
    let lines = textwrap::wrap(&said, letters(width - 2.0 * MARGIN));
    let mut y = MARGIN + 14.0;
    let title_y = y;
    let source_y: Vec<f64> = lines
        .iter()
        .map(|_| {
            y += 18.0;
            y
        })
        .collect();
    let (legend, legend_height) = legend(&picture, MARGIN, y + 12.0, width - MARGIN);
    let top = y + 12.0 + legend_height + 12.0;
    let left = MARGIN - 12.0;
    let markup = html! {
        text.alone-title x=(MARGIN) y=(title_y) { (title(graph)) }
        @for (line, y) in lines.iter().zip(source_y) {
            text.alone-source x=(MARGIN) y=(y) { (line) }
        }
        (legend)
        g transform={ "translate(" (left) " " (top) ")" } { (drawn(&picture, &layout, &title(graph))) }
    };
    Sheet { markup, width, height: top + layout.height + MARGIN }
}

/// How many of them fit.
fn letters(width: f64) -> usize {
    let mut count = 40;
    while f64::from(count) * 6.7 < width {
        count += 1;
    }
    usize::try_from(count).unwrap_or(80)
}
