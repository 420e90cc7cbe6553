//! Facts and observations for unit tests, made by hand.

use std::sync::Arc;

use crate::collect::Facts;
use crate::model::{
    Action, Claim, Column, ColumnFacts, DeclaredKey, Deferrability, Engine, EngineFacts, FileId, InForce,
    KeyName, MatchType, Observation, ObservedKey, ObservedTable, Outside, ParentClaim, Position, SourceFile,
    SourceKind, Span, SqlType, Stated, Table, TableKind, TableName, Visibility,
};

/// A name, with its schema where it has a dot.
pub(crate) fn name(text: &str) -> TableName {
    match text.split_once('.') {
        Some((schema, name)) => TableName::qualified(schema, name),
        None => TableName::bare(text),
    }
}

/// `posts(author_id)` or `line_items(order_id, region)`.
pub(crate) fn key(text: &str) -> KeyName {
    let (table, columns) = text.trim_end_matches(')').split_once('(').expect("table(columns)");
    KeyName { table: name(table), columns: columns.split(", ").map(str::to_owned).collect() }
}

/// A place in the only file.
pub(crate) fn span(byte: usize) -> Span {
    let at = |byte| Position { byte, line: 1, column: byte + 1 };
    Span { file: FileId(0), start: at(byte), end: at(byte + 1) }
}

/// A `table!`, `"id, author_id, editor_id?"`: what may be NULL has a question mark, the first column is the primary key.
pub(crate) fn table(text: &str, columns: &str) -> Table {
    let column = |text: &str| Column {
        name: text.trim_end_matches('?').to_owned(),
        ident: text.trim_end_matches('?').to_owned(),
        sql_type: SqlType("Integer".to_owned()),
        nullable: text.ends_with('?'),
        span: span(0),
    };
    let columns: Vec<Column> = columns.split(", ").map(column).collect();
    Table {
        name: name(text),
        module: text.to_owned(),
        primary_key: vec![columns[0].name.clone()],
        columns,
        is_view: false,
        modules: Vec::new(),
        package: 0,
        span: span(0),
    }
}

/// A declared key to the parent's `id` that says nothing else.
pub(crate) fn declared(child: &str, parent: &str) -> DeclaredKey {
    let parent =
        ParentClaim { table: name(parent), columns: vec!["id".to_owned()], by_path: true, span: span(0) };
    let claim = Claim {
        model: None,
        parent: Some(parent),
        on_delete: None,
        on_update: None,
        deferrability: None,
        name: None,
        none: None,
        data: None,
        reason: None,
        allow: Vec::new(),
        span: span(0),
        column_span: span(0),
        package: 0,
    };
    DeclaredKey { key: key(child), claims: vec![claim], is_one_of_several: false }
}

/// The same with ON DELETE.
pub(crate) fn on_delete(mut declared: DeclaredKey, action: Action) -> DeclaredKey {
    declared.claims[0].on_delete = Some(Stated { value: action, span: span(0) });
    declared
}

/// Facts of one file.
pub(crate) fn facts(tables: Vec<Table>, keys: Vec<DeclaredKey>) -> Facts {
    let mut facts = Facts { keys, files: 1, ..Facts::default() }.with_tables(tables);
    let text = Arc::from("0123456789");
    facts.sources.add(SourceFile { path: "/ws/src/lib.rs".into(), display: "src/lib.rs".into(), text });
    facts
}

/// An observed key to the parent's `id`, in force.
pub(crate) fn observed(child: &str, parent: &str, action: Action) -> ObservedKey {
    let key = key(child);
    let column = |_: &String| ColumnFacts { nullable: true, has_default: false, generated: false };
    ObservedKey {
        columns: key.columns.iter().map(column).collect(),
        name: Some(format!("{}_fkey", key.columns.join("_"))),
        key,
        parent: name(parent),
        parent_columns: vec!["id".to_owned()],
        on_delete: action,
        on_update: Action::NoAction,
        deferrability: Deferrability::NotDeferrable,
        match_type: MatchType::Simple,
        child_kind: TableKind::Table,
        covering_index: Some(true),
        child_rows: None,
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

/// What a database of this engine shows; the tables are those of the keys.
pub(crate) fn observation(engine: EngineFacts, keys: Vec<ObservedKey>) -> Observation {
    let mut names: Vec<TableName> =
        keys.iter().flat_map(|key| [key.key.table.clone(), key.parent.clone()]).collect();
    names.sort();
    names.dedup();
    let table = |name| ObservedTable::new(name, TableKind::Table);
    Observation {
        source: SourceKind::Database,
        database: None,
        label: "a database".to_owned(),
        engine,
        keys,
        tables: names.into_iter().map(table).collect(),
        visibility: Visibility::Whole,
        remarks: Vec::new(),
        members: Vec::new(),
        hooks_unseen: None,
        outside: Outside::default(),
        definitions: None,
        last_migration: None,
    }
}

/// PostgreSQL with the search path `public`.
pub(crate) fn postgres() -> EngineFacts {
    EngineFacts::postgres("15.18", vec!["public".to_owned()], Vec::new())
}

/// MariaDB with the database `app`.
pub(crate) fn mariadb() -> EngineFacts {
    EngineFacts { default_schemas: vec!["app".to_owned()], ..EngineFacts::mysql(Engine::MariaDb, "10.11") }
}

/// SQLite.
pub(crate) fn sqlite() -> EngineFacts {
    EngineFacts::sqlite("3.53.2")
}
