//! Items that a module has by another module's grace: `pub use crate::schema::posts as comments;`, followed from module to
//! module.

use std::collections::{HashMap, HashSet};

use super::paths::Scope;
use super::raw::Import;

/// How many re-exports are followed one after another.
const HOPS: usize = 8;

/// Paths that one name may lead to by globs; no real one comes near.
const MOST: usize = 512;

/// What the modules of the workspace import, by module.
pub(super) struct Reexports<'a>(HashMap<Vec<String>, Vec<(&'a Scope, &'a Import)>>);

impl<'a> Reexports<'a> {
    pub(super) fn new(scopes: impl Iterator<Item = &'a Scope>) -> Self {
        let mut by_module: HashMap<_, Vec<_>> = HashMap::new();
        for scope in scopes {
            for import in scope.imports() {
                by_module.entry(scope.module(&import.modules)).or_default().push((scope, import));
            }
        }
        Reexports(by_module)
    }

    /// The paths at which the items lie that these paths mean. `is_item`: there is one at this path.
    pub(super) fn followed(
        &self,
        meanings: Vec<Vec<String>>,
        is_item: &dyn Fn(&[String]) -> bool,
    ) -> Vec<Vec<String>> {
        let mut ends = Vec::new();
        let mut known = HashSet::new();
        let mut pending: Vec<_> = meanings.into_iter().rev().map(|path| (path, HOPS)).collect();
        while let Some((path, hops)) = pending.pop() {
            if known.len() >= MOST || !known.insert(path.clone()) {
                continue;
            }
            let (targets, is_named) =
                if hops == 0 || is_item(&path) { Default::default() } else { self.targets(&path) };
            pending.extend(targets.into_iter().map(|target| (target, hops - 1)));
            // What is behind a glob may be there or not.
            if !is_named {
                ends.push(path);
            }
        }
        ends
    }

    /// Where a path leads by the imports of the modules in it, and whether one of them names what it means.
    fn targets(&self, path: &[String]) -> (Vec<Vec<String>>, bool) {
        let mut behind_globs = Vec::new();
        for at in 1..path.len() {
            let (module, rest) = path.split_at(at);
            let named = self.imported(module, &rest[0]).filter(|(_, import)| import.path[0] != rest[0]);
            let targets: Vec<_> = named.flat_map(|import| ends_of(import, &rest[1..])).collect();
            if !targets.is_empty() {
                return (targets, true);
            }
            behind_globs.extend(self.imported(module, "*").flat_map(|import| ends_of(import, rest)));
        }
        // `mod comments { pub use crate::schema::posts::*; }`
        let whole = self.imported(path, "*").chain(self.imported(path, "table"));
        for (scope, import) in whole.filter(|(_, import)| import.is_public) {
            let is_table = import.path.len() > 1 && import.path.last().is_some_and(|last| last == "table");
            let end = import.path.len() - usize::from(is_table);
            behind_globs.extend(scope.meanings(&import.modules, &import.path[..end]));
        }
        (behind_globs, false)
    }

    fn imported(&self, module: &[String], name: &str) -> impl Iterator<Item = (&'a Scope, &'a Import)> {
        let all = self.0.get(module).into_iter().flatten().copied();
        all.filter(move |(_, import)| import.name == name)
    }
}

fn ends_of((scope, import): (&Scope, &Import), rest: &[String]) -> Vec<Vec<String>> {
    let targets = scope.meanings(&import.modules, &import.path).into_iter();
    targets.map(|target| [&target[..], rest].concat()).collect()
}
