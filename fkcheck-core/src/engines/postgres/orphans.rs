//! Counts rows without a parent: a read-only transaction for each key, which blocks no writer.

use diesel::QueryableByName;
use diesel::sql_types::{Array, Bool, Text};
use diesel_async::{AsyncPgConnection, RunQueryDsl, SimpleAsyncConnection as _};

use super::super::orphans::{CountRow, OrphanCounts, Reference};
use super::quote::{quoted, table};
use super::settings::Settings;
use super::{close, connect, relation, session};
use crate::access::{Phase, ServerUrl, SourceError};
use crate::engines::{ReadLimits, with_causes};

pub(super) async fn count_all(
    url: &ServerUrl,
    visit: ReadLimits,
    references: &[Reference],
) -> Result<OrphanCounts, SourceError> {
    let settings = Settings::new(&url.0, visit.insecure_tls, |name| std::env::var(name).ok())?;
    let within = visit.deadline;
    let mut connection = within.within(&settings.place, Phase::Connecting, connect(&settings)).await?;
    let mut counts = OrphanCounts::new();
    for reference in references {
        let work = async { Ok(count(&mut connection, &settings, reference, visit).await) };
        let counted = within.within(&settings.place, Phase::CountingRows, work).await;
        counts.push(
            counted
                .map_err(|error| error.to_string())
                .and_then(|counted| counted.map_err(|error| settings.secrets.scrub(&with_causes(&error)))),
        );
    }
    close(connection).await;
    Ok(counts)
}

/// A text for each column.
#[derive(QueryableByName)]
struct Texts {
    #[diesel(sql_type = Array<Text>)]
    texts: Vec<String>,
}

#[derive(QueryableByName)]
struct Types {
    #[diesel(sql_type = Bool)]
    are_built_in: bool,
}

async fn count(
    connection: &mut AsyncPgConnection,
    settings: &Settings,
    reference: &Reference,
    visit: ReadLimits,
) -> diesel::QueryResult<u64> {
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
    connection: &mut AsyncPgConnection,
    reference: &Reference,
    milliseconds: i32,
) -> diesel::QueryResult<u64> {
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
    let row: CountRow = diesel::sql_query(query).get_result(connection).await?;
    Ok(row.number())
}

/// ` COLLATE ..` for each column whose collation isn't the parent's: that one decides, as in the server's own check.
async fn collations(
    connection: &mut AsyncPgConnection,
    reference: &Reference,
) -> diesel::QueryResult<Vec<String>> {
    let row: Texts = diesel::sql_query(include_str!("collations.sql"))
        .bind::<Text, _>(table(&reference.child))
        .bind::<Array<Text>, _>(&reference.columns)
        .bind::<Text, _>(table(&reference.parent))
        .bind::<Array<Text>, _>(&reference.parent_columns)
        .get_result(connection)
        .await?;
    Ok(row.texts)
}

/// Types of extensions bring operators of their own, `citext` say; a key knows which.
async fn operators(
    connection: &mut AsyncPgConnection,
    reference: &Reference,
) -> diesel::QueryResult<Vec<String>> {
    if let Some(constraint) = &reference.constraint {
        let rows: Vec<Texts> = diesel::sql_query(include_str!("operators.sql"))
            .bind::<Text, _>(table(&reference.child))
            .bind::<Text, _>(constraint)
            .load(connection)
            .await?;
        return Ok(rows.into_iter().next().map(|row| row.texts).unwrap_or_default());
    }
    let types: Types = diesel::sql_query(include_str!("column_types.sql"))
        .bind::<Text, _>(table(&reference.child))
        .bind::<Array<Text>, _>(&reference.columns)
        .bind::<Text, _>(table(&reference.parent))
        .bind::<Array<Text>, _>(&reference.parent_columns)
        .get_result(connection)
        .await?;
    if types.are_built_in {
        return Ok(Vec::new());
    }
    let message = "its columns have a type of an extension, which compares in a way of its own";
    Err(diesel::result::Error::QueryBuilderError(message.into()))
}
