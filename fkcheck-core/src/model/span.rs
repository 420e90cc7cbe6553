//! Places in source files.

use std::path::{Path, PathBuf};
use std::sync::Arc;

/// A file of a [`SourceMap`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct FileId(pub u32);

/// A point in a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Position {
    /// Bytes from the start of the file (a byte-order mark counts).
    pub byte: usize,
    /// From 1.
    pub line: usize,
    /// In characters, from 1.
    pub column: usize,
}

/// A stretch of one file; `end` is just past it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Span {
    /// Where it lies.
    pub file: FileId,
    /// Its first character.
    pub start: Position,
    /// Just past its last character.
    pub end: Position,
}

impl Span {
    /// Orders spans by file and place.
    pub fn start_key(self) -> (FileId, usize) {
        (self.file, self.start.byte)
    }

    /// Whether the other lies within.
    pub fn contains(self, other: Span) -> bool {
        self.file == other.file && self.start <= other.start && other.end <= self.end
    }
}

/// A source file that holds at least one fact.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourceFile {
    /// Absolute.
    pub path: PathBuf,
    /// What is printed: relative to the workspace root where it lies below it, with `/` between the parts.
    pub display: String,
    /// The whole text, byte for byte.
    pub text: Arc<str>,
}

/// The files that spans point into.
#[derive(Clone, Debug, Default)]
pub struct SourceMap {
    files: Vec<SourceFile>,
}

impl SourceMap {
    /// Takes in a file.
    ///
    /// # Panics
    /// With more than `u32::MAX` files.
    pub fn add(&mut self, file: SourceFile) -> FileId {
        let id = u32::try_from(self.files.len()).expect("fewer than four billion files");
        self.files.push(file);
        FileId(id)
    }

    /// All files.
    pub fn files(&self) -> impl Iterator<Item = &SourceFile> {
        self.files.iter()
    }

    /// The file at this path.
    pub fn find(&self, path: &Path) -> Option<FileId> {
        let at = self.files.iter().position(|file| file.path == path)?;
        u32::try_from(at).ok().map(FileId)
    }

    /// The file that `id` stands for.
    pub fn file(&self, id: FileId) -> &SourceFile {
        &self.files[id.0 as usize]
    }

    /// `path:line:column` of the span's start.
    pub fn place(&self, span: Span) -> String {
        format!("{}:{}:{}", self.file(span.file).display, span.start.line, span.start.column)
    }

    /// The text a span covers.
    pub fn text(&self, span: Span) -> &str {
        self.file(span.file).text.get(span.start.byte..span.end.byte).unwrap_or_default()
    }

    /// A span from byte offsets into a file. Offsets past the end or inside a character are moved to the next good place.
    pub fn span(&self, file: FileId, bytes: std::ops::Range<usize>) -> Span {
        let text = &self.file(file).text;
        Span { file, start: position(text, bytes.start), end: position(text, bytes.end) }
    }
}

fn position(text: &str, byte: usize) -> Position {
    let byte = (byte..=text.len()).find(|&at| text.is_char_boundary(at)).unwrap_or(text.len());
    let before = &text[..byte];
    let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
    Position {
        byte,
        line: before.matches('\n').count() + 1,
        column: before[line_start..].trim_start_matches('\u{feff}').chars().count() + 1,
    }
}
