//! For people: file by file, what each delete does.

use std::io::{self, Write};

use super::{rows, statement, summary};
use crate::deletes::{Delete, Hard, InCode, Side, What};
use crate::model::{KeyName, SourceMap};
use crate::report::Style;
use crate::report::clean::Clean;
use crate::words::counted;

/// As many tables and keys are named in a line; the rest is counted.
const NAMED: usize = 6;

pub(super) fn render(found: &InCode, full: bool, style: &Style, out: &mut dyn Write) -> io::Result<()> {
    for (at, side) in found.sides.iter().enumerate() {
        if at > 0 {
            writeln!(out)?;
        }
        Page { side, sources: &found.sources, full, style, out: &mut *out }.print()?;
    }
    Ok(())
}

struct Page<'p> {
    side: &'p Side,
    sources: &'p SourceMap,
    full: bool,
    style: &'p Style,
    out: &'p mut dyn Write,
}

impl Page<'_> {
    fn print(&mut self) -> io::Result<()> {
        let mut file = None;
        for delete in &self.side.deletes {
            if delete.is_test && !self.full {
                continue;
            }
            if file != Some(delete.span.file) {
                if file.is_some() {
                    writeln!(self.out)?;
                }
                file = Some(delete.span.file);
                let name = Clean::new(&self.sources.file(delete.span.file).display);
                let (bold, plain) = if self.style.color { ("\u{1b}[1m", "\u{1b}[0m") } else { ("", "") };
                writeln!(self.out, "{bold}{name}{plain}")?;
            }
            self.delete(delete)?;
        }
        if file.is_some() {
            writeln!(self.out)?;
        }
        for (table, keys) in &self.side.never {
            let keys = counted(*keys, "key");
            writeln!(
                self.out,
                "no code deletes from {}, to which {keys} refer",
                Clean::new(&table.to_string())
            )?;
        }
        writeln!(self.out, "{}, by the keys of {}", summary(self.side), Clean::new(&self.side.source))
    }

    fn delete(&mut self, delete: &Delete) -> io::Result<()> {
        let line = delete.span.start.line;
        let what = match &delete.what {
            What::Hard(hard) => format!("{}, {}", statement(hard), rows(hard.rows)),
            What::Soft { table, column } => format!("soft: sets {table}.{column}"),
            What::Unknown(_) => "of a table that the syntax doesn't tell".to_owned(),
            What::Elsewhere(table) => format!("DELETE FROM {table}, which isn't there"),
        };
        let among = if delete.is_test { " (test)" } else { "" };
        let text = format!("{line:>6}  {}: {what}{among}", delete.function);
        writeln!(self.out, "{}", Clean::new(&text))?;
        match &delete.what {
            What::Hard(hard) => self.hard(hard),
            _ => Ok(()),
        }
    }

    fn hard(&mut self, hard: &Hard) -> io::Result<()> {
        if !hard.deletes.is_empty() {
            let tables = hard.deletes.iter().map(|(table, _)| table.to_string());
            self.list("deletes", tables.collect())?;
        }
        self.list("nulls", hard.nulls.iter().map(KeyName::to_string).collect())?;
        let handled = hard.handled.iter().map(|(key, span)| format!("{key} (line {})", span.start.line));
        self.list("seen to", handled.collect())?;
        let refused = hard.refused.iter().map(|refusing| format!("{} ({})", refusing.key, refusing.action));
        self.list("refused", refused.collect())?;
        for (span, key, is_after) in &hard.dead {
            let when = if *is_after { "has taken the rows" } else { "would take the rows" };
            let text = format!(
                "the delete in line {} does nothing more: {key} is CASCADE and {when}",
                span.start.line
            );
            self.line("dead", &text)?;
        }
        Ok(())
    }

    fn list(&mut self, word: &str, mut names: Vec<String>) -> io::Result<()> {
        if names.is_empty() {
            return Ok(());
        }
        let most = if self.full { names.len() } else { NAMED };
        let more = names.len().saturating_sub(most);
        names.truncate(most);
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        self.line(word, &format!("{}{more}", names.join(", ")))
    }

    fn line(&mut self, word: &str, text: &str) -> io::Result<()> {
        writeln!(self.out, "        {word:<8} {}", Clean::new(text))
    }
}
