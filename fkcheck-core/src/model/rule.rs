//! The rules by name: the one list of them.

use std::fmt;

/// Hands the list of rules to a macro. A rule is a line here and a file of that name in `rules/`, and nothing else.
macro_rules! with_rules {
    ($then:ident) => {
        $then! {
            fk_on_delete_mismatch,
            fk_on_update_mismatch,
            fk_deferrability_mismatch,
            fk_missing_in_source,
            fk_parent_mismatch,
            fk_conflicting_declarations,
            fk_undeclared,
            fk_unexpected_key,
            fk_name_mismatch,
            fk_unknown_table,
            fk_unknown_column,
            fk_unknown_parent,
            fk_set_null_not_nullable,
            fk_set_default_without_default,
            fk_set_null_generated,
            fk_type_mismatch,
            fk_joinable_mismatch,
            fk_not_validated,
            fk_not_enforced,
            fk_partition_differs,
            fk_orphans,
            fk_missing_index,
            fk_data_class,
            fk_order_dependent_delete,
            fk_cascade_blocked,
            fk_cascade_too_deep,
            fk_cascade_cycle,
            fk_shadowed_rule,
            fk_actor_cascade,
            fk_delete_unhandled,
            fk_delete_cascades,
            fk_dead_delete,
            fk_unused_allow,
            fk_stale_baseline,
        }
    };
}
#[cfg(feature = "collect")]
pub(crate) use with_rules;

macro_rules! rule_ids {
    ($($rule:ident),* $(,)?) => {
        /// A rule, by the name that users write.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[expect(non_camel_case_types, reason = "spelt as users spell them")]
        #[expect(missing_docs, reason = "the rule's own file says what it is")]
        #[non_exhaustive]
        pub enum RuleId {
            $($rule),*
        }

        impl RuleId {
            /// All of them, by group.
            pub const ALL: &[RuleId] = &[$(RuleId::$rule),*];

            /// `fk_on_delete_mismatch`
            pub fn name(self) -> &'static str {
                match self {
                    $(RuleId::$rule => stringify!($rule)),*
                }
            }
        }
    };
}
with_rules!(rule_ids);

impl RuleId {
    /// The rule of this name.
    pub fn named(name: &str) -> Option<RuleId> {
        RuleId::ALL.iter().copied().find(|rule| rule.name() == name)
    }

    /// The names of all rules.
    pub fn names() -> impl Iterator<Item = &'static str> {
        RuleId::ALL.iter().map(|rule| rule.name())
    }
}

impl fmt::Display for RuleId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}
