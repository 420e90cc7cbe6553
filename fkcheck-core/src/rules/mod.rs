//! The rules. One file each: what it says, why it matters, a wrong and a right example, and the function that finds
//! breaches. A rule reads plain data; it knows nothing of engines or output formats.

mod drafts;
mod examples;
mod levels;
mod page;
mod wording;

mod fk_conflicting_declarations;
mod fk_data_class;
mod fk_deferrability_mismatch;
mod fk_joinable_mismatch;
mod fk_missing_in_source;
mod fk_missing_index;
mod fk_not_enforced;
mod fk_not_validated;
mod fk_on_delete_mismatch;
mod fk_on_update_mismatch;
mod fk_orphans;
mod fk_parent_mismatch;
mod fk_set_default_without_default;
mod fk_set_null_generated;
mod fk_set_null_not_nullable;
mod fk_stale_baseline;
mod fk_type_mismatch;
mod fk_undeclared;
mod fk_unexpected_key;
mod fk_unknown_column;
mod fk_unknown_parent;
mod fk_unknown_table;
mod fk_unused_allow;

use drafts::{Draft, Drafts};
pub use levels::Levels;
pub use page::{list, page};
#[cfg(all(feature = "workspace", feature = "database"))]
pub(crate) use wording::{FIX_ADVICE, which_side};

use std::collections::HashSet;

use crate::collect::Facts;
use crate::compare::Comparison;
use crate::finding::{Finding, Level};
use crate::model::Span;

/// All rules, by group.
pub const ALL: [&Rule; 23] = [
    &fk_on_delete_mismatch::RULE,
    &fk_on_update_mismatch::RULE,
    &fk_deferrability_mismatch::RULE,
    &fk_missing_in_source::RULE,
    &fk_parent_mismatch::RULE,
    &fk_conflicting_declarations::RULE,
    &fk_undeclared::RULE,
    &fk_unexpected_key::RULE,
    &fk_unknown_table::RULE,
    &fk_unknown_column::RULE,
    &fk_unknown_parent::RULE,
    &fk_set_null_not_nullable::RULE,
    &fk_set_default_without_default::RULE,
    &fk_set_null_generated::RULE,
    &fk_type_mismatch::RULE,
    &fk_joinable_mismatch::RULE,
    &fk_not_validated::RULE,
    &fk_not_enforced::RULE,
    &fk_orphans::RULE,
    &fk_missing_index::RULE,
    &fk_data_class::RULE,
    &fk_unused_allow::RULE,
    &fk_stale_baseline::RULE,
];

/// One named check.
pub struct Rule {
    /// `fk_on_delete_mismatch`
    pub name: &'static str,
    /// What it is about.
    pub group: Group,
    /// Its level where nothing else is said.
    pub level: Level,
    /// One line, for the list of rules.
    pub says: &'static str,
    /// One paragraph: why it matters.
    pub why: &'static str,
    /// What breaks it.
    pub wrong: Example,
    /// What doesn't.
    pub right: Example,
    /// Looks at the code alone.
    code: Option<fn(&Facts, &mut Drafts)>,
    /// Looks at the code beside a source.
    source: Option<fn(&Comparison<'_>, &mut Drafts)>,
}

/// What a rule is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Group {
    /// Code and source say the same.
    Agreement,
    /// The code is right in itself.
    Code,
    /// The engine really does what the key says.
    InForce,
    /// What was allowed or postponed still has a reason.
    Upkeep,
}

/// An example that the tests run: this database, this code.
pub struct Example {
    /// The engine that it runs on.
    pub engine: ExampleEngine,
    /// Makes the tables.
    pub database: &'static str,
    /// The `table!` declarations.
    pub schema: &'static str,
    /// The models.
    pub code: &'static str,
    /// Other files of the workspace, by path.
    pub files: &'static [(&'static str, &'static str)],
}

/// The engine of an example.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExampleEngine {
    /// SQLite.
    Sqlite,
    /// PostgreSQL.
    Postgres,
    /// MariaDB.
    Mariadb,
}

/// The rule with this name.
pub fn by_name(name: &str) -> Option<&'static Rule> {
    ALL.into_iter().find(|rule| rule.name == name)
}

/// Runs every rule on the code and on each comparison, and judges the breaches by level and allowance.
pub fn check(facts: &Facts, comparisons: &[Comparison<'_>], levels: &Levels) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut used = HashSet::new();
    for rule in ALL {
        let mut drafts = Drafts::default();
        if let Some(code) = rule.code {
            code(facts, &mut drafts);
        }
        if let Some(source) = rule.source {
            for comparison in comparisons {
                source(comparison, &mut drafts);
            }
        }
        // Without a source most rules have not looked.
        if rule.name == fk_unused_allow::RULE.name && !comparisons.is_empty() {
            fk_unused_allow::check(facts, &used, &mut drafts);
        }
        findings.extend(drafts.judge(rule, levels, &mut used));
    }
    sort(&mut findings);
    findings
}

/// Findings for entries of the baseline that nothing matches any more; each is the entry's rule and key, and its place.
pub fn stale(entries: &[(String, Span)], package: usize, levels: &Levels) -> Vec<Finding> {
    let mut drafts = Drafts::default();
    fk_stale_baseline::check(entries, package, &mut drafts);
    drafts.judge(&fk_stale_baseline::RULE, levels, &mut HashSet::new())
}

/// Worst first, then by file and place.
pub fn sort(findings: &mut [Finding]) {
    findings.sort_by(|left, right| {
        let rank = |finding: &Finding| {
            (std::cmp::Reverse(finding.severity), finding.consequence, finding.primary.span.start_key())
        };
        rank(left).cmp(&rank(right))
    });
}
