//! `cargo fkcheck`

use std::io::{self, Write};

use fkcheck_core::check::{self, CheckError, Request, Status};
use fkcheck_core::finding::Level;
use fkcheck_core::model::RuleId;
use fkcheck_core::model::SourceKind;
use fkcheck_core::outcome::Verdict;
use fkcheck_core::report::{self, Format, Style};

use super::{USAGE, editor, print_or_store, printed};
use crate::cli::{CapLints, Check, Fkcheck};
use crate::status::StatusLines;
use crate::terminal;

/// Checks, after cargo where an editor wants it; the report goes to stdout, or the one in the message format to `output` and the
/// one for people to stdout.
pub(crate) fn run(arguments: &Fkcheck, levels: Vec<(RuleId, Level)>) -> u8 {
    let check = &arguments.check;
    let of_cargo = check.editor.map_or(0, |editor| editor::run_cargo(editor, check));
    match run_fkcheck(arguments, levels) {
        0 => of_cargo,
        code => code,
    }
}

fn run_fkcheck(
    Fkcheck { check: arguments, output, title, .. }: &Fkcheck,
    levels: Vec<(RuleId, Level)>,
) -> u8 {
    let (format, output) = (arguments.message_format, output.as_deref());
    let request = Request {
        wants_definitions: title.is_some() || format == Format::Html,
        wants_outside: false,
        ..request(arguments, levels)
    };
    let style = terminal::stdout_style(arguments.color);
    let stderr_color = terminal::color(arguments.color, &std::io::stderr());
    let mut lines = StatusLines::new(stderr_color, arguments.quiet, arguments.verbose > 0);
    let mut outcome = match check::check(&request, &mut |status| lines.print(&status)) {
        Ok(outcome) => outcome,
        Err(error) => {
            if output.is_some() {
                print_or_store(output, |out| write_failure(&error, format, &Style::PLAIN, out));
                fail(&error, Format::Human, &style);
            } else {
                fail(&error, format, &style);
            }
            return USAGE;
        }
    };
    if arguments.verbose > 0 {
        // They were named as they were met.
        outcome.undeclared.clear();
    }
    let report = |style: &Style, out: &mut dyn Write| match title {
        Some(title) => report::render_titled(&outcome, title, format, style, out),
        None => report::render(&outcome, format, style, out),
    };
    let mut stored = true;
    if output.is_some() {
        print_or_store(None, |out| report::render(&outcome, Format::Human, &style, out));
        stored = print_or_store(output, |out| report(&Style::PLAIN, out));
    } else {
        print_or_store(None, |out| report(&style, out));
        if let Some(format) = format.on_stderr() {
            printed(report::render(&outcome, format, &style, &mut std::io::stderr()));
        }
    }
    lines.print(&Status::Line {
        verb: "Finished",
        text: format!("in {:.2}s", outcome.elapsed.as_secs_f64()),
        verbose: false,
    });
    if stored { outcome.verdict() } else { Verdict::Unknown }.exit_code()
}

pub(super) fn request(arguments: &Check, levels: Vec<(RuleId, Level)>) -> Request {
    Request {
        manifest_path: arguments.manifest_path.clone(),
        packages: arguments.package.clone(),
        exclude: arguments.exclude.clone(),
        database_urls: arguments.database_url.clone(),
        database_urls_from: arguments.database_urls_from.clone(),
        partition: arguments.partition,
        // cargo's other values (`default`, a negative number) are ours to choose.
        jobs: arguments.jobs.as_deref().and_then(|jobs| jobs.parse().ok()),
        scratch_url: arguments.scratch_url.clone(),
        databases: arguments.database.clone(),
        against: arguments.against.iter().map(|source| SourceKind::from(*source)).collect(),
        offline: arguments.offline || arguments.frozen,
        catches_up: false,
        deadline: arguments.deadline,
        insecure_tls: arguments.insecure_tls,
        strict: arguments.strict,
        data: arguments.data,
        wants_definitions: false,
        wants_outside: false,
        ignore_baseline: false,
        levels,
        cap: arguments.cap_lints.map(|cap| match cap {
            CapLints::Allow => Level::Allow,
            CapLints::Warn => Level::Warn,
            CapLints::Deny => Level::Deny,
        }),
    }
}

/// An error that left nothing to report on. Errors are for stderr, but what a program reads must not be empty.
///
/// Returns the exit code.
pub(super) fn fail(error: &CheckError, format: Format, style: &Style) -> u8 {
    let result = if format.is_for_programs() {
        write_failure(error, format, style, &mut std::io::stdout())
    } else {
        write_failure(error, format, style, &mut std::io::stderr())
    };
    printed(result);
    error.exit_code()
}

fn write_failure(error: &CheckError, format: Format, style: &Style, out: &mut dyn Write) -> io::Result<()> {
    report::render_failure(&error.to_string(), error.help().as_deref(), format, style, out)
}
