//! What makes two findings the same, however files are renamed and lines move.

use crate::digest::digest;
use crate::finding::{Finding, KeyActions};
use crate::model::{KeyId, KeyName};

/// The identity of a finding: rule, key, what both sides say.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Fingerprint {
    /// The rule.
    pub rule: String,
    /// The child key, e.g. `batch_jobs.org_id`, with its parent where several stand on the columns; the message where the finding is about no key.
    pub about: String,
    /// What the code says, e.g. `ON DELETE NO ACTION`; empty if it says nothing.
    pub declared: String,
    /// What the source shows; empty if it shows nothing.
    pub observed: String,
    /// The configured name of the database; empty where there is one only.
    pub database: String,
}

impl Fingerprint {
    /// The fingerprint of a finding.
    pub fn of(finding: &Finding) -> Self {
        let data = &finding.data;
        let about = match &data.child {
            Some(child) if !child.columns.is_empty() => {
                let key = KeyName { table: child.table.clone(), columns: child.columns.clone() };
                let parent = data.parent.as_ref().filter(|_| data.is_one_of_several);
                KeyId { key, parent: parent.map(|parent| parent.table.clone()) }.to_string()
            }
            _ => finding.message.clone(),
        };
        Fingerprint {
            rule: finding.rule.name().to_owned(),
            about,
            declared: data.declared.as_ref().map(words).unwrap_or_default(),
            observed: data.observed.as_ref().map(words).unwrap_or_default(),
            database: data.section.clone().unwrap_or_default(),
        }
    }

    /// It in sixteen digits.
    pub fn digest(&self) -> String {
        digest([&*self.rule, &self.about, &self.declared, &self.observed, &self.database])
    }
}

fn words(actions: &KeyActions) -> String {
    let delete = actions.on_delete.as_ref().map(|action| format!("ON DELETE {action}"));
    let update = actions.on_update.as_ref().map(|action| format!("ON UPDATE {action}"));
    let deferrability = actions.deferrability.map(|deferrability| deferrability.to_string());
    [delete, update, deferrability].into_iter().flatten().collect::<Vec<_>>().join(" ")
}
