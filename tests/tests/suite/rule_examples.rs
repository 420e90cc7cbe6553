//! Every rule's own examples: the wrong one breaks it and the right one breaks nothing, through the real command on a
//! real database.

use fkcheck_core::rules::{self, Rule};
use fkcheck_tests::run_example;

fn check_examples(rule: &Rule) {
    if let Some(wrong) = run_example(rule, &rule.wrong, rule.wrong.engine) {
        assert!(
            wrong.rules().iter().any(|broken| broken == rule.name()),
            "{} finds nothing: {wrong:?}",
            rule.name()
        );
    }
    if let Some(right) = run_example(rule, &rule.right, rule.right.engine) {
        assert_eq!(right.rules(), [""; 0], "{}: {right:?}", rule.name());
        assert_eq!(right.code, 0, "{}: {right:?}", rule.name());
    }
}

/// A test for each rule, by its name.
macro_rules! examples {
    ($($rule:ident)*) => {
        $(
            #[test]
            fn $rule() {
                check_examples(rules::by_name(stringify!($rule)).expect("a rule"));
            }
        )*

        #[test]
        fn every_rule_is_listed() {
            let names: Vec<&str> = rules::ALL.iter().map(|rule| rule.name()).collect();
            assert_eq!(names, [$(stringify!($rule)),*]);
        }
    };
}
examples! {
    fk_on_delete_mismatch
    fk_on_update_mismatch
    fk_deferrability_mismatch
    fk_missing_in_source
    fk_parent_mismatch
    fk_conflicting_declarations
    fk_undeclared
    fk_unexpected_key
    fk_name_mismatch
    fk_unknown_table
    fk_unknown_column
    fk_unknown_parent
    fk_set_null_not_nullable
    fk_set_default_without_default
    fk_set_null_generated
    fk_type_mismatch
    fk_joinable_mismatch
    fk_not_validated
    fk_not_enforced
    fk_partition_differs
    fk_orphans
    fk_missing_index
    fk_data_class
    fk_order_dependent_delete
    fk_cascade_blocked
    fk_cascade_too_deep
    fk_cascade_cycle
    fk_shadowed_rule
    fk_actor_cascade
    fk_delete_unhandled
    fk_delete_cascades
    fk_dead_delete
    fk_unused_allow
    fk_stale_baseline
}

#[test]
fn the_grammar_knows_every_rule() {
    let names: Vec<&str> = rules::ALL.iter().map(|rule| rule.name()).collect();
    assert_eq!(names, fkcheck_core::model::RuleId::names().collect::<Vec<_>>());
}
