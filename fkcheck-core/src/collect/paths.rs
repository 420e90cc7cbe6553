//! Which item a path means: not the compiler's name resolution, but near enough to tell items of one name apart.

use std::cmp::Reverse;
use std::collections::HashMap;

use super::raw::Import;

/// How many imports are followed one after another, as in `use crate::db; use db::schema;`.
const HOPS: usize = 4;

/// What the paths of one file are read by.
pub(super) struct Scope {
    /// The crate's name, then the file's modules.
    here: Vec<String>,
    /// How many of them `crate` stands for.
    root: usize,
    /// By name.
    imports: HashMap<String, Vec<Import>>,
}

impl Scope {
    /// The scope of a file of this crate; `root` of its modules make the target's root.
    pub(super) fn new(krate: &str, modules: &[String], root: usize, imports: Vec<Import>) -> Self {
        let mut by_name: HashMap<String, Vec<Import>> = HashMap::new();
        for import in imports {
            by_name.entry(import.name.clone()).or_default().push(import);
        }
        Scope { here: [&[krate.to_owned()], modules].concat(), root: root + 1, imports: by_name }
    }

    /// The whole path of a module, of these inline modules.
    pub(super) fn module(&self, modules: &[String]) -> Vec<String> {
        [&self.here[..], modules].concat()
    }

    /// Everything that is imported.
    pub(super) fn imports(&self) -> impl Iterator<Item = &Import> {
        self.imports.values().flatten()
    }

    /// The whole path of an item that stands in these inline modules.
    pub(super) fn path_to(&self, modules: &[String], item: &str) -> Vec<String> {
        [&self.here[..], modules, &[item.to_owned()]].concat()
    }

    /// The whole paths that `path` may mean where it stands in these inline modules.
    pub(super) fn meanings(&self, modules: &[String], path: &[String]) -> Vec<Vec<String>> {
        let here = self.module(modules);
        let mut meanings = Vec::new();
        let mut pending = vec![(path.to_vec(), HOPS)];
        while let Some((path, hops)) = pending.pop() {
            if let Some(whole) = anchored(&path, &here, self.root) {
                meanings.push(whole);
                continue;
            }
            // `use users::users` or `use a` names itself.
            let first = path.first().map_or("", String::as_str);
            let named: Vec<_> =
                self.imported(first, modules).filter(|target| hops > 0 && target[0] != first).collect();
            if !named.is_empty() {
                pending.extend(named.into_iter().map(|target| ([target, &path[1..]].concat(), hops - 1)));
                continue;
            }
            if hops == HOPS {
                let globs = self.imported("*", modules);
                pending.extend(globs.map(|target| ([target, &path[..]].concat(), HOPS - 1)));
            }
            meanings.push([&here[..], &path].concat());
            meanings.push(path);
        }
        meanings
    }

    fn imported(&self, name: &str, modules: &[String]) -> impl Iterator<Item = &[String]> {
        let all = self.imports.get(name).map_or(&[][..], Vec::as_slice);
        all.iter().filter(move |import| import.modules == modules).map(|import| &import.path[..])
    }

    /// Of several items those that one of the meanings fits best, and among equals the nearest: nearly always one.
    pub(super) fn best<T>(
        &self,
        modules: &[String],
        meanings: &[Vec<String>],
        candidates: impl Iterator<Item = (T, Vec<String>)>,
    ) -> Vec<T> {
        let here = self.module(modules);
        let rank = |whole: &Vec<String>| {
            let fits = |meaning: &Vec<String>| {
                let end = common(meaning.iter().rev(), whole.iter().rev());
                (end, common(meaning.iter(), whole.iter()))
            };
            // What lies deeper below the same module is farther away.
            (meanings.iter().map(fits).max(), common(here.iter(), whole.iter()), Reverse(whole.len()))
        };
        let mut ranked: Vec<_> = candidates.map(|(item, whole)| (rank(&whole), item)).collect();
        let best = ranked.iter().map(|(rank, _)| *rank).max();
        ranked.retain(|(rank, _)| Some(*rank) == best);
        ranked.into_iter().map(|(_, item)| item).collect()
    }
}

/// A path that begins at `crate`, `self` or `super`, from the crate's name on.
fn anchored(path: &[String], here: &[String], root: usize) -> Option<Vec<String>> {
    let mut base = here.to_vec();
    match path.first()?.as_str() {
        "crate" => base.truncate(root),
        "self" | "super" => {}
        _ => return None,
    }
    let mut rest = path;
    while let Some((word, after)) = rest.split_first() {
        match word.as_str() {
            "super" if base.len() > 1 => drop(base.pop()),
            "crate" | "self" | "super" => {}
            _ => break,
        }
        rest = after;
    }
    Some([&base[..], rest].concat())
}

/// How many elements are the same from the start on.
fn common<'a>(left: impl Iterator<Item = &'a String>, right: impl Iterator<Item = &'a String>) -> usize {
    left.zip(right).take_while(|(left, right)| left == right).count()
}
