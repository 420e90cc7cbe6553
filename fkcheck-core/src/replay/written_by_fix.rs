//! Migrations that `cargo fkcheck fix` has written: what they change unless there is nothing to change.

use super::catalogue::{Catalogue, Key};
use super::table::{self, Constraint};
use super::tokens::{Cursor, Kind, Token, split_by_comma};
use crate::model::TableKind;

/// What its DO blocks begin with: their label.
pub(crate) const LABEL: &str = "<<fkcheck>>";

/// What its prepared statements are called.
pub(crate) const PREPARED: &str = "fkcheck";

/// The statements of a body that have something to do, its conditions left out. Each asks whether the key is as it was when
/// the migration was written, and does nothing where all is done already.
pub(super) fn statements<'t>(catalogue: &mut Catalogue, body: &'t [Token]) -> Vec<&'t [Token]> {
    let mut swaps: Vec<Swap<'_>> = body
        .split(|token| token.kind == Kind::Semicolon)
        .filter_map(|statement| catalogue.swap(alter_table(statement)?))
        .collect();
    let dropped: Vec<(usize, Vec<usize>)> =
        swaps.iter().flat_map(|swap| swap.drops.iter().flatten().cloned()).collect();
    swaps.retain(|swap| {
        let is_there = |added: &(usize, Vec<usize>)| {
            let has = |key: &Key| key.child == added.0 && key.columns == added.1;
            catalogue.keys.iter().any(has) && !dropped.contains(added)
        };
        swap.drops.iter().all(Option::is_some) && !swap.adds.iter().any(is_there)
    });
    swaps.into_iter().map(|swap| swap.statement).collect()
}

/// The statements of a prepared one: whole, or `CONCAT(beginning, .. IF(done, NULL, clauses), ..)`.
pub(super) fn prepared(value: &[Token]) -> Option<String> {
    let at = value.iter().position(|token| token.is("else"))?;
    let text = |token: &Token| match &token.kind {
        Kind::Text(text) => Some(text.clone()),
        _ => None,
    };
    let beginning = value[at..].iter().find_map(text)?;
    let clauses = value[at..].windows(3).filter_map(|tokens| match tokens {
        [null, comma, clauses] if null.is("null") && comma.kind == Kind::Comma => text(clauses),
        _ => None,
    });
    let statements: Vec<String> = clauses.map(|clauses| format!("{beginning}{clauses}")).collect();
    Some(if statements.is_empty() { beginning } else { statements.join(";") })
}

/// From ALTER TABLE on.
fn alter_table(statement: &[Token]) -> Option<&[Token]> {
    let at = (0..statement.len()).find(|&at| Cursor::new(&statement[at..]).take("alter table"))?;
    Some(&statement[at..])
}

/// A statement, with the keys that it drops (`None`: it isn't there) and adds, by child and columns.
struct Swap<'t> {
    statement: &'t [Token],
    drops: Vec<Option<(usize, Vec<usize>)>>,
    adds: Vec<(usize, Vec<usize>)>,
}

impl Catalogue {
    /// `None` for a partition: it takes part in what becomes of its table, which takes over the key that it gets for a time.
    fn swap<'t>(&mut self, statement: &'t [Token]) -> Option<Swap<'t>> {
        let mut cursor = Cursor::new(statement);
        let _ = cursor.take("alter table");
        let child = cursor.name().and_then(|parts| self.find(&parts))?;
        if self.tables[child].kind == TableKind::Partition {
            return None;
        }
        let mut swap = Swap { statement, drops: Vec::new(), adds: Vec::new() };
        for action in split_by_comma(cursor.rest()) {
            let mut cursor = Cursor::new(action);
            if cursor.take_any(&["drop constraint", "drop foreign key"]) {
                let key = cursor.ident().and_then(|name| self.key_named(child, &name));
                swap.drops.push(key.map(|key| (child, key.columns.clone())));
            } else if cursor.take("add")
                && table::is_constraint(&cursor, self.dialect)
                && let Some(Constraint::Key(clause)) = table::constraint(&mut cursor, self.dialect)
            {
                let columns: Option<Vec<usize>> =
                    clause.columns.iter().map(|name| self.column(child, name)).collect();
                swap.adds.extend(columns.map(|columns| (child, columns)));
            }
        }
        Some(swap)
    }
}
