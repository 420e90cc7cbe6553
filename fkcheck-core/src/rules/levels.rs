//! The level of a rule: the command line's word, then the package's, then the workspace's, then the rule's own.

use super::Rule;
use crate::finding::{Level, Severity};
use crate::model::RuleId;

/// Levels as they are set.
#[derive(Clone, Debug, Default)]
pub struct Levels {
    /// From the command line, in order; the last word about a rule counts.
    pub command_line: Vec<(RuleId, Level)>,
    /// From `[package.metadata.fkcheck.rules]`, by package.
    pub packages: Vec<(usize, Vec<(RuleId, Level)>)>,
    /// From `[workspace.metadata.fkcheck.rules]`.
    pub workspace: Vec<(RuleId, Level)>,
    /// No rule goes above this.
    pub cap: Option<Level>,
    /// NO ACTION beside RESTRICT is a mismatch like any other.
    pub strict: bool,
}

impl Levels {
    /// How much a breach matters; `None`: it is allowed. `level` is the draft's own, `None` for a note.
    pub(super) fn severity(&self, rule: &Rule, package: usize, level: Option<Level>) -> Option<Severity> {
        let set = self.set_for(rule.id, package);
        let level = match level {
            Some(level) => set.unwrap_or(level),
            None if set == Some(Level::Allow) => Level::Allow,
            None if self.strict => set.unwrap_or(rule.level),
            None if self.cap == Some(Level::Allow) => Level::Allow,
            None => return Some(Severity::Note),
        };
        match level.min(self.cap.unwrap_or(Level::Deny)) {
            Level::Allow => None,
            Level::Warn => Some(Severity::Warn),
            Level::Deny => Some(Severity::Deny),
        }
    }

    #[cfg(all(feature = "workspace", feature = "database"))]
    /// Whether the rule's findings are seen in every package, as far as levels tell.
    pub(crate) fn is_on(&self, rule: RuleId) -> bool {
        let packages = self.packages.iter().map(|(index, _)| *index);
        // One past all packages has no levels of its own.
        let other = self.packages.iter().map(|(index, _)| index + 1).max().unwrap_or_default();
        let level = |package| self.set_for(rule, package).unwrap_or(rule.rule().level);
        self.cap != Some(Level::Allow)
            && packages.chain([other]).all(|package| level(package) != Level::Allow)
    }

    fn set_for(&self, rule: RuleId, package: usize) -> Option<Level> {
        let last = |levels: &[(RuleId, Level)]| {
            levels.iter().rev().find(|(name, _)| *name == rule).map(|(_, level)| *level)
        };
        let of_package = || {
            self.packages.iter().filter(|(index, _)| *index == package).find_map(|(_, levels)| last(levels))
        };
        last(&self.command_line).or_else(of_package).or_else(|| last(&self.workspace))
    }
}
