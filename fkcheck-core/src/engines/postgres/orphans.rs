//! Counts rows without a parent: a read-only transaction for each key, which blocks no writer.

use super::super::orphans::{CountRow, OrphanCounts, Reference};
use super::connection::{Connection, Failure};
use super::quote::{literal, quoted, table};
use super::settings::Settings;
use super::{connect, session};
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
    let session = session::begin(connection).await?;
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
    let query = format!(
        "SELECT ARRAY(SELECT CASE WHEN ca.attcollation <> pa.attcollation AND co.oid IS NOT NULL                THEN ' COLLATE ' || pg_catalog.quote_ident(n.nspname::pg_catalog.text) || '.' || pg_catalog.quote_ident(co.collname::pg_catalog.text)                ELSE '' END            FROM ROWS FROM (pg_catalog.unnest({}), pg_catalog.unnest({})) WITH ORDINALITY AS k(child, parent, ord)            JOIN pg_catalog.pg_attribute ca ON ca.attrelid = {}::pg_catalog.regclass AND ca.attname = k.child            JOIN pg_catalog.pg_attribute pa ON pa.attrelid = {}::pg_catalog.regclass AND pa.attname = k.parent            LEFT JOIN pg_catalog.pg_collation co ON co.oid = pa.attcollation            LEFT JOIN pg_catalog.pg_namespace n ON n.oid = co.collnamespace ORDER BY k.ord) AS operators",
        super::guard::array(&reference.columns),
        super::guard::array(&reference.parent_columns),
        literal(&table(&reference.child)),
        literal(&table(&reference.parent)),
    );
    let (collations,) = connection.get_result(&query).await?;
    Ok(collations)
}

/// Types of extensions bring operators of their own, `citext` say; a key knows which.
async fn operators(connection: &Connection, reference: &Reference) -> Result<Vec<String>, Failure> {
    if let Some(constraint) = &reference.constraint {
        let query = format!(
            "SELECT ARRAY(SELECT pg_catalog.quote_ident(n.nspname::pg_catalog.text) || '.' || o.oprname::pg_catalog.text \
               FROM pg_catalog.unnest(c.conpfeqop) WITH ORDINALITY AS u(op, ord) \
               JOIN pg_catalog.pg_operator o ON o.oid = u.op \
               JOIN pg_catalog.pg_namespace n ON n.oid = o.oprnamespace ORDER BY u.ord) AS operators \
               FROM pg_catalog.pg_constraint c \
              WHERE c.conrelid = {}::pg_catalog.regclass AND c.conname = {} AND c.contype = 'f'",
            literal(&table(&reference.child)),
            literal(constraint)
        );
        // None: there is no key.
        let rows: Vec<(Vec<String>,)> = connection.load(&query).await?;
        return Ok(rows.into_iter().next().map(|(operators,)| operators).unwrap_or_default());
    }
    let query = format!(
        "SELECT pg_catalog.bool_and('pg_catalog'::pg_catalog.regnamespace IN (t.typnamespace, b.typnamespace) \
                                    OR t.typtype = 'e') AS are_built_in \
           FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_type t ON t.oid = a.atttypid \
           LEFT JOIN pg_catalog.pg_type b ON b.oid = t.typbasetype \
          WHERE a.attrelid = {}::pg_catalog.regclass AND a.attname = ANY ({}) \
             OR a.attrelid = {}::pg_catalog.regclass AND a.attname = ANY ({})",
        literal(&table(&reference.child)),
        super::guard::array(&reference.columns),
        literal(&table(&reference.parent)),
        super::guard::array(&reference.parent_columns)
    );
    let (are_built_in,) = connection.get_result(&query).await?;
    if are_built_in {
        return Ok(Vec::new());
    }
    Err(Failure::Unasked("its columns have a type of an extension, which compares in a way of its own"))
}
