//! For a job's summary: GitHub's Markdown, <https://github.github.com/gfm/>.

use std::io::{self, Write};

use super::audit::{Piece, Words};
use super::clean::Clean;
use super::human::RULES_URL;
use super::short::{could_not_know, word};
use super::{plain, summary};
use crate::finding::{Finding, Label};
use crate::outcome::{Outcome, Problem};

/// GitHub takes 1 MiB for a step.
const ROOM: usize = 900 << 10;
const LIMIT: &str = "a summary holds 1 MiB";
/// The table and the problems leave room for the details.
const ROOM_FOR_ROWS: usize = ROOM / 2;
const ROOM_FOR_PROBLEMS: usize = ROOM / 4;

pub(super) fn render(outcome: &Outcome, out: &mut dyn Write) -> io::Result<()> {
    let verdict = escaped(&Clean::new(&summary::verdict(outcome)));
    let mut page = format!("# fkcheck: {verdict}\n\n{}\n", summary::keys(outcome));
    let problems = summary::problems(outcome);
    if !problems.is_empty() {
        page.push_str("\n## Not known\n\n");
        add(
            &mut page,
            problems.iter().map(|problem| item(problem, outcome)),
            "problems",
            ROOM_FOR_PROBLEMS,
            LIMIT,
        );
    }
    if !outcome.findings.is_empty() {
        page.push_str(
            "\n## Findings\n\n| | rule | key | place | message |\n| --- | --- | --- | --- | --- |\n",
        );
        let rows = outcome.findings.iter().map(|finding| row(finding, outcome));
        add(&mut page, rows, "findings", ROOM_FOR_ROWS, LIMIT);
        page.push('\n');
        let details = outcome.findings.iter().map(|finding| details(finding, outcome));
        add(&mut page, details, "details", ROOM, LIMIT);
    }
    out.write_all(page.as_bytes())
}

pub(super) fn render_failure(message: &str, help: Option<&str>, out: &mut dyn Write) -> io::Result<()> {
    write!(out, "# fkcheck: error\n\nThe run has ended: ")?;
    for lines in plain::failure(message, help) {
        writeln!(out, "{}\n", escaped(&lines).replace('\n', "<br>"))?;
    }
    Ok(())
}

/// Adds parts as long as the page stays below so many bytes, and says how many it left out and why.
pub(super) fn add(
    page: &mut String,
    parts: impl ExactSizeIterator<Item = String>,
    what: &str,
    room: usize,
    why: &str,
) {
    let mut left = parts.len();
    for part in parts {
        if page.len() + part.len() > room {
            page.extend(["\n", &left.to_string(), " more ", what, " left out: ", why, ".\n"]);
            return;
        }
        page.push_str(&part);
        left -= 1;
    }
}

fn row(finding: &Finding, outcome: &Outcome) -> String {
    let (key, place) = (plain::key(finding), plain::line(finding.primary.span, outcome));
    let (severity, rule) = (word(finding.severity), finding.rule);
    format!(
        "| {severity} | [{rule}]({RULES_URL}/{rule}.md) | {} | {} | {} |\n",
        code(&key),
        code(&place),
        prose(&finding.message)
    )
}

/// The finding, folded: its places, notes and help.
fn details(finding: &Finding, outcome: &Outcome) -> String {
    let mut text = format!(
        "\n<details>\n<summary>{}: {}: {}</summary>\n\n",
        word(finding.severity),
        finding.rule,
        summarized(&finding.message)
    );
    for label in std::iter::once(&finding.primary).chain(&finding.secondary) {
        text.extend(["- at ", &place(label, outcome), "\n"]);
    }
    for paragraph in &plain::finding(finding)[1..] {
        text.extend(["- ", &prose(paragraph.as_str()), "\n"]);
    }
    text + "\n</details>\n"
}

pub(super) fn item(problem: &Problem, outcome: &Outcome) -> String {
    let mut text = format!("- {}\n", prose(could_not_know(problem).as_str()));
    if let Some(label) = &problem.label {
        text.extend(["  - at ", &place(label, outcome), "\n"]);
    }
    for help in &problem.help {
        text.extend(["  - help: ", &prose(help), "\n"]);
    }
    text
}

/// `src/models.rs:7:10`: NO ACTION in the code
fn place(label: &Label, outcome: &Outcome) -> String {
    let position = code(&plain::position(label.span, outcome));
    if label.text.is_empty() { position } else { format!("{position}: {}", prose(&label.text)) }
}

/// A sentence of a rule, its names as code.
pub(super) fn prose(text: &str) -> String {
    line(&Words::new().prose(text))
}

pub(super) fn line(words: &Words) -> String {
    let pieces = words.pieces().iter().map(|piece| match piece {
        Piece::Text(text) => escaped(&Clean::new(text)),
        Piece::Code(text) => code(text),
        Piece::Strong(text) => format!("**{}**", escaped(&Clean::new(text))),
    });
    pieces.collect()
}

/// The same where Markdown is not looked at, between the tags of HTML.
fn summarized(text: &str) -> String {
    let words = Words::new().prose(text);
    let pieces = words.pieces().iter().map(|piece| match piece {
        Piece::Code(text) => format!("<code>{}</code>", escaped(&Clean::new(text))),
        Piece::Text(text) | Piece::Strong(text) => escaped(&Clean::new(text)),
    });
    pieces.collect()
}

/// A name, a path or a command as code; what is odd between tags, for there it can be escaped.
pub(super) fn code(text: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "_-.,/:()= ".contains(c);
    if text.chars().all(is_plain) && !text.is_empty() && text.trim() == text && !text.contains(" :") {
        format!("`{text}`")
    } else if text.is_empty() {
        String::new()
    } else {
        format!("<code>{}</code>", escaped(&Clean::new(text)))
    }
}

/// Text that Markdown, HTML and GitHub take for nothing else. Line ends stay.
pub(super) fn escaped(text: &Clean) -> String {
    let mut escaped = String::with_capacity(text.as_str().len());
    let mut before = ' ';
    let mut chars = text.as_str().chars().peekable();
    while let Some(c) = chars.next() {
        let after = chars.peek().copied().unwrap_or(' ');
        match c {
            // GitHub looks for mentions, references and `:smile:` in the finished page: there a comment parts them.
            '@' | '#' | ':' if !after.is_whitespace() => {
                escaped.extend(["&#", &u32::from(c).to_string(), ";<!-- -->"]);
            }
            '_' if before.is_alphanumeric() && after.is_alphanumeric() => escaped.push(c),
            '&' | '<' | '>' | '|' | '`' | '*' | '_' | '~' | '[' | ']' | '\\' | '#' | '!' | '$' => {
                escaped.extend(["&#", &u32::from(c).to_string(), ";"]);
            }
            '.' if before.eq_ignore_ascii_case(&'w') => escaped.push_str("&#46;"),
            _ => escaped.push(c),
        }
        before = c;
    }
    escaped
}
