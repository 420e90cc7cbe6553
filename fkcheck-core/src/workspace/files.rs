//! The source files of every target of every member.

use std::collections::HashSet;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use walkdir::{DirEntry, WalkDir};

use crate::collect::InputFile;
use crate::model::Package;

/// Lists them, each once. `extra` are files that `diesel.toml` names, wherever they lie.
pub(super) fn list(root: &Path, packages: &[Package], extra: &[PathBuf]) -> Vec<InputFile> {
    let mut seen = HashSet::new();
    let mut files = Vec::new();
    for (index, package) in packages.iter().enumerate() {
        let Some(package_dir) = package.manifest_path.parent() else { continue };
        for start in starts(package) {
            for path in rust_files(&start) {
                if seen.insert(path.clone()) {
                    files.push(input(root, package_dir, path, index));
                }
            }
        }
    }
    for path in extra.iter().filter(|path| path.is_file()) {
        if seen.insert(path.clone()) {
            let of =
                |package: &Package| package.manifest_path.parent().is_some_and(|dir| path.starts_with(dir));
            let package = packages.iter().rposition(of).unwrap_or(0);
            files.push(input(root, root, path.clone(), package));
        }
    }
    files
}

/// Where the sources of a package's targets begin: the directory of each target's root file, or the file alone where
/// that directory is the package's own (`build.rs`, `main.rs` beside `Cargo.toml`).
fn starts(package: &Package) -> Vec<PathBuf> {
    let package_dir = package.manifest_path.parent();
    let mut starts = Vec::new();
    for target in &package.targets {
        let dir = target.src_path.parent();
        let is_build_script = target.kind.iter().any(|kind| kind == "custom-build");
        let start = match dir {
            Some(dir) if !is_build_script && dir.file_name().is_some() => dir,
            _ => &target.src_path,
        };
        // A directory inside one that is walked already need not be walked again.
        if !starts.iter().any(|other: &PathBuf| start.starts_with(other)) {
            starts.push(start.to_owned());
        }
    }
    starts.sort_by_key(|start| package_dir == Some(start.as_path()));
    starts
}

/// Rust files below a directory, without following links, nested packages and build output left out.
fn rust_files(start: &Path) -> impl Iterator<Item = PathBuf> {
    let is_wanted = |entry: &DirEntry| {
        if entry.depth() == 0 || !entry.file_type().is_dir() {
            return true;
        }
        let name = entry.file_name();
        let hidden = name.as_encoded_bytes().starts_with(b".");
        !hidden
            && name != OsStr::new("target")
            && name != OsStr::new("node_modules")
            && !entry.path().join("Cargo.toml").exists()
    };
    WalkDir::new(start)
        .sort_by_file_name()
        .into_iter()
        .filter_entry(is_wanted)
        .filter_map(Result::ok)
        .filter(|entry| entry.file_type().is_file() && entry.path().extension() == Some(OsStr::new("rs")))
        .map(DirEntry::into_path)
}

fn input(root: &Path, package_dir: &Path, path: PathBuf, package: usize) -> InputFile {
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
    InputFile { path, display, modules, package }
}

fn components(path: &Path) -> Vec<String> {
    path.components().map(|part| part.as_os_str().to_string_lossy().into_owned()).collect()
}
