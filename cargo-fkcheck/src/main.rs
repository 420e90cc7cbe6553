//! `cargo fkcheck`: proves that Diesel models, `schema.rs`, migrations and the live database agree on what a delete does.

#![warn(clippy::unwrap_used)]

mod cli;
mod commands;
mod levels;
mod status;
mod terminal;
mod usage;

use std::process::ExitCode;

use clap::FromArgMatches as _;

fn main() -> ExitCode {
    let words = cli::with_subcommand(std::env::args_os());
    let parsed = cli::command()
        .try_get_matches_from(&words)
        .and_then(|matches| cli::Cargo::from_arg_matches(&matches).map(|arguments| (matches, arguments)));
    let (matches, cli::Cargo::Fkcheck(arguments)) = match parsed {
        Ok(parsed) => parsed,
        Err(error) if error.use_stderr() => return ExitCode::from(usage::refuse(&error, &words)),
        Err(help) => help.exit(),
    };
    if let Some(error) = cli::misplaced_title(&arguments) {
        return ExitCode::from(usage::refuse(&error, &words));
    }
    if let Some(error) = cli::misplaced(&matches).or_else(|| cli::misplaced_in_graph(&arguments)) {
        // Not into a file that is asked for.
        let _ = error.print();
        return ExitCode::from(commands::USAGE);
    }
    fkcheck_core::sources::bound_memory();
    let levels = levels::in_order(levels::innermost(&matches));
    let code = match &arguments.command {
        Some(cli::Command::Annotate(arguments)) => commands::annotate::run(arguments, levels),
        Some(cli::Command::Fix(arguments)) => commands::fix::run(arguments, levels),
        Some(cli::Command::Snapshot(arguments)) => commands::snapshot::run(arguments, levels),
        Some(cli::Command::Deletes(arguments)) => commands::deletes::run(arguments, levels),
        Some(cli::Command::Impact(arguments)) => commands::impact::run(arguments, levels),
        Some(cli::Command::Graph(arguments)) => commands::graph::run(arguments, levels),
        Some(cli::Command::Baseline(arguments)) => commands::baseline::run(arguments, levels),
        Some(cli::Command::Explain { rule }) => commands::explain::run(rule.as_deref()),
        Some(cli::Command::Completions { shell }) => commands::completions::run(*shell),
        None => commands::check::run(&arguments, levels),
    };
    ExitCode::from(code)
}
