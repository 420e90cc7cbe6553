//! `--scratch-url`: the migrations run in a throw-away database, and nothing is left on the server.

use fkcheck_tests::{Run, Server, Workspace, fkcheck, mariadb, postgres, unwrapped};

const CODE: &str = "diesel::table! { users (id) { id -> Integer, } }
diesel::table! { posts (id) { id -> Integer, user_id -> Nullable<Integer>, } }
fkcheck_macros::foreign_keys! { posts (user_id) -> users (id), on_delete = cascade; }
";

const TABLES: &str = "CREATE TABLE users (id INTEGER NOT NULL PRIMARY KEY);
CREATE TABLE posts (id INTEGER NOT NULL PRIMARY KEY, user_id INTEGER,
    CONSTRAINT author FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE RESTRICT);
CREATE INDEX posts_user_id ON posts (user_id);
";

fn workspace(feature: &str, migrations: &[&str]) -> Workspace {
    let workspace = Workspace::new().file("src/lib.rs", CODE);
    let manifest = std::fs::read_to_string(workspace.manifest_path()).expect("it is there");
    workspace.write("Cargo.toml", &manifest.replace("[\"sqlite\"]", &format!("[\"{feature}\"]")));
    for (number, text) in migrations.iter().enumerate() {
        workspace.write(&format!("migrations/2026-01-0{}-000000_step/up.sql", number + 1), text);
    }
    workspace
}

fn check(workspace: &Workspace, url: &str) -> Run {
    fkcheck(workspace.dir(), &["--against", "migrations", "--scratch-url", url], &[])
}

/// What only a server can know is exact; a failing migration is named; stale databases are swept; nothing remains.
fn scenario(server: &Server, feature: &str, conditional: &str) {
    let home = server.fresh_database();
    let url = home.url();
    let exact = workspace(feature, &[TABLES, conditional]);
    let replayed = fkcheck(exact.dir(), &["--against", "migrations"], &[]).expect(3);
    assert!(replayed.stdout.contains("2026-01-02-000000_step/up.sql:1:1: "), "{replayed:?}");

    // Left by a run of long ago that was killed.
    server.execute_globally("CREATE DATABASE fkcheck_scratch_1000_1_abc");
    let run = check(&exact, &url).expect(0);
    assert!(run.stderr.contains("after 2 migrations in a throw-away database"), "{run:?}");
    assert_eq!(server.databases("fkcheck_scratch_"), [""; 0]);

    let broken = workspace(feature, &[TABLES, "CREATE TABLE posts (id INTEGER);"]);
    let run = check(&broken, &url).expect(3);
    assert!(run.stdout.contains("2026-01-02-000000_step"), "{run:?}");
    assert_eq!(server.databases("fkcheck_scratch_"), [""; 0]);

    // A database comes first, and the server is not asked.
    let arguments = ["--database-url", &url, "--scratch-url", "postgres://127.0.0.1:1/none"];
    let run = fkcheck(exact.dir(), &arguments, &[]);
    assert!(unwrapped(&run.stderr).contains("`--against migrations` compares them"), "{run:?}");

    let canary = home.url_as("nobody", "CanarySecret");
    let run = check(&exact, &canary).expect(3);
    assert!(!run.stdout.contains("Canary") && !run.stderr.contains("Canary"), "{run:?}");
    assert_eq!(check(&exact, "sqlite://x.db").code, 2);
}

#[test]
fn in_postgres() {
    let Some(server) = postgres() else { return };
    let conditional = "DO $$ BEGIN IF EXISTS (SELECT 1 FROM pg_class WHERE relname = 'posts') THEN
        ALTER TABLE posts DROP CONSTRAINT author;
        ALTER TABLE posts ADD CONSTRAINT author FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE;
    END IF; END $$;";
    scenario(&server, "postgres_backend", conditional);
}

#[test]
fn in_mariadb() {
    let Some(server) = mariadb() else { return };
    let conditional = "SET @sql = CONCAT('ALTER TABLE posts DROP FOREIGN KEY ', (SELECT MIN(constraint_name)
            FROM information_schema.table_constraints WHERE table_schema = DATABASE() AND constraint_name = 'author')); PREPARE s FROM @sql; EXECUTE s;
        ALTER TABLE posts ADD CONSTRAINT again FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE;";
    // Two statements before it, so the place is the file's.
    let conditional =
        conditional.replace("PREPARE s FROM @sql; EXECUTE s;", "PREPARE s FROM @sql;\nEXECUTE s;");
    let home = server.fresh_database();
    let exact = workspace("mysql_backend", &[TABLES, &conditional]);
    fkcheck(exact.dir(), &["--against", "migrations"], &[]).expect(3);
    server.execute_globally("CREATE DATABASE fkcheck_scratch_1000_1_abc");
    check(&exact, &home.url()).expect(0);
    assert_eq!(server.databases("fkcheck_scratch_"), [""; 0]);
    let broken = workspace("mysql_backend", &[TABLES, "CREATE TABLE posts (id INTEGER);"]);
    let run = check(&broken, &home.url()).expect(3);
    assert!(run.stdout.contains("2026-01-02-000000_step"), "{run:?}");
    assert_eq!(server.databases("fkcheck_scratch_"), [""; 0]);
}
