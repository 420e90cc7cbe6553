//! One file: text → tokens → raw facts, with every place as file, line and column.

use std::str::FromStr;
use std::sync::Arc;

use proc_macro2::{LexError, TokenStream};

use super::imports::Import;
use super::models::{RawLine, RawModel};
use super::schema::{RawJoinable, RawTable};
use super::{InputFile, prefilter, walk};
use crate::model::{FileId, Position, SourceFile, Span};

/// Files larger than this are not parsed: nobody writes them.
const MAX_BYTES: usize = 8 << 20;

const BOM: &str = "\u{feff}";

/// What one file says, names not yet resolved. Its spans have `FileId(0)` until the file gets its number.
pub(super) struct FileFacts {
    pub(super) source: SourceFile,
    pub(super) modules: Vec<String>,
    pub(super) root: usize,
    pub(super) package: usize,
    pub(super) tables: Vec<RawTable>,
    pub(super) joinables: Vec<RawJoinable>,
    pub(super) models: Vec<RawModel>,
    pub(super) lines: Vec<RawLine>,
    /// What names stand for.
    pub(super) imports: Vec<Import>,
    /// Files that `#[path = ".."]` and `include!("..")` name, relative to this one.
    pub(super) elsewhere: Vec<Elsewhere>,
    /// Whether it turns SQLite's foreign keys on.
    pub(super) switches_sqlite_keys: bool,
    /// What could not be read.
    pub(super) faults: Vec<Fault>,
}

/// A file that another one leads to.
pub(super) struct Elsewhere {
    /// As written.
    pub(super) path: String,
    /// Inline modules around it that the path counts from.
    pub(super) within: Vec<String>,
    /// The modules that its content lies in, below those of the file that names it.
    pub(super) modules: Vec<String>,
}

impl Elsewhere {
    /// `include!("path")`
    pub(super) fn included(path: String, around: &[String]) -> Self {
        Elsewhere { path, within: Vec::new(), modules: around.to_vec() }
    }

    /// `#[path = "path"] mod name;`
    pub(super) fn module(path: String, around: &[String], name: String) -> Self {
        let modules = around.iter().cloned().chain([name]).collect();
        Elsewhere { path, within: around.to_vec(), modules }
    }
}

/// Something that could not be read, and where.
pub(super) struct Fault {
    pub(super) message: String,
    pub(super) span: Option<Span>,
}

/// Reads a file, or `edited` in its place; `None` where nothing in it matters.
pub(super) fn read(input: &InputFile, edited: Option<&String>) -> Option<FileFacts> {
    let mut facts = FileFacts {
        source: SourceFile { path: input.path.clone(), display: input.display.clone(), text: Arc::from("") },
        modules: input.modules.clone(),
        root: input.root,
        package: input.package,
        tables: Vec::new(),
        joinables: Vec::new(),
        models: Vec::new(),
        lines: Vec::new(),
        imports: Vec::new(),
        elsewhere: Vec::new(),
        switches_sqlite_keys: false,
        faults: Vec::new(),
    };
    let bytes = match edited.map_or_else(|| bytes_of(input), |text| Ok(text.clone().into_bytes())) {
        Ok(bytes) => bytes,
        Err(message) => {
            facts.fault(message, None);
            return Some(facts);
        }
    };
    // A build script has no use for it.
    if cfg!(feature = "workspace") {
        facts.switches_sqlite_keys = prefilter::switches_sqlite_keys(&bytes);
    }
    if !prefilter::matters(&bytes) {
        return facts.switches_sqlite_keys.then_some(facts);
    }
    if bytes.len() > MAX_BYTES {
        facts.fault(format!("larger than {} MiB", MAX_BYTES >> 20), None);
        return Some(facts);
    }
    match String::from_utf8(bytes) {
        Ok(text) => facts.source.text = Arc::from(text),
        Err(error) => {
            facts.fault(format!("not UTF-8 at byte {}", error.utf8_error().valid_up_to()), None);
            return Some(facts);
        }
    }
    read_text(&mut facts);
    // The spans of this file are places by now; the parser's own copy of the text may go.
    proc_macro2::extra::invalidate_current_thread_spans();
    Some(facts)
}

fn bytes_of(input: &InputFile) -> Result<Vec<u8>, String> {
    let metadata = std::fs::metadata(&input.path).map_err(|error| error.to_string())?;
    if !metadata.is_file() {
        return Err("not a regular file".to_owned());
    }
    std::fs::read(&input.path).map_err(|error| error.to_string())
}

fn read_text(facts: &mut FileFacts) {
    let text = Arc::clone(&facts.source.text);
    let places = Places::new(&text);
    match tokens_of(&text) {
        Ok(tokens) => walk::walk(tokens, &places, facts),
        Err(error) => facts.fault(
            "not Rust: unbalanced brackets or an unknown token".to_owned(),
            Some(places.at(error.span())),
        ),
    }
}

/// The tokens of a source file.
pub(crate) fn tokens_of(text: &str) -> Result<TokenStream, LexError> {
    let code = text.strip_prefix(BOM).unwrap_or(text);
    // A `#!/usr/bin/env ..` line becomes a comment of the same length.
    let shebang = code.starts_with("#!") && !code[2..].trim_start().starts_with('[');
    if shebang { TokenStream::from_str(&format!("//{}", &code[2..])) } else { TokenStream::from_str(code) }
}

impl FileFacts {
    pub(super) fn fault(&mut self, message: String, span: Option<Span>) {
        self.faults.push(Fault { message, span });
    }
}

/// Turns the parser's spans into places of the file.
pub(crate) struct Places {
    /// Bytes before the parser's first: the byte-order mark.
    skipped: usize,
}

impl Places {
    pub(crate) fn new(text: &str) -> Self {
        Places { skipped: if text.starts_with(BOM) { BOM.len() } else { 0 } }
    }

    pub(crate) fn at(&self, span: proc_macro2::Span) -> Span {
        let bytes = span.byte_range();
        let (start, end) = (span.start(), span.end());
        Span {
            file: FileId(0),
            start: Position { byte: bytes.start + self.skipped, line: start.line, column: start.column + 1 },
            end: Position { byte: bytes.end + self.skipped, line: end.line, column: end.column + 1 },
        }
    }
}
