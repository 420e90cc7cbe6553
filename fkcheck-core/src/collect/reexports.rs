//! Items that a module has by another module's grace: `pub use crate::schema::posts as comments;`, followed from module to
//! module.

use std::collections::{HashMap, HashSet};

use super::paths::Scope;
use super::raw::Import;

/// How many globs are followed one after another.
const GLOBS: usize = 4;

/// Paths that one name may lead to; no real one comes near.
const MOST: usize = 64;

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

    /// Names that some module has for an item of another name.
    pub(super) fn aliases(&self) -> HashSet<&'a str> {
        let all = self.0.values().flatten().map(|(_, import)| *import);
        let renames = |import: &&Import| import.name != "*" && import.path.last() != Some(&import.name);
        all.filter(renames).map(|import| &*import.name).collect()
    }

    /// The paths at which the items lie that these paths mean. `is_item`: there is one at this path. As with the compiler, what is
    /// named comes before what is behind a glob: this is looked at only where nothing has been found.
    pub(super) fn followed(
        &self,
        meanings: Vec<Vec<String>>,
        is_item: &dyn Fn(&[String]) -> bool,
    ) -> Vec<Vec<String>> {
        let mut ends = Vec::new();
        let mut known = HashSet::new();
        let mut pending = meanings;
        for _ in 0..=GLOBS {
            let begin = ends.len();
            pending.reverse();
            while let Some(path) = pending.pop() {
                if known.len() >= MOST || !known.insert(path.clone()) {
                    continue;
                }
                let named = if is_item(&path) { Vec::new() } else { self.named(&path) };
                if named.is_empty() {
                    ends.push(path);
                } else {
                    pending.extend(named);
                }
            }
            let fresh = &ends[begin..];
            if fresh.is_empty() || fresh.iter().any(|path| is_item(path)) {
                break;
            }
            pending = fresh.iter().flat_map(|path| self.behind_globs(path)).collect();
        }
        ends
    }

    /// Where a path leads by an import, in a module on its way, of the name that follows.
    fn named(&self, path: &[String]) -> Vec<Vec<String>> {
        let of_module = |at: usize| -> Vec<Vec<String>> {
            let (module, rest) = path.split_at(at);
            let named = self.imported(module, &rest[0]).filter(|(_, import)| import.path[0] != rest[0]);
            named.flat_map(|import| ends_of(import, &rest[1..])).collect()
        };
        (1..path.len()).map(of_module).find(|targets| !targets.is_empty()).unwrap_or_default()
    }

    /// Where it may lead by the imports of everything.
    fn behind_globs(&self, path: &[String]) -> Vec<Vec<String>> {
        let mut targets = Vec::new();
        for at in 1..path.len() {
            let (module, rest) = path.split_at(at);
            targets.extend(self.imported(module, "*").flat_map(|import| ends_of(import, rest)));
        }
        // `mod comments { pub use crate::schema::posts::*; }`
        let whole = self.imported(path, "*").chain(self.imported(path, "table"));
        for (scope, import) in whole.filter(|(_, import)| import.is_public) {
            let is_table = import.path.len() > 1 && import.path.last().is_some_and(|last| last == "table");
            let end = import.path.len() - usize::from(is_table);
            targets.extend(scope.meanings(&import.modules, &import.path[..end]));
        }
        targets
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
