//! Tables that the configuration names for erasures, and what keeps them from being followed.

use super::named::{named_tables, tables};
use super::problems::{not_followed, not_seen_whole};
use super::{CheckError, ReadSource};
use crate::collect::Facts;
use crate::grammar::nearest;
use crate::model::{Observation, TableName, Visibility};
use crate::outcome::Problem;

/// Refuses a table that neither a source nor the code has: it is misspelt.
///
/// # Errors
/// Then, and where a name is that of several tables.
pub(super) fn refuse_misspelt(facts: &Facts, observed: &[ReadSource]) -> Result<(), CheckError> {
    let erasure = &facts.erasure;
    let roots = erasure.roots.iter().filter_map(|root| Some((&root.table, root.place.as_ref()?)));
    let kept = erasure.kept.iter().map(|kept| (&kept.table, &kept.place));
    let sources = sources(observed);
    for (name, place) in roots.chain(kept) {
        is_one_alone(&sources, name, place)?;
        let is_somewhere = is_in_source(name, &sources) || is_in_code(name, facts);
        if !is_somewhere && !sources.is_empty() && !sources.iter().any(|source| is_hidden(source)) {
            return Err(no_table(name, place, &sources));
        }
    }
    Ok(())
}

/// What keeps the roots from being followed; a key or a column that nobody sees may lead to a person's rows.
pub(super) fn not_known(facts: &Facts, observed: &[ReadSource]) -> Vec<Problem> {
    let roots = &facts.erasure.roots;
    let sources = sources(observed);
    if roots.is_empty() || sources.is_empty() {
        return Vec::new();
    }
    let mut problems = Vec::new();
    for root in roots {
        if !is_in_source(&root.table, &sources) {
            problems.push(not_in_source(&root.table, &sources));
        } else if !is_in_code(&root.table, facts) {
            problems.push(not_in_code(&root.table));
        }
    }
    for source in sources {
        problems.extend(not_seen_whole(source));
        problems.extend(not_followed(source));
    }
    problems
}

fn sources(observed: &[ReadSource]) -> Vec<&Observation> {
    observed.iter().map(|one| &one.observation).collect()
}

fn is_in_source(name: &str, sources: &[&Observation]) -> bool {
    sources.iter().any(|source| is_one_of(name, tables(source), source))
}

fn is_in_code(name: &str, facts: &Facts) -> bool {
    facts.tables.iter().any(|table| is_called(&table.name, name))
}

fn is_one_of<'o>(name: &str, mut tables: impl Iterator<Item = &'o TableName>, source: &Observation) -> bool {
    let case = source.engine.table_case;
    tables.any(|table| case.same(&table.to_string(), name) || case.same(&table.name, name))
}

fn is_called(table: &TableName, name: &str) -> bool {
    let bare = name.rsplit('.').next().unwrap_or(name);
    table.to_string().eq_ignore_ascii_case(name)
        || table.schema.is_none() && table.name.eq_ignore_ascii_case(bare)
}

fn is_hidden(source: &Observation) -> bool {
    matches!(source.visibility, Visibility::Partial(_))
}

/// A name that is one table's in each source that has it.
fn is_one_alone(sources: &[&Observation], name: &str, place: &str) -> Result<(), CheckError> {
    let having = sources.iter().filter(|source| is_one_of(name, tables(source), source));
    for source in having {
        if let Err(CheckError::Usage { message, help }) = named_tables(source, &[name.to_owned()]) {
            return Err(CheckError::Usage { message: format!("{place}: {message}"), help });
        }
    }
    Ok(())
}

fn no_table(name: &str, place: &str, sources: &[&Observation]) -> CheckError {
    let labels: Vec<&str> = sources.iter().map(|source| source.label.as_str()).collect();
    let known = sources.iter().flat_map(|source| tables(source));
    let near = nearest(name, known.map(|table| table.name.as_str()));
    CheckError::Usage {
        message: format!("{place}: no table `{name}` in {}", labels.join(", nor in ")),
        help: near.map(|near| format!("did you mean `{near}`?")),
    }
}

fn not_in_code(name: &str) -> Problem {
    Problem {
        message: format!(
            "no `table!` declares `{name}`, so the type of its id isn't known, nor which columns are copies of it"
        ),
        label: None,
        help: vec!["`diesel print-schema` takes it into `schema.rs`".to_owned()],
    }
}

fn not_in_source(name: &str, sources: &[&Observation]) -> Problem {
    let labels: Vec<&str> = sources.iter().map(|source| source.label.as_str()).collect();
    Problem {
        message: format!(
            "`{name}`, whose rows are to be erased, is no table of {}",
            labels.join(", nor of ")
        ),
        label: None,
        help: vec!["is it the right database, and are its migrations run?".to_owned()],
    }
}
