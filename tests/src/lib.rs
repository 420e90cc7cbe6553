//! What the tests share: fresh databases on real servers, small real workspaces, runs of the real command.

#![expect(clippy::missing_panics_doc, reason = "a test panics where something is wrong")]

pub mod dump;
mod example;
pub mod fixing;
pub mod git;
mod hostile;
pub mod mutants;
pub mod oracle;
mod pooler;
pub mod random;
mod run;
pub mod scripts;
mod servers;
mod sqlite;
pub mod truth;
pub mod wire;
mod workspace;
pub mod writers;

pub use example::{billing, example_workspace, run_example};
pub use git::{commit, git};
pub use hostile::{MysqlAttack, PostgresAttack, hostile_mysql, hostile_postgres};
pub use pooler::{Pooler, Traffic, counting_relay};
pub use run::{
    Run, bash, binary, cargo_fkcheck, diesel_is_skipped, fkcheck, fkcheck_with_stdin, run_diesel,
    search_path, unwrapped,
};
pub use servers::{Database, Server, is_skipped, mariadb, on_every_engine, postgres};
pub use sqlite::SqliteFile;
pub use workspace::Workspace;

/// The examples in the documentation of the macros.
#[cfg(doctest)]
mod documentation {
    #[doc = include_str!("../../fkcheck-macros/README.md")]
    mod macros {}

    #[doc = include_str!("../../fkcheck-macros/src/derive.md")]
    mod derive {}

    #[doc = include_str!("../../fkcheck-macros/src/foreign_keys.md")]
    mod foreign_keys {}
}
