//! Writes files wholly or not at all; and what nobody has named, within the workspace alone.

use std::io::{self, Write as _};
use std::path::{Component, Path, PathBuf};

use tempfile::NamedTempFile;

/// A file's new content, beside it on the disk.
pub(crate) struct Staged {
    file: NamedTempFile,
    path: PathBuf,
}

/// Why a path is not written to unless the user names it: a checkout could lead anywhere. `None`: it may be.
pub(crate) fn foreign(root: &Path, path: &Path) -> Option<&'static str> {
    let outside = Some("lies outside of the workspace");
    let Ok(below) = path.strip_prefix(root) else { return outside };
    let mut step = root.to_owned();
    for part in below.components() {
        match part {
            Component::ParentDir if step == root => return outside,
            Component::ParentDir => drop(step.pop()),
            part => step.push(part),
        }
        if step != root && step.is_symlink() {
            return Some("is reached through a symbolic link");
        }
        if step.join("CACHEDIR.TAG").exists() {
            return Some("is what a build has made");
        }
    }
    None
}

/// Puts the new content beside the file.
pub(crate) fn stage(path: &Path, text: &str) -> io::Result<Staged> {
    // A link that the user names stays a link.
    let path = path.canonicalize().unwrap_or_else(|_| path.to_owned());
    let dir = path.parent().unwrap_or(Path::new("."));
    let mut file = tempfile::Builder::new().prefix(".fkcheck-").suffix(".tmp").tempfile_in(dir)?;
    file.write_all(text.as_bytes())?;
    file.as_file().sync_all()?;
    // A temporary file is its owner's alone; this one is for everybody who reads the checkout.
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = std::fs::metadata(&path).map_or(0o644, |metadata| metadata.permissions().mode());
        file.as_file().set_permissions(std::fs::Permissions::from_mode(mode))?;
    }
    Ok(Staged { file, path })
}

impl Staged {
    /// Puts the new content in the old one's place.
    pub(crate) fn commit(self) -> io::Result<()> {
        self.file.persist(&self.path).map(drop).map_err(|error| error.error)
    }
}

/// Writes a file of the workspace's root.
///
/// # Errors
/// The file system's, or that it is a link; the file is as it was then.
pub fn write(path: &Path, text: &str) -> io::Result<()> {
    match foreign(path.parent().unwrap_or(path), path) {
        None => write_named(path, text),
        Some(why) => Err(io::Error::new(io::ErrorKind::InvalidInput, format!("it {why}"))),
    }
}

/// Writes a file that the user names, wherever it leads.
///
/// # Errors
/// The file system's; the file is as it was then.
pub fn write_named(path: &Path, text: &str) -> io::Result<()> {
    stage(path, text)?.commit()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(unix)]
    #[test]
    fn nothing_leads_out_of_the_workspace() {
        use std::os::unix::fs::symlink;
        let dir = tempfile::tempdir().expect("a directory");
        let root = dir.path().join("root");
        std::fs::create_dir_all(root.join("src")).expect("made");
        symlink("src", root.join("linked")).expect("a link");
        symlink("../elsewhere.rs", root.join("src/link.rs")).expect("a link");
        for (path, expected) in [
            ("src/lib.rs", None),
            ("src/../new/x.rs", None),
            ("", None),
            ("../x.rs", Some("lies outside of the workspace")),
            ("src/../../root/src/lib.rs", Some("lies outside of the workspace")),
            ("/etc/x", Some("lies outside of the workspace")),
            ("src/link.rs", Some("is reached through a symbolic link")),
            ("linked/lib.rs", Some("is reached through a symbolic link")),
            ("linked/../x.rs", Some("is reached through a symbolic link")),
        ] {
            assert_eq!(foreign(&root, &root.join(path)), expected, "{path}");
        }
    }
}
