//! Tables of cases: what each rule makes of facts and an observation that are made by hand. What a user sees of a rule is its
//! examples, which run in the workspace's tests.

use super::*;
use crate::made::{
    declared, facts, mariadb, observation, observed, on_delete, postgres, span, sqlite, table,
};
use crate::model::{
    Action, Claim, DeclaredKey, Deferrability, EngineFacts, Event, Guard, GuardKind, InForce, Observation,
    ObservedKey, Stated, TableKind,
};

#[expect(clippy::unnecessary_wraps, reason = "what a claim holds")]
fn stated<T>(value: T) -> Option<Stated<T>> {
    Some(Stated { value, span: span(0) })
}

/// `posts(editor_id)`, which takes NULL, to `users`.
fn key(action: Action) -> DeclaredKey {
    on_delete(declared("posts(editor_id)", "users"), action)
}

/// The same with another word in its annotation.
fn with(mut key: DeclaredKey, change: impl FnOnce(&mut Claim)) -> DeclaredKey {
    change(&mut key.claims[0]);
    key
}

fn seen(action: Action, change: impl FnOnce(&mut ObservedKey)) -> Vec<ObservedKey> {
    let mut key = observed("posts(editor_id)", "users", action);
    key.name = Some("posts_editor_id_fkey".to_owned());
    change(&mut key);
    vec![key]
}

/// `rule severity` for each finding.
fn found(key: DeclaredKey, observation: &Observation, strict: bool) -> Vec<String> {
    let tables = vec![table("users", "id"), table("posts", "id, author_id, editor_id?")];
    let mut facts = facts(tables, vec![key]);
    facts.app_turns_keys_on = true;
    let comparison = Comparison::new(&facts, observation, &|_| true, &|_| true);
    let findings = check(&facts, &[comparison], &Levels { strict, ..Levels::default() }).findings;
    let mut found: Vec<String> = findings
        .iter()
        .map(|finding| format!("{} {:?}", finding.rule, finding.severity).to_lowercase())
        .collect();
    found.sort();
    found
}

type Case = (&'static str, EngineFacts, DeclaredKey, Vec<ObservedKey>, &'static [&'static str]);

fn cases() -> Vec<Case> {
    use Action::{Cascade, NoAction, Restrict};
    let set_null = || Action::SetNull(Vec::new());
    let set_default = || Action::SetDefault(Vec::new());
    let same = |action: Action| seen(action, |_| {});
    let force = |change: fn(&mut InForce)| seen(Cascade, |key| change(&mut key.in_force));
    vec![
        ("all is well", postgres(), key(Cascade), same(Cascade), &[]),
        ("another action", postgres(), key(NoAction), same(Cascade), &["fk_on_delete_mismatch deny"]),
        (
            "two words for a plain delete",
            postgres(),
            key(NoAction),
            same(Restrict),
            &["fk_on_delete_mismatch note"],
        ),
        ("one word in InnoDB", mariadb(), key(NoAction), same(Restrict), &[]),
        (
            "SET DEFAULT is stored as RESTRICT",
            mariadb(),
            key(set_default()),
            same(Restrict),
            &["fk_set_default_without_default deny"],
        ),
        (
            "another action on update",
            postgres(),
            with(key(Cascade), |claim| claim.on_update = stated(Restrict)),
            seen(Cascade, |key| key.on_update = Cascade),
            &["fk_on_update_mismatch warn"],
        ),
        (
            "another time of the check",
            sqlite(),
            with(key(Cascade), |claim| claim.deferrability = stated(Deferrability::Deferred)),
            same(Cascade),
            &["fk_deferrability_mismatch warn"],
        ),
        (
            "another name",
            postgres(),
            with(key(Cascade), |claim| claim.name = stated("by_hand".to_owned())),
            same(Cascade),
            &["fk_name_mismatch warn"],
        ),
        (
            "the same name",
            postgres(),
            with(key(Cascade), |claim| claim.name = stated("posts_editor_id_fkey".to_owned())),
            same(Cascade),
            &[],
        ),
        (
            "another parent",
            postgres(),
            key(Cascade),
            seen(Cascade, |key| key.parent = crate::made::name("teams")),
            &["fk_parent_mismatch deny"],
        ),
        (
            "no such key",
            postgres(),
            key(Cascade),
            vec![observed("posts(author_id)", "users", Cascade)],
            &["fk_missing_in_source deny"],
        ),
        (
            "a key where none should be",
            postgres(),
            with(key(Cascade), |claim| {
                (claim.parent, claim.on_delete) = (None, None);
                claim.none = Some(span(0));
            }),
            same(Cascade),
            &["fk_unexpected_key deny"],
        ),
        (
            "SET NULL on NOT NULL",
            postgres(),
            key(set_null()),
            seen(set_null(), |key| key.columns[0].nullable = false),
            &["fk_set_null_not_nullable deny"],
        ),
        (
            "SET NULL on what is generated",
            postgres(),
            key(set_null()),
            seen(set_null(), |key| key.columns[0].generated = true),
            &["fk_set_null_generated deny"],
        ),
        (
            "SET DEFAULT without one",
            postgres(),
            key(set_default()),
            seen(set_default(), |key| key.columns[0].nullable = false),
            &["fk_set_default_without_default deny"],
        ),
        (
            "SET DEFAULT with one",
            postgres(),
            key(set_default()),
            seen(set_default(), |key| key.columns[0].has_default = true),
            &[],
        ),
        (
            "NOT VALID",
            postgres(),
            key(Cascade),
            force(|force| force.validated = false),
            &["fk_not_validated warn"],
        ),
        (
            "NOT ENFORCED",
            postgres(),
            key(Cascade),
            force(|force| force.enforced = false),
            &["fk_not_enforced deny"],
        ),
        (
            "its triggers are disabled",
            postgres(),
            key(Cascade),
            force(|force| force.action_enabled = false),
            &["fk_not_enforced deny"],
        ),
        (
            "its parent has no such key",
            sqlite(),
            key(Cascade),
            force(|force| force.has_parent_key = false),
            &["fk_not_enforced deny"],
        ),
        (
            "its parent has lost the index",
            mariadb(),
            key(Cascade),
            force(|force| force.has_parent_key = false),
            &["fk_not_enforced deny"],
        ),
        (
            "its parent's index isn't unique",
            mariadb(),
            key(Cascade),
            force(|force| force.parent_is_unique = false),
            &["fk_not_enforced warn"],
        ),
        (
            "it is off in a partition of the child, and in one of the parent",
            postgres(),
            key(Cascade),
            seen(Cascade, |key| {
                key.check_disabled_in = vec![crate::made::name("posts_1")];
                key.action_disabled_in = vec![crate::made::name("users_1")];
            }),
            &["fk_not_enforced deny", "fk_not_enforced deny"],
        ),
        (
            "a partition's own key acts first",
            postgres(),
            key(Cascade),
            with_a_part(NoAction, 0),
            &["fk_partition_differs deny"],
        ),
        ("a partition's own key acts afterwards", postgres(), key(Cascade), with_a_part(NoAction, 2), &[]),
        ("a partition's own key does the same", postgres(), key(Cascade), with_a_part(Cascade, 0), &[]),
        (
            "SET NULL and a CHECK that takes none",
            postgres(),
            key(set_null()),
            seen(set_null(), |key| key.guards = vec![guard(GuardKind::NotNull)]),
            &["fk_set_null_not_nullable deny"],
        ),
        (
            "SET NULL and a CHECK that may take it",
            postgres(),
            key(set_null()),
            seen(set_null(), |key| key.guards = vec![guard(GuardKind::Check)]),
            &[],
        ),
        (
            "no index",
            postgres(),
            key(Cascade),
            seen(Cascade, |key| key.covering_index = Some(false)),
            &["fk_missing_index warn"],
        ),
        (
            "refused and taken by order",
            postgres(),
            key(Cascade),
            [same(Cascade), vec![observed("posts(author_id)", "users", Restrict)]].concat(),
            &["fk_order_dependent_delete warn"],
        ),
        (
            "whether there is an index isn't told",
            postgres(),
            key(Cascade),
            seen(Cascade, |key| key.covering_index = None),
            &[],
        ),
    ]
}

/// The key, and one that a partition of the table has of its own.
fn with_a_part(action: Action, firing_order: u64) -> Vec<ObservedKey> {
    let mut keys = seen(Action::Cascade, |key| key.firing_order = 1);
    let mut part = ObservedKey { firing_order, on_delete: action, ..keys[0].clone() };
    part.whole = Some(part.key.table.clone());
    part.key.table = crate::made::name("posts_1");
    keys.push(part);
    keys
}

fn guard(kind: GuardKind) -> Guard {
    let columns = vec!["editor_id".to_owned()];
    Guard { event: Event::Delete, kind, name: Some("filled".to_owned()), columns }
}

#[test]
fn each_rule_finds_what_it_is_for_and_nothing_else() {
    let wrong: Vec<String> = cases()
        .into_iter()
        .map(|(case, engine, key, keys, expected)| {
            (case, found(key, &observation(engine, keys), false), expected)
        })
        .filter(|(_, found, expected)| found != expected)
        .map(|(case, found, expected)| format!("{case}: {found:?}, expected {expected:?}"))
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn strict_makes_a_mismatch_of_a_note() {
    let observation = observation(postgres(), seen(Action::Restrict, |_| {}));
    assert_eq!(found(key(Action::NoAction), &observation, true), ["fk_on_delete_mismatch deny"]);
}

#[test]
fn a_table_that_keeps_no_keys_is_told_once() {
    let mut observation =
        observation(mariadb(), vec![observed("posts(author_id)", "users", Action::Cascade)]);
    observation.keys.clear();
    for table in &mut observation.tables {
        table.storage = Some("MyISAM".to_owned());
    }
    assert_eq!(found(key(Action::Cascade), &observation, false), ["fk_not_enforced deny"]);
    for table in &mut observation.tables {
        table.storage = Some("innodb".to_owned());
    }
    assert_eq!(found(key(Action::Cascade), &observation, false), ["fk_missing_in_source deny"]);
    assert_eq!(observation.tables[0].kind, TableKind::Table);
}

#[test]
fn what_the_server_switches_off_is_told_once() {
    let engine =
        EngineFacts { disabled_by: vec!["session_replication_role = replica".to_owned()], ..postgres() };
    let observation = observation(engine, seen(Action::Cascade, |_| {}));
    assert_eq!(found(key(Action::Cascade), &observation, false), ["fk_not_enforced deny"]);
}

/// Every rule that looks at a source is in the tables above, or here with the reason.
#[test]
fn no_rule_on_a_source_is_left_out() {
    let elsewhere = [
        "fk_orphans",           // wants counted rows: `tests/suite/orphans.rs`
        "fk_joinable_mismatch", // wants `joinable!`: its examples
        "fk_unknown_parent",    // wants unresolved names: its examples
        "fk_data_class",        // wants a class: its examples
        "fk_undeclared",        // wants a model: its examples
        "fk_cascade_blocked", // want a third table, or a word in the code: their examples, `tests/suite/hazards.rs`
        "fk_cascade_too_deep",
        "fk_cascade_cycle",
        "fk_shadowed_rule",
        "fk_actor_cascade",
        "fk_delete_unhandled", // want functions: their examples, `tests/suite/deletes.rs`
        "fk_delete_cascades",
        "fk_dead_delete",
    ];
    let expected: Vec<&str> = cases()
        .iter()
        .flat_map(|case| case.4)
        .map(|text| text.split(' ').next().unwrap_or_default())
        .collect();
    for rule in ALL.iter().filter(|rule| rule.source.is_some()) {
        let name = rule.name();
        assert!(expected.contains(&name) != elsewhere.contains(&name), "{name}");
    }
}
