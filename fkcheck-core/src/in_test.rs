//! The whole check as a call, for `cargo test`.

use std::path::PathBuf;

use crate::check::{self, CheckError, Request};
use crate::finding::Level;
use crate::model::{RuleId, SourceKind};
use crate::outcome::{Outcome, Verdict};
use crate::report::{self, Format, Style};

/// A check of a workspace, for a test:
///
/// ```no_run
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let url = String::new();
/// fkcheck_core::Check::workspace(env!("CARGO_MANIFEST_DIR")).database(url).run()?.assert_clean();
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
#[must_use = "nothing is checked until `run` is called"]
pub struct Check {
    request: Request,
}

/// What a check found.
#[derive(Clone, Debug)]
pub struct Checked {
    outcome: Outcome,
}

impl Check {
    /// The workspace that this directory (or `Cargo.toml`) belongs to, compared as `cargo fkcheck` would: with the database of
    /// `DATABASE_URL` or `.env`, else with the snapshot, else with the migrations.
    pub fn workspace(path: impl Into<PathBuf>) -> Self {
        let path = path.into();
        let manifest = if path.is_dir() { path.join("Cargo.toml") } else { path };
        Check { request: Request { manifest_path: Some(manifest), ..Request::default() } }
    }

    /// Compare with this database.
    pub fn database(mut self, url: impl Into<String>) -> Self {
        self.request.database_urls.push(url.into());
        self.against(SourceKind::Database)
    }

    /// Compare with the committed snapshot, `fkcheck.lock`.
    pub fn snapshot(self) -> Self {
        self.against(SourceKind::Snapshot)
    }

    /// Compare with what the migrations leave.
    pub fn migrations(self) -> Self {
        self.against(SourceKind::Migrations)
    }

    fn against(mut self, source: SourceKind) -> Self {
        if !self.request.against.contains(&source) {
            self.request.against.push(source);
        }
        self
    }

    /// Let a rule fail the check.
    ///
    /// # Panics
    /// If there is no such rule.
    pub fn deny(self, rule: &str) -> Self {
        self.level(rule, Level::Deny)
    }

    /// Let a rule say nothing.
    ///
    /// # Panics
    /// If there is no such rule.
    pub fn allow(self, rule: &str) -> Self {
        self.level(rule, Level::Allow)
    }

    fn level(mut self, rule: &str, level: Level) -> Self {
        let known = RuleId::named(rule).unwrap_or_else(|| panic!("no rule is called `{rule}`"));
        self.request.levels.push((known, level));
        self
    }

    /// Runs it. Blocks; to be called outside of an asynchronous runtime.
    ///
    /// # Errors
    /// Where there is nothing to report on: no workspace, a wrong configuration, a URL that is none.
    pub fn run(self) -> Result<Checked, CheckError> {
        check::check(&self.request, &mut |_| {}).map(|outcome| Checked { outcome })
    }
}

impl Checked {
    /// What was found, in full.
    pub fn outcome(&self) -> &Outcome {
        &self.outcome
    }

    /// The report for people, as `cargo fkcheck` prints it.
    pub fn report(&self) -> String {
        let mut text = Vec::new();
        // Writing into memory doesn't fail.
        let _ = report::render(&self.outcome, Format::Human, &Style::PLAIN, &mut text);
        String::from_utf8_lossy(&text).into_owned()
    }

    /// Passes if every declared key was found and agrees; warnings pass too.
    ///
    /// # Panics
    /// With the report, if a finding is at `deny`, or if something could not be known.
    #[track_caller]
    pub fn assert_clean(&self) {
        assert!(self.outcome.verdict() == Verdict::Agrees, "\n{}", self.report());
    }
}
