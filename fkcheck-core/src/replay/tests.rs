//! A table of cases: what statements leave. That servers make the same of them is proved in the workspace's tests.

use std::path::Path;

use super::*;
use crate::model::Engine::{MariaDb, Postgres};

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
        // What takes back what was done isn't followed.
        (
            Postgres,
            ", FOREIGN KEY (x) REFERENCES a); BEGIN; ALTER TABLE b DROP COLUMN y; ROLLBACK;",
            vec![
                "b(x) -> a(id) NO ACTION".to_owned(),
                "? a ROLLBACK, which takes statements back".to_owned(),
            ],
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

#[test]
fn an_engine_whose_migrations_are_run_is_not_replayed() {
    let error = replay(Engine::Sqlite, Path::new("migrations"), Path::new("/")).unwrap_err();
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
