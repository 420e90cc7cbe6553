//! The file with `foreign_keys! { .. }`, for tables that have no model.

use std::path::{Component, Path, PathBuf};

use proc_macro2::TokenTree;

use super::edits::{Edits, attribute, indentation, line_ending};
use super::{Options, import, names};
use crate::collect::items::start_of_item;
use crate::collect::tokens::{is_punct, is_word, unraw};
use crate::collect::{Places, tokens_of};
use crate::model::disk;
use crate::run::CheckError;
use crate::store;
use crate::workspace::Workspace;

/// The name of the file where none is given.
const DEFAULT: &str = "foreign_keys.rs";

/// The file for the tables that are declared in this one: beside a `schema.rs`, in a `lib.rs` itself.
pub(super) fn beside(schema: &Path) -> PathBuf {
    let stem = schema.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default();
    if matches!(stem, "lib" | "main" | "mod") { schema.to_owned() } else { schema.with_file_name(DEFAULT) }
}

/// The file that the user names, if a check would read it.
///
/// # Errors
/// It is no source file of a package.
pub(super) fn named(options: &Options, workspace: &Workspace) -> Result<Option<PathBuf>, CheckError> {
    let Some(named) = &options.tables_file else { return Ok(None) };
    let path = without_dots(named);
    let is_known = workspace.files.iter().any(|file| file.path == path);
    if is_known || !path.exists() && workspace.package_of(&path).is_some() {
        return Ok(Some(path));
    }
    let shown = path.strip_prefix(&workspace.root).unwrap_or(&path).display();
    Err(CheckError::Usage {
        message: format!(
            "`--tables-file`: {shown} is no source file of a package of this workspace; a check wouldn't read it"
        ),
        help: Some("name one below a package's `src`, or a new one that is to be a module there".to_owned()),
    })
}

/// `a/../b.rs` as `b.rs`.
fn without_dots(path: &Path) -> PathBuf {
    path.components().fold(PathBuf::new(), |mut path, part| {
        match part {
            Component::ParentDir => drop(path.pop()),
            part => path.push(part),
        }
        path
    })
}

/// Adds the lines to the file, and a new file to the modules.
///
/// # Errors
/// A sentence: what can't be read, or that nobody is known who could declare the module.
pub(super) fn add(
    path: &Path,
    sibling: Option<&Path>,
    lines: &[String],
    root: &Path,
    edits: &mut Edits,
) -> Result<(), String> {
    let display = |path: &Path| path.strip_prefix(root).unwrap_or(path).to_string_lossy().replace('\\', "/");
    let refuse = |path: &Path| match store::foreign(root, path) {
        Some(why) => {
            Err(format!("{} {why}, which is not written; name a file with `--tables-file`", display(path)))
        }
        None => Ok(()),
    };
    // One that is named may lie anywhere.
    if sibling.is_some() {
        refuse(path)?;
    }
    match disk::read_to_string(path) {
        Ok(text) => {
            let (at, inserted) = into_text(&text, lines);
            edits.insert(path, &display(path), &text, at, inserted);
            Ok(())
        }
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            let stem = path.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default();
            let Some((parent, text)) = parent_module(path, sibling) else {
                let advice = "name a file that is a module with `--tables-file`";
                return Err(format!("no file beside {} declares the modules; {advice}", display(path)));
            };
            refuse(&parent)?;
            let (at, inserted) = declaration(&text, stem);
            edits.insert(&parent, &display(&parent), &text, at, inserted);
            let text =
                format!("//! The foreign keys of tables that have no model.\n\n{}", block(lines, "\n"));
            edits.create(path, &display(path), text);
            Ok(())
        }
        Err(error) => Err(format!("{} can't be read: {error}", display(path))),
    }
}

fn block(lines: &[String], end: &str) -> String {
    let lines = around_each(lines, "    ", end);
    format!("fkcheck_macros::foreign_keys! {{{end}{lines}}}{end}")
}

fn around_each(lines: &[String], before: &str, after: &str) -> String {
    lines.iter().flat_map(|line| [before, line, after]).collect()
}

/// Into the last block that there is, or as a block at the end.
fn into_text(text: &str, lines: &[String]) -> (usize, String) {
    let end = line_ending(text, text.len());
    let Some(close) = end_of_last_block(text) else {
        let gap = if text.is_empty() {
            ""
        } else if text.ends_with('\n') {
            end
        } else {
            &format!("{end}{end}")
        };
        return (text.len(), format!("{gap}{}", block(lines, end)));
    };
    match indentation(text, close) {
        Some(indentation) => {
            (close - indentation.len(), around_each(lines, &format!("{indentation}    "), end))
        }
        None => (close, around_each(lines, "", " ")),
    }
}

/// The byte of the closing brace of the file's last `foreign_keys! { .. }`, if its last line is complete.
fn end_of_last_block(text: &str) -> Option<usize> {
    let tokens: Vec<TokenTree> = tokens_of(text).ok()?.into_iter().collect();
    tokens.windows(3).rev().find_map(|three| match three {
        [name, bang, TokenTree::Group(group)]
            if is_word(Some(name), "foreign_keys") && is_punct(Some(bang), '!') =>
        {
            let last = group.stream().into_iter().last();
            let is_complete = last.is_none() || is_punct(last.as_ref(), ';');
            is_complete.then(|| Places::new(text).at(group.span_close()).start.byte)
        }
        _ => None,
    })
}

/// The file that declares the modules beside `path`, among them `sibling`, and its text.
fn parent_module(path: &Path, sibling: Option<&Path>) -> Option<(PathBuf, String)> {
    let dir = path.parent()?;
    let own = dir.file_name().map(|name| dir.with_file_name(name).with_extension("rs"));
    let candidates = ["mod.rs", "lib.rs", "main.rs"].iter().map(|name| dir.join(name)).chain(own);
    let sibling = sibling.and_then(|path| path.file_stem()).and_then(|stem| stem.to_str());
    candidates.filter(|path| path.is_file()).find_map(|file| {
        let text = disk::read_to_string(&file).ok()?;
        let modules = modules(&text);
        let declares =
            sibling.map_or(!modules.is_empty(), |name| modules.iter().any(|module| module.name == name));
        declares.then_some((file, text))
    })
}

/// `mod name;`
struct Module {
    name: String,
    start: usize,
    end: usize,
}

/// The modules that a file declares without a body.
fn modules(text: &str) -> Vec<Module> {
    let Ok(tokens) = tokens_of(text) else { return Vec::new() };
    let tokens: Vec<TokenTree> = tokens.into_iter().collect();
    let places = Places::new(text);
    let declared =
        (0..tokens.len()).filter(|at| is_word(tokens.get(*at), "mod") && is_punct(tokens.get(at + 2), ';'));
    let module = |at: usize| Module {
        name: unraw(&tokens[at + 1].to_string()),
        start: places.at(tokens[start_of_item(&tokens, at)].span()).start.byte,
        end: places.at(tokens[at + 2].span()).end.byte,
    };
    declared.map(module).collect()
}

/// Where `mod name;` goes: after the last module before it in the alphabet, else before all.
fn declaration(text: &str, name: &str) -> (usize, String) {
    let statement = format!("mod {};", names::ident(name));
    let modules = modules(text);
    let before = modules.iter().take_while(|module| *module.name < *name).last();
    match (before, modules.first()) {
        (Some(before), _) => import::after_item(text, before.end, &statement),
        (None, Some(first)) => (first.start, attribute(text, first.start, &statement)),
        (None, None) => (text.len(), format!("{statement}{}", line_ending(text, text.len()))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with_lines(text: &str) -> String {
        let (at, inserted) = into_text(text, &["a (b) -> c (id), on_delete = cascade;".to_owned()]);
        format!("{}{inserted}{}", &text[..at], &text[at..])
    }

    #[test]
    fn modules_stay_sorted() {
        for (before, after) in [
            ("mod a;\npub mod schema;\n", "mod a;\nmod foreign_keys;\npub mod schema;\n"),
            (
                "// x\n#[macro_use]\npub mod schema;\n",
                "// x\nmod foreign_keys;\n#[macro_use]\npub mod schema;\n",
            ),
        ] {
            let (at, inserted) = declaration(before, "foreign_keys");
            assert_eq!(format!("{}{inserted}{}", &before[..at], &before[at..]), after);
        }
    }

    #[test]
    fn lines_go_into_the_block_that_is_there() {
        assert_eq!(
            with_lines("foreign_keys! {\r\n    x (y) -> z (id);\r\n}\r\n"),
            "foreign_keys! {\r\n    x (y) -> z (id);\r\n    a (b) -> c (id), on_delete = cascade;\r\n}\r\n"
        );
        assert_eq!(
            with_lines("foreign_keys! { x (y) -> z (id); }\n"),
            "foreign_keys! { x (y) -> z (id); a (b) -> c (id), on_delete = cascade; }\n"
        );
        assert_eq!(
            with_lines("mod x;\n"),
            "mod x;\n\nfkcheck_macros::foreign_keys! {\n    a (b) -> c (id), on_delete = cascade;\n}\n"
        );
    }
}
