//! A rule's page, for `cargo fkcheck explain` and the documentation.

use std::fmt::Write as _;

use super::{ALL, Example, Group, Rule};
use crate::finding::Level;

/// The page as Markdown.
pub fn page(rule: &Rule) -> String {
    let mut page = format!(
        "# {}\n\n{}. Default level: {}.\n\n{}\n",
        rule.name(),
        rule.says,
        level(rule.level),
        rule.why
    );
    for (title, example) in [("Wrong", &rule.wrong), ("Right", &rule.right)] {
        let _ = write!(page, "\n## {title}\n\n{}", example_text(example));
    }
    page
}

fn example_text(example: &Example) -> String {
    let mut files = String::new();
    for (name, text) in example.files {
        files.extend(["\n`", name, "`:\n\n```toml\n", text.trim(), "\n```\n"]);
    }
    format!(
        "```rust\n{}\n```\n\nThe database ({}):\n\n```sql\n{}\n```\n{files}",
        example.code.trim(),
        example.engine,
        example.database.trim()
    )
}

/// Every rule with its default level and what it says, grouped.
pub fn list() -> String {
    let mut list = String::new();
    for group in Group::ALL {
        let title = match group {
            Group::Agreement => "code and source agree",
            Group::Code => "the code is right in itself",
            Group::InForce => "the key is in force",
            Group::Consequence => "what deletes come to, by all keys together",
            Group::DeletesInCode => "what the code deletes, beside what the keys do about it",
            Group::Upkeep => "what was allowed or postponed still has a reason",
        };
        let _ = writeln!(list, "{title}");
        for rule in ALL.iter().filter(|rule| rule.group == group) {
            let _ = writeln!(list, "    {:<32} {:<6} {}", rule.name(), level(rule.level), rule.says);
        }
        list.push('\n');
    }
    list
}

fn level(level: Level) -> &'static str {
    match level {
        Level::Allow => "allow",
        Level::Warn => "warn",
        Level::Deny => "deny",
    }
}
