//! Which file an `include!` names.

use std::path::Path;

use proc_macro2::{Group, TokenTree};

use super::raw::{Elsewhere, FileFacts, Generated};
use super::tokens::{Places, is_punct, is_word, text_of};

/// Takes in where the file lies. One whose path can't be told is named: annotations in it would go unseen.
pub(super) fn read(body: &Group, modules: &[String], places: &Places, facts: &mut FileFacts) {
    let span = places.at(body.span());
    if let Some(path) = generated(body) {
        facts.generated.push(Generated { path, modules: modules.to_vec(), span });
    } else if let Some(path) = included(body, &facts.source.path) {
        facts.elsewhere.push(Elsewhere::included(path, modules));
    } else {
        facts.fault_with_help(
            "this `include!` names a file by what only the compiler can tell; annotations in it are not seen".to_owned(),
            span,
            "name it by a string, or by `concat!` of strings after `env!(\"CARGO_MANIFEST_DIR\")` or `env!(\"OUT_DIR\")`",
        );
    }
}

/// The file in `("a.rs")`, `(concat!("a", ".rs"))` or `(concat!(env!("CARGO_MANIFEST_DIR"), "/a.rs"))`.
fn included(body: &Group, file: &Path) -> Option<String> {
    let Some((variable, text)) = concatenated(body) else {
        return text_of(body.stream().into_iter().next());
    };
    let Some(variable) = variable else { return Some(text) };
    let is_manifest = |directory: &&Path| directory.join("Cargo.toml").is_file();
    let directory =
        file.ancestors().skip(1).find(is_manifest).filter(|_| variable == "CARGO_MANIFEST_DIR")?;
    let depth = file.parent()?.strip_prefix(directory).ok()?.components().count();
    Some("../".repeat(depth) + text.trim_start_matches('/'))
}

/// `/schema.rs` in `(concat!(env!("OUT_DIR"), "/schema.rs"))`.
fn generated(body: &Group) -> Option<String> {
    let (variable, text) = concatenated(body)?;
    variable.filter(|name| name == "OUT_DIR")?;
    Some(text.trim_start_matches(['/', '\\']).to_owned())
}

/// The variable and the text in `(concat!(env!("VARIABLE"), "te", "xt"))`; there may be no variable.
fn concatenated(body: &Group) -> Option<(Option<String>, String)> {
    let tokens: Vec<TokenTree> = body.stream().into_iter().collect();
    let [name, bang, TokenTree::Group(list), ..] = &tokens[..] else { return None };
    if !is_word(Some(name), "concat") || !is_punct(Some(bang), '!') {
        return None;
    }
    let tokens: Vec<TokenTree> = list.stream().into_iter().collect();
    let (variable, rest) = match &tokens[..] {
        [env, bang, TokenTree::Group(variable), rest @ ..]
            if is_word(Some(env), "env") && is_punct(Some(bang), '!') =>
        {
            (Some(text_of(variable.stream().into_iter().next())?), rest)
        }
        all => (None, all),
    };
    let texts = rest.iter().filter(|token| !is_punct(Some(token), ','));
    let text = texts.map(|token| text_of(Some(token.clone()))).collect::<Option<String>>()?;
    Some((variable, text))
}
