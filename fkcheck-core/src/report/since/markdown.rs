//! For a job's summary or a comment: GitHub's Markdown.

use std::io::{self, Write};

use super::{headline, rule, sentence, shown, word};
use crate::model::TableName;
use crate::report::markdown::{add, code, item, prose};
use crate::since::{Changes, KeyChange, Since};

/// GitHub takes 1 MiB for a step, of which the check may need as much.
const ROOM: usize = 400 << 10;
const LIMIT: &str = "a summary holds 1 MiB";

pub(super) fn render(since: &Since, out: &mut dyn Write) -> io::Result<()> {
    let mut page = "# fkcheck: what this branch changes in deletes\n".to_owned();
    for changes in &since.changes {
        one(changes, since, &mut page);
    }
    if !since.outcome.problems.is_empty() {
        page.push_str("\n## Not known\n\n");
        let problems = since.outcome.problems.iter().map(|problem| item(problem, &since.outcome));
        add(&mut page, problems, "problems", ROOM * 2, LIMIT);
    }
    out.write_all(page.as_bytes())
}

fn one(changes: &Changes, since: &Since, page: &mut String) {
    page.extend(["\n", &prose(&headline(changes, since)), ".\n"]);
    if !changes.deletes.is_empty() {
        page.push_str("\n## Deletes\n\n");
        let effects =
            changes.deletes.iter().map(|effect| format!("- {}\n", prose(&sentence(effect, changes))));
        add(page, effects, "effects", ROOM, LIMIT);
    }
    if !changes.keys.is_empty() {
        page.push_str("\n## Keys\n\n| | key | parent | rule | place |\n| --- | --- | --- | --- | --- |\n");
        add(page, changes.keys.iter().map(row), "keys", ROOM, LIMIT);
    }
    let named = |what: &str, tables: &[TableName]| -> Vec<String> {
        tables.iter().map(|table| format!("- {what}: {}\n", code(&table.to_string()))).collect()
    };
    let mut tables = named("new", &changes.new_tables);
    tables.extend(named("gone", &changes.gone_tables));
    tables.extend(changes.renamed_tables.iter().map(|(was, is)| {
        format!("- renamed: {} is now {}\n", code(&was.to_string()), code(&is.to_string()))
    }));
    if !tables.is_empty() {
        page.push_str("\n## Tables\n\n");
        add(page, tables.into_iter(), "tables", ROOM, LIMIT);
    }
    if !changes.not_told.is_empty() {
        page.push_str("\nNot told by either state, and not concerned:\n\n");
        let not_told = changes.not_told.iter().map(|line| format!("- {}\n", prose(line)));
        add(page, not_told, "such places", ROOM, LIMIT);
    }
}

fn row(key: &KeyChange) -> String {
    let place = key.place.as_ref().map(shown).unwrap_or_default();
    format!(
        "| {} | {} | {} | {} | {} |\n",
        word(&key.change),
        code(&key.key.to_string()),
        code(&key.parent.to_string()),
        prose(&rule(key)),
        code(&place)
    )
}
