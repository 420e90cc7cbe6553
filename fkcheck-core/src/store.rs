//! Writes files wholly or not at all.

use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

/// A file's new content, beside it on the disk.
pub(crate) struct Staged {
    file: NamedTempFile,
    path: PathBuf,
}

/// Puts the new content beside the file.
pub(crate) fn stage(path: &Path, text: &str) -> io::Result<Staged> {
    // A link stays a link.
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

/// Writes one file.
///
/// # Errors
/// The file system's; the file is as it was then.
pub fn write(path: &Path, text: &str) -> io::Result<()> {
    stage(path, text)?.commit()
}
