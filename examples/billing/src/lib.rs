//! A small billing service.

pub mod models;
pub mod schema;

use diesel::prelude::*;
use diesel::result::QueryResult;
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};

use models::{NewOrganization, NewPendingPayment, Organization, PendingPayment};
use schema::{batch_jobs, organizations, pending_payments};

const MIGRATIONS: EmbeddedMigrations = embed_migrations!();

type Error = Box<dyn std::error::Error + Send + Sync>;

/// Opens the database and brings it up to date.
pub fn open(path: &str) -> Result<SqliteConnection, Error> {
    let mut connection = SqliteConnection::establish(path)?;
    connection.run_pending_migrations(MIGRATIONS)?;
    // SQLite enforces no key unless it is told to, per connection.
    diesel::sql_query("PRAGMA foreign_keys = ON").execute(&mut connection)?;
    Ok(connection)
}

/// An organization that owes something and waits for a job.
pub fn sign_up(connection: &mut SqliteConnection, name: &str, owes_cents: i64) -> QueryResult<Organization> {
    let organization: Organization = diesel::insert_into(organizations::table)
        .values(NewOrganization { name })
        .returning(Organization::as_returning())
        .get_result(connection)?;
    diesel::insert_into(pending_payments::table)
        .values(NewPendingPayment { org_id: organization.id, cents: owes_cents })
        .execute(connection)?;
    diesel::insert_into(batch_jobs::table)
        .values((batch_jobs::org_id.eq(organization.id), batch_jobs::status.eq("queued")))
        .execute(connection)?;
    Ok(organization)
}

/// Deletes an organization. Meant to fail while it still owes something.
pub fn delete(connection: &mut SqliteConnection, organization: &Organization) -> QueryResult<usize> {
    diesel::delete(organization).execute(connection)
}

/// What is still to be paid, by whomever.
pub fn pending(connection: &mut SqliteConnection) -> QueryResult<Vec<PendingPayment>> {
    pending_payments::table.select(PendingPayment::as_select()).load(connection)
}
