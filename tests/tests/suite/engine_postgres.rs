//! PostgreSQL, read from a real server.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::io::{Read, Write};
use std::net::TcpListener;
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use fkcheck_core::model::{
    Action, Deferrability, MatchType, Observation, ObservedKey, TableKind, Visibility,
};
use fkcheck_core::sources::{DatabaseUrl, ErrorKind, Limits, SourceError, read_database};

/// The superuser's URL, or `None` where these tests are left out on purpose.
fn server() -> Option<url::Url> {
    if std::env::var("FKCHECK_TEST_SKIP").is_ok_and(|skip| skip.contains("postgres")) {
        return None;
    }
    let url = std::env::var("FKCHECK_TEST_POSTGRES_URL")
        .expect("no PostgreSQL server: run tests/run, or set FKCHECK_TEST_SKIP=postgres");
    Some(url::Url::parse(&url).unwrap())
}

/// Runs statements as the superuser; `database` instead of the URL's own.
fn execute(server: &url::Url, database: &str, statements: &[&str]) {
    let mut url = server.clone();
    url.set_path(database);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let (client, connection) =
            tokio_postgres::connect(url.as_str(), tokio_postgres::NoTls).await.unwrap();
        tokio::spawn(connection);
        for statement in statements {
            if let Err(error) = client.batch_execute(statement).await {
                panic!("{statement}: {error:?}");
            }
        }
    });
}

/// A database of its own for a test; made anew.
fn database(server: &url::Url, name: &str, sql: &str) -> url::Url {
    let drop = format!("DROP DATABASE IF EXISTS {name}");
    execute(server, "postgres", &[&drop, &format!("CREATE DATABASE {name}")]);
    execute(server, name, &[sql]);
    let mut url = server.clone();
    url.set_path(name);
    url
}

/// A role that may log in and nothing else, shared by all tests.
fn lowly(server: &url::Url, database: &url::Url) -> url::Url {
    static CREATED: OnceLock<()> = OnceLock::new();
    CREATED.get_or_init(|| {
        let create = "DO $$ BEGIN CREATE ROLE fkcheck_lowly LOGIN PASSWORD 'CanaryLowly'; \
                      EXCEPTION WHEN duplicate_object THEN NULL; END $$";
        execute(server, "postgres", &[create]);
    });
    let mut url = database.clone();
    url.set_username("fkcheck_lowly").unwrap();
    url.set_password(Some("CanaryLowly")).unwrap();
    url
}

fn read(url: &url::Url) -> Result<Observation, SourceError> {
    read_within(url, Duration::from_secs(60))
}

fn read_within(url: &url::Url, deadline: Duration) -> Result<Observation, SourceError> {
    let limits = Limits { deadline, ..Limits::default() };
    read_database(&DatabaseUrl::parse(url.as_str()).unwrap(), &limits, Some("section"))
}

fn key<'a>(observation: &'a Observation, table: &str, columns: &[&str]) -> &'a ObservedKey {
    let found: Vec<_> = observation
        .keys
        .iter()
        .filter(|key| key.key.table.name == table && key.key.columns == columns)
        .collect();
    assert_eq!(found.len(), 1, "{table} {columns:?}: {found:#?}");
    found[0]
}

const FIXTURE: &str = r#"
    CREATE SCHEMA other; CREATE SCHEMA "We ird";
    CREATE TABLE parent(id int primary key, code text unique, a int, b int, unique (a, b));
    CREATE TABLE "We ird"."Pa""rent"("I d" int primary key);
    CREATE TABLE rules(id int primary key, silent int not null references parent,
        c int references parent on delete cascade on update cascade, r int references parent on delete restrict,
        n int references parent on delete set null, d int default 1 references parent on delete set default,
        i int generated always as identity references parent on delete set null);
    CREATE TABLE comp(id int primary key, x int, y int,
        constraint full_key foreign key (y, x) references parent (b, a) match full on delete set null);
    CREATE INDEX ON comp (x, y, id);
    CREATE TABLE other.child(id int primary key, p int references parent deferrable initially deferred,
        q int references parent deferrable);
    CREATE TABLE "We ird"."Chi.ld"("P k" int primary key, "F k" int references "We ird"."Pa""rent" on delete cascade);
    CREATE INDEX ON "We ird"."Chi.ld"("F k") WHERE "F k" IS NOT NULL;
    CREATE TABLE notvalid(id int primary key, p int);
    ALTER TABLE notvalid ADD CONSTRAINT nv FOREIGN KEY (p) REFERENCES parent ON DELETE CASCADE NOT VALID;
    CREATE TABLE disabled(id int primary key, p int references parent);
    ALTER TABLE disabled DISABLE TRIGGER ALL;
    CREATE TABLE dead_parent(id int primary key); CREATE TABLE of_dead(p int references dead_parent on delete cascade);
    ALTER TABLE dead_parent DISABLE TRIGGER ALL;
    CREATE TABLE dup(p int constraint zz references parent on delete cascade
                           constraint aa references parent on delete restrict);
    CREATE TABLE idx_part(id int, p int references parent); CREATE INDEX ON idx_part(p) WHERE id > 3;
    CREATE TABLE idx_hash(p int references parent); CREATE INDEX ON idx_hash USING hash(p);
    CREATE TABLE idx_brin(p int references parent); CREATE INDEX ON idx_brin USING brin(p);
    CREATE TABLE idx_second(id int, p int references parent); CREATE INDEX ON idx_second(id, p);
    CREATE TABLE analysed(p int references parent);
    INSERT INTO parent VALUES (1); INSERT INTO analysed SELECT 1 FROM generate_series(1, 50); ANALYZE analysed;
    CREATE VIEW v AS SELECT * FROM parent;
"#;

/// From version 11 on.
const PARTITIONS: &str = "
    CREATE TABLE idx_incl(id int, p int references parent); CREATE INDEX ON idx_incl(id) INCLUDE (p);
    CREATE TABLE part_child(id int, p int references parent on delete cascade, k int) partition by range (k);
    CREATE TABLE part_child_1 partition of part_child for values from (0) to (10);
    CREATE TABLE part_child_2 partition of part_child for values from (10) to (20);
    ALTER TABLE part_child_1 ADD FOREIGN KEY (id) REFERENCES parent ON DELETE RESTRICT;
    CREATE TABLE part_parent(id int primary key) partition by range (id);
    CREATE TABLE part_parent_1 partition of part_parent for values from (0) to (10);
    CREATE TABLE part_parent_2 partition of part_parent for values from (10) to (20);
    CREATE TABLE refs_part(p int references part_parent on delete cascade);
    CREATE TABLE gen(id int, p int, g int generated always as (p * 2) stored references parent);
";

/// From version 15 on.
const SET_NULL_COLUMNS: &str = "
    CREATE TABLE tenant_u(t int, id int, primary key (t, id));
    CREATE TABLE delset(t int not null, u int, foreign key (t, u) references tenant_u on delete set null (u));
";

/// From version 18 on.
const NOT_ENFORCED: &str = "CREATE TABLE notenf(p int references parent on delete cascade not enforced);";

fn fixture(server: &url::Url, name: &str) -> (url::Url, u32) {
    let url = database(server, name, FIXTURE);
    let major = read(&url).unwrap().engine.version.split('.').next().unwrap().parse().unwrap();
    for (since, sql) in [(12, PARTITIONS), (15, SET_NULL_COLUMNS), (18, NOT_ENFORCED)] {
        if major >= since {
            execute(server, name, &[sql]);
        }
    }
    (url, major)
}

#[test]
fn everything_that_the_catalogue_tells_is_read() {
    let Some(server) = server() else { return };
    let (url, major) = fixture(&server, "fkcheck_facts");
    let observation = read(&url).unwrap();
    assert_eq!(observation.visibility, Visibility::Whole);
    assert_eq!(observation.database.as_deref(), Some("section"));
    assert_eq!(observation.engine.default_schemas, ["public"]);
    assert_eq!(observation.engine.disabled_by, [""; 0]);
    assert!(observation.label.starts_with(&format!("PostgreSQL {major}")), "{}", observation.label);
    assert!(observation.label.contains("database fkcheck_facts at 127.0.0.1:"), "{}", observation.label);

    let silent = key(&observation, "rules", &["silent"]);
    assert_eq!((&silent.on_delete, &silent.on_update), (&Action::NoAction, &Action::NoAction));
    assert_eq!((silent.columns[0].nullable, silent.columns[0].has_default), (false, false));
    assert_eq!(silent.covering_index, Some(false));
    assert_eq!(silent.name.as_deref(), Some("rules_silent_fkey"));
    let cascade = key(&observation, "rules", &["c"]);
    assert_eq!((&cascade.on_delete, &cascade.on_update), (&Action::Cascade, &Action::Cascade));
    assert_eq!(key(&observation, "rules", &["r"]).on_delete, Action::Restrict);
    assert_eq!(key(&observation, "rules", &["n"]).on_delete, Action::SetNull(vec![]));
    let set_default = key(&observation, "rules", &["d"]);
    assert_eq!(
        (&set_default.on_delete, set_default.columns[0].has_default),
        (&Action::SetDefault(vec![]), true)
    );
    assert!(key(&observation, "rules", &["i"]).columns[0].generated, "GENERATED ALWAYS AS IDENTITY");

    let composite = key(&observation, "comp", &["y", "x"]);
    assert_eq!(composite.parent_columns, ["b", "a"]);
    assert_eq!((composite.match_type, composite.covering_index), (MatchType::Full, Some(true)));

    let deferred = key(&observation, "child", &["p"]);
    assert_eq!(deferred.deferrability, Deferrability::Deferred);
    assert_eq!(deferred.key.table.schema.as_deref(), Some("other"));
    assert_eq!(key(&observation, "child", &["q"]).deferrability, Deferrability::Immediate);

    let quoted = key(&observation, "Chi.ld", &["F k"]);
    assert_eq!((quoted.parent.name.as_str(), quoted.parent_columns[0].as_str()), ("Pa\"rent", "I d"));
    assert_eq!(quoted.covering_index, Some(true), "IS NOT NULL serves every look-up");

    assert!(!key(&observation, "notvalid", &["p"]).in_force.validated);
    let disabled = key(&observation, "disabled", &["p"]).in_force;
    assert_eq!((disabled.check_enabled, disabled.action_enabled), (false, true));
    let dead = key(&observation, "of_dead", &["p"]).in_force;
    assert_eq!((dead.check_enabled, dead.action_enabled), (true, false));

    let mut twins: Vec<_> = observation.keys.iter().filter(|key| key.key.table.name == "dup").collect();
    twins.sort_by_key(|key| key.firing_order);
    assert_eq!(twins.iter().map(|key| key.name.as_deref().unwrap()).collect::<Vec<_>>(), ["zz", "aa"]);

    for (table, covered) in
        [("idx_part", false), ("idx_hash", true), ("idx_brin", false), ("idx_second", false)]
    {
        assert_eq!(key(&observation, table, &["p"]).covering_index, Some(covered), "{table}");
    }
    assert_eq!(key(&observation, "analysed", &["p"]).child_rows, Some(50));
    assert_eq!(cascade.child_rows, None);
    let view = observation.tables.iter().find(|table| table.name.name == "v").unwrap();
    assert_eq!(view.kind, TableKind::View);
    assert!(!observation.tables.iter().any(|table| table.name.name.starts_with("pg_")));

    if major >= 12 {
        let of = |table: &str| observation.keys.iter().filter(|key| key.key.table.name == table).count();
        assert_eq!((of("part_child"), of("part_child_1"), of("part_child_2"), of("refs_part")), (1, 1, 0, 1));
        assert_eq!(key(&observation, "part_child", &["p"]).child_kind, TableKind::Partitioned);
        assert_eq!(key(&observation, "part_child_1", &["id"]).child_kind, TableKind::Partition);
        assert_eq!(key(&observation, "idx_incl", &["p"]).covering_index, Some(false));
        assert!(key(&observation, "gen", &["g"]).columns[0].generated);
    }
    if major >= 15 {
        let set = key(&observation, "delset", &["t", "u"]);
        assert_eq!(set.on_delete, Action::SetNull(vec!["u".to_owned()]));
        assert_eq!(set.columns.iter().map(|column| column.nullable).collect::<Vec<_>>(), [false, true]);
    }
    if major >= 18 {
        let not_enforced = key(&observation, "notenf", &["p"]).in_force;
        assert_eq!((not_enforced.enforced, not_enforced.validated), (false, true));
    }
}

#[test]
fn a_role_without_privileges_sees_the_same() {
    let Some(server) = server() else { return };
    let (url, _) = fixture(&server, "fkcheck_lowly_db");
    execute(&server, "fkcheck_lowly_db", &["REVOKE ALL ON SCHEMA public FROM PUBLIC"]);
    let root = read(&url).unwrap();
    let low = read(&lowly(&server, &url)).unwrap();
    assert!(!low.label.contains("Canary"));
    assert!(low.label.ends_with("as fkcheck_lowly"), "{}", low.label);
    assert_eq!(format!("{:?}", root.keys), format!("{:?}", low.keys));
    assert_eq!(root.tables, low.tables);
    assert_eq!(low.engine.default_schemas, ["public"], "no USAGE, but that is where the tables are");
}

#[test]
fn nobody_elses_code_runs_and_nobody_elses_catalogue_is_read() {
    let Some(server) = server() else { return };
    let trojans = r#"
        CREATE SCHEMA trap; CREATE TABLE trap.called(what text);
        CREATE TABLE trap.parent(id int primary key); CREATE TABLE trap.child(p int references trap.parent on delete cascade);
        CREATE TABLE trap.pg_constraint(oid oid); CREATE TABLE trap.pg_class(oid oid); CREATE VIEW trap.pg_namespace AS SELECT 1;
        CREATE FUNCTION trap.boom(t text) RETURNS boolean LANGUAGE plpgsql AS
            $$ BEGIN RAISE EXCEPTION 'trojan called by %', t; END $$;
        CREATE FUNCTION trap.char_eq("char", "char") RETURNS boolean LANGUAGE sql AS $$ SELECT trap.boom('=') $$;
        CREATE OPERATOR trap.= (LEFTARG = "char", RIGHTARG = "char", FUNCTION = trap.char_eq);
        CREATE FUNCTION trap.oid_eq(oid, oid) RETURNS boolean LANGUAGE sql AS $$ SELECT trap.boom('oid =') $$;
        CREATE OPERATOR trap.= (LEFTARG = oid, RIGHTARG = oid, FUNCTION = trap.oid_eq);
        CREATE FUNCTION trap.text_cat(text, text) RETURNS text LANGUAGE sql AS $$ SELECT trap.boom('||')::text $$;
        CREATE OPERATOR trap.|| (LEFTARG = text, RIGHTARG = text, FUNCTION = trap.text_cat);
        CREATE FUNCTION trap.set_config(text, text, boolean) RETURNS text LANGUAGE sql AS $$ SELECT trap.boom('set_config')::text $$;
        CREATE FUNCTION trap.current_setting(text) RETURNS text LANGUAGE sql AS $$ SELECT trap.boom('current_setting')::text $$;
        CREATE FUNCTION trap.current_setting(unknown_trap text, x int DEFAULT 1) RETURNS text LANGUAGE sql AS $$ SELECT trap.boom('current_setting/2')::text $$;
        CREATE FUNCTION trap.min(text) RETURNS text LANGUAGE sql AS $$ SELECT trap.boom('min')::text $$;
        CREATE DOMAIN trap.text AS pg_catalog.text CHECK (trap.boom('domain'));
        ALTER DATABASE fkcheck_trojan SET search_path = trap, pg_catalog, public;
    "#;
    let url = database(&server, "fkcheck_trojan", trojans);
    let observation = read(&url).unwrap();
    assert_eq!(key(&observation, "child", &["p"]).on_delete, Action::Cascade);
    assert_eq!(observation.keys.len(), 1);
    assert_eq!(observation.engine.default_schemas, ["trap", "public"]);
}

#[test]
fn switches_that_turn_keys_off_are_reported() {
    let Some(server) = server() else { return };
    let url = database(&server, "fkcheck_switch", FIXTURE);
    let lowly = lowly(&server, &url);
    execute(
        &server,
        "fkcheck_switch",
        &[
            "ALTER DATABASE fkcheck_switch SET session_replication_role = replica",
            "ALTER ROLE fkcheck_lowly IN DATABASE fkcheck_switch SET session_replication_role = replica",
        ],
    );
    for url in [url, lowly] {
        let mut switches = read(&url).unwrap().engine.disabled_by;
        switches.sort();
        assert_eq!(
            switches,
            [
                "session_replication_role = replica for database fkcheck_switch",
                "session_replication_role = replica for role fkcheck_lowly in database fkcheck_switch",
            ]
        );
    }
}

#[test]
fn the_url_may_set_the_search_path() {
    let Some(server) = server() else { return };
    let mut url = database(&server, "fkcheck_path", FIXTURE);
    url.set_query(Some("options=-c%20search_path%3Dother,public&application_name=mine"));
    assert_eq!(read(&url).unwrap().engine.default_schemas, ["other", "public"]);
}

/// Locks on every table, as a migration holds them, don't keep the catalogue from being read.
#[test]
fn locked_tables_do_not_matter() {
    let Some(server) = server() else { return };
    let url = database(&server, "fkcheck_locks", FIXTURE);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let client = runtime.block_on(async {
        let (client, connection) = tokio_postgres::connect(url.as_str(), tokio_postgres::NoTls).await.unwrap();
        tokio::spawn(connection);
        client
            .batch_execute(r#"BEGIN; LOCK TABLE parent, rules, comp, idx_part, "We ird"."Chi.ld" IN ACCESS EXCLUSIVE MODE"#)
            .await
            .unwrap();
        client
    });
    let observation = read(&url).unwrap();
    assert_eq!(key(&observation, "rules", &["c"]).on_delete, Action::Cascade);
    drop(client);
}

/// Nothing of the password in any form of the error, nor of the URL.
fn assert_clean(error: &SourceError) {
    let text = format!("{error} {error:?} {:?}", error.help());
    for secret in ["Canary", "S3cret", "%40"] {
        assert!(!text.contains(secret), "{text}");
    }
    assert!(error.help().is_some(), "{error}");
    assert_eq!(error.kind(), ErrorKind::Unknown);
}

#[test]
fn a_refused_login_is_named_without_the_password() {
    let Some(server) = server() else { return };
    let mut url = server.clone();
    url.set_username("fkcheck_nobody").unwrap();
    url.set_password(Some("Canary@S3cret")).unwrap();
    let error = read(&url).unwrap_err();
    assert_clean(&error);
    assert!(error.to_string().contains("fkcheck_nobody"), "{error}");

    let mut url = server;
    url.set_path("fkcheck_no_such_database");
    let error = read(&url).unwrap_err();
    assert!(error.to_string().contains("does not exist"), "{error}");
}

#[test]
fn hosts_that_do_not_answer_are_named_within_the_deadline() {
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let silent = silent.local_addr().map(|address| (silent, address.port())).unwrap();
    for host in [format!("127.0.0.1:{free}"), format!("127.0.0.1:{}", silent.1), "db.invalid:5432".to_owned()]
    {
        let url = url::Url::parse(&format!("postgres://ci:Canary%40S3cret@{host}/billing")).unwrap();
        let started = Instant::now();
        let error = read_within(&url, Duration::from_millis(500)).unwrap_err();
        // Ended by its deadline, not by a time-out of somebody else's.
        assert!(started.elapsed() < Duration::from_secs(10), "{host}: {:?}", started.elapsed());
        assert_clean(&error);
        let text = error.to_string();
        assert!(text.contains("billing") && text.contains(&host) && text.contains("connect"), "{text}");
    }
}

/// Where the URL asks for TLS, a server without it never gets to see the password.
#[test]
fn a_server_without_tls_gets_no_password() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let server = std::thread::spawn(move || {
        let mut received = Vec::new();
        let (mut stream, _) = listener.accept().unwrap();
        stream.set_read_timeout(Some(Duration::from_millis(300))).unwrap();
        let mut request = [0; 8];
        stream.read_exact(&mut request).unwrap();
        stream.write_all(b"N").unwrap();
        let _ended = stream.read_to_end(&mut received);
        received
    });
    let url =
        url::Url::parse(&format!("postgres://ci:CanaryS3cret@127.0.0.1:{port}/db?sslmode=require")).unwrap();
    assert_clean(&read_within(&url, Duration::from_secs(2)).unwrap_err());
    let received = server.join().unwrap();
    assert!(received.is_empty(), "nothing follows the refusal of TLS: {received:?}");
}
