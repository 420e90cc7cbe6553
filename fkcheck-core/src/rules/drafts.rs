//! Breaches as the rules find them, before levels and allowances are known.

use std::collections::HashSet;

use super::wording;
use super::{Levels, Rule, disagreement};
use crate::compare::Comparison;
use crate::finding::{
    Consequence, Finding, FindingData, Help, Label, Level, Severity, Step, Suggestion, TableRef,
};
use crate::model::{Allowance, DeclaredKey, KeyId, ObservedKey, RuleId, Span};

/// A breach.
#[must_use]
pub(super) struct Draft {
    finding: Finding,
    /// The level where nothing else is said; `None`: a note.
    level: Option<Level>,
    allowed: Vec<Allowance>,
}

/// What allowances and levels have let pass.
#[derive(Default)]
pub(super) struct Passed {
    /// The places of allowances that allowed something.
    pub(super) allowances: HashSet<Span>,
    /// The keys on which code and source disagree all the same.
    pub(super) keys: HashSet<KeyId>,
}

/// The breaches that a rule has found.
#[derive(Default)]
pub(super) struct Drafts {
    drafts: Vec<Draft>,
}

impl Drafts {
    /// Adds a breach.
    pub(super) fn add(&mut self, draft: Draft) {
        self.drafts.push(draft);
    }

    /// Findings for what is neither allowed at its place nor by level. What is, goes into `passed`.
    pub(super) fn judge(self, rule: &'static Rule, levels: &Levels, passed: &mut Passed) -> Vec<Finding> {
        let mut findings = Vec::new();
        for draft in self.drafts {
            let allowing = draft.allowed.iter().filter(|allowance| allowance.rule.value == rule.id);
            let mut is_allowed = false;
            for allowance in allowing {
                is_allowed = true;
                passed.allowances.insert(allowance.rule.span);
            }
            let severity = levels.severity(rule, draft.finding.package, draft.level);
            match severity.filter(|_| !is_allowed) {
                Some(severity) => findings.push(Finding { rule: rule.id, severity, ..draft.finding }),
                // A note is of no disagreement.
                None if draft.level.is_some() => {
                    passed.keys.extend(disagreement(&Finding { rule: rule.id, ..draft.finding }));
                }
                None => {}
            }
        }
        findings
    }
}

impl Draft {
    /// A breach at a place, at a level that holds where nothing else is said.
    pub(super) fn new(
        level: Level,
        package: usize,
        span: Span,
        label: impl Into<String>,
        message: impl Into<String>,
    ) -> Self {
        Draft {
            finding: Finding {
                // Its rule puts its name in.
                rule: RuleId::ALL[0],
                severity: Severity::Note,
                consequence: Consequence::None,
                message: message.into(),
                primary: Label { span, text: label.into() },
                secondary: Vec::new(),
                notes: Vec::new(),
                help: Vec::new(),
                suggestions: Vec::new(),
                data: FindingData::default(),
                package,
            },
            level: Some(level),
            allowed: Vec::new(),
        }
    }

    /// A breach that concerns a declared key; its allowances hold, and its facts go into the finding's data.
    pub(super) fn of_key(
        level: Level,
        declared: &DeclaredKey,
        span: Span,
        label: impl Into<String>,
        message: impl Into<String>,
    ) -> Self {
        let claim = declared.claims.iter().find(|claim| claim.span.contains(span));
        let mut draft = Draft::new(level, claim.unwrap_or(declared.first()).package, span, label, message);
        draft.finding.data = FindingData {
            child: Some(TableRef {
                table: declared.key.table.clone(),
                columns: declared.key.columns.clone(),
            }),
            parent: declared
                .parent()
                .map(|parent| TableRef { table: parent.table.clone(), columns: parent.columns.clone() }),
            is_one_of_several: declared.is_one_of_several,
            declared: Some(wording::declared_actions(declared)),
            class: declared.data().map(|stated| stated.value),
            ..FindingData::default()
        };
        let allowances = declared.claims.iter().flat_map(|claim| &claim.allow);
        draft.allowed = allowances.cloned().collect();
        draft
    }

    /// The source that shows the breach, and the observed key where there is one.
    pub(super) fn seen_in(mut self, comparison: &Comparison<'_>, observed: Option<&ObservedKey>) -> Self {
        let data = &mut self.finding.data;
        data.source = Some(comparison.observation.source);
        data.source_label = Some(comparison.observation.label.clone());
        data.section.clone_from(&comparison.observation.database);
        data.databases.clone_from(&comparison.observation.members);
        data.change_advice = Some(comparison.engine().change_advice);
        if let Some(observed) = observed {
            if let Some(span) = comparison.place_of(observed) {
                self.finding
                    .secondary
                    .push(Label { span, text: "the migration that last set it".to_owned() });
            }
            data.observed = Some(wording::observed_actions(observed));
            data.constraint.clone_from(&observed.name);
            if data.child.is_none() {
                let mut others = comparison.keys_on(&observed.key);
                data.is_one_of_several = others.any(|other| other.parent != observed.parent);
            }
            data.child.get_or_insert_with(|| TableRef {
                table: observed.key.table.clone(),
                columns: observed.key.columns.clone(),
            });
            data.parent.get_or_insert_with(|| TableRef {
                table: observed.parent.clone(),
                columns: observed.parent_columns.clone(),
            });
        }
        self
    }

    /// What may be broken here.
    pub(super) fn allowed_by<'a>(mut self, allowances: impl Iterator<Item = &'a Allowance>) -> Self {
        self.allowed.extend(allowances.cloned());
        self
    }

    /// Worth knowing, not wrong.
    pub(super) fn noted(mut self) -> Self {
        self.level = None;
        self
    }

    /// What it does to data.
    pub(super) fn consequence(mut self, consequence: Consequence) -> Self {
        self.finding.consequence = consequence;
        self
    }

    /// Another place that matters.
    pub(super) fn label(mut self, span: Span, text: impl Into<String>) -> Self {
        let label = Label { span, text: text.into() };
        if label.span != self.finding.primary.span {
            self.finding.secondary.push(label);
        }
        self
    }

    /// Whether it points at this very place.
    pub(super) fn shows(&self, span: Span) -> bool {
        let finding = &self.finding;
        [&finding.primary].into_iter().chain(&finding.secondary).any(|label| label.span == span)
    }

    /// The function that deletes, and the keys that it is about.
    pub(super) fn of_function(mut self, function: String, keys: Vec<TableRef>) -> Self {
        self.finding.data.function = Some(function);
        self.finding.data.keys = keys;
        self
    }

    /// A way by which a delete gets to the key.
    pub(super) fn way(mut self, way: Vec<Step>) -> Self {
        if !way.is_empty() {
            self.finding.data.ways.push(way);
        }
        self
    }

    /// What follows from it.
    pub(super) fn note(mut self, note: impl Into<String>) -> Self {
        self.finding.notes.push(note.into());
        self
    }

    /// What the code's rule would do to deletes of the tables above.
    pub(super) fn further_up(mut self, lines: Vec<String>) -> Self {
        self.finding.data.further_up = lines;
        self.finding.notes.extend(self.finding.data.further_note());
        self
    }

    /// A way out, or a question.
    pub(super) fn help(mut self, help: impl Into<String>) -> Self {
        self.finding.help.push(Help { text: help.into(), changes_source: false });
        self
    }

    /// How to bring the source to the code.
    pub(super) fn help_for_the_source(mut self, help: impl Into<String>) -> Self {
        self.finding.help.push(Help { text: help.into(), changes_source: true });
        self
    }

    /// An edit.
    pub(super) fn suggest(
        mut self,
        message: impl Into<String>,
        span: Span,
        replacement: impl Into<String>,
    ) -> Self {
        self.finding.suggestions.push(Suggestion {
            message: message.into(),
            span,
            replacement: replacement.into(),
        });
        self
    }
}
