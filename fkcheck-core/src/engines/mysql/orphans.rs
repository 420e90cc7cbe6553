//! Counts rows without a parent: a consistent read, which locks nothing.

use super::super::orphans::{CountRow, OrphanCounts, Reference};
use super::connection::{Connection, Failure};
use super::fix::{quoted, table};
use super::settings::Settings;
use super::{connect, session};
use crate::access::{Phase, ServerUrl, SourceError};
use crate::engines::{ReadLimits, with_causes};

pub(super) async fn count_all(
    url: &ServerUrl,
    visit: ReadLimits,
    references: &[Reference],
) -> Result<OrphanCounts, SourceError> {
    let settings = Settings::new(&url.0, visit.insecure_tls)?;
    let within = visit.deadline;
    let mut connection = within.within(&settings.place, Phase::Connecting, connect(&settings)).await?;
    let mut counts = OrphanCounts::new();
    for reference in references {
        let work = async { Ok(count(&mut connection, reference, visit).await) };
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
    connection: &mut Connection,
    reference: &Reference,
    visit: ReadLimits,
) -> Result<u64, Failure> {
    let session = session::begin(connection).await?;
    let left = visit.deadline.left();
    let limit = if session.is_mariadb() {
        format!("max_statement_time = {}", left.as_secs().max(1))
    } else {
        format!("max_execution_time = {}", left.as_millis().max(1))
    };
    connection.batch_execute(&format!("SET SESSION {limit}")).await?;
    let (child, parent) = (table(&reference.child), table(&reference.parent));
    let equal = |_: usize, parent: &str, child: &str| format!("{parent} = {child}");
    let query = reference.count((&child, &parent), "COUNT(*)", &quoted, &equal);
    let counted = connection.get_result(&query).await;
    connection.batch_execute("ROLLBACK").await?;
    let (orphans,) = counted?;
    Ok(CountRow { orphans }.number())
}
