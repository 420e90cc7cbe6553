//! Which struct is a table's record: the one that carries the annotations.

use std::cmp::Reverse;
use std::path::Path;

use super::names;
use super::site::{self, Around, Site};
use crate::collect::Facts;
use crate::model::{Model, SourceFile, Table};
use crate::workspace::Workspace;

/// The struct that speaks for a table.
pub(super) struct Record<'a> {
    pub(super) model: &'a Model,
    pub(super) source: &'a SourceFile,
    pub(super) site: Site,
}

/// The best of the structs that serve a table: one that speaks of keys already, then what is identified or associated,
/// then what is read, then what is written; among equals the one with the most fields.
pub(super) fn of_table<'a>(
    models: &[&'a Model],
    table: &Table,
    facts: &'a Facts,
    workspace: &Workspace,
) -> Option<Record<'a>> {
    let mut models: Vec<&Model> = models.to_vec();
    models.sort_by_key(|model| Reverse((model.derives_foreign_keys, class(model), model.columns.len())));
    models.into_iter().find_map(|model| {
        let source = facts.sources.file(model.span.file);
        let package_dir = facts.packages.get(model.package)?.manifest_path.parent()?;
        let file = workspace.files.iter().find(|file| file.path == source.path);
        let modules = file.map(|file| &file.modules[..]);
        let site = site::read(&source.text, model.span.start.byte, modules)?;
        let is_usable = !is_view_of(model, table)
            && site.around != Around::Body
            && !is_for_tests(&source.path, package_dir)
            && !site.modules.iter().any(|module| is_tests(module))
            && names::is_in_scope(&site, table);
        is_usable.then_some(Record { model, source, site })
    })
}

/// The class of what stands for a whole row.
const IDENTIFIED: u8 = 3;

fn class(model: &Model) -> u8 {
    let derives = |names: &[&str]| model.derives.iter().any(|derive| names.contains(&derive.as_str()));
    if derives(&["Identifiable", "Associations"]) {
        IDENTIFIED
    } else if derives(&["Queryable", "Selectable", "HasQuery", "QueryableByName"]) {
        2
    } else {
        u8::from(derives(&["Insertable"]))
    }
}

/// A struct for a part of a row: what reads less than half of the columns and is not identified by any.
fn is_view_of(model: &Model, table: &Table) -> bool {
    !model.derives_foreign_keys && class(model) < IDENTIFIED && model.columns.len() * 2 < table.columns.len()
}

/// What tests alone compile may be gone in the next build.
fn is_for_tests(path: &Path, package_dir: &Path) -> bool {
    let below = path.strip_prefix(package_dir).unwrap_or(path).with_extension("");
    below.components().any(|part| part.as_os_str().to_str().is_some_and(is_tests))
}

fn is_tests(name: &str) -> bool {
    matches!(name, "tests" | "test" | "benches" | "examples")
}
