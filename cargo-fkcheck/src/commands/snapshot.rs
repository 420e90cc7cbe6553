//! `cargo fkcheck snapshot`

use fkcheck_core::check::{CheckError, Status};
use fkcheck_core::finding::Level;
use fkcheck_core::model::RuleId;
use fkcheck_core::outcome::Verdict;
use fkcheck_core::report;
use fkcheck_core::snapshot;
use fkcheck_core::store;
use similar::TextDiff;

use super::{check, not_written, print, printed};
use crate::cli::Snapshot;
use crate::status::StatusLines;
use crate::terminal;

pub(crate) fn run(arguments: &Snapshot, levels: Vec<(RuleId, Level)>) -> u8 {
    let Snapshot { only_check, check: common } = arguments;
    let style = terminal::stdout_style(common.color);
    let stderr_color = terminal::color(common.color, &std::io::stderr());
    let mut lines = StatusLines::new(stderr_color, common.quiet, common.verbose > 0);
    let taken = match snapshot::take(&check::request(common, levels), &mut |status| lines.print(&status)) {
        Ok(taken) => taken,
        Err(error) => {
            return check::fail(&error, common.message_format, &style);
        }
    };
    if !taken.differing.is_empty() {
        let error = CheckError::Usage {
            message: format!(
                "the databases differ, and a snapshot is of one schema\n{}",
                taken.differing.join("\n")
            ),
            help: Some("a check of the same databases says in what they differ".to_owned()),
        };
        check::fail(&error, common.message_format, &style);
        return Verdict::Disagrees.exit_code();
    }
    if !taken.outcome.problems.is_empty() {
        printed(report::render_problems(
            &taken.outcome,
            common.message_format,
            &style,
            &mut std::io::stdout(),
        ));
        return Verdict::Unknown.exit_code();
    }
    for doubt in &taken.doubts {
        lines.print(&Status::Line { verb: "Note", text: doubt.clone(), verbose: false });
    }
    let is_current = taken.text == taken.before;
    if *only_check {
        if !is_current {
            let diff = TextDiff::from_lines(&taken.before, &taken.text);
            let name = snapshot::FILE_NAME;
            print(&diff.unified_diff().context_radius(1).header(name, "the database").to_string());
        }
        let text = if is_current { "is current" } else { "is stale: run `cargo fkcheck snapshot`" };
        lines.print(&Status::Line {
            verb: "Snapshot",
            text: format!("{} {text}", snapshot::FILE_NAME),
            verbose: false,
        });
        return if is_current { Verdict::Agrees } else { Verdict::Disagrees }.exit_code();
    }
    if !is_current && let Err(error) = store::write(&taken.path, &taken.text) {
        not_written(&taken.path.display().to_string(), &error);
        return Verdict::Unknown.exit_code();
    }
    let verb = if is_current { "Unchanged" } else { "Written" };
    lines.print(&Status::Line {
        verb,
        text: format!("{} keys in {}", taken.keys, taken.path.display()),
        verbose: false,
    });
    if taken.before.is_empty() {
        let text =
            format!("`{} merge=union` in .gitattributes lets branches merge cleanly", snapshot::FILE_NAME);
        lines.print(&Status::Line { verb: "Note", text, verbose: false });
    }
    Verdict::Agrees.exit_code()
}
