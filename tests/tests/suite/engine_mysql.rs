//! MariaDB (or MySQL), read from a real server.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::net::TcpListener;
use std::time::{Duration, Instant};

use fkcheck_core::model::{
    Action, Engine, IdentifierCase, Observation, ObservedKey, SetDefaultMeaning, TableKind, Visibility,
};
use fkcheck_core::sources::{DatabaseUrl, ErrorKind, Limits, SourceError, read_database};
use mysql_async::prelude::Queryable;

/// The administrator's URL, or `None` where these tests are left out on purpose.
fn server() -> Option<url::Url> {
    if std::env::var("FKCHECK_TEST_SKIP").is_ok_and(|skip| skip.contains("mariadb")) {
        return None;
    }
    let url = std::env::var("FKCHECK_TEST_MARIADB_URL")
        .expect("no MariaDB server: run tests/run, or set FKCHECK_TEST_SKIP=mariadb");
    Some(url::Url::parse(&url).unwrap())
}

/// Runs statements, each on its own line or lines; the first error ends it.
fn attempt(url: &url::Url, statements: &str) -> mysql_async::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let options = mysql_async::Opts::from_url(url.as_str()).unwrap();
        let options = mysql_async::OptsBuilder::from_opts(options).prefer_socket(false);
        let mut connection = mysql_async::Conn::new(options).await?;
        for statement in statements.split(";\n").map(str::trim).filter(|statement| !statement.is_empty()) {
            connection.query_drop(statement).await?;
        }
        connection.disconnect().await
    })
}

fn execute(url: &url::Url, statements: &str) {
    attempt(url, statements).unwrap_or_else(|error| panic!("{error}"));
}

/// A database of its own for a test; made anew.
fn database(server: &url::Url, name: &str, sql: &str) -> url::Url {
    execute(server, &format!("DROP DATABASE IF EXISTS `{name}`;\nCREATE DATABASE `{name}`"));
    let mut url = server.clone();
    url.set_path(name);
    execute(&url, sql);
    url
}

/// A role of its own for a test, with these grants.
fn role(server: &url::Url, database: &url::Url, name: &str, grants: &str) -> url::Url {
    execute(
        server,
        &format!(
            "DROP USER IF EXISTS {name}@'127.0.0.1';\nCREATE USER {name}@'127.0.0.1' IDENTIFIED BY 'CanaryRole';\n{grants}"
        ),
    );
    let mut url = database.clone();
    url.set_username(name).unwrap();
    url.set_password(Some("CanaryRole")).unwrap();
    url
}

fn read(url: &url::Url) -> Result<Observation, SourceError> {
    read_within(url, Duration::from_secs(60))
}

fn read_within(url: &url::Url, deadline: Duration) -> Result<Observation, SourceError> {
    let limits = Limits { deadline, ..Limits::default() };
    read_database(&DatabaseUrl::parse(url.as_str()).unwrap(), &limits, None)
}

fn key<'a>(observation: &'a Observation, table: &str, columns: &[&str]) -> &'a ObservedKey {
    let found: Vec<_> = observation
        .keys
        .iter()
        .filter(|key| key.key.table.name == table && key.key.columns == columns)
        .collect();
    assert_eq!(found.len(), 1, "{table} {columns:?}: {:#?}", observation.keys);
    found[0]
}

const FIXTURE: &str = "
    CREATE TABLE parent(id int PRIMARY KEY, a int, b int, UNIQUE (b, a));
    CREATE TABLE `par``ent 2`(`I d` int PRIMARY KEY);
    CREATE TABLE rules(id int PRIMARY KEY, silent int NOT NULL, c int, r int, n int, na int, d int DEFAULT 1,
        g int AS (silent + 1) STORED, made timestamp DEFAULT current_timestamp,
        CONSTRAINT silent FOREIGN KEY (silent) REFERENCES parent(id),
        CONSTRAINT c FOREIGN KEY (c) REFERENCES parent(id) ON DELETE CASCADE ON UPDATE SET NULL,
        CONSTRAINT r FOREIGN KEY (r) REFERENCES parent(id) ON DELETE RESTRICT,
        CONSTRAINT n FOREIGN KEY (n) REFERENCES parent(id) ON DELETE SET NULL,
        CONSTRAINT na FOREIGN KEY (na) REFERENCES parent(id) ON DELETE NO ACTION,
        CONSTRAINT d FOREIGN KEY (d) REFERENCES parent(id) ON UPDATE CASCADE,
        CONSTRAINT g FOREIGN KEY (g) REFERENCES parent(id));
    CREATE TABLE comp(x int, y int, CONSTRAINT ` ON DELETE CASCADE` FOREIGN KEY (y, x) REFERENCES parent(b, a) ON DELETE SET NULL);
    CREATE TABLE `odd ``name`(`F k` int,
        CONSTRAINT `odd``key` FOREIGN KEY (`F k`) REFERENCES `par``ent 2`(`I d`) ON DELETE CASCADE);
    CREATE TABLE twin(a int, b int,
        CONSTRAINT zzz FOREIGN KEY (a) REFERENCES parent(id) ON DELETE RESTRICT,
        CONSTRAINT aaa_twin FOREIGN KEY (b) REFERENCES parent(id) ON DELETE CASCADE);
    CREATE TABLE shelved(p int) ENGINE = MyISAM;
    CREATE TABLE parted(p int) PARTITION BY HASH (p) PARTITIONS 2;
    CREATE VIEW v AS SELECT * FROM parent";

const KEYS_IN_FIXTURE: usize = 11;

#[test]
fn everything_that_the_catalogue_tells_is_read() {
    let Some(server) = server() else { return };
    let url = database(&server, "fkcheck_facts", FIXTURE);
    let observation = read(&url).unwrap();
    let mariadb = observation.engine.kind == Engine::MariaDb;
    assert_eq!(observation.visibility, Visibility::Whole);
    assert_eq!(observation.keys.len(), KEYS_IN_FIXTURE);
    assert_eq!(observation.engine.default_schemas, ["fkcheck_facts"]);
    assert_eq!(observation.engine.disabled_by, [""; 0]);
    assert_eq!(observation.engine.table_case, IdentifierCase::Exact);
    assert_eq!(observation.engine.column_case, IdentifierCase::Insensitive);
    assert_eq!(observation.engine.set_default, SetDefaultMeaning::Blocks);
    let label =
        format!("{} {}, database fkcheck_facts at ", observation.engine.kind, observation.engine.version);
    assert!(observation.label.starts_with(&label), "{}", observation.label);

    let silent = key(&observation, "rules", &["silent"]);
    assert_eq!(silent.on_delete, if mariadb { Action::Restrict } else { Action::NoAction });
    assert!(!silent.columns[0].nullable && !silent.columns[0].has_default);
    let cascade = key(&observation, "rules", &["c"]);
    assert_eq!((&cascade.on_delete, &cascade.on_update), (&Action::Cascade, &Action::SetNull(vec![])));
    assert!(cascade.columns[0].nullable && !cascade.columns[0].has_default);
    assert_eq!(cascade.covering_index, Some(true));
    assert_eq!(key(&observation, "rules", &["r"]).on_delete, Action::Restrict);
    assert_eq!(key(&observation, "rules", &["n"]).on_delete, Action::SetNull(vec![]));
    assert_eq!(key(&observation, "rules", &["na"]).on_delete, Action::NoAction);
    assert!(key(&observation, "rules", &["d"]).columns[0].has_default);
    assert!(key(&observation, "rules", &["g"]).columns[0].generated);
    assert_eq!(key(&observation, "comp", &["y", "x"]).parent_columns, ["b", "a"]);
    let odd = key(&observation, "odd `name", &["F k"]);
    assert_eq!((odd.parent.name.as_str(), odd.name.as_deref()), ("par`ent 2", Some("odd`key")));

    let table = |name: &str| observation.tables.iter().find(|table| table.name.name == name).unwrap();
    assert_eq!(table("shelved").storage.as_deref(), Some("MyISAM"));
    assert_eq!(table("parted").kind, TableKind::Partitioned);
    assert_eq!((table("v").kind, table("v").storage.as_deref()), (TableKind::View, None));
    assert_eq!(table("rules").storage.as_deref(), Some("InnoDB"));
}

/// The outcome of a delete with CASCADE and RESTRICT side by side, by either name, against the order that is claimed.
#[test]
fn the_key_that_fires_first_decides() {
    let Some(server) = server() else { return };
    for (number, (cascade, restrict)) in [("aaa", "zzz"), ("zzz", "aaa")].into_iter().enumerate() {
        let name = format!("fkcheck_order_{number}");
        let url = database(
            &server,
            &name,
            &format!(
                "CREATE TABLE p(id int PRIMARY KEY);\nCREATE TABLE c(p int,
                 CONSTRAINT {cascade} FOREIGN KEY (p) REFERENCES p(id) ON DELETE CASCADE,
                 CONSTRAINT {restrict} FOREIGN KEY (p) REFERENCES p(id) ON DELETE RESTRICT);
                 INSERT INTO p VALUES (1);\nINSERT INTO c VALUES (1)"
            ),
        );
        let observation = read(&url).unwrap();
        let ranks: Vec<_> = observation.keys.iter().map(|key| key.firing_order).collect();
        if ranks[0] == ranks[1] {
            // MySQL 9.6 and later fire in the order of declaration, and don't tell it.
            assert_eq!(observation.engine.kind, Engine::MySql);
            continue;
        }
        let first = observation.keys.iter().min_by_key(|key| key.firing_order).unwrap();
        let worked = attempt(&url, "DELETE FROM p").is_ok();
        assert_eq!(first.on_delete == Action::Cascade, worked, "{first:?}");
    }
}

#[test]
fn what_each_role_sees_is_whole_or_said_to_be_partial() {
    let Some(server) = server() else { return };
    let url = database(&server, "fkcheck_roles", FIXTURE);
    let whole = read(&url).unwrap();
    for (name, grants, is_whole) in [
        ("fkcheck_select", "GRANT SELECT ON fkcheck_roles.* TO fkcheck_select@'127.0.0.1'", true),
        ("fkcheck_pattern", "GRANT SELECT ON `fkcheck\\_roles`.* TO fkcheck_pattern@'127.0.0.1'", true),
        ("fkcheck_references", "GRANT REFERENCES ON fkcheck_roles.* TO fkcheck_references@'127.0.0.1'", true),
        ("fkcheck_global", "GRANT REFERENCES ON *.* TO fkcheck_global@'127.0.0.1'", true),
        ("fkcheck_insert", "GRANT INSERT ON fkcheck_roles.* TO fkcheck_insert@'127.0.0.1'", true),
        ("fkcheck_table", "GRANT SELECT ON fkcheck_roles.rules TO fkcheck_table@'127.0.0.1'", false),
        ("fkcheck_column", "GRANT SELECT (id) ON fkcheck_roles.rules TO fkcheck_column@'127.0.0.1'", false),
    ] {
        let observation = read(&role(&server, &url, name, grants)).unwrap();
        assert!(!observation.label.contains("Canary"));
        if is_whole {
            assert_eq!(observation.visibility, Visibility::Whole, "{name}");
            assert_eq!(format!("{:#?}", observation.keys), format!("{:#?}", whole.keys), "{name}");
        } else {
            let Visibility::Partial(why) = &observation.visibility else { panic!("{name} sees the whole") };
            let advice = format!("`GRANT REFERENCES ON `fkcheck_roles`.* TO `{name}`@`127.0.0.1``");
            assert!(why.to_string().contains(&advice), "{why}");
        }
    }
}

#[test]
fn a_role_without_any_privilege_can_not_get_in() {
    let Some(server) = server() else { return };
    let url = database(&server, "fkcheck_closed", FIXTURE);
    let error = read(&role(&server, &url, "fkcheck_none", "SELECT 1")).unwrap_err();
    assert_clean(&error);
    assert!(matches!(error, SourceError::Login { .. }), "{error:?}");
    assert!(error.help().unwrap().contains("GRANT REFERENCES ON `fkcheck_closed`.*"));
}

#[test]
fn an_empty_database_is_not_taken_for_a_whole_one() {
    let Some(server) = server() else { return };
    let observation = read(&database(&server, "fkcheck_empty", "")).unwrap();
    assert!(matches!(observation.visibility, Visibility::Partial(_)));
}

/// Nothing of the password in any form of the error.
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
    url.set_path("mysql");
    let error = read(&url).unwrap_err();
    assert!(matches!(error, SourceError::Login { .. }), "{error:?}");
    assert_clean(&error);
    let mut url = server;
    url.set_path("fkcheck_no_such_database");
    let error = read(&url).unwrap_err();
    assert!(error.to_string().contains("fkcheck_no_such_database"), "{error}");
    assert_clean(&error);
}

#[test]
fn hosts_that_do_not_answer_are_named_within_the_deadline() {
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let silent = silent.local_addr().map(|address| (silent, address.port())).unwrap();
    for host in [format!("127.0.0.1:{free}"), format!("127.0.0.1:{}", silent.1), "db.invalid:3306".to_owned()]
    {
        let url = url::Url::parse(&format!("mysql://ci:Canary%40S3cret@{host}/billing")).unwrap();
        let started = Instant::now();
        let error = read_within(&url, Duration::from_millis(500)).unwrap_err();
        // Ended by its deadline, not by a time-out of somebody else's.
        assert!(started.elapsed() < Duration::from_secs(10), "{host}: {:?}", started.elapsed());
        assert_clean(&error);
        let text = error.to_string();
        assert!(text.contains("billing") && text.contains(&host) && text.contains("connect"), "{text}");
    }
}

/// A server without TLS is refused where the URL asks for TLS, before the password is sent.
#[test]
fn tls_that_was_asked_for_is_insisted_on() {
    let Some(server) = server() else { return };
    let mut url = database(&server, "fkcheck_tls", FIXTURE);
    url.set_password(Some("CanaryS3cret")).unwrap();
    url.set_query(Some("ssl-mode=REQUIRED"));
    assert_clean(&read(&url).unwrap_err());
}
