//! Reads files of a checkout: regular ones, and none larger than anybody writes.
//!
//! A pipe, a device or a file of the kernel's in a regular file's place would keep a reading waiting for ever.

use std::fs::{File, Metadata};
use std::io::{self, Read as _};
use std::path::Path;

/// Larger files are refused.
pub(crate) const LARGEST: u64 = 64 << 20;

/// The bytes of a regular file.
///
/// # Errors
/// The file system's; and that it is something else than a regular file, or too large.
pub(crate) fn read(path: &Path) -> io::Result<Vec<u8>> {
    // To open a pipe is to wait for somebody who writes.
    refuse(path, &std::fs::metadata(path)?)?;
    let file = File::open(path)?;
    let metadata = file.metadata()?;
    refuse(path, &metadata)?;
    let mut bytes = Vec::new();
    // No more than it says: what still grows could do so for ever.
    file.take(metadata.len()).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// The same as text.
///
/// # Errors
/// As [`read`], and where it isn't UTF-8.
pub(crate) fn read_to_string(path: &Path) -> io::Result<String> {
    String::from_utf8(read(path)?).map_err(|error| {
        let at = error.utf8_error().valid_up_to();
        io::Error::new(io::ErrorKind::InvalidData, format!("not UTF-8 at byte {at}"))
    })
}

fn refuse(path: &Path, metadata: &Metadata) -> io::Result<()> {
    let invalid = |why: String| Err(io::Error::new(io::ErrorKind::InvalidInput, why));
    if !metadata.is_file() {
        return invalid("not a regular file".to_owned());
    }
    if metadata.len() > LARGEST {
        return invalid(format!("larger than {} MiB", LARGEST >> 20));
    }
    // These pass for empty, and have as much to say as they like.
    let is_kernels = metadata.len() == 0
        && path
            .canonicalize()
            .is_ok_and(|path| ["/proc", "/sys", "/dev"].iter().any(|dir| path.starts_with(dir)));
    if is_kernels { invalid("not a file on a disk".to_owned()) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn regular_files_are_read() {
        let dir = tempfile::tempdir().expect("a directory");
        let path = dir.path().join("a");
        for text in ["", "a\r\nb"] {
            std::fs::write(&path, text).expect("written");
            assert_eq!(read_to_string(&path).expect("read"), text);
        }
        std::fs::write(&path, b"a\xff").expect("written");
        assert_eq!(read_to_string(&path).expect_err("no text").to_string(), "not UTF-8 at byte 1");
        assert_eq!(read(&path.join("none")).expect_err("not there").kind(), io::ErrorKind::NotADirectory);
        assert_eq!(read(&dir.path().join("none")).expect_err("not there").kind(), io::ErrorKind::NotFound);
        File::create(&path).and_then(|file| file.set_len(LARGEST + 1)).expect("a file with a hole");
        assert_eq!(read(&path).expect_err("too large").to_string(), "larger than 64 MiB");
    }

    #[cfg(unix)]
    #[test]
    fn nothing_else_is() {
        let dir = tempfile::tempdir().expect("a directory");
        let link = dir.path().join("link");
        std::os::unix::fs::symlink("/dev/zero", &link).expect("a link");
        for path in [&link, dir.path()] {
            assert_eq!(read(path).expect_err("refused").to_string(), "not a regular file");
        }
        if cfg!(target_os = "linux") {
            assert_eq!(
                read(Path::new("/proc/kmsg")).expect_err("refused").to_string(),
                "not a file on a disk"
            );
        }
    }
}
