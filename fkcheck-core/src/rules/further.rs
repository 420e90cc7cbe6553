//! What a change of one key's rule does to deletes of the tables above, in at most three lines.

use crate::consequence::{Deletes, Further, FurtherUp};
use crate::model::{ObservedKey, TableName};

const LINES: usize = 3;
/// So many tables or keys are named in a line.
const NAMED: usize = 2;

/// ``deleting a row of `users` also deletes rows of `invoices`, two steps down``, for the nearest tables above; then how many more.
pub(crate) fn further_up<'k>(
    deletes: &Deletes<'k>,
    from: Option<&'k ObservedKey>,
    to: &'k ObservedKey,
) -> Vec<String> {
    let FurtherUp { tables, more } = deletes.further_up(from, to, LINES);
    let mut lines: Vec<String> = tables.iter().map(line).collect();
    match more {
        0 => {}
        // There is nothing to be said of any.
        _ if lines.is_empty() => {}
        1 => lines.push("and 1 more table above".to_owned()),
        more => lines.push(format!("and {more} more tables above")),
    }
    lines
}

fn line(further: &Further<'_>) -> String {
    let mut does = Vec::new();
    if let Some((nearest, step)) = further.deletes.first() {
        let others: Vec<&TableName> = further.deletes.iter().skip(1).map(|(table, _)| *table).collect();
        let others = if others.is_empty() { String::new() } else { format!(", and of {}", tables(&others)) };
        does.push(format!("also deletes rows of `{nearest}`, {} down{others}", steps(*step)));
    }
    if !further.keeps.is_empty() {
        does.push(format!("no longer deletes rows of {}", tables(&further.keeps)));
    }
    if !further.clears.is_empty() {
        does.push(format!("clears {}", keys(&further.clears)));
    }
    if !further.stops.is_empty() {
        does.push(format!("can fail at {}", keys(&further.stops)));
    }
    // A key that deletes or clears now doesn't refuse, of course.
    if does.is_empty() && !further.lets.is_empty() {
        does.push(format!("no longer fails at {}", keys(&further.lets)));
    }
    format!("deleting a row of `{}` {}", further.table, does.join(", and "))
}

fn tables(tables: &[&TableName]) -> String {
    listed(tables.iter().map(|table| format!("`{table}`")).collect(), "table")
}

fn keys(keys: &[&ObservedKey]) -> String {
    listed(keys.iter().map(|key| format!("`{}`", key.key)).collect(), "key")
}

fn listed(mut names: Vec<String>, what: &str) -> String {
    let more = names.len().saturating_sub(NAMED);
    names.truncate(NAMED);
    match more {
        0 => {}
        1 => names.push(format!("1 more {what}")),
        more => names.push(format!("{more} more {what}s")),
    }
    match names.split_last() {
        Some((last, first)) if !first.is_empty() => format!("{} and {last}", first.join(", ")),
        _ => names.concat(),
    }
}

fn steps(count: usize) -> String {
    match count {
        1 => "one step".to_owned(),
        2 => "two steps".to_owned(),
        3 => "three steps".to_owned(),
        count => format!("{count} steps"),
    }
}

#[cfg(all(test, feature = "database"))]
mod tests {
    use super::*;
    use crate::made::{observed, postgres};
    use crate::model::Action;

    /// The lines for a key that becomes something else; a key that isn't there yet stands first with `none`.
    fn said(keys: &[(&str, &str, Action)], at: Option<usize>, to: (&str, &str, Action)) -> Vec<String> {
        let keys: Vec<ObservedKey> =
            keys.iter().map(|(child, parent, action)| observed(child, parent, action.clone())).collect();
        let (engine, to) = (postgres(), observed(to.0, to.1, to.2));
        further_up(&Deletes::new(&keys, &engine), at.map(|at| &keys[at]), &to)
    }

    #[test]
    fn every_table_above_is_told() {
        use Action::{Cascade, NoAction, Restrict};
        let set_null = || Action::SetNull(Vec::new());
        let chain = |last: Action| {
            vec![
                ("orders(user_id)", "users", Cascade),
                ("users(org_id)", "orgs", Cascade),
                ("lines(invoice_id)", "invoices", Cascade),
                ("notes(line_id)", "lines", Restrict),
                ("invoices(order_id)", "orders", last),
            ]
        };
        let key = |action: Action| ("invoices(order_id)", "orders", action);
        assert_eq!(
            said(&chain(NoAction), Some(4), key(Cascade)),
            [
                "deleting a row of `orders` also deletes rows of `lines`, two steps down, and can fail at `notes.line_id`",
                "deleting a row of `users` also deletes rows of `invoices`, two steps down, and of `lines`, and can fail at `notes.line_id`",
                "deleting a row of `orgs` also deletes rows of `invoices`, three steps down, and of `lines`, and can fail at `notes.line_id`",
            ]
        );
        assert_eq!(
            said(&chain(NoAction), Some(4), key(set_null())),
            [
                "deleting a row of `users` clears `invoices.order_id`",
                "deleting a row of `orgs` clears `invoices.order_id`",
            ]
        );
        assert_eq!(
            said(&chain(Cascade), Some(4), key(Restrict)),
            [
                "deleting a row of `orders` no longer deletes rows of `lines`",
                "deleting a row of `users` no longer deletes rows of `invoices` and `lines`, and can fail at `invoices.order_id`",
                "deleting a row of `orgs` no longer deletes rows of `invoices` and `lines`, and can fail at `invoices.order_id`",
            ]
        );
        // Two words for a plain delete.
        assert_eq!(said(&chain(NoAction), Some(4), key(Restrict)), [""; 0]);
        // One that isn't there yet.
        assert_eq!(
            said(&chain(NoAction), None, ("carts(user_id)", "users", Cascade)),
            ["deleting a row of `orgs` also deletes rows of `carts`, two steps down"]
        );
        // Nothing is above.
        assert_eq!(said(&[key(NoAction)], Some(0), key(Cascade)), [""; 0]);
    }

    #[test]
    fn what_goes_by_another_way_is_not_told() {
        use Action::{Cascade, SetNull};
        let keys = [
            ("orders(user_id)", "users", Cascade),
            ("invoices(user_id)", "users", Cascade),
            ("invoices(order_id)", "orders", SetNull(Vec::new())),
        ];
        assert_eq!(said(&keys, Some(2), ("invoices(order_id)", "orders", Cascade)), [""; 0]);
    }

    #[test]
    fn three_lines_and_a_count() {
        use Action::{Cascade, NoAction};
        let mut keys = vec![("invoices(order_id)".to_owned(), "orders".to_owned(), NoAction)];
        keys.extend((0..40).map(|at| (format!("orders(p{at})"), format!("p{at}"), Cascade)));
        let keys: Vec<(&str, &str, Action)> =
            keys.iter().map(|(child, parent, action)| (&**child, &**parent, action.clone())).collect();
        let said = said(&keys, Some(0), ("invoices(order_id)", "orders", Cascade));
        assert_eq!(said.len(), 4);
        assert_eq!(said[3], "and 37 more tables above");
    }
}
