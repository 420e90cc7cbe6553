//! Each of Diesel's derives beside ours, in either order, under lints that allow nothing.
#![deny(warnings, missing_docs, unsafe_code, unreachable_pub, unused_qualifications, unused_imports)]

use diesel::prelude::*;
use diesel::sqlite::Sqlite;
use fkcheck_macros::ForeignKeys;

#[allow(missing_docs, unreachable_pub, unused_qualifications)]
mod schema {
    diesel::table! {
        organizations (id) {
            id -> BigInt,
            name -> Text,
        }
    }

    diesel::table! {
        batch_jobs (id) {
            id -> BigInt,
            org_id -> BigInt,
            parent_id -> Nullable<BigInt>,
        }
    }
}

use schema::{batch_jobs, organizations};

/// A parent.
#[derive(ForeignKeys, Identifiable, Queryable, Selectable, Debug)]
#[diesel(check_for_backend(Sqlite))]
pub struct Organization {
    /// The key.
    pub id: i64,
    /// The name.
    pub name: String,
}

/// A child.
#[derive(Queryable, Selectable, ForeignKeys, Identifiable, Associations, QueryableByName, Debug)]
#[diesel(belongs_to(Organization, foreign_key = org_id), check_for_backend(Sqlite))]
#[fk(data = ephemeral)]
pub struct BatchJob {
    /// The key.
    pub id: i64,
    /// The parent, by `belongs_to`.
    #[fk(on_delete = cascade, on_update = no_action, reason = "a job is of no use without its organization")]
    pub org_id: i64,
    /// A job of the same table.
    #[fk(references = batch_jobs(id), on_delete = set_null, name = "batch_jobs_parent", deferrable = deferred)]
    pub parent_id: Option<i64>,
}

/// A form that borrows.
#[derive(Insertable, AsChangeset, ForeignKeys)]
#[diesel(table_name = batch_jobs)]
pub struct BatchJobForm<'a> {
    /// The parent.
    #[fk(references = organizations(id), on_delete = cascade)]
    pub org_id: &'a i64,
}

fn main() {
    let _ = (BatchJobForm { org_id: &1 }, Organization { id: 1, name: String::new() });
}
