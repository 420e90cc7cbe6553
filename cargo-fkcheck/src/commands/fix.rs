//! `cargo fkcheck fix`

use std::io::{IsTerminal as _, Write as _};

use fkcheck_core::check::{CheckError, Status};
use fkcheck_core::finding::Level;
use fkcheck_core::fix::{self, Decision, Options, Plan};
use fkcheck_core::model::RuleId;
use fkcheck_core::outcome::Verdict;
use fkcheck_core::report::{self, Format};

use super::ask::Asker;
use super::{check, diff, print, printed};
use crate::cli::Fix;
use crate::status::StatusLines;
use crate::terminal;

pub(crate) fn run(arguments: &Fix, levels: Vec<(RuleId, Level)>) -> u8 {
    let common = &arguments.check;
    let style = terminal::stdout_style(common.color);
    let stderr_color = terminal::color(common.color, &std::io::stderr());
    let mut lines = StatusLines::new(stderr_color, common.quiet, common.verbose > 0);
    let options = Options {
        keys: arguments.keys.clone(),
        allow_data_loss: arguments.allow_data_loss.clone(),
        name: arguments.name.clone(),
        migrations: arguments
            .migration_dir
            .as_ref()
            .map(|path| std::path::absolute(path).unwrap_or(path.clone())),
        dry_run: arguments.dry_run,
    };
    if common.message_format != Format::Human {
        let message = "`fix` tells people what it does; it has no `--message-format` for programs".to_owned();
        let help = Some("`cargo fkcheck --message-format ..` reports what there is to fix".to_owned());
        return check::fail(&CheckError::Usage { message, help }, common.message_format, &style);
    }
    let mut asker = Asker::new(fixed_decision(arguments));
    let plan = fix::plan(
        &check::request(common, levels),
        &options,
        &mut |status| lines.print(&status),
        &mut |mismatch| asker.decide(mismatch),
    );
    let plan = match plan {
        Ok(plan) => plan,
        Err(error) => {
            return check::fail(&error, common.message_format, &style);
        }
    };
    if !plan.outcome.problems.is_empty() {
        printed(report::render(&plan.outcome, common.message_format, &style, &mut std::io::stdout()));
        return Verdict::Unknown.exit_code();
    }
    if arguments.dry_run {
        show(&plan);
    } else {
        if let Some(error) = diff::refusal(fix::unsaved(&plan), &arguments.allow) {
            return check::fail(&error, common.message_format, &style);
        }
        if let Err(error) = fix::write(&plan) {
            let message = format!("can't write what is planned, and nothing is written: {error}");
            check::fail(&CheckError::Usage { message, help: None }, common.message_format, &style);
            return Verdict::Unknown.exit_code();
        }
    }
    tell(&plan, arguments.dry_run, &mut lines);
    // What was refused is still to be found.
    let verdict = if plan.refused.is_empty() { Verdict::Agrees } else { Verdict::Disagrees };
    verdict.exit_code()
}

/// What is decided without asking: by a flag, or because there is nobody to ask.
fn fixed_decision(arguments: &Fix) -> Option<Decision> {
    if arguments.code || arguments.all_code {
        return Some(Decision::Code);
    }
    let is_asked = std::io::stdin().is_terminal() && std::io::stderr().is_terminal();
    (arguments.all_database || !is_asked).then_some(Decision::Database { allow_data_loss: false })
}

/// The migrations as they would be, and the edits as a diff.
fn show(plan: &Plan) {
    for migration in &plan.migrations {
        for (name, text) in &migration.files {
            print(&format!("==> {}/{name}\n{text}\n", migration.display));
        }
    }
    plan.edits.iter().for_each(diff::print_diff);
}

/// What was done and what is left, to stderr; what was refused, to stdout unless that holds the files.
fn tell(plan: &Plan, dry_run: bool, lines: &mut StatusLines) {
    let mut say =
        |verb: &'static str, text: String| lines.print(&Status::Line { verb, text, verbose: false });
    let (wrote, changed) = if dry_run { ("Would write", "Would edit") } else { ("Wrote", "Edited") };
    if plan.known > 0 {
        let known = counted(plan.known, "finding");
        say("Note", format!("{known} in the baseline wait; name a key to fix it all the same"));
    }
    if plan.found == 0 && plan.known == 0 {
        say("Unchanged", "code and source agree on every key that a fix is for".to_owned());
    }
    for migration in &plan.migrations {
        say(wrote, report::clean(&migration.display));
    }
    for edit in &plan.edits {
        say(changed, report::clean(&edit.display));
    }
    if !plan.migrations.is_empty() {
        let keys = counted(plan.in_database.len(), "key");
        say(
            "Note",
            format!("nothing has changed in the database yet: `diesel migration run` changes {keys} there"),
        );
    }
    if plan.skipped > 0 {
        say("Skipped", counted(plan.skipped, "key"));
    }
    for remark in &plan.remarks {
        say("Note", report::clean(remark));
    }
    let mut text = String::new();
    if !plan.refused.is_empty() {
        text.push_str("Left as they are:\n");
        text.extend(
            plan.refused
                .iter()
                .map(|(key, why)| format!("  `{}`: {}\n", report::clean(key), report::clean(why))),
        );
    }
    if dry_run {
        let _ = anstream::stderr().write_all(text.as_bytes());
    } else {
        print(&text);
    }
}

fn counted(count: usize, what: &str) -> String {
    if count == 1 { format!("1 {what}") } else { format!("{count} {what}s") }
}
