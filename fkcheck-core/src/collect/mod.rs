//! Reads Rust sources: `table!`, `joinable!`, models and their annotations.
//!
//! Each file is read once; a substring search decides whether it is looked at; its tokens are walked without building
//! a syntax tree of it, and only what matters (the macros' bodies, structs that serve a table) is parsed. So tables
//! inside functions and models inside other macros are found, and code that no parser of ours understands is no
//! obstacle.

mod facts;
mod file;
mod functions;
mod generated;
mod guard;
pub(crate) mod imports;
mod included;
pub(crate) mod items;
mod models;
mod names;
mod on_the_way;
mod paste;
mod paths;
mod prefilter;
pub(crate) mod raw;
mod reexports;
mod resolve;
mod schema;
pub(crate) mod tokens;
mod unread;
mod walk;

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

pub use facts::Facts;
use file::Reading;
#[cfg(all(feature = "workspace", feature = "database"))]
pub(crate) use resolve::Joins;
#[cfg(all(feature = "workspace", feature = "database"))]
pub(crate) use tokens::{Places, tokens_of};

use crate::model::{Package, Target};

/// A source file of the workspace.
#[derive(Clone, Debug)]
pub struct InputFile {
    /// Absolute.
    pub path: PathBuf,
    /// What is printed: relative to the workspace root.
    pub display: String,
    /// Its modules by its path below the package, `src` and the like left out.
    pub modules: Vec<String>,
    /// How many of them `crate` stands for: none in a library, `bin` and the name in `src/bin/name/main.rs`.
    pub root: usize,
    /// Index of its package.
    pub package: usize,
}

impl InputFile {
    /// A file of a package, with what its path tells; shown relative to `root`.
    pub(crate) fn at(
        root: &Path,
        package_dir: &Path,
        targets: &[Target],
        path: PathBuf,
        package: usize,
    ) -> Self {
        let below = |dir: &Path| path.strip_prefix(dir).ok().map(|rest| components(rest).join("/"));
        let display = below(root).unwrap_or_else(|| path.to_string_lossy().into_owned());
        let mut modules = components(path.strip_prefix(package_dir).unwrap_or(&path));
        if let Some(last) = modules.pop() {
            let stem = last.strip_suffix(".rs").unwrap_or(&last);
            if !matches!(stem, "mod" | "lib" | "main") {
                modules.push(stem.to_owned());
            }
        }
        modules.retain(|module| module != "src");
        let of_target = targets
            .iter()
            .filter_map(|target| target.src_path.parent())
            .filter(|dir| path.starts_with(dir))
            .max_by_key(|dir| dir.components().count())
            .and_then(|dir| dir.strip_prefix(package_dir).ok());
        let of_crate =
            of_target.map_or(0, |dir| components(dir).iter().filter(|part| *part != "src").count());
        InputFile { path, display, root: of_crate.min(modules.len()), modules, package }
    }
}

fn components(path: &Path) -> Vec<String> {
    path.components().map(|part| part.as_os_str().to_string_lossy().into_owned()).collect()
}

/// Reads the files, and those that they lead to by `#[path]` and `include!`, and puts together what they say.
pub fn collect(packages: Vec<Package>, files: &[InputFile]) -> Facts {
    collect_edited(packages, files, &HashMap::new())
}

/// The same, with other texts for some files than lie on the disk.
pub(crate) fn collect_edited(
    packages: Vec<Package>,
    files: &[InputFile],
    edited: &HashMap<PathBuf, String>,
) -> Facts {
    let mut count = files.len();
    let mut facts = read_all(files, edited, Reading::WhatMatters);
    if facts.iter().any(|facts| !facts.elsewhere.is_empty() || !facts.generated.is_empty()) {
        let mut known: HashSet<PathBuf> = files.iter().map(|file| resolved(&file.path)).collect();
        let mut lead = |facts: &mut Vec<raw::FileFacts>| {
            let mut fresh = elsewhere(facts);
            fresh.extend(facts.iter_mut().flat_map(|facts| generated::found(facts, &packages)));
            fresh.retain(|file| known.insert(resolved(&file.path)));
            fresh
        };
        let mut fresh = lead(&mut facts);
        while !fresh.is_empty() {
            count += fresh.len();
            let mut more = read_all(&fresh, edited, Reading::WhatMatters);
            fresh = lead(&mut more);
            facts.extend(more);
        }
    }
    read_callers(files, edited, &mut facts);
    read_on_the_way(files, edited, &packages, &mut facts);
    resolve::resolve(packages, count, facts)
}

/// Reads the files that may call a function that deletes, if there is one.
fn read_callers(files: &[InputFile], edited: &HashMap<PathBuf, String>, facts: &mut Vec<raw::FileFacts>) {
    if facts.iter().all(|facts| facts.read.functions.is_empty()) {
        return;
    }
    let is_read = |facts: &&raw::FileFacts| !facts.source.text.is_empty();
    let known: HashSet<&PathBuf> = facts.iter().filter(is_read).map(|facts| &facts.source.path).collect();
    let fresh: Vec<InputFile> = files.iter().filter(|file| !known.contains(&file.path)).cloned().collect();
    facts.extend(read_all(&fresh, edited, Reading::Functions));
}

/// Reads the files with no facts of their own that stand for modules on the way to a table or a struct: they may give it another
/// name.
fn read_on_the_way(
    files: &[InputFile],
    edited: &HashMap<PathBuf, String>,
    packages: &[Package],
    facts: &mut Vec<raw::FileFacts>,
) {
    let is_read = |facts: &&raw::FileFacts| !facts.source.text.is_empty();
    let mut known: HashSet<PathBuf> =
        facts.iter().filter(is_read).map(|facts| facts.source.path.clone()).collect();
    loop {
        let wanted = on_the_way::modules(facts, packages);
        let krate =
            |file: &InputFile| packages.get(file.package).map_or_else(String::new, Package::crate_name);
        let is_wanted = |file: &&InputFile| wanted.contains(&[&[krate(file)], &file.modules[..]].concat());
        let fresh: Vec<InputFile> =
            files.iter().filter(is_wanted).filter(|file| known.insert(file.path.clone())).cloned().collect();
        if fresh.is_empty() {
            return;
        }
        facts.retain(|facts| !fresh.iter().any(|file| file.path == facts.source.path));
        facts.extend(read_all(&fresh, edited, Reading::Imports));
    }
}

/// The files that these lead to.
fn elsewhere(facts: &[raw::FileFacts]) -> Vec<InputFile> {
    let mut fresh = Vec::new();
    for facts in facts {
        for named in &facts.elsewhere {
            // What isn't there is the compiler's to report.
            let Some(relative) = candidates(&facts.source.path, named)
                .into_iter()
                .find(|relative| beside(&facts.source.path, relative).exists())
            else {
                continue;
            };
            fresh.push(InputFile {
                path: beside(&facts.source.path, &relative),
                display: display_beside(&facts.source.display, &relative),
                modules: facts.modules.iter().chain(&named.modules).cloned().collect(),
                root: facts.root,
                package: facts.package,
            });
        }
    }
    fresh
}

/// Where a file may lie, relative to the one that names it. Inside of `mod a { .. }` a path counts from the directory of
/// that module, which in `b.rs` is `b/a`, unless `b.rs` is a target's root.
fn candidates(file: &Path, named: &raw::Elsewhere) -> Vec<String> {
    let below = |parts: &[String]| format!("{}/{}", parts.join("/"), named.path);
    if named.within.is_empty() {
        return vec![named.path.clone()];
    }
    let stem = file.file_stem().map(|stem| stem.to_string_lossy().into_owned());
    let of_file: Vec<String> = stem.into_iter().chain(named.within.iter().cloned()).collect();
    vec![below(&named.within), below(&of_file)]
}

fn beside(file: &Path, relative: &str) -> PathBuf {
    file.parent().unwrap_or(file).join(relative)
}

/// So that `a/../b.rs` is known to be `b.rs`.
fn resolved(path: &Path) -> PathBuf {
    path.canonicalize().unwrap_or_else(|_| path.to_owned())
}

/// `src/../shared/models.rs` as `shared/models.rs`, relative to what the file beside it is relative to.
fn display_beside(display: &str, name: &str) -> String {
    if Path::new(name).is_absolute() {
        return name.to_owned();
    }
    let mut parts: Vec<&str> = display.split('/').collect();
    parts.pop();
    for part in name.split('/') {
        match part {
            "." => {}
            ".." if parts.last().is_some_and(|last| *last != "..") => drop(parts.pop()),
            part => parts.push(part),
        }
    }
    parts.join("/")
}

/// Reads the files on every core; the result is in the order of `files`.
fn read_all(files: &[InputFile], edited: &HashMap<PathBuf, String>, reading: Reading) -> Vec<raw::FileFacts> {
    let threads =
        std::thread::available_parallelism().map_or(1, std::num::NonZero::get).min(files.len().max(1));
    let next = AtomicUsize::new(0);
    let found = Mutex::new(Vec::new());
    // Parsing recurses; `guard` bounds how deep, and its stack is room enough for that bound in a debug build.
    let work = || {
        while let Some((index, input)) = nth(files, next.fetch_add(1, Ordering::Relaxed)) {
            if let Some(facts) = file::read(input, edited.get(&input.path), reading) {
                found.lock().unwrap_or_else(PoisonError::into_inner).push((index, facts));
            }
        }
    };
    std::thread::scope(|scope| {
        let spawn = || std::thread::Builder::new().stack_size(guard::STACK).spawn_scoped(scope, work).is_ok();
        if (0..threads).filter(|_| spawn()).count() == 0 {
            work();
        }
    });
    let mut found = found.into_inner().unwrap_or_else(PoisonError::into_inner);
    found.sort_by_key(|(index, _)| *index);
    found.into_iter().map(|(_, facts)| facts).collect()
}

fn nth(files: &[InputFile], at: usize) -> Option<(usize, &InputFile)> {
    files.get(at).map(|file| (at, file))
}

#[cfg(test)]
mod tests;
