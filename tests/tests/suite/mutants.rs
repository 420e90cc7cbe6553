//! The runner that alters every key in every way: it finds all mutants of a workspace with keys of every shape, on every
//! engine, and it can fail.

use fkcheck_tests::mutants::{Against, Report, run};
use fkcheck_tests::{SqliteFile, Workspace, diesel_is_skipped, mariadb, postgres};

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

/// Against the database and a snapshot; and there and back by both ways of mending it.
fn every_way() -> Vec<Against> {
    let mut ways = vec![Against::Database, Against::Snapshot, Against::Code];
    if !diesel_is_skipped() {
        ways.push(Against::Migration);
    }
    ways
}

fn all_found(report: &Report, mutants: usize) {
    assert!(report.failures.is_empty() && report.refused.is_empty(), "{report}");
    assert_eq!((report.keys, report.mutants), (4, mutants), "{report}");
}

#[test]
fn every_mutant_is_found_in_sqlite() {
    let workspace = workspace();
    let database = SqliteFile::new(TABLES);
    for against in every_way() {
        all_found(&run(&workspace.manifest_path(), &database.url(), against), 16);
    }
}

#[test]
fn every_mutant_is_found_in_postgres() {
    let Some(server) = postgres() else { return };
    let workspace = workspace();
    let database = server.fresh_database();
    database.execute(TABLES);
    for against in every_way() {
        all_found(&run(&workspace.manifest_path(), &database.url(), against), 16);
    }
}

#[test]
fn every_mutant_is_found_in_mariadb() {
    let Some(server) = mariadb() else { return };
    let workspace = workspace();
    let database = server.fresh_database();
    database.execute(TABLES);
    for against in every_way() {
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

/// `posts.user_id` with what stands behind its columns in the annotation.
fn posts(annotation: &str) -> Workspace {
    workspace()
        .file(
            "src/schema.rs",
            "
diesel::table! { #[sql_name = \"my users\"] my_users (id) { id -> BigInt, } }
diesel::table! { posts (id) { id -> BigInt, user_id -> Nullable<BigInt>, } }
",
        )
        .file("src/models.rs", &format!("use diesel::prelude::*;\nuse crate::schema::*;\n{annotation}"))
}

const POSTS: &str = "fkcheck_macros::foreign_keys! {
    // { the owner; may go
    posts (user_id)
        -> my_users (id),
        on_delete = cascade;
}
";

const POSTS_ON_STRUCT: &str = "#[derive(Queryable, fkcheck_macros::ForeignKeys)]
#[diesel(table_name = posts)]
#[fk(
    columns(user_id),
    references = my_users(id),
    on_delete = cascade
)]
pub struct Post {
    pub id: i64,
    pub user_id: Option<i64>,
}
";

/// A parent whose name wants quotes, and a key that no annotation speaks of.
const POSTS_TABLES: &str = "
CREATE TABLE \"my users\" (id BIGINT NOT NULL PRIMARY KEY);
CREATE TABLE posts (id BIGINT NOT NULL PRIMARY KEY, -- a (number, say
    user_id BIGINT DEFAULT 1 -- ON DELETE CASCADE
        REFERENCES \"my users\" (id) ON DELETE CASCADE);
CREATE TABLE audits (id BIGINT NOT NULL PRIMARY KEY, user_id BIGINT DEFAULT 1 REFERENCES \"my users\" (id));
CREATE INDEX posts_user_id ON posts (user_id);
";

#[test]
fn annotations_and_tables_may_be_written_in_many_ways() {
    let database = SqliteFile::new(POSTS_TABLES);
    let before = std::fs::read(database.path()).unwrap();
    let mut urls = vec![database.url()];
    let server = postgres();
    let on_server = server.as_ref().map(|server| {
        let database = server.fresh_database();
        database.execute(POSTS_TABLES);
        database
    });
    urls.extend(on_server.iter().map(fkcheck_tests::Database::url));
    for url in urls {
        for annotation in [POSTS, POSTS_ON_STRUCT] {
            let report = run(&posts(annotation).manifest_path(), &url, Against::Database);
            assert!(report.failures.is_empty(), "{report}");
            assert_eq!((report.keys, report.mutants, report.undeclared), (1, 4, 1), "{report}");
        }
    }
    assert_eq!(std::fs::read(database.path()).unwrap(), before, "the file itself is left alone");
}

#[test]
fn what_mariadb_does_not_allow_is_counted() {
    let Some(server) = mariadb() else { return };
    let database = server.fresh_database();
    database.execute(
        "CREATE TABLE `my users` (id BIGINT NOT NULL PRIMARY KEY);
         CREATE TABLE posts (id BIGINT NOT NULL PRIMARY KEY, user_id BIGINT NOT NULL,
             FOREIGN KEY (user_id) REFERENCES `my users` (id) ON DELETE CASCADE)",
    );
    let workspace = posts(POSTS);
    let schema = std::fs::read_to_string(workspace.dir().join("src/schema.rs")).unwrap();
    workspace.write("src/schema.rs", &schema.replace("Nullable<BigInt>", "BigInt"));
    let report = run(&workspace.manifest_path(), &database.url(), Against::Database);
    assert!(report.failures.is_empty(), "{report}");
    // SET NULL; NO ACTION and SET DEFAULT are no others.
    assert_eq!((report.mutants, report.impossible), (1, 3), "{report}");
}

#[test]
fn a_mutant_that_cannot_be_made_is_no_impossible_one() {
    let Some(server) = postgres() else { return };
    let database = server.fresh_database();
    database.execute(POSTS_TABLES);
    let user = format!("{}_reader", database.name());
    database.execute(&format!("CREATE ROLE {user} LOGIN PASSWORD 'reader'"));
    let url = database.url_as(&user, "reader");
    let report = run(&posts(POSTS).manifest_path(), &url, Against::Database);
    database.execute(&format!("DROP ROLE {user}"));
    assert_eq!((report.mutants, report.failures.len(), report.impossible), (4, 4, 0), "{report}");
    assert!(report.failures.iter().all(|failure| failure.contains("must be owner")), "{report}");
}
