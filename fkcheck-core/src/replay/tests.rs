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
