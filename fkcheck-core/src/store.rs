//! Writes files wholly or not at all; and what nobody has named, within the workspace alone.

use std::io::{self, Write as _};
use std::path::{Component, Path, PathBuf};
use std::time::Duration;

use tempfile::NamedTempFile;

/// What a file's new content is called until it is in its place.
const PREFIX: &str = ".fkcheck-";
const SUFFIX: &str = ".tmp";

/// No run takes so long between the first byte and the last.
const LONGEST_WRITE: Duration = Duration::from_secs(60);

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
    sweep(dir);
    let mut file = tempfile::Builder::new().prefix(PREFIX).suffix(SUFFIX).tempfile_in(dir)?;
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

/// Removes what runs have left here that were killed while they wrote. Another run may be writing now: what is new stays.
fn sweep(dir: &Path) {
    for entry in std::fs::read_dir(dir).into_iter().flatten().flatten() {
        let name = entry.file_name();
        let is_ours = name.to_str().is_some_and(|name| name.starts_with(PREFIX) && name.ends_with(SUFFIX));
        let is_old = |metadata: std::fs::Metadata| {
            metadata.is_file()
                && metadata.modified().is_ok_and(|at| at.elapsed().is_ok_and(|age| age > LONGEST_WRITE))
        };
        if is_ours && entry.metadata().is_ok_and(is_old) {
            // What can't be removed stays, as it would have.
            let _ = std::fs::remove_file(entry.path());
        }
    }
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

    #[test]
    fn what_a_killed_run_has_left_goes_with_the_next_write() {
        let dir = tempfile::tempdir().expect("a directory");
        let path = |name: &str| dir.path().join(name);
        let long_ago = std::time::SystemTime::now() - 2 * LONGEST_WRITE;
        for (name, is_old) in [
            (".fkcheck-a1b2c3.tmp", true),
            (".fkcheck-d4e5f6.tmp", false),
            (".fkcheck-notes", true),
            ("mine.tmp", true),
        ] {
            let file = std::fs::File::create(path(name)).expect("made");
            file.set_modified(if is_old { long_ago } else { std::time::SystemTime::now() }).expect("set");
        }
        write_named(&path("models.rs"), "").expect("written");
        let mut left: Vec<_> = std::fs::read_dir(dir.path())
            .expect("listed")
            .map(|entry| entry.expect("one").file_name())
            .collect();
        left.sort();
        assert_eq!(left, [".fkcheck-d4e5f6.tmp", ".fkcheck-notes", "mine.tmp", "models.rs"]);
    }

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
