//! Round trips, merges and slips.

use super::*;
use crate::model::{
    Action, ColumnFacts, Deferrability, Doubt, Engine, EngineFacts, Event, Guard, GuardKind, Hook, HookKind,
    IdentifierCase, InForce, KeyName, MatchType, NoActionCheck, NullingNotNull, Observation, ObservedKey,
    ObservedTable, Outside, RestrictMeaning, RowsFirst, SetDefaultMeaning, SourceKind, TableKind, TableName,
    Visibility, WithoutParentKey,
};

fn key(table: &str, column: &str, on_delete: Action) -> ObservedKey {
    ObservedKey {
        key: KeyName { table: TableName::bare(table), columns: vec![column.to_owned()] },
        name: Some(format!("{table}_{column}_fkey")),
        parent: TableName::bare("users"),
        parent_columns: vec!["id".to_owned()],
        on_delete,
        on_update: Action::NoAction,
        deferrability: Deferrability::NotDeferrable,
        match_type: MatchType::Simple,
        columns: vec![ColumnFacts { nullable: true, has_default: false, generated: false }],
        child_kind: TableKind::Table,
        covering_index: Some(true),
        child_rows: Some(17),
        in_force: InForce::YES,
        firing_order: 0,
        check_disabled_in: Vec::new(),
        action_disabled_in: Vec::new(),
        whole: None,
        guards: Vec::new(),
        extension: None,
        origin: None,
    }
}

fn hooked() -> ObservedTable {
    let hook = |kind, event, columns: &[&str]| Hook {
        kind,
        event,
        name: "au\"dit (x)".to_owned(),
        columns: columns.iter().map(|&column| column.to_owned()).collect(),
    };
    ObservedTable {
        inherits: vec![TableName::qualified("We ird", "a,b"), TableName::bare("posts")],
        hooks: vec![
            hook(HookKind::Before, Event::Delete, &[]),
            hook(HookKind::After, Event::Update, &["a", "b c"]),
            hook(HookKind::Rule, Event::Update, &[]),
            hook(HookKind::Swallows, Event::Delete, &[]),
        ],
        ..ObservedTable::new(TableName::bare("hooked"), TableKind::Table)
    }
}

fn observation(keys: Vec<ObservedKey>) -> Observation {
    let table = |name: &str| ObservedTable::new(TableName::bare(name), TableKind::Table);
    Observation {
        source: SourceKind::Database,
        database: None,
        label: "PostgreSQL 15.18, database app".to_owned(),
        engine: EngineFacts {
            kind: Engine::Postgres,
            version: "15.18".to_owned(),
            default_schemas: vec!["public".to_owned()],
            table_case: IdentifierCase::Exact,
            column_case: IdentifierCase::Exact,
            restrict: RestrictMeaning::DiffersWhenDeferrable,
            set_default: SetDefaultMeaning::Works,
            nulling_not_null: NullingNotNull::DeleteFails,
            indexes_keys: false,
            longest_name: Some(63),
            change_advice: "",
            acting_order: "",
            looks_last: None,
            keys_off_by_default: false,
            names_constraints: true,
            storages_with_keys: None,
            no_action: NoActionCheck::InTurn,
            most_cascades: None,
            without_parent_key: WithoutParentKey::NothingHappens,
            cascades_set_off_triggers: true,
            keeps_match_full: true,
            rows_first: RowsFirst::All,
            disabled_by: Vec::new(),
        },
        keys,
        tables: vec![table("users"), table("posts")],
        visibility: Visibility::Whole,
        remarks: Vec::new(),
        members: Vec::new(),
        hooks_unseen: None,
        outside: Outside::default(),
        definitions: None,
        last_migration: None,
    }
}

/// What must survive: everything but what a snapshot leaves out on purpose.
fn essence(observations: &[Observation]) -> String {
    let mut all = Vec::new();
    for observation in observations {
        let mut keys = observation.keys.clone();
        for key in &mut keys {
            key.child_rows = None;
        }
        keys.sort_by(|left, right| (&left.key, &left.name).cmp(&(&right.key, &right.name)));
        let mut tables = observation.tables.clone();
        tables.sort_by(|left, right| left.name.cmp(&right.name));
        all.push(format!(
            "{:?} {} {:?} {keys:?} {tables:?}",
            observation.database, observation.engine.kind, observation.engine.default_schemas
        ));
    }
    all.join("\n")
}

/// What `merge=union` makes of two files: the lines of both.
fn union(ours: &str, theirs: &str) -> String {
    let lines: Vec<&str> = ours.lines().chain(theirs.lines().filter(|line| !ours.contains(line))).collect();
    lines.join("\n") + "\n"
}

fn odd_keys() -> Vec<ObservedKey> {
    let mut composite = key("line items", "order \"id\"", Action::SetNull(vec!["b\\c".to_owned()]));
    composite.key.columns.push("b\\c".to_owned());
    composite.parent = TableName::qualified("We ird", "Pa\"rent\n::error::\u{1b}[31m");
    composite.parent_columns = vec!["日本".to_owned(), "x=y".to_owned()];
    composite.columns.push(ColumnFacts { nullable: true, has_default: true, generated: true });
    composite.deferrability = Deferrability::Deferred;
    composite.match_type = MatchType::Full;
    composite.child_kind = TableKind::Partitioned;
    composite.covering_index = None;
    composite.in_force = InForce {
        validated: false,
        enforced: false,
        check_enabled: false,
        action_enabled: false,
        has_parent_key: false,
        parent_is_unique: false,
    };
    composite.check_disabled_in = vec![TableName::qualified("We ird", "part,1")];
    composite.action_disabled_in = vec![TableName::bare("p1"), TableName::bare("p(2)")];
    composite.whole = Some(TableName::bare("all of it"));
    let guard = |kind, name: Option<&str>| Guard {
        event: if kind == GuardKind::Room { Event::Update } else { Event::Delete },
        kind,
        name: name.map(str::to_owned),
        columns: vec!["b\\c".to_owned()],
    };
    composite.guards = vec![
        guard(GuardKind::NotNull, Some("a check")),
        guard(GuardKind::Check, None),
        guard(GuardKind::Unique, Some("u")),
        guard(GuardKind::UniqueNull, Some("u(n)")),
        guard(GuardKind::PartitionKey, Some("t")),
        guard(GuardKind::Room, None),
    ];
    let mut twice = key("posts", "author_id", Action::Cascade);
    twice.name = None;
    twice.firing_order = 0;
    let mut again = key("posts", "author_id", Action::SetDefault(vec![]));
    again.name = None;
    again.firing_order = 1;
    vec![composite, twice, again, key("posts", "editor_id", Action::Restrict)]
}

#[test]
fn what_is_written_is_read_again() {
    let mut named = observation(odd_keys());
    named.database = Some("main db".to_owned());
    named.tables.push(hooked());
    let observations = [observation(odd_keys()), named];
    let text = write(&observations);
    assert!(text.contains("\nformat 3\n") && write(&[observation(Vec::new())]).contains("\nformat 1\n"));
    let snapshot = read(&text).expect("it reads");
    assert!(!snapshot.merged);
    assert_eq!(essence(&snapshot.observations), essence(&observations));
    assert_eq!(write(&snapshot.observations), text, "and written again it is the same");
    assert!(!text.contains('\u{1b}'));
}

#[test]
fn a_union_merge_is_read_and_two_lines_for_one_key_are_not() {
    let base = || vec![key("posts", "author_id", Action::Cascade)];
    let with = |other: ObservedKey| {
        let mut keys = base();
        keys.push(other);
        write(&[observation(keys)])
    };
    let (ours, theirs) = (with(key("a", "x", Action::Cascade)), with(key("z", "x", Action::Restrict)));
    let both = union(&ours, &theirs);
    let merged = read(&both).expect("a merge reads");
    assert!(merged.merged);
    assert_eq!(merged.observations[0].keys.len(), 3);

    let changed = write(&[observation(vec![key("posts", "author_id", Action::Restrict)])]);
    let ours = write(&[observation(base())]);
    let both = union(&ours, &changed);
    let fault = read(&both).expect_err("two rules for one key");
    assert!(fault.message.contains("a merge kept two lines for `posts.author_id`"), "{fault:?}");
    assert!(fault.line.is_some());
}

#[test]
fn slips_are_told_apart() {
    let text = write(&[observation(vec![key("posts", "author_id", Action::Cascade)])]);
    for (wrong, message, line) in [
        (text.replace("on_delete=cascade", "on_delete=restrict"), "edited by hand", None),
        (text.replace("on_delete=cascade", "on_delete=cascad"), "`cascad` is no action", Some(7)),
        (text.replace("format 1", "format 4"), "update fkcheck", Some(2)),
        (text.replace("PostgreSQL", "Oracle"), "no engine", Some(3)),
        (text.replace("key posts", "kee posts"), "no line of a snapshot", Some(5)),
        (String::new(), "no `engine` line", None),
        ("<<<<<<< HEAD\n".to_owned(), "expected a word", Some(1)),
    ] {
        let fault = read(&wrong).expect_err(message);
        assert!(fault.message.contains(message), "{fault:?}");
        if message != "no line of a snapshot" && line != Some(7) {
            assert_eq!(fault.line, line, "{fault:?}");
        }
    }
    // Every single byte that is cut off or changed is noticed, or changes nothing.
    let right = essence(&read(&text).expect("it reads").observations);
    let body = text.find("\ndigest").expect("a digest");
    for at in body..text.len() {
        let mut bytes = text.clone().into_bytes();
        bytes[at] = if bytes[at] == b'x' { b'y' } else { b'x' };
        let Ok(wrong) = String::from_utf8(bytes) else { continue };
        if let Ok(snapshot) = read(&wrong) {
            assert_eq!(essence(&snapshot.observations), right, "unnoticed at {at}: {wrong}");
        }
    }
}

fn doubtful() -> Observation {
    let doubt =
        |why: &str, tables: Option<Vec<TableName>>| Doubt { why: why.to_owned(), tables, origin: None };
    let odd = vec![TableName::qualified("We ird", "a,b"), TableName::bare("日本(")];
    Observation {
        visibility: Visibility::Except(vec![
            doubt("migrations/1/up.sql:3:1: a \"text\"\n with `names`", Some(odd)),
            doubt("anything", None),
            doubt("nothing", Some(Vec::new())),
        ]),
        ..observation(vec![key("posts", "author_id", Action::Cascade)])
    }
}

#[test]
fn doubts_are_kept() {
    let mut named = doubtful();
    named.database = Some("main db".to_owned());
    let text = write(&[doubtful(), named]);
    assert!(text.contains("\nformat 2\n"), "{text}");
    let snapshot = read(&text).expect("it reads");
    for observation in &snapshot.observations {
        let Visibility::Except(doubts) = &observation.visibility else { panic!("{observation:?}") };
        let Visibility::Except(expected) = doubtful().visibility else { unreachable!() };
        assert!(doubts.len() == 3 && expected.iter().all(|doubt| doubts.contains(doubt)), "{doubts:?}");
    }
    assert_eq!(write(&snapshot.observations), text);
    // Merged with what has none, it keeps them.
    let certain = write(&[observation(vec![key("posts", "editor_id", Action::Cascade)])]);
    let merged = read(&union(&certain, &write(&[doubtful()]))).expect("a merge reads");
    assert!(matches!(&merged.observations[0].visibility, Visibility::Except(doubts) if doubts.len() == 3));
    for wrong in
        ["doubt x why=\"y\"", "doubt (x why=\"y\"", "doubt (x)", "doubt * why=\"y\" z", "doubt * why=\"y"]
    {
        assert!(read(&format!("{certain}{wrong}\n")).is_err(), "{wrong}");
    }
}
