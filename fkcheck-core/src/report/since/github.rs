//! For GitHub's runner: a notice for each effect, at the line of the migration that makes it so.

use std::io::{self, Write};

use super::{headline, key_sentence, sentence};
use crate::report::clean::Clean;
use crate::report::github::{LIMIT, message, property, render_problem};
use crate::since::{Changes, Place, Since};

const TITLE: &str = "fkcheck --since";

pub(super) fn render(since: &Since, out: &mut dyn Write) -> io::Result<()> {
    let notices: Vec<(Option<&Place>, String)> = since.changes.iter().flat_map(notices).collect();
    // The last one may have to tell of the others.
    let shown = if notices.len() > LIMIT { LIMIT - 1 } else { notices.len() };
    for (place, text) in &notices[..shown] {
        // Only what is in the work tree has lines that a pull request shows.
        let place = place.filter(|place| !place.is_past).map_or_else(String::new, |place| {
            let file = property(Clean::new(&place.in_repository).as_str());
            format!("file={file},line={},", place.line)
        });
        writeln!(out, "::notice {place}title={TITLE}::{}", message(Clean::new(text).as_str()))?;
    }
    if shown < notices.len() {
        let more = notices.len() - shown;
        writeln!(out, "::notice title={TITLE}::{more} more: GitHub shows {LIMIT} of a kind")?;
    }
    for problem in &since.outcome.problems {
        render_problem(problem, &since.outcome, out)?;
    }
    for changes in &since.changes {
        writeln!(out, "{}", Clean::new(&headline(changes, since)))?;
    }
    Ok(())
}

/// Each effect, and each key that has none.
fn notices(changes: &Changes) -> Vec<(Option<&Place>, String)> {
    let place = |at: &usize| changes.keys.get(*at).and_then(|key| key.place.as_ref());
    let effects = changes.deletes.iter();
    let mut notices: Vec<(Option<&Place>, String)> =
        effects.map(|effect| (effect.causes.iter().find_map(place), sentence(effect, changes))).collect();
    for (at, key) in changes.keys.iter().enumerate() {
        if !changes.deletes.iter().any(|effect| effect.causes.contains(&at)) {
            notices.push((key.place.as_ref(), key_sentence(key)));
        }
    }
    notices
}
