//! The dependency on `fkcheck-macros`, in the manifest's own style.

use std::path::Path;

use toml_edit::{Document, Item, TableLike};

use super::edits::{Edits, line_ending};
use crate::model::{Package, disk};
use crate::store;

const NAME: &str = "fkcheck-macros";

/// Adds the dependency to a package that lacks it; with `path`, on the crate that lies there.
///
/// # Errors
/// A sentence that says what to write by hand, where the manifest's shape is none that can be edited.
pub(super) fn add(
    root: &Path,
    package: &Package,
    path: Option<&Path>,
    edits: &mut Edits,
) -> Result<(), String> {
    let root_manifest = root.join("Cargo.toml");
    let value = match path {
        Some(path) => format!("{{ path = {:?} }}", path.to_string_lossy()),
        None => format!("\"{}\"", minor_version()),
    };
    let by_hand = |why: &str| {
        let manifest = package.manifest_path.strip_prefix(root).unwrap_or(&package.manifest_path);
        format!("{}: {why}; add `{NAME} = {value}` to its dependencies", manifest.display())
    };
    if let Some(why) =
        [&package.manifest_path, &root_manifest].iter().find_map(|path| store::foreign(root, path))
    {
        return if is_there(package) {
            Ok(())
        } else {
            Err(by_hand(&format!("it {why}, which is not written")))
        };
    }
    let text = disk::read_to_string(&package.manifest_path).map_err(|error| by_hand(&error.to_string()))?;
    let document = Document::parse(text.clone()).map_err(|_| by_hand("it can't be read"))?;
    let dependencies = document.get("dependencies").and_then(Item::as_table_like);
    if dependencies.is_some_and(has_macros) {
        return Ok(());
    }
    let inherited = dependencies.and_then(inheriting_style);
    let root_text = disk::read_to_string(&root_manifest).map_err(|error| by_hand(&error.to_string()))?;
    let root_document =
        Document::parse(root_text.clone()).map_err(|_| by_hand("the workspace's can't be read"))?;
    let shared = root_document
        .get("workspace")
        .and_then(|workspace| workspace.get("dependencies"))
        .and_then(Item::as_table_like);
    let display = |path: &Path| path.strip_prefix(root).unwrap_or(path).to_string_lossy().replace('\\', "/");
    let own = match (&inherited, shared) {
        (Some(style), Some(shared)) => {
            if !has_macros(shared) {
                let line = format!("{NAME} = {value}");
                let (at, inserted) = entry(&root_text, shared, "workspace.dependencies", &line);
                edits.insert_once(&root_manifest, &display(&root_manifest), &root_text, at, inserted);
            }
            style.clone()
        }
        _ => format!("{NAME} = {value}"),
    };
    let (at, inserted) = match dependencies {
        Some(table) => entry(&text, table, "dependencies", &own),
        None => new_table(&text, "dependencies", &own),
    };
    edits.insert_once(&package.manifest_path, &display(&package.manifest_path), &text, at, inserted);
    Ok(())
}

/// What to write by hand where the manifests are left alone.
pub(super) fn advice(package: &Package) -> String {
    format!("`cargo add {NAME} -p {}`", package.name)
}

/// Whether the package has the dependency.
pub(super) fn is_there(package: &Package) -> bool {
    let text = disk::read_to_string(&package.manifest_path).unwrap_or_default();
    let Ok(document) = Document::parse(text) else { return false };
    document.get("dependencies").and_then(Item::as_table_like).is_some_and(has_macros)
}

fn has_macros(table: &dyn TableLike) -> bool {
    table.iter().any(|(name, item)| {
        name == NAME || item.get("package").and_then(Item::as_str).is_some_and(|package| package == NAME)
    })
}

/// `0.1`: what `cargo add` would write, without the patch.
fn minor_version() -> String {
    format!("{}.{}", env!("CARGO_PKG_VERSION_MAJOR"), env!("CARGO_PKG_VERSION_MINOR"))
}

/// How the package's dependencies say `workspace = true`, if most of them do.
fn inheriting_style(table: &dyn TableLike) -> Option<String> {
    let inheriting: Vec<&Item> = table
        .iter()
        .map(|(_, item)| item)
        .filter(|item| item.get("workspace").and_then(Item::as_bool) == Some(true))
        .collect();
    let is_dotted = |item: &&&Item| item.as_table().is_some_and(toml_edit::Table::is_dotted);
    let dotted = inheriting.iter().filter(is_dotted).count();
    (inheriting.len() * 2 > table.len()).then(|| {
        if dotted * 2 > inheriting.len() {
            format!("{NAME}.workspace = true")
        } else {
            format!("{NAME} = {{ workspace = true }}")
        }
    })
}

/// Where a line goes in a table: in order if the table is sorted, else at its end.
fn entry(text: &str, table: &dyn TableLike, name: &str, line: &str) -> (usize, String) {
    let mut entries: Vec<(&str, usize, usize)> = Vec::new();
    for (key, item) in table.iter() {
        let Some(start) = table.get_key_value(key).and_then(|(key, _)| key.span()) else { continue };
        // `[dependencies.name]` sections have no line in the table.
        if item.as_table().is_some_and(|table| !table.is_dotted()) {
            continue;
        }
        let end = end_of(item).unwrap_or(start.end).max(start.end);
        entries.push((key, start.start, end));
    }
    entries.sort_by_key(|(_, start, _)| *start);
    let is_sorted = entries.windows(2).all(|pair| pair[0].0 <= pair[1].0);
    let before = if is_sorted { entries.iter().rfind(|entry| entry.0 < NAME) } else { entries.last() };
    match (before, entries.first()) {
        (Some((_, _, end)), _) => {
            // Behind a comment on the line.
            let line_end = text[*end..].find('\n').map_or(text.len(), |newline| end + newline);
            let at = end + text[*end..line_end].trim_end().len();
            (at, format!("{}{line}", line_ending(text, at)))
        }
        (None, Some((_, start, _))) => (*start, format!("{line}{}", line_ending(text, *start))),
        // An empty table, or one of sections alone.
        (None, None) => {
            let header = format!("[{name}]");
            text.find(&header).map_or_else(
                || new_table(text, name, line),
                |found| {
                    let at = found + header.len();
                    (at, format!("{}{line}", line_ending(text, at)))
                },
            )
        }
    }
}

/// Where the value of a key ends, dotted keys included.
fn end_of(item: &Item) -> Option<usize> {
    match item {
        Item::Value(value) => value.span().map(|span| span.end),
        Item::Table(table) => table.iter().filter_map(|(_, item)| end_of(item)).max(),
        _ => item.span().map(|span| span.end),
    }
}

/// A new table at the end of the file.
fn new_table(text: &str, name: &str, line: &str) -> (usize, String) {
    let end = line_ending(text, text.len());
    let gap = if text.is_empty() || text.ends_with('\n') { end.to_owned() } else { format!("{end}{end}") };
    (text.len(), format!("{gap}[{name}]{end}{line}{end}"))
}
