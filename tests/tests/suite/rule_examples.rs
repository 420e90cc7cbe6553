//! Every rule's own examples: the wrong one breaks it and the right one breaks nothing, through the real command on a
//! real database.

use fkcheck_core::rules::{self, Rule};
use fkcheck_tests::run_example;

fn check_examples(rule: &Rule) {
    if let Some(wrong) = run_example(&rule.wrong, rule.wrong.engine) {
        assert!(
            wrong.rules().iter().any(|broken| broken == rule.name()),
            "{} finds nothing: {wrong:?}",
            rule.name()
        );
    }
    if let Some(right) = run_example(&rule.right, rule.right.engine) {
        assert_eq!(right.rules(), [""; 0], "{}: {right:?}", rule.name());
        assert_eq!(right.code, 0, "{}: {right:?}", rule.name());
    }
}

#[test]
fn every_example_does_what_it_says() {
    for rule in rules::ALL {
        check_examples(rule);
    }
}

#[test]
fn the_grammar_knows_every_rule() {
    let names: Vec<&str> = rules::ALL.iter().map(|rule| rule.name()).collect();
    assert_eq!(names, fkcheck_core::model::RuleId::names().collect::<Vec<_>>());
}
