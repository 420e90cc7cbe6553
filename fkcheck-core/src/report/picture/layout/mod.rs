//! Where everything lies: parents left, children right, a column for each step between them. What belongs together is laid
//! out by itself, and these parts are put beside and below each other.

mod grid;
mod order;
mod place;
mod ranks;
mod route;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, HashMap};

use grid::Grid;

use super::{Kind, Picture};

pub(super) const HEADER: f64 = 24.0;
pub(super) const ROW: f64 = 17.0;
const FOOT: f64 = 5.0;
/// Of a character of the tables' names, and of their rows.
pub(super) const NAME: f64 = 7.1;
pub(super) const LABEL: f64 = 6.4;
pub(super) const PAD: f64 = 9.0;
/// Around a schema's tables.
pub(super) const BAND_TOP: f64 = 30.0;
pub(super) const BAND_PAD: f64 = 14.0;
/// Between parts.
const BETWEEN: f64 = 30.0;
const MARGIN: f64 = 12.0;
/// Parts are put beside each other up to this width: what a page shows at 1280.
const WIDTH: f64 = 1200.0;

/// The picture, measured.
#[derive(Default)]
pub(in super::super) struct Layout {
    pub(in super::super) width: f64,
    pub(in super::super) height: f64,
    pub(super) bands: Vec<Band>,
    /// In the order of the picture's tables.
    pub(super) cards: Vec<Card>,
    /// In the order of the picture's keys.
    pub(super) lines: Vec<Line>,
}

/// The frame around the tables of a schema.
pub(super) struct Band {
    pub(super) x: f64,
    pub(super) y: f64,
    pub(super) width: f64,
    pub(super) height: f64,
    pub(super) name: String,
}

#[derive(Clone, Default)]
pub(super) struct Card {
    pub(super) x: f64,
    pub(super) y: f64,
    pub(super) width: f64,
    pub(super) height: f64,
    /// The keys, from top to bottom.
    pub(super) rows: Vec<usize>,
}

/// The way of a key: corners, and at its end the head.
#[derive(Clone, Default)]
pub(super) struct Line {
    pub(super) corners: Vec<(f64, f64)>,
}

/// A part while it is laid out; tables and keys by their places in it.
struct Part<'p> {
    picture: &'p Picture,
    tables: Vec<usize>,
    keys: Vec<Link>,
    ranks: Vec<usize>,
}

/// A key between tables of the part.
#[derive(Clone, Copy)]
struct Link {
    key: usize,
    parent: usize,
    child: usize,
    kind: Kind,
}

/// Keys of one kind of one parent: their lines leave it as one.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
struct Flow {
    parent: usize,
    kind: Kind,
    /// In a circle a child may stand left of its parent.
    is_backward: bool,
}

pub(in super::super) fn layout(picture: &Picture) -> Layout {
    let mut whole = Layout {
        cards: vec![Card::default(); picture.tables.len()],
        lines: vec![Line::default(); picture.keys.len()],
        ..Layout::default()
    };
    let parts = parts(picture).into_iter();
    let parts: Vec<(Layout, Part<'_>)> = parts.map(|part| (laid_out(&part), part)).collect();
    let widest = parts.iter().map(|(layout, _)| layout.width).fold(WIDTH, f64::max);
    let (mut x, mut y, mut shelf) = (0.0, 0.0, 0.0_f64);
    for (layout, part) in parts {
        if x > 0.0 && x + layout.width > widest {
            (x, y, shelf) = (0.0, y + shelf + BETWEEN, 0.0);
        }
        let (left, top) = (x + MARGIN, y + MARGIN);
        for (card, table) in layout.cards.into_iter().zip(&part.tables) {
            whole.cards[*table] = Card { x: card.x + left, y: card.y + top, ..card };
        }
        for (line, link) in layout.lines.into_iter().zip(&part.keys) {
            let corners = line.corners.into_iter().map(|(x, y)| (x + left, y + top)).collect();
            whole.lines[link.key] = Line { corners };
        }
        whole.bands.extend(layout.bands.into_iter().map(|band| Band {
            x: band.x + left,
            y: band.y + top,
            ..band
        }));
        whole.width = whole.width.max(left + layout.width + MARGIN);
        whole.height = whole.height.max(top + layout.height + MARGIN);
        x += layout.width + BETWEEN;
        shelf = shelf.max(layout.height);
    }
    whole
}

/// Tables that keys join; where there are several schemas, those of one schema too. The largest part first.
fn parts(picture: &Picture) -> Vec<Part<'_>> {
    let mut part_of: Vec<usize> = (0..picture.tables.len()).collect();
    let mut join = |left: usize, right: usize| {
        let (left, right) = (root(&mut part_of, left), root(&mut part_of, right));
        part_of[left.max(right)] = left.min(right);
    };
    for key in &picture.keys {
        join(key.parent, key.child);
    }
    if picture.has_schemas() {
        let mut first: HashMap<&str, usize> = HashMap::new();
        for (at, table) in picture.tables.iter().enumerate() {
            join(*first.entry(&table.schema).or_insert(at), at);
        }
    }
    let mut parts: BTreeMap<usize, Part<'_>> = BTreeMap::new();
    let mut place = vec![0; picture.tables.len()];
    for (table, place) in place.iter_mut().enumerate() {
        let part = parts.entry(root(&mut part_of, table)).or_insert_with(|| Part {
            picture,
            tables: Vec::new(),
            keys: Vec::new(),
            ranks: Vec::new(),
        });
        *place = part.tables.len();
        part.tables.push(table);
    }
    for (at, key) in picture.keys.iter().enumerate() {
        if let Some(part) = parts.get_mut(&root(&mut part_of, key.parent)) {
            let link = Link { key: at, parent: place[key.parent], child: place[key.child], kind: key.kind };
            part.keys.push(link);
        }
    }
    let mut parts: Vec<Part<'_>> = parts.into_values().collect();
    for part in &mut parts {
        let joined: Vec<(usize, usize)> = part.keys.iter().map(|link| (link.parent, link.child)).collect();
        part.ranks = ranks::ranks(part.tables.len(), &joined);
    }
    parts.sort_by_key(|part| std::cmp::Reverse(part.tables.len()));
    parts
}

/// The table that stands for all that are joined with this one.
fn root(part_of: &mut [usize], mut table: usize) -> usize {
    while part_of[table] != table {
        part_of[table] = part_of[part_of[table]];
        table = part_of[table];
    }
    table
}

impl Part<'_> {
    /// `None`: a key of a table to itself.
    fn flow(&self, link: &Link) -> Option<Flow> {
        let is_backward = self.ranks[link.parent] >= self.ranks[link.child];
        (link.parent != link.child).then_some(Flow { parent: link.parent, kind: link.kind, is_backward })
    }

    /// The schemas, by name; the bands of the part.
    fn bands(&self) -> Vec<&str> {
        let mut names: Vec<&str> =
            self.tables.iter().map(|table| &*self.picture.tables[*table].schema).collect();
        names.sort_unstable();
        names.dedup();
        names
    }

    /// What a card needs for its texts.
    fn width(&self, table: usize, rows: &[usize]) -> f64 {
        let at = &self.picture.tables[self.tables[table]];
        let tag = at.tag.map_or(0.0, |tag| text(tag, LABEL) + PAD);
        let row = |row: &usize| {
            let key = &self.picture.keys[*row];
            text(&key.columns, LABEL) + key.mark.as_deref().map_or(0.0, |mark| text(mark, LABEL) + 2.0 * PAD)
        };
        let widest = rows.iter().map(row).fold(text(&at.shown, NAME) + tag, f64::max);
        (widest + 2.0 * PAD).max(80.0)
    }
}

fn laid_out(part: &Part<'_>) -> Layout {
    let bands = part.bands();
    let mut grid = Grid::new(part, &bands);
    order::order(&mut grid);
    let heights = place::place(&mut grid, bands.len());
    let mut layout = route::route(part, &grid);
    if part.picture.has_schemas() {
        frame(&mut layout, &bands, &heights);
    }
    layout
}

/// Draws a frame around each band.
fn frame(layout: &mut Layout, names: &[&str], heights: &[(f64, f64)]) {
    for card in &mut layout.cards {
        card.x += BAND_PAD;
    }
    for line in &mut layout.lines {
        line.corners.iter_mut().for_each(|corner| corner.0 += BAND_PAD);
    }
    layout.width += 2.0 * BAND_PAD;
    let band = |(name, (top, height)): (&&str, &(f64, f64))| Band {
        x: 0.0,
        y: top - BAND_TOP,
        width: layout.width,
        height: height + BAND_TOP + BAND_PAD,
        name: (*name).to_owned(),
    };
    layout.bands = names.iter().zip(heights).map(band).collect();
    layout.height = layout.bands.last().map_or(0.0, |band| band.y + band.height);
}

fn card_height(rows: usize) -> f64 {
    if rows == 0 { HEADER } else { HEADER + ROW * number(rows) + FOOT }
}

/// How wide a text is.
pub(super) fn text(text: &str, character: f64) -> f64 {
    number(textwrap::core::display_width(text)) * character
}

/// Numbers here are small: a picture has some thousand keys.
pub(super) fn number(count: usize) -> f64 {
    u32::try_from(count).map_or(f64::from(u32::MAX), f64::from)
}
