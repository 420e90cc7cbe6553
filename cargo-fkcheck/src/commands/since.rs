//! `cargo fkcheck --since REF`

use std::io::Write;

use fkcheck_core::finding::Level;
use fkcheck_core::model::RuleId;
use fkcheck_core::outcome::Verdict;
use fkcheck_core::report::{self, Format, Style};
use fkcheck_core::since;

use super::{check, print_or_store, printed};
use crate::cli::Fkcheck;
use crate::status::StatusLines;
use crate::terminal;

/// The report goes to stdout; or the one in the message format to `output`, and the one for people to stdout.
pub(crate) fn run(arguments: &Fkcheck, reference: &str, levels: Vec<(RuleId, Level)>) -> u8 {
    let (common, output) = (&arguments.check, arguments.output.as_deref());
    let format = common.message_format;
    let style = terminal::stdout_style(common.color);
    let stderr_color = terminal::color(common.color, &std::io::stderr());
    let mut lines = StatusLines::new(stderr_color, common.quiet, common.verbose > 0);
    let request = check::request(common, levels);
    let found = match since::since(&request, reference, &mut |status| lines.print(&status)) {
        Ok(found) => found,
        Err(error) => {
            if output.is_some() {
                print_or_store(output, |out| check::write_failure(&error, format, &Style::PLAIN, out));
                return check::fail(&error, Format::Human, &style);
            }
            return check::fail(&error, format, &style);
        }
    };
    let report =
        |format: Format, style: &Style, out: &mut dyn Write| report::render_since(&found, format, style, out);
    let mut stored = true;
    if output.is_some() {
        print_or_store(None, |out| report(Format::Human, &style, out));
        stored = print_or_store(output, |out| report(format, &Style::PLAIN, out));
    } else {
        print_or_store(None, |out| report(format, &style, out));
    }
    if !found.outcome.problems.is_empty() {
        // As `impact` does it: what programs read is a line a database, problems go to stderr.
        let format = if matches!(format, Format::Json(_)) { format } else { Format::Human };
        printed(report::render(&found.outcome, format, &style, &mut std::io::stderr()));
        return Verdict::Unknown.exit_code();
    }
    if stored { Verdict::Agrees } else { Verdict::Unknown }.exit_code()
}
