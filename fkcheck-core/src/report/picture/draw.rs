//! The picture as SVG; its colours and dashes are the style sheet's.

use std::fmt::Write as _;

use maud::{Markup, html};

use super::layout::{BAND_PAD, Card, HEADER, LABEL, Layout, Line, PAD, ROW, number, text};
use super::{Key, Kind, Look, Picture, Reached, Table};

/// How sharply lines turn.
const BEND: f64 = 5.0;

/// The picture as an element. What it is about, is said to those who can't see it.
pub(in super::super) fn drawn(picture: &Picture, layout: &Layout, about: &str) -> Markup {
    let (width, height) = (layout.width.ceil(), layout.height.ceil());
    html! {
        svg.graph.asked[picture.tables.iter().any(|table| table.look == Look::Root)]
            xmlns="http://www.w3.org/2000/svg" viewBox={ "0 0 " (width) " " (height) }
            width=(width) height=(height) role="group" aria-label=(about) {
            @for band in &layout.bands {
                g.schema {
                    rect x=(one(band.x)) y=(one(band.y)) width=(one(band.width)) height=(one(band.height)) rx="10" {}
                    text x=(one(band.x + BAND_PAD)) y=(one(band.y + 20.0)) { (schema(&band.name)) }
                }
            }
            @for flow in flows(picture).chunk_by(|left, right| left.0 == right.0) {
                (self::flow(flow, picture, layout))
            }
            @for (at, (table, card)) in picture.tables.iter().zip(&layout.cards).enumerate() {
                (self::table(at, table, card, picture))
            }
        }
    }
}

fn schema(name: &str) -> &str {
    if name.is_empty() { "the default schema" } else { name }
}

/// What leaves a table as one line, together; keys by their places.
fn flows(picture: &Picture) -> Vec<((usize, Kind), usize)> {
    let mut flows: Vec<((usize, Kind), usize)> =
        picture.keys.iter().enumerate().map(|(at, key)| ((key.parent, key.kind), at)).collect();
    flows.sort_unstable();
    flows
}

/// The lines of a flow, on a ground that keeps them apart from those which they cross.
fn flow(flow: &[((usize, Kind), usize)], picture: &Picture, layout: &Layout) -> Markup {
    let ways: Vec<(usize, String, End)> = flow
        .iter()
        .map(|((_, kind), at)| {
            let (way, end) = way(&layout.lines[*at], *kind);
            (*at, way, end)
        })
        .collect();
    let kind = flow[0].0.1.class();
    // Drawn as one: lines upon each other would be bolder.
    let all: String = ways.iter().map(|(_, way, _)| way.as_str()).collect();
    html! {
        path.casing d=(all) {}
        path.flow.(kind) d=(all) {}
        @for (at, way, end) in &ways { (edge(*at, &picture.keys[*at], way, *end)) }
    }
}

fn edge(at: usize, key: &Key, way: &str, end: End) -> Markup {
    let kind = key.kind.class();
    html! {
        g.edge.(kind).marked[key.mark.is_some()] data-key=(at) data-child=(key.child) data-parent=(key.parent)
            data-name=(key.name) {
            title { (key.title) }
            path.line d=(way) {}
            (head(key.kind, end))
        }
    }
}

fn table(at: usize, table: &Table, card: &Card, picture: &Picture) -> Markup {
    let Card { x, y, width, height, ref rows } = *card;
    let look = match table.look {
        Look::Plain => "plain",
        Look::Root => "root",
        Look::Stays => "stays",
    };
    let reached = table.reached.as_ref();
    let list = |list: fn(&Reached) -> String| reached.map(list);
    html! {
        g.table.(look) data-table=(at) data-name=(table.name)
            data-deletes=[list(|reached| listed(&reached.deletes))]
            data-by=[list(|reached| listed(&reached.by))]
            data-nulls=[list(|reached| listed(&reached.nulls))]
            data-defaults=[list(|reached| listed(&reached.defaults))]
            data-stops=[list(|reached| stops(&reached.stops))]
            data-orphans=[list(|reached| listed(&reached.orphans))] {
            title { (table.name) }
            rect x=(one(x)) y=(one(y)) width=(one(width)) height=(one(height)) rx="6" {}
            text.name x=(one(x + PAD)) y=(one(y + 17.0)) { (table.shown) }
            @if let Some(tag) = table.tag {
                text.tag x=(one(x + width - PAD)) y=(one(y + 16.5)) text-anchor="end" { (tag) }
            }
            @if !rows.is_empty() {
                path.rule d={ "M" (one(x)) " " (one(y + HEADER)) "h" (one(width)) } {}
            }
            @for (place, row) in rows.iter().enumerate() {
                (self::row(&picture.keys[*row], x, y + HEADER + ROW * (number(place) + 0.5), width))
            }
        }
    }
}

/// A key in its child's card, and what the code says otherwise.
fn row(key: &Key, x: f64, middle: f64, width: f64) -> Markup {
    let mark = key.mark.as_deref().map(|mark| (mark, text(mark, LABEL) + 10.0));
    html! {
        text.column x=(one(x + PAD)) y=(one(middle + 4.0)) { (key.columns) }
        @if let Some((mark, wide)) = mark {
            @let left = x + width - wide - 6.0;
            rect.mark x=(one(left)) y=(one(middle - 7.5)) width=(one(wide)) height="15" rx="4" {}
            text.mark x=(one(left + 5.0)) y=(one(middle + 3.8)) { (mark) }
        }
    }
}

/// `3 7 12`
fn listed(places: &[usize]) -> String {
    places.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ")
}

/// `3left 7referred`
fn stops(stops: &[(usize, &str)]) -> String {
    stops.iter().map(|(key, when)| format!("{key}{when}")).collect::<Vec<_>>().join(" ")
}

/// Where a line ends, and whether it comes from the right.
type End = (f64, f64, bool);

/// The path with round corners, up to where its head begins.
fn way(line: &Line, kind: Kind) -> (String, End) {
    let mut corners = line.corners.clone();
    corners.dedup_by(|next, before| (next.0 - before.0).abs() < 0.3 && (next.1 - before.1).abs() < 0.3);
    let is_between = |at: usize, corners: &[(f64, f64)]| {
        let level = |left: usize, right: usize| (corners[left].1 - corners[right].1).abs() < 0.3;
        let upright = |left: usize, right: usize| (corners[left].0 - corners[right].0).abs() < 0.3;
        (level(at - 1, at) && level(at, at + 1)) || (upright(at - 1, at) && upright(at, at + 1))
    };
    let mut at = 1;
    while at + 1 < corners.len() {
        if is_between(at, &corners) {
            corners.remove(at);
        } else {
            at += 1;
        }
    }
    let Some(&(x, y)) = corners.last() else { return (String::new(), (0.0, 0.0, false)) };
    let from_right = corners.iter().rev().nth(1).is_some_and(|before| before.0 > x);
    if let Some(last) = corners.last_mut() {
        last.0 += if from_right { room(kind) } else { -room(kind) };
    }
    let mut way = format!("M{} {}", one(corners[0].0), one(corners[0].1));
    for at in 1..corners.len() {
        let (here, before) = (corners[at], corners[at - 1]);
        let Some(&next) = corners.get(at + 1) else {
            let _ = write!(way, "L{} {}", one(here.0), one(here.1));
            break;
        };
        let (start, end) = (towards(here, before), towards(here, next));
        let _ = write!(
            way,
            "L{} {}Q{} {} {} {}",
            one(start.0),
            one(start.1),
            one(here.0),
            one(here.1),
            one(end.0),
            one(end.1)
        );
    }
    (way, (x, y, from_right))
}

/// A little away from a corner, at most half of the way to the other.
fn towards(corner: (f64, f64), other: (f64, f64)) -> (f64, f64) {
    let (x, y) = (other.0 - corner.0, other.1 - corner.1);
    let length = x.hypot(y);
    if length < 0.1 {
        return corner;
    }
    let share = (BEND / length).min(0.5);
    (corner.0 + x * share, corner.1 + y * share)
}

/// What a head takes of its line.
fn room(kind: Kind) -> f64 {
    match kind {
        Kind::Cascade => 8.0,
        Kind::SetNull => 9.5,
        Kind::SetDefault => 10.5,
        Kind::Refuse => 3.0,
        Kind::Idle => 8.5,
    }
}

fn head(kind: Kind, (x, y, from_right): End) -> Markup {
    let way = if from_right { -1.0 } else { 1.0 };
    let (x_, y_) = (one(x), one(y));
    let by = |length: f64| one(length * way);
    let d = match kind {
        Kind::Cascade => format!("M{x_} {y_}l{} -5v10z", by(-10.0)),
        Kind::SetNull => {
            let (back, front) = (by(-9.0), by(9.0));
            format!("M{x_} {y_}a4.5 4.5 0 0 1 {back} 0a4.5 4.5 0 0 1 {front} 0z")
        }
        Kind::SetDefault => format!("M{x_} {y_}l{0} -4.5l{0} 4.5l{1} 4.5z", by(-5.0), by(5.0)),
        Kind::Refuse => format!("M{} {}v12", one(x - 2.5 * way), one(y - 6.0)),
        Kind::Idle => format!("M{0} {1}l7 7m0 -7l-7 7", one(x - 4.5 * way - 3.5), one(y - 3.5)),
    };
    html! { path.head d=(d) {} }
}

/// What a line of this kind looks like, for a legend.
pub(in super::super) fn sample(kind: Kind) -> Markup {
    html! {
        svg.sample viewBox="0 0 52 14" width="52" height="14" aria-hidden="true" {
            (stroke(kind, 0.0, 7.0))
        }
    }
}

pub(super) fn stroke(kind: Kind, x: f64, y: f64) -> Markup {
    let line = Line { corners: vec![(x + 1.0, y), (x + 50.0, y)] };
    let (way, end) = way(&line, kind);
    html! { g.edge.(kind.class()) { path.line d=(way) {} (head(kind, end)) } }
}

/// What the mark means.
pub(super) const MARK: &str = "the code says otherwise";

/// With one digit after the point, or none.
pub(super) fn one(coordinate: f64) -> String {
    let text = format!("{coordinate:.1}");
    let text = text.strip_suffix(".0").map(str::to_owned).unwrap_or(text);
    if text == "-0" { "0".to_owned() } else { text }
}
