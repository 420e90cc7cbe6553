//! The audit as a tracker's entry: GitHub's Markdown, the same bytes for the same findings.

use std::io::{self, Write};

use super::audit::{
    Audit, CHOICES, Fact, KeySection, MARKER, Migration, QUESTION, SQL_INTRODUCTION, SqlSection, Words,
};
use super::clean::Clean;
use super::human::RULES_URL;
use super::markdown::{add, code, escaped, item, line};
use super::plain;
use super::short::word;
use super::summary;
use crate::finding::Finding;
use crate::outcome::Outcome;

/// GitHub takes 65,536 characters for an issue, and more for a release.
const ROOM: usize = 60 << 10;
const LIMIT: &str = "a tracker's entry holds 64 KiB";
/// What comes first leaves room for what comes after it.
const ROOM_FOR_PROBLEMS: usize = 8 << 10;
const ROOM_FOR_KEYS: usize = 32 << 10;
const ROOM_FOR_SQL: usize = 50 << 10;

pub(super) fn render(outcome: &Outcome, title: &str, out: &mut dyn Write) -> io::Result<()> {
    let audit = Audit::new(outcome);
    let mut note = format!("# {}\n\n{MARKER}\n", heading(title, &audit));
    for paragraph in &audit.lead {
        note.extend(["\n", &line(paragraph), "\n"]);
    }
    note.extend(["\n", &summary::keys(outcome), ".\n"]);
    if !audit.problems.is_empty() {
        note.push_str("\n## Not known\n\n");
        let problems = audit.problems.iter().map(|problem| item(problem, outcome));
        add(&mut note, problems, "problems", ROOM_FOR_PROBLEMS, LIMIT);
    }
    if !audit.keys.is_empty() {
        note.push_str("\n## Keys\n");
        add(&mut note, audit.keys.iter().map(key), "keys", ROOM_FOR_KEYS, LIMIT);
        note.push_str(&decision_tree());
    }
    if !audit.sql.is_empty() {
        note.extend(["\n## Migrations\n\n", SQL_INTRODUCTION, "\n"]);
        let with_downs: Vec<String> = audit.sql.iter().flat_map(|section| sql(section, true)).collect();
        let fits = note.len() + with_downs.iter().map(String::len).sum::<usize>() <= ROOM_FOR_SQL;
        let parts = if fits {
            with_downs
        } else {
            note.push_str(
                "\nThe ways back are left out for want of room; `cargo fkcheck fix` writes them.\n",
            );
            audit.sql.iter().flat_map(|section| sql(section, false)).collect()
        };
        add(&mut note, parts.into_iter(), "migrations", ROOM_FOR_SQL, LIMIT);
    }
    if !audit.others.is_empty() {
        note.push_str("\n## What else was found\n\n");
        add(&mut note, audit.others.iter().map(|finding| other(finding, outcome)), "findings", ROOM, LIMIT);
    }
    out.write_all(note.as_bytes())
}

/// A title of any length would leave no room for what it is about.
fn heading(title: &str, audit: &Audit<'_>) -> String {
    let title: String = title.trim().chars().take(200).collect();
    if title.is_empty() { audit.title.clone() } else { escaped(&Clean::new(&title)) }
}

fn key(section: &KeySection) -> String {
    let mut text = format!("\n### {}\n\n", line(&section.heading));
    text.extend(section.facts.iter().map(fact));
    text
}

fn fact(fact: &Fact) -> String {
    let lines: Vec<String> = fact.lines.iter().map(line).collect();
    match &lines[..] {
        [one] => format!("- **{}:** {one}\n", fact.label),
        lines => format!("- **{}:**\n  - {}\n", fact.label, lines.join("\n  - ")),
    }
}

fn decision_tree() -> String {
    let mut text = format!(
        "\n## Decision tree\n\n{QUESTION}\n\n| its rows are | rule that fits | price |\n| --- | --- | --- |\n"
    );
    for choice in &CHOICES {
        text.extend(["| ", choice.rows, " | ", choice.rule, " | ", choice.price, " |\n"]);
    }
    text
}

/// A part for each migration; the first has the heading.
fn sql(section: &SqlSection, with_downs: bool) -> Vec<String> {
    let heading = format!("\n### {}\n", line(&section.heading));
    let mut parts = match &section.migrations {
        Ok(migrations) => migrations.iter().map(|one| migration(one, with_downs)).collect(),
        Err(why) => vec![format!("\n{}\n", line(why))],
    };
    if let Some(first) = parts.first_mut() {
        first.insert_str(0, &heading);
    }
    parts
}

fn migration(migration: &Migration, with_down: bool) -> String {
    let mut text = format!(
        "\n{}, `up.sql`:\n\n{}",
        code(&migration.name),
        plain::fenced("sql", &format!("{}\n", migration.up))
    );
    for remark in &migration.remarks {
        text.extend(["\n", &line(remark), "\n"]);
    }
    if !with_down {
        return text;
    }
    text + "\n<details>\n<summary>down.sql</summary>\n\n"
        + &plain::fenced("sql", &format!("{}\n", migration.down))
        + "\n</details>\n"
}

fn other(finding: &Finding, outcome: &Outcome) -> String {
    let (severity, rule) = (word(finding.severity), finding.rule);
    let place = code(&plain::line(finding.primary.span, outcome));
    let message = line(&Words::new().prose(&finding.message));
    format!("- {severity} [{rule}]({RULES_URL}/{rule}.md) at {place}: {message}\n")
}
