//! The runner that alters every key in every way: it finds all mutants of a workspace with keys of every shape, on every
//! engine, and it can fail.

use fkcheck_tests::mutants::{Against, Report, run};
use fkcheck_tests::{SqliteFile, Workspace, mariadb, postgres};

const SCHEMA: &str = "
diesel::table! { users (id) { id -> BigInt, boss_id -> Nullable<BigInt>, } }
diesel::table! { orders (id, region) { id -> BigInt, region -> BigInt, } }
diesel::table! {
    line_items (id) { id -> BigInt, order_id -> Nullable<BigInt>, region -> Nullable<BigInt>, buyer_id -> Nullable<BigInt>, }
}
diesel::table! { follows (id) { id -> BigInt, user_id -> Nullable<BigInt>, } }
";

const MODELS: &str = "use diesel::prelude::*;
use fkcheck_macros::ForeignKeys;
use crate::schema::*;

#[derive(Queryable, Identifiable, ForeignKeys)]
pub struct User {
    pub id: i64,
    #[fk(references = users(id), on_delete = set_null)]
    pub boss_id: Option<i64>,
}

#[derive(Queryable, ForeignKeys)]
#[diesel(table_name = line_items)]
#[fk(columns(order_id, region), references = orders(id, region), on_delete = cascade)]
pub struct LineItem {
    pub id: i64,
    pub order_id: Option<i64>,
    #[fk(references = users(id), on_delete = restrict)]
    #[diesel(column_name = buyer_id)]
    pub buyer: Option<i64>,
}

fkcheck_macros::foreign_keys! {
    follows (user_id) -> users (id), on_delete = cascade;
}
";

/// `{more}` stands for what an engine wants besides.
const TABLES: &str = "
CREATE TABLE users (id BIGINT NOT NULL PRIMARY KEY, boss_id BIGINT DEFAULT 1,
    FOREIGN KEY (boss_id) REFERENCES users (id) ON DELETE SET NULL);
CREATE TABLE orders (id BIGINT NOT NULL, region BIGINT NOT NULL, PRIMARY KEY (id, region));
CREATE TABLE line_items (id BIGINT NOT NULL PRIMARY KEY, order_id BIGINT DEFAULT 1, region BIGINT DEFAULT 1, buyer_id BIGINT DEFAULT 1,
    FOREIGN KEY (order_id, region) REFERENCES orders (id, region) ON DELETE CASCADE,
    FOREIGN KEY (buyer_id) REFERENCES users (id) ON DELETE RESTRICT);
CREATE TABLE follows (id BIGINT NOT NULL PRIMARY KEY, user_id BIGINT DEFAULT 1,
    FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE);
";

fn workspace() -> Workspace {
    Workspace::new().file("src/schema.rs", SCHEMA).file("src/models.rs", MODELS).file(
        "src/lib.rs",
        "pub mod models;\npub mod schema;\npub const ON: &str = \"PRAGMA foreign_keys = ON\";\n",
    )
}

fn all_found(report: &Report, mutants: usize) {
    assert!(report.failures.is_empty(), "{report}");
    assert_eq!((report.keys, report.mutants), (4, mutants), "{report}");
}

#[test]
fn every_mutant_is_found_in_sqlite() {
    let workspace = workspace();
    let database = SqliteFile::new(TABLES);
    for against in [Against::Database, Against::Snapshot] {
        all_found(&run(&workspace.manifest_path(), &database.url(), against), 16);
    }
}

#[test]
fn every_mutant_is_found_in_postgres() {
    let Some(server) = postgres() else { return };
    let workspace = workspace();
    let database = server.fresh_database();
    database.execute(TABLES);
    for against in [Against::Database, Against::Snapshot] {
        all_found(&run(&workspace.manifest_path(), &database.url(), against), 16);
    }
}

#[test]
fn every_mutant_is_found_in_mariadb() {
    let Some(server) = mariadb() else { return };
    let workspace = workspace();
    let database = server.fresh_database();
    database.execute(TABLES);
    for against in [Against::Database, Against::Snapshot] {
        // RESTRICT, CASCADE and SET NULL are all that InnoDB tells apart.
        all_found(&run(&workspace.manifest_path(), &database.url(), against), 8);
    }
}

#[test]
fn a_mutant_that_is_not_found_is_told() {
    let workspace = workspace();
    let blind = MODELS.replace(
        "users (id), on_delete = cascade;",
        "users (id), on_delete = cascade, allow(fk_on_delete_mismatch, reason = \"a test\");",
    );
    workspace.write("src/models.rs", &blind);
    let database = SqliteFile::new(TABLES);
    let report = run(&workspace.manifest_path(), &database.url(), Against::Database);
    assert_eq!((report.mutants, report.failures.len()), (16, 4), "{report}");
    assert!(report.failures.iter().all(|failure| failure.contains("follows.user_id")), "{report}");
}
