//! What beside a key decides what a delete does, by the texts of the schema: triggers, and constraints on columns that keys write.

use sqlite3_parser::Bump;
use sqlite3_parser::ast::{
    Cmd, ColumnConstraint, CreateTableBody, Expr, Literal, Name, Operator, Stmt, TableConstraint,
    TriggerEvent, TriggerTime,
};

use super::catalogue::Table;
use super::create_table::{parse_one, unquote};
use crate::model::{Action, Event, Guard, GuardKind, Hook, HookKind};

/// The triggers of a table at its deletes and updates.
pub(super) fn hooks(table: &Table) -> Vec<Hook> {
    let is_trigger =
        |create: &str| create.get(..14).is_some_and(|head| head.eq_ignore_ascii_case("CREATE TRIGGER"));
    let triggers = table.others.iter().filter(|(_, create)| is_trigger(create));
    triggers.flat_map(|(name, create)| hooks_of(name, create)).collect()
}

fn hooks_of(name: &str, create: &str) -> Vec<Hook> {
    let hook = |kind, event, columns| Hook { kind, event, name: name.to_owned(), columns };
    let bump = Bump::new();
    let Some(Cmd::Stmt(Stmt::CreateTrigger { time, event, .. })) = parse_one(&bump, create) else {
        // What can't be read may act at either.
        return [Event::Delete, Event::Update].map(|event| hook(HookKind::Before, event, Vec::new())).into();
    };
    let kind = match time {
        Some(TriggerTime::After) => HookKind::After,
        // Of views alone.
        Some(TriggerTime::InsteadOf) => return Vec::new(),
        Some(TriggerTime::Before) | None => HookKind::Before,
    };
    match event {
        TriggerEvent::Delete => vec![hook(kind, Event::Delete, Vec::new())],
        TriggerEvent::Update => vec![hook(kind, Event::Update, Vec::new())],
        TriggerEvent::UpdateOf(columns) => {
            let columns = columns.iter().map(|name| unquote(name.0)).collect();
            vec![hook(kind, Event::Update, columns)]
        }
        TriggerEvent::Insert => Vec::new(),
    }
}

/// What may refuse the values that a key writes into these columns.
pub(super) fn guards(
    table: &Table,
    columns: &[String],
    on_delete: &Action,
    on_update: &Action,
) -> Vec<Guard> {
    let checks = || checks(table, columns).unwrap_or_default();
    let mut guards = match on_delete {
        Action::SetNull(_) => checks(),
        Action::SetDefault(_) => [unique(table, columns), checks()].concat(),
        _ => Vec::new(),
    };
    if !matches!(on_update, Action::NoAction | Action::Restrict) {
        guards.extend(checks().into_iter().map(|guard| Guard { event: Event::Update, ..guard }));
    }
    guards
}

fn unique(table: &Table, columns: &[String]) -> Vec<Guard> {
    let of_row_id = table.row_id().map(|row_id| vec![Some(row_id.name.clone())]);
    let indexes = table.indexes.values().filter(|index| index.is_unique).map(|index| index.columns.clone());
    let looked_at = |index: &Vec<Option<String>>| -> Vec<String> {
        let is_in = |column: &&String| index.iter().flatten().any(|name| name.eq_ignore_ascii_case(column));
        columns.iter().filter(is_in).cloned().collect()
    };
    indexes
        .chain(of_row_id)
        .map(|index| looked_at(&index))
        .filter(|columns| !columns.is_empty())
        .map(|columns| Guard { event: Event::Delete, kind: GuardKind::Unique, name: None, columns })
        .collect()
}

/// The CHECKs that look at these columns; `None`: the text can't be read.
fn checks(table: &Table, columns: &[String]) -> Option<Vec<Guard>> {
    let bump = Bump::new();
    let Cmd::Stmt(Stmt::CreateTable { body, .. }) = parse_one(&bump, table.create.as_deref()?)? else {
        return None;
    };
    let CreateTableBody::ColumnsAndConstraints { columns: defined, constraints, .. } = body else {
        return None;
    };
    let mut guards = Vec::new();
    for named in defined.iter().flat_map(|column| column.constraints.iter()) {
        if let ColumnConstraint::Check(condition) = &named.constraint {
            guards.extend(check(named.name.as_ref(), condition, columns));
        }
    }
    for named in constraints.unwrap_or_default() {
        if let TableConstraint::Check(condition, _) = &named.constraint {
            guards.extend(check(named.name.as_ref(), condition, columns));
        }
    }
    Some(guards)
}

fn check(name: Option<&Name<'_>>, condition: &Expr<'_>, columns: &[String]) -> Option<Guard> {
    let of = |is_so: &dyn Fn(&String) -> bool| -> Vec<String> {
        columns.iter().filter(|column| is_so(column)).cloned().collect()
    };
    let filled = of(&|column| takes_no_null(condition, column));
    let text = condition.to_string();
    let (kind, columns) = if filled.is_empty() {
        (GuardKind::Check, of(&|column| names(&text, column)))
    } else {
        (GuardKind::NotNull, filled)
    };
    let name = name.map(|name| unquote(name.0));
    (!columns.is_empty()).then_some(Guard { event: Event::Delete, kind, name, columns })
}

/// Whether the condition doesn't hold where the column is NULL: `column IS NOT NULL`, alone or with others that must hold too.
pub(super) fn takes_no_null(condition: &Expr<'_>, column: &str) -> bool {
    let is_column = |operand: &Expr<'_>| match operand {
        Expr::Id(id) => unquote(id.0).eq_ignore_ascii_case(column),
        Expr::Name(name) => unquote(name.0).eq_ignore_ascii_case(column),
        _ => false,
    };
    match condition {
        Expr::NotNull(operand) | Expr::Binary(operand, Operator::IsNot, Expr::Literal(Literal::Null)) => {
            is_column(operand)
        }
        Expr::Binary(left, Operator::And, right) => {
            takes_no_null(left, column) || takes_no_null(right, column)
        }
        Expr::Parenthesized(inner) => matches!(&inner[..], [inner] if takes_no_null(inner, column)),
        _ => false,
    }
}

/// Whether a text has the column's name in it, as a word.
pub(super) fn names(text: &str, column: &str) -> bool {
    let (text, column) = (text.to_ascii_lowercase(), column.to_ascii_lowercase());
    let is_part = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || c == '_');
    text.match_indices(&column).any(|(at, _)| {
        !is_part(text[..at].chars().next_back()) && !is_part(text[at + column.len()..].chars().next())
    })
}
