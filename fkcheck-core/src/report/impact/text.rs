//! For people: a tree that is read from top to bottom, what is lost first.

use std::fmt::Write as _;
use std::io::{self, Write};

use super::{Shown, extent, in_code, refusal, statement, too_deep, unknown, when};
use crate::impact::rows::{Refused, RowsImpact, With};
use crate::impact::{Effect, Impact, Impacts, Lost};
use crate::model::{DataClass, SourceMap};
use crate::report::Style;
use crate::report::clean::Clean;
use crate::report::plain::wrapped;
use crate::words::counted;

/// Where what is said begins.
const MARGIN: usize = 10;

/// No line is longer where it can be wrapped.
const WIDEST: usize = 100;

/// Deeper steps are indented no further: there has to be room for a name.
const MOST_STEPS: usize = 15;

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
        let source = Clean::new(&format!("{} of {}", counted(impact.keys, "key"), impact.source));
        let line = Line { lead: &statement(impact), is_bold: true, indent: 0, text: "" };
        self.put(&line, Some(source.as_str()))?;
        if impact.keys_are_off {
            self.section(
                "beware",
                "SQLite's keys are off until a connection turns them on, and nothing here does",
            )?;
        }
        if let Some(rows) = &impact.rows {
            return self.rows(rows);
        }
        let of_update = impact.update.is_some();
        self.section(if of_update { "writes" } else { "deletes" }, &extent(impact))?;
        let itself: Vec<String> = impact.itself.iter().map(columns).collect();
        if !itself.is_empty() {
            self.below(0, &format!("{} ({}), itself", impact.table, itself.join(", ")), None)?;
        }
        let hidden = self.tables()?;
        if hidden > 0 {
            self.below(0, &format!("and {hidden} more: --full"), None)?;
        }
        self.keys("nulls", &impact.nulls, |_| String::new())?;
        self.keys("defaults", &impact.defaults, |_| String::new())?;
        self.stops(of_update)?;
        self.keys("orphans", &impact.orphans, |effect| {
            let parts: Vec<String> = effect.off_in.iter().map(ToString::to_string).collect();
            match &parts[..] {
                [] => format!("not in force: left without {}: ", effect.parent),
                parts => format!("not in force for {}: left without {}: ", parts.join(", "), effect.parent),
            }
        })?;
        let statement = if of_update { "update" } else { "delete" };
        self.keys("slow", &impact.slow, |_| format!("no index: every {statement} reads the whole table: "))?;
        let mut title = "unknown";
        for one in &impact.unknown {
            self.section(title, &format!("can't be known: {}", unknown(one)))?;
            title = "";
        }
        if let Some(text) = too_deep(impact) {
            self.section("deep", &text)?;
        }
        Ok(())
    }

    /// What makes it fail: for each condition, the keys.
    fn stops(&mut self, of_update: bool) -> io::Result<()> {
        if self.impact.stops.is_empty() {
            return self.section("stops", "nothing");
        }
        let mut groups: Vec<(String, Vec<&Effect>)> = Vec::new();
        for stopped in &self.impact.stops {
            let said = when(stopped, of_update);
            match groups.iter_mut().find(|group| group.0 == said) {
                Some(group) => group.1.push(&stopped.effect),
                None => groups.push((said, vec![&stopped.effect])),
            }
        }
        let mut title = "stops";
        for (said, effects) in groups {
            self.section(title, &format!("{said}:"))?;
            title = "";
            for effect in effects {
                self.key(effect)?;
            }
        }
        Ok(())
    }

    /// `invoices.org_id (RESTRICT, invoices_org): a bill is kept`
    fn key(&mut self, effect: &Effect) -> io::Result<()> {
        let name = effect.constraint.as_ref().map_or_else(String::new, |name| format!(", {name}"));
        let differs = in_code(effect).map_or_else(String::new, |differs| format!(", {differs}"));
        let reason = effect.reason.as_ref().map_or_else(String::new, |reason| format!(": {reason}"));
        let text = format!("{} ({}{name}{differs}){reason}", effect.key, effect.action);
        let place = self.place(effect);
        self.below(1, &text, place.as_deref())
    }

    /// What becomes of the rows that are there.
    fn rows(&mut self, rows: &RowsImpact) -> io::Result<()> {
        let impact = self.impact;
        let chosen = counted(rows.chosen, "row");
        self.section("where", &format!("true of {chosen} of {}", impact.table))?;
        if let Some(refused) = &rows.refused {
            let statement = if impact.update.is_some() { "update" } else { "delete" };
            self.section("stops", &format!("the {statement} is refused {}", refusal(refused)))?;
            return stopping(refused, impact).map_or(Ok(()), |effect| self.key(effect));
        }
        let at_least = if rows.at_least { "at least " } else { "" };
        let all: u64 = rows.deleted.iter().map(|(_, rows)| rows).sum();
        if all > 0 {
            let tables = counted(rows.deleted.len(), "table");
            self.section("deletes", &format!("{at_least}{} of {tables}", many(all)))?;
        }
        let tables = rows.deleted.iter().map(|(table, rows)| (table.to_string(), *rows));
        self.numbers(tables.collect())?;
        for (with, title) in [(With::Null, "nulls"), (With::Default, "defaults"), (With::Value, "writes")] {
            let written: Vec<_> = rows.written.iter().filter(|written| written.with == with).collect();
            if !written.is_empty() {
                let all: u64 = written.iter().map(|written| written.rows).sum();
                self.section(title, &format!("{at_least}{}", many(all)))?;
            }
            self.numbers(written.iter().map(|written| (written.key.to_string(), written.rows)).collect())?;
        }
        if rows.deleted.is_empty() && rows.written.is_empty() {
            let nothing = if rows.chosen == 0 { "nothing" } else { "nothing else" };
            self.section(if impact.update.is_some() { "writes" } else { "deletes" }, nothing)?;
        }
        Ok(())
    }

    /// Names with their numbers, one below the other.
    fn numbers(&mut self, numbers: Vec<(String, u64)>) -> io::Result<()> {
        let names: Vec<(String, u64)> =
            numbers.into_iter().map(|(name, rows)| (Clean::new(&name).to_string(), rows)).collect();
        let longest = names.iter().map(|(name, _)| name.chars().count()).max().unwrap_or_default().min(60);
        for (name, rows) in names {
            writeln!(self.out, "{:MARGIN$}{name:longest$}  {rows:>9}", "")?;
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
            let _ = write!(text, ", and by {}", counted(elsewhere, "other key"));
        }
        if let Some(rows) = lost.rows.filter(|rows| *rows > 0) {
            let _ = write!(text, ", about {}", many(rows));
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
        let place = lost.by.iter().find_map(|effect| self.place(effect));
        self.below(lost.step - 1, &text, place.as_deref())?;
        if self.shown.paths {
            for effect in lost.by.iter().filter(|effect| effect.parent != lost.under) {
                let text = format!("also by {} from {}", columns(effect), effect.parent);
                self.below(lost.step, &text, None)?;
            }
        }
        Ok(())
    }

    /// The keys of which the same is said, behind it.
    fn keys(&mut self, title: &str, effects: &[Effect], said: impl Fn(&Effect) -> String) -> io::Result<()> {
        let mut groups: Vec<(String, Vec<String>)> = Vec::new();
        for effect in effects {
            let differs = in_code(effect).map_or_else(String::new, |differs| format!(" ({differs})"));
            let (said, key) = (said(effect), format!("{}{differs}", effect.key));
            match groups.iter_mut().find(|group| group.0 == said) {
                Some(group) => group.1.push(key),
                None => groups.push((said, vec![key])),
            }
        }
        let mut title = title;
        for (said, keys) in groups {
            self.section(title, &format!("{said}{}", keys.join(", ")))?;
            title = "";
        }
        Ok(())
    }

    /// What is said under a title.
    fn section(&mut self, title: &str, text: &str) -> io::Result<()> {
        let lead = format!(" {title:<width$}", width = MARGIN - 1);
        self.put(&Line { lead: &lead, is_bold: true, indent: MARGIN, text }, None)
    }

    /// What stands below it, so many steps to the right.
    fn below(&mut self, step: usize, text: &str, place: Option<&str>) -> io::Result<()> {
        let indent = MARGIN + 2 * step.min(MOST_STEPS);
        self.put(&Line { lead: &" ".repeat(indent), is_bold: false, indent, text }, place)
    }

    /// As many lines as it takes; and what stands at the right margin, on the last one if there is room.
    fn put(&mut self, line: &Line<'_>, right: Option<&str>) -> io::Result<()> {
        let width = self.style.width.clamp(40, WIDEST);
        let lead = Clean::new(line.lead).to_string();
        let rest = format!("{:indent$}", "", indent = line.indent + 2);
        let text = format!("{lead}{}", Clean::new(line.text));
        let lines = wrapped(&text, width, &rest);
        for (at, text) in lines.iter().enumerate() {
            let shown = match text.strip_prefix(lead.as_str()).filter(|_| at == 0 && line.is_bold) {
                Some(rest) => format!("{}{rest}", self.bold(&lead)),
                None => text.clone(),
            };
            let Some(right) = right.filter(|_| at + 1 == lines.len()) else {
                writeln!(self.out, "{shown}")?;
                continue;
            };
            let (taken, wanted) = (text.chars().count(), right.chars().count());
            if taken + 2 + wanted <= width {
                let gap = width - taken - wanted;
                writeln!(self.out, "{shown}{:gap$}{right}", "")?;
            } else {
                writeln!(self.out, "{shown}\n{right:>width$}")?;
            }
        }
        Ok(())
    }

    fn bold(&self, text: &str) -> String {
        if self.style.color { format!("\u{1b}[1m{text}\u{1b}[0m") } else { text.to_owned() }
    }

    /// Where the code speaks of a key, else where a migration has set it.
    fn place(&self, effect: &Effect) -> Option<String> {
        let span = effect.declared.or(effect.migration)?;
        let file = self.sources.file(span.file);
        Some(Clean::new(&format!("{}:{}", file.display, span.start.line)).to_string())
    }
}

/// A line before it is wrapped.
struct Line<'l> {
    /// What it begins with.
    lead: &'l str,
    /// In bold.
    is_bold: bool,
    /// How far the next lines are indented, and two more.
    indent: usize,
    /// What follows.
    text: &'l str,
}

/// The key that refuses it, where one of those is known to.
fn stopping<'i>(refused: &Refused, impact: &'i Impact) -> Option<&'i Effect> {
    let Refused::Key { table, columns, constraint, .. } = refused else { return None };
    let is_it = |effect: &&Effect| {
        effect.key.table == *table && effect.key.columns == *columns && effect.constraint == *constraint
    };
    impact.stops.iter().map(|stopped| &stopped.effect).find(is_it)
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
