//! Words that several layers use.

use crate::model::{Action, KeyName};

/// What a delete of a parent row does under an action; continues "deleting a row of `parent` ..".
pub(crate) fn delete_does(action: &Action, key: &KeyName) -> String {
    let columns = |named: &[String]| {
        let named = if named.is_empty() { &key.columns } else { named };
        named.iter().map(|column| format!("`{}.{column}`", key.table)).collect::<Vec<_>>().join(" and ")
    };
    match action {
        Action::NoAction | Action::Restrict => format!("fails while rows of `{}` refer to it", key.table),
        Action::Cascade => format!("deletes its rows in `{}`", key.table),
        Action::SetNull(named) => format!("sets {} to NULL in its rows", columns(named)),
        Action::SetDefault(named) => format!("sets {} to the default in its rows", columns(named)),
    }
}

/// `1 file`, `3 files`
#[cfg(any(feature = "replay", feature = "database"))]
pub(crate) fn counted(count: usize, what: &str) -> String {
    if count == 1 { format!("1 {what}") } else { format!("{count} {what}s") }
}
