//! `cargo fkcheck impact`

use fkcheck_core::finding::{Level, Severity};
use fkcheck_core::impact;
use fkcheck_core::impact::erasure::{Erasures, erasure};
use fkcheck_core::model::RuleId;
use fkcheck_core::outcome::Verdict;
use fkcheck_core::report::{self, Format, Shown, Style};

use super::{check, printed};
use crate::cli::{Check, Impact};
use crate::status::StatusLines;
use crate::terminal;

/// Lines around the tables: the heading, what is cleared and what stops the delete.
const AROUND: usize = 8;

pub(crate) fn run(arguments: &Impact, levels: Vec<(RuleId, Level)>) -> u8 {
    let common = &arguments.check;
    let style = terminal::stdout_style(common.color);
    let stderr_color = terminal::color(common.color, &std::io::stderr());
    let mut lines = StatusLines::new(stderr_color, common.quiet, common.verbose > 0);
    let request = check::request(common, levels);
    if arguments.erasure {
        let found = erasure(&request, &arguments.tables, &mut |status| lines.print(&status));
        return match found {
            Ok(found) => list(&found, common, &style),
            Err(error) => check::fail(&error, common.message_format, &style),
        };
    }
    let asked = impact::Asked {
        tables: arguments.tables.clone(),
        update: arguments.update.clone(),
        condition: arguments.condition.clone(),
    };
    let found = impact::impact(&request, &asked, &mut |status| lines.print(&status));
    let found = match found {
        Ok(found) => found,
        Err(error) => return check::fail(&error, common.message_format, &style),
    };
    let height = terminal::height().filter(|_| !arguments.full);
    let shown =
        Shown { paths: arguments.paths, lines: height.map(|height| height.saturating_sub(AROUND).max(10)) };
    let mut stdout = std::io::BufWriter::new(std::io::stdout().lock());
    printed(
        report::render_impacts(&found, common.message_format, shown, &style, &mut stdout)
            .and_then(|()| std::io::Write::flush(&mut stdout)),
    );
    drop(stdout);
    if found.outcome.problems.is_empty() {
        return Verdict::Agrees.exit_code();
    }
    // What programs read is a line an impact; people are told on stderr.
    let format =
        if matches!(common.message_format, Format::Json(_)) { common.message_format } else { Format::Human };
    printed(report::render(&found.outcome, format, &style, &mut std::io::stderr()));
    Verdict::Unknown.exit_code()
}

/// Prints the inventory of an erasure; what has no answer, and what could not be known, goes to stderr.
fn list(found: &Erasures, common: &Check, style: &Style) -> u8 {
    let mut stdout = std::io::BufWriter::new(std::io::stdout().lock());
    printed(
        report::render_erasures(found, common.message_format, style, &mut stdout)
            .and_then(|()| std::io::Write::flush(&mut stdout)),
    );
    drop(stdout);
    let outcome = &found.outcome;
    if outcome.findings.is_empty() && outcome.problems.is_empty() {
        return Verdict::Agrees.exit_code();
    }
    let format =
        if matches!(common.message_format, Format::Json(_)) { common.message_format } else { Format::Human };
    printed(report::render(outcome, format, style, &mut std::io::stderr()));
    match (outcome.count(Severity::Deny), outcome.problems.len()) {
        (0, 0) => Verdict::Agrees,
        (0, _) => Verdict::Unknown,
        _ => Verdict::Disagrees,
    }
    .exit_code()
}
