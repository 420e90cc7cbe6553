//! A table of cases: what statements leave. That servers make the same of them is proved in the workspace's tests.

use std::path::Path;

use super::*;
use crate::model::Engine::{MariaDb, MySql, Postgres};

/// `child(columns) -> parent(columns) ACTION` for each key, and the doubts.
fn left(engine: Engine, sql: &str) -> Vec<String> {
    let directory = tempfile::tempdir().unwrap();
    let migration = directory.path().join("2026-01-01-000000_one");
    std::fs::create_dir(&migration).unwrap();
    std::fs::write(migration.join("up.sql"), sql).unwrap();
    let observation = replay(engine, directory.path(), directory.path()).unwrap();
    let mut lines: Vec<String> = observation
        .keys
        .iter()
        .map(|key| {
            let (child, columns) = (&key.key.table, key.key.columns.join(", "));
            let parent = key.parent_columns.join(", ");
            format!("{child}({columns}) -> {}({parent}) {}", key.parent, key.on_delete)
        })
        .collect();
    if let Visibility::Except(doubts) = &observation.visibility {
        lines.extend(doubts.iter().map(|doubt| format!("? {}", doubt.why)));
    }
    lines
}

const TWO: &str = "CREATE TABLE a (id int PRIMARY KEY); CREATE TABLE b (x int, y int";

#[test]
fn what_statements_leave() {
    let one = |action: &str| vec![format!("b(x) -> a(id) {action}")];
    for (engine, sql, expected) in [
        (Postgres, ", FOREIGN KEY (x) REFERENCES a ON DELETE CASCADE);", one("CASCADE")),
        (MariaDb, ", FOREIGN KEY (x) REFERENCES a (id) ON DELETE CASCADE);", one("CASCADE")),
        (Postgres, "); ALTER TABLE b ADD FOREIGN KEY (x) REFERENCES a;", one("NO ACTION")),
        (MariaDb, "); ALTER TABLE b ADD CONSTRAINT k FOREIGN KEY k (x) REFERENCES a (id);", one("NO ACTION")),
        // Quotes, case and comments.
        (
            Postgres,
            "); alter table \"b\" add /* REFERENCES c */ foreign key (X) references A;",
            one("NO ACTION"),
        ),
        (MariaDb, "); alter table `B` add foreign key (`X`) references `a` (`ID`);", one("NO ACTION")),
        // What is dropped is gone.
        (Postgres, ", CONSTRAINT k FOREIGN KEY (x) REFERENCES a); ALTER TABLE b DROP CONSTRAINT k;", vec![]),
        (
            MariaDb,
            ", CONSTRAINT k FOREIGN KEY (x) REFERENCES a (id)); ALTER TABLE b DROP FOREIGN KEY K;",
            vec![],
        ),
        (Postgres, ", FOREIGN KEY (x) REFERENCES a); ALTER TABLE b DROP COLUMN x;", vec![]),
        (Postgres, ", FOREIGN KEY (x) REFERENCES a); DROP TABLE a CASCADE;", vec![]),
        // PostgreSQL drops first, whatever the order.
        (
            Postgres,
            ", CONSTRAINT k FOREIGN KEY (x) REFERENCES a); ALTER TABLE b ADD CONSTRAINT k FOREIGN KEY (x) REFERENCES a ON DELETE SET NULL, DROP CONSTRAINT k;",
            one("SET NULL"),
        ),
        // MariaDB's other words for the same.
        (MariaDb, ", FOREIGN KEY (x) REFERENCES a (id)); CREATE OR REPLACE TABLE b (x int);", vec![]),
        (
            MariaDb,
            ", CONSTRAINT k FOREIGN KEY (x) REFERENCES a (id)); ALTER IGNORE TABLE b DROP FOREIGN KEY k;",
            vec![],
        ),
        (
            MariaDb,
            ", CONSTRAINT k FOREIGN KEY (x) REFERENCES a (id)); SET STATEMENT lock_wait_timeout = 1 FOR ALTER TABLE b DROP FOREIGN KEY k;",
            vec![],
        ),
        (MariaDb, ", FOREIGN KEY (x) REFERENCES a (id)); DROP TABLES b;", vec![]),
        (
            MariaDb,
            ", FOREIGN KEY (x) REFERENCES a (id)); RENAME TABLES IF EXISTS b TO d;",
            vec!["d(x) -> a(id) NO ACTION".to_owned()],
        ),
        // Names that change take their keys along.
        (
            Postgres,
            ", FOREIGN KEY (x) REFERENCES a); ALTER TABLE a RENAME TO c; ALTER TABLE b RENAME x TO z;",
            vec!["b(z) -> c(id) NO ACTION".to_owned()],
        ),
        (
            MariaDb,
            ", FOREIGN KEY (x) REFERENCES a (id)); RENAME TABLE a TO c; ALTER TABLE b CHANGE x z int;",
            vec!["b(z) -> c(id) NO ACTION".to_owned()],
        ),
        // A text is not a statement.
        (Postgres, "); COMMENT ON TABLE b IS 'ALTER TABLE b ADD FOREIGN KEY (x) REFERENCES a';", vec![]),
        (MariaDb, ", c text DEFAULT \"FOREIGN KEY (x) REFERENCES a (id)\");", vec![]),
        // A plain block is carried out, one with conditions is named.
        (
            Postgres,
            "); DO $$ BEGIN ALTER TABLE b ADD FOREIGN KEY (x) REFERENCES a ON DELETE CASCADE; END $$;",
            one("CASCADE"),
        ),
        (
            Postgres,
            "); DO $$ BEGIN IF now() > '2026-01-01' THEN ALTER TABLE b ADD FOREIGN KEY (x) REFERENCES a; END IF; END $$;",
            vec!["? a DO block with conditions".to_owned()],
        ),
    ] {
        assert_eq!(left(engine, &format!("{TWO}{sql}")), expected, "{engine}: {sql}");
    }
}

/// What hides what is done, takes it back, or takes more along than it names.
#[test]
fn what_is_hidden_taken_back_or_taken_along() {
    const KEY: &str = "b(x) -> a(id) NO ACTION";
    let key = || vec![KEY.to_owned()];
    let gone = Vec::new;
    let doubt = |what: &str| vec![KEY.to_owned(), format!("? {what}")];
    let along = "a DROP that takes other things along";
    let run_by_some = "a comment that only some servers run";
    let unknown = "a statement that isn't followed";
    let mut wrong = Vec::new();
    for (engine, sql, expected) in [
        // What it takes along isn't named, or is another's.
        (Postgres, "DROP EXTENSION citext CASCADE", doubt(along)),
        (Postgres, "CREATE TYPE t AS ENUM (); DROP TYPE t CASCADE", key()),
        (Postgres, "CREATE TYPE t AS ENUM (); ALTER TABLE b ADD z t; DROP TYPE t CASCADE", doubt(along)),
        (
            Postgres,
            "CREATE DOMAIN d AS int; ALTER TABLE b ALTER x TYPE public.d; DROP DOMAIN d CASCADE",
            doubt(along),
        ),
        (
            Postgres,
            "CREATE TYPE t AS ENUM (); CREATE DOMAIN d AS t; ALTER TABLE b ADD z \"d\"[]; DROP TYPE IF EXISTS t, u CASCADE",
            doubt(along),
        ),
        (
            Postgres,
            "CREATE FUNCTION f() RETURNS int AS 'SELECT 1' LANGUAGE sql; ALTER TABLE b ALTER x SET DEFAULT f(); DROP FUNCTION f() CASCADE",
            doubt(along),
        ),
        (Postgres, "DROP FUNCTION IF EXISTS f() CASCADE; DROP VIEW IF EXISTS v CASCADE", key()),
        (
            Postgres,
            "CREATE SCHEMA s; CREATE TYPE s.t AS ENUM (); ALTER TABLE b ADD z s.t; DROP SCHEMA s CASCADE",
            doubt(along),
        ),
        (
            Postgres,
            "CREATE SEQUENCE s; ALTER TABLE b ADD z int DEFAULT nextval('s'); DROP SEQUENCE s CASCADE",
            doubt(along),
        ),
        (
            Postgres,
            "ALTER TABLE b ADD z int GENERATED ALWAYS AS (y) STORED REFERENCES a; ALTER TABLE b DROP y CASCADE",
            key(),
        ),
        (Postgres, "DROP DATABASE other", key()),
        (MariaDb, "DROP DATABASE app", doubt("a DROP of a database, which may be this one")),
        (MariaDb, "USE app", doubt("a USE of a database, which may be another one")),
        // What rewrites deletes.
        (
            Postgres,
            "CREATE RULE r AS ON DELETE TO b DO INSTEAD NOTHING",
            doubt("a rule in the place of deletes or updates"),
        ),
        (Postgres, "CREATE RULE r AS ON DELETE TO b DO ALSO DELETE FROM c", key()),
        (
            Postgres,
            "UPDATE pg_constraint SET confdeltype = 'c'",
            doubt("a change of the server's own tables"),
        ),
        // Names and texts in other letters.
        (Postgres, "ALTER TABLE U&\"\\0062\" DROP CONSTRAINT u&\"!006B\" UESCAPE '!'", gone()),
        (
            Postgres,
            "SET standard_conforming_strings = off",
            doubt("a setting by which the same text is read otherwise"),
        ),
        (
            MariaDb,
            "SET SESSION sql_mode = 'ANSI_QUOTES'",
            doubt("a setting by which the same text is read otherwise"),
        ),
        (MariaDb, "SET sql_mode = 'NO_AUTO_VALUE_ON_ZERO'", key()),
        // Comments that are none.
        (MariaDb, "/*! ALTER TABLE b DROP FOREIGN KEY k */", gone()),
        (MariaDb, "/*M! ALTER TABLE b DROP FOREIGN KEY k */", gone()),
        (MariaDb, "/*!50099 ALTER TABLE b /* by hand */ DROP FOREIGN KEY k */", gone()),
        (MariaDb, "/*!80000 ALTER TABLE b DROP FOREIGN KEY k */", key()),
        (MariaDb, "/*M!999999 ALTER TABLE b DROP FOREIGN KEY k */", key()),
        (MariaDb, "/*M!120100 ALTER TABLE b DROP FOREIGN KEY k */", vec![format!("? {run_by_some}")]),
        (MySql, "/*M! ALTER TABLE b DROP FOREIGN KEY k */", vec![format!("? {run_by_some}")]),
        (MySql, "ALTER TABLE b ADD z int /*!80023 INVISIBLE */", key()),
        (MariaDb, "SELECT '/*!', \"*/\", `/*!` -- /*!", key()),
        // Statements in statements.
        (
            Postgres,
            "CREATE SCHEMA s CREATE TABLE t (x int) CREATE VIEW v AS SELECT 1; DROP TABLE s.t, b",
            gone(),
        ),
        (MariaDb, "EXECUTE IMMEDIATE 'ALTER TABLE b DROP FOREIGN KEY k'", gone()),
        (MariaDb, "EXECUTE IMMEDIATE CONCAT('ALTER TA', 'BLE b DROP FOREIGN', ' KEY k')", gone()),
        (
            MariaDb,
            "BEGIN NOT ATOMIC IF 1 THEN ALTER TABLE b DROP FOREIGN KEY k; END IF; END",
            doubt("a block with conditions"),
        ),
        (MariaDb, "BEGIN NOT ATOMIC SELECT 1; END", key()),
        (
            MariaDb,
            "CREATE EVENT e ON SCHEDULE AT now() DO DROP TABLE b",
            doubt("an event that runs statements"),
        ),
        (
            MariaDb,
            "RENAME TABLE b NOWAIT TO c; ALTER TABLE c RENAME = b; ALTER TABLE b WAIT 5 DROP FOREIGN KEY k",
            gone(),
        ),
        (Postgres, "\\i other.sql", doubt(unknown)),
        // Composed at run time.
        (
            Postgres,
            "DO $$ DECLARE t text := 'b'; BEGIN EXECUTE 'alter table ' || t || ' drop constraint k'; END $$",
            doubt("a DO block with conditions"),
        ),
        (
            Postgres,
            "DO $$ BEGIN EXECUTE 'alter ta' || 'ble b drop constraint k'; END $$",
            doubt("a DO block with conditions"),
        ),
        (
            Postgres,
            "DO $$ BEGIN EXECUTE concat('dr', 'op ta', 'ble b'); END $$",
            doubt("a DO block with conditions"),
        ),
        (
            Postgres,
            "DO $$ BEGIN EXECUTE replace('dropXtable b', 'X', ' '); END $$",
            doubt("a DO block with conditions"),
        ),
        (
            Postgres,
            "DO $$ DECLARE q text; BEGIN q := 'a'; q := q || 'lter'; EXECUTE q; END $$",
            doubt("a DO block with conditions"),
        ),
        (Postgres, "DO $$ BEGIN EXECUTE format('%s', q) FROM p; END $$", doubt("a DO block with conditions")),
        (
            Postgres,
            "DO $$ DECLARE r record; BEGIN FOR r IN SELECT 1 LOOP EXECUTE r.q; END LOOP; END $$",
            doubt("a DO block with conditions"),
        ),
        (
            Postgres,
            "DO $$ BEGIN EXECUTE format('CREATE TRIGGER t BEFORE UPDATE ON %s EXECUTE FUNCTION g()', t); END $$",
            key(),
        ),
        (
            Postgres,
            "DO $$ BEGIN EXECUTE format('CREATE TABLE %I PARTITION OF p FOR VALUES IN (%L)', t, v); END $$",
            key(),
        ),
        (Postgres, "DO $$ BEGIN EXECUTE 'UPDATE ' || t || ' SET x = ' || v; END $$", key()),
        (
            MariaDb,
            "SET @q = CONCAT('ALTER TA', 'BLE b DROP FOREIGN KEY k'); PREPARE s FROM @q; EXECUTE s",
            gone(),
        ),
        (
            MariaDb,
            "SET @t = 'b', @q = CONCAT('DROP TABLE ', @t); PREPARE s FROM @q; EXECUTE s",
            doubt("a prepared statement"),
        ),
        (MariaDb, "SET @t = 'b'; SET @q = CONCAT('DROP TABLE ', @t); PREPARE s FROM @q; EXECUTE s", gone()),
        (
            MariaDb,
            "SELECT CONCAT('DROP ', x) INTO @q FROM b; PREPARE s FROM @q; EXECUTE s",
            doubt("a prepared statement"),
        ),
        (MariaDb, "PREPARE s FROM @given; EXECUTE s", doubt("a prepared statement")),
        (MariaDb, "SET @q = IF(@x, 'SELECT 1', 'SELECT 2'); PREPARE s FROM @q; EXECUTE s", key()),
        // A table that another storage engine keeps is known to keys by its name alone.
        (
            MariaDb,
            "CREATE TABLE m (id int PRIMARY KEY) ENGINE=MyISAM; SET foreign_key_checks = 0; CREATE TABLE c (x int, FOREIGN KEY (x) REFERENCES m (id)); ALTER TABLE m CHANGE id n int; RENAME TABLE m TO n",
            vec![KEY.to_owned(), "c(x) -> m(id) NO ACTION".to_owned()],
        ),
        (
            MariaDb,
            "ALTER TABLE b DROP CONSTRAINT k, DROP y",
            vec!["? a clause that is not understood, or that the server refuses".to_owned()],
        ),
        (MariaDb, "RENAME TABLE unknown TO known", doubt("a table that isn't known here")),
        (
            MariaDb,
            "ALTER TABLE a ADD u int, ADD v int, ADD UNIQUE (u, v); ALTER TABLE b ADD FOREIGN KEY (x, y) REFERENCES a (u, v); ALTER TABLE a CHANGE u p int, RENAME COLUMN v TO q",
            vec![
                "b(x) -> a(id) NO ACTION".to_owned(),
                "b(x, y) -> a(p, q) NO ACTION".to_owned(),
                "? a clause that is not understood, or that the server refuses".to_owned(),
            ],
        ),
        // A name in a parent is none that the value is made of.
        (
            Postgres,
            "ALTER TABLE b ADD id int, ADD z int GENERATED ALWAYS AS (y) STORED REFERENCES a (id); ALTER TABLE b DROP id",
            vec![KEY.to_owned(), "b(z) -> a(id) NO ACTION".to_owned()],
        ),
        // Columns of other tables.
        (
            Postgres,
            "CREATE TABLE c () INHERITS (b); CREATE TABLE d () INHERITS (c); DO $$ BEGIN IF x THEN ALTER TABLE b DROP y; END IF; END $$",
            doubt("a DO block with conditions"),
        ),
        (
            Postgres,
            "CREATE TABLE c (y int, FOREIGN KEY (x) REFERENCES a) INHERITS (b); ALTER TABLE b RENAME x TO z; ALTER TABLE b DROP y",
            vec!["b(z) -> a(id) NO ACTION".to_owned(), "c(z) -> a(id) NO ACTION".to_owned()],
        ),
        (
            Postgres,
            "CREATE TABLE c (y int, FOREIGN KEY (y) REFERENCES a, FOREIGN KEY (x) REFERENCES a) INHERITS (b); ALTER TABLE b DROP x, DROP y",
            vec!["c(y) -> a(id) NO ACTION".to_owned()],
        ),
        (
            Postgres,
            "CREATE TABLE c () INHERITS (b); CREATE TABLE d (FOREIGN KEY (x) REFERENCES a) INHERITS (c); ALTER TABLE d NO INHERIT c; DROP TABLE b CASCADE",
            vec!["d(x) -> a(id) NO ACTION".to_owned()],
        ),
        // Taken back.
        (Postgres, "BEGIN; SAVEPOINT s; ALTER TABLE b DROP CONSTRAINT k; ROLLBACK TO s; COMMIT", key()),
        (
            Postgres,
            "SAVEPOINT s; ALTER TABLE b DROP CONSTRAINT k; RELEASE s; SAVEPOINT t; ROLLBACK TO SAVEPOINT t",
            gone(),
        ),
        (
            Postgres,
            "SAVEPOINT s; SAVEPOINT t; SAVEPOINT s; ALTER TABLE b DROP CONSTRAINT k; ROLLBACK TO t; ROLLBACK TO s; DO $$ BEGIN IF x THEN DROP TABLE b; END IF; END $$; ROLLBACK WORK TO SAVEPOINT s",
            key(),
        ),
        (Postgres, "ROLLBACK TO nowhere", doubt("a ROLLBACK to where nothing was saved")),
        (Postgres, "COMMIT; BEGIN; DROP TABLE b; ROLLBACK", key()),
        (Postgres, "BEGIN; DROP TABLE b; ABORT", gone()),
        (MariaDb, "START TRANSACTION; ALTER TABLE b DROP FOREIGN KEY k; ROLLBACK", gone()),
    ] {
        let left = left(engine, &format!("{TWO}, CONSTRAINT k FOREIGN KEY (x) REFERENCES a (id)); {sql};"));
        if left != expected {
            wrong.push(format!("{engine}: {sql}\n  is:     {left:?}\n  should: {expected:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn an_engine_whose_migrations_are_run_is_not_replayed() {
    let error = replay_files(Engine::Sqlite, Path::new("migrations"), &[]).unwrap_err();
    assert!(error.reason.contains("can't be replayed"), "{error}");
}

/// What is made by a first migration, and called by a second.
#[test]
fn a_call_is_seen_wherever_it_stands() {
    const TIDY: &str = "CREATE FUNCTION tidy() RETURNS int AS $$ BEGIN ALTER TABLE b DROP CONSTRAINT k; RETURN 1; END $$ LANGUAGE plpgsql";
    const PROCEDURE: &str =
        "CREATE DEFINER = `root`@`%` PROCEDURE Tidy() BEGIN ALTER TABLE b DROP FOREIGN KEY k; END";
    for (engine, made, call) in [
        (Postgres, TIDY, "SELECT tidy()"),
        (Postgres, TIDY, "SELECT public.\"tidy\" ()"),
        (Postgres, TIDY, "SELECT * FROM tidy()"),
        (Postgres, TIDY, "DO $$ BEGIN PERFORM tidy(); END $$"),
        (Postgres, TIDY, "DO $$ DECLARE n int; BEGIN SELECT tidy() INTO n; END $$"),
        (Postgres, TIDY, "DO $$ DECLARE n int := tidy(); BEGIN NULL; END $$"),
        (Postgres, TIDY, "DO $$ BEGIN EXECUTE 'select tidy()'; END $$"),
        (Postgres, TIDY, "DO $$ BEGIN EXECUTE $q$ DO $d$ BEGIN PERFORM tidy(); END $d$ $q$; END $$"),
        (Postgres, TIDY, "INSERT INTO b (x) SELECT tidy()"),
        (Postgres, TIDY, "INSERT INTO b (x) VALUES (1) RETURNING tidy()"),
        (Postgres, TIDY, "UPDATE b SET x = tidy()"),
        (Postgres, TIDY, "EXPLAIN ANALYZE SELECT tidy()"),
        (Postgres, TIDY, "COPY (SELECT tidy()) TO STDOUT"),
        (Postgres, TIDY, "CREATE INDEX i ON b (tidy())"),
        (Postgres, TIDY, "CREATE TABLE c (x int DEFAULT tidy())"),
        (Postgres, TIDY, "ALTER TABLE b ALTER x SET DEFAULT tidy()"),
        (Postgres, TIDY, "CREATE VIEW v AS SELECT tidy()"),
        (Postgres, TIDY, "CREATE RULE r AS ON INSERT TO b DO ALSO SELECT tidy()"),
        (Postgres, TIDY, "CREATE TRIGGER t AFTER INSERT ON b EXECUTE FUNCTION tidy()"),
        (Postgres, TIDY, "CREATE OPERATOR # (FUNCTION = tidy)"),
        (Postgres, TIDY, "CREATE FUNCTION more() RETURNS int AS 'SELECT tidy()' LANGUAGE sql; SELECT more()"),
        (Postgres, TIDY, "ALTER FUNCTION tidy() RENAME TO neat; SELECT neat()"),
        // Overloaded, and the other one is harmless.
        (Postgres, TIDY, "CREATE FUNCTION tidy(int) RETURNS int AS 'SELECT 1' LANGUAGE sql; SELECT tidy()"),
        // What is called is bound when it runs.
        (
            Postgres,
            "CREATE FUNCTION more() RETURNS void AS $$ BEGIN PERFORM tidy(); END $$ LANGUAGE plpgsql",
            "CREATE FUNCTION tidy() RETURNS void AS $$ BEGIN DROP TABLE b; END $$ LANGUAGE plpgsql; SELECT more()",
        ),
        (
            Postgres,
            "CREATE FUNCTION tidy() RETURNS trigger AS 'BEGIN RETURN NULL; END' LANGUAGE plpgsql; CREATE TRIGGER t AFTER INSERT ON b EXECUTE FUNCTION tidy()",
            "CREATE OR REPLACE FUNCTION tidy() RETURNS trigger AS $$ BEGIN DROP TABLE b; END $$ LANGUAGE plpgsql",
        ),
        // The caller gives the text.
        (
            Postgres,
            "CREATE FUNCTION run(q text) RETURNS void AS $$ BEGIN EXECUTE q; END $$ LANGUAGE plpgsql",
            "SELECT run('ALTER TABLE b DROP CONSTRAINT k')",
        ),
        (MariaDb, PROCEDURE, "CALL tidy()"),
        (MariaDb, PROCEDURE, "CALL `TIDY`"),
        (MariaDb, PROCEDURE, "PREPARE s FROM 'CALL tidy()'; EXECUTE s"),
        (MariaDb, PROCEDURE, "SET @q = 'CALL tidy()'; PREPARE s FROM @q; EXECUTE s"),
        (MariaDb, PROCEDURE, "CREATE PROCEDURE more() BEGIN CALL tidy; END; CALL more"),
    ] {
        let sql = format!("{TWO}, CONSTRAINT k FOREIGN KEY (x) REFERENCES a (id)); {made}; {call};");
        let left = left(engine, &sql);
        assert!(left.iter().any(|line| line.starts_with("? a call of `")), "{engine}: {call}: {left:?}");
    }
}

#[test]
fn what_calls_nothing_is_not_doubted() {
    const TIDY: &str = "CREATE FUNCTION tidy() RETURNS int AS $$ BEGIN DROP TABLE b; END $$ LANGUAGE plpgsql";
    for rest in [
        "DROP FUNCTION tidy(); CREATE FUNCTION tidy() RETURNS int AS 'SELECT 1' LANGUAGE sql; SELECT tidy()",
        "CREATE OR REPLACE FUNCTION tidy() RETURNS int AS 'SELECT 1' LANGUAGE sql; SELECT tidy()",
        "COMMENT ON FUNCTION tidy() IS 'tidy()'; GRANT EXECUTE ON FUNCTION tidy() TO PUBLIC; ALTER FUNCTION tidy() OWNER TO me",
        "SELECT other(1)",
        "CREATE FUNCTION run(q text) RETURNS void AS $$ BEGIN EXECUTE q; END $$ LANGUAGE plpgsql; SELECT run('ANALYZE b')",
    ] {
        let left = left(Postgres, &format!("{TWO}, FOREIGN KEY (x) REFERENCES a); {TIDY}; {rest};"));
        assert_eq!(left, ["b(x) -> a(id) NO ACTION"], "{rest}");
    }
}

#[test]
fn an_index_among_cockroachs_columns_is_one() {
    for (elements, is_covered, columns) in [
        ("p int8, INDEX c_p_idx (p ASC)", true, 1),
        ("p int8, index (p) STORING (q), q int8", true, 2),
        ("p int8, UNIQUE INDEX u (p DESC), FAMILY f (p)", true, 1),
        ("p int8, FAMILY f1 (p), INVERTED INDEX i (q), q jsonb", false, 2),
        // PostgreSQL may have columns of these names.
        ("p int8, index varchar(10), family numeric(5, 2)", false, 3),
        ("p int8, index int, family int", false, 3),
    ] {
        let sql = format!(
            "CREATE TABLE a (id int8 PRIMARY KEY); CREATE TABLE b ({elements}, CONSTRAINT f FOREIGN KEY (p) REFERENCES a (id));"
        );
        let mut replay = Replay::new(dialect::of(Postgres).unwrap());
        let tokens = tokens::tokens_of(&sql, replay.catalogue.dialect).unwrap();
        for statement in tokens::statements(&tokens) {
            replay.apply(statement, 0);
        }
        let catalogue = &replay.catalogue;
        assert!(replay.not_replayed.is_empty(), "{elements}");
        assert_eq!(catalogue.is_covered(1, &catalogue.keys[0].columns), is_covered, "{elements}");
        assert_eq!(catalogue.tables[1].columns.len(), columns, "{elements}");
    }
}
