//! The job's summary.

use insta::assert_snapshot;

use super::outcomes::billing;
use super::rendered;
use crate::finding::Finding;
use crate::outcome::{Outcome, Problem};
use crate::report::{Format, Style};

fn markdown(outcome: &Outcome) -> String {
    rendered(outcome, Format::Markdown, &Style::PLAIN)
}

#[test]
fn the_page() {
    assert_snapshot!("markdown", markdown(&billing()));
}

/// GitHub drops a summary of more than 1 MiB whole.
#[test]
fn a_page_has_room_for_so_much_and_says_what_it_left_out() {
    let mut outcome = billing();
    let finding = outcome.findings[0].clone();
    for (findings, problems) in [(1_500, 1), (20_000, 1), (1, 20_000), (20_000, 20_000)] {
        outcome.findings = vec![finding.clone(); findings];
        outcome.problems = vec![outcome.problems[0].clone(); problems];
        let page = markdown(&outcome);
        assert!(page.len() < 1 << 20 && page.len() > 200 << 10, "{}", page.len());
        assert_eq!(page.contains(" more findings left out: "), findings == 20_000);
        assert_eq!(page.contains(" more details left out: "), findings > 1);
        assert_eq!(page.contains(" more problems left out: "), problems > 1);
    }

    let huge = "x".repeat(2 << 20);
    outcome.findings = vec![Finding { message: huge.clone(), ..finding.clone() }, finding];
    outcome.problems = vec![Problem { message: huge, label: None, help: Vec::new() }];
    let page = markdown(&outcome);
    assert!(page.len() < 1000 && page.contains("2 more findings left out"), "{page}");
}
