//! What looks at a row of a table that is written, and isn't followed: its CHECKs, and unique indexes that aren't plain ones.

use sqlite3_parser::Bump;
use sqlite3_parser::ast::{Cmd, ColumnConstraint, CreateTableBody, Expr, Stmt, TableConstraint};

use super::beside::{names, takes_no_null};
use super::catalogue::{Collations, Table};
use super::create_table::{parse_one, unquote};
use crate::model::Watcher;

/// What looks at rows of a table.
#[derive(Default)]
pub(super) struct Watched {
    pub(super) watchers: Vec<Watcher>,
    /// Columns of which a CHECK says that they take no NULL, and nothing else.
    pub(super) filled: Vec<String>,
}

pub(super) fn of_table(table: &Table, collations: &Collations) -> Watched {
    let mut watched = Watched::default();
    let create = table.create.as_deref().unwrap_or_default();
    // Most texts have none, and needn't be read.
    if create.to_ascii_lowercase().contains("check") && watched.add_checks(table, create).is_none() {
        watched.watchers.push(Watcher { name: "a CHECK that can't be read".to_owned(), columns: Vec::new() });
    }
    let others = table.indexes.values().filter(|index| index.is_unique && index.partial.is_none());
    let others = others.filter(|index| !collations.are_of(index) && !index.columns.contains(&None));
    watched.watchers.extend(others.map(|index| Watcher {
        name: "a unique index".to_owned(),
        columns: index.columns.iter().flatten().cloned().collect(),
    }));
    watched.watchers.extend(table.others.iter().filter_map(|(name, create)| index(table, name, create)));
    watched
}

impl Watched {
    /// `None`: the text can't be read.
    fn add_checks(&mut self, table: &Table, create: &str) -> Option<()> {
        let bump = Bump::new();
        let Cmd::Stmt(Stmt::CreateTable { body, .. }) = parse_one(&bump, create)? else { return None };
        let CreateTableBody::ColumnsAndConstraints { columns, constraints, .. } = body else { return None };
        for named in columns.iter().flat_map(|column| column.constraints.iter()) {
            if let ColumnConstraint::Check(condition) = &named.constraint {
                self.add_check(table, named.name.as_ref().map(|name| unquote(name.0)), condition);
            }
        }
        for named in constraints.unwrap_or_default() {
            if let TableConstraint::Check(condition, _) = &named.constraint {
                self.add_check(table, named.name.as_ref().map(|name| unquote(name.0)), condition);
            }
        }
        Some(())
    }

    fn add_check(&mut self, table: &Table, name: Option<String>, condition: &Expr<'_>) {
        let columns = named_in(table, &condition.to_string());
        match &columns[..] {
            [column] if is_plain(condition) && takes_no_null(condition, column) => {
                self.filled.push(column.clone());
            }
            _ => self.watchers.push(Watcher { name: name.unwrap_or_else(|| "a CHECK".to_owned()), columns }),
        }
    }
}

/// Whether a condition is one alone.
fn is_plain(condition: &Expr<'_>) -> bool {
    match condition {
        Expr::Parenthesized(inner) => matches!(&inner[..], [inner] if is_plain(inner)),
        Expr::Binary(_, operator, _) => !matches!(operator, sqlite3_parser::ast::Operator::And),
        _ => true,
    }
}

/// A unique index of some rows alone, or on an expression.
fn index(table: &Table, name: &str, create: &str) -> Option<Watcher> {
    let bump = Bump::new();
    let Some(Cmd::Stmt(Stmt::CreateIndex { unique: true, columns, where_clause, .. })) =
        parse_one(&bump, create)
    else {
        return None;
    };
    let is_column = |expr: &Expr<'_>| match expr {
        Expr::Id(_) | Expr::Name(_) => true,
        Expr::Collate(of, _) => matches!(of, Expr::Id(_) | Expr::Name(_)),
        _ => false,
    };
    let is_plain = where_clause.is_none() && columns.iter().all(|column| is_column(&column.expr));
    (!is_plain).then(|| {
        let conditions = columns.iter().map(|column| column.expr.to_string());
        let text: Vec<String> = conditions.chain(where_clause.iter().map(ToString::to_string)).collect();
        Watcher { name: name.to_owned(), columns: named_in(table, &text.join(" ")) }
    })
}

/// The columns that a text names.
fn named_in(table: &Table, text: &str) -> Vec<String> {
    let all = table.columns.iter().map(|column| &column.name);
    all.filter(|column| names(text, column)).cloned().collect()
}
