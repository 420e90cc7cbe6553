//! Which modules lie on the way to the tables and structs that the code names.

use std::collections::HashSet;

use super::paths::Scope;
use super::raw::{FileFacts, RawTableRef};
use super::reexports::Reexports;
use crate::model::Package;

/// The modules that the paths to tables and structs lead through, by whole path; where an
/// item is found, nothing is on the way.
pub(super) fn modules(facts: &[FileFacts], packages: &[Package]) -> HashSet<Vec<String>> {
    let krate = |file: &FileFacts| packages.get(file.package).map_or_else(String::new, Package::crate_name);
    let scope = |file: &FileFacts| Scope::new(&krate(file), &file.modules, file.root, file.imports.clone());
    let scopes: Vec<Scope> = facts.iter().map(scope).collect();
    let reexports = Reexports::new(scopes.iter());
    let mut items = HashSet::new();
    for (file, scope) in facts.iter().zip(&scopes) {
        items.extend(file.tables.iter().map(|table| scope.path_to(&table.modules, &table.module)));
        items.extend(file.models.iter().map(|model| scope.path_to(&model.modules, &model.name)));
    }
    let is_item = |path: &[String]| items.contains(path);
    let mut modules = HashSet::new();
    for (file, scope) in facts.iter().zip(&scopes) {
        for (around, path) in named(file) {
            let ends = reexports.followed(scope.meanings(around, path), &is_item);
            if !ends.iter().any(|path| is_item(path)) {
                let parts = |path: Vec<String>| (1..=path.len()).map(move |end| path[..end].to_vec());
                modules.extend(ends.into_iter().flat_map(parts));
            }
        }
    }
    modules
}

/// The paths of a file that mean tables or structs, with the modules around them.
fn named(file: &FileFacts) -> impl Iterator<Item = (&[String], &[String])> {
    let joinables =
        file.joinables.iter().flat_map(|raw| [(&raw.modules, &raw.child), (&raw.modules, &raw.parent)]);
    let of_models = file.models.iter().flat_map(move |model| {
        let claims = model.claims.iter().filter_map(|(_, claim)| claim.references.as_ref());
        let tables = model.tables.iter().chain(claims.map(|(table, ..)| table)).filter_map(path_of);
        let structs = model.belongs_to.iter().map(|belongs_to| &belongs_to.parent[..]);
        tables.chain(structs).map(|path| (&model.modules[..], path))
    });
    let of_lines = file.lines.iter().flat_map(move |line| {
        let parent = line.claim.references.as_ref().map(|(table, ..)| table);
        [Some(&line.child), parent]
            .into_iter()
            .flatten()
            .filter_map(path_of)
            .map(|path| (&line.modules[..], path))
    });
    joinables.map(|(modules, path)| (&modules[..], &path[..])).chain(of_models).chain(of_lines)
}

fn path_of(table: &RawTableRef) -> Option<&[String]> {
    match table {
        RawTableRef::Path(path) => Some(path),
        RawTableRef::Sql(_) => None,
    }
}
