//! A past state of the repository, read from git's objects: nothing is checked out.

use std::path::{Path, PathBuf};

use crate::access::{git, git_fed};
use crate::model::Problem;

/// The files of a commit.
pub(super) struct Past {
    /// The repository's directory, without links.
    top: PathBuf,
    /// The commit's whole name.
    pub(super) commit: String,
    files: Vec<File>,
}

/// A file of a commit.
struct File {
    /// Below the repository's directory.
    path: String,
    object: String,
    kind: Kind,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Regular,
    Link,
    /// Another repository's commit.
    Submodule,
}

/// A migration of a commit, as far as it is listed.
pub(super) struct Listed<'p> {
    pub(super) name: &'p str,
    up: &'p File,
    metadata: Option<&'p File>,
}

/// The texts of a migration.
pub(super) struct Read {
    pub(super) name: String,
    pub(super) up: Vec<u8>,
    pub(super) metadata: Option<Vec<u8>>,
}

const UP: &str = "up.sql";
const METADATA: &str = "metadata.toml";

impl Past {
    /// The commit that a branch from `reference` started from: where it and HEAD part.
    ///
    /// # Errors
    /// Where git doesn't know.
    pub(super) fn open(root: &Path, reference: &str) -> Result<Past, Box<Problem>> {
        let answer = git(root, &["rev-parse", "--is-shallow-repository", "--show-toplevel"]);
        let answer = line(&answer.map_err(|why| {
            Box::new(problem(format!("`--since` reads a git repository, and git can't: {why}"), Vec::new()))
        })?);
        let (shallow, top) = answer.split_once('\n').unwrap_or_default();
        let is_shallow = shallow == "true";
        let top = Path::new(top).canonicalize().map_err(|error| {
            Box::new(problem(format!("the repository's directory can't be read: {error}"), Vec::new()))
        })?;
        let start =
            commit(root, reference).ok_or_else(|| Box::new(no_commit(root, reference, is_shallow)))?;
        let base = git(root, &["merge-base", &start, "HEAD"]).map(|base| line(&base)).unwrap_or_default();
        if base.is_empty() {
            let help = if is_shallow { SHALLOW } else { "`--since` takes what this branch started from" };
            return Err(Box::new(problem(
                format!("`{reference}` and HEAD have no common ancestor in this repository"),
                vec![help.to_owned()],
            )));
        }
        let listing = git(root, &["ls-tree", "-r", "-z", "--full-tree", &base]);
        let listing = listing.map_err(|why| {
            Box::new(problem(format!("git can't list the files of {base}: {why}"), Vec::new()))
        })?;
        let files = listing.split(|byte| *byte == 0).filter_map(file).collect();
        Ok(Past { top, commit: base, files })
    }

    /// Where a path of the work tree is in the repository; `None`: elsewhere, or in a submodule.
    pub(super) fn below(&self, path: &Path) -> Option<String> {
        let path = path.canonicalize().ok()?;
        let below = path.strip_prefix(&self.top).ok()?;
        let parts: Vec<&str> = below.iter().map(|part| part.to_str()).collect::<Option<_>>()?;
        let below = parts.join("/");
        let holds = |file: &File| file.kind == Kind::Submodule && is_below(&below, &file.path);
        (!self.files.iter().any(holds)).then_some(below)
    }

    /// The repository's directory.
    pub(super) fn top(&self) -> &Path {
        &self.top
    }

    /// The directory that held the migrations which lie in `directory` now: the same one; or, where that has none, the one
    /// with most of these names. `None`: there is none, or several have as many.
    pub(super) fn directory_of(&self, directory: &str, names: &[String]) -> Option<String> {
        let mut found: Vec<(String, usize)> = Vec::new();
        for file in &self.files {
            let Some((parent, name)) = migration(&file.path) else { continue };
            if parent == directory {
                return Some(directory.to_owned());
            }
            if names.iter().any(|known| known == name) {
                match found.iter_mut().find(|(known, _)| known == parent) {
                    Some((_, count)) => *count += 1,
                    None => found.push((parent.to_owned(), 1)),
                }
            }
        }
        let most = found.iter().map(|(_, count)| *count).max()?;
        let mut with_most = found.iter().filter(|(_, count)| *count == most);
        let (directory, _) = with_most.next()?;
        with_most.next().is_none().then(|| directory.clone())
    }

    /// The migrations in a directory, by name.
    ///
    /// # Errors
    /// Where one of them is not a regular file.
    pub(super) fn migrations(&self, directory: &str) -> Result<Vec<Listed<'_>>, Box<Problem>> {
        let in_directory = |file: &&File| {
            let (Some((parent, name)), true) = (migration(&file.path), is_below(&file.path, directory))
            else {
                return false;
            };
            parent == directory && !name.starts_with('.')
        };
        let metadata = |name: &str| {
            let path = joined(directory, &format!("{name}/{METADATA}"));
            self.files.iter().find(|file| file.path == path)
        };
        let mut listed = Vec::new();
        for up in self.files.iter().filter(in_directory) {
            if up.kind != Kind::Regular {
                let message = format!("`{}` was a link at {}", up.path, self.short());
                return Err(Box::new(problem(message, vec!["links of the past aren't followed".to_owned()])));
            }
            let Some((_, name)) = migration(&up.path) else { continue };
            listed.push(Listed { name, up, metadata: metadata(name) });
        }
        Ok(listed)
    }

    /// Their texts.
    ///
    /// # Errors
    /// Where git doesn't have them.
    pub(super) fn texts(&self, listed: &[Listed<'_>]) -> Result<Vec<Read>, Box<Problem>> {
        let wanted = listed.iter().flat_map(|one| std::iter::once(one.up).chain(one.metadata));
        let mut texts = self.objects(wanted.collect())?.into_iter();
        let mut read = Vec::with_capacity(listed.len());
        for one in listed {
            let up = texts.next().unwrap_or_default();
            let metadata = one.metadata.map(|_| texts.next().unwrap_or_default());
            read.push(Read { name: one.name.to_owned(), up, metadata });
        }
        Ok(read)
    }

    /// The text of one file; `None`: it wasn't there.
    ///
    /// # Errors
    /// Where git doesn't have it.
    pub(super) fn text(&self, path: &str) -> Result<Option<Vec<u8>>, Box<Problem>> {
        let Some(file) = self.files.iter().find(|file| file.path == path) else { return Ok(None) };
        Ok(self.objects(vec![file])?.pop())
    }

    /// The commit as people write it.
    pub(super) fn short(&self) -> &str {
        self.commit.get(..10).unwrap_or(&self.commit)
    }

    fn objects(&self, files: Vec<&File>) -> Result<Vec<Vec<u8>>, Box<Problem>> {
        if files.is_empty() {
            return Ok(Vec::new());
        }
        let names: Vec<&str> = files.iter().map(|file| file.object.as_str()).collect();
        let input = format!("{}\n", names.join("\n")).into_bytes();
        let answer = git_fed(&self.top, &["cat-file", "--batch"], input);
        let answer = answer.map_err(|why| {
            Box::new(problem(format!("git can't read the files of {}: {why}", self.short()), Vec::new()))
        })?;
        let mut rest = &answer[..];
        let mut texts = Vec::with_capacity(files.len());
        for file in files {
            let Some((text, after)) = object(rest) else {
                return Err(Box::new(problem(
                    format!("git doesn't have `{}` as it was at {}", file.path, self.short()),
                    vec!["a partial clone leaves files out, and nothing is fetched here: `git fetch --refetch`".to_owned()],
                )));
            };
            texts.push(text.to_vec());
            rest = after;
        }
        Ok(texts)
    }
}

const SHALLOW: &str =
    "the clone is shallow: `git fetch --unshallow`; in GitHub Actions `fetch-depth: 0` for actions/checkout";

fn no_commit(root: &Path, reference: &str, is_shallow: bool) -> Problem {
    let remote = format!("origin/{reference}");
    let help = if commit(root, &remote).is_some() {
        format!("did you mean `{remote}`?")
    } else if is_shallow {
        SHALLOW.to_owned()
    } else {
        "`git fetch` brings what is new; `git branch --all` lists what is there".to_owned()
    };
    problem(format!("there is no commit `{reference}` in this repository"), vec![help])
}

fn commit(root: &Path, reference: &str) -> Option<String> {
    let commit = git(root, &["rev-parse", "--verify", "--quiet", &format!("{reference}^{{commit}}")]).ok()?;
    Some(line(&commit)).filter(|commit| !commit.is_empty())
}

fn problem(message: String, help: Vec<String>) -> Problem {
    Problem { message, label: None, help }
}

fn line(answer: &[u8]) -> String {
    String::from_utf8_lossy(answer).trim_end().to_owned()
}

/// `100644 blob 3b18e512dba7`, a tab, `migrations/1_a/up.sql`
fn file(entry: &[u8]) -> Option<File> {
    let entry = std::str::from_utf8(entry).ok()?;
    let (head, path) = entry.split_once('\t')?;
    let mut head = head.split(' ');
    let (mode, _, object) = (head.next()?, head.next()?, head.next()?);
    let kind = match mode {
        "120000" => Kind::Link,
        "160000" => Kind::Submodule,
        _ => Kind::Regular,
    };
    Some(File { path: path.to_owned(), object: object.to_owned(), kind })
}

/// `3b18e512dba7 blob 12`, so many bytes, a line's end; and what follows. `None`: the object isn't there.
fn object(answer: &[u8]) -> Option<(&[u8], &[u8])> {
    let end = answer.iter().position(|byte| *byte == b'\n')?;
    let head = std::str::from_utf8(&answer[..end]).ok()?;
    let length: usize = head.split(' ').nth(2)?.parse().ok()?;
    let text = answer.get(end + 1..(end + 1).checked_add(length)?)?;
    Some((text, answer.get(end + 2 + length..).unwrap_or_default()))
}

/// The directory of the migrations, and the migration's name, of its `up.sql`.
fn migration(path: &str) -> Option<(&str, &str)> {
    let path = path.strip_suffix(UP)?.strip_suffix('/')?;
    Some(path.rsplit_once('/').unwrap_or(("", path)))
}

fn is_below(path: &str, directory: &str) -> bool {
    directory.is_empty()
        || path.strip_prefix(directory).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

fn joined(directory: &str, path: &str) -> String {
    if directory.is_empty() { path.to_owned() } else { format!("{directory}/{path}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_of_git_are_read() {
        let read = file(b"100644 blob 3b18\tmigrations/1_a/up.sql").unwrap();
        assert_eq!((&*read.path, &*read.object), ("migrations/1_a/up.sql", "3b18"));
        assert_eq!(object(b"3b18 blob 2\na\n\n4c blob 0\n\n"), Some((&b"a\n"[..], &b"4c blob 0\n\n"[..])));
        for answer in
            [&b"3b18 missing\n"[..], b"3b18 blob 9\na\n", b"3b18 blob 18446744073709551615\na\n", b""]
        {
            assert_eq!(object(answer), None);
        }
        assert_eq!(migration("a/migrations/1_a/up.sql"), Some(("a/migrations", "1_a")));
        assert_eq!(migration("1_a/up.sql"), Some(("", "1_a")));
        for path in ["a/migrations/1_a/down.sql", "up.sql", "a/backup.sql"] {
            assert_eq!(migration(path), None, "{path}");
        }
    }
}
