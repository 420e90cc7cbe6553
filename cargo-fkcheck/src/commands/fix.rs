//! `cargo fkcheck fix`

use std::io::{BufRead as _, IsTerminal as _, Write as _};

use fkcheck_core::check::{CheckError, Status};
use fkcheck_core::finding::Level;
use fkcheck_core::fix::{self, Decision, Mismatch, Options, Plan};
use fkcheck_core::outcome::Verdict;
use fkcheck_core::report;

use super::{USAGE, check, diff, print, printed};
use crate::cli::Fix;
use crate::status::StatusLines;
use crate::terminal;

/// Something was refused: the findings are still there.
const LEFT: u8 = 1;

pub(crate) fn run(arguments: &Fix, levels: Vec<(&'static str, Level)>) -> u8 {
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
    };
    let mut asker = Asker { fixed: fixed_decision(arguments), number: 0 };
    let plan = fix::plan(
        &check::request(common, levels),
        &options,
        &mut |status| lines.print(&status),
        &mut |mismatch| asker.decide(mismatch),
    );
    let plan = match plan {
        Ok(plan) => plan,
        Err(error) => {
            check::fail(&error, common.message_format, &style);
            return USAGE;
        }
    };
    if !plan.outcome.problems.is_empty() {
        printed(report::render(&plan.outcome, common.message_format, &style, &mut std::io::stdout()));
        return Verdict::Unknown.exit_code();
    }
    if arguments.dry_run {
        show(&plan);
    } else {
        if !arguments.allow_dirty
            && let Some(message) = diff::refuse_dirty(&fix::not_committed(&plan), !plan.edits.is_empty())
        {
            let help = Some("commit or stash them, or pass `--allow-dirty`".to_owned());
            check::fail(&CheckError::Usage { message, help }, common.message_format, &style);
            return USAGE;
        }
        if let Err(error) = fix::write(&plan) {
            printed(Err(error));
            return Verdict::Unknown.exit_code();
        }
    }
    tell(&plan, arguments.dry_run, &mut lines);
    if plan.refused.is_empty() { Verdict::Agrees.exit_code() } else { LEFT }
}

/// What is decided without asking: by a flag, or because there is nobody to ask.
fn fixed_decision(arguments: &Fix) -> Option<Decision> {
    if arguments.code || arguments.all_code {
        return Some(Decision::Code);
    }
    let is_asked = std::io::stdin().is_terminal() && std::io::stderr().is_terminal();
    (arguments.all_database || !is_asked).then_some(Decision::Database)
}

/// Asks about every key, unless one decision holds for all.
struct Asker {
    fixed: Option<Decision>,
    number: usize,
}

impl Asker {
    fn decide(&mut self, mismatch: &Mismatch) -> Decision {
        if let Some(decision) = self.fixed {
            return decision;
        }
        self.number += 1;
        let mut text = format!("\n{}. {}\n", self.number, report::clean(&mismatch.place));
        for line in mismatch.messages.iter().chain(&mismatch.notes) {
            text.push_str(&format!("   {}\n", report::clean(line)));
        }
        if let Some(class) = mismatch.data {
            text.push_str(&format!("   the code calls its rows {class} data\n"));
        }
        if let Some(rows) = mismatch.child_rows {
            text.push_str(&format!("   about {rows} rows, by the database's estimate\n"));
        }
        let mut question = String::new();
        match &mismatch.not_by_migration {
            Some(why) => {
                text.push_str(&format!("   the database can't be changed: {}\n", report::clean(why)))
            }
            None => question.push_str("[d]atabase: write a migration, "),
        }
        match &mismatch.not_in_code {
            Some(why) => text.push_str(&format!("   the code can't be changed: {}\n", report::clean(why))),
            None => question.push_str("[c]ode: change the annotation, "),
        }
        let _ = anstream::stderr().write_all(text.as_bytes());
        loop {
            let prompt = format!("   which side changes? {question}[s]kip, [q]uit: ");
            let mut stderr = anstream::stderr();
            let _ = stderr.write_all(prompt.as_bytes()).and_then(|()| stderr.flush());
            let mut answer = String::new();
            // No more answers: what was decided so far holds.
            if !matches!(std::io::stdin().lock().read_line(&mut answer), Ok(1..)) {
                self.fixed = Some(Decision::Skip);
                return Decision::Skip;
            }
            match answer.trim().to_ascii_lowercase().as_str() {
                "d" | "database" if mismatch.not_by_migration.is_none() => return Decision::Database,
                "c" | "code" if mismatch.not_in_code.is_none() => return Decision::Code,
                "s" | "skip" | "" => return Decision::Skip,
                "q" | "quit" => {
                    self.fixed = Some(Decision::Skip);
                    return Decision::Skip;
                }
                _ => {}
            }
        }
    }
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
    if plan.found == 0 {
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
