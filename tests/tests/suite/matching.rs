//! Which declared key is which observed key.

use fkcheck_tests::{Run, SqliteFile, Workspace, fkcheck, unwrapped};

fn workspace(schema: &str, code: &str) -> Workspace {
    Workspace::new()
        .file("src/schema.rs", schema)
        .file("src/models.rs", &format!("use crate::schema::*;\nfkcheck_macros::foreign_keys! {{ {code} }}"))
}

fn check(workspace: &Workspace, url: &str) -> Run {
    fkcheck(workspace.dir(), &["--message-format", "json"], &[("DATABASE_URL", url)])
}

const TREE: &str = "diesel::table! { nodes (id, region) { id -> Integer, region -> Integer, up_id -> Nullable<Integer>, up_region -> Nullable<Integer>, a -> Nullable<Integer>, b -> Nullable<Integer>, } }
                    diesel::table! { leaves (id) { id -> Integer, } }";

const TREE_KEYS: &str = "
    nodes (up_region, up_id) -> nodes (region, id), on_delete = cascade;
    nodes (a) -> leaves (id), on_delete = set_null;
    nodes (b) -> leaves, on_delete = restrict;";

/// The composite key is declared in another column order than the database has.
const TREE_TABLES: &str = "
    CREATE TABLE leaves (id INTEGER PRIMARY KEY);
    CREATE TABLE nodes (id INTEGER NOT NULL, region INTEGER NOT NULL, up_id INTEGER, up_region INTEGER, a INTEGER, b INTEGER,
        PRIMARY KEY (id, region),
        CONSTRAINT n_up FOREIGN KEY (up_id, up_region) REFERENCES nodes (id, region) ON DELETE CASCADE,
        CONSTRAINT n_a FOREIGN KEY (a) REFERENCES leaves (id) ON DELETE SET NULL,
        CONSTRAINT n_b FOREIGN KEY (b) REFERENCES leaves (id) ON DELETE RESTRICT);
    CREATE INDEX n_up ON nodes (up_id, up_region);
    CREATE INDEX n_a ON nodes (a)";

#[test]
fn composite_self_referencing_and_two_to_one_parent() {
    let workspace = workspace(TREE, TREE_KEYS);
    let run = check(&workspace, &SqliteFile::new(TREE_TABLES).url()).expect(0);
    assert_eq!(run.rules(), [""; 0]);
    for (server, expected) in [
        (fkcheck_tests::postgres(), &[][..]),
        // Its trees can't be deep.
        (fkcheck_tests::mariadb(), &["fk_cascade_too_deep"]),
    ] {
        let Some(server) = server else { continue };
        let database = server.fresh_database();
        database.execute(TREE_TABLES);
        let run = check(&workspace, &database.url()).expect(0);
        assert_eq!(run.rules(), expected);
    }
    // Crosswise: the same columns, paired otherwise.
    let crossed = self::workspace(TREE, &TREE_KEYS.replace("(region, id)", "(id, region)"));
    assert_eq!(
        check(&crossed, &SqliteFile::new(TREE_TABLES).url()).expect(1).rules(),
        ["fk_parent_mismatch"]
    );
}

const ONE: &str = "diesel::table! { users (id) { id -> Integer, } } diesel::table! { posts (id) { id -> Integer, author_id -> Nullable<Integer>, } }";

/// Two keys on one column, as while a migration is under way: the engine's first decides, and both are shown.
#[test]
fn of_several_keys_the_one_that_fires_first_decides() {
    let table = "CREATE TABLE users (id INTEGER PRIMARY KEY); CREATE TABLE posts (id INTEGER PRIMARY KEY, author_id INTEGER); CREATE INDEX i ON posts (author_id);";
    let key = |name: &str, action: &str| {
        format!(
            "ALTER TABLE posts ADD CONSTRAINT {name} FOREIGN KEY (author_id) REFERENCES users (id) ON DELETE {action};"
        )
    };
    let rules = |url: &str, declared: &str| {
        let workspace = workspace(ONE, &format!("posts (author_id) -> users (id), on_delete = {declared};"));
        check(&workspace, url)
    };
    if let Some(server) = fkcheck_tests::postgres() {
        let database = server.fresh_database();
        // By creation, not by name.
        database.execute(&format!("{table}{}{}", key("z", "CASCADE"), key("a", "RESTRICT")));
        assert_eq!(rules(&database.url(), "cascade").expect(0).rules(), [""; 0]);
        let wrong = rules(&database.url(), "restrict").expect(1);
        assert_eq!(wrong.rules(), ["fk_on_delete_mismatch"]);
        assert!(wrong.stdout.contains("2 keys stand on these columns"), "{wrong:?}");
    }
    if let Some(server) = fkcheck_tests::mariadb() {
        let database = server.fresh_database();
        // By name.
        database.execute(&format!("{table}{}{}", key("z", "CASCADE"), key("a", "RESTRICT")));
        assert_eq!(rules(&database.url(), "restrict").expect(0).rules(), [""; 0]);
        assert_eq!(rules(&database.url(), "cascade").expect(1).rules(), ["fk_on_delete_mismatch"]);
    }
    // SQLite checks NO ACTION at the statement's end, so CASCADE has acted by then.
    let file = SqliteFile::new(
        "CREATE TABLE users (id INTEGER PRIMARY KEY);
         CREATE TABLE posts (id INTEGER PRIMARY KEY, author_id INTEGER REFERENCES users (id) REFERENCES users (id) ON DELETE CASCADE);
         CREATE INDEX i ON posts (author_id);",
    );
    assert_eq!(rules(&file.url(), "cascade").expect(0).rules(), [""; 0]);
}

#[test]
fn schemas_and_the_search_path() {
    let Some(server) = fkcheck_tests::postgres() else { return };
    let database = server.fresh_database();
    database.execute(
        "CREATE SCHEMA billing; CREATE SCHEMA crm;
         CREATE TABLE billing.users (id integer PRIMARY KEY); CREATE TABLE crm.users (id integer PRIMARY KEY);
         CREATE TABLE billing.posts (id integer PRIMARY KEY, author_id integer REFERENCES billing.users ON DELETE CASCADE);
         CREATE TABLE crm.posts (id integer PRIMARY KEY, author_id integer REFERENCES crm.users ON DELETE SET NULL);
         CREATE TABLE users (id integer PRIMARY KEY);
         CREATE TABLE posts (id integer PRIMARY KEY, author_id integer REFERENCES crm.users ON DELETE RESTRICT);
         CREATE INDEX ON billing.posts (author_id); CREATE INDEX ON crm.posts (author_id)",
    );
    let schema = "pub mod billing { diesel::table! { billing.users (id) { id -> Integer, } } diesel::table! { billing.posts (id) { id -> Integer, author_id -> Nullable<Integer>, } } }
                  pub mod crm { diesel::table! { crm.users (id) { id -> Integer, } } diesel::table! { crm.posts (id) { id -> Integer, author_id -> Nullable<Integer>, } } }
                  diesel::table! { users (id) { id -> Integer, } } diesel::table! { posts (id) { id -> Integer, author_id -> Nullable<Integer>, } }";
    let keys = "
        crate::schema::billing::posts (author_id) -> crate::schema::billing::users (id), on_delete = cascade;
        crate::schema::crm::posts (author_id) -> \"crm.users(id)\", on_delete = set_null;
        \"posts\" (author_id) -> crate::schema::crm::users (id), on_delete = restrict;";
    assert_eq!(check(&workspace(schema, keys), &database.url()).expect(0).rules(), [""; 0]);
    // The plain name means public here.
    let wrong = workspace(schema, "\"posts\" (author_id) -> \"users(id)\", on_delete = restrict;");
    let run = check(&wrong, &database.url()).expect(1);
    assert_eq!(run.rules(), ["fk_parent_mismatch"]);
    // What is offered can be written as it is.
    assert!(run.stdout.contains(r#"write `references = \"crm.users(id)\"`"#), "{run:?}");
}

/// One word on each thing: a joinable! that an annotation agrees with is not told again, one that contradicts it is.
#[test]
fn joinables_beside_annotations() {
    let schema = "diesel::table! { users (id) { id -> Integer, } } diesel::table! { teams (id) { id -> Integer, } }
                  diesel::table! { posts (id) { id -> Integer, a -> Nullable<Integer>, b -> Nullable<Integer>, c -> Nullable<Integer>, d -> Nullable<Integer>, } }
                  diesel::joinable!(posts -> users (a)); diesel::joinable!(posts -> users (b));
                  diesel::joinable!(posts -> users (c)); diesel::joinable!(posts -> users (d));";
    let keys = "
        posts (a) -> users (id), on_delete = restrict;
        posts (b) -> teams (id), on_delete = restrict;
        posts (c), none, reason = \"user or team\";";
    let file = SqliteFile::new(
        "CREATE TABLE users (id INTEGER PRIMARY KEY); CREATE TABLE teams (id INTEGER PRIMARY KEY);
         CREATE TABLE posts (id INTEGER PRIMARY KEY, a INTEGER, b INTEGER REFERENCES teams (id) ON DELETE RESTRICT, c INTEGER, d INTEGER);",
    );
    let run = check(&workspace(schema, keys), &file.url()).expect(1);
    assert_eq!(run.rules(), ["fk_missing_in_source", "fk_joinable_mismatch", "fk_joinable_mismatch"]);
    let about: Vec<String> =
        run.findings().iter().map(|finding| finding["child"]["columns"][0].to_string()).collect();
    assert_eq!(about[0], "\"a\"");
}

#[test]
fn a_view_may_be_joined_without_a_key() {
    let schema = format!(
        "{ONE} diesel::view! {{ feed (id) {{ id -> Integer, author_id -> Integer, }} }} diesel::joinable!(feed -> users (author_id));"
    );
    let file = SqliteFile::new(
        "CREATE TABLE users (id INTEGER PRIMARY KEY); CREATE TABLE posts (id INTEGER PRIMARY KEY, author_id INTEGER REFERENCES users (id) ON DELETE RESTRICT);
         CREATE VIEW feed AS SELECT id, author_id FROM posts;",
    );
    let workspace = workspace(&schema, "posts (author_id) -> users (id), on_delete = restrict;");
    assert_eq!(check(&workspace, &file.url()).expect(0).rules(), [""; 0]);
}

#[test]
fn a_key_that_no_configured_database_holds_is_told() {
    let file = SqliteFile::new(
        "CREATE TABLE users (id INTEGER PRIMARY KEY); CREATE TABLE posts (id INTEGER PRIMARY KEY, author_id INTEGER REFERENCES users (id) ON DELETE RESTRICT);",
    );
    let workspace = workspace(ONE, "posts (author_id) -> users (id), on_delete = restrict;")
        .manifest("[workspace.metadata.fkcheck.databases.main]\nschema = \"src/other.rs\"\n");
    let run = check(&workspace, &file.url()).expect(3);
    assert!(run.stdout.contains("belong to no configured database"), "{run:?}");
    assert_eq!(run.json().pop().expect("a last line")["keys"]["skipped"], 1);
}

#[test]
fn partitions_do_not_count() {
    let Some(server) = fkcheck_tests::postgres() else { return };
    let database = server.fresh_database();
    database.execute(
        "CREATE TABLE users (id integer PRIMARY KEY);
         CREATE TABLE posts (id integer, author_id integer REFERENCES users ON DELETE CASCADE) PARTITION BY RANGE (id);
         CREATE TABLE posts_1 PARTITION OF posts FOR VALUES FROM (0) TO (10);
         CREATE TABLE posts_2 PARTITION OF posts FOR VALUES FROM (10) TO (20);
         CREATE INDEX ON posts (author_id)",
    );
    let run =
        check(&workspace(ONE, "posts (author_id) -> users (id), on_delete = cascade;"), &database.url())
            .expect(0);
    assert_eq!(run.json().pop().expect("a last line")["keys"]["observed"], 1);
}

#[test]
fn names_compare_as_the_engine_does() {
    let file = SqliteFile::new(
        "CREATE TABLE Users (ID INTEGER PRIMARY KEY); CREATE TABLE POSTS (id INTEGER PRIMARY KEY, Author_Id INTEGER REFERENCES users (id) ON DELETE RESTRICT);",
    );
    assert_eq!(
        check(&workspace(ONE, "posts (author_id) -> users (id), on_delete = restrict;"), &file.url())
            .expect(0)
            .rules(),
        [""; 0]
    );
    if let Some(server) = fkcheck_tests::postgres() {
        let database = server.fresh_database();
        database.execute("CREATE TABLE users (id integer PRIMARY KEY); CREATE TABLE \"Posts\" (id integer PRIMARY KEY, author_id integer REFERENCES users); CREATE TABLE posts (id integer)");
        let run = check(
            &workspace(ONE, "posts (author_id) -> users (id), on_delete = no_action;"),
            &database.url(),
        )
        .expect(1);
        assert_eq!(run.rules(), ["fk_missing_in_source"]);
    }
}

/// Names that would do harm on a terminal or in a CI log, through every format.
#[test]
fn odd_names_do_no_harm() {
    let odd = "we\u{1b}[31mird\n::error::x ##[group]\u{202e}y";
    let schema = format!(
        "diesel::table! {{ users (id) {{ id -> Integer, }} }} diesel::table! {{ #[sql_name = {odd:?}] odd (id) {{ id -> Integer, #[sql_name = {odd:?}] author_id -> Nullable<Integer>, }} }}"
    );
    let file = SqliteFile::new(&format!(
        "CREATE TABLE users (id INTEGER PRIMARY KEY); CREATE TABLE \"{odd}\" (id INTEGER PRIMARY KEY, \"{odd}\" INTEGER REFERENCES users (id) ON DELETE CASCADE);"
    ));
    let workspace = workspace(&schema, "odd (author_id) -> users (id), on_delete = restrict;");
    for format in ["human", "short", "json"] {
        let run = fkcheck(
            workspace.dir(),
            &["--message-format", format, "--color", "never"],
            &[("DATABASE_URL", &file.url())],
        )
        .expect(1);
        for text in [&run.stdout, &run.stderr] {
            assert!(!text.contains(['\u{1b}', '\u{202e}']), "{format}: {text:?}");
            assert!(
                !text.lines().any(|line| line.trim_start().starts_with("::") || line.contains("##[")),
                "{format}: {text:?}"
            );
        }
    }
}

#[test]
fn one_schema_for_several_databases() {
    let workspace = workspace(ONE, "posts (author_id) -> users (id), on_delete = cascade;").manifest(
        "[workspace.metadata.fkcheck.databases.one]\nurl-env = \"ONE\"\n[workspace.metadata.fkcheck.databases.two]\nurl-env = \"TWO\"\n",
    );
    let database = |action: &str| {
        SqliteFile::new(&format!(
            "CREATE TABLE users (id INTEGER PRIMARY KEY); CREATE TABLE posts (id INTEGER PRIMARY KEY, author_id INTEGER REFERENCES users (id) ON DELETE {action}); CREATE INDEX i ON posts (author_id);"
        ))
    };
    let (good, bad) = (database("CASCADE"), database("SET NULL"));
    let run = |arguments: &[&str], two: &str| {
        let arguments: Vec<&str> =
            ["--message-format", "json"].into_iter().chain(arguments.iter().copied()).collect();
        fkcheck(workspace.dir(), &arguments, &[("ONE", &good.url()), ("TWO", two)])
    };
    let both = run(&[], &good.url()).expect(0);
    assert_eq!(both.rules(), [""; 0]);
    // One declared key, however many databases have it.
    assert_eq!(both.json().pop().expect("a last line")["keys"]["paired"], 1);
    let drifted = run(&[], &bad.url()).expect(1);
    assert_eq!(drifted.rules(), ["fk_on_delete_mismatch"]);
    assert!(drifted.stdout.contains("database `two`"), "{drifted:?}");
    assert_eq!(run(&["--database", "one"], &bad.url()).expect(0).rules(), [""; 0]);
    let _ = run(&["--database", "three"], &bad.url()).expect(2);
    // One that can't be reached does not hide what the other shows.
    let unreachable = run(&[], "/nowhere/at/all.db").expect(3);
    assert!(unreachable.stdout.contains("no SQLite database"), "{unreachable:?}");
}

/// What stands for a database that isn't asked is no database.
#[test]
fn a_configured_database_without_a_url_is_a_problem() {
    let schema = "diesel::table! { users (id) { id -> Integer, } }
        diesel::table! { posts (id) { id -> Integer, author_id -> Integer, } }
        diesel::table! { notes (id) { id -> Integer, author_id -> Integer, } }";
    let tables = |child: &str| {
        format!(
            "CREATE TABLE users (id INTEGER PRIMARY KEY); CREATE TABLE {child} (id INTEGER PRIMARY KEY, author_id INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE); CREATE INDEX i ON {child} (author_id);"
        )
    };
    let sections = |optional: &str| {
        format!(
            "[workspace.metadata.fkcheck.databases.one]\nurl-env = \"ONE\"\nschema = [\"src/schema.rs\"]\n\
         [workspace.metadata.fkcheck.databases.two]\nurl-env = \"TWO\"\nschema = [\"src/two.rs\"]\nbackend = \"sqlite\"\nmigrations = \"two\"\n{optional}"
        )
    };
    let workspace = |optional: &str| {
        let (one, two) = schema.split_once("diesel::table! { notes").expect("three tables");
        Workspace::new()
            .file("src/schema.rs", one)
            .file("src/two.rs", &format!("diesel::table! {{ notes{two}"))
            .file(
                "src/lib.rs",
                "pub mod schema; pub mod two;\nfkcheck_macros::foreign_keys! {\n    schema::posts (author_id) -> schema::users (id), on_delete = cascade;\n    \
                 two::notes (author_id) -> \"users(id)\", on_delete = cascade;\n}\n",
            )
            .file("two/2024-01-01-000000_start/up.sql", &tables("notes"))
            .manifest(&sections(optional))
    };
    let (one, two) = (SqliteFile::new(&tables("posts")), SqliteFile::new(&tables("notes")));
    let (both, first) = ([("ONE", &*one.url()), ("TWO", &*two.url())], [("ONE", &*one.url())]);
    // The last words, however they are wrapped.
    let last = |run: &Run| {
        let said = unwrapped(&run.stdout);
        said.rsplit_once(" skipped ").map(|(_, last)| last.to_owned()).unwrap_or_default()
    };

    let needed = workspace("");
    let run = fkcheck(needed.dir(), &[], &both).expect(0);
    assert!(last(&run).starts_with("all 2 declared keys agree: 1 with SQLite "), "{run:?}");
    let run = fkcheck(needed.dir(), &[], &first).expect(3);
    let said = unwrapped(&run.stdout);
    assert!(
        said.contains("the database `two` was not asked") && said.contains("`optional = true`"),
        "{run:?}"
    );
    assert!(!said.contains("agree"), "{run:?}");
    for (arguments, compared) in [
        (
            &["--database", "two", "--against", "migrations"][..],
            "1 of 2 declared keys compared, and they agree with the migrations of `two` alone",
        ),
        (&["--database", "one"], "1 of 2 declared keys compared, and they agree with SQLite "),
    ] {
        let run = fkcheck(needed.dir(), arguments, &first).expect(0);
        assert!(last(&run).starts_with(compared), "{run:?}");
    }
    // Whoever asks for the database is not content with less.
    fkcheck(needed.dir(), &["--database", "two", "--against", "database", "--against", "migrations"], &first)
        .expect(3);

    let run = fkcheck(workspace("optional = true").dir(), &[], &first).expect(0);
    let end = last(&run);
    assert!(
        end.starts_with("all 2 declared keys agree: 1 with SQLite ")
            && end.ends_with("; 1 with the migrations of `two` alone"),
        "{run:?}"
    );
    let run = fkcheck(workspace("optional = 1").dir(), &[], &first).expect(2);
    assert!(
        unwrapped(&run.stdout).contains("`optional` takes `true` or `false`")
            || run.stderr.contains("`optional` takes"),
        "{run:?}"
    );
}

/// The example of several crates, against a PostgreSQL that has run its migrations.
#[test]
fn the_multi_crate_example_agrees() {
    let Some(server) = fkcheck_tests::postgres() else { return };
    let example = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples/multi-crate");
    let database = server.fresh_database();
    let mut migrations: Vec<_> = walk(&example).into_iter().filter(|path| path.ends_with("up.sql")).collect();
    migrations.sort();
    assert!(!migrations.is_empty());
    for migration in migrations {
        database.execute(&std::fs::read_to_string(migration).expect("readable"));
    }
    let run =
        fkcheck(&example, &["--message-format", "json"], &[("DATABASE_URL", &database.url())]).expect(0);
    assert_eq!(run.rules(), [""; 0]);
    let keys = &run.json().pop().expect("a last line")["keys"];
    assert_eq!(keys["declared"], keys["paired"], "{keys}");
}

fn walk(dir: &std::path::Path) -> Vec<std::path::PathBuf> {
    let entries =
        std::fs::read_dir(dir).expect("a directory").filter_map(Result::ok).map(|entry| entry.path());
    entries
        .flat_map(|path| if path.is_dir() && !path.ends_with("target") { walk(&path) } else { vec![path] })
        .collect()
}

#[test]
fn a_key_to_a_table_that_is_gone_is_no_agreement() {
    let file = SqliteFile::new(
        "CREATE TABLE posts (id INTEGER PRIMARY KEY, author_id INTEGER REFERENCES users (id) ON DELETE RESTRICT);",
    );
    let run = check(&workspace(ONE, "posts (author_id) -> users (id), on_delete = restrict;"), &file.url());
    assert_eq!(run.expect(1).rules(), ["fk_parent_mismatch"]);
}

/// `belongs_to` refers to what the parent struct is identified by, which need not be its table's primary key.
#[test]
fn a_parent_struct_may_have_a_key_of_its_own() {
    let schema = "diesel::table! { users (id) { id -> Integer, uuid -> Text, } }
diesel::table! { posts (id) { id -> Integer, user_uuid -> Nullable<Text>, } }";
    let code = |key: &str| {
        format!(
            "#[derive(Identifiable)] #[diesel(table_name = users, {key})] pub struct User {{ id: i32, uuid: String }}
             #[derive(Associations, ForeignKeys)] #[diesel(table_name = posts, belongs_to(User, foreign_key = user_uuid))]
             pub struct Post {{ id: i32, #[fk(on_delete = restrict, allow(fk_type_mismatch, reason = \"a test\"))] user_uuid: Option<String> }}"
        )
    };
    let file = SqliteFile::new(
        "CREATE TABLE users (id INTEGER PRIMARY KEY, uuid TEXT NOT NULL UNIQUE);
         CREATE TABLE posts (id INTEGER PRIMARY KEY, user_uuid TEXT REFERENCES users (uuid) ON DELETE RESTRICT);",
    );
    let rules = |key: &str| {
        let code = format!("use crate::schema::*;\n{}", code(key));
        let workspace = Workspace::new().file("src/schema.rs", schema).file("src/models.rs", &code);
        check(&workspace, &file.url()).rules()
    };
    assert!(!rules("primary_key(uuid)").contains(&"fk_parent_mismatch".to_owned()));
    let wrong = rules("primary_key(id)");
    assert!(wrong.contains(&"fk_parent_mismatch".to_owned()), "{wrong:?}");
}

/// Crates and modules with tables and structs of one name: paths and imports tell which is meant.
#[test]
fn tables_and_structs_of_one_name() {
    let users =
        |sql: &str| format!("diesel::table! {{ #[sql_name = {sql:?}] users (id) {{ id -> Integer, }} }}");
    let user = "#[derive(diesel::Identifiable)] #[diesel(table_name = users)] pub struct User { id: i32 }";
    let posts = "diesel::table! { posts (id) { id -> Integer, author_id -> Nullable<Integer>, } }";
    let file = SqliteFile::new(
        "CREATE TABLE auth_users (id INTEGER PRIMARY KEY); CREATE TABLE billing_users (id INTEGER PRIMARY KEY);
         CREATE TABLE posts (id INTEGER PRIMARY KEY, author_id INTEGER REFERENCES billing_users (id) ON DELETE RESTRICT);",
    );
    let line = |child: &str, parent: &str| {
        format!(
            "fkcheck_macros::foreign_keys! {{ {child} (author_id) -> {parent} (id), on_delete = restrict; }}"
        )
    };
    let model = |parent: &str| {
        format!(
            "#[derive(ForeignKeys)] #[diesel(table_name = \"posts\", belongs_to({parent}, foreign_key = author_id))]
             struct Post {{ id: i32, #[fk(on_delete = restrict)] author_id: Option<i32> }}"
        )
    };
    let member =
        |name: &str| format!("[package]\nname = {name:?}\nversion = \"0.1.0\"\nedition = \"2024\"\n");
    for code in [
        format!("use billing_schema::{{posts, users}}; {}", line("posts", "users")),
        format!("use auth_schema::users; use billing_schema as b; {}", line("b::posts", "b::users")),
        format!(
            "use auth_schema::users; use billing_schema::{{posts, users as ours}}; {}",
            line("posts", "ours")
        ),
        format!("use auth_schema::User; {}", model("billing_schema::User")),
        format!("use {{auth_schema::User, billing_schema::User as Ours}}; {}", model("Ours")),
        format!("type Ours<'a> = (); type Owner = billing_schema::User; {}", model("Owner")),
        format!(
            "mod a {{ use auth_schema::*; }} mod b {{ use billing_schema::*; {} }}",
            line("posts", "users")
        ),
    ] {
        let workspace = Workspace::new()
            .file("Cargo.toml", "[workspace]\nmembers = [\"*-schema\", \"app\"]\nresolver = \"3\"\n")
            .file("auth-schema/Cargo.toml", &member("auth-schema"))
            .file("auth-schema/src/lib.rs", &format!("{} {user}", users("auth_users")))
            .file("billing-schema/Cargo.toml", &member("billing-schema"))
            .file("billing-schema/src/lib.rs", &format!("{} {posts} {user}", users("billing_users")))
            .file("app/Cargo.toml", &member("app"))
            .file("app/src/lib.rs", &code);
        let run = check(&workspace, &file.url());
        assert_eq!(run.code, 0, "{code}: {run:?}");
    }

    // `super` and `crate` from the module and the target they stand in.
    let with_user = |sql: &str| format!("{} {posts} {user}", users(sql));
    for (file_name, code) in [
        ("src/billing/models.rs", format!("use super::schema::*; {}", line("posts", "users"))),
        ("src/billing/models.rs", model("super::schema::User")),
        ("src/bin/billing/main.rs", format!("mod schema; use crate::schema::*; {}", line("posts", "users"))),
    ] {
        let schema = std::path::Path::new(file_name).with_file_name("schema.rs");
        let workspace = Workspace::new()
            .file("src/auth/schema.rs", &with_user("auth_users"))
            .file("src/schema.rs", &with_user("auth_users"))
            .file(schema.to_str().expect("UTF-8"), &with_user("billing_users"))
            .file(file_name, &code);
        let run = check(&workspace, &file.url());
        assert_eq!(run.code, 0, "{file_name}: {code}: {run:?}");
    }
}

/// A partition has its table's keys, which the catalogue shows as that table's; its own are its own.
#[test]
fn a_key_of_a_partition_is_not_missing() {
    let Some(server) = fkcheck_tests::postgres() else { return };
    let database = server.fresh_database();
    database.execute(
        "CREATE TABLE users (id INTEGER PRIMARY KEY);
         CREATE TABLE posts (id INTEGER, user_id INTEGER REFERENCES users ON DELETE CASCADE, editor_id INTEGER) PARTITION BY RANGE (id);
         CREATE TABLE posts_1 PARTITION OF posts FOR VALUES FROM (0) TO (10);
         ALTER TABLE posts_1 ADD FOREIGN KEY (editor_id) REFERENCES users ON DELETE SET NULL;
         CREATE INDEX ON posts (user_id); CREATE INDEX ON posts_1 (editor_id);",
    );
    let schema = "diesel::table! { users (id) { id -> Integer, } }
                  diesel::table! { posts (id) { id -> Integer, user_id -> Nullable<Integer>, editor_id -> Nullable<Integer>, } }
                  diesel::table! { posts_1 (id) { id -> Integer, user_id -> Nullable<Integer>, editor_id -> Nullable<Integer>, } }";
    let keys = "posts (user_id) -> users (id), on_delete = cascade; posts_1 (editor_id) -> users (id), on_delete = set_null;";
    check(&workspace(schema, keys), &database.url()).expect(0);
    let inherited =
        workspace(schema, &format!("{keys} posts_1 (user_id) -> users (id), on_delete = cascade;"));
    let run = check(&inherited, &database.url()).expect(3);
    assert!(run.stdout.contains("`posts_1.user_id` is declared on a partition"), "{run:?}");
    assert!(run.stdout.contains("src/models.rs"), "{run:?}");
}

/// A new table whose rows go with its parent's, and that no code knows.
#[test]
fn a_key_of_a_table_that_no_code_knows_is_told_at_its_parent() {
    let tables = "CREATE TABLE users (id INTEGER PRIMARY KEY); CREATE TABLE posts (id INTEGER PRIMARY KEY, author_id INTEGER REFERENCES users (id) ON DELETE CASCADE);
        CREATE INDEX posts_author_id ON posts (author_id);
        CREATE TABLE stars (id INTEGER PRIMARY KEY, user_id INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE);";
    let file = SqliteFile::new(tables);
    let keys = "posts (author_id) -> users (id), on_delete = cascade;";
    let with_model = |model: &str| {
        let workspace = workspace(ONE, keys);
        workspace.write(
            "src/user.rs",
            &format!("use crate::schema::users;\n{model}\nstruct User {{ id: i32 }}\n"),
        );
        workspace
    };
    let derives = "#[derive(Queryable, ForeignKeys)] #[diesel(table_name = users)]";

    let told = with_model(derives);
    let run = check(&told, &file.url()).expect(0);
    assert_eq!(run.rules(), ["fk_undeclared"]);
    for part in [
        "`stars.user_id` → `users` ON DELETE CASCADE, and no code knows `stars`",
        "deleting a row of `users` deletes its rows in `stars`",
        "src/user.rs",
    ] {
        assert!(run.stdout.contains(part), "{run:?}");
    }
    let denied = fkcheck(told.dir(), &["-D", "fk_undeclared"], &[("DATABASE_URL", &file.url())]);
    denied.expect(1);

    // The ways out: it is allowed, or the table is another's.
    let allowed = with_model(&format!("{derives} #[fk(allow(fk_undeclared))]"));
    assert_eq!(check(&allowed, &file.url()).expect(0).rules(), [""; 0]);
    let ignored = told.manifest("[workspace.metadata.fkcheck]\ntables.ignore = [\"stars\"]");
    assert_eq!(check(&ignored, &file.url()).expect(0).rules(), [""; 0]);

    // A model that says nothing of keys isn't asked, and `-v` names the key all the same.
    let silent = with_model("#[derive(Queryable)] #[diesel(table_name = users)]");
    assert_eq!(check(&silent, &file.url()).expect(0).rules(), [""; 0]);
    let loud = fkcheck(silent.dir(), &["-v"], &[("DATABASE_URL", &file.url())]).expect(0);
    assert!(loud.stderr.contains("Undeclared `stars.user_id` → `users` ON DELETE CASCADE"), "{loud:?}");
    let quiet = fkcheck(silent.dir(), &[], &[("DATABASE_URL", &file.url())]).expect(0);
    assert!(!quiet.stderr.contains("Undeclared"), "{quiet:?}");
}

/// A template of a macro is the code of whoever uses it.
#[test]
fn templates_are_no_code() {
    let workspace = workspace(ONE, "posts (author_id) -> users (id), on_delete = cascade;").file(
        "src/made.rs",
        "pub fn join(child: Ident, parent: Ident, key: Ident) -> TokenStream {
    quote::quote! {
        ::diesel::joinable!(#child -> #parent (#key));
        #[derive(Queryable, ForeignKeys)]
        #[diesel(table_name = #child)]
        struct Row { #[fk(on_delete = cascade)] author_id: i32 }
    }
}
",
    );
    let file = SqliteFile::new(
        "CREATE TABLE users (id INTEGER PRIMARY KEY); CREATE TABLE posts (id INTEGER PRIMARY KEY, author_id INTEGER REFERENCES users (id) ON DELETE CASCADE);
         CREATE INDEX i ON posts (author_id);",
    );
    let run = check(&workspace, &file.url()).expect(0);
    assert_eq!(run.rules(), [""; 0]);
    assert_eq!(run.json().pop().expect("the last line")["keys"]["declared"], 1);
}

/// A file by a name that is put together is read like any other.
#[test]
fn an_included_file_is_read_however_it_is_named() {
    let file = SqliteFile::new(
        "CREATE TABLE users (id INTEGER PRIMARY KEY);
         CREATE TABLE posts (id INTEGER PRIMARY KEY, user_id INTEGER REFERENCES users ON DELETE CASCADE);
         CREATE INDEX posts_user_id ON posts (user_id);",
    );
    let keys = "fkcheck_macros::foreign_keys! { posts (user_id) -> users (id), on_delete = restrict; }";
    for include in [
        "include!(\"more.txt\");",
        "include!(concat!(\"more\", \".txt\"));",
        "include!(concat!(env!(\"CARGO_MANIFEST_DIR\"), \"/src/more.txt\"));",
        "include!(concat!(env!(\"CARGO_MANIFEST_DIR\"), \"/src\", \"/more.txt\"));",
    ] {
        let lib = format!(
            "diesel::table! {{ users (id) {{ id -> Integer, }} }}
             diesel::table! {{ posts (id) {{ id -> Integer, user_id -> Nullable<Integer>, }} }}
             pub const ON: &str = \"PRAGMA foreign_keys = ON\";\n{include}\n"
        );
        let workspace = Workspace::new().file("src/lib.rs", &lib).file("src/more.txt", keys);
        let arguments = ["--message-format", "json", "--database-url", &file.url()];
        let run = fkcheck(workspace.dir(), &arguments, &[]).expect(1);
        assert_eq!(run.rules(), ["fk_on_delete_mismatch"], "{include}");
    }
}
