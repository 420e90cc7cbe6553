//! The core is built in layers: ARCHITECTURE.md lists them from the ground to the roof, and no file imports from its own
//! height or above. Nor do files of one folder import each other in a circle.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// A file of the core, and what it names.
struct Source {
    /// Below `src`, with `/`: `engines/postgres/align.rs`.
    path: String,
    /// The paths behind `crate::` and `super::`, by segments from the crate's root.
    imports: BTreeSet<Vec<String>>,
}

impl Source {
    /// `engines`
    fn module(&self) -> &str {
        self.path.split('/').next().unwrap_or_default().trim_end_matches(".rs")
    }
}

/// The height of each top-level module, from the numbered list under `## The layers`.
fn layers(architecture: &str) -> BTreeMap<String, usize> {
    let section = architecture.split("## The layers").nth(1).expect("ARCHITECTURE.md lists the layers");
    let section = section.split("\n## ").next().expect("a section");
    let mut heights = BTreeMap::new();
    for line in section.lines() {
        let Some((number, text)) = line.split_once(". ") else { continue };
        let Ok(height) = number.trim().parse::<usize>() else { continue };
        let names = text.split(':').next().unwrap_or_default();
        for name in names.split('`').skip(1).step_by(2) {
            assert!(heights.insert(name.to_owned(), height).is_none(), "{name} is listed twice");
        }
    }
    heights
}

/// Code without comments and without the tests at its end.
fn code(text: &str) -> String {
    let text = text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default();
    text.lines().map(|line| line.split("//").next().unwrap_or_default()).collect::<Vec<_>>().join("\n")
}

/// The trees of names behind each `crate::` and `super::`, unfolded.
fn imports(module: &[String], code: &str) -> BTreeSet<Vec<String>> {
    let mut found = BTreeSet::new();
    for (at, _) in code.match_indices("crate::").chain(code.match_indices("super::")) {
        let before = code[..at].chars().next_back();
        if before.is_some_and(|c| c.is_alphanumeric() || c == '_' || c == ':') {
            continue;
        }
        let mut rest = &code[at..];
        let mut base = module.to_vec();
        if let Some(tail) = rest.strip_prefix("crate::") {
            (base, rest) = (Vec::new(), tail);
        }
        while let Some(tail) = rest.strip_prefix("super::") {
            base.pop();
            rest = tail;
        }
        unfold(&base, rest, &mut found);
    }
    found
}

/// `a::{b, c::d}` behind a path.
fn unfold(base: &[String], tree: &str, found: &mut BTreeSet<Vec<String>>) {
    let tree = tree.trim_start();
    if let Some(list) = tree.strip_prefix('{') {
        let (mut depth, mut start) = (0, 0);
        for (at, c) in list.char_indices() {
            match c {
                '{' => depth += 1,
                '}' if depth == 0 => return unfold(base, &list[start..at], found),
                '}' => depth -= 1,
                ',' if depth == 0 => {
                    unfold(base, &list[start..at], found);
                    start = at + 1;
                }
                _ => {}
            }
        }
        return;
    }
    let end = tree.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(tree.len());
    let mut path = base.to_vec();
    if end > 0 {
        path.push(tree[..end].to_owned());
    }
    match tree[end..].strip_prefix("::") {
        Some(rest) => unfold(&path, rest, found),
        None => drop(found.insert(path)),
    }
}

fn sources(src: &Path) -> Vec<Source> {
    let mut sources = Vec::new();
    let mut pending = vec![src.to_owned()];
    while let Some(directory) = pending.pop() {
        for entry in
            std::fs::read_dir(&directory).expect("listed").map(|entry| entry.expect("an entry").path())
        {
            let name = entry.file_name().unwrap_or_default().to_string_lossy().into_owned();
            if entry.is_dir() && name != "tests" {
                pending.push(entry);
            } else if entry.extension().is_some_and(|kind| kind == "rs") && name != "tests.rs" {
                sources.push(source(src, &entry));
            }
        }
    }
    sources.sort_by(|left, right| left.path.cmp(&right.path));
    sources
}

fn source(src: &Path, file: &Path) -> Source {
    let path = file.strip_prefix(src).expect("below it").to_string_lossy().replace('\\', "/");
    let module: Vec<String> = path
        .trim_end_matches(".rs")
        .split('/')
        .filter(|part| !["mod", "lib"].contains(part))
        .map(str::to_owned)
        .collect();
    let text = std::fs::read_to_string(file).expect("read");
    Source { imports: imports(&module, &code(&text)), path }
}

/// What runs up or sideways between the layers, and which files of a folder lead back to themselves.
fn offences(sources: &[Source], heights: &BTreeMap<String, usize>) -> Vec<String> {
    let mut offences = Vec::new();
    for source in sources.iter().filter(|source| source.path != "lib.rs") {
        let Some(own) = heights.get(source.module()) else {
            offences.push(format!("{} is in no layer", source.path));
            continue;
        };
        for import in &source.imports {
            let Some(name) = import.first().filter(|name| *name != source.module()) else { continue };
            // What isn't listed is an item of lib.rs or of a crate.
            if heights.get(name).is_some_and(|height| height >= own) {
                offences.push(format!("{} imports from `{name}`, which is not below it", source.path));
            }
        }
    }
    offences.extend(circles(sources));
    offences
}

/// Circles of files, `mod.rs` left out: it holds a folder together.
fn circles(sources: &[Source]) -> Vec<String> {
    let file_of = |import: &[String]| {
        (1..=import.len())
            .rev()
            .map(|length| format!("{}.rs", import[..length].join("/")))
            .find(|path| sources.iter().any(|source| source.path == *path))
    };
    let edges: BTreeMap<&str, BTreeSet<String>> = sources
        .iter()
        .map(|source| (&*source.path, source.imports.iter().filter_map(|import| file_of(import)).collect()))
        .collect();
    let mut circles = Vec::new();
    for &start in edges.keys() {
        let mut pending: Vec<&str> = vec![start];
        let mut seen = BTreeSet::new();
        while let Some(file) = pending.pop() {
            for next in edges[file].iter().map(String::as_str).filter(|next| *next != file) {
                if next == start {
                    circles.push(format!("{start} and {file} lead to each other"));
                } else if seen.insert(next) {
                    pending.push(next);
                }
            }
        }
    }
    circles
}

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the repository").to_owned()
}

fn heights() -> BTreeMap<String, usize> {
    layers(&std::fs::read_to_string(repository().join("ARCHITECTURE.md")).expect("read"))
}

#[test]
fn no_file_imports_from_its_own_height_or_above() {
    let offences = offences(&sources(&repository().join("fkcheck-core/src")), &heights());
    assert!(offences.is_empty(), "{}", offences.join("\n"));
}

#[test]
fn every_layer_is_there() {
    let src = repository().join("fkcheck-core/src");
    for name in heights().keys() {
        assert!(src.join(name).is_dir() || src.join(format!("{name}.rs")).is_file(), "{name}");
    }
}

#[test]
fn a_back_edge_is_found() {
    let made = |path: &str, text: &str| {
        let module: Vec<String> = path
            .trim_end_matches(".rs")
            .split('/')
            .filter(|part| *part != "mod")
            .map(str::to_owned)
            .collect();
        Source { path: path.to_owned(), imports: imports(&module, &code(text)) }
    };
    let found = |sources: &[Source]| offences(sources, &heights());
    for (path, text, offence) in [
        ("engines/sqlite/keys.rs", "use crate::rules::Rule;", "engines/sqlite/keys.rs imports from `rules`"),
        ("fix/mod.rs", "use crate::{model::Span, annotate::plan};", "fix/mod.rs imports from `annotate`"),
        ("model/span.rs", "fn f() { crate::report::clean(1) }", "model/span.rs imports from `report`"),
        ("rules/a.rs", "use super::super::run::Run;", "rules/a.rs imports from `run`"),
        ("nowhere/a.rs", "", "nowhere/a.rs is in no layer"),
    ] {
        let found = found(&[made(path, text)]);
        assert!(found.len() == 1 && found[0].starts_with(offence), "{path}: {found:?}");
    }
    let circle = [
        made("rules/a.rs", "use super::{b::B, c};"),
        made("rules/b.rs", "use crate::rules::c::C;"),
        made(
            "rules/c.rs",
            "// use super::b;\nuse super::a::A; #[cfg(test)]\nmod tests { use super::super::b; }",
        ),
        made("rules/d.rs", "use super::a;"),
    ];
    assert_eq!(found(&circle).len(), 3 + 1, "{:?}", found(&circle));
    assert!(found(&circle[1..2]).is_empty());
}

/// Whoever needs to know an engine asks its facts, its dialect or its driver.
#[test]
fn few_files_name_an_engine() {
    let src = repository().join("fkcheck-core/src");
    // Its own words and behaviour; the lock file's first word; Cargo's features; the `backend` of a configuration.
    let may = ["model/", "engines/", "replay/dialect.rs", "lock/read.rs", "workspace/", "rules/fk_"];
    let names_one = |source: &Source| {
        let text = std::fs::read_to_string(src.join(&source.path)).expect("UTF-8");
        source.path != "made.rs" && code(&text).contains("Engine::")
    };
    let named: Vec<String> = sources(&src)
        .into_iter()
        .filter(names_one)
        .map(|source| source.path)
        .filter(|path| !may.iter().any(|allowed| path.starts_with(allowed)))
        .collect();
    assert!(named.is_empty(), "{named:?} name an engine");
}
