//! Whether git has a copy of what is to be edited.
//!
//! Files are compared with what is committed byte by byte, and never by git: it would run the filters that the checkout names.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::Metadata;
use std::path::Path;

use sha1::{Digest as _, Sha1};
use sha2::{Digest as _, Sha256};

use super::FileEdit;
use crate::access::{git, has_repository};
use crate::model::disk;

/// Why an edit may not be taken back: nobody keeps what is there now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unsaved {
    /// These are changed and not committed, or to be edited and not known to git; never empty.
    Files(Vec<String>),
    /// The workspace is in no git repository.
    NoRepository,
    /// Git can't tell, for this reason.
    Unknown(String),
}

/// What speaks against editing, if anything does.
pub(crate) fn unsaved(root: &Path, edits: &[FileEdit]) -> Option<Unsaved> {
    if edits.is_empty() {
        return None;
    }
    if !has_repository(root) {
        return Some(Unsaved::NoRepository);
    }
    match not_committed(root, edits) {
        Ok(files) => (!files.is_empty()).then_some(Unsaved::Files(files)),
        Err(reason) => Some(Unsaved::Unknown(reason)),
    }
}

/// Files that git could not restore, or why it can't tell.
fn not_committed(root: &Path, edits: &[FileEdit]) -> Result<Vec<String>, String> {
    let index = entries(&git(root, &["ls-files", "--stage", "-z"])?);
    // Before the first commit there is none.
    let committed =
        git(root, &["ls-tree", "-r", "-z", "HEAD"]).map(|list| entries(&list)).unwrap_or_default();
    let edited: BTreeSet<&str> =
        edits.iter().filter(|edit| edit.before.is_some()).map(|edit| edit.display.as_str()).collect();
    let known = index.keys().chain(committed.keys()).map(String::as_str);
    let all: BTreeSet<&str> = known.chain(edited.iter().copied()).collect();
    let differs = |path: &&str| match committed.get(*path) {
        Some(number) => !is_copy(&root.join(path), number),
        None => root.join(path).is_file(),
    };
    let (to_be_edited, others): (Vec<&str>, Vec<&str>) =
        all.into_iter().filter(differs).partition(|path| edited.contains(path));
    let mut differing: Vec<String> = to_be_edited.into_iter().map(str::to_owned).collect();
    differing.extend(without_filter(root, &others)?);
    Ok(differing)
}

/// Object numbers by path, out of `MODE .. NUMBER ..<tab>PATH`; of files alone.
fn entries(list: &[u8]) -> BTreeMap<String, String> {
    let list = String::from_utf8_lossy(list);
    let entry = |line: &str| {
        let (facts, path) = line.split_once('\t')?;
        let number = facts.split(' ').skip(1).find(|word| word.len() >= 40)?;
        facts.starts_with("100").then(|| (path.to_owned(), number.to_owned()))
    };
    list.split('\0').filter_map(entry).collect()
}

/// Whether a file is what git has under this number, but for the ends of its lines. One that isn't there loses nothing, and
/// what is no file now, or too large for one of ours, is nothing to be edited.
fn is_copy(path: &Path, number: &str) -> bool {
    let may_be_edited = |metadata: Metadata| metadata.is_file() && metadata.len() <= disk::LARGEST;
    if !path.symlink_metadata().is_ok_and(may_be_edited) {
        return true;
    }
    let Ok(bytes) = disk::read(path) else { return false };
    is_blob(&bytes, number) || is_blob(&with_plain_lines(&bytes), number)
}

fn is_blob(bytes: &[u8], number: &str) -> bool {
    let head = format!("blob {}\0", bytes.len());
    let digest = if number.len() == 64 {
        Sha256::new_with_prefix(&head).chain_update(bytes).finalize().to_vec()
    } else {
        Sha1::new_with_prefix(&head).chain_update(bytes).finalize().to_vec()
    };
    let digits: Vec<String> = digest.iter().map(|byte| format!("{byte:02x}")).collect();
    digits.concat() == number
}

/// As git commits it under `core.autocrlf` or `text`.
fn with_plain_lines(bytes: &[u8]) -> Vec<u8> {
    let ends_plainly = |at: usize| bytes[at] != b'\r' || bytes.get(at + 1) != Some(&b'\n');
    (0..bytes.len()).filter(|&at| ends_plainly(at)).map(|at| bytes[at]).collect()
}

/// Those whose bytes git commits as they are: only a filter can tell whether the others have changed.
fn without_filter(root: &Path, paths: &[&str]) -> Result<Vec<String>, String> {
    let mut plain = Vec::new();
    for paths in paths.chunks(500) {
        let question = ["check-attr", "-z", "filter", "working-tree-encoding", "ident", "--"];
        let answer = git(root, &[&question, paths].concat())?;
        let answer = String::from_utf8_lossy(&answer);
        let fields: Vec<&str> = answer.split('\0').collect();
        let is_filtered = |path: &str| {
            fields
                .chunks_exact(3)
                .any(|three| three[0] == path && !matches!(three[2], "unspecified" | "unset"))
        };
        plain.extend(paths.iter().filter(|path| !is_filtered(path)).map(|path| (*path).to_owned()));
    }
    Ok(plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_compared_as_git_commits_it() {
        // What `printf 'a\n' | git hash-object --stdin` says, with SHA-1 and with SHA-256.
        let numbers = [
            "78981922613b2afb6025042ff6bd878ac1994e85",
            "f8625e43f9e04f24291f77cdbe4c71b3c2a3b0003f60419b3ed06a058d766c8b",
        ];
        let file = tempfile::NamedTempFile::new().expect("a file");
        for (bytes, is_same) in
            [("a\n", true), ("a\r\n", true), ("a", false), ("a\n\n", false), ("a\r", false)]
        {
            std::fs::write(file.path(), bytes).expect("written");
            for number in numbers {
                assert_eq!(is_copy(file.path(), number), is_same, "{bytes:?}");
            }
        }
    }

    #[test]
    fn files_alone_are_listed() {
        let number = "78981922613b2afb6025042ff6bd878ac1994e85";
        let list = format!(
            "100644 {number} 0\ta b\0100755 blob {number}\tc/d\0120000 blob {number}\tlink\0160000 commit {number}\tmodule\0"
        );
        assert_eq!(entries(list.as_bytes()).into_keys().collect::<Vec<_>>(), ["a b", "c/d"]);
    }
}
