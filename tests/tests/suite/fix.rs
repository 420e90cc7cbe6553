//! `cargo fkcheck fix`: what it writes, what it refuses, and that Diesel's own command runs it, there and back, without a row
//! lost.

use std::path::Path;

use diesel::connection::SimpleConnection as _;
use diesel::{Connection as _, SqliteConnection};
use mysql_async::prelude::Queryable as _;

use fkcheck_core::model;
use fkcheck_tests::dump::schema_and_rows;
use fkcheck_tests::fixing::{TABLES, diesel, fix, migrations, posts, text};
use fkcheck_tests::mutants::Engine;
use fkcheck_tests::{
    SqliteFile, Workspace, billing, diesel_is_skipped, fkcheck, mariadb, postgres, truth, unwrapped,
};

#[test]
fn a_dry_run_shows_the_files_and_writes_nothing() {
    let workspace = billing();
    let before = migrations(&workspace);
    let run = fkcheck(workspace.dir(), &["fix", "--dry-run"], &[]).expect(0);
    assert!(run.stdout.contains("/up.sql\n-- fkcheck: v1 key="), "{run:?}");
    assert!(
        run.stdout
            .contains("batch_jobs.org_id → organizations: ON DELETE CASCADE becomes ON DELETE NO ACTION.")
    );
    assert!(run.stdout.ends_with("metadata.toml\nrun_in_transaction = false\n\n"), "{run:?}");
    assert!(run.stderr.contains("Would write migrations/"), "{run:?}");
    assert_eq!(migrations(&workspace), before);
}

#[test]
fn what_is_written_is_named_and_laid_out_as_diesel_does_it() {
    let workspace = posts("no_action", "restrict");
    workspace.write("migrations/2099-12-31-235959_future/up.sql", "SELECT 1;");
    workspace.write("migrations/2099-12-31-235959_future/metadata.toml", "");
    let database = SqliteFile::new(TABLES);
    let run = fix(&workspace, &database.url(), &[]).expect(0);
    // Behind all that are there, or a new database would run it too early.
    assert_eq!(migrations(&workspace)[1], "2100-01-01-000000-0000_align_posts_user_id", "{run:?}");
    let directory = workspace.dir().join("migrations/2100-01-01-000000-0000_align_posts_user_id");
    let mut files: Vec<_> =
        std::fs::read_dir(&directory).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    files.sort();
    assert_eq!(files, ["down.sql", "metadata.toml", "up.sql"]);
    assert!(
        unwrapped(&run.stderr).contains("has no `run_in_transaction`, which Diesel takes for `false`"),
        "{run:?}"
    );
    // The same second, the same name: nothing is overwritten.
    let again = fix(&workspace, &database.url(), &["--name", "mine"]).expect(0);
    assert_eq!(migrations(&workspace)[2], "2100-01-01-000001-0000_mine", "{again:?}");
}

#[test]
fn nothing_to_do_is_said() {
    let workspace = posts("cascade", "restrict");
    let database = SqliteFile::new(TABLES);
    let run = fix(&workspace, &database.url(), &[]).expect(0);
    assert!(run.stderr.contains("Unchanged"), "{run:?}");
    assert_eq!(migrations(&workspace), [""; 0]);
}

#[test]
fn a_key_that_is_not_there_is_refused_with_the_nearest() {
    let workspace = posts("no_action", "restrict");
    let database = SqliteFile::new(TABLES);
    for arguments in [&["posts.user"][..], &["--allow-data-loss", "posts.user"]] {
        let run = fix(&workspace, &database.url(), arguments).expect(2);
        assert!(run.stderr.contains("did you mean `posts.user_id`?"), "{run:?}");
    }
    assert_eq!(migrations(&workspace), [""; 0]);
}

#[test]
fn names_choose_keys() {
    let workspace = posts("no_action", "cascade");
    let database = SqliteFile::new(TABLES);
    fix(&workspace, &database.url(), &["posts.user_id"]).expect(0);
    let [name] = &migrations(&workspace)[..] else { panic!("one") };
    assert!(name.ends_with("_align_posts_user_id"));
    let up = text(&workspace, name, "up.sql");
    assert!(up.contains("posts.user_id → users") && !up.contains("posts.editor_id"), "{up}");
}

#[test]
fn what_loses_data_wants_to_be_named() {
    let database = SqliteFile::new(TABLES);
    let workspace = posts("set_null", "cascade");
    let run = fix(&workspace, &database.url(), &[]).expect(1);
    let out = unwrapped(&run.stdout);
    assert!(
        out.contains("`posts.user_id`: from then on, deleting a row of `users` sets `posts.user_id` to NULL"),
        "{run:?}"
    );
    assert!(out.contains("pass `--allow-data-loss posts.editor_id`"), "{run:?}");
    assert_eq!(migrations(&workspace), [""; 0]);
    // One is allowed, the other stays.
    fix(&workspace, &database.url(), &["--allow-data-loss", "posts.editor_id"]).expect(1);
    let [name] = &migrations(&workspace)[..] else { panic!("one") };
    let up = text(&workspace, name, "up.sql");
    assert!(
        up.contains("-- CAUTION! From now on, deleting a row of `users` deletes its rows in `posts`."),
        "{up}"
    );
    // The report of the audit says the same.
    let note = ["--database-url", &database.url(), "--message-format", "markdown", "--title"];
    let note = fkcheck(workspace.dir(), &note, &[]).expect(1);
    assert!(note.stdout.contains("--allow-data-loss"), "{note:?}");
}

#[test]
fn set_null_needs_a_column_that_takes_it() {
    let database = SqliteFile::new(TABLES);
    let run = fix(&posts("cascade", "set_null"), &database.url(), &["--allow-data-loss", "posts.editor_id"])
        .expect(1);
    assert!(unwrapped(&run.stdout).contains("`posts.editor_id` doesn't take NULL"), "{run:?}");
}

#[test]
fn a_missing_key_is_added_when_its_rows_were_counted() {
    let without = TABLES.replace(
        "user_id INTEGER, editor_id INTEGER NOT NULL,\n    CONSTRAINT of_user FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE,",
        "user_id INTEGER, editor_id INTEGER NOT NULL,",
    );
    let mut urls = Vec::new();
    let file = SqliteFile::new(&without);
    urls.push((Engine::Sqlite, file.url()));
    let on_postgres = postgres().map(|server| server.fresh_database());
    let on_mariadb = mariadb().map(|server| server.fresh_database());
    for (engine, database) in [(Engine::Postgres, &on_postgres), (Engine::Mysql, &on_mariadb)] {
        if let Some(database) = database {
            database.execute(&without);
            urls.push((engine, database.url()));
        }
    }
    for (engine, url) in urls {
        let workspace = posts("no_action", "restrict");
        let run = fix(&workspace, &url, &[]).expect(1);
        assert!(run.stdout.contains("pass `--data` to have them counted first"), "{run:?}");
        fix(&workspace, &url, &["--data"]).expect(0);
        if diesel_is_skipped() {
            continue;
        }
        let before = schema_and_rows(engine, &url).unwrap();
        diesel(&workspace, &url, &["run"]).unwrap();
        fkcheck(workspace.dir(), &["--database-url", &url, "--data"], &[]).expect(0);
        diesel(&workspace, &url, &["revert", "--all"]).unwrap();
        assert_eq!(schema_and_rows(engine, &url).unwrap(), before);
    }
}

#[test]
fn rows_without_a_parent_are_in_the_way() {
    let database =
        SqliteFile::new(&format!("PRAGMA foreign_keys = OFF; {TABLES} INSERT INTO posts VALUES (3, 77, 1);"));
    let workspace = posts("no_action", "restrict");
    let run = fix(&workspace, &database.url(), &["--data"]).expect(1);
    assert!(
        unwrapped(&run.stdout).contains("rows of `posts` have no parent in `users`, 1 of them"),
        "{run:?}"
    );
    // Not counted, the migration itself stops, and nothing has changed.
    fix(&workspace, &database.url(), &[]).expect(0);
    if diesel_is_skipped() {
        return;
    }
    let before = schema_and_rows(Engine::Sqlite, &database.url()).unwrap();
    let error = diesel(&workspace, &database.url(), &["run"]).unwrap_err();
    assert!(error.contains("fkcheck: rows have no parent"), "{error}");
    assert_eq!(schema_and_rows(Engine::Sqlite, &database.url()).unwrap(), before);
}

/// A change that was made after the migration was written.
fn the_guard_stops(engine: Engine, url: &str, change: impl FnOnce(&str)) {
    let workspace = posts("no_action", "restrict");
    fix(&workspace, url, &[]).expect(0);
    if diesel_is_skipped() {
        return;
    }
    change(
        "ALTER TABLE posts DROP CONSTRAINT of_user, ADD CONSTRAINT of_user FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE SET NULL",
    );
    let before = schema_and_rows(engine, url).unwrap();
    let error = diesel(&workspace, url, &["run"]).unwrap_err();
    assert!(error.contains("fkcheck: "), "{error}");
    assert_eq!(schema_and_rows(engine, url).unwrap(), before);
}

#[test]
fn a_guard_stops_where_the_database_has_moved_on() {
    let file = SqliteFile::new(TABLES);
    the_guard_stops(Engine::Sqlite, &file.url(), |_| file.execute("CREATE INDEX by_hand ON posts (user_id)"));
    if let Some(server) = postgres() {
        let database = server.fresh_database();
        database.execute(TABLES);
        the_guard_stops(Engine::Postgres, &database.url(), |sql| database.execute(sql));
    }
    if let Some(server) = mariadb() {
        let database = server.fresh_database();
        database.execute(TABLES);
        the_guard_stops(Engine::Mysql, &database.url(), |_| {
            database.execute(
                "ALTER TABLE posts DROP FOREIGN KEY of_user, ADD CONSTRAINT of_user_2 FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE SET NULL",
            );
        });
    }
}

/// A second key on the same columns acts too: with it, neither is all done nor would the swap be enough.
#[test]
fn a_guard_stops_where_another_key_stands_on_the_columns() {
    if diesel_is_skipped() {
        return;
    }
    let partitioned = TABLES.replace(
        "REFERENCES users (id) ON DELETE RESTRICT);",
        "REFERENCES users (id) ON DELETE RESTRICT) PARTITION BY RANGE (id);
        CREATE TABLE posts_1 PARTITION OF posts DEFAULT;",
    );
    let pg = postgres().map(|server| (Engine::Postgres, server, vec![TABLES.to_owned(), partitioned]));
    let my = mariadb().map(|server| (Engine::Mysql, server, vec![TABLES.to_owned()]));
    for (engine, server, tables) in pg.into_iter().chain(my) {
        for tables in tables {
            for second in ["a_second", "z_second"] {
                for action in ["CASCADE", "NO ACTION"] {
                    let database = server.fresh_database();
                    database.execute(&tables);
                    a_second_key_stops(engine, &database.url(), &|sql| database.execute(sql), second, action);
                }
            }
        }
    }
}

fn a_second_key_stops(engine: Engine, url: &str, execute: &dyn Fn(&str), second: &str, action: &str) {
    let workspace = posts("no_action", "restrict");
    fix(&workspace, url, &[]).expect(0);
    let drop = if engine == Engine::Mysql { "FOREIGN KEY" } else { "CONSTRAINT" };
    let (add, drop) = (
        format!(
            "ALTER TABLE posts ADD CONSTRAINT {second} FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE {action}"
        ),
        format!("ALTER TABLE posts DROP {drop} {second}"),
    );
    let stops = |arguments: &[&str]| {
        execute(&add);
        let before = schema_and_rows(engine, url).unwrap();
        let error = diesel(&workspace, url, arguments).unwrap_err();
        let is_said = error.contains("more than one foreign key stands on posts.user_id")
            || error.contains("several keys are on posts.user_id");
        assert!(is_said, "{error}");
        assert_eq!(schema_and_rows(engine, url).unwrap(), before);
        execute(&drop);
    };
    stops(&["run"]);
    diesel(&workspace, url, &["run"]).unwrap();
    fkcheck(workspace.dir(), &["--database-url", url], &[]).expect(0);
    stops(&["revert", "--all"]);
    diesel(&workspace, url, &["revert", "--all"]).unwrap();
}

/// An application may run the migrations itself, on a connection that it keeps.
#[test]
fn a_stopped_migration_leaves_a_connection_that_can_be_used() {
    let file = SqliteFile::new(TABLES);
    let workspace = posts("no_action", "restrict");
    fix(&workspace, &file.url(), &[]).expect(0);
    let up = text(&workspace, &migrations(&workspace)[0], "up.sql");
    file.execute("CREATE INDEX by_hand ON posts (user_id)");
    let path = file.path().display().to_string();
    let mut connection = SqliteConnection::establish(&path).expect("it opens");
    for _ in 0..2 {
        let error = connection.batch_execute(&up).unwrap_err().to_string();
        assert!(error.contains("isn't as it was"), "{error}");
        assert!(error.contains("Foreign keys are off in this connection now: close it"), "{error}");
    }
    connection.batch_execute("BEGIN IMMEDIATE; COMMIT").expect("no transaction is open");
    file.execute("BEGIN IMMEDIATE; COMMIT");
}

/// A column may say what becomes of a row that breaks a constraint; such rows are there where a check was off when they came.
#[test]
fn a_row_that_the_new_table_would_not_take_stops_the_rebuild() {
    for swallows in ["IGNORE", "REPLACE", "FAIL"] {
        let loose = TABLES.replace("editor_id INTEGER NOT NULL,", "editor_id INTEGER,");
        let file = SqliteFile::new(&format!("{loose} INSERT INTO posts VALUES (3, 1, NULL);"));
        file.execute(&format!(
            "PRAGMA writable_schema = ON; UPDATE sqlite_master SET sql = replace(sql, 'editor_id INTEGER,', \
             'editor_id INTEGER NOT NULL ON CONFLICT {swallows} DEFAULT 1,') WHERE name = 'posts'"
        ));
        let workspace = posts("no_action", "restrict");
        fix(&workspace, &file.url(), &[]).expect(0);
        let up = text_of(&workspace);
        let before = schema_and_rows(Engine::Sqlite, &file.url()).unwrap();
        assert!(before.contains("posts 3: 3, 1, NULL"), "{before}");
        let path = file.path().display().to_string();
        let mut connection = SqliteConnection::establish(&path).expect("it opens");
        let error = connection.batch_execute(&up).expect_err(swallows).to_string();
        assert!(error.contains("NOT NULL constraint failed: posts.editor_id"), "{swallows}: {error}");
        connection.batch_execute("BEGIN IMMEDIATE; COMMIT").expect("no transaction is open");
        assert_eq!(schema_and_rows(Engine::Sqlite, &file.url()).unwrap(), before);
    }
}

/// The `up.sql` that was written.
fn text_of(workspace: &Workspace) -> String {
    text(workspace, &migrations(workspace)[0], "up.sql")
}

/// What turns them on can't be seen in every workspace.
#[test]
fn a_connection_that_had_foreign_keys_on_has_them_on_afterwards() {
    let file = SqliteFile::new(TABLES);
    let workspace = posts("no_action", "restrict");
    let source = std::fs::read_to_string(workspace.dir().join("src/lib.rs")).unwrap();
    workspace.write("src/lib.rs", source.split("pub const ON").next().unwrap());
    let manifest = std::fs::read_to_string(workspace.manifest_path()).unwrap();
    let without: Vec<&str> = manifest.lines().filter(|line| !line.starts_with("libsqlite3-sys")).collect();
    workspace.write("Cargo.toml", &without.join("\n"));
    let run = fix(&workspace, &file.url(), &[]).expect(0);
    let said = unwrapped(&run.stderr);
    assert!(
        said.contains("The connection that runs it has them on afterwards, also where they were off"),
        "{said}"
    );
    let path = file.path().display().to_string();
    let mut connection = SqliteConnection::establish(&path).expect("it opens");
    connection.batch_execute("PRAGMA foreign_keys = ON").expect("on");
    for file in ["up.sql", "down.sql"] {
        connection.batch_execute(&text(&workspace, &migrations(&workspace)[0], file)).expect(file);
        let error = connection.batch_execute("INSERT INTO posts VALUES (9, 77, 1)").unwrap_err().to_string();
        assert!(error.contains("FOREIGN KEY constraint failed"), "{file}: {error}");
    }
}

#[test]
fn a_rebuild_waits_for_a_writer() {
    let file = SqliteFile::new(TABLES);
    let workspace = posts("no_action", "restrict");
    fix(&workspace, &file.url(), &[]).expect(0);
    let path = file.path().display().to_string();
    let mut writer = SqliteConnection::establish(&path).expect("it opens");
    writer.batch_execute("BEGIN IMMEDIATE; INSERT INTO users VALUES (7, 'late')").expect("it writes");
    let up = text_of(&workspace);
    let rebuild = std::thread::spawn(move || {
        let mut connection = SqliteConnection::establish(&path).expect("it opens");
        connection.batch_execute(&up).map_err(|error| error.to_string())
    });
    std::thread::sleep(std::time::Duration::from_millis(500));
    writer.batch_execute("COMMIT").expect("it ends");
    rebuild.join().expect("no panic").expect("it waited");
    let after = schema_and_rows(Engine::Sqlite, &file.url()).unwrap();
    assert!(after.contains("ON DELETE NO ACTION") && after.contains("'late'"), "{after}");
}

#[test]
fn an_online_alter_that_fails_leaves_foreign_keys_checked() {
    let Some(server) = mariadb() else { return };
    let database = server.fresh_database();
    database.execute(TABLES);
    let workspace = posts("no_action", "restrict");
    fix(&workspace, &database.url(), &["--data"]).expect(0);
    let up = text(&workspace, &migrations(&workspace)[0], "up.sql");
    assert!(up.contains("LOCK = NONE"), "{up}");
    let url = database.url();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let (error, checks) = runtime.block_on(async {
        let mut reader = mysql_async::Conn::from_url(&url).await.expect("MariaDB answers");
        reader.query_drop("BEGIN").await.expect("begun");
        reader.query_drop("SELECT * FROM posts").await.expect("read");
        let mut connection = mysql_async::Conn::from_url(&url).await.expect("MariaDB answers");
        let error = connection.query_drop(&up).await.unwrap_err().to_string();
        let checks: Option<u8> = connection.query_first("SELECT @@foreign_key_checks").await.expect("told");
        (error, checks)
    });
    assert!(error.contains("Lock wait timeout"), "{error}");
    assert_eq!(checks, Some(1));
}

/// Inside Diesel's own transaction a rebuild was seen to delete every child.
#[test]
fn sqlite_rebuilds_a_parent_without_touching_its_children() {
    let schema = "
diesel::table! { groups (id) { id -> Integer, } }
diesel::table! { users (id) { id -> Integer, group_id -> Nullable<Integer>, } }
diesel::table! { sessions (id) { id -> Integer, user_id -> Nullable<Integer>, } }
diesel::table! { notes (id) { id -> Integer, user_id -> Nullable<Integer>, } }
";
    let workspace = Workspace::new().file("migrations/.keep", "").file("src/schema.rs", schema).file(
        "src/lib.rs",
        "pub mod schema;\nuse schema::*;\nfkcheck_macros::foreign_keys! {
    users (group_id) -> groups (id), on_delete = restrict;
    sessions (user_id) -> users (id), on_delete = cascade;
    notes (user_id) -> users (id), on_delete = set_null;
}
pub const ON: &str = \"PRAGMA foreign_keys = ON\";\n",
    );
    let database = SqliteFile::new(
        "CREATE TABLE groups (id INTEGER PRIMARY KEY NOT NULL);
         CREATE TABLE users (id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, group_id INTEGER REFERENCES groups (id) ON DELETE CASCADE);
         CREATE TABLE sessions (id INTEGER PRIMARY KEY NOT NULL, user_id INTEGER REFERENCES users (id) ON DELETE CASCADE);
         CREATE TABLE notes (id INTEGER PRIMARY KEY NOT NULL, user_id INTEGER REFERENCES users (id) ON DELETE SET NULL);
         CREATE VIEW named AS SELECT u.id, count(*) AS sessions FROM users u JOIN sessions s ON s.user_id = u.id GROUP BY u.id;
         CREATE TRIGGER users_gone AFTER DELETE ON users BEGIN INSERT INTO groups (id) VALUES (1000000 + old.id); END;
         CREATE TRIGGER notes_new AFTER INSERT ON notes BEGIN UPDATE users SET group_id = group_id WHERE id = new.user_id; END;
         CREATE INDEX users_group ON users (group_id) WHERE group_id IS NOT NULL;
         INSERT INTO groups VALUES (1);
         INSERT INTO users VALUES (1, 1), (9, 1);
         DELETE FROM users WHERE id = 9;
         WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000) INSERT INTO sessions SELECT i, 1 FROM n;
         WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 500) INSERT INTO notes SELECT i, 1 FROM n;
         ANALYZE;",
    );
    let url = database.url();
    fix(&workspace, &url, &[]).expect(0);
    if diesel_is_skipped() {
        return;
    }
    let before = schema_and_rows(Engine::Sqlite, &url).unwrap();
    assert_eq!(before.lines().filter(|line| line.starts_with("sessions ")).count(), 1000);
    assert!(before.contains("sqlite_sequence : 'users', 9") && before.contains("sqlite_stat1"), "{before}");
    diesel(&workspace, &url, &["run"]).unwrap();
    let after = schema_and_rows(Engine::Sqlite, &url).unwrap();
    let expected = before.replace("groups (id) ON DELETE CASCADE", "groups (id) ON DELETE RESTRICT");
    assert_eq!(after, expected);
    diesel(&workspace, &url, &["revert"]).unwrap();
    assert_eq!(schema_and_rows(Engine::Sqlite, &url).unwrap(), before);
}

#[test]
fn code_takes_over_what_the_database_says() {
    let workspace = posts("no_action", "set_null");
    let database = SqliteFile::new(TABLES);
    let path = workspace.dir().join("src/lib.rs");
    let before = std::fs::read_to_string(&path).unwrap();
    let diff = fix(&workspace, &database.url(), &["--code", "--dry-run"]).expect(0);
    assert!(diff.stdout.contains("+    posts (user_id) -> users (id), on_delete = cascade;"), "{diff:?}");
    assert_eq!(std::fs::read_to_string(&path).unwrap(), before);
    fix(&workspace, &database.url(), &["--all-code"]).expect(0);
    let after = std::fs::read_to_string(&path).unwrap();
    assert_eq!(after, before.replace("no_action", "cascade").replace("set_null", "restrict"));
    fkcheck(workspace.dir(), &["--database-url", &database.url()], &[]).expect(0);
    assert_eq!(migrations(&workspace), [""; 0]);
}

#[test]
fn every_annotation_of_a_key_is_changed() {
    let workspace = billing();
    let models = std::fs::read_to_string(workspace.dir().join("src/models.rs")).unwrap();
    let more = "\n#[derive(fkcheck_macros::ForeignKeys)]\n#[diesel(table_name = crate::schema::batch_jobs)]\npub struct NewBatchJob {\n    \
                #[fk(references = crate::schema::organizations(id), on_delete = \"NO ACTION\", deferrable = deferred)]\n    pub org_id: i32,\n}\n";
    workspace.write("src/models.rs", &(models + more));
    let run =
        fkcheck(workspace.dir(), &["fix", "--code", "--allow-dirty", "batch_jobs.org_id"], &[]).expect(0);
    let after = std::fs::read_to_string(workspace.dir().join("src/models.rs")).unwrap();
    assert!(
        after.ends_with("organizations(id), on_delete = cascade)]\n    pub org_id: i32,\n}\n"),
        "{run:?}\n{after}"
    );
}

#[test]
fn an_unreadable_source_writes_nothing() {
    let workspace = posts("no_action", "restrict");
    let run = fix(&workspace, "postgres://nobody:CANARY@127.0.0.1:1/none", &[]).expect(3);
    assert!(!format!("{run:?}").contains("CANARY"));
    assert_eq!(migrations(&workspace), [""; 0]);
}

/// A real terminal: `script` makes one.
#[cfg(target_os = "linux")]
#[test]
fn in_a_terminal_it_asks_key_by_key() {
    use std::io::Write as _;
    use std::process::{Command, Stdio};
    let workspace = posts("no_action", "cascade");
    let database = SqliteFile::new(TABLES);
    let command = format!(
        "{} fkcheck fix --allow-dirty --database-url {}",
        fkcheck_tests::binary().display(),
        database.url()
    );
    let mut child = Command::new("script")
        .args(["--quiet", "--return", "--command", &command, "/dev/null"])
        .current_dir(workspace.dir())
        .env("TERM", "dumb")
        .env_remove("DATABASE_URL")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("script runs");
    let mut stdin = child.stdin.take().expect("piped");
    // A word that is no answer is asked again, and so is one who doesn't allow what he asked for.
    stdin.write_all(b"what?\ncode\nd\nno\nd\nyes\n").expect("written");
    let output = child.wait_with_output().expect("it ends");
    drop(stdin);
    let shown = String::from_utf8_lossy(&output.stdout).replace('\r', "");
    assert!(output.status.success(), "{shown}");
    assert_eq!(shown.matches("which side changes?").count(), 4, "{shown}");
    assert_eq!(shown.matches("one of the letters in brackets").count(), 1, "{shown}");
    let asked = "deleting a row of `users` deletes its rows in `posts`; write `yes` if that is meant";
    assert_eq!(shown.matches(asked).count(), 2, "{shown}");
    assert!(shown.contains("which side is right? ask what a child row is worth"), "{shown}");
    let lib = std::fs::read_to_string(workspace.dir().join("src/lib.rs")).unwrap();
    assert!(lib.contains("posts (user_id) -> users (id), on_delete = cascade;"), "{shown}\n{lib}");
    let [name] = &migrations(&workspace)[..] else { panic!("one: {shown}") };
    assert!(name.ends_with("_align_posts_editor_id"), "{shown}");
}

#[test]
fn several_databases_in_one_state_get_one_migration_and_others_none() {
    let (one, two) = (SqliteFile::new(TABLES), SqliteFile::new(TABLES));
    let other = SqliteFile::new(&TABLES.replace("ON DELETE CASCADE", "ON DELETE NO ACTION"));
    let fix = |workspace: &Workspace, urls: &[String]| {
        let urls: Vec<&str> = urls.iter().flat_map(|url| ["--database-url", url]).collect();
        fkcheck(workspace.dir(), &[&["fix"], &urls[..]].concat(), &[])
    };
    let workspace = posts("no_action", "restrict");
    fix(&workspace, &[one.url(), two.url()]).expect(0);
    assert_eq!(migrations(&workspace).len(), 1);
    let workspace = posts("no_action", "restrict");
    let run = fix(&workspace, &[one.url(), other.url()]).expect(1);
    assert!(run.stdout.contains("the databases differ on it"), "{run:?}");
    assert_eq!(migrations(&workspace), [""; 0]);
}

#[test]
fn a_directory_that_is_none_is_refused() {
    let workspace = posts("no_action", "restrict");
    std::fs::remove_dir_all(workspace.dir().join("migrations")).unwrap();
    let database = SqliteFile::new(TABLES);
    let run = fix(&workspace, &database.url(), &[]).expect(2);
    assert!(run.stderr.contains("there is no directory of migrations to write into"), "{run:?}");
    let run = fix(&workspace, &database.url(), &["--migration-dir", "nowhere"]).expect(2);
    assert!(run.stderr.contains("there is no directory"), "{run:?}");
    assert!(!Path::new("nowhere").exists());
}

/// Killed at every call that writes: each migration is whole or not there, and Diesel passes over what is left behind. The next
/// run completes it, or removes it and begins anew.
#[cfg(target_os = "linux")]
#[test]
fn a_killed_run_leaves_whole_migrations_or_none() {
    use std::process::{Command, Stdio};
    let Some(server) = postgres() else { return };
    let database = server.fresh_database();
    database.execute(TABLES);
    let workspace = posts("no_action", "restrict");
    // As Diesel makes it: what is there is not run.
    database.execute("CREATE TABLE __diesel_schema_migrations (version VARCHAR(50) PRIMARY KEY NOT NULL, run_on TIMESTAMP NOT NULL)");
    let (mut kills, mut between) = (0, 0);
    for call in ["write", "fsync", "mkdir", "chmod", "rename"] {
        for nth in 1.. {
            std::fs::remove_dir_all(workspace.dir().join("migrations")).unwrap();
            workspace.write("migrations/.keep", "");
            let status = Command::new("strace")
                .args(["-f", "-qq", "-o", "/dev/null", "-e", &format!("trace={call}")])
                .args(["-e", &format!("inject={call}:signal=KILL:when={nth}")])
                .arg(fkcheck_tests::binary())
                .args(["fkcheck", "fix", "--quiet", "--all-database", "--database-url", &database.url()])
                .current_dir(workspace.dir())
                .env_remove("DATABASE_URL")
                .stdout(Stdio::null())
                .stderr(Stdio::null())
                .status()
                .expect("strace runs");
            let all = migrations(&workspace);
            let (staged, named): (Vec<&String>, Vec<&String>) =
                all.iter().partition(|name| name.starts_with('.'));
            for name in &named {
                for file in ["up.sql", "down.sql", "metadata.toml"] {
                    assert!(
                        text(&workspace, name, file).ends_with('\n'),
                        "{name}/{file} after {call} number {nth}"
                    );
                }
            }
            if status.success() {
                assert_eq!((named.len(), staged.len()), (2, 0), "{all:?}");
                break;
            }
            kills += 1;
            between += usize::from(named.len() == 1);
            let (is_begun, is_staged, staged) = (named.len() == 1, !staged.is_empty(), staged.clone());
            let dry = fix(&workspace, &database.url(), &["--dry-run"]);
            assert!(
                !is_staged || dry.stderr.contains(if is_begun { "Would complete" } else { "Would remove" }),
                "{dry:?}"
            );
            assert_eq!(migrations(&workspace), all, "a dry run leaves {staged:?}");
            let again = fix(&workspace, &database.url(), &[]);
            let after = migrations(&workspace);
            assert!(
                after.len() == 2 && !after.iter().any(|name| name.starts_with('.')),
                "{call} {nth}: {again:?}"
            );
            assert_eq!(again.stderr.contains("Completed migrations/"), is_begun, "{again:?}");
            assert_eq!(
                again.stderr.contains("Removed migrations/.fkcheck-"),
                is_staged && !is_begun,
                "{again:?}"
            );
        }
    }
    assert!(kills > 10 && between > 0, "{kills} kills, {between} of them between two migrations");
}

/// The migration that validates is lost: the key that the first one leaves is found, and it is written again, once.
#[test]
fn a_key_that_is_left_not_valid_is_found_and_validated() {
    let Some(server) = postgres() else { return };
    if diesel_is_skipped() {
        return;
    }
    let database = server.fresh_database();
    database.execute(TABLES);
    let (url, workspace) = (&database.url(), posts("no_action", "restrict"));
    let check = || fkcheck(workspace.dir(), &["--database-url", url], &[]);
    fix(&workspace, url, &[]).expect(0);
    let written = migrations(&workspace);
    std::fs::remove_dir_all(workspace.dir().join("migrations").join(&written[1])).unwrap();
    diesel(&workspace, url, &["run"]).unwrap();
    let run = check().expect(1);
    let said = unwrapped(&run.stdout);
    assert!(
        said.contains("fk_not_validated") && said.contains(&format!("`{}` has made it anew", written[0])),
        "{run:?}"
    );
    fix(&workspace, url, &["--code"]).expect(1);
    let replayed = fkcheck(workspace.dir(), &["--against", "migrations"], &[]);
    assert!(replayed.stdout.contains("fk_missing_in_source") || replayed.code == 3, "{replayed:?}");

    fix(&workspace, url, &[]).expect(0);
    let [swap, validation] = &migrations(&workspace)[..] else { panic!("two") };
    assert!(*swap == written[0] && validation.ends_with("align_posts_user_id_validate"), "{validation}");
    assert!(!text(&workspace, validation, "up.sql").contains("DROP CONSTRAINT"));
    let run = check().expect(1);
    assert!(
        unwrapped(&run.stdout).contains(&format!("`{validation}` validates it: run `diesel migration run`")),
        "{run:?}"
    );
    let run = fix(&workspace, url, &[]).expect(1);
    assert!(unwrapped(&run.stdout).contains("does it and is not applied"), "{run:?}");
    diesel(&workspace, url, &["run"]).unwrap();
    check().expect(0);
    diesel(&workspace, url, &["revert", "--all"]).unwrap();
    diesel(&workspace, url, &["run"]).unwrap();
    check().expect(0);
}

/// Somebody's own NOT VALID is a warning; `fix` validates it too, and with it what it makes anew.
#[test]
fn what_is_not_valid_by_hand_is_validated_too() {
    let Some(server) = postgres() else { return };
    if diesel_is_skipped() {
        return;
    }
    for of_user in ["cascade", "no_action"] {
        let database = server.fresh_database();
        database.execute(TABLES);
        database.execute(
            "ALTER TABLE posts DROP CONSTRAINT of_user,
            ADD CONSTRAINT of_user FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE NOT VALID",
        );
        let (url, workspace) = (&database.url(), posts(of_user, "restrict"));
        let before = schema_and_rows(Engine::Postgres, url).unwrap();
        let run = fkcheck(workspace.dir(), &["--database-url", url], &[]);
        assert!(run.stdout.contains("warning[fk_not_validated]"), "{run:?}");
        fix(&workspace, url, &[]).expect(0);
        assert_eq!(migrations(&workspace).len(), if of_user == "cascade" { 1 } else { 2 });
        diesel(&workspace, url, &["run"]).unwrap();
        let run = fkcheck(workspace.dir(), &["--database-url", url], &[]).expect(0);
        assert!(!run.stdout.contains("fk_not_validated"), "{run:?}");
        diesel(&workspace, url, &["revert", "--all"]).unwrap();
        if of_user == "no_action" {
            assert_eq!(schema_and_rows(Engine::Postgres, url).unwrap(), before);
        }
    }
}

/// What can't be written is called so, by its name.
#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_said() {
    let database = SqliteFile::new(TABLES);
    for (command, what) in [
        ("fix", "what is planned, and nothing is written"),
        ("snapshot", "fkcheck.lock"),
        ("baseline", "fkcheck-baseline.toml"),
    ] {
        let workspace = posts("no_action", "restrict");
        let output = std::process::Command::new("strace")
            .args(["-f", "-qq", "-o", "/dev/null", "-e", "trace=fsync", "-e", "inject=fsync:error=ENOSPC"])
            .arg(fkcheck_tests::binary())
            .args(["fkcheck", command, "--database-url", &database.url()])
            .current_dir(workspace.dir())
            .output()
            .expect("strace runs");
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(
            said.contains("error: can't write ") && said.contains(what) && said.contains("No space left"),
            "{said}"
        );
        assert_eq!(output.status.code(), Some(3), "{said}");
    }
}

#[test]
fn the_same_findings_give_the_same_files() {
    let database = SqliteFile::new(TABLES);
    let sql = |name: &str| {
        let workspace = posts("no_action", "restrict");
        fix(&workspace, &database.url(), &["--name", name]).expect(0);
        let [directory] = &migrations(&workspace)[..] else { panic!("one") };
        (text(&workspace, directory, "up.sql"), text(&workspace, directory, "down.sql"))
    };
    assert_eq!(sql("one"), sql("two"));
}

/// Production was changed by hand; development is made from the migrations, and the aligning one runs there too.
#[test]
fn a_database_that_was_made_from_the_migrations_takes_it_too() {
    // The one key has drifted in production, the other was never as the code says.
    for of_editor in ["RESTRICT", "CASCADE"] {
        let tables = TABLES.replace("ON DELETE CASCADE", "ON DELETE NO ACTION");
        let tables = tables.replace("ON DELETE RESTRICT", &format!("ON DELETE {of_editor}"));
        development_takes_it_too(tables.split_once("INSERT").expect("rows").0);
    }
}

fn development_takes_it_too(schema: &str) {
    let migration = |workspace: &Workspace| {
        workspace.write("migrations/2024-01-01-000000_start/up.sql", schema);
        workspace.write("migrations/2024-01-01-000000_start/down.sql", "DROP TABLE posts; DROP TABLE users;");
    };
    let mut places: Vec<(Engine, String, String)> = Vec::new();
    let files = (SqliteFile::new(""), SqliteFile::new(""));
    places.push((Engine::Sqlite, files.0.url(), files.1.url()));
    let on_postgres = postgres().map(|server| (server.fresh_database(), server.fresh_database()));
    let on_mariadb = mariadb().map(|server| (server.fresh_database(), server.fresh_database()));
    for (engine, databases) in [(Engine::Postgres, &on_postgres), (Engine::Mysql, &on_mariadb)] {
        places.extend(databases.iter().map(|(one, two)| (engine, one.url(), two.url())));
    }
    if diesel_is_skipped() {
        return;
    }
    for (engine, production, development) in places {
        let workspace = posts("no_action", "restrict");
        let manifest = std::fs::read_to_string(workspace.manifest_path()).expect("readable");
        let backend = match engine {
            Engine::Sqlite => "sqlite",
            Engine::Postgres => "postgres",
            Engine::Mysql => "mysql",
        };
        workspace.write("Cargo.toml", &manifest.replace("\"sqlite\"", &format!("\"{backend}\"")));
        migration(&workspace);
        diesel(&workspace, &production, &["run"]).unwrap();
        let drifted = match engine {
            Engine::Sqlite => {
                "PRAGMA writable_schema = ON; UPDATE sqlite_master SET sql = replace(sql, 'NO ACTION', 'CASCADE') WHERE name = 'posts'"
            }
            Engine::Postgres => {
                "ALTER TABLE posts DROP CONSTRAINT of_user, ADD CONSTRAINT of_user FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE"
            }
            Engine::Mysql => {
                "ALTER TABLE posts DROP FOREIGN KEY of_user, ADD CONSTRAINT by_hand FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE"
            }
        };
        match engine {
            Engine::Sqlite => files.0.execute(drifted),
            Engine::Postgres => on_postgres.iter().for_each(|databases| databases.0.execute(drifted)),
            Engine::Mysql => on_mariadb.iter().for_each(|databases| databases.0.execute(drifted)),
        }
        fix(&workspace, &production, &[]).expect(0);
        // What waits is what is missing; the migrations before it say what the code says, too.
        let written = migrations(&workspace);
        let run = fkcheck(workspace.dir(), &["--database-url", &production], &[]).expect(1);
        let waits = format!("`{}` is not applied to the database yet", written[1]);
        let text = unwrapped(&run.stdout);
        assert!(text.contains(&waits) && !text.contains("cargo fkcheck fix` writes"), "{run:?}");
        for more in [&[][..], &["--data"]] {
            fix(&workspace, &production, more).expect(1);
        }
        assert_eq!(migrations(&workspace), written);
        for url in [&production, &development] {
            diesel(&workspace, url, &["run"]).unwrap();
            fkcheck(workspace.dir(), &["--database-url", url], &[]).expect(0);
            // As CI does it.
            diesel(&workspace, url, &["redo", "--all"]).unwrap();
            fkcheck(workspace.dir(), &["--database-url", url], &[]).expect(0);
        }
    }
}

#[test]
fn a_migration_that_is_only_not_applied_is_not_written_again() {
    if diesel_is_skipped() {
        return;
    }
    let workspace = posts("no_action", "restrict");
    workspace.write("migrations/2024-01-01-000000_start/up.sql", TABLES);
    let database = SqliteFile::new("");
    diesel(&workspace, &database.url(), &["run"]).unwrap();
    let (_, posts) = TABLES.split_once("CREATE TABLE posts").expect("there");
    let (posts, _) = posts.split_once("INSERT").expect("rows");
    let anew = format!("DROP TABLE posts; CREATE TABLE posts{}", posts.replace("CASCADE", "NO ACTION"));
    workspace.write("migrations/2024-01-03-000000_keep/up.sql", &anew);
    let run = fix(&workspace, &database.url(), &[]).expect(1);
    assert!(unwrapped(&run.stdout).contains("run `diesel migration run` first"), "{run:?}");
    assert_eq!(migrations(&workspace).len(), 2);
}

#[test]
fn some_columns_of_a_key_are_not_all() {
    let Some(server) = postgres().filter(|server| server.major_version() >= 15) else { return };
    if diesel_is_skipped() {
        return;
    }
    let database = server.fresh_database();
    database.execute(
        "CREATE TABLE orders (id INT, region INT, PRIMARY KEY (id, region));
         CREATE TABLE items (id INT PRIMARY KEY, order_id INT, region INT, CONSTRAINT of_order FOREIGN KEY (order_id, region)
             REFERENCES orders ON DELETE SET NULL (order_id));",
    );
    let workspace = |action: &str| {
        Workspace::new().file("migrations/.keep", "").file(
            "src/lib.rs",
            &format!(
                "diesel::table! {{ orders (id, region) {{ id -> Integer, region -> Integer, }} }}
diesel::table! {{ items (id) {{ id -> Integer, order_id -> Nullable<Integer>, region -> Nullable<Integer>, }} }}
fkcheck_macros::foreign_keys! {{ items (order_id, region) -> orders (id, region), on_delete = {action}; }}\n"
            ),
        )
    };
    let url = database.url();
    for action in ["set_null", "set_null(region)", "set_null(order_id)"] {
        let workspace = workspace(action);
        let allow = ["--allow-data-loss", "items.(order_id, region)"];
        fix(&workspace, &url, &allow).expect(0);
        assert_eq!(migrations(&workspace).len(), 2, "{action}");
        diesel(&workspace, &url, &["run"]).unwrap();
        fkcheck(workspace.dir(), &["--database-url", &url], &[]).expect(0);
        database.execute("DROP TABLE __diesel_schema_migrations");
    }
}

const MANY: &str = "
diesel::table! { users (id) { id -> Integer, } }
diesel::table! { posts (id) { id -> Integer, user_id -> Nullable<Integer>, } }
diesel::table! { notes (id) { id -> Integer, user_id -> Nullable<Integer>, post_id -> Nullable<Integer>, } }
diesel::table! { parts (id) { id -> Integer, user_id -> Nullable<Integer>, } }
";

const MANY_TABLES: &str = "
CREATE TABLE users (id INTEGER NOT NULL PRIMARY KEY);
CREATE TABLE posts (id INTEGER NOT NULL PRIMARY KEY, user_id INTEGER,
    CONSTRAINT a FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE);
CREATE TABLE notes (id INTEGER NOT NULL PRIMARY KEY, user_id INTEGER, post_id INTEGER,
    CONSTRAINT b FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE);
INSERT INTO users VALUES (1);
INSERT INTO posts VALUES (1, 1);
INSERT INTO notes VALUES (1, 1, 1);
";

const PARTITIONED: &str = "
CREATE TABLE parts (id INTEGER NOT NULL PRIMARY KEY, user_id INTEGER,
    CONSTRAINT c FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE) PARTITION BY RANGE (id);
CREATE TABLE parts_1 PARTITION OF parts FOR VALUES FROM (0) TO (10);
CREATE TABLE parts_2 PARTITION OF parts FOR VALUES FROM (10) TO (20);
INSERT INTO parts VALUES (1, 1), (11, 1);
";

/// Keys of several tables that differ, one that isn't there, and where there are such, one of a partitioned table; and the SQL.
fn many(engine: Engine) -> (Workspace, String) {
    let has_parts = engine == Engine::Postgres;
    let tables = format!("{MANY_TABLES}{}", if has_parts { PARTITIONED } else { "" });
    let parts = if has_parts { "parts (user_id) -> users (id), on_delete = no_action;" } else { "" };
    let workspace = Workspace::new().file("migrations/.keep", "").file("src/schema.rs", MANY).file(
        "src/lib.rs",
        &format!(
            "pub mod schema;\nuse schema::*;\nfkcheck_macros::foreign_keys! {{\n    posts (user_id) -> users (id), on_delete = no_action;\n    \
             notes (user_id) -> users (id), on_delete = no_action;\n    notes (post_id) -> posts (id), on_delete = no_action;\n    {parts}\n}}\n"
        ),
    );
    (workspace, tables)
}

/// A server that went away, a lock that didn't come: the steps before are done.
#[test]
fn a_migration_that_was_stopped_can_be_run_again() {
    let servers =
        [(Engine::Postgres, postgres(), "COMMIT;\n"), (Engine::Mysql, mariadb(), "PREPARE fkcheck;\n")];
    for (engine, server, end) in servers {
        let Some(server) = server else { continue };
        let (workspace, tables) = many(engine);
        let fresh = || {
            let database = server.fresh_database();
            database.execute(&tables);
            database
        };
        let first = fresh();
        fix(&workspace, &first.url(), &["--data"]).expect(0);
        if diesel_is_skipped() {
            return;
        }
        let names = migrations(&workspace);
        let ups: Vec<String> = names.iter().map(|name| text(&workspace, name, "up.sql")).collect();
        let downs: Vec<String> = names.iter().rev().map(|name| text(&workspace, name, "down.sql")).collect();
        let dump = |url: &str| schema_and_rows(engine, url).unwrap();
        let before = dump(&first.url());
        for file in &ups {
            first.execute(file);
        }
        fkcheck(workspace.dir(), &["--database-url", &first.url()], &[]).expect(0);
        let after = dump(&first.url());
        let mut count = 0;
        for (at, file) in ups.iter().chain(&downs).enumerate() {
            let steps: Vec<&str> = file.split_inclusive(end).collect();
            for stopped in 1..steps.len() {
                count += 1;
                let database = fresh();
                for (number, whole) in ups.iter().chain(&downs).enumerate() {
                    if number == at {
                        database.execute(&steps[..stopped].concat());
                    }
                    database.execute(whole);
                    if number + 1 == ups.len() {
                        assert_eq!(dump(&database.url()), after, "stopped after step {stopped} of {file}");
                    }
                }
                assert_eq!(dump(&database.url()), before, "stopped after step {stopped} of {file}");
            }
        }
        assert!(count > 2, "{count}");
    }
}

/// A check against the migrations, and a second fix, have to know what the first has written.
#[test]
fn what_it_writes_is_read_without_a_server() {
    if diesel_is_skipped() {
        return;
    }
    let servers = [
        (Engine::Postgres, postgres(), model::Engine::Postgres, "postgres"),
        (Engine::Mysql, mariadb(), model::Engine::MariaDb, "mysql"),
    ];
    for (engine, server, replayed, backend) in servers {
        let Some(server) = server else { continue };
        let (workspace, tables) = many(engine);
        let manifest = std::fs::read_to_string(workspace.manifest_path()).expect("readable");
        workspace.write("Cargo.toml", &manifest.replace("\"sqlite\"", &format!("\"{backend}\"")));
        let start = "migrations/2024-01-01-000000_start/up.sql";
        workspace.write(start, &tables);
        let database = server.fresh_database();
        diesel(&workspace, &database.url(), &["run"]).unwrap();
        let as_run = |keys: usize| {
            let compared = truth::compare(replayed, &workspace.dir().join("migrations"), &server);
            assert!(compared.differences.is_empty() && compared.uncertain == 0, "{compared}");
            assert_eq!(compared.keys, keys, "{compared}");
        };
        let keys = if engine == Engine::Postgres { 4 } else { 3 };
        // Without the key whose rows were not counted.
        fix(&workspace, &database.url(), &[]).expect(1);
        as_run(keys - 1);
        for name in migrations(&workspace).iter().filter(|name| !name.ends_with("_start")) {
            std::fs::remove_dir_all(workspace.dir().join("migrations").join(name)).expect("removed");
        }
        fix(&workspace, &database.url(), &["--data"]).expect(0);
        as_run(keys);
        let written = migrations(&workspace);
        let run = fix(&workspace, &database.url(), &["--data"]).expect(1);
        assert_eq!(run.stdout.matches("run `diesel migration run` first").count(), keys, "{run:?}");
        assert_eq!(migrations(&workspace), written);
        // Where the fault never was, under other names.
        let mut right = tables.replace("CASCADE", "NO ACTION");
        for name in ["a", "b", "c"] {
            right = right.replace(&format!("CONSTRAINT {name} "), &format!("CONSTRAINT other_{name} "));
        }
        workspace.write(start, &right);
        as_run(keys);
    }
}
