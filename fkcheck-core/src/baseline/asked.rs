//! What a run has asked: an entry's finding is gone only where that is known.

use std::collections::HashMap;

use crate::finding::Finding;
use crate::model::RuleId;

/// What an entry calls the code itself.
const CODE: &str = "code";

/// What it calls several databases that were read at once.
const DATABASES: &str = "databases";

/// The sources that a run has asked, and the rules that were on.
pub(crate) struct Asked<'a> {
    /// What an entry calls a source, by the label that findings have.
    pub(crate) sources: HashMap<&'a str, String>,
    /// Whether several databases of one schema were read.
    pub(crate) are_many: bool,
    /// Whether a rule's findings could be seen.
    pub(crate) is_on: &'a dyn Fn(RuleId) -> bool,
}

impl Asked<'_> {
    /// What an entry calls the source of a finding.
    pub(crate) fn source_of(&self, finding: &Finding) -> String {
        match (&finding.data.source, &finding.data.source_label) {
            (None, _) => CODE.to_owned(),
            (Some(_), Some(label)) if !self.are_many => {
                self.sources.get(label.as_str()).cloned().unwrap_or_else(|| label.clone())
            }
            _ => DATABASES.to_owned(),
        }
    }

    /// Whether the source that an entry names was asked.
    pub(super) fn includes(&self, source: &str) -> bool {
        source == CODE
            || self.are_many && source == DATABASES
            || self.sources.values().any(|asked| asked == source)
    }

    /// Whether an entry's rule was on; one that is not known any more finds nothing for ever.
    pub(super) fn looked_for(&self, rule: &str) -> bool {
        RuleId::named(rule).is_none_or(self.is_on)
    }
}
