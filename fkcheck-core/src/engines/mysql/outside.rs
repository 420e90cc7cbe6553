//! Keys of other databases of the server that refer into this one, and what they lead to there.

use std::collections::{BTreeMap, HashSet};

use super::connection::{self, Connection, Failure};
use super::merge::{Catalogue, Row};
use super::session::Session;
use super::settings::Settings;
use crate::model::{ObservedKey, Outside, TableName};

/// A row of `outside.sql`: one of the catalogue's, behind the database's name.
struct OutsideRow(String, Row);

impl connection::FromRow for OutsideRow {
    fn from_row(row: &mut connection::Row) -> Result<Self, Failure> {
        Ok(OutsideRow(connection::column(row, "s")?, Row::from_row(row)?))
    }
}

/// Most databases have none, and so few rows are read of those.
const IS_ANY: &str = "SELECT COUNT(*) FROM information_schema.key_column_usage k \
     WHERE k.referenced_table_schema = DATABASE() AND k.table_schema <> DATABASE()";

/// Ranks the keys of this database among those.
pub(super) async fn outside(
    connection: &mut Connection,
    settings: &Settings,
    session: &Session,
    own: &mut [ObservedKey],
) -> Result<Outside, Failure> {
    let (count,): (i64,) = connection.get_result(IS_ANY).await?;
    let mut outside = Outside::default();
    let mut half_known = 0;
    if count > 0 {
        let mut by_database: BTreeMap<String, Vec<Row>> = BTreeMap::new();
        for OutsideRow(database, row) in connection.load(include_str!("outside.sql")).await? {
            by_database.entry(database).or_default().push(row);
        }
        let (mut keys, unknown) = keys(&by_database, settings, session, own);
        half_known = unknown;
        outside.keys = concerned(&mut keys, settings, session);
    }
    outside.unseen = (half_known > 0 || !session.sees_outside).then(|| {
        format!(
            "the role may not see their keys; `{}` shows them and no data",
            super::grant_on("*", "REFERENCES", session)
        )
    });
    Ok(outside)
}

/// The keys of these databases, and how many are known by half. `InnoDB` puts a database's name before that of the constraint.
fn keys(
    by_database: &BTreeMap<String, Vec<Row>>,
    settings: &Settings,
    session: &Session,
    own: &mut [ObservedKey],
) -> (Vec<ObservedKey>, usize) {
    /// More keys than a database has.
    const KEYS: u64 = 1 << 32;
    let (mut keys, mut half_known) = (Vec::new(), 0);
    for (rank, (database, rows)) in (1..).zip(by_database) {
        let catalogue = Catalogue::new(rows, database, session.is_mariadb());
        half_known += catalogue.half_known();
        let observed = catalogue.observed_keys(database, session.fires_by_name());
        let from = if session.fires_by_name() { rank * KEYS } else { 0 };
        let ranked = |key: ObservedKey| ObservedKey { firing_order: key.firing_order + from, ..key };
        keys.extend(observed.into_iter().map(ranked));
    }
    if session.fires_by_name() {
        let before =
            (0..).zip(by_database.keys()).filter(|(_, name)| **name < settings.database).count() as u64;
        // Behind those whose names come before, and before the next.
        for key in own {
            key.firing_order += before * KEYS + KEYS / 2;
        }
    }
    (keys, half_known)
}

/// Those that refer into this database, by way of others too, and all others of their tables.
fn concerned(keys: &mut Vec<ObservedKey>, settings: &Settings, session: &Session) -> Vec<ObservedKey> {
    let fold = |name: &TableName| session.table_case().fold(&name.to_string());
    let is_here = |name: &TableName| {
        name.schema.as_deref().is_some_and(|schema| session.table_case().same(schema, &settings.database))
    };
    let mut tables: HashSet<String> = HashSet::new();
    loop {
        let leads_on = |key: &&ObservedKey| is_here(&key.parent) || tables.contains(&fold(&key.parent));
        let new: Vec<String> = keys
            .iter()
            .filter(leads_on)
            .map(|key| fold(&key.key.table))
            .filter(|table| !tables.contains(table))
            .collect();
        if new.is_empty() {
            break;
        }
        tables.extend(new);
    }
    keys.retain(|key| tables.contains(&fold(&key.key.table)));
    std::mem::take(keys)
}
