//! The rules. One file each: what it says, why it matters, a wrong and a right example, and the function that finds
//! breaches. A rule reads plain data; it knows nothing of engines or output formats.

mod clause;
mod drafts;
mod examples;
mod further;
mod in_code;
mod levels;
mod on_the_way;
mod page;
mod wording;

use drafts::{Draft, Drafts, Passed};
#[cfg(all(feature = "workspace", feature = "database"))]
pub(crate) use further::further_up;
pub use levels::Levels;
pub use page::{list, page};
#[cfg(all(feature = "workspace", feature = "database"))]
pub(crate) use wording::which_side;

use std::collections::HashSet;

use crate::collect::Facts;
use crate::compare::Comparison;
use crate::finding::{Finding, Level};
use crate::model::{Engine, KeyId, KeyName, RuleId, Span, with_rules};

macro_rules! rules {
    ($($rule:ident),* $(,)?) => {
        $(mod $rule;)*

        /// All rules, by group.
        pub const ALL: &[&Rule] = &[$(&$rule::RULE),*];
    };
}
with_rules!(rules);

/// One named check.
pub struct Rule {
    /// Its name.
    pub id: RuleId,
    /// What it is about.
    pub group: Group,
    /// Its level where nothing else is said.
    pub level: Level,
    /// One line, for the list of rules.
    pub says: &'static str,
    /// One paragraph: why it matters.
    pub why: &'static str,
    /// What others need to know of it.
    pub role: Role,
    /// What breaks it.
    pub wrong: Example,
    /// What doesn't.
    pub right: Example,
    /// Looks at the code alone.
    code: Option<fn(&Facts, &mut Drafts)>,
    /// Looks at the code beside a source.
    source: Option<fn(&Comparison<'_>, &mut Drafts)>,
}

/// What others need to know of a rule: the build script, the migrations as a witness, `annotate` and `fix`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Role {
    /// The part of a key on which code and source disagree. Where there is one, the migrations can tell who moved.
    pub aspect: Option<Aspect>,
    /// Whether one package and a snapshot can tell; the others need the whole workspace.
    pub in_build_scripts: bool,
    /// Whether it speaks against an annotation that has just been written from the source.
    pub contradicts: bool,
    /// What `fix` makes of it.
    pub fix: Fix,
}

impl Role {
    /// For nobody else to know.
    pub const NONE: Role =
        Role { aspect: None, in_build_scripts: false, contradicts: false, fix: Fix::Never };
}

/// A part of a key that code and source both state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Aspect {
    /// ON DELETE.
    OnDelete,
    /// ON UPDATE.
    OnUpdate,
    /// When it is checked.
    Deferrability,
    /// The code says that it is there.
    Existence,
    /// The code says that it isn't.
    Absence,
    /// What it refers to.
    Parent,
    /// The constraint's name.
    Name,
}

/// What `fix` makes of a finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Fix {
    /// A migration, or another annotation.
    Mends,
    /// A migration that validates the key; no annotation speaks of that.
    Validates,
    /// It says why it has to be decided by hand.
    ByHand,
    /// Nothing.
    Never,
}

impl RuleId {
    /// The rule itself.
    pub fn rule(self) -> &'static Rule {
        ALL[self as usize]
    }

    /// What others need to know of it.
    pub fn role(self) -> Role {
        self.rule().role
    }
}

impl Rule {
    /// `fk_on_delete_mismatch`
    pub fn name(&self) -> &'static str {
        self.id.name()
    }
}

/// What a rule is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Group {
    /// Code and source say the same.
    Agreement,
    /// The code is right in itself.
    Code,
    /// The engine really does what the key says.
    InForce,
    /// What deletes come to, by all keys together.
    Consequence,
    /// What the code deletes, beside what the keys do about it.
    DeletesInCode,
    /// What was allowed or postponed still has a reason.
    Upkeep,
}

impl Group {
    /// All of them, in the order in which they are told.
    pub const ALL: [Group; 6] = [
        Group::Agreement,
        Group::Code,
        Group::InForce,
        Group::Consequence,
        Group::DeletesInCode,
        Group::Upkeep,
    ];
}

/// An example that the tests run: this database, this code.
pub struct Example {
    /// The engine that it runs on.
    pub engine: Engine,
    /// Makes the tables.
    pub database: &'static str,
    /// The `table!` declarations.
    pub schema: &'static str,
    /// The models.
    pub code: &'static str,
    /// Other files of the workspace, by path.
    pub files: &'static [(&'static str, &'static str)],
}

/// The rule with this name.
pub fn by_name(name: &str) -> Option<&'static Rule> {
    RuleId::named(name).map(RuleId::rule)
}

/// What the rules say.
pub struct Judged {
    /// Worst first.
    pub findings: Vec<Finding>,
    /// The declared keys on which code and source disagree, and an allowance or a level lets that pass.
    pub allowed: HashSet<KeyId>,
}

/// Runs every rule on the code and on each comparison, and judges the breaches by level and allowance.
pub fn check(facts: &Facts, comparisons: &[Comparison<'_>], levels: &Levels) -> Judged {
    let mut findings = Vec::new();
    let mut passed = Passed::default();
    for &rule in ALL {
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
        if rule.id == RuleId::fk_unused_allow && !comparisons.is_empty() {
            fk_unused_allow::check(facts, &passed.allowances, &mut drafts);
        }
        findings.extend(drafts.judge(rule, levels, &mut passed));
    }
    sort(&mut findings);
    Judged { findings, allowed: passed.keys }
}

/// The declared key on which code and source disagree, if a finding is about that.
pub fn disagreement(finding: &Finding) -> Option<KeyId> {
    finding.rule.role().aspect?;
    let data = &finding.data;
    let child = data.child.as_ref()?;
    let parent = data.parent.as_ref().filter(|_| data.is_one_of_several);
    let key = KeyName { table: child.table.clone(), columns: child.columns.clone() };
    Some(KeyId { key, parent: parent.map(|parent| parent.table.clone()) })
}

/// Findings for entries of the baseline that nothing matches any more, and for those that don't say where they were seen; each
/// is the entry's rule and key, and its place.
pub fn stale(stale: &[(String, Span)], unclear: &[(String, Span)], levels: &Levels) -> Vec<Finding> {
    let mut drafts = Drafts::default();
    fk_stale_baseline::check(stale, unclear, &mut drafts);
    drafts.judge(&fk_stale_baseline::RULE, levels, &mut Passed::default())
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

#[cfg(all(test, feature = "database"))]
mod tests;
