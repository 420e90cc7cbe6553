//! Tables of cases: which keys are changed, to what, and what stands in the way.

use super::*;
use crate::collect::Facts;
use crate::compare::Comparison;
use crate::finding::{Finding, Moved};
use crate::made::{declared, facts, mariadb, observation, observed, on_delete, postgres, sqlite, table};
use crate::model::{Action, EngineFacts, Observation, ObservedKey};
use crate::rules::{self, Levels};

fn code(action: Action) -> Facts {
    let tables = vec![table("users", "id"), table("posts", "id, author_id, editor_id?")];
    facts(tables, vec![on_delete(declared("posts(author_id)", "users"), action)])
}

fn shown(engine: EngineFacts, action: Action) -> Observation {
    observation(engine, vec![observed("posts(author_id)", "users", action)])
}

fn compared<'a>(facts: &'a Facts, observation: &'a Observation) -> Vec<Comparison<'a>> {
    vec![Comparison::new(facts, observation, &|_| true, &|_| true)]
}

fn found(facts: &Facts, comparisons: &[Comparison<'_>]) -> Vec<Finding> {
    rules::check(facts, comparisons, &Levels::default()).findings
}

#[test]
fn a_key_is_named_as_findings_write_it() {
    let key = crate::made::key("line_items(order_id, region)");
    for written in
        ["line_items.(order_id, region)", "line_items(order_id,region)", "line_items.(order_id,region)"]
    {
        assert!(is_named(&key, written), "{written}");
    }
    for written in ["line_items.order_id", "line_items.(region, order_id)", "line_items", ""] {
        assert!(!is_named(&key, written), "{written}");
    }
}

#[test]
fn what_differs_is_a_candidate_and_becomes_what_the_code_says() {
    for (engine, code_says, source_shows, becomes) in [
        (postgres(), Action::Restrict, Action::Cascade, Some(Action::Restrict)),
        (postgres(), Action::Cascade, Action::Cascade, None),
        // A note is for nobody to fix, unless it is named.
        (postgres(), Action::NoAction, Action::Restrict, None),
        (mariadb(), Action::NoAction, Action::Restrict, None),
        (sqlite(), Action::Cascade, Action::NoAction, Some(Action::Cascade)),
    ] {
        let facts = code(code_says.clone());
        let observation = shown(engine, source_shows.clone());
        let comparisons = compared(&facts, &observation);
        let findings = found(&facts, &comparisons);
        let candidates = candidates(&facts, &comparisons, &findings, &[]);
        let changes: Vec<Action> = candidates
            .iter()
            .filter_map(|candidate| Some(candidate.change.as_ref().ok()?.to.on_delete.clone()))
            .collect();
        assert_eq!(changes, becomes.into_iter().collect::<Vec<_>>(), "{code_says} {source_shows}");
    }
}

#[test]
fn a_rule_that_begins_to_lose_data_wants_to_be_allowed() {
    for (code_says, source_shows, loses) in [
        (Action::Cascade, Action::NoAction, true),
        (Action::Cascade, Action::SetNull(Vec::new()), true),
        (Action::SetNull(Vec::new()), Action::Cascade, true),
        (Action::Restrict, Action::Cascade, false),
    ] {
        let facts = code(code_says.clone());
        let observation = shown(postgres(), source_shows.clone());
        let comparisons = compared(&facts, &observation);
        let findings = found(&facts, &comparisons);
        let candidates = candidates(&facts, &comparisons, &findings, &[]);
        let [candidate] = &candidates[..] else { panic!("one candidate") };
        assert_eq!(data_loss(candidate, &[]).is_some(), loses, "{code_says} {source_shows}");
        assert_eq!(data_loss(candidate, &["posts.author_id".to_owned()]), None);
    }
}

/// Why the only candidate isn't changed by a migration.
fn obstacle(facts: &Facts, key: ObservedKey, moved: Option<Moved>) -> Option<String> {
    let observation = observation(postgres(), vec![key]);
    let comparisons = compared(facts, &observation);
    let mut findings = found(facts, &comparisons);
    for finding in &mut findings {
        finding.data.moved = moved;
    }
    let candidates = candidates(facts, &comparisons, &findings, &[]);
    let [candidate] = &candidates[..] else { panic!("one candidate") };
    by_migration(candidate, facts)
}

#[test]
fn obstacles_are_told() {
    let key = |change: fn(&mut ObservedKey)| {
        let mut key = observed("posts(author_id)", "users", Action::Cascade);
        change(&mut key);
        key
    };
    let set_null = Action::SetNull(Vec::new());
    for (code_says, key, moved, why) in [
        (Action::Restrict, key(|_| ()), None, None),
        (Action::Restrict, key(|_| ()), Some(Moved::NotApplied), Some("there and not applied")),
        // `author_id` isn't `Nullable` in the code.
        (set_null.clone(), key(|_| ()), None, Some("doesn't take NULL")),
        (set_null, key(|key| key.columns[0].generated = true), None, Some("is generated")),
    ] {
        let obstacle = obstacle(&code(code_says.clone()), key, moved);
        assert_eq!(obstacle.is_some(), why.is_some(), "{code_says}: {obstacle:?}");
        assert!(obstacle.unwrap_or_default().contains(why.unwrap_or_default()), "{code_says}");
    }
}
