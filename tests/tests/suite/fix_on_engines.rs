//! What tables have on one engine alone, and `fix` has to leave as it is; and databases that are not quite like each other.

use diesel::QueryableByName;
use diesel::sql_types::Text;
use fkcheck_tests::dump::schema_and_rows;
use fkcheck_tests::fixing::{TABLES, diesel, fix, migrations, posts};
use fkcheck_tests::mutants::Engine;
use fkcheck_tests::{
    Database, SqliteFile, Workspace, diesel_is_skipped, fkcheck, mariadb, postgres, unwrapped,
};

const ALLOW: [&str; 3] = ["--data", "--allow-data-loss", "posts.user_id"];

/// `fix`, Diesel's run, a clean check, and the way back to the byte.
fn there_and_back(engine: Engine, workspace: &Workspace, url: &str) -> String {
    let before = schema_and_rows(engine, url).unwrap();
    fix(workspace, url, &ALLOW).expect(0);
    diesel(workspace, url, &["run"]).unwrap();
    fkcheck(workspace.dir(), &["--database-url", url], &[]).expect(0);
    let there = schema_and_rows(engine, url).unwrap();
    diesel(workspace, url, &["revert", "--all"]).unwrap();
    assert_eq!(schema_and_rows(engine, url).unwrap(), before);
    there
}

/// Statements that end with a comment, as a driver runs them that knows no semicolon; and expressions that name the table.
#[test]
fn texts_of_sqlite_that_end_in_a_comment_or_name_themselves() {
    if diesel_is_skipped() {
        return;
    }
    let (tables, rows) = TABLES.split_once("INSERT INTO users").expect("rows");
    let tables = tables.trim_end().trim_end_matches(';');
    for last in [
        "STRICT -- strict".to_owned(),
        "; CREATE INDEX i ON posts (editor_id) -- for the editor".to_owned(),
        "; CREATE INDEX i ON posts (editor_id) WHERE posts.editor_id > 0 -- its own".to_owned(),
    ] {
        let file = SqliteFile::new(&format!("{tables}{last}"));
        file.execute(&format!("INSERT INTO users{rows}"));
        let there = there_and_back(Engine::Sqlite, &posts("no_action", "restrict"), &file.url());
        let end = last.rsplit("--").next().expect("an end");
        assert!(there.contains(&format!("--{end}\n")), "{there}");
    }
    let checked = tables
        .replace("editor_id INTEGER NOT NULL", "editor_id INTEGER NOT NULL CHECK (posts.editor_id > 0)");
    let file = SqliteFile::new(&checked);
    let run = fix(&posts("no_action", "restrict"), &file.url(), &[]).expect(1);
    assert!(unwrapped(&run.stdout).contains("calls its own columns `posts.column`"), "{run:?}");
}

/// An error that a row makes bears the name of the partition's constraint; and somebody has said what that one is for.
#[test]
fn constraints_of_partitions_keep_their_names_and_comments() {
    let Some(server) = postgres() else { return };
    if diesel_is_skipped() {
        return;
    }
    let tables = "CREATE TABLE users (id INT PRIMARY KEY, name TEXT);
        CREATE TABLE posts (id INT PRIMARY KEY, user_id INT, editor_id INT NOT NULL,
            CONSTRAINT of_user FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE,
            CONSTRAINT of_editor FOREIGN KEY (editor_id) REFERENCES users (id) ON DELETE RESTRICT) PARTITION BY RANGE (id);
        COMMENT ON CONSTRAINT of_user ON posts IS 'whose it is';
        CREATE TABLE p1 PARTITION OF posts FOR VALUES FROM (0) TO (10);
        CREATE TABLE p2 (id INT PRIMARY KEY, user_id INT, editor_id INT NOT NULL,
            CONSTRAINT own_name FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE) PARTITION BY RANGE (id);
        ALTER TABLE posts ATTACH PARTITION p2 FOR VALUES FROM (10) TO (20);
        CREATE TABLE p21 PARTITION OF p2 DEFAULT;
        COMMENT ON CONSTRAINT own_name ON p2 IS 'of both'; COMMENT ON CONSTRAINT own_name ON p21 IS 'of the last';
        INSERT INTO users VALUES (1, 'a'); INSERT INTO posts VALUES (1, 1, 1), (11, 1, 1);";
    let database = server.fresh_database();
    database.execute(tables);
    let names = |database: &Database| {
        let query = "SELECT conrelid::regclass || ' ' || conname || ' ' || confdeltype::text || ' ' || convalidated::text || ' '
            || coalesce(obj_description(oid, 'pg_constraint'), '') AS name FROM pg_constraint
            WHERE contype = 'f' AND conkey[1] = (SELECT attnum FROM pg_attribute WHERE attrelid = conrelid AND attname = 'user_id') ORDER BY 1";
        all(database, query)
    };
    let before = names(&database);
    assert_eq!(before.len(), 4, "{before:?}");
    let workspace = posts("no_action", "restrict");
    fix(&workspace, &database.url(), &[]).expect(0);
    diesel(&workspace, &database.url(), &["run"]).unwrap();
    let renamed: Vec<String> = before.iter().map(|name| name.replace(" c true", " a true")).collect();
    assert_eq!(names(&database), renamed);
    diesel(&workspace, &database.url(), &["revert", "--all"]).unwrap();
    assert_eq!(names(&database), before);
    // A partition that is not there, in development or by now.
    let other = server.fresh_database();
    other.execute(tables);
    other.execute("DROP TABLE p1");
    diesel(&workspace, &other.url(), &["run"]).unwrap();
    fkcheck(workspace.dir(), &["--database-url", &other.url()], &[]).expect(0);
    other.execute("DROP TABLE p21");
    diesel(&workspace, &other.url(), &["revert", "--all"]).unwrap();
}

#[derive(QueryableByName)]
struct Name {
    #[diesel(sql_type = Text)]
    name: String,
}

fn all(database: &Database, query: &str) -> Vec<String> {
    use diesel_async::{AsyncConnection as _, AsyncPgConnection, RunQueryDsl as _};
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let rows: Vec<Name> = runtime.block_on(async {
        let mut connection = AsyncPgConnection::establish(&database.url()).await.expect("PostgreSQL answers");
        diesel::sql_query(query).load(&mut connection).await.expect("rows")
    });
    rows.into_iter().map(|row| row.name).collect()
}

#[test]
fn triggers_that_fire_on_replicas_are_not_lost() {
    let Some(server) = postgres() else { return };
    let database = server.fresh_database();
    database.execute(TABLES);
    database.execute(
        "DO $$ BEGIN EXECUTE (SELECT format('ALTER TABLE posts ENABLE ALWAYS TRIGGER %I', min(tgname)) FROM pg_trigger t
             JOIN pg_constraint c ON c.oid = t.tgconstraint WHERE c.conname = 'of_user' AND t.tgrelid = 'posts'::regclass); END $$",
    );
    let run = fix(&posts("no_action", "restrict"), &database.url(), &[]).expect(1);
    assert!(run.stdout.contains("ENABLE ALWAYS"), "{run:?}");
}

/// Where nothing is committed by itself, Diesel's word of what was run has to be all the same, or there is no way back.
#[test]
fn a_session_without_autocommit_keeps_the_word_of_what_was_run() {
    let Some(server) = mariadb() else { return };
    if diesel_is_skipped() {
        return;
    }
    let database = server.fresh_database();
    database.execute(TABLES);
    let user = format!("uncommitted_{}", database.name());
    server.execute_globally(&format!(
        "CREATE USER {user}@'127.0.0.1' IDENTIFIED BY 'CanaryRole'; GRANT ALL ON `{}`.* TO {user}@'127.0.0.1';
         SET GLOBAL init_connect = 'SET autocommit = IF(CURRENT_USER() LIKE \"uncommitted%\", 0, 1)'",
        database.name()
    ));
    let url = database.url_as(&user, "CanaryRole");
    let before = schema_and_rows(Engine::Mysql, &database.url()).unwrap();
    let workspace = posts("no_action", "restrict");
    fix(&workspace, &url, &[]).expect(0);
    diesel(&workspace, &url, &["run"]).unwrap();
    fkcheck(workspace.dir(), &["--database-url", &url], &[]).expect(0);
    diesel(&workspace, &url, &["revert", "--all"]).unwrap();
    let after = schema_and_rows(Engine::Mysql, &database.url()).unwrap();
    server.execute_globally(&format!("DROP USER {user}@'127.0.0.1'; SET GLOBAL init_connect = ''"));
    assert_eq!(after, before);
}

/// The same rule, and not the same comment, validity or index.
#[test]
fn what_differs_otherwise_stops_nothing() {
    if diesel_is_skipped() {
        return;
    }
    if let Some(server) = postgres() {
        let (production, development) = (server.fresh_database(), server.fresh_database());
        production.execute(TABLES);
        production.execute("COMMENT ON CONSTRAINT of_user ON posts IS 'said in production'");
        development.execute(TABLES);
        development.execute("COMMENT ON CONSTRAINT of_user ON posts IS 'said in development'; ALTER TABLE posts DROP CONSTRAINT of_user,
            ADD CONSTRAINT of_user FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE NOT VALID");
        let workspace = posts("no_action", "restrict");
        let there = there_and_back(Engine::Postgres, &workspace, &production.url());
        assert!(there.contains("said in production"), "{there}");
        diesel(&workspace, &development.url(), &["run"]).unwrap();
        fkcheck(workspace.dir(), &["--database-url", &development.url()], &[]).expect(0);
    }
    if let Some(server) = mariadb() {
        let (production, development) = (server.fresh_database(), server.fresh_database());
        production.execute(TABLES);
        development.execute(
            &TABLES.replace("CONSTRAINT of_user", "KEY by_another_name (user_id), CONSTRAINT of_user"),
        );
        let workspace = posts("no_action", "restrict");
        there_and_back(Engine::Mysql, &workspace, &production.url());
        diesel(&workspace, &development.url(), &["run"]).unwrap();
        fkcheck(workspace.dir(), &["--database-url", &development.url()], &[]).expect(0);
    }
}

#[test]
fn mariadb_has_no_set_default() {
    let Some(server) = mariadb() else { return };
    let database = server.fresh_database();
    database.execute(&TABLES.replace("user_id INTEGER,", "user_id INTEGER DEFAULT 1,"));
    let run = fix(&posts("set_default", "restrict"), &database.url(), &ALLOW).expect(1);
    assert!(run.stdout.contains("InnoDB has no SET DEFAULT"), "{run:?}");
    assert!(migrations(&posts("no_action", "restrict")).is_empty());
}

/// A key of two columns is added whose index begins with another key's column, and a CHECK has its name.
#[test]
fn an_added_key_leaves_indexes_and_names_alone() {
    if diesel_is_skipped() {
        return;
    }
    let schema = "
diesel::table! { users (id, tenant) { id -> Integer, tenant -> Integer, } }
diesel::table! { posts (id) { id -> Integer, user_id -> Integer, tenant -> Integer, } }
";
    let workspace = || {
        Workspace::new().file("migrations/.keep", "").file("src/schema.rs", schema).file(
            "src/lib.rs",
            "pub mod schema;\nuse schema::*;\nfkcheck_macros::foreign_keys! {
    posts (user_id) -> users (id), on_delete = cascade;
    posts (user_id, tenant) -> users (id, tenant), on_delete = no_action;
}\n",
        )
    };
    let tables = "CREATE TABLE users (id INTEGER NOT NULL UNIQUE, tenant INTEGER NOT NULL, PRIMARY KEY (id, tenant));
        CREATE TABLE posts (id INTEGER NOT NULL PRIMARY KEY, user_id INTEGER NOT NULL, tenant INTEGER NOT NULL,
            CONSTRAINT of_user FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE,
            CONSTRAINT posts_user_id_tenant_fkey CHECK (tenant > 0));";
    for (engine, server) in [(Engine::Postgres, postgres()), (Engine::Mysql, mariadb())] {
        let Some(server) = server else { continue };
        let database = server.fresh_database();
        database.execute(tables);
        let there = there_and_back(engine, &workspace(), &database.url());
        assert!(there.contains("posts_user_id_tenant_fkey1"), "{there}");
        assert!(engine != Engine::Mysql || there.contains("KEY `of_user` (`user_id`)"), "{there}");
    }
}

#[test]
fn what_is_written_is_not_written_again_and_what_is_pending_is_said() {
    if diesel_is_skipped() {
        return;
    }
    let database = SqliteFile::new(TABLES);
    let workspace = posts("no_action", "restrict");
    diesel(&workspace, &database.url(), &["run"]).unwrap();
    workspace
        .write("migrations/2024-01-01-000000_more/up.sql", "CREATE TABLE more (id INTEGER PRIMARY KEY);");
    workspace.write("migrations/2024-01-01-000000_more/down.sql", "DROP TABLE more;");
    let run = fix(&workspace, &database.url(), &[]).expect(0);
    assert!(run.stderr.contains("`2024-01-01-000000_more` is not applied to the database"), "{run:?}");
    let written = migrations(&workspace);
    let run = fix(&workspace, &database.url(), &[]).expect(1);
    assert!(run.stdout.contains("does it and is not applied; run `diesel migration run` first"), "{run:?}");
    assert_eq!(migrations(&workspace), written);
    diesel(&workspace, &database.url(), &["run"]).unwrap();
    fix(&workspace, &database.url(), &[]).expect(0);
    assert_eq!(migrations(&workspace), written);
}

/// Where development's databases would be stopped, it is said when there is still time.
#[test]
fn what_the_migrations_make_otherwise_is_said() {
    let schema = TABLES.split_once("INSERT").expect("rows").0;
    let workspace = posts("no_action", "restrict");
    workspace.write("migrations/2024-01-01-000000_start/up.sql", schema);
    let database = SqliteFile::new(TABLES);
    database.execute("CREATE INDEX by_hand ON posts (user_id)");
    let run = fix(&workspace, &database.url(), &[]).expect(0);
    assert!(run.stderr.contains("the migrations make other indexes or triggers on `posts`"), "{run:?}");
}

#[test]
fn what_is_to_be_decided_by_hand_is_refused_and_programs_are_sent_elsewhere() {
    let database = SqliteFile::new(
        &TABLES.replace("REFERENCES users (id) ON DELETE CASCADE", "REFERENCES posts (id) ON DELETE CASCADE"),
    );
    let workspace = posts("no_action", "restrict");
    for keys in [&[][..], &["posts.user_id"]] {
        let run = fix(&workspace, &database.url(), keys).expect(1);
        assert!(run.stdout.contains("the key on these columns refers to `posts`"), "{run:?}");
    }
    let run = fix(&workspace, &database.url(), &["--message-format", "json"]).expect(2);
    assert!(run.stdout.contains("has no `--message-format` for programs"), "{run:?}");
    for name in ["a\nb", "  ", "a;b", &"x".repeat(228)] {
        fix(&workspace, &SqliteFile::new(TABLES).url(), &["--name", name]).expect(2);
    }
    assert!(migrations(&workspace).is_empty());
}

/// SQLite's migrations don't tell which of them has set a key: one that has nothing to do with it is no excuse.
#[test]
fn a_pending_migration_of_something_else_is_not_blamed() {
    if diesel_is_skipped() {
        return;
    }
    let workspace = posts("no_action", "restrict");
    let right = TABLES.replace("ON DELETE CASCADE", "ON DELETE NO ACTION");
    workspace.write("migrations/2024-01-01-000000_start/up.sql", &right);
    let database = SqliteFile::new("");
    diesel(&workspace, &database.url(), &["run"]).unwrap();
    database.execute(
        "PRAGMA writable_schema = ON; UPDATE sqlite_master SET sql = replace(sql, 'NO ACTION', 'CASCADE') WHERE name = 'posts'",
    );
    workspace
        .write("migrations/2024-01-02-000000_more/up.sql", "CREATE TABLE more (id INTEGER PRIMARY KEY);");
    let run = fkcheck(workspace.dir(), &["--database-url", &database.url()], &[]).expect(1);
    assert!(unwrapped(&run.stdout).contains("was changed by hand"), "{run:?}");
    fix(&workspace, &database.url(), &[]).expect(0);
    assert_eq!(migrations(&workspace).len(), 3);
}

#[test]
fn what_the_baseline_lets_wait_is_not_said_to_agree() {
    let database = SqliteFile::new(TABLES);
    let workspace = posts("no_action", "restrict");
    let arguments = ["baseline", "--database-url", &database.url()];
    fkcheck(workspace.dir(), &arguments, &[]).expect(0);
    let run = fix(&workspace, &database.url(), &[]).expect(0);
    assert!(run.stderr.contains("in the baseline wait") && !run.stderr.contains("agree"), "{run:?}");
    fix(&workspace, &database.url(), &["posts.user_id"]).expect(0);
    assert_eq!(migrations(&workspace).len(), 1);
}

/// A database of the same migrations that is otherwise in another way is stopped, not made like the one that the migration is for.
#[test]
fn another_table_of_sqlite_is_left_alone() {
    if diesel_is_skipped() {
        return;
    }
    let right = TABLES.replace("ON DELETE CASCADE", "ON DELETE NO ACTION");
    let start = right.split_once("INSERT").expect("rows").0;
    let rows =
        "INSERT INTO users VALUES (1, 'a'); INSERT INTO posts (id, user_id, editor_id) VALUES (1, 1, 1);";
    for (here, is_taken) in [
        ("user_id INTEGER,", true),
        ("user_id INTEGER, hot TEXT,", false),
        ("user_id INTEGER DEFAULT 1,", false),
        ("user_id INTEGER /* it */,", true),
    ] {
        let workspace = posts("no_action", "restrict");
        workspace.write("migrations/2024-01-01-000000_start/up.sql", start);
        let (production, development) = (SqliteFile::new(""), SqliteFile::new(""));
        for database in [&production, &development] {
            diesel(&workspace, &database.url(), &["run"]).unwrap();
        }
        let drifted =
            TABLES.split_once("CREATE TABLE posts").expect("a table").1.split_once("INSERT").expect("rows").0;
        let drifted = drifted.replace("user_id INTEGER,", here);
        production.execute(&format!("DROP TABLE posts; CREATE TABLE posts{drifted} {rows}"));
        development.execute(rows);
        let run = fix(&workspace, &production.url(), &[]).expect(0);
        assert_eq!(run.stderr.contains("the migrations make"), !is_taken, "{run:?}");
        let before = schema_and_rows(Engine::Sqlite, &development.url()).unwrap();
        let ran = diesel(&workspace, &development.url(), &["run"]);
        assert_eq!(ran.is_ok(), is_taken, "{here}: {ran:?}");
        if !is_taken {
            assert_eq!(schema_and_rows(Engine::Sqlite, &development.url()).unwrap(), before);
        }
        diesel(&workspace, &production.url(), &["run"]).unwrap();
        fkcheck(workspace.dir(), &["--database-url", &production.url()], &[]).expect(0);
    }
    // Another key of the table has drifted as well, and is not to be changed.
    let workspace = posts("no_action", "restrict");
    workspace.write("migrations/2024-01-01-000000_start/up.sql", start);
    let (production, development) = (SqliteFile::new(TABLES), SqliteFile::new(""));
    production.execute("PRAGMA writable_schema = ON; UPDATE sqlite_master SET sql = replace(sql, 'RESTRICT', 'CASCADE') WHERE name = 'posts'");
    diesel(&workspace, &development.url(), &["run"]).unwrap();
    fix(&workspace, &production.url(), &["posts.user_id"]).expect(0);
    let before = schema_and_rows(Engine::Sqlite, &development.url()).unwrap();
    diesel(&workspace, &development.url(), &["run"]).unwrap_err();
    assert_eq!(schema_and_rows(Engine::Sqlite, &development.url()).unwrap(), before);
}

/// Of two keys on one column, the one that differs is made anew, and the other stays.
#[test]
fn a_key_beside_one_to_another_parent_is_changed_alone() {
    let tables = "CREATE TABLE users (id INTEGER NOT NULL PRIMARY KEY); CREATE TABLE teams (id INTEGER NOT NULL PRIMARY KEY);
        CREATE TABLE posts (id INTEGER NOT NULL PRIMARY KEY, user_id INTEGER NOT NULL,
            CONSTRAINT of_user FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE,
            CONSTRAINT of_team FOREIGN KEY (user_id) REFERENCES teams (id) ON DELETE CASCADE);
        CREATE INDEX posts_user_id ON posts (user_id);";
    for server in [fkcheck_tests::postgres(), fkcheck_tests::mariadb()].into_iter().flatten() {
        let database = server.fresh_database();
        database.execute(tables);
        let workspace = fkcheck_tests::Workspace::new().file("migrations/.keep", "").file(
            "src/lib.rs",
            "diesel::table! { users (id) { id -> Integer, } } diesel::table! { teams (id) { id -> Integer, } }
             diesel::table! { posts (id) { id -> Integer, user_id -> Integer, } }
             fkcheck_macros::foreign_keys! {
                 posts (user_id) -> users (id), on_delete = cascade;
                 posts (user_id) -> teams (id), on_delete = restrict;
             }",
        );
        let check = || {
            let url = database.url();
            fkcheck_tests::fkcheck(
                workspace.dir(),
                &["--database-url", &url, "--message-format", "json"],
                &[],
            )
        };
        assert_eq!(check().expect(1).rules(), ["fk_on_delete_mismatch"]);
        fkcheck_tests::fixing::fix(&workspace, &database.url(), &[]).expect(0);
        if !fkcheck_tests::diesel_is_skipped() {
            fkcheck_tests::fixing::diesel(&workspace, &database.url(), &["run"]).expect("it runs");
            assert_eq!(check().expect(0).rules(), [""; 0]);
        }
    }
}
