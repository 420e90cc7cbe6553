//! The decision tree: which rule fits which rows, and what each choice costs.

use crate::model::DataClass;

/// One way that rows can go.
pub(in super::super) struct Choice {
    /// Continues "rows of this table are".
    pub(super) are: &'static str,
    pub(in super::super) rows: &'static str,
    pub(in super::super) rule: &'static str,
    pub(in super::super) price: &'static str,
}

pub(in super::super) const QUESTION: &str = "What is a child row worth once its parent is gone?";

pub(in super::super) const CHOICES: [Choice; 3] = [
    Choice {
        are: "ephemeral",
        rows: "ephemeral state: logs, acknowledgements, hand-shakes in flight, derived counters, sessions",
        rule: "CASCADE",
        price: "none for such rows; a child of value is lost with its parent, and nothing says so",
    },
    Choice {
        are: "of value",
        rows: "of value: it refers to the parent but should outlive it",
        rule: "SET NULL",
        price: "the column must be nullable, and NULL forgets which parent it was",
    },
    Choice {
        are: "audit evidence",
        rows: "audit or compliance evidence (SOC 2, GDPR records)",
        rule: "RESTRICT, and SET NULL on the deletion path",
        price: "RESTRICT can block a lawful erasure; SET NULL can make the trail anonymous; a copied id without a key is the \
                third way",
    },
];

/// The choice for rows of a stated class.
pub(super) fn choice(class: DataClass) -> &'static Choice {
    match class {
        DataClass::Ephemeral => &CHOICES[0],
        DataClass::Value => &CHOICES[1],
        DataClass::Audit => &CHOICES[2],
    }
}
