//! `cargo fkcheck deletes`

use fkcheck_core::check::CheckError;
use fkcheck_core::deletes;
use fkcheck_core::finding::Level;
use fkcheck_core::model::RuleId;
use fkcheck_core::outcome::Verdict;
use fkcheck_core::report::{self, Format};

use super::{check, printed};
use crate::cli::Deletes;
use crate::status::StatusLines;
use crate::terminal;

pub(crate) fn run(arguments: &Deletes, levels: Vec<(RuleId, Level)>) -> u8 {
    let common = &arguments.check;
    let style = terminal::stdout_style(common.color);
    let stderr_color = terminal::color(common.color, &std::io::stderr());
    let mut lines = StatusLines::new(stderr_color, common.quiet, common.verbose > 0);
    if !matches!(common.message_format, Format::Human | Format::Short | Format::Json(_) | Format::Markdown) {
        let error = CheckError::Usage {
            message: "`cargo fkcheck deletes` has no findings to write in this message format".to_owned(),
            help: Some("--message-format human, short, json or markdown".to_owned()),
        };
        return check::fail(&error, Format::Human, &style);
    }
    let request = check::request(common, levels);
    let found = match deletes::deletes(&request, &arguments.tables, &mut |status| lines.print(&status)) {
        Ok(found) => found,
        Err(error) => return check::fail(&error, common.message_format, &style),
    };
    let mut stdout = std::io::BufWriter::new(std::io::stdout().lock());
    printed(
        report::render_deletes(&found, common.message_format, arguments.full, &style, &mut stdout)
            .and_then(|()| std::io::Write::flush(&mut stdout)),
    );
    drop(stdout);
    if found.outcome.problems.is_empty() {
        return Verdict::Agrees.exit_code();
    }
    // What programs read is a line a delete; people are told on stderr.
    let format =
        if matches!(common.message_format, Format::Json(_)) { common.message_format } else { Format::Human };
    printed(report::render(&found.outcome, format, &style, &mut std::io::stderr()));
    Verdict::Unknown.exit_code()
}
