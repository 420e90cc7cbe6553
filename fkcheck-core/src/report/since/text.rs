//! For people: what deletes do otherwise, then the keys and tables behind it.

use std::io::{self, Write};

use super::{headline, rule, sentence, shown, word};
use crate::model::TableName;
use crate::report::Style;
use crate::report::clean::Clean;
use crate::since::{Changes, Since};

pub(super) fn render(since: &Since, style: &Style, out: &mut dyn Write) -> io::Result<()> {
    for (at, changes) in since.changes.iter().enumerate() {
        if at > 0 {
            writeln!(out)?;
        }
        one(changes, since, style, out)?;
    }
    Ok(())
}

fn one(changes: &Changes, since: &Since, style: &Style, out: &mut dyn Write) -> io::Result<()> {
    let bold = |text: &str| {
        if style.color { format!("\u{1b}[1m{text}\u{1b}[0m") } else { text.to_owned() }
    };
    writeln!(out, "{}", bold(Clean::new(&headline(changes, since)).as_str()))?;
    let lines = changes.deletes.iter().map(|effect| sentence(effect, changes));
    section("deletes", lines, &bold, out)?;
    let keys = changes.keys.iter().map(|key| {
        let place = key.place.as_ref().map_or_else(String::new, |place| format!("   {}", shown(place)));
        format!("{:<8}`{}` → `{}`: {}{place}", word(&key.change), key.key, key.parent, rule(key))
    });
    section("keys", keys, &bold, out)?;
    let named = |what: &str, tables: &[TableName]| -> Vec<String> {
        tables.iter().map(|table| format!("{what:<8}`{table}`")).collect()
    };
    let renamed = changes.renamed_tables.iter().map(|(was, is)| format!("renamed `{was}` is now `{is}`"));
    let tables = named("new", &changes.new_tables).into_iter().chain(named("gone", &changes.gone_tables));
    section("tables", tables.chain(renamed), &bold, out)?;
    section("not told by either state, and not concerned", changes.not_told.iter().cloned(), &bold, out)
}

fn section(
    title: &str,
    lines: impl Iterator<Item = String>,
    bold: &dyn Fn(&str) -> String,
    out: &mut dyn Write,
) -> io::Result<()> {
    for (at, line) in lines.enumerate() {
        if at == 0 {
            writeln!(out, "\n{}", bold(title))?;
        }
        writeln!(out, "  {}", Clean::new(&line))?;
    }
    Ok(())
}
