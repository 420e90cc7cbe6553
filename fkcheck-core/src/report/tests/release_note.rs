//! The audit as a tracker's entry.

use insta::assert_snapshot;

use super::outcomes::{billing, with_sql};
use super::titled;
use crate::finding::Finding;
use crate::model::DataClass;
use crate::outcome::{Counts, Outcome};
use crate::report::Format;

const MARKER: &str = "<!-- db-audit:kind=fk_on_delete_mismatch -->";

fn note(outcome: &Outcome, title: &str) -> String {
    titled(outcome, title, Format::Markdown)
}

#[test]
fn the_note() {
    assert_snapshot!("release_note", note(&with_sql(), ""));
}

#[test]
fn it_counts_keys_and_takes_a_title() {
    let mut outcome = billing();
    outcome.findings.truncate(1);
    let first = |title: &str| note(&outcome, title).lines().next().unwrap_or_default().to_owned();
    assert_eq!(first(""), "# [Database] Reconcile 1 foreign-key delete-rule mismatch");
    assert_eq!(first("  "), first(""));
    assert_eq!(first(" Keys of v2 "), "# Keys of v2");
    assert!(first(&"x".repeat(1 << 20)).len() < 300);
    assert!(note(&outcome, "x").contains(&format!("\n{MARKER}\n")));
}

/// Nothing found is not nothing wrong, where nothing was compared.
#[test]
fn without_a_mismatch_it_says_what_was_known() {
    let end = |declared, paired| {
        let counts = Counts { declared, paired, observed: 3, ..Counts::default() };
        note(&Outcome { counts, ..Outcome::default() }, "")
    };
    assert_snapshot!(end(3, 0), @r"
    # [Database] Foreign-key delete rules could not all be checked

    <!-- db-audit:kind=fk_on_delete_mismatch -->

    The audit could not tell whether the delete rules of the code are those of the database.

    3 foreign keys declared, 3 observed, 0 compared, 0 undeclared, 0 skipped.

    ## Not known

    - could not know: nothing was compared
    ");
    assert_snapshot!(end(3, 3), @r"
    # [Database] Reconcile 0 foreign-key delete-rule mismatches

    <!-- db-audit:kind=fk_on_delete_mismatch -->

    The audit found no foreign-key delete-rule mismatch in what it compared: all 3 declared keys agree.

    3 foreign keys declared, 3 observed, 3 compared, 0 undeclared, 0 skipped.
    ");
}

#[test]
fn a_stated_class_is_named_with_its_price() {
    let mut outcome = billing();
    outcome.findings[0].data.class = Some(DataClass::Audit);
    let note = note(&outcome, "");
    assert!(
        note.contains("The code says that rows of `batch_jobs` are audit evidence, and the decision tree says **RESTRICT"),
        "{note}"
    );
    assert_eq!(note.matches("can block a lawful erasure").count(), 2, "in the tree and at the key");
}

/// A tracker refuses what is too long.
#[test]
fn an_entry_has_room_for_so_much_and_says_what_it_left_out() {
    let mut outcome = with_sql();
    let finding = outcome.findings[0].clone();
    let other = outcome.findings[2].clone();
    outcome.findings = [vec![finding; 1_000], vec![other.clone(); 1_000]].concat();
    outcome.problems = vec![outcome.problems[0].clone(); 1_000];
    outcome.proposals = vec![outcome.proposals[0].clone(); 1_000];
    let long = note(&outcome, "");
    assert!(long.len() < 1 << 16 && long.len() > 50 << 10, "{}", long.len());
    for what in ["problems", "keys", "migrations", "findings"] {
        assert!(long.contains(&format!(" more {what} left out: ")), "{what}");
    }
    assert!(long.contains("## Decision tree"));

    outcome.findings = vec![Finding { message: "x".repeat(1 << 20), ..other }];
    assert!(note(&outcome, "").len() < 1 << 16);
}
