//! `cargo fkcheck baseline`

use fkcheck_core::check::Status;
use fkcheck_core::finding::Level;
use fkcheck_core::model::RuleId;
use fkcheck_core::outcome::Verdict;
use fkcheck_core::report;
use fkcheck_core::store;
use fkcheck_core::{baseline, record};

use super::{check, not_written, printed};
use crate::cli::Baseline;
use crate::status::StatusLines;
use crate::terminal;

pub(crate) fn run(arguments: &Baseline, levels: Vec<(RuleId, Level)>) -> u8 {
    let Baseline { prune, check: common } = arguments;
    let style = terminal::stdout_style(common.color);
    let stderr_color = terminal::color(common.color, &std::io::stderr());
    let mut lines = StatusLines::new(stderr_color, common.quiet, common.verbose > 0);
    let recorded =
        record::record(&check::request(common, levels), *prune, &mut |status| lines.print(&status));
    let recorded = match recorded {
        Ok(recorded) => recorded,
        Err(error) => {
            return check::fail(&error, common.message_format, &style);
        }
    };
    if !recorded.outcome.problems.is_empty() {
        // What was not seen whole can't be called known.
        printed(report::render(&recorded.outcome, common.message_format, &style, &mut std::io::stdout()));
        return Verdict::Unknown.exit_code();
    }
    if let Err(error) = store::write(&recorded.path, &recorded.text) {
        not_written(&recorded.path.display().to_string(), &error);
        return Verdict::Unknown.exit_code();
    }
    let entries = if recorded.entries == 1 { "entry" } else { "entries" };
    let text =
        format!("{} {entries} in {}, {} removed", recorded.entries, baseline::FILE_NAME, recorded.removed);
    lines.print(&Status::Line { verb: "Written", text, verbose: false });
    Verdict::Agrees.exit_code()
}
