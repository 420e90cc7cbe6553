//! Reads Rust sources: `table!`, `joinable!`, models and their annotations.
//!
//! Each file is read once; a substring search decides whether it is looked at; its tokens are walked without building
//! a syntax tree of it, and only what matters (the macros' bodies, structs that serve a table) is parsed. So tables
//! inside functions and models inside other macros are found, and code that no parser of ours understands is no
//! obstacle.

mod facts;
mod file;
mod guard;
mod models;
mod prefilter;
mod resolve;
mod schema;
mod walk;

use std::collections::HashSet;
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

pub use facts::Facts;

use crate::model::Package;

/// A source file of the workspace.
#[derive(Clone, Debug)]
pub struct InputFile {
    /// Absolute.
    pub path: PathBuf,
    /// What is printed: relative to the workspace root.
    pub display: String,
    /// Its modules by its path below the package, `src` and the like left out.
    pub modules: Vec<String>,
    /// Index of its package.
    pub package: usize,
}

/// Reads the files, and those that they lead to by `#[path]` and `include!`, and puts together what they say.
pub fn collect(packages: Vec<Package>, files: &[InputFile]) -> Facts {
    let mut known: HashSet<PathBuf> = files.iter().map(|file| file.path.clone()).collect();
    let mut count = files.len();
    let mut facts = read_all(files);
    let mut fresh = elsewhere(&facts, &mut known);
    while !fresh.is_empty() {
        count += fresh.len();
        let more = read_all(&fresh);
        fresh = elsewhere(&more, &mut known);
        facts.extend(more);
    }
    resolve::resolve(packages, count, facts)
}

/// The files that these lead to and that nobody has read.
fn elsewhere(facts: &[file::FileFacts], known: &mut HashSet<PathBuf>) -> Vec<InputFile> {
    let mut fresh = Vec::new();
    for facts in facts {
        let Some(dir) = facts.source.path.parent() else { continue };
        for name in &facts.elsewhere {
            // Resolved, so that `a/../b.rs` is known to be `b.rs`; what isn't there is the compiler's to report.
            let Ok(path) = dir.join(name).canonicalize() else { continue };
            if path.extension().is_some_and(|extension| extension == "rs") && known.insert(path.clone()) {
                let display = beside(&facts.source.display, name);
                fresh.push(InputFile {
                    path,
                    display,
                    modules: facts.modules.clone(),
                    package: facts.package,
                });
            }
        }
    }
    fresh
}

/// `src/../shared/models.rs` as `shared/models.rs`, relative to what the file beside it is relative to.
fn beside(display: &str, name: &str) -> String {
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
fn read_all(files: &[InputFile]) -> Vec<file::FileFacts> {
    let threads =
        std::thread::available_parallelism().map_or(1, std::num::NonZero::get).min(files.len().max(1));
    let next = AtomicUsize::new(0);
    let found = Mutex::new(Vec::new());
    // Parsing recurses; `guard` bounds how deep, and its stack is room enough for that bound in a debug build.
    let work = || {
        while let Some((index, input)) = nth(files, next.fetch_add(1, Ordering::Relaxed)) {
            if let Some(facts) = file::read(input) {
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
