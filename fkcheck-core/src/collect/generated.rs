//! Files that a build script makes, where the last build has left them.

use std::path::{Path, PathBuf};

use super::InputFile;
use super::raw::{FileFacts, Generated};
use crate::model::Package;

/// Those that a file includes and that are there; the others stay in its list.
pub(super) fn found(facts: &mut FileFacts, packages: &[Package]) -> Vec<InputFile> {
    let Some(package) = packages.get(facts.package) else { return Vec::new() };
    let mut found = Vec::new();
    for generated in std::mem::take(&mut facts.generated) {
        match newest(package, &generated.path) {
            Some(path) => found.push(input(facts, &generated, path)),
            None => facts.generated.push(generated),
        }
    }
    found
}

fn newest(package: &Package, name: &str) -> Option<PathBuf> {
    let written = |path: &PathBuf| path.metadata().and_then(|metadata| metadata.modified()).ok();
    let files = package.out_dirs.iter().map(|directory| directory.join(name));
    files.filter(|path| path.exists()).max_by_key(written)
}

fn input(facts: &FileFacts, generated: &Generated, path: PathBuf) -> InputFile {
    // What the including file is shown relative to.
    let above = facts.source.path.to_string_lossy();
    let root = above.strip_suffix(&*facts.source.display).map(Path::new);
    let display = root.and_then(|root| path.strip_prefix(root).ok()).unwrap_or(&path);
    InputFile {
        display: display.to_string_lossy().replace('\\', "/"),
        modules: facts.modules.iter().chain(&generated.modules).cloned().collect(),
        root: facts.root,
        package: facts.package,
        path,
    }
}
