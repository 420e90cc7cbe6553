//! Tables of cases: what is paired, and what agrees.

use super::*;
use crate::made::{declared, facts, mariadb, observation, observed, on_delete, postgres, sqlite, table};
use crate::model::{Action, Deferrability, Hidden, ObservedTable};

fn users_and_posts() -> Vec<Table> {
    vec![table("users", "id"), table("posts", "id, author_id, editor_id?")]
}

/// What is seen of the only declared key, in a word.
fn seen(facts: &Facts, observation: &Observation) -> &'static str {
    let comparison = Comparison::new(facts, observation, &|_| true, &|_| true);
    assert_eq!(comparison.pairs.len(), 1);
    match &comparison.pairs[0].seen {
        Seen::Keys(keys) if keys.len() == 1 => "key",
        Seen::Keys(_) => "keys",
        Seen::OtherParent(_) => "other parent",
        Seen::Absent(Some(_)) => "no key",
        Seen::Absent(None) => "no table",
        Seen::Unknown(NotKnown::Hidden(_)) => "hidden",
        Seen::Unknown(NotKnown::Doubted(_)) => "doubted",
        Seen::Unknown(NotKnown::OfPartition) => "of partition",
    }
}

#[test]
fn names_that_the_engine_cuts_are_the_same() {
    let name = |letter: &str, bytes: usize| letter.repeat(bytes / letter.len());
    for (letter, kept) in [("n", 63), ("é", 62)] {
        let (long, cut) = (name(letter, 80), name(letter, kept));
        let tables = vec![table("users", "id"), table(&long, &format!("id, {long}"))];
        let facts = facts(tables, vec![declared(&format!("{long}({long})"), "users")]);
        let key = observed(&format!("{cut}({cut})"), "users", Action::Cascade);
        assert_eq!(seen(&facts, &observation(postgres(), vec![key.clone()])), "key");
        assert_eq!(seen(&facts, &observation(sqlite(), vec![key])), "no table");
    }
}

#[test]
fn a_key_is_found_by_table_and_columns() {
    let facts = facts(users_and_posts(), vec![declared("posts(author_id)", "users")]);
    let key = |child: &str, parent: &str| observed(child, parent, Action::Cascade);
    for (engine, keys, expected) in [
        (postgres(), vec![key("posts(author_id)", "users")], "key"),
        (postgres(), vec![key("public.posts(author_id)", "public.users")], "key"),
        (postgres(), vec![key("other.posts(author_id)", "other.users")], "no table"),
        (postgres(), vec![key("Posts(author_id)", "users")], "no table"),
        (sqlite(), vec![key("Posts(Author_ID)", "USERS")], "key"),
        (mariadb(), vec![key("posts(AUTHOR_ID)", "users")], "key"),
        (postgres(), vec![key("posts(editor_id)", "users")], "no key"),
        (postgres(), vec![key("posts(author_id, editor_id)", "users")], "no key"),
        (postgres(), vec![key("posts(author_id)", "teams")], "other parent"),
        (postgres(), vec![key("posts(author_id)", "teams"), key("posts(author_id)", "users")], "key"),
        (postgres(), vec![key("posts(author_id)", "users"), key("posts(author_id)", "users")], "keys"),
        (postgres(), Vec::new(), "no table"),
    ] {
        let observation = observation(engine, keys);
        assert_eq!(seen(&facts, &observation), expected, "{:?}", observation.keys);
    }
}

#[test]
fn what_was_not_seen_whole_is_unknown() {
    let facts = facts(users_and_posts(), vec![declared("posts(author_id)", "users")]);
    let mut observation =
        observation(postgres(), vec![observed("posts(editor_id)", "users", Action::Cascade)]);
    let unseen = Unseen { what: Hidden::Keys(1), database: "app".to_owned(), grant: "GRANT ..".to_owned() };
    observation.visibility = Visibility::Partial(unseen);
    assert_eq!(seen(&facts, &observation), "hidden");

    let doubt = |tables| Doubt { why: "a DO block".to_owned(), tables, origin: None };
    for (tables, expected) in [
        (None, "doubted"),
        (Some(vec![TableName::bare("posts")]), "doubted"),
        (Some(vec![TableName::bare("users")]), "no key"),
    ] {
        observation.visibility = Visibility::Except(vec![doubt(tables)]);
        assert_eq!(seen(&facts, &observation), expected);
    }

    observation.visibility = Visibility::Whole;
    let partition = |table: &mut ObservedTable| table.kind = TableKind::Partition;
    observation.tables.iter_mut().filter(|table| table.name.name == "posts").for_each(partition);
    assert_eq!(seen(&facts, &observation), "of partition");
}

#[test]
fn undeclared_is_what_no_annotation_speaks_of() {
    let facts = facts(users_and_posts(), vec![declared("posts(author_id)", "users")]);
    let mut of_extension = observed("posts(id)", "users", Action::Cascade);
    of_extension.extension = Some("audit".to_owned());
    let keys = vec![
        observed("posts(author_id)", "users", Action::Cascade),
        observed("posts(author_id)", "teams", Action::Cascade),
        observed("posts(editor_id)", "users", Action::Cascade),
        observed("stars(user_id)", "users", Action::Cascade),
        of_extension,
    ];
    let observation = observation(postgres(), keys);
    let comparison =
        Comparison::new(&facts, &observation, &|_| true, &|table| table.name.as_str() != "stars");
    let undeclared: Vec<String> =
        comparison.undeclared.iter().map(|key| format!("{} → {}", key.key, key.parent)).collect();
    assert_eq!(undeclared, ["posts.author_id → teams", "posts.editor_id → users"]);
}

#[test]
fn actions_agree_as_the_engine_behaves() {
    use Agreement::{AlikeForPlainDeletes, Differs, Same};
    let actions = [Action::NoAction, Action::Restrict, Action::Cascade, Action::SetNull(Vec::new())];
    for (engine, deferrable, no_action_beside_restrict) in [
        (postgres(), false, AlikeForPlainDeletes),
        (postgres(), true, Differs),
        (sqlite(), false, AlikeForPlainDeletes),
        (sqlite(), true, Differs),
        (mariadb(), false, Same),
    ] {
        for (at, stated) in actions.iter().enumerate() {
            for (other, shown) in actions.iter().enumerate() {
                let facts = facts(
                    users_and_posts(),
                    vec![on_delete(declared("posts(author_id)", "users"), stated.clone())],
                );
                let mut key = observed("posts(author_id)", "users", shown.clone());
                if deferrable {
                    key.deferrability = Deferrability::Deferred;
                }
                let observation = observation(engine.clone(), vec![key]);
                let comparison = Comparison::new(&facts, &observation, &|_| true, &|_| true);
                let pair = &comparison.pairs[0];
                let agreement = comparison.on_delete(pair.declared, pair.observed().expect("found"));
                let expected = match (at, other) {
                    (at, other) if at == other => Same,
                    (0, 1) | (1, 0) => no_action_beside_restrict,
                    _ => Differs,
                };
                assert_eq!(agreement, Some(expected), "{stated} {shown} {engine:?}");
            }
        }
    }
}
