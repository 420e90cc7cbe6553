//! Counts rows without a parent: a read-only transaction for each key, which blocks no writer.

use super::super::orphans::{CountRow, OrphanCounts, Reference};
use super::connection::{Connection, Failure};
use super::guard::array;
use super::quote::{filled, literal, quoted, table};
use super::settings::Settings;
use super::{connect, relation, session};
use crate::access::{Phase, ServerUrl, SourceError};
use crate::engines::{ReadLimits, with_causes};

pub(super) async fn count_all(
    url: &ServerUrl,
    visit: ReadLimits,
    references: &[Reference],
) -> Result<OrphanCounts, SourceError> {
    let settings = Settings::new(&url.0, visit.insecure_tls, |name| std::env::var(name).ok())?;
    let within = visit.deadline;
    let connection = within.within(&settings.place, Phase::Connecting, connect(&settings)).await?;
    let mut counts = OrphanCounts::new();
    for reference in references {
        let work = async { Ok(count(&connection, &settings, reference, visit).await) };
        let counted = within.within(&settings.place, Phase::CountingRows, work).await;
        counts.push(
            counted
                .map_err(|error| error.to_string())
                .and_then(|counted| counted.map_err(|error| settings.secrets.scrub(&with_causes(&error)))),
        );
    }
    connection.close().await;
    Ok(counts)
}

async fn count(
    connection: &Connection,
    settings: &Settings,
    reference: &Reference,
    visit: ReadLimits,
) -> Result<u64, Failure> {
    let session = session::begin(connection, session::Sees::WhatIsThere).await?;
    // The search path is closed by now: names get their schema.
    let mut reference = reference.clone();
    let default = session.default_schemas(settings.search_path.as_deref()).into_iter().next();
    for name in [&mut reference.child, &mut reference.parent] {
        name.schema = name.schema.take().or_else(|| default.clone());
    }
    // The server takes no more than an i32.
    let milliseconds = i32::try_from(visit.deadline.left().as_millis()).unwrap_or(i32::MAX).max(1);
    let result = count_in_transaction(connection, &reference, milliseconds).await;
    connection.batch_execute("ROLLBACK").await?;
    result
}

async fn count_in_transaction(
    connection: &Connection,
    reference: &Reference,
    milliseconds: i32,
) -> Result<u64, Failure> {
    // A policy that hides rows would make the number wrong; so it is an error.
    connection
        .batch_execute(&format!("SET LOCAL statement_timeout = {milliseconds}; SET LOCAL row_security = off"))
        .await?;
    for name in [&reference.child, &reference.parent] {
        relation::lock(connection, name).await?;
    }
    let operators = operators(connection, reference).await?;
    let collations = collations(connection, reference).await?;
    // A key holds for a table without its heirs, and for a partitioned one with all its partitions.
    let only = |is_partitioned: bool| if is_partitioned { "" } else { "ONLY " };
    let child = format!("{}{}", only(reference.child_is_partitioned), table(&reference.child));
    let parent = format!("{}{}", only(reference.parent_is_partitioned), table(&reference.parent));
    let equal = |at: usize, parent: &str, child: &str| {
        let operator = operators.get(at).map_or("pg_catalog.=", String::as_str);
        let collation = collations.get(at).map(String::as_str).unwrap_or_default();
        format!("{parent} OPERATOR({operator}) {child}{collation}")
    };
    let query = reference.count((&child, &parent), "pg_catalog.count(*)", &quoted, &equal);
    let (orphans,) = connection.get_result(&query).await?;
    Ok(CountRow { orphans }.number())
}

/// ` COLLATE ..` for each column whose collation isn't the parent's: that one decides, as in the server's own check.
async fn collations(connection: &Connection, reference: &Reference) -> Result<Vec<String>, Failure> {
    let (collations,) = connection.get_result(&on_both(include_str!("collations.sql"), reference)).await?;
    Ok(collations)
}

/// Types of extensions bring operators of their own, `citext` say; a key knows which.
async fn operators(connection: &Connection, reference: &Reference) -> Result<Vec<String>, Failure> {
    if let Some(constraint) = &reference.constraint {
        let values = [literal(&table(&reference.child)), literal(constraint)];
        // None: there is no key.
        let rows: Vec<(Vec<String>,)> =
            connection.load(&filled(include_str!("operators.sql"), &values)).await?;
        return Ok(rows.into_iter().next().map(|(operators,)| operators).unwrap_or_default());
    }
    let (are_built_in,) =
        connection.get_result(&on_both(include_str!("column_types.sql"), reference)).await?;
    if are_built_in {
        return Ok(Vec::new());
    }
    let why = "its columns have a type of an extension, which compares in a way of its own";
    Err(Failure::Unasked(why.to_owned()))
}

/// A query with the child, its columns, the parent and its columns.
fn on_both(query: &str, reference: &Reference) -> String {
    let values = [
        literal(&table(&reference.child)),
        array(&reference.columns),
        literal(&table(&reference.parent)),
        array(&reference.parent_columns),
    ];
    filled(query, &values)
}
