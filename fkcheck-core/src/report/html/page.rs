//! What the page shows, from top to bottom.

use std::io::{self, Write};

use maud::{Markup, html};

use super::super::audit::{Audit, CHOICES, KeySection, Migration, QUESTION, SQL_INTRODUCTION, SqlSection};
use super::super::clean::Clean;
use super::super::picture::figure;
use super::super::plain;
use super::super::summary;
use super::findings::{Drawn, drawn};
use super::frame::{framed, piece};
use super::table;
use super::text::{class, consequence};
use crate::outcome::{Counts, Outcome, Problem, Verdict};

pub(super) struct Page<'a> {
    pub(super) title: Clean,
    audit: Audit<'a>,
    drawn: Drawn,
    outcome: &'a Outcome,
}

struct Section {
    id: &'static str,
    name: &'static str,
    is_empty: bool,
    content: fn(&Page<'_>, &mut dyn Write) -> io::Result<()>,
}

impl<'a> Page<'a> {
    pub(super) fn new(outcome: &'a Outcome, title: &str) -> Page<'a> {
        let audit = Audit::new(outcome);
        let title = match title.trim() {
            "" => audit.title.as_str(),
            title => title,
        };
        Page { title: Clean::new(title), drawn: drawn(outcome), audit, outcome }
    }

    /// What comes before the sections.
    pub(super) fn top(&self) -> Markup {
        let how = match self.outcome.verdict() {
            Verdict::Agrees => "agrees",
            Verdict::Disagrees => "disagrees",
            Verdict::Unknown => "unknown",
        };
        let sections = self.list();
        html! {
            header {
                h1 { (self.title) }
                p.verdict.(how) { (summary::verdict(self.outcome)) }
                dl.counts aria-label="Foreign keys" {
                    @for (name, count) in counts(&self.outcome.counts) {
                        div { dt { (name) } dd { (count) } }
                    }
                }
                @for words in &self.audit.lead {
                    p { (words) }
                }
            }
            @if sections.len() > 1 {
                nav aria-label="On this page" {
                    @for section in &sections {
                        a href={ "#" (section.id) } { (section.name) }
                    }
                }
            }
        }
    }

    pub(super) fn sections(&self, out: &mut dyn Write) -> io::Result<()> {
        for Section { id, name, content, .. } in self.list() {
            let title = format!("{id}-title");
            let frame = |hole: &_| {
                html! {
                    section id=(id) aria-labelledby=(title) {
                        h2 id=(title) { (name) }
                        (hole)
                    }
                }
            };
            framed(out, frame, |out| content(self, out))?;
        }
        Ok(())
    }

    /// The sections that say something.
    fn list(&self) -> Vec<Section> {
        let Page { audit, drawn, outcome, .. } = self;
        let mut sections = vec![
            Section {
                id: "problems",
                name: "Not known",
                is_empty: audit.problems.is_empty(),
                content: |page, out| pieces(&page.audit.problems, |one| problem(one, page.outcome), out),
            },
            Section {
                id: "picture",
                name: "Picture",
                is_empty: drawn.picture.keys.is_empty(),
                content: |page, out| piece(out, &picture(&page.drawn)),
            },
            Section {
                id: "keys",
                name: "Keys",
                is_empty: audit.keys.is_empty(),
                content: |page, out| pieces(&page.audit.keys, key, out),
            },
            Section {
                id: "tree",
                name: "Decision tree",
                is_empty: audit.keys.is_empty(),
                content: |_, out| piece(out, &tree()),
            },
            Section {
                id: "migrations",
                name: "Migrations",
                is_empty: audit.sql.is_empty(),
                content: |page, out| migrations(&page.audit.sql, out),
            },
            Section {
                id: "findings",
                name: "All findings",
                is_empty: outcome.findings.is_empty(),
                content: |page, out| table::table(page.outcome, out),
            },
        ];
        sections.retain(|section| !section.is_empty);
        sections
    }
}

fn pieces<T>(items: &[T], html: impl Fn(&T) -> Markup, out: &mut dyn Write) -> io::Result<()> {
    items.iter().try_for_each(|item| piece(out, &html(item)))
}

fn counts(counts: &Counts) -> Vec<(&'static str, String)> {
    let mut all = vec![
        ("declared", counts.declared.to_string()),
        ("observed", counts.observed.to_string()),
        ("compared", counts.paired.to_string()),
        ("undeclared", counts.undeclared.to_string()),
        ("skipped", counts.skipped.to_string()),
    ];
    if counts.known > 0 {
        all.push(("findings in the baseline", counts.known.to_string()));
    }
    if let Some(databases) = counts.databases {
        all.push(("databases compared", format!("{} of {}", databases.compared, databases.asked)));
    }
    all
}

fn problem(problem: &Problem, outcome: &Outcome) -> Markup {
    html! {
        div.problem {
            @for paragraph in plain::problem(problem) {
                p { (paragraph) }
            }
            @if let Some(label) = &problem.label {
                p.place { "at " (plain::place(label, outcome)) }
            }
        }
    }
}

fn picture(drawn: &Drawn) -> Markup {
    html! {
        (figure("picture-0", &drawn.picture, "The keys with findings, from parent to child", &[]))
        @if drawn.left_out > 0 {
            p { (summary::number(drawn.left_out, "more finding")) " left out of the picture." }
        }
    }
}

fn key(section: &KeySection) -> Markup {
    html! {
        article.key.(class(section.consequence)) {
            h3 { (section.heading) }
            p.consequence { (consequence(section.consequence)) }
            dl {
                @for fact in &section.facts {
                    div {
                        dt { (fact.label) }
                        @for words in &fact.lines {
                            dd { (words) }
                        }
                    }
                }
            }
        }
    }
}

fn tree() -> Markup {
    html! {
        p { (QUESTION) }
        table.stacked {
            thead {
                tr {
                    th scope="col" { "Its rows are" }
                    th scope="col" { "Rule that fits" }
                    th scope="col" { "Price" }
                }
            }
            tbody {
                @for choice in &CHOICES {
                    tr {
                        td data-name="Its rows are" { (choice.rows) }
                        td data-name="Rule that fits" { strong { (choice.rule) } }
                        td data-name="Price" { (choice.price) }
                    }
                }
            }
        }
    }
}

fn migrations(sections: &[SqlSection], out: &mut dyn Write) -> io::Result<()> {
    piece(out, &html! { p { (SQL_INTRODUCTION) } })?;
    for section in sections {
        let frame = |hole: &_| html! { article { h3 { (section.heading) } (hole) } };
        framed(out, frame, |out| match &section.migrations {
            Ok(migrations) => migrations.iter().try_for_each(|one| migration(one, out)),
            Err(why) => piece(out, &html! { p { (why) } }),
        })?;
    }
    Ok(())
}

fn migration(migration: &Migration, out: &mut dyn Write) -> io::Result<()> {
    let file = |name: &str, sql: &str| {
        html! {
            div.sql {
                p.file { code { (Clean::new(&migration.name)) "/" (name) } }
                pre tabindex="0" { code { (sql) } }
            }
        }
    };
    piece(out, &file("up.sql", &migration.up))?;
    pieces(&migration.remarks, |words| html! { p { (words) } }, out)?;
    piece(out, &html! { details { summary { "down.sql" } (file("down.sql", &migration.down)) } })
}
