//! Insertions into texts: every byte that was there stays.

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};

use super::site::DeriveList;
use crate::edit::FileEdit;

/// Insertions, by file.
#[derive(Default)]
pub(super) struct Edits {
    files: BTreeMap<PathBuf, Edited>,
}

struct Edited {
    display: String,
    before: Option<String>,
    insertions: Vec<(usize, String)>,
}

impl Edits {
    /// Inserts before a byte of a file that is there; several at one place stay in the order in which they come.
    pub(super) fn insert(&mut self, path: &Path, display: &str, text: &str, at: usize, inserted: String) {
        let edited = self.files.entry(path.to_owned()).or_insert_with(|| Edited {
            display: display.to_owned(),
            before: Some(text.to_owned()),
            insertions: Vec::new(),
        });
        edited.insertions.push((at, inserted));
    }

    /// The same, unless that very text is inserted there already.
    pub(super) fn insert_once(
        &mut self,
        path: &Path,
        display: &str,
        text: &str,
        at: usize,
        inserted: String,
    ) {
        let is_there =
            self.files.get(path).is_some_and(|edited| edited.insertions.contains(&(at, inserted.clone())));
        if !is_there {
            self.insert(path, display, text, at, inserted);
        }
    }

    /// Makes a new file.
    pub(super) fn create(&mut self, path: &Path, display: &str, text: String) {
        let edited = Edited { display: display.to_owned(), before: None, insertions: vec![(0, text)] };
        self.files.insert(path.to_owned(), edited);
    }

    /// The new texts of the files.
    pub(super) fn texts(&self) -> HashMap<PathBuf, String> {
        self.files.iter().map(|(path, edited)| (path.clone(), edited.after())).collect()
    }

    pub(super) fn into_files(self) -> Vec<FileEdit> {
        let file = |(path, edited): (PathBuf, Edited)| FileEdit {
            after: edited.after(),
            path,
            display: edited.display,
            before: edited.before,
        };
        self.files.into_iter().map(file).collect()
    }
}

impl Edited {
    fn after(&self) -> String {
        let before = self.before.as_deref().unwrap_or_default();
        let mut insertions: Vec<&(usize, String)> = self.insertions.iter().collect();
        insertions.sort_by_key(|(at, _)| *at);
        let mut after = String::with_capacity(before.len() + 256);
        let mut done = 0;
        for (at, inserted) in insertions {
            after.push_str(&before[done..*at]);
            after.push_str(inserted);
            done = *at;
        }
        after.push_str(&before[done..]);
        after
    }
}

/// The line ending that the text has at a byte: that of the line, else the last one before it.
pub(super) fn line_ending(text: &str, at: usize) -> &'static str {
    let newline = text[at..].find('\n').map(|found| at + found).or_else(|| text[..at].rfind('\n'));
    if newline.is_some_and(|newline| text[..newline].ends_with('\r')) { "\r\n" } else { "\n" }
}

/// What stands before a byte on its line, if that is nothing but space.
pub(super) fn indentation(text: &str, at: usize) -> Option<&str> {
    let line = text[..at].rfind('\n').map_or(0, |newline| newline + 1);
    let before = text[line..at].trim_start_matches('\u{feff}');
    before.trim().is_empty().then_some(before)
}

/// An attribute as it is inserted before a byte: on a line of its own where what follows begins one.
pub(super) fn attribute(text: &str, at: usize, attribute: &str) -> String {
    match indentation(text, at) {
        Some(indentation) => format!("{attribute}{}{indentation}", line_ending(text, at)),
        None => format!("{attribute} "),
    }
}

/// Adds a derive to a list; without a list, as one of its own before the byte `at`.
pub(super) fn derive(text: &str, list: Option<&DeriveList>, at: usize, name: &str) -> (usize, String) {
    let Some(list) = list else { return (at, attribute(text, at, &format!("#[derive({name})]"))) };
    let inserted = match indentation(text, list.last) {
        _ if list.is_empty => name.to_owned(),
        // A line for each.
        Some(indentation) => format!(",{}{indentation}{name}", line_ending(text, list.end)),
        None => format!(", {name}"),
    };
    (list.end, inserted)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_byte_stays() {
        let text = "\u{feff}struct A {\r\n\tpub a: i32, b: i32,\r\n}\r\n";
        let mut edits = Edits::default();
        let at = text.find("b: i32").expect("there");
        edits.insert(Path::new("/a.rs"), "a.rs", text, at, attribute(text, at, "#[fk(x)]"));
        let at = text.find("pub a").expect("there");
        edits.insert(Path::new("/a.rs"), "a.rs", text, at, attribute(text, at, "#[fk(y)]"));
        let at = text.find("struct").expect("there");
        edits.insert(Path::new("/a.rs"), "a.rs", text, at, attribute(text, at, "#[fk(z)]"));
        let files = edits.into_files();
        assert_eq!(
            files[0].after,
            "\u{feff}#[fk(z)]\r\nstruct A {\r\n\t#[fk(y)]\r\n\tpub a: i32, #[fk(x)] b: i32,\r\n}\r\n"
        );
    }
}
