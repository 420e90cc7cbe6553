//! `fix --code` on a mutant: the check is clean then, and nothing but the value of the key's annotations has changed.

use std::collections::BTreeMap;
use std::path::PathBuf;

use fkcheck_core::model::{Action, ObservedKey};

use super::Subject;
use crate::fkcheck;

/// Takes the code to the mutant and puts it back.
pub(super) fn take_over(
    subject: &Subject<'_>,
    sources: &[PathBuf],
    key: &ObservedKey,
    action: &Action,
    is_alone: bool,
) -> Result<(), String> {
    let read = || -> BTreeMap<&PathBuf, String> {
        sources.iter().filter_map(|path| Some((path, std::fs::read_to_string(path).ok()?))).collect()
    };
    let before = read();
    let manifest = subject.manifest_path.display().to_string();
    let dir = subject.manifest_path.parent().expect("a directory");
    let fixed = fkcheck(
        dir,
        &[
            "fix",
            "--code",
            "--allow-dirty",
            "--strict",
            "--manifest-path",
            &manifest,
            "--database-url",
            subject.url,
        ],
        &[],
    );
    let checked = subject.check();
    let after = read();
    for (path, text) in &before {
        if after.get(path) != Some(text) {
            std::fs::write(path, text).expect("put back");
        }
    }
    if fixed.code != 0 {
        return Err(format!("fix --code ends with {}:\n{}\n{}", fixed.code, fixed.stdout, fixed.stderr));
    }
    // What SET NULL can't do to the code's types is another rule's to say.
    let rules: Vec<String> = checked.rules().into_iter().filter(|rule| is_agreement(rule)).collect();
    if !rules.is_empty() {
        return Err(format!("after fix --code: {rules:?}\n{}", checked.stderr));
    }
    let mut changed = 0;
    for (path, text) in &before {
        changed += only_values_changed(text, &after[path], key, is_alone.then_some(action))
            .map_err(|line| format!("{}: more than a value has changed: {line}", path.display()))?;
    }
    if changed == 0 { Err("fix --code has changed nothing".to_owned()) } else { Ok(()) }
}

fn is_agreement(rule: &str) -> bool {
    [
        "fk_on_delete_mismatch",
        "fk_on_update_mismatch",
        "fk_deferrability_mismatch",
        "fk_conflicting_declarations",
    ]
    .contains(&rule)
}

/// How many lines have changed; each must be the old one with the old action's word replaced by the new one's, or
/// by any where another key on the same columns may decide.
fn only_values_changed(
    before: &str,
    after: &str,
    key: &ObservedKey,
    action: Option<&Action>,
) -> Result<usize, String> {
    let (before, after): (Vec<&str>, Vec<&str>) = (before.split('\n').collect(), after.split('\n').collect());
    if before.len() != after.len() {
        return Err(format!("{} lines became {}", before.len(), after.len()));
    }
    let mut changed = 0;
    for (old, new) in before.into_iter().zip(after).filter(|(old, new)| old != new) {
        let words = ["no_action", "restrict", "cascade", "set_null", "set_default"];
        let is_replaced = |old_word: &str, new_word: &str| {
            old.match_indices(old_word)
                .any(|(at, _)| format!("{}{new_word}{}", &old[..at], &old[at + old_word.len()..]) == new)
        };
        // InnoDB shows one of its two words for refusing.
        let is_new = |word: &str| {
            action.is_none_or(|action| {
                word == action.as_annotation() || action.blocks() && ["no_action", "restrict"].contains(&word)
            })
        };
        let from = key.on_delete.as_annotation();
        let froms = words.iter().copied().chain([from.as_str()]);
        let is_value =
            froms.into_iter().any(|from| words.iter().any(|to| is_new(to) && is_replaced(from, to)));
        if !is_value {
            return Err(format!("{old:?} became {new:?}"));
        }
        changed += 1;
    }
    Ok(changed)
}
