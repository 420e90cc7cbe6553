//! `cargo fkcheck annotate`

use std::io::Write as _;

use fkcheck_core::annotate::{self, Options, Plan};
use fkcheck_core::check::Status;
use fkcheck_core::finding::Level;
use fkcheck_core::model::RuleId;
use fkcheck_core::model::SourceKind;
use fkcheck_core::outcome::Verdict;
use fkcheck_core::report;

use super::{check, counted, diff, not_written, print, printed};
use crate::cli::Annotate;
use crate::status::StatusLines;
use crate::terminal;

pub(crate) fn run(arguments: &Annotate, levels: Vec<(RuleId, Level)>) -> u8 {
    let common = &arguments.check;
    let style = terminal::stdout_style(common.color);
    let stderr_color = terminal::color(common.color, &std::io::stderr());
    let mut lines = StatusLines::new(stderr_color, common.quiet, common.verbose > 0);
    let mut request = check::request(common, levels);
    if let Some(source) = arguments.from {
        request.against = vec![SourceKind::from(source)];
    }
    let options = Options {
        no_manifest: arguments.no_manifest,
        tables_file: arguments
            .tables_file
            .as_ref()
            .map(|path| std::path::absolute(path).unwrap_or(path.clone())),
        dependency_path: arguments.dependency_path.clone(),
    };
    let plan = match annotate::plan(&request, &options, &mut |status| lines.print(&status)) {
        Ok(plan) => plan,
        Err(error) => {
            return check::fail(&error, common.message_format, &style);
        }
    };
    if !plan.outcome.problems.is_empty() {
        printed(report::render_problems(
            &plan.outcome,
            common.message_format,
            &style,
            &mut std::io::stdout(),
        ));
        return Verdict::Unknown.exit_code();
    }
    if arguments.dry_run {
        plan.edits.iter().for_each(diff::print_diff);
    } else {
        if let Some(error) = diff::refusal(annotate::unsaved(&plan), &arguments.allow) {
            return check::fail(&error, common.message_format, &style);
        }
        if let Err(error) = annotate::write(&plan) {
            not_written("the annotations", &error);
            return Verdict::Unknown.exit_code();
        }
    }
    tell(&plan, arguments.dry_run, &mut lines);
    Verdict::Agrees.exit_code()
}

/// What was done to stderr; what is left to do to stdout, or after a diff to stderr too.
fn tell(plan: &Plan, dry_run: bool, lines: &mut StatusLines) {
    let mut say =
        |verb: &'static str, text: String| lines.print(&Status::Line { verb, text, verbose: false });
    let keys = counted(plan.keys, "key");
    let files = counted(plan.edits.len(), "file");
    let before =
        if plan.declared == 0 { String::new() } else { format!(" ({} were declared before)", plan.declared) };
    match (plan.edits.is_empty(), dry_run) {
        (true, _) => say("Unchanged", format!("{} declared, nothing to add", counted(plan.declared, "key"))),
        (false, true) => say("Would add", format!("{keys} in {files}{before}")),
        (false, false) => say("Annotated", format!("{keys} in {files}{before}")),
    }
    let mut text = String::new();
    let mut list = |title: &str, items: &[String]| {
        if !items.is_empty() {
            text.push_str(title);
            text.push('\n');
            text.extend(items.iter().map(|item| format!("  {}\n", report::clean(item))));
        }
    };
    let questions: Vec<String> =
        plan.questions.iter().map(|question| format!("{}: {}", question.place, question.text)).collect();
    list("Questions for a person:", &questions);
    list("Left out:", &plan.left_out);
    list("To do by hand:", &plan.by_hand);
    if dry_run {
        let _ = anstream::stderr().write_all(text.as_bytes());
    } else {
        print(&text);
    }
    if plan.denied > 0 {
        let findings = counted(plan.denied, "finding");
        say(
            "Note",
            format!(
                "`cargo fkcheck` has {findings} at `deny` then; `cargo fkcheck baseline` records what is known"
            ),
        );
    }
}
