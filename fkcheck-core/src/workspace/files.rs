//! The source files of every target of every member.

use std::collections::HashSet;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use walkdir::{DirEntry, WalkDir};

use crate::collect::InputFile;
use crate::model::Package;

/// The files, each once, and what kept others from being seen.
pub(super) struct Listing {
    pub(super) files: Vec<InputFile>,
    pub(super) faults: Vec<String>,
}

/// Lists them. `extra` are files that `diesel.toml` names, wherever they lie.
pub(super) fn list(root: &Path, packages: &[Package], extra: &[PathBuf]) -> Listing {
    let mut seen = HashSet::new();
    let mut listing = Listing { files: Vec::new(), faults: Vec::new() };
    for (index, package) in packages.iter().enumerate() {
        let Some(package_dir) = package.manifest_path.parent() else { continue };
        for path in starts(package).iter().flat_map(|start| rust_files(start)) {
            match path {
                Ok(path) if seen.insert(path.clone()) => {
                    listing.files.push(InputFile::at(root, package_dir, &package.targets, path, index));
                }
                Ok(_) => {}
                Err(fault) => listing.faults.push(fault),
            }
        }
    }
    for path in extra.iter().filter(|path| path.is_file()) {
        if seen.insert(path.clone()) {
            let of =
                |package: &Package| package.manifest_path.parent().is_some_and(|dir| path.starts_with(dir));
            let package = packages.iter().rposition(of).unwrap_or(0);
            listing.files.push(InputFile::at(root, root, &[], path.clone(), package));
        }
    }
    listing
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

/// Rust files below a directory, nested packages and build output left out; or why some can't be seen. Links to directories
/// below `start` are not followed, for they may lead anywhere and back; links to files are.
fn rust_files(start: &Path) -> impl Iterator<Item = Result<PathBuf, String>> {
    let is_wanted = |entry: &DirEntry| {
        if entry.depth() == 0 || !entry.file_type().is_dir() {
            return true;
        }
        let is_hidden = entry.file_name().as_encoded_bytes().starts_with(b".");
        // A module may be called `target`; what cargo builds into has a tag.
        let is_output =
            entry.path().join("CACHEDIR.TAG").exists() || entry.file_name() == OsStr::new("node_modules");
        !is_hidden && !is_output && !entry.path().join("Cargo.toml").exists()
    };
    let look = |entry: walkdir::Result<DirEntry>| match entry {
        Ok(entry) if entry.depth() > 0 && entry.path_is_symlink() && leads_to_sources(entry.path()) => {
            let path = entry.path().display();
            Some(Err(format!("`{path}` is a link to a directory with Rust files, which is not followed")))
        }
        Ok(entry) => {
            let path = entry.path();
            let is_source = path.extension() == Some(OsStr::new("rs"))
                // What is no regular file is said when it is read; a link into nowhere is an editor's.
                && (entry.file_type().is_file() || path.exists() && !path.is_dir());
            is_source.then(|| Ok(entry.into_path()))
        }
        Err(error) => Some(Err(format!("a directory of sources can't be read: {error}"))),
    };
    WalkDir::new(start).sort_by_file_name().into_iter().filter_entry(is_wanted).filter_map(look)
}

/// Whether Rust files lie behind a link to a directory, as deep as modules nest.
fn leads_to_sources(link: &Path) -> bool {
    let is_source = |entry: DirEntry| entry.path().extension() == Some(OsStr::new("rs"));
    link.is_dir()
        && WalkDir::new(link.join(".")).max_depth(4).into_iter().filter_map(Result::ok).any(is_source)
}
