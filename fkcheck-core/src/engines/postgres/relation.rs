//! Tables of users that are read: Diesel's own, and those whose rows are counted. A name may mean anything, a view that calls
//! functions too, so each is locked first, and then looked at: from there to the end of the transaction it is what it is.

use super::connection::{self, Connection, Failure};
use super::quote::{filled, literal, table};
use crate::engines::row;
use crate::model::TableName;

row! {
    /// What is known of a relation once it is locked.
    #[derive(Debug)]
    struct Locked {
        kind: String,
        /// A partition of it, at any depth, is a table of another server.
        reaches_elsewhere: bool,
        /// Reading it may call a function of its owner: index expressions and predicates, CHECK and statistics are evaluated by
        /// the planner, policies by the executor.
        may_call: bool,
        /// Its column `version` is of a built-in type of text.
        has_version: bool,
    }
}

/// Locks a table against change, which no reader or writer of rows waits for, and sees whether it is one.
///
/// # Errors
/// Where it isn't there, or isn't an ordinary or partitioned table of this server.
pub(super) async fn lock(connection: &Connection, name: &TableName) -> Result<(), Failure> {
    let locked = locked(connection, name).await?;
    match locked.kind.as_str() {
        "r" | "p" if locked.reaches_elsewhere => Err(unfit(name, "has partitions on another server")),
        "r" | "p" => Ok(()),
        "v" | "m" => Err(unfit(name, "is a view, and views are never read: they call functions")),
        "f" => Err(unfit(name, "is a table of another server")),
        _ => Err(unfit(name, "is no table")),
    }
}

/// The same for Diesel's table of migrations, which must be as plain as Diesel makes it: somebody else may have put one of that
/// name there.
pub(super) async fn lock_plain(connection: &Connection, name: &TableName) -> Result<(), Failure> {
    let locked = locked(connection, name).await?;
    if locked.kind == "r" && locked.has_version && !locked.may_call {
        return Ok(());
    }
    Err(unfit(name, "isn't a table as Diesel makes it, so it isn't read"))
}

async fn locked(connection: &Connection, name: &TableName) -> Result<Locked, Failure> {
    let relation = table(name);
    connection.batch_execute(&format!("LOCK TABLE {relation} IN ACCESS SHARE MODE")).await?;
    connection.get_result(&filled(include_str!("relation.sql"), &[literal(&relation)])).await
}

fn unfit(name: &TableName, why: &str) -> Failure {
    Failure::Unasked(format!("`{name}` {why}"))
}
