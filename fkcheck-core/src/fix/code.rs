//! The other way round: annotations that say what the source shows. Nothing but the value of an entry changes, and what the
//! annotation leaves out is added at its end.

use std::collections::{BTreeMap, HashMap};
use std::ops::Range;
use std::path::PathBuf;

use crate::collect::Facts;
use crate::compare::Agreement;
use crate::edit::{self, FileEdit};
use crate::model::{Action, Deferrability, FileId, ObservedKey, Span, Table};
use crate::remedy::Candidate;
use crate::run::{CheckError, Run};

/// The edited files; read again, they say what the source shows.
pub(super) fn edits(candidates: &[&Candidate<'_>], run: &Run<'_>) -> Result<Vec<FileEdit>, CheckError> {
    let facts = &run.facts;
    let mut replacements: BTreeMap<FileId, Vec<(Range<usize>, String)>> = BTreeMap::new();
    for candidate in candidates {
        for (span, text) in replaced(candidate, facts) {
            replacements.entry(span.file).or_default().push((bytes(span), text));
        }
    }
    if replacements.is_empty() {
        return Ok(Vec::new());
    }
    let mut files = Vec::new();
    for (file, mut replacements) in replacements {
        let source = facts.sources.file(file);
        replacements.sort_by_key(|(range, _)| range.start);
        // Two tables of one struct may share an annotation.
        replacements.dedup();
        let mut after = String::with_capacity(source.text.len());
        let mut done = 0;
        for (range, text) in replacements {
            after.push_str(source.text.get(done..range.start).unwrap_or_default());
            after.push_str(&text);
            done = range.end;
        }
        after.push_str(source.text.get(done..).unwrap_or_default());
        files.push(FileEdit {
            path: source.path.clone(),
            display: source.display.clone(),
            before: Some(source.text.to_string()),
            after,
        });
    }
    let texts: HashMap<PathBuf, String> =
        files.iter().map(|edit| (edit.path.clone(), edit.after.clone())).collect();
    let meant: Vec<_> = candidates.iter().map(|candidate| candidate.declared.id()).collect();
    edit::read_again(run, &texts, &meant)?;
    Ok(files)
}

/// What changes in each annotation of the key.
fn replaced(candidate: &Candidate<'_>, facts: &Facts) -> Vec<(Span, String)> {
    let (declared, comparison) = (candidate.declared, candidate.comparison);
    let Some(observed) = candidate.observed else { return Vec::new() };
    let table = facts.table(&declared.key.table);
    let on_delete =
        comparison.on_delete(declared, observed).is_some_and(|agreement| agreement != Agreement::Same);
    let on_update = comparison.on_update(declared, observed) != Agreement::Same;
    let mut replaced = Vec::new();
    let mut added = Vec::new();
    if on_update && declared.on_update().is_none() {
        added.push(format!("on_update = {}", annotation(&observed.on_update, observed, table)));
    }
    if declared.deferrability().is_none() && observed.deferrability != Deferrability::NotDeferrable {
        added.push(format!("deferrable = {}", observed.deferrability.as_annotation()));
    }
    if !added.is_empty() {
        replaced.push(facts.entry_in(declared.first(), &added.join(", ")));
    }
    for claim in &declared.claims {
        if let Some(stated) = claim.on_delete.as_ref().filter(|_| on_delete) {
            replaced.push((stated.span, annotation(&observed.on_delete, observed, table)));
        }
        if let Some(stated) = claim.on_update.as_ref().filter(|_| on_update) {
            replaced.push((stated.span, annotation(&observed.on_update, observed, table)));
        }
        let Some(stated) =
            claim.deferrability.as_ref().filter(|stated| stated.value != observed.deferrability)
        else {
            continue;
        };
        match observed.deferrability {
            seen @ (Deferrability::Immediate | Deferrability::Deferred) => {
                replaced.push((stated.span, seen.as_annotation().to_owned()));
            }
            Deferrability::NotDeferrable => {
                let text = &facts.sources.file(stated.span.file).text;
                let entry = entry_around(text, bytes(stated.span));
                replaced.push((facts.sources.span(stated.span.file, entry), String::new()));
            }
        }
    }
    replaced
}

/// The action with its columns by their identifiers.
fn annotation(action: &Action, observed: &ObservedKey, table: Option<&Table>) -> String {
    let idents = |names: &[String]| {
        let ident = |name: &String| {
            table
                .and_then(|table| table.column(name))
                .map_or_else(|| name.clone(), |column| column.ident.clone())
        };
        // All of them is what the plain word means.
        let is_all = observed.key.columns.iter().all(|column| names.contains(column));
        if is_all { Vec::new() } else { names.iter().map(ident).collect() }
    };
    match action {
        Action::SetNull(names) => Action::SetNull(idents(names)),
        Action::SetDefault(names) => Action::SetDefault(idents(names)),
        other => other.clone(),
    }
    .as_annotation()
}

fn bytes(span: Span) -> Range<usize> {
    span.start.byte..span.end.byte
}

/// The whole of `deferrable = value` with one of the commas beside it.
fn entry_around(text: &str, value: Range<usize>) -> Range<usize> {
    let before = text[..value.start].trim_end().trim_end_matches('=').trim_end();
    let start = before.strip_suffix("deferrable").map_or(value.start, str::len);
    let comma_before = text[..start].trim_end();
    if let Some(rest) = comma_before.strip_suffix(',') {
        return rest.len()..value.end;
    }
    let after = &text[value.end..];
    let rest = after.trim_start();
    match rest.strip_prefix(',') {
        Some(rest) => start..text.len() - rest.trim_start().len(),
        None => start..value.end,
    }
}

#[cfg(test)]
mod tests {
    use super::entry_around;

    #[test]
    fn an_entry_goes_with_one_comma() {
        for (text, left) in [
            ("#[fk(on_delete = cascade, deferrable = deferred)]", "#[fk(on_delete = cascade)]"),
            ("#[fk(deferrable=deferred , on_delete = cascade)]", "#[fk(on_delete = cascade)]"),
            ("#[fk(on_delete = cascade,\n   deferrable = deferred,\n)]", "#[fk(on_delete = cascade,\n)]"),
        ] {
            let at = text.find("deferred").expect("there");
            let range = entry_around(text, at..at + "deferred".len());
            assert_eq!(format!("{}{}", &text[..range.start], &text[range.end..]), left);
        }
    }
}
