//! What the page shows, from top to bottom.

use super::super::audit::{Audit, CHOICES, KeySection, Migration, QUESTION, SQL_INTRODUCTION, SqlSection};
use super::super::plain;
use super::super::summary;
use super::graph::{self, Graph};
use super::table;
use super::text::{class, consequence, each, escaped, line, text};
use crate::outcome::{Counts, Outcome, Problem, Verdict};

pub(super) fn body(audit: &Audit<'_>, title: &str, outcome: &Outcome) -> String {
    let graph = Graph::new(outcome);
    let mut sections = Vec::new();
    let mut add = |id: &'static str, name: &'static str, content: String| {
        if !content.is_empty() {
            sections.push((id, name, content));
        }
    };
    add(
        "problems",
        "Not known",
        audit.problems.iter().map(|problem| self::problem(problem, outcome)).collect(),
    );
    add("picture", "Picture", picture(&graph));
    add("keys", "Keys", audit.keys.iter().map(key).collect());
    add("tree", "Decision tree", if audit.keys.is_empty() { String::new() } else { tree() });
    add("migrations", "Migrations", migrations(&audit.sql));
    add("findings", "All findings", table::table(outcome));

    let mut body = header(audit, title, outcome);
    if sections.len() > 1 {
        body += "<nav aria-label=\"On this page\">";
        for (id, name, _) in &sections {
            body.extend([format!("<a href=\"#{id}\">{name}</a>")]);
        }
        body += "</nav>\n";
    }
    body += "<main>\n";
    for (id, name, content) in &sections {
        body.extend([format!(
            "<section id=\"{id}\" aria-labelledby=\"{id}-title\">\n<h2 id=\"{id}-title\">{name}</h2>\n{content}</section>\n"
        )]);
    }
    body + "</main>\n"
}

fn header(audit: &Audit<'_>, title: &str, outcome: &Outcome) -> String {
    let how = match outcome.verdict() {
        Verdict::Agrees => "agrees",
        Verdict::Disagrees => "disagrees",
        Verdict::Unknown => "unknown",
    };
    let counts =
        each(counts(&outcome.counts), |(name, count)| format!("<div><dt>{name}</dt><dd>{count}</dd></div>"));
    let lead = each(&audit.lead, |words| format!("<p>{}</p>\n", line(words)));
    format!(
        "<header>\n<h1>{}</h1>\n<p class=\"verdict {how}\">{}</p>\n<dl class=\"counts\" aria-label=\"Foreign keys\">{counts}</dl>\n\
         {lead}</header>\n",
        text(title),
        text(&summary::verdict(outcome)),
    )
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

fn problem(problem: &Problem, outcome: &Outcome) -> String {
    let paragraphs = plain::problem(problem);
    let mut html = String::from("<div class=\"problem\">\n");
    for paragraph in paragraphs {
        html.extend([format!("<p>{}</p>\n", escaped(paragraph.as_str()))]);
    }
    if let Some(label) = &problem.label {
        html.extend([format!(
            "<p class=\"place\">at {}</p>\n",
            escaped(plain::place(label, outcome).as_str())
        )]);
    }
    html + "</div>\n"
}

fn picture(graph: &Graph) -> String {
    if graph.is_empty() {
        return String::new();
    }
    let mut html = format!(
        "<figure>\n<div class=\"scroll\" tabindex=\"0\" role=\"group\" aria-label=\"The picture\">\n{}</div>\n<figcaption>\n<p>From child to \
         parent. A delete of a parent row comes back along the line.</p>\n<ul class=\"legend\">\n",
        graph::draw(graph)
    );
    for kind in graph.consequences() {
        html.extend([format!("<li>{}{}</li>\n", graph::sample(kind), consequence(kind))]);
    }
    html += "</ul>\n";
    if graph.left_out > 0 {
        let left_out = summary::number(graph.left_out, "more finding");
        html.extend(["<p>", &left_out, " left out of the picture.</p>\n"]);
    }
    html + "</figcaption>\n</figure>\n"
}

fn key(section: &KeySection) -> String {
    let mut html = format!(
        "<article class=\"key {}\">\n<h3>{}</h3>\n<p class=\"consequence\">{}</p>\n<dl>\n",
        class(section.consequence),
        line(&section.heading),
        consequence(section.consequence),
    );
    for fact in &section.facts {
        html.extend([format!("<div><dt>{}</dt>", text(&fact.label))]);
        html.extend(fact.lines.iter().map(|words| format!("<dd>{}</dd>", line(words))));
        html += "</div>\n";
    }
    html + "</dl>\n</article>\n"
}

fn tree() -> String {
    let mut html = format!(
        "<p>{QUESTION}</p>\n<table class=\"stacked\">\n<thead><tr><th scope=\"col\">Its rows are</th><th scope=\"col\">Rule that fits</th>\
         <th scope=\"col\">Price</th></tr></thead>\n<tbody>\n"
    );
    for choice in &CHOICES {
        html.extend([format!(
            "<tr><td data-name=\"Its rows are\">{}</td><td data-name=\"Rule that fits\"><strong>{}</strong></td><td data-name=\"Price\">{}</td>\
             </tr>\n",
            choice.rows, choice.rule, choice.price
        )]);
    }
    html + "</tbody>\n</table>\n"
}

fn migrations(sections: &[SqlSection]) -> String {
    if sections.is_empty() {
        return String::new();
    }
    let mut html = format!("<p>{SQL_INTRODUCTION}</p>\n");
    for section in sections {
        html.extend([format!("<article>\n<h3>{}</h3>\n", line(&section.heading))]);
        match &section.migrations {
            Ok(migrations) => html.extend(migrations.iter().map(migration)),
            Err(why) => html.extend([format!("<p>{}</p>\n", line(why))]),
        }
        html += "</article>\n";
    }
    html
}

fn migration(migration: &Migration) -> String {
    let remarks = each(&migration.remarks, |words| format!("<p>{}</p>\n", line(words)));
    format!(
        "<div class=\"sql\">\n<p class=\"file\"><code>{name}/up.sql</code></p>\n<pre tabindex=\"0\"><code>{}</code></pre>\n</div>\n{remarks}\
         <details>\n<summary>down.sql</summary>\n<div class=\"sql\">\n<p class=\"file\"><code>{name}/down.sql</code></p>\n<pre \
         tabindex=\"0\"><code>{}</code></pre>\n</div>\n</details>\n",
        escaped(&migration.up),
        escaped(&migration.down),
        name = text(&migration.name),
    )
}
