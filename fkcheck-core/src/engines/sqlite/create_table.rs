//! What only the text of CREATE TABLE tells: names of constraints, DEFERRABLE and MATCH. Read with SQLite's own grammar.

use sqlite3_parser::ast::{
    Cmd, ColumnConstraint, CreateTableBody, DeferSubclause, Expr, ForeignKeyClause, InitDeferredPred,
    Literal, Name, Operator, RefAct, RefArg, Stmt, TabFlags, TableConstraint,
};
use sqlite3_parser::lexer::sql::Parser;
use sqlite3_parser::{Bump, FallibleIterator};

use crate::model::{Action, Deferrability, MatchType};

/// A key as CREATE TABLE spells it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct WrittenKey {
    pub(super) name: Option<String>,
    pub(super) columns: Vec<String>,
    pub(super) parent: String,
    pub(super) on_delete: Action,
    pub(super) on_update: Action,
    pub(super) deferrability: Deferrability,
    pub(super) match_type: MatchType,
}

/// What sort of table a text makes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Traits {
    pub(super) without_row_id: bool,
    pub(super) auto_increment: bool,
}

/// `None` if the text can't be read.
pub(super) fn traits(create: &str) -> Option<Traits> {
    let bump = Bump::new();
    let Cmd::Stmt(Stmt::CreateTable { body, .. }) = parse_one(&bump, create)? else { return None };
    let CreateTableBody::ColumnsAndConstraints { columns, constraints, flags } = body else { return None };
    let of_column = columns
        .iter()
        .flat_map(|column| column.constraints.iter())
        .any(|named| matches!(named.constraint, ColumnConstraint::PrimaryKey { auto_increment: true, .. }));
    let of_table = constraints
        .unwrap_or_default()
        .iter()
        .any(|named| matches!(named.constraint, TableConstraint::PrimaryKey { auto_increment: true, .. }));
    Some(Traits {
        without_row_id: flags.contains(TabFlags::WithoutRowid),
        auto_increment: of_column || of_table,
    })
}

/// The keys in the order of declaration; `None` if the text can't be read.
pub(super) fn foreign_keys(create: &str) -> Option<Vec<WrittenKey>> {
    let bump = Bump::new();
    let Cmd::Stmt(Stmt::CreateTable { body, .. }) = parse_one(&bump, create)? else { return None };
    let CreateTableBody::ColumnsAndConstraints { columns, constraints, .. } = body else {
        return Some(Vec::new());
    };
    let mut keys = Vec::new();
    for column in &columns {
        for named in column.constraints {
            match &named.constraint {
                ColumnConstraint::ForeignKey { clause, defer_clause } => keys.push(written_key(
                    named.name.as_ref(),
                    vec![unquoted(&column.col_name)],
                    clause,
                    defer_clause.as_ref(),
                )),
                // SQLite's grammar lets DEFERRABLE stand alone after its key.
                ColumnConstraint::Defer(defer) => {
                    keys.last_mut()?.deferrability = deferrability(Some(defer));
                }
                _ => {}
            }
        }
    }
    for named in constraints.unwrap_or_default() {
        if let TableConstraint::ForeignKey { columns, clause, defer_clause } = &named.constraint {
            let columns = columns.iter().map(|column| unquoted(&column.col_name)).collect();
            keys.push(written_key(named.name.as_ref(), columns, clause, defer_clause.as_ref()));
        }
    }
    Some(keys)
}

/// By which columns compare that don't compare byte by byte, as CREATE TABLE says it: column and collation.
pub(super) fn collations(create: &str) -> Vec<(String, String)> {
    // Most texts don't speak of it, and needn't be read.
    if !create.to_ascii_lowercase().contains("collate") {
        return Vec::new();
    }
    let bump = Bump::new();
    let Some(Cmd::Stmt(Stmt::CreateTable { body, .. })) = parse_one(&bump, create) else { return Vec::new() };
    let CreateTableBody::ColumnsAndConstraints { columns, .. } = body else { return Vec::new() };
    let mut collations = Vec::new();
    for column in &columns {
        // The last one holds.
        let named = column.constraints.iter().rev().find_map(|named| match &named.constraint {
            ColumnConstraint::Collate { collation_name } => Some(unquoted(collation_name)),
            _ => None,
        });
        collations.extend(named.map(|named| (unquoted(&column.col_name), named)));
    }
    collations
}

/// Whether a partial index leaves out nothing but the rows in which `column` is NULL, so that any look-up can use it.
pub(super) fn holds_all_but_null(create_index: &str, column: &str) -> bool {
    let bump = Bump::new();
    let Some(Cmd::Stmt(Stmt::CreateIndex { where_clause: Some(condition), .. })) =
        parse_one(&bump, create_index)
    else {
        return false;
    };
    let (Expr::NotNull(operand) | Expr::Binary(operand, Operator::IsNot, Expr::Literal(Literal::Null))) =
        condition
    else {
        return false;
    };
    match operand {
        Expr::Id(id) => unquote(id.0).eq_ignore_ascii_case(column),
        Expr::Name(name) => unquoted(name).eq_ignore_ascii_case(column),
        _ => false,
    }
}

/// Whether the text begins with a VACUUM that makes no file.
pub(super) fn is_plain_vacuum(sql: &str) -> bool {
    let bump = Bump::new();
    matches!(parse_one(&bump, sql), Some(Cmd::Stmt(Stmt::Vacuum(_, None))))
}

pub(super) fn parse_one<'a>(bump: &'a Bump, sql: &'a str) -> Option<Cmd<'a>> {
    Parser::new(bump, sql.as_bytes()).next().ok().flatten()
}

fn written_key(
    name: Option<&Name<'_>>,
    columns: Vec<String>,
    clause: &ForeignKeyClause<'_>,
    defer: Option<&DeferSubclause>,
) -> WrittenKey {
    let is_full =
        |arg: &RefArg<'_>| matches!(arg, RefArg::Match(name) if unquoted(name).eq_ignore_ascii_case("full"));
    WrittenKey {
        name: name.map(unquoted),
        columns,
        parent: unquoted(&clause.tbl_name),
        on_delete: action(clause.args.iter().rev().find_map(|arg| match arg {
            RefArg::OnDelete(action) => Some(action),
            _ => None,
        })),
        on_update: action(clause.args.iter().rev().find_map(|arg| match arg {
            RefArg::OnUpdate(action) => Some(action),
            _ => None,
        })),
        deferrability: deferrability(defer),
        match_type: if clause.args.iter().any(is_full) { MatchType::Full } else { MatchType::Simple },
    }
}

fn action(written: Option<&RefAct>) -> Action {
    match written {
        Some(RefAct::SetNull) => Action::SetNull(Vec::new()),
        Some(RefAct::SetDefault) => Action::SetDefault(Vec::new()),
        Some(RefAct::Cascade) => Action::Cascade,
        Some(RefAct::Restrict) => Action::Restrict,
        Some(RefAct::NoAction) | None => Action::NoAction,
    }
}

fn deferrability(defer: Option<&DeferSubclause>) -> Deferrability {
    match defer {
        Some(DeferSubclause {
            deferrable: true,
            init_deferred: Some(InitDeferredPred::InitiallyDeferred),
        }) => Deferrability::Deferred,
        Some(DeferSubclause { deferrable: true, .. }) => Deferrability::Immediate,
        Some(DeferSubclause { deferrable: false, .. }) | None => Deferrability::NotDeferrable,
    }
}

fn unquoted(name: &Name<'_>) -> String {
    unquote(name.0)
}

pub(super) fn unquote(text: &str) -> String {
    let close = match text.chars().next() {
        Some('[') => return text.trim_start_matches('[').trim_end_matches(']').to_owned(),
        Some(quote @ ('"' | '\'' | '`')) => quote,
        _ => return text.to_owned(),
    };
    let inner = text.strip_prefix(close).and_then(|text| text.strip_suffix(close)).unwrap_or(text);
    inner.replace(&format!("{close}{close}"), &close.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_deferrability_and_match_are_read_past_comments() {
        let keys = foreign_keys(
            r#"CREATE TABLE "odd ""name" (
                 id INTEGER PRIMARY KEY, -- constraint no_key references nobody
                 a INT CONSTRAINT "A key" REFERENCES p /* deferrable */ (id) ON DELETE CASCADE,
                 [b c] INT REFERENCES `p``q` DEFERRABLE INITIALLY DEFERRED,
                 d INT REFERENCES p(id) NOT DEFERRABLE INITIALLY DEFERRED NOT NULL DEFAULT 'references x',
                 CONSTRAINT last FOREIGN KEY (a, [b c]) REFERENCES q (x, y) MATCH FULL DEFERRABLE
               ) STRICT, WITHOUT ROWID"#,
        )
        .unwrap();
        let short: Vec<_> = keys
            .iter()
            .map(|key| (key.name.as_deref(), key.columns.join(","), key.parent.as_str(), key.deferrability))
            .collect();
        assert_eq!(
            short,
            [
                (Some("A key"), "a".to_owned(), "p", Deferrability::NotDeferrable),
                (None, "b c".to_owned(), "p`q", Deferrability::Deferred),
                (None, "d".to_owned(), "p", Deferrability::NotDeferrable),
                (Some("last"), "a,b c".to_owned(), "q", Deferrability::Immediate),
            ]
        );
        assert_eq!(keys[3].match_type, MatchType::Full);
        assert_eq!(keys[0].match_type, MatchType::Simple);
    }

    #[test]
    fn partial_indexes() {
        assert!(holds_all_but_null(r#"CREATE INDEX i ON t("a") WHERE "A" IS NOT NULL"#, "a"));
        assert!(holds_all_but_null("CREATE INDEX i ON t(a) WHERE a NOTNULL", "a"));
        assert!(!holds_all_but_null("CREATE INDEX i ON t(a) WHERE b IS NOT NULL", "a"));
        assert!(!holds_all_but_null("CREATE INDEX i ON t(a) WHERE a > 3", "a"));
    }

    #[test]
    fn what_is_no_create_table_is_not_guessed_at() {
        assert_eq!(foreign_keys("CREATE TABLE t(a REFERENCES"), None);
        assert_eq!(foreign_keys("DROP TABLE t"), None);
    }
}
