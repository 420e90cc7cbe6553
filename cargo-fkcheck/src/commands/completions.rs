//! `cargo fkcheck completions <shell>`

use super::print;
use crate::cli;

/// Completes `cargo-fkcheck`; cargo's own completion hands on to no subcommand.
pub(crate) fn run(shell: clap_complete::Shell) -> u8 {
    let mut script = Vec::new();
    let mut command = cli::command();
    if let Some(fkcheck) = command.find_subcommand_mut("fkcheck") {
        clap_complete::generate(shell, &mut fkcheck.clone(), "cargo-fkcheck", &mut script);
    }
    print(&String::from_utf8_lossy(&script));
    0
}
