//! `cargo fkcheck`: proves that Diesel models, `schema.rs`, migrations and the live database agree on what a delete does.

#![warn(clippy::unwrap_used)]

mod cli;
mod commands;
mod levels;
mod status;
mod terminal;

use std::process::ExitCode;

use clap::{CommandFactory as _, FromArgMatches as _};

fn main() -> ExitCode {
    let matches = cli::Cargo::command().get_matches_from(cli::with_subcommand(std::env::args_os()));
    let cli::Cargo::Fkcheck(arguments) =
        cli::Cargo::from_arg_matches(&matches).unwrap_or_else(|error| error.exit());
    let levels = levels::in_order(levels::innermost(&matches));
    let code = match &arguments.command {
        Some(cli::Command::Snapshot(arguments)) => commands::snapshot::run(arguments, levels),
        Some(cli::Command::Baseline(arguments)) => commands::baseline::run(arguments, levels),
        Some(cli::Command::Explain { rule }) => commands::explain::run(rule.as_deref()),
        Some(cli::Command::Completions { shell }) => commands::completions::run(*shell),
        None => commands::check::run(&arguments.check, levels),
    };
    ExitCode::from(code)
}
