//! The page: whole, self-contained, the same facts as the release note.

use base64::Engine as _;
use sha2::Digest as _;

use super::outcomes::{add, billing, finding, label, with_sql};
use super::{rendered, titled};
use crate::finding::{Consequence, Finding, FindingData, TableRef};
use crate::model::{SourceMap, TableName};
use crate::outcome::Outcome;
use crate::report::html::{PICTURE_SCRIPT_HASH, PICTURE_STYLE_HASH, SCRIPT, SCRIPT_HASH, STYLE, STYLE_HASH};
use crate::report::{Format, Style, picture};

pub(super) fn html(outcome: &Outcome) -> String {
    rendered(outcome, Format::Html, &Style::PLAIN)
}

/// The page as XML: without the style sheet and the script, and with an end to what has none in HTML.
pub(super) fn markup(page: &str) -> String {
    let texts = [STYLE, SCRIPT, picture::STYLE, picture::SCRIPT, "<!DOCTYPE html>"];
    let markup = texts.iter().fold(page.to_owned(), |page, text| page.replace(text, ""));
    let parts = markup.split('<').map(|part| match part.split([' ', '>']).next() {
        Some("br" | "input" | "meta" | "wbr") => part.replacen('>', "/>", 1),
        _ => part.to_owned(),
    });
    parts.collect::<Vec<_>>().join("<")
}

#[test]
fn the_policy_lets_our_script_and_style_through_and_nothing_else() {
    for (text, hash) in [
        (STYLE, STYLE_HASH),
        (SCRIPT, SCRIPT_HASH),
        (picture::STYLE, PICTURE_STYLE_HASH),
        (picture::SCRIPT, PICTURE_SCRIPT_HASH),
    ] {
        let digest = base64::engine::general_purpose::STANDARD.encode(sha2::Sha256::digest(text));
        assert_eq!(hash, format!("sha256-{digest}"));
        assert!(!text.contains("</"), "it would end its own element");
    }
    let page = html(&billing());
    assert!(page.contains("default-src 'none'"));
    assert!(!page.contains("unsafe-inline") && !markup(&page).contains("style="));
}

#[test]
fn it_asks_for_nothing() {
    let page = html(&with_sql());
    for word in ["src=", "@import", "url(", "<link", "fetch(", "XMLHttpRequest", "import("] {
        assert!(!page.contains(word), "{word}");
    }
}

#[test]
fn it_says_what_the_release_note_says() {
    let outcome = with_sql();
    let (page, note) = (html(&outcome), titled(&outcome, "", Format::Markdown));
    for fact in [
        "[Database] Reconcile 3 foreign-key delete-rule mismatches",
        "The code declares",
        "The database is set to",
        "Sanity check first",
        "CASCADE on a child of value silently loses data",
        "NULL forgets which parent it was",
        "could not know",
        "align_batch_jobs_org_id",
        "DROP CONSTRAINT batch_jobs_org_id_fkey",
        "has a trigger that a rebuild would lose",
    ] {
        assert!(page.contains(fact) && note.contains(fact), "{fact}");
    }
    assert!(page.contains("SELECT '&lt;/code&gt;&lt;script&gt;';"));
    assert!(titled(&outcome, "A & B", Format::Html).contains("<title>A &amp; B</title>"));
    let markup = markup(&page);
    let document = roxmltree::Document::parse(&markup).unwrap_or_else(|error| panic!("{error}: {page}"));
    let rows = document.descendants().filter(|node| node.has_tag_name("tr"));
    assert_eq!(rows.count(), 1 + 3 + 1 + outcome.findings.len());
}

/// `(child, parent)` by number.
fn with_keys(keys: &[(usize, usize)]) -> Outcome {
    let mut sources = SourceMap::default();
    let file = add(&mut sources, "src/models.rs", "org_id");
    let table = |i: usize, column: String| {
        Some(TableRef { table: TableName::bare(format!("table_{i}")), columns: vec![column] })
    };
    let findings = keys.iter().enumerate().map(|(i, &(child, parent))| Finding {
        consequence: if i % 2 == 0 { Consequence::SilentDelete } else { Consequence::DeleteFails },
        data: FindingData {
            child: table(child, format!("column_{i}")),
            parent: table(parent, "id".to_owned()),
            ..FindingData::default()
        },
        ..finding("they differ", label(&sources, file, "org_id", ""))
    });
    Outcome { findings: findings.collect(), sources, ..Outcome::default() }
}

/// What is drawn lies within the picture, tables lie beside each other, and each key has its edge.
fn is_drawn_well(keys: &[(usize, usize)]) {
    let page = html(&with_keys(keys));
    assert_eq!(page, html(&with_keys(keys)), "drawn otherwise the second time");
    let markup = markup(&page);
    let document = roxmltree::Document::parse(&markup).unwrap();
    let is = |node: &roxmltree::Node<'_, '_>, class: &str| {
        node.attribute("class").is_some_and(|classes| classes.split(' ').any(|one| one == class))
    };
    let svg = document.descendants().find(|node| is(node, "graph")).unwrap();
    let number = |node: &roxmltree::Node<'_, '_>, name: &str| -> f64 {
        node.attribute(name).unwrap().parse().unwrap()
    };
    let (width, height) = (number(&svg, "width"), number(&svg, "height"));
    let edges: Vec<_> = svg.descendants().filter(|node| is(node, "edge")).collect();
    assert_eq!(edges.len(), keys.len().min(300));
    for edge in edges {
        let path = edge.descendants().find_map(|node| node.attribute("d")).unwrap();
        for coordinate in
            path.split(|c: char| c.is_ascii_alphabetic() || c == ' ').filter(|part| !part.is_empty())
        {
            let coordinate: f64 = coordinate.parse().unwrap();
            assert!((0.0..=width.max(height)).contains(&coordinate), "{path}");
        }
    }
    let tables = svg.descendants().filter(|node| is(node, "table"));
    let boxes: Vec<[f64; 4]> = tables
        .filter_map(|table| table.children().find(|node| node.tag_name().name() == "rect"))
        .map(|node| ["x", "y", "width", "height"].map(|name| number(&node, name)))
        .collect();
    for (i, [x, y, w, h]) in boxes.iter().enumerate() {
        assert!(*x >= 0.0 && *y >= 0.0 && x + w <= width && y + h <= height);
        for [other_x, other_y, other_w, other_h] in &boxes[..i] {
            let apart =
                x + w <= *other_x || other_x + other_w <= *x || y + h <= *other_y || other_y + other_h <= *y;
            assert!(apart, "two tables lie upon each other");
        }
    }
}

#[test]
fn the_picture_of_any_keys() {
    is_drawn_well(&[(0, 1)]);
    // A table that refers to itself, two that refer to each other, a circle, a key past a column, two keys of one pair.
    is_drawn_well(&[(0, 0)]);
    is_drawn_well(&[(0, 1), (1, 0)]);
    is_drawn_well(&[(0, 1), (1, 2), (2, 0), (2, 3)]);
    is_drawn_well(&[(0, 1), (1, 2), (2, 3), (0, 3), (0, 3)]);
    let many: Vec<(usize, usize)> = (0..500).map(|i| (i * 7 % 41, i * 13 % 37)).collect();
    is_drawn_well(&many);
    assert!(html(&with_keys(&many)).contains("200 more findings left out of the picture."));
    let chain: Vec<(usize, usize)> = (0..300).map(|i| (i, i + 1)).collect();
    is_drawn_well(&chain);
    assert!(!html(&with_keys(&[])).contains("class=\"graph\""));
}
