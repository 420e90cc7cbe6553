//! For people: a tree that is read from top to bottom, what is lost first.

use std::fmt::Display;
use std::fmt::Write as _;
use std::io::{self, Write};

use super::{Shown, cleared_to, extent, in_code, refusal, statement, too_deep, unknown, when};
use crate::impact::rows::RowsImpact;
use crate::impact::{Effect, Impact, Impacts, Lost};
use crate::model::{DataClass, SourceMap, Span};
use crate::report::Style;
use crate::report::clean::Clean;
use crate::words::counted;

/// Where what is said begins.
const MARGIN: usize = 9;

pub(super) fn render(impacts: &Impacts, shown: Shown, style: &Style, out: &mut dyn Write) -> io::Result<()> {
    for (at, impact) in impacts.impacts.iter().enumerate() {
        if at > 0 {
            writeln!(out)?;
        }
        Page { impact, sources: &impacts.sources, shown, style, out: &mut *out, left: shown.lines }
            .print()?;
    }
    if impacts.left_out > 0 {
        let tables = counted(impacts.left_out, "more table");
        writeln!(out, "\nand {tables} to which keys refer: name those that you want")?;
    }
    Ok(())
}

struct Page<'p> {
    impact: &'p Impact,
    sources: &'p SourceMap,
    shown: Shown,
    style: &'p Style,
    out: &'p mut dyn Write,
    /// Lines of tables that may still be printed.
    left: Option<usize>,
}

impl Page<'_> {
    fn print(&mut self) -> io::Result<()> {
        let impact = self.impact;
        let head = Clean::new(&statement(impact)).to_string();
        let source = Clean::new(&format!("{} of {}", counted(impact.keys, "key"), impact.source));
        self.line(&self.bold(&head), head.chars().count(), Some(source.as_str()))?;
        if impact.keys_are_off {
            self.section(
                "beware",
                "SQLite's keys are off until a connection turns them on, and nothing here does",
            )?;
        }
        if let Some(rows) = &impact.rows {
            return self.rows(rows);
        }
        self.section(if impact.update.is_some() { "writes" } else { "deletes" }, &extent(impact))?;
        let itself: Vec<String> = impact.itself.iter().map(columns).collect();
        if !itself.is_empty() {
            self.said(Clean::new(&format!("{} ({}), itself", impact.table, itself.join(", "))).as_str())?;
        }
        let hidden = self.tables()?;
        if hidden > 0 {
            self.said(&format!("and {hidden} more: --full"))?;
        }
        let becomes = |effect: &Effect| format!("set to {}", cleared_to(effect));
        self.grouped("clears", impact.clears.iter().map(|effect| (becomes(effect), effect)))?;
        if impact.stops.is_empty() {
            self.section("stops", "nothing")?;
        }
        let stops = impact.stops.iter();
        self.grouped(
            "stops",
            stops.map(|stopped| (when(stopped, impact.update.is_some()), &stopped.effect)),
        )?;
        let left = |effect: &Effect| {
            let parts: Vec<String> = effect.off_in.iter().map(ToString::to_string).collect();
            match &parts[..] {
                [] => format!("not in force: left without {}", effect.parent),
                parts => format!("not in force for {}: left without {}", parts.join(", "), effect.parent),
            }
        };
        self.grouped("orphans", impact.orphans.iter().map(|effect| (left(effect), effect)))?;
        let statement = if impact.update.is_some() { "update" } else { "delete" };
        let slow = format!("no index: every {statement} reads the whole table");
        self.grouped("slow", impact.slow.iter().map(|effect| (slow.clone(), effect)))?;
        let lines = impact.unknown.iter().map(|one| format!("can't be known: {}", unknown(one)));
        self.lines("unknown", lines)?;
        if let Some(text) = too_deep(impact) {
            self.section("deep", &text)?;
        }
        Ok(())
    }

    /// What becomes of the rows that are there.
    fn rows(&mut self, rows: &RowsImpact) -> io::Result<()> {
        self.section("rows", &counted(rows.chosen, "row"))?;
        if let Some(refused) = &rows.refused {
            self.section("refused", Clean::new(&refusal(refused)).as_str())?;
            return Ok(());
        }
        let at_least = if rows.at_least { "at least " } else { "" };
        let all: u64 = rows.deleted.iter().map(|(_, rows)| rows).sum();
        if all > 0 {
            let tables = counted(rows.deleted.len(), "table");
            self.section("deletes", &format!("{at_least}{} of {tables}", many(all)))?;
        }
        let tables = rows.deleted.iter().map(|(table, rows)| (table.to_string(), *rows));
        self.numbers(tables.collect())?;
        if !rows.written.is_empty() {
            let all: u64 = rows.written.iter().map(|(_, rows)| rows).sum();
            self.section("writes", &format!("{at_least}{}", many(all)))?;
        }
        self.numbers(rows.written.iter().map(|(key, rows)| (key.to_string(), *rows)).collect())?;
        if rows.deleted.is_empty() && rows.written.is_empty() {
            self.section("else", "nothing")?;
        }
        Ok(())
    }

    /// Names with their numbers, one below the other.
    fn numbers(&mut self, numbers: Vec<(String, u64)>) -> io::Result<()> {
        let names: Vec<(String, u64)> =
            numbers.into_iter().map(|(name, rows)| (Clean::new(&name).to_string(), rows)).collect();
        let longest = names.iter().map(|(name, _)| name.chars().count()).max().unwrap_or_default().min(60);
        for (name, rows) in names {
            self.said(&format!("{name:longest$}  {rows:>9}"))?;
        }
        Ok(())
    }

    /// The tree; how many tables weren't printed.
    fn tables(&mut self) -> io::Result<usize> {
        let impact = self.impact;
        let mut hidden = 0;
        for lost in &impact.deletes {
            if self.left == Some(0) {
                hidden += 1;
                continue;
            }
            self.left = self.left.map(|left| left - 1);
            self.table(lost)?;
        }
        Ok(hidden)
    }

    fn table(&mut self, lost: &Lost) -> io::Result<()> {
        let own: Vec<String> =
            lost.by.iter().filter(|effect| effect.parent == lost.under).map(columns).collect();
        let elsewhere = lost.by.len() - own.len();
        let mut text = format!("{} ({})", lost.table, own.join(", "));
        if elsewhere > 0 && !self.shown.paths {
            let _ = write!(text, ", and by {elsewhere} other key{}", if elsewhere == 1 { "" } else { "s" });
        }
        if let Some(rows) = lost.rows.filter(|rows| *rows > 0) {
            let _ = write!(text, ", some {rows} rows");
        }
        match lost.class {
            Some(DataClass::Audit) => text += ", audit evidence",
            Some(DataClass::Value) => text += ", of value",
            Some(DataClass::Ephemeral) => text += ", ephemeral",
            None => {}
        }
        if let Some(reason) = &lost.reason {
            let _ = write!(text, ": {reason}");
        }
        if let Some(differs) = lost.by.iter().find_map(in_code) {
            let _ = write!(text, " ({differs})");
        }
        let text = format!("{}{}", "  ".repeat(lost.step - 1), Clean::new(&text));
        let place = lost.by.iter().find_map(|effect| effect.declared).map(|span| self.place(span));
        self.indented(&text, place.as_deref())?;
        if self.shown.paths {
            for effect in lost.by.iter().filter(|effect| effect.parent != lost.under) {
                let text = format!("also by {} from {}", columns(effect), effect.parent);
                self.indented(&format!("{}{}", "  ".repeat(lost.step), Clean::new(&text)), None)?;
            }
        }
        Ok(())
    }

    /// The keys of which the same is said, behind it.
    fn grouped<'e>(
        &mut self,
        title: &str,
        effects: impl Iterator<Item = (String, &'e Effect)>,
    ) -> io::Result<()> {
        let mut groups: Vec<(String, Vec<String>)> = Vec::new();
        for (said, effect) in effects {
            let differs = in_code(effect).map_or_else(String::new, |differs| format!(" ({differs})"));
            let key = format!("{}{differs}", effect.key);
            match groups.iter_mut().find(|group| group.0 == said) {
                Some(group) => group.1.push(key),
                None => groups.push((said, vec![key])),
            }
        }
        self.lines(title, groups.into_iter().map(|(said, keys)| format!("{said}: {}", keys.join(", "))))
    }

    /// What stands under a title, each in as many lines as it takes.
    fn lines(&mut self, title: &str, said: impl Iterator<Item = String>) -> io::Result<()> {
        let mut title = title;
        for said in said {
            let text = Clean::new(&said).to_string();
            let width = self.style.width.saturating_sub(MARGIN).max(40);
            for (at, line) in textwrap::wrap(&text, width).iter().enumerate() {
                if at == 0 {
                    self.section(title, line)?;
                } else {
                    self.indented(line, None)?;
                }
            }
            title = "";
        }
        Ok(())
    }

    fn section(&mut self, title: &str, text: &str) -> io::Result<()> {
        self.titled(title, text, None)
    }

    fn said(&mut self, text: &str) -> io::Result<()> {
        self.indented(text, None)
    }

    fn titled(&mut self, title: &str, text: &str, place: Option<&str>) -> io::Result<()> {
        let head = format!(" {title:<width$}", width = MARGIN - 1);
        let width = head.chars().count() + text.chars().count();
        let line = format!("{}{text}", self.bold(&head));
        self.line(&line, width, place)
    }

    fn indented(&mut self, text: &str, place: Option<&str>) -> io::Result<()> {
        let line = format!("{:MARGIN$}{text}", "");
        self.line(&line, line.chars().count(), place)
    }

    /// A line, and what stands at the right margin if there is room, else behind it.
    fn line(&mut self, text: &dyn Display, width: usize, right: Option<&str>) -> io::Result<()> {
        let Some(right) = right else { return writeln!(self.out, "{text}") };
        let gap = self.style.width.saturating_sub(width + right.chars().count()).max(2);
        writeln!(self.out, "{text}{:gap$}{right}", "")
    }

    fn bold(&self, text: &str) -> String {
        if self.style.color { format!("\u{1b}[1m{text}\u{1b}[0m") } else { text.to_owned() }
    }

    fn place(&self, span: Span) -> String {
        let file = self.sources.file(span.file);
        Clean::new(&format!("{}:{}", file.display, span.start.line)).to_string()
    }
}

/// `1 row`, `17 rows`
fn many(rows: u64) -> String {
    counted(usize::try_from(rows).unwrap_or(usize::MAX), "row")
}

/// `user_id`, or `(order_id, region)`.
fn columns(effect: &Effect) -> String {
    match &effect.key.columns[..] {
        [column] => column.clone(),
        columns => format!("({})", columns.join(", ")),
    }
}
