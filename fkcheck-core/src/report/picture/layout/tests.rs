//! Lines can be told apart, whatever the keys are; and a large schema is laid out in no time.

use super::*;
use crate::model::TableName;
use crate::report::picture::{Key, Look};

/// Numbers that are the same every time.
fn random(seed: u64) -> impl FnMut(usize) -> usize {
    let mut state = seed;
    move |below| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(state >> 33).unwrap_or_default() % below
    }
}

/// Tables with one to three keys each, most of them to a few tables.
fn picture(tables: usize, seed: u64) -> Picture {
    let mut random = random(seed);
    let mut picture = Picture::default();
    for at in 0..tables {
        let child = picture.table(&TableName::bare(format!("table_{at}")), Look::Plain);
        for number in 0..=random(3) {
            let parent = match random(4) {
                0 => random(1 + at / 8),
                1 => random(tables),
                _ => at.saturating_sub(1 + random(12)),
            };
            let parent = parent.min(child);
            picture.keys.push(Key {
                child,
                parent,
                name: String::new(),
                columns: format!("column_{number}"),
                title: String::new(),
                kind: Kind::ALL[random(5)],
                mark: None,
            });
        }
    }
    picture
}

/// How long lines of different flows lie upon each other. Where it could only be one upon the other or the other upon the one, a
/// track's width is left.
fn upon(picture: &Picture, layout: &Layout) -> f64 {
    let mut levels: Vec<(usize, [f64; 3])> = Vec::new();
    let mut uprights: Vec<(usize, [f64; 3])> = Vec::new();
    for (at, line) in layout.lines.iter().enumerate() {
        for pair in line.corners.windows(2) {
            let [from, to] = [pair[0], pair[1]];
            if (from.1 - to.1).abs() < 0.3 {
                levels.push((at, [from.1, from.0.min(to.0), from.0.max(to.0)]));
            } else {
                uprights.push((at, [from.0, from.1.min(to.1), from.1.max(to.1)]));
            }
        }
    }
    let flow = |at: usize| (picture.keys[at].parent, picture.keys[at].kind);
    let mut total = 0.0;
    for stretches in [levels, uprights] {
        for (place, (one, [at, from, to])) in stretches.iter().enumerate() {
            for (other, [other_at, other_from, other_to]) in &stretches[..place] {
                let shared = to.min(*other_to) - from.max(*other_from);
                let is_loop = |at: &usize| picture.keys[*at].parent == picture.keys[*at].child;
                if flow(*one) != flow(*other)
                    && (at - other_at).abs() < 1.0
                    && shared > 2.0
                    && !is_loop(one)
                    && !is_loop(other)
                {
                    total += shared;
                }
            }
        }
    }
    total
}

#[test]
fn lines_hardly_lie_upon_each_other() {
    let mut bad = Vec::new();
    for seed in 0..60 {
        let picture = picture(4 + usize::try_from(seed).unwrap_or_default(), seed);
        let layout = layout(&picture);
        let length = upon(&picture, &layout);
        if length > 30.0 {
            bad.push((seed, length));
        }
    }
    assert!(bad.is_empty(), "{bad:?}");
}

#[test]
#[ignore = "a benchmark: it prints"]
fn five_hundred_tables() {
    for tables in [60, 500] {
        let picture = picture(tables, 1);
        let start = std::time::Instant::now();
        let layout = layout(&picture);
        println!(
            "{tables} tables, {} keys: {:?}, {:.0} by {:.0}",
            picture.keys.len(),
            start.elapsed(),
            layout.width,
            layout.height
        );
    }
}
