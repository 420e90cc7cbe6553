//! Observations → text.

use std::collections::HashMap;

use super::{AT_UPDATE, FORMAT_WITH_DOUBTS, FORMAT_WITH_HOOKS, LAST_MIGRATION, line};
use crate::digest::digest;
use crate::model::{
    APPLIED_TABLE, Deferrability, EngineFacts, Event, IdentifierCase, MatchType, NullingNotNull, Observation,
    ObservedKey, ObservedTable, RestrictMeaning, SetDefaultMeaning, TableKind, TableName, Visibility,
};

/// The file's text. Extensions' own keys are left out, and so is everything that changes by itself: row estimates, the
/// server's version.
pub(crate) fn write(observations: &[Observation]) -> String {
    let mut lines: Vec<String> = observations.iter().flat_map(lines_of).collect();
    lines.sort_unstable();
    lines.dedup();
    let engines: String = observations.iter().map(|observation| engine_line(observation) + "\n").collect();
    let last: String = observations.iter().filter_map(last_migration_line).collect();
    let digest = digest(lines.iter().map(String::as_str));
    let format = observations.iter().map(format_of).max().unwrap_or(1);
    let mut text = format!(
        "# What the database says of its foreign keys. Written by `cargo fkcheck snapshot`; merge=union is safe.\n\
         format {format}\n{engines}{last}digest {digest}\n"
    );
    for line in lines {
        text.push_str(&line);
        text.push('\n');
    }
    text
}

/// The oldest format that holds all of it.
fn format_of(observation: &Observation) -> u32 {
    let has_hooks =
        observation.tables.iter().any(|table| !table.hooks.is_empty() || !table.inherits.is_empty());
    let has_limits = |key: &ObservedKey| {
        let is_plain =
            key.check_disabled_in.is_empty() && key.action_disabled_in.is_empty() && key.guards.is_empty();
        !is_plain || key.whole.is_some() || !key.in_force.parent_is_unique
    };
    match () {
        () if has_hooks || observation.keys.iter().any(has_limits) => FORMAT_WITH_HOOKS,
        () if doubt_lines(observation).next().is_some() => FORMAT_WITH_DOUBTS,
        () => 1,
    }
}

fn lines_of(observation: &Observation) -> Vec<String> {
    let database = database(observation);
    let mut on_same_columns: HashMap<(&TableName, &[String]), Vec<u64>> = HashMap::new();
    for key in &observation.keys {
        on_same_columns.entry((key.whole_table(), &key.key.columns)).or_default().push(key.firing_order);
    }
    // Diesel's own table is in no file of migrations.
    let of_schema = observation.tables.iter().filter(|table| table.name.name != APPLIED_TABLE);
    let tables = of_schema.map(|table| format!("table {database}{}", table_line(table)));
    let keys = observation.keys.iter().filter(|key| key.extension.is_none()).map(|key| {
        let ranks = &on_same_columns[&(key.whole_table(), &key.key.columns[..])];
        // Counted within the same columns: what other keys there are has no bearing on it.
        let rank = ranks.iter().filter(|&&rank| rank < key.firing_order).count();
        format!("key {database}{}", key_line(key, (ranks.len() > 1).then_some(rank)))
    });
    let doubts = doubt_lines(observation).map(|line| format!("doubt {database}{line}"));
    tables.chain(keys).chain(doubts).collect()
}

/// What the migrations leave open, and of which tables.
fn doubt_lines(observation: &Observation) -> impl Iterator<Item = String> {
    let doubts = match &observation.visibility {
        Visibility::Except(doubts) => &doubts[..],
        Visibility::Whole | Visibility::Partial(_) => &[],
    };
    doubts.iter().map(|doubt| {
        let tables = match &doubt.tables {
            Some(tables) => {
                let mut tables: Vec<String> = tables.iter().map(line::table).collect();
                tables.sort_unstable();
                format!("({})", tables.join(","))
            }
            None => "*".to_owned(),
        };
        format!("{tables} why={}", line::text(&doubt.with_place()))
    })
}

/// `main:`, where the workspace has several databases.
fn database(observation: &Observation) -> String {
    observation.database.as_ref().map_or_else(String::new, |name| format!("{}:", line::name(name)))
}

/// `# last_migration main:"2026-01-02-000000_posts"`: a later one isn't in the keys.
fn last_migration_line(observation: &Observation) -> Option<String> {
    let last = observation.last_migration.as_ref()?;
    Some(format!("{LAST_MIGRATION}{}{}\n", database(observation), line::name(last)))
}

fn engine_line(observation: &Observation) -> String {
    let EngineFacts {
        kind,
        default_schemas,
        table_case,
        column_case,
        restrict,
        set_default,
        nulling_not_null,
        ..
    } = &observation.engine;
    let case = |case: &IdentifierCase| match case {
        IdentifierCase::Exact => "exact",
        IdentifierCase::Insensitive => "insensitive",
    };
    let engine = &observation.engine;
    format!(
        "engine {}{} schemas={} tables={} columns={} restrict={} set_default={} set_null_on_not_null={} indexes={} off={}",
        database(observation),
        line::name(kind.name()),
        line::list(default_schemas),
        case(table_case),
        case(column_case),
        match restrict {
            RestrictMeaning::SameAsNoAction => "same",
            RestrictMeaning::DiffersWhenDeferrable => "differs",
        },
        match set_default {
            SetDefaultMeaning::Works => "works",
            SetDefaultMeaning::Blocks => "blocks",
        },
        match nulling_not_null {
            NullingNotNull::DeleteFails => "fails",
            NullingNotNull::Refused => "refused",
        },
        if engine.indexes_keys { "made" } else { "asked" },
        if engine.keys_off_by_default { "until_asked" } else { "never" },
    )
}

fn table_line(table: &ObservedTable) -> String {
    let mut line = line::table(&table.name);
    line += kind(table.kind);
    if let Some(storage) = &table.storage {
        line += " storage=";
        line += &line::name(storage);
    }
    line += &tables(" inherits=", &table.inherits);
    for hook in &table.hooks {
        let mut of = vec![hook.kind.word().to_owned(), hook.event.word().to_owned()];
        of.extend(hook.columns.iter().cloned());
        line.extend([" hook=", &line::name(&hook.name), &line::list(&of)]);
    }
    line
}

/// ` word=(a,billing.b)`, or nothing.
fn tables(word: &str, tables: &[TableName]) -> String {
    if tables.is_empty() {
        return String::new();
    }
    let names: Vec<String> = tables.iter().map(line::table).collect();
    format!("{word}({})", names.join(","))
}

fn kind(kind: TableKind) -> &'static str {
    match kind {
        TableKind::Table => "",
        TableKind::Partitioned => " kind=partitioned",
        TableKind::Partition => " kind=partition",
        TableKind::Foreign => " kind=foreign",
        TableKind::View => " kind=view",
        TableKind::Virtual => " kind=virtual",
    }
}

fn key_line(key: &ObservedKey, rank: Option<usize>) -> String {
    let mut line = format!(
        "{}{} -> {}{} on_delete={} on_update={}",
        line::table(&key.key.table),
        line::list(&key.key.columns),
        line::table(&key.parent),
        line::list(&key.parent_columns),
        line::action(&key.on_delete),
        line::action(&key.on_update),
    );
    match key.deferrability {
        Deferrability::NotDeferrable => {}
        Deferrability::Immediate => line += " deferrable=immediate",
        Deferrability::Deferred => line += " deferrable=deferred",
    }
    if key.match_type == MatchType::Full {
        line += " match=full";
    }
    if let Some(name) = &key.name {
        line += " name=";
        line += &line::name(name);
    }
    line += kind(key.child_kind);
    for (word, is_so) in [
        ("null", (|facts| facts.nullable) as fn(&crate::model::ColumnFacts) -> bool),
        ("default", |facts| facts.has_default),
        ("generated", |facts| facts.generated),
    ] {
        let columns: Vec<String> = key
            .key
            .columns
            .iter()
            .zip(&key.columns)
            .filter(|(_, facts)| is_so(facts))
            .map(|(column, _)| column.clone())
            .collect();
        if !columns.is_empty() {
            line.extend([" ", word, "=", &line::list(&columns)]);
        }
    }
    match key.covering_index {
        Some(true) => line += " index=yes",
        Some(false) => line += " index=no",
        None => {}
    }
    let force = key.in_force;
    for (is_fine, word) in [
        (force.validated, " not_valid"),
        (force.enforced, " not_enforced"),
        (force.check_enabled, " check_disabled"),
        (force.action_enabled, " action_disabled"),
        (force.has_parent_key, " no_parent_key"),
        (force.parent_is_unique, " parent_not_unique"),
    ] {
        if !is_fine {
            line += word;
        }
    }
    line += &tables(" check_disabled_in=", &key.check_disabled_in);
    line += &tables(" action_disabled_in=", &key.action_disabled_in);
    line += &tables(" whole=", key.whole.as_slice());
    for guard in &key.guards {
        let name = guard.name.as_deref().map(line::name).unwrap_or_default();
        let event = if guard.event == Event::Update { AT_UPDATE } else { "" };
        line.extend([" ", event, guard.kind.word(), "=", &name, &line::list(&guard.columns)]);
    }
    if let Some(rank) = rank {
        line.extend([" order=", &rank.to_string()]);
    }
    line
}
