//! One file: text → tokens → raw facts, with every place as file, line and column.

use std::sync::Arc;

use super::raw::FileFacts;
use super::tokens::{Places, tokens_of};
use super::{InputFile, prefilter, walk};
use crate::model::{SourceFile, disk};

/// Files larger than this are not parsed: nobody writes them.
const MAX_BYTES: usize = 8 << 20;

/// What a file is read for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Reading {
    /// Facts.
    WhatMatters,
    /// What its modules import; it has no facts.
    Imports,
    /// The functions that may call one that deletes; it has no facts.
    Functions,
}

/// Reads a file, or `edited` in its place; `None` where nothing in it matters.
pub(super) fn read(input: &InputFile, edited: Option<&String>, reading: Reading) -> Option<FileFacts> {
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
        generated: Vec::new(),
        turns_keys_on: false,
        read: super::functions::Read::default(),
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
        facts.turns_keys_on = prefilter::turns_keys_on(&bytes);
    }
    let matters = match reading {
        Reading::WhatMatters => prefilter::matters(&bytes),
        Reading::Imports => prefilter::imports(&bytes),
        Reading::Functions => false,
    };
    let deletes = deletes(&bytes, reading);
    if !matters && !deletes {
        return facts.turns_keys_on.then_some(facts);
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
    read_text(&mut facts, deletes);
    // A file that has no facts may be anything; what can't be read of it hides none.
    if !matters {
        facts.faults.clear();
    }
    // The spans of this file are places by now; the parser's own copy of the text may go.
    proc_macro2::extra::invalidate_current_thread_spans();
    Some(facts)
}

fn bytes_of(input: &InputFile) -> Result<Vec<u8>, String> {
    disk::read(&input.path).map_err(|error| error.to_string())
}

/// Whether the file's functions are read; a build script has no use for them.
fn deletes(bytes: &[u8], reading: Reading) -> bool {
    match reading {
        _ if !cfg!(feature = "workspace") => false,
        Reading::WhatMatters => prefilter::deletes(bytes),
        Reading::Functions => prefilter::says_delete(bytes),
        Reading::Imports => false,
    }
}

fn read_text(facts: &mut FileFacts, deletes: bool) {
    let text = Arc::clone(&facts.source.text);
    let places = Places::new(&text);
    let tokens = match tokens_of(&text) {
        Ok(tokens) => tokens,
        Err(error) => {
            let message = "not Rust: unbalanced brackets or an unknown token".to_owned();
            return facts.fault(message, Some(places.at(error.span())));
        }
    };
    let of_functions = deletes.then(|| tokens.clone());
    walk::walk(tokens, &places, facts);
    if let Some(tokens) = of_functions {
        let is_test = is_of_tests(&facts.source.display);
        facts.read = super::functions::read(tokens, &places, &facts.imports, is_test);
    }
}

/// Whether the whole file is for tests, by its path.
fn is_of_tests(display: &str) -> bool {
    let mut parts = display.split(['/', '\\']);
    let named = |part: &str| {
        let stem = part.strip_suffix(".rs").unwrap_or(part);
        matches!(stem, "tests" | "test" | "benches")
            || stem.ends_with("_test")
            || stem.ends_with("_tests")
            || stem.starts_with("test_")
            || stem == "test_utils"
    };
    parts.any(named)
}
